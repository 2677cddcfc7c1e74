"""What a customer's file may not tell: cost, discount, margin, street prices, names of this program; and whose copy it is."""

from __future__ import annotations

import io
import math
import random
import re
import zipfile
from typing import Any

import pytest

from mitsumori.model.base.messages import text as message
from mitsumori.model.cost.money import sale_step, sold_at
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, sample_names
from mitsumori.model.workbook import build, to_bytes
from mitsumori.model.workbook.audience import customer_plan
from tests.workbook.parity import SETTINGS

SAMPLE = "llama3-70b-continual"
MARGINS = range(1, 41)


def texts(plan: Plan, language: str, audience: str) -> str:
    """All XML of a file, as text."""
    book = build(plan, estimate(plan), language, audience, SETTINGS)  # type: ignore[arg-type]
    archive = zipfile.ZipFile(io.BytesIO(to_bytes(book)))
    return "\n".join(archive.read(name).decode("utf-8", "ignore") for name in archive.namelist())


@pytest.mark.parametrize(
    ("exact", "sold"),
    [(46_022_727.2727, 46_100_000), (46_100_000.0, 46_100_000), (1_000_000.0, 1_000_000), (999_999.0, 1_000_000),
     (1_000_000.01, 1_010_000), (306_818.18, 307_000), (12.345, 12.4), (45e6 / 0.9, 50_000_000)],
)  # fmt: skip
def test_a_sale_price_has_three_significant_digits_rounded_up(exact: float, sold: float) -> None:
    assert sold_at(exact) == pytest.approx(sold, rel=1e-12)
    assert sold_at(sold_at(exact)) == sold_at(exact)


def explained(price: float, margin: int, digits: int) -> bool:
    """Whether a cost of so many significant digits, sold at a margin, is printed as ``price``."""
    highest = price * (100 - margin) / 100
    lowest = (price - sale_step(price)) * (100 - margin) / 100
    step = 10.0 ** (math.floor(math.log10(highest)) + 1 - digits)
    cost = math.floor(highest / step + 1e-9) * step
    return cost > lowest + 1e-6


def test_the_margin_can_hardly_ever_be_worked_out_from_the_printed_price() -> None:
    """Of 1,000 random costs the true one of 40 whole percentages is alone in explaining the price in under 2 %."""
    rng = random.Random(19)
    alone = 0
    for _ in range(1000):
        digits = rng.choice((3, 4))
        cost = rng.randint(10 ** (digits - 1), 10**digits - 1) * 10 ** rng.randint(3, 5)
        margin = rng.choice(MARGINS)
        price = sold_at(cost / (1 - margin / 100))
        found = [m for m in MARGINS if explained(price, m, digits)]
        assert margin in found
        alone += found == [margin]
    assert alone < 20, alone


@pytest.mark.parametrize("sample", sample_names())
def test_program_internal_and_customer_copy_have_one_total(sample: str) -> None:
    plan = load_sample(sample).plans[0]
    program = estimate(plan).cost
    customer, internal = (build(plan, estimate(plan), "ja", who, SETTINGS) for who in ("customer", "internal"))
    for name, figure in (("out_cost_onprem_total", program.onprem.total), ("out_cost_onprem_initial", program.onprem.initial),
                         ("out_cost_onprem_lines_servers", program.onprem.lines["servers"])):  # fmt: skip
        if figure.value is None:
            continue
        assert internal.names[name].value == pytest.approx(figure.value, rel=1e-12)
        assert customer.names[name].value == pytest.approx(figure.value, rel=1e-12)
    known = estimate(customer_plan(plan)).cost.onprem.total.value
    assert known == pytest.approx(program.onprem.total.value, rel=1e-12)


FORBIDDEN = (
    r"(?i)street price", r"833,806", r"LP2225", r"250000(?![0-9])", r"834000", r"docs/method", r"resources/", r"near run", r"\br0\d{3}\b",
    r"money\.onprem", r"money\.cloud", r"surrogate", r"社外秘", r"(?<![0-9])45000000(?![0-9])", r"40500000(?![0-9])", r"460227", r"仕入値引", r"粗利",
    r"purchase discount", r"discount\) / ",
)  # fmt: skip


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("sample", [SAMPLE, "llama2-7b-sft"])
def test_nothing_of_the_purchase_side_and_of_this_program_is_in_a_customers_file(sample: str, language: str) -> None:
    whole = texts(load_sample(sample).plans[0], language, "customer")
    for pattern in FORBIDDEN:
        found = re.search(pattern, whole)
        assert found is None, whole[max(0, found.start() - 80) : found.end() + 80]


def test_the_customers_range_of_server_prices_is_a_share_of_ours() -> None:
    plan = load_sample(SAMPLE).plans[0]
    book = build(plan, estimate(plan), "ja", "customer", SETTINGS)
    sheet = book.sheets["sensitivity"]
    row = next(
        cell.row
        for cell in sheet.cells.values()
        if cell.column == 1 and cell.value == message("workbook", "sens_server_price", "ja")
    )
    low, base, high = (sheet.cells[row, column].number or 0.0 for column in (3, 4, 5))
    assert base == pytest.approx(46.1e6)
    assert (low / base, high / base) == pytest.approx((0.8, 1.2))


@pytest.mark.parametrize(
    ("language", "audience", "mark"),
    [("ja", "customer", "貴社限り"), ("ja", "internal", "社内限り"), ("en", "customer", "Confidential to the addressee"),
     ("en", "internal", "INTERNAL ONLY")],
)  # fmt: skip
def test_every_page_says_whose_copy_it_is(language: str, audience: Any, mark: str) -> None:
    plan = load_sample(SAMPLE).plans[0]
    book = build(plan, estimate(plan), language, audience, SETTINGS)
    archive = zipfile.ZipFile(io.BytesIO(to_bytes(book)))
    sheets = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 15
    assert all(mark in xml.split("<oddHeader>")[1].split("</oddHeader>")[0] for xml in sheets)
    core = archive.read("docProps/core.xml").decode()
    assert ("社内限り" in core or "Internal copy" in core) == (audience == "internal")
