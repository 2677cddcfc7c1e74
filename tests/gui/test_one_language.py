"""One language at a time: after a live switch nothing on screen, in tables, tooltips or names stays in the other one."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from mitsumori import resources
from mitsumori.gui.dialogs.calibrate import BacktestDialog
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.tabs import TABS
from mitsumori.gui.words.translation import set_language
from mitsumori.model.base.messages import keys, text
from mitsumori.model.calibration import runs
from mitsumori.model.calibration.backtest import evaluate
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.project import load_sample
from tests.gui.spoken import cells, painted, texts
from tests.gui.windows import window

_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
_SENTENCE = re.compile(r"(?:\b[a-z]{2,}\b[ ,]+){2,}")
"""Two small words in a row: more than a name or a unit."""
ALLOWED = {
    "ja": (),
    "en": ("日本語", "15億"),  # the switch itself; how a number may be typed
}


def titles() -> set[str]:
    """Titles of papers, pages and measured runs: they stay as their authors wrote them."""
    return {
        source["title"] for source in tomllib.loads(resources.read_text("catalog", "sources.toml"))["sources"].values()
    }


@cache
def products() -> tuple[str, ...]:
    """Names under which providers rent: they stay as the providers write them."""
    return tuple(
        sorted({record.instance for record in Catalogue.shipped().cloud_instances().values()}, key=len, reverse=True)
    )


def is_foreign(shown: str, language: str) -> bool:
    for name in products():
        shown = shown.replace(name, "")
    if any(part in shown for part in ALLOWED[language]):
        return False
    if language == "en":
        return bool(_JAPANESE.search(shown))
    return bool(_SENTENCE.search(shown)) and not re.search(r"tokens/s per GPU$", shown)


@pytest.fixture(params=["ja", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def other(language: str) -> str:
    return "en" if language == "ja" else "ja"


def settle(win, qtbot) -> None:  # type: ignore[no-untyped-def]
    qtbot.wait(60)
    qtbot.waitUntil(lambda: not win.jobs.any_busy(), timeout=60_000)
    qtbot.wait(30)


@pytest.mark.parametrize("values", [{}, {"parallel.auto": False, "parallel.pp": 1, "facility.cooling": "air"}],
                         ids=["sample", "impossible"])  # fmt: skip
def test_every_view_speaks_one_language(qtbot, language: str, values) -> None:  # type: ignore[no-untyped-def]
    """Built in the other language, then switched: whatever was not said again would still be in it."""
    set_language(other(language))  # type: ignore[arg-type]
    plan = load_sample("llama3-70b-continual").plan.with_values(values)
    win = window(qtbot, plan, estimator=estimate_plan, size=(1920, 1080))
    for section in win.inputs.sections:
        section.set_open(True)
        section._toggle_more()
    for key, _, _ in TABS:
        win.show_tab(key)
        settle(win, qtbot)
    win.toggle_findings()
    set_language(language)  # type: ignore[arg-type]
    shown: dict[str, str] = {}
    for key, _, _ in TABS:
        win.show_tab(key)
        settle(win, qtbot)
        for found in texts(win) | texts(win.tabs[key].page) | texts(win.inputs.widget()) | cells(win):
            shown.setdefault(found, key)
    win.present()
    settle(win, qtbot)
    page = win.presentation.page
    for index in range(page.charts.count()):
        page.show_chart(index)
        settle(win, qtbot)
        shown |= dict.fromkeys(texts(win), "present")
    win.leave_present()
    win.show_start()
    qtbot.waitUntil(lambda: all(sample.estimate is not None for sample in win._start.samples), timeout=60_000)
    shown |= dict.fromkeys(texts(win), "start")
    assert len(shown) > 400, "the walk saw too little to mean anything"
    for key in ("overview", "assumptions", "present", "start"):
        assert key in shown.values()
    known = titles()
    assert {view: text for text, view in shown.items() if is_foreign(text, language) and text not in known} == {}


def test_reasons_of_a_back_test_are_in_the_language_of_the_window(qtbot, language: str) -> None:  # type: ignore[no-untyped-def]
    rows = [
        {"id": "a", "model": "Llama-3 8B", "gpu": "H100", "gpus": "8", "seq_len": "8192", "tp": "64"},
        {"id": "b", "model": "unheard of", "gpu": "H100", "gpus": "8", "seq_len": "8192"},
        {"id": "c", "model": "Llama-3 8B", "gpu": "nothing", "gpus": "8"},
        {"id": "d", "model": "Llama-3 8B", "gpu": "H100", "gpus": "1e18", "seq_len": "8192"},
    ]
    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot)
    report = evaluate([runs.read_row(row) for row in rows])
    assert all(row.skipped_because is not None for row in report.rows)
    dialog = BacktestDialog(win, "runs.csv", report)
    qtbot.addWidget(dialog)
    dialog.show()
    said = cells(dialog)
    for row in report.rows:
        assert row.skipped_because.text(language) in said
    assert not [found for found in said if is_foreign(found, language)]


def test_every_reason_of_a_run_is_a_sentence_in_both_languages() -> None:
    for key in keys("runs"):
        fields = dict.fromkeys(
            ("name", "value", "low", "high", "ranks", "gpus", "counted", "printed", "gpu", "error"), "7"
        )
        english, japanese = (text("runs", key, code, **fields) for code in ("en", "ja"))
        assert not _JAPANESE.search(english), key
        assert _JAPANESE.search(japanese), key
    written = "".join(
        (Path(runs.__file__).parent / f"{name}.py").read_text() for name in ("runs", "run_layout", "backtest")
    )
    assert set(re.findall(r'Sentence\("runs", "(\w+)"', written)) == set(keys("runs"))


def test_the_walk_reads_painted_text(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    qtbot.wait(30)
    seen = painted(win.headline)
    assert "Training days" in seen
    set_language("ja")
    QApplication.processEvents()
    assert "学習日数" in painted(win.headline)
