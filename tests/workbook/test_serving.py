"""The sheet of serving follows its inputs to the program's own yen, and a plan without serving has none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import formualizer
import pytest

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
)


def _changed(base: Plan, changes: Mapping[str, Any]) -> tuple[Plan, Workbook]:
    """The plan, and what the program writes for it with the predicted speed held."""
    held, table = estimate(base), training_table(estimate(base).plan)
    plan = base.with_values(changes)
    return plan, parity.expected(plan, base, held, "en", "internal", table)


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_formula_follows_its_inputs(sample: str, tmp_path: Path) -> None:
    base = load_sample(sample).plan.with_values(LISTED)
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
    assert result.serving.money is result.cost
    assert result.serving.place is result.facility
    hours = plan.money.horizon_months * 730.0
    assert result.serving.tokens.hourly_jpy * hours == pytest.approx(result.cost.onprem.total.value, rel=1e-12)
    half = estimate(plan.with_values({"serving.cost_share": 0.5, "money.utilization": plan.serving.hours_per_day / 24}))
    assert half.cost.onprem.total.value == pytest.approx(result.cost.onprem.total.value, rel=1e-12)
    assert half.serving.tokens.hourly_jpy == pytest.approx(result.serving.tokens.hourly_jpy / 2, rel=1e-12)


def test_a_plan_without_serving_has_no_such_sheet() -> None:
    plan = load_sample("llama3-70b-continual").plan
    book = build(plan, estimate(plan), "en", "customer", parity.SETTINGS)
    assert "serving" not in book.sheets
    assert not [path for path in book.inputs if "serving" in path]
