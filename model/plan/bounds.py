"""What the numeric fields of a plan accept, by path, without making a plan."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mitsumori.model.plan.plan import Plan


@cache
def _bounds() -> dict[str, dict[str, float]]:
    return dict(_of(Plan, ""))


def _of(part: type[BaseModel], prefix: str) -> Iterator[tuple[str, dict[str, float]]]:
    for name, field in part.model_fields.items():
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from _of(kind, f"{prefix}{name}.")
        found: dict[str, float] = {}
        for item in _metadata(field):
            for bound in ("gt", "ge", "lt", "le"):
                if getattr(item, bound, None) is not None:
                    found[bound] = float(getattr(item, bound))
        if found:
            yield prefix + name, found


def _metadata(field: FieldInfo) -> Iterator[Any]:
    waiting = [*field.metadata, field.annotation]
    while waiting:
        item = waiting.pop()
        if isinstance(item, FieldInfo):
            waiting += item.metadata
        waiting += (*getattr(item, "__metadata__", ()), *get_args(item))
        yield item


def within(path: str, value: object) -> bool:
    """Whether a field takes a number; True for what is no number and for fields without bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return True
    known = _bounds().get(path)
    if known is None:
        return True
    return (
        value > known.get("gt", float("-inf"))
        and value >= known.get("ge", float("-inf"))
        and value < known.get("lt", float("inf"))
        and value <= known.get("le", float("inf"))
    )
