"""The inputs pane: foldable groups beside the results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from mitsumori.gui import settings
from mitsumori.gui.charts.hold import axis_hold
from mitsumori.gui.inputs.explanation import Explainer
from mitsumori.gui.inputs.fields import GROUPS, group_of
from mitsumori.gui.inputs.row import InputRow
from mitsumori.gui.inputs.section import Section
from mitsumori.gui.inputs.spec import Field
from mitsumori.gui.inputs.summary import layout_line, summary
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.surface import Surface
from mitsumori.gui.words.translation import Translated
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.refusal import PlanError
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mitsumori.model.estimate.results import Estimate

_PARTS = tuple(Plan.model_fields)


class _Sheet(Surface):
    def __init__(self, sections: list[Section]) -> None:
        super().__init__("card")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme().px(5), 0, 0)
        column.setSpacing(0)
        for section in sections:
            column.addWidget(section)
        column.addStretch(1)


class InputsPane(Translated, QScrollArea):
    """Shows the plan's inputs and asks for changes.

    Signals
    -------
    change_requested
        ``(row, changes, gesture)``; the receiver answers a refusal with ``row.refuse(error)``.
    gesture_started, gesture_ended
        A slider was taken and let go.
    """

    change_requested = Signal(object, object, object)
    gesture_started = Signal()
    gesture_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.sections = [Section(group) for group in GROUPS]
        self._sheet = _Sheet(self.sections)
        self.setWidget(self._sheet)
        self._plan: Plan | None = None
        self._rows_plan: Plan | None = None
        """The plan that the rows show."""
        self._estimate: Estimate | None = None
        self._catalogue = Catalogue.shipped()
        self._by_user = True
        """Whether groups are folded by the user, which is remembered."""
        self._standards: dict[str, Figure | None] = {}
        """Standards of entered values, by path, as last shown."""
        axis_hold().released.connect(self._show_context)
        self._explainer = Explainer(self)
        self._sought: InputRow | None = None
        self._unfolded = QTimer(self)
        self._unfolded.setSingleShot(True)
        self._unfolded.setInterval(60)
        self._unfolded.timeout.connect(self._scroll_to_sought)
        for section in self.sections:
            section.toggled.connect(self._remember)
            section.row_made.connect(self._connect_row)
            for field in section.group.fields:
                if field.key:
                    shortcut = QShortcut(QKeySequence(f"Alt+{field.key}"), self)
                    shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
                    shortcut.activated.connect(lambda path=field.path: self.go_to(path))
        self._restore()

    def _connect_row(self, row: InputRow) -> None:
        self._explainer.take(row)
        row.change_requested.connect(self._request)
        row.released.connect(self.gesture_ended)
        if row.slider is not None:
            row.slider.sliderPressed.connect(self.gesture_started)

    def _request(self, changes: Mapping[str, object], gesture: int | None) -> None:
        served = None if self._estimate is None else self._estimate.serving
        if changes.get("serving.auto") is False and served is not None and served.layout is not None:
            changes = served.layout.fixed  # by hand begins at what was found
        self.change_requested.emit(self.sender(), changes, gesture)

    def _restore(self) -> None:
        stored = settings.text("inputs/open", "\0")
        if stored != "\0":
            names = stored.split(",")
            for section in self.sections:
                section.set_open(section.group.key in names)

    def _remember(self) -> None:
        if self._by_user:
            names = ",".join(section.group.key for section in self.sections if section.is_open())
            settings.store("inputs/open", names)
        self._show_context()

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Take the records of another catalogue: the project's own differ from those shown."""
        if catalogue is not self._catalogue:
            self._catalogue = catalogue
            for section in self.sections:
                section.set_catalogue(catalogue)

    def show_plan(self, plan: Plan) -> None:
        """Show another plan."""
        old, self._plan, self._rows_plan = self._rows_plan, plan, plan
        moved = None if old is None else {name for name in _PARTS if getattr(plan, name) is not getattr(old, name)}
        if plan.serving.enabled is not (old is not None and old.serving.enabled):
            self._unfold_question(plan.serving.enabled)
        for section in self.sections:
            section.show_plan(plan, moved)

    def _unfold_question(self, serves: bool) -> None:
        """A plan that serves begins with its load, unfolded; elsewhere the groups are as the user left them."""
        serving = next(section for section in self.sections if section.group.key == "serving")
        self._by_user = False
        serving.set_open(serves or "serving" in settings.text("inputs/open", "").split(","))
        self._by_user = True

    def show_estimate(self, plan: Plan, estimate: Estimate) -> None:
        """Show what the estimate says about the inputs: standards, unknowns, causes of problems, the layout."""
        self._plan, self._estimate = plan, estimate
        self._show_context()

    def _show_context(self) -> None:
        plan, estimate = self._plan, self._estimate
        if plan is None:
            return
        missing = set() if estimate is None else set(estimate.cost.missing)
        guilty: set[str] = set()
        if estimate is not None:
            guilty = {finding.field for finding in estimate.findings if finding.severity == "bad" and finding.field}
            missing |= {finding.field for finding in estimate.findings if finding.severity == "ask" and finding.field}
        layout_guilty = any(path.startswith("parallel") for path in guilty)
        if estimate is not None and not plan.parallel.auto:
            # A layout set by hand is to blame for what does not fit, not the number of servers.
            memory = {f.field for f in estimate.findings if f.severity == "bad" and f.subject == "memory"}
            layout_guilty = layout_guilty or bool(memory)
            guilty -= memory
        for section in self.sections:
            section.header.set_summary(
                "" if section.is_open() else summary(section.group.key, plan, estimate, self._catalogue)
            )
            for row in section.open_rows():
                field = row.field
                if field.kind == "layout":
                    row.set_layout_text(
                        "" if estimate is None else layout_line(estimate.training.parallel), layout_guilty
                    )
                    continue
                known = self._standard(field, plan, estimate)
                row.show_context(known, field.path in missing, field.path in guilty, plan.notes.get(field.path, ""))

    def _standard(self, field: Field, plan: Plan, estimate: Estimate | None) -> Figure | None:
        """What stands for an input while it is open.

        For an entered value that takes another estimate: while a slider is held, the last one stands.
        """
        if estimate is None or not (field.optional or not field.enabled_when(plan)):
            return None
        if plan.value(field.path) is None or not field.enabled_when(plan):
            return estimate.used(field.path)
        if not axis_hold().held:
            self._standards[field.path] = estimate.standard(field.path)
        return self._standards.get(field.path)

    def show_group(self, key: str) -> None:
        """Unfold a group, bring it into view and put the keyboard on its head."""
        section = next(section for section in self.sections if section.group.key == key)
        section.set_open(True)
        section.header.setFocus(Qt.FocusReason.TabFocusReason)
        QTimer.singleShot(0, self, lambda: self.ensureWidgetVisible(section.header, 0, theme().px(60)))

    def row(self, path: str) -> InputRow | None:
        """The row of a plan path, built where it was not needed before."""
        group = group_of(path)
        if group is None:
            return None
        field = next(field for field in group.fields if field.path == path)
        next(section for section in self.sections if section.group is group).build(field.more)
        return next((row for section in self.sections for row in section.rows if row.field.path == path), None)

    def go_to(self, path: str) -> bool:
        """Unfold, scroll to and focus the row of a path; False when no row shows it."""
        group = group_of(path)
        if group is None:
            return False
        section = next(section for section in self.sections if section.group is group)
        row = section.reveal(path)
        if row is None or not row.listed:
            return False
        self._show_context()
        control = row.control()
        control.setFocus(Qt.FocusReason.ShortcutFocusReason)
        # At once where the row is in place, and again when an unfolded group has its height.
        self._sought = row
        QTimer.singleShot(0, self, self._scroll_to_sought)
        self._unfolded.start()
        return True

    def _scroll_to_sought(self) -> None:
        if self._sought is not None:
            self.ensureWidgetVisible(self._sought, 0, theme().px(60))

    def refuse(self, row: InputRow, error: PlanError) -> None:
        """Show a refusal at its row, or at the row that the refusal names."""
        named = self.row(error.problems[0].field)
        (row if named is None or not named.listed else named).refuse(error)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell the groups how wide the pane is."""
        for section in self.sections:
            section.set_pane_width(self.width())
        super().resizeEvent(event)

    def set_presenting(self, on: bool) -> None:
        """Hide internal figures."""
        for section in self.sections:
            section.set_presenting(on)

    def retheme(self) -> None:
        """Take fonts and colours again."""
        for section in self.sections:
            section.retheme()
        self._sheet.update()

    def retranslate(self) -> None:
        """Show units, lists and summaries in the new language (labels follow by themselves)."""
        if self._plan is not None:
            self.show_plan(self._plan)
            self._show_context()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The surface."""
        QPainter(self.viewport()).fillRect(self.viewport().rect(), theme().color("card"))
