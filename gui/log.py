"""The log: a rotating file for the user alone, which names no file and no customer.

What went wrong and where in the program is kept; texts of exceptions and paths in Qt's messages are not, because they hold
what the user typed and what files are called.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import re
import traceback
from pathlib import Path
from types import TracebackType
from typing import IO

from PySide6.QtCore import QStandardPaths, QtMsgType, qInstallMessageHandler

_fault_log: IO[str] | None = None
LOG_BYTES = 500_000


def data_folder() -> Path:
    """Where the program keeps its log and copies of unsaved work."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation))


def start_log() -> None:
    """Log to a rotating file; Qt's messages and crashes go there too.

    A folder that cannot be written is no reason to stop.
    """
    global _fault_log
    from logging.handlers import RotatingFileHandler  # brings sockets

    class Handler(RotatingFileHandler):
        def _open(self):  # type: ignore[no-untyped-def]
            return _private(Path(self.baseFilename))

    folder = data_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(OSError):
            folder.chmod(0o700)
        handler = Handler(folder / "mitsumori.log", maxBytes=LOG_BYTES, backupCount=2)
        _fault_log = _private(folder / "faults.log")
    except OSError:
        return
    for older in folder.glob("mitsumori.log.*"):
        with contextlib.suppress(OSError):
            older.chmod(0o600)
    handler.setFormatter(NamelessFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.INFO)
    faulthandler.enable(_fault_log)
    qInstallMessageHandler(_qt_message)


def _private(path: Path) -> IO[str]:
    """Open for appending; also a file of an earlier version is from now on for the user alone."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with contextlib.suppress(OSError):
        path.chmod(0o600)
    return os.fdopen(handle, "a", encoding="utf-8")


class NamelessFormatter(logging.Formatter):
    """Tracebacks without the texts of their exceptions."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; a traceback that another handler formatted before is not taken over."""
        kept, record.exc_text = record.exc_text, None
        try:
            return super().format(record)
        finally:
            record.exc_text = kept

    def formatException(
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Types, error numbers and places, of the causes too."""
        lines: list[str] = []
        error: BaseException | None = ei[1]
        known: set[int] = set()
        while error is not None and id(error) not in known:
            known.add(id(error))
            number = f" [errno {error.errno}]" if isinstance(error, OSError) and error.errno else ""
            lines.append(f"{type(error).__module__}.{type(error).__qualname__}{number}")
            lines += [
                f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ]
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(lines)


def nameless(message: str) -> str:
    """A message of Qt without what stands in quotes, and without everything from the first path on."""
    message = re.sub(r"\"[^\"]*\"|'[^']*'|“[^”]*”", "…", message)
    return re.sub(r"(?:\b[A-Za-z]:[\\/]|file:|\S*[/\\]).*", "…", message, flags=re.DOTALL)


def _qt_message(kind: QtMsgType, context: object, message: str) -> None:
    level = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
    }.get(kind, logging.ERROR)
    logging.getLogger("qt").log(level, nameless(message))
