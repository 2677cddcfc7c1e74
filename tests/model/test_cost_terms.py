"""Taxes, fiscal years and lead time; every finding and reason about cost has both languages."""

from __future__ import annotations

import datetime as dt
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mitsumori.model.cost.findings
from mitsumori.model.base.messages import keys, text
from mitsumori.model.cost.comparison import cost
from tests.model.cost_figures import UNKNOWN_ONPREM, value
from tests.model.cost_plans import CATALOGUE, inputs, money

# tax and years


def test_consumption_tax_is_shown_beside_and_cut_once() -> None:
    result = cost(money(), inputs())
    for side in (result.cloud, result.onprem):
        untaxed = sum(
            side.lines[key].value or 0.0
            for key in ("staff", "property_tax", "insurance", "residual")
            if key in side.lines
        )
        tax = side.details["consumption_tax"].value
        assert tax == math.floor(((side.total.value or 0.0) - untaxed) * 0.1 + 1e-5)
        assert tax == round(tax)
        assert side.details["total_with_tax"].value == pytest.approx((side.total.value or 0.0) + tax)


def test_tax_that_cannot_be_credited_counts_in_the_comparison() -> None:
    credited, not_credited = cost(money(), inputs()), cost(money({"tax_credit": False}), inputs())
    assert not_credited.cloud.total == credited.cloud.total
    assert not_credited.cloud.cumulative[-1] == pytest.approx(1.1 * credited.cloud.cumulative[-1])
    owned = not_credited.onprem.cumulative[-1]
    assert owned == pytest.approx(not_credited.onprem.details["total_with_tax"].value, abs=1.0)
    assert not_credited.break_even_month.value != credited.break_even_month.value


@pytest.mark.parametrize("method", ["straight_line", "declining"])
@pytest.mark.parametrize("start", [None, dt.date(2027, 1, 10)])
def test_fiscal_years_spend_in_cash_what_they_expense(method: str, start: dt.date | None) -> None:
    changes = {"onprem.depreciation": method, "onprem.residual_share": 0.1, "cloud.setup": 1000.0}
    result = cost(money(changes), inputs(start_date=start))
    cash = sum(year.onprem_cash or 0.0 for year in result.years)
    assert cash == pytest.approx(value(result, "onprem.total"))
    assert sum(year.onprem_expense or 0.0 for year in result.years) == pytest.approx(cash)
    assert sum(year.cloud_cash or 0.0 for year in result.years) == pytest.approx(value(result, "cloud.total"))
    months = [year.months for year in result.years]
    assert months == ([12] * 5 if start is None else [3, 12, 12, 12, 12, 9])
    assert [year.year for year in result.years][:2] == ([1, 2] if start is None else [2026, 2027])


def test_first_years_of_declining_depreciation() -> None:
    """40.0, 24.0, 14.4, 10.8 and 10.8 % of the machines; works of the building 1/15 a year (rate 0.067)."""
    result = cost(money({"onprem.depreciation": "declining"}), inputs())
    machines = sum(value(result, f"onprem.lines.{key}") for key in ("servers", "network", "storage", "installation"))
    works = value(result, "onprem.lines.cooling") + value(result, "onprem.lines.power_works")
    taken = [year.depreciation for year in result.years]
    expected = [machines * share + works * 0.067 for share in (0.400, 0.240, 0.144, 0.108, 0.108)]
    np.testing.assert_allclose(taken, expected, rtol=1e-12)


# dates and words


def test_lead_time_is_the_longer_of_delivery_and_works() -> None:
    changes = {"onprem.delivery_months": 6.0, "onprem.works_months": 4.0}
    result = cost(money(changes), inputs(start_date=dt.date(2026, 12, 1)))
    assert value(result, "details.lead_months") == 6.0
    assert value(result, "details.onprem_ready_days") == pytest.approx(6 * 365 / 12 + 22)


def test_every_finding_and_reason_has_both_languages() -> None:
    found: dict[str, Any] = {}
    weak = next(k for k, i in CATALOGUE.cloud_instances().items() if "phy-8xh100" in k)
    vrt = next(k for k in CATALOGUE.cloud_instances() if "koukaryoku-vrt-24core" in k)
    late = {"start_date": dt.date(2026, 12, 1)}
    empty = dict.fromkeys((*UNKNOWN_ONPREM, "usd_jpy", "onprem.power_works"))
    azure = "azure-nd96isr-h100-v5-japaneast"
    cases: list[tuple[dict[str, Any], dict[str, Any]]] = [
        (empty, late),
        ({"onprem.cooling_retrofit_per_rack": None}, {}),
        ({"cloud.instance": azure}, {"cloud_instance": CATALOGUE.cloud_instance(azure)}),
        ({"cloud.instance": None}, {"cloud_instance": None}),
        ({"onprem.site": "colocation"}, {"storage_bytes": None}),
        ({"onprem.power_works": None}, {}),
        (
            {"cloud.instance": weak, "cloud.term": "reserved_3y", "horizon_months": 50},
            {"cloud_instance": CATALOGUE.cloud_instance(weak)},
        ),
        (
            {"cloud.instance": vrt, "cloud.egress_gb_per_month": 5.0},
            {"cloud_instance": CATALOGUE.cloud_instance(vrt)},
        ),
        (
            {"onprem.delivery_months": 5.0, "onprem.lease_rate_per_month": 0.02, "onprem.lease_months": 72},
            {**late, "runs_per_year": 99.0},
        ),
        ({"onprem.works_months": 4.0, "onprem.interim_cloud": True}, {}),
        ({"onprem.works_months": 30.0, "horizon_months": 24}, {}),
        (
            {
                "onprem.works_months": 4.0,
                "onprem.interim_cloud": True,
                "cloud.term": "reserved_1y",
                "cloud.instance": None,
                "cloud.reserved_1y_per_hour": 30.0,
            },
            {"cloud_instance": None},
        ),
        ({"onprem.lease_rate_per_month": 0.02, "onprem.lease_months": 24}, {"server": CATALOGUE.server("DGX-A100")}),
        ({"onprem.server_price": None}, {"server": CATALOGUE.server("DGX-B300")}),
        ({"prices.server:DGX-A100": {"price": 1.0}, "onprem.server_price": None}, {}),
        ({"onprem.server_price": 300_000.0}, {}),
        ({"cloud.price_per_hour": 9_000.0}, {}),
        ({}, {"training_days": 2000.0}),
        ({"onprem.subsidy": 1e12}, {}),
        ({"prices.cloud:elsewhere/spot": {"price": 1.0}}, {"cloud_instance": CATALOGUE.cloud_instance(vrt)}),
        *(({"cloud.term": term}, {}) for term in ("reserved_1y", "reserved_3y", "spot")),
        *(({"cloud.term": term, "cloud.price_per_hour": 40.0}, {}) for term in ("reserved_1y", "reserved_3y", "spot")),
    ]
    for changes, given_inputs in cases:
        for finding in cost(money(changes), inputs(**given_inputs)).findings:
            found[finding.code] = finding
            for remedy in finding.remedies:
                found[remedy.code] = remedy
                money({path.removeprefix("money."): v for path, v in remedy.set.items() if path.startswith("money.")})
    for item in found.values():
        for language in ("en", "ja"):
            words = item.message(language) if hasattr(item, "message") else item.label(language)
            assert len(words) > 5
            assert "{" not in words
    source = Path(mitsumori.model.cost.findings.__file__).parent
    code_text = "".join(
        (source / f"{name}.py").read_text() for name in ("accounting", "comparison", "figures", "payments", "prices")
    )
    reasons = set(re.findall(r'"(cost_[a-z_]+)"', code_text))
    for code in reasons:
        assert text("findings", code, "ja") != text("findings", code, "en")
    written = {key for key in keys("findings") if key.startswith("cost_")}
    unused = written - set(found) - reasons
    elsewhere = {"cost_ask_software", "cost_ask_more", "cost_ask_server_rented"}
    assert unused <= {"cost_ask_spot_per_hour", "cost_ask_storage_per_gb_month"} | elsewhere
