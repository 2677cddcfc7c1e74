"""What a project keeps beside its plans: own records, measured runs, what the proposal says, the calendar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from mitsumori.gui.estimating import Estimating
from mitsumori.gui.undo import ContextStep
from mitsumori.model.base.refusal import PlanError
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.calendar import CalendarEntry
from mitsumori.model.plan.project import Correction, ProjectContext
from mitsumori.model.plan.proposal import Proposal

if TYPE_CHECKING:
    from mitsumori.model.catalogue.user_files import Records
    from mitsumori.model.plan.project import Project


class ProjectParts(Estimating):
    """The parts of a project that are no plans; each change is one undo step.

    Signals
    -------
    committed
        A gesture ended or a single change was made: time to show differences and to save a copy.
    context_changed
        The project's own catalogue records or measured runs changed; every answer known so far is old.
    calendar_changed
        Which plan has the cluster when.
    """

    committed = Signal()
    context_changed = Signal()
    calendar_changed = Signal()

    def __init__(self, undo_steps: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogue: Records = {}
        self._corrections: tuple[Correction, ...] = ()
        self._proposal = Proposal()
        self._calendar: tuple[CalendarEntry, ...] = ()
        self._laid_over: tuple[Records, Catalogue] | None = None
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(undo_steps)

    def _before_step(self) -> None:
        """Figures will change: what is shown is what they are compared with."""

    def _estimates_are_old(self) -> None:
        """Every estimate known so far belongs to other records, runs or hours."""

    def _load_parts(self, project: Project) -> None:
        self._catalogue, self._corrections = dict(project.catalogue), project.corrections
        self._proposal, self._calendar = project.proposal, project.calendar

    def context(self) -> ProjectContext:
        """``catalogue`` and ``corrections`` of this project, as the core takes them; only what it has."""
        found: ProjectContext = {}
        if self._catalogue:
            laid = self._laid_over
            if laid is None or laid[0] is not self._catalogue:
                laid = self._laid_over = (self._catalogue, Catalogue.shipped().with_records(self._catalogue))
            found["catalogue"] = laid[1]
        if self._corrections:
            found["corrections"] = self._corrections
        return found

    @property
    def catalogue(self) -> Catalogue:
        """The shipped records with the project's own laid over them."""
        return self.context().get("catalogue") or Catalogue.shipped()

    @property
    def own_records(self) -> Mapping[str, Mapping[str, Mapping[str, object]]]:
        """The project's own catalogue records, ``{kind: {key: fields}}``."""
        return self._catalogue

    @property
    def corrections(self) -> tuple[Correction, ...]:
        """The measured runs that correct the predicted speed."""
        return self._corrections

    @property
    def proposal(self) -> Proposal:
        """What the project's proposal says beside its figures."""
        return self._proposal

    @property
    def calendar(self) -> tuple[CalendarEntry, ...]:
        """Which plan has the cluster when."""
        return self._calendar

    def set_context(
        self,
        text: str,
        *,
        records: Mapping[str, Mapping[str, Mapping[str, object]]] | None = None,
        corrections: tuple[Correction, ...] | None = None,
    ) -> PlanError | None:
        """Replace the project's own records or measured runs: one undo step.

        Parameters
        ----------
        text
            What the undo menu calls it.
        records, corrections
            What replaces the present ones; None keeps them.

        Returns
        -------
        PlanError or None
            Why the records were refused; then nothing changed.
        """
        own, measured = self._catalogue, self._corrections
        if records is not None:
            own = {kind: {key: dict(item) for key, item in part.items()} for kind, part in records.items() if part}
            try:
                Catalogue.shipped().with_records(own)
            except PlanError as error:
                return error
        if corrections is not None:
            measured = corrections
        self._before_step()
        before = self._catalogue, self._corrections
        self.undo_stack.push(ContextStep(self._show_context, before, (own, measured), text))
        self.committed.emit()
        return None

    def set_proposal(self, proposal: Proposal, text: str) -> None:
        """Replace what the proposal says: one undo step; no figure depends on it."""
        if proposal != self._proposal:
            self.undo_stack.push(ContextStep(self._show_proposal, (self._proposal,), (proposal,), text))
            self.committed.emit()

    def set_calendar(self, calendar: tuple[CalendarEntry, ...], text: str) -> None:
        """Replace which plan has the cluster when: one undo step; utilization and shared costs follow."""
        if calendar != self._calendar:
            self._before_step()
            self.undo_stack.push(ContextStep(self._show_calendar, (self._calendar,), (calendar,), text))
            self.committed.emit()

    def _show_calendar(self, calendar: tuple[CalendarEntry, ...]) -> None:
        self._calendar = calendar
        self._estimates_are_old()
        self.calendar_changed.emit()

    def _show_proposal(self, proposal: Proposal) -> None:
        self._proposal = proposal

    def _show_context(self, own: Records, measured: tuple[Correction, ...]) -> None:
        self._catalogue, self._corrections = own, measured
        self._estimates_are_old()
        self.context_changed.emit()
