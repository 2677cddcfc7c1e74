"""Entering and leaving Present mode: the window steps back, the page for the customer takes its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from mitsumori.gui.charts.base import axis_hold
from mitsumori.gui.theme.tokens import set_theme
from mitsumori.gui.theme.zoom import zoom
from mitsumori.gui.toolbar import LETTERS
from mitsumori.gui.widgets.focus import return_focus

if TYPE_CHECKING:
    from mitsumori.gui.inputs.row import InputRow
    from mitsumori.gui.present.page import PresentPage
    from mitsumori.gui.services import Services
    from mitsumori.gui.store import PlanStore

SCALE = 1.3
"""The factor on all type and measures: 13 px become 17, which is read at three metres."""


class Presenting(QObject):
    """Holds the page (made when first wanted) and what the window was like before.

    Signals
    -------
    changed
        Presenting began or ended.
    gesture_ended
        A slider of the page was let go.
    """

    changed = Signal()
    gesture_ended = Signal()

    def __init__(
        self,
        window: QMainWindow,
        pages: QStackedWidget,
        work: QWidget,
        around: tuple[QWidget, ...],
        store: PlanStore,
        services: Services,
    ) -> None:
        super().__init__(window)
        self._window, self._pages, self._work, self._around = window, pages, work, around
        self._store, self._services = store, services
        self._before = Qt.WindowState.WindowNoState
        self._focus: QWidget | None = None
        self.page: PresentPage | None = None
        self.begun = False
        """Whether the window belongs to the page already, or still."""

    @property
    def on(self) -> bool:
        """Whether the page is shown."""
        return self.page is not None and self._pages.currentWidget() is self.page

    def enter(self) -> None:
        """Show the page; nothing where no result is there to be shown."""
        window, store = self._window, self._store
        if self._pages.currentWidget() is not self._work or store.estimate is None:
            return
        self.begun = True
        set_theme(scale=SCALE * zoom(), compact=False)
        page = self.page or self._make()
        page.set_catalogue(store.catalogue)
        page.show_plan(store.plan)
        self.show_scenario()
        page.set_result(store.estimate.plan or store.plan, store.estimate)
        self._focus = window.focusWidget()
        for part in self._around:
            part.hide()
        self._pages.setCurrentWidget(page)
        self._before = window.windowState()
        screen = window.screen().size()
        if screen.width() >= window.minimumWidth() and screen.height() >= window.minimumHeight():
            window.setWindowState(self._before | Qt.WindowState.WindowFullScreen)
        page.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def leave(self) -> None:
        """Back to work."""
        if not self.on:
            return
        window = self._window
        self.begun = False
        self._pages.setCurrentWidget(self._work)
        for part in self._around:
            part.show()
        return_focus(window, self._focus)
        window.setWindowState(self._before)
        set_theme(scale=zoom())
        self.changed.emit()

    def show_scenario(self) -> None:
        """Name the scenario shown."""
        if self.page is not None:
            store = self._store
            self.page.set_scenario(LETTERS[store.active % 26], store.plan.name)

    def _make(self) -> PresentPage:
        from mitsumori.gui.present.page import PresentPage

        page = self.page = PresentPage()
        page.leave_wanted.connect(self.leave)
        page.change_requested.connect(self._changed)
        page.gesture_started.connect(lambda: axis_hold().hold(True))
        page.gesture_ended.connect(self.gesture_ended)
        page.set_services(self._services)
        self._pages.addWidget(page)
        return page

    def _changed(self, row: InputRow, changes: Mapping[str, Any], gesture: int | None) -> None:
        error = self._store.set_values(changes, row.label.text(), gesture)
        if error is not None:
            row.refuse(error)
