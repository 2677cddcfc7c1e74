"""The toolbar: file, undo, scenarios, compare; language, currency, theme, present, export."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QMenu, QSizePolicy, QSpacerItem, QWidget

from mitsumori.gui.theme.tokens import NARROW, theme
from mitsumori.gui.widgets.buttons import Button, Pressable
from mitsumori.gui.widgets.paint import box, text, width_of
from mitsumori.gui.widgets.segmented import Segmented
from mitsumori.gui.widgets.surface import Hairline
from mitsumori.gui.words.translation import Translated, language
from mitsumori.model.base.format import MONEY

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


CROWDED = 3
"""From so many scenarios on, a narrow window has no room for the words of the button that presents."""


class ScenarioChip(Pressable):
    """Letter tile and name of a scenario; the menu (right click, Menu key, F2) renames, duplicates and removes it."""

    rename_wanted = Signal()
    duplicate_wanted = Signal()
    remove_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.letter = "A"
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.fit()

    def sizeHint(self) -> QSize:
        """The name up to 160 px; 32 px high."""
        name = min(round(width_of(self.text(), 14, 500)), theme().px(160))
        return QSize(name + theme().px(6 + 20 + 8 + 13), theme().px(32))

    def minimumSizeHint(self) -> QSize:
        """Its letter; whole names are in the tooltips."""
        return QSize(min(self.sizeHint().width(), theme().px(34)), theme().px(32))

    def fit(self) -> None:
        """No wider than its name needs: the row shares its room equally among those that need more."""
        self.setMaximumWidth(self.sizeHint().width())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chip."""
        look = theme()
        painter = QPainter(self)
        on = self.isChecked()
        fill = look.color("accent_tint" if on else "hover" if self.underMouse() else "card")
        rect = QRectF(self.rect())
        box(painter, rect, look.px(6), fill, look.color("accent" if on else "line"))
        side = look.px(20)
        named = rect.width() >= min(self.sizeHint().width(), look.px(66))
        left = look.px(6) if named else (rect.width() - side) / 2
        tile = QRectF(left, rect.center().y() - side / 2, side, side)
        box(painter, tile, look.px(4), look.color("accent" if on else "sunken"))
        ink = look.color("on_accent" if on else "text_2")
        text(painter, tile, self.letter, 12, ink, 600, Qt.AlignmentFlag.AlignHCenter)
        if not named:
            painter.end()
            return
        name = rect.adjusted(look.px(6) + side + look.px(8), 0, -look.px(8), 0)
        px = 14 if width_of(self.text(), 14, 500) <= name.width() else 12  # smaller before it is cut
        shown = look.metrics(px, 500).elidedText(self.text(), Qt.TextElideMode.ElideRight, name.width())
        text(painter, name, shown, px, look.color("text" if on else "text_2"), 500 if on else 400)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the scenario."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Rename…"), self.rename_wanted.emit)
        menu.addAction(self.tr("Duplicate"), self.duplicate_wanted.emit)
        menu.addAction(self.tr("Remove"), self.remove_wanted.emit)
        menu.popup(event.globalPos())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Double click renames."""
        self.rename_wanted.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F2 renames, Delete removes."""
        if event.key() == Qt.Key.Key_F2:
            self.rename_wanted.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.remove_wanted.emit()
        else:
            super().keyPressEvent(event)


class ActionOf(Protocol):
    """The actions of the window, by id."""

    def __getitem__(self, name: str, /) -> QAction:
        """The action of an id."""
        ...


class Toolbar(Translated, QWidget):
    """Asks; the window acts."""

    scenario_chosen = Signal(int)
    scenario_renamed = Signal(int, str)
    scenario_duplicated = Signal(int)
    scenario_removed = Signal(int)
    language_chosen = Signal(object)
    currency_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.menu = Button(kind="tool", icon="menu")
        self.new = Button(kind="tool", icon="new")
        self.open = Button(kind="tool", icon="open")
        self.save = Button(kind="tool", icon="save")
        self.undo = Button(kind="tool", icon="undo")
        self.redo = Button(kind="tool", icon="redo")
        self.add = Button(kind="tool", icon="plus")
        self.compare = Button(kind="tool", icon="compare")
        self.pin = Button(kind="tool", icon="pin")
        self.pin.setCheckable(True)
        self.language = Segmented([("ja", "日本語"), ("en", "English")])
        self.currency = Segmented([(code, words[0]) for code, words in MONEY.items()])
        self.theme = Button(kind="tool", icon="theme-dark")
        self.present = Button(kind="tool", icon="present")
        self.export = Button(kind="primary", icon="export")
        self.chips: list[ScenarioChip] = []
        self._beside_lines: list[QSpacerItem] = []
        self._names: tuple[str, ...] = ()
        row = QHBoxLayout(self)
        row.setContentsMargins(theme().px(14), 0, theme().px(16), 0)
        row.setSpacing(theme().px(6))
        for button in (self.menu, self.new, self.open, self.save):
            row.addWidget(button)
        self._line(row)
        row.addWidget(self.undo)
        row.addWidget(self.redo)
        self._scenario_line = self._line(row)
        self._chip_row = QHBoxLayout()
        self._chip_row.setSpacing(theme().px(6))
        row.addLayout(self._chip_row, 1)
        for button in (self.add, self.compare, self.pin):
            row.addWidget(button)
        row.addStretch()  # what the scenarios do not need
        row.addWidget(self.language)
        row.addSpacing(theme().px(6))
        row.addWidget(self.currency)
        row.addSpacing(theme().px(6))
        row.addWidget(self.theme)
        row.addWidget(self.present)
        row.addSpacing(theme().px(6))
        row.addWidget(self.export)
        self.language.chosen.connect(self.language_chosen)
        self.currency.chosen.connect(self.currency_chosen)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._row = row
        self.retranslate()

    def follow(self, actions: ActionOf) -> None:
        """Let the buttons start the actions of the window, and show their names, keys and whether they are possible."""
        for button, name in (
            (self.menu, "menu"), (self.new, "new"), (self.open, "open"), (self.save, "save"), (self.undo, "undo"),
            (self.redo, "redo"), (self.add, "add_scenario"), (self.pin, "pin"), (self.theme, "theme"),
        ):  # fmt: skip
            button.follow(actions[name])
        for button, name in ((self.compare, "compare"), (self.present, "present"), (self.export, "export")):
            button.follow(actions[name], words=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the buttons move closer, so that the scenarios keep their names."""
        self._share_room()
        super().resizeEvent(event)

    def _share_room(self) -> None:
        """The names of scenarios come before the words of buttons whose icon says the same."""
        narrow = self.width() < theme().px(NARROW)
        self.compare.set_words(not narrow)
        self.present.set_words(not narrow or len(self._names) < CROWDED)
        gap = theme().px(2 if narrow else 6)
        if self._row.spacing() != gap:
            self._row.setSpacing(gap)
            for index in range(self._row.count()):
                item = self._row.itemAt(index)
                spacer = None if item is None else item.spacerItem()
                if spacer is not None and not spacer.expandingDirections():
                    wide = theme().px(8 if spacer in self._beside_lines else 6)
                    spacer.changeSize(theme().px(4) if narrow else wide, 0)
            self._row.invalidate()

    def _line(self, row: QHBoxLayout) -> QWidget:
        line = Hairline(theme().px(22), self)
        before, after = QSpacerItem(theme().px(8), 0), QSpacerItem(theme().px(8), 0)
        row.addSpacerItem(before)
        row.addWidget(line)
        row.addSpacerItem(after)
        self._beside_lines += [before, after]
        return line

    def sizeHint(self) -> QSize:
        """52 px high, 44 in a compact window."""
        return QSize(theme().px(1280), theme().fit(52, 44))

    def minimumSizeHint(self) -> QSize:
        """As narrow as its parts allow."""
        return QSize(self._row.minimumSize().width(), theme().fit(52, 44))

    def set_scenarios(self, names: tuple[str, ...], active: int) -> None:
        """Show the scenarios."""
        while len(self.chips) < len(names):
            chip = ScenarioChip(self)
            index = len(self.chips)
            chip.letter = LETTERS[index % 26]
            chip.clicked.connect(lambda checked=False, i=index: self._choose(i))
            chip.rename_wanted.connect(lambda i=index: self._rename(i))
            chip.duplicate_wanted.connect(lambda i=index: self.scenario_duplicated.emit(i))
            chip.remove_wanted.connect(lambda i=index: self.scenario_removed.emit(i))
            self.chips.append(chip)
            self._chip_row.addWidget(chip)
        self._names = names
        for index, chip in enumerate(self.chips):
            chip.setVisible(index < len(names))
            if index < len(names):
                if chip.text() != names[index]:
                    chip.setText(names[index])
                    chip.fit()
                chip.setToolTip(names[index])
                chip.setAccessibleName(
                    self.tr("Scenario {letter}: {name}").format(letter=chip.letter, name=names[index])
                )
                chip.setChecked(index == active)
        self._share_room()

    def _choose(self, index: int) -> None:
        for other, chip in enumerate(self.chips):
            chip.setChecked(other == index)
        self.scenario_chosen.emit(index)

    def _rename(self, index: int) -> None:
        old = self._names[index]
        name, agreed = QInputDialog.getText(self, self.tr("Rename scenario"), self.tr("Name"), text=old)
        if agreed and name.strip() and name != old:
            self.scenario_renamed.emit(index, name)

    def set_project_open(self, on: bool) -> None:
        """On the start page there is nothing to save, compare or export."""
        for widget in (*self.chips, self.add, self.compare, self.pin, self.export, self._scenario_line):
            widget.setVisible(on)
        if on:
            for index, chip in enumerate(self.chips):
                chip.setVisible(index < len(self._names))
        self.currency.setEnabled(on)

    def retranslate(self) -> None:
        """Set every text again."""
        self.language.setAccessibleName(self.tr("Language"))
        self.currency.setAccessibleName(self.tr("Currency of the results"))
        self.language.set_value(language())
        self.set_scenarios(self._names, next((i for i, chip in enumerate(self.chips) if chip.isChecked()), 0))

    def retheme(self) -> None:
        """Sun or moon: what a click would bring."""
        self.theme.set_icon("theme-light" if theme().is_dark else "theme-dark")
        for chip in self.chips:
            chip.fit()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Surface and the hairline below."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("card"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme().color("line"))
