"""The application's style: frames of the states, the switch, scroll bars, heads of tables."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QScrollBar,
    QStyle,
    QStyleOptionSlider,
    QTableWidget,
    QToolTip,
    QWidget,
)

from mitsumori.gui.charts.base import Table
from mitsumori.gui.dialogs.base import DataTable
from mitsumori.gui.tables.view import TableView
from mitsumori.gui.theme.style import Style
from mitsumori.gui.theme.tokens import set_theme, theme
from mitsumori.gui.widgets.buttons import Switch
from mitsumori.gui.widgets.fields import Combo, FieldEdit

Part = QStyle.SubControl


def at(widget: QWidget, x: int, y: int) -> QColor:
    return widget.grab().toImage().pixelColor(QPoint(x, y))


def near(first: QColor, second: QColor) -> bool:
    """Equal but for the blending of an edge."""
    pairs = zip(first.getRgb(), second.getRgb(), strict=True)  # type: ignore[arg-type]
    return all(abs(a - b) <= 6 for a, b in pairs)


STATES = [
    ("rest", "line_strong", "card"),
    ("overridden", "marginal", "marginal_tint"),
    ("guilty", "bad", "bad_tint"),
]


@pytest.mark.parametrize("kind", [FieldEdit, Combo])
@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(("state", "edge", "fill"), STATES)
def test_a_field_shows_its_state(show, kind: type[QWidget], name: str, state: str, edge: str, fill: str) -> None:  # type: ignore[no-untyped-def]
    set_theme(name)  # type: ignore[arg-type]
    field = show(kind(), 120, 30)
    field.set_state(state)
    if name == "dark" and fill == "card":
        fill = "window"  # fields lie deeper than their card there
    assert near(at(field, 0, field.height() // 2), theme().color(edge))
    assert near(at(field, 30, 4), theme().color(fill))


def test_a_switch_shows_whether_it_is_on(show) -> None:  # type: ignore[no-untyped-def]
    switch = show(Switch(), 38, 22)
    assert near(at(switch, 28, 3), theme().color("line_strong"))
    switch.setChecked(True)
    assert near(at(switch, 10, 3), theme().color("accent"))


@pytest.mark.parametrize("orientation", [Qt.Orientation.Vertical, Qt.Orientation.Horizontal])
@pytest.mark.parametrize("value", [0, 450, 900])
def test_the_handle_of_a_scroll_bar_is_as_long_as_what_is_seen(show, orientation: Qt.Orientation, value: int) -> None:  # type: ignore[no-untyped-def]
    bar = QScrollBar(orientation)
    upright = orientation == Qt.Orientation.Vertical
    show(bar, *((10, 400) if upright else (400, 10)))
    bar.setRange(0, 900)
    bar.setPageStep(300)
    bar.setValue(value)
    option = QStyleOptionSlider()
    bar.initStyleOption(option)
    style = Style()

    def extent(part: QStyle.SubControl) -> tuple[int, int]:
        rect = style.subControlRect(QStyle.ComplexControl.CC_ScrollBar, option, part, bar)
        return (rect.top(), rect.height()) if upright else (rect.left(), rect.width())

    start, length = extent(Part.SC_ScrollBarSlider)
    assert length == 400 * 300 // 1200
    assert start == round((400 - length) * value / 900)
    assert extent(Part.SC_ScrollBarAddLine)[1] == 0
    if value == 450:
        assert extent(Part.SC_ScrollBarSubPage) == (0, start)
        assert extent(Part.SC_ScrollBarAddPage) == (start + length, 400 - start - length)
    middle = start + length // 2
    assert near(at(bar, *((5, middle) if upright else (middle, 5))), theme().color("line"))


def test_a_list_that_popped_up_gets_no_ring(show, qtbot) -> None:  # type: ignore[no-untyped-def]
    box: QComboBox = show(Combo(), 200, 30)
    box.addItems(["one", "two"])
    box.setFocus(Qt.FocusReason.TabFocusReason)
    box.showPopup()
    qtbot.wait(20)
    rings = [w for w in QApplication.allWidgets() if w.objectName() == "focusRing" and w.isVisible()]
    popup = box.view().window()
    assert not any(ring.window() is popup for ring in rings)
    box.hidePopup()


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_head_of_a_table_is_smaller_and_quieter_than_its_cells(show, name: str) -> None:  # type: ignore[no-untyped-def]
    set_theme(name)  # type: ignore[arg-type]
    table = show(QTableWidget(2, 2), 300, 120)
    table.setHorizontalHeaderLabels(["kVA", "kW"])
    head = table.horizontalHeader()
    assert head.font().pixelSize() == theme().px(13) < table.font().pixelSize()
    assert head.palette().buttonText().color() == theme().color("text_3")
    assert head.sizeHint().height() >= head.fontMetrics().height() + 2 * 8
    assert near(at(head, 3, 3), theme().color("card"))
    assert near(at(head, 3, head.height() - 1), theme().color("line_strong"))


@pytest.mark.parametrize("kind", [TableView, lambda: DataTable("Servers", (1,))])
def test_heads_stand_above_their_cells(show, kind: Callable[[], TableView]) -> None:  # type: ignore[no-untyped-def]
    set_theme("light")
    table = kind()
    table.set_table(Table(("HH", "HH"), (("HH", "HH"), ("HH", "HH"))))
    show(table, 400, 200)
    picture = table.grab().toImage()
    head, row = table.horizontalHeader().height(), table.rowHeight(0)

    def edges(top: int, bottom: int, left: int, right: int) -> tuple[int, int]:
        dark = [
            x for x in range(left, right) if any(picture.pixelColor(x, y).lightness() < 150 for y in range(top, bottom))
        ]
        return dark[0], dark[-1]

    for column in range(2):
        left = table.columnViewportPosition(column)
        right = left + table.columnWidth(column)
        above, below = edges(0, head - 2, left, right), edges(head + 1, head + row - 1, left, right)
        side = 1 if column and kind is TableView else 0  # numbers end at the same place, texts begin there
        assert abs(above[side] - below[side]) <= 1
        assert above[0] - left >= 7
        assert right - above[1] >= 7


@pytest.mark.parametrize("name", ["light", "dark"])
def test_a_tooltip_has_the_colours_of_the_theme(qtbot, show, name: str) -> None:  # type: ignore[no-untyped-def]
    set_theme(name)  # type: ignore[arg-type]
    widget = show(QWidget(), 200, 100)
    QToolTip.showText(widget.mapToGlobal(QPoint(5, 5)), "kVA per rack", widget)
    tip = next(shown for shown in QApplication.topLevelWidgets() if shown.inherits("QTipLabel") and shown.isVisible())
    assert near(at(tip, 0, tip.height() // 2), theme().color("line_strong"))
    assert near(at(tip, 3, 3), theme().color("card"))
    assert tip.font().pixelSize() == theme().px(13)
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())
