"""``mitsumori table PLAN``: the training-time table."""

from __future__ import annotations

import argparse

from mitsumori.model.commands import arguments as shared
from mitsumori.model.commands.answers import Answer, Table
from mitsumori.model.commands.progress import Progress


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    shared.take_plan(parser)
    shared.take_format(parser)
    shared.take_language(parser)


def run(given: argparse.Namespace) -> Answer:
    """The table: a row a model and cluster size."""
    from mitsumori.model.study.training_table import table_json, table_text, training_table

    project, plan = shared.load(given)
    with Progress("table"):
        table = training_table(plan, **shared.context(project))

    def flat() -> Table:
        document = table_json(table)
        return Table.of({"model": row["model"], **cell} for row in document["rows"] for cell in row["cells"])

    return Answer(lambda: table_text(table, shared.language_of(given, plan)), lambda: table_json(table), flat)
