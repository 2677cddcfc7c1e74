"""The product's line icons: SVG recoloured by token, cached by theme and pixel ratio."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

from mitsumori import resources
from mitsumori.gui.theme.tokens import theme

_STROKE = "#454E59"
"""The stroke colour that every drawing carries, replaced when an icon is painted."""


@lru_cache(maxsize=64)
def _source(name: str) -> str:
    return resources.read_text("icons", f"{name}.svg")


@lru_cache(maxsize=256)
def _renderer(name: str, color: str) -> QSvgRenderer:
    renderer = QSvgRenderer(QByteArray(_source(name).replace(_STROKE, color).encode()))
    if not renderer.isValid():
        raise ValueError(f"icon {name!r} is not a valid drawing")
    return renderer


@lru_cache(maxsize=512)
def _pixmap(name: str, color: str, size: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    _renderer(name, color).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap


def paint_icon(painter: QPainter, rect: QRectF, name: str, color: QColor | str) -> None:
    """Draw an icon into ``rect``: from its picture in a window, as a vector drawing elsewhere, so it also prints well."""
    device, code = painter.device(), QColor(color).name()
    whole = rect.width() == rect.height() == round(rect.width())
    if whole and isinstance(device, QWidget):
        place = painter.transform().map(rect.topLeft())
        if place == place.toPoint().toPointF():
            ratio = device.devicePixelRatioF()
            painter.drawPixmap(rect.topLeft(), _pixmap(name, code, round(rect.width()), ratio))
            return
    _renderer(name, code).render(painter, rect)


def pixmap(name: str, size: int = 18, token: str = "text_2", ratio: float = 1.0) -> QPixmap:
    """An icon as a pixmap in a token's colour, ``size`` logical pixels square."""
    return _pixmap(name, theme().hex(token), size, ratio)


class _Engine(QIconEngine):
    """Paints in the token's colour of the theme at the time of painting, so icons follow a theme change."""

    def __init__(self, name: str, token: str) -> None:
        super().__init__()
        self._name = name
        self._token = token

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._token)

    def paint(self, painter: QPainter, rect: object, mode: QIcon.Mode, state: QIcon.State) -> None:
        token = "line_strong" if mode == QIcon.Mode.Disabled else self._token
        paint_icon(painter, QRectF(rect), self._name, theme().color(token))  # type: ignore[call-overload]

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        token = "line_strong" if mode == QIcon.Mode.Disabled else self._token
        return _pixmap(self._name, theme().hex(token), round(size.width() / scale), scale)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        token = "line_strong" if mode == QIcon.Mode.Disabled else self._token
        return _pixmap(self._name, theme().hex(token), size.width(), 1.0)


def icon(name: str, token: str = "text_2") -> QIcon:
    """An icon that follows the theme."""
    _source(name)
    return QIcon(_Engine(name, token))
