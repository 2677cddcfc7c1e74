"""Slider scales: positions and values belong together."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitsumori.gui.inputs.fields import FIELDS
from mitsumori.gui.widgets.scale import LinearScale, LogScale, StepScale

SCALES = [LogScale(0.01, 20_000), LogScale(1, 2_000, integer=True), LinearScale(12, 84, 1, 12), StepScale((1, 2, 4, 8))]


@pytest.mark.parametrize("scale", SCALES)
@given(st.floats(0, 1))
def test_values_lie_on_the_scale_and_return_to_their_position(scale, position: float) -> None:  # type: ignore[no-untyped-def]
    value = scale.value(position)
    assert scale.low <= value <= scale.high
    assert scale.value(scale.position(value)) == value


@pytest.mark.parametrize("scale", SCALES)
@given(st.floats(0, 1), st.floats(0, 1))
def test_more_to_the_right_is_never_less(scale, a: float, b: float) -> None:  # type: ignore[no-untyped-def]
    low, high = sorted((a, b))
    assert scale.value(low) <= scale.value(high)


def test_steps_go_along_1_2_5() -> None:
    scale = LogScale(0.01, 20_000)
    seen = [100.0]
    for _ in range(4):
        seen.append(scale.step(seen[-1], 1))
    assert seen == [100, 200, 500, 1000, 2000]
    assert scale.step(130, -1) == 100
    assert scale.step(20_000, 1) == 20_000


def test_sliders_reach_what_the_samples_need() -> None:
    """A thousand servers, 20 trillion tokens, a million tokens of sequence."""

    def reach(path: str) -> float:
        field = FIELDS[path]
        assert field.axis is not None
        return field.axis.high * field.scale

    assert reach("cluster.servers") >= 1000
    assert reach("workload.tokens") >= 20e12
    assert reach("parallel.seq_len") >= 1_000_000


@pytest.mark.parametrize("path", [path for path, field in FIELDS.items() if field.axis is not None])
def test_ticks_ascend_and_carry_labels(path: str) -> None:
    axis = FIELDS[path].axis
    assert axis is not None
    ticks = axis.ticks()
    assert [tick.value for tick in ticks] == sorted(tick.value for tick in ticks)
    assert sum(bool(tick.label) for tick in ticks) >= 4
    assert all(math.isfinite(axis.position(tick.value)) for tick in ticks)
