"""Project files of the window: open, save, recent, autosave, recovery, the one question on leaving."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QSettings, QStandardPaths, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from mitsumori.gui import settings
from mitsumori.gui.store import PlanStore
from mitsumori.model.base.files import clean_leftovers, fingerprint
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.plan.autosave import Copies
from mitsumori.model.plan.project import SUFFIX, Project, load_project, save_project

logger = logging.getLogger(__name__)

RECENT_MOST = 8
AUTOSAVE_MS = 3000
"""A copy is written this long after the last change."""
IMPORTED = (
    ".xlsx", ".json", ".toml", ".yaml", ".yml", ".sh", ".bash", ".slurm", ".args", ".txt", ".conf", ".cfg", ".py",
)  # fmt: skip
"""Returned workbooks and what training tools write (``.json`` may also be a project)."""


def autosave_folder() -> Path:
    """Where copies of unsaved work lie."""
    base = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)
    return Path(base) / "autosave"


class ProjectFiles(QObject):
    """Knows the file of the project in the store.

    Signals
    -------
    opened
        Another project is in the store.
    path_changed
        The project has another file.
    problem
        One sentence why something could not be read or written.
    """

    opened = Signal()
    path_changed = Signal()
    problem = Signal(str)

    def __init__(self, store: PlanStore, parent: QWidget) -> None:
        super().__init__(parent)
        self._store, self._window = store, parent
        self.path: Path | None = None
        self.copies = Copies(autosave_folder())
        self._seen: str | None = None
        self._unsaved_origin = False
        self.importer: Callable[[Path], bool] = lambda path: False
        """Brings in workbooks and other tools' configurations; says whether the file was one."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AUTOSAVE_MS)
        self._timer.timeout.connect(self.autosave_now)

    def title(self) -> str:
        """The name for the window's title."""
        return self.path.stem if self.path is not None else self._store.plans[0].name

    def dirty(self) -> bool:
        """Whether there is something that a file does not have."""
        return not self._store.undo_stack.isClean() or self._unsaved_origin

    # --- opening

    def take(self, project: Project, path: Path | None, *, recovered: bool = False) -> None:
        """Show a project that comes from ``path`` (None: not from a file)."""
        self.path = path
        self._seen = None if path is None else fingerprint(path)
        self._unsaved_origin = recovered
        if path is not None:
            clean_leftovers(path)
        self._store.load(project)
        if path is not None:
            self.remember(path)
        self.opened.emit()
        self.path_changed.emit()

    def open_by_dialog(self) -> None:
        """Ask for a file and open it."""
        path = self.ask_open()
        if path is not None:
            self.open_path(path)

    def open_path(self, path: Path) -> bool:
        """Open a project; False when refused or the user stays. Workbooks and configurations go to the importer."""
        if self.importer(path):
            return True
        try:
            project = load_project(path)
        except Refusal as refusal:
            self.problem.emit(str(refusal))
            return False
        if not self.may_leave():
            return False
        self.take(project, path)
        return True

    def droppable(self, data: QMimeData) -> Path | None:
        """The file in what is dragged, when it is one we open."""
        urls = data.urls() if data.hasUrls() else []
        if len(urls) != 1 or not urls[0].isLocalFile():
            return None
        path = Path(urls[0].toLocalFile())
        return path if path.suffix.lower() in (SUFFIX, *IMPORTED) else None

    # --- saving

    def save(self) -> bool:
        """Save to the project's file, asking for one where there is none."""
        if self.path is None:
            return self.save_as()
        if self.changed_elsewhere():
            answer = self.ask_overwrite(self.path.name)
            if answer == "save_as":
                return self.save_as()
            if answer != "overwrite":
                return False
        return self._write(self.path)

    def changed_elsewhere(self) -> bool:
        """Whether another program wrote the file since it was opened or saved here."""
        return self.path is not None and self._seen is not None and fingerprint(self.path) not in (self._seen, None)

    def save_as(self) -> bool:
        """Ask for a file and save to it."""
        path = self.ask_save()
        if path is None:
            return False
        return self._write(path if path.suffix else path.with_suffix(SUFFIX))

    def _write(self, path: Path) -> bool:
        try:
            save_project(self._store.project(), path)
        except OSError as error:
            self.problem.emit(
                self.tr("{path} could not be written: {reason}.").format(path=path.name, reason=error.strerror or error)
            )
            return False
        self.path, self._unsaved_origin, self._seen = path, False, fingerprint(path)
        self._store.undo_stack.setClean()
        self.remember(path)
        self._drop_copy()
        self.path_changed.emit()
        return True

    # --- recent files

    def remember(self, path: Path) -> None:
        """Put a file on top of the recent ones."""
        recent = [str(path.resolve())] + [str(old) for old in self.recent() if old != path.resolve()]
        QSettings().setValue("files/recent", recent[:RECENT_MOST])

    def recent(self) -> list[Path]:
        """Recent files that still exist."""
        return [Path(name) for name in settings.texts("files/recent") if os.path.isfile(name)]  # noqa: PTH113 (never raises)

    # --- autosave

    def autosave_soon(self) -> None:
        """Write a copy after a moment of rest."""
        self._timer.start()

    def autosave_now(self) -> None:
        """Write a copy of unsaved work; a failure is logged, never in the way."""
        if not self.dirty():
            return
        try:
            self.copies.write(self._store.project(), self.path)
        except OSError as error:
            logger.info("the copy of unsaved work could not be written: %s", error.strerror)

    def _drop_copy(self) -> None:
        self._timer.stop()
        self.copies.drop()

    def recover(self) -> bool:
        """Offer the copies that a crash left behind, newest first; True when one is shown.

        A copy that is shown becomes this program's own, so that it is in a file until it is saved; one that is thrown away
        goes, and one that nobody decided on stays.
        """
        for copy in self.copies.abandoned():
            answer = self.ask_recover(copy.project.plan.name)
            if answer != "show":
                if answer == "discard":
                    self.copies.discard(copy)
                continue
            try:
                self.copies.adopt(copy)
            except OSError as error:
                logger.info("the copy of unsaved work stays where it was: %s", error.strerror)
            origin = copy.origin if copy.origin is not None and copy.origin.is_file() else None
            self.take(copy.project, origin, recovered=True)
            return True
        return False

    # --- leaving

    def may_leave(self) -> bool:
        """Whether the project may be closed: asks once about unsaved changes."""
        if not self.dirty():
            return True
        answer = self.ask_leave()
        if answer == "save":
            return self.save()
        return answer == "discard"

    def clean_up(self) -> None:
        """The window closes: nothing is left to recover."""
        self._timer.stop()
        self.copies.close()

    # --- questions (replaced in tests)

    def ask_open(self) -> Path | None:
        """Ask which file to open."""
        patterns = " ".join(f"*{suffix}" for suffix in (SUFFIX, *IMPORTED))
        kinds = self.tr("Estimates, workbooks and configurations") + f" ({patterns})"
        name, _ = QFileDialog.getOpenFileName(self._window, self.tr("Open"), "", kinds)
        return Path(name) if name else None

    def ask_save(self) -> Path | None:
        """Ask where to save."""
        start = str(self.path) if self.path is not None else self.title().replace("/", "-") + SUFFIX
        kinds = self.tr("Estimates") + f" (*{SUFFIX})"
        name, _ = QFileDialog.getSaveFileName(self._window, self.tr("Save"), start, kinds)
        return Path(name) if name else None

    def ask_leave(self) -> str:
        """Ask what happens to unsaved changes: ``save``, ``discard`` or ``stay``."""
        return self._ask(
            self.tr("Save the changes to “{name}”?").format(name=self.title()),
            self.tr("Without saving, the changes since the last save are lost."),
            {"save": self.tr("Save"), "discard": self.tr("Do not save"), "stay": self.tr("Cancel")},
            destructive="discard",
        )

    def ask_overwrite(self, name: str) -> str:
        """Ask what happens to a file that another program changed: ``overwrite``, ``save_as`` or ``stay``."""
        return self._ask(
            self.tr("“{name}” was changed by another program since it was opened here.").format(name=name),
            self.tr("Overwriting it loses the other changes; the file keeps a backup of them."),
            {
                "save_as": self.tr("Save under another name"),
                "overwrite": self.tr("Overwrite"),
                "stay": self.tr("Cancel"),
            },
            destructive="overwrite",
        )

    def ask_recover(self, name: str) -> str:
        """Ask what happens to unsaved work: ``show``, ``discard``, or ``stay`` where it is until the next start."""
        return self._ask(
            self.tr("“{name}” was not saved when the program ended. Show it again?").format(name=name),
            "",
            {"show": self.tr("Show it again"), "discard": self.tr("Throw it away"), "stay": self.tr("Ask again later")},
            destructive="discard",
        )

    def _ask(self, text: str, more: str, answers: dict[str, str], destructive: str = "") -> str:
        """A question with named answers: the first is the default, ``stay`` is what Escape means."""
        box = QMessageBox(self._window)
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
