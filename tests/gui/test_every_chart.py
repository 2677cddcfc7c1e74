"""What a reader expects of every chart there is, with events as a mouse and a keyboard send them."""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from mitsumori.gui.charts.base import Chart
from mitsumori.gui.charts.combined import Combined
from mitsumori.gui.charts.frame import ChartFrame
from mitsumori.gui.charts.xy import XYChart
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.tables.view import TableView
from mitsumori.gui.tabs import TABS
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.project import load_sample
from tests.gui.windows import window

ROOT = Path(__file__).parents[2]
TRAINS = load_sample("llama3-70b-continual").plan
SERVES = load_sample("serve-rag-3000").plan


def cards(win: Any, qtbot: Any) -> Iterator[ChartFrame]:
    """The cards of every tab, one after the other, once their answers are there."""
    for key, _, _ in TABS:
        win.show_tab(key)
        qtbot.wait(40)
        qtbot.waitUntil(lambda: not win.jobs.any_busy() and not win.services.at_work(), timeout=120_000)
        qtbot.wait(20)
        yield from [card for card in win.tabs[key].findChildren(ChartFrame) if card.isVisible()]


def charts_of(card: ChartFrame) -> list[Chart]:
    """The pictures of a card; a table is none."""
    inside = [card.chart] if not isinstance(card.chart, Combined) else card.chart.findChildren(Chart)
    return [chart for chart in inside if isinstance(chart, Chart) and chart.isVisible()]


def walked(chart: Chart, qtbot: Any) -> None:
    """Right, Left and End walk what the chart shows, and each place is spoken."""
    view = chart.view()
    QApplication.processEvents()
    view.grab()
    places = len(chart.readings()) if isinstance(chart, XYChart) else len(chart.marks())
    assert view.focusPolicy() == Qt.FocusPolicy.StrongFocus, f"Tab does not come to {type(chart).__name__}"
    if not places:
        return
    view.setFocus(Qt.FocusReason.TabFocusReason)
    said = set()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Down):
        QTest.keyClick(view, key)
        said.add(view.accessibleDescription())
    said.discard("")
    assert said, f"nothing of {type(chart).__name__} is spoken"


def pointed(chart: XYChart) -> None:
    """The crosshair over a place of the data says its values, which are the numbers of the series."""
    view, readings = chart.view(), chart.readings()
    QApplication.processEvents()
    placed = view.placed()
    if placed is None or not readings:
        return
    for reading in readings[:: max(1, len(readings) // 3)]:
        if not placed.frame.x.holds(reading.x):
            continue
        height = next(
            (value.y for value in reading.values if value.y is not None and placed.frame.y.holds(value.y)), None
        )
        middle = placed.frame.area.center().y() if height is None else placed.frame.y(height)
        place = QPointF(placed.frame.x(reading.x), middle)
        none = Qt.MouseButton.NoButton
        QApplication.sendEvent(view.viewport(), QMouseEvent(
            QEvent.Type.MouseMove, place, view.viewport().mapToGlobal(place), none, none, Qt.KeyboardModifier.NoModifier
        ))  # fmt: skip
        shown = view.reading()
        assert shown is not None, type(chart).__name__
        assert shown.values, f"the crosshair of {type(chart).__name__} has no value"
        assert abs(placed.frame.x(shown.x) - place.x()) < 1.0, f"{type(chart).__name__} shows another place"


def menu_of(card: ChartFrame) -> QMenu:
    """What the right button opens on a card."""
    place = card.chart.geometry().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, card.mapToGlobal(place))
    QApplication.sendEvent(card, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def chosen(card: ChartFrame, entry: str) -> None:
    menu = menu_of(card)
    next(action for action in menu.actions() if action.text() == entry).trigger()
    menu.close()


def enlarged_and_back(card: ChartFrame) -> None:
    small = card.chart.size()
    chosen(card, "Enlarge")
    large = card.enlarged()
    assert large is not None
    QApplication.processEvents()
    assert card.chart.window() is large
    QTest.keyClick(large, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert card.enlarged() is None
    assert card.isAncestorOf(card.chart)
    assert card.chart.height() == small.height()
    assert abs(card.chart.width() - small.width()) < 20, "but for the scroll bar of the page"


def saved_as_csv(card: ChartFrame, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "chart.csv"
    path.unlink(missing_ok=True)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_more: (str(path), ""))
    chosen(card, "Save as CSV …")
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    table = card.chart.table()
    assert len(rows) == len(table.rows) + 1
    for at, column in enumerate(table.columns):
        if column.number:
            values = [table.cell(row, at).value for row in range(len(table.rows))]
            known = [value for value in values if value is not None]
            cells = [row[at] for row in rows[1:] if len(row) > at]
            read = [number for number in map(as_number, cells) if number is not None]
            for value in known:
                assert any(number == pytest.approx(value, rel=1e-9) for number in read), f"{value} of {column.copied}"


def as_number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:  # a head of the next part, or an unknown value
        return None


@pytest.mark.timeout(600)
@pytest.mark.parametrize("plan", [TRAINS, SERVES], ids=["training", "serving"])
def test_every_chart_answers_pointer_keys_menu_and_files(
    plan: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_language("en")
    win = window(qtbot, plan, estimator=estimate_plan)
    seen: set[str] = set()
    for card in cards(win, qtbot):
        for chart in charts_of(card):
            walked(chart, qtbot)
            if isinstance(chart, XYChart):
                pointed(chart)
            seen.add(type(chart).__name__)
        enlarged_and_back(card)
        if not isinstance(card.chart, TableView) and card.chart.table().rows:
            saved_as_csv(card, tmp_path, monkeypatch)
    assert len(seen) >= 9, sorted(seen)


def test_pyqtgraph_is_imported_in_one_place() -> None:
    """import-linter forbids it to the packages that it names; this reads every file."""
    found = set()
    for path in [*(ROOT / "gui").rglob("*.py"), *(ROOT / "model").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if any(name.partition(".")[0] == "pyqtgraph" for name in names):
                found.add(path.relative_to(ROOT).as_posix())
    assert found == {"gui/plot/foundation.py"}


def test_present_the_summary_and_the_pictures_draw_the_charts_of_the_tabs(
    qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is one class a chart; paper and pictures call the painting that the window shows."""
    from mitsumori.gui.charts.output import picture_bytes
    from mitsumori.gui.dialogs.proposal_settings import stored_settings
    from mitsumori.gui.present.pdf_summary import page_of, picture_of

    set_language("en")
    win = window(qtbot, TRAINS, estimator=estimate_plan)
    in_tabs: set[type] = set()
    for card in cards(win, qtbot):
        in_tabs |= {type(chart) for chart in charts_of(card)}
    drawn: list[type] = []
    own = Chart.render_to

    def render_to(chart: Chart, painter: Any, rect: Any) -> None:
        drawn.append(type(chart))
        own(chart, painter, rect)

    monkeypatch.setattr(Chart, "render_to", render_to)
    assert win.store.estimate is not None
    picture = picture_of(
        page_of(win.store.plan, win.store.estimate, "en", stored_settings()), win.store.plan, win.store.estimate
    )
    assert picture.size() > 1000
    assert drawn
    assert set(drawn) <= in_tabs
    win.show_tab("overview")
    for kind in ("png", "svg", "pdf"):
        drawn.clear()
        card = next(card for card in win.tabs["overview"].findChildren(ChartFrame) if isinstance(card.chart, XYChart))
        assert picture_bytes(card, kind)  # type: ignore[arg-type]
        assert drawn == [type(card.chart)]
    win.present()
    page = win.presentation.page
    assert page is not None
    qtbot.wait(50)
    shown = {type(chart) for card in page.findChildren(ChartFrame) for chart in charts_of(card)}
    assert shown
    assert shown <= in_tabs
    win.leave_present()
