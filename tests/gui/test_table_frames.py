"""Tables as pandas frames and back: the same numbers, units in the heads, unknown ones missing."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitsumori.gui.tables.columns import Cell, Column, Table
from mitsumori.gui.tables.frames import of_frame, to_frame
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.training_table import training_table

VALUES = st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=8)


@given(VALUES)
def test_numbers_go_to_a_frame_and_come_back(values: list[float | None]) -> None:
    rows = tuple((Cell(f"row {at}"), Cell("shown", value)) for at, value in enumerate(values))
    frame = to_frame(Table((Column("Name"), Column("Power", "kW", number=True)), rows))
    assert list(frame.columns) == ["Name", "Power (kW)"]
    if any(value is not None for value in values):
        back = of_frame(frame)
        assert [back.cell(row, 1).value for row in range(len(values))] == values
        assert back.columns[1].number
    assert back_texts(frame) == [f"row {at}" for at in range(len(values))]


def back_texts(frame: pd.DataFrame) -> list[str]:
    return [row[0] for row in of_frame(frame).texts()]


def test_a_head_that_occurs_twice_keeps_both_columns() -> None:
    frame = to_frame(Table((Column("a", number=True), Column("a", number=True)), ((Cell("1", 1.0), Cell("2", 2.0)),)))
    assert frame.to_numpy().tolist() == [[1.0, 2.0]]
    assert len(set(frame.columns)) == 2


def test_a_training_table_as_a_frame_is_shown_with_units_and_sums() -> None:
    plan = load_sample("llama3-70b-continual").plan.with_values({"table.servers": (4, 8, 16)})
    cells = training_table(plan).rows[0].cells
    frame = pd.DataFrame({"GPUs": [c.accelerators for c in cells], "Time": [c.days for c in cells]}, dtype=float)
    table = of_frame(frame, {"Time": "days"}, {"GPUs": lambda value: f"{value:,.0f}"})
    assert table.headers == ("GPUs", "Time (days)")
    assert [table.cell(row, 0).text for row in range(3)] == ["32", "64", "128"]
    assert sum(table.cell(row, 1).value or math.nan for row in range(3)) == pytest.approx(frame["Time"].sum())
    assert float(table.tsv().split("\n")[1].split("\t")[1]) == pytest.approx(cells[0].days, rel=1e-11)
