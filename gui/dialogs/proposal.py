"""What this file's proposal says beside its figures: to whom, about what, until when, on which terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QWidget

from mitsumori.gui.dialogs.base import LineField, ToolDialog
from mitsumori.gui.widgets.buttons import Switch
from mitsumori.gui.words.translation import error_words, language
from mitsumori.model.base.refusal import PlanError
from mitsumori.model.plan.inputs import proposal_inputs
from mitsumori.model.plan.proposal import PREFIX, Proposal

if TYPE_CHECKING:
    from mitsumori.gui.workspace import Workspace

translate = QCoreApplication.translate

NARROW = {"quote_number": 220, "revision": 100, "issue_date": 160, "valid_days": 100}
"""Widths of the short fields in pixels; the others take what there is."""


class ProposalDialog(ToolDialog):
    """One line a field, named as in the table of inputs; what is empty stays to be filled in by hand on the cover."""

    def __init__(self, window: Workspace) -> None:
        lead = translate("Proposal", "These belong to this file and stand on the cover of its workbook and slides.")
        super().__init__(window, translate("Proposal", "Proposal of this file"), lead, (700, 640))
        self._window = window
        proposal, code = window.store.proposal, language()
        self.fields: dict[str, LineField] = {}
        rows: list[tuple[str, QWidget]] = []
        for path, item in proposal_inputs().items():
            name = path.removeprefix(PREFIX)
            label = item.label(code)
            if item.kind == "switch":
                self.boxes = Switch()
                self.boxes.setAccessibleName(label)
                self.boxes.setAccessibleDescription(item.help(code))
                self.boxes.setChecked(getattr(proposal, name))
                rows.append((label, self.boxes))
                continue
            value = getattr(proposal, name)
            shown = "" if value is None else value.isoformat() if item.kind == "date" else str(value)
            field = LineField(label, shown, NARROW.get(name, 0))
            field.setToolTip(item.help(code))
            if item.kind == "date":
                field.setPlaceholderText(item.standard_source(code))
            self.fields[name] = field
            unit = {"days": translate("Proposal", "days")}.get(item.unit, "")
            rows.append((f"{label} ({unit})" if unit else label, field))
        self.form(rows)
        self.body.addStretch(1)
        self.button(translate("Proposal", "Cancel"), self.reject)
        self.save = self.button(translate("Proposal", "Apply"), self._apply, "primary")
        self.fields["customer"].setFocus(Qt.FocusReason.TabFocusReason)

    def _apply(self) -> None:
        typed = {name: field.text().strip() for name, field in self.fields.items()}
        values: dict[str, object] = {PREFIX + name: text for name, text in typed.items()}
        values[f"{PREFIX}issue_date"] = typed["issue_date"] or None
        days = typed["valid_days"]
        values[f"{PREFIX}valid_days"] = int(days) if days.isdecimal() and len(days) < 9 else days
        values[f"{PREFIX}approval_boxes"] = self.boxes.isChecked()
        try:
            found = Proposal().with_values(values)
        except PlanError as error:
            self.refuse(self._why(error))
            return
        self._window.store.set_proposal(found, translate("Undo", "Change the proposal"))
        self.accept()

    def _why(self, error: PlanError) -> str:
        """The refusal in the words of the dialog, and the focus in its field."""
        name = error.problems[0].field.removeprefix(PREFIX)
        item = proposal_inputs().get(PREFIX + name)
        if name in self.fields and item is not None:
            self.fields[name].setFocus(Qt.FocusReason.OtherFocusReason)
            if name == "issue_date":
                return translate("Proposal", "The issue date must be a date such as 2026-11-22, or empty.")
            if name == "valid_days":
                said = translate("Proposal", "The validity must be a whole number of days from {low} to {high}.")
                return said.format(low=f"{item.low:g}", high=f"{item.high:g}")
            return translate("Proposal", "{field} is too long.").format(field=item.label(language()))
        return error_words(error)
