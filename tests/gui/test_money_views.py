"""Money as the window shows it: one currency for all scenarios, one count of what is missing, totals that say what they lack."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitsumori.gui.findings_bar import message_of
from mitsumori.gui.store import PlanStore, estimate_plan
from mitsumori.gui.tabs.scenario_table import MEASURES, Scenario, differing, label_of
from mitsumori.gui.words.totals import star, total_note, total_parts, total_text
from mitsumori.gui.words.translation import set_language
from mitsumori.model.estimate.counts import missing_inputs, overridden_inputs
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, load_sample
from tests.gui.spoken import cells, painted, texts
from tests.gui.windows import window

SAMPLE = load_sample("llama3-70b-continual").plan
PRICED = SAMPLE.with_values({"money.onprem.power_works": 3e7, "money.cloud.price_per_hour": 60.0})
DEARER = PRICED.with_values({"name": "B", "cluster.servers": 9})


def measured(store: PlanStore) -> list[list[float | None]]:
    scenarios = [
        Scenario("", plan, store.estimate_of(index), store.catalogue) for index, plan in enumerate(store.plans)
    ]
    return [[one.measured(measure) for one in scenarios] for measure in MEASURES]


def orders(table: list[list[float | None]]) -> list[list[float | None]]:
    """Each row as shares of its first value: what a comparison says."""
    return [[None if v is None or not row[0] else round(v / row[0], 9) for v in row] for row in table]


def test_switching_the_currency_changes_no_comparison(qapp: object) -> None:
    """The switch acts on every scenario: before, one stood in yen beside another in dollars, and -99 % was called better."""
    store = PlanStore()
    store.load(Project(plans=(PRICED, DEARER, DEARER.with_values({"name": "C", "money.horizon_months": 36})), active=2))
    yen = measured(store)
    store.show_in("USD")
    assert {plan.money.currency for plan in store.plans} == {"USD"}
    assert {store.estimate_of(index).cost.currency for index in range(3)} == {"USD"}  # type: ignore[union-attr]
    assert orders(measured(store)) == orders(yen)
    assert "money.currency" not in differing(store.plans)[0]
    store.show_in("JPY")
    assert measured(store) == yen


def test_the_currency_is_a_view_and_no_change_of_the_file(qapp: object) -> None:
    store = PlanStore(PRICED)
    store.set_values({"cluster.servers": 9})
    store.undo_stack.setClean()
    store.show_in("USD")
    assert store.undo_stack.isClean() and store.undo_stack.count() == 1
    store.undo_stack.undo()
    assert store.plan.money.currency == "USD" and store.plan.cluster.servers == PRICED.cluster.servers
    store.undo_stack.redo()
    assert store.plan.money.currency == "USD" and store.plan.cluster.servers == 9
    assert store.set_values({"money.currency": "JPY"}) is None and store.currency == "JPY"


def test_what_is_pinned_is_compared_in_the_same_currency(qapp: object) -> None:
    store = PlanStore(PRICED)
    store.compute_now()
    store.pin(True)
    store.show_in("USD")
    reference = store.reference
    assert reference is not None and reference[1].cost.currency == "USD"


def test_a_file_whose_scenarios_were_saved_in_two_currencies_opens_in_the_shown_ones(qapp: object) -> None:
    store = PlanStore()
    store.load(Project(plans=(PRICED, DEARER.with_values({"money.currency": "USD"})), active=0))
    assert {plan.money.currency for plan in store.plans} == {"JPY"}


@settings(max_examples=25, deadline=None)
@given(
    works=st.none() | st.just(3e7),
    rate=st.none() | st.floats(90, 200),
    staff=st.none() | st.just(1.2e7),
    code=st.sampled_from(["JPY", "USD"]),
)
def test_every_total_shown_is_the_estimates_and_says_what_it_lacks(
    works: float | None, rate: float | None, staff: float | None, code: str
) -> None:
    changes = {"money.onprem.power_works": works, "money.usd_jpy": rate, "money.onprem.staff_cost_per_year": staff}
    plan = SAMPLE.with_values(changes | {"money.currency": code})
    cost = estimate(plan).cost
    for side in ("onprem", "cloud"):
        shown, total = total_parts(cost, side), getattr(cost, side).total.value
        assert (shown is None) == (total is None)
        if shown is not None:
            lacking = any(line.value is None for line in getattr(cost, side).lines.values())
            assert shown.text.endswith(star()) == lacking
            assert bool(total_note(cost)) or not lacking


def test_the_card_the_present_view_and_the_chart_mark_a_total_without_electrical_works(qtbot: object) -> None:
    set_language("ja")
    win = window(qtbot, PRICED.with_values({"money.onprem.power_works": None}), estimator=estimate_plan)  # type: ignore[arg-type]
    for large in (False, True):
        win.headline.set_large(large)
        content = win.headline.cost.content()
        assert content.values[0][0].text.endswith("＊") and "電源工事" in content.reason[0]
        assert win.headline.cost.badge.label(), "Present says that something is missing, too"
    assert (
        win.headline.cost.content().badge[1] in ("未入力 1", "未入力 1 件", "1 件未入力")
        or "1" in win.headline.cost.content().badge[1]
    )


def test_card_footer_and_list_count_the_same(qtbot: object) -> None:
    win = window(qtbot, Plan(), estimator=estimate_plan)  # type: ignore[arg-type]
    plan, result = win.store.plan, win.store.estimate
    assert result is not None
    count = len(missing_inputs(result))
    assert count > 3
    assert str(count) in win.headline.cost.content().badge[1]
    assert win.footer._missing == count
    win.show_tab("assumptions")
    tab = win.tabs["assumptions"]
    assert str(count) in tab.finding.text()  # type: ignore[attr-defined]
    assert win.footer._overridden == len(overridden_inputs(plan, result)) == 0


def test_an_overridden_cloud_price_counts_as_overridden() -> None:
    listed = SAMPLE.with_values({"money.cloud.price_per_hour": None})
    before = overridden_inputs(listed, estimate(listed))
    after = overridden_inputs(PRICED, estimate(PRICED))
    assert set(after) - set(before) == {"money.cloud.price_per_hour"}
    asked = PRICED.with_values({"money.onprem.server_price": 5e7})
    assert "money.onprem.server_price" not in overridden_inputs(asked, estimate(asked)), "nobody publishes one for it"


@pytest.mark.parametrize("code", ["ja", "en"])
def test_no_row_of_the_comparison_is_called_by_its_path(qapp: object, code: str) -> None:
    set_language(code)  # type: ignore[arg-type]
    from mitsumori.model.plan.inputs import inputs

    assert not [path for path in inputs() if label_of(path) == path]


def test_a_total_from_a_weak_price_stands_in_brackets(qapp: object) -> None:
    set_language("en")
    weak = SAMPLE.with_values({"cluster.server": "DGX-B300", "money.onprem.discount": 0.0, "money.onprem.margin": 0.0,
                               "money.onprem.power_works": 0.0})  # fmt: skip
    cost = estimate(weak).cost
    assert cost.weak == ("money.onprem.server_price",)
    assert total_text(cost, "onprem").startswith("(¥")
    set_language("ja")
    assert re.fullmatch(r"（[\d.]+ 億円）＊?", total_text(cost, "onprem")), "the space before the unit stays"
    set_language("en")
    firm = weak.with_values({"money.onprem.server_price": 5e7})
    assert not estimate(firm).cost.weak and not total_text(estimate(firm).cost, "onprem").startswith("(")


def test_one_rack_is_no_racks(qtbot: object) -> None:
    set_language("en")
    win = window(qtbot, Plan(), estimator=estimate)
    assert win.headline.racks.accessibleName().startswith("Racks: 1 rack,")


YEN_IN_RESULTS = re.compile(r"^[（(]?¥|[億万]円|(?<![/\d.])円[）＊*]*$|\d 円")


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("sample", ["llama3-70b-continual", "serve-rag-3000"])
def test_no_result_stays_in_yen_when_dollars_are_shown(qtbot: Any, sample: str, language: str) -> None:
    """What a million tokens cost, its chart and its ranking, and what a cheaper cooling saves, stayed in yen beside dollars."""
    set_language(language)  # type: ignore[arg-type]
    prices = {"serving.api_price.input": 3.0, "serving.api_price.output": 15.0} if sample.startswith("serve") else {}
    plan = load_sample(sample).plan.with_values(prices)
    win = window(
        qtbot,
        plan,
        plan.with_values({"cluster.servers": 12, "serving.servers": 3, "name": "B"}),
        estimator=estimate_plan,
    )
    win.store.show_in("USD")
    for key in ("overview", "serving", "training_time", "racks", "advisor", "compare"):
        win.show_tab(key)
        qtbot.wait(60)
        qtbot.waitUntil(lambda: not win.jobs.any_busy() and not win.services.at_work(), timeout=120_000)
        qtbot.wait(30)
        page = win.tabs[key].page
        found = {text for text in texts(page) | cells(page) | set(painted(win.headline)) if YEN_IN_RESULTS.search(text)}
        assert {text for text in found if not re.search(r"円/(kWh|ドル|\$)|¥/\$", text)} == set(), key
    win.toggle_findings()
    qtbot.wait(60)
    said = [message_of(finding) for finding in win.store.estimate.findings]
    assert [text for text in said if YEN_IN_RESULTS.search(text) or re.search(r"¥\d", text)] == []
    served = win.store.estimate.serving
    if served is not None:
        price = served.jpy_per_million_tokens["blended"].value
        shown = win.headline.cost.content().values[0][0]
        assert float(shown.number.replace(",", "")) == pytest.approx(price / plan.money.usd_jpy, abs=0.006)
        assert shown.text.endswith(star()), "electrical works are missing in it, too"
        win.store.show_in("JPY")
        qtbot.waitUntil(lambda: not win.store.stale, timeout=10_000)
        qtbot.wait(30)
        assert float(win.headline.cost.content().values[0][0].number.replace(",", "")) == pytest.approx(price, abs=0.6)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("sample", ["llama3-70b-continual", "serve-rag-3000"])
def test_every_card_names_its_figure_in_a_small_window(qtbot: Any, sample: str, language: str) -> None:
    """At 1280 pixels the cards of serving lost their names: 0.436 s of what, 569 yen for what?"""
    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot, load_sample(sample).plan, estimator=estimate_plan, size=(1280, 720))
    for card in win.headline.cards():
        content = card.content()
        drawn = "".join(painted(card)).replace(" ", "")  # Japanese is drawn in runs of one script
        names = [name.replace(" ", "") for name in (content.title, content.short_title) if name]
        assert any(name in drawn for name in names), content.title


@pytest.mark.parametrize("values", [
    {"workload.stage": "grpo", "rollout.placement": "separate", "cluster.servers": 16},
    {"workload.stage": "grpo", "rollout.placement": "separate", "cluster.servers": 16, "rollout.servers": 4},
    {"serving.enabled": True},
])  # fmt: skip
def test_what_the_program_counts_itself_was_overridden_by_nobody(qtbot: Any, values: dict[str, object]) -> None:
    """B2 for servers that generate: the footer said 0 values overridden, the list of assumptions 1."""
    set_language("en")
    win = window(qtbot, Plan().with_values(values), estimator=estimate_plan)
    win.show_tab("assumptions")
    qtbot.wait(50)
    count = len(overridden_inputs(win.store.plan, win.store.estimate))
    assert count == win.footer._overridden == int("rollout.servers" in values)
    assert win.tabs["assumptions"].finding.text().startswith(f"{count} value"), "one count"  # type: ignore[attr-defined]
