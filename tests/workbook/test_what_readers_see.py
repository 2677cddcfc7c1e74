"""What a reader of the file meets: only what concerns the plan, in his language, with its unit."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mitsumori.model.base.messages import text as message
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample, sample_names
from mitsumori.model.workbook import build
from mitsumori.model.workbook.description import Workbook
from tests.workbook.parity import SETTINGS

SAMPLE = "llama3-70b-continual"


def book_of(sample: str, language: str, changes: dict[str, Any] | None = None) -> Workbook:
    plan = load_sample(sample).plans[0].with_values(changes or {})
    return build(plan, estimate(plan), language, "customer", SETTINGS)  # type: ignore[arg-type]


def words(book: Workbook, sheet: str) -> list[str]:
    return [cell.value for cell in book.sheets[sheet].cells.values() if isinstance(cell.value, str)]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("sample", [name for name in sample_names() if name.startswith("serve")])
def test_sheets_of_a_training_stand_behind_a_plan_that_serves_and_say_so(sample: str, language: str) -> None:
    book = book_of(sample, language)
    keys = list(book.sheets)
    assert keys.index("serving") < keys.index("books") < keys.index("memory") < keys.index("training")
    said = message("workbook", "training_aside_answer", language)
    for key in ("memory", "training"):
        assert book.sheets[key].cells[2, 1].value == said
        assert book.sheets[key].title != message("workbook", f"{key}_tab", language)
    assert words(book, "contents").count(said) == 2
    assert len(keys) == len(set(keys))


def test_a_training_keeps_them_in_front() -> None:
    keys = list(book_of(SAMPLE, "ja").sheets)
    assert keys.index("memory") < keys.index("training") < keys.index("facility")


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("sample", [SAMPLE, "serve-chat-500"])
def test_the_summary_names_the_months_from_the_order_to_use(sample: str, language: str) -> None:
    before, after = message("workbook", "kpi_lead_note", language, months="{months}").split("{months}")
    for months, said in ((0, False), (5, True)):
        shown = words(book_of(sample, language, {"money.onprem.works_months": float(months)}), "summary")
        assert any(f"{before}{months}{after}" in one for one in shown) == said
        assert said or not any(before in one for one in shown)


def test_our_own_japanese_copy_says_where_ends_come_from_in_japanese() -> None:
    for sample in (SAMPLE, "bloom-176b"):
        plan = load_sample(sample).plans[0]
        sheet = build(plan, estimate(plan), "ja", "internal", SETTINGS).sheets["sensitivity"]  # type: ignore[arg-type]
        bases = [str(cell.value) for cell in sheet.cells.values() if cell.column == 10 and cell.role == "basis"]
        assert len(bases) >= 10
        assert all(re.search(r"[ぁ-んァ-ン一-龠]", one) for one in bases), bases


def test_one_rack_is_no_racks() -> None:
    one, more = (str(book_of(name, "en").names["out_summary_conclusion"].value) for name in ("serve-chat-500", SAMPLE))
    assert "in 1 rack, " in one
    assert "in 5 racks, " in more


def test_owning_that_is_cheaper_from_the_order_on_is_so_from_month_1() -> None:
    changes = {"money.cloud.price_per_hour": 0.5, "money.cloud.setup": 3.4e7}
    for language in ("ja", "en"):
        book = book_of(SAMPLE, language, changes)
        assert book.names["out_cost_break_even_month"].number == 0.0
        begins, ends = (message("workbook", f"conclusion_break_even_{end}", language) for end in ("before", "after"))
        said = str(book.names["out_summary_conclusion"].value)
        assert re.search(re.escape(begins) + "1" + re.escape(ends), said)


@pytest.mark.parametrize("sample", sample_names())
def test_no_remark_of_ours_stands_in_a_readers_sheet(sample: str) -> None:
    remarks = ("snapshot date", "(p6-b300", "reference configuration")
    for language, more in (("ja", ("example, replace",)), ("en", ("例示値",))):
        book = book_of(sample, language)
        for cell in book.cells():
            assert not any(one in str(cell.value) for one in (*remarks, *more)), (cell.sheet, cell.row, cell.value)


@pytest.mark.parametrize(("currency", "unit"), [("USD", "ドル/百万トークン"), ("JPY", "円/百万トークン")])
def test_the_prices_of_an_api_say_their_currency(currency: str, unit: str) -> None:
    book = book_of("serve-chat-500", "ja", {"serving.api_price.currency": currency})
    assert words(book, "inputs").count(unit) == 3
