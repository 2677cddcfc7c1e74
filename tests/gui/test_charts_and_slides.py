"""One answer, three places: what a chart's ``series()`` holds is what the workbook's charts, and so the slides and their PDF, show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mitsumori.gui.store import estimate_plan
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.project import load_sample
from mitsumori.model.slides import deck
from mitsumori.model.slides.blocks import ChartBlock
from mitsumori.model.workbook import described
from tests.gui.windows import window

SAMPLE = "llama3-70b-continual"


@pytest.fixture(scope="module")
def blocks() -> dict[str, ChartBlock]:
    """Charts of the slides by slide."""
    return {
        slide.key: chart for slide in deck(described(load_sample(SAMPLE).plans, "en")).slides for chart in slide.charts
    }


def shown(qtbot: Any, tab: str) -> Any:
    set_language("en")
    win = window(qtbot, load_sample(SAMPLE).plan, estimator=estimate_plan)
    win.show_tab(tab)
    qtbot.waitUntil(lambda: not win.jobs.any_busy() and not win.services.at_work(), timeout=120_000)
    qtbot.wait(50)
    return win.tabs[tab]


def test_cumulative_costs_are_the_workbooks(qtbot: Any, blocks: dict[str, ChartBlock]) -> None:
    curve, block = shown(qtbot, "cost").curve, blocks["cumulative"]
    found = {series.name: series for series in curve.series()}
    assert [series.name for series in block.series] == ["Cloud", "On-premises"]
    for series in block.series:
        mine = found[series.name]
        assert mine.x.tolist() == list(block.categories)
        assert mine.y == pytest.approx(np.array(series.values, dtype=float), rel=1e-9)


def test_the_factors_of_the_saving_are_the_workbooks(qtbot: Any, blocks: dict[str, ChartBlock]) -> None:
    """The chart draws what remains saved, the workbook the difference from the plan: the same bars from another zero."""
    tornado, block = shown(qtbot, "cost").tornado, blocks["factors"]
    rows = {row.name: (row.low - tornado._base, row.high - tornado._base) for row in tornado._rows}
    theirs = {
        str(name): ends
        for name, *ends in zip(block.categories, *(series.values for series in block.series), strict=True)
    }
    common = rows.keys() & theirs.keys()
    assert len(common) >= 5, (sorted(rows), sorted(theirs))
    for name in common:
        assert sorted(rows[name]) == pytest.approx(sorted(theirs[name]), rel=1e-6, abs=1.0), name


def test_the_memory_of_the_phases_is_the_workbooks(qtbot: Any, blocks: dict[str, ChartBlock]) -> None:
    phases, block = shown(qtbot, "memory").phases, blocks["memory"]
    found = {series.name: series for series in phases.series()}
    common = [series for series in block.series if series.name in found]
    assert len(common) >= 4, (sorted(found), [series.name for series in block.series])
    for series in common:
        assert found[series.name].y.tolist() == pytest.approx([value or 0.0 for value in series.values], rel=1e-6), (
            series.name
        )
