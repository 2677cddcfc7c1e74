"""The table of actions: what the menu, the toolbar and the keys start, and when."""

from __future__ import annotations

import re

import grimp
import pytest
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAction, QImage, QKeySequence, QPageLayout
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from mitsumori import resources
from mitsumori.gui.actions import ACTIONS
from mitsumori.gui.present import printing
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.tabs import TABS
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.project import load_sample
from tests.gui.windows import window

Standard = QKeySequence.StandardKey


def entries(menu: QMenu) -> list[QAction]:
    """The actions of a menu and of its submenus."""
    found: list[QAction] = []
    for action in menu.actions():
        inner = action.menu()
        found += entries(inner) if isinstance(inner, QMenu) else [] if action.isSeparator() else [action]
    return found


def test_no_module_of_the_window_imports_itself_through_others() -> None:
    graph = grimp.build_graph("mitsumori", cache_dir=None)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    circles: list[list[str]] = []

    def visit(module: str) -> None:
        index[module] = low[module] = len(index)
        stack.append(module)
        for other in graph.find_modules_directly_imported_by(module):
            if other not in index:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], index[other])
        if low[module] == index[module]:
            circle = []
            while not circle or circle[-1] != module:
                circle.append(stack.pop())
            if len(circle) > 1:
                circles.append(sorted(circle))

    for module in sorted(graph.find_descendants("mitsumori.gui")):
        if module not in index:
            visit(module)
    drawn = (
        "mitsumori.gui.charts",
        "mitsumori.gui.plot",
        "mitsumori.gui.tables",
    )  # cards and their tables know each other
    own = [circle for circle in circles if any(name.startswith("mitsumori.gui") for name in circle)]
    assert [circle for circle in own if not all(name.startswith(drawn) for name in circle)] == []


def test_each_key_starts_one_action() -> None:
    keys = [(sequence.toString(), entry.id) for entry in ACTIONS for sequence in entry.sequences()]
    assert len({key for key, _ in keys}) == len(keys), sorted(keys)
    assert len({entry.id for entry in ACTIONS}) == len(ACTIONS)


def test_the_menu_has_what_every_program_has_with_the_keys_of_the_platform(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot, load_sample("llama2-7b-sft").plan, estimator=estimate_plan)
    shown = {action.objectName(): action for action in entries(win.action_set.menu())}
    for name, key in (
        ("new", Standard.New), ("open", Standard.Open), ("save", Standard.Save), ("save_as", Standard.SaveAs),
        ("print", Standard.Print), ("quit", Standard.Quit), ("undo", Standard.Undo), ("redo", Standard.Redo),
        ("zoom_in", Standard.ZoomIn), ("zoom_out", Standard.ZoomOut), ("guide", Standard.HelpContents),
    ):  # fmt: skip
        bound = QKeySequence.keyBindings(key)
        assert set(bound) <= set(shown[name].shortcuts()), name
        assert shown[name].shortcuts(), name
    assert set(shown) == {entry.id for entry in ACTIONS if entry.menu}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_key_of_the_table_is_in_the_guide(language: str) -> None:
    guide = resources.read_text("guide", f"guide_{language}.md").replace("Ctrl+Enter", "Ctrl+Return")
    told = set(re.findall(r"(?:Ctrl\+|Shift\+)*(?:F\d+|Ctrl\+(?:Shift\+)?(?:\w+|\+|-))", guide))
    range_of_tabs = {f"Ctrl+{number}" for number in range(1, 9)}
    for entry in ACTIONS:
        first = entry.sequences()[0].toString() if entry.sequences() else ""
        assert not first or first in told | range_of_tabs, (entry.id, first)


def test_actions_are_possible_only_where_they_mean_something(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot, load_sample("llama2-7b-sft").plan, estimator=estimate_plan)
    actions = win.action_set
    assert actions["save"].isEnabled()
    assert not actions["undo"].isEnabled()
    win.apply({"cluster.servers": 2})
    qtbot.wait(20)
    assert actions["undo"].isEnabled()
    assert win.toolbar.undo.isEnabled()
    actions["undo"].trigger()
    assert actions["redo"].isEnabled()
    win.store.undo_stack.setClean()
    win.show_start()
    closed = {entry.id for entry in ACTIONS if not actions[entry.id].isEnabled()}
    assert {"save", "save_as", "export", "summary", "print", "undo", "redo", "pin", "present", "calibrate"} <= closed
    assert not {"new", "open", "import", "guide", "quit", "zoom_in", "theme"} & closed


def test_buttons_and_keys_start_the_same_action(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot, load_sample("llama2-7b-sft").plan, estimator=estimate_plan)
    dark = theme().is_dark
    win.toolbar.theme.click()
    assert theme().is_dark is not dark
    QTest.keyClick(win, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert theme().is_dark is dark
    QTest.keyClick(win, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert win.toolbar.pin.isChecked()
    assert win.store.reference is not None
    win.toolbar.pin.click()
    assert not win.action_set["pin"].isChecked()
    assert win.store.reference is None
    place = next(index for index, (key, _, _) in enumerate(TABS) if key == "cost")
    QTest.keyClick(win, Qt.Key(Qt.Key.Key_1 + place), Qt.KeyboardModifier.ControlModifier)
    assert win.tab_row.tabData(win.tab_row.currentIndex()) == "cost"


def test_names_and_keys_of_buttons_come_from_the_table_in_both_languages(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    assert win.toolbar.save.toolTip() == "Save (Ctrl+S)"
    assert win.toolbar.menu.toolTip() == "Menu (F10)"
    set_language("ja")
    assert win.toolbar.save.toolTip() == "保存 (Ctrl+S)"
    assert win.toolbar.save.accessibleName() == "保存"
    assert win.toolbar.compare.text() == "比較"
    assert win.action_set["quit"].text() == "終了"


def test_quit_closes_the_window_after_its_question(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    asked = []
    win.apply({"cluster.servers": 3})
    win.files.ask_leave = lambda: asked.append(1) or "stay"  # type: ignore[method-assign]
    QTest.keyClick(win, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert asked
    assert win.isVisible()
    win.files.ask_leave = lambda: "discard"  # type: ignore[method-assign]
    QTest.keyClick(win, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert not win.isVisible()


@pytest.mark.parametrize("dots_per_inch", [96, 200])
def test_the_printed_page_fills_the_sheet(qtbot, dots_per_inch: int) -> None:  # type: ignore[no-untyped-def]
    """At any resolution: ink from the left to the right margin and from the head to the foot, none beyond."""
    from mitsumori.gui.dialogs.proposal_settings import stored_settings
    from mitsumori.gui.present.pdf_summary import MARGIN, PAGE, page_of

    window(qtbot)
    plan = load_sample("llama2-7b-sft").plan
    result = estimate_plan(plan)
    page = page_of(plan, result, "en", stored_settings())
    size = QSize(round(11.69 * dots_per_inch), round(8.27 * dots_per_inch))
    sheet = QImage(size, QImage.Format.Format_RGB32)
    sheet.setDotsPerMeterX(round(dots_per_inch / 0.0254))
    sheet.setDotsPerMeterY(round(dots_per_inch / 0.0254))
    sheet.fill(Qt.GlobalColor.white)
    assert printing.paint_on(sheet, QRectF(sheet.rect()), page, plan, result)
    factor = size.width() / PAGE[0]
    ink = [
        (x / factor, y / factor)
        for x in range(0, size.width(), 2)
        for y in range(0, size.height(), 2)
        if sheet.pixelColor(x, y).lightness() < 160
    ]
    across, down = [x for x, _ in ink], [y for _, y in ink]
    assert min(across) == pytest.approx(MARGIN, abs=6)
    assert max(across) == pytest.approx(PAGE[0] - MARGIN, abs=12)
    assert min(down) > MARGIN / 2
    assert max(down) == pytest.approx(PAGE[1] - MARGIN / 2, abs=30)


def test_the_printer_is_set_to_the_page(qtbot) -> None:  # type: ignore[no-untyped-def]
    printer = printing.landscape_printer("Llama 3 70B")
    assert printer.docName() == "Llama 3 70B"
    assert printer.pageLayout().orientation() is QPageLayout.Orientation.Landscape
    rect = printer.pageRect(QPrinter.Unit.Millimeter)
    assert (rect.width(), rect.height()) == pytest.approx((297, 210), abs=1)
