"""The slides as a PDF: the deck's texts on as many pages, by window and command."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from html import escape
from pathlib import Path

import pytest

from mitsumori.gui.present.deck_pdf import pdf_of
from mitsumori.model.plan.project import load_sample
from mitsumori.model.slides import deck
from mitsumori.model.slides.svg import ticks
from mitsumori.model.workbook import described
from tests.needs import needs_pdf_tools

SAMPLE = "llama3-70b-continual"


def told(path: Path) -> list[str]:
    text = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True).stdout
    return [letters(page) for page in text.split("\f")[:-1]]


def letters(text: str) -> str:
    """Letters and digits alone: fonts have glyphs of their own for some punctuation."""
    return re.sub(r"[\W_]|\u30fb", "", unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_slide_is_a_page_with_its_title_and_figures(application, tmp_path: Path, language: str) -> None:  # type: ignore[no-untyped-def]
    needs_pdf_tools()
    slides = deck(described(load_sample(SAMPLE).plans, language))
    path = tmp_path / "slides.pdf"
    path.write_bytes(pdf_of(slides))
    pages = told(path)
    assert len(pages) == len(slides.slides) == 11
    for page, slide in zip(pages, slides.slides, strict=True):
        wanted = [slide.title, *(figure.value for figure in slide.figures)]
        wanted += [text for table in slide.tables for row in table.rows for text in row]
        for text in wanted:
            assert letters(text) in page


def test_the_command_draws_without_a_display(tmp_path: Path) -> None:
    path = tmp_path / "out.pdf"
    done = subprocess.run(
        [sys.executable, "-m", "mitsumori.gui", "export", SAMPLE, str(path), "--lang", "en"],
        capture_output=True, text=True, check=False, timeout=120,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert path.read_bytes()[:5] == b"%PDF-"


def test_without_qt_it_is_one_sentence_and_status_2(tmp_path: Path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    from mitsumori.gui import __main__, display

    monkeypatch.setattr(display, "_missing_library", lambda: "libEGL.so.1")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    for language, word in (("en", "libEGL.so.1 is missing"), ("ja", "libEGL.so.1 がない")):
        assert __main__.main(["export", SAMPLE, str(tmp_path / "out.pdf"), "--lang", language]) == 2
        said = capsys.readouterr()
        assert said.out == "" and len(said.err.strip().splitlines()) == 1 and word in said.err
    assert not (tmp_path / "out.pdf").exists()


@pytest.mark.parametrize(("low", "high"), [(0.0, 2052.0), (-1450.0, 1183.0), (0.0, 1.0), (5.0, 5.0), (0.0, 3e9)])
def test_ticks_are_round_and_enclose(low: float, high: float) -> None:
    marks = ticks(low, high)
    assert marks[0] <= low and marks[-1] >= high - 1e-9
    assert 2 <= len(marks) <= 9 or low == high


def test_a_chart_on_paper_is_the_drawing_of_the_page(application) -> None:  # type: ignore[no-untyped-def]
    """One drawing, in the size and with the names that a picture alone needs; Qt paints what a browser shows."""
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QImage, QPainter

    from mitsumori.gui.present.deck_pdf import _chart
    from mitsumori.model.slides.svg import drawn, picture

    charts = [chart for slide in deck(described(load_sample(SAMPLE).plans, "en")).slides for chart in slide.charts]
    assert {chart.kind for chart in charts} >= {"xy", "stacked_column", "bar", "column"}
    for chart in charts:
        assert picture(chart) in drawn(chart)
        alone = picture(chart, 560, 400, "Inter")
        if len(chart.series) > 1:
            assert all(f">{escape(series.name)}<" in alone for series in chart.series)
        page = QImage(600, 460, QImage.Format.Format_RGB32)
        page.fill(0xFFFFFFFF)
        painter = QPainter(page)
        _chart(painter, chart, QRectF(20, 20, 560, 420))
        painter.end()
        inks = {page.pixelColor(x, y).name() for x in range(0, 600, 2) for y in range(0, 460, 2)}
        for series in chart.series:
            if any(series.values):
                assert f"#{series.color.lower()}" in inks, (chart.title, series.name)


def test_a_single_series_says_its_numbers() -> None:
    from mitsumori.model.slides.blocks import ChartBlock, ChartSeries
    from mitsumori.model.slides.svg import picture

    for kind in ("bar", "column"):
        block = ChartBlock(kind, "Racks", "", ("air", "water & oil"), (ChartSeries("racks", (8.0, None), "B4430F"),))  # type: ignore[arg-type]
        made = picture(block)
        assert made.count(">8</text>") == 2  # at its bar, and at the axis
        assert "water &amp; oil" in made
