"""pandas frames as tables: the same numbers, units in the heads, unknown ones missing."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitsumori.gui.tables.frames import of_frame
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.training_table import training_table

VALUES = st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=8)


@given(VALUES)
def test_the_numbers_of_a_frame_are_those_of_its_table(values: list[float | None]) -> None:
    frame = pd.DataFrame({"Name": [f"row {at}" for at in range(len(values))], "Power": pd.Series(values, dtype=float)})
    table = of_frame(frame, {"Power": "kW"})
    assert table.headers == ("Name", "Power (kW)")
    assert [table.cell(row, 1).value for row in range(len(values))] == values
    assert table.columns[1].number
    assert [row[0] for row in table.texts()] == [f"row {at}" for at in range(len(values))]


def test_a_training_table_as_a_frame_is_shown_with_units_and_sums() -> None:
    plan = load_sample("llama3-70b-continual").plan.with_values({"table.servers": (4, 8, 16)})
    cells = training_table(plan).rows[0].cells
    frame = pd.DataFrame({"GPUs": [c.accelerators for c in cells], "Time": [c.days for c in cells]}, dtype=float)
    table = of_frame(frame, {"Time": "days"}, {"GPUs": lambda value: f"{value:,.0f}"})
    assert table.headers == ("GPUs", "Time (days)")
    assert [table.cell(row, 0).text for row in range(3)] == ["32", "64", "128"]
    assert sum(table.cell(row, 1).value or math.nan for row in range(3)) == pytest.approx(frame["Time"].sum())
    assert float(table.tsv().split("\n")[1].split("\t")[1]) == pytest.approx(cells[0].days, rel=1e-11)
