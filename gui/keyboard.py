"""The window's keys: its shortcuts, and F6 from pane to pane."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from mitsumori.gui.tabs import TABS

if TYPE_CHECKING:
    from mitsumori.gui.window import Window


def install(window: Window) -> None:
    """Give the window its shortcuts (those of the tools menu are with the menu)."""
    stack = window.store.undo_stack
    actions: list[tuple[str, Callable[[], object]]] = [
        ("Ctrl+N", window.new),
        ("Ctrl+O", window.files.open_by_dialog),
        ("Ctrl+S", window.files.save),
        ("Ctrl+Shift+S", window.files.save_as),
        ("Ctrl+Z", stack.undo),
        ("Ctrl+Y", stack.redo),
        ("Ctrl+Shift+Z", stack.redo),
        ("Ctrl+E", window.export),
        ("Ctrl+Return", window.apply_recommended),
        ("Ctrl+D", window.add_scenario),
        ("Ctrl+P", window.toolbar.pin.toggle),
        ("Ctrl+Shift+D", window.switch_theme),
        ("F1", window.help),
        ("F6", lambda: cycle(window, 1)),
        ("Shift+F6", lambda: cycle(window, -1)),
        ("F11", window.present),
    ]
    actions += [(f"Ctrl+{n + 1}", lambda n=n: window.tab_row.setCurrentIndex(n)) for n in range(len(TABS))]
    for keys, action in actions:
        QShortcut(QKeySequence(keys), window).activated.connect(action)


def cycle(window: Window, direction: int) -> None:
    """Put the keyboard into the next pane (+1) or the one before (-1) that has a control."""
    if window.presenting or window.at_start:
        panes = [window.pages.currentWidget(), window.toolbar]
    else:
        panes = [window.toolbar, window.inputs, window.headline, window.tab_row, window.tab_stack, window.footer]
    focus = window.focusWidget()
    here = next(
        (i for i, pane in enumerate(panes) if focus is not None and (pane is focus or pane.isAncestorOf(focus))), 0
    )
    for step in range(1, len(panes) + 1):
        target = first_focusable(panes[(here + direction * step) % len(panes)])
        if target is not None:
            target.setFocus(Qt.FocusReason.TabFocusReason)
            return


def first_focusable(pane: QWidget) -> QWidget | None:
    """The pane itself or its first part that Tab can reach, in tab order."""
    wanted = Qt.FocusPolicy.TabFocus.value

    def reachable(widget: QWidget) -> bool:
        return bool(widget.focusPolicy().value & wanted) and widget.isEnabled() and widget.isVisible()

    if reachable(pane):
        return pane
    widget = pane.nextInFocusChain()
    while widget is not None and widget is not pane:
        if pane.isAncestorOf(widget) and reachable(widget):
            return widget
        widget = widget.nextInFocusChain()
    return None
