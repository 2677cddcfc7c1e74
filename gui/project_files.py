"""Project files of the window: open, save, recent, autosave, recovery, the one question on leaving."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QStandardPaths, Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from mitsumori.gui import settings
from mitsumori.gui.save_file import ask, ask_name, ask_replace
from mitsumori.gui.saving import Saver
from mitsumori.gui.store import PlanStore
from mitsumori.gui.words.translation import error_words, language
from mitsumori.model.base.files import FileChangedError, clean_leftovers, fingerprint, named, portable_name
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.plan.autosave import Copies
from mitsumori.model.plan.project import SUFFIX, Project, read_project, save_project

logger = logging.getLogger(__name__)

RECENT_MOST = 8
AUTOSAVE_MS = 3000
"""A copy is written this long after the last change,"""
AUTOSAVE_MOST_MS = 10_000
"""and this long after the first change that no copy has, however often more changes come."""
UNKNOWN = ""
"""In the place of a fingerprint: the file was not read, so that replacing it is always asked about."""
IMPORTED = (
    ".xlsx", ".json", ".toml", ".yaml", ".yml", ".sh", ".bash", ".slurm", ".sbatch", ".pbs", ".job",
    ".qsub", ".args", ".txt", ".conf", ".cfg", ".py", "",
)  # fmt: skip
"""Returned workbooks and what training tools write (``.json`` may also be a project); job scripts often have no suffix."""


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
        ``(sentence, cause)``: why something could not be read or written; the cause is ``save``, ``copy`` or, for what
        matters until the next estimate, ``plan``.
    settled
        ``(cause)``: what could not be done was done since, or is not wanted any more.
    """

    opened = Signal()
    path_changed = Signal()
    problem = Signal(str, str)
    settled = Signal(str)

    def __init__(self, store: PlanStore, parent: QWidget) -> None:
        super().__init__(parent)
        self._store, self._window = store, parent
        self.path: Path | None = None
        self.copies = Copies(autosave_folder())
        self.saver = Saver(self)
        self._known: str | None = None  # fingerprint of what the file held when it was opened or saved here
        self._unsaved_origin = False
        self._leaving = False
        self._open = True
        self._document = 0  # a number for every project that was shown: a late answer must not touch the next one
        self._copying = False
        self._uncopied_since: float | None = None
        self.importer: Callable[[Path], bool] = lambda path: False
        """Brings in workbooks and other tools' configurations; says whether the file was one."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)  # a coarse one may come 5 % late
        self._timer.setInterval(AUTOSAVE_MS)
        self._timer.timeout.connect(self._copy)
        store.plan_changed.connect(self.autosave_soon)  # also within a drag that does not end
        store.undo_stack.indexChanged.connect(self.autosave_soon)
        store.undo_stack.cleanChanged.connect(self._clean_changed)

    def _clean_changed(self, clean: bool) -> None:
        """Undone to what the file holds: nothing is unsaved any more."""
        if clean:
            self.settled.emit("save")

    def title(self) -> str:
        """The name for the window's title."""
        return self.path.name.removesuffix(SUFFIX) if self.path is not None else self._store.plans[0].name

    def dirty(self) -> bool:
        """Whether there is something that a file does not have."""
        return not self._store.undo_stack.isClean() or self._unsaved_origin

    # --- opening

    def take(self, project: Project, path: Path | None, *, recovered: bool = False, known: str | None = None) -> None:
        """Show a project that comes from ``path`` (None: not from a file).

        ``known`` is the fingerprint of the file when the project was read from it.
        """
        if path is not None and known is None:
            known = self.saver.answer(partial(fingerprint, path))
        self._document += 1
        self._open = True
        self.path = path
        self._known = known
        self._unsaved_origin = recovered
        if path is not None:
            self.saver.write(lambda: clean_leftovers(path), lambda result, error: None)
        self._store.load(project)
        if not recovered:
            self._drop_copy()  # of what was shown before: it was saved or given up
        if path is not None:
            self.remember(path)
        for cause in ("save", "open"):
            self.settled.emit(cause)
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
        document = self._document
        try:
            # Before the question: what cannot be opened is no reason to leave.
            project, known = self.saver.answer(lambda: read_project(path))
            if document != self._document or not self.may_leave():  # another was opened while the disk was slow
                return False
            # Saved by the answer, or by another program while the question stood.
            project, known = self.saver.answer(lambda: _read_again(path, project, known))
        except Refusal as refusal:
            self.problem.emit(refusal.text(language()), "open")  # stays until something is opened
            return False
        self.take(project, path, known=known)
        return True

    def close_project(self) -> None:
        """Nothing is shown any more: what was shown was saved or given up, and is not asked about again."""
        self._document += 1
        self._open, self.path, self._known, self._unsaved_origin = False, None, None, False
        self._store.undo_stack.clear()
        self._drop_copy()
        self.settled.emit("save")

    def droppable(self, data: QMimeData) -> Path | None:
        """The file in what is dragged, when it is one we open."""
        urls = data.urls() if data.hasUrls() else []
        if len(urls) != 1 or not urls[0].isLocalFile():
            return None
        path = Path(urls[0].toLocalFile())
        return path if path.suffix.lower() in (SUFFIX, *IMPORTED) else None

    # --- saving

    def save(self) -> bool:
        """Save to the project's file, asking for one where there is none; returns when it is on the disk."""
        if not self._open:
            return False
        document = self._document
        self.saver.wait()
        if document != self._document:
            return False
        return self.save_as() if self.path is None else self._write(self.path, self._known)

    def save_as(self) -> bool:
        """Ask for a file and save to it."""
        while self._open and (typed := self.ask_save()) is not None:
            path = named(typed, SUFFIX)
            found = self.saver.answer(partial(fingerprint, path))
            answer = "replace" if found is None else self.ask_replace(path.name)
            if answer == "replace":
                return self._write(path, found)
            if answer == "stay":
                return False
        return False

    def _write(self, path: Path, expect: str | None) -> bool:
        """Write off the GUI thread; what the file holds is compared at the moment of writing, and asked about."""
        while True:
            outcome = self._write_once(path, expect)
            if not isinstance(outcome, FileChangedError):
                return outcome is None
            answer = self.ask_overwrite(path.name)
            if answer == "save_as":
                return self.save_as()
            if answer != "overwrite":
                return False
            expect = outcome.found

    def _write_once(self, path: Path, expect: str | None) -> BaseException | None:
        project, document = self._store.project(), self._document
        outcome: list[BaseException | None] = []

        def done(known: str | None, error: BaseException | None) -> None:
            outcome.append(error)
            if error is None:
                self.settled.emit("save")
                self.remember(path)
                if document == self._document and known is not None:
                    self._written(project, path, known)
            elif not isinstance(error, FileChangedError):
                sentence = self.tr("{path} could not be written: {reason}.")
                self.problem.emit(sentence.format(path=path.name, reason=error_words(error)), "save")

        self.saver.write(lambda: save_project(project, path, expect), done)
        self.saver.wait()
        return outcome[0]

    def _written(self, project: Project, path: Path, known: str) -> None:
        """The project is in its file, as it was when the writing began."""
        self.path, self._known, self._unsaved_origin = path, known, False
        now = self._store.project()
        if now.model_copy(update={"active": project.active}) == project:
            self._store.undo_stack.setClean()
            self._drop_copy()
        else:  # changed meanwhile: neither this state nor any earlier one is in the file
            self._store.undo_stack.resetClean()
            self.autosave_soon()
        self.path_changed.emit()

    # --- recent files

    def remember(self, path: Path) -> None:
        """Put a file on top of the recent ones."""
        settings.change_texts("files/recent", partial(_with, path))

    def recent(self) -> list[Path]:
        """Recent files that still exist."""
        names = settings.texts("files/recent")
        return self.saver.answer(lambda: _existing(names))

    # --- autosave

    def autosave_soon(self, *_: object) -> None:
        """Write a copy after a moment of rest, and in time where there is none."""
        now = time.monotonic()
        if self._uncopied_since is None:
            self._uncopied_since = now
        left = AUTOSAVE_MOST_MS - (now - self._uncopied_since) * 1000
        self._timer.start(max(0, min(AUTOSAVE_MS, int(left))))

    def autosave_now(self) -> None:
        """Write a copy of unsaved work and return when it is on the disk."""
        self._copy()
        self.saver.wait()

    def _copy(self) -> None:
        """Write a copy of unsaved work off the GUI thread; a failure is said and tried again at the next change."""
        self._timer.stop()
        if not self.dirty():
            self._drop_copy()
            return
        if self._copying:  # a slow disk: one copy at a time
            self._timer.start(AUTOSAVE_MS)
            return
        self._copying, self._uncopied_since = True, None
        project, path, known = self._store.project(), self.path, self._known
        self.saver.write(lambda: self.copies.write(project, path, known), self._copied)

    def _copied(self, _: object, error: BaseException | None) -> None:
        self._copying = False
        if error is None:
            self.settled.emit("copy")
            return
        logger.info("the copy of unsaved work could not be written: %s", type(error).__name__)
        sentence = self.tr("No copy of the unsaved work could be written: {reason}. Save it.")
        self.problem.emit(sentence.format(reason=error_words(error)), "copy")
        if self.dirty():
            self.autosave_soon()

    def _drop_copy(self) -> None:
        self._timer.stop()
        self._uncopied_since = None
        self.saver.write(self.copies.drop, lambda result, error: None)
        self.settled.emit("copy")

    def recover(self) -> bool:
        """Offer the copies that a crash left behind, newest first; True when one is shown.

        A copy that is shown becomes this program's own, so that it is in a file until it is saved; one that is thrown away
        goes, and one that nobody decided on stays.
        """
        for copy in self.saver.answer(self.copies.abandoned):
            answer = self.ask_recover(copy.project.plan.name)
            if answer != "show":
                if answer == "discard":
                    self.saver.answer(partial(self.copies.discard, copy))
                continue
            if not self.may_leave():
                return False
            try:
                self.saver.answer(partial(self.copies.adopt, copy))  # after the copy of what was shown before
            except OSError as error:
                logger.info("the copy of unsaved work stays where it was: %s", type(error).__name__)
            origin = self.saver.answer(partial(_file_or_none, copy.origin))
            known = None if origin is None else copy.known or UNKNOWN
            self.take(copy.project, origin, recovered=True, known=known)
            return True
        return False

    # --- leaving

    def may_leave(self) -> bool:
        """Whether the project may be closed: waits for a save under way, then asks about unsaved changes.

        What changes while the answer's save is under way is asked about again. A second wish to leave meanwhile is refused.
        """
        if self._leaving:
            return False
        self._leaving = True
        try:
            self.saver.wait()
            while self.dirty():
                answer = self.ask_leave()
                if answer != "save":
                    return answer == "discard"
                if not self.save():
                    return False
            return True
        finally:
            self._leaving = False

    def clean_up(self) -> None:
        """The window closes: nothing is left to recover, and a file that a slow drive still hands over is not shown."""
        self._document += 1
        self._timer.stop()
        self._open = False
        self.saver.write(self.copies.close, lambda result, error: None)
        self.saver.wait()

    # --- questions (replaced in tests)

    def ask_open(self) -> Path | None:
        """Ask which file to open."""
        patterns = " ".join(f"*{suffix}" for suffix in (SUFFIX, *IMPORTED))
        kinds = self.tr("Estimates, workbooks and configurations") + f" ({patterns})"
        name, _ = QFileDialog.getOpenFileName(self._window, self.tr("Open"), "", kinds)
        return Path(name) if name else None

    def ask_save(self) -> Path | None:
        """Ask where to save."""
        start = str(self.path) if self.path is not None else portable_name(self.title()) + SUFFIX
        kinds = self.tr("Estimates") + f" (*{SUFFIX})"
        return ask_name(self._window, self.tr("Save"), start, kinds)

    def ask_replace(self, name: str) -> str:
        """Ask whether another file is replaced: ``replace``, ``other`` or ``stay``."""
        return ask_replace(self._window, name)

    def ask_leave(self) -> str:
        """Ask what happens to unsaved changes: ``save``, ``discard`` or ``stay``."""
        return ask(
            self._window,
            self.tr("Save the changes to “{name}”?").format(name=self.title()),
            self.tr("Without saving, the changes since the last save are lost."),
            {"save": self.tr("Save"), "discard": self.tr("Do not save"), "stay": self.tr("Cancel")},
            destructive="discard",
        )

    def ask_overwrite(self, name: str) -> str:
        """Ask what happens to a file that another program changed: ``overwrite``, ``save_as`` or ``stay``."""
        return ask(
            self._window,
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
        return ask(
            self._window,
            self.tr("“{name}” was not saved when the program ended. Show it again?").format(name=name),
            "",
            {"show": self.tr("Show it again"), "discard": self.tr("Throw it away"), "stay": self.tr("Ask again later")},
            destructive="discard",
        )


def _read_again(path: Path, project: Project, known: str) -> tuple[Project, str]:
    """The project as the file holds it now."""
    return (project, known) if fingerprint(path) == known else read_project(path)


def _file_or_none(path: Path | None) -> Path | None:
    return path if path is not None and path.is_file() else None


def _existing(names: list[str]) -> list[Path]:
    return [Path(name) for name in names if os.path.isfile(name)]  # noqa: PTH113 (never raises)


def _with(path: Path, names: list[str]) -> list[str]:
    """The recent files with one on top; asks no disk, which may be slow."""
    name = os.path.abspath(path)  # noqa: PTH100 (resolve asks the disk)
    return [name, *(old for old in names if old != name)][:RECENT_MOST]
