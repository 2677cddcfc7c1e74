"""Every text that a window shows or speaks: what it paints, its tooltips, its names for screen readers."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from PySide6.QtCore import QBuffer, QIODevice, QPoint, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QAbstractItemView, QWidget

_TEXT = re.compile(r"<text[^>]*>(.*?)</text>", re.DOTALL)


def painted(widget: QWidget) -> list[str]:
    """The strings that a widget and its children paint, whatever way they do: it is drawn as SVG and read back."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture = QSvgGenerator()
    picture.setOutputDevice(buffer)
    picture.setSize(QSize(widget.width(), widget.height()))
    painter = QPainter(picture)
    widget.render(painter, QPoint(0, 0))
    painter.end()
    return [html.unescape(found).strip() for found in _TEXT.findall(bytes(buffer.data().data()).decode())]


def said(root: QWidget) -> Iterator[str]:
    """Names, descriptions and tooltips of everything visible."""
    for widget in (root, *root.findChildren(QWidget)):
        if widget.isVisible():
            yield from (widget.accessibleName(), widget.accessibleDescription(), widget.toolTip())


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
