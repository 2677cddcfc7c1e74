"""Which kind of proposal, in which language, for whom, of which scenarios: what the export menu has no line for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from mitsumori.gui.dialogs.base import LineField, ToolDialog, combo
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.words.translation import language
from mitsumori.model.base.messages import LANGUAGES

if TYPE_CHECKING:
    from mitsumori.gui.workspace import Workspace

translate = QCoreApplication.translate


class ExportDialog(ToolDialog):
    """Kind, language, reader, scenarios and template; ``then`` goes on with them (and asks for the file)."""

    def __init__(self, window: Workspace, then: Callable[..., None]) -> None:
        super().__init__(window, translate("Export", "Export proposal"), "", (620, 380))
        self._window, self._then = window, then
        names = {"ja": "日本語", "en": "English"}
        kind, tongue = translate("Export", "Kind"), translate("Export", "Language")
        reader, scenarios = translate("Export", "For"), translate("Export", "Scenarios")
        slides = translate("Export", "PowerPoint slides")
        self.kind = combo(kind, ((".xlsx", translate("Export", "Excel workbook")), (".pptx", slides),
                                 (".pdf", translate("Export", "Slides as PDF, to read"))))  # fmt: skip
        self.language = combo(tongue, [(code, names[code]) for code in LANGUAGES], language())
        self.audience = combo(
            reader,
            (
                ("customer", translate("Export", "the customer")),
                ("internal", translate("Export", "ourselves, with purchase price and margin")),
            ),
        )
        several = len(window.store.plans) > 1
        options: list[tuple[object, str]] = [(False, translate("Export", "the one shown"))]
        if several:
            options.append((True, translate("Export", "all, the one shown first")))
        self.scenarios = combo(scenarios, options)
        self.template = LineField(translate("Export", "Template of the slides"))
        self.template.setPlaceholderText(translate("Export", "ours"))
        choose = Button(translate("Export", "Choose…"))
        choose.setAccessibleName(translate("Export", "Choose a template"))
        choose.clicked.connect(self._choose)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().px(8))
        row.addWidget(self.template, 1)
        row.addWidget(choose)
        self.form([(kind, self.kind), (tongue, self.language), (reader, self.audience), (scenarios, self.scenarios),
                   (translate("Export", "Template of the slides"), both)])  # fmt: skip
        self._both = both
        self.kind.currentIndexChanged.connect(self._kind_changed)
        self._kind_changed()
        self.body.addStretch(1)
        self.button(translate("Export", "Cancel"), self.reject)
        self.next = self.button(translate("Export", "Choose the file…"), self._next, "primary")
        self.kind.setFocus(Qt.FocusReason.TabFocusReason)

    def _kind_changed(self) -> None:
        self._both.setEnabled(self.kind.currentData() == ".pptx")

    def _choose(self) -> None:
        kinds = translate("Export", "PowerPoint templates") + " (*.potx *.pptx)"
        name, _ = QFileDialog.getOpenFileName(self, translate("Export", "Choose a template"), "", kinds)
        if name:
            self.template.accept(name)

    def _next(self) -> None:
        kind, typed = self.kind.currentData(), self.template.text().strip()
        template = Path(typed) if typed and kind == ".pptx" else None
        if template is not None and not template.is_file():
            self.refuse(translate("Export", "The template is not there; choose a .potx or .pptx file."))
            self.template.setFocus()
            return
        window, code, audience = self._window, self.language.currentData(), self.audience.currentData()
        whole = bool(self.scenarios.currentData())
        self.accept()
        self._then(window, code, audience, kind, whole=whole, template=template)
