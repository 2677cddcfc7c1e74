"""Published cost comparisons, put through the product's own formulas (no formula is written again here)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cost.case import Case
from mitsumori.model.cost.comparison import break_even_utilization
from mitsumori.model.cost.lines import owned_lines
from mitsumori.model.cost.rented_lines import cloud_lines
from mitsumori.model.cost.sensitivity import outcomes

LP2225 = "https://lenovopress.lenovo.com/lp2225-on-premise-vs-cloud-generative-ai-total-cost-of-ownership (2025-05-23)"
GRID = np.arange(85.0)


def lenovo(cloud_usd_h: float, reserved: bool = False, utilization: float = 1.0) -> Case:
    """LP2225 leaves out network, storage, installation and staff; 0.87 USD for each hour the server runs."""
    return Case(
        currency="USD",
        server_currency="USD",
        onprem_currency="USD",
        cloud_currency="USD",
        usd_jpy=100.0,
        months=84.0,
        utilization=utilization,
        server_price=833_806.0,
        network_share=0.0,
        storage_price=0.0,
        installation_share=0.0,
        cooling_per_rack=0.0,
        maintenance_rate=0.0,
        # 0.87 USD an hour as 1 kW at 87 JPY/kWh and 100 JPY/USD, drawn only while training
        busy_kw=1.0,
        energy_jpy_per_kwh=87.0,
        price_per_hour=cloud_usd_h,
        paid_when_idle=float(reserved),
    )


def break_even_month(case: Case) -> float:
    return float(outcomes(case, GRID, 0.0).break_even)


@pytest.mark.parametrize(
    ("cloud_usd_h", "reserved", "hours"),
    [
        (98.32, False, 8_556),  # LP2225, on demand
        (77.43, True, 10_891),  # LP2225, one year reserved
        (53.95, True, 15_708),  # LP2225 price of three years reserved; hours by its formula
        (55.04, False, 15_392),  # AWS price since 2025-06
    ],
)
def test_lenovo_break_even_hours(cloud_usd_h: float, reserved: bool, hours: float) -> None:
    assert break_even_month(lenovo(cloud_usd_h, reserved)) * 730.0 == pytest.approx(hours, rel=5e-4), LP2225


def test_lenovo_prints_months_of_720_hours() -> None:
    months = break_even_month(lenovo(98.32))
    assert months * 730.0 / 720.0 == pytest.approx(11.9, rel=0.005), LP2225
    assert months == pytest.approx(11.72, abs=0.005)
    assert break_even_month(lenovo(55.04)) == pytest.approx(21.1, abs=0.05)


@pytest.mark.parametrize(("hours_per_day", "years"), [(4, 5.9), (8, 2.9), (12, 1.96), (16, 1.47)])
def test_lenovo_daily_use(hours_per_day: float, years: float) -> None:
    """A 2026 GPU buy-versus-rent guide that quotes LP2225: break-even in years by hours of use a day (2 %)."""
    months = break_even_month(lenovo(98.32, utilization=hours_per_day / 24.0))
    assert months / 12.0 == pytest.approx(years, rel=0.02)


@pytest.mark.parametrize(("months", "usd"), [(12.0, 861_283.0), (60.0, 4_306_416.0)])
def test_lenovo_cloud_bill(months: float, usd: float) -> None:
    """LP2225: a year and five years of on-demand at 98.32 USD/h (0.1 %)."""
    totals = cloud_lines(lenovo(98.32)).totals(months)
    assert sum(totals.values()) == pytest.approx(usd, rel=0.001)


def test_lenovo_llama31_in_the_cloud() -> None:
    """LP2225: 39.3 million GPU hours at 98.32 USD for 8 GPUs and an hour are 482.997 million USD (0.2 %)."""
    accelerators = 39.3e6 / (12.0 * 730.0)
    totals = cloud_lines(replace(lenovo(98.32), accelerators=accelerators)).totals(12.0)
    assert sum(totals.values()) == pytest.approx(482_997_000, rel=0.002)


def test_clustermax_gold() -> None:
    """SemiAnalysis ClusterMAX calculator (https://www.clustermax.ai/tco, 2026), default scenario.

    4,096 GPUs at 1.84 USD an hour and 720 hours a month; storage 1,408 and goodput 111,349 USD a month; 36 months.
    """
    case = Case(
        currency="USD",
        cloud_currency="USD",
        accelerators=4096.0,
        instance_accelerators=1.0,
        utilization=720.0 / 730.0,
        overhead=111_349 / 5_426_381,
        price_per_hour=1.84,
        storage_gb=1.0,
        storage_per_gb_month=1_408.0,
    )
    compute = cloud_lines(replace(case, overhead=0.0)).monthly["compute"]
    assert compute == pytest.approx(5_426_381, rel=1e-4)
    lines = cloud_lines(case)
    assert sum(lines.monthly.values()) == pytest.approx(5_539_138, rel=1e-4)
    assert sum(lines.totals(36.0).values()) == pytest.approx(199_408_973, rel=1e-4)


def test_aws_price_cut() -> None:
    """AWS cut p5.48xlarge from 98.32 to 55.04 USD/h in 2025-06 (-44 %, 6.88 a GPU): the catalogue has the new."""
    instance = Catalogue.shipped().cloud_instance("aws-p5.48xlarge-us-east-1")
    price = instance.prices["on_demand_per_h"]
    assert price / (instance.accelerators or 0) == pytest.approx(6.88, rel=0.01)
    assert 1.0 - price / 98.32 == pytest.approx(0.44, rel=0.01)


ILLUSTRATION = Case(
    currency="USD",
    server_currency="USD",
    onprem_currency="USD",
    cloud_currency="USD",
    usd_jpy=150.0,
    months=84.0,
    utilization=1.0,
    server_price=300_000.0,
    network_share=0.0,
    storage_price=0.0,
    installation_share=0.25,  # "25 % other", without maintenance on it
    cooling_per_rack=0.0,
    maintenance_rate=0.05,
    busy_kw=7.75 * 1.15,
    pue=1.3,
    energy_jpy_per_kwh=25.9,
)
"""Illustration of the product's cost reference: 300,000 USD server, 7.75 kW average, 15 % other power, PUE 1.3."""


@pytest.mark.parametrize(
    ("cloud_usd_h", "hours", "months", "u_3y", "u_5y"),
    [
        (55.04, 7_306, 10.0, 0.30, 0.19),
        (39.33, 10_529, 14.4, 0.43, 0.28),
        (32.0, 13_257, 18.2, 0.53, 0.34),
        (20.0, 23_024, 31.5, 0.89, 0.57),
    ],
)
def test_illustration(cloud_usd_h: float, hours: float, months: float, u_3y: float, u_5y: float) -> None:
    case = replace(ILLUSTRATION, price_per_hour=cloud_usd_h)
    month = break_even_month(case)
    assert month * 730.0 == pytest.approx(hours, rel=0.001)
    assert month == pytest.approx(months, abs=0.05)
    assert break_even_utilization(replace(case, months=36.0)) == pytest.approx(u_3y, abs=0.005)
    assert break_even_utilization(replace(case, months=60.0)) == pytest.approx(u_5y, abs=0.005)


def test_illustration_by_the_hour() -> None:
    monthly = owned_lines(ILLUSTRATION).monthly
    assert monthly["electricity"] / 730.0 == pytest.approx(2.00, abs=0.005)
    assert monthly["maintenance"] / 730.0 == pytest.approx(1.71, abs=0.005)


def test_energy_share_is_of_the_published_order() -> None:
    """Epoch AI, How much does it cost to train frontier AI models? (2024): energy is 2-6 % of cost, 3-12 % of the
    part without staff (hardware 47-67 %). Our own share without staff has to be of that order."""
    totals = owned_lines(ILLUSTRATION).totals(60.0)
    share = totals["electricity"] / sum(totals.values())
    assert 0.02 <= share <= 0.2
