"""What the first picture needs of the core, imported before Qt.

PySide6 looks into the source of every module that is imported after it, to know whether it uses PySide. The core and what it
stands on (NumPy, pydantic) need not pay for that. The estimate itself is imported once the window is on the screen.
"""

from __future__ import annotations

import gc
from importlib import import_module

_CORE = (
    "base.findings", "catalogue.catalogue", "catalogue.places", "commands.answers", "cost.line_table", "serving.results",
    "plan.autosave", "plan.calendar", "plan.deadlines", "plan.exchange", "plan.inputs", "plan.project",
)  # fmt: skip
"""Modules of the core; with what they import these are all that the window uses before its first painting."""


def _import_core() -> None:
    """Import them with the collector at rest: next to nothing of it ever becomes garbage, and looking through it takes as long
    as painting the window. The collector need not look at it later either."""
    collecting = gc.isenabled()
    gc.disable()
    for name in _CORE:
        import_module(f"mitsumori.model.{name}")
    gc.freeze()
    if collecting:
        gc.enable()


_import_core()
