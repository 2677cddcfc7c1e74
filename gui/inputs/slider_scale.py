"""The slider of an input as the table describes it, as a scale with named marks."""

from __future__ import annotations

from collections.abc import Callable

from mitsumori.gui.widgets.scale import LinearScale, LogScale, Scale, StepScale
from mitsumori.model.base.format import significant
from mitsumori.model.plan.inputs import Slider


def _plain(value: float) -> str:
    return significant(value, trim=True)


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _binary(value: float) -> str:
    return f"{value / 2**20:g}M" if value >= 2**20 else f"{value / 1024:g}k" if value >= 1024 else f"{value:g}"


def _billions(value: float) -> str:
    return f"{value / 1e3:g}T" if value >= 1e3 else f"{value:g}B" if value >= 1 else f"{value * 1e3:g}M"


def _hundred_millions(value: float) -> str:
    return f"{value / 1e4:,g}兆" if value >= 1e4 else f"{value:,g}億" if value >= 1 else f"{value * 1e4:,g}万"


NAMES: dict[str, Callable[[float], str]] = {
    "plain": _plain,
    "whole": _whole,
    "binary": _binary,
    "billions": _billions,
    "hundred_millions": _hundred_millions,
}
"""How marks are written, by the word of the table."""


def scale_of(slider: Slider, *, integer: bool = False) -> Scale:
    """The scale of a slider; ``integer``: its values are whole numbers."""
    name, labels = NAMES[slider.names], slider.labels or None
    if slider.kind == "steps":
        return StepScale(slider.steps, labels, name=name)
    if slider.kind == "linear":
        return LinearScale(slider.low, slider.high, slider.grain, slider.label_every, slider.minor_every, name=name)
    return LogScale(slider.low, slider.high, labels, digits=int(slider.digits), integer=integer, name=name)
