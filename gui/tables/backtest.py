"""The runs of a file against their predictions, as a frame: made beside the window, where pandas may take its time."""

from __future__ import annotations

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

    found = report.to_frame(language)
    names = ["id", "skipped_because", "measured", "predicted_tokens_per_s_per_gpu", "error", "low", "high"]
    frame = found.reindex(columns=names)
    frame = frame.astype(dict.fromkeys(frame.columns[2:], "float64"))
    frame["error"] *= 100.0
    frame["skipped_because"] = frame["skipped_because"].fillna(
        pd.Series([row.what for row in report.rows], dtype=object)
    )
    return frame.set_axis([
        translate("Calibrate", "Run"), translate("Calibrate", "What"), translate("Calibrate", "Measured"),
        translate("Calibrate", "Predicted"), translate("Calibrate", "Error"),
        translate("Training", "80 % interval from"), translate("Training", "80 % interval to"),
    ], axis="columns")  # fmt: skip


def runs_table(frame: pd.DataFrame) -> Table:
    """A frame of :func:`runs_frame` as it is shown: speeds to three digits, the error with its sign."""
    what, error = translate("Calibrate", "What"), translate("Calibrate", "Error")
    speeds = [str(name) for name in frame.columns[2:] if name != error]
    units = dict.fromkeys(speeds, translate("Calibrate", "tokens/s per GPU")) | {error: "%"}
    texts = dict.fromkeys(speeds, number) | {error: lambda value: f"{signed(value)} %"}
    return of_frame(frame, units, texts, stretch=what)
