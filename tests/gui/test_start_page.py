"""The start page at the size of its design: everything that answers stands above the fold, in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint

from mitsumori.gui.store import estimate_plan
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.project import load_sample
from tests.gui.windows import window


@pytest.mark.parametrize("size", [(1600, 1000), (1280, 720)])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_sample_cards_stand_wholly_above_the_fold(qtbot: Any, language: str, size: tuple[int, int]) -> None:
    """Their results lay below the edge of the window, in English all three of them at 1600 x 1000, at 1280 x 720 in both."""
    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot, load_sample("llama2-7b-sft").plan, estimator=estimate_plan)
    win.resize(*size)
    win.files.ask_leave = lambda: "discard"  # type: ignore[method-assign]
    win.show_start()
    qtbot.waitUntil(lambda: all(card.estimate is not None for card in win._start.samples), timeout=60_000)
    fold = win.footer.mapTo(win, QPoint(0, 0)).y()
    for card in win._start.samples:
        assert card.mapTo(win, QPoint(0, card.height())).y() <= fold
    assert win._start.begin.mapTo(win, QPoint(0, win._start.begin.height())).y() < fold


def test_each_sample_card_has_a_name_of_its_own(qtbot: Any) -> None:
    """Two of four were called Llama 3 70B, continual pre-training."""
    for language in ("ja", "en"):
        set_language(language)  # type: ignore[arg-type]
        win = window(qtbot, load_sample("llama2-7b-sft").plan, estimator=estimate_plan)
        win.show_start()
        names = [card.toolTip() for card in win._start.samples]
        assert len(set(names)) == len(names), names


def test_the_strip_says_when_nothing_keeps_what_was_asked(qtbot: Any) -> None:
    win = window(qtbot, load_sample("llama2-7b-sft").plan, estimator=estimate_plan)
    win.show_start()
    strip = win._start.strip
    win._start._rested.stop()
    strip.set_answer([("Servers", "8")], "No plan ends within a day.", True)
    assert strip.accessibleName() == "Servers 8"
    assert strip.accessibleDescription() == strip.why() == "No plan ends within a day."
