"""The printed workbook: A4 landscape, nothing overflowing, the same pages in both languages."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from mitsumori.model.base.format import in_month
from mitsumori.model.base.messages import text as message
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.calendar import CalendarEntry
from mitsumori.model.plan.project import load_sample, sample_names
from mitsumori.model.plan.proposal import Proposal
from mitsumori.model.workbook import build, described, to_bytes
from mitsumori.model.workbook.description import Cell, Workbook
from tests.needs import needs_fonts, needs_pdf_tools
from tests.workbook import parity
from tests.workbook.conftest import exported
from tests.workbook.office import Office

pytestmark = [pytest.mark.libreoffice, pytest.mark.fonts, pytest.mark.timeout(300)]

SAMPLE = "llama3-70b-continual"
PAGES = {"cover": 1, "contents": 1, "summary": 1}
"""Sheets of one page."""
APART = ("inputs", "sources")
"""The appendix of assumptions and sources."""
MOST_PAGES, MOST_APART = {"ja": 17, "en": 17}, {"ja": 6, "en": 7}
"""Pages of a training's proposal without that appendix (16, and the balance by fiscal year on one of its own), and of the
appendix; English sources and helps run longer."""
MOST_SERVED = 3
"""Pages that a plan which serves has more."""
SMALLEST_PT = 8.0
"""Type smaller than this is not read on paper (8 points are read on A4 across)."""


def book_text(key: str, language: str) -> str:
    return message("workbook", key, language)


def printed(
    office: Office, folder: Path, language: str, audience: str = "customer", sample: str = SAMPLE
) -> tuple[Path, list[str]]:
    """Print a sample; the PDF and the text of each page."""
    needs_pdf_tools()
    needs_fonts()
    made = exported(sample, language, audience)
    pdf = folder / f"{language}.pdf"
    office.pdf(parity.write(folder / f"{language}.xlsx", made.data), pdf)
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    return pdf, text.split("\f")[:-1]


def smallest_type(pdf: Path) -> float:
    """The smallest type of a PDF in points."""
    told = subprocess.run(["pdftohtml", "-xml", "-i", "-stdout", "-zoom", "3", str(pdf)], capture_output=True, text=True,
                          check=True).stdout  # fmt: skip
    sizes = {match[1]: int(match[2]) / 3 for match in re.finditer(r'<fontspec id="(\d+)" size="(\d+)"', told)}
    return min(sizes[match[1]] for match in re.finditer(r'<text [^>]*font="(\d+)"', told))


def headed_by_nothing(book: Workbook, pages: list[str]) -> list[tuple[int, str]]:
    """Pages whose last line is a heading, which then stands over nothing; the legends of charts say the same words."""
    drawn = {text_of(item.label) for sheet in book.sheets.values() for chart in sheet.charts for item in chart.series}
    found = []
    for number, page in enumerate(pages, 1):
        *body, footer = [line for line in page.splitlines() if line.strip()]
        sheet = next(s for s in book.sheets.values() if re.search(rf"\s{re.escape(s.title)}\s", footer))
        heads = {
            text_of(cell) for cell in sheet.cells.values() if cell.role in ("section", "heading", "heading_number")
        }
        last = ["".join(part.split()) for part in re.split(r"\s{2,}", body[-1].strip())]
        if set(last) <= heads - drawn:
            found.append((number, body[-1].strip()))
    return found


def text_of(said: Cell | str) -> str:
    """What a cell or a label says, without spaces."""
    return "".join(str(said.value if isinstance(said, Cell) else said).split())


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_heading_stands_last_on_a_page_of_a_long_calendar(office: Office, tmp_path: Path, language: str) -> None:
    """Two plans over five years with a dozen clashes: tables that no page holds, a chart, and headings between them."""
    needs_pdf_tools()
    needs_fonts()
    plans = load_sample("serve-chat-500").plan, load_sample("llama3-8b-lora").plan
    for count in (1, 13, 19):
        entries = tuple(
            CalendarEntry(
                plan=plans[k % 2].name, begin=dt.date(2027, 4 + k % 6, 1), hours=(8.0, 20.0), share=0.2 + 0.02 * k
            )
            for k in range(count)
        )
        book = described(plans, language, "customer", parity.SETTINGS, calendar=entries)[0]  # type: ignore[arg-type]
        pdf = tmp_path / f"{count}.pdf"
        office.pdf(parity.write(tmp_path / f"{count}.xlsx", to_bytes(book)), pdf)
        pages = subprocess.run(
            ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True
        ).stdout
        assert not headed_by_nothing(book, pages.split("\f")[:-1]), count
        assert not [page for page in pages.split("\f")[:-1] if len(page.split()) < 20 or "###" in page], count
        assert smallest_type(pdf) >= SMALLEST_PT


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("sample", sample_names())
def test_pages_of_every_sheet(office: Office, tmp_path: Path, sample: str, language: str) -> None:
    """About 16 pages and the appendix of assumptions and sources, 8 points or more, nothing cut, none nearly empty."""
    pdf, pages = printed(office, tmp_path, language, sample=sample)
    info = subprocess.run(["pdfinfo", str(pdf)], capture_output=True, text=True, check=True).stdout
    width, height = (float(part) for part in re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", info).groups())  # type: ignore[union-attr]
    assert (width, height) == pytest.approx((841.9, 595.3), abs=0.2)
    sheets = exported(sample, language).workbook.sheets
    titles = {sheet.title: key for key, sheet in sheets.items()}
    count: Counter[str] = Counter()
    for number, page in enumerate(pages, 1):
        footer = next(line for line in reversed(page.splitlines()) if line.strip())
        assert footer.strip().endswith(f"{number} / {len(pages)}"), footer
        key = next(key for title, key in titles.items() if re.search(rf"\s{re.escape(title)}\s", footer))
        count[key] += 1
    assert {key: count[key] for key in PAGES} == PAGES
    assert set(count) == set(sheets)
    more = MOST_SERVED if "serving" in sheets else 0
    more += 1 if count["training"] > 1 else 0  # a table of five models
    apart = sum(count[key] for key in APART)
    assert len(pages) - apart <= MOST_PAGES[language] + more
    assert apart <= MOST_APART[language] + (1 if "serving" in sheets else 0)
    assert not [number for number, page in enumerate(pages, 1) if "###" in page or "#NAME" in page or "#VALUE" in page]
    assert smallest_type(pdf) >= SMALLEST_PT
    assert not headed_by_nothing(exported(sample, language).workbook, pages)
    nearly_empty = [number for number, page in enumerate(pages, 1) if len(page.split()) < 20]
    assert not nearly_empty
    assert list(sheets) == [*dict.fromkeys(sheets)]
    assert len(sheets) == (16 if "serving" in sheets else 15)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_figure_overflows_its_column_and_the_key_figures_are_on_the_summary(
    office: Office, tmp_path: Path, language: str
) -> None:
    _, pages = printed(office, tmp_path, language)
    assert not [number for number, page in enumerate(pages, 1) if "###" in page or "#NAME" in page or "#VALUE" in page]
    book = exported(SAMPLE, language).workbook
    names = book.names | book.printed
    summary = pages[2]
    for name, shown in (
        ("out_training_days", "{:,.1f}".format),
        ("out_cost_onprem_total", "{:,.0f}".format),
        ("out_cost_break_even_month", in_month),
    ):
        number = names[name].number
        assert number is not None
        assert shown(number) in summary.split()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_pages_of_a_plan_that_fits_neither_memory_nor_racks(office: Office, tmp_path: Path, language: str) -> None:
    """The summary says so where the figures would stand, and no page is left for a chart that is not drawn."""
    needs_pdf_tools()
    needs_fonts()
    plan = exported(SAMPLE, language).plan.with_values(
        {"parallel.auto": False, "parallel.tp": 1, "parallel.pp": 1, "parallel.zero_stage": 0, "facility.rack_kva": 6.0}
    )
    result = estimate(plan)
    assert result.memory.verdict == "no"
    book = build(plan, result, language, "customer", parity.SETTINGS)
    pdf = tmp_path / "impossible.pdf"
    office.pdf(parity.write(tmp_path / "impossible.xlsx", to_bytes(book)), pdf)
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    pages = text.split("\f")[:-1]
    assert not [number for number, page in enumerate(pages, 1) if "###" in page or "#VALUE" in page]
    notes = [
        str(cell.value) for cell in book.sheets["summary"].cells.values() if cell.role == "kpi_note" and cell.value
    ]
    for said in notes[:2]:
        assert said in (book_text("kpi_days_unfit", language), book_text("kpi_racks_impossible", language))
    assert book.names["out_check"].value == book_text("check_bad", language)
    assert not [number for number, page in enumerate(pages, 1) if len(page.split()) < 20]


def test_portrait_is_offered(office: Office, tmp_path: Path) -> None:
    """Some municipal tenders ask for A4 upright."""
    from dataclasses import replace

    from mitsumori.model.workbook import build, to_bytes

    needs_pdf_tools()
    made = exported(SAMPLE)
    data = to_bytes(
        build(made.plan, made.estimate, "ja", "customer", replace(parity.SETTINGS, landscape=False), table=made.table)
    )
    pdf = tmp_path / "upright.pdf"
    office.pdf(parity.write(tmp_path / "upright.xlsx", data), pdf)
    info = subprocess.run(["pdfinfo", str(pdf)], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Page size:\s+595\.\d+ x 841\.\d+", info)


def test_hostile_text_is_text_in_libreoffice(office: Office, tmp_path: Path) -> None:
    """What a user types is never evaluated, links nowhere and keeps its characters."""
    from mitsumori.model.workbook import build, to_bytes

    made = exported(SAMPLE)
    for number, text in enumerate(
        ("=1+1", "=cmd|' /C calc'!A0", "#N/A", "TRUE", "00123", "1E5", "1/2", "_x000D_", "+1", "@a")
    ):
        proposal = Proposal(customer=text)
        data = to_bytes(
            build(made.plan, made.estimate, "ja", "customer", parity.SETTINGS, proposal=proposal, table=made.table)
        )
        book = office.open(parity.write(tmp_path / f"{number}.xlsx", data))
        cell = book.names.getByName("in_proposal_customer").getReferredCells().getCellByPosition(0, 0)
        assert cell.Type.value == "TEXT"
        assert cell.String == text
        book.close()
