"""F6: the keyboard from one part of the window to the next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from mitsumori.gui.workspace import Workspace


def cycle(window: Workspace, direction: int) -> None:
    """Put the keyboard into the next pane (+1) or the one before (-1) that has a control."""
    if window.presenting or window.at_start:
        panes: list[QWidget] = [window.pages.currentWidget() or window.pages, window.toolbar]
    else:
        panes = [
            window.toolbar,
            window.strip if window.is_folded() else window.inputs,
            window.headline,
            window.tab_row,
            window.tab_stack,
            window.footer,
        ]
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
