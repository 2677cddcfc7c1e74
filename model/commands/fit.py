"""``mitsumori fit [RUNS.csv]``: refit the constants from measured runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from mitsumori.model.commands import arguments as shared
from mitsumori.model.commands.answers import say
from mitsumori.model.commands.progress import Progress


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("runs", metavar="RUNS.csv", type=Path, nargs="?",
                        help="a run a row (resources/runs/README.md); default: the runs that ship")  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FILE",
                        help="the data file to write (step.json; of a serving file serving.json)")  # fmt: skip
    shared.take_language(parser)
    parser.add_argument("--no-write", action="store_true", help="print the residuals only")
    parser.add_argument("--sources", action="store_true", help="also refit without each source, model and family")


def run(given: argparse.Namespace) -> int:
    """Fit, print the residuals by group, write the constants."""
    from mitsumori.model.calibration import fit
    from mitsumori.model.calibration.serving_runs import is_serving_file

    with Progress("fit"):
        if given.runs is not None and is_serving_file(given.runs):
            from mitsumori.model.calibration.serving_fit import fit_serving

            text = fit_serving(given.runs, None if given.no_write else given.out or Path("serving.json")).text()
        else:
            text = fit.run(
                given.runs, out=None if given.no_write else given.out or Path("step.json"), sources=given.sources
            ).text()
    say(text)
    return 0
