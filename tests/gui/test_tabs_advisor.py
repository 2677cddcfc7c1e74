"""Advisor: a change gains what it states, servers under the same limit, answers for no plan but the shown one."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from PySide6.QtCore import Qt

from mitsumori.gui.charts.hold import axis_hold
from mitsumori.gui.jobs import CancelledError, JobRunner
from mitsumori.gui.services import OFFLINE_KINDS, WORKS, Ask, Services
from mitsumori.gui.tabs import create_tab
from mitsumori.gui.tabs.bottlenecks import change_rows, time_share_parts
from mitsumori.gui.tabs.generations import generation_rows, generation_title
from mitsumori.gui.words.translation import LANGUAGES, set_language
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.bottlenecks import Bottlenecks, find_bottlenecks
from mitsumori.model.study.trade_offs import Generations, compare_generations
from tests.gui import sample_estimate
from tests.gui.windows import window

SERVERS = ("HPE-XD670", "DGX-B200", "Dell-XE9680-MI300X", "DGX-GB200-NVL72")
"""The sample's own, one with price and power, one without a price, one that this hall cannot hold."""
NEW_KINDS = ("bottlenecks", "generations")


def generations_of(ask: Ask) -> Generations:
    return compare_generations(ask.plan, ask.detail, servers=SERVERS)


@pytest.fixture(scope="module")
def real() -> tuple[Plan, Any]:
    plan = load_sample("llama3-70b-continual").plan
    return plan, estimate(plan)


@pytest.fixture(scope="module")
def held(real: tuple[Plan, Any]) -> Bottlenecks:
    return find_bottlenecks(real[0])


@pytest.fixture(scope="module")
def compared(real: tuple[Plan, Any]) -> dict[str, Generations]:
    return {same: compare_generations(real[0], same, servers=SERVERS) for same in ("money", "deadline", "power")}  # type: ignore[arg-type]


@pytest.fixture
def tab(show: Any, real: tuple[Plan, Any], held: Bottlenecks, compared: dict[str, Generations]) -> Any:
    made = create_tab("advisor")
    works = {"bottlenecks": lambda ask: held, "generations": lambda ask: compared[ask.detail]}
    made.set_services(Services(works=works))
    show(made, 900, 700)
    made.set_result(*real)
    made.grab()
    return made


# -- what holds it back -----------------------------------------------------------------------------------------------


def test_the_bars_are_the_whole_step(held: Bottlenecks) -> None:
    parts = time_share_parts(held)
    assert sum(part.value or 0.0 for part in parts) == pytest.approx(sum(part.seconds for part in held.shares))
    assert len(parts) == len(held.shares)
    assert sum(part.share for part in held.shares) == pytest.approx(1.0)


def test_the_button_applies_the_change_that_gains_most_as_stated(
    tab: Any, held: Bottlenecks, real: tuple[Plan, Any], qtbot: Any
) -> None:
    asked: list[dict[str, Any]] = []
    tab.plan_change_requested.connect(asked.append)
    qtbot.mouseClick(tab.apply_best, Qt.MouseButton.LeftButton)
    assert len(asked) == 1, "one request is one undo step"
    assert held.best is not None
    after = estimate(real[0].with_values(asked[0])).training.days.value
    before = real[1].training.days.value
    assert after == pytest.approx(held.best.days)
    assert before - after == pytest.approx(held.best.gain_days)
    assert tab.changes_card.title == held.best.reason().text("en")


def test_every_listed_change_gains_what_its_row_says(held: Bottlenecks, real: tuple[Plan, Any]) -> None:
    rows = change_rows(held)
    assert len(rows) > 1, "runners-up are listed"
    assert [row.share for row in rows] == sorted((row.share for row in rows), reverse=True)
    before = real[1].training.days.value
    for row in rows:
        after = estimate(real[0].with_values(row.key)).training.days.value
        assert 1.0 - after / before == pytest.approx(row.share)


def test_applying_is_one_undo_step(qtbot: Any, held: Bottlenecks, real: tuple[Plan, Any]) -> None:
    win = window(qtbot, real[0])
    assert held.best is not None
    win.apply(dict(held.best.changes))
    assert win.store.plan == real[0].with_values(dict(held.best.changes))
    win.store.undo_stack.undo()
    assert win.store.plan == real[0]


# -- other servers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("same", ["money", "deadline", "power"])
def test_rows_keep_the_limit_and_open_as_what_they_show(
    same: str, compared: dict[str, Generations], real: tuple[Plan, Any]
) -> None:
    result = compared[same]
    assert result.limit is not None
    opened = [
        row for row in generation_rows(result, real[0], Catalogue.shipped()) if row.values and row.key is not None
    ]
    assert opened
    for row in opened:
        again = estimate(row.key)
        value = {
            "money": again.cost.onprem.total.value,
            "deadline": again.training.days.value,
            "power": again.facility.facility_kw.value,
        }[same]
        assert value is not None
        assert value <= result.limit * (1 + 1e-9)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_price_is_unknown_and_says_why(
    language: Any, compared: dict[str, Generations], real: tuple[Plan, Any]
) -> None:
    set_language(language)
    rows = {row.name: row for row in generation_rows(compared["deadline"], real[0], Catalogue.shipped())}
    row = next(row for name, row in rows.items() if "MI300X" in name)
    assert row.values[2] == ("不明" if language == "ja" else "unknown")
    assert ("サーバー価格" if language == "ja" else "Server price") in row.reason
    for_money = {row.name: row for row in generation_rows(compared["money"], real[0], Catalogue.shipped())}[row.name]
    assert for_money.values == ()
    assert for_money.reason
    assert for_money.key.cluster.server == "Dell-XE9680-MI300X", "opened, the price can be entered"
    hall = next(row for name, row in rows.items() if "GB200" in name)
    assert hall.key is None
    assert hall.reason


def test_the_comparison_follows_the_segmented_control(
    tab: Any, compared: dict[str, Generations], real: tuple[Plan, Any]
) -> None:
    for same in ("deadline", "power", "money"):
        tab.same.set_value(same)
        tab.same.chosen.emit(same)
        assert tab.generations_card.title == generation_title(compared[same], real[0], Catalogue.shipped())
    plans: list[Plan] = []
    tab.scenario_added.connect(plans.append)
    keys = [key for key in tab.generations.table().keys if key is not None]
    tab.generations.opened.emit(keys[0])
    assert plans == [keys[0]]


def test_without_a_price_of_its_own_nothing_is_compared() -> None:
    plan = load_sample("llama3-70b-continual").plan.with_values({"cluster.server": "Dell-XE9680-MI300X"})
    plan = plan.with_values({"money.onprem.server_price": None})
    result = compare_generations(plan, "money", servers=SERVERS)
    assert generation_rows(result, plan, Catalogue.shipped()) == []
    assert "unknown" in generation_title(result, plan, Catalogue.shipped())


# -- services ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", NEW_KINDS)
def test_slow_kinds_never_run_on_the_gui_thread(kind: str, qtbot: Any) -> None:
    assert kind in OFFLINE_KINDS
    assert kind in WORKS
    threads: list[threading.Thread] = []
    runner = JobRunner()
    services = Services(runner, works={kind: lambda ask: threads.append(threading.current_thread())})
    got: list[Any] = []
    services.ask(kind, sample_estimate.plan(), got.append, "money")
    assert not got
    qtbot.waitUntil(lambda: bool(got), timeout=4000)
    assert threads[0] is not threading.main_thread()
    runner.shut_down()


def test_work_on_an_older_plan_stops_as_soon_as_another_is_asked_about(qtbot: Any) -> None:
    begun, stopped = threading.Event(), threading.Event()

    def work(ask: Ask) -> str:
        if ask.plan.name == "old":
            begun.set()
            try:
                for _ in range(2000):
                    ask.cancelled()
                    threading.Event().wait(0.002)
            except CancelledError:
                stopped.set()
                raise
        return ask.plan.name

    runner = JobRunner()
    services = Services(runner, works={"bottlenecks": work})
    got: list[Any] = []
    services.bottlenecks(sample_estimate.plan(name="old"), got.append)
    services._start_waiting()
    qtbot.waitUntil(begun.is_set, timeout=4000)
    services.bottlenecks(sample_estimate.plan(name="new"), got.append)
    assert stopped.wait(2.0), "cancelled before the hand has rested"
    qtbot.waitUntil(lambda: got == ["new"], timeout=4000)
    runner.shut_down()


def test_work_waits_while_a_slider_is_held(qtbot: Any) -> None:
    begun, steps = threading.Event(), []

    def work(ask: Ask) -> str:
        while not ask.cancelled():
            begun.set()
            steps.append(len(steps))
            ask.progress(min(1.0, len(steps) / 50))
            if len(steps) >= 50:
                return "done"
            threading.Event().wait(0.01)
        return "cancelled"

    runner = JobRunner()
    services = Services(runner, works={"advise": work})
    got: list[Any] = []
    shares: list[float] = []
    services.progressed.connect(lambda kind, share: shares.append(share))
    services.advise(sample_estimate.plan(), got.append)
    qtbot.waitUntil(begun.is_set, timeout=4000)
    axis_hold().hold(True)
    qtbot.wait(60)
    held = len(steps)
    qtbot.wait(150)
    assert len(steps) == held < 50, "nothing is computed beside the hand"
    axis_hold().hold(False)
    qtbot.waitUntil(lambda: got == ["done"], timeout=4000)
    assert shares[-1] == 1.0
    runner.shut_down()


def test_stopping_answers_nobody(qtbot: Any) -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(ask: Ask) -> str:
        begun.set()
        try:
            while not ask.cancelled():
                threading.Event().wait(0.002)
        finally:
            ended.set()
        return "late"

    runner = JobRunner()
    services = Services(runner, works={"trade_offs": work})
    got: list[Any] = []
    busy: list[tuple[str, bool]] = []
    services.busy_changed.connect(lambda kind, on: busy.append((kind, on)))
    services.trade_offs(sample_estimate.plan(), "all", got.append)
    qtbot.waitUntil(begun.is_set, timeout=4000)
    services.stop("trade_offs")
    assert busy == [("trade_offs", True), ("trade_offs", False)]
    assert ended.wait(2.0)
    qtbot.wait(60)
    assert not got
    services.trade_offs(sample_estimate.plan(), "all", got.append)
    services.stop("trade_offs")
    qtbot.wait(250)
    assert not got, "a question that still waited for the hand is given up too"
    runner.shut_down()


def test_an_answer_that_is_not_there_yet_is_not_shown_as_the_plans(
    tab: Any, real: tuple[Plan, Any], held: Bottlenecks
) -> None:
    waiting = Services(JobRunner(), works={"bottlenecks": lambda ask: held})
    tab.services = waiting
    tab.set_result(real[0].with_values({"cluster.servers": 16}), real[1])
    assert tab.changes_card.title == "Being computed"
    assert not tab.changes.isEnabled()
    assert not tab.apply_best.isEnabled()
    asked: list[Any] = []
    tab.plan_change_requested.connect(asked.append)
    tab.changes.opened.emit({"cluster.servers": 4})
    assert not asked
    waiting.give_up()
    waiting._jobs.shut_down()
