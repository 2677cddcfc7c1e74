"""Assumptions: every constant and price that the figures rest on, with value, source, date, grade, override and reset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit

from mitsumori.gui.charts.painting import SEMIBOLD, font, u
from mitsumori.gui.dialogs.explain import explain, input_label, value_text, what_words
from mitsumori.gui.inputs.choices import word
from mitsumori.gui.tables.columns import Cell, Column, Table, Words
from mitsumori.gui.tables.view import TableView
from mitsumori.gui.tabs.base import Panel, Tab
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.segmented import Segmented
from mitsumori.gui.words.plan import path_words
from mitsumori.gui.words.plurals import plurals
from mitsumori.gui.words.results import figure_name
from mitsumori.gui.words.sources import date_words, source_words
from mitsumori.gui.words.translation import language
from mitsumori.model.base.figure import Figure
from mitsumori.model.estimate.counts import missing_inputs, overridden_inputs
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.inputs import inputs
from mitsumori.model.plan.overrides import accepted
from mitsumori.model.plan.plan import Plan
from mitsumori.model.report.rollouts import rollout_words

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Assumption:
    """One line. ``path`` is an estimate path to explain, ``field`` a plan path that changes it."""

    group: str
    name: str
    value: str
    kind: str
    what: str
    source: str
    date: str
    grade: str
    url: str = ""
    path: str = ""
    field: str = ""
    overridden: bool = False
    number: float | None = None
    unit: str = ""
    """The figure as it is, and its unit, for whoever copies the list."""


def short_kind(kind: str) -> str:
    """What sort of provenance a number has, in a column's width."""
    return {
        "catalogue": translate("Assumptions", "Catalogue"),
        "formula": translate("Assumptions", "Formula"),
        "fitted": translate("Assumptions", "Fitted to runs"),
        "user": translate("Assumptions", "By you"),
        "default": translate("Assumptions", "Standard"),
    }.get(kind, kind)


def assumptions(plan: Plan, estimate: Estimate) -> Iterator[Assumption]:
    """Everything the estimate rests on: prices and defaults used, figures with their parents, sources."""
    yield from _overrides(plan)
    for path, figure in estimate.cost.used.items():
        yield _line(
            translate("Assumptions", "Money"), _money_name(path, estimate), figure, "", path, _is_set(plan, path)
        )
    groups = (
        (translate("Assumptions", "Training"), "training", ("tokens_per_s_per_gpu", "mfu", "goodput", "tokens")),
        (translate("Assumptions", "Racks and power"), "facility", ("it_kw", "pue", "kwh_per_year", "co2_t_per_year",
                                                                   "water_m3_per_year", "utility_kva")),
    )  # fmt: skip
    trains = estimate.serving is None  # else what is shown is of no training
    for group, part, names in groups if trains else groups[1:]:
        for name in names:
            path = f"{part}.{name}"
            yield _line(group, figure_name(path), estimate.figure(path), path, f"{part}.{name}", False)
    if trains:
        yield from _recipe(estimate)
        yield from _rollout(estimate)
    for name, figure in estimate.facility.details.items():
        path = f"facility.details.{name}"
        yield _line(translate("Assumptions", "Racks and power"), figure_name(path), figure, path, "", False)
    for section in ("network", "storage"):
        for name, figure in getattr(estimate.facility, section).items():
            path = f"facility.{section}.{name}"
            yield _line(translate("Assumptions", "Network and storage"), figure_name(path), figure, path, "", False)
    for name, figure in estimate.memory.per_gpu.items() if trains else ():
        path = f"memory.per_gpu.{name}"
        yield _line(translate("Assumptions", "Memory"), figure_name(path), figure, path, "", False)
    for line in estimate.sources:
        yield Assumption(
            translate("Assumptions", "Sources"),
            what_words(line.what),
            "",
            "",
            what_words(line.what),
            source_words(line.source),
            date_words(line.date),
            line.grade,
            line.url,
        )


def _money_name(path: str, estimate: Estimate) -> str:
    """The input of a price; of servers of a further type with their name."""
    _, further, key = path.partition("cluster.more.")
    if not further:
        return input_label(path)
    record = estimate.catalogue.servers().get(key)
    return f"{input_label('money.onprem.server_price')} · {key if record is None else record.name}"


def _recipe(estimate: Estimate) -> Iterator[Assumption]:
    """The recipe of the training software that the figures are for, part by part."""
    group = translate("Assumptions", "Training")
    for name, part in estimate.training.details.recipe.items():
        path, stated = f"{'network' if name == 'bandwidth_gbps' else 'parallel'}.{name}", part.stated
        value = word(part.value) if part.value else translate("Assumptions", "not stated")
        source = "" if stated else source_words(inputs()[path].standard_source(language()))
        several = part.value.split(", ")
        if len(several) > 1:  # a list would leave no room for where it is from
            value, source = f"{several[0]} +{len(several) - 1}", ": ".join(filter(None, (part.value, source)))
        yield Assumption(
            group, input_label(path), value, short_kind("user" if stated else "default"), source, source, "", "", "", "",
            path, stated,
        )  # fmt: skip


def _rollout(estimate: Estimate) -> Iterator[Assumption]:
    """Where the answers of PPO and GRPO come from."""
    found = estimate.training.details.rollout
    if found is not None:
        group, name = translate("Assumptions", "Training"), translate("Assumptions", "Generation of answers")
        words = rollout_words(found, estimate.catalogue, language())
        what = what_words("rollouts, log-probabilities, training and refit of weights; docs/method.md, 5.3")
        yield Assumption(
            group,
            name,
            word(found.placement),
            short_kind("formula"),
            what,
            words,
            "",
            "",
            "",
            "",
            "rollout.placement",
            False,
        )


def _overrides(plan: Plan) -> Iterator[Assumption]:
    for path, value in plan.overrides.items():
        words = Figure(value)
        yield Assumption(
            translate("Assumptions", "Overridden"),
            _override_name(path),
            value_text(words),
            short_kind("user"),
            path,
            "",
            "",
            "",
            "",
            path,
            f"overrides.{path}",
            True,
        )


def _override_name(path: str) -> str:
    """As the workbook calls the figure, else as the estimate does."""
    if accepted(path) is not None:
        return path_words(f"overrides.{path}")
    return figure_name(path) if "." in path else path


def _is_set(plan: Plan, path: str) -> bool:
    try:
        return path.startswith("money.") and plan.value(path) is not None
    except ValueError:
        return False


def _line(group: str, name: str, figure: Figure, path: str, field: str, overridden: bool) -> Assumption:
    provenance = figure.provenance
    if provenance is None:
        return Assumption(
            group, name, value_text(figure), "", "", "", "", "", "", path, field, overridden, figure.value, figure.unit
        )
    mine = overridden and provenance.kind == "user"
    return Assumption(
        group,
        name,
        value_text(figure),
        short_kind(provenance.kind),
        what_words(provenance.what),
        source_words(provenance.source)
        or (translate("Assumptions", "Entered by you") if provenance.kind == "user" else ""),
        date_words(provenance.date),
        provenance.grade,
        provenance.url,
        path,
        field,
        mine,
        figure.value,
        figure.unit,
    )


class AssumptionTable(TableView):
    """The lines, ordered by any column; a double click or Enter explains the chosen one."""

    explained = Signal()
    least = (400, 300)
    pitch = (34, 34)
    shows_selection = True

    def __init__(self) -> None:
        super().__init__()
        self.lines_shown: tuple[Assumption, ...] = ()
        self.doubleClicked.connect(lambda _index: self.explained.emit())

    def rows_wanted(self) -> int:
        """Some; the rest is scrolled."""
        return 8

    def set_rows(self, rows: Sequence[Assumption]) -> None:
        """Show other lines; the view keeps its place while the lines stay the same ones."""
        self.lines_shown = tuple(rows)
        columns = (
            Column(translate("Assumptions", "Assumption"), stretch=2, least=170),
            Column(translate("Assumptions", "Value"), number=True, stretch=1, least=120),
            Column(translate("Assumptions", "Unit of the value"), hidden=True),
            Column(translate("Assumptions", "Group"), optional=True),
            Column(translate("Assumptions", "Kind")),
            Column(translate("Assumptions", "Source"), stretch=3, least=150),
            Column(translate("Assumptions", "Date")),
            Column(translate("Assumptions", "Grade")),
        )
        self.set_table(Table(columns, tuple(map(_cells, rows))))

    def chosen_line(self) -> Assumption | None:
        """The line with the cursor."""
        index = self.currentIndex()
        return self.lines_shown[self.rows().source(index.row())] if index.isValid() else None

    def open_current(self) -> bool:
        """Enter explains."""
        self.explained.emit()
        return True


def _cells(row: Assumption) -> tuple[Cell, ...]:
    ground = "marginal_tint" if row.overridden else ""
    tip = "\n".join(part for part in (row.name, row.what, row.source, row.url) if part)

    def words(text: str) -> Cell:
        return Cell(text, None, Words(14, ink="text_2", ground=ground, lines=1), tip)

    return (
        Cell(row.name, None, Words(14, ground=ground), tip),
        Cell(row.value, row.number, Words(14, SEMIBOLD, ground=ground), tip),
        Cell(row.unit),
        words(row.group),
        words(row.kind),
        words(row.source or row.what),
        words(row.date),
        words(row.grade),
    )


class AssumptionsTab(Tab):
    """A searchable list; the line chosen can be explained, its source opened, its field shown or reset."""

    def build(self) -> None:
        """Create search line, table and buttons."""
        self.head = Panel()
        line = QHBoxLayout(self.head)
        line.setContentsMargins(round(u(16)), round(u(10)), round(u(12)), round(u(10)))
        line.setSpacing(round(u(10)))
        self.finding = QLabel()
        self.finding.setWordWrap(True)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumSize(round(u(180)), round(u(32)))
        self.search.setTextMargins(7, 0, 7, 0)
        self.search.setMaximumWidth(round(u(280)))
        self.which = Segmented([("all", ""), ("mine", "")])
        self.which.chosen.connect(self._filter)
        line.addWidget(self.finding, 1)
        line.addWidget(self.which)
        line.addWidget(self.search)
        self.body = Panel()
        inner = QHBoxLayout(self.body)
        inner.setContentsMargins(round(u(6)), round(u(6)), round(u(6)), round(u(6)))
        self.view = AssumptionTable()
        self.view.explained.connect(self._explain)
        self.view.selectionModel().currentRowChanged.connect(self._chosen)
        inner.addWidget(self.view)
        self.action_bar = Panel()
        buttons = QHBoxLayout(self.action_bar)
        buttons.setContentsMargins(round(u(16)), round(u(8)), round(u(12)), round(u(8)))
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.explain_button = Button("", "plain", "info")
        self.explain_button.clicked.connect(self._explain)
        self.source_button = Button("", "plain", "source")
        self.source_button.clicked.connect(self._open_source)
        self.field_button = Button("", "plain", "edit")
        self.field_button.clicked.connect(self._go)
        self.reset_button = Button("", "plain", "reset")
        self.reset_button.clicked.connect(self._reset)
        buttons.addWidget(self.note, 1)
        for button in (self.explain_button, self.source_button, self.field_button, self.reset_button):
            buttons.addWidget(button)
        self.column.addWidget(self.head)
        self.column.addWidget(self.body, 1)
        self.column.addWidget(self.action_bar)
        self.search.textChanged.connect(self._filter)
        self._lines: tuple[Assumption, ...] = ()
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        self.search.setPlaceholderText(translate("Assumptions", "Search"))
        self.search.setAccessibleName(translate("Assumptions", "Search the assumptions"))
        self.which.set_options(
            [("all", translate("Assumptions", "All")), ("mine", translate("Assumptions", "Entered by you"))]
        )
        self.which.setAccessibleName(translate("Assumptions", "Which assumptions are shown"))
        self.view.setAccessibleName(translate("Assumptions", "Assumptions"))
        for button, text in (
            (self.explain_button, translate("Assumptions", "Explain")),
            (self.source_button, translate("Assumptions", "Open source")),
            (self.field_button, translate("Assumptions", "Change")),
            (self.reset_button, translate("Assumptions", "Reset to standard")),
        ):
            button.setText(text)
            button.setAccessibleName(text)
        self._fonts()
        self._chosen()
        super().retranslate()

    def retheme(self) -> None:
        """Take over type sizes."""
        self._fonts()
        super().retheme()

    def _fonts(self) -> None:
        self.finding.setFont(font(16, SEMIBOLD))
        self.search.setFont(font(14))
        self.note.setFont(font(13))

    def refresh(self) -> None:
        """Show what the estimate rests on."""
        assert self.plan is not None
        assert self.estimate is not None
        typed = self.typed or self.plan  # what is counted for the user was not overridden by anybody
        self._lines = tuple(assumptions(typed, self.estimate))
        self._filter()
        mine = len(overridden_inputs(typed, self.estimate))
        missing = len(missing_inputs(self.estimate))
        self.finding.setText(
            translate("Assumptions", "{first} {second}").format(
                first=plurals().values_overridden(mine),
                second=plurals().values_missing(missing),
            )
        )

    def _filter(self, _value: object = None) -> None:
        mine = self.which.value() == "mine"
        self.view.set_rows([row for row in self._lines if row.overridden or not mine])
        self.view.rows().set_filter(self.search.text())

    def _current(self) -> Assumption | None:
        return self.view.chosen_line()

    def _chosen(self, *_: object) -> None:
        row = self._current()
        self.explain_button.setEnabled(row is not None and bool(row.path))
        self.source_button.setEnabled(row is not None and row.url.startswith("http"))
        self.field_button.setEnabled(row is not None and bool(row.field))
        self.reset_button.setEnabled(row is not None and row.overridden)
        if row is None:
            self.note.setText(translate("Assumptions", "Choose a line to see where it comes from."))
        else:
            self.note.setText(row.what if not row.source else f"{row.what}\n{row.source}")

    def _explain(self) -> None:
        row = self._current()
        if row is not None and row.path and self.plan is not None and self.estimate is not None:
            place = self.view.visualRect(self.view.currentIndex()).bottomLeft()
            explain(self, row.path, self.plan, self.estimate, self.view.viewport().mapToGlobal(place))

    def _open_source(self) -> None:
        row = self._current()
        if row is not None and row.url.startswith("http"):
            QDesktopServices.openUrl(QUrl(row.url))

    def _go(self) -> None:
        row = self._current()
        if row is not None and row.field:
            self.field_requested.emit(row.field)

    def _reset(self) -> None:
        row = self._current()
        if row is not None and row.overridden:
            self.plan_change_requested.emit({row.field: None})
