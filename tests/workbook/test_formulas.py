"""Formulas that can be checked by eye: none is longer than 250 characters, whatever the plan, and helper cells have labels."""

from __future__ import annotations

from typing import Any

import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample, sample_names
from mitsumori.model.workbook import build
from mitsumori.model.workbook.description import LONGEST_FORMULA, Workbook
from tests.workbook.parity import SETTINGS

SAMPLE = "llama3-70b-continual"
PLANS: dict[str, dict[str, Any]] = {
    "colocation in dollars": {
        "money.onprem.site": "colocation", "money.onprem.rent_per_rack_month": 1e5, "money.onprem.rent_per_kva_month": 9e3,
        "money.currency": "USD", "money.tax_credit": False,
    },
    "prices in dollars, spot": {
        "money.onprem.currency": "USD", "money.onprem.server_price": 3e5, "money.cloud.term": "spot",
        "money.cloud.spot_per_hour": 20.0, "money.cloud.spot_interruptions_per_month": 6.0,
    },
    "reserved, measured peak, lease": {
        "money.cloud.term": "reserved_3y", "money.cloud.reserved_3y_per_hour": 30.0, "money.demand_basis": "measured",
        "money.onprem.lease_rate_per_month": 0.019, "money.onprem.depreciation": "declining",
        "money.corporate_tax_rate": 0.3,
    },
    "software in both currencies": {
        "money.software": [{"name": "a", "price": 3e5, "currency": "JPY"}, {"name": "b", "price": 4500.0, "currency": "USD",
                           "metric": "server_year"}, {"name": "c", "price": 1e6, "metric": "year"}],
    },
    "rented until use beside a prepaid reservation": {
        "money.cloud.term": "reserved_3y", "money.cloud.reserved_3y_per_hour": 30.0, "money.cloud.upfront_share": 0.5,
        "money.onprem.interim_cloud": True, "money.onprem.works_months": 5.0, "money.ramp_months": 3,
    },
    "rented until use": {"money.onprem.interim_cloud": True, "money.onprem.works_months": 5.0, "money.currency": "USD"},
    "samples, power cap": {
        "workload.stage": "sft", "workload.samples": 5e6, "facility.power_basis": "capped",
        "facility.rack_kva_is_breaker": True, "facility.redundancy": "n1",
    },
    "experts": {"model": {"preset": "deepseek-v3"}, "cluster.servers": 64},
    "many servers": {"cluster.servers": 2000},
    "does not fit": {"parallel.auto": False, "parallel.tp": 1, "parallel.pp": 1, "parallel.zero_stage": 0},
}  # fmt: skip


def too_long(book: Workbook) -> dict[str, int]:
    """Formulas over the limit, by address, as they stand in the file."""
    texts = {cell.ref: len(book.resolve(cell.formula or "", cell.sheet)) for cell in book.formulas()}
    return {address: size for address, size in texts.items() if size > LONGEST_FORMULA}


@pytest.mark.parametrize(("language", "audience"), [("ja", "customer"), ("en", "internal"), ("en", "customer")])
@pytest.mark.parametrize("sample", sample_names())
def test_no_formula_of_a_sample_is_longer_than_250_characters(sample: str, language: str, audience: Any) -> None:
    plan = load_sample(sample).plans[0]
    assert not too_long(build(plan, estimate(plan), language, audience, SETTINGS))


@pytest.mark.parametrize("name", PLANS)
def test_no_formula_of_an_unusual_plan_is_longer(name: str) -> None:
    plan = load_sample(SAMPLE).plans[0].with_values(PLANS[name])
    assert not too_long(build(plan, estimate(plan), "en", "internal", SETTINGS))


def test_a_long_formula_is_noticed_and_its_names_give_way_to_addresses() -> None:
    plan = load_sample(SAMPLE).plans[0]
    book = build(plan, estimate(plan), "en", "internal", SETTINGS)
    cell = book.formulas()[-1]
    name = "use_money_onprem_license_per_server_year"
    cell.formula = "=" + "+".join([name] * 7)
    assert cell.ref in too_long(book)
    book.shorten()
    assert name not in (cell.formula or "")
    assert cell.ref not in too_long(book)
    cell.formula = "=" + "+".join(["12"] * 200)
    book.shorten()
    assert cell.ref in too_long(book)
