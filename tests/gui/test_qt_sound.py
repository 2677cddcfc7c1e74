"""The Qt binding itself is sound on this Python."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from CPython 3.12 on (PEP 683)")
def test_void_qt_methods_do_not_lose_references_of_none(application) -> None:  # type: ignore[no-untyped-def]
    """PySide6 6.12.0 loses one reference a call and aborts the process within seconds of dragging."""
    image = QImage(8, 8, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    painter.setPen(Qt.GlobalColor.black)
    before = sys.getrefcount(None)
    for _ in range(1000):
        painter.setPen(Qt.GlobalColor.black)
    after = sys.getrefcount(None)
    painter.end()
    assert abs(after - before) < 100


def test_the_products_fonts_are_there(application) -> None:  # type: ignore[no-untyped-def]
    from PySide6.QtGui import QFontDatabase, QFontInfo

    from mitsumori.gui.theme.tokens import theme

    assert QFontDatabase.families()
    if not sys.platform.startswith(("win", "darwin")):
        assert QFontInfo(theme().font(14)).family() == "Inter"
