"""An amount that hangs on a total which leaves a line out carries its mark wherever the window shows or speaks it.

Three plans: electrical works not given, given as one yen (the same figures to every digit shown), given as a billion. What
the second shows and the third does not hangs on the works; the first must not show it without a mark.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from mitsumori.gui.store import estimate_plan
from mitsumori.gui.tabs import TABS
from mitsumori.gui.words.totals import star
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from tests.gui.spoken import cells, pointed, texts
from tests.gui.windows import window

AMOUNT = {"ja": re.compile(r"\d [億万]?(?:円|ドル)(?![/・])"), "en": re.compile(r"[¥$]\d[\d.,]*[kMB]?(?!/)")}
WORKS = "money.onprem.power_works"


def everything(page: QWidget) -> set[str]:
    """What a page paints, tells and lists, and what its charts say where somebody points, line by line."""
    return texts(page) | cells(page) | {line for text in pointed(page) for line in text.splitlines()}


def shown(qtbot: Any, plan: Plan, language: str) -> set[tuple[str, str]]:
    """Tab and text of everything that names an amount."""
    set_language(language)  # type: ignore[arg-type]
    win = window(
        qtbot,
        plan,
        plan.with_values({"cluster.servers": plan.cluster.servers + 4, "name": "B"}),
        estimator=estimate_plan,
    )
    found: set[tuple[str, str]] = set()
    for key, _, _ in TABS:
        win.show_tab(key)
        qtbot.wait(40)
        qtbot.waitUntil(lambda: not win.jobs.any_busy() and not win.services.at_work(), timeout=120_000)
        qtbot.wait(20)
        page = win.tabs[key].page
        found |= {(key, text) for text in everything(page) if AMOUNT[language].search(text)}
    found |= {("headline", card.accessibleName()) for card in win.headline.cards()}
    win.present()
    page = win.presentation.page
    for index in range(page.charts.count()):
        page.show_chart(index)
        qtbot.wait(40)
        found |= {("present", text) for text in everything(page) if AMOUNT[language].search(text)}
    win.leave_present()
    return found


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("sample", ["llama3-70b-continual", "serve-rag-3000"])
def test_no_amount_that_lacks_a_line_stands_without_its_mark(qtbot: Any, sample: str, language: str) -> None:
    plan = load_sample(sample).plan
    lacking, tiny, large = (shown(qtbot, plan.with_values({WORKS: works}), language) for works in (None, 1.0, 1e9))
    hanging = tiny - large
    assert len(hanging) > 20, "the walk saw too little to mean anything"
    bare = {(place, text) for place, text in lacking & hanging if star() not in text}
    bare = {item for item in bare if not re.fullmatch(r"[¥$][\d.,]+", item[1])}  # a number whose unit is drawn apart
    assert not bare, "\n".join(f"{place}: {text}" for place, text in sorted(bare))
