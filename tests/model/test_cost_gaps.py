"""Whatever a plan leaves open: unknown totals are always asked for, known ones always whole."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitsumori.model.cost.comparison import cost
from mitsumori.model.cost.sensitivity import sensitivity
from tests.model.cost_plans import CATALOGUE, inputs, money

INSTANCES = (
    None,
    "aws-p5.48xlarge-ap-northeast-1-tokyo",
    "azure-nd96isr-h100-v5-japaneast",
    "gcp-a2-highgpu-8g-asia-northeast1-tokyo",
    *(key for key in CATALOGUE.cloud_instances() if "sakura" in key),
)
SERVERS = ("HPE-XD670", "DGX-H100", "DGX-A100", "DGX-GB200-NVL72")


def maybe(low: float, high: float) -> st.SearchStrategy[float | None]:
    return st.none() | st.just(0.0) | st.floats(low, high)


FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "currency": st.sampled_from(["JPY", "USD"]),
    "usd_jpy": st.none() | st.floats(80, 200),
    "horizon_months": st.integers(12, 84),
    "utilization": st.floats(0.01, 1.0),
    "electricity_jpy_per_kwh": maybe(5, 50),
    "demand_charge_jpy_per_kw_month": st.floats(0, 4000),
    "discount_rate": st.floats(0, 0.5),
    "tax_credit": st.booleans(),
    "fiscal_year_start_month": st.integers(1, 12),
    "cloud.term": st.sampled_from(["on_demand", "reserved_1y", "reserved_3y", "spot"]),
    "cloud.currency": st.sampled_from(["JPY", "USD"]),
    "cloud.price_per_hour": maybe(1, 1e5),
    "cloud.reserved_1y_per_hour": maybe(1, 1e5),
    "cloud.spot_interruptions_per_month": maybe(0.1, 500),
    "cloud.storage_gb": maybe(1, 1e6),
    "cloud.storage_per_gb_month": maybe(0.001, 10),
    "cloud.egress_gb_per_month": st.floats(0, 1e5),
    "cloud.egress_per_gb": maybe(0.001, 10),
    "cloud.support_rate": st.floats(0, 0.2),
    "cloud.setup": st.floats(0, 1e6),
    "cloud.throughput_factor": st.floats(0.2, 2.0),
    "onprem.site": st.sampled_from(["own_hall", "colocation"]),
    "onprem.currency": st.sampled_from(["JPY", "USD"]),
    "onprem.server_price": maybe(1e5, 1e8),
    "onprem.network_price": maybe(1e5, 1e9),
    "onprem.storage_price": maybe(1e5, 1e9),
    "onprem.cooling_retrofit_per_rack": maybe(1e3, 1e7),
    "onprem.power_works": maybe(1e3, 1e8),
    "onprem.staff_fte": st.floats(0, 10),
    "onprem.staff_cost_per_year": maybe(1e4, 2e7),
    "onprem.rent_per_rack_month": maybe(1e3, 1e6),
    "onprem.rent_per_kva_month": maybe(1e2, 1e5),
    "onprem.colocation_setup": maybe(1e3, 1e7),
    "onprem.power_included_in_rent": st.booleans(),
    "onprem.residual_share": st.floats(0, 1),
    "onprem.depreciation": st.sampled_from(["straight_line", "declining"]),
    "onprem.depreciation_years": st.integers(1, 20),
    "onprem.lease_rate_per_month": maybe(0.001, 0.1),
    "onprem.lease_months": st.integers(6, 120),
}
OPEN = {"money.onprem.power_works", "money.onprem.colocation_setup"}


@settings(max_examples=120, deadline=None)
@given(
    st.fixed_dictionaries({}, optional=FIELDS), st.sampled_from(INSTANCES), st.sampled_from(SERVERS),
    st.none() | st.floats(0.5, 100.0),
)  # fmt: skip
def test_unknown_is_asked_for_and_known_is_whole(
    changes: dict[str, Any], instance: str | None, server: str, runs: float | None
) -> None:
    plan = money({**changes, "cloud.instance": instance})
    record = CATALOGUE.server(server)
    result = cost(
        plan,
        inputs(
            server=record, accelerators=8 * record.accelerators, runs_per_year=runs,
            cloud_instance=CATALOGUE.cloud_instance(instance) if instance else None,
        ),
    )  # fmt: skip
    blocking = set(result.missing) - OPEN
    for name, side in (("cloud", result.cloud), ("onprem", result.onprem)):
        own = {path for path in blocking if path.startswith(f"money.{name}.")}
        if own:
            assert side.total.value is None, own
        if side.total.value is None:
            assert own or "money.usd_jpy" in blocking
            assert side.total.reason
        else:
            total = side.total.value
            lines = sum(line.value for line in side.lines.values() if line.value is not None)
            assert total == pytest.approx(lines, abs=1e-6 * abs(total) + 1e-6)
            end = total if plan.tax_credit else (side.details["total_with_tax"].value or 0.0)
            assert side.cumulative[-1] == pytest.approx(end, rel=1e-9, abs=1.0)
    asked = {finding.field for finding in result.findings if finding.severity == "ask"}
    assert set(result.missing) <= asked
    known = result.cloud.total.known and result.onprem.total.known
    assert (result.details["saving"].value is not None) == known
    month = result.break_even_month.value
    if month is not None:
        assert 0.0 <= month <= plan.horizon_months
        low, high = math.floor(month), math.ceil(month)
        gap = result.cloud.cumulative - result.onprem.cumulative
        assert gap[high] >= -1e-6 * abs(result.cloud.cumulative[high]) - 1e-6
        assert low == 0 or low == high or gap[low] <= 1e-6 * abs(result.cloud.cumulative[low]) + 1e-6


@settings(max_examples=25, deadline=None)
@given(st.fixed_dictionaries({}, optional=FIELDS))
def test_sensitivity_of_any_plan_is_finite_or_absent(changes: dict[str, Any]) -> None:
    plan = money(changes)
    result = cost(plan, inputs())
    study = sensitivity(plan, inputs(), draws=500)
    known = result.cloud.total.known and result.onprem.total.known
    assert (study is not None) == known
    if study is not None:
        assert study.tornado.saving == pytest.approx(result.details["saving"].value, rel=1e-9, abs=1e-3)
        assert study.two_way.saving[study.two_way.row, study.two_way.column] == pytest.approx(
            study.tornado.saving, rel=1e-9, abs=1e-3
        )
        assert 0.0 <= study.monte_carlo.owning_wins <= 1.0
