"""The one delegate of all tables: a painter for each look, the ground of rows, the ring of the keyboard."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from mitsumori.gui.charts.painting import (
    BOLD,
    CENTER,
    LEFT,
    NORMAL,
    PALE,
    RIGHT,
    SEMIBOLD,
    bar,
    color,
    draw_rich,
    draw_text,
    hatch,
    line_height,
    outline,
    rich_width,
    snap,
    text_width,
    u,
    vline,
    wrap,
)
from mitsumori.gui.tables.columns import Cell, Check, Column, Gauge, Heat, Pill, Result, Stacked, Words
from mitsumori.gui.tables.measures import MeasuredTable
from mitsumori.gui.tables.model import Index
from mitsumori.gui.theme.icons import paint_icon
from mitsumori.gui.theme.tokens import ink_on, theme
from mitsumori.gui.widgets.paint import SMOOTH

_SELECTED = QStyle.StateFlag.State_Selected
_RESULT_AIR, _CHECK, _ROUND = 28.0, 22.0, 24.0


class Cells(QStyledItemDelegate):
    """Paints cells of :class:`RowModel` by their look."""

    def __init__(self, view: MeasuredTable) -> None:
        super().__init__(view)
        self._view = view
        self._painters: dict[type, Callable[[QPainter, QRectF, Cell, Any, Column], None]] = {
            Words: _words,
            Stacked: _stacked,
            Pill: _pill,
            Gauge: _gauge,
            Check: _check,
            Heat: self._heat,
            Result: self._result,
        }

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, contents, hairline and ring of one cell."""
        view, model, rect = self._view, self._view.rows(), option.rect
        box, row = QRectF(rect), index.row()
        painter.setRenderHint(SMOOTH)
        current = model.is_current(row)
        cell = model.cell(index)
        column = model.columns[index.column()]
        first = index.column() == view.first_column()
        look = cell.look
        chosen = view.shows_selection and not view.printing and bool(option.state & _SELECTED)
        if (current or chosen) and not isinstance(look, Heat):
            painter.fillRect(rect, color("accent_tint"))
        elif view.hovered() == row and not isinstance(look, Heat):
            painter.fillRect(rect, color("hover"))
        if not self._view.isEnabled():
            painter.setOpacity(PALE)
        if isinstance(look, Words) and look.ground and not chosen:
            painter.fillRect(rect, color(look.ground))
            if look.edge:
                painter.fillRect(QRectF(box.left(), box.top(), u(3), box.height()), color(look.edge))
        air = 0.0 if isinstance(look, Heat) else u(view.pad)
        self._painters[type(look)](painter, box.adjusted(air, 0, -air, -1), cell, look, column)
        painter.setOpacity(1.0)
        if view.lines and row + 1 < model.rowCount():
            painter.fillRect(QRectF(box.left(), box.bottom() - 1, box.width(), 1), color("line"))
        if view.column_lines and not first:
            painter.fillRect(QRectF(box.left(), box.top(), 1, box.height()), color("line"))
        if current and first:
            painter.fillRect(QRectF(box.left(), box.top(), u(3), box.height() - 1), color("accent"))
        self._ring(painter, box, index, current)

    def _ring(self, painter: QPainter, box: QRectF, index: Index, current: bool) -> None:
        view = self._view
        at = view.currentIndex()
        if view.printing:
            return
        if not (view.hasFocus() or view.chosen_row() == index.row()) or at.row() != index.row():
            return
        if view.whole_rows:
            painter.save()
            painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
            wide = QRectF(0, box.top(), view.viewport().width(), box.height())
            outline(painter, wide.adjusted(1, 1, -1, -1), "accent", 2, 4)
            painter.restore()
        elif at.column() == index.column():
            outline(painter, box.adjusted(1, 1, -1, -1), "accent", 2, 4)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Width of the contents with their air."""
        wide = content_width(self._view.rows().cell(index)) + 2 * u(self._view.pad)
        return QSize(math.ceil(wide), round(u(self._view.pitch[0])))

    # -- looks that need to know the view -----------------------------------------------------------------------------

    def _heat(self, painter: QPainter, box: QRectF, cell: Cell, look: Heat, column: Column) -> None:
        inner = snap(box.adjusted(1, 1, -1, 0))
        mine = look.mine
        if look.share is None:
            bar(painter, inner, "hover", 3)
            hatch(painter, inner, color("line", 0.9), 7, 1.4)
            lines = [cell.text] if text_width(cell.text, 13) + 8 <= inner.width() else cell.text.split(" ", 1)
            step = line_height(12)
            for index, line in enumerate(lines):
                y = inner.center().y() + step * (index - (len(lines) - 1) / 2)
                small = 13 if len(lines) == 1 else 12
                draw_text(painter, inner.center().x(), y, line, small, NORMAL, "text_3", CENTER)
        else:
            fill = diverging(look.share) if look.two_sided else mix(theme().heat_scale(), look.share)
            bar(painter, inner, fill, 3)
            px, weight = float(look.px), NORMAL
            if mine:
                px, weight = (px, SEMIBOLD) if look.two_sided else (px + 3, BOLD)
            while px > 11 and text_width(cell.text, px, weight) + 6 > inner.width():
                px -= 1
            draw_text(painter, inner.center().x(), inner.center().y(), cell.text, px, weight, ink_on(fill), CENTER)
        if mine:
            width = 2.0 if look.two_sided else 3.0
            outline(painter, box.adjusted(width / 2, width / 2, -width / 2, 1 - width / 2), "text", width, 4)

    def _result(self, painter: QPainter, box: QRectF, cell: Cell, look: Result, column: Column) -> None:
        """Number, bar, change and the mark of the best; the bars of all rows stand below each other."""
        y = box.center().y()
        runs = [(cell.text, 16, SEMIBOLD, "text"), (look.unit, 12, NORMAL, "text_3")]
        widest, widest_change = self._view.column_widths
        number_room = max(widest + u(_RESULT_AIR - 14), box.width() * 0.38)
        draw_rich(painter, box.left(), y, runs)
        check = u(_CHECK - 14)
        left = box.left() + number_room
        right = box.right() - check - widest_change - u(16)
        if right - left > u(28) and look.share is not None:
            bar(painter, QRectF(left, y - u(4), right - left, u(8)), "sunken", u(2))
            bar(painter, QRectF(left, y - u(4), (right - left) * max(0.0, look.share), u(8)), "accent", u(2))
        ink = "ok" if look.better else "text_2"
        draw_text(painter, box.right() - check, y, look.change, 13, NORMAL, ink, RIGHT)
        if look.best:
            size = u(15)
            place = QRectF(box.right() - size + u(9), y - size / 2, size, size)
            paint_icon(painter, place, "check", color("ok"))


# -- looks ------------------------------------------------------------------------------------------------------------


def _runs(cell: Cell, look: Words, px: float) -> list[tuple[str, float, int, str]]:
    return [(cell.text, px, look.weight, look.ink), (look.unit, look.unit_px, NORMAL, "text_3")]


def _words(painter: QPainter, box: QRectF, cell: Cell, look: Words, column: Column) -> None:
    """The text, its notes below, its mark beside; smaller and then on two lines where it is wider than its place."""
    if look.picked is not None:
        _round_button(painter, box, look.picked)
        box = box.adjusted(u(_ROUND), 0, 0, 0)
    room = box.width() + 1
    align = CENTER if column.centred else RIGHT if column.number else LEFT
    x = box.center().x() if align == CENTER else box.right() if align == RIGHT else box.left()
    sizes = [px for px in (look.px, look.px - 1, 13, 12) if 12 <= px <= look.px]
    px = next((px for px in sizes if rich_width(_runs(cell, look, px)) <= room), 12.0)
    lines = [cell.text]
    if text_width(cell.text, px, look.weight) > room:
        lines = _broken(cell.text, px, look.weight, room, look.lines)
        if not column.number:  # a number is never cut
            lines = [cut(line, px, room, look.weight) for line in lines]
    notes = _notes(look, room, box.height() - line_height(px) * len(lines))
    step, under = line_height(px) - 1, line_height(13)
    over = under if look.above else 0.0
    high = over + step * len(lines) + under * len(notes)
    y = box.center().y() - high / 2 + over + step / 2
    if look.above:
        draw_text(painter, x, y - step / 2 - over / 2, look.above, 13, NORMAL, "text_2", align)
    drawn = QRectF()
    for line in lines:
        if look.unit and len(lines) == 1:
            drawn = draw_rich(painter, x, y, _runs(cell, look, px), align)
        else:
            drawn = draw_text(painter, x, y, line, px, look.weight, look.ink, align)
        y += step
    middle = y - step
    y += (under - step) / 2
    end = drawn
    for runs in notes:
        end = draw_rich(painter, x, y, runs, align, gap=u(6))
        y += under
    if look.aside is not None:
        places = [(drawn.right(), middle)] + ([(end.right(), y - under)] if len(notes) == 1 else [])
        _aside(painter, box.right(), look.aside, places)


def _round_button(painter: QPainter, box: QRectF, on: bool) -> None:
    """A ring at the left, with a dot in it where the row is the chosen one."""
    centre = QPointF(round(box.left() + u(8)) + 0.5, round(box.center().y()) + 0.5)
    painter.setPen(QPen(color("accent" if on else "line_strong"), 1.5))
    painter.setBrush(color("card"))
    painter.drawEllipse(centre, u(7), u(7))
    if on:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("accent"))
        painter.drawEllipse(centre, u(3.5), u(3.5))


def _broken(text: str, px: float, weight: int, room: float, most: int) -> list[str]:
    """Lines of a long name: what is in brackets goes below whole where that fits."""
    for sign in ("（", " (", "("):
        head, found, rest = text.partition(sign)
        parts = [head, (found + rest).strip()]
        if found and all(text_width(part, px, weight) <= room for part in parts):
            return parts
    return wrap(text, px, weight, room, most)


def _notes(look: Words, room: float, high: float) -> list[list[tuple[str, float, int, str]]]:
    """The lines below a text: one of several inks where that fits, else the first note cut short or broken."""
    shown = [note for note in look.notes if note[0]]
    if not shown or high < u(9):  # no room for a second line: it is in the tooltip
        return []
    for px in (13.0, 12.0):
        runs = [(note, px, NORMAL, ink) for note, ink in shown]
        if rich_width(runs, u(6)) <= room:
            return [runs]
    if len(shown) > 1:  # the rest is in the tooltip and in the copied table as well; the first words stay
        return [[(shown[0][0].split(" · ")[0], 12, NORMAL, shown[0][1]), *((n, 12, NORMAL, i) for n, i in shown[1:])]]
    note, ink = shown[0]
    most = max(1, int(high / line_height(13)))
    return [[(cut(line, 12.5, room), 12.5, NORMAL, ink)] for line in wrap(note, 12.5, NORMAL, room, most)]


def cut(text: str, px: float, room: float, weight: int = NORMAL) -> str:
    """A text that would run into the next column ends in an ellipsis; the tooltip and the copied table have it whole."""
    if text_width(text, px, weight) <= room:
        return text
    return theme().metrics(px, weight).elidedText(text, Qt.TextElideMode.ElideRight, int(room))


def _aside(painter: QPainter, right: float, aside: tuple[str, str, str], places: Sequence[tuple[float, float]]) -> None:
    """A mark beside the name, or where that is long behind the reason."""
    words, ink, icon = aside
    size = u(13) if icon else 0.0
    weight = SEMIBOLD if icon else NORMAL
    for at, y in places:
        if at + u(12) + size + text_width(words, 13, weight) + u(5) < right:
            if icon:
                paint_icon(painter, QRectF(at + u(12), y - size / 2, size, size), icon, color(ink))
            draw_text(painter, at + u(12) + size + (u(5) if icon else 0.0), y, words, 13, weight, ink)
            return


def _stacked(painter: QPainter, box: QRectF, cell: Cell, look: Stacked, column: Column) -> None:
    """Parts side by side against a limit, named below."""
    track = QRectF(box.left(), box.center().y() - u(14), box.width(), u(12))
    scale = track.width() / look.most if look.most > 0 else 0.0
    end = (look.limit or 0.0) * scale
    if end:
        bar(painter, QRectF(track.left(), track.top(), end, track.height()), "sunken", 2)
    x = track.left()
    for value, ink in look.parts:
        if value:
            bar(painter, QRectF(x, track.top(), max(1.5, value * scale - 1), track.height()), ink, 2)
            x += value * scale
    if end:
        vline(painter, track.left() + end, track.top() - u(4), track.bottom() + u(4), "text", 2)
    draw_text(painter, track.left(), track.bottom() + u(10), look.caption, 12, NORMAL, "text_2")


def _pill(painter: QPainter, box: QRectF, cell: Cell, look: Pill, column: Column) -> None:
    size = text_width(cell.text, 13, SEMIBOLD) + u(36)
    pill = QRectF(box.left(), box.center().y() - u(12), size, u(24))
    bar(painter, pill, f"{look.tone}_tint", pill.height() / 2)
    icon = u(14)
    place = QRectF(pill.left() + u(9), pill.center().y() - icon / 2, icon, icon)
    paint_icon(painter, place, look.icon, color(look.tone))
    draw_text(painter, pill.left() + u(26), pill.center().y(), cell.text, 13, SEMIBOLD, look.tone)


def _gauge(painter: QPainter, box: QRectF, cell: Cell, look: Gauge, column: Column) -> None:
    """A text over its bar."""
    px = 14 if text_width(cell.text, 14, look.weight) <= box.width() else 13
    fits = look.lines == 1 or text_width(cell.text, px, look.weight) <= box.width()
    lines = [cell.text] if fits else wrap(cell.text, px, look.weight, box.width(), look.lines)
    step, gauge = line_height(px) - 1, u(look.height)
    y = box.center().y() - (step * len(lines) + u(3) + gauge) / 2 + step / 2
    for line in lines:
        runs = [(line, px, look.weight, "text"), (look.unit, 12, NORMAL, "text_3")]
        draw_rich(painter, box.left(), y, runs)
        y += step
    under = QRectF(box.left(), y - step / 2 + u(3), box.width(), gauge)
    bar(painter, under, "sunken", u(2))
    share = min(1.0, max(0.0, look.share))
    if share:
        wide = max(2.0, under.width() * share)
        bar(painter, QRectF(under.left(), under.top(), wide, gauge), look.ink, u(2))
    if look.mark is not None:
        at = under.left() + under.width() * min(1.0, max(0.0, look.mark))
        painter.setPen(QPen(color("text"), 1.5))
        painter.setBrush(color("card"))
        painter.drawEllipse(QPointF(at, under.center().y()), u(4), u(4))


def _check(painter: QPainter, box: QRectF, cell: Cell, look: Check, column: Column) -> None:
    """A box of 18 pixels, filled and ticked where it is on."""
    size = u(18)
    place = snap(QRectF(box.left(), box.center().y() - size / 2, size, size))
    if look.on:
        bar(painter, place, color(look.ink, PALE if look.fixed else 1.0), u(4))
        paint_icon(painter, place.adjusted(u(3), u(3), -u(3), -u(3)), "check", color("on_accent"))
    else:
        outline(painter, place, "line_strong", 1.2, 4)


def content_width(cell: Cell) -> float:
    """Width that a cell would like, without its air."""
    look = cell.look
    if isinstance(look, Words):
        wide = rich_width(_runs(cell, look, look.px))
        notes = rich_width([(note, 13, NORMAL, ink) for note, ink in look.notes], u(6))
        button = 0.0 if look.picked is None else u(_ROUND)
        return max(wide, notes, text_width(look.above, 13)) + (u(6) if look.edge else 0.0) + button
    if isinstance(look, Pill):
        return text_width(cell.text, 13, SEMIBOLD) + u(36)
    if isinstance(look, Gauge):
        return rich_width([(cell.text, 14, look.weight, "text"), (look.unit, 12, NORMAL, "text_3")])
    if isinstance(look, Check):
        return u(20)
    if isinstance(look, Stacked):
        return max(u(104), text_width(look.caption, 12))
    if isinstance(look, Result):
        return rich_width([(cell.text, 16, SEMIBOLD, "text"), (look.unit, 12, NORMAL, "text_3")]) + u(90)
    return text_width(cell.text, look.px)


def mix(steps: Sequence[QColor], share: float) -> QColor:
    """A colour between the steps of a scale."""
    at = min(max(share, 0.0), 1.0) * (len(steps) - 1)
    index = min(int(at), len(steps) - 2)
    rest = at - index
    a, b = steps[index], steps[index + 1]
    return QColor.fromRgbF(
        a.redF() + (b.redF() - a.redF()) * rest,
        a.greenF() + (b.greenF() - a.greenF()) * rest,
        a.blueF() + (b.blueF() - a.blueF()) * rest,
    )


def diverging(share: float) -> QColor:
    """From near the card's colour to ``cloud`` (negative) or ``onprem`` (positive)."""
    end = color("onprem" if share > 0 else "cloud")
    # The palest step still shows its side; the square root spreads the many small amounts.
    weight = 0.16 + 0.84 * math.sqrt(min(1.0, abs(share))) if share else 0.0
    return mix((color("card"), end), weight)
