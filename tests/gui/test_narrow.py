"""What is seen in the smallest window, 1280 x 800, in both languages."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect

from mitsumori.gui.store import estimate_plan
from mitsumori.gui.tables import cells as cells_module
from mitsumori.gui.tabs.assumptions import AssumptionTable
from mitsumori.gui.widgets import card as card_module
from mitsumori.gui.widgets.breaks import pieces
from mitsumori.gui.widgets.paint import width_of
from mitsumori.gui.window import Window
from mitsumori.gui.words.results import cooling_name
from mitsumori.gui.words.translation import LANGUAGES, set_language
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from tests.gui.spoken import painted
from tests.gui.windows import window

catalog = Catalogue.shipped()

IMPOSSIBLE = {"parallel.auto": False, "parallel.tp": 4, "parallel.pp": 1,
              "facility.cooling": "air", "facility.rack_kva": 10.0}  # fmt: skip


@pytest.fixture(params=LANGUAGES)
def narrow(request: Any, qtbot: Any) -> Window:
    """The main sample and two other plans in the smallest window."""
    set_language(request.param)
    plan = load_sample("llama3-70b-continual").plan
    plans = (
        plan.model_copy(update={"name": "AWS p5 Tokyo"}),
        plan.with_values({"money.cloud.instance": "azure-nd-h100-v5"}).model_copy(update={"name": "Azure ND H100 v5"}),
        plan.with_values({"cluster.servers": 16, "facility.cooling": "rear_door_cold_plate", "facility.rack_kva": 90.0})
        .model_copy(update={"name": "Cold plates, 16 servers"}),
    )  # fmt: skip
    return window(qtbot, *plans, estimator=estimate_plan, size=(1280, 800))


def show(win: Window, qtbot: Any, key: str) -> Any:
    win.show_tab(key)
    qtbot.waitUntil(lambda: not (win.store.stale or win.jobs.any_busy() or win.services.at_work()), timeout=20_000)
    qtbot.wait(20)
    return win.tabs[key]


@pytest.mark.parametrize("key", ["memory", "compare"])
def test_the_page_is_seen_whole(narrow: Window, qtbot: Any, key: str) -> None:
    tab = show(narrow, qtbot, key)
    assert tab.page.minimumSizeHint().height() <= tab.viewport().height()


@pytest.mark.parametrize("deadline", [None, "2027-06-30"])
def test_how_long_the_training_takes_is_seen_whole_before_scrolling(
    narrow: Window, qtbot: Any, deadline: str | None
) -> None:
    """Schedule (where a day was given) and what-if make the page scroll; the days by GPUs stay in sight."""
    tab = show(narrow, qtbot, "training_time")
    if deadline is not None:
        narrow.apply({"workload.deadline": deadline})
        show(narrow, qtbot, "training_time")
    assert tab.gantt_card.isVisible() is (deadline is not None)
    assert tab.swaps_card.isVisible()
    assert tab.verticalScrollBar().value() == 0
    for card in [tab.heat_card] if deadline is None else [tab.gantt_card, tab.chance_card, tab.heat_card]:
        assert card.isVisible()
        place = QRect(card.mapTo(tab.viewport(), QPoint()), card.size())
        assert tab.viewport().rect().contains(place), (card.title, place)
        assert card.height() >= card.minimumSizeHint().height()


def test_names_of_cooling_methods_break_between_phrases(narrow: Window, qtbot: Any, monkeypatch: Any) -> None:
    shown: list[str] = []
    paint = cells_module.draw_text

    def noted(painter: Any, x: float, y: float, text: str, *rest: Any) -> Any:
        if x < 20:  # the column of names
            shown.append(text)
        return paint(painter, x, y, text, *rest)

    monkeypatch.setattr(cells_module, "draw_text", noted)
    show(narrow, qtbot, "racks").methods.grab()
    names = [cooling_name(key, catalog) for key in catalog.cooling_methods()]
    assert not set(names) <= set(shown), "all names stand on one line"
    for name in set(names) - set(shown):
        lines = {line for line in shown if line in name}
        ends = list(accumulate(pieces(name)))  # the name up to each place where a line may end
        assert lines and all(any(end.rstrip().endswith(line) for end in ends) for line in lines), (name, lines)


def test_scenarios_share_the_toolbar_equally_and_all_show_of_their_names(narrow: Window) -> None:
    chips = narrow.toolbar.chips
    cut = [chip for chip in chips if chip.width() < chip.sizeHint().width()]
    whole = [chip for chip in chips if chip not in cut]
    assert max(chip.width() for chip in cut) - min(chip.width() for chip in cut) <= 1
    assert all(chip.width() <= cut[0].width() for chip in whole), "who needs less leaves the rest to the others"
    assert not narrow.toolbar.present.text() and narrow.toolbar.present.toolTip(), "the names come before its word"
    for chip in chips:
        assert any(len(text) > 4 for text in painted(chip)), chip.text()
        assert chip.toolTip() == chip.text()


def test_a_title_keeps_clear_of_its_badge(narrow: Window, qtbot: Any, monkeypatch: Any) -> None:
    narrow.apply(IMPOSSIBLE)
    show(narrow, qtbot, "overview")
    drawn: list[tuple[str, float]] = []

    def noted(painter: Any, x: float, baseline: float, text: str, px: float, *rest: Any) -> float:
        drawn.append((text, x + width_of(text, px)))
        return x + width_of(text, px)

    monkeypatch.setattr(card_module, "text_at", noted)
    for card in narrow.headline.cards():
        drawn.clear()
        card.grab()
        titles = [right for text, right in drawn if text in (card.content().title, card.content().short_title)]
        assert titles or not card.content().title
        if card.badge.label():
            assert card.badge.x() - titles[0] >= 6, card.content().title


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_value_that_is_a_sentence_pushes_no_column_out(qtbot: Any, language: str) -> None:
    """The sentence on rollouts took the room of Source, Date and Grade."""
    set_language(language)  # type: ignore[arg-type]
    plan = Plan().with_values({"workload.stage": "grpo", "rollout.placement": "separate", "cluster.servers": 16})
    win = window(qtbot, plan, estimator=estimate_plan)
    win.resize(1280, 720)
    win.show_tab("assumptions")
    qtbot.wait(200)
    table = win.tabs["assumptions"].findChild(AssumptionTable)
    long = "answers come from 5 x NVIDIA DGX H100 (8 x H100) in turn with the training"
    table.set_rows([replace(table.lines_shown[0], value=long), *table.lines_shown[1:]])
    qtbot.wait(50)
    assert table.horizontalScrollBar().maximum() == 0
    shown = [at for at in range(table.model().columnCount()) if not table.isColumnHidden(at)]
    assert all(table.columnWidth(at) >= 30 for at in shown)
    end = max(table.columnViewportPosition(at) + table.columnWidth(at) for at in shown)
    assert end <= table.viewport().width() + 1
