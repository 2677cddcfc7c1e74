"""``mitsumori fit [RUNS.csv]``: refit the constants from measured runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mitsumori.model.commands import arguments as shared
from mitsumori.model.commands.answers import Answer, Table, give, records_of
from mitsumori.model.commands.files import as_file
from mitsumori.model.commands.progress import Progress

if TYPE_CHECKING:
    from mitsumori.model.calibration.fit_report import FitReport
    from mitsumori.model.calibration.serving_fit import ServingFit


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("runs", metavar="RUNS.csv", type=Path, nargs="?",
                        help="a run a row (resources/runs/README.md), or - for standard input; default: the runs that "
                             "ship")  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FILE",
                        help="the data file to write (step.json; of a serving file serving.json)")  # fmt: skip
    shared.take_format(parser, out=False)
    shared.take_language(parser)
    parser.add_argument("--no-write", action="store_true", help="print the residuals only")
    parser.add_argument("--sources", action="store_true", help="also refit without each source, model and family")


def run(given: argparse.Namespace) -> int:
    """Fit, print the residuals by group, write the constants."""
    from mitsumori.model.calibration import fit
    from mitsumori.model.calibration.serving_files import is_serving_file

    answer: Answer
    with Progress("fit"):
        if given.runs is None:
            answer = _of_training(fit.run(None, out=_target(given, "step.json"), sources=given.sources))
        else:
            with as_file(given.runs) as path:
                if is_serving_file(path):
                    from mitsumori.model.calibration.serving_fit import fit_serving

                    answer = _of_serving(fit_serving(path, _target(given, "serving.json")))
                else:
                    answer = _of_training(fit.run(path, out=_target(given, "step.json"), sources=given.sources))
    return give(answer, given.format, None)


def _target(given: argparse.Namespace, name: str) -> Path | None:
    return None if given.no_write else given.out or Path(name)


def _of_training(report: FitReport) -> Answer:
    """Residuals of left-out groups: a row a group, under the table that it belongs to."""
    rows = records_of(report.to_frame())
    document = {"constants": dict(report.constants.values), "residuals": rows}
    return Answer(report.text, lambda: document, lambda: Table.of(rows))


def _of_serving(report: ServingFit) -> Answer:
    """Errors of rows left out: a row a class and metric."""
    rows = records_of(report.to_frame())
    document = {"constants": report.document()["constants"], "residuals": rows}
    return Answer(report.text, lambda: document, lambda: Table.of(rows))
