"""Projects in files and copies left by a crash, for the tests that nothing is lost."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mitsumori.gui.project_files import autosave_folder
from mitsumori.model.plan.autosave import Copies
from mitsumori.model.plan.project import Project, load_project, save_project
from tests.gui import sample_estimate


def a_project(servers: int) -> Project:
    return Project(plans=(sample_estimate.plan(cluster__servers=servers),))


def saved(win: Any, path: Path, servers: int = 5) -> Path:
    """The window shows a project that is in this file."""
    save_project(a_project(servers), path)
    assert win.files.open_path(path)
    return path


def in_file(path: Path) -> int:
    return load_project(path).plan.cluster.servers


def left_by_a_crash(servers: int, origin: Path | None, known: str | None) -> None:
    other = Copies(autosave_folder())
    other.write(a_project(servers), origin, known)
    assert other._lock is not None
    os.close(other._lock)
    other._lock = None
