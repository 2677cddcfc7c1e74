"""Charts that answer the hand: crosshair, zoom, pan, keys, the choice before the change, the large view, files."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from mitsumori.gui.charts.cost_curve import CostCurveData, CostLine, Crossing, CumulativeCost
from mitsumori.gui.charts.days_curve import DaysCurve, DaysData
from mitsumori.gui.charts.frame import ChartFrame
from mitsumori.gui.charts.hold import axis_hold
from mitsumori.gui.charts.numbers import duration, money
from mitsumori.gui.charts.output import picture_bytes
from mitsumori.gui.charts.rack import RackElevation
from mitsumori.gui.charts.xy import XYChart
from mitsumori.gui.plot.view import PlotView
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.theme.tokens import set_theme
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.training_table import days_curve
from tests.gui import sample_estimate as sample
from tests.gui.windows import window

PLAN = load_sample("llama3-70b-continual").plan
GPUS = np.array([16.0, 32, 64, 128, 256, 512, 1024])
DAYS = np.array([np.nan, 45.5, 22.3, 12.0, 6.5, 3.7, 2.25])
MONTHS = np.arange(61.0)
CLOUD, OWNED = 35e6 * MONTHS, 474e6 + 6.6e6 * MONTHS


def days() -> DaysCurve:
    chart = DaysCurve()
    keys = tuple(None if gpus == 64 else {"cluster.servers": int(gpus) // 8} for gpus in GPUS)
    chart.set_data(DaysData(GPUS, DAYS, DAYS * 0.9, DAYS * 1.1, 64.0, None, None, keys))
    return chart


def cost() -> CumulativeCost:
    chart = CumulativeCost()
    lines = (CostLine("Cloud", CLOUD, "cloud", low=CLOUD * 0.8, high=CLOUD * 1.2), CostLine("Owned", OWNED, "onprem"))
    month = 474e6 / (35e6 - 6.6e6)
    chart.set_data(CostCurveData(lines, (Crossing(month, 35e6 * month, "Break-even, month 17"),), "JPY", (0, 1)))
    return chart


def framed(chart: XYChart, show: Any, width: int = 620, height: int = 320) -> tuple[ChartFrame, PlotView]:
    frame = ChartFrame(chart)
    frame.set_texts("A finding", "conditions")
    show(frame, width, height)
    view = chart.view()
    QApplication.processEvents()
    return frame, view


def point_at(view: PlotView, place: QPointF) -> None:
    """A real move of the mouse over the viewport."""
    event = QMouseEvent(
        QEvent.Type.MouseMove, place, view.viewport().mapToGlobal(place), Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)


def turn(view: PlotView, place: QPointF, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> bool:
    """A real turn of the wheel; whether the chart took it."""
    event = QWheelEvent(
        place, view.viewport().mapToGlobal(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, keys,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    event.ignore()
    QApplication.sendEvent(view.viewport(), event)
    return event.isAccepted()


def drag(view: PlotView, start: QPoint, end: QPoint) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    QTest.mousePress(view.viewport(), left, pos=start)
    for share in (0.3, 0.6, 1.0):
        place = QPointF(start) + (QPointF(end) - QPointF(start)) * share
        event = QMouseEvent(
            QEvent.Type.MouseMove, place, view.viewport().mapToGlobal(place), none, left, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(view.viewport(), event)
    QTest.mouseRelease(view.viewport(), left, pos=end)


# -- crosshair --------------------------------------------------------------------------------------------------------


def test_the_crosshair_says_the_values_of_all_series_and_their_interval(show: Any) -> None:
    _card, view = framed(cost(), show)
    frame = view.placed().frame
    point_at(view, QPointF(frame.x(23.0) + 1, frame.area.center().y()))
    reading = view.reading()
    assert reading is not None
    assert reading.x == 23
    assert [value.y for value in reading.values] == pytest.approx([CLOUD[23], OWNED[23]])
    assert [value.text for value in reading.values] == [money(CLOUD[23], "JPY"), money(OWNED[23], "JPY")]
    assert money(CLOUD[23] * 0.8, "JPY") in reading.values[0].note
    assert money(CLOUD[23] * 1.2, "JPY") in reading.values[0].note


@pytest.mark.timeout(120)
def test_the_crosshair_on_the_days_curve_is_the_models_answer(qtbot: Any) -> None:
    set_language("en")
    win = window(qtbot, PLAN, estimator=estimate_plan)
    win.show_tab("training_time")
    tab = win.tabs["training_time"]
    qtbot.waitUntil(lambda: not win.store.stale and tab.days.data() is not None, timeout=30_000)
    qtbot.waitUntil(lambda: not win.jobs.any_busy(), timeout=30_000)
    cells = {cell.accelerators: cell for cell in days_curve(PLAN)}
    view = tab.days.view()
    QApplication.processEvents()
    for gpus in (32, 128):
        frame = view.placed().frame
        point_at(view, QPointF(frame.x(float(gpus)), frame.area.center().y()))
        reading = view.reading()
        assert reading is not None
        assert reading.x == gpus
        assert reading.values[0].y == pytest.approx(cells[gpus].days)
        assert reading.values[0].text == duration(cells[gpus].days)
        assert reading.key == {"cluster.servers": cells[gpus].servers}


def test_the_crosshair_goes_when_the_pointer_leaves(show: Any) -> None:
    _card, view = framed(cost(), show)
    point_at(view, view.placed().frame.area.center())
    assert view.reading() is not None
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert view.reading() is None


# -- zoom, pan, home --------------------------------------------------------------------------------------------------


def test_the_wheel_zooms_with_control_or_focus_else_the_page_scrolls(show: Any) -> None:
    _card, view = framed(cost(), show)
    place = view.placed().frame.area.center()
    assert not turn(view, place)
    assert view.box.shown() is None
    assert turn(view, place, Qt.KeyboardModifier.ControlModifier)
    (low, high), _ = view.box.shown()
    assert 0 < low < high < 60
    frame = view.placed().frame
    assert (frame.x.low, frame.x.high) == pytest.approx((low, high))


def test_a_drag_pans_and_a_double_click_goes_home(show: Any, qtbot: Any) -> None:
    _card, view = framed(cost(), show)
    home = view.placed()
    middle = home.frame.area.center().toPoint()
    for _ in range(6):
        turn(view, QPointF(middle), Qt.KeyboardModifier.ControlModifier)
    before = view.box.shown()
    drag(view, middle, middle + QPoint(60, 0))
    after = view.box.shown()
    assert after[0][0] < before[0][0]
    assert after[0][1] - after[0][0] == pytest.approx(before[0][1] - before[0][0])
    qtbot.wait(QApplication.doubleClickInterval() + 20)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert view.box.shown() is None
    assert view.placed().state() == home.state()


def test_nobody_gets_lost_outside_the_data(show: Any) -> None:
    _card, view = framed(days(), show)
    middle = view.placed().frame.area.center().toPoint()
    for _ in range(4):
        turn(view, QPointF(middle), Qt.KeyboardModifier.ControlModifier)
    for _ in range(20):
        drag(view, middle, middle + QPoint(150, 90))
    frame = view.placed().frame
    assert frame.x.low >= 16 * (1 - 1e-9)
    assert frame.x.high <= 1024 * (1 + 1e-9)


def test_new_data_do_not_move_a_range_that_the_user_chose(show: Any) -> None:
    chart = cost()
    _card, view = framed(chart, show)
    turn(view, view.placed().frame.area.center(), Qt.KeyboardModifier.ControlModifier)
    shown = view.box.shown()
    lines = (CostLine("Cloud", CLOUD * 1.01, "cloud"), CostLine("Owned", OWNED, "onprem"))
    chart.set_data(CostCurveData(lines, (), "JPY", (0, 1)))
    assert view.box.shown() == shown


def test_ranges_hold_while_a_slider_is_dragged(show: Any) -> None:
    chart = cost()
    _card, view = framed(chart, show)
    top = view.placed().frame.y.high
    axis_hold().hold(True)
    try:
        lines = (CostLine("Cloud", CLOUD / 4, "cloud"), CostLine("Owned", OWNED / 4, "onprem"))
        chart.set_data(CostCurveData(lines, (), "JPY", (0, 1)))
        assert view.placed().frame.y.high == top
    finally:
        axis_hold().hold(False)
    assert view.placed().frame.y.high < top


# -- keys and voice ---------------------------------------------------------------------------------------------------


def test_the_keyboard_walks_the_data_and_speaks_the_values(show: Any) -> None:
    chart = cost()
    _card, view = framed(chart, show)
    for _ in range(3):
        QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.reading().x == 2
    said = view.accessibleDescription()
    assert "Month 2" in said
    assert money(CLOUD[2], "JPY") in said
    assert money(OWNED[2], "JPY") in said
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.reading().x == 60
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.box.shown() is not None
    QTest.keyClick(view, Qt.Key.Key_0)
    assert view.box.shown() is None
    assert view.accessibleName().startswith("A finding")


# -- choosing ---------------------------------------------------------------------------------------------------------


def test_a_click_says_what_it_would_change_and_apply_changes_it(show: Any, qtbot: Any) -> None:
    chart = days()
    frame, view = framed(chart, show)
    frame.describe = lambda key: f"Servers: 8 → {key['cluster.servers']}"
    opened: list[Any] = []
    frame.opened.connect(opened.append)
    at = view.placed().frame.point(256.0, 6.5).toPoint()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    line = frame.choice()
    assert line is not None
    assert line.isVisible()
    assert line.words.text() == "Servers: 8 → 32"
    assert not opened
    QTest.keyClick(line.apply, Qt.Key.Key_Return)
    assert opened == [{"cluster.servers": 32}]
    assert not line.isVisible()
    qtbot.wait(QApplication.doubleClickInterval() + 20)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert line.isVisible()
    frame.set_texts("Another finding", "")
    assert not line.isVisible(), "it belongs to the data before"


def test_a_cell_that_would_change_the_plan_says_so_in_the_words_of_the_inputs(qtbot: Any) -> None:
    set_language("en")
    win = window(qtbot, PLAN, estimator=estimate_plan)
    win.show_tab("racks")
    tab = win.tabs["racks"]
    qtbot.waitUntil(lambda: not win.store.stale and bool(tab.methods.table().rows))
    row = next(at for at, key in enumerate(tab.methods.table().keys) if key is not None)
    place = tab.methods.visualRect(tab.methods.rows().index(row, 0)).center()
    before = win.store.plan
    QTest.mouseClick(tab.methods.viewport(), Qt.MouseButton.LeftButton, pos=place)
    line = tab.methods_card.choice()
    assert line is not None
    assert win.store.plan is before
    assert "Cooling" in line.words.text()
    assert "→" in line.words.text()
    wanted = tab.methods.table().keys[row]["facility.cooling"]
    QTest.mouseClick(line.apply, Qt.MouseButton.LeftButton)
    assert win.store.plan.facility.cooling == wanted


# -- large view, pictures, series -------------------------------------------------------------------------------------


def test_a_chart_is_enlarged_to_the_window_and_comes_back(show: Any) -> None:
    frame, view = framed(cost(), show)
    small = view.size()
    frame.enlarge()
    large = frame.enlarged()
    assert large is not None
    large.resize(1000, 700)
    QApplication.processEvents()
    assert view.width() > small.width()
    frame.chart.set_data(CostCurveData((CostLine("Cloud", CLOUD, "cloud"),), (), "JPY"))
    assert len(view.placed().y_ticks) > 2
    QTest.keyClick(large, Qt.Key.Key_Escape)
    assert frame.enlarged() is None
    QApplication.processEvents()
    assert frame.chart.parent() is frame
    assert view.size() == small


@pytest.mark.parametrize("chart", [days, cost])
def test_files_of_a_chart_are_vectors_with_texts(show: Any, chart: Any) -> None:
    frame, _ = framed(chart(), show)
    svg = picture_bytes(frame, "svg").decode()
    assert "A finding" in re.sub(r"<[^>]+>", " ", svg)
    assert "<image" not in svg
    pdf = picture_bytes(frame, "pdf")
    assert pdf.startswith(b"%PDF")
    assert b"/Subtype /Image" not in pdf
    assert picture_bytes(frame, "png").startswith(b"\x89PNG")


def test_series_are_the_raw_numbers() -> None:
    one = days().series()[0]
    assert one.x.tolist() == GPUS[1:].tolist()
    assert one.y.tolist() == DAYS[1:].tolist()
    assert one.low is not None
    cloud, owned = cost().series()
    assert cloud.y.tolist() == CLOUD.tolist()
    assert (owned.y_unit, owned.low) == ("JPY", None)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_window_and_picture_are_the_same_picture(show: Any, mode: Any) -> None:
    """One painting serves the scene, the copied picture and the printed page."""
    set_theme(mode)
    for chart in (days(), cost()):
        frame, view = framed(chart, show)
        QApplication.processEvents()
        shown = view.grab().toImage()
        drawn = frame.picture(1.0).copy(frame.chart.geometry())
        differ = sum(
            abs(shown.pixelColor(x, y).lightness() - drawn.pixelColor(x, y).lightness()) > 40
            for x in range(0, shown.width(), 3)
            for y in range(0, shown.height(), 3)
        )
        assert differ < 0.004 * shown.width() * shown.height() / 9


def test_extreme_and_empty_data_are_painted(show: Any) -> None:
    none = np.full(3, np.nan)
    empty, flat = DaysCurve(), CumulativeCost()
    empty.set_data(DaysData(np.array([8.0, 16, 32]), none, none, none, 8.0, None))
    flat.set_data(CostCurveData((), (), "JPY", empty="nothing is known"))
    for chart in (empty, flat):
        _card, view = framed(chart, show)
        assert view.placed() is None
        point_at(view, QPointF(50, 50))
        view.grab()
    tiny = CumulativeCost()
    tiny.set_data(CostCurveData((CostLine("A", np.array([0.0, 1e-9]), "cloud"),), (), "USD"))
    _card, view = framed(tiny, show, 260, 180)
    assert not view.grab().isNull()
    assert view.placed().rect == QRectF(view.rect())


def test_a_view_that_comes_back_is_shown_from_its_picture_until_it_shows_something_else(show: Any) -> None:
    elevation = RackElevation()
    elevation.set_data(sample.racks(), "XD670")
    for chart in (days(), cost(), elevation):
        painted: list[int] = []
        name = "paint_over" if isinstance(chart, XYChart) else "draw"
        original = getattr(chart, name)
        setattr(chart, name, lambda *given, painted=painted, original=original: (painted.append(1), original(*given)))
        _frame, view = framed(chart, show)  # type: ignore[arg-type]
        QApplication.processEvents()
        fresh = view.grab().toImage()
        for shows in range(3):
            chart.hide()
            chart.show()
            painted.clear()
            back = view.grab().toImage()
            assert painted == ([1] if shows == 0 else [])
            for x in range(0, fresh.width(), 3):
                for y in range(0, fresh.height(), 3):
                    assert abs(fresh.pixelColor(x, y).lightness() - back.pixelColor(x, y).lightness()) <= 2, (x, y)
        chart.hide()
        chart.update()
        chart.show()
        painted.clear()
        view.grab()
        assert painted == [1]


def test_the_first_picture_waits_for_no_chart() -> None:
    code = (
        "import sys; from mitsumori.gui.app import create_application; app = create_application();"
        "from mitsumori.gui.window import Window; from mitsumori.model.plan.project import load_sample;"
        "w = Window(); w.open_project(load_sample('llama2-7b-sft')); w.show(); w.repaint();"
        "early = [m for m in sys.modules if m.startswith(('mitsumori.gui.charts.', 'mitsumori.gui.tables.'))];"
        "w.jobs.shut_down(); sys.exit(0 if early == ['mitsumori.gui.charts.hold'] else f'imported: {early}')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-500:]


def test_nothing_of_the_start_imports_pyqtgraph_or_pandas() -> None:
    code = (
        "import sys; from mitsumori.gui.app import create_application; app = create_application();"
        "from mitsumori.gui.window import Window; w = Window(); w.show(); app.processEvents();"
        "from mitsumori.gui.tabs import create_tab; create_tab('overview'); create_tab('racks');"
        "late = [m for m in ('pyqtgraph', 'pandas', 'openpyxl', 'pptx') if m in sys.modules];"
        "w.jobs.shut_down(); sys.exit(f'imported: {late}' if late else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-500:]


def test_the_core_comes_before_qt() -> None:
    """PySide6 reads the source of every module that is imported after it; the first picture's part of the core is spared that.
    Until the first window is made no garbage is looked for."""
    code = (
        "import sys; from mitsumori.gui.app import create_application; app = create_application();"
        "from mitsumori.gui.window import Window; from mitsumori.model.plan.project import load_sample;"
        "w = Window(); w.open_project(load_sample('llama2-7b-sft')); names = list(sys.modules);"
        "after = [m for m in names[names.index('PySide6') :] if m.startswith(('numpy', 'pydantic', 'mitsumori.model'))];"
        "import gc; assert not gc.isenabled(); assert gc.get_freeze_count() > 10_000;"
        "w.show(); app.processEvents(); assert gc.isenabled();"
        "w.jobs.shut_down(); sys.exit(f'after Qt: {after}' if after else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-500:]


# -- charts without axes ----------------------------------------------------------------------------------------------


def racks(show: Any) -> tuple[ChartFrame, RackElevation, Any]:
    chart = RackElevation()
    chart.set_data(sample.racks(), "XD670")
    frame = ChartFrame(chart)
    frame.set_texts("Racks", "front view")
    show(frame, 600, 620)
    view = chart.view()
    QApplication.processEvents()
    view.grab()
    return frame, chart, view


def test_racks_are_magnified_sharp_and_answer_the_pointer_where_they_are(show: Any, qtbot: Any) -> None:
    _card, chart, view = racks(show)
    server = next(mark for mark in chart.marks() if "Server" in mark.words())
    place = QPointF(server.rect.center())
    before = view.grab().toImage()
    for _ in range(10):
        turn(view, place, Qt.KeyboardModifier.ControlModifier)
    QApplication.processEvents()
    shown = view.transform_shown()
    assert shown.m11() == pytest.approx(shown.m22())
    assert shown.m11() > 1.5
    assert view.grab().toImage() != before
    moved = shown.map(place)
    assert view._chart_point(moved).x() == pytest.approx(place.x())
    found = chart.mark_at(view._chart_point(moved))
    assert found is not None
    assert found.words() == server.words()
    qtbot.wait(QApplication.doubleClickInterval() + 20)
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=moved.toPoint())
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=moved.toPoint())
    assert view.box.shown() is None
    QApplication.processEvents()
    assert view.grab().toImage() == before


def test_marks_of_a_chart_without_axes_are_walked_and_spoken(show: Any) -> None:
    _card, chart, view = racks(show)
    view.activateWindow()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    said = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(view, key)
        said.append(view.accessibleDescription())
    assert all(said)
    assert len(set(said)) > 1
    assert set(said) <= {mark.words() for mark in chart.marks()}
