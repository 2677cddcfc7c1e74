"""What a view asks of the chart that it shows: the charts know the views, the views know only this."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter

from mitsumori.gui.charts.axes import Axes, Frame, Reading
from mitsumori.gui.charts.marks import Mark


class Subject(Protocol):
    """A chart: a widget with a ground, marks and its own painting."""

    ground: str | None

    def isEnabled(self) -> bool:
        """Whether it answers."""
        ...

    def paint_marked(self, painter: QPainter, rect: QRectF) -> None:
        """Paint, and collect the marks."""
        ...

    def mark_at(self, at: QPointF) -> Mark | None:
        """The topmost mark under a point."""
        ...

    def open_at(self, at: QPointF) -> bool:
        """Open what stands at a point; False where nothing does."""
        ...

    def show_tip(self, at: QPointF, place: QPoint) -> None:
        """Say what stands at a point of the chart, at a place of the screen."""
        ...

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk the marks."""
        ...


class XYSubject(Subject, Protocol):
    """A chart with two axes, whose data are read place by place."""

    def axes(self, rect: QRectF) -> Axes | None:
        """Ranges, ticks and units; None where there is nothing to plot."""
        ...

    def readings(self) -> tuple[Reading, ...]:
        """The places of the data, from left to right."""
        ...

    def nearest(self, frame: Frame, place: QPointF) -> int | None:
        """The place of the data nearest to a pixel."""
        ...

    def paint_contents(self, painter: QPainter, frame: Frame) -> None:
        """All but the axes."""
        ...

    def paint_empty(self, painter: QPainter, rect: QRectF) -> None:
        """What is said where there is nothing to plot."""
        ...

    def choose(self, reading: Reading, modifiers: Qt.KeyboardModifier) -> None:
        """A place of the data was clicked."""
        ...

    def enter(self, reading: Reading, modifiers: Qt.KeyboardModifier) -> None:
        """A place of the data was opened with the keyboard."""
        ...

    def offer_menu(self, reading: Reading, at: QPoint) -> bool:
        """Open a menu of one place; False leaves it to the card."""
        ...
