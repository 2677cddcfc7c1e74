"""Charts of a read-only page as SVG: the numbers of :class:`~model.slides.deck.ChartBlock`, drawn without a library."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape
from typing import Final

from mitsumori.model.slides.blocks import ChartBlock, ChartSeries

WIDTH: Final = 760.0
HEIGHT: Final = 360.0
LEFT: Final = 86.0
TOP: Final = 30.0
BOTTOM: Final = 44.0
_DASHES: Final = {
    "dash": "6 4",
    "sysDot": "2 3",
    "dashDot": "6 3 2 3",
    "lgDash": "10 4",
    "sysDash": "4 3",
    "lgDashDot": "10 3 2 3",
}
_TEXT: Final = 'font-size="13" fill="#52514E"'
Scale = Callable[[float], float]


def drawn(block: ChartBlock) -> str:
    """One chart as an ``svg`` element with its description for screen readers."""
    parts = _curves(block) if block.kind == "xy" else _across(block) if "bar" in block.kind else _columns(block)
    if block.y_title:
        parts.append(f'<text x="4" y="16" {_TEXT}>{escape(block.y_title)}</text>')
    if block.x_title:
        parts.append(f'<text x="{WIDTH - 8}" y="{HEIGHT - 6}" text-anchor="end" {_TEXT}>{escape(block.x_title)}</text>')
    legend = "".join(
        f'<span class="key"><i style="background:#{escape(series.color)}"></i>{escape(series.name)}</span>'
        for series in block.series
    )
    picture = (
        f'<svg viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{escape(block.alt, quote=True)}">'
        + "".join(parts) + "</svg>"
    )  # fmt: skip
    keys = legend if len(block.series) > 1 else ""
    return f"<figure><figcaption>{escape(block.title)}</figcaption>{picture}<div>{keys}</div></figure>"


def ticks(low: float, high: float, count: int = 6) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten) from at most ``low`` to at least ``high``.

    Parameters
    ----------
    low, high
        Ends of the values, ``low`` below ``high``.
    count
        Steps between them, at most, 1 or more.
    """
    span = max(high - low, 1e-12)
    power = 10.0 ** math.floor(math.log10(span / count))
    step = next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= count)
    return [step * index for index in range(math.floor(low / step), math.ceil(high / step) + 1)]


def shown(value: float, block: ChartBlock) -> str:
    """A tick as people read it; a format that ends in two commas shows millions."""
    value = value / 1e6 if block.number_format.endswith(",,") else value
    return f"{value:,.0f}" if abs(value) >= 10 or value == round(value) else f"{value:,.2g}"


def _linear(low: float, high: float, first: float, last: float) -> Scale:
    span = (high - low) or 1.0
    return lambda value: first + (value - low) / span * (last - first)


def _log(low: float, high: float, first: float, last: float) -> Scale:
    inner = _linear(math.log10(low), math.log10(high), first, last)
    return lambda value: inner(math.log10(value))


def _numbers(series: Sequence[ChartSeries]) -> list[float]:
    return [value for item in series for value in item.values if value is not None]


def _grid(values: Sequence[float], scale: Scale, block: ChartBlock) -> list[str]:
    parts = []
    for tick in values:
        y = scale(tick)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{y:.1f}" y2="{y:.1f}" stroke="#E1E0D9"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" {_TEXT}>{shown(tick, block)}</text>')
    return parts


def _axis(numbers: Sequence[float], log: bool, first: float, last: float) -> tuple[list[float], Scale]:
    """Ticks and scale of an axis; a logarithmic one ticks at powers of ten."""
    if log and min(numbers) > 0:
        low, high = math.floor(math.log10(min(numbers))), math.ceil(math.log10(max(numbers)))
        high = max(high, low + 1)
        return [10.0**power for power in range(low, high + 1)], _log(10.0**low, 10.0**high, first, last)
    values = ticks(min(0.0, *numbers), max(0.0, *numbers))
    return values, _linear(values[0], values[-1], first, last)


def _curves(block: ChartBlock) -> list[str]:
    across = [float(x) for x in block.categories if isinstance(x, int | float)]
    numbers = _numbers(block.series)
    if not across or not numbers:
        return []
    y_ticks, y = _axis(numbers, block.log, HEIGHT - BOTTOM, TOP)
    if block.log_x and min(across) > 0:
        x_ticks, x = _axis(across, True, LEFT, WIDTH - 20)
    else:
        x = _linear(min(across), max(across), LEFT, WIDTH - 20)
        step = block.step_x or (max(across) - min(across)) / 6 or 1.0
        x_ticks = [min(across) + step * i for i in range(int((max(across) - min(across)) / step + 1e-9) + 1)]
    parts = _grid(y_ticks, y, block)
    for tick in x_ticks:
        parts.append(
            f'<text x="{x(tick):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" {_TEXT}>{tick:,.0f}</text>'
        )
    for series in block.series:
        points = " ".join(
            f"{x(at):.1f},{y(value):.1f}" for at, value in zip(across, series.values, strict=False) if value is not None
        )
        dash = f' stroke-dasharray="{_DASHES[series.dash]}"' if series.dash in _DASHES else ""
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="#{escape(series.color)}" stroke-width="2.5"{dash}/>'
        )
    return parts


def _stacked(block: ChartBlock) -> list[list[tuple[ChartSeries, float, float]]]:
    """For each category the parts (series, from, to): one upon another where stacked, side by side from zero else."""
    found = []
    for index in range(len(block.categories)):
        up = down = 0.0
        row = []
        for series in block.series:
            value = series.values[index] if index < len(series.values) else None
            if value is None:
                continue
            start = 0.0 if not block.kind.startswith("stacked") else up if value >= 0 else down
            row.append((series, start, start + value))
            up, down = (start + value, down) if value >= 0 else (up, start + value)
        found.append(row)
    return found


def _slots(block: ChartBlock, room: float) -> tuple[float, float]:
    """Room of a category and thickness of a bar."""
    slot = room / max(1, len(block.categories))
    beside = 1 if block.kind.startswith("stacked") else max(1, len(block.series))
    return slot, slot * 0.66 / beside


def _columns(block: ChartBlock) -> list[str]:
    rows = _stacked(block)
    ends = [end for row in rows for _, start, end in row for end in (start, end)]
    if not ends:
        return []
    values, y = _axis(ends, False, HEIGHT - BOTTOM, TOP)
    slot, thick = _slots(block, WIDTH - LEFT - 10)
    parts = _grid(values, y, block)
    for index, row in enumerate(rows):
        left = LEFT + index * slot + slot * 0.17
        for place, (series, start, end) in enumerate(row):
            at = left if block.kind.startswith("stacked") else left + place * thick
            top, height = min(y(start), y(end)), abs(y(start) - y(end))
            parts.append(_bar(at, top, thick, height, series.color))
        name = escape(str(block.categories[index]))
        parts.append(
            f'<text x="{left + slot * 0.33:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" {_TEXT}>{name}</text>'
        )
    return parts


def _across(block: ChartBlock) -> list[str]:
    rows = _stacked(block)
    ends = [end for row in rows for _, start, end in row for end in (start, end)]
    if not ends:
        return []
    left = 230.0
    values, x = _axis(ends, False, left, WIDTH - 20)
    slot, thick = _slots(block, HEIGHT - TOP - BOTTOM)
    parts = []
    for tick in values:
        parts.append(
            f'<line y1="{TOP}" y2="{HEIGHT - BOTTOM}" x1="{x(tick):.1f}" x2="{x(tick):.1f}" stroke="#E1E0D9"/>'
        )
        parts.append(
            f'<text x="{x(tick):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" {_TEXT}>{shown(tick, block)}</text>'
        )
    for index, row in enumerate(rows):
        top = TOP + index * slot + slot * 0.17
        for place, (series, start, end) in enumerate(row):
            at = top if block.kind.startswith("stacked") else top + place * thick
            parts.append(_bar(min(x(start), x(end)), at, abs(x(start) - x(end)), thick, series.color))
        name = escape(str(block.categories[index]))
        parts.append(_label(left - 8, top + slot * 0.33 + 4, "end", name))
    return parts


def _label(x: float, y: float, anchor: str, words: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {_TEXT}>{words}</text>'


def _bar(x: float, y: float, width: float, height: float, color: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{max(0.5, width):.1f}" height="{max(0.5, height):.1f}"'
    return f'<rect {place} fill="#{escape(color)}"/>'
