"""The drawing tools that every chart shares: labels that keep apart, ticks, lines that end where a phrase does, scales."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitsumori.gui.charts.painting import Scale, linear_ticks, log_ticks, nice_ceiling, spread, wrap
from mitsumori.gui.theme.tokens import contrast, ink_on, set_theme, theme
from mitsumori.gui.widgets.breaks import pieces


@given(
    st.lists(st.tuples(st.floats(0, 300), st.floats(8, 30)), min_size=1, max_size=6),
)
def test_spread_labels_never_overlap_and_keep_their_order(labels: list[tuple[float, float]]) -> None:
    centres, heights = [c for c, _ in labels], [h for _, h in labels]
    placed = spread(centres, heights, 0, 300, 2)
    order = sorted(range(len(labels)), key=lambda i: centres[i])
    for first, second in itertools.pairwise(order):
        gap = placed[second] - heights[second] / 2 - (placed[first] + heights[first] / 2)
        assert gap >= 2 - 1e-6
    assert min(p - h / 2 for p, h in zip(placed, heights, strict=True)) >= -1e-6


@given(st.floats(1e-3, 1e9), st.floats(1.3, 1e5), st.integers(3, 8))
def test_log_ticks_lie_in_range_and_are_few(low: float, ratio: float, most: int) -> None:
    ticks = log_ticks(low, low * ratio, most)
    assert len(ticks) <= most
    assert all(low * (1 - 1e-6) <= tick <= low * ratio * (1 + 1e-6) for tick in ticks)
    assert ticks == sorted(ticks)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 8))
def test_linear_ticks_are_even_round_and_inside(low: float, size: float, most: int) -> None:
    ticks = linear_ticks(low, low + size, most)
    steps = np.diff(ticks)
    assert len(ticks) <= most + 1
    assert np.allclose(steps, steps[0] if len(steps) else 0, rtol=1e-6)
    assert all(low - 1e-6 * size <= tick <= low + size * (1 + 1e-6) for tick in ticks)


@given(st.floats(1e-6, 1e12))
def test_axis_ends_are_round_and_hold_the_data(value: float) -> None:
    assert value * (1 - 1e-9) <= nice_ceiling(value) <= value * 1.7


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        (
            "稼働率 57 % なら 16.4 か月でオンプレミスが安くなる",
            ("稼働率 ", "57 % なら ", "16.4 か月で", "オンプレミスが", "安くなる"),
        ),
        (
            "年に約 ¥1,120 下がります（工事は含みません）。",
            ("年に", "約 ", "¥1,120 ", "下がります", "（工事は", "含みません）。"),
        ),
        ("ルーム空調（二重床）では冷やせない", ("ルーム", "空調（二重床）では", "冷やせない")),
        ("パイプラインを8段に分ける", ("パイプラインを", "8段に", "分ける")),
        ("512 sequences · 8 × 8 GPUs", ("512 sequences · ", "8 × 8 GPUs")),
        ("plates, PUE 1.20", ("plates, ", "PUE 1.20")),
    ],
)
def test_lines_end_where_a_phrase_does(text: str, cut: tuple[str, ...]) -> None:
    found = pieces(text)
    assert "".join(found) == text
    assert tuple(found) == cut


@given(st.text(alphabet="abc defg、。日本語ラック12 ", min_size=1, max_size=80), st.integers(40, 400))
def test_wrapping_loses_nothing(text: str, width: int) -> None:
    lines = wrap(text, 14, 400, width, 4)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert len(lines) <= 4


def test_scale_inverts_itself() -> None:
    for log in (False, True):
        scale = Scale(2.0, 50.0, 10.0, 210.0, log)
        assert scale.invert(scale(7.0)) == pytest.approx(7.0)
        assert scale.array([2.0, 50.0, 80.0]) == pytest.approx([10.0, 210.0, 210.0])


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_direct_labels_always_contrast(mode: Any) -> None:
    """The ink chosen on each fixed colour reads at 4.5 : 1, or the label is written elsewhere (WCAG 2.2, 1.4.3)."""
    set_theme(mode)
    outside = {"time_lost"}
    for part in ("weights", "gradients", "optimizer", "activations", "buffers"):
        fill = theme().color(f"mem_{part}")
        assert contrast(ink_on(fill), fill) >= 4.5, part
    for part in ("compute", "recompute", "communication", "bubble", "optimizer"):
        fill = theme().color(f"time_{part}")
        assert contrast(ink_on(fill), fill) >= 4.5 or part in outside, part
