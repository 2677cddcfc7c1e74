"""What leaves a chart as a file, and what the crosshair says, is seen whole and stands in its place."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QBuffer, QIODevice, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator, QSvgRenderer
from PySide6.QtTest import QTest

from mitsumori.gui.charts.axes import Reading
from mitsumori.gui.charts.output import picture_bytes
from mitsumori.gui.charts.painting import hatch
from mitsumori.gui.plot.items import paint_readout
from tests.gui.test_plot import cost, days, framed


def test_svg_which_clips_nothing_keeps_hatching_and_lines_in_their_places(application: Any, show: Any) -> None:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    made = QSvgGenerator()
    made.setOutputDevice(buffer)
    made.setSize(QSize(200, 100))
    made.setViewBox(QRectF(0, 0, 200, 100))
    painter = QPainter(made)
    place = QRectF(90, 20, 20, 60)
    hatch(painter, place, QColor("black"))
    painter.end()
    image = QImage(200, 100, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    QSvgRenderer(buffer.data()).render(painter, QRectF(0, 0, 200, 100))
    painter.end()
    inked = [QPointF(x, y) for x in range(200) for y in range(100) if image.pixelColor(x, y).lightness() < 250]
    assert len(inked) > 100
    assert all(place.adjusted(-2, -2, 2, 2).contains(point) for point in inked)

    frame, view = framed(days(), show)
    whole = picture_bytes(frame, "svg")
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.box.away
    assert picture_bytes(frame, "svg") == whole


def test_the_values_of_the_crosshair_are_seen_whole(application: Any) -> None:
    placed = cost().placed(QRectF(0, 0, 360, 400))
    assert placed is not None
    note = "Price, power and weight entered for the present server do not hold for another and are cleared. " * 2
    image = QImage(900, 400, QImage.Format.Format_RGB32)
    image.fill(QColor("magenta"))
    painter = QPainter(image)
    paint_readout(painter, placed.frame, Reading(30.0, "Month 30", (), None, note))
    painter.end()
    inked = [x for x in range(900) for y in range(0, 400, 2) if image.pixelColor(x, y) != QColor("magenta")]
    assert max(inked) <= placed.frame.area.right() + 16
