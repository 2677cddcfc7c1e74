"""The guards of these tests notice what they are there for."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPropertyAnimation, QTimer
from PySide6.QtWidgets import QWidget

from tests.gui.conftest import flush
from tests.gui.guards import alive, running, widgets_left, windows_left


def test_a_forgotten_window_is_noticed(application, qtbot) -> None:  # type: ignore[no-untyped-def]
    before = alive()
    forgotten = QWidget()
    forgotten.setObjectName("forgotten")
    child = QWidget(forgotten)
    assert windows_left(before) == ["QWidget forgotten"]
    assert len(widgets_left(before)) == 2
    del child
    forgotten.deleteLater()
    del forgotten
    flush()
    assert windows_left(before) == []
    assert widgets_left(before) == []


def test_a_timer_that_goes_on_is_noticed(application) -> None:  # type: ignore[no-untyped-def]
    timer = QTimer()
    timer.start(10_000)
    assert running() == ["timer of NoneType"]
    timer.stop()
    assert running() == []


def test_an_animation_that_goes_on_is_noticed(application, qtbot) -> None:  # type: ignore[no-untyped-def]
    holder = QWidget()
    qtbot.addWidget(holder)
    animation = QPropertyAnimation(holder, b"pos", holder)
    animation.setDuration(60_000)
    animation.setEndValue(QPoint(9, 9))
    animation.start()
    assert running() == ["animation of QWidget"]
    animation.stop()
    assert running() == []
