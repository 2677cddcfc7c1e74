"""Writing a file so that a reader never sees half of it."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import time
from pathlib import Path
from typing import Final

from mitsumori.model.base.locks import alone

LEFTOVER_AGE_S = 60.0
"""A temporary file older than this belongs to no save under way: a save takes milliseconds, a network drive seconds."""

_BINARY = getattr(os, "O_BINARY", 0)


class _Anything:
    """Whatever the file holds may be replaced."""


ANYTHING: Final = _Anything()
Known = str | None | _Anything
"""What a file is known to hold: a :func:`fingerprint`, None for no file, or ``ANYTHING`` for whoever need not know."""


class FileChangedError(OSError):
    """The file is not what it was when the user last decided about it; it was not touched.

    ``found`` is the fingerprint of what it holds now.
    """

    def __init__(self, path: Path, found: str) -> None:
        super().__init__(errno.EEXIST, "the file was changed by another program", str(path))
        self.found = found


def write_atomic(
    path: Path, data: bytes, backup: bool = False, *, expect: Known = ANYTHING, private: bool = False
) -> None:
    """Write ``data`` to ``path`` all or nothing: temporary file in the same folder, fsync, rename.

    Parameters
    ----------
    path
        Target; an existing file is replaced in one step and keeps its permissions, a link keeps pointing at it. A new file
        has the permissions that the user's umask gives.
    data
        The whole content.
    backup
        Keep the previous content as ``<name>.bak`` (a hard link or copy made before the replacement).
    expect
        What the file holds, as far as whoever decided to replace it knows: compared at the moment of writing. A file that
        is gone may always be written.
    private
        Nobody but the user may read the file, whatever the umask says.

    Raises
    ------
    FileChangedError
        When the file holds something else than ``expect``.
    OSError
        When the folder is read-only, the disk is full or another program locks the file; the old file is untouched.
    """
    if path.is_symlink():
        path = path.resolve()
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, "it is a pipe, socket or device, which no file replaces", str(path))
    temp = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.tmp")
    _check(path, expect)
    try:
        _write_synced(temp, data, 0o600 if private else 0o666)
        with alone(path):
            # Again, because the disk may have taken seconds; from here to the rename no other program of ours writes.
            _check(path, expect)
            with contextlib.suppress(OSError):
                if path.exists():
                    temp.chmod(path.stat().st_mode & (0o600 if private else 0o777))
            if backup and path.exists():
                _keep_backup(path)
            temp.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temp.unlink()
        raise
    with contextlib.suppress(OSError):  # the rename itself must survive a power cut where the system allows it
        folder = os.open(path.parent or Path(), os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _check(path: Path, expect: Known) -> None:
    if not isinstance(expect, _Anything) and (found := fingerprint(path)) not in (expect, None):
        raise FileChangedError(path, str(found))


def _write_synced(path: Path, data: bytes, mode: int = 0o666) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _keep_backup(path: Path) -> None:
    """Keep the present content as ``<name>.bak``; where that fails the save goes on, with the old backup in place."""
    spare = path.with_name(path.name + ".bak.new")
    try:
        spare.unlink(missing_ok=True)
        try:
            spare.hardlink_to(path)
        except OSError:  # a file system without hard links
            _write_synced(spare, path.read_bytes())
        spare.replace(backup_of(path))
        spare.unlink(missing_ok=True)  # POSIX: renaming between two names of one file does nothing
    except OSError:
        with contextlib.suppress(OSError):
            spare.unlink()


def backup_of(path: Path) -> Path:
    """Where the content before the last save lies."""
    return path.with_name(path.name + ".bak")


def clean_leftovers(path: Path, older_than_s: float = LEFTOVER_AGE_S) -> int:
    """Remove what a save of ``path`` left behind when its program was killed; returns how many files went.

    Parameters
    ----------
    path
        The file that was being saved (it need not exist).
    older_than_s
        Age from which a temporary file belongs to no save under way, s.
    """
    start, removed = f".{path.name[:40]}.", 0
    now = time.time()
    with contextlib.suppress(OSError):
        for item in path.parent.iterdir():
            ours = item.name.startswith(start) and item.name.endswith(".tmp") and _is_token(item.name[len(start) : -4])
            if not ours and item.name != path.name + ".bak.new":
                continue
            with contextlib.suppress(OSError):
                # A hard link has the time of its content; its own age is that of the last change to its links.
                stat = item.stat()
                if now - max(stat.st_mtime, stat.st_ctime) >= older_than_s:
                    item.unlink()
                    removed += 1
    return removed


def _is_token(text: str) -> bool:
    return len(text) == 8 and all(c in "0123456789abcdef" for c in text)


def named(path: Path, suffix: str) -> Path:
    """The name that is written for what was typed: ``suffix`` is appended, unless the name ends in it already.

    A point in a name is no suffix: "Proposal v1.2" becomes "Proposal v1.2.xlsx", not "Proposal v1.xlsx".
    """
    return path if path.name.lower().endswith(suffix) else path.with_name(path.name + suffix)


RESERVED: Final = frozenset(
    {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in "123456789¹²³")}
)
"""Names of devices on Windows, with any ending."""
LONGEST_NAME: Final = 120
"""Characters; with a folder before it a path stays under Windows' 260."""


def portable_name(title: str) -> str:
    r"""A title as the name of a file on every system: no ``< > : " / \ | ? *``, no device, no point or space at the end."""
    name = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f]', "-", title).strip()[:LONGEST_NAME].rstrip(". ")
    return f"_{name}" if not name or name.partition(".")[0].strip().upper() in RESERVED else name


def digest(data: bytes) -> str:
    """The :func:`fingerprint` of a file that holds ``data``."""
    return hashlib.sha256(data).hexdigest()


def fingerprint(path: Path) -> str | None:
    """What a file holds, as a hash of its bytes; None where there is no readable file.

    A program keeps the fingerprint of what it opened or saved and compares before it saves again: a difference means
    that somebody else wrote the file meanwhile.
    """
    try:
        if not path.is_file():  # opening a pipe would wait for its writer
            return None
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, ValueError):
        return None
