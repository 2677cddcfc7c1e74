"""What changed since another file or revision: inputs, prices and results side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.dialogs.base import DataTable, ToolDialog, Words
from mitsumori.gui.tables.columns import Column, Table
from mitsumori.gui.words.plan import path_words, value_words
from mitsumori.gui.words.results import figure_name
from mitsumori.gui.words.translation import language
from mitsumori.model.base.format import UNDEFINED, money, significant
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.plan.project import Project, load_project
from mitsumori.model.study.revisions import Difference, what_changed

if TYPE_CHECKING:
    from mitsumori.gui.workspace import Workspace

translate = QCoreApplication.translate


def kind_name(kind: str) -> str:
    """Input, price, result, scenario."""
    return {
        "input": translate("Changed", "Input"),
        "price": translate("Changed", "Price"),
        "result": translate("Changed", "Result"),
        "added": translate("Changed", "New scenario"),
        "removed": translate("Changed", "Scenario gone"),
    }[kind]


def _result(value: float | None, item: Difference) -> str:
    if value is None:
        return UNDEFINED
    if item.unit in ("JPY", "USD"):
        return money(value, item.unit, language())
    if item.unit == "bytes":
        return f"{significant(value / 1e9)} GB"
    return f"{significant(value)} {item.unit}".strip()


class ChangedDialog(ToolDialog):
    """One table, results first."""

    def __init__(self, window: Workspace, old: Project, name: str) -> None:
        title = translate("Changed", "What changed since {name}").format(name=name)
        super().__init__(window, title, size=(860, 620))
        found = what_changed(old, window.store.project())
        order = {"result": 0, "price": 1, "input": 2, "added": 3, "removed": 3}
        rows = []
        for item in sorted(found, key=lambda one: (one.plan, order[one.kind])):
            if item.kind == "result":
                words, before, after = figure_name(item.path), _result(item.old, item), _result(item.new, item)
            elif item.path.startswith("money.prices."):
                words = item.path.removeprefix("money.prices.").split(":", 1)[-1]
                before, after = item.old or UNDEFINED, item.new or UNDEFINED
            elif item.path:
                words = path_words(item.path)
                catalogue = window.store.catalogue
                now = window.store.plan
                before, after = (value_words(item.path, value, catalogue, now) for value in (item.old, item.new))
            else:
                words, before, after = "", "", ""
            rows.append((item.plan, kind_name(item.kind), words, before, after))
        heads = (
            translate("Changed", "Scenario"), translate("Changed", "Kind"), translate("Changed", "What"),
            translate("Changed", "Before"), translate("Changed", "Now"),
        )  # fmt: skip
        if rows:
            table = DataTable(title, (0, 1, 2, 3, 4), stretch=2)
            from mitsumori.gui.tables.columns import Cell

            columns = tuple(Column(head, stretch=int(at == 2), least=60) for at, head in enumerate(heads))
            table.set_table(Table(columns, tuple(tuple(Cell(text) for text in row) for row in rows)))
            self.table = table
            self.body.addWidget(table, 1)
        else:
            self.body.addWidget(Words(translate("Changed", "Nothing differs."), 14, 400, "text"))
            self.body.addStretch(1)
        self.button(translate("Changed", "Close"), self.reject, "primary")


def ask_changed(window: Workspace) -> None:
    """Ask for the file to compare with, and show the differences."""
    path = window.files.ask_open()
    if path is not None:
        show_changed(window, path)


def show_changed(window: Workspace, path: Path) -> ChangedDialog | None:
    """The differences to a file; a file that cannot be read is said."""
    try:
        old = window.files.saver.answer(lambda: load_project(path))
    except Refusal as refusal:
        window.footer.set_alarm(refusal.text(language()), "plan")
        return None
    dialog = ChangedDialog(window, old, path.stem)
    dialog.open()
    return dialog
