"""What the first picture needs of the core, imported before Qt.

PySide6 looks into the source of every module that is imported after it, to know whether it uses PySide. The core and what it
stands on (NumPy, pydantic) need not pay for that. The estimate itself is imported once the window is on the screen.
"""

from __future__ import annotations

import gc
import os
from importlib import import_module

_CORE = (
    "base.findings", "catalogue.catalogue", "catalogue.places", "commands.answers", "cost.line_table", "serving.results",
    "plan.autosave", "plan.calendar", "plan.deadlines", "plan.exchange", "plan.inputs", "plan.project", "plan.typed",
)  # fmt: skip
"""Modules of the core; with what they import these are all that the window uses before its first painting."""


def _import_core() -> None:
    """Import them with the collector at rest: next to nothing of it ever becomes garbage, and looking through it takes as long
    as painting the window. The collector need not look at it later either."""
    gc.disable()
    # No package of the machine has a say in what a plan is; to look for one reads every package that is installed.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for name in _CORE:
        import_module(f"mitsumori.model.{name}")
    gc.freeze()


def collect_again() -> None:
    """The first window is made: from now on garbage is looked for again, in what is made from now on."""
    gc.freeze()  # else all of it would be looked through at once, before the first painting
    gc.enable()


_import_core()
