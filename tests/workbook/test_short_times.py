"""A training of minutes is written in minutes wherever the proposal says it: it was "0.0 days" in summary, sheets and slides."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook

from mitsumori.gui.present.pdf_summary import page_of
from mitsumori.model.base.format import clock, days_text
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample
from mitsumori.model.slides import deck
from mitsumori.model.workbook import build, to_bytes
from mitsumori.model.workbook.description import Workbook
from mitsumori.model.workbook.several import merged
from mitsumori.model.workbook.styles import clock_format
from tests.workbook.parity import SETTINGS

NOTHING = re.compile(r"(?<![\d.,])0(?:\.0+)? ?(?:days?|日)")
PLAN = load_sample("mlperf-gpt3").plan


@pytest.mark.parametrize(
    ("days", "language", "written"),
    [
        (599 / 86400, "en", "9 min 59 s"), (599 / 86400, "ja", "9分59秒"), (0.5 / 86400, "en", "0 min 1 s"),
        (1 / 24, "en", "1 h 0 min"), (9659 / 86400, "ja", "2時間40分"), (1.0, "en", "1.0 days"), (25.94, "ja", "25.9 日"),
    ],
)  # fmt: skip
def test_a_time_is_written_in_its_units(days: float, language: str, written: str) -> None:
    assert days_text(days, language) == written


def texts(book: Workbook) -> Iterator[str]:
    """All that summary, sheets and slides say in words."""
    for sheet in book.sheets.values():
        yield from (str(cell.value) for cell in sheet.cells.values() if isinstance(cell.value, str))
        yield from (chart.alt for chart in sheet.charts)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("sample", ["mlperf-gpt3", "llama3-8b-lora"])
def test_no_part_of_a_proposal_says_0_0_days(sample: str, language: str) -> None:
    plan = load_sample(sample).plan
    result = estimate(plan)
    assert result.training.days.value is not None and result.training.days.value < 0.05
    written = clock(result.training.days.value, language)
    book = build(plan, result, language, "customer", SETTINGS)  # type: ignore[arg-type]
    assert written in book.said["days"]
    assert not [text for text in texts(book) if NOTHING.search(text)]
    cell = book.names["out_training_days"]
    assert cell.number == result.training.days.value, "the cell stays a number of days"
    file = load_workbook(io.BytesIO(to_bytes(book)))
    page = file[book.sheets["training"].title]
    rules = [
        rule
        for area in page.conditional_formatting
        if cell.ref.split("!")[1].rstrip("]") in area
        for rule in area.rules
    ]
    formats = [rule.dxf.numFmt.formatCode for rule in rules if rule.dxf.numFmt is not None]
    assert formats == [clock_format(language)], "minutes are shown as minutes as long as they are"
    assert isinstance(page.cell(cell.row, cell.column).value, str)
    assert isinstance(
        load_workbook(io.BytesIO(to_bytes(book)), data_only=True)[page.title].cell(cell.row, cell.column).value, float
    )
    assert book.sheets["training"].cells[cell.row, 3].value == "", "no days behind minutes"
    slides = deck([book]).slides
    shown = [figure.value for slide in slides for figure in slide.figures]
    assert written in shown
    rows = [row for slide in slides for table in slide.tables for row in table.rows]
    assert any(written in row for row in rows)
    said = [
        text for slide in slides for text in (slide.title, *slide.points, *(figure.note for figure in slide.figures))
    ]
    assert not [text for text in said if NOTHING.search(text)]
    page = page_of(plan, result, language, SETTINGS)
    assert written in [figure.value for figure in page.figures]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_scenarios_of_minutes_and_days_stand_side_by_side(language: str) -> None:
    longer = PLAN.with_values({"name": "Longer", "workload.tokens": 1e13})
    books = [build(plan, estimate(plan), language, "customer", SETTINGS) for plan in (PLAN, longer)]  # type: ignore[arg-type]
    slide = next(slide for slide in deck(books).slides if slide.key == "plans")
    assert clock(books[0].names["out_training_days"].number or 0.0, language) in slide.title
    whole = merged(books)
    assert [
        cell.fmt for cell in whole.sheets["plans"].cells.values() if "out_training_days" in (cell.formula or "")
    ] == ["days"] * 6
