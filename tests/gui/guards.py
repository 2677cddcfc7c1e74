"""What a test may leave behind of Qt: nothing. Used by the autouse guard in conftest.py."""

from __future__ import annotations

import gc

from PySide6.QtCore import QAbstractAnimation, QThread, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import getCppPointer, isValid

_QT_OWN = ("QTipLabel", "QShapedPixmapWidget", "QRollEffect", "QAlphaWidget")
"""Windows that Qt makes and keeps for itself (tooltips, drag pictures, fading popups)."""


def _address(widget: QWidget) -> int:
    """Where Qt's object is: Python's wrapper of it may come and go."""
    return int(getCppPointer(widget)[0])


def windows_left(known: set[int]) -> list[str]:
    """Windows that nobody closes: not there before, not given to ``qtbot.addWidget``, without a parent."""
    return sorted(
        f"{type(widget).__name__} {widget.objectName()}".strip()
        for widget in QApplication.topLevelWidgets()
        if _address(widget) not in known and widget.parent() is None and widget.metaObject().className() not in _QT_OWN
    )


def running() -> list[str]:
    """Timers, animations and threads that still run once the windows of a test are gone."""
    found = []
    for thing in gc.get_objects():
        if isinstance(thing, QTimer) and isValid(thing) and thing.isActive():
            found.append(f"timer of {type(thing.parent()).__name__}")
        elif isinstance(thing, QAbstractAnimation) and isValid(thing):
            if thing.state() == QAbstractAnimation.State.Running:
                found.append(f"animation of {type(thing.parent()).__name__}")
        elif isinstance(thing, QThread) and isValid(thing) and thing.isRunning() and thing.parent() is not None:
            found.append("thread")
    return sorted(found)


def widgets_left(known: set[int]) -> list[str]:
    """Widgets alive though every window was deleted: something still holds them."""
    return sorted(type(widget).__name__ for widget in QApplication.allWidgets() if _address(widget) not in known)


def alive() -> set[int]:
    """The widgets there are."""
    return {_address(widget) for widget in QApplication.allWidgets() if isinstance(widget, QWidget)}
