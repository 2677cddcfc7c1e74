"""Tables: every cell is reached by eye, key, voice and spreadsheet; what is unknown stands last; nothing moves by itself."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QImage, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from mitsumori.gui.charts.frame import ChartFrame
from mitsumori.gui.charts.hold import axis_hold
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.tables.cells import diverging
from mitsumori.gui.tables.changes import ChangeList, ChangeRow
from mitsumori.gui.tables.columns import Cell, Column, Table
from mitsumori.gui.tables.facts import Fact, FactGrid, FactRows
from mitsumori.gui.tables.generations import GenerationList, GenerationRow
from mitsumori.gui.tables.heat import HeatCell, HeatData, HeatTable, TwoWayData, TwoWayMap
from mitsumori.gui.tables.layouts import LayoutList, LayoutRow
from mitsumori.gui.tables.methods import MethodRow, MethodTable
from mitsumori.gui.tables.model import RowModel
from mitsumori.gui.tables.parts import PartCards
from mitsumori.gui.tables.view import TableView
from mitsumori.gui.theme.tokens import set_theme, theme
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.project import load_sample
from tests.gui.everywhere import pages
from tests.gui.windows import window

PLAN = load_sample("llama3-70b-continual").plan


def heat() -> HeatTable:
    view = HeatTable()
    cells = tuple(
        tuple(
            HeatCell(None if row == 1 and col == 0 else 40.0 / 2**col, fits=not (row == 1 and col == 0), key={"n": col})
            for col in range(4)
        )
        for row in range(2)
    )
    heads = tuple((f"{8 * 2**c} GPUs", f"{2**c} servers") for c in range(4))
    view.set_data(HeatData("Model", heads, ("8B", "70B"), cells, (0, 1)))
    return view


def two_way() -> TwoWayMap:
    savings = np.array([[-1.0, 2.0, 5.0], [-3.0, -1.0, 2.0]]) * 1e8
    view = TwoWayMap()
    texts = tuple(tuple(f"{v / 1e8:+.1f}" for v in row) for row in savings)
    view.set_data(
        TwoWayData(("90 %", "50 %"), ("20", "40", "60"), savings, texts, (0, 1), "rows", "columns", unit="JPY")
    )
    return view


def methods() -> MethodTable:
    view = MethodTable()
    view.set_data(
        [
            MethodRow("Air", "10 kVA", False, 0, None, 10.0, 0.0, 10.0, 1.54, need="11.9 kVA needed"),
            MethodRow("Door", "30 kVA", True, 2, 4, 21.9, 0.0, 30.0, 1.3, current=True),
            MethodRow("Plates", "80 kVA", True, 4, 2, 13.7123456789, 28.6, 80.0, 1.16, key={"facility.cooling": "x"}),
        ]
    )
    return view


def layouts() -> LayoutList:
    view = LayoutList()
    rows = [
        LayoutRow(
            f"TP {n}", "why", 40.0 + n, f"{70 + n} s", f"{20 + n} days", n == 6, n == 2, {"n": n}, 70.0 + n, 20.0 + n
        )
        for n in range(8)
    ]
    view.set_data(rows, 80.0)
    return view


def grid() -> FactGrid:
    view = FactGrid(2)
    view.set_data([Fact(f"Figure {n}", f"{n}.5", "kW", f"facility.{n}", raw=n + 0.5) for n in range(5)])
    return view


def every() -> dict[str, TableView]:
    """One of every table, with contents."""
    changes, generations, facts, plain = ChangeList(), GenerationList(), FactRows(), TableView()
    parts = PartCards()
    parts.set_data([("weights", "9.1 GB", "13 % of the total"), ("gradients", "18.2 GB", "26 % of the total")])
    changes.set_data([ChangeRow("More servers", "12 days", 0.6, "8 days", "note", {"a": 1}, 12.0, 8.0)])
    generations.set_data(
        [
            GenerationRow("DGX", "B300", ("2 servers", "11 days", "unknown", "30 kW"), "Not given: price.", True, None,
                          (2.0, 11.0, None, 30.0)),
            GenerationRow("Other", "X", (), "Does not fit."),
        ],
        1,
        "JPY",
    )  # fmt: skip
    facts.set_data(
        [Fact("IT power", "93.8", "kW", "facility.it_kw", raw=93.8123), Fact("Energy", "647", "MWh", raw=647.2)]
    )
    plain.set_table(
        Table((Column("Stage"), Column("Total", "GB", number=True)), (("1", Cell("62.4", 62.41)), ("2", "—")))
    )
    return {
        "heat": heat(),
        "two_way": two_way(),
        "methods": methods(),
        "layouts": layouts(),
        "changes": changes,
        "generations": generations,
        "facts": facts,
        "grid": grid(),
        "parts": parts,
        "plain": plain,
    }


# -- what a model promises --------------------------------------------------------------------------------------------

NUMBERS = st.lists(st.none() | st.floats(allow_nan=False, width=32), max_size=12)


@given(NUMBERS, st.booleans())
def test_rows_are_ordered_by_number_and_unknown_ones_stand_last(values: list[float | None], falling: bool) -> None:
    model = RowModel()
    rows = tuple((str(at), Cell("—" if v is None else f"{v:.1f}", v)) for at, v in enumerate(values))
    model.set_table(Table((Column("n"), Column("v", "kW", number=True)), rows))
    model.sort(1, Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder)
    shown = [model.index(row, 1).data(Qt.ItemDataRole.UserRole) for row in range(model.rowCount())]
    known = [value for value in shown if value is not None]
    assert known == sorted(known, reverse=falling)
    assert shown == known + [None] * (len(shown) - len(known))
    model.sort(-1)
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == [str(at) for at in range(len(values))]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=6), st.text(max_size=12))
def test_what_is_copied_is_the_number_itself_and_csv_reads_back(values: list[float], name: str) -> None:
    rows = tuple((Cell(name), Cell(f"{value:.1f}", value)) for value in values)
    table = Table((Column("Name"), Column("Power", "kW", number=True)), rows)
    lines = table.tsv().split("\n")
    assert lines[0] == "Name\tPower (kW)"
    assert [float(line.split("\t")[1]) for line in lines[1:]] == pytest.approx(values, rel=1e-11)
    back = list(csv.reader(io.StringIO(table.csv())))
    assert [float(row[1]) for row in back[1:]] == pytest.approx(values, rel=1e-11)
    assert len({row[0] for row in back[1:]}) == 1


def test_only_what_differs_is_announced() -> None:
    model = RowModel()
    table = Table(("a", "b", "c"), (("1", "2", "3"), ("4", "5", "6")))
    model.set_table(table)
    seen: list[tuple[int, int, int, int]] = []
    model.dataChanged.connect(lambda a, b: seen.append((a.row(), a.column(), b.row(), b.column())))
    reset: list[int] = []
    model.modelReset.connect(lambda: reset.append(1))
    model.set_table(Table(("a", "b", "c"), (("1", "2", "3"), ("4", "x", "6"))))
    assert seen == [(1, 1, 1, 1)]
    model.set_table(Table(("a", "b", "c"), (("1", "2", "3"), ("4", "x", "6"))))
    assert len(seen) == 1
    assert not reset


def test_a_filter_keeps_the_rows_that_hold_every_word() -> None:
    model = RowModel()
    model.set_table(Table(("a", "b"), (("Server price", "you"), ("Cloud price", "list"), ("PUE", "you"))))
    model.set_filter("price YOU")
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == ["Server price"]
    model.set_filter("")
    assert model.rowCount() == 3


# -- painting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("size", [(180, 90), (460, 260), (1500, 700)])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_table_paints_at_any_size(qtbot: Any, mode: Any, size: tuple[int, int], language: Any) -> None:
    set_language(language)
    set_theme(mode)
    for name, view in every().items():
        qtbot.addWidget(view)
        image = QImage(*size, QImage.Format.Format_ARGB32)
        image.fill(theme().color("card"))
        blank = image.copy()
        painter = QPainter(image)
        view.render_to(painter, QRectF(0, 0, *size))
        painter.end()
        assert image != blank, name


def test_columns_fill_the_width_and_no_text_is_scrolled_away(show: Any, qtbot: Any) -> None:
    for name, view in every().items():
        show(view, max(700, view.minimumSizeHint().width()), max(400, view.minimumSizeHint().height()))
        qtbot.wait(5)
        assert view.horizontalScrollBar().maximum() == 0, name
        assert view.verticalScrollBar().maximum() == 0, name
        assert view.horizontalHeader().length() == view.viewport().width(), name


def test_diverging_colours_say_the_side() -> None:
    owned, cloud = diverging(0.6), diverging(-0.6)
    assert owned.red() > owned.blue()
    assert cloud.blue() > cloud.red()


def test_the_plans_row_is_tinted_from_edge_to_edge(show: Any) -> None:
    view = show(methods(), 700, 300)
    picture = view.grab().toImage()
    row = view.visualRect(view.rows().index(1, 0))
    y = view.horizontalHeader().height() + row.top() + 4
    colours = {picture.pixelColor(x, y).name() for x in range(8, view.viewport().width() - 2)}
    assert colours == {theme().hex("accent_tint")}


# -- mouse and keyboard -----------------------------------------------------------------------------------------------


def test_a_click_opens_the_cell_under_the_pointer(show: Any, qtbot: Any) -> None:
    view = show(heat(), 600, 200)
    opened: list[Any] = []
    view.opened.connect(opened.append)
    chosen: list[Any] = []
    view.chosen.connect(lambda key, words: chosen.append((key, words)))
    place = view.visualRect(view.rows().index(0, 4)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert not opened, "what would change the plan is shown first"
    assert chosen[0][0] == {"n": 3}
    assert "64 GPUs" in chosen[0][1]
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(view.rows().index(0, 0)).center())
    assert len(chosen) == 1, "a name opens nothing"
    facts = show(FactRows(), 300, 200)
    facts.set_data([Fact("IT power", "93.8", "kW", "facility.it_kw")])
    facts.opened.connect(opened.append)
    qtbot.mouseClick(
        facts.viewport(), Qt.MouseButton.LeftButton, pos=facts.visualRect(facts.rows().index(0, 0)).center()
    )
    assert opened == ["facility.it_kw"], "an explanation opens at once"


def test_a_grid_of_facts_is_walked_spoken_copied_and_opened_fact_by_fact(show: Any, qtbot: Any) -> None:
    for width, across in ((640, 2), (120, 1)):
        view = show(grid(), width, 300)
        assert isinstance(view, FactGrid)
        assert view.rows().columnCount() == 1 + across, "as many columns as hold the widest fact"
        assert "Figure 1 1.5 kW" in {text for _, _, text in spoken(view).values()}
        lines = [line.split("\t") for line in view.tsv().split("\n")]
        assert [line[:2] for line in lines[1:]] == [[f"Figure {n}", str(n + 0.5)] for n in range(5)]
        opened: list[Any] = []
        view.opened.connect(opened.append)
        place = view.visualRect(view.rows().index(view.rows().rowCount() - 1, 1)).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert opened == ["facility.4"]
    view = show(grid(), 640, 300)
    view.activateWindow()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    view.opened.connect(opened.append)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert opened == ["facility.4", "facility.3"]


def test_the_columns_of_a_grid_of_facts_stand_still_while_a_slider_is_held(show: Any, qtbot: Any) -> None:
    view = show(grid(), 300, 300)
    assert isinstance(view, FactGrid)
    first = [view.columnWidth(at) for at in range(view.rows().columnCount())]
    axis_hold().hold(True)
    try:
        view.set_data([Fact(f"Figure {n}", "1,234,567.5", "kW of the hall", raw=1.0) for n in range(5)])
        assert [view.columnWidth(at) for at in range(view.rows().columnCount())] == first
    finally:
        axis_hold().hold(False)
    assert view.rows().columnCount() == 2, "on release it fits again"


def test_cells_are_walked_and_opened_with_the_keyboard(show: Any, qtbot: Any) -> None:
    view = show(heat(), 600, 200)
    view.activateWindow()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    opened: list[Any] = []
    view.opened.connect(opened.append)
    for _ in range(3):
        qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert opened == [{"n": 2}]


def test_a_click_on_a_head_orders_the_rows_and_the_copy_follows(show: Any, qtbot: Any) -> None:
    view = show(layouts(), 800, 600)
    head = view.horizontalHeader()
    time = next(at for at, column in enumerate(view.rows().columns) if column.unit == "days")
    place = QPoint(head.sectionViewportPosition(time) + head.sectionSize(time) // 2, head.height() // 2)
    qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().split("\n")]
    at = lines[0].index("Time (days)")
    days = [float(line[at]) for line in lines[1:]]
    assert days == sorted(days, reverse=True)
    assert "Memory (GB)" in lines[0]
    assert [float(line[lines[0].index("Memory (GB)")]) for line in lines[1:]] == [47.0 - n for n in range(8)]


def test_a_head_dragged_keeps_its_width(show: Any, qtbot: Any) -> None:
    view = show(methods(), 800, 300)
    head = view.horizontalHeader()
    edge = head.sectionViewportPosition(1) - 1
    wide = view.columnWidth(0)
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    kinds = QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * 6, QEvent.Type.MouseButtonRelease
    head.underMouse = lambda: True
    for step, kind in enumerate(kinds):
        place = QPointF(edge - 10 * step, 8)
        moved, held = kind == QEvent.Type.MouseMove, kind != QEvent.Type.MouseButtonRelease
        event = QMouseEvent(
            kind, place, head.viewport().mapToGlobal(place), none if moved else left, left if held else none,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(head.viewport(), event)
    assert view.columnWidth(0) < wide
    assert head.length() == view.viewport().width() or view.horizontalScrollBar().maximum() > 0


def test_columns_do_not_shrink_while_a_slider_is_held(show: Any) -> None:
    view = show(methods(), 520, 300)
    before = [view.columnWidth(at) for at in range(5)]
    axis_hold().hold(True)
    try:
        view.set_data([MethodRow("A", "", True, 1, 1, 1.0, 0.0, 2.0, 1.1)] * 3)
        assert [view.columnWidth(at) for at in range(5)] == before
    finally:
        axis_hold().hold(False)
    assert [view.columnWidth(at) for at in range(5)] != before


def test_a_list_of_layouts_shows_the_current_one_without_scrolling(qtbot: Any) -> None:
    view = layouts()
    qtbot.addWidget(view)
    tall = view.minimumSizeHint().height()
    view.set_most(5)
    assert view.unscrolled() == 7
    assert len(view.table().rows) == 8
    assert view.minimumSizeHint().height() < tall


# -- what a screen reader finds ---------------------------------------------------------------------------------------


def spoken(view: TableView) -> dict[tuple[int, int], tuple[str, str, str]]:
    """What Qt tells assistive technology of each cell: row head, column head, text.

    The children of a table are its grid, row by row, heads of the columns first and the head of a row before its cells.
    """
    interface = QAccessible.queryAccessibleInterface(view)
    assert interface is not None
    assert interface.role() == QAccessible.Role.Table
    rows, columns = view.rows().rowCount() + 1, view.rows().columnCount() + 1
    assert interface.childCount() == rows * columns
    name = QAccessible.Text.Name
    grid = [[interface.child(row * columns + column) for column in range(columns)] for row in range(rows)]
    found = {}
    for row in range(1, rows):
        assert grid[row][0].role() == QAccessible.Role.RowHeader
        for column in range(1, columns):
            if not view.isColumnHidden(column - 1):
                assert grid[0][column].role() == QAccessible.Role.ColumnHeader
                assert grid[row][column].role() == QAccessible.Role.Cell
                heads = grid[row][0].text(name), grid[0][column].text(name)
                found[row - 1, column - 1] = (*heads, grid[row][column].text(name))
    return found


def test_every_cell_is_found_by_a_screen_reader_with_its_heads(show: Any, qtbot: Any) -> None:
    for name, view in every().items():
        show(view, 800, 500)
        table = view.rows().table
        for (row, column), (row_head, head, text) in spoken(view).items():
            cell = table.cell(view.rows().source(row), column)
            assert row_head == table.cell(view.rows().source(row), 0).text, name
            assert head or column == 0, name
            if cell.text:
                assert text, (name, row, column)
    view = methods()
    show(view, 800, 300)
    said = spoken(view)
    assert "this plan" in said[1, 0][2]
    assert "11.9 kVA needed" in said[0, 0][2], "what the second line says"
    days = spoken(show(heat(), 600, 200))
    assert days[0, 2][:2] == ("8B", "16 GPUs days") or "16 GPUs" in days[0, 2][1]
    assert "20" in days[0, 2][2]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("sample", ["llama3-70b-continual", "serve-chat-500"])
def test_a_walk_over_the_window_finds_the_cells_of_every_table(qtbot: Any, sample: str) -> None:
    """Every cell of every table of every page, with the heads of its row and of its column."""
    set_language("en")
    start = load_sample(sample).plans[0]
    win = window(qtbot, start, start.with_values({"name": "B", "cluster.servers": 4}), estimator=estimate_plan)
    walked: set[str] = set()
    for page, root in pages(win, qtbot):
        for view in root.findChildren(TableView):
            if view.isVisible() and view.rows().rowCount():
                where = page, type(view).__name__
                assert view.accessibleName(), where
                for (row, column), (row_head, head, text) in spoken(view).items():
                    cell = view.rows().cell(view.rows().index(row, column))
                    assert text or not cell.text, (*where, row, column)
                    first = view.rows().cell(view.rows().index(row, 0)).text
                    assert row_head == first, (*where, row, column)
                    assert head or column == 0, (*where, row, column)
                walked.add(type(view).__name__)
    common = {"FactGrid", "FactRows", "MethodTable", "ScenarioTable", "AssumptionTable"}
    trains = {"HeatTable", "PartCards", "TwoWayMap"}  # of a training's days and memory
    assert walked >= common | ({"LatencyTable"} if sample.startswith("serve") else trains)


def test_copied_numbers_are_those_of_the_model(show: Any, qtbot: Any) -> None:
    """The methods' heat to air is hidden behind a bar; copied it is the estimate's number."""
    win = window(qtbot, PLAN, estimator=estimate_plan)
    win.show_tab("racks")
    qtbot.waitUntil(lambda: not win.store.stale)
    card = win.tabs["racks"].methods_card
    assert isinstance(card, ChartFrame)
    card.copy_table()
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().split("\n")]
    at = lines[0].index("Air (kW)")
    estimate = win.store.estimate
    wanted = [method.air_kw for method in estimate.facility.methods]
    assert [float(line[at]) for line in lines[1:]] == pytest.approx(
        [0.0 if w is None else w for w in wanted], rel=1e-11
    )


def test_the_wheel_scrolls_the_page_where_a_table_is_shown_whole(show: Any, qtbot: Any) -> None:
    def taken(view: TableView) -> bool:
        place = QPointF(view.viewport().rect().center())
        event = QWheelEvent(
            place, view.viewport().mapToGlobal(place), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        event.ignore()
        QApplication.sendEvent(view.viewport(), event)
        return event.isAccepted()

    whole, cut = show(methods(), 700, 400), show(layouts(), 700, 150)
    qtbot.wait(5)
    assert cut.verticalScrollBar().maximum() > whole.verticalScrollBar().maximum() == 0
    assert taken(cut)
    assert not taken(whole)


def test_a_file_shows_no_ring_of_the_keyboard(qtbot: Any) -> None:
    facts = FactRows()
    facts.set_data([Fact("Weights", "16.1", "GB"), Fact("Cache", "59.6", "GB")])
    frame = ChartFrame(facts)
    frame.set_texts("Facts", "of memory")
    qtbot.addWidget(frame)
    frame.resize(420, 260)
    frame.show()
    qtbot.waitExposed(frame)
    frame.activateWindow()
    facts.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(facts.hasFocus)
    QTest.keyClick(facts, Qt.Key.Key_Down)
    assert facts.selectionModel().selectedRows()
    ring = theme().color("accent").name()
    seen = facts.viewport().grab().toImage()
    inked = [seen.pixelColor(x, y).name() == ring for x in range(seen.width()) for y in range(seen.height())]
    assert any(inked)
    assert sum(inked) < 0.1 * len(inked)  # a ring around the row, whose texts stand on the card
    drawn = frame.picture(1.0)
    assert not any(drawn.pixelColor(x, y).name() == ring for x in range(drawn.width()) for y in range(drawn.height()))
