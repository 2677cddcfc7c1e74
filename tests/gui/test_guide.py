"""The guide: its chapters can be reached, and nothing of it is cut."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6.QtWidgets")

from PySide6.QtCore import QUrl

from mitsumori.gui.dialogs.guide import Guide, slug
from mitsumori.gui.words.translation import set_language


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_chapter_is_a_click_away(qtbot, language: str) -> None:  # type: ignore[no-untyped-def]
    set_language(language)  # type: ignore[arg-type]
    guide = Guide(None)  # type: ignore[arg-type]
    qtbot.addWidget(guide)
    guide.show()
    qtbot.waitExposed(guide)
    document = guide.page.document()
    links, chapters = [], []
    block = document.begin()
    while block.isValid():
        if block.blockFormat().headingLevel() == 2:
            chapters.append(slug(block.text()))
        for span in block.textFormats():
            if span.format.anchorHref().startswith("#"):
                links.append(span.format.anchorHref()[1:])
        block = block.next()
    assert links == chapters
    bar = guide.page.verticalScrollBar()
    places = []
    for name in links:
        guide.page.setSource(QUrl(f"#{name}"))
        places.append(bar.value())
    assert places == sorted(places)
    assert len(set(places)) >= len(places) - 1  # the last chapters may share the end of the page


def test_a_heading_becomes_a_name() -> None:
    assert slug("What the figures rest on") == "what-the-figures-rest-on"
    assert slug("5 分で始める") == "5-分で始める"
