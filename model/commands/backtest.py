"""``mitsumori backtest RUNS.csv``: predictions against measured runs, training or serving by the file's columns."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from mitsumori.model.commands import arguments as shared
from mitsumori.model.commands.answers import Answer, Table, records_of
from mitsumori.model.commands.files import as_file
from mitsumori.model.commands.progress import Progress


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("runs", metavar="RUNS.csv", type=Path,
                        help="a run a row; columns as in resources/runs/README.md (a serving file has isl and osl); "
                             "UTF-8 or what Japanese Excel writes; - for standard input")  # fmt: skip
    shared.take_format(parser)
    shared.take_language(parser)


def run(given: argparse.Namespace) -> Answer:
    """The report; its main table is a row a run (serving: a row a run and metric)."""
    from mitsumori.model.calibration.serving_files import is_serving_file

    report: Any
    with as_file(given.runs) as path, Progress("backtest"):
        serving = is_serving_file(path)
        if serving:
            from mitsumori.model.calibration.serving_backtest import backtest_serving

            report = backtest_serving(path)
        else:
            from mitsumori.model.calibration.backtest import backtest

            report = backtest(path)

    language = shared.language_of(given)
    return Answer(
        lambda: report.text(language),
        lambda: report.to_json(language),
        lambda: Table.of(records_of(report.to_frame())),
    )
