"""Every text that a window shows or speaks: what it paints, its tooltips, its names for screen readers."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator

from PySide6.QtCore import QBuffer, QIODevice, QPoint, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QAbstractItemView, QWidget

_TEXT = re.compile(r"<text[^>]*>(.*?)</text>", re.DOTALL)


def painted(widget: QWidget) -> list[str]:
    """The strings that a widget and its children paint, whatever way they do: it is drawn as SVG and read back."""
    return svg_texts(widget.size(), lambda painter: widget.render(painter, QPoint(0, 0)))


def svg_texts(size: QSize, paint: Callable[[QPainter], None]) -> list[str]:
    """The strings that a function paints."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture = QSvgGenerator()
    picture.setOutputDevice(buffer)
    picture.setSize(size)
    painter = QPainter(picture)
    paint(painter)
    painter.end()
    return [html.unescape(found).strip() for found in _TEXT.findall(bytes(buffer.data().data()).decode())]


def said(root: QWidget) -> Iterator[str]:
    """Names, descriptions and tooltips of everything visible."""
    for widget in (root, *root.findChildren(QWidget)):
        if widget.isVisible():
            yield from (widget.accessibleName(), widget.accessibleDescription(), widget.toolTip())


def pointed(root: QWidget) -> Iterator[str]:
    """What the charts below a widget say of a place that the pointer rests on."""
    from mitsumori.gui.charts.base import Chart
    from mitsumori.gui.charts.xy import XYChart

    for chart in root.findChildren(Chart):
        if chart.isVisible():
            yield from (mark.words() for mark in chart._marks.all())
            if isinstance(chart, XYChart):
                yield from (reading.words() for reading in chart.readings())


def texts(root: QWidget) -> set[str]:
    """All of it, without empty ones."""
    return {text for text in (*painted(root), *said(root)) if text}


def cells(root: QWidget) -> set[str]:
    """What the tables below a widget hold, also the rows that are scrolled away, with their tooltips."""
    found: set[str] = set()
    for view in root.findChildren(QAbstractItemView):
        model = view.model()
        if model is None or not view.isVisible():
            continue
        for row in range(model.rowCount()):
            for column in range(model.columnCount()):
                for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                    text = model.index(row, column).data(role)
                    found |= set(text.splitlines()) if isinstance(text, str) else set()
    return found - {""}
