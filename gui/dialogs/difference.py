"""What a file would change, old beside new, with what it does not say; applied when the user agrees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from mitsumori.gui.charts.base import Table
from mitsumori.gui.dialogs.base import DataTable, ToolDialog, Words
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.words.plan import Change, path_words, value_words
from mitsumori.model.catalogue.catalogue import Catalogue

translate = QCoreApplication.translate


@dataclass(frozen=True)
class Findings:
    """What was found in a file beside the differences.

    Attributes
    ----------
    headline, doubts
        The most telling figure (the parameter count), and sentences that put it in doubt; empty: none.
    origins
        Where the new value of a path comes from, in words; empty: the table has no such column.
    groups
        Sentences under headings; a heading with its number of sentences.
    """

    headline: str = ""
    doubts: Sequence[str] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
    groups: Sequence[tuple[str, Sequence[str]]] = ()


class DifferenceDialog(ToolDialog):
    """Field, now, new; below it the sentences; Apply does all of it as one undo step."""

    def __init__(
        self, parent: QWidget, title: str, lead: str, changes: Sequence[Change], findings: Findings,
        catalogue: Catalogue, apply: Callable[[], str], add: Callable[[], str] | None = None,
    ) -> None:  # fmt: skip
        """``catalogue`` names the records; ``apply`` and ``add`` (as a scenario) return a sentence where it was refused."""
        groups = [(heading, sentences) for heading, sentences in findings.groups if sentences]
        super().__init__(parent, title, lead, (800, 680) if groups else (760, 520))
        self.changes = tuple(item for item in changes if item.old != item.new)
        self.findings = findings
        for sentence in findings.doubts:
            self.body.addWidget(Words(sentence, 14, 600, "marginal"))
        if findings.headline:
            self.body.addWidget(Words(findings.headline, 14, 600, "text"))
        headers = [translate("Import", "Input"), translate("Import", "Now"), translate("Import", "New")]
        if findings.origins:
            headers.append(translate("Import", "Origin"))
        self.table = DataTable(translate("Import", "What changes"), text_columns=(3,), stretch=0)
        rows = []
        for item in changes:
            words = [value_words(item.path, value, catalogue) for value in (item.old, item.new)]
            origin = [findings.origins.get(item.path, translate("Import", "follows"))] if findings.origins else []
            rows.append((path_words(item.path), *words, *origin))
        self.table.set_table(Table(tuple(headers), tuple(rows)))
        if changes:
            self.body.addWidget(self.table, 3)
        else:
            self.table.hide()
        if not self.changes:
            self.body.addWidget(Words(translate("Import", "Nothing differs from the plan shown."), 14, 400, "text"))
        if groups:
            self.body.addWidget(self._notes(groups), 2)
        elif not changes:
            self.body.addStretch(1)
        if self.changes:
            self.button(translate("Import", "Cancel"), self.reject)
            if add is not None:
                self.add = self.button(translate("Import", "Add as a scenario"), lambda: self._confirm(add))
            label = translate("Import", "Apply to the plan")
            self.confirm = self.button(label, lambda: self._confirm(apply), "primary")
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.confirm = self.button(translate("Import", "Close"), self.reject, "primary")

    def _notes(self, groups: Sequence[tuple[str, Sequence[str]]]) -> QScrollArea:
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setAccessibleName(translate("Import", "Also to know"))
        area.setAccessibleDescription(
            "\n".join(text for heading, sentences in groups for text in (heading, *sentences))
        )
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, theme().px(8), 0)
        column.setSpacing(theme().px(6))
        for heading, sentences in groups:
            column.addWidget(Words(heading, 14, 600, "text"))
            for sentence in sentences:
                column.addWidget(Words(sentence, 14, 400, "text_2"))
            column.addSpacing(theme().px(6))
        column.addStretch(1)
        area.setWidget(page)
        return area

    def _confirm(self, action: Callable[[], str]) -> None:
        problem = action()
        if problem:
            self.refuse(problem)
        else:
            self.accept()
