"""``mitsumori export PLAN OUT.xlsx``: write the proposal."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.commands import arguments as shared
from mitsumori.model.commands.progress import Progress


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    shared.take_plan(parser)
    parser.add_argument("out", metavar="OUT.xlsx", type=Path)
    shared.take_language(parser)
    parser.add_argument("--audience", choices=("customer", "internal"), default="customer",
                        help="customer (default): nothing internal; internal: purchase prices and margins too")  # fmt: skip


def run(given: argparse.Namespace) -> int:
    """Write the workbook."""
    from mitsumori.model.base.files import fingerprint
    from mitsumori.model.estimate.estimate import estimate
    from mitsumori.model.workbook import export

    # A name without .xlsx is refused, so that the name given is always the name written.
    if given.out.suffix.lower() != ".xlsx":
        raise Refusal(Sentence("commands", "export_suffix", {"value": f"{str(given.out)!r:.80}"}))
    expect = fingerprint(given.out)
    project, plan = shared.load(given)
    context = shared.context(project)
    with Progress("export"):
        result = estimate(plan, **context, today=dt.date.today())
        language = shared.language_of(given, plan)
        export(
            plan,
            result,
            given.out,
            language,
            audience=given.audience,
            expect=expect,
            proposal=project.proposal,
            **context,
        )
    return 0
