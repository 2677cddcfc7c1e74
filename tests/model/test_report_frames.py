"""Reports of backtest and fit as pandas frames: the figures of their documents, typed, with unknown ones missing."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mitsumori.model.base.csv_files import read_rows
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.calibration.backtest import backtest
from mitsumori.model.calibration.fit_report import FitReport
from mitsumori.model.calibration.serving_backtest import backtest_serving
from mitsumori.model.calibration.serving_files import read_serving_rows
from mitsumori.model.commands.answers import records_of
from mitsumori.model.kernels.constants import shipped

RUNS = Path(__file__).parents[2] / "resources" / "runs" / "runs_memory.csv"
NUMBERS = ("predicted_tokens_per_s_per_gpu", "measured", "error", "low", "high")


def test_a_backtest_as_a_frame_has_the_summary_of_its_report() -> None:
    report = backtest(RUNS)
    frame = report.to_frame()
    assert frame["id"].tolist() == [row.id for row in report.rows]
    assert all(frame[name].dtype == float for name in NUMBERS)
    assert frame["error"].abs().median() == pytest.approx(report.overall.median_abs_error)
    assert frame["predicted_tokens_per_s_per_gpu"].notna().sum() == sum(
        row.predicted is not None for row in report.rows
    )
    assert frame["measured"].isna().tolist() == [row.measured is None for row in report.rows]
    laid_out = replace(
        report.rows[0], layout={"tp": 8, "recompute": "full"}
    )  # a whole training, for which one was searched
    mixed = replace(report, rows=(laid_out, report.rows[1])).to_frame()
    assert mixed["parallel.tp"].tolist() == [8, pd.NA]
    assert pd.api.types.is_integer_dtype(mixed["parallel.tp"])
    assert records_of(mixed)[1]["parallel.recompute"] is None


def test_a_serving_backtest_as_a_frame_has_a_row_a_metric(tmp_path: Path) -> None:
    rows = pd.DataFrame(read_serving_rows(None)).iloc[:40]
    path = tmp_path / "serving.csv"
    rows.to_csv(path, index=False)
    report = backtest_serving(path)
    frame = report.to_frame()
    assert set(frame["id"]) == {row.id for row in report.rows}
    summary = report.summary()
    assert summary
    for metric, found in summary.items():
        errors = frame.loc[frame["metric"] == metric, "error"].abs()
        assert len(errors) == found["n"]
        assert float(np.median(errors)) == pytest.approx(found["median_abs_error"])


def test_a_fit_as_a_frame_has_its_tables_one_below_the_other() -> None:
    tables = {"left out": [("all", 3, 0.1, 0.2, -0.05), ("none", 0, math.nan, math.nan, math.nan)],
              "by model": [("70B", 2, 0.3, 0.4, 0.1)], "coverage by class": [("a", 1, 0.8, 0.1, 0.0)]}  # fmt: skip
    report = FitReport(shipped(), {}, (), np.zeros(0), None, tables)
    frame = report.to_frame()
    assert frame["table"].tolist() == ["left out", "left out", "by model"]
    assert frame["rows"].sum() == 5
    assert frame["median_abs_error"].isna().tolist() == [False, True, False]
    assert records_of(frame)[1] == {"table": "left out", "group": "none", "rows": 0, "median_abs_error": None,
                                    "p90_abs_error": None, "median_error": None}  # fmt: skip
    assert FitReport(shipped(), {}, (), np.zeros(0), None).to_frame().empty


def test_a_row_with_more_cells_than_the_head_is_named_and_a_shorter_one_lacks_them() -> None:
    """A decimal comma or a name with a comma moves every cell behind it: no figure of such a row may be read."""
    with pytest.raises(Refusal, match=r"x\.csv line 3") as caught:
        read_rows("id,gpu,tp\na,h100,8\nb,h100,8,5\n", "x.csv")
    assert "x.csv の 3 行目" in caught.value.text("ja")
    head, rows = read_rows("id;gpu\na;h100\n;\nb\n", "x.csv")
    assert head == ["id", "gpu"]
    assert rows == [(2, {"id": "a", "gpu": "h100"}), (4, {"id": "b"})]
