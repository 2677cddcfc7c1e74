"""The overview: fits the smallest window, names the most important finding, and keeps its places under a drag."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mitsumori.gui.charts.hold import axis_hold
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.project import load_sample
from tests.gui.windows import window


def overview(qtbot, size=(1600, 1000), values=None):  # type: ignore[no-untyped-def]
    plan = load_sample("llama3-70b-continual").plan
    win = window(qtbot, plan if values is None else plan.with_values(values), estimator=estimate_plan, size=size)
    qtbot.waitUntil(lambda: "overview" in win.tabs, timeout=5000)
    qtbot.wait(80)
    return win, win.tabs["overview"]


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("size", [(1280, 800), (1600, 1000)])
def test_four_pictures_fit_a_fresh_window(qtbot, language: str, size: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]
    set_language(language)  # type: ignore[arg-type]
    _, tab = overview(qtbot, size)
    assert tab.verticalScrollBar().maximum() == 0
    for card in (tab.memory_card, tab.days_card, tab.racks_card, tab.cost_card):
        assert card.isVisible()
        assert card.height() >= card.minimumSizeHint().height()
    assert tab.suggestion.isVisible() == (size[1] == 1000)


def test_the_most_important_finding_is_applied_with_one_click(qtbot) -> None:  # type: ignore[no-untyped-def]
    win, tab = overview(qtbot)
    finding = tab.suggestion.finding
    assert finding.code == "facility_psu_redundancy"  # the one warning with a remedy; suggestions come after it
    before = win.store.plan
    QTest.mouseClick(tab.suggestion.remedies[0], Qt.MouseButton.LeftButton)
    for path, value in finding.remedies[0].set.items():
        assert win.store.plan.value(path) == value
    assert not tab.suggestion.remedies[1].isVisible()
    win.store.undo_stack.undo()
    assert win.store.plan == before


def test_an_impossible_plan_shows_its_problems_instead(qtbot) -> None:  # type: ignore[no-untyped-def]
    win, tab = overview(qtbot)
    assert tab.suggestion.isVisible()
    win.apply({"facility.cooling": "air", "facility.rack_kva": 10.0})
    qtbot.waitUntil(lambda: tab.heading.isVisible(), timeout=5000)
    assert not tab.suggestion.isVisible()


def test_nothing_jumps_while_a_slider_is_held(qtbot) -> None:  # type: ignore[no-untyped-def]
    """The finding goes when two feeds become three; its place stays until the slider is let go."""
    win, tab = overview(qtbot)
    places = [card.mapTo(tab, card.rect().topLeft()) for card in (tab.memory_card, tab.cost_card)]
    axis_hold().hold(True)
    win.apply({"facility.cooling": "cold_plate"})
    win.apply(dict(tab.suggestion.finding.remedies[0].set))
    qtbot.wait(50)
    assert places == [card.mapTo(tab, card.rect().topLeft()) for card in (tab.memory_card, tab.cost_card)]
    axis_hold().hold(False)
    qtbot.wait(50)
    shown = tab.suggestion.finding.code if tab.suggestion.isVisible() else ""
    assert shown in {"", *(finding.code for finding in win.store.estimate.findings)}


def test_the_pictures_find_their_places_again_after_problems_while_a_slider_is_held(qtbot) -> None:  # type: ignore[no-untyped-def]
    win, tab = overview(qtbot)
    assert tab.suggestion.isVisible()
    before = [card.geometry() for card in (tab.suggestion, tab.memory_card, tab.racks_card)]
    axis_hold().hold(True)
    try:
        for kva, trouble in ((9.4, True), (27.0, False), (9.4, True), (31.0, False)):
            win.apply({"facility.rack_kva": kva})
            qtbot.waitUntil(lambda: not win.store.stale and not win.jobs.any_busy(), timeout=20_000)
            qtbot.wait(50)
            assert tab.trouble.isVisible() == trouble
            if trouble:
                assert tab.heading.y() == 0  # no empty line above the problems
            else:
                assert [card.geometry() for card in (tab.suggestion, tab.memory_card, tab.racks_card)] == before
    finally:
        axis_hold().hold(False)


def test_a_layout_set_by_hand_is_the_guilty_field_not_the_servers(qtbot) -> None:  # type: ignore[no-untyped-def]
    win, _ = overview(qtbot)
    row = win.inputs.row("cluster.servers")
    win.apply({"parallel.auto": False, "parallel.tp": 4, "parallel.pp": 1})
    qtbot.waitUntil(lambda: win.store.estimate.memory.verdict == "no", timeout=5000)
    layout = next(row for section in win.inputs.sections for row in section.rows if row.field.kind == "layout")
    assert layout.guilty
    assert row.edit.state() == "rest"
    win.apply({"parallel.auto": True, "cluster.servers": 1, "model.params": 500e9})
    qtbot.waitUntil(lambda: row.edit.state() == "guilty", timeout=5000)
