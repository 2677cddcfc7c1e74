"""Small projects for the tests of files, and a program that ends without closing."""

from __future__ import annotations

import os

from mitsumori.model.plan.autosave import Copies
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import (
    Project,
)


def a_project(name: str = "one", scenarios: int = 1) -> Project:
    return Project(plans=tuple(Plan(name=name) for _ in range(scenarios)))


def end_without_closing(copies: Copies) -> None:
    """What the operating system does when a program is killed: its locks are released, its files stay."""
    os.close(copies._lock)
    copies._lock = None
