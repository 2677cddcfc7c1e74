"""Entering and leaving Present mode: the window steps back, the page for the customer takes its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from mitsumori.gui.charts.hold import axis_hold
from mitsumori.gui.theme.tokens import set_theme, theme
from mitsumori.gui.theme.zoom import zoom
from mitsumori.gui.widgets.focus import return_focus

if TYPE_CHECKING:
    from mitsumori.gui.inputs.row import InputRow
    from mitsumori.gui.present.page import PresentPage
    from mitsumori.gui.services import Services
    from mitsumori.gui.store import PlanStore
    from mitsumori.model.plan.plan import Plan

SCALE = 1.3
"""The factor on all type and measures at :data:`DRAWN`: 13 px become 17, which is read at three metres."""
DRAWN = (1600, 900)
"""Size of the drawn page; one factor scales it to the wall, a 2,560 x 1,440 one is 1.6 times as large."""
LEAST, MOST = 0.8, 4.0
"""Below, type could not be read; above is no screen."""


def wall_scale(width: int, height: int) -> float:
    """The factor for a page of a size: the smaller of both ratios to the drawn page, in steps that no layout sees."""
    return min(MOST, max(LEAST, round(min(width / DRAWN[0], height / DRAWN[1]), 2)))


class Presenting(QObject):
    """Holds the page (made when first wanted) and what the window was like before.

    Signals
    -------
    changed
        Presenting began or ended.
    gesture_ended
        A slider of the page was let go.
    tried
        ``(index)``; inputs were tried out and are as before again: where the trial stands in the undo stack.
    """

    changed = Signal()
    gesture_ended = Signal()
    tried = Signal(int)

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
        self._mark, self._plans, self._active = 0, store.plans, 0
        self._entering = False
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
        self.begun = self._entering = True
        self._mark, self._plans, self._active = store.undo_stack.index(), store.plans, store.active
        screen = window.screen().size()
        full = screen.width() >= window.minimumWidth() and screen.height() >= window.minimumHeight()
        set_theme(scale=self._scale(screen if full else window.size()), compact=False)
        page = self.page or self._make()
        page.set_catalogue(store.catalogue)
        page.show_plan(store.plan)
        self.show_scenario()
        page.set_result(store.estimate.counted(store.plan), store.estimate)
        self._focus = window.focusWidget()
        for part in self._around:
            part.hide()
        self._pages.setCurrentWidget(page)
        self._before = window.windowState()
        if full:
            window.setWindowState(self._before | Qt.WindowState.WindowFullScreen)
        page.setFocus(Qt.FocusReason.OtherFocusReason)
        self._entering = False
        self.changed.emit()

    @staticmethod
    def _scale(size: QSize) -> float:
        return SCALE * zoom() * wall_scale(size.width(), size.height())

    def _fit(self) -> None:
        """The wall has another size than was thought: scale everything to it."""
        if self.page is None or not self.on or self._entering:
            return
        wanted = self._scale(self.page.size())
        if abs(wanted - theme().scale) > 0.02 * theme().scale:
            set_theme(scale=wanted, compact=False)

    @property
    def trial(self) -> bool:
        """Whether something was changed since the presentation began."""
        return self.begun and self._store.undo_stack.index() != self._mark

    def reset(self) -> None:
        """Back to the plans as they were when the presentation began; what was tried can be redone."""
        if self.trial:
            self._store.undo_stack.setIndex(self._mark)

    def _end_trial(self) -> int | None:
        """Leave no trace of what was tried: plans and scenario as before; returns where the trial stands in the undo stack."""
        store, tried = self._store, None
        if self.trial and store.undo_stack.count() >= self._mark:
            tried = store.undo_stack.index() if store.undo_stack.index() > self._mark else None
            store.undo_stack.setIndex(self._mark)
        if store.plans == self._plans:
            store.activate(self._active)
        return tried

    def leave(self) -> None:
        """Back to work."""
        if not self.on:
            return
        window = self._window
        tried = self._end_trial()
        self.begun = False
        self._pages.setCurrentWidget(self._work)
        for part in self._around:
            part.show()
        return_focus(window, self._focus)
        window.setWindowState(self._before)
        set_theme(scale=zoom())
        self.changed.emit()
        if tried is not None:
            self.tried.emit(tried)

    def show_plan(self, plan: Plan) -> None:
        """Show a changed plan; once its step stands in the undo stack, that it is a trial."""
        if self.page is not None:
            self.page.show_plan(plan)
            QTimer.singleShot(0, self, self.show_scenario)

    def show_scenario(self) -> None:
        """Name the scenario shown."""
        if self.page is not None:
            store = self._store
            self.page.set_scenarios(tuple(plan.name for plan in store.plans), store.active, self.trial)

    def _make(self) -> PresentPage:
        from mitsumori.gui.present.page import PresentPage

        page = self.page = PresentPage()
        page.leave_wanted.connect(self.leave)
        page.change_requested.connect(self._changed)
        page.gesture_started.connect(lambda: axis_hold().hold(True))
        page.gesture_ended.connect(self.gesture_ended)
        page.set_services(self._services)
        page.scenario_wanted.connect(self._store.activate)
        page.reset_wanted.connect(self.reset)
        page.resized.connect(self._fit)
        self._pages.addWidget(page)
        return page

    def _changed(self, row: InputRow, changes: Mapping[str, object], gesture: int | None) -> None:
        error = self._store.set_values(changes, row.label.text(), gesture)
        if error is not None:
            row.refuse(error)
