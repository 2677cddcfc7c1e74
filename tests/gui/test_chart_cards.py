"""The card around a chart: table, copies, titles, axes that stand still while a slider is held, equal data."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QGuiApplication

from mitsumori.gui.changes import same
from mitsumori.gui.charts.base import HeldRange, axis_hold
from mitsumori.gui.charts.chance_curve import ChanceCurve
from mitsumori.gui.charts.cost_curve import CostLine
from mitsumori.gui.charts.frame import ChartFrame
from mitsumori.gui.charts.memory_stack import StackBar
from mitsumori.gui.charts.numbers import count
from mitsumori.gui.charts.painting import draw_text, text_width
from mitsumori.gui.charts.rack import shown_racks
from mitsumori.gui.charts.serving_curve import CurveData, ServingCurve
from mitsumori.gui.charts.xy import XYChart
from mitsumori.gui.words.translation import set_language
from tests.gui import sample_estimate as sample
from tests.gui.chart_data import CLOUD, colours, cumulative, days_curve, paint, stack

# -- keyboard, clicks, table, copies ----------------------------------------------------------------------------------


def test_table_twin_is_reached_by_keyboard_and_copied(show: Any, qtbot: Any) -> None:
    frame = ChartFrame(cumulative())
    frame.set_texts("Owning is cheaper after 17 months", "Cumulative")
    show(frame, 600, 300)
    button = frame._button
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert button.accessibleName()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    twin = frame.table_twin()
    assert twin.isVisible()
    assert not frame.chart.isVisible()
    qtbot.keyClick(twin, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t") == list(frame.chart.table().headers)
    assert len(lines) == 1 + len(frame.chart.table().rows)


def test_copied_picture_is_the_card_at_twice_the_resolution(show: Any) -> None:
    frame = ChartFrame(cumulative())
    frame.set_texts("Owning is cheaper after 17 months", "Cumulative")
    show(frame, 600, 300)
    picture = frame.picture()
    assert (picture.width(), picture.height()) == (1200, 600)
    assert colours(picture) > 8
    frame.copy_picture()
    assert not QGuiApplication.clipboard().image().isNull()


def test_context_menu_offers_both_copies_and_the_table(show: Any) -> None:
    frame = ChartFrame(cumulative())
    show(frame, 400, 250)
    assert [action.text() for action in frame.context_menu().actions()] == [
        "Copy picture",
        "Copy table",
        "Save as PNG …",
        "Save as SVG …",
        "Save as PDF …",
        "Save as CSV …",
        "Show as table",
        "Enlarge",
    ]


def test_titles_forty_per_cent_longer_wrap_and_keep_the_chart_whole(show: Any) -> None:
    title = "At 70 % use, owning is cheaper after 16 months" + " and some more words" * 2
    frame = ChartFrame(cumulative())
    frame.set_texts(title, "Cumulative, excluding tax " * 4)
    show(frame, 380, 300)
    assert "".join(frame._lines).replace(" ", "") == title.replace(" ", "")
    assert all(text_width(line, 16, 600) <= frame._text_width() + 1 for line in frame._lines[:-1])
    assert frame.chart.geometry().top() >= frame._head_height() - 1
    assert frame.chart.geometry().bottom() < frame.height()


# -- what stands still ------------------------------------------------------------------------------------------------


def test_ranges_hold_while_dragging_and_refit_on_release() -> None:
    held = HeldRange()
    assert held.fit(0, 100) == (0, 100)
    axis_hold().hold(True)
    assert held.fit(0, 60, least=0, most=55) == (0, 100)
    assert held.fit(0, 150, least=0, most=140) == (0, 150), "data that leave the range widen it"
    axis_hold().hold(False)
    assert held.fit(0, 60) == (0, 60)


def test_the_axes_of_every_chart_stand_still_while_a_slider_is_held(qtbot: Any) -> None:
    """Smaller data do not move a held range; they do once the hand has left."""
    day = dt.date(2027, 3, 1)
    chance, serving = ChanceCurve(), ServingCurve()

    def curve(factor: float) -> CurveData:
        values = np.array([10.0, 20.0, 30.0]) * factor
        return CurveData(
            values, values[::-1].copy(), values, 0.2, 5.0 * factor, 200.0, (values[1], values[1]), "500 users"
        )

    def show_chance(factor: float) -> None:
        chance.set_data([(10.0, 0.1), (10.0 + 10.0 * factor, 0.5), (10.0 + 30.0 * factor, 0.99)], [], day, 11.0)

    def show_days(factor: float) -> None:
        data, most = days_curve().data(), 60.0 * factor**2
        assert data is not None
        cut = {name: np.minimum(getattr(data, name), most) for name in ("days", "low", "high")}
        days.set_data(dataclasses.replace(data, **cut))

    days = days_curve()
    changes: dict[XYChart, Callable[[float], None]] = {
        days: show_days, chance: show_chance, serving: lambda factor: serving.set_data(curve(factor))
    }  # fmt: skip
    place = QRectF(0, 0, 500, 300)
    for chart, change in changes.items():
        qtbot.addWidget(chart)
        change(1.0)
        first = chart.axes(place)
        axis_hold().hold(True)
        change(0.4)
        held = chart.axes(place)
        axis_hold().hold(False)
        free = chart.axes(place)
        assert first is not None
        assert held is not None
        assert free is not None
        assert (held.x, held.y) == (first.x, first.y), type(chart).__name__
        assert (free.x, free.y) != (first.x, first.y), type(chart).__name__


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("size", [(460, 190), (560, 283), (900, 500)])
def test_the_plans_label_covers_no_name_of_an_axis(qtbot: Any, monkeypatch: Any, language: Any, size: Any) -> None:
    """Wherever the plan stands on the curve, its first count included."""
    set_language(language)
    written: list[tuple[str, QRectF]] = []

    def noting(*words: Any, **how: Any) -> QRectF:
        place = draw_text(*words, **how)
        written.append((words[3], place))
        return place

    for module in ("days_curve", "axes"):
        monkeypatch.setattr(f"mitsumori.gui.charts.{module}.draw_text", noting)
    chart = days_curve()
    qtbot.addWidget(chart)
    data = chart.data()
    assert data is not None
    for gpus in data.gpus.tolist():
        plan = dataclasses.replace(data, current_gpus=gpus, current_days=data.at(gpus))
        chart.set_data(plan)
        written.clear()
        paint(chart, *size)
        units = [
            place
            for words, place in written
            if words in (translated("days (log scale)"), translated("GPUs (log scale)"))
        ]
        label = [place for words, place in written if words.startswith(count(gpus)) and words != count(gpus)]
        if data.at(gpus) is None:
            continue
        assert len(units) == 2
        assert label
        assert not any(place.intersects(unit.adjusted(1, 3, -1, -3)) for place in label for unit in units), gpus


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("size", [(300, 190), (560, 240), (900, 500)])
def test_the_limits_name_covers_neither_the_unit_nor_the_plans_values(
    qtbot: Any, monkeypatch: Any, language: Any, size: Any
) -> None:
    """Wherever the limit and the plan stand; the whole name stays within the chart."""
    set_language(language)
    written: list[tuple[str, QRectF]] = []

    def noting(*words: Any, **how: Any) -> QRectF:
        place = draw_text(*words, **how)
        written.append((words[3], place))
        return place

    for module in ("serving_curve", "axes"):
        monkeypatch.setattr(f"mitsumori.gui.charts.{module}.draw_text", noting)
    chart = ServingCurve()
    qtbot.addWidget(chart)
    speed, output = np.linspace(20.0, 120.0, 11), np.linspace(300.0, 20.0, 11)
    for limit in (5.0, 20.0, 60.0, 119.0):
        for at in (0, 5, 10):
            now = float(speed[at]), float(output[at])
            chart.set_data(CurveData(speed, output, output, 1.2, limit, 1000.0 / limit, now, "LOAD"))
            written.clear()
            paint(chart, *size)
            places = dict(written)
            unit = places[QCoreApplication.translate("Serving", "tokens/s/GPU")].adjusted(1, 3, -1, -3)
            named = next(place for words, place in written if f"{1000.0 / limit:.3g}" in words and "ms" in words)
            assert not named.intersects(unit), (limit, at)
            assert not named.adjusted(1, 3, -1, -3).intersects(places["LOAD"].adjusted(1, 3, -1, -3)), (limit, at)
            assert QRectF(0, 0, *size).contains(named), (limit, at)


def translated(text: str) -> str:
    return QCoreApplication.translate("Training", text)


def test_equal_data_do_not_repaint(show: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    chart = StackBar()
    show(chart, 400, 150)
    chart.set_data(stack(), 80.0)
    painted: list[int] = []
    monkeypatch.setattr(chart, "update", lambda *args: painted.append(1))
    chart.set_data(stack(), 80.0)
    assert not painted
    chart.set_data(stack((18, 17.6, 13.2, 8.4, 3.4, 2.2)), 80.0)
    assert painted


def test_sameness_looks_into_arrays_and_dataclasses() -> None:
    a, b = CostLine("A", CLOUD.copy(), "cloud"), CostLine("A", CLOUD.copy(), "cloud")
    assert same((a, 1.0, {"x": None}), (b, 1.0, {"x": None}))
    assert not same(a, CostLine("A", CLOUD * 1.01, "cloud"))
    assert same(np.array([np.nan, 1.0]), np.array([np.nan, 1.0]))


def test_identical_racks_collapse_beyond_the_room() -> None:
    racks = sample.racks()
    shown = shown_racks(racks, 3)
    assert [rack.count for rack in shown] == [4, 1]
    assert shown_racks(racks, 8) == list(racks)
