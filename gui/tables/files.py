"""Writing a table as a file that Excel opens."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from mitsumori.gui.save_file import ask_target, write_file
from mitsumori.model.base.files import portable_name

translate = QCoreApplication.translate


def ask_csv(widget: QWidget, title: str, text: str) -> None:
    """Ask for a file and write comma-separated text into it, with the mark by which Excel knows UTF-8."""
    kinds = translate("ChartFrame", "Comma-separated values") + " (*.csv)"
    name = portable_name(title)[:80] or "table"
    target = ask_target(widget.window(), translate("ChartFrame", "Save the table"), f"{name}.csv", kinds, ".csv")
    if target is not None:
        write_file(widget.window(), target, text.encode("utf-8-sig"))
