"""Names keep the end by which they are told apart; units of axes follow the values; new controls have roles."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QAccessible

from mitsumori.gui.charts.numbers import duration
from mitsumori.gui.inputs.choices import servers
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.widgets.paint import shortened, width_of
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.project import load_sample
from tests.gui.windows import window

PLAN = load_sample("llama3-70b-continual").plan


@pytest.mark.parametrize("room", [172.0, 200.0, 120.0])
def test_a_server_keeps_its_gpu_in_a_narrow_field(qapp: object, room: float) -> None:
    """ "NVIDIA DGX H200 · 8×H2…" and "NVIDIA DGX GB200 NVL7…" lost what was asked for."""
    seen = 0
    for _, name in servers(PLAN, Catalogue.shipped()):
        shown = shortened(name, 14, room)
        assert width_of(shown, 14) <= room + 1
        _, dot, gpu = name.rpartition(" · ")
        if dot and width_of(name, 14) > room and width_of(dot + gpu, 14) <= 0.7 * room:
            assert shown.endswith(dot + gpu) and "…" in shown
            seen += 1
        elif width_of(name, 14) > room:
            assert shown[-3:] == name[-3:]
    assert seen > 3


def test_the_field_of_the_server_is_painted_that_way(qtbot: Any) -> None:
    win = window(qtbot, PLAN.with_values({"cluster.server": "DGX-GB200-NVL72"}), estimator=estimate_plan)
    row = win.inputs.row("cluster.server")
    assert row is not None and row.combo.currentText().endswith("72×GB200")
    assert shortened(row.combo.currentText(), 14, 172.0).endswith("72×GB200")


@pytest.mark.parametrize(("tokens", "unit"), [(1e11, "days"), (2e9, "hours"), (2e7, "minutes")])
def test_the_axis_of_days_is_in_the_unit_of_the_plans_label(qtbot: Any, tokens: float, unit: str) -> None:
    """A job of two hours stood on an axis from 0.005 to 0.2 days beside the label "2.67 hours"."""
    plan = PLAN.with_values({"workload.tokens": tokens})
    win = window(qtbot, plan, estimator=estimate_plan)
    win.show_tab("overview")
    tab = win.tabs["overview"]
    qtbot.waitUntil(lambda: tab.days.data() is not None, timeout=30_000)
    axes = tab.days.axes(QRectF(0, 0, 500, 250))
    days = estimate_plan(plan).training.days.value
    assert axes is not None and days is not None
    assert axes.y_unit.startswith(unit) and unit.rstrip("s") in duration(days)
    per_day = {"days": 1.0, "hours": 24.0, "minutes": 1440.0}[unit]
    ticks = axes.y_ticks(*axes.y, QRectF(0, 0, 500, 250))
    for tick in ticks:
        assert float(axes.y_text(tick).replace(",", "")) == pytest.approx(tick * per_day, rel=1e-3)


def test_dots_and_the_answer_strip_have_roles(qtbot: Any) -> None:
    win = window(qtbot, PLAN, estimator=estimate_plan)
    win.present()
    qtbot.wait(20)
    page = win.presentation.page
    shown = next(dots for dots in page.dots if dots.isVisible())
    voice = QAccessible.queryAccessibleInterface(shown)
    assert voice.role() == QAccessible.Role.PageTabList
    assert "1 of 3" in voice.text(QAccessible.Text.Name)
    win.leave_present()
    win.files.ask_leave = lambda: "discard"
    win.show_start()
    strip = win._start.strip
    assert QAccessible.queryAccessibleInterface(strip).role() == QAccessible.Role.StaticText


def test_no_cell_runs_into_its_neighbour_or_out_of_its_row(qtbot: Any) -> None:
    """At 1280 x 720 sources ran over dates, instances over prices, and explanations were cut through their middle."""
    from PySide6.QtGui import QImage, QPainter

    from mitsumori.gui.tables.cells import _words, cut
    from mitsumori.gui.tables.columns import Cell, Column, Words

    long = "Koukaryoku DOK (container), 8 GPUs with a name that goes on and on · Ishikari"
    assert width_of(cut(long, 13, 120.0), 13) <= 121
    for cell, column in (
        (Cell(long), Column("Name")),
        (Cell("AWS", None, Words(14, notes=((long, "text_3"),))), Column("Name")),
        (Cell("¥956M", 956e6, Words(16, notes=((long, "text_2"),))), Column("Price", number=True)),
    ):
        image = QImage(400, 120, QImage.Format.Format_RGB32)
        image.fill(0xFFFFFFFF)
        painter = QPainter(image)
        box = QRectF(100, 40, 150, 40)
        _words(painter, box, cell, cell.look, column)
        painter.end()
        inked = [
            (x, y)
            for x in range(400)
            for y in range(120)
            if image.pixel(x, y) & 0xFFFFFF != 0xFFFFFF and not box.adjusted(-3, -3, 3, 3).contains(x, y)
        ]
        assert not inked, (cell.text, inked[:3])
