"""Prices in one currency and a proposal in the other: one total in every kind of file, with the right unit on every amount."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest

from mitsumori.model.base.messages import text as message
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.slides import deck
from mitsumori.model.slides.html import page
from mitsumori.model.workbook import described
from mitsumori.model.workbook.description import Workbook
from tests.workbook.parity import SETTINGS

RATE = 150.0
PRICES: dict[str, dict[str, Any]] = {
    "as the plan": {},
    "list price in dollars": {"money.onprem.server_price": 45e6 / RATE, "money.onprem.price_currency": "USD"},
    "hour in yen": {"money.cloud.price_per_hour": 68.8 * RATE, "money.cloud.price_currency": "JPY"},
    "both turned": {
        "money.onprem.server_price": 45e6 / RATE, "money.onprem.price_currency": "USD",
        "money.cloud.price_per_hour": 68.8 * RATE, "money.cloud.price_currency": "JPY",
    },
}  # fmt: skip
"""The same amounts in the one or the other currency; sold in yen, as the owned side's prices are."""
TOTALS = ("out_cost_onprem_total", "out_cost_onprem_initial", "out_cost_onprem_monthly", "out_cost_cloud_total")


@cache
def plan_of(case: str, currency: str) -> Plan:
    plan = load_sample("llama3-70b-continual").plans[0].with_values({"money.usd_jpy": RATE, "money.currency": currency})
    return plan.with_values(PRICES[case])


@cache
def book_of(case: str, currency: str, audience: str = "customer", language: str = "ja") -> Workbook:
    plan = plan_of(case, currency)
    return described((plan,), language, audience, SETTINGS, today=SETTINGS.issue_date)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["JPY", "USD"])
@pytest.mark.parametrize("case", PRICES)
def test_totals_are_one_in_both_currencies_and_copies(case: str, currency: str) -> None:
    rate = 1.0 if currency == "JPY" else RATE
    program, wanted = estimate(plan_of(case, currency)).cost, estimate(plan_of("as the plan", "JPY")).cost
    assert program.onprem.total.value == pytest.approx((wanted.onprem.total.value or 0.0) / rate, rel=1e-9)
    assert program.cloud.total.value == pytest.approx((wanted.cloud.total.value or 0.0) / rate, rel=1e-9)
    assert program.break_even_month.value == pytest.approx(wanted.break_even_month.value, rel=1e-9)
    yen = book_of("as the plan", "JPY").names
    for audience in ("customer", "internal"):
        names = book_of(case, currency, audience).names
        for name in TOTALS:
            assert names[name].number == pytest.approx((yen[name].number or 0.0) / rate, rel=1e-9), (audience, name)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("currency", ["JPY", "USD"])
@pytest.mark.parametrize("case", PRICES)
def test_every_amount_has_the_unit_of_the_proposal(case: str, currency: str, language: str) -> None:
    book = book_of(case, currency, language=language)
    other = "USD" if currency == "JPY" else "JPY"
    mine, foreign = (message("workbook", f"unit_money_{name}", language) for name in (currency, other))
    for key in ("cover", "summary", "estimate_cost", "comparison", "books"):
        sheet = book.sheets[key]
        last = sheet.print_rows or sheet.last_row
        units = {
            str(c.value) for c in sheet.cells.values() if c.role in ("unit", "total_unit") and c.value and c.row <= last
        }
        assert foreign not in units, key
        heads = {
            str(c.value)
            for c in sheet.cells.values()
            if c.row <= last and c.role in ("section", "heading_number", "kpi_label")
        }
        assert not [head for head in heads if re.search(rf"[（(]{foreign}|{foreign}[)）]", head)], key
    box = next(cell for cell in book.sheets["cover"].cells.values() if cell.role == "box_total" and cell.value)
    assert box.fmt == f"box_{currency}"
    slides = deck([book])
    amounts = " ".join(figure.value for slide in slides.slides for figure in slide.figures)
    amounts += " ".join(slide.title for slide in slides.slides if slide.key in ("lines", "cumulative"))
    marks = {("JPY", "ja"): "円", ("USD", "ja"): "ドル", ("JPY", "en"): "¥", ("USD", "en"): "$"}
    assert marks[currency, language] in amounts
    assert marks[other, language] not in amounts
    lines = next(slide for slide in slides.slides if slide.key == "lines")
    assert mine in lines.tables[0].heads[1]
    html = page([book]).decode()
    assert lines.title in html


def test_a_dollar_proposal_speaks_of_no_yen_on_its_cover() -> None:
    cover = " ".join(str(cell.value) for cell in book_of("as the plan", "USD").sheets["cover"].cells.values())
    assert "円" not in cover and "ドル" in cover
