"""A card as a file: PNG at twice the resolution, SVG and PDF with texts that stay texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QMarginsF, QRect, QSize, QSizeF
from PySide6.QtGui import QPageSize, QPainter, QPdfWriter

from mitsumori.gui.save_file import ask_target
from mitsumori.model.base.files import portable_name, write_atomic

if TYPE_CHECKING:
    from mitsumori.gui.charts.frame import ChartFrame

translate = QCoreApplication.translate
Kind = Literal["png", "svg", "pdf"]
_POINTS_A_PIXEL = 72 / 96


def save_picture(frame: ChartFrame, kind: Kind) -> None:
    """Ask for a file and write the card into it."""
    kinds = {
        "png": translate("ChartFrame", "Pictures"),
        "svg": translate("ChartFrame", "Drawings"),
        "pdf": translate("ChartFrame", "PDF documents"),
    }[kind] + f" (*.{kind})"
    name = portable_name(frame.title)[:80] or "chart"
    target = ask_target(
        frame.window(), translate("ChartFrame", "Save the picture"), f"{name}.{kind}", kinds, f".{kind}"
    )
    if target is not None:
        write_atomic(target.path, picture_bytes(frame, kind), backup=True, expect=target.expect)


def picture_bytes(frame: ChartFrame, kind: Kind) -> bytes:
    """The card as the contents of a file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if kind == "png":
        frame.picture().save(buffer, "PNG")  # type: ignore[call-overload]
    elif kind == "svg":
        _svg(frame, buffer)
    else:
        _pdf(frame, buffer)
    return bytes(buffer.data().data())


def _svg(frame: ChartFrame, buffer: QBuffer) -> None:
    from PySide6.QtSvg import QSvgGenerator

    size = QSize(frame.width(), frame.height())
    made = QSvgGenerator()
    made.setOutputDevice(buffer)
    made.setSize(size)
    made.setViewBox(QRect(0, 0, size.width(), size.height()))
    made.setTitle(frame.title)
    painter = QPainter(made)
    frame.paint_on(painter)
    painter.end()


def _pdf(frame: ChartFrame, buffer: QBuffer) -> None:
    points = QSizeF(frame.width() * _POINTS_A_PIXEL, frame.height() * _POINTS_A_PIXEL)
    made = QPdfWriter(buffer)
    made.setTitle(frame.title)
    made.setPageSize(QPageSize(points, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch))
    made.setPageMargins(QMarginsF(0, 0, 0, 0))
    made.setResolution(96)
    painter = QPainter(made)
    frame.paint_on(painter)
    painter.end()
