"""Days against cost, accelerators or power: what nothing beats as one line, every other plan as a faint mark.

A mark's shape is its GPU, hollow marks and dashed lines are rented: no series needs its colour to be told apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QMenu

from mitsumori.gui.charts.axes import Axes, Frame, Reading, Value
from mitsumori.gui.charts.hold import HeldRange
from mitsumori.gui.charts.numbers import duration, money_axis, plain
from mitsumori.gui.charts.painting import (
    NORMAL,
    SEMIBOLD,
    color,
    draw_text,
    line_height,
    line_pen,
    linear_ticks,
    log_ticks,
    polyline,
    text_width,
    u,
)
from mitsumori.gui.charts.series import Series, known
from mitsumori.gui.charts.xy import XYChart
from mitsumori.gui.tables.columns import Cell, Column, Table

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Choice:
    """One plan of the trade-off.

    Attributes
    ----------
    x, days
        Where it stands.
    family
        Series it belongs to, "" for none; ``linked`` says that the series' line passes through it.
    shape
        Number of the mark (one for each GPU); ``rented`` makes it hollow.
    weak
        ``x`` rests on a price that is an indication only; the mark is hollow too.
    partial
        A line is left out of the amount ``x``.
    front
        No other plan is both faster and lower in ``x``.
    best
        No other plan beats it in days, cost and a third quantity.
    current, found
        The plan shown, the plan that a goal search found; ``name`` is written beside these.
    cells
        Its row of the table.
    """

    x: float
    days: float
    family: str = ""
    shape: int = 0
    rented: bool = False
    linked: bool = True
    front: bool = False
    best: bool = False
    current: bool = False
    found: bool = False
    name: str = ""
    tip: str = ""
    cells: tuple[Cell | str, ...] = ()
    key: object = None
    weak: bool = False
    partial: bool = False

    @property
    def strong(self) -> bool:
        """Whether it is more than one of many."""
        return self.front or self.current or self.found


@dataclass(frozen=True, slots=True)
class Against:
    """The axis below: its words, the currency where it is money, and the head of the table."""

    unit: str
    currency: str = ""
    headers: tuple[Column | str, ...] = ()


class TradeOff(XYChart):
    """Logarithmic axes; a click or Enter uses a plan, with Shift it becomes a scenario."""

    kept = Signal(object)
    """The key of a mark that should be added as a scenario."""

    least = (350, 260)

    def __init__(self) -> None:
        super().__init__()
        self._choices: tuple[Choice, ...] = ()
        self._against = Against("")
        self._goal: tuple[float | None, float | None] = (None, None)
        self._goal_text = ""
        self._x, self._y = HeldRange(), HeldRange()
        self._tinted = QRectF()
        self._taken: list[QRectF] = []

    def set_data(
        self,
        choices: Sequence[Choice],
        against: Against,
        goal: tuple[float | None, float | None] = (None, None),
        goal_text: str = "",
    ) -> None:
        """Plans, the axis below, and the goal as most days and most of the axis."""
        self._choices = tuple(choice for choice in choices if choice.x > 0 and choice.days > 0)
        self._against, self._goal, self._goal_text = against, goal, goal_text
        self.shown(self._choices, against, goal, goal_text)

    def choices(self) -> tuple[Choice, ...]:
        """What is shown."""
        return self._choices

    def table(self) -> Table:
        """Every plan, fastest first."""
        ordered = sorted(self._choices, key=lambda choice: (choice.days, choice.x))
        return Table(self._against.headers, tuple(c.cells for c in ordered), tuple(c.key for c in ordered))

    def series(self) -> tuple[Series, ...]:
        """Every plan as a point: its days over the quantity of the axis below; a series for each family."""
        days, found = translate("Training", "Time"), []
        for family in dict.fromkeys(choice.family for choice in self._choices):
            own = sorted((choice for choice in self._choices if choice.family == family), key=lambda choice: choice.x)
            xs, ys = (known(values) for values in ([choice.x for choice in own], [choice.days for choice in own]))
            unit = self._against.currency or self._against.unit
            found.append(Series(family or days, xs, ys, unit, translate("Tables", "days")))
        return tuple(found)

    # -- answering ---------------------------------------------------------------------------------------------------

    def read(self) -> tuple[Reading, ...]:
        """Every plan, from the lowest in the axis below."""
        found = []
        for choice in self._choices:
            head, *lines = choice.tip.split("\n")
            ink = "accent" if choice.front else _ink(choice.rented)
            value = Value(translate("Training", "Time"), duration(choice.days), ink, choice.days)
            found.append(Reading(choice.x, head, (value,), choice.key, "\n".join(lines)))
        return tuple(sorted(found, key=lambda reading: (reading.x, reading.values[0].y or 0.0)))

    def nearest(self, frame: Frame, place: QPointF) -> int | None:
        """The mark under the pointer."""
        best, least = None, u(13)
        for at, reading in enumerate(self.readings()):
            point = frame.point(reading.x, reading.values[0].y or 0.0)
            away = math.hypot(point.x() - place.x(), point.y() - place.y())
            if away < least:
                best, least = at, away
        return best

    def choose(self, reading: Reading, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """With Shift: keep as a scenario."""
        if reading.key is not None and modifiers & Qt.KeyboardModifier.ShiftModifier and self.isEnabled():
            self.kept.emit(reading.key)
        else:
            super().choose(reading, modifiers)

    def enter(self, reading: Reading, modifiers: Qt.KeyboardModifier) -> None:
        """With Shift, Enter keeps as a scenario."""
        if reading.key is not None and modifiers & Qt.KeyboardModifier.ShiftModifier and self.isEnabled():
            self.kept.emit(reading.key)
        else:
            super().enter(reading, modifiers)

    def offer_menu(self, reading: Reading, at: QPoint) -> bool:
        """On a mark: what can be done with it."""
        if reading.key is None:
            return False
        menu = self.menu(reading.key)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)
        return True

    def menu(self, key: object) -> QMenu:
        """What can be done with a plan."""
        menu = QMenu(self)
        use = QAction(translate("Advisor", "Use this plan"), menu)
        use.triggered.connect(lambda: self.activated.emit(key))
        keep = QAction(translate("Advisor", "Add as scenario"), menu)
        keep.triggered.connect(lambda: self.kept.emit(key))
        menu.addActions([use, keep])
        return menu

    # -- painting ----------------------------------------------------------------------------------------------------

    def axes(self, rect: QRectF) -> Axes | None:
        """Both logarithmic."""
        if not self._choices:
            return None
        xs, days = [c.x for c in self._choices], [c.days for c in self._choices]
        x_low, x_high = self._x.fit(min(xs) / 1.15, max(xs) * 1.15, least=min(xs), most=max(xs))
        y_low, y_high = self._y.fit(min(days) / 1.3, max(days) * 1.3, least=min(days), most=max(days))
        if x_high / x_low < 1.5:
            x_low, x_high = x_low / 1.3, x_high * 1.3
        factor, unit = 1.0, ""
        if self._against.currency:
            factor, unit = money_axis(x_high, self._against.currency)
        words = self._against.unit.format(unit=unit) if unit else self._against.unit
        return Axes(
            (x_low, x_high),
            (y_low, y_high),
            lambda low, high, room: _ticks(low / factor, high / factor, factor, max(3, int(room.width() / u(72)))),
            lambda low, high, room: log_ticks(low, high, max(3, int(room.height() / u(48)))),
            lambda value: plain(round(value / factor, 6)),
            plain,
            words,
            translate("Training", "days (log scale)"),
            True,
            True,
            top=u(24),
        )

    def paint_area(self, painter: QPainter, frame: Frame) -> None:
        """Goal region, series, front, marks."""
        self._taken = []
        self._region(painter, frame, self._taken)
        for members in self._families().values():
            line = sorted((c for c in members if c.linked), key=lambda c: c.x)
            pixels = [frame.point(c.x, c.days) for c in line]
            if len(pixels) > 1:
                pen = line_pen("text_3", u(1), (4, 3) if members[0].rented else None)
                pen.setColor(color(_ink(members[0].rented), 0.5))
                polyline(painter, pixels, pen)
        front = sorted((c for c in self._choices if c.front), key=lambda c: c.x)
        polyline(painter, [frame.point(c.x, c.days) for c in front], line_pen("accent", u(3)))
        for choice in sorted(self._choices, key=lambda c: (c.strong, c.best)):
            self._mark(painter, frame.point(choice.x, choice.days), choice)

    def paint_over(self, painter: QPainter, frame: Frame) -> None:
        """Rings and names, which cover no mark."""
        visible = [c for c in self._choices if frame.holds(c.x, c.days)]
        points = {id(c): frame.point(c.x, c.days) for c in visible}
        every = [(at.x(), at.y()) for at in points.values()]
        strong = [(points[id(c)].x(), points[id(c)].y()) for c in visible if c.strong or (c.best and c.linked)]
        self._rings(painter, frame, self._taken, _Places(strong), visible)
        families = {name: [c for c in members if id(c) in points] for name, members in self._families().items()}
        self._labels(painter, frame, {n: m for n, m in families.items() if m}, self._taken, _Places(every))

    def _families(self) -> dict[str, list[Choice]]:
        found: dict[str, list[Choice]] = {}
        for choice in self._choices:
            if choice.family:
                found.setdefault(choice.family, []).append(choice)
        return found

    def _region(self, painter: QPainter, frame: Frame, taken: list[QRectF]) -> None:
        self._tinted = QRectF()
        days, most = self._goal
        if days is None and most is None:
            return
        right = frame.x.clipped(most) if most is not None else frame.area.right()
        top = frame.y.clipped(days) if days is not None else frame.area.top()
        region = QRectF(frame.area.left(), top, right - frame.area.left(), frame.area.bottom() - top)
        if region.width() > 0 and region.height() > 0:
            painter.fillRect(region, color("ok_tint"))
            self._tinted = region
            pen = QPen(color("ok"), 1.2)
            pen.setDashPattern([3, 3])
            painter.setPen(pen)
            if days is not None:
                painter.drawLine(region.topLeft(), region.topRight())
            if most is not None:
                painter.drawLine(region.topRight(), region.bottomRight())
        # A goal that lies outside of what is drawn is still named.
        width, height = text_width(self._goal_text, 13, SEMIBOLD), line_height(13, SEMIBOLD)
        box = QRectF(frame.area.left() + u(8), frame.area.bottom() - height - u(4), width, height)
        draw_text(painter, box.left(), box.center().y(), self._goal_text, 13, SEMIBOLD, "ok")
        taken.append(box)

    def _ground(self, spot: QRectF) -> str:
        """What lies behind a label."""
        return "ok_tint" if self._tinted.contains(spot.center()) else "card"

    def _mark(self, painter: QPainter, at: QPointF, choice: Choice) -> None:
        strong = choice.strong or (choice.best and choice.linked)
        ink = color("accent" if choice.front else _ink(choice.rented), 1.0 if strong else 0.55)
        radius = u(4.6 if choice.front else 4.2 if strong else 3.4)
        painter.setPen(QPen(ink, u(1.6 if strong else 1.2)))
        painter.setBrush(color("card") if choice.rented or choice.weak else ink)
        painter.drawPath(_shape(choice.shape, at, radius))

    def _rings(
        self, painter: QPainter, frame: Frame, taken: list[QRectF], marks: _Places, visible: Sequence[Choice]
    ) -> None:
        """The plan and the found plan, ringed and named."""
        ringed = [c for c in visible if c.current or c.found]
        for choice in sorted(ringed, key=lambda c: (c.found, not c.rented)):
            at = frame.point(choice.x, choice.days)
            ink = "ok" if choice.found else "text"
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(color(ink), u(2.5)))
            painter.drawEllipse(at, u(9), u(9))
            taken.append(QRectF(at.x() - u(10), at.y() - u(10), u(20), u(20)))
        for choice in sorted(ringed, key=lambda c: (not c.found, c.rented)):
            if not choice.name:
                continue
            at = frame.point(choice.x, choice.days)
            spot = _free(frame.area, at, u(13), choice.name, taken, marks)
            if spot is not None:
                ink = "ok" if choice.found else "text"
                draw_text(
                    painter, spot.left(), spot.center().y(), choice.name, 13, SEMIBOLD, ink, halo=self._ground(spot)
                )
                taken.append(spot)

    def _labels(
        self,
        painter: QPainter,
        frame: Frame,
        families: dict[str, list[Choice]],
        taken: list[QRectF],
        dots: _Places,
    ) -> None:
        """The name of every series beside one of its marks, the ones on the front first."""
        order = sorted(families, key=lambda name: (-sum(c.strong for c in families[name]), name))
        for name in order:
            members = sorted((c for c in families[name] if c.linked), key=lambda c: c.x)
            if not members:
                continue
            ends = [frame.point(c.x, c.days) for c in (members[0], members[-1], *members[1:-1])]
            # Beside a mark where nothing is covered; where it is crowded over other marks rather than without a name.
            tries = ((at, marks) for marks in (dots, _Places([])) for at in ends)
            spots = (_free(frame.area, at, u(7), name, taken, marks, NORMAL) for at, marks in tries)
            spot = next((found for found in spots if found is not None), None)
            if spot is None:
                continue
            ink = _ink(members[0].rented)
            draw_text(painter, spot.left(), spot.center().y(), name, 12, NORMAL, ink, halo=self._ground(spot))
            taken.append(spot)


class _Places:
    """Where marks are, to be asked what a label would cover."""

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        table = np.asarray(points, dtype=float).reshape(-1, 2)
        self._x, self._y, self._reach = table[:, 0], table[:, 1], u(4)

    def under(self, box: QRectF) -> int:
        """How many marks a box covers."""
        wide = (self._x > box.left() - self._reach) & (self._x < box.right() + self._reach)
        high = (self._y > box.top() - self._reach) & (self._y < box.bottom() + self._reach)
        return int(np.count_nonzero(wide & high))


def _ink(rented: bool) -> str:
    return "cloud" if rented else "text_2"


def _free(
    area: QRectF,
    at: QPointF,
    away: float,
    text: str,
    taken: Sequence[QRectF],
    marks: _Places,
    weight: int = SEMIBOLD,
) -> QRectF | None:
    """A place for a text beside a point that covers nothing; for the bold names the least covered one."""
    px = 13 if weight == SEMIBOLD else 12
    width, height = text_width(text, px, weight), line_height(px, weight)
    middle = at.y() - height / 2
    spots = [
        QRectF(at.x() + away, middle, width, height),
        QRectF(at.x() - away - width, middle, width, height),
        QRectF(at.x() + away * 0.5, at.y() - away - height, width, height),
        QRectF(at.x() - away * 0.5 - width, at.y() + away, width, height),
        QRectF(at.x() + away * 0.5, at.y() + away, width, height),
        QRectF(at.x() - away * 0.5 - width, at.y() - away - height, width, height),
        QRectF(at.x() - width / 2, at.y() - away - height, width, height),
        QRectF(at.x() - width / 2, at.y() + away, width, height),
    ]
    inside = [spot for spot in spots if area.contains(spot)]
    inside = [spot for spot in inside if not any(spot.intersects(other) for other in taken)]
    if not inside:
        return None
    covered = [marks.under(spot) for spot in inside]
    least = min(covered)
    return inside[covered.index(least)] if least == 0 or weight == SEMIBOLD else None


def _shape(number: int, at: QPointF, radius: float) -> QPainterPath:
    """Marks that differ in outline: disc, square, triangle, diamond, triangle down, pentagon, star, cross ..."""
    path = QPainterPath()
    kind = number % len(_CORNERS)
    points, turn, inner, grow = _CORNERS[kind]
    if not points:
        path.addEllipse(at, radius, radius)
        return path
    radius *= grow
    count = points * (2 if inner else 1)
    corners = []
    for index in range(count):
        reach = radius * (inner if inner and index % 2 else 1.0)
        angle = math.radians(turn) + 2 * math.pi * index / count
        corners.append(QPointF(at.x() + reach * math.sin(angle), at.y() - reach * math.cos(angle)))
    path.addPolygon(QPolygonF(corners))
    path.closeSubpath()
    return path


_CORNERS = (
    (0, 0.0, 0.0, 1.0), (4, 45.0, 0.0, 1.2), (3, 0.0, 0.0, 1.3), (4, 0.0, 0.0, 1.3), (3, 180.0, 0.0, 1.3),
    (5, 0.0, 0.0, 1.2), (5, 0.0, 0.45, 1.5), (4, 0.0, 0.4, 1.6), (6, 0.0, 0.0, 1.2), (3, 90.0, 0.0, 1.3),
    (4, 45.0, 0.4, 1.6), (3, 270.0, 0.0, 1.3), (6, 0.0, 0.5, 1.5),
)  # fmt: skip
"""Corners, turn in degrees, inner radius of stars, size of each mark."""


def _ticks(low: float, high: float, factor: float, most: int) -> list[float]:
    ticks = log_ticks(low, high, most)
    if len(ticks) < 3:
        ticks = [tick for tick in linear_ticks(low, high, 4) if tick > 0]
    return [tick * factor for tick in ticks]
