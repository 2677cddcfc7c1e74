"""Tabs: every tab shows every sample in both languages and themes, and its cells ask for the right change.

Slow answers arrive for the plan that asked and no other.
"""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QTableView, QWidget

from mitsumori.gui.charts.base import Chart
from mitsumori.gui.charts.frame import ChartFrame
from mitsumori.gui.dialogs.explain import explain, explanation
from mitsumori.gui.services import WORKS, Services
from mitsumori.gui.tabs import TABS, create_tab
from mitsumori.gui.tabs.assumptions import assumptions
from mitsumori.gui.tabs.goal import Goal, GoalLine
from mitsumori.gui.tabs.racks import RacksTab
from mitsumori.gui.tabs.view import memory_title, rack_title
from mitsumori.gui.theme.tokens import set_theme
from mitsumori.gui.words.translation import LANGUAGES, set_language
from mitsumori.model.base import format as fmt
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, sample_names
from tests.gui import sample_estimate as sample

KEYS = [key for key, _, _ in TABS]
QUICK_WORKS = ("days_curve", "tornado", "two_way", "preview", "advise")
GUI = Path(__file__).resolve().parents[2] / "gui"


def feed(tab: Any, plan: Plan, result: Any) -> None:
    tab.set_result(plan, result)
    tab.set_scenarios((plan, plan.with_values({"cluster.servers": plan.cluster.servers * 2})), 0, lambda i: result)


def charts(tab: QWidget) -> list[Chart]:
    return [chart for chart in tab.findChildren(Chart) if chart.isVisible()]


def texts(tab: QWidget) -> list[str]:
    """Everything a tab's visible charts and cards say."""
    found = []
    for frame in tab.findChildren(ChartFrame):
        if frame.isVisible():
            found += [frame.title, frame.subtitle]
            for row in (frame.chart.table().headers, *frame.chart.table().texts()):
                found += list(row)
    for view in tab.findChildren(QTableView):
        model = view.model()
        if view.isVisible() and model is not None:
            cells = product(range(model.rowCount()), range(model.columnCount()))
            found += [str(model.index(row, column).data() or "") for row, column in cells]
    return [text for text in found if text]


# -- showing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_every_tab_shows_a_real_estimate_in_both_languages(
    key: str, language: Any, show: Any, real: tuple[Plan, Any]
) -> None:
    plan, result = real
    set_language(language)
    set_theme("dark" if language == "ja" else "light")
    tab = create_tab(key)
    works = {kind: work for kind, work in WORKS.items() if kind in QUICK_WORKS}
    tab.set_services(Services(works=works))
    show(tab, 900, 600)
    feed(tab, plan, result)
    tab.grab()
    said = texts(tab)
    assert len(said) > 4
    assert not [text for text in said if "{" in text or "%n" in text], "a placeholder was left unfilled"
    if language == "ja" and key not in ("assumptions", "compare"):
        assert any(ord(char) > 0x3040 for char in "".join(said))


@pytest.mark.parametrize("name", sample_names())
def test_every_sample_is_shown_by_the_tabs_that_need_no_search(name: str, show: Any) -> None:
    plan = load_sample(name).plan
    result = estimate(plan)
    for key in ("overview", "memory", "racks", "cost", "compare", "assumptions"):
        tab = create_tab(key)
        show(tab, 1000, 640)
        feed(tab, plan, result)
        tab.grab()
        said = texts(tab)
        for figure in figures_of(key, plan, result):
            assert any(form in said for form in figure), f"{name}, {key}: {figure}"


def figures_of(key: str, plan: Plan, result: Any) -> list[tuple[str, ...]]:
    """What a tab owes its reader, in the forms in which it may be written."""
    held = result.memory.per_gpu["total_bytes"].value
    memory = (fmt.gigabytes(held), f"{held / 1e9:.1f}")
    racks, kva = result.facility.racks.value, result.facility.kva_per_rack.value
    totals = [side.total.value for side in (result.cost.cloud, result.cost.onprem)]
    spent = [
        (fmt.money(total, "JPY", "en"), fmt.money(total, "JPY", "en") + "*") for total in totals if total is not None
    ]
    support = result.facility.support_racks.value or 0
    rack = (fmt.significant(kva), f"{kva:.1f}")
    blocked = any(finding.severity == "bad" for finding in result.findings)
    asked = [memory]
    if result.serving is not None:  # the overview and the comparison answer the question that the plan asks
        asked = [(fmt.significant(result.serving.figures["tpot_ms"].value),)]
    return {
        "overview": asked if blocked else [*asked, rack],
        "memory": held_by_parts(result) or [memory],
        "racks": [rack],
        "cost": spent,
        "compare": [(plan.name,), *asked, (f"{racks + support:,.0f}",)],
        "assumptions": [(line.source,) for line in result.sources if line.what.startswith("servers.")][:1],
    }[key]


def held_by_parts(result: Any) -> list[tuple[str, ...]]:
    """What serving keeps on a GPU, part by part; nothing where the plan trains."""
    if result.serving is None:
        return []
    return [(fmt.gigabytes(figure.value),) for figure in result.serving.memory_per_gpu.values()]


@pytest.mark.parametrize("key", KEYS)
def test_a_hidden_tab_catches_up_when_shown(key: str, show: Any, real: tuple[Plan, Any]) -> None:
    tab = create_tab(key)
    tab.set_services(Services(works={}))
    feed(tab, *real)
    assert tab._stale
    show(tab, 900, 600)
    assert not tab._stale


@pytest.mark.parametrize("key", KEYS)
def test_every_control_and_chart_of_a_tab_has_a_name(key: str, show: Any, real: tuple[Plan, Any]) -> None:
    tab = create_tab(key)
    tab.set_services(Services(works={}))
    show(tab, 1000, 640)
    feed(tab, *real)
    for button in tab.findChildren(QAbstractButton):
        if button.isVisible():
            assert button.accessibleName() or button.text(), f"{key}: {type(button).__name__}"
    for frame in tab.findChildren(ChartFrame):
        if frame.isVisible() and frame.title:
            assert frame.chart.accessibleName()


@pytest.mark.parametrize("scale", [1.0, 1.3])
@pytest.mark.parametrize("key", KEYS)
def test_no_card_is_squeezed_below_its_least_size(
    key: str, scale: float, show: Any, real: tuple[Plan, Any], qtbot: Any
) -> None:
    """Tabs scroll instead of squeezing: in the smallest window every card keeps the room its chart asks for."""
    set_theme(scale=scale)
    tab = create_tab(key)
    tab.set_services(Services(works={}))
    show(tab, round(890 * scale), 480)
    feed(tab, *real)
    frames = [frame for frame in tab.findChildren(ChartFrame) if frame.isVisible()]
    # Titles break into lines once their cards have a width.
    qtbot.waitUntil(lambda: all(f.height() >= f.minimumSizeHint().height() - 1 for f in frames), timeout=10_000)
    assert tab.horizontalScrollBar().maximum() == 0
    for frame in frames:
        assert frame.height() >= frame.minimumSizeHint().height() - 1, frame.title
        assert frame.width() >= frame.minimumSizeHint().width() - 1, frame.title


def test_titles_follow_the_finding() -> None:
    plan = sample.plan()

    def gigabytes(result: Any) -> tuple[float, float]:
        memory = result.memory.per_gpu
        return memory["total_bytes"].value / 1e9, memory["capacity_bytes"].value / 1e9

    fits, tight, large = sample.estimate(), sample.changed(sample.MARGINAL), sample.changed(sample.TOO_LARGE)
    used, room = gigabytes(fits)
    assert memory_title(fits) == f"{used:.0f} GB used, {room - used:.0f} GB to spare"
    used, room = gigabytes(tight)
    told = memory_title(tight)
    assert [float(number) for number in re.findall(r"[\d.]+", told)] == pytest.approx(
        [used, room, room - used], rel=0.01
    )
    assert "only" in told
    used, room = gigabytes(large)
    assert memory_title(large) == f"{used - room:.0f} GB more than a GPU has"
    assert rack_title(plan, fits) == "2 servers in each of 4 racks; kVA sets the limit"


def test_an_impossible_plan_shows_its_problems_and_their_results(show: Any, qtbot: Any) -> None:
    plan = load_sample("llama3-70b-continual").plan.with_values({"facility.cooling": "air", "facility.rack_kva": None})
    result = estimate(plan)
    bad = [finding for finding in result.findings if finding.severity == "bad"]
    assert bad, "room air cannot carry an 8-GPU server (docs/method.md 6.10, example 9)"
    tab = create_tab("overview")
    tab.set_services(Services(works={"preview": WORKS["preview"]}))
    show(tab, 1000, 640)
    tab.set_result(plan, result)
    problem = tab.problems[0]
    assert problem.isVisible()
    assert not tab.top.isVisible()
    assert all("PUE" in words for words in problem._results)
    asked: list[dict[str, Any]] = []
    tab.plan_change_requested.connect(asked.append)
    qtbot.mouseClick(problem._buttons[0], Qt.MouseButton.LeftButton)
    mended = estimate(plan.with_values(asked[0]))
    assert not [finding for finding in mended.findings if finding.severity == "bad"]


# -- asking for changes -----------------------------------------------------------------------------------------------


def test_a_heat_cell_adopts_model_and_servers(show: Any, real: tuple[Plan, Any]) -> None:
    plan, result = real
    plan = plan.with_values({"table.models": ("llama3-8b", "llama3-70b"), "table.servers": (8, 16)})
    tab = create_tab("training_time")
    tab.set_services(Services(works={"training_table": WORKS["training_table"]}))
    show(tab, 1000, 640)
    tab.set_result(plan, result)
    tab.grab()
    asked: list[dict[str, Any]] = []
    tab.plan_change_requested.connect(asked.append)
    table = tab.heat.table()
    cells = [table.cell(row, at) for row in range(len(table.rows)) for at in range(len(table.heads))]
    keys = [cell.key for cell in cells if cell.key is not None]
    assert len(keys) == 3, "the plan's own cell cannot be adopted"
    tab.heat.opened.emit(keys[0])
    adopted = plan.with_values(asked[0])
    assert adopted.model.preset == "llama3-8b"
    assert adopted.cluster.servers == 8


def test_the_plans_own_cell_says_what_the_headline_says(show: Any, real: tuple[Plan, Any]) -> None:
    plan, result = real
    plan = plan.with_values({"table.models": (), "table.servers": (8, 16)})
    tab = create_tab("training_time")
    tab.set_services(Services(works={"training_table": WORKS["training_table"]}))
    show(tab, 1000, 640)
    tab.set_result(plan, result)
    data = tab.heat.data
    assert data.current is not None
    row, column = data.current
    assert data.cells[row][column].days == result.training.days.value


def test_a_cooling_method_is_adopted_with_its_own_limits(show: Any, real: tuple[Plan, Any]) -> None:
    plan, result = real
    tab = create_tab("racks")
    show(tab, 1000, 700)
    tab.set_result(plan, result)
    tab.grab()
    asked: list[dict[str, Any]] = []
    tab.plan_change_requested.connect(asked.append)
    keys = [key for key in tab.methods.table().keys if key]
    feasible = [m.cooling for m in result.facility.methods if m.feasible and m.cooling != plan.facility.cooling]
    assert [key["facility.cooling"] for key in keys] == feasible
    tab.methods.opened.emit(keys[0])
    assert plan.with_values(asked[0]).facility.cooling == feasible[0]


def test_gb_and_gib_are_switched(show: Any, real: tuple[Plan, Any]) -> None:
    tab = create_tab("memory")
    show(tab, 1000, 700)
    tab.set_result(*real)
    total = real[1].memory.per_gpu["total_bytes"].value
    assert f"{total / 1e9:.1f}" in tab.stack.table().texts()[0]
    tab._set_unit("GiB")
    assert f"{total / 2**30:.1f}" in tab.stack.table().texts()[0]


@pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform has no keyboard to grab
def test_numbers_open_their_explanation(show: Any, real: tuple[Plan, Any]) -> None:
    plan, result = real
    for path in ("training.days", "facility.it_kw", "memory.per_gpu.weights_bytes", "cost.onprem.total"):
        shown = explanation(path, plan, result)
        assert shown is not None
        assert shown.title
        assert shown.value != ""
        assert shown.lines
    host = QWidget()
    show(host)
    popup = explain(host, "training.days", plan, result)
    assert popup is not None
    assert popup.accessibleName()
    popup.close()
    assert explain(host, "training.nothing", plan, result) is None


def test_unknown_figures_say_why() -> None:
    broken = sample.unpriced()
    shown = explanation("cost.break_even_month", sample.plan(), broken)
    assert shown is not None
    assert shown.value == "—"
    assert any("price" in line for line in shown.lines)


# -- goal -------------------------------------------------------------------------------------------------------------


def test_goal_reads_numbers_as_people_type_them(show: Any, qtbot: Any) -> None:
    line = GoalLine()
    show(line, 900, 60)
    found: list[Goal] = []
    line.searched.connect(found.append)
    line.search()
    assert not found
    assert line.note.text()
    line.blank("days").setText("14")
    line.blank("cost").setText("15億")
    qtbot.keyClick(line.blank("cost"), Qt.Key.Key_Return)
    assert found[-1] == Goal(14.0, 15e8)
    line.blank("cost").setText("much")
    line.search()
    assert "much" in line.note.text()
    assert len(found) == 1


def test_a_training_by_answers_counts_all_its_accelerators(qtbot: Any) -> None:
    """Table, curve and title spoke of 48, 24 to 384 and 32 GPUs of the same plan; where the answers come from widened a column."""
    values = {
        "workload.stage": "grpo", "cluster.server": "DGX-H100", "cluster.servers": 4, "rollout.placement": "asynchronous",
        "rollout.servers": 2, "model.preset": "qwen3-30b-a3b",
    }  # fmt: skip
    plan = Plan().with_values(values)
    result = estimate(plan)
    tab = create_tab("training_time")
    qtbot.addWidget(tab)
    tab.resize(1200, 800)
    tab.show()
    feed(tab, plan, result)
    qtbot.waitUntil(lambda: any("GPU" in text for text in texts(tab)), timeout=20_000)
    assert result.training.details.accelerators == 48
    assert tab._table_title([], None, []).count("48") == 1
    lines = tuple(assumptions(plan, result))
    there = next(line for line in lines if line.field == "rollout.placement")
    assert len(there.value) < 40 and "2 ×" in there.source
    assert max(len(line.value) for line in lines) < 60


@pytest.mark.parametrize(
    ("language", "words"), [("en", "; 3 more racks for other servers"), ("ja", "、他のサーバー用に 3 ラック")]
)
def test_a_title_counts_the_racks_of_servers_that_generate(qapp: object, language: str, words: str) -> None:
    """It named the racks of the trainer alone beside a card and a picture of all."""
    set_language(language)  # type: ignore[arg-type]
    plan = Plan().with_values({"workload.stage": "grpo", "rollout.placement": "separate", "cluster.servers": 16,
                               "facility.rack_kva": 30.0})  # fmt: skip
    result = estimate(plan)
    assert sum(item.racks or 0 for item in result.facility.more) == 3
    assert rack_title(plan, result).endswith(words)


def test_the_comparison_of_cooling_counts_the_racks_of_other_servers_too(qtbot) -> None:  # type: ignore[no-untyped-def]
    set_language("en")
    plan = load_sample("llama3-70b-continual").plan.with_values(
        {"cluster.more": "4 DGX-H100 cpu", "facility.cooling": "containment"}
    )
    result = estimate(plan)
    further = sum(int(item.racks or 0) for item in result.facility.more)
    assert further
    tab = RacksTab()
    qtbot.addWidget(tab)
    tab.plan = plan
    title = tab._methods_title(result)
    assert "rack" in title.split(";")[0]
    assert title.endswith(f"; {further} more rack{'s' if further > 1 else ''} for other servers")


def test_a_price_of_further_servers_is_named_with_its_server() -> None:
    """The list of assumptions showed the catalogue's key alone, as if it were an input."""
    set_language("ja")
    plan = Plan().with_values(
        {"cluster.more": "2 HPE-XD670", "money.prices.server:HPE-XD670": {"price": 4e7, "currency": "JPY"}}
    )
    names = [line.name for line in assumptions(plan, estimate(plan))]
    set_language("en")
    assert "HPE-XD670" not in names
    assert any(name.startswith("サーバー価格 · HPE Cray XD670") for name in names), names
