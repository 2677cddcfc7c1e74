"""The parts of the window and how they answer one another: toolbar, inputs, headline, findings, tabs, footer.

What can be done from the menu, the toolbar and the keyboard is the table of :mod:`gui.actions`, which
:class:`gui.window.Window` puts over this. Nothing here knows the dialogs; dialogs may know this.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent, QShowEvent

from mitsumori.gui.beside import EstimateBeside
from mitsumori.gui.charts.hold import axis_hold
from mitsumori.gui.inputs.refusals import sentence
from mitsumori.gui.inputs.row import InputRow
from mitsumori.gui.jobs import JobRunner
from mitsumori.gui.late_imports import RESULTS, VIEW, after
from mitsumori.gui.panes import Panes
from mitsumori.gui.present.mode import Presenting
from mitsumori.gui.project_files import ProjectFiles
from mitsumori.gui.services import Services
from mitsumori.gui.store import PlanStore
from mitsumori.gui.tabs import TABS, bad_by_tab, create_tab
from mitsumori.gui.theme.tokens import set_theme, theme
from mitsumori.gui.toolbar import LETTERS
from mitsumori.gui.words.translation import Translated, set_language
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project

if TYPE_CHECKING:
    from mitsumori.gui.notices import Notices
    from mitsumori.gui.start.page import StartPage
    from mitsumori.gui.tabs.base import Tab
    from mitsumori.model.estimate.results import Estimate
    from mitsumori.model.plan.calendar import CalendarEntry

logger = logging.getLogger(__name__)

UNPAINTED_MS = 300
"""The first results wait for the first paint, but no longer than this."""


class Workspace(Translated, Panes):
    """The parts of the window, connected; computes nothing.

    Signals
    -------
    state_changed
        Something that decides which actions are possible: a project was opened or closed, its first result came or it has
        none any more, presenting began or ended, a file is being written.
    """

    state_changed = Signal()

    def __init__(self, store: PlanStore | None = None) -> None:
        super().__init__()
        self.store = store or PlanStore(parent=self)
        self.jobs = JobRunner(self)
        self.store.beside = beside = EstimateBeside(self.store, self.jobs)
        beside.late.connect(self._late)
        self.services = Services(self.jobs, parent=self)
        self.services.project = self.store.context
        self.files = ProjectFiles(self.store, self)
        self.tabs: dict[str, Tab] = {}
        self._start: StartPage | None = None
        self.presentation = Presenting(
            self, self.pages, self.work, (self.toolbar, self.footer), self.store, self.services
        )
        self.open_after_export = True
        self._notices: Notices | None = None
        self._writing = False
        self._has_result = False
        self._painted = False
        self._connect()

    def _connect(self) -> None:
        store, bar = self.store, self.toolbar
        store.plan_changed.connect(self._plan_changed)
        store.context_changed.connect(self._take_catalogue)
        store.estimate_changed.connect(self._estimate_changed)
        store.failed.connect(self._failed)
        store.scenarios_changed.connect(self._scenarios_changed)
        store.committed.connect(self._committed)
        store.undo_stack.cleanChanged.connect(self._title)
        self.inputs.change_requested.connect(self._input_changed)
        self.inputs.gesture_started.connect(lambda: axis_hold().hold(True))
        self.inputs.gesture_ended.connect(self.end_gesture)
        self.headline.go_to_field.connect(self.go_to_field)
        self.headline.explain.connect(self._explain)
        store.exchanged.connect(lambda paths: self.notices.exchanged(paths))
        self.findings.remedy_chosen.connect(self.apply)
        self.findings.field_wanted.connect(self.go_to_field)
        self.findings.close_wanted.connect(self.close_findings)
        self.tab_row.currentChanged.connect(self._tab_chosen)
        self.footer.findings_wanted.connect(self.toggle_findings)
        bar.scenario_chosen.connect(store.activate)
        bar.scenario_duplicated.connect(self._duplicate)
        bar.scenario_renamed.connect(store.rename_scenario)
        bar.scenario_removed.connect(store.remove_scenario)
        bar.language_chosen.connect(lambda code: set_language(code, remember=True))
        bar.currency_chosen.connect(store.show_in)
        self.presentation.changed.connect(self.state_changed)
        self.presentation.changed.connect(self.fit_to_size)
        self.folded.connect(self.state_changed)
        self.presentation.gesture_ended.connect(self.end_gesture)
        self.presentation.tried.connect(lambda index: self.notices.tried(index))
        self.files.opened.connect(self._opened)
        self.files.path_changed.connect(self._title)
        self.files.problem.connect(self.footer.set_alarm)
        self.files.settled.connect(self.footer.end_alarm)
        store.context_changed.connect(self.services.forget)
        store.calendar_changed.connect(self._calendar_changed)
        store.calendar_changed.connect(self.services.forget)

    # --- showing

    def open_project(self, project: Project, path: Path | None = None, known: str | None = None) -> None:
        """Show a project: a file's (``known``: its fingerprint when it was read), a sample's or a new one's."""
        self.files.take(project, path, known=known)

    def _opened(self) -> None:
        self._fresh = True
        self.leave_present()
        self.rest_focus()
        self.pages.setCurrentWidget(self.work)
        self.toolbar.set_project_open(True)
        self.footer.set_started(True)
        self.toolbar.pin.setChecked(False)
        self._renew_tabs()
        self.services.give_up()  # what the old views asked for
        self.services.forget()
        self._scenarios_changed()
        if self.tab_stack.count() == 0 and self._painted:  # else the first paint brings it
            QTimer.singleShot(0, self, self._first_tab)
        self._title()
        self.state_changed.emit()

    def _renew_tabs(self) -> None:
        """Goals, choices and answers of the project before belong to another customer: views begin anew."""
        self.findings.set_expanded(False)
        tabs, self.tabs = self.tabs, {}
        # The one on the screen last: else the next would be shown, and would ask for answers once more.
        for tab in sorted(tabs.values(), key=lambda tab: tab is self.tab_stack.currentWidget()):
            self.tab_stack.removeWidget(tab)
            tab.hide()
            tab.deleteLater()

    def show_start(self) -> None:
        """The page with three questions, samples and recent files."""
        self.files.close_project()
        if self._start is None:
            from mitsumori.gui.start.page import StartPage

            self._start = StartPage(self.files, self.services)
            self._start.plan_made.connect(self._started)
            self._start.open_wanted.connect(self.files.open_by_dialog)
            self._start.path_wanted.connect(self.files.open_path)
            self.pages.addWidget(self._start)
        self._start.refresh()
        self.rest_focus()
        self.pages.setCurrentWidget(self._start)
        self.toolbar.set_project_open(False)
        self.footer.set_started(False)
        self._title()
        self.state_changed.emit()

    def _started(self, project: Project, then: str) -> None:
        """A plan came from the start page; go on where the third answer points."""
        self.files.take(project, None)
        if then == "missing":
            QTimer.singleShot(0, self, self._ask_missing)
        elif then.startswith("tab:"):
            self.show_tab(then.removeprefix("tab:"))
        elif then:
            QTimer.singleShot(0, self, lambda: self.go_to_field(then))

    @property
    def has_result(self) -> bool:
        """Whether a project is shown and there is a result of it."""
        return not self.at_start and self.store.estimate is not None

    @property
    def writing(self) -> bool:
        """Whether a proposal is being written."""
        return self._writing

    def set_writing(self, on: bool) -> None:
        """A proposal is being written, or no more."""
        self._writing = on
        self.state_changed.emit()

    def _result_came_or_went(self) -> None:
        if self.has_result != self._has_result:
            self._has_result = self.has_result
            self.state_changed.emit()

    @property
    def at_start(self) -> bool:
        """Whether the start page is shown."""
        return self._start is not None and self.pages.currentWidget() is self._start

    def new(self) -> None:
        """Begin anew, after asking about unsaved changes."""
        if self.files.may_leave():
            self.show_start()

    def _plan_changed(self, old: Plan, new: Plan) -> None:
        self.services.give_up()
        self._take_catalogue()
        self.inputs.show_plan(new)
        self.strip.show_plan(new)
        self.toolbar.currency.set_value(new.money.currency)
        self.presentation.show_plan(new)

    def _take_catalogue(self) -> None:
        """Inputs and Present mode name the records of the project shown; views take those of their estimate."""
        catalogue = self.store.catalogue
        self.inputs.set_catalogue(catalogue)
        if self.presentation.page is not None:
            self.presentation.page.set_catalogue(catalogue)

    def _estimate_changed(self, plan: Plan, estimate: Estimate) -> None:
        reference = self.store.reference
        try:
            self.headline.set_result(plan, estimate, None if reference is None else reference[1])
        except Exception as problem:  # a figure that is worked out only when it is looked at
            logger.exception("the estimate cannot be shown")
            self.store.withdraw(f"{type(problem).__name__}: {problem}")
            return
        self.footer.set_alarm("")
        self._show_views()
        self.findings.set_result(estimate)
        self.inputs.show_estimate(plan, estimate)
        if not self.at_start:
            self.footer.set_result(plan, estimate)
        self.tab_row.set_counts(bad_by_tab(estimate.findings))
        for tab in self.tabs.values():
            self._feed(tab, plan, estimate)
        if self.presentation.page is not None:
            self.presentation.page.set_result(estimate.counted(plan), estimate)
        self._result_came_or_went()

    def _feed(self, tab: Tab, plan: Plan, estimate: Estimate) -> None:
        # of a plan that serves: with the servers that serve as its cluster
        tab.typed = plan
        tab.set_result(estimate.counted(plan), estimate)
        self._feed_scenarios(tab)

    def _feed_scenarios(self, tab: Tab) -> None:
        tab.set_scenarios(self.store.plans, self.store.active, self.store.estimate_of)
        tab.set_project(self.store.project, self.store.estimate_of)

    def _calendar_changed(self) -> None:
        for tab in self.tabs.values():
            self._feed_scenarios(tab)

    def _change_calendar(self, entries: tuple[CalendarEntry, ...]) -> None:
        self.store.set_calendar(entries, self.tr("Change the calendar"))

    def close_findings(self) -> bool:
        """Close the list of findings; False where it was not open."""
        was = self.findings.expanded()
        if was:
            self.findings.set_expanded(False)
        return was

    def toggle_findings(self) -> None:
        """Open or close the list of all findings."""
        self.findings.set_expanded(not self.findings.expanded())

    def _scenarios_changed(self) -> None:
        self.toolbar.set_scenarios(tuple(plan.name for plan in self.store.plans), self.store.active)
        self.presentation.show_scenario()
        for tab in self.tabs.values():
            self._feed_scenarios(tab)
        self._title()

    def _failed(self, message: str) -> None:
        """The last good result of the project stays, as such; what compares plans shows them as they stand."""
        self.footer.set_alarm(message)
        if self.store.estimate is None:
            self.headline.clear()
        else:
            self.headline.keep()
        self._show_views()
        for tab in self.tabs.values():
            self._feed_scenarios(tab)
        self._result_came_or_went()

    def _show_views(self) -> None:
        """No view shows the results of a project that is gone; the comparison shows plans without results too."""
        compares = self.tabs.get("compare") is self.tab_stack.currentWidget()
        refused = self.store.estimate is None and self.headline.empty
        self.tab_stack.setVisible(compares or not refused)

    def _committed(self) -> None:
        # The estimate follows in the same round of the event loop; the change is shown once it is there.
        QTimer.singleShot(0, self, self.headline.flash)

    def end_gesture(self) -> None:
        """A drag ended: its last figures are there, axes may fit again, the next change is a step of its own."""
        self.store.finish()
        axis_hold().hold(False)
        self.store.end_gesture()

    def _late(self, on: bool) -> None:
        """The figures shown are those of the plan before, and say so."""
        for card in self.headline.cards():
            card.set_busy(self.tr("Computing") if on else "")

    def _tab_chosen(self, index: int) -> None:
        key = self.tab_row.tabData(index)
        tab = self.tabs.get(key)
        if tab is None:
            tab = create_tab(key)
            tab.plan_change_requested.connect(self._clicked)
            tab.field_requested.connect(self.go_to_field)
            tab.scenario_added.connect(self.add_scenario)
            tab.scenario_requested.connect(self.store.activate)
            tab.calendar_wanted.connect(self._change_calendar)
            self.tabs[key] = tab
            tab.set_services(self.services)
            self.tab_stack.addWidget(tab)
            if self.store.estimate is not None:
                self._feed(tab, self.store.plan, self.store.estimate)
            else:
                self._feed_scenarios(tab)
        self.tab_stack.setCurrentWidget(tab)
        self._show_views()

    def _first_tab(self) -> None:
        if self.tab_stack.count() == 0:
            self._tab_chosen(self.tab_row.currentIndex())

    def show_tab(self, key: str) -> None:
        """Show a tab by its key."""
        self.tab_row.setCurrentIndex(next(i for i, (name, _, _) in enumerate(TABS) if name == key))

    def _input_changed(self, row: InputRow, changes: Mapping[str, object], gesture: int | None) -> None:
        text = self.tr("Change {field}").format(field=row.label.text())
        error = self.store.set_values(changes, text, gesture)
        if error is not None:
            self.inputs.refuse(row, error)

    def apply_recommended(self) -> None:
        """Apply the recommended remedy of the gravest finding (Ctrl+Enter); nothing when there is none."""
        result = self.store.estimate
        remedies = [remedy for finding in result.findings for remedy in finding.remedies] if result else []
        if remedies:
            chosen = next((remedy for remedy in remedies if remedy.recommended), remedies[0])
            self.apply(dict(chosen.set))

    def apply(self, changes: Mapping[str, object]) -> None:
        """Apply a remedy or an adopted cell: one undo step."""
        error = self.store.set_values(changes, self.tr("Apply"))
        if error is not None:
            self.footer.set_alarm(sentence(error))

    def add_scenario(self, plan: Plan | None = None) -> None:
        """Duplicate the plan shown (or take ``plan``) as the next scenario."""
        if self.at_start:
            return
        letter = LETTERS[min(len(self.store.plans), 25)]
        source = plan if isinstance(plan, Plan) else None
        self.store.add_scenario(source, self.tr("Scenario {letter}").format(letter=letter))

    def _duplicate(self, index: int) -> None:
        self.add_scenario(self.store.plans[index])

    def go_to_field(self, path: str) -> None:
        """Bring the keyboard to an input."""
        self.leave_present()
        self.fold_inputs(False)
        self.inputs.go_to(path)

    def _ask_missing(self) -> None:
        """The sheet after a start with a budget, once there is an estimate that lacks prices."""
        if self.store.stale:
            self.store.compute_now()
        if self.store.estimate is not None and self.store.estimate.cost.missing:
            self.headline.missing_wanted.emit()

    @property
    def notices(self) -> Notices:
        """What is said over the window; made with the first sentence."""
        if self._notices is None:
            from mitsumori.gui.notices import Notices

            self._notices = Notices(self.whole, self.store)
        return self._notices

    def _clicked(self, changes: Mapping[str, object]) -> None:
        """A click on a result changed inputs: say which, with Undo."""
        before = self.store.plan
        self.apply(changes)
        self.notices.clicked(before, changes)

    def _explain(self, path: str) -> None:
        if self.store.estimate is not None:
            from mitsumori.gui.dialogs.explain import explain

            explain(self.headline, path, self.store.plan, self.store.estimate)

    def switch_theme(self) -> None:
        """From light to dark or back, and remember it."""
        set_theme("light" if theme().is_dark else "dark", remember=True)

    @property
    def in_full_view(self) -> bool:
        """Whether Present mode has the whole window."""
        return self.presentation.begun

    @property
    def presenting(self) -> bool:
        """Whether Present mode is on."""
        return self.presentation.on

    def present(self) -> None:
        """Enter or leave Present mode."""
        if self.presenting:
            self.presentation.leave()
        else:
            self.presentation.enter()

    def leave_present(self) -> None:
        """Back to work."""
        self.presentation.leave()

    # --- looks

    def _title(self, clean: bool = True) -> None:
        if self.at_start:
            self.setWindowTitle("Mitsumori")
            return
        self.setWindowTitle(f"{self.files.title()}[*] — Mitsumori")
        self.setWindowModified(self.files.dirty())

    def retranslate(self) -> None:
        """Set the window's own texts again."""
        if hasattr(self, "files"):  # not while it is being made
            Panes.retranslate(self)
            self._title()

    def event(self, event: QEvent) -> bool:
        """Before what is dirty is painted, the estimate catches up: one painting shows the slider and its answer."""
        if event.type() == QEvent.Type.UpdateRequest:
            self.store.catch_up()
        return super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        """The first time, put the focus beside the controls: no ring before a key was pressed."""
        super().showEvent(event)
        if not self._painted:
            self.store.hold(True)
            # A window that is shown where nothing paints it (minimised, another desktop) computes all the same.
            QTimer.singleShot(UNPAINTED_MS, self, self._begin)
        if self.focusWidget() is None:
            self.whole.setFocus(Qt.FocusReason.OtherFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The first time, let the results follow once everything was painted."""
        super().paintEvent(event)
        if not self._painted:
            QTimer.singleShot(0, self, self._begin)

    def _begin(self) -> None:
        """The window stands: make its first view and results; behind the start page what they will need."""
        if not self._painted:
            self._painted = True
            after(VIEW, self, self._first_view)

    def _first_view(self) -> None:
        if not self.at_start:
            self._first_tab()
        after(RESULTS, self, lambda: self.store.hold(False))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves Present mode."""
        if event.key() == Qt.Key.Key_Escape and not self.presenting and self.close_findings():
            return
        if event.key() == Qt.Key.Key_Escape and self.presenting:
            self.leave_present()
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask once about unsaved changes, then end all work."""
        if not self.files.may_leave():
            event.ignore()
            return
        self.files.clean_up()
        self.jobs.shut_down()
        super().closeEvent(event)
