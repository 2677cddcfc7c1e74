"""Every file a customer is given, taken apart: workbook, slides with the workbooks inside their charts, page, bill, drawing.

What a customer can work out is what the files say. So two plans that differ in cost, discount and margin but sell at one price
must give the same files to the byte: then nothing in them follows from what was paid.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pytest
from openpyxl import load_workbook

from mitsumori.model.commands.export import bill_of_materials
from mitsumori.model.cost.money import sold_at
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, sample_names
from mitsumori.model.plan.proposal import Proposal
from mitsumori.model.slides import deck
from mitsumori.model.slides import to_bytes as slides_to_bytes
from mitsumori.model.slides.html import page
from mitsumori.model.workbook import described, to_bytes
from mitsumori.model.workbook.audience import customer_plan
from mitsumori.model.workbook.several import merged
from tests.workbook.parity import SETTINGS
from tests.workbook.test_no_leak import FORBIDDEN, MARGINS, explained

SAMPLE = "llama3-70b-continual"
PROPOSAL = Proposal(customer="青葉商事株式会社", quote_number="EST-1", notes="納入は年度内")
MADE = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*<")
"""When a chart's own workbook was written; XlsxWriter dates it."""


def parts_of(data: bytes, at: str = "") -> dict[str, bytes]:
    """All parts of a package, those of packages inside it too."""
    found: dict[str, bytes] = {}
    archive = zipfile.ZipFile(io.BytesIO(data))
    for name in archive.namelist():
        part = archive.read(name)
        found |= parts_of(part, f"{at}{name}!") if part[:2] == b"PK" else {at + name: MADE.sub(b"<", part)}
    return found


def files(plans: Sequence[Plan], language: str) -> dict[str, bytes]:
    """Every part of every kind of file that ``export`` writes for a customer, by kind and name."""

    def books() -> Any:  # the merged workbook uses its descriptions up
        return described(plans, language, "customer", SETTINGS, proposal=PROPOSAL, today=SETTINGS.issue_date)

    made = books()
    drawn = deck(made)  # what the PDF is drawn from, and nothing else
    found = {"csv": bill_of_materials(made, plans), "html": page(made), "pdf": repr(drawn).encode()}
    found |= {f"pptx/{name}": part for name, part in parts_of(slides_to_bytes(drawn)[0]).items()}
    book = made[0] if len(made) == 1 else merged(books())
    return found | {f"xlsx/{name}": part for name, part in parts_of(to_bytes(book)).items()}


COSTS: tuple[dict[str, Any], ...] = (
    {"money.onprem.server_price": 45e6, "money.onprem.discount": 0.1, "money.onprem.margin": 0.12,
     "notes.money.onprem.server_price": "maker's quotation of 45,000,000, sales manager Sato"},
    {"money.onprem.server_price": 4.3e7, "money.onprem.discount": 0.0, "money.onprem.margin": 0.067,
     "money.prices.server:DGX-B200": {"price": 61e6, "currency": "JPY", "source": "a rival's quotation"}},
)  # fmt: skip
"""Two ways to the sale price of 46,100,000 yen."""
FURTHER: tuple[dict[str, Any], ...] = (
    {"money.prices.server:DGX-B200": {"price": 410_123.0, "currency": "USD", "source": "quote of Tanaka"}},
    {"money.prices.server:DGX-B200": {"price": sold_at(410_123.0 * 150.0 * 0.9 / 0.88) * 0.933 - 1000.0, "currency": "JPY"}},
)  # fmt: skip
"""The same for a server of another type: discount and margin of :data:`COSTS`, 150 yen a dollar."""


def different(one: Mapping[str, bytes], two: Mapping[str, bytes]) -> list[str]:
    return sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))


@pytest.mark.parametrize(
    ("sample", "several", "more", "language"),
    [(SAMPLE, True, False, "ja"), (SAMPLE, False, True, "en"), ("serve-rag-3000", False, False, "ja"),
     ("hall-30kva", False, False, "en"), ("llama2-7b-sft", True, False, "en"), ("serve-moe-nvl72", False, False, "en")],
)  # fmt: skip
def test_plans_of_one_sale_price_give_the_same_files_whatever_was_paid(
    sample: str, several: bool, more: bool, language: str
) -> None:
    plans = load_sample(sample).plans
    plans = plans if several else plans[:1]
    made = []
    for cost, other in zip(COSTS, FURTHER, strict=True):
        changes = cost | {"money.usd_jpy": 150.0}
        if more:
            changes |= {"cluster.more": [{"server": "DGX-B200", "servers": 3}]} | other
        made.append(files([plan.with_values(changes) for plan in plans], language))
    assert len(made[0]) > 100
    assert different(*made) == []


def test_a_plan_without_discount_and_margin_gives_the_files_of_one_that_has_them() -> None:
    """Nor do the files tell that there is a margin at all."""
    plan = load_sample(SAMPLE).plans[0]
    with_margin = plan.with_values({k: v for k, v in COSTS[0].items() if not k.startswith("notes")})
    bare = {"money.onprem.server_price": 46.1e6, "money.onprem.discount": 0.0, "money.onprem.margin": 0.0}
    notes = {"notes.money.onprem.server_price": None}
    assert different(files([with_margin], "ja"), files([plan.with_values(bare | notes)], "ja")) == []


@cache
def _plain(sample: str) -> Plan:
    return load_sample(sample).plans[0].with_values({"notes.money.onprem.server_price": None})


@pytest.mark.parametrize("sample", sample_names())
def test_what_the_files_are_made_of_follows_from_the_sale_price_alone(sample: str) -> None:
    """1,000 random costs over all samples: the customer's plan is the one of its sale price."""
    rng = random.Random(f"files of {sample}")
    plain, alone, draws = _plain(sample), 0, -(-1000 // len(sample_names()))
    for _ in range(draws):
        digits = rng.choice((3, 4))
        cost = float(rng.randint(10 ** (digits - 1), 10**digits - 1) * 10 ** rng.randint(3, 5))
        margin = rng.choice(MARGINS)
        sold = sold_at(cost / (1 - margin / 100))
        secret = {
            "money.onprem.server_price": cost,
            "money.onprem.price_currency": None,
            "money.onprem.currency": "JPY",
        }
        known = customer_plan(
            plain.with_values(secret | {"money.onprem.discount": 0.0, "money.onprem.margin": margin / 100})
        )
        told = {"money.onprem.server_price": sold, "money.onprem.discount": 0.0, "money.onprem.margin": 0.0}
        assert known == customer_plan(plain.with_values(secret | told))
        alone += [m for m in MARGINS if explained(known.money.onprem.server_price or 0.0, m, digits)] == [margin]
    assert alone <= max(2, draws // 50), alone


NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?")


def numbers(part: bytes) -> set[float]:
    """All numbers of a text, with and without thousands separators."""
    text = part.decode("utf-8", "ignore")
    found = set()
    for match in NUMBER.findall(text):
        for one in (match.replace(",", ""), *match.split(",")):
            try:
                found.add(float(one))
            except ValueError:
                continue
    return found


@pytest.mark.parametrize("sample", [SAMPLE, "serve-chat-500", "mt-nlg-530b", "llama3-8b-lora"])
def test_no_figure_of_the_purchase_side_stands_in_any_file(sample: str) -> None:
    """List and purchase price, exact sale price, profit, of one server and of all, in the plan's scenarios together."""
    plans = load_sample(sample).plans
    price, discount, margin = 43_219_876.0, 0.13713, 0.08767
    secret = {"money.onprem.server_price": price, "money.onprem.discount": discount, "money.onprem.margin": margin}
    made = files([plan.with_values(secret) for plan in plans], "ja")
    bought = price * (1 - discount)
    exact = bought / (1 - margin)
    each = (price, bought, exact, sold_at(exact) - bought, exact - bought, price - bought)
    shares = (discount, 1 - discount, 1 - margin, (1 - discount) / (1 - margin), 1 - bought / sold_at(exact))
    counts = {1, *(plan.cluster.servers for plan in plans)}
    wanted = [amount * count for amount in each for count in counts] + [s * f for s in shares for f in (1.0, 100.0)]
    for name, part in made.items():
        here = numbers(part)
        for value in wanted:
            near = [one for one in here if abs(one - value) <= 2e-7 * value]
            assert not near, (name, near, value)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("sample", [SAMPLE, "serve-rag-3000", "serve-moe-nvl72", "bloom-176b"])
def test_no_street_price_and_no_internal_name_stands_in_any_file(sample: str, language: str) -> None:
    """Properties, hidden sheets, names, comments, alternative texts, notes of slides and shared strings are parts like others."""
    for name, part in files(load_sample(sample).plans, language).items():
        text = part.decode("utf-8", "ignore")
        for pattern in FORBIDDEN:
            found = re.search(pattern, text)
            assert found is None, (name, text[max(0, found.start() - 80) : found.end() + 80])


def test_the_two_copies_are_told_apart_in_every_kind_of_file() -> None:
    plan = load_sample(SAMPLE).plans[0]
    for audience, mark in (("customer", "貴社限り"), ("internal", "社内限り")):
        made = described((plan,), "ja", audience, SETTINGS, proposal=PROPOSAL)  # type: ignore[arg-type]
        drawn = deck(made)
        assert mark in drawn.foot
        assert mark in page(made).decode()
        slides = [
            p.decode() for name, p in parts_of(slides_to_bytes(drawn)[0]).items() if re.search(r"slides/slide\d", name)
        ]
        assert all(mark in slide for slide in slides[1:])


def said(data: bytes) -> list[str]:
    """Every text cell of a workbook, in order of its sheets."""
    book = load_workbook(io.BytesIO(data), data_only=True)
    return [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_notes_on_our_prices_and_the_plans_own_name_are_for_the_company(language: str) -> None:
    """Who quoted storage and works, and for how much, stood among the notes; the plan's name in the title of every file."""
    secret = "bought at 30,000,000, ask Sato"
    notes = {f"notes.money.onprem.{name}": secret for name in
             ("server_price", "storage_price", "staff_cost_per_year", "cooling_retrofit_per_rack", "delivery_months")}  # fmt: skip
    plan = load_sample(SAMPLE).plans[0].with_values({**notes, "name": "winning price 3"})
    offered = Proposal(customer="青葉商事株式会社", subject="学習基盤")
    made = described((plan,), language, "customer", SETTINGS, proposal=offered)  # type: ignore[arg-type]
    whole = {"html": page(made)}
    whole |= parts_of(slides_to_bytes(deck(made))[0], "pptx/") | parts_of(to_bytes(made[0]), "xlsx/")
    for name, part in whole.items():
        assert secret.encode() not in part, name
        if not name.startswith("xlsx/xl/"):  # a returned workbook says which plan it came from
            assert b"winning price 3" not in part, name
    assert b"python-pptx" not in whole["pptx/docProps/core.xml"]
    inside = described((plan,), language, "internal", SETTINGS, proposal=offered)  # type: ignore[arg-type]
    assert any(secret in text for text in said(to_bytes(inside[0])))


@pytest.mark.parametrize("sample", [SAMPLE, "hall-30kva"])
def test_sources_and_bases_of_a_japanese_copy_are_in_japanese(sample: str) -> None:
    """Titles of papers stay; descriptions of ours, records' keys, undated copies and placeholders do not."""
    made = described(load_sample(sample).plans[:1], "ja", "customer", SETTINGS, proposal=PROPOSAL)
    ours = ("snapshot date unknown", "Working default", "recalled", "as cited", "Arithmetic", "the storage the plan", "p6-b300",
            "Daly 2006", "tried against", "HPE-XD670", "HPE-E1000", "-ap-northeast", "data sheets /", "slides on")  # fmt: skip
    for text in said(to_bytes(made[0])):
        assert not [word for word in ours if word in text], text


def test_units_and_bounds_say_what_they_are() -> None:
    """Amounts paid once were "a month", days of validity "months", and bounds nobody reaches were printed as 1e+18."""
    waits = {"money.onprem.delivery_months": 4, "money.onprem.interim_cloud": True}
    plan = load_sample(SAMPLE).plans[0].with_values(waits)
    (book,) = described((plan,), "en", "customer", SETTINGS, proposal=PROPOSAL)
    units = {}
    for sheet in book.sheets.values():
        for (row, column), cell in sheet.cells.items():
            if column == 1 and isinstance(cell.value, str) and (row, 3) in sheet.cells:
                units[cell.value] = sheet.cells[row, 3].value
    assert units["Refresh, once"] == units["Cloud until use: set-up"] == "JPY"
    assert units["Cloud until use, a month"] == "JPY/month"
    assert units["Feeds of a rack"] == "feeds"
    prompts = [one.error for one in book.validations]
    assert not [text for text in prompts if re.search(r"\de[+-]?\d", text)], "no scientific notation"
    by_label = {one.prompt_title: one.error for one in book.validations}
    assert by_label["Price of a server"] == "Accepted: a number of 0 or more."
    assert by_label["Power limit of a rack"] == "Accepted: a number above 0."
    assert by_label["Power factor of the site"] == "Accepted: a number above 0.5, up to 1."
    assert by_label["Effective corporate tax rate"] == "Accepted: a number from 0 to below 1."
    texts = said(to_bytes(book))
    assert "Days of validity" in texts
    assert not [text for text in texts if re.search(r"\b1 more rows|\(of undated\)", text)]
    sheet = book.sheets["inputs"]
    for row in {row for row, _ in sheet.cells}:  # a blank without a standard rests on no default
        cells = {column: sheet.cells[row, column].value for column in range(1, 7) if (row, column) in sheet.cells}
        if cells.get(6) == "Documented default of Mitsumori.":
            assert cells.get(4) not in (None, "-", "－", ""), cells
