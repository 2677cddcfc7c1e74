"""``mitsumori fields``: every input with unit, bounds and standard."""

from __future__ import annotations

import argparse

from mitsumori.model.commands import arguments as shared
from mitsumori.model.commands.answers import Answer, Table


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    shared.take_format(parser)
    shared.take_language(parser)


def run(given: argparse.Namespace) -> Answer:
    """A row an input."""
    from mitsumori.model.plan.inputs import fields_document, fields_text

    language = shared.language_of(given)
    return Answer(lambda: fields_text(language), fields_document, lambda: Table.of(fields_document()))
