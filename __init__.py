"""Mitsumori (見積もり): plan the training of large language models, from Python.

``mi.sample(name)`` and ``mi.open(path)`` give a project; ``mi.estimate``, ``mi.search``, ``mi.serve`` and ``mi.sweep`` take a
project or a plan. What they are is written at :mod:`mitsumori.model.api`. Nothing is loaded before it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mitsumori.model.api import PlanError, Project, estimate, open, sample, search, serve, sweep

__all__ = ["PlanError", "Project", "estimate", "open", "sample", "search", "serve", "sweep"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from mitsumori.model import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
