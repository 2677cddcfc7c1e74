"""Amounts of a plan in dollars are readable where a column or an axis is short of room: thousands, not 0.0 million."""

from __future__ import annotations

import pytest

from mitsumori.model.plan.project import load_sample
from mitsumori.model.slides import deck
from mitsumori.model.slides.blocks import Slide
from mitsumori.model.slides.svg import shown
from mitsumori.model.workbook import described
from mitsumori.model.workbook.description import Workbook
from tests.workbook import parity


def made(language: str, **changes: object) -> tuple[Workbook, dict[str, Slide]]:
    plan = load_sample("serve-chat-500").plans[0].with_values(
        {"money.cloud.instance": "aws-p5.48xlarge-ap-northeast-1-tokyo", "money.cloud.price_per_hour": 60.0, **changes}
    )  # fmt: skip
    book = described((plan,), language, "customer", parity.SETTINGS)[0]  # type: ignore[arg-type]
    return book, {slide.key: slide for slide in deck([book]).slides}


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(("currency", "unit"), [("USD", 1e3), ("JPY", 1e6)])
def test_no_line_of_a_cost_table_is_shown_as_nothing(currency: str, unit: float, language: str) -> None:
    book, slides = made(language, **{"money.currency": currency, "money.usd_jpy": 150.0})
    table = slides["lines"].tables[0]
    said = {row[0]: row[1] for row in table.rows}
    total = book.names["out_cost_onprem_total"].number
    assert total is not None
    label = book.sheets["estimate_cost"].cells[book.names["out_cost_onprem_total"].row, 1].value
    assert said[str(label)] == f"{total / unit:,.1f}"
    assert "0.0" not in said.values()
    chart = slides["clouds"].charts[0]
    values = [value for value in chart.series[0].values if value is not None]
    assert total / unit == pytest.approx(values[0])
    axis = slides["cumulative"].charts[0]
    assert shown(total, axis) == f"{total / unit:,.0f}"
    formats = {cell.fmt for cell in book.sheets["sensitivity"].cells.values()}
    kept, other = ("thousand", "million") if currency == "USD" else ("million", "thousand")
    assert kept in formats
    assert other not in formats


def test_nothing_is_called_cheapest_where_nothing_is_rented() -> None:
    """Use begins after the horizon: both sides do no work, and a rent of nothing is no offer."""
    plan = load_sample("llama3-70b-continual").plans[0].with_values(
        {"money.horizon_months": 12, "money.onprem.works_months": 14.0}
    )  # fmt: skip
    book = described((plan,), "en", "customer", parity.SETTINGS)[0]
    title = next(slide.title for slide in deck([book]).slides if slide.key == "clouds")
    assert title == "Cloud terms beside owning"
