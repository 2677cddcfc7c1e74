"""The worked examples of docs/method.md 6.10.

Power factor 0.98, 42U unless said, 4U and 1.5 kVA reserved. All are arithmetic on sourced inputs: XD670 5U with
6 x 3 kW supplies and the 30 kVA rear door (SCSK slides, 2024-06-27), 10.2 kW rated and 8.4 kW measured peak of an
8 x H100 node (Latif et al., IEEE Access 13:61740, arXiv 2412.08602).
"""

import numpy as np
import pytest

from mitsumori.model.facility.placement import Load, RackLimits, place, surviving_kw, usable_kva

XD670_MAX = Load(5, 10.2)
XD670_PEAK = Load(5, 8.4)
DLC = Load(5, 10.2, 0.70)

# id, servers, load, rack, servers by limit (units, kva, air, liquid; None: no such path), per rack, racks, fullest
CASES = [
    ("1", 4, XD670_MAX, RackLimits(kva=30, air_kw=30), (7, 2, 2, None), 2, 2, {"kva": 22.32, "kw": 21.87}),
    ("2", 16, XD670_MAX, RackLimits(kva=30, air_kw=30), (7, 2, 2, None), 2, 8, {"kva": 22.32}),
    ("3", 16, XD670_PEAK, RackLimits(kva=30, air_kw=30), (7, 3, 3, None), 3, 6, {"kva": 27.21, "kw": 26.67}),
    ("4", 4, DLC, RackLimits(kva=80, air_kw=30, liquid_kw=60), (7, 7, 9, 8), 7, 1,
     {"kva": 43.13, "air_kw": 13.71, "liquid_kw": 28.56}),
    ("5", 16, DLC, RackLimits(kva=80, air_kw=30, liquid_kw=60), (7, 7, 9, 8), 7, 3,
     {"kva": 63.95, "air_kw": 19.83, "liquid_kw": 42.84}),
    ("6", 16, DLC, RackLimits(kva=80, air_kw=10, liquid_kw=60), (7, 7, 2, 8), 2, 8, {}),
    ("7", 16, XD670_MAX, RackLimits(kva=80, air_kw=75), (7, 7, 7, None), 7, 3, {"kva": 63.95, "air_kw": 62.67}),
    ("8", 16, XD670_MAX, RackLimits(kva=20, air_kw=20), (7, 1, 1, None), 1, 16, {"kva": 11.91}),
    ("8 measured", 16, XD670_PEAK, RackLimits(kva=20, air_kw=20), (7, 2, 2, None), 2, 8, {}),
    ("9", 1, XD670_MAX, RackLimits(kva=10, air_kw=10), (7, 0, 0, None), 0, None, {}),
    ("10", 4, Load(10, 14.3, 0.0, 142.4), RackLimits(units=48, kva=30, air_kw=30, weight_limit_kg=1000, tare_kg=200),
     (4, 1, 1, None), 1, 4, {"kva": 16.09, "weight_kg": 342.4}),
    ("11", 32, Load(10, 14.3, 0.0, 142.4), RackLimits(units=48, kva=60, air_kw=60, weight_limit_kg=1200, tare_kg=200),
     (4, 4, 4, None), 4, 8, {"kva": 59.87, "weight_kg": 769.6}),
    ("12", 32, Load(8, 10.2, 0.0, 130.45), RackLimits(units=48, kva=44, air_kw=50, kva_reserved=2, weight_limit_kg=1000,
     tare_kg=200), (5, 4, 4, None), 4, 8, {"kva": 43.63}),
]  # fmt: skip


@pytest.mark.parametrize(("case", "servers", "load", "rack", "limits", "per_rack", "racks", "fullest"), CASES)
def test_worked_example(case, servers, load, rack, limits, per_rack, racks, fullest):
    placed = place(servers, load, rack)
    whole = np.floor(np.round(placed.quotients[:4], 9))
    expected = [np.inf if limit is None else limit for limit in limits]
    assert np.maximum(whole, 0).tolist() == expected
    assert placed.per_rack == per_rack
    assert np.isnan(placed.racks) if racks is None else placed.racks == racks
    for name, value in fullest.items():
        assert getattr(placed, name) == pytest.approx(value, abs=0.006), name


@pytest.mark.parametrize(("case", "limit"), [("10", 5), ("11", 7), ("12", 6)])
def test_weight_limit(case, limit):
    _, servers, load, rack, *_ = next(row for row in CASES if row[0] == case)
    assert int(place(servers, load, rack).quotients[4]) == limit


def test_binding_limits_are_named_tightest_first():
    """Example 1: 28.5 / 10.408 kVA = 2.738 is tighter than 28.53 / 10.2 kW = 2.797; both admit two."""
    assert place(4, XD670_MAX, RackLimits(kva=30, air_kw=30)).binding() == ("kva", "air")
    assert place(16, DLC, RackLimits(kva=80, air_kw=10, liquid_kw=60)).binding() == ("air",)


def test_cold_plate_alone_buys_nothing():
    """Example 6 against 2: 28 of 40 kW go to the plates, the rest still needs as many racks in a 10 kW room."""
    plates = place(16, DLC, RackLimits(kva=80, air_kw=10, liquid_kw=60))
    assert plates.racks == place(16, XD670_MAX, RackLimits(kva=30, air_kw=30)).racks == 8


def test_gap_units():
    """A published rack (cani example x3701) holds four XD670 three units apart; 42U by the rule holds five, not 7."""
    assert place(5, Load(5, 1.0), RackLimits(gap_units=3, kva=80)).per_rack == 5
    assert place(5, Load(5, 1.0), RackLimits(gap_units=0, kva=80)).per_rack == 7


def test_power_supplies_after_a_lost_feed():
    """XD670, 6 x 3 kW: two feeds keep 9 kW (passes 8.4, fails 10.2), three keep 12 kW (passes both)."""
    assert surviving_kw(6, 3.0, 2) == 9.0
    assert surviving_kw(6, 3.0, 3) == 12.0


def test_usable_kva_by_policy():
    assert usable_kva(30, False, "n", 1) == 30
    assert usable_kva(30, True, "n", 1) == pytest.approx(24)
    assert usable_kva(30, False, "2n", 2) == 30
    assert usable_kva(30, False, "n1", 3) == pytest.approx(20)
