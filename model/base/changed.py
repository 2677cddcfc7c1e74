"""A frozen dataclass with some fields replaced, quickly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    T = TypeVar("T", bound=DataclassInstance)


@cache
def _parts(kind: type[DataclassInstance]) -> tuple[attrgetter[tuple[object, ...]], Mapping[str, int]]:
    names = [field.name for field in fields(kind)]
    return attrgetter(*names), {name: place for place, name in enumerate(names)}


def changed(item: T, **values: object) -> T:
    """As :func:`dataclasses.replace`, at half its time: an estimate replaces fields of large results some twenty times.

    For dataclasses of two fields or more, all of them arguments by place.

    Raises
    ------
    KeyError
        For a name that is no field.
    """
    read, places = _parts(type(item))
    given = list(read(item))
    for name, value in values.items():
        given[places[name]] = value
    return type(item)(*given)
