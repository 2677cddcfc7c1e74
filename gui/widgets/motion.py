"""Whether things may move: 120 ms at most, and not at all where the system asks for calm."""

from __future__ import annotations

from PySide6.QtWidgets import QStyle, QWidget


def animated(widget: QWidget) -> bool:
    """Whether an animation is welcome here and now."""
    duration = widget.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, widget)
    return duration > 0 and widget.isVisible()
