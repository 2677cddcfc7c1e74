"""Asking for the file that is written, by name: the question about replacing is about the name that is really written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from mitsumori.gui.saving import on_disk
from mitsumori.gui.words.translation import error_words, marked
from mitsumori.model.base.files import fingerprint, named, write_atomic

translate = QCoreApplication.translate
_N = marked

QT_LACKS = (_N("QFileDialog", "&Look in:"), _N("QFileDialog", "Files of &type:"))
"""Texts of Qt's own dialog for files that its Japanese translation lacks: the window's has them."""


@dataclass(frozen=True, slots=True)
class Target:
    """A file to write, and the fingerprint of what it held when the user agreed to replace it (None: nothing)."""

    path: Path
    expect: str | None


def ask_name(window: QWidget, title: str, start: str, kinds: str) -> Path | None:
    """The system's dialog; it does not ask about replacing, because it does not know the suffix that is appended."""
    name, _ = QFileDialog.getSaveFileName(window, title, start, kinds, options=QFileDialog.Option.DontConfirmOverwrite)
    return Path(name) if name else None


def ask_target(window: QWidget, title: str, start: str, kinds: str, suffix: str) -> Target | None:
    """Ask for a file with a suffix, and before it replaces another one; None when the user stays."""
    while True:
        typed = ask_name(window, title, start, kinds)
        if typed is None:
            return None
        path = named(typed, suffix)
        found = on_disk(window, partial(fingerprint, path))
        if found is None:
            return Target(path, None)
        answer = ask_replace(window, path.name)
        if answer == "replace":
            return Target(path, found)
        if answer == "stay":
            return None
        start = str(path)


def write_file(window: QWidget, target: Target, data: bytes) -> None:
    """Write a table or a picture, off the GUI thread where the window has a saver; what prevents it is said."""
    try:
        on_disk(window, lambda: write_atomic(target.path, data, backup=True, expect=target.expect))
    except OSError as error:
        said = translate("SaveFile", "{file} could not be written: {reason}.").format(
            file=target.path.name, reason=error_words(error)
        )
        box = QMessageBox(QMessageBox.Icon.Warning, "Mitsumori", said, QMessageBox.StandardButton.Ok, window)
        box.exec()
        box.deleteLater()


def ask_replace(window: QWidget, name: str) -> str:
    """Ask whether a file is replaced: ``replace``, ``other`` (another name) or ``stay``."""
    return ask(
        window,
        translate("SaveFile", "“{name}” exists already.").format(name=name),
        translate("SaveFile", "Replacing it keeps a backup of what it holds now, with .bak after its name."),
        {
            "other": translate("SaveFile", "Another name"),
            "replace": translate("SaveFile", "Replace"),
            "stay": translate("SaveFile", "Cancel"),
        },
        destructive="replace",
    )


def ask(window: QWidget, text: str, more: str, answers: dict[str, str], destructive: str = "") -> str:
    """A question with named answers: the first is the default, ``stay`` is what Escape means."""
    box = QMessageBox(window)
    box.setText(text)
    box.setInformativeText(more)
    role = QMessageBox.ButtonRole
    buttons = {}
    for name, words in answers.items():
        kind = {"stay": role.RejectRole, destructive: role.DestructiveRole}.get(name, role.AcceptRole)
        buttons[name] = box.addButton(words, kind)
    box.setDefaultButton(next(iter(buttons.values())))
    box.setEscapeButton(buttons["stay"])
    box.exec()
    clicked = box.clickedButton()
    box.deleteLater()
    return next((name for name, button in buttons.items() if button is clicked), "stay")
