"""A word that stands for a number has no unit behind it, and no sentence says what the servers cannot do."""

from __future__ import annotations

import re

import pytest

from mitsumori.model.base.messages import text
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.slides import deck
from mitsumori.model.workbook import build
from mitsumori.model.workbook.description import Workbook
from tests.workbook.parity import SETTINGS

WORDS = ("impossible", "unknown", "never", "open")
UNITS = {
    "ja": ("ラック", "kVA", "kW", "ms", "秒", "日", "円", "か月", "百万トークン", "台", "レプリカ"),
    "en": ("racks", "rack", "kVA", "kW", "ms", "s", "days", "JPY", "USD", "months", "M tokens", "servers", "replicas"),
}
STATES: dict[str, dict[str, object]] = {
    "no rack holds a server": {"facility.rack_kva": 2.0},
    "no price": {"money.onprem.server_price": None, "money.usd_jpy": None, "money.cloud.price_per_hour": None},
    "an API without a break-even": {
        "serving.api_price.input": 0.3, "serving.api_price.output": 1.2, "money.onprem.staff_cost_per_year": None,
    },
}  # fmt: skip


def sentences(plan: Plan, language: str) -> list[str]:
    """What the summary and the slides of a plan say."""
    book = build(plan, estimate(plan), language, "customer", SETTINGS)  # type: ignore[arg-type]
    said = [str(cell.value) for cell in book.sheets["summary"].cells.values() if isinstance(cell.value, str)]
    for slide in deck([book]).slides:
        said += [slide.title, slide.subtitle, slide.notice, *slide.points]
        said += [f"{figure.value} | {figure.note}" for figure in slide.figures]
        said += [" ".join(row[1:]) for table in slide.tables for row in table.rows if len(row) == 3]
    return said


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("sample", ["serve-chat-500", "llama3-70b-continual"])
@pytest.mark.parametrize("state", STATES)
def test_no_unit_follows_a_word_that_stands_for_a_number(sample: str, state: str, language: str) -> None:
    words = "|".join(re.escape(text("workbook", key, language)) for key in WORDS)
    units = "|".join(map(re.escape, UNITS[language]))
    wrong = re.compile(rf"(?:{words}) ?(?:{units})(?![A-Za-z])")
    plan = load_sample(sample).plans[0].with_values(STATES[state])
    said = sentences(plan, language)
    assert any(re.search(words, line) for line in said)
    assert not [line for line in said if wrong.search(line)]


def against(plan: Plan, price: float, language: str) -> tuple[Workbook, float, float]:
    """The workbook where an API takes a price, the break-even, and what the servers carry, in tokens a day."""
    listed = {f"serving.api_price.{name}": price for name in ("input", "output")}
    asked = plan.with_values(listed | {"serving.api_price.currency": "JPY"})
    result = estimate(asked)
    assert result.serving is not None
    even, most = result.serving.figures.break_even_tokens_per_day.value, result.serving.tokens
    assert even is not None
    assert most is not None
    return build(asked, result, language, "customer", SETTINGS), even, most.most_per_day  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_owning_is_not_called_cheaper_from_a_load_that_the_servers_cannot_carry(language: str) -> None:
    """A cheap API: break-even lies at several times what the servers carry, where more servers would have to be bought."""
    plan = load_sample("serve-chat-500").plans[0]
    for price, beyond in ((8.0, True), (2000.0, False)):
        book, even, most = against(plan, price, language)
        assert (even > most) == beyond
        said = [str(book.names["out_summary_conclusion"].value), *(
            f"{figure.note}" for slide in deck([book]).slides[:3] for figure in slide.figures
        ), *(point for slide in deck([book]).slides[:3] for point in slide.points)]  # fmt: skip
        whole, refused = " ".join(said), text("workbook", "kpi_tokens_beyond", language)
        assert (refused in whole) == beyond
        assert (text("workbook", "conclusion_api_beyond", language) in said[0]) == beyond
        assert (f"{even / 1e6:,.0f}" in whole) != beyond
