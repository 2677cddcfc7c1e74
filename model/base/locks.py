"""Locks that the operating system releases when a program ends, however it ends."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

WAIT_S = 10.0
"""The longest wait for another program: it holds the lock of a file only from the last look until the rename."""
PAUSE_S = 0.01

if sys.platform == "win32":
    import msvcrt

    def take(handle: int) -> bool:
        """Lock an open file for as long as it is open; False when somebody else has it."""
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _lock_of(path: Path) -> int:
        # A folder cannot be opened: the lock is a file of the user's that is named after the path.
        name = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:16]
        return os.open(Path(tempfile.gettempdir()) / f"mitsumori-{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)

else:
    import fcntl

    def take(handle: int) -> bool:
        """Lock an open file for as long as it is open; False when somebody else has it."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _lock_of(path: Path) -> int:
        return os.open(path.parent, os.O_RDONLY)


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other programs of ours from replacing ``path`` meanwhile.

    Where the drive knows no locks, or another program does not let go in time, the work goes on without: the look at the
    file before it is replaced stays.
    """
    try:
        handle = _lock_of(path)
    except OSError:
        yield
        return
    try:
        until = time.monotonic() + WAIT_S
        while not take(handle) and time.monotonic() < until:
            time.sleep(PAUSE_S)
        yield
    finally:
        os.close(handle)
