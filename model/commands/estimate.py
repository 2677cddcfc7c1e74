"""``mitsumori estimate PLAN``: every result of a plan."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mitsumori.model.commands import arguments as shared
from mitsumori.model.commands.answers import Answer, Table

if TYPE_CHECKING:
    from mitsumori.model.base.figure import Figure
    from mitsumori.model.estimate.results import Estimate


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    shared.take_plan(parser)
    shared.take_format(parser)
    shared.take_language(parser)


def run(given: argparse.Namespace) -> Answer:
    """The estimate."""
    from mitsumori.model.estimate.estimate import estimate

    project, plan = shared.load(given)
    result = estimate(plan, **shared.context(project), today=dt.date.today())

    def text() -> str:
        from mitsumori.model.report.text import estimate_text

        return estimate_text(plan, result, plan.language)

    def document() -> dict[str, Any]:
        from mitsumori.model.report.json_document import to_json

        return to_json(result, plan)

    return Answer(text, document, lambda: figures_table(result))


def figures_table(result: Estimate) -> Table:
    """One row a figure: path, value, 80 % interval, unit, source."""
    rows = []
    for path, figure in figures(result):
        origin = figure.provenance
        source = "" if origin is None else origin.source or origin.what
        rows.append([path, figure.value, figure.low, figure.high, figure.unit, source])
    return Table(("path", "value", "low", "high", "unit", "source"), rows)


def figures(result: Estimate) -> Iterator[tuple[str, Figure]]:
    """Every figure of an estimate by the path under which :meth:`Estimate.figure` finds it."""
    from mitsumori.model.base.figure import Figure

    def walk(node: object, prefix: str) -> Iterator[tuple[str, Figure]]:
        if isinstance(node, Figure):
            yield prefix.removesuffix("."), node
        elif isinstance(node, Mapping):
            for name, part in node.items():
                yield from walk(part, f"{prefix}{name}.")
        elif hasattr(node, "__dataclass_fields__"):
            for name in node.__dataclass_fields__:
                yield from walk(getattr(node, name), f"{prefix}{name}.")

    for part in ("memory", "training", "facility", "cost", "serving"):
        node = getattr(result, part)
        if node is not None:
            yield from walk(node, f"{part}.")
