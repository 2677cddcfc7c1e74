"""What a file would change, old beside new, with what it does not say; applied when the user agrees."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from mitsumori.gui.charts.base import Table
from mitsumori.gui.dialogs.base import DataTable, ToolDialog, Words
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.words.plan import Change, path_words, value_words
from mitsumori.model.catalogue.catalogue import Catalogue

translate = QCoreApplication.translate


class DifferenceDialog(ToolDialog):
    """Field, now, new; below it the sentences; Apply does all of it as one undo step."""

    def __init__(
        self, parent: QWidget, title: str, lead: str, changes: Sequence[Change], notes: Sequence[str],
        catalogue: Catalogue, apply: Callable[[], str], add: Callable[[], str] | None = None,
    ) -> None:  # fmt: skip
        """``catalogue`` names the records; ``apply`` and ``add`` (as a scenario) return a sentence where it was refused."""
        super().__init__(parent, title, lead, (760, 620 if notes else 520))
        self.changes = tuple(changes)
        headers = (
            translate("Import", "Input"),
            translate("Import", "Now"),
            translate("Import", "New"),
        )
        self.table = DataTable(translate("Import", "What changes"), stretch=0)
        self.table.set_table(
            Table(
                headers,
                tuple(
                    (
                        path_words(item.path),
                        value_words(item.path, item.old, catalogue),
                        value_words(item.path, item.new, catalogue),
                    )
                    for item in changes
                ),
            )
        )
        if changes:
            self.body.addWidget(self.table, 3)
        else:
            self.table.hide()
            self.body.addWidget(Words(translate("Import", "Nothing differs from the plan shown."), 14, 400, "text"))
        if notes:
            self.section(translate("Import", "Also to know"))
            self.body.addWidget(self._notes(notes), 2)
        elif not changes:
            self.body.addStretch(1)
        if changes:
            self.button(translate("Import", "Cancel"), self.reject)
            if add is not None:
                self.add = self.button(translate("Import", "Add as a scenario"), lambda: self._confirm(add))
            label = translate("Import", "Apply to the plan")
            self.confirm = self.button(label, lambda: self._confirm(apply), "primary")
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.confirm = self.button(translate("Import", "Close"), self.reject, "primary")

    def _notes(self, notes: Sequence[str]) -> QScrollArea:
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setAccessibleName(translate("Import", "Also to know"))
        area.setAccessibleDescription("\n".join(notes))
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, theme().px(8), 0)
        column.setSpacing(theme().px(6))
        for sentence in notes:
            column.addWidget(Words(sentence, 14, 400, "text_2"))
        column.addStretch(1)
        area.setWidget(page)
        return area

    def _confirm(self, action: Callable[[], str]) -> None:
        problem = action()
        if problem:
            self.refuse(problem)
        else:
            self.accept()
