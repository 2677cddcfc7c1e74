"""What the money part promises: both sides, break-even, gaps, currencies, taxes and dates."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitsumori.model.cost.cashflow import monthly_rate
from mitsumori.model.cost.comparison import cost
from mitsumori.model.cost.prices import price_of_term, utilization_of
from tests.model.cost_figures import UNKNOWN_ONPREM, value
from tests.model.cost_plans import CATALOGUE, inputs, money

RATE = 0.05


def hand_table(months: int = 60) -> tuple[list[float], list[float]]:
    """Monthly payments of the plan in tests.model.cost_plans, worked out line by line without the product."""
    servers = 8 * 46_100_000.0  # 45 M * 0.9 / 0.88 = 46.02 M, rounded up to three digits
    network = 0.15 * servers
    hardware = servers + network + 40_000_000.0
    installation = 0.04 * hardware
    owned = [hardware + installation + 4 * 2_500_000.0 + 5_000_000.0]
    rented = [0.0]
    machines = [0.815 * 0.631**year for year in range(7)]  # 5 years, r = 0.369; works: 15 years, r = 0.142
    works = [0.929 * 0.858**year for year in range(7)]
    for month in range(1, months + 1):
        kwh = 730.0 * (0.7 * 71.0 + 0.3 * 24.0) * 1.3
        year = (month - 1) // 12
        tax = 0.014 * ((hardware + installation) * machines[year] + 15e6 * works[year]) / 12.0
        owned.append(kwh * 26.0 + 0.05 * hardware / 12.0 + 0.5 * 12_000_000.0 / 12.0 + tax)
        rented.append(8 * 730.0 * 0.7 * 68.8 * 150.0 + 200_000.0 * 0.025 * 150.0)
    return owned, rented


def test_agrees_with_a_hand_table() -> None:
    owned, rented = hand_table()
    result = cost(money({"discount_rate": RATE}), inputs())
    np.testing.assert_allclose(result.onprem.cumulative, np.cumsum(owned), rtol=1e-12)
    np.testing.assert_allclose(result.cloud.cumulative, np.cumsum(rented), rtol=1e-12)
    assert value(result, "onprem.total") == pytest.approx(sum(owned))
    assert value(result, "cloud.total") == pytest.approx(sum(rented))
    assert value(result, "onprem.initial") == pytest.approx(owned[0])
    assert value(result, "onprem.monthly") == pytest.approx(sum(owned[1:]) / 60)


def test_break_even_is_the_interpolated_crossing() -> None:
    owned, rented = hand_table()
    gap = np.cumsum(rented) - np.cumsum(owned)
    month = int(np.argmax(gap >= 0))
    expected = month - 1 + gap[month - 1] / (gap[month - 1] - gap[month])
    result = cost(money(), inputs())
    assert value(result, "break_even_month") == pytest.approx(expected)
    discount = (1 + monthly_rate(0.03)) ** -np.arange(61)
    gap = np.cumsum(np.array(rented) * discount) - np.cumsum(np.array(owned) * discount)
    month = int(np.argmax(gap >= 0))
    expected = month - 1 + gap[month - 1] / (gap[month - 1] - gap[month])
    assert value(result, "details.discounted_break_even_month") == pytest.approx(expected)
    assert value(result, "details.discounted_break_even_month") > value(result, "break_even_month")


def test_present_value_and_return_agree_with_numpy_financial() -> None:
    owned, rented = hand_table()
    result = cost(money({"discount_rate": RATE}), inputs())
    assert value(result, "onprem.details.npv") == pytest.approx(npf.npv(monthly_rate(RATE), owned))
    assert value(result, "cloud.details.npv") == pytest.approx(npf.npv(monthly_rate(RATE), rented))
    monthly = npf.irr(np.array(rented) - np.array(owned))
    assert value(result, "details.internal_rate_of_return") == pytest.approx((1 + monthly) ** 12 - 1, rel=1e-8)


def test_present_value_at_no_interest_is_the_sum() -> None:
    result = cost(money({"discount_rate": 0.0, "onprem.residual_share": 0.2}), inputs())
    for side in (result.cloud, result.onprem):
        assert side.details["npv"].value == pytest.approx(side.total.value)
    assert value(result, "details.npv_saving") == pytest.approx(value(result, "details.saving"))


@settings(max_examples=25, deadline=None)
@given(st.floats(1e5, 1e9), st.floats(0.1, 20.0))
def test_cost_is_linear_in_price(price: float, factor: float) -> None:
    def total(server: float, hourly: float) -> tuple[float, float]:
        result = cost(
            money(
                {
                    "onprem.server_price": server,
                    "cloud.price_per_hour": hourly,
                    "onprem.discount": 0.0,
                    "onprem.margin": 0.0,
                }
            ),
            inputs(),
        )
        return value(result, "onprem.total"), value(result, "cloud.total")

    owned_0, rented_0 = total(0.0, 0.0)
    owned_1, rented_1 = total(price, 50.0)
    owned_k, rented_k = total(price * factor, 50.0 * factor)
    assert owned_k - owned_0 == pytest.approx(factor * (owned_1 - owned_0), rel=1e-9)
    assert rented_k - rented_0 == pytest.approx(factor * (rented_1 - rented_0), rel=1e-9)


def test_total_is_the_sum_of_the_lines_and_of_the_months() -> None:
    result = cost(money({"onprem.residual_share": 0.1, "cloud.setup": 3000.0, "cloud.support_rate": 0.1}), inputs())
    for side in (result.cloud, result.onprem):
        lines = sum(line.value or 0.0 for line in side.lines.values())
        assert side.total.value == pytest.approx(lines)
        assert side.cumulative[-1] == pytest.approx(lines)
        assert side.cumulative.size == 61


def test_energy_is_additive_over_machines() -> None:
    def energy(**changes: Any) -> float:
        return value(cost(money(), inputs(**changes)), "onprem.lines.electricity")

    whole = energy(it_busy_kw=100.0, it_idle_kw=30.0)
    parts = energy(it_busy_kw=60.0, it_idle_kw=10.0) + energy(it_busy_kw=40.0, it_idle_kw=20.0)
    assert whole == pytest.approx(parts)


def test_power_factor_clause_takes_fifteen_percent_off_at_unity() -> None:
    def demand(power_factor: float) -> float:
        changes = {"demand_charge_jpy_per_kw_month": 3030.0, "electricity_jpy_per_kwh": 0.0}
        return value(cost(money(changes), inputs(site_power_factor=power_factor)), "onprem.lines.electricity")

    assert demand(1.0) == pytest.approx(0.85 * 110 * 3030 * 60)
    assert demand(0.85) == pytest.approx(110 * 3030 * 60)


@pytest.mark.parametrize("contract_kw", [1999.0, 2000.0])
@pytest.mark.parametrize(("voltage", "price"), [("high", 26.0), ("special_high", 21.0), ("low", 31.0)])
def test_electricity_default_is_that_of_the_supply_class(contract_kw: float, voltage: str, price: float) -> None:
    """At the border of 2 MW too: the class is the contract's, so that a larger hall never pays less."""
    given = inputs(contract_kw=contract_kw, voltage_class=voltage)
    used = cost(money(), given).used["money.electricity_jpy_per_kwh"]
    assert used.value == price
    assert used.provenance is not None
    assert (used.provenance.kind, used.provenance.date) == ("default", "2026-05")


@pytest.mark.parametrize(("servers", "share"), [(16, 0.15), (17, (0.15 * 16 + 0.19) / 17)])
def test_network_share_by_size(servers: int, share: float) -> None:
    result = cost(money(), inputs(servers=servers, accelerators=8 * servers))
    assert value(result, "onprem.lines.network") == pytest.approx(share * value(result, "onprem.lines.servers"))


def test_entered_network_price_replaces_the_share() -> None:
    assert value(cost(money({"onprem.network_price": 7e6}), inputs()), "onprem.lines.network") == 7e6


def test_margin_is_on_the_sale() -> None:
    """A gross margin of 12 % on the sale: price = cost / (1 - 0.12), not cost * 1.12."""
    result = cost(money({"onprem.discount": 0.0}), inputs())
    assert value(result, "onprem.lines.servers") == pytest.approx(8 * 51.2e6)  # 45 M / 0.88 = 51.14 M


# what is not known


@pytest.mark.parametrize("path", UNKNOWN_ONPREM)
def test_unknown_price_leaves_the_side_without_a_total(path: str) -> None:
    full = cost(money(), inputs())
    result = cost(money({path: None}), inputs())
    assert result.onprem.total.value is None
    assert result.onprem.total.reason == "cost_total_unknown"
    assert result.break_even_month.value is None
    assert result.onprem.cumulative.size == 0
    assert f"money.{path}" in result.missing
    line = result.onprem.lines[UNKNOWN_ONPREM[path]]
    assert line.value is None
    known = result.onprem.details["known_part"].value or 0.0
    assert 0.0 < known < value(full, "onprem.total")
    asked = [finding for finding in result.findings if finding.field == f"money.{path}"]
    assert [finding.severity for finding in asked] == ["ask"]
    assert value(result, "cloud.total") == pytest.approx(value(full, "cloud.total"))


def test_known_part_adds_the_known_lines_only() -> None:
    result = cost(money({"onprem.storage_price": None}), inputs())
    lines = sum(line.value for line in result.onprem.lines.values() if line.value is not None)
    assert result.onprem.details["known_part"].value == pytest.approx(lines)


@pytest.mark.parametrize(("site", "path"), [("own_hall", "power_works"), ("colocation", "colocation_setup")])
def test_unpriced_works_are_left_out_aloud(site: str, path: str) -> None:
    changes = {"onprem.site": site, "onprem.power_works": None, "onprem.rent_per_rack_month": 3e5}
    result = cost(money(changes), inputs())
    assert result.missing == (f"money.onprem.{path}",)
    assert result.onprem.total.known
    line = result.onprem.lines["power_works" if path == "power_works" else "setup"]
    assert line.value is None
    assert line.reason == f"cost_open_{path}"
    assert result.onprem.total.value == pytest.approx(sum(item.value or 0.0 for item in result.onprem.lines.values()))
    assert [f.code for f in result.findings if f.field == f"money.onprem.{path}"] == [f"cost_open_{path}"]
    assert cost(money({**changes, f"onprem.{path}": 0.0}), inputs()).missing == ()
    (finding,) = (f for f in result.findings if f.field == f"money.onprem.{path}")
    assert finding.remedies[0].set == {f"money.onprem.{path}": 0.0}
    if path == "power_works":
        # Cushman & Wakefield 2025: 10-12 million USD per MW of IT, middle taken; 94 kW at 150 JPY/USD
        assert finding.remedies[1].set == {"money.onprem.power_works": pytest.approx(11e6 * 0.094 * 150)}


def test_enough_free_power_needs_no_works() -> None:
    bare = {"onprem.power_works": None}
    assert cost(money(bare), inputs(hall_kva_free=150.0, it_kva=100.0)).missing == ()
    assert cost(money(bare), inputs(hall_kva_free=90.0, it_kva=100.0)).missing == ("money.onprem.power_works",)


def test_us_price_never_stands_in_for_japan() -> None:
    instance = CATALOGUE.cloud_instance("azure-nd96isr-h100-v5-japaneast")
    result = cost(money({"cloud.instance": instance.key}), inputs(cloud_instance=instance))
    assert result.cloud.total.value is None
    assert result.missing == ("money.cloud.price_per_hour",)
    assert [f.code for f in result.findings if f.severity == "ask"] == ["cost_ask_price_per_hour"]
    entered = money({"cloud.instance": instance.key, "cloud.price_per_hour": 98.32})
    assert cost(entered, inputs(cloud_instance=instance)).cloud.total.known


def test_no_exchange_rate_means_no_total_in_the_other_currency() -> None:
    result = cost(money({"usd_jpy": None}), inputs())
    assert result.cloud.total.value is None
    assert result.onprem.total.known
    assert "money.usd_jpy" in result.missing
    assert "cost_ask_usd_jpy" in [finding.code for finding in result.findings]
    yen = {"usd_jpy": None, "cloud.currency": "JPY", "cloud.price_per_hour": 8000.0, "cloud.storage_gb": 0.0}
    assert cost(money(yen), inputs()).missing == ()


def test_dollars_and_yen_say_the_same() -> None:
    yen, dollars = cost(money(), inputs()), cost(money({"currency": "USD"}), inputs())
    assert dollars.currency == "USD"
    for side in ("cloud", "onprem"):
        assert value(dollars, f"{side}.total") * 150.0 == pytest.approx(value(yen, f"{side}.total"))
    assert value(dollars, "break_even_month") == pytest.approx(value(yen, "break_even_month"))
    assert dollars.used["money.usd_jpy"].value == 150.0


def test_plan_without_placement_or_training_has_no_totals_instead_of_zeros() -> None:
    result = cost(
        money(),
        inputs(racks=0, it_busy_kw=math.nan, it_idle_kw=math.nan, contract_kw=math.nan, pue=math.nan, goodput=0.0,
               tokens_per_s=None, training_days=None),
    )  # fmt: skip
    assert result.onprem.total.value is None
    assert result.onprem.lines["cooling"].value is None
    assert result.onprem.lines["electricity"].value is None
    assert "facility.server_max_kw" in result.missing
    assert result.cloud.details["per_million_tokens"].reason == "cost_no_training"


# terms, sites and ways of owning


def test_reserved_is_paid_idle_or_not() -> None:
    def cloud(term: str, utilization: float) -> float:
        changes = {"cloud.term": term, "cloud.price_per_hour": 50.0, "utilization": utilization}
        return value(cost(money(changes), inputs()), "cloud.lines.compute")

    assert cloud("reserved_1y", 0.2) == pytest.approx(cloud("reserved_1y", 0.9))
    assert cloud("on_demand", 0.2) == pytest.approx(cloud("on_demand", 0.9) * 2 / 9)
    result = cost(money({"cloud.term": "reserved_3y", "cloud.price_per_hour": 50.0}), inputs())
    assert result.break_even_utilization.value is None
    assert result.break_even_utilization.reason == "cost_reserved_has_no_utilization"


def test_break_even_utilization_makes_both_totals_equal() -> None:
    share = value(cost(money(), inputs()), "break_even_utilization")
    result = cost(money({"utilization": share}), inputs())
    assert value(result, "cloud.total") == pytest.approx(value(result, "onprem.total"))


def test_break_even_utilization_says_when_there_is_none() -> None:
    never = cost(money({"cloud.price_per_hour": 0.5}), inputs())
    assert never.break_even_utilization.reason == "cost_no_utilization_pays"
    assert never.break_even_month.reason == "cost_not_within_horizon"
    unknown = cost(money({"onprem.server_price": None}), inputs())
    assert unknown.break_even_utilization.reason == "cost_total_unknown"


def test_unknown_reserved_price_is_asked_with_a_published_ratio_to_adopt() -> None:
    plan = money({"cloud.term": "reserved_1y"})
    result = cost(plan, inputs())
    assert result.missing == ("money.cloud.reserved_1y_per_hour",)
    (finding,) = (f for f in result.findings if f.severity == "ask")
    (remedy,) = finding.remedies
    assert remedy.set == {"money.cloud.reserved_1y_per_hour": pytest.approx(68.8 * 77.43 / 98.32, abs=0.01)}
    adopted = money({"cloud.term": "reserved_1y"} | {path[6:]: v for path, v in remedy.set.items()})
    assert cost(adopted, inputs()).missing == ()


def test_spot_needs_an_interruption_rate() -> None:
    assert cost(money({"cloud.term": "spot"}), inputs()).missing == ("money.cloud.spot_interruptions_per_month",)
    quiet = {"cloud.term": "spot", "cloud.spot_interruptions_per_month": 0.0}
    noisy = {**quiet, "cloud.spot_interruptions_per_month": 20.0}
    calm, rough = (value(cost(money(change), inputs()), "cloud.lines.compute") for change in (quiet, noisy))
    assert calm == pytest.approx(8 * 730 * 60 * 0.7 * 23.1449 * 150.0)
    # Young: sqrt(2 * 60 s * rate) + rate * 600 s with a rate of 20 in 730 hours
    rate = 20 / (730 * 3600)
    assert rough / calm == pytest.approx(1 + math.sqrt(2 * 60 * rate) + 600 * rate)


def test_monthly_price_in_yen_with_tax_is_taken_without_tax() -> None:
    """Sakura Koukaryoku VRT: 990 JPY an hour, tax included (price API, 2026-06-13)."""
    key = next(key for key in CATALOGUE.cloud_instances() if "koukaryoku-vrt-24core" in key)
    instance = CATALOGUE.cloud_instance(key)
    plan = money()
    assert price_of_term(plan.cloud, instance, "on_demand", 0.1).value == pytest.approx(900.0)
    assert price_of_term(plan.cloud, instance, "reserved_3y", 0.1).value == pytest.approx(385_000 / 1.1 / 730)


def test_slower_cloud_costs_more_for_the_same_work() -> None:
    base = value(cost(money(), inputs()), "cloud.lines.compute")
    slower = value(cost(money({"cloud.throughput_factor": 0.8}), inputs()), "cloud.lines.compute")
    predicted = value(cost(money(), inputs(cloud_speed=0.8)), "cloud.lines.compute")
    assert slower == pytest.approx(base / 0.8)
    assert predicted == pytest.approx(slower)


def test_unit_costs_are_on_useful_work() -> None:
    result = cost(money(), inputs())
    hours = 60 * 730 * 0.7
    total = value(result, "onprem.total")
    tokens = 60_000 * 0.95 * hours * 3600
    assert value(result, "onprem.details.per_million_tokens") == pytest.approx(total / tokens * 1e6)
    assert value(result, "onprem.details.per_useful_gpu_hour") == pytest.approx(total / (64 * hours * 0.95))
    assert value(result, "onprem.details.per_training") == pytest.approx(total / (hours / 24 / 22))


def test_trainings_a_year_give_the_utilization() -> None:
    assert utilization_of(money(), 22.0, 10.0) == (pytest.approx(220 / 365), pytest.approx(220 / 365))
    assert utilization_of(money(), 22.0, None) == (0.7, None)
    result = cost(money(), inputs(runs_per_year=20.0))
    assert value(result, "details.utilization") == 1.0
    (finding,) = (f for f in result.findings if f.code == "cost_too_many_runs")
    assert finding.remedies[0].set == {"workload.runs_per_year": 16.0}


def test_colocation_pays_rent_for_racks_and_kva() -> None:
    changes = {
        "onprem.site": "colocation",
        "onprem.rent_per_rack_month": 200_000.0,
        "onprem.rent_per_kva_month": 10_000.0,
        "onprem.colocation_setup": 1e6,
        "onprem.power_works": None,
        "onprem.cooling_retrofit_per_rack": None,
    }
    result = cost(money(changes), inputs())
    assert result.missing == ()
    assert value(result, "onprem.lines.rent") == pytest.approx((5 * 200_000 + 150 * 10_000) * 60)
    assert value(result, "onprem.lines.electricity") > 0
    included = cost(money({**changes, "onprem.power_included_in_rent": True}), inputs())
    assert value(included, "onprem.lines.electricity") == 0.0
    nothing = money({**changes, "onprem.rent_per_rack_month": None, "onprem.rent_per_kva_month": None})
    assert cost(nothing, inputs()).missing == ("money.onprem.rent_per_rack_month",)


def test_lease_is_a_third_way() -> None:
    """1.9 % a month of the machines' price; the lessor pays the fixed asset tax."""
    result = cost(money({"onprem.lease_rate_per_month": 0.019}), inputs())
    lease = result.alternatives["lease"]
    price = sum(value(result, f"onprem.lines.{key}") for key in ("servers", "network", "storage", "spares"))
    assert lease.lines["lease"].value == pytest.approx(0.019 * price * 60)
    assert lease.lines["servers"].value == 0.0
    # Cooling of 10 M and electrical works of 5 M stay the tenant's: 15 years, r = 0.142.
    works = 15e6 * 0.014 * (0.929 * (1 - 0.858**5) / 0.142)
    assert lease.lines["property_tax"].value == pytest.approx(works)
    assert lease.initial.value == pytest.approx(value(result, "onprem.initial") - price)
    longer = cost(money({"onprem.lease_rate_per_month": 0.019, "horizon_months": 48}), inputs())
    assert longer.alternatives["lease"].lines["lease"].value == pytest.approx(0.019 * price * 60)
    assert "cost_lease_longer" in [finding.code for finding in longer.findings]


def test_other_terms_stand_beside() -> None:
    result = cost(money({"cloud.reserved_3y_per_hour": 30.0}), inputs())
    assert set(result.alternatives) == {"cloud_reserved_1y", "cloud_reserved_3y", "cloud_spot"}
    three = result.alternatives["cloud_reserved_3y"]
    assert three.lines["compute"].value == pytest.approx(8 * 730 * 60 * 30.0 * 150.0)
    even = three.details["break_even_month"].value
    assert even is not None
    assert even > value(result, "break_even_month")
    assert result.alternatives["cloud_reserved_1y"].total.value is None
    assert result.missing == ()
