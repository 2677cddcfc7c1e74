"""What follows the first painting comes in pieces: the window takes clicks and keys between them."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from PySide6.QtCore import QObject, QTimer

from mitsumori.gui import late_imports
from mitsumori.gui.services import Services
from mitsumori.gui.tabs import create_tab
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample

ROUNDS = """
import sys, time
from mitsumori.gui.app import create_application
app = create_application()
from mitsumori.gui.window import Window
from mitsumori.model.plan.project import load_sample
w = Window()
if {opened}: w.open_project(load_sample("llama3-70b-continual"))
elif {start}: w.show_start()
w.show()
most, end = 0, time.monotonic() + 100
def ours(): return sum(name.startswith("mitsumori.") for name in sys.modules)
def there(): return "mitsumori.model.estimate.estimate" in sys.modules and (w.store.estimate is not None or not {opened})
while not there() and time.monotonic() < end:
    before = ours(); app.processEvents(); most = max(most, ours() - before)
assert there()
if {start}: assert "pyqtgraph" not in sys.modules
w.jobs.shut_down()
print(most)
"""


@pytest.mark.parametrize(("opened", "start"), [(True, False), (False, False), (False, True)])
def test_no_round_after_the_first_painting_imports_the_whole_program(opened: bool, start: bool) -> None:
    """It imported 150 modules in one round, in which the window stood still for a third of a second."""
    code = ROUNDS.format(opened=opened, start=start)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr[-800:]
    assert int(done.stdout) <= 60


def test_pieces_come_one_a_round_and_then_all_who_wait_are_told(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(late_imports, "_made", set())
    monkeypatch.setattr(late_imports, "_waiting", {})

    def make(piece: str) -> None:
        made.append(piece)
        QTimer.singleShot(0, lambda: made.append("other work"))

    monkeypatch.setattr(late_imports, "_make", make)
    told: list[str] = []
    here, gone = QObject(), QObject()
    late_imports.after(("one", "two"), here, lambda: told.append("first"))
    late_imports.after(("one", "two"), here, lambda: told.append("second"))
    late_imports.after(("one", "two"), gone, lambda: told.append("gone"))
    gone.deleteLater()
    assert (made, told) == ([], [])
    qtbot.waitUntil(lambda: len(told) > 1, timeout=1000)
    assert (made[:3], told) == (["one", "other work", "two"], ["first", "second"])
    late_imports.after(("two", "one"), here, lambda: told.append("at once"))
    assert told[-1] == "at once"
    assert made.count("one") == made.count("two") == 1


@pytest.mark.parametrize("piece", late_imports.VIEW + late_imports.RESULTS + late_imports.PICTURES)
def test_every_piece_is_there(piece: str) -> None:
    late_imports._make(piece)
    assert piece.startswith(("records ", "names ")) or piece in sys.modules


def test_the_first_estimate_is_shown_before_layouts_are_searched(qtbot: Any) -> None:
    """Both in one round held a window that opened its first project for a tenth of a second; later ones ask at once."""
    asked: list[Any] = []
    plan = load_sample("llama2-7b-sft").plan
    tab = create_tab("overview")
    qtbot.addWidget(tab)
    tab.set_services(Services(works={"days_curve": lambda ask: asked.append(ask.plan) or None}))
    tab.show()
    tab.set_result(plan, estimate(plan))
    assert asked == []
    qtbot.waitUntil(lambda: asked == [plan], timeout=2000)
    other = plan.with_values({"cluster.servers": 2})
    tab.set_result(other, estimate(other))
    assert asked == [plan, other]
