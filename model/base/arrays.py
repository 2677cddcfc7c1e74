"""Arithmetic on what is a number in a single plan and an array in a batch."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar, overload

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Texts = npt.NDArray[np.str_]
Num = float | npt.NDArray[Any]
"""A number or an array of any shape; the fields of one batch broadcast against each other."""
Mask = np.bool_ | npt.NDArray[np.bool_]
"""A condition on numbers of a batch, of their shape."""
Condition = bool | Mask
"""The same where the numbers of a single plan may be Python's own."""


P = ParamSpec("P")
T = TypeVar("T")


def cached_for_one(function: Callable[P, T]) -> Callable[P, T]:
    """:func:`functools.lru_cache` for a function that takes the numbers of one plan or the arrays of a batch.

    Arrays have no hash: what they give is worked out anew, and a batch is worked out once anyway.
    """
    kept: Callable[..., T] = lru_cache(maxsize=64)(function)

    @wraps(function)
    def ask(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return kept(*args, **kwargs)
        except TypeError:
            return function(*args, **kwargs)

    return ask


def real(value: Num) -> Num:
    """A field as float64; Python and NumPy scalars stay scalars, which keeps a single plan cheap."""
    if isinstance(value, float):
        return value
    return float(value) if isinstance(value, int | np.number) else np.asarray(value, dtype=np.float64)


@overload
def pick(condition: Condition, yes: Condition, no: Condition) -> Mask: ...
@overload
def pick(condition: Condition, yes: Num, no: Num) -> Num: ...
def pick(condition: Condition, yes: Num | Condition, no: Num | Condition) -> Num | Condition:
    """``np.where``, without making arrays of scalars.

    Parameters
    ----------
    condition
        True or False, or an array of them.
    yes, no
        What is taken where it is true, and where it is not; numbers or arrays that broadcast.
    """
    if isinstance(condition, bool | np.bool_):
        return yes if condition else no
    return np.where(condition, yes, no)


def some(condition: Condition | Num) -> bool:
    """Whether a condition holds anywhere in the batch: terms that nobody needs are not computed."""
    return bool(condition) if isinstance(condition, bool | np.bool_ | int | float) else bool(np.any(condition))


def lookup(table: tuple[float, ...], codes: Num) -> Num:
    """``table[codes]`` for a code or an array of codes."""
    return table[codes] if isinstance(codes, int) else np.asarray(table)[np.asarray(codes, dtype=np.intp)]
