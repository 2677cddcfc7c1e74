"""What the window remembers, read with a check of its type: a damaged settings file never stops a start.

All of it is read once; afterwards the GUI thread asks memory, and what changes is written on another thread. A JSON file and
not Qt's own settings, which are synced to the disk in one call that lets no other Python thread run: on a slow disk the window
stood still for seconds. Where there is no such file, what an earlier version kept in Qt's settings is taken over.
"""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths, QThreadPool

from mitsumori.model.base.files import write_atomic
from mitsumori.model.base.input_files import regular_bytes

logger = logging.getLogger(__name__)

LONGEST = 10_000
LARGEST_BYTES = 1_000_000
_BYTES = "bytes"

_kept: dict[str, object] | None = None
_changed: dict[str, object] = {}
_changes: deque[tuple[str, Callable[[list[str]], list[str]]]] = deque()
_writing = threading.Lock()


def settings_file() -> Path:
    """Where they lie, for the user alone."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppConfigLocation)) / "settings.json"


def _all() -> dict[str, object]:
    global _kept
    if _kept is None:
        _kept = _read() | _changed
    return _kept


def _read() -> dict[str, object]:
    """What is stored; nothing where the file is damaged."""
    try:
        document = json.loads(regular_bytes(settings_file(), LARGEST_BYTES))
    except FileNotFoundError:
        return _of_earlier_versions()
    except Exception as error:
        logger.info("the settings cannot be read: %s", type(error).__name__)
        return {}
    return {key: _opened(value) for key, value in document.items()} if isinstance(document, dict) else {}


def _of_earlier_versions() -> dict[str, object]:
    stored, found = QSettings(), {}
    for key in stored.allKeys():
        with contextlib.suppress(Exception):  # a stored variant that cannot be turned into a Python object
            found[key] = stored.value(key)
    return found


def _opened(value: object) -> object:
    if isinstance(value, dict) and isinstance(text := value.get(_BYTES), str):
        with contextlib.suppress(ValueError):
            return QByteArray(base64.b64decode(text, validate=True))
        return None
    return value


def _closed(value: object) -> object:
    return {_BYTES: base64.b64encode(value.data()).decode()} if isinstance(value, QByteArray) else value


def text(key: str, default: str = "") -> str:
    """A text; the default where none is stored or something else is."""
    found = _all().get(key)
    return found if isinstance(found, str) and len(found) <= LONGEST and "\0" not in found else default


def choice(key: str, accepted: tuple[str, ...], default: str) -> str:
    """One of some words, else the default."""
    found = text(key)
    return found if found in accepted else default


def flag(key: str, default: bool) -> bool:
    """True or false; INI files hold them as words."""
    found = _all().get(key)
    if isinstance(found, bool):
        return found
    return {"true": True, "false": False}.get(found, default) if isinstance(found, str) else default


def texts(key: str) -> list[str]:
    """A list of texts (one alone comes back as a text); entries of another type are left out."""
    return _texts(_all().get(key))


def _texts(found: object) -> list[str]:
    entries = [found] if isinstance(found, str) else found if isinstance(found, list | tuple) else []
    return [entry for entry in entries if isinstance(entry, str) and entry and "\0" not in entry]


def bytes_of(key: str) -> QByteArray | None:
    """Bytes such as a geometry; None where something else is stored."""
    found = _all().get(key)
    return found if isinstance(found, QByteArray) else None


def store(key: str, value: object) -> None:
    """Remember a value, None for none any more; it is on the disk soon, and after :func:`flush` at the latest."""
    _all()[key] = value
    _changed[key] = value
    QThreadPool.globalInstance().start(flush)


def change_texts(key: str, change: Callable[[list[str]], list[str]]) -> None:
    """Change a list of texts, at once here and soon on the disk, as it stands there then: other windows write it too."""
    _all()[key] = change(texts(key))
    _changes.append((key, change))
    QThreadPool.globalInstance().start(flush)


def flush() -> None:
    """Write what is not on the disk yet."""
    with _writing:
        if not (_changed or _changes):
            return
        stored = _read()
        while _changed:
            key, value = _changed.popitem()
            stored[key] = value
        while _changes:
            key, change = _changes.popleft()
            stored[key] = change(_texts(stored.get(key)))
        _write(stored)


def forget() -> None:
    """Read everything anew at the next question."""
    global _kept
    flush()
    _kept = None


def _write(stored: dict[str, object]) -> None:
    kept = {key: _closed(value) for key, value in stored.items() if value is not None}
    path = settings_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomic(path, json.dumps(kept, ensure_ascii=False, default=str).encode(), private=True)
    except OSError as error:  # a folder that nobody may write, a full disk: then nothing is remembered
        logger.info("the settings cannot be written: %s", type(error).__name__)
