"""Every chart and every table of the window can be copied, by keyboard and by mouse."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QTableView, QWidget

from mitsumori.gui.charts.base import Chart, Table
from mitsumori.gui.charts.frame import ChartFrame
from mitsumori.gui.dialogs.base import DataTable
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.tables.view import TableView
from mitsumori.gui.tabs import TABS
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.project import load_sample
from tests.gui.everywhere import pages
from tests.gui.windows import window

PLAN = load_sample("llama3-70b-continual").plan


CARD_MENU = [
    "Copy picture", "Copy table", "Save as PNG …", "Save as SVG …", "Save as PDF …", "Save as CSV …", "Show as picture",
    "Enlarge",
]  # fmt: skip


def assumptions_of(win: Any) -> QWidget | None:
    """The list of assumptions, which stands in no card of a chart."""
    tab = win.tabs.get("assumptions")
    return None if tab is None else tab.view


def copied(frame: ChartFrame, entry: str) -> None:
    """Choose an entry of the card's menu."""
    QGuiApplication.clipboard().clear()
    menu = frame.context_menu()
    next(action for action in menu.actions() if action.text() == entry).trigger()
    menu.deleteLater()


@pytest.mark.timeout(300)
def test_every_chart_of_every_page_is_copied_as_picture_and_as_table(qtbot: Any) -> None:
    set_language("en")
    win = window(qtbot, PLAN, PLAN.with_values({"name": "B", "cluster.servers": 32}), estimator=estimate_plan)
    seen: set[str] = set()
    for _, root in pages(win, qtbot):
        inside = [*root.findChildren(Chart), *(t for t in root.findChildren(TableView) if t is not assumptions_of(win))]
        for chart in (widget for widget in inside if widget.isVisible()):
            frame: QWidget | None = chart
            while frame is not None and not isinstance(frame, ChartFrame):
                frame = frame.parentWidget()
            assert frame is not None, f"{type(chart).__name__} is in no card that copies it"
        for card in (widget for widget in root.findChildren(ChartFrame) if widget.isVisible()):
            copied(card, "Copy picture")
            assert not QGuiApplication.clipboard().image().isNull()
            copied(card, "Copy table")
            table = card.chart.table()
            lines = QGuiApplication.clipboard().text().split("\n")
            assert lines[0].split("\t") == list(table.headers) or not table.headers
            assert len([line for line in lines[1:] if line]) == len(table.rows)
            seen.add(type(card.chart).__name__)
    assert len(seen) > 15
    assert {key for key, _, _ in TABS} >= {"overview", "assumptions"}


def offered(view: QTableView) -> QMenu:
    """The menu that the right button opens on a table."""
    place = view.viewport().rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, view.viewport().mapToGlobal(place))
    QApplication.sendEvent(view.viewport(), event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def test_the_list_of_assumptions_is_copied_by_key_and_by_menu(qtbot: Any) -> None:
    set_language("en")
    win = window(qtbot, PLAN, estimator=estimate_plan)
    win.show_tab("assumptions")
    view = win.tabs["assumptions"].view
    qtbot.waitUntil(lambda: view.model().rowCount() > 20)
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    text = QGuiApplication.clipboard().text()
    assert len(text.strip().split("\n")) == view.model().rowCount() + 1
    QGuiApplication.clipboard().clear()
    menu = offered(view)
    menu.actions()[0].trigger()
    menu.close()
    assert QGuiApplication.clipboard().text() == text


def test_a_table_of_a_dialog_offers_its_copy_and_one_behind_a_chart_the_cards_menu(qtbot: Any) -> None:
    set_language("en")
    table = DataTable("Differences")
    table.set_table(Table(("a", "b"), (("1", "2"), ("=1+1", "3"))))
    qtbot.addWidget(table)
    table.show()
    menu = offered(table)
    assert [action.text() for action in menu.actions()] == ["Copy table", "Save as CSV …"]
    menu.actions()[0].trigger()
    menu.close()
    assert QGuiApplication.clipboard().text().split("\n")[0] == "a\tb"
    win = window(qtbot, PLAN, estimator=estimate_plan)
    win.show_tab("cost")
    cards = [card for card in win.findChildren(ChartFrame) if card.isVisible()]
    frame = next(card for card in cards if not isinstance(card.chart, TableView))
    twin = frame.table_twin()
    assert isinstance(twin, TableView)
    menu = offered(twin)
    assert [action.text() for action in menu.actions()] == CARD_MENU
    next(action for action in menu.actions() if action.text() == "Show as picture").trigger()
    menu.close()
    assert frame.chart.isVisible()
    assert not twin.isVisible()
    table_card = next(card for card in cards if isinstance(card.chart, TableView))  # a table with no picture behind it
    menu = offered(table_card.chart)
    assert [action.text() for action in menu.actions()] == [text for text in CARD_MENU if text != "Show as picture"]
    menu.close()


HOSTILE = ("=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x","y")', "+1+1", "-1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1",
           "\r=1", "\n=1", " =1", "＝1＋1", "－1", "+A1", "-(1)", "\u2028=1", "\x00=1", "+1*2", "-1/0", "-1^2", "+1&A1")  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_that_looks_like_a_formula_is_copied_as_a_text(text: str) -> None:
    """What is pasted into a spreadsheet is read as if it were typed."""
    line = Table((text, "b"), ((text, "x"),)).tsv().splitlines()
    assert len(line) == 2
    for row in line:
        first, second = row.split("\t")
        assert first.startswith("'")
        assert second in ("b", "x")


@pytest.mark.parametrize(
    "text", ["-5", "+3.1 %", "-1,234.5 GB", "+12 日", "-¥1.2B", "-1e-5", "Llama 3 70B", "—", "▲5", "", "1/2"]
)
def test_numbers_and_plain_words_are_copied_as_they_stand(text: str) -> None:
    assert Table(("a",), ((text,),)).tsv() == f"a\n{text}"


@given(st.text(max_size=30))
def test_any_text_stays_one_inert_cell(text: str) -> None:
    table = Table(("a", "b"), ((text, "b"),)).tsv()
    assert table.count("\t") == 2
    assert len(table.splitlines()) == 2
    cell = table.split("\n")[1].split("\t")[0].lstrip()
    assert not cell.startswith(("=", "@", "＝", "＠"))
    if cell.startswith(("+", "-")):
        assert not set("=@|!()[]*/^&") & set(cell)


@pytest.mark.timeout(300)
def test_every_table_is_copied_as_numbers_that_a_spreadsheet_adds(qtbot: Any) -> None:
    """Heads say the unit; a number is written with all its digits, without unit, comma group or currency sign."""
    set_language("ja")
    win = window(qtbot, PLAN, PLAN.with_values({"name": "B", "cluster.servers": 32}), estimator=estimate_plan)
    textual = {"PartCards"}  # names and sentences
    for page, root in pages(win, qtbot):
        for card in (widget for widget in root.findChildren(ChartFrame) if widget.isVisible()):
            table = card.chart.table()
            numbers = [at for at, column in enumerate(table.columns) if column.number]
            found = 0
            for row, line in enumerate(table.copied()[1:]):
                for at in numbers:
                    if table.cell(row, at).value is not None:
                        assert float(line[at]) == pytest.approx(table.cell(row, at).value, rel=1e-11)
                        found += 1
            answered = bool(table.rows) and bool(card.title)
            assert found or not answered or type(card.chart).__name__ in textual, (page, card.title, table.headers)
