"""Trade-offs in the window: the line is what nothing beats, every mark opens as the plan it shows."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from mitsumori.gui.charts.trade_off import TradeOff
from mitsumori.gui.jobs import JobRunner
from mitsumori.gui.services import Services
from mitsumori.gui.tabs import create_tab
from mitsumori.gui.tabs.goal_answer import machines
from mitsumori.gui.tabs.trade import choices, missing_words, trade_title
from mitsumori.gui.words.translation import LANGUAGES, set_language
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.goal import Question
from mitsumori.model.study.goal_seek import goal_seek
from mitsumori.model.study.ranking import advise
from mitsumori.model.study.trade_offs import Machines, TradeOffs, trade_offs
from tests.gui.windows import window

SERVERS = ("HPE-XD670", "DGX-B200", "DGX-H200", "Dell-XE9680-MI300X", "DGX-GB200-NVL72")
AXES = ("cost", "accelerators", "facility_kw")


@pytest.fixture(scope="module")
def real() -> tuple[Plan, Any]:
    plan = load_sample("llama3-70b-continual").plan
    return plan, estimate(plan)


@pytest.fixture(scope="module")
def study(real: tuple[Plan, Any]) -> TradeOffs:
    return trade_offs(real[0], Machines(servers=SERVERS, counts=(0.5, 1.0, 1.5, 2.0), every_cooling=True))


@pytest.fixture
def tab(show: Any, real: tuple[Plan, Any], study: TradeOffs) -> Any:
    made = create_tab("advisor")
    made.set_services(Services(works={"trade_offs": lambda ask: study}))
    show(made, 1200, 900)
    made.set_result(*real)
    made.grab()
    return made


@pytest.mark.parametrize("axis", AXES)
def test_the_line_is_what_nothing_beats(axis: str, study: TradeOffs, real: tuple[Plan, Any]) -> None:
    rows = choices(study, real[0], axis, Catalogue.shipped())
    assert len(rows) > 8
    firm = [row for row in rows if not row.weak]
    for row in rows:
        beaten = any(
            other.days <= row.days and other.x <= row.x and (other.days < row.days or other.x < row.x) for other in firm
        )
        assert row.front == (not beaten and not row.weak), "a cost that is an indication decides nothing"
    assert any(row.front for row in rows)
    assert any(not row.front for row in rows)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_tip_marks_an_amount_that_is_an_indication_or_lacks_a_line(
    language: str, study: TradeOffs, real: tuple[Plan, Any]
) -> None:
    """The table had brackets, and the tip of the same mark named the amount as a fact."""
    set_language(language)  # type: ignore[arg-type]
    rows = choices(study, real[0], "cost", Catalogue.shipped())
    assert any(row.weak for row in rows) and any(row.partial for row in rows)
    for row in rows:
        cell = row.cells[2]
        assert not isinstance(cell, str)
        amount = row.tip.splitlines()[1].split(" · ")[1]
        assert amount == cell.text, "the tip says what the table says"
        assert (amount.startswith(("(", "（"))) == row.weak and amount.endswith(("*", "＊")) == row.partial


@pytest.mark.parametrize("axis", AXES)
def test_every_mark_opens_as_the_plan_it_shows(axis: str, study: TradeOffs, real: tuple[Plan, Any]) -> None:
    rows = choices(study, real[0], axis, Catalogue.shipped())
    assert sum(row.current for row in rows) == (2 if axis == "cost" else 1)
    for row in rows:
        assert (row.key is None) == row.current
        own = estimate(real[0].with_values(row.key or {}))
        side = own.cost.cloud if row.rented else own.cost.onprem
        value = {
            "cost": side.total.value,
            "accelerators": own.training.parallel["dp"] and float(_gpus(own)),
            "facility_kw": own.facility.facility_kw.value,
        }[axis]
        assert own.training.days.value == pytest.approx(row.days, rel=1e-9)
        assert value == pytest.approx(row.x, rel=1e-9)


def _gpus(own: Any) -> int:
    layout = own.training.parallel
    return int(layout["tp"] * layout["pp"] * layout["cp"] * layout["dp"])


def test_a_gpu_without_a_price_has_its_place_where_money_does_not_count(
    study: TradeOffs, real: tuple[Plan, Any]
) -> None:
    assert not any("MI300X" in row.family for row in choices(study, real[0], "cost", Catalogue.shipped()))
    assert any("MI300X" in row.family for row in choices(study, real[0], "accelerators", Catalogue.shipped()))
    note, names = missing_words(study, "cost", Catalogue.shipped())
    assert "1" in note
    assert "MI300X" in names
    assert missing_words(study, "accelerators", Catalogue.shipped()) == ("", "")


def test_series_are_told_apart_without_colour(study: TradeOffs, real: tuple[Plan, Any]) -> None:
    rows = choices(study, real[0], "cost", Catalogue.shipped())
    looks: dict[tuple[int, bool], set[str]] = {}
    for row in rows:
        looks.setdefault((row.shape, row.rented), set()).add(row.family)
    assert all(len(families) == 1 for families in looks.values())
    assert len(looks) == len({row.family for row in rows}) > 4


def test_every_series_is_named_on_the_picture(tab: Any, monkeypatch: Any) -> None:
    from mitsumori.gui.charts import trade_off as module

    drawn: list[str] = []
    paint = module.draw_text

    def noted(painter: Any, x: float, y: float, text: str, *rest: Any, **more: Any) -> Any:
        drawn.append(text)
        return paint(painter, x, y, text, *rest, **more)

    monkeypatch.setattr(module, "draw_text", noted)
    tab.trade_card.picture()
    assert {choice.family for choice in tab.trade.choices() if choice.family} <= set(drawn)
    assert any("this plan" in text for text in drawn)


def test_a_click_uses_a_plan_and_shift_keeps_it_as_a_scenario(tab: Any, real: tuple[Plan, Any], qtbot: Any) -> None:
    asked: list[dict[str, Any]] = []
    kept: list[Plan] = []
    tab.plan_change_requested.connect(asked.append)
    tab.scenario_added.connect(kept.append)
    view = tab.trade.view()
    frame = view.placed().frame
    at, reading = next((n, r) for n, r in enumerate(tab.trade.readings()) if r.key is not None and tab.trade.nearest(
        frame, frame.point(r.x, r.values[0].y)) == n)  # fmt: skip
    assert "Shift" in reading.words()
    place = frame.point(reading.x, reading.values[0].y).toPoint()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    line = tab.trade_card.choice()
    assert line is not None
    assert line.isVisible()
    assert not asked, "a click shows what it would change before it changes it"
    qtbot.mouseClick(line.apply, Qt.MouseButton.LeftButton)
    assert asked == [dict(reading.key)]
    qtbot.wait(QApplication.doubleClickInterval() + 20)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, pos=place)
    assert kept == [real[0].with_values(dict(reading.key))]
    menu = tab.trade.menu(reading.key)
    for action in menu.actions():
        action.trigger()
    assert len(asked) == len(kept) == 2
    assert at < len(tab.trade.choices())


def test_the_keyboard_walks_the_marks_and_opens_them(tab: Any, real: tuple[Plan, Any], qtbot: Any) -> None:
    asked: list[dict[str, Any]] = []
    kept: list[Plan] = []
    tab.plan_change_requested.connect(asked.append)
    tab.scenario_added.connect(kept.append)
    view = tab.trade.view()
    view.setFocus()
    while view.reading() is None or view.reading().key is None:
        qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.accessibleDescription()
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert len(asked) == 1
    qtbot.keyClick(view, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert kept == [real[0].with_values(asked[0])]


def test_the_table_has_every_plan_and_opens_it(tab: Any) -> None:
    asked: list[dict[str, Any]] = []
    tab.plan_change_requested.connect(asked.append)
    twin = tab.trade_card.table_twin()
    table = twin.table()
    assert len(table.rows) == len(tab.trade.choices())
    assert {len(row) for row in table.rows} == {len(table.headers)}
    row = next(index for index, key in enumerate(table.keys) if key is not None)
    twin.doubleClicked.emit(twin.model().index(row, 0))
    assert asked == [table.keys[row]]
    assert tab.trade.accessibleName().startswith(tab.trade_card.title)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("axis", AXES)
def test_the_title_is_a_finding(language: Any, axis: str, study: TradeOffs, real: tuple[Plan, Any]) -> None:
    set_language(language)
    rows = choices(study, real[0], axis, Catalogue.shipped())
    own = next(row for row in rows if row.current and not row.rented)
    better = [row for row in rows if row.front and row.x <= own.x and row.days < own.days]
    title = trade_title(rows, axis, "JPY")
    if better:
        assert min(better, key=lambda row: row.days).family in title
    else:
        assert title


def test_the_axis_follows_the_segmented_control(tab: Any) -> None:
    seen = set()
    for axis in AXES:
        tab.axis.set_value(axis)
        tab.axis.chosen.emit(axis)
        seen.add((tab.trade_card.subtitle, tuple(choice.x for choice in tab.trade.choices())))
    assert len(seen) == 3


def test_the_plan_that_a_goal_found_is_ringed_and_its_region_tinted(tab: Any, real: tuple[Plan, Any]) -> None:
    found = goal_seek(real[0], Question(days=14.0, budget=1.5e9, relax=False))
    tab.set_services(Services(works={"trade_offs": lambda ask: tab._study, "goal": lambda ask: found}))
    tab.goal.blank("days").setText("14")
    tab.goal.blank("cost").setText("15億")
    tab.goal.search()
    ringed = [choice for choice in tab.trade.choices() if choice.found]
    assert found.measured is not None
    assert [choice.days for choice in ringed] == [found.measured.values["days"]]
    assert [choice.x for choice in ringed] == [found.measured.values["budget"]]
    assert tab.trade._goal == (14.0, 1.5e9)
    tab.axis.set_value("accelerators")
    tab.axis.chosen.emit("accelerators")
    assert tab.trade._goal == (14.0, None), "the region follows the axis"


def test_a_rented_answer_is_compared_with_renting(study: TradeOffs, real: tuple[Plan, Any]) -> None:
    found = goal_seek(real[0], Question(days=14.0, budget=2.5e9, site="cloud", relax=False))
    assert found.found
    assert found.measured is not None
    rows = choices(study, real[0], "cost", Catalogue.shipped(), found)
    met = next(row for row in rows if row.found)
    assert met.rented
    own = next(row for row in rows if row.current and row.rented)
    title = trade_title(rows, "cost", "JPY")
    dearer = met.x > own.x
    assert title.startswith("From this plan to") == dearer
    words = machines(found.measured, False, rented=True)
    assert "cloud" in words
    assert "rack" not in words


def test_another_plans_picture_is_pale_and_opens_nothing(show: Any, real: tuple[Plan, Any], study: TradeOffs) -> None:
    made = create_tab("advisor")
    made.set_services(Services(works={"trade_offs": lambda ask: study}))
    show(made, 1200, 900)
    made.set_result(*real)
    runner = JobRunner()
    made.services = Services(runner, works={"trade_offs": lambda ask: study, "advise": lambda ask: None})
    asked: list[Any] = []
    made.plan_change_requested.connect(asked.append)
    made.scenario_added.connect(asked.append)
    made.grab()
    finding, place, before = made.trade_card.title, made.trade.geometry(), made.trade.grab().toImage()
    made.set_result(real[0].with_values({"workload.tokens": 3e11}), real[1])
    assert made.trade_card.title == "Being computed" != finding
    assert "Being computed" in made.trade.accessibleName()
    assert made.trade.geometry() == place, "nothing moves"
    assert made.trade.grab().toImage() != before, "it is pale"
    assert not made.trade.isEnabled()
    made.trade.activated.emit({"cluster.servers": 4})
    made.trade.kept.emit({"cluster.servers": 4})
    assert not asked
    runner.shut_down()


def test_a_plan_with_a_layout_of_its_own_is_a_point_of_its_own() -> None:
    plan = load_sample("llama3-70b-continual").plan.with_values(
        {"parallel.auto": False, "parallel.tp": 8, "parallel.pp": 8, "parallel.zero_stage": 1}
    )
    found = trade_offs(plan, Machines(servers=(plan.cluster.server,), counts=(1.0,), sites=("onprem",)))
    own = next(row for row in choices(found, plan, "cost", Catalogue.shipped()) if row.current)
    assert own.days == estimate(plan).training.days.value
    auto = next(row for row in choices(found, plan, "cost", Catalogue.shipped()) if not row.current)
    assert auto.days < own.days


def test_after_quick_changes_everything_shown_is_the_last_plans(qtbot: Any) -> None:
    """The real window and the real core: changes come faster than the answers."""
    plan = load_sample("llama2-7b-sft").plan
    win = window(qtbot, plan, estimator=lambda plan, **context: estimate(plan, **context))
    win.show_tab("advisor")
    tab = win.tabs["advisor"]
    qtbot.waitUntil(win.services.at_work, timeout=4000)
    for servers in (2, 3, 4, 2):
        win.store.set_values({"cluster.servers": servers})
        qtbot.wait(140)  # longer than the hand must rest: work begins on each
    qtbot.waitUntil(lambda: tab._whole and not win.services.at_work(), timeout=60_000)
    last = win.store.plan
    assert last.cluster.servers == 2
    best = advise(last, top=12, distinct=True)
    assert [row.name for row in tab.list._layouts] == [
        option.label for option in best.options[: len(tab.list._layouts)]
    ]
    own = next(choice for choice in tab.trade.choices() if choice.current and not choice.rented)
    assert own.days == estimate(last).training.days.value
    assert tab._held.days == estimate(last).training.days.value
    for card in (tab.list_card, tab.trade_card, tab.shares_card, tab.changes_card, tab.generations_card):
        assert card.chart.isEnabled()
        assert card.title != "Being computed"


def test_an_empty_chart_paints(show: Any) -> None:
    chart = TradeOff()
    show(chart, 400, 300)
    chart.grab()
    assert chart.table().rows == ()
