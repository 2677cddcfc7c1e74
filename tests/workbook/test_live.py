"""What a reader changes moves what he sees: charts to the new horizon, days to the new GPU count; and every number says what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mitsumori.model.plan.project import sample_names
from mitsumori.model.workbook import build
from mitsumori.model.workbook.description import Cell, Workbook
from tests.workbook import parity
from tests.workbook.conftest import exported
from tests.workbook.office import Office

SAMPLE = "llama3-70b-continual"


def value(book: Workbook, data: dict[str, Any], cell: Cell) -> Any:
    return data[book.sheets[cell.sheet].title][cell.row - 1][cell.column - 1]


@pytest.mark.libreoffice
@pytest.mark.timeout(300)
def test_charts_and_days_follow_what_is_entered(office: Office, tmp_path: Path) -> None:
    made = exported(SAMPLE)
    described, names = made.workbook, made.workbook.names
    chart = described.sheets["comparison"].charts[0]
    opened = office.open(parity.write(tmp_path / "live.xlsx", parity.poison(made.data)))
    try:
        for months in (84, 60, 24, 12):
            opened.set("in_money_horizon_months", float(months))
            opened.recalculate()
            data = opened.data()
            across = [value(described, data, cell) for cell in chart.categories]
            assert max(across) == months, "the last point of both lines lies on the horizon"
            assert sorted(set(across)) == list(range(months + 1))
            for series, total in zip(chart.series, ("cloud", "onprem"), strict=True):
                last = value(described, data, series.cells[-1])
                whole = value(described, data, names[f"out_cost_{total}_details_compared_total"])
                assert last * (1e6 if abs(last) < 1e6 else 1.0) == pytest.approx(whole, rel=1e-9)
        days = made.workbook.sheets["training"].charts[0].series[1].cells
        before = [value(described, data, cell) for cell in days]
        opened.set("tbl_gpus_2", 2 * float(names["tbl_gpus_2"].number or 0.0))
        opened.recalculate()
        after = [value(described, opened.data(), cell) for cell in days]
        assert after[1] < before[1] * 0.55, "twice the GPUs at the speed that is known there"
        assert after[:1] + after[2:] == before[:1] + before[2:]
    finally:
        opened.close()


LABELS = frozenset(
    {"label", "sublabel", "total_label", "heading", "heading_number", "cell_text", "section", "kpi_label", "cover_label",
     "box_total_label", "note", "locked_text", "const_text", "total"}
)  # fmt: skip
"""Looks of what names a number: a text in its row to the left, or above it in its column or the one beside."""


def unnamed(book: Workbook) -> list[str]:
    """Printed numbers with no text to their left in the row and none above them in the column."""
    found = []
    for sheet in book.sheets.values():
        last, columns = sheet.print_rows or sheet.last_row, sheet.print_columns or len(sheet.widths)
        for (row, column), cell in sheet.cells.items():
            if cell.number is None or row > last or column > columns or cell.role == "heading_number":
                continue
            left = [sheet.cells.get((row, at)) for at in range(1, column)]
            above = [sheet.cells.get((at, column)) for at in range(1, row)]
            beside = sheet.cells.get((row, column + 1))
            texts = [
                one
                for one in (*left, *above, beside)
                if one is not None and isinstance(one.value, str) and one.value.strip()
            ]
            if not any(one.role in LABELS for one in texts):
                found.append(f"{sheet.key}!{row},{column} {cell.value!r} {cell.role}")
    return found


@pytest.mark.parametrize(("language", "audience"), [("ja", "customer"), ("en", "internal")])
@pytest.mark.parametrize("sample", sample_names())
def test_every_printed_number_says_what_it_is(sample: str, language: str, audience: str) -> None:
    assert unnamed(exported(sample, language, audience).workbook) == []


def test_a_number_without_a_name_is_noticed() -> None:
    made = exported(SAMPLE)
    book = build(made.plan, made.estimate, "ja", "customer", parity.SETTINGS, table=made.table)
    book.sheets["cover"].put(15, 7, 20.0, "const", "int")
    cells = book.sheets["cover"].cells
    for at in [key for key in cells if (key[0] == 15 and key[1] < 7) or (key[1] == 7 and key[0] < 15)]:
        del cells[at]
    assert any(text.startswith("cover!15,7") for text in unnamed(book))
