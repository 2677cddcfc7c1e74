"""Charts: what they promise whatever is in them.

Labels never collide, the table says what the picture shows, axes stand still under the hand, and picture and window come
from one painter.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from mitsumori.gui.charts import cost_curve
from mitsumori.gui.charts.axes import corners
from mitsumori.gui.charts.bars import (
    Column,
    CostStack,
    LimitBars,
    LimitRow,
    Part,
    PartBars,
    SegmentBar,
)
from mitsumori.gui.charts.base import Chart
from mitsumori.gui.charts.before_after import BeforeAfter, SpeedRow
from mitsumori.gui.charts.combined import Combined
from mitsumori.gui.charts.cost_curve import CostCurveData, CostLine, CumulativeCost
from mitsumori.gui.charts.days_curve import DaysCurve, DaysData
from mitsumori.gui.charts.energy_flow import EnergyFlow, FlowPart
from mitsumori.gui.charts.memory_stack import PARTS, Stack, StackBar, StackRows
from mitsumori.gui.charts.rack import RackElevation, RackRow
from mitsumori.gui.charts.risk import RangeBars, RangeRow
from mitsumori.gui.charts.tornado import Tornado, TornadoRow
from mitsumori.gui.charts.trade_off import Against, Choice, TradeOff
from mitsumori.gui.tables.columns import Cell
from mitsumori.gui.theme.tokens import set_theme, theme
from mitsumori.gui.words.translation import set_language
from mitsumori.model.base.findings import Remedy
from tests.gui import sample_estimate as sample
from tests.gui.chart_data import CLOUD, MONTHS, OWNED, cumulative, days_curve, paint, stack


def test_a_part_that_changes_leaves_the_other_as_it_was_painted(qtbot) -> None:  # type: ignore[no-untyped-def]
    class Counted(PartBars):
        drawn = 0

        def draw(self, painter: QPainter, rect: QRectF) -> None:
            self.drawn += 1
            self.mark(rect, "here", "key")

    left, right = Counted(), Counted()
    both = Combined((left, right), (1, 1), across=True, gap=20)
    qtbot.addWidget(both)
    both.resize(400, 200)
    both.show()
    qtbot.waitUntil(lambda: left.drawn > 0 and right.drawn > 0)
    qtbot.wait(20)
    before = left.drawn, right.drawn
    right.shown("something else")
    qtbot.waitUntil(lambda: right.drawn > before[1])
    assert left.drawn == before[0]
    image = QImage(800, 300, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    both.render_to(painter, QRectF(image.rect()))
    painter.end()
    assert left.drawn == before[0] + 1
    opened: list[Any] = []
    both.activated.connect(opened.append)
    qtbot.mouseClick(left.view().viewport(), Qt.MouseButton.LeftButton, pos=left.rect().center())
    assert opened == ["key"]


def filled() -> dict[str, Chart]:
    """One of every chart, with contents."""
    big = StackBar()
    big.set_data(stack(), 80.0)
    over = StackBar()
    over.set_data(stack((40, 40, 30, 20, 4, 3)), 80.0)
    rows = StackRows(legend=True)
    rows.set_data([stack(name="ZeRO-0", value="62.4 GB"), stack((9,) * 6, name="ZeRO-3", note="chosen")], 80.0)
    parts = [Part(f"part {i}", float(10 - i), "time_compute", f"{10 - i} s", key=f"k{i}") for i in range(7)]
    bars, segment = PartBars(), SegmentBar()
    bars.set_data(parts, ("Sum", "49 s", "MFU"))
    segment.set_data(parts, "One step", "MFU")
    limits = LimitBars()
    limits.set_data(
        [LimitRow("Air", "1 server", 11.9, 10.0, "11.9 / 10", True), LimitRow("Door", "", 22, 30, "22 / 30")]
    )
    cost = CostStack()
    cost.set_data(
        [Column("Cloud", "cloud", "21.4", tuple(parts)), Column("Owned", "onprem", "8", tuple(parts))], parts, "M"
    )
    tornado = Tornado()
    tornado.set_data(
        [TornadoRow("Price", -1.0, 9.0, "20", "98", True), TornadoRow("Tax", 5.0, 5.0, "1", "1")], 5.0, "Base", 1.0, "M"
    )
    racks, rack_row = RackElevation(), RackRow()
    racks.set_data(sample.racks(), "XD670")
    rack_row.set_data(sample.racks())
    flow = EnergyFlow()
    flow.set_data(
        ("Utility", "124 kVA"), [FlowPart("Servers", 81.6, "accent"), FlowPart("Cooling", 28.0, "heat_liquid")]
    )
    speeds = BeforeAfter()
    speeds.set_data(
        [SpeedRow("Now", 1500.0, 1200.0, 1800.0, "1,500"), SpeedRow("Then", 1300.0, 1200.0, 1400.0, "1,300")], 1290.0
    )
    ranges = RangeBars()
    ranges.set_data([RangeRow("Saving", -2e8, 5e8, 9e8, "accent", "¥500M")], "JPY")
    trade = TradeOff()
    marks = [
        Choice(c, 1e10 / c, family, shape, bool(shape), True, not shape, True, c == 4e8, c == 8e8, "8", "tip", ("8",), {"c": c})
        for shape, family in enumerate(("H100", "H100, cloud"))
        for c in (2e8, 4e8, 8e8)
    ]  # fmt: skip
    trade.set_data(marks, Against("cost, {unit}", "JPY", ("Plan",)), (20.0, 6e8), "Goal")
    return {
        "stack": big,
        "over": over,
        "rows": rows,
        "bars": bars,
        "segment": segment,
        "limits": limits,
        "cost": cost,
        "tornado": tornado,
        "racks": racks,
        "rack_row": rack_row,
        "flow": flow,
        "ranges": ranges,
        "speeds": speeds,
        "trade": trade,
        "days": days_curve(),
        "cumulative": cumulative(),
    }


@pytest.mark.parametrize("size", [(180, 90), (460, 260), (1500, 700)])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_chart_paints_at_any_size_in_both_themes(qtbot: Any, mode: Any, size: tuple[int, int]) -> None:
    set_theme(mode)
    for name, chart in filled().items():
        qtbot.addWidget(chart)
        image = paint(chart, *size)
        if size[0] > 200:
            blank = image.copy()
            blank.fill(theme().color("card"))
            assert image != blank, name


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_chart_has_its_table(qtbot: Any, language: Any) -> None:
    set_language(language)
    for name, chart in filled().items():
        qtbot.addWidget(chart)
        table = chart.table()
        assert table.headers, name
        assert all(len(row) == len(table.headers) for row in table.rows), name
        assert table.rows, name
        assert table.tsv().count("\n") == len(table.rows), name
        assert not table.keys or len(table.keys) == len(table.rows), name


def test_every_chart_has_its_series_of_raw_numbers(qtbot: Any) -> None:
    for name, chart in filled().items():
        qtbot.addWidget(chart)
        series, table = chart.series(), chart.table()
        assert series, name
        shown = {cell.value for row in table.rows for cell in row if isinstance(cell, Cell) and cell.value is not None}
        for one in series:
            assert one.name, name
            assert len(one.x) == len(one.y) > 0, name
            assert not one.names or len(one.names) == len(one.y), name
            assert (np.diff(one.x) >= 0).all(), name
            if one.low is not None:
                assert one.high is not None
                inside = np.isfinite(one.y) & np.isfinite(one.low) & np.isfinite(one.high)
                assert ((one.low <= one.y) & (one.y <= one.high))[inside].all(), name
            if name != "trade":  # its marks have cells that were written by hand
                told = {value for value in one.y.tolist() if math.isfinite(value)}
                assert told & shown, (name, one.name)
        if name not in ("days", "cumulative", "trade"):
            assert {value for one in series for value in one.y.tolist() if math.isfinite(value)} <= shown, name


def test_a_series_has_neither_sums_nor_texts(qtbot: Any) -> None:
    charts = filled()
    for chart in charts.values():
        qtbot.addWidget(chart)
    assert charts["bars"].series()[0].y.tolist() == [10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0]
    assert len(charts["bars"].table().rows) == 8, "the table has the sum"
    cloud, owned = charts["cost"].series()
    assert (cloud.name, owned.name) == ("Cloud", "Owned")
    assert len(cloud.names) == len(cloud.y) == 7
    saving = charts["ranges"].series()[0]
    assert (saving.y.tolist(), saving.names, saving.y_unit) == ([5e8], ("Saving",), "JPY")
    assert saving.low is not None
    assert saving.low.tolist() == [-2e8]


def test_marks_lie_inside_the_chart(show: Any) -> None:
    for name, chart in filled().items():
        show(chart, 620, 420)
        chart.grab()
        room = QRectF(chart.rect()).adjusted(-12, -12, 12, 12)
        for mark in chart.marks():
            assert room.contains(mark.rect), name
            assert mark.words(), name


def test_presenting_scales_measures_and_type() -> None:
    chart = days_curve()
    small = chart.minimumSizeHint()
    set_theme(scale=1.5)
    assert chart.minimumSizeHint().width() == round(small.width() * 1.5)
    paint(chart, 900, 500)


# -- memory -----------------------------------------------------------------------------------------------------------


def test_stack_parts_stand_side_by_side_and_add_up(show: Any) -> None:
    chart = StackBar()
    show(chart, 700, 150)
    chart.set_data(stack(), 80.0)
    chart.grab()
    rects = [mark.rect for mark in chart.marks() if str(mark.key).startswith("memory.per_gpu")]
    assert len(rects) == len(PARTS)
    assert all(a.right() <= b.left() + 0.01 for a, b in itertools.pairwise(rects))
    widths = np.array([rect.width() for rect in rects])
    assert widths[0] / widths[3] == pytest.approx(17.6 / 8.4, rel=0.03)


def test_what_does_not_fit_is_red_beyond_the_capacity() -> None:
    fits, over = StackBar(), StackBar()
    fits.legend = over.legend = False
    fits.set_data(stack(), 80.0)
    over.set_data(stack((40, 40, 30, 20, 4, 3)), 80.0)
    bad = theme().color("bad")

    def reds(chart: Chart) -> int:
        image = paint(chart, 700, 120)
        near = 0
        for x, y in itertools.product(range(0, 700, 2), range(0, 120, 2)):
            pixel = QColor(image.pixel(x, y))
            near += all(abs(a - b) < 30 for a, b in zip(pixel.getRgb()[:3], bad.getRgb()[:3], strict=True))
        return near

    assert reds(over) > 20
    assert reds(fits) == 0


def test_names_above_the_bar_stay_inside_it_however_far_the_capacity_lies() -> None:
    """A plan that needs many times what a GPU has: its capacity is a line at the far left."""
    for capacity in (1.0, 20.0, 79.0, 80.0, 400.0, 4000.0):
        chart = StackBar()
        chart.set_data(stack(), capacity)
        image = QImage(900, 150, QImage.Format.Format_ARGB32)
        image.fill(QColor("magenta"))
        painter = QPainter(image)
        chart.render_to(painter, QRectF(150, 0, 600, 150))
        painter.end()
        outside = {image.pixelColor(x, y).name() for x in (*range(148), *range(753, 900)) for y in range(0, 150, 2)}
        assert outside == {"#ff00ff"}, capacity


@pytest.mark.parametrize("code", ["en", "ja"])
@pytest.mark.parametrize("width", [404, 560])
def test_names_of_remedies_and_the_legend_stay_inside_their_card(code: Any, width: int) -> None:
    set_language(code)
    names = [
        Remedy(f"memory_remedy_{kind}", {}, {"pp": 8, "tp": 8, "servers": 128, "total": "1", "capacity": "2"}).name(
            code
        )
        for kind in ("auto", "pp", "tp", "recompute", "servers")
    ]
    chart = StackRows(legend=True)
    rows = [
        Stack(dict.fromkeys(PARTS, 20.0), name, "recommended" * (not n), "120 GB", "40 too much")
        for n, name in enumerate(names)
    ]
    chart.set_data(rows, 85.0)
    height = chart.minimumSizeHint().height()
    image = QImage(width + 300, height, QImage.Format.Format_ARGB32)
    image.fill(QColor("magenta"))
    painter = QPainter(image)
    chart.render_to(painter, QRectF(150, 0, width, height))
    painter.end()
    beside = (*range(148), *range(width + 153, width + 300))
    assert {image.pixelColor(x, y).name() for x in beside for y in range(0, height, 2)} == {"#ff00ff"}


# -- scaling curve ----------------------------------------------------------------------------------------------------


def test_days_between_counts_are_interpolated_on_logarithms() -> None:
    data = DaysData(np.array([1.0, 4.0]), np.array([100.0, 25.0]), np.array([1.0, 1]), np.array([1.0, 1]), 2.0, None)
    assert data.at(2.0) == pytest.approx(50.0)
    assert data.at(8.0) is None


def test_a_curve_without_any_fit_says_so_instead_of_failing() -> None:
    chart = DaysCurve()
    none = np.full(3, np.nan)
    chart.set_data(DaysData(np.array([8.0, 16, 32]), none, none, none, 8.0, None))
    paint(chart, 400, 250)
    assert all("fit" in row[1] for row in chart.table().texts())


# -- money ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(560, 220), (700, 260), (1000, 400)])
@pytest.mark.parametrize("words", ["差額 13.2 億円", "Difference ¥1.32B"])
def test_the_difference_between_the_lines_is_written_where_it_crosses_neither(  # type: ignore[no-untyped-def]
    qtbot, monkeypatch, size: tuple[int, int], words: str
) -> None:
    places: dict[str, QRectF] = {}
    real_text = cost_curve.draw_text

    def text(painter: QPainter, x: float, y: float, string: str, *rest: Any, **more: Any) -> QRectF:
        places[string] = real_text(painter, x, y, string, *rest, **more)
        return places[string]

    monkeypatch.setattr(cost_curve, "draw_text", text)
    chart = CumulativeCost()
    qtbot.addWidget(chart)
    lines = (CostLine("Cloud", CLOUD, "cloud"), CostLine("On-premises", OWNED, "onprem"))
    chart.set_data(CostCurveData(lines, (), "JPY", (0, 1), gap=words))
    picture = QImage(*size, QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    chart.render_to(painter, QRectF(0, 0, *size))
    painter.end()
    placed = chart.placed(QRectF(0, 0, *size))
    assert placed is not None
    label, frame = places[words], placed.frame
    for x in (label.left(), label.right()):
        month = frame.x.invert(x)
        assert frame.y(float(np.interp(month, MONTHS, CLOUD))) < label.top() + 3
        assert frame.y(float(np.interp(month, MONTHS, OWNED))) > label.bottom() - 3
        assert frame.area.left() <= x <= frame.area.right()


def test_only_bends_are_kept_of_a_line() -> None:
    assert corners(CLOUD) == [0, 60]
    bent = np.concatenate((np.arange(13.0), 12 + 3 * np.arange(1.0, 13)))
    assert corners(bent) == [0, 12, 24]
