"""What stands on each slide: a sentence as title, figures, tables and charts of a described workbook, and notes.

Nothing is worked out here: every figure is the value of a named cell, every chart a chart of the workbook, every note the
basis beside such a cell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from mitsumori.model.slides import pages, served
from mitsumori.model.slides.blocks import Deck, Slide
from mitsumori.model.slides.reader import Reader
from mitsumori.model.workbook.description import Workbook


def deck(books: Sequence[Workbook]) -> Deck:
    """The slides of described workbooks, one a scenario; the first is the one offered.

    Returns
    -------
    Deck
        Ten slides, eleven with several scenarios; a chart without a figure (a total that is not known) is left out.
    """
    reader = Reader(books[0])
    names = reader.book.names

    def said(name: str) -> str:
        value = names[f"in_proposal_{name}"].value
        return "" if value is None else str(value)

    issued = names["doc_issue_date"].value
    date = str(issued)
    if isinstance(issued, dt.date):
        date = reader.t("date", year=issued.year, month=issued.month, day=issued.day)
    number = said("quote_number")
    addressed = " ".join(
        part for part in (said("customer"), said("contact"), reader.book.said.get("polite", "")) if part
    )
    dated = reader.t("cover_number", date=date, number=number) if number else date
    issuer = reader.book.said.get("issuer", "")
    serves = "out_serving_servers" in names
    asked = (served.answer(reader), served.money(reader)) if serves else (pages.training(reader), pages.memory(reader))
    made = [
        served.summary(reader) if serves else pages.summary(reader),
        pages.plans([Reader(book) for book in books]) if len(books) > 1 else None,
        *asked, served.calendar(reader), pages.racks(reader), pages.cumulative(reader), pages.lines(reader),
        pages.clouds(reader), pages.factors(reader), pages.assumptions(reader),
    ]  # fmt: skip
    cover = Slide("cover", said("subject"), reader.w("cover_title"), notes=(reader.w("cover_note"),),
                  points=(reader.book.said["break_even"].strip(),))  # fmt: skip
    foot = " | ".join(part for part in (issuer, reader.book.header_right) if part)
    slides = [cover, *(page for page in made if page is not None)]
    issuing = (dated, issuer) if issuer else (dated,)
    return Deck(
        reader.language, reader.book.title, reader.book.author, reader.book.created, addressed, issuing, foot,
        reader.book.header_right, tuple(_with_sheet_note(slide, reader) for slide in slides),
    )  # fmt: skip


def _with_sheet_note(slide: Slide, reader: Reader) -> Slide:
    """Every slide's notes say from where its figures are."""
    return replace(slide, notes=(*slide.notes, reader.t("note_same_figures", title=reader.book.title)))
