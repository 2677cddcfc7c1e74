"""Serving in the window: the tab shows what the estimate says, headline and inputs follow the question."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt

from mitsumori.gui.charts.numbers import number
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.tabs import create_tab
from mitsumori.gui.tabs.assumptions import assumptions
from mitsumori.gui.tabs.findings_panel import preview_text
from mitsumori.gui.tabs.view import seconds
from mitsumori.gui.words.serving import machine_parts, rack_parts, served_results
from mitsumori.gui.words.translation import LANGUAGES, set_language
from mitsumori.model.base.format import gigabytes
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, load_sample
from tests.gui.windows import window


@pytest.fixture(scope="module")
def served() -> tuple[Plan, Estimate]:
    plan = load_sample("serve-rag-3000").plan
    return plan, estimate(plan)


@pytest.fixture
def tab(show: Any, served: tuple[Plan, Estimate]) -> Any:
    made = create_tab("serving")
    show(made, 1100, 800)
    made.set_result(*served)
    made.grab()
    return made


def test_tables_hold_the_figures_of_the_estimate(tab: Any, served: tuple[Plan, Estimate]) -> None:
    result = served[1].serving
    assert result is not None
    rows = {row[0].text: row for row in tab.latency.table().rows}
    assert set(rows) >= {"p50", "p90", "p99"}
    for name, times in result.percentiles.items():
        assert rows[name][1].text == number(times["ttft_s"].value)
        assert rows[name][2].text == number(times["tpot_ms"].value)
    assert next(row[0].text for row in tab.layouts.table().rows) == "TP 8"
    assert len(tab.curve.table().rows) == len(result.curve)
    assert number(result.figures["ttft_s"].value) in tab.latency_card.title


def test_the_point_lies_on_the_curve_and_the_limit_is_marked(tab: Any, served: tuple[Plan, Estimate]) -> None:
    data, result = tab.curve._data, served[1].serving
    assert result is not None
    speed, output = data.now
    order = data.speed.argsort()
    assert output == pytest.approx(float(np.interp(speed, data.speed[order], data.output[order])), rel=0.05)
    assert data.limit == pytest.approx(1e3 / served[0].serving.standard().tpot_limit_ms)


def test_a_layout_that_is_opened_becomes_the_plans(tab: Any, served: tuple[Plan, Estimate], qtbot: Any) -> None:
    row = next(at for at, cells in enumerate(tab.layouts.table().rows) if cells[0].text == "TP 4")
    tab.layouts.select_source(row)
    with qtbot.waitSignal(tab.plan_change_requested) as asked:
        tab.layouts.open_current()
    changed = estimate(served[0].with_values(asked.args[0]))
    assert changed.serving is not None
    assert changed.serving.layout["tp"] == 4


def test_without_serving_the_tab_says_where_to_switch_it_on(show: Any) -> None:
    plan = load_sample("llama3-70b-continual").plan
    tab = create_tab("serving")
    show(tab, 1100, 800)
    tab.set_result(plan, estimate(plan))
    assert tab.curve_card.title == "Serving is not part of this plan"
    assert not tab.latency_card.isVisible()


def names(win: Any) -> list[str]:
    return [card.content().title for card in win.headline.cards()]


def test_a_training_gets_a_scenario_that_serves_its_model(qtbot: Any) -> None:
    win = window(qtbot, load_sample("llama3-70b-continual").plan, estimator=estimate_plan)
    win.show_tab("serving")
    tab = win.tabs["serving"]
    qtbot.waitUntil(tab.offer.isVisible, timeout=5000)
    qtbot.mouseClick(tab.offer, Qt.MouseButton.LeftButton)
    before, after = win.store.plans
    assert not before.serving.enabled
    assert after.serving.enabled
    assert after.model == before.model
    qtbot.waitUntil(lambda: win.store.estimate is not None and win.store.estimate.serving is not None, timeout=10_000)
    qtbot.waitUntil(lambda: not tab.offer.isVisible(), timeout=5000)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_headline_follows_the_question(qtbot: Any, language: str) -> None:
    """Serving on: first token and time per token; off: memory and days again, with their figures."""
    set_language(language)
    training = load_sample("llama3-70b-continual").plan
    win = window(qtbot, training, estimator=estimate_plan)
    before = names(win)
    win.apply({"serving.enabled": True})
    qtbot.waitUntil(lambda: win.store.estimate is not None and win.store.estimate.serving is not None, timeout=10_000)
    during = names(win)
    assert not set(before) & set(during)
    assert all("TTFT" in during[0] or "TPOT" in name for name in during[:2])
    win.apply({"serving.enabled": False})
    qtbot.waitUntil(lambda: win.store.estimate is not None and win.store.estimate.serving is None, timeout=10_000)
    assert names(win) == before


def test_rows_of_inputs_follow_the_load(qtbot: Any) -> None:
    """Users or requests a second: never both."""
    win = window(qtbot, load_sample("serve-chat-500").plan, estimator=estimate_plan)
    assert win.inputs.go_to("serving.users")
    win.apply({"serving.users": None, "serving.requests_per_s": 2.0})
    assert win.inputs.row("serving.users").isHidden()
    assert not win.inputs.row("serving.requests_per_s").isHidden()


def test_a_plan_that_serves_begins_with_its_load(qtbot: Any) -> None:
    """Inputs of a training are not asked for; the load stands first, unfolded, and back again what the user left."""
    win = window(qtbot, load_sample("llama3-70b-continual").plan, estimator=estimate_plan)
    listed = [section.group.key for section in win.inputs.sections if not section.isHidden()]
    assert listed == ["workload", "serving", "model", "cluster", "parallel", "facility", "money"]
    serving = next(section for section in win.inputs.sections if section.group.key == "serving")
    assert not serving.is_open()
    win.apply({"serving.enabled": True})
    qtbot.waitUntil(lambda: win.store.estimate is not None and win.store.estimate.serving is not None, timeout=10_000)
    listed = [section.group.key for section in win.inputs.sections if not section.isHidden()]
    assert listed == ["serving", "model", "cluster", "facility", "money"]
    assert serving.is_open()
    assert win.inputs.row("parallel.seq_len").isHidden()
    win.apply({"serving.enabled": False})
    qtbot.waitUntil(lambda: win.store.estimate is not None and win.store.estimate.serving is None, timeout=10_000)
    assert not serving.is_open()
    assert not win.inputs.row("parallel.seq_len").isHidden()


def test_every_view_answers_the_question_that_is_asked(qtbot) -> None:  # type: ignore[no-untyped-def]
    """Overview, Present and Compare of a plan that serves; the same window goes back to a training."""
    serves, learns = load_sample("serve-rag-3000").plan, load_sample("llama3-70b-continual").plan
    win = window(qtbot, serves, estimator=estimate_plan)
    win.open_project(Project(plans=(serves,)))
    win.store.compute_now()
    qtbot.waitUntil(lambda: "overview" in win.tabs, timeout=5000)
    overview = win.tabs["overview"]
    qtbot.waitUntil(lambda: overview.served is not None and overview.served.isVisible(), timeout=5000)
    assert not overview.top.isVisible()
    servers = win.store.estimate.serving.figures["servers"].value
    assert overview.plan.cluster.servers == servers == 2
    assert win.store.plan.cluster.servers == 1
    win.present()
    page = win.presentation.page
    assert page.charts.currentWidget() is page.served.curve_card
    shown = [row.field.path for row in page.rows if not row.isHidden()]
    assert shown == ["serving.users", "serving.prompt_tokens", "serving.output_tokens"]
    win.leave_present()
    win.open_project(Project(plans=(learns,)))
    win.store.compute_now()
    win.present()
    assert win.presentation.page.charts.currentWidget() is win.presentation.page.cost_card


@pytest.mark.parametrize(
    "name", ["serve-chat-500", "serve-rag-3000", "serve-coding-200", "serve-batch-night", "serve-moe-nvl72"]
)
def test_choosing_by_hand_and_back_keeps_the_answer(qtbot: Any, name: str) -> None:
    """By hand begins at the layout that was found; a plan that serves is asked for no layout of a training."""
    win = window(qtbot, load_sample(name).plan, estimator=estimate_plan)
    win.store.compute_now()
    before = win.store.estimate.serving
    section = next(one for one in win.inputs.sections if one.group.key == "parallel")
    assert section.isHidden()
    assert win.strip.buttons["parallel"].isHidden()
    assert not win.inputs.go_to("parallel.auto")
    row = win.inputs.row("serving.auto")
    for on in (False, True):
        row.switch.click()
        win.store.compute_now()
        after = win.store.estimate.serving
        assert win.store.plan.serving.auto is on
        assert after.layout == before.layout
        assert {key: figure.value for key, figure in after.figures.items()} == {
            key: figure.value for key, figure in before.figures.items()
        }
    win.store.set_values({"serving.enabled": False}, "train")
    assert not section.isHidden()
    assert not win.strip.buttons["parallel"].isHidden()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tabs_of_a_training_speak_of_none_where_the_plan_serves(
    show: Any, served: tuple[Plan, Estimate], language: Any, qtbot: Any
) -> None:
    """Memory is that of the servers that serve; the tab of training time offers a scenario; both come back."""
    set_language(language)
    learns = load_sample("llama3-8b-lora").plan
    result = served[1].serving
    assert result is not None
    memory, time = create_tab("memory"), create_tab("training_time")
    for tab, trained in (
        (memory, memory.trained[:3]),
        (time, (time.heat_card, time.days_card, time.step_card)),
    ):
        show(tab, 1100, 800)
        tab.set_result(*served)
        assert not any(card.isVisible() for card in trained)
    assert time.offer.isVisible()
    assert not time.swaps_card.isVisible()
    assert [row[1].text for row in memory.sizes.table().rows] == [
        gigabytes(figure.value) for figure in result.memory_per_gpu.values()
    ]
    with qtbot.waitSignal(time.scenario_added) as added:
        time.offer.pressed.emit()
    assert not added.args[0].serving.enabled
    for tab, trained in ((memory, memory.trained[:3]), (time, (time.heat_card, time.days_card, time.step_card))):
        tab.set_result(learns, estimate(learns))
        assert all(card.isVisible() for card in trained)
    assert not any(card.isVisible() for card in memory.served)
    assert not time.offer.isVisible()


@pytest.mark.parametrize(
    ("language", "one", "two", "rack"),
    [("en", ("1", "server"), ("2", "servers"), ("1", "rack")), ("ja", ("1", "台"), ("2", "台"), ("1", "本"))],
)
def test_servers_and_racks_are_counted_with_their_word(
    served: tuple[Plan, Estimate], show: Any, language: Any, one: tuple[str, str], two: tuple[str, str], rack: Any
) -> None:
    set_language(language)
    assert machine_parts(1.0) == one
    assert machine_parts(2.0) == two
    assert rack_parts(1.0) == rack
    assert machine_parts(None) == ("—", "")
    tab = create_tab("serving")
    show(tab, 1100, 800)
    tab.set_result(*served)
    assert all(row[2].text for row in tab.fleet.table().rows)
    parts = [found for _, found in served_results(served[1])]
    assert all(found is not None and found.unit for found in parts)


def test_racks_of_a_remedy_are_counted_without_an_empty_sum(served: tuple[Plan, Estimate]) -> None:
    """ "1 + 0 racks" stood beside every remedy of a hall without support racks."""
    set_language("en")
    one = estimate(load_sample("serve-chat-500").plan)
    assert "· 1 rack ·" in preview_text(one, "facility_rack_too_small")
    several = estimate(load_sample("llama3-70b-continual").plan)
    assert "· 4 + 1 racks ·" in preview_text(several, "facility_rack_too_small")


def test_steps_of_nothing_are_not_written_in_powers_of_ten() -> None:
    """What rounding leaves of an empty pipeline was shown as 9.11e-12 ms."""
    set_language("en")
    assert seconds(9e-15) == seconds(0.0) == "0 s"
    assert seconds(2e-7) == "< 0.001 ms"
    assert seconds(2e-4) == "0.200 ms"


def test_costs_and_assumptions_of_a_plan_that_serves_name_no_training(
    served: tuple[Plan, Estimate], real: tuple[Plan, Any], show: Any
) -> None:
    set_language("en")
    groups = {row.group for row in assumptions(*served)}
    assert "Racks and power" in groups and not groups & {"Training", "Memory"}
    assert {"Training", "Memory"} <= {row.group for row in assumptions(*real)}
    tab = create_tab("cost")
    show(tab, 1100, 800)
    panel = tab.panel
    panel.span.set_value("once")
    panel.retranslate(60, False)
    assert panel.span.value() == "total"
    assert "One run" not in [words for _, words in panel.span._options]
    panel.retranslate(60, True)
    assert "One run" in [words for _, words in panel.span._options]
