"""The runs of a file against their predictions, as a frame: made beside the window, where pandas may take its time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import number, signed
from mitsumori.gui.tables.columns import Table
from mitsumori.gui.tables.frames import of_frame

if TYPE_CHECKING:
    import pandas as pd

    from mitsumori.model.calibration.backtest import BacktestReport

translate = QCoreApplication.translate


def runs_frame(report: BacktestReport, language: str) -> pd.DataFrame:
    """One row a run: measured and predicted speed in tokens/s of a GPU, the signed error in per cent, the 80 % interval.

    Parameters
    ----------
    report
        What was predicted for the runs of a file.
    language
        ``ja`` or ``en``, of the reasons why a run was not predicted.

    Returns
    -------
    pandas.DataFrame
        Heads in the language of the window; unknown numbers are missing.
    """
    import pandas as pd

    rows = report.rows
    whys = [row.what if row.skipped_because is None else row.skipped_because.text(language) for row in rows]
    numbers = {
        translate("Calibrate", "Measured"): [row.measured for row in rows],
        translate("Calibrate", "Predicted"): [row.predicted for row in rows],
        translate("Calibrate", "Error"): [None if row.error is None else 100.0 * row.error for row in rows],
        translate("Training", "80 % interval from"): [row.low for row in rows],
        translate("Training", "80 % interval to"): [row.high for row in rows],
    }
    names = {translate("Calibrate", "Run"): [row.id for row in rows], translate("Calibrate", "What"): whys}
    frame = pd.DataFrame(names, dtype=object)
    for head, values in numbers.items():
        frame[head] = pd.Series([math.nan if value is None else value for value in values], dtype="float64")
    return frame


def runs_table(frame: pd.DataFrame) -> Table:
    """A frame of :func:`runs_frame` as it is shown: speeds to three digits, the error with its sign."""
    what, error = translate("Calibrate", "What"), translate("Calibrate", "Error")
    speeds = [str(name) for name in frame.columns[2:] if name != error]
    units = dict.fromkeys(speeds, translate("Calibrate", "tokens/s per GPU")) | {error: "%"}
    texts = dict.fromkeys(speeds, number) | {error: lambda value: f"{signed(value)} %"}
    return of_frame(frame, units, texts, stretch=what)
