"""A week of the cluster: a column a day, as wide as the whole cluster and as high as 24 hours, so that area is its hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication, QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen

from mitsumori.gui.charts.base import Chart
from mitsumori.gui.charts.numbers import percent, plain
from mitsumori.gui.charts.painting import (
    CENTER,
    NORMAL,
    RIGHT,
    SEMIBOLD,
    bar,
    color,
    draw_text,
    hatch,
    line_height,
    text_width,
    u,
    wrap,
)
from mitsumori.gui.charts.series import Series
from mitsumori.gui.tables.columns import Cell, Column, Table
from mitsumori.gui.theme.tokens import ink_on

if TYPE_CHECKING:
    from mitsumori.gui.plot.scene import SceneView

translate = QCoreApplication.translate
HOUR_STEP = 6
STEP = 0.5
"""Hours in which blocks move."""
EDGE = 6
"""Pixels from the edge of a block in which the pointer takes the edge alone."""


@dataclass(frozen=True)
class Block:
    """One plan's hours of a day: day of the week from 0, hours, share of the cluster before it and its own, name, colour.

    ``hatched`` is maintenance, which no plan uses.
    """

    day: int
    low: float
    high: float
    before: float
    share: float
    name: str
    ink: str
    key: object = None
    hatched: bool = False


@dataclass
class _Drag:
    """A block that is held: which edges follow the pointer, the hour where it was taken, and how far it has come."""

    block: Block
    low: bool
    high: bool
    from_hour: float
    hours: float = 0.0


class WeekChart(Chart):
    """Blocks of the plans over what is free; a day on which more than the whole is claimed has an edge of its own.

    Signals
    -------
    moved
        ``(block, hours its start moves, hours its end moves)``: it was dragged, or moved with the keyboard.
    """

    moved = Signal(object, float, float)
    least = (360, 240)

    def __init__(self) -> None:
        super().__init__()
        self._drag: _Drag | None = None
        self._blocks: tuple[Block, ...] = ()
        self._days: tuple[str, ...] = ()
        self._chosen: object = None
        self._clashing: tuple[int, ...] = ()

    def set_data(
        self, days: Sequence[str], blocks: Sequence[Block], chosen: object = None, clashing: Sequence[int] = ()
    ) -> None:
        """Show a week.

        Parameters
        ----------
        days, blocks
            Names of its days, and what each plan has.
        chosen
            Key of the blocks that are chosen.
        clashing
            Days, from 0, on which more than the whole cluster is claimed.
        """
        self._days, self._blocks, self._chosen, self._clashing = tuple(days), tuple(blocks), chosen, tuple(clashing)
        self.shown((days, blocks, chosen, self._clashing))

    # -- moving blocks

    def make_view(self) -> SceneView:
        """A view in which blocks are dragged."""
        from mitsumori.gui.plot.dragged import DraggedView

        return DraggedView(self)

    def _area(self, rect: QRectF | None = None) -> QRectF:
        """The hours of all days within a place; in the window the chart's own."""
        rect = QRectF(self.rect()) if rect is None else rect
        return rect.adjusted(
            u(44), u(22) + line_height(13) * (max(map(len, self._heads(rect.width())), default=1) - 1), 0, -u(4)
        )

    def _heads(self, width: float) -> list[list[str]]:
        """Names of the days in the lines that have room over their columns: one, or day and date below each other."""
        room = (width - u(44)) / max(1, len(self._days)) - u(6)
        if all(text_width(name, 13, SEMIBOLD) <= room for name in self._days):
            return [[name] for name in self._days]
        return [wrap(name, 13, SEMIBOLD, min(room, text_width(name, 13, SEMIBOLD) - 1), 2) for name in self._days]

    def _hour(self, y: float) -> float:
        area = self._area()
        return 24.0 * (y - area.top()) / max(1.0, area.height())

    def _block_at(self, at: QPointF) -> Block | None:
        found = self.mark_at(at)
        if found is None or found.key is None:
            return None
        area, hour = self._area(), self._hour(at.y())
        day = int((at.x() - area.left()) / max(1.0, area.width()) * len(self._days))
        fits = (one for one in self._blocks if (one.day, one.key) == (day, found.key) and one.low <= hour <= one.high)
        return next(fits, None)

    def _edges(self, block: Block, hour: float) -> tuple[bool, bool]:
        """Which edges of a block follow a pointer at an hour: one that it is close to, else both."""
        near = min(24.0 * u(EDGE) / max(1.0, self._area().height()), (block.high - block.low) / 3.0)
        if hour - block.low < near:
            return True, False
        return block.high - hour >= near, True

    def take(self, at: QPointF) -> bool:
        """Take the block at a point."""
        block = self._block_at(at)
        if block is not None:
            self._drag = _Drag(block, *self._edges(block, self._hour(at.y())), self._hour(at.y()))
        return block is not None

    def drag(self, at: QPointF) -> None:
        """Show the held block at another hour, in steps of half an hour."""
        held = self._drag
        if held is None:
            return
        hours = round((self._hour(at.y()) - held.from_hour) / STEP) * STEP
        if not (held.low and held.high):  # one edge stays before the other
            long = held.block.high - held.block.low - STEP
            hours = min(hours, long) if held.low else max(hours, -long)
        if hours != held.hours:
            held.hours = hours
            self.update()

    def drop(self, keep: bool) -> bool:
        """Let the held block go."""
        held, self._drag = self._drag, None
        if held is None or held.hours == 0.0:
            return False
        self.update()
        if keep:
            self.moved.emit(held.block, held.hours * held.low, held.hours * held.high)
        return True

    def shape_at(self, at: QPointF) -> Qt.CursorShape | None:
        """Up and down over an edge."""
        block = self._block_at(at)
        if block is None or all(self._edges(block, self._hour(at.y()))):
            return None
        return Qt.CursorShape.SizeVerCursor

    def move_key(self, event: QKeyEvent) -> bool:
        """Ctrl with up or down moves the block that has the keyboard by half an hour, Shift moves its end."""
        step = {Qt.Key.Key_Up: -STEP, Qt.Key.Key_Down: STEP}.get(Qt.Key(event.key()))
        ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if step is None or not (ctrl or event.modifiers() & Qt.KeyboardModifier.ShiftModifier):
            return False
        if self._ring is not None and self._ring < len(self._blocks):
            self.moved.emit(self._blocks[self._ring], step * ctrl, step)
        return True

    def table(self) -> Table:
        """A row a block."""
        columns = (
            Column(translate("Calendar", "Day")), Column(translate("Calendar", "From"), "h", number=True),
            Column(translate("Calendar", "To"), "h", number=True), Column(translate("Calendar", "Plan")),
            Column(translate("Calendar", "Share"), number=True),
        )  # fmt: skip
        return Table(columns, tuple(
            (Cell(self._days[one.day]), Cell(plain(one.low), one.low), Cell(plain(one.high), one.high), Cell(one.name),
             Cell(percent(one.share), one.share))
            for one in self._blocks
        ))  # fmt: skip

    def series(self) -> tuple[Series, ...]:
        """Hours of the whole cluster of each plan, by day."""
        names = tuple(dict.fromkeys(one.name for one in self._blocks))
        found = []
        for name in names:
            hours = np.zeros(len(self._days))
            for one in self._blocks:
                if one.name == name:
                    hours[one.day] += (one.high - one.low) * one.share
            found.append(Series(name, np.arange(len(self._days), dtype=float), hours, "", "h", names=self._days))
        return tuple(found)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Columns, blocks, hours at the left."""
        if not self._days:
            return
        area = self._area(rect)
        pitch, gap = area.width() / len(self._days), u(6)
        for hour in range(0, 25, HOUR_STEP):
            y = area.top() + area.height() * hour / 24.0
            words = translate("Calendar", "{hour}:00").format(hour=hour)
            draw_text(painter, area.left() - u(8), y, words, 12, NORMAL, "text_3", RIGHT)
        for at, lines in enumerate(self._heads(rect.width())):
            box = QRectF(area.left() + at * pitch, area.top(), pitch - gap, area.height())
            bar(painter, box, "sunken", 0)
            for line, words in enumerate(lines):
                y = rect.top() + u(9) + line * line_height(13)
                draw_text(painter, box.center().x(), y, words, 13, SEMIBOLD, "text", CENTER)
        for one in self._blocks:
            self._block(painter, area, pitch, gap, self._held(one))
        for day in self._clashing:
            box = QRectF(area.left() + day * pitch, area.top(), pitch - gap, area.height())
            painter.setPen(QPen(color("bad"), u(2)))
            painter.setBrush(color("bad", 0.0))
            painter.drawRect(box)

    def _held(self, block: Block) -> Block:
        """A block as it is painted: where it is dragged to, within its day."""
        held = self._drag
        if held is None or held.block != block:
            return block
        low, high = block.low + held.hours * held.low, block.high + held.hours * held.high
        return replace(block, low=min(24.0 - STEP, max(0.0, low)), high=max(STEP, min(24.0, high)))

    def _block(self, painter: QPainter, area: QRectF, pitch: float, gap: float, one: Block) -> None:
        wide = pitch - gap
        place = QRectF(
            area.left() + one.day * pitch + wide * one.before, area.top() + area.height() * one.low / 24.0,
            max(1.0, wide * one.share - 0.8), area.height() * (one.high - one.low) / 24.0 - 0.8,
        )  # fmt: skip
        bar(painter, place, one.ink, 0)
        if one.hatched:
            hatch(painter, place, color("card"), 6, 1.4)
        if one.key is not None and one.key == self._chosen:
            painter.setPen(QPen(color("text"), u(3)))
            painter.setBrush(color("text", 0.0))
            painter.drawRect(place.adjusted(1, 1, -1, -1))
        if text_width(one.name, 12, SEMIBOLD) + u(8) <= place.width() and place.height() > u(18):
            ink = "text" if one.hatched else ink_on(one.ink)
            if one.hatched:  # words on hatching need a plain ground
                middle, wide = place.center(), text_width(one.name, 12, SEMIBOLD) + u(8)
                bar(painter, QRectF(middle.x() - wide / 2, middle.y() - u(9), wide, u(18)), "card", 2)
            draw_text(painter, place.center().x(), place.center().y(), one.name, 12, SEMIBOLD, ink, CENTER)
        words = translate("Calendar", "{day} {low}–{high} h: {plan}, {share} of the cluster").format(
            day=self._days[one.day], low=plain(one.low), high=plain(one.high), plan=one.name, share=percent(one.share)
        )
        self.mark(place, words, one.key)


class MonthBars(Chart):
    """Hours in use as a share of all hours, month by month, by plan."""

    least = (360, 130)

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._parts: tuple[tuple[str, str, tuple[float, ...]], ...] = ()
        self._used: tuple[float, ...] = ()
        self._limit = 0.0

    def set_data(
        self,
        months: Sequence[str],
        parts: Sequence[tuple[str, str, Sequence[float]]],
        used: Sequence[float],
        limit: float = 0.0,
    ) -> None:
        """Show months: their names, (plan, colour, share claimed by month) of each plan, the utilization; and a dashed line.

        Parameters
        ----------
        months, parts, used
            A value each month.
        limit
            Share of the cluster from which more servers are due; 0: no line.
        """
        self._names, self._used, self._limit = tuple(months), tuple(used), limit
        self._parts = tuple((name, ink, tuple(values)) for name, ink, values in parts)
        self.shown((months, parts, used))

    def table(self) -> Table:
        """A row a month."""
        heads = (Column(translate("Calendar", "Month")), Column(translate("Calendar", "Utilization"), number=True))
        columns = (*heads, *(Column(name, number=True) for name, _, _ in self._parts))
        return Table(columns, tuple(
            (Cell(name), Cell(percent(self._used[at]), self._used[at]),
             *(Cell(percent(values[at]), values[at]) for _, _, values in self._parts))
            for at, name in enumerate(self._names)
        ))  # fmt: skip

    def series(self) -> tuple[Series, ...]:
        """Every plan's share, month by month."""
        x = np.arange(len(self._names), dtype=float)
        return tuple(Series(name, x, np.array(values), "", "", names=self._names) for name, _, values in self._parts)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Stacked columns below the line of the whole cluster."""
        if not self._names:
            return
        left, foot, top = u(44), u(20), u(8)
        area = rect.adjusted(left, top, -u(4), -foot)
        highest = max(
            1.0, max((sum(values[at] for _, _, values in self._parts) for at in range(len(self._names))), default=1.0)
        )
        for share in (0.0, 0.5, 1.0):
            y = area.bottom() - area.height() * share / highest
            draw_text(painter, area.left() - u(8), y, percent(share), 12, NORMAL, "text_3", RIGHT)
        pitch = area.width() / len(self._names)
        every = max(1, int(np.ceil(u(64) / pitch)))
        for at, name in enumerate(self._names):
            y, x = area.bottom(), area.left() + at * pitch
            for plan, ink, values in self._parts:
                high = area.height() * values[at] / highest
                if high <= 0:
                    continue
                place = QRectF(x, y - high, max(1.0, pitch - u(2)), high)
                bar(painter, place, ink, 0)
                words = translate("Calendar", "{month}: {plan} {share}").format(
                    month=name, plan=plan, share=percent(values[at])
                )
                self.mark(place, words)
                y -= high
            if at % every == 0:
                draw_text(painter, x, rect.bottom() - u(8), name, 12, NORMAL, "text_3")
        whole = area.bottom() - area.height() / highest
        painter.setPen(QPen(color("text"), u(2)))
        painter.drawLine(QLineF(area.left(), whole, area.right(), whole))
        if self._limit:
            y = area.bottom() - area.height() * self._limit / highest
            painter.setPen(QPen(color("marginal"), u(1.5), Qt.PenStyle.DashLine))
            painter.drawLine(QLineF(area.left(), y, area.right(), y))
