"""Everything that the program keeps of what it worked out, forgotten: what follows is worked out anew."""

from __future__ import annotations

import sys
from functools import _lru_cache_wrapper
from typing import Any


def kept() -> list[_lru_cache_wrapper[Any]]:
    """The bounded caches of all loaded modules; unbounded ones hold files that ship."""
    found: dict[int, _lru_cache_wrapper[Any]] = {}
    for name, module in list(sys.modules.items()):
        if name.startswith("mitsumori.model"):
            for value in vars(module).values():
                for one in (value, *_cells(value)):
                    if isinstance(one, _lru_cache_wrapper) and one.cache_parameters()["maxsize"] is not None:
                        found[id(one)] = one
    return list(found.values())


def _cells(value: Any) -> list[Any]:
    """What a wrapped function closes over (:func:`model.base.arrays.cached_for_one`)."""
    cells = getattr(value, "__closure__", None) or ()
    return [cell.cell_contents for cell in cells] if hasattr(value, "__wrapped__") else []


def forget() -> None:
    """Empty them."""
    for cache in kept():
        cache.cache_clear()
