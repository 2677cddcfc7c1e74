"""``mitsumori published``: trainings from papers beside the program's estimate."""

from __future__ import annotations

import argparse

from mitsumori.model.commands import arguments as shared
from mitsumori.model.commands.answers import Answer, Table
from mitsumori.model.commands.progress import Progress


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    shared.take_format(parser)
    shared.take_language(parser)


def run(given: argparse.Namespace) -> Answer:
    """A row a training: size, data, hardware, days published and estimated."""
    from mitsumori.model.study.published import published_table, published_text

    language = shared.language_of(given)

    def document() -> dict[str, object]:
        with Progress("published"):
            return {"trainings": published_table()}

    return Answer(lambda: published_text(language), document, lambda: Table.of(published_table()))
