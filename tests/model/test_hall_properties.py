"""What must hold of a hall whatever is combined: server, count, cooling option, supply, network, what stands beside."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mitsumori.model.base.figure import Figure
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.facility.feeds import feeds_of_rack
from mitsumori.model.facility.hall import facility
from mitsumori.model.facility.results import FacilityResult
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve

SHIPPED = Catalogue.shipped()
PLAN = Plan().with_values({"model.preset": "llama2-7b"})
SERVERS = sorted(SHIPPED.servers())
SWITCHES = sorted(key for key, record in SHIPPED.networks().items() if "-switch" in record.kind and record.ports)

COUNTS = st.one_of(st.integers(1, 140), st.integers(1, 12_500))
RATIOS = st.sampled_from([1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 8.0, 16.0])
REST = st.fixed_dictionaries(
    {"facility.cooling": st.sampled_from(sorted(SHIPPED.cooling_methods()))},
    optional={
        "facility.rack_kva": st.floats(4, 300),
        "facility.rack_kva_is_breaker": st.booleans(),
        "facility.redundancy": st.sampled_from(["n", "n1", "2n"]),
        "facility.water_supply_c": st.integers(5, 50),
        "facility.inlet_c": st.integers(15, 35),
        "facility.climate": st.sampled_from(sorted(SHIPPED.climates())),
        "facility.power_basis": st.sampled_from(["max", "capped", "measured"]),
        "facility.rack_units": st.sampled_from([24, 42, 47, 52]),
        "facility.kva_reserved": st.sampled_from([0.0, 0.5, 3.0]),
        "facility.other_power_share": st.sampled_from([0.0, 0.05, 0.3]),
        "facility.floor_limit_kg_m2": st.sampled_from([500.0, 1000.0]),
        "network.fabric": st.sampled_from(SWITCHES),
        "network.rails": st.booleans(),
        "network.storage": st.sampled_from(sorted(SHIPPED.storage_systems())),
        "network.storage_pb": st.sampled_from([0.0, 0.5, 20.0]),
        "cluster.spare_servers": st.sampled_from([1, 8]),
        "cluster.more": st.sampled_from(["8 CPU-2U", "2 DGX-H100, 30 CPU-2U"]),
        "money.utilization": st.sampled_from([0.01, 0.5, 1.0]),
    },
)


def hall(server: str, count: int, ratio: float, rest: dict[str, Any]) -> FacilityResult:
    values = {"cluster.server": server, "cluster.servers": count, "network.oversubscription": ratio}
    return facility(resolve(PLAN.with_values(values | rest), SHIPPED))[0]


def never_less(low: Figure | None, high: Figure | None, name: str) -> None:
    """Whatever is known of both sides does not fall."""
    if low is not None and high is not None and low.value is not None and high.value is not None:
        assert low.value <= high.value * (1 + 1e-9), name


@given(st.sampled_from(SERVERS), COUNTS, st.integers(1, 40), RATIOS, REST)
@example(
    "DGX-GB200-NVL72", 63, 1, 1.0, {"facility.cooling": "rack_scale"}
)  # 178 switches for storage and in-band, then 96
@example("DGX-GB300-NVL72", 33, 1, 1.0, {"facility.cooling": "rack_scale"})
def test_a_larger_fleet_never_takes_less(
    server: str, count: int, more: int, ratio: float, rest: dict[str, Any]
) -> None:
    few, many = hall(server, count, ratio, rest), hall(server, count + more, ratio, rest)
    for name in ("racks", "support_racks", "it_kw", "facility_kw", "utility_kva", "kwh_per_year", "co2_t_per_year"):
        never_less(getattr(few, name), getattr(many, name), name)
    for name in ("total_racks", "it_kva", "other_kw", "contract_kw", "ups_kva", "generator_kva", "refrigeration_tons"):
        never_less(few.details[name], many.details[name], name)
    for name in ("switches", "switch_kw", "storage_switches", "oob_switches"):
        never_less(getattr(few.network, name), getattr(many.network, name), name)
    never_less(few.network.price_usd, many.network.price_usd, "price_usd")


@given(st.sampled_from(SERVERS), COUNTS, RATIOS, st.floats(1.0, 4.0), REST)
@example(
    "Dell-XE7745", 12_500, 3.0, 3.0, {"facility.cooling": "rear_door", "network.rails": False}
)  # a tier fewer, dearer
def test_a_looser_fabric_never_takes_more(
    server: str, count: int, ratio: float, by: float, rest: dict[str, Any]
) -> None:
    tight, loose = hall(server, count, ratio, rest), hall(server, count, min(64.0, ratio * by), rest)
    for name in ("switches", "switch_kw"):
        never_less(getattr(loose.network, name), getattr(tight.network, name), name)
    never_less(loose.it_kw, tight.it_kw, "it_kw")
    never_less(loose.kwh_per_year, tight.kwh_per_year, "kwh_per_year")
    if loose.network.switches == tight.network.switches:
        never_less(loose.network.cables, tight.network.cables, "cables")
    if loose.network.price_usd is not None and loose.network.price_usd.value is None:
        never_less(loose.network.price_share, tight.network.price_share, "price_share")
    never_less(loose.network.price_usd, tight.network.price_usd, "price_usd")


@given(st.sampled_from(SERVERS), COUNTS, RATIOS, REST)
def test_the_hall_is_the_sum_of_its_parts(server: str, count: int, ratio: float, rest: dict[str, Any]) -> None:
    found = hall(server, count, ratio, rest)
    assume(found.it_kw.value is not None)  # a machine whose power nobody publishes and no accelerator's TDP gives
    details = {name: figure.value or 0.0 for name, figure in found.details.items()}
    it_kw = found.it_kw.value or 0.0
    assert it_kw == pytest.approx(details["compute_kw"] + details["other_kw"] + details["more_kw"])
    assert it_kw == pytest.approx(details["hall_air_kw"] + details["hall_liquid_kw"])
    beside = details["cooling_kw"] + details["electrical_losses_kw"]
    assert found.facility_kw.value == pytest.approx(it_kw + beside)
    assert sum(month.kwh or 0.0 for month in found.months) == pytest.approx(found.kwh_per_year.value)
    assert max(month.peak_kw for month in found.months) == pytest.approx(details["contract_kw"])
    if found.details.total_racks.value is not None:
        assert sum(rack.count for rack in found.layout) == details["total_racks"]
        assert sum(rack.kva * rack.count for rack in found.layout) == pytest.approx(details["it_kva"])
    net = found.network
    if net.switches is not None and net.switches.value is not None:
        tiers = (net.leaf, net.spine, net.core)
        assert net.switches.value == sum(tier.value or 0.0 for tier in tiers if tier is not None)


@given(st.sampled_from(SERVERS), COUNTS, REST)
def test_every_breaker_carries_its_part_of_the_fullest_rack(server: str, count: int, rest: dict[str, Any]) -> None:
    """Amperes a phase, volts and circuits give the rack's kVA back; one circuit fewer would not be allowed."""
    found = hall(server, count, 1.0, rest)
    assume(found.kva_per_rack.value is not None)
    record, kva = SHIPPED.server(server), found.kva_per_rack.value or 0.0
    for redundancy, carrying in (("n", 1), ("2n", 1), ("n1", 2)):
        fullest = found.details.fullest.value or 0.0
        for use in feeds_of_rack(SHIPPED.feeds(), record, fullest, kva, 0.0, redundancy, 3):
            feed = SHIPPED.feeds()[use.feed]
            volts = feed.volts * (3.0**0.5 if feed.phases == 3 else 1.0)
            assert use.amperes_per_phase * volts * use.circuits_per_side * carrying / 1000 == pytest.approx(kva)
            assert use.breaker_share <= feed.continuous_share * (1 + 1e-9)
            if use.circuits_per_side > 1:
                with_one_fewer = use.breaker_share * use.circuits_per_side / (use.circuits_per_side - 1)
                assert with_one_fewer > feed.continuous_share * (1 - 1e-9)
            assert 0.0 <= use.imbalance <= 2.0  # at worst one phase carries all of a circuit
            assert use.imbalance == 0.0 or record.level != "rack"
