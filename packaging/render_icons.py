"""Render packaging/mitsumori.svg to the sizes that desktops ask for, and to .ico and .icns.

Usage: ``QT_QPA_PLATFORM=offscreen python packaging/render_icons.py``. The results are kept in the repository, so that a
build needs no drawing program.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

HERE = Path(__file__).resolve().parent
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
ICNS_KINDS = {128: b"ic07", 256: b"ic08", 512: b"ic09", 32: b"ic11", 64: b"ic12"}


def png(renderer: QSvgRenderer, size: int) -> bytes:
    """The drawing as PNG, ``size`` pixels square."""
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise RuntimeError(f"Qt could not write the PNG of {size} pixels")
    return bytes(data.data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """A Windows icon that holds PNG pictures (Vista and newer)."""
    head = struct.pack("<HHH", 0, 1, len(pictures))
    offset = len(head) + 16 * len(pictures)
    entries, body = b"", b""
    for size, data in sorted(pictures.items()):
        entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(data), offset + len(body))
        body += data
    return head + entries + body


def icns(pictures: dict[int, bytes]) -> bytes:
    """A macOS icon that holds PNG pictures."""
    body = b"".join(
        kind + struct.pack(">I", len(pictures[size]) + 8) + pictures[size] for size, kind in sorted(ICNS_KINDS.items())
    )
    return b"icns" + struct.pack(">I", len(body) + 8) + body


def main() -> None:
    """Write packaging/icons/."""
    _application = QGuiApplication([])
    source = HERE / "mitsumori.svg"
    renderer = QSvgRenderer(str(source))
    pictures = {size: png(renderer, size) for size in SIZES}
    folder = HERE / "icons"
    folder.mkdir(exist_ok=True)
    for size, data in pictures.items():
        (folder / f"mitsumori-{size}.png").write_bytes(data)
    (folder / "mitsumori.ico").write_bytes(ico({s: d for s, d in pictures.items() if s <= 256}))
    (folder / "mitsumori.icns").write_bytes(icns(pictures))


if __name__ == "__main__":
    main()
