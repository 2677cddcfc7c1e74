"""Texts painted on paper: one line that shrinks to its place, a wrapped paragraph, and its height."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QTextOption

from mitsumori.gui.theme.tokens import theme


def font(px: float, weight: int) -> QFont:
    """The theme's font without its figures of one width: their glyphs have no characters, and a PDF's text is searched."""
    made = QFont(theme().font(px, weight))
    made.clearFeatures()
    return made


def line(
    painter: QPainter, rect: QRectF, string: str, px: float, weight: int, ink: str,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:  # fmt: skip
    """One line, shrunk where it is wider than its place: a page cannot show the rest in a tooltip."""
    size = px
    while size > 8 and QFontMetricsF(font(size, weight)).horizontalAdvance(string) > rect.width():
        size -= 1
    painter.setFont(font(size, weight))
    painter.setPen(theme().color(ink))
    painter.drawText(rect, align | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, string)


def height(string: str, px: float, width: float, weight: int = 400) -> float:
    """Height of a wrapped text."""
    flags = Qt.TextFlag.TextWordWrap.value
    return QFontMetricsF(font(px, weight)).boundingRect(QRectF(0, 0, width, 10_000), flags, string).height() * 1.05


def paragraph(
    painter: QPainter, rect: QRectF, string: str, px: float, weight: int, ink: str, *, bottom: bool = False
) -> float:
    """A wrapped text; returns its height."""
    painter.setFont(font(px, weight))
    painter.setPen(theme().color(ink))
    needed = QFontMetricsF(font(px, weight)).boundingRect(
        QRectF(0, 0, rect.width(), 10_000), Qt.TextFlag.TextWordWrap.value, string
    ).height()  # fmt: skip
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    top = rect.bottom() - needed if bottom else rect.top()
    painter.drawText(QRectF(rect.left(), top, rect.width(), needed + 4), string, option)
    return float(needed)
