"""Assumptions: every constant and price that the figures rest on, with value, source, date, grade, override and reset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QSortFilterProxyModel, Qt, QUrl
from PySide6.QtGui import QContextMenuEvent, QDesktopServices, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QHeaderView, QLabel, QLineEdit, QTableView

from mitsumori.gui.charts.base import Table
from mitsumori.gui.charts.frame import copy_menu
from mitsumori.gui.charts.painting import SEMIBOLD, color, font, u
from mitsumori.gui.dialogs.explain import explain, input_label, value_text, what_words
from mitsumori.gui.tabs.base import Panel, Tab
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.cells import Cells
from mitsumori.gui.widgets.segmented import Segmented
from mitsumori.gui.words.plan import path_words
from mitsumori.gui.words.plurals import plurals
from mitsumori.gui.words.results import figure_name
from mitsumori.gui.words.sources import date_words, source_words
from mitsumori.model.base.figure import Figure
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.overrides import accepted
from mitsumori.model.plan.plan import Plan

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


def short_kind(kind: str) -> str:
    """What sort of parent a number has, in a column's width."""
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
        yield _line(translate("Assumptions", "Money"), input_label(path), figure, "", path, _is_set(plan, path))
    groups = (
        (translate("Assumptions", "Training"), "training", ("tokens_per_s_per_gpu", "mfu", "goodput", "tokens")),
        (translate("Assumptions", "Racks and power"), "facility", ("it_kw", "pue", "kwh_per_year", "co2_t_per_year",
                                                                   "water_m3_per_year", "utility_kva")),
    )  # fmt: skip
    for group, part, names in groups:
        for name in names:
            path = f"{part}.{name}"
            yield _line(group, figure_name(path), estimate.figure(path), path, f"{part}.{name}", False)
    for name, figure in estimate.facility.details.items():
        path = f"facility.details.{name}"
        yield _line(translate("Assumptions", "Racks and power"), figure_name(path), figure, path, "", False)
    for section in ("network", "storage"):
        for name, figure in getattr(estimate.facility, section).items():
            path = f"facility.{section}.{name}"
            yield _line(translate("Assumptions", "Network and storage"), figure_name(path), figure, path, "", False)
    for name, figure in estimate.memory.per_gpu.items():
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
    parent = figure.parent
    if parent is None:
        return Assumption(group, name, value_text(figure), "", "", "", "", "", "", path, field, overridden)
    mine = overridden and parent.kind == "user"
    return Assumption(
        group,
        name,
        value_text(figure),
        short_kind(parent.kind),
        what_words(parent.what),
        source_words(parent.source) or (translate("Assumptions", "Entered by you") if parent.kind == "user" else ""),
        date_words(parent.date),
        parent.grade,
        parent.url,
        path,
        field,
        mine,
    )


class AssumptionModel(QAbstractTableModel):
    """The lines for a table view."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Assumption, ...] = ()

    def headers(self) -> tuple[str, ...]:
        """Column heads in the language of the window."""
        return (
            translate("Assumptions", "Assumption"),
            translate("Assumptions", "Value"),
            translate("Assumptions", "Group"),
            translate("Assumptions", "Kind"),
            translate("Assumptions", "Source"),
            translate("Assumptions", "Date"),
            translate("Assumptions", "Grade"),
        )

    def set_rows(self, rows: tuple[Assumption, ...]) -> None:
        """Show other lines; the view keeps its place while the lines stay the same ones."""
        if [row.name for row in rows] == [row.name for row in self._rows]:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, 6))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row(self, index: int) -> Assumption:
        """A line."""
        return self._rows[index]

    def rows(self) -> tuple[Assumption, ...]:
        """All lines."""
        return self._rows

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Lines."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Columns."""
        return 0 if parent is not None and parent.isValid() else 7

    def cells(self, row: Assumption) -> tuple[str, ...]:
        """The texts of a line."""
        source = row.source or row.what
        return (row.name, row.value, row.group, row.kind, source, row.date, row.grade)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text; values right-aligned and strong; overridden lines tinted."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cells(row)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(part for part in (row.name, row.what, row.source, row.url) if part)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if index.column() == 1 else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole and index.column() == 1:
            return font(14, SEMIBOLD)
        if role == Qt.ItemDataRole.BackgroundRole and row.overridden:
            return color("marginal_tint")
        if role == Qt.ItemDataRole.ForegroundRole and index.column() > 1:
            return color("text_2")
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column heads."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.headers()[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == 1 else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class _View(QTableView):
    """Copies its lines as tab-separated text."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_table()
            return
        super().keyPressEvent(event)

    def copy_table(self) -> None:
        """Put the lines shown on the clipboard as tab-separated text."""
        model = self.model()
        rows = [
            tuple(str(model.index(r, c).data() or "") for c in range(model.columnCount()))
            for r in range(model.rowCount())
        ]
        heads = tuple(
            str(model.headerData(c, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole))
            for c in range(model.columnCount())
        )
        QGuiApplication.clipboard().setText(Table(heads, tuple(rows)).tsv())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        copy_menu(self, self.copy_table).popup(event.globalPos())


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
        self.lines = AssumptionModel(self)
        self.proxy = _Filter(self)
        self.proxy.setSourceModel(self.lines)
        self.view = _View()
        self.view.setModel(self.proxy)
        self.view.setItemDelegate(Cells(self.view))
        self.view.setShowGrid(False)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setWordWrap(False)
        self.view.setTabKeyNavigation(False)
        self.view.setSortingEnabled(True)
        self.view.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.verticalHeader().setVisible(False)
        self.view.verticalHeader().setDefaultSectionSize(round(u(34)))
        self.view.horizontalHeader().setHighlightSections(False)
        self.view.horizontalHeader().setMinimumSectionSize(round(u(60)))
        self.view.setMinimumHeight(round(u(300)))
        self.view.activated.connect(self._explain)
        self.view.selectionModel().currentRowChanged.connect(self._chosen)
        inner.addWidget(self.view)
        self.actions = Panel()
        buttons = QHBoxLayout(self.actions)
        buttons.setContentsMargins(round(u(16)), round(u(8)), round(u(12)), round(u(8)))
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.explain_button = Button("", "plain", "info")
        self.explain_button.clicked.connect(lambda: self._explain(self.view.currentIndex()))
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
        self.column.addWidget(self.actions)
        self.search.textChanged.connect(self._filter)
        self._sized = False
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
        self._sized = False
        self._chosen()
        super().retranslate()

    def retheme(self) -> None:
        """Take over type sizes."""
        self._fonts()
        self.view.verticalHeader().setDefaultSectionSize(round(u(34)))
        self._sized = False
        super().retheme()

    def _fonts(self) -> None:
        self.finding.setFont(font(16, SEMIBOLD))
        self.view.setFont(font(14))
        self.view.horizontalHeader().setFont(font(13))
        self.search.setFont(font(14))
        self.note.setFont(font(13))

    def refresh(self) -> None:
        """Show what the estimate rests on."""
        assert self.plan is not None
        assert self.estimate is not None
        rows = tuple(assumptions(self.plan, self.estimate))
        self.lines.set_rows(rows)
        mine = sum(row.overridden for row in rows)
        missing = len(self.estimate.cost.missing)
        self.finding.setText(
            translate("Assumptions", "{first} {second}").format(
                first=plurals().values_entered(mine),
                second=plurals().values_missing(missing),
            )
        )
        if not self._sized:
            self._sized = True
            self._size_columns()

    def _size_columns(self) -> None:
        header = self.view.horizontalHeader()
        narrow = self.view.width() < u(1000)
        self.view.setColumnHidden(2, narrow)
        most = (190, 180, 150, 110, 0, 186, 60) if narrow else (250, 220, 150, 130, 0, 186, 60)
        for column, least in enumerate((150, 96, 90, 90, 0, 84, 52)):
            if least:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
                self.view.resizeColumnToContents(column)
                wide = self.view.columnWidth(column) + round(u(10))
                self.view.setColumnWidth(column, min(max(round(u(least)), wide), round(u(most[column]))))
        header.setSectionResizeMode(4, QHeaderView.ResizeMode.Stretch)

    def _filter(self, _value: object = None) -> None:
        self.proxy.set_filter(self.search.text(), self.which.value() == "mine")

    def _current(self) -> Assumption | None:
        index = self.view.currentIndex()
        return self.lines.row(self.proxy.mapToSource(index).row()) if index.isValid() else None

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

    def _explain(self, _index: object) -> None:
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


class _Filter(QSortFilterProxyModel):
    """Lines that contain every word, and only the user's own on request."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._words: list[str] = []
        self._mine = False

    def set_filter(self, text: str, mine: bool) -> None:
        """Filter anew."""
        self._words, self._mine = text.casefold().split(), mine
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: QModelIndex) -> bool:
        """Whether a line is shown."""
        model = self.sourceModel()
        assert isinstance(model, AssumptionModel)
        row = model.row(source_row)
        if self._mine and not row.overridden:
            return False
        text = " ".join((*model.cells(row), row.what)).casefold()
        return all(word in text for word in self._words)
