"""The program as it is, and beside it an answer to "where is it?": a script with a real pointer needs places on the screen.

``python -m tests.end2end.watched FOLDER [PLAN]`` starts the window and looks every 50 ms for ``FOLDER/ask.json``; the answer is
``FOLDER/answer.json`` with the middle of the widget, segment or cell on the screen, or null. The program itself is unchanged.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRect, QTimer
from PySide6.QtWidgets import QApplication, QWidget

import mitsumori.gui.app as app
from mitsumori.gui.__main__ import main
from mitsumori.gui.tables.view import TableView
from mitsumori.gui.widgets.segmented import Segmented


def visible() -> list[QWidget]:
    """Every widget on the screen, those of the window in front first."""
    tops = [top for top in QApplication.topLevelWidgets() if top.isVisible()]
    tops.sort(key=lambda top: top is not QApplication.activeWindow())
    found = [widget for top in tops for widget in [top, *top.findChildren(QWidget)] if widget.isVisible()]
    # Not what is scrolled away; a table is covered by its own cells.
    return [widget for widget in found if isinstance(widget, TableView) or not widget.visibleRegion().isEmpty()]


def middle(widget: QWidget, rect: QRect | None = None) -> list[int]:
    """The middle of a widget, or of a part of it, on the screen."""
    at = widget.mapToGlobal((rect or widget.rect()).center())
    return [at.x(), at.y()]


def find(asked: dict[str, Any]) -> list[int] | None:
    """Where a thing is: by accessible name (its beginning), a segment of a switch, or a cell by texts of its row."""
    name = asked.get("name", "")
    for widget in visible():
        if "cell" in asked and isinstance(widget, TableView) and (place := _cell(widget, *asked["cell"])):
            return place
        if "cell" not in asked and widget.accessibleName().startswith(name) and name:
            if "segment" in asked and isinstance(widget, Segmented):
                return middle(widget, widget._cells()[asked["segment"]].toRect())
            if "segment" not in asked and "kind" in asked and type(widget).__name__ != asked["kind"]:
                continue
            if "segment" not in asked:
                return middle(widget)
    return None


def _cell(view: TableView, row_text: str, column: int) -> list[int] | None:
    model = view.model()
    for row, cells in enumerate(view.table().rows):
        rect = view.visualRect(model.index(row, column))
        named = " ".join(f"{cell.tip} {cell.text}" for cell in cells[:2] if not isinstance(cell, str))
        if row_text in named and view.viewport().rect().contains(rect.center()):
            at = view.viewport().mapToGlobal(rect.center())
            return [at.x(), at.y()]
    return None


def watch(folder: Path) -> None:
    """Answer what is asked, until the program ends."""
    ask, answer = folder / "ask.json", folder / "answer.json"

    def look() -> None:
        if ask.exists():
            asked = json.loads(ask.read_text(encoding="utf-8"))
            ask.unlink()
            found = find(asked)
            part = answer.with_suffix(".part")
            part.write_text(json.dumps(found), encoding="utf-8")
            part.rename(answer)

    timer = QTimer(QApplication.instance())
    timer.timeout.connect(look)
    timer.start(50)


def start(arguments: list[str]) -> int:
    """The program with the watch."""
    folder, made = Path(arguments[0]), app.create_application

    def create(*given: Any) -> Any:
        application = made(*given)
        watch(folder)
        return application

    app.create_application = create
    return main(arguments[1:])


if __name__ == "__main__":
    sys.exit(start(sys.argv[1:]))
