"""GPU what-if and the matrix of clouds in the window: weak prices make no title, a click uses a price or asks for a quote."""

from __future__ import annotations

from typing import Any

import pytest

from mitsumori.gui.store import estimate_plan
from mitsumori.gui.tables.gpu_swaps import swap_title
from mitsumori.gui.tabs.cloud_view import beside, with_clouds
from mitsumori.gui.tabs.view import cost_curve
from mitsumori.gui.words.translation import set_language
from mitsumori.model.estimate.clouds import cloud_matrix
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.gpu_swap import gpu_swaps
from tests.gui.windows import window

PLAN = load_sample("llama3-70b-continual").plan.with_values({"money.onprem.power_works": 0.0})


def cell(table: Any, row: str, column: int) -> Any:
    found = next(line for line in table.table().rows if row in line[0].tip or row == line[0].text)
    return found[column]


def test_a_weak_price_makes_no_title(qapp: object) -> None:
    """ "For the same money B300 takes 10.3 instead of 25.9 days" rested on a price that its source calls conflicting."""
    set_language("en")
    swaps = gpu_swaps(PLAN)
    assert (
        min((s for s in swaps if s.cost is not None), key=lambda s: s.result.training.days.value).accelerator == "B300"
    )  # type: ignore[union-attr]
    assert swap_title(swaps, "JPY").startswith("B200 would take")


def test_a_row_swaps_the_gpu_and_undo_brings_it_back(qtbot: Any) -> None:
    set_language("ja")
    win = window(qtbot, PLAN, estimator=estimate_plan)
    win.show_tab("training_time")
    tab = win.tabs["training_time"]
    qtbot.waitUntil(lambda: tab.swaps.table().rows != (), timeout=20_000)
    row = next(at for at, line in enumerate(tab.swaps.table().rows) if line[0].text == "H200")
    tab.open_key(tab.swaps.table().keys[row])
    assert win.store.plan.cluster.accelerator == "H200" and win.store.plan.money.onprem.server_price is None
    assert win.notices.toast.text()
    win.store.undo_stack.undo()
    assert win.store.plan == PLAN


def test_the_matrix_says_no_public_price_before_choosing_and_takes_a_quote(qtbot: Any) -> None:
    set_language("ja")
    win = window(qtbot, PLAN, estimator=estimate_plan)
    win.show_tab("cost")
    tab = win.tabs["cost"]
    qtbot.waitUntil(lambda: tab.clouds.table().rows != (), timeout=20_000)
    azure = cell(tab.clouds, "ND96isr_H100_v5 · japaneast", 1)
    assert azure.text == "公表価格なし" and azure.key[0] == "quote"
    tab.open_key(azure.key)
    assert win.store.plan.money.cloud.instance == "azure-nd96isr-h100-v5-japaneast"
    win.apply({"money.cloud.price_per_hour": 132.0})
    win.store.compute_now()
    qtbot.waitUntil(lambda: "入力値" in cell(tab.clouds, "ND96isr_H100_v5 · japaneast", 1).tip, timeout=20_000)
    aws = cell(tab.clouds, "p5.48xlarge · ap-northeast-1 (Tokyo)", 1)
    tab.open_key(aws.key)
    assert win.store.plan.money.cloud.price_per_hour is None, "the quote was Microsoft's"


def test_several_clouds_stand_beside_owning_in_one_picture() -> None:
    result = estimate_plan(PLAN)
    found = cloud_matrix(PLAN)
    data = with_clouds(cost_curve(PLAN, result.cost), found)
    names = [line.name for line in data.lines]
    assert len(beside(found)) >= 2 and all(name in names for name, _ in beside(found))
    assert all(cell.state in ("price", "typed") for _, cell in beside(found)), "no weak price is drawn as a fact"


@pytest.mark.parametrize("span", ["once", "monthly", "total"])
def test_every_amount_of_the_matrix_is_the_models(qtbot: Any, span: str) -> None:
    set_language("en")
    win = window(qtbot, PLAN, estimator=estimate_plan)
    win.show_tab("cost")
    tab = win.tabs["cost"]
    qtbot.waitUntil(lambda: tab.clouds.table().rows != (), timeout=20_000)
    tab.panel.span.set_value(span)
    tab.panel.changed.emit()
    found = cloud_matrix(PLAN)
    for row, line in zip(found.rows, tab.clouds.table().rows[1:], strict=True):
        for place, one in enumerate(row.cells.values(), start=1):
            assert line[place].value == (None if one.state == "none" else getattr(one, span))
