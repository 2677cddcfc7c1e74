"""Zoom: one factor on all type, measures and widgets, remembered from sitting to sitting.

Nearly everything takes its measures from the theme when it paints or lays out; what was given to Qt as a number (fonts of
labels, fixed sizes, margins and spacings of layouts) is brought to the new factor here.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QLayout, QWidget

from mitsumori.gui import settings
from mitsumori.gui.theme.tokens import set_theme

STEPS = (0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)
"""The factors that zooming goes through."""
_UNBOUND = 16_777_215
_zoom = 1.0


def zoom() -> float:
    """The factor chosen by the user (Present mode multiplies it)."""
    return _zoom


def restore_zoom() -> None:
    """Take the remembered factor, before any widget is made."""
    global _zoom
    stored = settings.text("window/zoom")
    _zoom = next((step for step in STEPS if f"{step:g}" == stored), 1.0)
    set_theme(scale=_zoom)


def set_zoom(factor: float) -> None:
    """Scale everything that is shown, and remember the factor."""
    global _zoom
    if factor == _zoom:
        return
    old, _zoom = _zoom, factor
    settings.store("window/zoom", f"{factor:g}")
    for widget in QApplication.allWidgets():
        _resize(widget, old, factor)
    set_theme(scale=factor)
    for widget in QApplication.allWidgets():
        layout = widget.layout()
        if layout is not None:
            layout.invalidate()
        widget.updateGeometry()


def zoom_in() -> None:
    """The next larger step."""
    set_zoom(next((step for step in STEPS if step > _zoom), _zoom))


def zoom_out() -> None:
    """The next smaller step."""
    set_zoom(next((step for step in reversed(STEPS) if step < _zoom), _zoom))


def reset_zoom() -> None:
    """The size of the design."""
    set_zoom(1.0)


def _resize(widget: QWidget, old: float, new: float) -> None:
    """Bring what a widget and its layout hold as numbers to another factor."""
    if widget.testAttribute(Qt.WidgetAttribute.WA_SetFont) and widget.font().pixelSize() > 0:
        font = QFont(widget.font())
        font.setPixelSize(max(1, _scaled(widget, "font", font.pixelSize(), old, new)))
        widget.setFont(font)
    if not widget.isWindow():
        low, high = widget.minimumSize(), widget.maximumSize()
        if low.width() > 1 or low.height() > 1:
            widget.setMinimumSize(
                _scaled(widget, "low_w", low.width(), old, new), _scaled(widget, "low_h", low.height(), old, new)
            )
        if high.width() < _UNBOUND and high.width() > 1:
            widget.setMaximumWidth(_scaled(widget, "high_w", high.width(), old, new))
        if high.height() < _UNBOUND and high.height() > 1:
            widget.setMaximumHeight(_scaled(widget, "high_h", high.height(), old, new))
    layout = widget.layout()
    if layout is not None:
        _resize_layout(layout, old, new)


def _resize_layout(layout: QLayout, old: float, new: float) -> None:
    edges = layout.contentsMargins()
    parts = {"left": edges.left(), "top": edges.top(), "right": edges.right(), "bottom": edges.bottom()}
    layout.setContentsMargins(*(_scaled(layout, name, size, old, new) for name, size in parts.items()))
    if layout.spacing() > 0:
        layout.setSpacing(_scaled(layout, "spacing", layout.spacing(), old, new))
    for index in range(layout.count()):
        item = layout.itemAt(index)
        if item is None:
            continue
        inner, spacer = item.layout(), item.spacerItem()
        if inner is not None:
            _resize_layout(inner, old, new)
        elif spacer is not None:
            hint, policy = spacer.sizeHint(), spacer.sizePolicy()
            spacer.changeSize(
                _scaled(layout, f"spacer_w{index}", hint.width(), old, new),
                _scaled(layout, f"spacer_h{index}", hint.height(), old, new),
                policy.horizontalPolicy(), policy.verticalPolicy(),
            )  # fmt: skip


def _scaled(owner: QObject, name: str, size: int, old: float, new: float) -> int:
    """A length at the new factor. The length at factor 1 is kept beside it: rounding there and back must not add up."""
    if size <= 0:
        return size
    kept: Any = owner.property(f"_unzoomed_{name}")
    base = kept if isinstance(kept, int | float) and round(kept * old) == size else size / old
    owner.setProperty(f"_unzoomed_{name}", float(base))
    return round(base * new)
