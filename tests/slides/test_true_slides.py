"""Every sentence of the slides and of the page is true of the figures beside it, for all samples, in both languages."""

from __future__ import annotations

import csv
import io
import re
from functools import cache
from typing import Any

import pytest
from pptx import Presentation

from mitsumori.model.base.format import days_number
from mitsumori.model.base.messages import text as message
from mitsumori.model.commands.export import bill_of_materials
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, sample_names
from mitsumori.model.slides import deck, to_bytes
from mitsumori.model.slides.blocks import Deck, Slide
from mitsumori.model.slides.html import page
from mitsumori.model.workbook import described
from mitsumori.model.workbook.description import Workbook
from tests.slides.test_page import Read
from tests.workbook.parity import SETTINGS

LANGUAGES = ("ja", "en")
STATES: dict[str, dict[str, Any]] = {
    "never pays": {"money.cloud.price_per_hour": 0.5},
    "no rate, no staff cost": {"money.usd_jpy": None, "money.onprem.staff_cost_per_year": None},
    "no cloud": {"money.cloud.instance": None},
    "does not fit": {"parallel.auto": False, "parallel.tp": 1, "parallel.pp": 1, "parallel.zero_stage": 0, "facility.rack_kva": 6.0},
    "84 months, in dollars": {"money.horizon_months": 84, "money.currency": "USD"},
    "12 months, works priced": {"money.horizon_months": 12, "money.onprem.power_works": 5e6},
    "further servers, a refresh, disposal": {
        "cluster.more": [{"server": "DGX-B200", "servers": 2}], "money.prices.server:DGX-B200": {"price": 61e6, "currency": "JPY"},
        "money.onprem.refresh_share": 0.3, "money.onprem.refresh_month": 40, "money.onprem.disposal_per_server": 3e5,
        "money.onprem.residual_share": 0.1,
    },
    "reserved": {"money.cloud.term": "reserved_3y", "money.cloud.reserved_3y_per_hour": 30.0},
}  # fmt: skip
CASES = [*((name, None) for name in sample_names()), *(("llama3-70b-continual", state) for state in STATES)]


@cache
def made(sample: str, state: str | None, language: str) -> tuple[Workbook, Deck, Any]:
    plan = load_sample(sample).plans[0]
    if state is not None:
        plan = plan.with_values(STATES[state])
    books = described((plan,), language, "customer", SETTINGS, today=SETTINGS.issue_date)
    slides = deck(books)
    return books[0], slides, Presentation(io.BytesIO(to_bytes(slides)[0]))


def slide(slides: Deck, key: str) -> Slide | None:
    return next((one for one in slides.slides if one.key == key), None)


def amount(text: str) -> float:
    """A number as shown, ▲ below zero."""
    return float(text.replace("−", "-").replace("▲", "-").replace(",", "").rstrip("%"))


def whole(book: Workbook, name: str) -> float | None:
    return book.names[name].number


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("sample", "state"), CASES)
def test_the_month_of_the_titles_is_that_of_the_native_charts_own_numbers(
    sample: str, state: str | None, language: str
) -> None:
    book, slides, file = made(sample, state, language)
    cumulative = slide(slides, "cumulative")
    assert cumulative is not None
    before, after = (message("workbook", f"conclusion_break_even_{end}", language) for end in ("before", "after"))
    named = {
        int(match)
        for one in slides.slides
        for match in re.findall(rf"{re.escape(before)}(\d+){re.escape(after)}", one.title)
    }
    frame = next((s for s in file.slides[slides.slides.index(cumulative)].shapes if s.has_chart), None)
    series = {} if frame is None else {one.name: list(one.values) for one in frame.chart.plots[0].series}
    cloud, owned = (series.get(message("workbook", f"side_{side}", language)) for side in ("cloud", "onprem"))
    if cloud is None or owned is None:
        assert not named
        return
    reached = [month for month, (rent, own) in enumerate(zip(cloud, owned, strict=True)) if own <= rent + 0.5]
    serves = "out_serving_servers" in book.names
    assert named == (set() if serves or not reached else {reached[0]})
    assert len(owned) == int(whole(book, "use_money_horizon_months") or 0) + 1, "to the end of the horizon, no further"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("sample", "state"), CASES)
def test_titles_say_what_the_tables_and_charts_beside_them_show(sample: str, state: str | None, language: str) -> None:
    book, slides, _ = made(sample, state, language)
    training, memory, racks = (slide(slides, key) for key in ("training", "memory", "racks"))
    if training is not None and whole(book, "out_training_days") is not None:
        days = whole(book, "out_training_days") or 0.0
        unit = message("workbook", "unit_days", language) if days >= 1 else ""
        written = days_number(days, language)
        assert [row for row in training.tables[0].rows if row[1:3] == (written, unit)]
        assert written in training.title
        assert f"{whole(book, 'cst_gpus'):,.0f}" in training.title
    if memory is not None and memory.charts:
        peak = sum(item.values[-1] or 0.0 for item in memory.charts[0].series)
        total = whole(book, "out_memory_per_gpu_total_bytes")
        assert total is not None
        assert peak * (1e9 if peak < 1e7 else 1.0) == pytest.approx(total, rel=1e-9)
        assert f"{total / 1e9:,.1f}" in memory.title
        fits = total <= (whole(book, "out_memory_per_gpu_capacity_bytes") or 0.0)
        key = message("slides", "memory_title_fits" if fits else "memory_title_no", language, total="", capacity="")
        assert key.split()[-1][-3:] in memory.title
    assert racks is not None
    total_racks = whole(book, "out_facility_details_total_racks")
    if total_racks is not None:
        assert f"{total_racks:,.0f}" in racks.title
        assert racks.tables[0].rows[0][1] == f"{total_racks:,.0f}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("sample", "state"), CASES)
def test_lines_add_up_to_the_total_and_the_title_names_it(sample: str, state: str | None, language: str) -> None:
    """In millions with one decimal: to within half a unit of the last place for each line."""
    book, slides, _ = made(sample, state, language)
    lines = slide(slides, "lines")
    assert lines is not None
    rows, strong = lines.tables[0].rows, lines.tables[0].strong_rows
    if whole(book, "out_cost_onprem_total") is None:
        assert lines.title == message("slides", "lines_title_open", language)
        return
    numbers = [row[1] for index, row in enumerate(rows) if index not in strong]
    added = sum(amount(number) for number in numbers if re.fullmatch(r"[-−▲]?[\d,.]+", number))
    assert added == pytest.approx(amount(rows[strong[0]][1]), abs=0.05 * len(rows) + 0.05)
    left = str(book.names["out_cost_left_out"].value)
    nothing = left.endswith(message("workbook", "left_out_nothing", language))
    assert (lines.notice == "") is nothing
    assert nothing or lines.notice == left
    opened = message("workbook", "open", language)
    assert any(number == opened for number in numbers) is not nothing


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("sample", "state"), CASES)
def test_the_cheapest_and_the_most_moving_are_named_rightly(sample: str, state: str | None, language: str) -> None:
    _, slides, _ = made(sample, state, language)
    clouds, factors = slide(slides, "clouds"), slide(slides, "factors")
    assert clouds is not None and factors is not None
    values = [value or 0.0 for value in clouds.charts[0].series[0].values] if clouds.charts else []
    own = message("slides", "owned_row", language)
    known = bool(values) and clouds.charts[0].categories[0] == own and len(values) > 1
    key = "clouds_title_open" if not known else (
        "clouds_title_owned" if values[0] <= min(values[1:]) else "clouds_title_cloud")  # fmt: skip
    assert clouds.title == message("slides", key, language)
    if factors.charts:
        low, high = (item.values for item in factors.charts[0].series)
        spans = [abs((b or 0.0) - (a or 0.0)) for a, b in zip(low, high, strict=True)]
        first = str(factors.charts[0].categories[spans.index(max(spans))])
        assert factors.title == message("slides", "factors_title", language, factor=first)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("sample", "state"), CASES)
def test_the_page_says_every_sentence_and_figure_of_the_slides(sample: str, state: str | None, language: str) -> None:
    book, slides, _ = made(sample, state, language)
    said = "\n".join(Read(page([book]).decode()).text)
    for one in slides.slides[1:]:
        for words in (one.title, one.subtitle, one.notice, *one.points, *one.notes):
            assert words in said
        for figure in one.figures:
            assert figure.value in said and figure.note in said
        for table in one.tables:
            assert all(cell in said for row in table.rows for cell in row)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", sample_names())
def test_the_bill_counts_what_the_slides_and_the_sheet_count(sample: str, language: str) -> None:
    book, _, _ = made(sample, None, language)
    plan: Plan = load_sample(sample).plans[0]
    rows = list(csv.reader(io.StringIO(bill_of_materials((book,), (plan,)).decode("utf-8-sig"))))[1:]
    assert [int(row[1]) for row in rows] == list(range(1, len(rows) + 1))
    named = {row[2]: row[5] for row in rows}
    servers = whole(book, "lock_fleet") if "lock_fleet" in book.names else None
    assert servers is None or str(round(servers)) in named.values()
    sheet = {str(cell.value) for cell in book.sheets["configuration"].cells.values()}
    for row in rows:
        assert row[2] in sheet
        assert row[6] in sheet
