"""Saving: all or nothing, with one friendly sentence when it cannot be done."""

from __future__ import annotations

import errno
import time
from pathlib import Path

from mitsumori.model.base.files import ANYTHING, FileChangedError, Known, write_atomic
from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import Refusal, cause_of

TRIES, PAUSE_S = 3, 0.4
"""A virus scanner or a synchronizing folder may hold a file for a moment."""


class SaveError(Refusal):
    """The workbook could not be written; an old file is untouched.

    ``code`` is locked, denied, full, missing, changed or other.
    """

    def __init__(self, code: str, path: Path, detail: object = "") -> None:
        self.code = code
        super().__init__(Sentence("workbook", f"save_{code}", {"name": path.name, "detail": detail}))


def save(path: Path, data: bytes, expect: Known = ANYTHING) -> None:
    """Write ``data`` to ``path`` atomically, trying again briefly when another program holds the file.

    The previous content stays as ``.bak``; ``expect`` is the fingerprint of what may be replaced.

    Parameters
    ----------
    path
        File that is written.
    data
        Its content.
    expect
        Fingerprint of what may be replaced at ``path``; anything as standard.

    Raises
    ------
    SaveError
        With the reason; an existing file stays as it was.
    """
    for attempt in range(TRIES):
        try:
            write_atomic(path, data, backup=True, expect=expect)
        except FileChangedError as error:
            raise SaveError("changed", path) from error
        except PermissionError as error:
            if attempt + 1 < TRIES:
                time.sleep(PAUSE_S)
                continue
            raise SaveError("locked" if path.exists() else "denied", path) from error
        except FileNotFoundError as error:
            raise SaveError("missing", path) from error
        except OSError as error:
            code = "full" if error.errno == errno.ENOSPC else "other"
            raise SaveError(code, path, cause_of(error)) from error
        return
