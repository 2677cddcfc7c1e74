"""Rows and columns are Qt's own tables: nothing paints them by hand, where no screen reader finds a cell and no copy a number."""

from __future__ import annotations

import ast
from pathlib import Path

from PySide6.QtWidgets import QTableView

from mitsumori.gui.charts.base import Chart
from mitsumori.gui.tables.view import TableView

GUI = Path(__file__).parents[2] / "gui"
WRITES = {"draw_text", "draw_rich", "drawText", "drawStaticText", "text", "text_at", "write"}
"""Calls that paint a text."""
NO_TABLES = {
    "gui/start/samples.py:SampleCard": "one button: the figures of one sample, spoken as its description",
    "gui/start/strip.py:AnswerStrip": "one line, the answers of a sample, spoken as the name of the strip",
    "gui/tabs/findings_panel.py:ProblemCard": "remedies beside real buttons, which say them",
    "gui/widgets/tabs.py:TabRow": "a QTabBar: title and number of problems of each tab, Qt speaks them",
}
"""Widgets that write two texts an item and are no tables, with why."""


def called(node: ast.AST) -> str:
    """The name of a function that is called; empty for anything else."""
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def painted_rows(tree: ast.Module) -> set[str]:
    """Classes whose painting writes two texts or more in each turn of a loop: a row with columns."""
    found = set()
    for kind in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        methods = {node.name: node for node in kind.body if isinstance(node, ast.FunctionDef)}
        reached, waiting = set(), {"paintEvent"} & methods.keys()
        while waiting:
            name = waiting.pop()
            reached.add(name)
            waiting |= {called(node) for node in ast.walk(methods[name])} & methods.keys() - reached
        loops = (node for name in reached for node in ast.walk(methods[name]) if isinstance(node, ast.For))
        if any(sum(called(node) in WRITES for node in ast.walk(loop)) > 1 for loop in loops):
            found.add(kind.name)
    return found


def test_no_widget_paints_rows_with_columns() -> None:
    found = {
        f"{path.relative_to(GUI.parent).as_posix()}:{name}"
        for path in sorted(GUI.rglob("*.py"))
        for name in painted_rows(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == NO_TABLES.keys()


def test_the_reading_finds_a_painted_table() -> None:
    source = """
class Rows(QWidget):
    def paintEvent(self, event):
        self._rows(QPainter(self))

    def _rows(self, painter):
        for name, value in self.rows:
            draw_text(painter, 0, 0, name)
            draw_text(painter, 9, 0, value)
"""
    assert painted_rows(ast.parse(source)) == {"Rows"}


def test_every_table_is_a_view_of_qt_and_no_chart_is_one() -> None:
    assert issubclass(TableView, QTableView)
    assert not issubclass(Chart, QTableView)
    tables = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for path in (GUI / "tables").glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    }
    painting = {
        path.name
        for path in (GUI / "tables").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name == "paintEvent"
    }
    assert "TableView" in tables
    assert not any("Chart" in bases for bases in tables.values())
    assert painting == {"heat.py"}, (
        "what lies over and below the cells of the two-way map; cells are painted by the delegate"
    )
