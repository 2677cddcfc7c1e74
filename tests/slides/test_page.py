"""The page for a browser: the workbook's figures, every scenario, nothing that runs or loads, nothing of the purchase side."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mitsumori.model import cli
from mitsumori.model.plan.project import load_sample
from mitsumori.model.plan.proposal import Proposal
from mitsumori.model.slides.html import page
from mitsumori.model.workbook import described
from tests.slides.test_slides import SAMPLE, books
from tests.workbook.parity import SETTINGS

VOID = frozenset({"meta", "br", "img", "link", "hr"})


class Read(HTMLParser):
    """Tags, attributes and text of a page; fails where a tag is not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text.append(data)


def read(*arguments: object) -> Read:
    return Read(page(books(*arguments)).decode("utf-8"))  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_nothing_runs_and_nothing_is_loaded(language: str) -> None:
    found = read(SAMPLE, language)
    assert not {"script", "iframe", "object", "link", "form", "input", "base"} & set(found.tags)
    for name, value in found.attributes:
        assert not name.startswith("on"), name
        if name in {"src", "href", "xlink:href", "action"}:
            assert (value or "").startswith(("#", "data:")), value
    assert ("http-equiv", "Content-Security-Policy") in found.attributes
    assert ("lang", language) in found.attributes


def test_figures_are_those_of_the_workbook() -> None:
    book, said = books()[0], "\n".join(read().text)
    for name in ("out_training_days", "out_facility_facility_kw", "out_cost_break_even_month"):
        number = book.names[name].number
        assert number is not None
        assert f"{number:,.1f}" in said, name
    assert "青葉商事株式会社" in said and "EST-1" in said
    assert str(book.names["out_cost_left_out"].value) in said, "what the total leaves out is said"


def test_every_chart_is_drawn() -> None:
    found = read()
    assert found.tags.count("svg") >= 4
    bars = [value for name, value in found.attributes if name in {"width", "height"} and value]
    assert bars and not any("nan" in value or "inf" in value for value in bars)


def test_every_scenario_has_its_part() -> None:
    said = "\n".join(read(SAMPLE, "ja", True).text)
    for plan in load_sample(SAMPLE).plans:
        assert plan.name in said


def test_no_purchase_price_discount_or_margin_reaches_the_customer() -> None:
    secret = {"money.onprem.server_price": 43_219_876.0, "money.onprem.discount": 0.137, "money.onprem.margin": 0.0876}
    plan = load_sample(SAMPLE).plan.with_values(secret)
    whole = page(described((plan,), "en", "customer", SETTINGS)).decode("utf-8")
    said = re.sub(r'points="[-0-9., ]*"', "", whole)  # coordinates of a line are no figures
    for leak in ("43219876", "43,219,876", "0.137", "0.0876", "13.7", "8.76"):
        assert leak not in said, leak
    inside = page(described((plan,), "en", "internal", SETTINGS)).decode("utf-8")
    assert len(inside) != len(whole), "the internal page differs"


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "&amp;", "🚀" * 50])
def test_any_text_stays_text(text: str) -> None:
    plan = load_sample(SAMPLE).plan.with_values({"name": text})
    proposal = Proposal(customer=text, subject=text, contact=text)
    found = Read(page(described((plan,), "en", "customer", SETTINGS, proposal=proposal)).decode("utf-8"))
    assert "script" not in found.tags and "img" not in found.tags
    assert text[:20] in "".join(found.text)


def test_a_plan_without_prices_says_what_to_ask() -> None:
    plan = load_sample(SAMPLE).plan.with_values({"money.onprem.staff_cost_per_year": None, "money.usd_jpy": None})
    assert "要見積" in "".join(Read(page(described((plan,), "ja", "customer", SETTINGS)).decode("utf-8")).text)


def test_the_command_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "見積 1.html"
    assert cli.main(["export", SAMPLE, str(out), "--plans", "all"]) == 0
    capsys.readouterr()
    html = out.read_text("utf-8")
    assert html.lstrip().lower().startswith("<!doctype html>") and re.search(r"<title>[^<]+</title>", html)
