"""Charts of the slides as SVG: the numbers of :class:`~model.slides.blocks.ChartBlock`, drawn without a library.

One drawing for the page of a browser (:mod:`model.slides.html`) and for the slides on paper (``gui.present.deck_pdf``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape
from typing import Final

from mitsumori.model.base import format as fmt
from mitsumori.model.slides.blocks import ChartBlock, ChartSeries

WIDTH: Final = 760.0
HEIGHT: Final = 360.0
LEFT: Final = 86.0
TOP: Final = 30.0
BOTTOM: Final = 44.0
KEY: Final = 24.0
"""Height of the names of the series, where they stand in the picture."""
PX: Final = 13.0
"""Size of the type."""
_DASHES: Final = {
    "dash": "6 4",
    "sysDot": "2 3",
    "dashDot": "6 3 2 3",
    "lgDash": "10 4",
    "sysDash": "4 3",
    "lgDashDot": "10 3 2 3",
}
_INK: Final = "#52514E"
Scale = Callable[[float], float]


def drawn(block: ChartBlock) -> str:
    """One chart as a ``figure`` of a page, with its title, its series and its description for screen readers."""
    legend = "".join(
        f'<span class="key"><i style="background:#{escape(series.color)}"></i>{escape(series.name)}</span>'
        for series in block.series
    )
    keys = legend if len(block.series) > 1 else ""
    return f"<figure><figcaption>{escape(block.title)}</figcaption>{picture(block)}<div>{keys}</div></figure>"


def picture(block: ChartBlock, width: float = WIDTH, height: float = HEIGHT, font: str = "") -> str:
    """One chart as an ``svg`` element.

    Parameters
    ----------
    block
        What it shows.
    width, height
        Of the picture in pixels of its type, which is :data:`PX` high.
    font
        Family of the type, for a picture that stands alone: it then holds the names of its series. Empty within a page.
    """
    keyed = bool(font) and len(block.series) > 1
    parts = _Drawing(block, width, height - (KEY if keyed else 0.0)).parts()
    if keyed:
        parts += _keys(block.series, width, height)
    alone = f' xmlns="http://www.w3.org/2000/svg" font-family="{escape(font, quote=True)}"' if font else ""
    return (
        f'<svg{alone} viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(block.alt, quote=True)}">'
        + "".join(parts) + "</svg>"
    )  # fmt: skip


def ticks(low: float, high: float, count: int = 6) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten) from at most ``low`` to at least ``high``.

    Parameters
    ----------
    low, high
        Ends of the values, ``low`` not above ``high``.
    count
        Steps between them, at most, 1 or more.
    """
    span = max(high - low, 1e-12)
    power = 10.0 ** math.floor(math.log10(span / count))
    step = next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= count)
    return [step * index for index in range(math.floor(low / step), math.ceil(high / step) + 1)]


def shown(value: float, block: ChartBlock) -> str:
    """A number as people read it; a format that ends in a comma shows thousands, one in two millions."""
    commas = len(block.number_format) - len(block.number_format.rstrip(","))
    value = value / 1e3**commas
    return f"{value:,.0f}" if abs(value) >= 10 or value == round(value) else f"{value:,.2g}"


def wide(words: str) -> float:
    """About how wide a line of text is, in pixels: Japanese characters are as wide as high, others a good half."""
    return sum(PX if fmt.is_wide(char) else 0.56 * PX for char in words)


def _linear(low: float, high: float, first: float, last: float) -> Scale:
    span = (high - low) or 1.0
    return lambda value: first + (value - low) / span * (last - first)


def _log(low: float, high: float, first: float, last: float) -> Scale:
    inner = _linear(math.log10(low), math.log10(high), first, last)
    return lambda value: inner(math.log10(value))


def _axis(numbers: Sequence[float], log: bool, first: float, last: float) -> tuple[list[float], Scale]:
    """Ticks and scale of an axis; a logarithmic one ticks at powers of ten."""
    if log and min(numbers) > 0:
        low, high = math.floor(math.log10(min(numbers))), math.ceil(math.log10(max(numbers)))
        high = max(high, low + 1)
        return [10.0**power for power in range(low, high + 1)], _log(10.0**low, 10.0**high, first, last)
    values = ticks(min(0.0, *numbers), max(0.0, *numbers))
    return values, _linear(values[0], values[-1], first, last)


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{PX:.0f}" fill="{_INK}">{escape(words)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, ink: str = "#E1E0D9") -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{ink}"/>'


def _bar(x: float, y: float, width: float, height: float, color: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{max(0.5, width):.1f}" height="{max(0.5, height):.1f}"'
    return f'<rect {place} fill="#{escape(color)}"/>'


def _keys(series: Sequence[ChartSeries], width: float, height: float) -> list[str]:
    """Colours and names of the series below a picture that stands alone, in equal places."""
    place = width / len(series)
    parts = []
    for index, one in enumerate(series):
        parts.append(_bar(index * place, height - 14, 14, 8, one.color))
        parts.append(_text(index * place + 20, height - 6, one.name))
    return parts


class _Drawing:
    """The parts of one chart in a picture of a size."""

    def __init__(self, block: ChartBlock, width: float, height: float) -> None:
        self.block, self.right, self.foot = block, width, height - BOTTOM
        self.low = height
        self.stacked = block.kind.startswith("stacked")

    def parts(self) -> list[str]:
        """Axes, series and what the axes say."""
        block = self.block
        parts = self.curves() if block.kind == "xy" else self.across() if "bar" in block.kind else self.columns()
        if block.y_title:
            parts.append(_text(4, 16, block.y_title))
        if block.x_title:
            parts.append(_text(self.right - 8, self.low - 6, block.x_title, "end"))
        return parts

    def grid(self, values: Sequence[float], scale: Scale) -> list[str]:
        """Hairlines with their numbers at the left."""
        parts = []
        for tick in values:
            y = scale(tick)
            parts.append(_line(LEFT, y, self.right - 10, y))
            parts.append(_text(LEFT - 8, y + 4, shown(tick, self.block), "end"))
        return parts

    def curves(self) -> list[str]:
        """Lines over numbers."""
        block = self.block
        across = [float(x) for x in block.categories if isinstance(x, int | float)]
        numbers = [value for item in block.series for value in item.values if value is not None]
        if not across or not numbers:
            return []
        y_ticks, y = _axis(numbers, block.log, self.foot, TOP)
        if block.log_x and min(across) > 0:
            x_ticks, x = _axis(across, True, LEFT, self.right - 20)
        else:
            x = _linear(min(across), max(across), LEFT, self.right - 20)
            step = block.step_x or (max(across) - min(across)) / 6 or 1.0
            x_ticks = [min(across) + step * i for i in range(int((max(across) - min(across)) / step + 1e-9) + 1)]
        parts = self.grid(y_ticks, y)
        parts += [_text(x(tick), self.foot + 18, f"{tick:,.0f}", "middle") for tick in x_ticks]
        for series in block.series:
            known = [(x(at), y(value)) for at, value in zip(across, series.values, strict=False) if value is not None]
            points, ink = " ".join(f"{left:.1f},{top:.1f}" for left, top in known), escape(series.color)
            dash = f' stroke-dasharray="{_DASHES[series.dash]}"' if series.dash in _DASHES else ""
            parts.append(f'<polyline points="{points}" fill="none" stroke="#{ink}" stroke-width="2.5"{dash}/>')
            if block.log_x:  # a few places of a grid, not a line that was sampled
                parts += [f'<circle cx="{left:.1f}" cy="{top:.1f}" r="3.5" fill="#{ink}"/>' for left, top in known]
        return parts

    def rows(self) -> list[list[tuple[ChartSeries, float, float]]]:
        """For each category the parts (series, from, to): one upon another where stacked, side by side from zero else."""
        found = []
        for index in range(len(self.block.categories)):
            up = down = 0.0
            row = []
            for series in self.block.series:
                value = series.values[index] if index < len(series.values) else None
                if value is None:
                    continue
                start = 0.0 if not self.stacked else up if value >= 0 else down
                row.append((series, start, start + value))
                up, down = (start + value, down) if value >= 0 else (up, start + value)
            found.append(row)
        return found

    def slots(self, room: float) -> tuple[float, float]:
        """Room of a category and thickness of a bar."""
        slot = room / max(1, len(self.block.categories))
        return slot, slot * 0.66 / (1 if self.stacked else max(1, len(self.block.series)))

    def columns(self) -> list[str]:
        """Standing bars; a single series with its numbers above."""
        rows, alone = self.rows(), len(self.block.series) == 1
        ends = [end for row in rows for _, start, end in row for end in (start, end)]
        if not ends:
            return []
        values, y = _axis(ends, False, self.foot, TOP + (PX if alone else 0.0))
        slot, thick = self.slots(self.right - LEFT - 10)
        parts = self.grid(values, y)
        for index, row in enumerate(rows):
            left = LEFT + index * slot + slot * 0.17
            for place, (series, start, end) in enumerate(row):
                at, top = left if self.stacked else left + place * thick, min(y(start), y(end))
                parts.append(_bar(at, top, thick, abs(y(start) - y(end)), series.color))
                if alone:
                    parts.append(_text(at + thick / 2, top - 5, shown(end - start, self.block), "middle"))
            parts.append(_text(left + slot * 0.33, self.foot + 18, str(self.block.categories[index]), "middle"))
        return parts

    def across(self) -> list[str]:
        """Lying bars, their names at the left; a single series with its numbers beside them."""
        rows, alone = self.rows(), len(self.block.series) == 1
        ends = [end for row in rows for _, start, end in row for end in (start, end)]
        if not ends:
            return []
        names = [str(name) for name in self.block.categories]
        left = min(max(map(wide, names)) + 16, 0.45 * self.right)
        values, x = _axis(ends, False, left, self.right - (60 if alone else 20))
        slot, thick = self.slots(self.foot - TOP)
        parts = []
        for tick in values:
            parts.append(_line(x(tick), TOP, x(tick), self.foot))
            parts.append(_text(x(tick), self.foot + 18, shown(tick, self.block), "middle"))
        for index, row in enumerate(rows):
            top = TOP + index * slot + slot * 0.17
            for place, (series, start, end) in enumerate(row):
                at = top if self.stacked else top + place * thick
                parts.append(_bar(min(x(start), x(end)), at, abs(x(start) - x(end)), thick, series.color))
                if alone:
                    words = shown(end - start, self.block)
                    parts.append(_text(max(x(start), x(end)) + 5, at + thick / 2 + 4, words))
            parts.append(_text(left - 8, top + slot * 0.33 + 4, names[index], "end"))
        return parts
