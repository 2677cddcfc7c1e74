"""Missing items: what totals lack, each with a guide value, left out of scope, or typed; and what the company keeps."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from mitsumori.gui.charts.numbers import money
from mitsumori.gui.company import company_defaults, keep
from mitsumori.gui.dialogs.base import ToolDialog, Words
from mitsumori.gui.inputs import refusals, typed
from mitsumori.gui.inputs.choices import cloud
from mitsumori.gui.inputs.spec import Field
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.badge import Badge
from mitsumori.gui.widgets.buttons import Switch
from mitsumori.gui.widgets.fields import Combo, FieldEdit
from mitsumori.gui.widgets.segmented import Segmented
from mitsumori.gui.words.results import missing_name
from mitsumori.gui.words.sources import date_words, source_words
from mitsumori.gui.words.totals import total_note, total_text
from mitsumori.gui.words.translation import language
from mitsumori.model.base.messages import text
from mitsumori.model.base.refusal import PlanError, Refusal
from mitsumori.model.cost.guides import Guide, guide_changes, guide_of, guided, out_of_scope
from mitsumori.model.estimate.counts import missing_inputs
from mitsumori.model.plan.defaults import DEFAULTABLE, kept_from
from mitsumori.model.plan.inputs import input_of
from mitsumori.model.plan.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mitsumori.gui.workspace import Workspace
    from mitsumori.model.base.findings import Finding
    from mitsumori.model.cost.inputs import CostInputs
    from mitsumori.model.estimate.results import Estimate

translate = QCoreApplication.translate

INSTANCE = "money.cloud.instance"
SERVER = "money.onprem.server_price"
RATE, RATE_DATE = "money.usd_jpy", "money.usd_jpy_date"


def why_words(path: str, plan: Plan, findings: Sequence[Finding]) -> str:
    """Why it is asked for: the finding's own sentence."""
    found = next((item for item in findings if item.field == path and item.severity == "ask"), None)
    return "" if found is None else found.message(language())


class MissingRow(QFrame):
    """One item: name and why, guide value, the choice, the field, whether the company keeps it."""

    changed = Signal(dict)
    kept = Signal(str, bool)

    def __init__(self, path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path = path
        self.field = Field(path, choices=cloud if path == INSTANCE else None)
        self.guide: Guide | None = None
        self.plan: Plan | None = None
        self.name, self.why = Words(missing_name(path), 15, 600, "text"), Words("", 13, 400, "text_2")
        self.band, self.source = Words("", 14, 600, "text"), Words("", 13, 400, "text_2")
        self.grade = Badge()
        self.choice = Segmented([
            ("guide", translate("Missing", "Guide")), ("none", translate("Missing", "Not in scope (0)")),
            ("typed", translate("Missing", "Enter")),
        ], self)  # fmt: skip
        self.choice.chosen.connect(self._chosen)
        self.edit = FieldEdit(self)
        self.edit.setFixedWidth(theme().px(112))
        self.edit.committed.connect(self._typed)
        self.combo: Combo | None = None
        self.unit = QLabel(self)
        self.keep = Switch()
        self.keep_words = Words("", 13, 400, "text_2")
        self.keep.clicked.connect(lambda on: self.kept.emit(self.path, bool(on)))
        self.error = Words("", 13, 400, "bad")
        self._build()

    def _build(self) -> None:
        look = theme()
        row = QHBoxLayout(self)
        row.setContentsMargins(look.px(10), look.px(4), look.px(10), look.px(4))
        row.setSpacing(look.px(12))
        left, middle = QVBoxLayout(), QVBoxLayout()
        for layout, widgets in ((left, (self.name, self.why)), (middle, (self.band, self.source))):
            layout.setSpacing(look.px(2))
            for widget in widgets:
                layout.addWidget(widget)
            layout.addStretch(1)
        for widget, width in ((self.name, 290), (self.why, 290), (self.band, 205), (self.source, 205)):
            widget.setFixedWidth(look.px(width))
        place = QHBoxLayout()
        place.setContentsMargins(0, 0, 0, 0)
        place.addWidget(self.grade)
        place.addStretch(1)
        holder = QWidget()
        holder.setLayout(place)
        holder.setFixedWidth(look.px(92))
        row.addLayout(left)
        row.addLayout(middle)
        row.addWidget(holder)
        right = QVBoxLayout()
        line = QHBoxLayout()
        line.setSpacing(look.px(8))
        if self.path == INSTANCE:
            self.combo = Combo()
            self.combo.setFixedWidth(look.px(400))
            self.combo.activated.connect(lambda index: self.changed.emit({INSTANCE: self.combo.itemData(index)}))
            line.addWidget(self.combo)
            for unused in (self.choice, self.edit, self.unit):
                unused.hide()
        else:
            line.addWidget(self.choice)
            line.addWidget(self.edit)
            line.addWidget(self.unit)
        line.addStretch(1)
        right.addLayout(line)
        right.addWidget(self.error)
        row.addLayout(right, 1)
        kept = QHBoxLayout()
        self.keep_words.setFixedWidth(look.px(58))
        kept.addWidget(self.keep)
        kept.addWidget(self.keep_words)
        row.addLayout(kept)
        self.error.hide()
        self.unit.setFont(look.font(13))

    # --- showing

    def show_plan(self, plan: Plan, inputs: CostInputs, findings: Sequence[Finding], kept: bool) -> None:
        """Show what the plan says about it now."""
        self.plan, self.guide = plan, guide_of(self.path, plan, inputs)
        if plan.value(self.path) is not None:
            self._say("")
        why = why_words(self.path, plan, findings)
        if why:
            self.why.setText(why)
        self.setAccessibleName(translate("Missing", "{name}, missing item").format(name=self.name.text()))
        self._show_guide(plan)
        origin, value = plan.origins.get(self.path), plan.value(self.path)
        kind = "" if origin is None else origin.kind
        state = "guide" if kind == "guide" else "none" if kind == "out_of_scope" else "typed"
        self.choice.set_value(state)
        unit = self.field.unit_name() if self.field.unit_of else self.field.unit_in(plan, inputs.catalogue)
        self.unit.setText(unit)
        if self.combo is not None:
            self._fill(plan, inputs)
        elif not (self.edit.hasFocus() and self.edit.isModified()):
            self.edit.accept(self.field.shown(value))
            self.edit.set_state("unknown" if value is None else "rest")
            self.edit.setPlaceholderText(translate("Missing", "not given") if value is None else "")
        self.edit.setAccessibleName(f"{self.name.text()}, {unit}")
        may = self.path in DEFAULTABLE or self.path == SERVER
        self.keep.setVisible(may)
        self.keep_words.setVisible(may)
        self.keep.setChecked(kept)
        self.keep.setEnabled(value is not None and state != "guide")
        words = translate("Missing", "Kept") if kept else translate("Missing", "Keep")
        self.keep_words.setText(words)
        self.keep.setAccessibleName(
            translate("Missing", "{name}: keep as the company's default").format(name=self.name.text())
        )

    def _show_guide(self, plan: Plan) -> None:
        guide = self.guide
        if self.path == INSTANCE:
            for label in (self.band, self.source):
                label.setText("")
            return
        if guide is None:
            origin = plan.origins.get(self.path)
            company = origin is not None and origin.kind == "company"
            self.band.setText(
                translate("Missing", "Company default") if company else translate("Missing", "No public value")
            )
            said = (
                []
                if origin is None or not company
                else [origin.source, "" if origin.date is None else origin.date.isoformat()]
            )
            self.source.setText(
                " · ".join(part for part in said if part) or translate("Missing", "A quotation is needed.")
            )
            self.grade.set_badge("info" if company else "", translate("Missing", "Company") if company else "")
            return
        amounts = guide.in_currency(plan.money.currency, plan.money.usd_jpy)
        currency = plan.money.currency if amounts is not None else guide.currency
        low, _, high = amounts or (guide.low, guide.value, guide.high)
        band = money(low, currency) if low == high else f"{money(low, currency)} – {money(high, currency)}"
        self.band.setText(band)
        self.source.setText(" · ".join(p for p in (source_words(guide.source), date_words(guide.date)) if p))
        grade = translate("Missing", "Grade {grade}").format(grade=guide.grade)
        words = translate("Missing", "Indication") if guide.weak else grade
        self.grade.set_badge("marginal" if guide.weak else "info", words)

    def _fill(self, plan: Plan, inputs: CostInputs) -> None:
        assert self.combo is not None
        options = cloud(plan, inputs.catalogue)
        known = inputs.catalogue.cloud_instances()
        self.combo.blockSignals(True)
        self.combo.clear()
        for key, label in options:
            priced = key is None or known[str(key)].has_price if key in known or key is None else True
            mark = "" if priced else translate("Missing", " — no public price")
            self.combo.addItem(f"{label}{mark}", key)
        index = next((i for i, (key, _) in enumerate(options) if key == plan.money.cloud.instance), 0)
        self.combo.setCurrentIndex(index)
        self.combo.blockSignals(False)

    # --- what the user does

    def _say(self, sentence: str) -> None:
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))

    def refuse(self, error: PlanError) -> None:
        """Say why a value was not taken."""
        self._say(refusals.sentence(error))

    def _chosen(self, state: str) -> None:
        assert self.plan is not None
        self._say("")
        if state == "guide":
            if self.guide is None:
                self._say(translate("Missing", "Nobody publishes a value for this; a quotation is needed."))
            else:
                changes = guide_changes(self.guide, self.plan)
                if changes is None:
                    self._say(translate("Missing", "The guide value is in dollars: enter the exchange rate first."))
                else:
                    self.changed.emit(changes)
                    return
        elif state == "none":
            changes = out_of_scope(self.path)
            if changes is None:
                self._say(translate("Missing", "This cannot be left out."))
            else:
                self.changed.emit(changes)
                return
        else:
            self.edit.setFocus()
            self.edit.selectAll()
            return
        origin = self.plan.origins.get(self.path)
        kind = "" if origin is None else origin.kind
        self.choice.set_value({"guide": "guide", "out_of_scope": "none"}.get(kind, "typed"))

    def _typed(self, entered: str) -> None:
        if self.plan is None or not self.edit.isModified():
            return
        try:
            value = typed.read(self.field, entered, self.plan)
        except Refusal as refusal:
            self._say(refusal.text(language()))
            return
        self._say("")
        self.edit.setModified(False)
        changes: dict[str, object] = {self.path: value}
        if self.path == RATE and value is not None:
            changes[RATE_DATE] = dt.date.today()
        self.changed.emit(changes)


class MissingSheet(ToolDialog):
    """One list of what is missing; it stays open while the plan changes, and Undo works beside it."""

    def __init__(self, window: Workspace) -> None:
        super().__init__(window, translate("Missing", "Missing items"), size=(1200, 820))
        self.setWindowModality(Qt.WindowModality.NonModal)
        self._window = window
        self.rows: dict[str, MissingRow] = {}
        self._defaults, refusal = company_defaults()
        self._area = QVBoxLayout()
        self._area.setSpacing(0)
        inner = QWidget()
        inner.setLayout(self._area)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        self.body.addWidget(scroll, 1)
        self.total, self.range = Words("", 18, 600, "text"), Words("", 14, 400, "text_2")
        self.body.addWidget(self.total)
        self.body.addWidget(self.range)
        self.body.addWidget(Words(translate(
            "Missing", "What is kept stands with its date in a file of the company (prices.toml) and enters every new plan."
        ), 13))  # fmt: skip
        self.all = self.button(translate("Missing", "Use all guide values"), self.take_all, left=True)
        self.back = self.button(translate("Missing", "Undo"), window.store.undo_stack.undo)
        self.button(translate("Missing", "Close and go on"), self.close, "primary")
        if refusal is not None:
            self.refuse(refusal.text(language()))
        window.store.estimate_changed.connect(self.show_result)
        if window.store.estimate is not None:
            self.show_result(window.store.estimated, window.store.estimate)
        self._area.addStretch(1)

    def show_result(self, plan: Plan, estimate: Estimate) -> None:
        """The rows of what is missing now, and of what was settled here."""
        from mitsumori.model.estimate.estimate import cost_inputs

        inputs = cost_inputs(plan, **self._window.store.context())
        missing = missing_inputs(estimate)
        wanted = dict.fromkeys((*missing, *(
            path for path, origin in plan.origins.items() if path.startswith("money.") and origin.kind != "calendar"
        )))  # fmt: skip
        for path in wanted:
            if path not in self.rows:
                row = self.rows[path] = MissingRow(path)
                row.changed.connect(lambda changes, row=row: self._apply(row, changes))
                row.kept.connect(self._keep)
                self._area.insertWidget(0 if path == RATE else len(self.rows) - 1, row)
        for path, row in self.rows.items():
            row.show_plan(plan, inputs, estimate.findings, self._is_kept(plan, path))
        self._show_head(plan, estimate, len(missing))

    def _show_head(self, plan: Plan, estimate: Estimate, count: int) -> None:
        done = len(self.rows) - count
        head = (
            translate("Missing", "%n item(s) missing", "", count)
            if count
            else translate("Missing", "Nothing is missing")
        )
        self.heading.setText(head)
        words = translate(
            "Missing", "{done} settled. Guide values are the middle of a published band and stay marked as such."
        )
        self.lead.setText(words.format(done=done))
        self.lead.setVisible(True)
        cost = estimate.cost
        note = total_note(cost)
        words = translate("Missing", "On-premises {owned} · cloud {cloud}").format(
            owned=total_text(cost, "onprem"), cloud=total_text(cost, "cloud")
        )
        self.total.setText(f"{words}  {note}".strip())
        self.range.setText(self._range_words(plan))
        self.back.setEnabled(self._window.store.undo_stack.canUndo())

    def _range_words(self, plan: Plan) -> str:
        """The owned total with every guide value at its low and at its high end."""
        from mitsumori.model.estimate.estimate import cost_inputs

        paths = guided(plan)
        if not paths:
            return ""
        inputs = cost_inputs(plan, **self._window.store.context())
        ends = []
        for end in (0, 2):
            changes: dict[str, object] = {}
            for path in paths:
                guide = guide_of(path, plan, inputs)
                currency = input_of(path).currency_in(plan.value) if guide is not None else ""
                amounts = None if guide is None else guide.in_currency(currency, plan.money.usd_jpy)
                if amounts is not None:
                    changes[path] = amounts[end]
            total = self._window.store.compute(plan.with_values(changes)).cost
            if total.onprem.total.value is None:
                return ""
            ends.append(total_text(total, "onprem"))
        return translate("Missing", "Range from the guide values: {low} – {high}").format(low=ends[0], high=ends[1])

    def _apply(self, row: MissingRow, changes: dict[str, object]) -> None:
        error = self._window.store.set_values(changes, row.name.text())
        if error is not None:
            row.refuse(error)

    def take_all(self) -> None:
        """Every guide value there is, in one step."""
        from mitsumori.model.estimate.estimate import cost_inputs

        store = self._window.store
        inputs = cost_inputs(store.estimated, **store.context())
        changes: dict[str, object] = {}
        for path, row in self.rows.items():
            guide = guide_of(path, store.plan, inputs)
            if guide is not None and store.plan.value(path) is None:
                taken = guide_changes(guide, store.plan)
                if taken is None:
                    row._say(translate("Missing", "The guide value is in dollars: enter the exchange rate first."))
                else:
                    changes |= taken
        if changes:
            store.set_values(changes, translate("Missing", "Use all guide values"))

    def _is_kept(self, plan: Plan, path: str) -> bool:
        if path == SERVER:
            from mitsumori.model.plan.prices import present_key

            key = present_key(plan)
            kept = self._defaults.prices.get(key)
            return kept is not None and kept.price == plan.money.onprem.server_price
        found = self._defaults.values.get(path)
        return found is not None and found.value == plan.value(path)

    def _keep(self, path: str, on: bool) -> None:
        """Take a value into the company's defaults, or out of them."""
        from mitsumori.model.plan.prices import present_key

        plan, today = self._window.store.plan, dt.date.today()
        if path == SERVER:
            key = present_key(plan)
            price = plan.money.prices.get(key)
            dated = None if price is None else price.model_copy(update={"date": price.date or today})
            self._defaults = self._defaults.with_price(key, dated if on else None)
        else:
            self._defaults = self._defaults.with_value(path, kept_from(plan, path, today) if on else None)
        problem = keep(self._defaults)
        self.refuse(text("refusals", "defaults_not_written", language()) if problem else "")
        if self._window.store.estimate is not None:
            self.show_result(self._window.store.estimated, self._window.store.estimate)


def open_missing(window: Workspace) -> MissingSheet | None:
    """Open the sheet over the tabs; nothing without a result."""
    if window.store.estimate is None:
        return None
    sheet = MissingSheet(window)
    place = window.tab_stack.mapToGlobal(window.tab_stack.rect().topLeft())
    sheet.move(place.x(), max(0, place.y() - theme().px(60)))
    sheet.show()
    return sheet
