"""Memory of one GPU: the stack against the card's capacity, and rows of stacks that share one axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication, QLineF, QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.base import Chart, HeldRange
from mitsumori.gui.charts.numbers import limit, memory, percent, plain
from mitsumori.gui.charts.painting import (
    CENTER,
    RIGHT,
    SEMIBOLD,
    Scale,
    bar,
    color,
    draw_text,
    hatch,
    inside_label,
    line_height,
    linear_ticks,
    outline,
    text_width,
    u,
    vline,
    wrap,
)
from mitsumori.gui.tables.columns import Cell, Column, Table

translate = QCoreApplication.translate

PARTS = ("weights", "gradients", "optimizer", "activations", "buffers", "reserve")
"""Stacking order and colour tokens ``mem_*``."""

TIGHT = 0.9
"""From this share of the capacity on, a plan counts as marginal."""


def part_name(part: str) -> str:
    """The name of a part of memory in the language of the window."""
    return part_names()[part]


def part_names() -> dict[str, str]:
    """The names of all parts."""
    return {
        "weights": translate("Memory", "Weights"),
        "gradients": translate("Memory", "Gradients"),
        "optimizer": translate("Memory", "Optimizer states"),
        "activations": translate("Memory", "Activations"),
        "buffers": translate("Memory", "Buffers"),
        "reserve": translate("Memory", "Reserve"),
    }


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack: parts in the unit of the chart (GB), a name and what stands at its right end."""

    parts: Mapping[str, float]
    name: str = ""
    note: str = ""
    value: str = ""
    value_note: str = ""
    tone: str = "text"
    key: object = None

    @property
    def total(self) -> float:
        """Sum of the parts."""
        return sum(self.parts.values())


def paint_stack(
    painter: QPainter,
    rect: QRectF,
    scale: Scale,
    stack: Stack,
    label_px: float,
    chart: Chart,
    unit: str,
    share_of: float | None,
) -> None:
    """One stacked bar: fixed order, 1.5 px gaps, direct labels where they fit, reserve hatched, a tooltip a part.

    What goes beyond the capacity (``share_of``) is hatched red; the labels there lie on a plain patch of their part.
    """
    at, labelled = 0.0, []
    last = max((part for part in PARTS if stack.parts.get(part, 0.0) > 0), key=PARTS.index, default="")
    for part in PARTS:
        size = stack.parts.get(part, 0.0)
        if size <= 0:
            continue
        left, right = scale(at), scale(at + size)
        at += size
        box = QRectF(left, rect.top(), max(1.0, right - left - (0 if part == last else 1.5)), rect.height())
        fill = color(f"mem_{part}")
        bar(painter, box, fill, 1.5)
        if part == "reserve":
            hatch(painter, box, color("line_strong", 0.8), 5, 1)
        else:
            labelled.append((box, memory(size), fill))
        key = stack.key if stack.key is not None else f"memory.per_gpu.{part}_bytes"
        chart.mark(box, partial(_part_tip, stack.name, part, size, unit, share_of), key)
    line = scale(share_of) if share_of else None
    over = bool(share_of) and share_of is not None and at > share_of * (1 + 1e-9)
    if over and share_of is not None:
        paint_overflow(painter, rect, scale, at, share_of)
    for box, label, fill in labelled:
        patch = fill if over and line is not None and box.right() > line else None
        inside_label(painter, box, label, label_px, SEMIBOLD, fill, line, patch)


def _part_tip(name: str, part: str, size: float, unit: str, share_of: float | None) -> str:
    """A part in words."""
    tip = translate("Memory", "{part}: {size} {unit}").format(part=part_name(part), size=memory(size), unit=unit)
    if share_of:
        tip += "\n" + translate("Memory", "{share} of the capacity").format(share=percent(size / share_of))
    return f"{name}\n{tip}" if name else tip


def paint_overflow(painter: QPainter, rect: QRectF, scale: Scale, total: float, capacity: float) -> None:
    """What does not fit: hatched red beyond the capacity, outlined."""
    beyond = QRectF(scale(capacity), rect.top(), max(0.0, scale(total) - scale(capacity)), rect.height())
    if beyond.width() <= 0:
        return
    hatch(painter, beyond, color("bad", 0.75), 6, 1.3)
    outline(painter, beyond.adjusted(0, -1, 1, 1), "bad", 1.5, 2)


def paint_tight_zone(painter: QPainter, scale: Scale, capacity: float, top: float, bottom: float) -> None:
    """The marginal zone, 90 to 100 % of the capacity, hatched amber."""
    zone = QRectF(scale(capacity * TIGHT), top, scale(capacity) - scale(capacity * TIGHT), bottom - top)
    painter.fillRect(zone, color("marginal_tint"))
    hatch(painter, zone, color("marginal_fill", 0.5), 6, 1)


def stack_table(stacks: Sequence[Stack], capacity: float | None, unit: str) -> Table:
    """The table behind stacks: one row each."""
    names = (*(part_name(part) for part in PARTS), translate("Memory", "Total"), translate("Memory", "Spare"))
    columns = (Column(translate("Memory", "Case")), *(Column(name, unit, number=True) for name in names))
    rows = []
    for stack in stacks:
        spare = None if capacity is None else capacity - stack.total
        values = (*(stack.parts.get(part, 0.0) for part in PARTS), stack.total, spare)
        rows.append((Cell(stack.name or translate("Memory", "This plan")), *(Cell(memory(v), v) for v in values)))
    return Table(columns, tuple(rows), tuple(stack.key for stack in stacks))


def legend_rows(width: float) -> list[list[str]]:
    """The parts of the legend in rows that fit a width."""
    rows: list[list[str]] = [[]]
    x, words = 0.0, part_names()
    for part in PARTS:
        need = u(17) + text_width(words[part], 13)
        if rows[-1] and x + need > width:
            rows.append([])
            x = 0.0
        rows[-1].append(part)
        x += need + u(18)
    return rows


def paint_legend(
    painter: QPainter, left: float, y: float, rows: Sequence[Sequence[str]], pitch: float | None = None
) -> None:
    """Rows of :func:`legend_rows` below each other, the first centred on ``y``."""
    words = part_names()
    for row in rows:
        x = left
        for part in row:
            box = QRectF(x, y - u(5), u(11), u(11))
            bar(painter, box, f"mem_{part}", 2)
            if part == "reserve":
                outline(painter, box, "line_strong", 1, 2)
            x = draw_text(painter, x + u(17), y, words[part], 13, 400, "text_2").right() + u(18)
        y += u(22) if pitch is None else pitch


class StackBar(Chart):
    """The big bar: parts, total line, spare, marginal zone and capacity line with their names."""

    least = (320, 112)

    def __init__(self) -> None:
        super().__init__()
        self._stack = Stack({})
        self._capacity: float | None = None
        self._unit = "GB"
        self._range = HeldRange()
        self.legend = True

    def set_data(self, stack: Stack, capacity: float | None, unit: str = "GB") -> None:
        """Parts and capacity in ``unit``."""
        self._stack, self._capacity, self._unit = stack, capacity, unit
        self.shown(stack, capacity, unit)

    def table(self) -> Table:
        """One row: the parts, total and spare."""
        return stack_table((self._stack,), self._capacity, self._unit)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Labels above, bar, axis, legend below."""
        total, capacity = self._stack.total, self._capacity
        end = max(total, capacity or 0.0, 1e-9)
        low, high = self._range.fit(0.0, end, most=end)
        capacity_lines = [
            translate("Memory", "Capacity"),
            translate("Memory", "{size} {unit}").format(size=limit(capacity), unit=self._unit),
        ]
        right_pad = max(text_width(line, 13, SEMIBOLD) for line in capacity_lines) + u(10)
        over = capacity is not None and total > capacity
        scale = Scale(low, high, rect.left() + 1, rect.right() - (right_pad if not over else u(6)))
        label_h, axis_h = u(22), u(24)
        rows = legend_rows(rect.width()) if self.legend else []
        pitch = u(22)
        if rect.height() - label_h - axis_h - len(rows) * pitch - u(6) < u(26):  # a second row closer to the first
            pitch = u(17)
        legend_h = len(rows) * pitch + (u(6) if rows else 0)
        free = rect.height() - label_h - axis_h - legend_h
        height = min(max(free, u(26)), u(72))
        top = rect.top() + label_h + max(0.0, (free - height) * 0.4)
        box = QRectF(rect.left(), top, rect.width(), height)
        if capacity:
            paint_tight_zone(painter, scale, capacity, top - u(4), top + height + u(4))
            empty = QRectF(
                scale(min(total, capacity)), top, max(0.0, scale(capacity) - scale(min(total, capacity))), height
            )
            if empty.width() > 1:
                self._spare(painter, empty, capacity - total, scale, capacity)
        paint_stack(painter, box, scale, self._stack, 16 if height >= u(40) else 13, self, self._unit, capacity)
        self._lines(painter, rect, scale, top, height, over, capacity_lines)
        ticks = linear_ticks(low, high, max(2, int(rect.width() / u(120))))
        below = top + height + u(7)
        foot = QRectF(rect.left(), below, rect.width(), rect.bottom() - below)
        words = part_names()
        names = tuple(tuple(words[part] for part in row) for row in rows)
        state = scale, tuple(ticks), self._unit, names, top, height, pitch
        self.layer(
            painter, "foot", foot, state,
            lambda painter: self._foot(painter, rect, top + height, axis_h, scale, ticks, rows, pitch),
        )  # fmt: skip

    def _foot(
        self,
        painter: QPainter,
        rect: QRectF,
        top: float,
        axis_h: float,
        scale: Scale,
        ticks: Sequence[float],
        legend: Sequence[Sequence[str]],
        pitch: float,
    ) -> None:
        """The axis and the legend below the bar."""
        for tick in ticks:
            text = f"{plain(tick)} {self._unit}" if tick == 0 else plain(tick)
            at = min(max(scale(tick), rect.left() + text_width(text, 12) / 2), rect.right() - text_width(text, 12) / 2)
            draw_text(painter, at, top + axis_h * 0.62, text, 12, 400, "text_3", CENTER)
        first = u(16) if pitch >= u(20) else u(10)
        paint_legend(painter, rect.left(), top + axis_h + first, legend, pitch)

    def _spare(self, painter: QPainter, empty: QRectF, spare: float, scale: Scale, capacity: float) -> None:
        painter.setPen(color("line_strong"))
        for y in (round(empty.top()) + 0.5, round(empty.bottom()) - 0.5):
            painter.drawLine(QLineF(empty.left(), y, empty.right(), y))
        clear = scale(capacity * TIGHT) - empty.left()
        text = translate("Memory", "{size} spare").format(size=memory(spare))
        if text_width(text, 13) + u(12) < clear:
            draw_text(painter, empty.left() + clear / 2, empty.center().y(), text, 13, 400, "text_3", CENTER)

    def _lines(
        self,
        painter: QPainter,
        rect: QRectF,
        scale: Scale,
        top: float,
        height: float,
        over: bool,
        capacity_lines: list[str],
    ) -> None:
        """The total's line, the capacity's line and the names above, kept apart."""
        total, capacity = self._stack.total, self._capacity
        label_y = top - u(12)
        total_text = translate("Memory", "Total {size} {unit}").format(size=memory(total), unit=self._unit)
        taken_right = rect.right()
        if capacity:
            x = scale(capacity)
            vline(painter, x, top - u(3), top + height + u(6), "text", 2)
            tight = translate("Memory", "Tight from {size}").format(size=limit(capacity * TIGHT))
            if over:
                text = f"{capacity_lines[0]} {capacity_lines[1]}"
                half = text_width(text, 13, SEMIBOLD) / 2
                at = min(max(x, rect.left() + half), rect.right() - half)
                box = draw_text(painter, at, label_y, text, 13, SEMIBOLD, "text", CENTER)
                taken_right = box.left() - u(10)
                if scale(total) - text_width(total_text, 13, SEMIBOLD) > box.right() + u(10):
                    draw_text(painter, scale(total), label_y, total_text, 13, SEMIBOLD, "bad", RIGHT)
                    return
            else:
                y = top + height / 2 - line_height(13) / 2
                draw_text(painter, x + u(7), y, capacity_lines[0], 13, SEMIBOLD)
                draw_text(painter, x + u(7), y + line_height(13), capacity_lines[1], 13, SEMIBOLD)
                box = draw_text(painter, min(x + u(30), rect.right()), label_y, tight, 13, SEMIBOLD, "marginal", RIGHT)
                taken_right = box.left() - u(10)
        if total > 0:
            x = scale(total)
            if not over:
                vline(painter, x, top - u(3), top + height + u(6), "text", 1)
            width = text_width(total_text, 13, SEMIBOLD)
            right = min(max(x, rect.left() + width), taken_right)
            draw_text(painter, right, label_y, total_text, 13, SEMIBOLD, "bad" if over else "text", RIGHT)


@dataclass(frozen=True, slots=True)
class StackRowsData:
    """Rows of stacks against one capacity."""

    stacks: tuple[Stack, ...] = ()
    capacity: float | None = None
    unit: str = "GB"


class StackRows(Chart):
    """Stacks side by side: the phases of a step, ZeRO stages, or remedies, sharing one axis and one capacity line."""

    least = (380, 126)

    def __init__(self, legend: bool = False) -> None:
        super().__init__()
        self._data = StackRowsData()
        self._legend = legend
        self._range = HeldRange()

    def set_data(self, stacks: Sequence[Stack], capacity: float | None, unit: str = "GB") -> None:
        """Stacks in ``unit``; with a legend their names are sentences, and the chart grows with their number."""
        if self._legend and len(stacks) != len(self._data.stacks):
            self.least = (380, max(190, 72 + 46 * len(stacks)))
            self.updateGeometry()
        self._data = StackRowsData(tuple(stacks), capacity, unit)
        self.shown(stacks, capacity, unit)

    def table(self) -> Table:
        """One row a stack."""
        return stack_table(self._data.stacks, self._data.capacity, self._data.unit)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Names at left, bars, values at right, capacity line over all."""
        data = self._data
        if not data.stacks:
            return
        head, axis_h = u(4), u(20)
        rows = legend_rows(rect.width()) if self._legend else []
        legend_h = u(22) * len(rows) + (u(2) if rows else 0.0)
        pitch = (rect.height() - head - axis_h - legend_h) / len(data.stacks)
        tall = pitch > u(35)  # a value and its note below each other keep clear of the next row's
        beside = not tall and rect.width() > u(380)
        fitting = sum if beside else max  # a note stands beside its name or below
        wanted = max(
            fitting((text_width(stack.name, 14, SEMIBOLD), text_width(f"  {stack.note}".rstrip(), 12)))
            for stack in data.stacks
        )
        names = min(wanted + u(12), max(u(110), rect.width() * 0.3))
        value_w = max(text_width(stack.value, 15, SEMIBOLD) for stack in data.stacks)
        note_w = max(text_width(stack.value_note, 12) for stack in data.stacks)
        values = (value_w + u(8) + note_w if beside else max(value_w, note_w)) + u(12)
        most = max(max(stack.total for stack in data.stacks), (data.capacity or 0.0) * 1.02, 1e-9)
        low, high = self._range.fit(0.0, most, most=most)
        scale = Scale(low, high, rect.left() + names, max(rect.left() + names + 40, rect.right() - values - u(8)))
        height = min(pitch * 0.74, u(48))
        bottom = rect.top() + head + pitch * len(data.stacks)
        ticks = linear_ticks(low, high, max(2, int((scale.end - scale.start) / u(76))))
        for tick in ticks:
            vline(painter, scale(tick), rect.top() + head, bottom, "grid", 1)
        if data.capacity:
            paint_tight_zone(painter, scale, data.capacity, rect.top() + head, bottom)
        for index, stack in enumerate(data.stacks):
            middle = rect.top() + head + pitch * (index + 0.5)
            box = QRectF(scale.start, middle - height / 2, scale.end - scale.start, height)
            paint_stack(painter, box, scale, stack, 14 if height >= u(34) else 12, self, data.unit, data.capacity)
            self._name(painter, stack, scale.start - u(12), middle, names - u(12), pitch, beside)
            two = bool(stack.value_note) and tall
            shift = line_height(12) / 2 if two else 0.0
            x = rect.right() - values + u(12)
            draw_text(painter, x, middle - shift, stack.value, 15 if two else 14, SEMIBOLD, stack.tone)
            if two:
                draw_text(painter, x, middle + shift + 2, stack.value_note, 12, 400, "text_3")
            elif beside:
                draw_text(painter, rect.right(), middle, stack.value_note, 12, 400, "text_3", RIGHT)
        if data.capacity:
            x = scale(data.capacity)
            vline(painter, x, rect.top(), bottom + u(4), "text", 2)
        self._axis(painter, rect, scale, ticks, bottom + axis_h / 2 + 2)
        paint_legend(painter, rect.left(), bottom + axis_h + u(12), rows)

    def _axis(self, painter: QPainter, rect: QRectF, scale: Scale, ticks: Sequence[float], y: float) -> None:
        """The capacity's name below its line and the ticks that keep clear of it; the last of these names the unit."""
        taken, unit = QRectF(), self._data.unit
        if self._data.capacity:
            text = translate("Memory", "Capacity {size} {unit}").format(size=limit(self._data.capacity), unit=unit)
            half = text_width(text, 13, SEMIBOLD) / 2
            at = min(max(scale(self._data.capacity), rect.left() + half), rect.right() - half)
            taken = draw_text(painter, at, y, text, 13, SEMIBOLD, "text", CENTER)
        wide = {tick: text_width(f"{plain(tick)} {unit}", 12) / 2 + u(6) for tick in ticks}
        clear = [t for t in ticks if scale(t) + wide[t] < taken.left() or scale(t) - wide[t] > taken.right()]
        for tick in clear:
            text = f"{plain(tick)} {unit}" if tick == clear[-1] else plain(tick)
            draw_text(painter, scale(tick), y, text, 12, 400, "text_3", CENTER)

    @staticmethod
    def _name(
        painter: QPainter, stack: Stack, right: float, middle: float, room: float, pitch: float, beside: bool
    ) -> None:
        """Name and note at the left of a bar, wrapped where the name is long; the note below, or beside it."""
        # One line, else smaller ones: two where these hold the words, three where they do not.
        for px, most in ((14, 1), (12, 2), (12, 3)):
            words = wrap(stack.name, px, SEMIBOLD, room, most)
            if all(text_width(line, px, SEMIBOLD) <= room for line in words):
                break
        lines = [(line, px, SEMIBOLD, "text") for line in words]
        if stack.note and beside and len(words) == 1:
            draw_text(
                painter, right - text_width(f"{words[0]}  ", px, SEMIBOLD), middle, stack.note, 12, 400, "text_3", RIGHT
            )
        elif stack.note:
            lines.append((stack.note, 12, 400, "text_3"))
        steps = [line_height(px, weight) - 1 for _, px, weight, _ in lines]
        while len(lines) > 1 and sum(steps) > pitch:
            lines.pop()
            steps.pop()
        y = middle - sum(steps) / 2
        for (text, px, weight, ink), step in zip(lines, steps, strict=True):
            draw_text(painter, right, y + step / 2, text, px, weight, ink, RIGHT)
            y += step
