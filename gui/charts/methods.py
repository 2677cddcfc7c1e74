"""Cooling methods side by side: servers a rack, racks, heat to air and liquid against the limit, PUE."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter, QPainterPath

from mitsumori.gui.charts.base import Chart, Table
from mitsumori.gui.charts.numbers import UNKNOWN, number
from mitsumori.gui.charts.painting import (
    NORMAL,
    RIGHT,
    SEMIBOLD,
    bar,
    color,
    draw_rich,
    draw_text,
    hline,
    line_height,
    rich_width,
    spread,
    text_width,
    u,
    vline,
    wrap,
)
from mitsumori.gui.theme.icons import paint_icon

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class MethodRow:
    """One method. ``note`` says capacity and binding limit, ``need`` what is missing when it cannot cool."""

    name: str
    note: str
    feasible: bool
    servers_per_rack: int
    racks: int | None
    air_kw: float | None
    liquid_kw: float | None
    limit_kw: float | None
    pue: float | None
    current: bool = False
    need: str = ""
    key: Any = None
    tip: str = ""


class MethodTable(Chart):
    """Rows of methods; the chosen one tinted with an accent bar; a click adopts a feasible one."""

    least = (385, 230)

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[MethodRow, ...] = ()
        self.make_keyboard()

    def set_data(self, rows: Sequence[MethodRow]) -> None:
        """Show other methods."""
        self._rows = tuple(rows)
        self.least = (385, 32 + 44 * len(self._rows))
        self.updateGeometry()
        self.shown(rows)

    def table(self) -> Table:
        """One row a method."""
        headers = (
            translate("Racks", "Method"),
            translate("Racks", "Limit"),
            translate("Racks", "Servers a rack"),
            translate("Racks", "Racks"),
            translate("Racks", "Air kW"),
            translate("Racks", "Liquid kW"),
            translate("Racks", "PUE"),
        )
        rows = tuple(
            (
                row.name,
                f"{row.note} {row.need}".strip(),
                str(row.servers_per_rack),
                UNKNOWN if row.racks is None else str(row.racks),
                number(row.air_kw),
                number(row.liquid_kw),
                number(row.pue),
            )
            for row in self._rows
        )
        return Table(headers, rows, tuple(row.key for row in self._rows))

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Head and rows."""
        if not self._rows:
            return
        heads = (
            translate("Racks", "Method · rack limit"),
            translate("Racks", "Servers"),
            translate("Racks", "Racks"),
            translate("Racks", "Heat, kW: air · liquid"),
            translate("Racks", "PUE"),
        )
        head = u(28)
        pue_w = max(text_width("1.54", 14), text_width(heads[4], 13)) + u(10)
        n_w = max(text_width("00", 17, SEMIBOLD), text_width(heads[1], 13)) + u(10)
        r_w = max(text_width("000", 17, SEMIBOLD), text_width(heads[2], 13)) + u(10)
        name_w = max(max(text_width(row.name, 14, SEMIBOLD), self._note_width(row)) for row in self._rows) + u(16)
        heat_w = rect.width() - name_w - n_w - r_w - pue_w - u(24)
        least = max(u(120), text_width(translate("Racks", "Cannot cool"), 13, SEMIBOLD) + u(48))
        if heat_w < least:
            name_w -= least - heat_w
            heat_w = least
        x_n = rect.left() + name_w + n_w
        x_r = x_n + r_w
        x_heat = x_r + u(16)
        widest = max(text_width(str(row.servers_per_rack), 17, SEMIBOLD) for row in self._rows)
        name_w = x_n - widest - u(10) - rect.left()  # names end at the numbers, not at the head over these
        y = rect.top() + head / 2
        first = heads[0]
        if u(11) + text_width(first, 13) + u(10) > x_n - text_width(heads[1], 13) - rect.left():
            first = translate("Racks", "Method")
        draw_text(painter, rect.left() + u(11), y, first, 13, NORMAL, "text_3")
        draw_text(painter, x_n, y, heads[1], 13, NORMAL, "text_3", RIGHT)
        draw_text(painter, x_r, y, heads[2], 13, NORMAL, "text_3", RIGHT)
        if text_width(heads[3], 13) <= heat_w:
            draw_text(painter, x_heat, y, heads[3], 13, NORMAL, "text_3")
        draw_text(painter, rect.right() - u(8), y, heads[4], 13, NORMAL, "text_3", RIGHT)
        pitch = min(u(62), (rect.height() - head) / len(self._rows))
        scale = (
            max(
                max(row.limit_kw or 0.0, (row.air_kw or 0.0) + (row.liquid_kw or 0.0))
                for row in self._rows
                if row.feasible
            )
            if any(row.feasible for row in self._rows)
            else 1.0
        )
        for index, row in enumerate(self._rows):
            top = rect.top() + head + pitch * index
            self._row(
                painter, row, QRectF(rect.left(), top, rect.width(), pitch), name_w, x_n, x_r, x_heat, heat_w, scale
            )
            if index + 1 < len(self._rows):
                hline(painter, top + pitch, rect.left(), rect.right(), "line")

    @staticmethod
    def _note_width(row: MethodRow) -> float:
        return rich_width([(row.note, 13, NORMAL, "text_2"), (row.need, 13, NORMAL, "bad")], u(6))

    def _row(
        self,
        painter: QPainter,
        row: MethodRow,
        box: QRectF,
        name_w: float,
        x_n: float,
        x_r: float,
        x_heat: float,
        heat_w: float,
        scale: float,
    ) -> None:
        middle = box.center().y()
        if row.current:
            wide = box.adjusted(0, 1, 0, 0)
            bar(painter, wide, "accent_tint", u(5))
            bar(painter, QRectF(wide.left(), wide.top(), u(3), wide.height()), "accent", 1)
        weight = SEMIBOLD if row.current else NORMAL
        step = line_height(13)
        room = name_w - u(11)
        px = next((px for px in (14, 13) if text_width(row.name, px, weight) <= room), 12)
        lines = wrap(row.name, px, weight, room, 2)
        if len(lines) > 1:
            px, step = 12, line_height(12) - 1
            lines = re.split(r" ?(?=[(（])", row.name, maxsplit=1)  # what is in brackets goes below, whole
            if len(lines) == 1 or any(text_width(line, px, weight) > room for line in lines):
                short, lines = lines[0], wrap(row.name, px, weight, room, 2)
                if text_width(lines[-1], px, weight) > room:
                    lines = wrap(short, px, weight, room, 2)
        notes = [(row.note, 12 if len(lines) > 1 else 13, NORMAL, "text_2"), (row.need, 13, NORMAL, "bad")]
        if rich_width(notes, u(6)) > room:
            notes = [(text, 12, NORMAL, ink) for text, _, _, ink in notes]
        if rich_width(notes, u(6)) > room:
            # The binding limit is in the tooltip and the table as well; the capacity stays.
            notes = [(row.note.split(" · ")[0], 12, NORMAL, "text_2"), *notes[1:]]
        y = middle - step * len(lines) / 2 - 1
        for line in lines:
            draw_text(painter, box.left() + u(11), y, line, px, weight)
            y += step
        draw_rich(painter, box.left() + u(11), y + 1, notes, gap=u(6))
        draw_text(painter, x_n, middle, str(row.servers_per_rack), 17, SEMIBOLD, "text", RIGHT)
        racks = UNKNOWN if row.racks is None else f"{row.racks:,}"
        draw_text(painter, x_r, middle, racks, 17, SEMIBOLD, "text", RIGHT)
        if row.feasible:
            self._heat(painter, row, QRectF(x_heat, middle - u(14), heat_w - u(8), u(12)), scale)
        else:
            self._badge(painter, QRectF(x_heat, middle - u(12), 0, u(24)))
        draw_text(painter, box.right() - u(8), middle, number(row.pue), 14, NORMAL, "text", RIGHT)
        tip = "\n".join(part for part in (row.name, row.note, row.need, row.tip) if part)
        self.mark(box, tip, row.key)

    @staticmethod
    def _badge(painter: QPainter, box: QRectF) -> None:
        text = translate("Racks", "Cannot cool")
        size = text_width(text, 13, SEMIBOLD) + u(36)
        pill = QRectF(box.left(), box.top(), size, box.height())
        bar(painter, pill, "bad_tint", box.height() / 2)
        icon = u(14)
        paint_icon(painter, QRectF(pill.left() + u(9), pill.center().y() - icon / 2, icon, icon), "close", color("bad"))
        draw_text(painter, pill.left() + u(26), pill.center().y(), text, 13, SEMIBOLD, "bad")

    @staticmethod
    def _heat(painter: QPainter, row: MethodRow, track: QRectF, scale: float) -> None:
        end = row.limit_kw or 0.0
        if end:
            bar(painter, QRectF(track.left(), track.top(), track.width() * end / scale, track.height()), "sunken", 2)
        x = track.left()
        for value, ink in ((row.air_kw, "heat_air"), (row.liquid_kw, "heat_liquid")):
            if value:
                width = track.width() * value / scale
                bar(painter, QRectF(x, track.top(), max(1.5, width - 1), track.height()), ink, 2)
                x += width
        if end:
            vline(
                painter,
                track.left() + track.width() * end / scale,
                track.top() - u(4),
                track.bottom() + u(4),
                "text",
                2,
            )
        parts = []
        if row.air_kw:
            parts.append(translate("Racks", "air {kw}").format(kw=number(row.air_kw)))
        if row.liquid_kw:
            parts.append(translate("Racks", "liquid {kw}").format(kw=number(row.liquid_kw)))
        draw_text(painter, track.left(), track.bottom() + u(10), " · ".join(parts), 12, NORMAL, "text_2")


@dataclass(frozen=True, slots=True)
class FlowPart:
    """One stream of power: name, kW, colour token."""

    name: str
    kw: float
    ink: str
    key: Any = None


class EnergyFlow(Chart):
    """Where the utility's power goes: drawn as streams from the utility at left to its uses at right."""

    least = (340, 150)

    def __init__(self) -> None:
        super().__init__()
        self._source = ("", "")
        self._parts: tuple[FlowPart, ...] = ()

    def set_data(self, source: tuple[str, str], parts: Sequence[FlowPart]) -> None:
        """The utility's name and amount, and the streams from top to bottom."""
        self._source, self._parts = source, tuple(part for part in parts if part.kw > 0)
        self.shown(source, parts)

    def table(self) -> Table:
        """Use and kW."""
        headers = (translate("Racks", "Use"), translate("Racks", "kW"))
        return Table(
            headers,
            tuple((part.name, number(part.kw)) for part in self._parts),
            tuple(part.key for part in self._parts),
        )

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """One block at left, curved streams, labels at right kept apart."""
        total = sum(part.kw for part in self._parts)
        if total <= 0:
            return
        runs = [
            [(p.name, 13, NORMAL, "text_2"), (number(p.kw), 14, SEMIBOLD, "text"), ("kW", 12, NORMAL, "text_3")]
            for p in self._parts
        ]
        labels = max(rich_width(run, u(6)) for run in runs) + u(4)
        source_w = max(text_width(self._source[0], 13), text_width(self._source[1], 15, SEMIBOLD)) + u(14)
        left, right = rect.left() + source_w, rect.right() - labels - u(16)
        gap = u(7)
        free = rect.height() - gap * (len(self._parts) - 1) - u(6)
        heights = [max(2.0, free * part.kw / total) for part in self._parts]
        factor = free / sum(heights)
        heights = [height * factor for height in heights]
        block = sum(heights)
        top = rect.top() + (rect.height() - block) / 2
        bar(painter, QRectF(left - u(8), top, u(8), block), "line_strong", 1)
        middle = rect.center().y()
        draw_text(painter, rect.left(), middle - line_height(13) / 2, self._source[0], 13, NORMAL, "text_2")
        draw_text(painter, rect.left(), middle + line_height(15) / 2, self._source[1], 15, SEMIBOLD)
        y_left, y_right = top, rect.top() + u(3)
        centres = []
        for part, height in zip(self._parts, heights, strict=True):
            path = QPainterPath()
            mid = (left + right) / 2
            path.moveTo(left, y_left)
            path.cubicTo(mid, y_left, mid, y_right, right, y_right)
            path.lineTo(right, y_right + height)
            path.cubicTo(mid, y_right + height, mid, y_left + height, left, y_left + height)
            path.closeSubpath()
            painter.fillPath(path, color(part.ink, 0.55))
            bar(painter, QRectF(right, y_right, u(6), height), part.ink, 0)
            self.mark(
                QRectF(left, min(y_left, y_right), right - left + labels, max(height, u(14))),
                f"{part.name}: {number(part.kw)} kW",
                part.key,
            )
            centres.append(y_right + height / 2)
            y_left += height
            y_right += height + gap
        steps = [line_height(14)] * len(centres)
        places = spread(centres, steps, rect.top(), rect.bottom(), 1)
        for run, at in zip(runs, places, strict=True):
            draw_rich(painter, right + u(14), at, run, gap=u(6))
