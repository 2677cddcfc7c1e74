"""Whether what is to be shown differs from what is shown: what stays the same is not written anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any

import numpy as np


class Changes:
    """What the parts of a page showed last."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[object, ...]] = {}

    def differs(self, part: str, *state: object) -> bool:
        """Whether a part has to be written anew; ``state`` is everything that it reads from plan and estimate."""
        if same(state, self._last.get(part)):
            return False
        self._last[part] = state
        return True

    def forget(self) -> None:
        """Everything has to be written anew: another language, another theme."""
        self._last.clear()


def same(first: object, second: object) -> bool:
    """Whether two values show the same: numbers, texts, arrays, and dataclasses, mappings or sequences of them."""
    if first is second:
        return True
    try:
        return bool(first == second)
    except ValueError:  # arrays somewhere within: part by part
        return _same_parts(first, second)


def _same_parts(first: Any, second: Any) -> bool:
    if type(first) is not type(second):
        return False
    if isinstance(first, np.ndarray):
        return first.shape == second.shape and bool(np.array_equal(first, second, equal_nan=True))
    if is_dataclass(first):
        return all(same(getattr(first, name), getattr(second, name)) for name in first.__dataclass_fields__)
    if isinstance(first, (tuple, list)):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, Mapping):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    return bool(first == second)
