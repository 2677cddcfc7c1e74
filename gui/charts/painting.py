"""Small drawing tools that every chart shares: text that is measured once, hatching, ticks and label placement."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from mitsumori.gui.theme.tokens import contrast, ink_on, theme
from mitsumori.gui.widgets.breaks import pieces, shorter
from mitsumori.gui.widgets.paint import width_of, write

LEFT = Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignRight
CENTER = Qt.AlignmentFlag.AlignHCenter

NORMAL = 400
SEMIBOLD = 600
BOLD = 700
_SOLID, _ROUND_JOIN = Qt.PenStyle.SolidLine, Qt.PenJoinStyle.RoundJoin
_FLAT, _ROUND, _SQUARE = Qt.PenCapStyle.FlatCap, Qt.PenCapStyle.RoundCap, Qt.PenCapStyle.SquareCap
PALE = 0.35
"""Opacity of what belongs to another plan, while the answer to the present one is being computed."""
SCREEN = QWidget, QPixmap
"""Devices of the screen: a window, or a picture that stands for a part of it. Files and paper are others."""
STRAIGHT_PIECES = 6
"""Points up to which a line is drawn as straight pieces."""


def color(name: str, alpha: float = 1.0) -> QColor:
    """A theme colour, optionally translucent; do not modify the returned object."""
    return theme().color(name) if alpha >= 1.0 else _faint(theme().hex(name), alpha)


@lru_cache(maxsize=64)
def _faint(code: str, alpha: float) -> QColor:
    found = QColor(code)
    found.setAlphaF(alpha)
    return found


def font(px: float, weight: int = NORMAL) -> QFont:
    """The theme's font in a design size; the theme scales it for Present."""
    return theme().font(px, weight)


@lru_cache(maxsize=128)
def _vertical(scale: float, px: float, weight: int) -> tuple[float, float, float]:
    metrics = theme().metrics(px, weight)
    return metrics.ascent(), metrics.descent(), metrics.height()


def u(length: float) -> float:
    """A length of the design in pixels: grows with the type when presenting."""
    return length * theme().scale


text_width = width_of
"""Width in pixels of one line: text, size, weight."""


def line_height(px: float, weight: int = NORMAL) -> float:
    """Height of one line of text, ascent and descent included."""
    return _vertical(theme().scale, px, weight)[2]


def draw_text(
    painter: QPainter,
    x: float,
    y: float,
    text: str,
    px: float = 13,
    weight: int = NORMAL,
    ink: str | QColor = "text",
    align: Qt.AlignmentFlag = LEFT,
    halo: str | None = None,
) -> QRectF:
    """Draw one line centred vertically on ``y``; ``x`` is its left end, centre or right end. Returns its rectangle.

    ``halo`` names a colour painted behind the text, so that it stays readable over lines.
    """
    ascent, descent, height = _vertical(theme().scale, px, weight)
    width = text_width(text, px, weight)
    left = x - (width if align == RIGHT else width / 2 if align == CENTER else 0.0)
    box = QRectF(left, y - height / 2, width, height)
    if halo:
        painter.fillRect(box.adjusted(-3, 0, 3, 0), color(halo))
    painter.setPen(color(ink) if isinstance(ink, str) else ink)
    write(painter, left, y + (ascent - descent) / 2, text, px, weight)
    return box


def draw_rich(
    painter: QPainter,
    x: float,
    y: float,
    runs: Sequence[tuple[str, float, int, str]],
    align: Qt.AlignmentFlag = LEFT,
    gap: float = 5.0,
) -> QRectF:
    """Draw runs of text with different sizes on one baseline: ``(text, px, weight, colour name)`` each."""
    runs = [run for run in runs if run[0]]
    widths = [text_width(text, px, weight) for text, px, weight, _ in runs]
    total = sum(widths) + gap * max(0, len(runs) - 1)
    left = x - (total if align == RIGHT else total / 2 if align == CENTER else 0.0)
    biggest = max((run[1] for run in runs), default=13.0)
    ascent, descent, height = _vertical(theme().scale, biggest, NORMAL)
    baseline = y + (ascent - descent) / 2
    at = left
    for (text, px, weight, ink), width in zip(runs, widths, strict=True):
        painter.setPen(color(ink))
        write(painter, at, baseline, text, px, weight)
        at += width + gap
    return QRectF(left, y - height / 2, total, height)


def rich_width(runs: Sequence[tuple[str, float, int, str]], gap: float = 5.0) -> float:
    """Width that :func:`draw_rich` takes."""
    runs = [run for run in runs if run[0]]
    return sum(text_width(text, px, weight) for text, px, weight, _ in runs) + gap * max(0, len(runs) - 1)


def wrap(text: str, px: float, weight: int, width: float, most: int = 3) -> list[str]:
    """Break a text into lines that fit, where :mod:`gui.widgets.breaks` lets a line end. Nothing is ever left out."""
    if text_width(text, px, weight) <= width:
        return [text]
    return list(_wrap(theme().scale, px, weight, text, round(width), most))


def balanced(text: str, px: float, weight: int, width: float) -> list[str]:
    """As :func:`wrap`, with lines about as long as each other; no phrase is broken for it."""
    lines = wrap(text, px, weight, width)
    longest = max((text_width(piece.strip(), px, weight) for piece in pieces(text)), default=0.0)
    for share in (share for share in (0.6, 0.7, 0.8, 0.9) if width * share >= longest):
        even = wrap(text, px, weight, width * share)
        if len(even) == len(lines) and all(text_width(line, px, weight) <= width for line in even):
            return even
    return lines


@lru_cache(maxsize=512)
def _wrap(scale: float, px: float, weight: int, text: str, width: int, most: int) -> tuple[str, ...]:
    def filled(words: list[str]) -> list[str]:
        lines = [""]
        for word in words:
            if lines[-1] and len(lines) < most and text_width((lines[-1] + word).rstrip(), px, weight) > width:
                lines.append(word)
            else:
                lines[-1] += word
        return [line.strip() for line in lines]

    lines = filled(pieces(text))
    if any(text_width(line, px, weight) > width for line in lines):
        lines = filled(shorter(text))  # phrases are too long for the room: break anywhere
    return tuple(lines)


def bar(painter: QPainter, rect: QRectF, fill: str | QColor, radius: float = 2.0) -> None:
    """A filled bar on the pixel grid without an outline."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(fill) if isinstance(fill, str) else fill)
    if radius and rect.width() > 2 * radius:
        painter.drawRoundedRect(rect, radius, radius)
    else:
        painter.drawRect(rect)


def outline(painter: QPainter, rect: QRectF, ink: str, width: float = 1.0, radius: float = 2.0) -> None:
    """An outline on half pixels."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color(ink), width))
    half = 0.5 if round(width) % 2 else 0.0
    painter.drawRoundedRect(snap(rect).adjusted(half, half, -half, -half), radius, radius)


def snap(rect: QRectF) -> QRectF:
    """The rectangle on whole pixels."""
    left, top = round(rect.left()), round(rect.top())
    return QRectF(left, top, round(rect.right()) - left, round(rect.bottom()) - top)


def hatch(painter: QPainter, rect: QRectF, ink: QColor, step: float = 6.0, width: float = 1.2) -> None:
    """Diagonal lines within the rectangle. Drawn, because Qt's own pattern does not scale with the picture.

    They end at its edges: Qt's files of SVG know no clipping, which cuts their corners elsewhere.
    """
    if rect.width() <= 0 or rect.height() <= 0:
        return
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(ink, width))
    start = math.floor((rect.left() - rect.height()) / step) * step
    lines = []
    at = start
    while at < rect.right():
        first, last = max(at, rect.left()), min(at + rect.height(), rect.right())
        if first < last:
            lines.append(QLineF(first, rect.bottom() - (first - at), last, rect.bottom() - (last - at)))
        at += step
    painter.drawLines(lines)
    painter.restore()


def hline(painter: QPainter, y: float, left: float, right: float, ink: str = "grid", width: float = 1.0) -> None:
    """A horizontal hairline on whole pixels: a filled bar, for a smoothed stroke takes thirty times as long."""
    painter.fillRect(QRectF(left, math.floor(y) + 0.5 - width / 2, right - left, width), color(ink))


def vline(
    painter: QPainter,
    x: float,
    top: float,
    bottom: float,
    ink: str = "grid",
    width: float = 1.0,
    dash: Sequence[float] | None = None,
) -> None:
    """A vertical line, optionally dashed; 2 px lines are the limits."""
    at = math.floor(x) + (0.5 if round(width) % 2 else 0.0)
    if not dash:
        painter.fillRect(QRectF(at - width / 2, top, width, bottom - top), color(ink))
        return
    pen = QPen(color(ink), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setDashPattern(list(dash))
    painter.setPen(pen)
    painter.drawLine(QLineF(at, top, at, bottom))


def dot(painter: QPainter, at: QPointF, fill: str, ring: str, radius: float = 6.0, width: float = 2.0) -> None:
    """A dot with a ring of the card's colour, so that it stands on a line."""
    painter.setPen(QPen(color(ring), width))
    painter.setBrush(color(fill))
    painter.drawEllipse(at, radius, radius)


def polyline(painter: QPainter, points: Sequence[QPointF], pen: QPen) -> None:
    """One stroke through all points.

    On a screen a solid line of few points is drawn as straight pieces, which Qt fills in a fifth of the time that it takes
    to outline the whole stroke; their square ends meet without a gap where the line bends a little.
    """
    if len(points) <= STRAIGHT_PIECES and pen.style() is _SOLID and isinstance(painter.device(), SCREEN):
        pieces = QPen(pen)
        pieces.setCapStyle(_SQUARE)
        painter.setPen(pieces)
        painter.drawLines([QLineF(start, end) for start, end in pairwise(points)])
        return
    path = QPainterPath()
    for index, point in enumerate(points):
        if index:
            path.lineTo(point)
        else:
            path.moveTo(point)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen)
    painter.drawPath(path)


def line_pen(ink: str, width: float = 2.5, dash: Sequence[float] | None = None) -> QPen:
    """A round pen for data lines."""
    pen = QPen(color(ink), width)
    pen.setJoinStyle(_ROUND_JOIN)
    pen.setCapStyle(_FLAT if dash else _ROUND)
    if dash:
        pen.setDashPattern(list(dash))
    return pen


def linear_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Ticks at 1, 2, 2.5 or 5 times a power of ten, inside the range, at most ``most`` + 1 of them."""
    if not high > low:
        return [low]
    raw = (high - low) / max(1, most)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(step * power for step in (1.0, 2.0, 2.5, 5.0, 10.0) if step * power >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - first
    return [(first + index) * step for index in range(count + 1)]


def log_ticks(low: float, high: float, most: int = 7) -> list[float]:
    """Ticks of a logarithmic axis: 1-2-5, thinned to decades when there are too many."""
    if not (low > 0 and high > low):
        return [low]
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1, 2, 5), (1, 3), (1,)):
        ticks = [m * 10.0**d for d in decades for m in steps]
        ticks = [tick for tick in ticks if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]
        if len(ticks) <= most:
            return ticks
    return ticks[:: math.ceil(len(ticks) / most)]


def nice_ceiling(value: float, steps: Sequence[float] = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)) -> float:
    """The next round number at or above a positive value: the end of an axis."""
    if not value > 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next((step * power for step in steps if step * power >= value * (1 - 1e-9)), 10 * power)


def spread(
    centres: Sequence[float], heights: Sequence[float], low: float, high: float, gap: float = 2.0
) -> list[float]:
    """Move labels apart along one axis as little as needed, inside ``low``..``high``; the order is kept.

    A label whose place is taken is pushed; blocks of touching labels settle at the mean of what they wanted.
    """
    order = sorted(range(len(centres)), key=lambda index: centres[index])
    blocks: list[tuple[list[int], float]] = []

    def size(members: list[int]) -> float:
        return sum(heights[index] for index in members) + gap * (len(members) - 1)

    def place(members: list[int]) -> float:
        offset, total = 0.0, 0.0
        for index in members:
            total += centres[index] - heights[index] / 2 - offset
            offset += heights[index] + gap
        start = total / len(members)
        return min(max(start, low), max(low, high - size(members)))

    for index in order:
        members = [index]
        start = place(members)
        while blocks and blocks[-1][1] + size(blocks[-1][0]) + gap > start:
            members = blocks.pop()[0] + members
            start = place(members)
        blocks.append((members, start))
    placed = [0.0] * len(centres)
    for members, start in blocks:
        at = start
        for index in members:
            placed[index] = at + heights[index] / 2
            at += heights[index] + gap
    return placed


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear or logarithmic mapping from values to pixels."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False
    free: bool = False
    """Values outside the range are not held at its ends: what is painted is clipped instead."""

    def __call__(self, value: float) -> float:
        """Pixel of a value; values outside the range map outside."""
        if self.log:
            share = math.log(max(value, 1e-300) / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def array(self, values: Sequence[float] | npt.NDArray[np.float64]) -> list[float]:
        """Pixels of many values, held inside the axis."""
        if len(values) < 8:  # a straight line has two: NumPy would take longer to begin
            return [self.clipped(float(value)) for value in values]
        inside = np.asarray(values, dtype=float)
        if not self.free:
            inside = np.clip(inside, self.low, self.high)
        elif self.log:
            inside = np.maximum(inside, 1e-300)
        if self.log:
            share = np.log(inside / self.low) / math.log(self.high / self.low)
        else:
            share = (inside - self.low) / (self.high - self.low)
        found: list[float] = (self.start + share * (self.end - self.start)).tolist()
        return found

    def clipped(self, value: float) -> float:
        """Pixel of a value, held inside the axis unless it is free."""
        return self(value) if self.free else self.held(value)

    def held(self, value: float) -> float:
        """Pixel of a value, held inside the axis."""
        return self(min(max(value, self.low), self.high))

    def holds(self, value: float) -> bool:
        """Whether a value lies within the range."""
        slack = 1e-9 * abs(self.high - self.low)
        return self.low - slack <= value <= self.high + slack

    def invert(self, pixel: float) -> float:
        """Value at a pixel."""
        share = (pixel - self.start) / (self.end - self.start)
        return self.low * (self.high / self.low) ** share if self.log else self.low + share * (self.high - self.low)


@lru_cache(maxsize=128)
def _ink(fill: str) -> tuple[QColor, bool]:
    """The ink on a filled mark, and whether it contrasts enough to be read."""
    ink = ink_on(fill)
    return ink, contrast(ink, fill) >= 4.5


def inside_label(
    painter: QPainter, rect: QRectF, text: str, px: float, weight: int, fill: QColor, avoid: float | None = None,
    patch: QColor | None = None,
) -> bool:  # fmt: skip
    """Write a label centred in a filled mark if it fits and its ink contrasts; says whether it did.

    ``avoid`` is the place of a vertical line that must not cross the label: it moves to the wider side. ``patch`` is
    painted below the label where the mark is hatched.
    """
    need = text_width(text, px, weight) + 8.0
    if avoid is not None and abs(rect.center().x() - avoid) < need / 2 and rect.left() < avoid < rect.right():
        if avoid - rect.left() >= rect.right() - avoid:
            rect = QRectF(rect.left(), rect.top(), avoid - rect.left(), rect.height())
        else:
            rect = QRectF(avoid, rect.top(), rect.right() - avoid, rect.height())
    if need > rect.width() or rect.height() < line_height(px, weight) - 4:
        return False
    ink, reads = _ink(fill.name())
    if not reads:
        return False
    if patch is not None:
        high = line_height(px, weight)
        painter.fillRect(QRectF(rect.center().x() - need / 2, rect.center().y() - high / 2, need, high), patch)
    draw_text(painter, rect.center().x(), rect.center().y(), text, px, weight, ink, CENTER)
    return True
