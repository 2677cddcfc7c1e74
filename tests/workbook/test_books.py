"""The sheet of accounts: recalculated for declining depreciation, a start within the year, a subsidy and a lease."""

from __future__ import annotations

from pathlib import Path

import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.training_table import training_table
from mitsumori.model.workbook import build, to_bytes
from tests.workbook import parity
from tests.workbook.office import Office

PLAN = load_sample("llama3-70b-continual").plan
BASES = {
    "declining, July, lease": {
        "money.onprem.depreciation": "declining", "workload.start_date": "2027-07-01", "money.corporate_tax_rate": 0.3062,
        "money.onprem.lease_rate_per_month": 0.019, "money.onprem.subsidy": 5e7,
        "money.onprem.special_depreciation_share": 0.3,
    },
    "dollars, no credit, short lease": {
        "money.currency": "USD", "money.tax_credit": False, "money.corporate_tax_rate": 0.25, "money.onprem.subsidy": 1e7,
        "money.onprem.lease_rate_per_month": 0.09, "money.onprem.lease_months": 12, "money.horizon_months": 30,
    },
    "after a lead time over a year, advance, lease": {
        "money.onprem.works_months": 14.0, "money.onprem.advance_share": 0.3, "money.onprem.before_use_months": 2,
        "money.onprem.depreciation": "declining", "workload.start_date": "2026-11-20", "money.corporate_tax_rate": 0.3062,
        "money.onprem.lease_rate_per_month": 0.019, "money.onprem.subsidy": 5e7, "money.onprem.payment_months": 2,
        "money.onprem.special_depreciation_share": 0.3, "money.onprem.interim_cloud": True,
    },
    "machines replaced, three years upfront, all in advance": {
        "money.onprem.refresh_share": 0.4, "money.onprem.refresh_month": 25, "money.onprem.depreciation": "declining",
        "workload.start_date": "2027-07-01", "money.corporate_tax_rate": 0.3062, "money.onprem.advance_share": 1.0,
        "money.cloud.term": "reserved_3y", "money.cloud.reserved_3y_per_hour": 40.0, "money.cloud.upfront_share": 0.7,
        "money.onprem.special_depreciation_share": 0.3, "money.onprem.works_months": 5.0, "money.onprem.payment_months": 5,
        "money.fiscal_year_start_month": 1,
    },
    "a year, paid after a fiscal year, a lease beyond the horizon": {
        "money.horizon_months": 12, "money.onprem.payment_months": 9, "workload.start_date": "2027-01-15",
        "money.corporate_tax_rate": 0.3062, "money.onprem.lease_rate_per_month": 0.02, "money.tax_credit": False,
    },
    "nothing known": {"money.onprem.staff_cost_per_year": None, "money.onprem.lease_rate_per_month": 0.019},
}  # fmt: skip
CHANGES = (
    {},
    {
        "money.horizon_months": 84,
        "money.capital_rate": 0.09,
        "money.corporate_tax_rate": 0.35,
        "money.onprem.refresh_share": 0.6,
        "money.onprem.refresh_month": 30,
    },
    {"money.horizon_months": 17, "money.onprem.special_depreciation_share": 1.0, "money.discount_rate": 0.0},
    {"money.corporate_tax_rate": None, "money.onprem.subsidy": 9e9},
    {"money.cloud.price_per_hour": 4.0},
)


@pytest.mark.libreoffice
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", BASES)
def test_recalculation_agrees(office: Office, tmp_path: Path, name: str) -> None:
    base = PLAN.with_values(BASES[name])
    held, table = estimate(base), training_table(base)
    file = build(base, held, "ja", "internal", parity.SETTINGS, table=table)
    opened = office.open(parity.write(tmp_path / "books.xlsx", parity.poison(to_bytes(file))))
    for changes in CHANGES:
        plan = base.with_values(changes)
        for path in {path for each in CHANGES for path in each}:
            value = plan.value(path)
            opened.set("in_" + path.replace(".", "_"), None if value is None else float(value))
        opened.recalculate()
        want = parity.expected(plan, base, held, "ja", "internal", table)
        parity.set_scale(want)
        assert parity.differences(want, opened.data()) == [], changes
    opened.close()
