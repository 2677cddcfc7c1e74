"""Writing a file so that a reader never sees half of it (floor 0)."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def write_atomic(path: Path, data: bytes, backup: bool = False) -> None:
    """Write ``data`` to ``path`` all or nothing: temporary file in the same folder, fsync, rename.

    Parameters
    ----------
    path
        Target; an existing file is replaced in one step.
    data
        The whole content.
    backup
        Keep the previous content as ``<name>.bak`` (a hard link or copy made before the replacement).

    Raises
    ------
    OSError
        When the folder is read-only, the disk is full or another program locks the file; the old file is untouched.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent or Path(), prefix=f".{path.name[:40]}.", suffix=".tmp")
    temp = Path(temporary)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(OSError):
            temp.chmod((path.stat().st_mode if path.exists() else 0o644) & 0o777)
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


def _keep_backup(path: Path) -> None:
    kept = path.with_name(path.name + ".bak")
    spare = path.with_name(path.name + ".bak.new")
    with contextlib.suppress(OSError):
        spare.unlink(missing_ok=True)
        try:
            spare.hardlink_to(path)
        except OSError:
            spare.write_bytes(path.read_bytes())
        spare.replace(kept)
