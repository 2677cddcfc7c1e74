"""Rounding as spreadsheets do it (docs/method.md section 10, measured with LibreOffice 7.4)."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mitsumori.model.base.rounding import ceil_guarded, floor_guarded, round_half_up


@pytest.mark.parametrize(
    ("x", "decimals", "sheet"),
    [(2.5, 0, 3), (0.5, 0, 1), (1.005, 2, 1.01), (2.675, 2, 2.68), (-2.5, 0, -3), (1e18, 2, 1e18), (0.0, 3, 0.0)],
)
def test_round_half_up(x, decimals, sheet):
    assert round_half_up(x, decimals) == sheet


def test_guarded_floor_and_ceiling_follow_the_sheet():
    assert ceil_guarded(0.1 * 3 * 10) == 3 != math.ceil(0.1 * 3 * 10)
    assert floor_guarded(0.3 / 0.1) == 3 != math.floor(0.3 / 0.1)
    assert floor_guarded((0.1 + 0.7) * 10) == 8
    assert floor_guarded(4.35 * 100) == 435


def test_true_fractions_still_cut():
    assert floor_guarded(2.9999) == 2
    assert ceil_guarded(3.0001) == 4


def test_infinite_and_unknown_pass():
    assert floor_guarded(np.inf) == np.inf
    assert np.isnan(ceil_guarded(np.nan))
    assert floor_guarded(np.array([1.5, np.inf, 0.3 / 0.1])).tolist() == [1.0, np.inf, 3.0]


@given(st.floats(allow_nan=True, allow_infinity=True), st.integers(0, 12))
@example(-0.0, 0)
@example(2.0**52, 0)
@example(4503599627370497.5, 2)
def test_one_number_rounds_as_an_array_does_to_the_bit(x: float, decimals: int) -> None:
    with np.errstate(over="ignore"):
        whole = round_half_up(np.array([x]), decimals)
    alone = round_half_up(x, decimals)
    assert isinstance(alone, np.float64) and alone.tobytes() == whole.tobytes()
    assert round_half_up(np.float64(x), decimals).tobytes() == whole.tobytes()
