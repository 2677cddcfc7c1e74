"""The sheet of serving follows its inputs to the program's own yen, and a plan without serving has none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import formualizer
import pytest

from mitsumori.model.base.messages import text
from mitsumori.model.cost.prices import sale_price
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.overrides import SERVING_PREFILL, SERVING_REQUESTS, SERVING_TTFT
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.training_table import training_table
from mitsumori.model.workbook import build, to_bytes
from mitsumori.model.workbook.description import Workbook
from tests.workbook import parity
from tests.workbook.office import Office

SAMPLES = ("serve-rag-3000", "serve-moe-nvl72", "serve-batch-night", "serve-chat-500", "serve-coding-200")
LISTED = {"serving.api_price.input": 0.3, "serving.api_price.output": 1.2, "serving.api_price.date": "2026-11-20"}
CHANGES: tuple[dict[str, float | None], ...] = (
    {},
    {"money.onprem.server_price": 61e6, "money.horizon_months": 43, "money.usd_jpy": 133.0, "facility.pue": 1.6},
    {"serving.hours_per_day": 11.5, "serving.api_price.output": 9.0, "serving.api_price.cached": 0.05},
    {"serving.cost_share": 0.4, "money.utilization": 0.55, "money.onprem.residual_share": 0.1},
    {f"overrides.{SERVING_REQUESTS}": 3.5, f"overrides.{SERVING_PREFILL}": 0.31, f"overrides.{SERVING_TTFT}": 7.0},
    {"serving.api_price.input": None, "money.onprem.staff_cost_per_year": None},
    {"money.usd_jpy": None},
    {"facility.rack_kva": 2.0},
    {"serving.api_price.input": 0.001, "serving.api_price.output": 0.002},
)


MIXED = {
    "cluster.server": "DGX-B200", "cluster.servers": 2, "serving.server": "HPE-XD670", "cluster.more": "3 DGX-B200, 2 CPU-2U cpu",
    "money.prices": {
        "server:DGX-B200": {"price": 4.1e5, "currency": "USD", "date": "2026-11-20"},
        "server:CPU-2U": {"price": 2.4e6, "currency": "JPY", "date": "2026-11-20"},
        "server:HPE-XD670": {"price": 4.5e7, "currency": "JPY", "date": "2026-11-20"},
    },
}  # fmt: skip
"""Servers that serve beside servers of another kind and hosts."""


def plan_of(sample: str) -> Plan:
    """A sample with an API's price list; ``mixed`` has three kinds of machines."""
    mixed = MIXED if sample == "mixed" else {}
    return load_sample("serve-rag-3000" if mixed else sample).plan.with_values(LISTED | mixed)


def _changed(base: Plan, changes: Mapping[str, Any]) -> tuple[Plan, Workbook]:
    """The plan, and what the program writes for it with the predicted speed held."""
    held, table = estimate(base), training_table(estimate(base).plan)
    plan = base.with_values(changes)
    return plan, parity.expected(plan, base, held, "en", "internal", table)


@pytest.mark.parametrize("sample", [*SAMPLES, "mixed"])
def test_every_formula_follows_its_inputs(sample: str, tmp_path: Path) -> None:
    base = plan_of(sample)
    _, book = _changed(base, {})
    path = parity.write(tmp_path / "book.xlsx", parity.poison(to_bytes(book)))
    for changes in CHANGES:
        engine = formualizer.load_workbook(str(path))
        plan, want = _changed(base, changes)
        for each, value in changes.items():
            cell = book.names[book.inputs[each]]
            engine.set_value(book.sheets[cell.sheet].title, cell.row, cell.column, value)
        engine.evaluate_all()
        parity.set_scale(want)
        wrong = [
            (cell.sheet, cell.row, cell.name, value, cell.value)
            for cell in want.formulas()
            if cell.sheet in ("serving", "estimate_cost", "comparison", "books", "training", "summary")
            and not parity.same(value := engine.get_value(want.sheets[cell.sheet].title, cell.row, cell.column), cell)
        ]
        assert not wrong, (changes, wrong[:5])
        result = estimate(plan).serving
        named = {
            name: engine.get_value("Serving", want.names[name].row, 2)
            for name in want.names
            if name[:11] == "out_serving"
        }
        for name in ("blended", "input", "output"):
            value = result.jpy_per_million_tokens[name].value
            shown = named[f"out_serving_jpy_per_million_tokens_{name}"]
            assert shown == ("to be quoted" if value is None else pytest.approx(value, rel=1e-9))
        even = result.figures["break_even_tokens_per_day"].value
        assert named["out_serving_break_even_tokens_per_day"] == (
            "to be quoted" if even is None else pytest.approx(even, rel=1e-9)
        )


@pytest.mark.libreoffice
@pytest.mark.timeout(300)
def test_libreoffice_follows_too(office: Office, tmp_path: Path) -> None:
    base = load_sample("serve-rag-3000").plan.with_values(LISTED)
    _, book = _changed(base, {})
    opened = office.open(parity.write(tmp_path / "serving.xlsx", parity.poison(to_bytes(book))))
    touched: set[str] = set()
    for changes in CHANGES:
        for path in touched:
            opened.set(book.inputs[path], base.value(path) if not path.startswith("overrides") else None)
        for path, value in changes.items():
            opened.set(book.inputs[path], value)
        touched = set(changes)
        opened.recalculate()
        _, want = _changed(base, changes)
        parity.set_scale(want)
        assert parity.differences(want, opened.data()) == [], changes
    opened.close()


@pytest.mark.parametrize("sample", SAMPLES)
def test_costs_cash_flow_and_books_are_those_of_the_servers_that_serve(sample: str) -> None:
    """Paid once: the lines, the racks and the books are of as many servers as the serving answer names."""
    plan = load_sample(sample).plan
    result = estimate(plan)
    servers = result.serving.figures["servers"].value
    assert result.cost.quote.case.servers == servers == result.plan.cluster.servers
    hours = plan.money.horizon_months * 730.0
    assert result.serving.tokens.hourly_jpy * hours == pytest.approx(result.cost.onprem.total.value, rel=1e-12)
    half = estimate(plan.with_values({"serving.cost_share": 0.5, "money.utilization": plan.serving.hours_per_day / 24}))
    assert half.cost.onprem.total.value == pytest.approx(result.cost.onprem.total.value, rel=1e-12)
    assert half.serving.tokens.hourly_jpy == pytest.approx(result.serving.tokens.hourly_jpy / 2, rel=1e-12)


def test_servers_of_another_kind_stand_and_cost_beside_those_that_serve() -> None:
    """One hall: racks, power, network and money of all kinds add up; a token bears the servers that serve alone, by price."""
    mixed, alone = estimate(plan_of("mixed")), estimate(plan_of("mixed").with_values({"cluster.more": "2 CPU-2U cpu"}))
    kinds = {item.server: item for item in mixed.facility.more}
    assert kinds["DGX-B200"].racks >= 1
    assert kinds["DGX-B200"].switches > 0
    assert mixed.facility.details.total_racks.value > alone.facility.details.total_racks.value
    assert mixed.facility.it_kw.value > alone.facility.it_kw.value + 3 * 8.0
    lines, before = mixed.cost.onprem.lines, alone.cost.onprem.lines
    assert lines["more_servers"].value > before["more_servers"].value + 3 * 4.1e5 * 150
    assert lines["electricity"].value > before["electricity"].value
    assert sum(year.onprem_cash for year in mixed.cost.years) > sum(year.onprem_cash for year in alone.cost.years)
    hours = plan_of("mixed").money.horizon_months * 730.0
    borne = mixed.serving.tokens.hourly_jpy * hours / mixed.cost.onprem.total.value
    own, plan = lines["servers"].value, plan_of("mixed")
    listed = plan.money.prices["server:DGX-B200"].price
    beside = (
        3 * sale_price(listed, "USD", plan.money) * plan.money.usd_jpy
    )  # machines beside machines, without networks
    assert borne == pytest.approx(own / (own + beside), rel=1e-6)
    assert alone.serving.tokens.hourly_jpy * hours == pytest.approx(alone.cost.onprem.total.value, rel=1e-9)
    assert mixed.serving.figures["ttft_s"].value == alone.serving.figures["ttft_s"].value


def test_a_price_that_is_entered_is_that_of_the_servers_that_serve() -> None:
    """Price and power entered for the present server are the serving one's, and wait while it is exchanged."""
    plan = load_sample("serve-rag-3000").plan
    own = plan.money.onprem.server_price
    there = plan.with_values({"serving.server": "DGX-B200"})
    assert there.money.onprem.server_price is None
    priced = there.with_values({"money.onprem.server_price": 1e8, "facility.server_max_kw": 9.0})
    result = estimate(priced)
    assert result.cost.quote.case.server_price == pytest.approx(1e8 * 0.9 / 0.88, rel=0.01)
    assert result.facility.details.max_kw.value == pytest.approx(9.0)
    assert priced.money.prices["server:DGX-B200"].price == 1e8
    back = priced.with_values({"serving.server": None})
    assert back.money.onprem.server_price == own
    assert back.facility.server_max_kw is None
    assert back.with_values({"serving.server": "DGX-B200"}).money.onprem.server_price == 1e8
    assert back.with_values({"serving.server": "DGX-B200"}).facility.server_max_kw == 9.0
    alone = priced.with_values({"serving.enabled": False})
    assert alone.money.onprem.server_price == own


def test_the_cluster_that_was_typed_can_be_kept_beside_the_servers_that_serve() -> None:
    """One click of the finding, and one back."""
    plan = plan_of("mixed").with_values({"cluster.more": "2 CPU-2U cpu"})
    before = estimate(plan)
    told = next(item for item in before.findings if item.code == "serving_pays")
    kept = plan.with_values(dict(told.remedies[0].set))
    after = estimate(kept)
    assert [(item.server, item.servers) for item in kept.cluster.more] == [("CPU-2U", 2), ("DGX-B200", 2)]
    assert "serving_pays" not in {item.code for item in after.findings}
    assert after.cost.onprem.total.value > before.cost.onprem.total.value
    undone = kept.with_values({"cluster.more": "2 CPU-2U cpu"})
    assert undone == plan
    for language in ("en", "ja"):
        assert told.message(language)


def test_a_plan_without_serving_has_no_such_sheet() -> None:
    plan = load_sample("llama3-70b-continual").plan
    book = build(plan, estimate(plan), "en", "customer", parity.SETTINGS)
    assert "serving" not in book.sheets
    assert not [path for path in book.inputs if "serving" in path]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_of_what_is_bought_speaks_of_no_training(language: str) -> None:
    """Data set and checkpoints, which size the storage of a training, stand with the workings."""
    plan = load_sample("serve-rag-3000").plan
    sheet = build(plan, estimate(plan), language, "customer", parity.SETTINGS).sheets["configuration"]  # type: ignore[arg-type]
    printed = {str(cell.value) for (row, _), cell in sheet.cells.items() if row <= (sheet.print_rows or 0)}
    below = {str(cell.value) for (row, _), cell in sheet.cells.items() if row > (sheet.print_rows or 0)}
    for key in ("sto_dataset", "sto_checkpoint", "sto_kept"):
        assert text("workbook", key, language) not in printed
        assert text("workbook", key, language) in below
