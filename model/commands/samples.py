"""``mitsumori samples``: the plans that ship with the program."""

from __future__ import annotations

import argparse

from mitsumori.model.commands import arguments as shared
from mitsumori.model.commands.answers import Answer, Table
from mitsumori.model.plan.project import sample_names


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    shared.take_format(parser)
    shared.take_language(parser)


def run(_given: argparse.Namespace) -> Answer:
    """One name a line."""
    names = sample_names()
    return Answer(lambda: "\n".join(names), lambda: list(names), lambda: Table(("name",), [(name,) for name in names]))
