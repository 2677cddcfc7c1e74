"""What differs when a desktop started the program: nobody reads standard error, and an installer must know that it runs."""

from __future__ import annotations

import os
import sys

from PySide6.QtWidgets import QMessageBox

from mitsumori.model.commands.answers import write

MUTEX = "Local\\MitsumoriWindow"
"""What the installers look for (packaging/windows)."""
_DESKTOP_MARKS = ("DESKTOP_STARTUP_ID", "XDG_ACTIVATION_TOKEN", "GIO_LAUNCHED_DESKTOP_FILE")
"""Set by the desktop that starts a program (freedesktop.org startup notification, GLib)."""


def started_from_desktop() -> bool:
    """Whether a double click or a menu started the program, so that a sentence on standard error is read by nobody."""
    if sys.stderr is None:  # a Windows program without a console
        return True
    if sys.platform == "darwin":
        return not sys.stderr.isatty()
    return any(os.environ.get(mark) for mark in _DESKTOP_MARKS)


def refuse(sentence: str) -> None:
    """Say why the program does not open: a message box where a desktop started it, always on standard error."""
    write(sys.stderr, sentence + "\n")
    if started_from_desktop():
        box = QMessageBox()
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Mitsumori")
        box.setText(sentence)
        box.exec()


def hold_mutex() -> object:
    """On Windows: the mutex by which an installer knows that the window is open, for as long as the handle lives."""
    if sys.platform != "win32":
        return None
    import ctypes

    return ctypes.windll.kernel32.CreateMutexW(None, False, MUTEX)
