"""A user who does anything: one action after another through the window's own controls, and what the window then shows.

:class:`Walk` acts on a window; :func:`shown` collects every text that it paints, tells or lists, place by place, so that two
windows can be compared.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from mitsumori.gui.charts.base import Chart
from mitsumori.gui.dialogs.changed import show_changed
from mitsumori.gui.inputs.row import InputRow
from mitsumori.gui.tables.calendar import CalendarTable
from mitsumori.gui.tables.view import TableView
from mitsumori.gui.tabs import TABS
from mitsumori.gui.theme.tokens import set_theme
from mitsumori.gui.widgets.segmented import Segmented
from mitsumori.gui.window import Window
from mitsumori.gui.words.translation import language
from mitsumori.model.plan.project import load_sample, sample_names, save_project
from tests.gui.spoken import cells, painted, pointed, said, svg_texts

KEYS = tuple(key for key, _, _ in TABS)
DATES = ("2027/3/31", "30日", "3月末", "令和9年3月31日", "2027-06-30", "6か月", "半年", "90", "")
GOALS = ("", "0", "1", "20", "30日", "8億", "2000", "12", "2027/3/31", "令和9年3月31日", "来週", "1e12")
NUMBERS = ("0", "1", "2", "3", "7", "16", "40", "250", "1,000", "1.5T", "70B", "5 %", "0.35", "8億", "1e9", "")


def settle(win: Window, qtbot: Any) -> None:
    """Wait until nothing is computed, asked or flashed any more."""
    rested = 0
    for _ in range(3000):
        QApplication.processEvents()
        waits = win.store.stale and not win.footer._alarms.get("plan")  # a refused plan has no result, and says so
        busy = waits or win.jobs.any_busy() or win.services.at_work()
        rested = 0 if busy else rested + 1
        if rested >= 8:  # an answer may ask the next question
            break
        qtbot.wait(10)
    else:
        raise AssertionError("the window does not come to rest")
    for card in win.headline.cards():
        card._timer.stop()
        card._hide_delta()
    QApplication.processEvents()


def open_everything(win: Window) -> None:
    """Unfold the inputs, so that every row is there."""
    for section in win.inputs.sections:
        section.set_open(True)
        if not section._all:
            section._toggle_more()


def copy_views(source: QWidget, target: QWidget) -> bool:
    """Turn the switches of one page to where another's stand: what is looked at is no figure. Whether one was turned."""
    turned = False
    for one, other in zip(source.findChildren(Segmented), target.findChildren(Segmented), strict=False):
        if one.value() != other.value() and [v for v, _ in one._options] == [v for v, _ in other._options]:
            other._choose([value for value, _ in other._options].index(one.value()))
            turned = True
    return turned


def copy_goal(source: Window, target: Window) -> None:
    """Type what is sought in one window into another, and search there."""
    line = source.tabs["advisor"].goal  # type: ignore[attr-defined]
    other = target.tabs["advisor"].goal  # type: ignore[attr-defined]
    while len(other.slots) < len(line.slots):
        other._add_slot()
    for mine, copy in zip(line.slots, other.slots, strict=True):
        for edit in (mine.edit, copy.edit):
            edit.clearFocus()  # a caret is no figure
        copy.set_kind(mine.kind)
        copy.edit.setText(mine.edit.text())
    other._retranslate_slots()
    other.unknown.setCurrentIndex(line.unknown.currentIndex())
    if line.note.text() or source.tabs["advisor"]._goal is not None:  # type: ignore[attr-defined]
        other.search()


def copy_entry(source: Window, target: Window) -> None:
    """Choose the entry and the week of one window's calendar in another: what is edited is no figure."""
    mine, other = (getattr(win.tabs["serving"], "calendar", None) for win in (source, target))
    if mine is not None and other is not None and mine.isVisible() and other.isVisible():
        other._chosen, other._monday = mine._chosen, mine._monday
        for view in (mine, other):
            view._paint()


def page_texts(page: QWidget) -> set[str]:
    """Everything that a page paints, tells and lists."""
    anew = [text for chart in page.findChildren(Chart) if chart.isVisible() for text in drawn(chart)]
    return {text for text in (*painted(page), *anew, *pointed(page), *said(page), *cells(page)) if text}


def drawn(chart: Chart) -> list[str]:
    """What a chart paints, axes included: the window keeps them as a picture, which holds no texts."""
    return svg_texts(chart.size(), lambda painter: chart.render_to(painter, QRectF(chart.rect())))


def differing(one: QWidget, other: QWidget) -> str:
    """Where two widgets look unlike: the box around all pixels that differ, or nothing."""
    first, second = pixels(one), pixels(other)
    if first.shape != second.shape:
        return f"{first.shape} beside {second.shape}"
    unlike = np.argwhere((first != second).any(axis=2))
    if len(unlike) <= ROUNDED:
        return ""
    (top, left), (bottom, right) = unlike.min(axis=0), unlike.max(axis=0)
    return f"{len(unlike)} pixels between {left}, {top} and {right}, {bottom}"


ROUNDED = 12
"""Pixels that may differ: where a line ends depends on the last digit of what it was computed from."""


def pixels(widget: QWidget) -> np.ndarray[Any, Any]:
    """A widget as it stands, as an array of rows, columns and colours."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(bytes(image.constBits()), np.uint8).reshape(image.height(), image.width(), 4)[..., :3]


def around(win: Window) -> Iterator[tuple[str, set[str]]]:
    """Place and texts of what stands around the tabs."""
    yield "headline", page_texts(win.headline)
    yield "inputs", page_texts(win.inputs.widget())
    yield "toolbar", {*painted(win.toolbar)}
    yield "tabs", {*painted(win.tab_row)}
    footer = win.footer
    yield "footer", {text for text in painted(footer) if text not in (footer._news, footer._alarm)}


class Walk:
    """Random actions on a window, each through the control that a user has for it."""

    def __init__(self, win: Window, qtbot: Any, seed: int, folder: Path) -> None:
        self.win, self.qtbot, self.chance, self.folder = win, qtbot, random.Random(seed), folder
        self.told: list[str] = []
        self.kinds: dict[str, tuple[float, Callable[[], str]]] = {
            "type": (5, self.type), "slide": (3, self.slide), "choose": (5, self.choose), "switch": (1, self.switch),
            "undo": (2, self.undo), "redo": (1, self.redo), "currency": (2, self.currency), "scenario": (1.5, self.scenario),
            "view": (2, self.view), "row": (2, self.click_a_row), "tab": (3, self.tab), "look": (0.7, self.look),
            "present": (0.7, self.present), "missing": (0.7, self.missing), "reset": (1, self.reset),
            "remedy": (1, self.remedy), "file": (0.7, self.file), "goal": (1, self.goal), "calendar": (1, self.calendar),
            "company": (0.5, self.company), "changed": (0.3, self.changed),
        }  # fmt: skip
        self.base = folder / "base.mitsumori"
        save_project(win.store.project(), self.base)

    def act(self) -> str:
        """One action; what was done, in words for whoever reads a failure."""
        kinds = list(self.kinds)
        kind = self.chance.choices(kinds, [self.kinds[name][0] for name in kinds])[0]
        self.told.append(f"{kind}: {self.kinds[kind][1]()}")
        QApplication.processEvents()
        return self.told[-1]

    # --- files

    def file(self) -> str:
        """Another file in the same window: what was saved just now, or a sample, as after another customer."""
        if self.chance.random() < 0.5:
            path = self.folder / "again.mitsumori"
            save_project(self.win.store.project(), path)
            self.win.files.open_path(path)
            did = "saved and opened"
        else:
            did = self.chance.choice(sample_names())
            self.win.open_project(load_sample(did))
        open_everything(self.win)
        settle(self.win, self.qtbot)
        return did

    # --- the inputs

    def rows(self, wanted: Callable[[InputRow], bool]) -> list[InputRow]:
        """Rows on the pane that are open to the user."""
        rows = [row for section in self.win.inputs.sections for row in section.rows if row.isVisible()]
        return [row for row in rows if wanted(row)]

    def pick(self, rows: list[InputRow]) -> InputRow | None:
        """One of them; those of the first page are asked for as often as all the rest."""
        first = [row for row in rows if not row.field.more]
        return self.chance.choice(first if first and self.chance.random() < 0.5 else rows) if rows else None

    def type(self) -> str:
        row = self.pick(self.rows(lambda row: row.edit is not None and row.edit.isEnabled()))
        if row is None or row.edit is None:
            return "nothing to type into"
        if row.field.kind == "date":
            text = self.chance.choice(DATES)
        elif row.field.kind == "text":
            text = self.chance.choice(("", "2 CPU-2U cpu", "abc"))
        else:
            value = row._effective()
            near = [] if not isinstance(value, int | float) else [
                f"{value / row.field.scale * factor:.6g}" for factor in (0.5, 0.8, 1.25, 2.0, 4.0)]  # fmt: skip
            text = self.chance.choice(near * 3 + list(NUMBERS)) if near else self.chance.choice(NUMBERS)
        row.edit.setFocus()
        row.edit.selectAll()
        if text.isascii() and text:
            QTest.keyClicks(row.edit, text)
        else:  # QTest has no keys for other letters; nothing typed is what a deletion leaves
            row.edit.insert(text)
            row.edit.setModified(True)
        QTest.keyClick(row.edit, Qt.Key.Key_Return)
        if row.error():
            QTest.keyClick(row.edit, Qt.Key.Key_Escape)
        return f"{row.field.path} {text!r} {row.error()}"

    def slide(self) -> str:
        row = self.pick(self.rows(lambda row: row.slider is not None and row.slider.isEnabled()))
        if row is None or row.slider is None:
            return "no slider"
        keys = (Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_PageUp)
        if self.chance.random() < 0.5:
            key = self.chance.choice(keys)
            QTest.keyClick(row.slider, key)
            return f"{row.field.path} {key.name}"
        slider = row.slider
        slider.sliderPressed.emit()
        places = [self.chance.random() for _ in range(3)]
        for place in places:
            slider._announce(slider.scale().value(place))
            QApplication.processEvents()
        slider.released.emit()
        return f"{row.field.path} dragged to {places[-1]:.3f}"

    def choose(self) -> str:
        row = self.pick(
            self.rows(lambda row: row.combo is not None and row.combo.isEnabled() and row.combo.count() > 1)
        )
        if row is None or row.combo is None:
            return "no list"
        at = self.chance.randrange(row.combo.count())
        row.combo.setCurrentIndex(at)
        row.combo.activated.emit(at)
        return f"{row.field.path} {row.combo.itemData(at)!r}"

    def switch(self) -> str:
        row = self.pick(self.rows(lambda row: row.switch is not None and row.switch.isEnabled()))
        if row is None or row.switch is None:
            return "no switch"
        row.switch.click()
        return row.field.path

    def reset(self) -> str:
        row = self.pick(self.rows(lambda row: row.reset.isVisible()))
        if row is None:
            return "nothing to reset"
        row.reset.click()
        return row.field.path

    # --- the window

    def undo(self) -> str:
        steps = self.chance.randint(1, 4)
        for _ in range(steps):
            self.win.trigger("undo")
        return str(steps)

    def redo(self) -> str:
        self.win.trigger("redo")
        return ""

    def press(self, switch: Segmented) -> str:
        """Click one of the parts of a switch."""
        at = self.chance.randrange(len(switch._options))
        place = switch._cells()[at].center()
        event = QMouseEvent(QEvent.Type.MouseButtonPress, QPointF(place), QPointF(place), Qt.MouseButton.LeftButton,
                            Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)  # fmt: skip
        switch.mousePressEvent(event)
        return str(switch.value())

    def currency(self) -> str:
        return self.press(self.win.toolbar.currency)

    def look(self) -> str:
        if self.chance.random() < 0.5:
            return self.press(self.win.toolbar.language)
        theme = self.chance.choice(("light", "dark"))
        set_theme(theme)  # type: ignore[arg-type]
        return theme

    def scenario(self) -> str:
        store, bar = self.win.store, self.win.toolbar
        count = len(store.plans)
        kind = self.chance.choice(("add", "choose", "choose", "rename", "remove"))
        if kind == "add" and count < 4:
            self.win.add_scenario()
        elif kind == "choose":
            bar.scenario_chosen.emit(self.chance.randrange(count))
        elif kind == "rename":
            bar.scenario_renamed.emit(store.active, f"Case {self.chance.randint(1, 99)}")
        elif kind == "remove" and count > 1:
            bar.scenario_removed.emit(self.chance.randrange(count))
        return f"{kind}, {len(store.plans)} scenarios, {store.active} shown"

    def tab(self) -> str:
        key = self.chance.choice(KEYS)
        self.win.show_tab(key)
        return key

    def view(self) -> str:
        """A switch on the page: the use of the cost, how GPUs are exchanged, GB or GiB, what a chart shows."""
        page = self.win.tabs[KEYS[self.win.tab_row.currentIndex()]].page
        switches = [found for found in page.findChildren(Segmented) if found.isVisible()]
        return self.press(self.chance.choice(switches)) if switches else "no switch"

    def click_a_row(self) -> str:
        """A cell of a table that changes the plan or opens something."""
        page = self.win.tabs[KEYS[self.win.tab_row.currentIndex()]].page
        views = [
            view
            for view in page.findChildren(TableView)
            # a calendar's entry is chosen, and opened in the editor beside it: that is no figure
            if view.isVisible() and view.model().rowCount() and not isinstance(view, CalendarTable)
        ]
        if not views:
            return "no table"
        view = self.chance.choice(views)
        model = view.model()
        index = model.index(self.chance.randrange(model.rowCount()), self.chance.randrange(model.columnCount()))
        view._open_clicked(index)
        QApplication.processEvents()
        return f"{type(view).__name__} {index.row()}, {index.column()}: {view._rows.key(index)!r}"

    def present(self) -> str:
        """A slider is moved in front of the audience; afterwards the plan is what it was."""
        self.win.present()
        QApplication.processEvents()
        page = self.win.presentation.page
        assert page is not None
        page.show_chart(self.chance.randrange(page.charts.count()))
        rows = [row for row in page.findChildren(InputRow) if row.slider is not None and row.isVisible()]
        if rows:
            row = self.chance.choice(rows)
            QTest.keyClick(row.slider, self.chance.choice((Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Up)))
        QApplication.processEvents()
        self.win.leave_present()
        return ""

    def missing(self) -> str:
        """The sheet of what is missing: a guide value, nothing, or a typed figure."""
        from mitsumori.gui.dialogs.missing import open_missing

        sheet = open_missing(self.win)
        if sheet is None:
            return "nothing is missing"
        try:
            if not sheet.rows:
                return "no rows"
            row = sheet.rows[self.chance.choice(list(sheet.rows))]
            did = self.press(row.choice)
            settle(self.win, self.qtbot)
            return f"{row.path} {did}"
        finally:
            sheet.close()
            sheet.deleteLater()

    def company(self) -> str:
        """A value of the sheet is kept for the company's next plans, or no longer; or a new plan begins with what is kept."""
        if self.chance.random() < 0.4:
            self.win.new()
            self.win._start.begin.click()  # type: ignore[union-attr]
            open_everything(self.win)
            settle(self.win, self.qtbot)
            return "a new plan"
        from mitsumori.gui.dialogs.missing import open_missing

        sheet = open_missing(self.win)
        if sheet is None:
            return "nothing is missing"
        try:
            rows = [row for row in sheet.rows.values() if row.keep.isVisible() and row.keep.isEnabled()]
            if not rows:
                return "nothing to keep"
            row = self.chance.choice(rows)
            row.keep.click()
            settle(self.win, self.qtbot)
            return f"{row.path} {'kept' if row.keep.isChecked() else 'not kept'}"
        finally:
            sheet.close()
            sheet.deleteLater()

    def changed(self) -> str:
        """The plan as it stands becomes what "what changed" compares with."""
        if self.chance.random() < 0.5:
            dialog = show_changed(self.win, self.base)
            assert dialog is not None
            dialog.close()
            dialog.deleteLater()
            return "looked at"
        save_project(self.win.store.project(), self.base)
        return "compares with this plan from now on"

    def goal(self) -> str:
        """A goal is typed into the advisor's sentence and searched, or the typed one is cleared."""
        self.win.show_tab("advisor")
        settle(self.win, self.qtbot)
        line = self.win.tabs["advisor"].goal  # type: ignore[attr-defined]
        if not line.isVisible():
            return "no goal here"
        line.unknown.setCurrentIndex(self.chance.randrange(line.unknown.count()))
        if line._more.isVisible() and self.chance.random() < 0.3:
            line.more.click()
        slot = self.chance.choice(line.slots)
        if self.chance.random() < 0.3:
            at = self.chance.randrange(slot.choice.count())
            slot.choice.setCurrentIndex(at)
            slot.choice.activated.emit(at)
        typed = self.chance.choice(GOALS)
        slot.edit.setFocus()
        slot.edit.selectAll()
        slot.edit.insert(typed)
        QTest.keyClick(slot.edit, Qt.Key.Key_Return)
        settle(self.win, self.qtbot)
        return f"{line.unknown.currentData()}, {[(one.kind, one.edit.text()) for one in line.slots]} {line.note.text()}"

    def calendar(self) -> str:
        """An entry of the calendar is added, edited, moved in the order, removed; or all are assigned."""
        self.win.show_tab("serving")
        settle(self.win, self.qtbot)
        page = self.win.tabs["serving"]
        switches = [found for found in page.findChildren(Segmented) if "calendar" in dict(found._options)]
        if not switches or not switches[0].isVisible():
            return "no calendar here"
        switches[0]._choose([value for value, _ in switches[0]._options].index("calendar"))
        settle(self.win, self.qtbot)
        view = page.calendar  # type: ignore[attr-defined]
        editor, entries = view.editor, view._entries()
        what = self.chance.choice(("add", "assign", "edit", "edit", "edit", "earlier", "less", "remove", "week"))
        if entries and what not in ("add", "assign"):
            view._open(("entry", self.chance.randrange(len(entries))))
        did = what
        if what == "week":
            view._move(self.chance.choice((-7, 7)))
        elif what != "edit":
            button = getattr(editor, what)
            button.click() if button.isEnabled() else None
        elif entries:
            did = self.edit_entry(editor)
        settle(self.win, self.qtbot)
        said, view._chosen = editor.says.text(), None  # what is edited is no figure
        switches[0]._choose([value for value, _ in switches[0]._options].index("answer"))
        return f"{did} {said}"

    def edit_entry(self, editor: Any) -> str:
        """One field of the calendar's editor."""
        name = self.chance.choice(
            ("hours", "share", "switch", "growth", "begin", "end", "plan", "maintenance", "rest", "day")
        )
        if name in ("maintenance", "rest", "day"):
            box = editor.days[self.chance.choice(list(editor.days))] if name == "day" else getattr(editor, name)
            if box.isEnabled():
                box.click()
            return name
        if name == "plan":
            if editor.plan.isEnabled() and editor.plan.count():
                at = self.chance.randrange(editor.plan.count())
                editor.plan.setCurrentIndex(at)
                editor.plan.activated.emit(at)
            return name
        edit = getattr(editor, name)
        if not edit.isEnabled():
            return f"no {name}"
        text = self.chance.choice({
            "hours": ("8-20", "22-6", "0-24", "", "9:30-18", "x"), "share": ("50", "100", "12.5", "0"),
            "switch": ("30", "0", "1440"), "growth": ("20", "-30", ""), "begin": ("2027-03-31", "令和9年4月1日", "x"),
            "end": ("", "2028-03-31", "2020-01-01"),
        }[name])  # fmt: skip
        edit.setFocus()
        edit.selectAll()
        edit.insert(text)
        edit.setModified(True)
        QTest.keyClick(edit, Qt.Key.Key_Return)
        return f"{name} {text!r}"

    def remedy(self) -> str:
        """A suggestion of the estimate is taken."""
        found = self.win.store.estimate
        remedies = [] if found is None else [remedy for finding in found.findings for remedy in finding.remedies]
        if not remedies:
            return "none"
        remedy = self.chance.choice(remedies)
        self.win.findings.remedy_chosen.emit(dict(remedy.set))
        return remedy.label(language())
