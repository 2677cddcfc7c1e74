"""Templates of the company: project files in one folder, each a start for new quotations."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from mitsumori.gui.company import defaults_file
from mitsumori.gui.words.translation import error_words
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.plan.project import SUFFIX, Project, load_project, save_project
from mitsumori.model.study.revisions import new_quote

FOLDER = "templates"


def templates_folder() -> Path:
    """Beside the company's defaults, so that both are shared together."""
    folder = defaults_file().parent
    if folder == Path():
        folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppConfigLocation))
    return folder / FOLDER


def templates() -> list[Path]:
    """The files there, by name."""
    folder = templates_folder()
    return sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []


def save_template(project: Project, name: str) -> str:
    """Keep a project as a template without its customer; returns why not, empty where it was kept."""
    safe = re.sub(r'[\\/:*?"<>|\x00-\x1f]', " ", name).strip() or "template"
    path = templates_folder() / f"{safe[:80]}{SUFFIX}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_project(new_quote(project, ("payment_terms", "valid_days")), path)
    except OSError as problem:
        return error_words(problem)
    return ""


def from_file(path: Path) -> Project:
    """A file's plans as a new quotation.

    Raises
    ------
    Refusal
        As :func:`model.plan.project.load_project`.
    """
    return new_quote(load_project(path), ("payment_terms", "valid_days"))


__all__ = ["Refusal", "from_file", "save_template", "templates", "templates_folder"]
