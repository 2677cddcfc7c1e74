"""The slides: native charts and tables with the workbook's figures, on our layouts and on a customer's."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation
from pptx.enum.chart import XL_CHART_TYPE

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.plan.project import load_sample, sample_names
from mitsumori.model.plan.proposal import Proposal
from mitsumori.model.slides import deck, to_bytes
from mitsumori.model.slides.template import TemplateError, read_template
from mitsumori.model.workbook import described
from mitsumori.model.workbook.description import Workbook
from tests.needs import needs_fonts, needs_libreoffice, needs_pdf_tools
from tests.workbook.office import Office
from tests.workbook.parity import SETTINGS

SAMPLE = "llama3-70b-continual"


@cache
def books(
    sample: str = SAMPLE, language: str = "ja", several: bool = False, audience: str = "customer"
) -> tuple[Workbook, ...]:
    plans = load_sample(sample).plans
    proposal = Proposal(customer="青葉商事株式会社", quote_number="EST-1")
    return described(plans if several else plans[:1], language, audience, SETTINGS, proposal=proposal)  # type: ignore[arg-type]


@cache
def shown(sample: str = SAMPLE, language: str = "ja", several: bool = False) -> Any:
    return Presentation(io.BytesIO(to_bytes(deck(books(sample, language, several)))[0]))


def charts(presentation: Any) -> list[Any]:
    return [shape for slide in presentation.slides for shape in slide.shapes if shape.has_chart]


def texts(presentation: Any) -> str:
    said = []
    for slide in presentation.slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                said.append(shape.text_frame.text)
            if shape.has_table:
                said += [cell.text for row in shape.table.rows for cell in row.cells]
        said.append(slide.notes_slide.notes_text_frame.text)
    return "\n".join(said)


@pytest.mark.parametrize("sample", sample_names())
@pytest.mark.parametrize("language", ["ja", "en"])
def test_eight_to_twelve_slides_with_titles_and_notes(sample: str, language: str) -> None:
    made = shown(sample, language)
    assert 8 <= len(made.slides) <= 12
    for slide in made.slides:
        assert slide.shapes.title is not None and slide.shapes.title.text_frame.text.strip()
        assert slide.has_notes_slide and slide.notes_slide.notes_text_frame.text.strip()
        for shape in slide.placeholders:
            assert shape.text_frame.text, "an empty placeholder shows its prompt"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_charts_are_native_and_read_back_with_the_workbooks_numbers(language: str) -> None:
    """Four at least; every value plotted is that of the workbook's cell."""
    book = books(SAMPLE, language)[0]
    made = charts(shown(SAMPLE, language))
    assert len(made) >= 4
    by_title = {chart.name: chart.chart for chart in made}
    for key, index in (("memory", 0), ("training", 0), ("facility", 0), ("sensitivity", 0), ("comparison", 0)):
        described_chart = book.sheets[key].charts[index]
        native = by_title[described_chart.title]
        assert len(native.plots[0].series) == len(described_chart.series)
        for series, ours in zip(native.plots[0].series, described_chart.series, strict=True):
            wanted = [cell.number for cell in ours.cells if described_chart.kind != "xy" or cell.number is not None]
            plotted = list(series.values)
            assert [value is None for value in plotted] == [value is None for value in wanted[: len(plotted)]]
            for value, want in zip(plotted, wanted, strict=False):
                assert value == want or value == pytest.approx(want, abs=0, rel=1e-12)
            assert len(plotted) == len(wanted) or key == "comparison"
    months = by_title[book.sheets["comparison"].charts[0].title].plots[0].series[0]
    assert len(list(months.values)) == 61, "to the end of the horizon"
    assert {chart.chart_type for chart in by_title.values()} >= {
        XL_CHART_TYPE.XY_SCATTER_LINES,
        XL_CHART_TYPE.BAR_CLUSTERED,
    }


def test_every_chart_can_be_edited() -> None:
    """Its numbers lie in a workbook of its own inside the file, and it says in words what it shows."""
    for frame in charts(shown()):
        embedded = frame.chart.part.chart_workbook.xlsx_part
        assert embedded is not None and embedded.blob[:2] == b"PK"
        assert frame._element.nvGraphicFramePr.cNvPr.get("descr")


@pytest.mark.parametrize(("language", "form"), [("ja", r"(\d+) か月目"), ("en", r"from month (\d+) on")])
def test_the_break_even_sentence_keeps_its_form(language: str, form: str) -> None:
    book = books(SAMPLE, language)[0]
    month = book.names["out_cost_break_even_month"].number
    assert month is not None
    made = shown(SAMPLE, language)
    found = [re.search(form, slide.shapes.title.text_frame.text) for slide in made.slides]
    named = {int(match[1]) for match in found if match}
    assert named == {-(-month // 1)}


def test_figures_of_the_slides_are_those_of_the_workbook() -> None:
    book, said = books()[0], texts(shown())
    for name, pattern in (("out_training_days", "{:,.1f}"), ("out_facility_facility_kw", "{:,.1f}"),
                          ("out_cost_break_even_month", "{:,.1f}")):  # fmt: skip
        number = book.names[name].number
        assert number is not None
        assert pattern.format(number) in said
    assert str(book.names["out_cost_left_out"].value) in said, "what the total leaves out is said"
    assert "青葉商事株式会社" in said and "EST-1" in said


def test_several_scenarios_stand_side_by_side() -> None:
    made = shown(SAMPLE, "ja", True)
    tables = [shape.table for slide in made.slides for shape in slide.shapes if shape.has_table]
    heads = [[cell.text for cell in table.rows[0].cells] for table in tables]
    names = [plan.name for plan in load_sample(SAMPLE).plans]
    assert ["", *[f"{chr(65 + i)} {name}" for i, name in enumerate(names)]] in heads


def test_no_purchase_price_discount_or_margin_reaches_the_customer() -> None:
    plan = load_sample(SAMPLE).plan.with_values(
        {"money.onprem.server_price": 43_219_876.0, "money.onprem.discount": 0.137, "money.onprem.margin": 0.0876}
    )
    data, _ = to_bytes(deck(described((plan,), "en", "customer", SETTINGS)))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        everything = []
        for name in package.namelist():
            part = package.read(name)
            if name.endswith(".xlsx"):
                inner = zipfile.ZipFile(io.BytesIO(part))
                everything += [inner.read(entry).decode("utf-8", "ignore") for entry in inner.namelist()]
            everything.append(part.decode("utf-8", "ignore"))
    whole = "\n".join(everything)
    for leak in ("43219876", "43,219,876", "0.137", "0.0876", "13.7", "8.76"):
        assert not re.search(rf"(?<![\d.]){re.escape(leak)}(?!\d)", whole), leak  # a number, not digits within another


def test_an_unpriced_plan_has_slides_that_say_so() -> None:
    plan = load_sample(SAMPLE).plan.with_values({"money.onprem.staff_cost_per_year": None, "money.usd_jpy": None})
    made = Presentation(io.BytesIO(to_bytes(deck(described((plan,), "ja", "customer", SETTINGS)))[0]))
    assert 8 <= len(made.slides) <= 12
    assert "要見積" in texts(made)


@pytest.mark.parametrize("text", ["=1+1", "\x00\x07\r\n", "<a:t>&amp;", "🚀" * 50, "x" * 200])
def test_any_text_makes_a_readable_file(text: str) -> None:
    plan = load_sample(SAMPLE).plan.with_values({"name": text})
    proposal = Proposal(customer=text, subject=text, contact=text)
    data, _ = to_bytes(deck(described((plan,), "en", "customer", SETTINGS, proposal=proposal)))
    assert len(Presentation(io.BytesIO(data)).slides) == 10


# --- templates


def template(
    *, layouts: tuple[int, ...] | None = None, potx: bool = False, wide: bool = False, slides: int = 0
) -> bytes:
    """A customer's template: the layouts of the standard one by their number, with a font of its own."""
    made = Presentation()
    if wide:
        made.slide_width = int(made.slide_height * 16 / 9)
    for _ in range(slides):
        made.slides.add_slide(made.slide_layouts[6]).shapes.add_textbox(0, 0, 10, 10).text_frame.text = "a sample slide"
    if layouts is not None:
        for index, layout in enumerate(list(made.slide_layouts)):
            if index not in layouts:
                made.slide_layouts.remove(layout)
    for relation in made.slide_master.part.rels.values():
        if relation.reltype.endswith("/theme"):
            relation.target_part._blob = relation.target_part.blob.replace(
                b'typeface="Calibri"', b'typeface="Customer Sans"'
            )
    stream = io.BytesIO()
    made.save(stream)
    if not potx:
        return stream.getvalue()
    out = io.BytesIO()
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(out, "w") as target:
        for info in source.infolist():
            part = source.read(info)
            target.writestr(info, part.replace(b"presentation.main+xml", b"template.main+xml"))
    return out.getvalue()


@pytest.mark.parametrize("potx", [False, True])
def test_a_customers_template_keeps_its_layouts_fonts_and_loses_its_slides(potx: bool) -> None:
    data, notes = to_bytes(deck(books()), template(potx=potx, slides=2), "corporate.potx")
    made = Presentation(io.BytesIO(data))
    assert notes == ()
    assert len(made.slides) == 10
    assert "a sample slide" not in texts(made)
    assert {slide.slide_layout.name for slide in made.slides} == {"Title Slide", "Title Only"}
    assert (made.slide_width, made.slide_height) == (9144000, 6858000)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert b"Customer Sans" in package.read("ppt/theme/theme1.xml")
        assert b"presentation.main+xml" in package.read("[Content_Types].xml")
    assert len(charts(made)) == len(charts(shown()))


def test_nothing_lies_outside_a_slide_of_any_shape() -> None:
    for content in (None, template(), template(wide=True), template(layouts=(6,))):
        made = Presentation(io.BytesIO(to_bytes(deck(books(several=True)), content, "t.potx")[0]))
        for slide in made.slides:
            for shape in slide.shapes:
                if shape.left is None:
                    continue
                assert shape.left >= 0 and shape.top >= 0
                assert shape.left + shape.width <= made.slide_width
                assert shape.top + shape.height <= made.slide_height, (slide.shapes.title, shape.name)


def test_a_template_without_fitting_placeholders_is_served_on_its_blank_layout_and_said() -> None:
    data, notes = to_bytes(deck(books()), template(layouts=(6,)), "blank.potx")
    made = Presentation(io.BytesIO(data))
    assert {slide.slide_layout.name for slide in made.slides} == {"Blank"}
    assert len(notes) == 1 and "blank.potx" in notes[0].text("ja") and "blank" in notes[0].text("en")
    titles = [shape.text_frame.text for slide in made.slides for shape in slide.shapes if shape.name == "Title"]
    assert len(titles) == len(made.slides) and all(titles)


def macros() -> bytes:
    stream = io.BytesIO(template())
    with zipfile.ZipFile(stream, "a") as package:
        package.writestr("ppt/vbaProject.bin", b"x")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "said"), [(b"hello", "template"), (template()[:2000], "template"), (macros(), "macros")]
)
def test_a_template_that_is_none_is_refused_in_one_sentence(content: bytes, said: str) -> None:
    with pytest.raises(TemplateError, match=said) as caught:
        to_bytes(deck(books()), content, "bad.potx")
    assert "\n" not in str(caught.value)
    assert "bad.potx" in caught.value.text("ja")


def test_a_template_is_known_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_bytes(template())
    with pytest.raises(Refusal, match="potx"):
        read_template(path)
    with pytest.raises(Refusal):
        read_template(tmp_path / "missing.potx")


# --- on paper


@pytest.mark.libreoffice
@pytest.mark.fonts
@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_libreoffice_shows_every_slide(office: Office, tmp_path: Path, language: str) -> None:
    needs_libreoffice()
    needs_pdf_tools()
    needs_fonts()
    path, pdf = tmp_path / "slides.pptx", tmp_path / "slides.pdf"
    path.write_bytes(to_bytes(deck(books(SAMPLE, language)))[0])
    office.pdf(path, pdf, "impress_pdf_Export")
    told = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    pages = told.split("\f")[:-1]
    assert len(pages) == 10
    for page, slide in zip(pages, deck(books(SAMPLE, language)).slides, strict=True):
        words = re.sub(r"\s", "", page)
        assert re.sub(r"\s", "", slide.title)[:12] in words
