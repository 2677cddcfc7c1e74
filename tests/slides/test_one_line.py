"""Text of a table stands on one line of its row, and a title in its box, as LibreOffice draws them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from mitsumori.model.plan.project import load_sample, sample_names
from mitsumori.model.slides import deck, to_bytes
from mitsumori.model.slides.blocks import Deck
from mitsumori.model.workbook import described
from tests.needs import needs_fonts, needs_pdf_tools
from tests.workbook import parity
from tests.workbook.office import Office

pytestmark = [pytest.mark.libreoffice, pytest.mark.fonts, pytest.mark.timeout(300)]
LISTED = {"serving.api_price.input": 0.3, "serving.api_price.output": 1.2}


def words_of(page: str) -> list[tuple[float, float, str]]:
    """Left edge, middle and text of each word of a page."""
    found = re.finditer(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">(.*?)</word>', page)
    return [(float(m[1]), (float(m[2]) + float(m[3])) / 2, m[4]) for m in found]


def on_one_line(words: list[tuple[float, float, str]], text: str) -> bool:
    """Whether some line of the page holds a text; entities and spaces, which programs add, aside."""
    plain = re.sub(r"[\s&<>']|amp;|lt;|gt;|apos;|quot;", "", text)
    for _, middle, _ in words:
        line = "".join(word for _, _, word in sorted(w for w in words if abs(w[1] - middle) < 2.5))
        if plain in re.sub(r"[\s&<>']|amp;|lt;|gt;|apos;|quot;", "", line):
            return True
    return False


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("slides")


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("sample", sample_names())
def test_cells_of_tables_stand_on_one_line(office: Office, folder: Path, sample: str, language: str) -> None:
    needs_pdf_tools()
    needs_fonts()
    plan = load_sample(sample).plans[0]
    plan = plan.with_values(LISTED) if sample.startswith("serve") else plan
    slides: Deck = deck(described((plan,), language, "customer", parity.SETTINGS))  # type: ignore[arg-type]
    path = folder / f"{sample}-{language}.pptx"
    path.write_bytes(to_bytes(slides)[0])
    office.pdf(path, path.with_suffix(".pdf"), "impress_pdf_Export")
    told = subprocess.run(
        ["pdftotext", "-bbox", str(path.with_suffix(".pdf")), "-"], capture_output=True, text=True, check=True
    ).stdout
    pages = told.split("<page ")[1:]
    assert len(pages) == len(slides.slides)
    wrong = [
        (slide.key, text)
        for slide, page in zip(slides.slides, pages, strict=True)
        for table in slide.tables
        for row in (table.heads, *table.rows)
        for text in row
        if text and not on_one_line(words_of(page), text)
    ]
    assert not wrong
