"""What the placement promises for any server and any rack."""

import itertools
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitsumori.model.facility.elevation import Kit, compute_devices, deal, support_devices, support_rack_count
from mitsumori.model.facility.placement import LIMITS, Load, RackLimits, place, surviving_kw, usable_kva

LOADS = st.builds(
    Load,
    units=st.integers(1, 12),
    kw=st.floats(0.5, 20).map(lambda v: round(v, 2)),
    liquid_fraction=st.sampled_from([0.0, 0.7, 0.87]),
    weight_kg=st.floats(20, 200).map(lambda v: round(v, 1)),
)
RACKS = st.builds(
    RackLimits,
    units=st.integers(24, 60),
    units_reserved=st.integers(0, 6),
    gap_units=st.integers(0, 3),
    kva=st.floats(5, 150).map(lambda v: round(v, 1)),
    kva_reserved=st.sampled_from([0.0, 1.5, 2.0]),
    air_kw=st.floats(5, 90).map(lambda v: round(v, 1)),
    liquid_kw=st.floats(20, 120).map(lambda v: round(v, 1)),
    power_factor=st.sampled_from([0.95, 0.98, 1.0]),
    weight_limit_kg=st.floats(500, 2000).map(lambda v: round(v, 0)),
    floor_kg_m2=st.floats(300, 2000).map(lambda v: round(v, 0)),
)
FLEET = st.integers(1, 500)


def changed(rack, **values):
    fields = {name: getattr(rack, name) for name in RackLimits.__dataclass_fields__}
    return RackLimits(**fields | values)


def admitting(load, rack, name, servers):
    """The rack with one limit moved just far enough for ``servers``."""
    reserved_kw = rack.kva_reserved * rack.power_factor
    weight = rack.tare_kg + servers * load.weight_kg
    value = {
        "units": {"units": rack.units_reserved + servers * (load.units + rack.gap_units) - rack.gap_units},
        "kva": {"kva": rack.kva_reserved + servers * load.kw / rack.power_factor},
        "air": {"air_kw": reserved_kw + servers * load.kw * (1 - load.liquid_fraction)},
        "liquid": {"liquid_kw": servers * load.kw * load.liquid_fraction},
        "weight": {"weight_limit_kg": weight},
        "floor": {"floor_kg_m2": weight / (2 * rack.footprint_m2)},
    }
    return changed(rack, **value[name])


@settings(deadline=None, max_examples=150)
@given(LOADS, RACKS, FLEET, FLEET)
def test_more_servers_never_need_fewer_racks(load, rack, a, b):
    few, many = place(min(a, b), load, rack), place(max(a, b), load, rack)
    if few.per_rack >= 1:
        assert few.racks <= many.racks


@settings(deadline=None, max_examples=150)
@given(LOADS, RACKS, FLEET, st.floats(0, 60))
def test_a_higher_kva_limit_never_needs_more_racks(load, rack, servers, more):
    low, high = place(servers, load, rack), place(servers, load, changed(rack, kva=rack.kva + more))
    assert high.per_rack >= low.per_rack
    if low.per_rack >= 1:
        assert high.racks <= low.racks


@settings(deadline=None, max_examples=300)
@given(LOADS, RACKS, FLEET)
def test_relaxing_the_binding_limit_admits_one_more_and_no_other_does(load, rack, servers):
    """Several limits may bind at once: then it takes all of them, and any of them alone admits nothing."""
    placed = place(servers, load, rack)
    binding = placed.binding()
    assert binding
    relaxed = rack
    for name in binding:
        relaxed = admitting(load, relaxed, name, float(placed.per_rack) + 1)
    assert place(servers, load, relaxed).per_rack == placed.per_rack + 1
    others = rack
    for name in LIMITS:
        if name not in binding and (name != "liquid" or load.liquid_fraction):
            others = admitting(load, others, name, float(placed.per_rack) + 5)
    assert place(servers, load, others).per_rack == placed.per_rack
    if len(binding) > 1:
        alone = admitting(load, rack, binding[0], float(placed.per_rack) + 1)
        assert place(servers, load, alone).per_rack == placed.per_rack


@settings(deadline=None, max_examples=150)
@given(LOADS, RACKS, FLEET)
def test_nothing_exceeds_its_limit_and_all_servers_are_placed(load, rack, servers):
    placed = place(servers, load, rack)
    if placed.per_rack < 1:
        assert np.isnan(placed.racks)
        return
    assert placed.kva <= rack.kva + 1e-6
    assert placed.air_kw <= rack.air_kw + 1e-6
    assert placed.liquid_kw <= rack.liquid_kw + 1e-6
    assert placed.weight_kg <= rack.weight_limit_kg + 1e-6
    assert placed.spread_kg_m2 <= rack.floor_kg_m2 + 1e-6
    assert placed.racks * placed.fullest >= servers
    assert (placed.racks - 1) * placed.per_rack < servers
    assert 0 <= placed.spare <= 1


@settings(deadline=None, max_examples=150)
@given(LOADS, RACKS, FLEET)
def test_heat_is_power_and_kva_is_power_over_factor(load, rack, servers):
    placed = place(servers, load, rack)
    assert placed.air_kw + placed.liquid_kw == pytest.approx(float(placed.kw))
    assert placed.kva * rack.power_factor == pytest.approx(float(placed.kw))


@settings(deadline=None, max_examples=60)
@given(LOADS, st.lists(RACKS, min_size=2, max_size=5), FLEET)
def test_a_batch_is_its_single_plans(load, racks, servers):
    fields = {
        name: np.array([getattr(rack, name) for rack in racks], dtype=float) for name in RackLimits.__dataclass_fields__
    }
    batch = place(servers, load, RackLimits(**fields))
    for i, rack in enumerate(racks):
        single = place(servers, load, rack)
        assert batch.per_rack[i] == single.per_rack
        assert batch.binding((i,)) == single.binding()
        np.testing.assert_array_equal(batch.racks[i], single.racks)
        np.testing.assert_allclose(batch.kva[i], single.kva)


def test_an_unknown_weight_is_skipped():
    load = Load(5, 1.0)
    assert "weight" not in place(1, load, RackLimits(weight_limit_kg=1.0)).binding()
    assert place(1, load, RackLimits(weight_limit_kg=1.0)).per_rack == 7


def test_the_guard_against_binary_fractions():
    """30.1 = 1.5 + 2 x 14.3: the third digit of binary must not cost a server."""
    rack = RackLimits(kva=30.1, kva_reserved=1.5, power_factor=1.0)
    assert place(2, Load(5, 14.3), rack).per_rack == 2


def test_a_lost_feed_takes_the_fullest_one():
    assert surviving_kw(6, 3.3, 4) == pytest.approx((6 - 2) * 3.3)
    assert surviving_kw(4, 2.6, 1) == 0


def test_n_plus_one_and_breakers_multiply():
    assert usable_kva(90, True, "n1", 3) == pytest.approx(90 * 0.8 * 2 / 3)


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 10), st.integers(1, 12), st.integers(24, 60), st.integers(0, 6), st.integers(0, 3))
def test_drawn_servers_do_not_overlap_and_stay_inside(servers, height, units, reserved, gap):
    if servers * height + (servers - 1) * gap > units - reserved:
        return
    devices = compute_devices("x", servers, height, units, reserved, gap)
    taken = [u for device in devices for u in range(device.unit, device.unit + device.height_u)]
    assert len(taken) == len(set(taken))
    assert min(taken) >= 1
    assert max(taken) <= units
    bays = sorted(device.unit for device in devices if device.kind == "server")
    assert len(bays) == servers
    assert all(b - a >= height + gap for a, b in itertools.pairwise(bays))
    assert max(bays) + height - 1 <= units - reserved


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.tuples(st.sampled_from(["switch", "storage"]), st.integers(1, 4), st.integers(1, 300)),
        min_size=1,
        max_size=5,
    ),
    st.integers(20, 50),
    st.integers(1, 20),
)
def test_support_racks_hold_every_device(kits, units, least):
    kits = tuple(Kit(kind, f"{kind}{k}", height, count) for k, (kind, height, count) in enumerate(kits))
    racks = support_rack_count(kits, units, least)
    dealt = deal(kits, racks)
    assert sum(count for count, _ in dealt) == racks
    for kit in kits:
        assert sum(count * dict(held)[kit] for count, held in dealt) == kit.count
    for _, held in dealt:
        devices = support_devices(held, units)
        taken = [u for device in devices for u in range(device.unit, device.unit + device.height_u)]
        assert len(taken) == len(set(taken))
        assert all(1 <= u <= units for u in taken)


def test_the_fewest_support_racks_are_found_where_thousands_of_numbers_do_not_do() -> None:
    """Many sorts of devices, few of each in a rack: the first number whose fullest rack holds its devices, as dealt."""
    chance = random.Random(24)
    for _ in range(25):
        kits = tuple(
            Kit("switch", f"sort {at}", chance.randint(1, 6), chance.choice((1, 3, 40, chance.randint(1, 2000))))
            for at in range(chance.randint(1, 12))
        )
        units = max(kit.height_u for kit in kits) + chance.randint(0, 20)

        def fits(racks: int, kits: tuple[Kit, ...] = kits, units: int = units) -> bool:
            return max(sum(kit.height_u * n for kit, n in held) for _, held in deal(kits, racks)) <= units

        found = support_rack_count(kits, units, 1)
        least = max(1, -(-sum(kit.height_u * kit.count for kit in kits) // units))
        assert fits(found) and not any(fits(racks) for racks in range(least, found))
