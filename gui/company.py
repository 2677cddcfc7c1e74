"""The company's defaults in the window: where their file lies, read and kept."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from mitsumori.gui import settings
from mitsumori.gui.words.translation import error_words
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.plan.defaults import Defaults, read_defaults, write_defaults

logger = logging.getLogger(__name__)

KEY = "company/defaults"


def defaults_file() -> Path:
    """The file in use: one that was chosen (on a shared drive, say), else that of this user."""
    chosen = settings.text(KEY)
    if chosen:
        return Path(chosen)
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppConfigLocation)
    return Path(folder) / "prices.toml"


def choose_file(path: Path | None) -> None:
    """Use another file from now on; None goes back to the user's own."""
    settings.store(KEY, "" if path is None else str(path))


def company_defaults() -> tuple[Defaults, Refusal | None]:
    """What the file says; nothing, and why, where it cannot be read."""
    try:
        return read_defaults(defaults_file()), None
    except Refusal as refusal:
        return Defaults(), refusal
    except OSError as problem:
        logger.warning("the company's defaults cannot be read: %s", problem)
        return Defaults(), None


def keep(defaults: Defaults) -> str:
    """Write the file; returns why not, empty where it was written."""
    path = defaults_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_defaults(defaults, path)
    except OSError as problem:
        return error_words(problem)
    return ""
