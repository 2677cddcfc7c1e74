"""A card as a file: PNG at twice the resolution, SVG and PDF with texts that stay texts."""

from __future__ import annotations

from typing import Literal, Protocol

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QMarginsF, QRect, QSize, QSizeF
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtWidgets import QWidget

from mitsumori.gui.save_file import ask_target, write_file
from mitsumori.model.base.files import portable_name

translate = QCoreApplication.translate
Kind = Literal["png", "svg", "pdf"]
_POINTS_A_PIXEL = 72 / 96


class Card(Protocol):
    """What becomes a file: a card that knows its title and paints itself."""

    @property
    def title(self) -> str:
        """What the card says."""
        ...

    def window(self) -> QWidget:
        """The window it stands in."""
        ...

    def width(self) -> int:
        """Width in pixels."""
        ...

    def height(self) -> int:
        """Height in pixels."""
        ...

    def picture(self) -> QImage:
        """The card as an image."""
        ...

    def paint_on(self, painter: QPainter) -> None:
        """Paint card and chart for another device."""
        ...


def save_picture(card: Card, kind: Kind) -> None:
    """Ask for a file and write the card into it."""
    kinds = {
        "png": translate("ChartFrame", "Pictures"),
        "svg": translate("ChartFrame", "Drawings"),
        "pdf": translate("ChartFrame", "PDF documents"),
    }[kind] + f" (*.{kind})"
    name = portable_name(card.title)[:80] or "chart"
    target = ask_target(card.window(), translate("ChartFrame", "Save the picture"), f"{name}.{kind}", kinds, f".{kind}")
    if target is not None:
        write_file(card.window(), target, picture_bytes(card, kind))


def picture_bytes(card: Card, kind: Kind) -> bytes:
    """The card as the contents of a file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if kind == "png":
        card.picture().save(buffer, "PNG")  # type: ignore[call-overload]
    elif kind == "svg":
        _svg(card, buffer)
    else:
        _pdf(card, buffer)
    return bytes(buffer.data().data())


def _svg(card: Card, buffer: QBuffer) -> None:
    from PySide6.QtSvg import QSvgGenerator

    size = QSize(card.width(), card.height())
    made = QSvgGenerator()
    made.setOutputDevice(buffer)
    made.setSize(size)
    made.setViewBox(QRect(0, 0, size.width(), size.height()))
    made.setTitle(card.title)
    painter = QPainter(made)
    card.paint_on(painter)
    painter.end()


def _pdf(card: Card, buffer: QBuffer) -> None:
    points = QSizeF(card.width() * _POINTS_A_PIXEL, card.height() * _POINTS_A_PIXEL)
    made = QPdfWriter(buffer)
    made.setTitle(card.title)
    made.setPageSize(QPageSize(points, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch))
    made.setPageMargins(QMarginsF(0, 0, 0, 0))
    made.setResolution(96)
    painter = QPainter(made)
    card.paint_on(painter)
    painter.end()
