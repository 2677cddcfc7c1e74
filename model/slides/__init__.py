"""The proposal as slides: native, editable charts and tables, from the description of the workbook.

:func:`deck` takes titles, figures, tables and charts out of a described workbook, so that both say the same;
:func:`to_bytes` writes a PowerPoint file with python-pptx, on our own layouts or on those of a customer's template.
``gui/present/deck_pdf.py`` draws the same slides as a PDF.
"""

from __future__ import annotations

from pathlib import Path

from mitsumori.model.base.files import ANYTHING, Known
from mitsumori.model.base.messages import Sentence
from mitsumori.model.slides.blocks import Deck
from mitsumori.model.slides.deck import deck
from mitsumori.model.workbook.description import Workbook

__all__ = ["Deck", "deck", "export", "to_bytes"]


def to_bytes(slides: Deck, template: bytes | None = None, name: str = "") -> tuple[bytes, tuple[Sentence, ...]]:
    """The .pptx file of a deck, and sentences about what the template does not have.

    Parameters
    ----------
    slides
        What is shown.
    template
        Content of a .potx or .pptx whose layouts, fonts and colours are used; None is our own.
    name
        Name of the template's file, for the sentences.

    Raises
    ------
    Refusal
        For a template that cannot be used.
    """
    from mitsumori.model.slides import write

    return write.to_bytes(slides, template, name)


def export(
    books: tuple[Workbook, ...], path: Path, template: Path | None = None, expect: Known = ANYTHING
) -> tuple[Sentence, ...]:
    """Write the slides of described workbooks to ``path``, all or nothing; returns what is to be said.

    ``books`` are one a scenario, the first is the main one.

    Parameters
    ----------
    books
        Descriptions, one a scenario, the main one first.
    path
        File that is written.
    template
        The customer's .pptx or .potx; None: our own.
    expect
        Fingerprint of what may be replaced at ``path``; anything as standard.

    Raises
    ------
    Refusal
        With one sentence for a template that cannot be used and for a file that cannot be written.
    """
    from mitsumori.model.slides.template import read_template
    from mitsumori.model.workbook import save

    content = None if template is None else read_template(template)
    data, notes = to_bytes(deck(books), content, "" if template is None else template.name)
    save.save(path, data, expect)
    return notes
