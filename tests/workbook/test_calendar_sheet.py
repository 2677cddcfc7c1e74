"""The calendar's sheet and slide: its months add up as formulas, and the costs of every plan count with it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import formualizer
import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.calendar import CalendarEntry, occupancy
from mitsumori.model.plan.project import load_sample
from mitsumori.model.plan.scheduled import scheduled
from mitsumori.model.slides import deck
from mitsumori.model.workbook import described, to_bytes
from mitsumori.model.workbook.description import Workbook
from tests.workbook import parity

SERVES, LEARNS = load_sample("serve-chat-500").plan, load_sample("llama3-8b-lora").plan
ENTRIES = (
    CalendarEntry(
        plan=SERVES.name, begin=dt.date(2027, 4, 1), weekdays=("mon", "tue", "wed", "thu", "fri"), hours=(8.0, 20.0)
    ),
    CalendarEntry(plan=LEARNS.name, begin=dt.date(2027, 4, 1), end=dt.date(2027, 9, 30), hours=(19.0, 6.0), share=0.5),
)


@pytest.fixture(scope="module")
def books() -> tuple[Workbook, ...]:
    return described((SERVES, LEARNS), "en", "customer", parity.SETTINGS, calendar=ENTRIES)


def test_the_months_add_up_to_the_utilization_that_the_costs_count_with(
    books: tuple[Workbook, ...], tmp_path: Path
) -> None:
    engine = formualizer.load_workbook(str(parity.write(tmp_path / "book.xlsx", parity.poison(to_bytes(books[0])))))
    engine.evaluate_all()
    cell = books[0].names["out_calendar_utilization"]
    got = engine.get_value("Calendar", cell.row, cell.column)
    assert got == pytest.approx(occupancy(ENTRIES, SERVES.money.horizon_months).utilization, rel=1e-9)
    wrong = [
        c for c in books[0].formulas()
        if c.sheet == "calendar" and not parity.same(engine.get_value("Calendar", c.row, c.column), c)
    ]  # fmt: skip
    assert not wrong
    assert books[0].names["out_cost_details_utilization"].value == pytest.approx(got, rel=1e-9)
    assert books[1].names["out_cost_details_utilization"].value == pytest.approx(got, rel=1e-9)


def test_every_plan_is_the_one_that_the_window_shows(books: tuple[Workbook, ...]) -> None:
    for plan, book in zip((SERVES, LEARNS), books, strict=True):
        shown = estimate(scheduled(plan, ENTRIES))
        assert book.names["out_cost_onprem_total"].value == pytest.approx(shown.cost.onprem.total.value)
    assert "calendar" in books[0].sheets and "calendar" not in books[1].sheets


def test_clashes_and_slide_are_there(books: tuple[Workbook, ...]) -> None:
    said = [str(cell.value) for cell in books[0].sheets["calendar"].cells.values()]
    assert any("150 % of the cluster" in line for line in said)
    slides = deck(books).slides
    page = next(slide for slide in slides if slide.key == "calendar")
    assert LEARNS.name in [row[0] for row in page.tables[0].rows]
    assert page.charts


def test_without_a_calendar_there_is_neither(tmp_path: Path) -> None:
    book = described((SERVES,), "ja", "customer", parity.SETTINGS)
    assert "calendar" not in book[0].sheets
    assert "calendar" not in [slide.key for slide in deck(book).slides]
