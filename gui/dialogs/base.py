"""What the tools' dialogs share: heading, a sentence, a body, one line for a refusal, buttons at the foot."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from mitsumori.gui.tables.columns import Column, Table
from mitsumori.gui.tables.view import TableView
from mitsumori.gui.theme.tokens import theme, theme_signals
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.fields import Combo, FieldEdit
from mitsumori.gui.widgets.paint import width_of
from mitsumori.gui.words.translation import Translated


class Words(QLabel):
    """A wrapped text in a role of the type scale; takes colour and size from the theme again when that changes."""

    def __init__(self, string: str = "", px: float = 14, weight: int = 400, ink: str = "text_2") -> None:
        super().__init__(string)
        self._look = (px, weight, ink)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.retheme()
        theme_signals().changed.connect(self.retheme)

    def set_ink(self, ink: str) -> None:
        """Another colour token."""
        self._look = (*self._look[:2], ink)
        self.retheme()

    def retheme(self) -> None:
        """Font and colour from the tokens."""
        px, weight, ink = self._look
        self.setFont(theme().font(px, weight))
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, theme().color(ink))
        self.setPalette(palette)


class DataTable(TableView):
    """A table of a dialog: one column takes the rest of the width, rows are chosen whole."""

    pitch = (30, 30)
    least = (240, 120)
    shows_selection = True

    def __init__(self, name: str, text_columns: Sequence[int] = (), stretch: int = -1) -> None:
        super().__init__()
        self._stretch = stretch
        self._text_columns = frozenset((0, *text_columns))
        self.setAccessibleName(name)

    def set_table(self, table: Table) -> None:
        """Show numbers or texts."""
        wide = (len(table.heads) if self._stretch < 0 else self._stretch + 1) - 1
        columns = tuple(
            head
            if isinstance(head, Column)
            else Column(head, number=at not in self._text_columns, stretch=int(at == wide), least=60 * (at == wide))
            for at, head in enumerate(table.heads)
        )
        super().set_table(Table(columns, table.rows, table.keys, table.current))

    def rows_wanted(self) -> int:
        """Some; the rest is scrolled."""
        return 3

    def selected(self) -> int:
        """The row chosen, of the table as it was given; -1 for none."""
        rows = self.selectionModel().selectedRows()
        return self.rows().source(rows[0].row()) if rows else -1


class LineField(FieldEdit):
    """A text field of a dialog: left aligned, body weight."""

    def __init__(self, name: str, value: str = "", width: int = 0) -> None:
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setAccessibleName(name)
        self.accept(value)
        if width:
            self.setFixedWidth(theme().px(width))

    def retheme(self) -> None:
        """As a field, in body type."""
        super().retheme()
        self.setFont(theme().font(14))
        self.setFixedHeight(theme().px(30))


class ToolDialog(Translated, QDialog):
    """A dialog over the window. Enter confirms (unless a button has the focus), Escape closes."""

    def __init__(self, parent: QWidget, title: str, lead: str = "", size: tuple[int, int] = (720, 560)) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        look = theme()
        self.resize(QSize(look.px(size[0]), look.px(size[1])))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(look.px(24), look.px(20), look.px(24), look.px(18))
        self.column.setSpacing(look.px(10))
        self.heading = Words(title, 18, 600, "text")
        self.lead = Words(lead)
        self.lead.setVisible(bool(lead))
        self.column.addWidget(self.heading)
        self.column.addWidget(self.lead)
        self.body = QVBoxLayout()
        self.body.setSpacing(look.px(10))
        self.column.addLayout(self.body, 1)
        self.refusal = Words("", 14, 400, "bad")
        self.refusal.setAccessibleName("")
        self.refusal.hide()
        self.column.addWidget(self.refusal)
        self._foot = QHBoxLayout()
        self._foot.setSpacing(look.px(10))
        self._foot.addStretch(1)
        self._left = 0
        self.column.addLayout(self._foot)
        self._primary: Button | None = None

    def button(self, label: str, action: Callable[[], object], kind: str = "plain", *, left: bool = False) -> Button:
        """Add a button at the foot; the primary one is what Enter presses."""
        made = Button(label, kind)  # type: ignore[arg-type]
        made.setAccessibleName(label)
        made.clicked.connect(lambda: action())
        if left:
            self._foot.insertWidget(self._left, made)
            self._left += 1
        else:
            self._foot.addWidget(made)
        if kind == "primary":
            self._primary = made
        return made

    def form(self, rows: Sequence[tuple[str, QWidget]]) -> None:
        """Label and control a line, the labels as wide as the longest."""
        width = max((round(width_of(label, 14)) for label, _ in rows), default=0) + theme().px(16)
        for label, control in rows:
            line = QHBoxLayout()
            line.setSpacing(theme().px(8))
            words = Words(label)
            words.setWordWrap(False)
            words.setFixedWidth(width)
            words.setBuddy(control)
            line.addWidget(words)
            narrow = control.maximumWidth() < 10_000
            narrow = narrow or control.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Fixed
            line.addWidget(control, 0 if narrow else 1)
            if narrow:
                line.addStretch(1)
            self.body.addLayout(line)

    def line(self, *widgets: QWidget) -> QHBoxLayout:
        """Widgets side by side, left aligned."""
        row = QHBoxLayout()
        row.setSpacing(theme().px(8))
        for widget in widgets:
            row.addWidget(widget)
        row.addStretch(1)
        self.body.addLayout(row)
        return row

    def section(self, title: str, layout: QLayout | None = None) -> Words:
        """A small heading inside the body."""
        words = Words(title, 14, 600, "text")
        (layout or self.body).addWidget(words)
        return words

    def refuse(self, sentence: str) -> None:
        """Say in one sentence why not; empty clears."""
        self.refusal.setText(sentence)
        self.refusal.setAccessibleName(sentence)
        self.refusal.setVisible(bool(sentence))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the primary button."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._primary is not None and self._primary.isEnabled():
                self._primary.click()
            return
        super().keyPressEvent(event)

    def retranslate(self) -> None:
        """A dialog of the old language goes away."""
        if self.isVisible():
            self.close()


def combo(name: str, options: Sequence[tuple[object, str]], value: object = None) -> Combo:
    """A choice from a list, by value."""
    made = Combo()
    made.setAccessibleName(name)
    for key, label in options:
        made.addItem(label, key)
    index = next((i for i, (key, _) in enumerate(options) if key == value), 0)
    made.setCurrentIndex(index)
    return made
