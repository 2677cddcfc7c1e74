"""The catalogue: every figure with source, date, grade and age; figures of one's own; price lists. Kept in the project."""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt
from PySide6.QtWidgets import QFileDialog

from mitsumori.gui.charts.base import Table
from mitsumori.gui.charts.numbers import UNKNOWN, plain
from mitsumori.gui.dialogs.base import DataTable, LineField, ToolDialog, Words, combo
from mitsumori.gui.inputs.refusals import sentence
from mitsumori.gui.jobs import JobContext
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.words.catalogue import KINDS, figure_label, kind_name, record_name
from mitsumori.gui.words.translation import error_words
from mitsumori.model.base.format import parse
from mitsumori.model.base.input_files import regular_bytes
from mitsumori.model.base.refusal import PlanError, Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.records import USER_SOURCE, CloudInstance, CloudStorage, Price, Record, Tariff
from mitsumori.model.catalogue.user_files import MAX_BYTES, Records, edited, import_prices, removed
from mitsumori.model.cost.price_age import OLD_MONTHS, price_age

if TYPE_CHECKING:
    from mitsumori.gui.workspace import Workspace
    from mitsumori.model.catalogue.record import RecordSource

translate = QCoreApplication.translate

TERMS = ("on_demand_per_h", "reserved_1y_per_h", "reserved_3y_per_h", "spot_per_h")
MAIN = ("prices", "price", "value", "max_power_kw", "peak_tflops.bf16", "params_b", "air_cap_kw", "power_max_w")
"""The figure whose source stands for the record in the list: the first that it has."""


def figures_of(record: Record) -> dict[str, float | None]:
    """Every figure of a record by path, also those that are not known (None)."""
    found: dict[str, float | None] = dict(record.figures())
    for name, field in type(record).model_fields.items():
        if getattr(record, name) is None and _is_number(field.annotation):
            found[name] = None
        elif getattr(record, name) is None and _has(field.annotation, Price):
            found["price"] = None
    if isinstance(record, CloudInstance):
        for term in TERMS:
            found.setdefault(f"prices.{term}", None)
    return found


def _has(annotation: Any, wanted: type) -> bool:
    return annotation is wanted or any(_has(part, wanted) for part in typing.get_args(annotation))


def _is_number(annotation: Any) -> bool:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, typing.Annotated):
        return any(_is_number(part) for part in typing.get_args(annotation))
    return annotation in (int, float)


def value_text(path: str, value: float) -> str:
    """A figure as it is read and typed; a year is a name, not a quantity."""
    return f"{value:.0f}" if path == "year" else plain(value)


def changed_fields(record: Record, path: str, value: float, today: dt.date) -> dict[str, object]:
    """Fields that put the user's own figure into a record; prices get the day they were entered."""
    number: float | int = int(value) if _is_whole(record, path) and float(value).is_integer() else value
    head, _, rest = path.partition(".")
    if isinstance(record, CloudInstance) and head == "prices":
        return {"prices": {rest: value}, "price_date": today.isoformat(), "confidence": "good"}
    if isinstance(record, CloudStorage) and head == "price":
        return {"price": value, "price_date": today.isoformat()}
    if isinstance(record, Tariff) and head == "value":
        return {"value": value, "date": today.isoformat()}
    if head == "price":
        price: Price | None = getattr(record, "price", None)
        known = {"low": value, "high": value, "currency": "JPY"} if price is None else price.model_dump()
        own = {rest: value} if rest else {"low": value, "high": value}
        return {"price": known | own | {"date": today.isoformat()}}
    if rest:
        return {head: {rest: number}}
    return {head: number}


def _is_whole(record: Record, path: str) -> bool:
    field = type(record).model_fields.get(path)
    return field is not None and _has_int(field.annotation)


def _has_int(annotation: Any) -> bool:
    return annotation is int or any(_has_int(part) for part in typing.get_args(annotation) if part is not type(None))


def joined(own: Mapping[str, Mapping[str, Mapping[str, object]]], more: Records) -> Records:
    """Records with others laid over them, field by field; parts of a mapping (prices) one by one."""
    made: Records = {kind: {key: dict(fields) for key, fields in part.items()} for kind, part in own.items()}
    for kind, part in more.items():
        for key, fields in part.items():
            made.setdefault(kind, {})[key] = _laid(made.get(kind, {}).get(key, {}), fields)
    return made


def _laid(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, object]:
    fields = dict(old)
    for name, value in new.items():
        both = isinstance(value, Mapping) and isinstance(fields.get(name), Mapping)
        fields[name] = {**fields[name], **value} if both else value
    if "prov" in fields:
        # A whole record of the project's own names each figure's provenance: these are the user's now.
        entered = {
            (f"{name}.{part}" if part else name): [USER_SOURCE, "entered"]
            for name, value in new.items()
            for part in (value if isinstance(value, Mapping) else [""])
        }
        fields["prov"] = {**fields["prov"], **entered}
    return fields


class CatalogueDialog(ToolDialog):
    """Kinds and search above, records, then the figures of the record chosen; Set makes a figure the user's own."""

    def __init__(self, window: Workspace) -> None:
        lead = translate(
            "Catalogue", "Figures set here are kept in this estimate and marked as entered by the user; the catalogue "
            "that ships stays as it is."
        )  # fmt: skip
        super().__init__(window, translate("Catalogue", "Catalogue"), lead, (1080, 760))
        self._window = window
        self._today = dt.date.today()
        self._keys: list[str] = []
        self._paths: list[str] = []
        self.kind = combo(translate("Catalogue", "Kind"), [(kind, kind_name(kind)) for kind in KINDS], "servers")
        self.kind.setFixedWidth(theme().px(240))
        self.search = LineField(translate("Catalogue", "Search"), width=280)
        self.search.setPlaceholderText(translate("Catalogue", "Search"))
        self.old = Words("", 14, 400, "marginal")
        self.old.setWordWrap(False)
        self.line(self.kind, self.search, self.old)
        self.records = DataTable(translate("Catalogue", "Records"), (1, 2, 3), stretch=0)
        self.body.addWidget(self.records, 5)
        self.title = self.section("")
        self.figures = DataTable(translate("Catalogue", "Figures of the record"), (2, 3, 4), stretch=2)
        self.body.addWidget(self.figures, 5)
        self.value = LineField(translate("Catalogue", "Own value"), width=160)
        self.set_button = Button(translate("Catalogue", "Set"))
        self.set_button.setAccessibleName(translate("Catalogue", "Set the own value"))
        self.set_button.clicked.connect(self._set)
        self.reset = Button(translate("Catalogue", "Reset the record"))
        self.reset.setAccessibleName(self.reset.text())
        self.reset.clicked.connect(self._reset)
        self.what = Words("", 14, 400, "text_2")
        self.what.setWordWrap(False)
        self.line(self.what, self.value, self.set_button, self.reset)
        self.button(translate("Catalogue", "Import a price list…"), self._ask_csv, left=True)
        self.button(translate("Catalogue", "Close"), self.accept, "primary")
        self.kind.currentIndexChanged.connect(lambda index: self._fill())
        self.search.textChanged.connect(lambda typed: self._fill())
        self.records.selectionModel().selectionChanged.connect(lambda *rows: self._show_record())
        self.figures.selectionModel().selectionChanged.connect(lambda *rows: self._show_figure())
        self.value.committed.connect(lambda typed: self._set() if self.value.hasFocus() else None)
        window.store.context_changed.connect(self._renewed)
        self._fill()
        self.search.setFocus(Qt.FocusReason.TabFocusReason)

    # --- showing

    @property
    def catalogue(self) -> Catalogue:
        """The records that ship with the project's own laid over them."""
        found: Catalogue = self._window.store.catalogue
        return found

    def _record(self) -> Record | None:
        row = self.records.selected()
        return self.catalogue.get(self.kind.currentData(), self._keys[row]) if 0 <= row < len(self._keys) else None

    def _fill(self, keep: str = "") -> None:
        """List the records of the kind that hold what is searched."""
        kind = self.kind.currentData()
        wanted = self.search.text().strip().lower().split()
        rows, self._keys, old = [], [], 0
        for key, record in self.catalogue.records(kind).items():
            name = record_name(record)
            age = price_age(record, self._today)
            old += age is not None and age >= OLD_MONTHS
            if any(word not in f"{name} {key}".lower() for word in wanted):
                continue
            source, date, grade = self._origin(record)
            shown_age = UNKNOWN if age is None else translate("Catalogue", "%n month(s)", "", age)
            rows.append((name, source, date, grade, shown_age))
            self._keys.append(key)
        headers = (
            translate("Catalogue", "Record"),
            translate("Catalogue", "Source"),
            translate("Catalogue", "Date"),
            translate("Catalogue", "Grade"),
            translate("Catalogue", "Age of the price"),
        )
        with QSignalBlocker(self.records.selectionModel()):
            self.records.set_table(Table(headers, tuple(rows)))
            self.records.clearSelection()
            if self._keys:
                self.records.select_source(self._keys.index(keep) if keep in self._keys else 0)
        said = translate("Catalogue", "Prices a year old or older: {count}").format(count=old)
        self.old.setText(said if old else "")
        self._show_record()

    def _origin(self, record: Record) -> tuple[str, str, str]:
        """Title of the source, date and grade of the figure that stands for the record."""
        for path in (*MAIN, *record.prov):
            found = record.provenance(path) if _given(record, path) else None
            if found is not None:
                return _short(self._title(found)), found.date or UNKNOWN, found.grade
        return UNKNOWN, UNKNOWN, UNKNOWN

    def _title(self, found: RecordSource) -> str:
        return translate("Catalogue", "entered by the user") if found.source_id == USER_SOURCE else str(found.title)

    def _show_record(self, keep: str = "") -> None:
        """The figures of the record chosen."""
        record = self._record()
        rows: list[tuple[str, ...]] = []
        self._paths = []
        if record is not None:
            for path, value in figures_of(record).items():
                found = record.provenance(path) if value is not None else None
                rows.append(
                    (
                        figure_label(path),
                        UNKNOWN if value is None else value_text(path, value),
                        UNKNOWN if found is None else self._title(found),
                        UNKNOWN if found is None else found.date or UNKNOWN,
                        UNKNOWN if found is None else found.grade,
                    )
                )
                self._paths.append(path)
        headers = (
            translate("Catalogue", "Figure"),
            translate("Catalogue", "Value"),
            translate("Catalogue", "Source"),
            translate("Catalogue", "Date"),
            translate("Catalogue", "Grade"),
        )
        with QSignalBlocker(self.figures.selectionModel()):
            self.figures.set_table(Table(headers, tuple(rows)))
            self.figures.clearSelection()
            if self._paths:
                self.figures.select_source(self._paths.index(keep) if keep in self._paths else 0)
        self.title.setText(self._headline(record))
        self._show_figure()

    def _headline(self, record: Record | None) -> str:
        if record is None:
            return translate("Catalogue", "No record holds this text.")
        name, age = record_name(record), price_age(record, self._today)
        if age is not None and age >= OLD_MONTHS:
            return translate("Catalogue", "{name}: the price is {months} months old").format(name=name, months=age)
        return name

    def _show_figure(self) -> None:
        record, row = self._record(), self.figures.selected()
        chosen = record is not None and 0 <= row < len(self._paths)
        self.set_button.setEnabled(chosen)
        self.value.setEnabled(chosen)
        self.what.setText(figure_label(self._paths[row]) if chosen else "")
        current = figures_of(record).get(self._paths[row]) if record is not None and chosen else None
        self.value.accept("" if current is None else value_text(self._paths[row], current))
        own = self._window.store.own_records.get(self.kind.currentData(), {})
        self.reset.setEnabled(record is not None and record.key in own)

    def _renewed(self) -> None:
        record, row = self._record(), self.figures.selected()
        path = self._paths[row] if 0 <= row < len(self._paths) else ""
        self._fill("" if record is None else record.key)
        self._show_record(path)

    # --- changing

    def _set(self) -> None:
        record, row = self._record(), self.figures.selected()
        if record is None or not 0 <= row < len(self._paths):
            return
        typed = self.value.text().strip()
        try:
            value = float(parse(typed))
        except ValueError:
            self.refuse(translate("Catalogue", "“{typed}” is not a number.").format(typed=typed))
            return
        kind, path = self.kind.currentData(), self._paths[row]
        own = self._window.store.own_records
        changes = {kind: {record.key: changed_fields(record, path, value, self._today)}}
        try:
            laid = joined(own, changes)[kind][record.key]
            records = edited(joined(own, {}), kind, record.key, laid)
        except Refusal as refusal:
            self.refuse(error_words(refusal))
            return
        self._apply(translate("Catalogue", "Change the catalogue"), records)

    def _reset(self) -> None:
        record = self._record()
        if record is None:
            return
        try:
            records = removed(joined(self._window.store.own_records, {}), self.kind.currentData(), record.key)
        except Refusal as refusal:
            self.refuse(error_words(refusal))
            return
        self._apply(translate("Catalogue", "Reset a record"), records)

    def _apply(self, text: str, records: Records) -> None:
        error: PlanError | None = self._window.store.set_context(text, records=records)
        self.refuse("" if error is None else sentence(error))

    # --- price lists

    def _ask_csv(self) -> None:
        kinds = translate("Catalogue", "Price lists") + " (*.csv *.tsv *.txt)"
        name, _ = QFileDialog.getOpenFileName(self, translate("Catalogue", "Import a price list"), "", kinds)
        if name:
            self.take_prices(Path(name))

    def take_prices(self, path: Path) -> None:
        """Read a price list off the GUI thread and lay it over the catalogue of this estimate."""
        catalogue = self.catalogue

        def work(context: JobContext) -> Records:
            data = regular_bytes(path, MAX_BYTES)
            return import_prices(data, path.name, catalogue=catalogue)

        def done(records: Records) -> None:
            count = sum(len(part) for part in records.values())
            own = joined(self._window.store.own_records, records)
            self._apply(translate("Catalogue", "Import a price list"), own)
            said = translate("Catalogue", "{file}: prices of records taken over: {count}")
            self.lead.setText(said.format(file=path.name, count=count))

        def failed(error: BaseException) -> None:
            self.refuse(error_words(error))

        self.refuse("")
        self._window.jobs.start("prices", work, done, failed=failed)

    def done(self, result: int) -> None:
        """Nothing goes on behind a dialog that is gone."""
        self._window.jobs.cancel("prices")
        super().done(result)


def _given(record: Record, path: str) -> bool:
    """Whether a record has a figure at a path, or any below it."""
    head, _, rest = path.partition(".")
    value = getattr(record, head, None)
    if isinstance(value, Mapping):
        return rest in value if rest else bool(value)
    return value is not None


def _short(title: str, most: int = 60) -> str:
    return title if len(title) <= most else title[: most - 1] + "…"
