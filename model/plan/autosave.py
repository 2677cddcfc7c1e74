"""Copies of unsaved work, and getting them back after the program was killed.

Every running program has a session: a lock file that the operating system releases when the program ends, however it
ends, and at most one copy beside it. A copy whose lock is free was abandoned. (A process number would not do: it is used
again after a restart, and on Windows asking whether a process lives can end it.)

    folder/<session>.lock        locked while the program runs
    folder/<session>.mitsumori   the copy, written all or nothing
    folder/<session>.origin      the file it was opened from and the fingerprint of what that held, JSON

Copies hold customers' plans: the folder and all files in it are for the user alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from mitsumori.model.base.files import LEFTOVER_AGE_S, clean_leftovers, write_atomic
from mitsumori.model.base.input_files import regular_bytes
from mitsumori.model.base.locks import take
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.plan.project import SUFFIX, Project, load_project

__all__ = ["Copies", "Copy"]

ORIGIN_BYTES = 65_536
"""No path is longer."""


@dataclass(frozen=True, slots=True)
class Copy:
    """Unsaved work that a program left behind.

    ``origin`` is the file it was opened from (None: never saved) and ``known`` the fingerprint of what that file held when
    it was opened or last saved (None: not recorded); ``written_s`` is the time of the copy, seconds since 1970.
    """

    path: Path
    project: Project
    origin: Path | None
    written_s: float
    known: str | None = None


class Copies:
    """The copies in a folder, and this program's own one.

    Parameters
    ----------
    folder
        Where copies lie; made when needed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._session = secrets.token_hex(8)
        self._lock: int | None = None
        self._origin: tuple[Path, str | None] | None = None

    @property
    def path(self) -> Path:
        """Where the copy of the running program lies."""
        return self.folder / f"{self._session}{SUFFIX}"

    def write(self, project: Project, origin: Path | None = None, known: str | None = None) -> Path:
        """Write the copy of unsaved work, all or nothing.

        Parameters
        ----------
        project
            Everything as it is now.
        origin
            The file the project was opened from, if any.
        known
            Fingerprint of what that file held when it was opened or last saved.

        Raises
        ------
        OSError
            When the folder cannot be written; the previous copy stays.
        """
        self._open()
        now = None if origin is None else (origin, known)
        if now != self._origin:
            marker = self._beside(self.path, ".origin")
            if origin is None:
                marker.unlink(missing_ok=True)
            else:
                text = json.dumps({"path": str(origin.absolute()), "known": known})
                write_atomic(marker, text.encode(), private=True)
            self._origin = now
        write_atomic(self.path, project.to_bytes(), private=True)
        return self.path

    def drop(self) -> None:
        """Remove the copy: the work was saved or given up."""
        self._remove(self.path)
        self._origin = None

    def close(self) -> None:
        """End the session: the copy and its lock go."""
        self.drop()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        with contextlib.suppress(OSError):
            self._beside(self.path, ".lock").unlink()

    def abandoned(self) -> list[Copy]:
        """Copies of programs that ended without saving, newest first.

        A copy that cannot be read is set aside as ``.unreadable``, never deleted. Leftovers of killed programs go.
        """
        found: list[Copy] = []
        self._clean()
        with contextlib.suppress(OSError):
            for path in self.folder.glob(f"*{SUFFIX}"):
                if path == self.path or _locked(self._beside(path, ".lock")):
                    continue
                with contextlib.suppress(OSError):
                    written = path.stat().st_mtime
                    try:
                        project = load_project(path)
                    except Refusal:
                        path.replace(self._beside(path, ".unreadable"))
                        continue
                    origin, known = self._origin_of(path)
                    found.append(Copy(path, project, origin, written, known))
        return sorted(found, key=lambda copy: copy.written_s, reverse=True)

    def adopt(self, copy: Copy) -> None:
        """Make an abandoned copy this program's own, in one step: at no moment is the work in no file.

        Raises
        ------
        OSError
            When the folder cannot be written; the abandoned copy stays.
        """
        self._open()
        own = self._beside(self.path, ".origin")
        try:
            self._beside(copy.path, ".origin").replace(own)
        except FileNotFoundError:  # never saved: it must not pass for what this program showed before
            own.unlink(missing_ok=True)
        self._origin = None if copy.origin is None else (copy.origin, copy.known)
        copy.path.replace(self.path)
        with contextlib.suppress(OSError):
            self._beside(copy.path, ".lock").unlink()

    def discard(self, copy: Copy) -> None:
        """Delete an abandoned copy: the user does not want it."""
        self._remove(copy.path)
        with contextlib.suppress(OSError):
            self._beside(copy.path, ".lock").unlink()

    # --- inside

    def _open(self) -> None:
        if self._lock is not None and not self._beside(self.path, ".lock").exists():
            # Somebody emptied the folder: a copy without its lock would pass for abandoned, and there would be no other one.
            os.close(self._lock)
            self._lock = self._origin = None
        if self._lock is None:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.suppress(OSError):  # a folder of an earlier version, or a strange umask
                self.folder.chmod(0o700)
            handle = os.open(self._beside(self.path, ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
            if not take(handle):  # a folder on a drive without locks: then copies are offered while we run, no more
                os.close(handle)
                return
            self._lock = handle

    def _remove(self, path: Path) -> None:
        for item in (path, self._beside(path, ".origin")):
            with contextlib.suppress(OSError):
                item.unlink(missing_ok=True)

    def _origin_of(self, path: Path) -> tuple[Path | None, str | None]:
        try:
            data = regular_bytes(self._beside(path, ".origin"), ORIGIN_BYTES)
            if not data.startswith(b"{"):  # earlier versions wrote the path alone
                return Path(os.fsdecode(data)), None
            read = json.loads(data)
            known = read["known"]
            return Path(read["path"]), known if isinstance(known, str) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None, None

    @staticmethod
    def _beside(path: Path, suffix: str) -> Path:
        return path.with_suffix(suffix)

    def _clean(self) -> None:
        """Remove locks, markers and temporary files that belong to no copy and no running program."""
        try:
            items = list(self.folder.iterdir())
        except OSError:
            return
        now = time.time()
        for item in items:
            if item.suffix == ".lock" and item.stem != self._session:
                if not item.with_suffix(SUFFIX).exists() and _older(item, now) and not _locked(item):
                    for part in (item, item.with_suffix(".origin")):
                        with contextlib.suppress(OSError):
                            part.unlink()
            elif item.suffix == ".tmp" and item.name.startswith("."):
                clean_leftovers(item.with_name(item.name[1:].rsplit(".", 2)[0]))


def _older(path: Path, now: float) -> bool:
    with contextlib.suppress(OSError):
        return now - path.stat().st_mtime >= LEFTOVER_AGE_S
    return False


def _locked(path: Path) -> bool:
    """Whether a running program holds the lock file; a file that is not there is free."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        return not take(handle)
    finally:
        os.close(handle)
