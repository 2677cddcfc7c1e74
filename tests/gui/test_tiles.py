"""The uses of a service stand as buttons over the pane (drawing 13): all are seen, one click chooses."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest

from mitsumori.gui.store import estimate_plan
from mitsumori.gui.widgets.paint import shortened
from mitsumori.gui.widgets.tiles import Tiles
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.project import load_sample
from tests.gui.windows import window

PLAN = load_sample("serve-rag-3000").plan
PROFILE = "serving.profile"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_use_is_seen_whole_and_one_click_away(qtbot: Any, language: str) -> None:
    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot, PLAN, estimator=estimate_plan, size=(1280, 720))
    tiles = win.inputs.row(PROFILE).combo
    assert isinstance(tiles, Tiles) and tiles.itemData(tiles.currentIndex()) == "rag"
    words = [tiles.itemText(place) for place in range(tiles.count())]
    assert len(words) >= 6
    cells = tiles._cells()
    for at, cell in enumerate(cells):
        assert tiles.rect().contains(cell.toRect())
        assert shortened(words[at], 13, cell.width() - 4, 500) == words[at], "each is written whole"
        assert not any(cell.intersects(other) for other in cells[:at])
    place = [tiles.itemData(at) for at in range(tiles.count())].index("coding")
    QTest.mouseClick(tiles, Qt.MouseButton.LeftButton, pos=cells[place].center().toPoint())
    assert win.store.plan.serving.profile == "coding"
    win.store.undo_stack.undo()
    assert win.store.plan == PLAN and tiles.itemData(tiles.currentIndex()) == "rag"


def test_keys_move_and_a_screen_reader_hears_the_use(qtbot: Any) -> None:
    win = window(qtbot, PLAN, estimator=estimate_plan)
    tiles = win.inputs.row(PROFILE).combo
    QTest.keyClick(tiles, Qt.Key.Key_Down)
    assert win.store.plan.serving.profile == tiles.itemData(4), "one line down"
    QTest.keyClick(tiles, Qt.Key.Key_Left)
    assert win.store.plan.serving.profile == tiles.itemData(3)
    heard = QAccessible.queryAccessibleInterface(tiles)
    assert heard.text(QAccessible.Text.Name) and heard.text(QAccessible.Text.Value) == tiles.itemText(3)
