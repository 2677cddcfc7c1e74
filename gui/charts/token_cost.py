"""A month's cost against tokens a day: own servers, which cost the same whatever they answer, and an API by its price list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, QLineF, QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from mitsumori.gui.charts.axes import Axes, Frame, Reading, Value
from mitsumori.gui.charts.hold import HeldRange
from mitsumori.gui.charts.numbers import money, money_axis, number, plain, tokens
from mitsumori.gui.charts.painting import (
    CENTER,
    NORMAL,
    SEMIBOLD,
    color,
    dot,
    draw_text,
    line_pen,
    linear_ticks,
    nice_ceiling,
    polyline,
    text_width,
    u,
)
from mitsumori.gui.charts.series import Series
from mitsumori.gui.charts.xy import XYChart
from mitsumori.gui.tables.columns import Cell, Column, Table
from mitsumori.gui.words.totals import star

translate = QCoreApplication.translate


@dataclass(frozen=True)
class TokenCostData:
    """Cost a month of owning, price of a million tokens of the API (None: no list); tokens a day now, at most, at break-even.

    ``partial``: the cost of owning leaves a line out.
    """

    own_month: float
    api_million: float | None
    now: float
    most: float
    even: float | None
    days_a_month: float = 730.0 / 24.0
    currency: str = "JPY"
    partial: bool = False

    @property
    def own_text(self) -> str:
        """Owning a month, with the mark of what it leaves out."""
        return money(self.own_month, self.currency) + (star() if self.partial else "")

    def api_month(self, tokens_per_day: float) -> float:
        """What the API charges a month for so many tokens a day."""
        return (self.api_million or 0.0) * tokens_per_day / 1e6 * self.days_a_month

    @property
    def reach(self) -> float:
        """Tokens a day that the axis reaches: what the servers carry, the break-even where it lies near that."""
        near = self.even if self.even is not None and self.even < 4.0 * self.most else 0.0
        return max(1.15 * near, min(self.most, 6.0 * max(self.now, near)), 1.3 * self.now)


class TokenCost(XYChart):
    """Two lines, where they cross, where the plan stands, where its servers end."""

    least = (300, 170)

    def __init__(self) -> None:
        super().__init__()
        self._data: TokenCostData | None = None
        self._x, self._y = HeldRange(), HeldRange()

    def set_data(self, data: TokenCostData | None) -> None:
        """Show other costs; None where the servers have no price."""
        self._data = data
        self.shown(data)

    def _points(self) -> list[tuple[str, float]]:
        data = self._data
        if data is None:
            return []
        named = [(translate("Serving", "now"), data.now), (translate("Serving", "at most"), data.most)]
        if data.even is not None:
            named.append((translate("Serving", "break-even"), data.even))
        return sorted(named, key=lambda item: item[1])

    def table(self) -> Table:
        """Now, break-even and the most that the servers carry."""
        data = self._data
        currency = "JPY" if data is None else data.currency
        columns = (
            Column(translate("Serving", "Load")), Column(translate("Serving", "Tokens a day"), number=True),
            Column(translate("Serving", "Own servers, a month"), currency, number=True),
            Column(translate("Serving", "API, a month"), currency, number=True),
        )  # fmt: skip
        if data is None:
            return Table(columns)

        def api(at: float) -> Cell:
            month = data.api_month(at)
            return Cell() if data.api_million is None else Cell(money(month, data.currency), month)

        rows = tuple(
            (Cell(name), Cell(tokens(at), at), Cell(data.own_text, data.own_month), api(at))
            for name, at in self._points()
        )
        return Table(columns, rows)

    def series(self) -> tuple[Series, ...]:
        """Both lines as numbers."""
        data = self._data
        if data is None:
            return ()
        x = np.linspace(0.0, data.reach, 25)
        unit = translate("Serving", "Tokens a day")
        own = Series(translate("Serving", "Own servers"), x, np.full_like(x, data.own_month), unit, data.currency)
        if data.api_million is None:
            return (own,)
        listed = np.array([data.api_month(float(at)) for at in x])
        return own, Series(translate("Serving", "API"), x, listed, unit, data.currency)

    def axes(self, rect: QRectF) -> Axes | None:
        """Both from zero."""
        data = self._data
        if data is None:
            return None
        most = max(data.own_month * 1.25, min(data.api_month(data.reach), 3.0 * data.own_month))
        y_range = self._y.fit(0.0, nice_ceiling(most), most=most)
        factor, unit = money_axis(y_range[1], data.currency)
        right = max(text_width(words, 13, SEMIBOLD) for words in self._names()) + u(12)
        return Axes(
            self._x.fit(0.0, data.reach), y_range,
            lambda low, high, room: linear_ticks(low, high, max(2, int(room.width() / u(90)))),
            lambda low, high, room: linear_ticks(low, high, max(2, int(room.height() / u(44)))),
            tokens, lambda value: plain(round(value / factor, 6)),
            translate("Serving", "tokens a day"), translate("Serving", "{unit} a month").format(unit=unit),
            right=min(right, rect.width() * 0.3), top=u(22),
        )  # fmt: skip

    @staticmethod
    def _names() -> tuple[str, str]:
        return translate("Serving", "Own servers"), translate("Serving", "API")

    def paint_empty(self, painter: QPainter, rect: QRectF) -> None:
        """Why there is nothing."""
        words = translate("Serving", "The price of the servers is not given")
        draw_text(painter, rect.center().x(), rect.center().y(), words, 14, NORMAL, "text_3", CENTER)

    def paint_area(self, painter: QPainter, frame: Frame) -> None:
        """The lines, dotted where the servers end."""
        data = self._data
        if data is None:
            return
        end = min(data.most, frame.x.high)
        own = np.full(2, data.own_month)
        polyline(painter, frame.points(np.array([0.0, end]), own), line_pen("onprem", u(3)))
        if end < frame.x.high:
            polyline(painter, frame.points(np.array([end, frame.x.high]), own), line_pen("onprem", u(2), (2, 3)))
            x = frame.x(end)
            painter.setPen(line_pen("onprem", u(2)))
            painter.drawLine(QLineF(x, frame.y(data.own_month) - u(7), x, frame.y(data.own_month) + u(7)))
        if data.api_million is not None:
            last = frame.x.high
            top = data.api_month(last)
            if top > frame.y.high:
                last *= frame.y.high / top
            line = np.array([0.0, last]), np.array([0.0, data.api_month(last)])
            polyline(painter, frame.points(*line), line_pen("cloud", u(3)))

    def paint_over(self, painter: QPainter, frame: Frame) -> None:
        """Names at the ends, the break-even, where the plan stands."""
        data = self._data
        if data is None:
            return
        own, api = self._names()
        x, line = frame.area.right() + u(8), u(17)
        y_own = frame.y(data.own_month)
        draw_text(painter, x, y_own, own, 13, SEMIBOLD, "onprem")
        if data.api_million is not None:
            y_api = max(frame.area.top(), frame.y(min(frame.y.high, data.api_month(frame.x.high))))
            if abs(y_api - y_own) < line:
                y_api = y_own + (line if y_api > y_own else -line)
            draw_text(painter, x, y_api, api, 13, SEMIBOLD, "cloud")
        painter.setPen(QPen(color("accent"), 1.3))
        at = QPointF(frame.x(data.now), y_own)
        painter.drawLine(QLineF(at.x(), at.y(), at.x(), frame.area.bottom()))
        dot(painter, at, "accent", "card", u(6), 2)
        words = translate("Serving", "now {tokens}").format(tokens=tokens(data.now))
        left = min(at.x() + u(8), frame.area.right() - text_width(words, 13, SEMIBOLD))
        draw_text(painter, left, (at.y() + frame.area.bottom()) / 2, words, 13, SEMIBOLD, "accent", halo="card")
        if data.even is not None and frame.x.holds(data.even):
            there = QPointF(frame.x(data.even), y_own)
            dot(painter, there, "text", "card", u(6), 2)
            words = translate("Serving", "break-even {tokens}").format(tokens=tokens(data.even))
            left = max(frame.area.left() + u(4), min(there.x() - text_width(words, 13, SEMIBOLD) - u(8),
                                                     frame.area.right() - text_width(words, 13, SEMIBOLD)))  # fmt: skip
            draw_text(painter, left, there.y() - u(14), words, 13, SEMIBOLD, "text", halo="card")

    def read(self) -> tuple[Reading, ...]:
        """Now, break-even, at most."""
        data = self._data
        if data is None:
            return ()
        own, api = self._names()
        rows = []
        for name, at in self._points():
            values = [Value(own, data.own_text, "onprem", data.own_month)]
            if data.api_million is not None:
                values.append(Value(api, money(data.api_month(at), data.currency), "cloud", data.api_month(at)))
            head = translate("Serving", "{name}: {tokens} tokens a day").format(name=name, tokens=tokens(at))
            rows.append(Reading(at, head, tuple(values)))
        return tuple(rows)


def per_day(value: float | None) -> str:
    """Tokens a day as people say them."""
    return number(None) if value is None else tokens(value)
