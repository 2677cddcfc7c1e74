"""The list of a long choice: grouped under headings, narrowed by typing and by a kind, walked with the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.paint import width_of
from mitsumori.gui.widgets.segmented import Segmented

translate = QCoreApplication.translate

PLACE = Qt.ItemDataRole.UserRole
ROWS = 14
"""Rows that are seen without scrolling."""
_WALK = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True, slots=True)
class Entry:
    """One choice: its text, the heading that it stands under, further words that find it, and its kind (a GPU)."""

    text: str
    group: str = ""
    words: str = ""
    kind: str = ""


class ListPopup(QWidget):
    """A search field over a grouped list; Enter or a click takes, Escape closes.

    Parameters
    ----------
    entries
        What can be chosen, in order; those of one group stand together, groups in the order in which they come.
    current
        Place of the present choice, -1 for none.
    kinds
        Kinds offered as a switch above the list; empty: no switch.
    taken
        Told the place of what was chosen.
    name
        What is chosen, for a screen reader.
    """

    def __init__(
        self, entries: Sequence[Entry], current: int, kinds: Sequence[str], taken: Callable[[int], None], parent: QWidget,
        name: str,
    ) -> None:  # fmt: skip
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._entries, self._current, self._taken = entries, current, taken
        look = theme()
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(translate("ListPopup", "Type to narrow the list"))
        self.search.setAccessibleName(translate("ListPopup", "{name}, search").format(name=name))
        self.search.setFont(look.font(14))
        self.search.setFixedHeight(look.px(30))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._fill)
        self.search.installEventFilter(self)
        self.kinds: Segmented | None = None
        if kinds:
            self.kinds = Segmented([("", translate("ListPopup", "All")), *((kind, kind) for kind in kinds)], self)
            self.kinds.setAccessibleName(translate("ListPopup", "Only with this GPU"))
            self.kinds.chosen.connect(lambda _kind: self._fill())
        self.list = QListWidget(self)
        self.list.setAccessibleName(name)
        self.list.setFont(look.font(14))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.itemClicked.connect(self._take)
        self.none = QLabel(translate("ListPopup", "Nothing is called that."), self)
        self.none.setFont(look.font(13))
        box = QVBoxLayout(self)
        box.setContentsMargins(look.px(6), look.px(6), look.px(6), look.px(6))
        box.setSpacing(look.px(6))
        for part in (self.search, self.kinds, self.list, self.none):
            if part is not None:
                box.addWidget(part)
        self._fill()

    def open_at(self, anchor: QWidget) -> None:
        """Open below a field, or above it where the screen ends; as wide as the longest entry."""
        look = theme()
        longest = max((width_of(entry.text, 14) for entry in self._entries), default=0.0)
        wide = max(
            anchor.width(),
            round(longest) + look.px(64),
            self.kinds.sizeHint().width() + look.px(14) if self.kinds else 0,
        )
        high = look.px(60) + (look.px(38) if self.kinds else 0) + look.px(26) * (min(ROWS, self.list.count()) + 1)
        screen = anchor.screen().availableGeometry()
        self.resize(min(wide, screen.width()), min(high, screen.height()))
        place = anchor.mapToGlobal(QPoint(0, anchor.height() + 2))
        if place.y() + self.height() > screen.bottom():
            place.setY(
                max(
                    screen.top(),
                    min(anchor.mapToGlobal(QPoint(0, 0)).y() - self.height() - 2, screen.bottom() - self.height()),
                )
            )
        place.setX(max(screen.left(), min(place.x(), screen.right() - self.width())))
        self.move(place)
        self.show()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def shown(self) -> list[int]:
        """Places of the entries that the search leaves, in their order on the screen."""
        rows = (self.list.item(row) for row in range(self.list.count()))
        return [int(item.data(PLACE)) for item in rows if item is not None and item.data(PLACE) is not None]

    def headings(self) -> list[str]:
        """The headings between them."""
        rows = (self.list.item(row) for row in range(self.list.count()))
        return [item.text() for item in rows if item is not None and item.data(PLACE) is None]

    def _left(self) -> dict[str, list[int]]:
        words = self.search.text().casefold().split()
        kind = "" if self.kinds is None else str(self.kinds.value())
        found: dict[str, list[int]] = {}
        for place, entry in enumerate(self._entries):
            said = f"{entry.text} {entry.group} {entry.words}".casefold()
            if all(word in said for word in words) and kind in ("", entry.kind):
                found.setdefault(entry.group, []).append(place)
        return found

    def _fill(self) -> None:
        look, found = theme(), self._left()
        self.list.clear()
        for group, places in found.items():
            if group:
                head = QListWidgetItem(group)
                head.setFlags(Qt.ItemFlag.NoItemFlags)
                head.setFont(look.font(12, 600))
                head.setSizeHint(QSize(0, look.px(26)))
                head.setForeground(look.color("text_3"))
                self.list.addItem(head)
            for place in places:
                item = QListWidgetItem(self._entries[place].text)
                item.setData(PLACE, place)
                item.setSizeHint(QSize(0, look.px(26)))
                self.list.addItem(item)
                if place == self._current:
                    self.list.setCurrentItem(item)
        if self.list.currentRow() < 0:
            self._walk(Qt.Key.Key_Down)
        self.none.setVisible(not found)
        self.list.setVisible(bool(found))
        if (item := self.list.currentItem()) is not None:
            self.list.scrollToItem(item, QListWidget.ScrollHint.PositionAtCenter)

    def _walk(self, key: int) -> None:
        """Up, down and by pages over the entries; headings are passed over."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -ROWS, Qt.Key.Key_PageDown: ROWS}[Qt.Key(key)]
        rows = [
            row
            for row in range(self.list.count())
            if (i := self.list.item(row)) is not None and i.data(PLACE) is not None
        ]
        if not rows:
            return
        at = rows.index(self.list.currentRow()) if self.list.currentRow() in rows else -1 if step > 0 else 0
        self.list.setCurrentRow(rows[min(max(at + step, 0), len(rows) - 1)])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the search field walk and take; letters stay its own."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _WALK:
                self._walk(event.key())
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if (item := self.list.currentItem()) is not None:
                    self._take(item)
                return True
        return super().eventFilter(watched, event)

    def _take(self, item: QListWidgetItem) -> None:
        place: Any = item.data(PLACE)
        if place is not None:
            self.close()
            self._taken(int(place))
