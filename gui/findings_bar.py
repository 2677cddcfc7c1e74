"""All findings with their one-click remedies, opened from the footer (the overview shows the most important itself)."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from mitsumori.gui.theme.icons import paint_icon
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.breaks import pieces
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.paint import box, left_bar, width_of
from mitsumori.gui.widgets.paint import text as write_text
from mitsumori.gui.words.translation import Translated, language
from mitsumori.model.base.findings import Finding, Remedy

if TYPE_CHECKING:
    from mitsumori.model.estimate.results import Estimate

logger = logging.getLogger(__name__)

ORDER = {"bad": 0, "warn": 1, "ask": 3, "info": 2}
_LOOK = {
    "bad": ("bad", "close"),
    "warn": ("marginal", "warn"),
    "ask": ("marginal", "unknown"),
    "info": ("accent", "info"),
}


def message_of(finding: Finding) -> str:
    """The finding's text, or nothing when it cannot be said (which is logged, never shown raw)."""
    try:
        return finding.message(language())
    except (KeyError, IndexError, ValueError):
        logger.warning("no text for finding %s", finding.code)
        return ""


def remedy_label(remedy: Remedy) -> str:
    """What a remedy's button says, or nothing when it cannot be said (logged, never shown raw)."""
    try:
        return remedy.label(language())
    except (KeyError, IndexError, ValueError):
        logger.warning("no text for remedy %s", remedy.code)
        return ""


def split(message: str) -> tuple[str, str]:
    """Fact (first sentence) and reason (the rest)."""
    for mark in ("。", ". "):
        head, sep, rest = message.partition(mark)
        if sep and rest.strip():
            return head + sep.strip(), rest.strip()
    return message, ""


class FindingRow(QWidget):
    """Severity bar, glyph, bold fact, plain reason, remedy button."""

    remedy_chosen = Signal(object)
    field_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding: Finding | None = None
        self._fact = self._reason = ""
        self._shown: tuple[object, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.remedies = [Button(parent=self), Button(parent=self)]
        self.enter = Button(kind="link", parent=self)
        for index, button in enumerate(self.remedies):
            button.clicked.connect(lambda checked=False, which=index: self._choose(which))
        self.enter.clicked.connect(self._enter)
        self._buttons = [*self.remedies, self.enter]

    def _choose(self, index: int) -> None:
        if self.finding is not None:
            self.remedy_chosen.emit(dict(self.finding.remedies[index].set))

    def _enter(self) -> None:
        if self.finding is not None:
            self.field_wanted.emit(self.finding.field)

    def set_finding(self, finding: Finding, most: int = 2) -> None:
        """Show a finding with up to ``most`` remedies."""
        self.finding = finding
        message = message_of(finding)
        shown = (language(), theme().scale, message, finding.code, most)
        if shown == self._shown:
            return
        self._shown = shown
        self._fact, self._reason = split(message)
        self.setAccessibleName(message)
        for index, button in enumerate(self.remedies):
            label = remedy_label(finding.remedies[index]) if index < min(most, len(finding.remedies)) else ""
            button.setText(_without_stop(label).replace("&", "&&"))
            button.setToolTip(label)
            button.setAccessibleName(label)
            button.setVisible(bool(label))
        ask = finding.severity == "ask" and bool(finding.field) and not finding.remedies
        self.enter.setText(self.tr("Enter it"))
        self.enter.setAccessibleName(self.tr("Enter: {message}").format(message=self._fact))
        self.enter.setVisible(ask)
        self._arrange()
        self.updateGeometry()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the buttons at the right."""
        self._arrange()

    def _arrange(self) -> None:
        below = self._below(self.width())
        shown = [button for button in self._buttons if not button.isHidden()]
        if below:
            lines = self._button_lines(self.width())
            for index, line in enumerate(lines):
                x = theme().px(48)
                top = self.height() - (len(lines) - index) * theme().px(40) - theme().px(2)
                for button in line:
                    size = button.sizeHint()
                    width = min(size.width(), self.width() - x - theme().px(8))
                    button.setGeometry(x, top, width, size.height())
                    x += width + theme().px(8)
            return
        right = self.width() - theme().px(8)
        for button in reversed(shown):
            size = button.sizeHint()
            right -= size.width()
            button.setGeometry(right, (self.height() - size.height()) // 2, size.width(), size.height())
            right -= theme().px(8)

    def _buttons_width(self) -> int:
        return sum(b.sizeHint().width() + theme().px(8) for b in self._buttons if not b.isHidden())

    def _below(self, width: int) -> bool:
        """Whether the buttons get a line of their own: they would leave the text too little room."""
        return self._buttons_width() > width * 0.4

    def _button_lines(self, width: int) -> list[list[Button]]:
        """The buttons below the text, in as many lines as they need."""
        lines: list[list[Button]] = []
        left = 0
        for button in (b for b in self._buttons if not b.isHidden()):
            wide = button.sizeHint().width() + theme().px(8)
            if not lines or wide > left:
                lines.append([])
                left = width - theme().px(48)
            lines[-1].append(button)
            left -= wide
        return lines

    def _foot(self, width: int) -> int:
        """Height of the buttons below the text."""
        return theme().px(40) * len(self._button_lines(width)) if self._below(width) else 0

    def heightForWidth(self, width: int) -> int:
        """44 px, more where the reason wraps."""
        below = self._foot(width)
        return max(theme().fit(44, 38), theme().px(22) * len(self._lines(width)) + theme().fit(20, 14)) + below

    def fit(self, width: int) -> int:
        """Take the height of a width; says which."""
        self.setFixedHeight(self.heightForWidth(width))
        return self.height()

    def hasHeightForWidth(self) -> bool:
        """The text wraps."""
        return True

    def sizeHint(self) -> QSize:
        """At the present width."""
        width = self.width() if self.width() > 200 else 900
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """May be narrow."""
        return QSize(theme().px(300), theme().fit(44, 38))

    def _room(self, width: int) -> float:
        buttons = 0 if self._below(width) else self._buttons_width()
        return width - theme().px(48) - buttons - theme().px(20)

    def _lines(self, width: int) -> list[list[tuple[str, int]]]:
        return _broken(theme().scale, self._fact, self._reason, self._room(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the row."""
        if self.finding is None:
            return
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        token, glyph = _LOOK[self.finding.severity]
        rect = QRectF(self.rect())
        box(painter, rect, look.px(8), look.color("card"), look.color("line"))
        left_bar(painter, rect, look.px(8), look.color(token), look.px(4))
        lines = self._lines(self.width())
        text_height = rect.height() - self._foot(self.width())
        top = text_height / 2 - look.px(22) * len(lines) / 2
        side = look.px(18)
        paint_icon(painter, QRectF(look.px(18), top + look.px(11) - side / 2, side, side), glyph, look.color(token))
        for index, line in enumerate(lines):
            x = float(look.px(48))
            for words, weight in line:
                where = QRectF(x, top + index * look.px(22), rect.width(), look.px(22))
                write_text(painter, where, words, 14, look.color("text" if weight == 600 else "text_2"), weight)
                x += width_of(words, 14, weight) + look.px(6)


@lru_cache(maxsize=64)
def _broken(_scale: float, fact: str, reason: str, room: float) -> list[list[tuple[str, int]]]:
    """Words of a fact and its reason with their weight, broken into lines; do not modify the answer."""
    lines: list[list[tuple[str, int]]] = [[]]
    used = 0.0
    for text, weight in ((fact, 600), (reason, 400)):
        for word in pieces(text):
            wide = width_of(word, 14, weight)
            if used and used + wide > room:
                lines.append([])
                used = 0.0
                word = word.lstrip()
                wide = width_of(word, 14, weight)
            if lines[-1] and lines[-1][-1][1] == weight:
                lines[-1][-1] = (lines[-1][-1][0] + word, weight)
            else:
                if lines[-1]:
                    used += theme().px(6)
                lines[-1].append((word, weight))
            used += wide
    return lines


def _without_stop(label: str) -> str:
    return label.rstrip("。.").strip()


class FindingsPanel(Translated, QWidget):
    """The list of all findings above the footer, where it was opened: its head with the counts, and a button that closes it."""

    remedy_chosen = Signal(object)
    field_wanted = Signal(str)
    close_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = FindingsBar(self)
        self.list.remedy_chosen.connect(self.remedy_chosen)
        self.list.field_wanted.connect(self.field_wanted)
        self.close_button = Button(kind="tool", icon="close")
        self.close_button.clicked.connect(self.close_wanted)
        self.head = QLabel()
        row = QHBoxLayout()
        row.addWidget(self.head, 1)
        row.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme().px(6), 0, 0)
        column.setSpacing(theme().px(4))
        column.addLayout(row)
        column.addWidget(self.list)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def findings(self) -> tuple[Finding, ...]:
        """All findings, most important first."""
        return self.list.findings()

    def rows(self) -> list[FindingRow]:
        """The rows shown."""
        return self.list.rows()

    def expanded(self) -> bool:
        """Whether the list is open."""
        return self.list.expanded()

    def set_expanded(self, on: bool) -> None:
        """Open or close the list."""
        self.setVisible(on)  # first: what is hidden is not laid out
        self.list.set_expanded(on)
        self.retranslate()

    def set_result(self, estimate: Estimate) -> None:
        """Show the findings of an estimate."""
        self.list.set_result(estimate)
        if self.expanded():
            self.retranslate()

    def retranslate(self) -> None:
        """The counts, gravest first."""
        if not self.expanded():
            return
        counts = dict.fromkeys(ORDER, 0)
        for finding in self.findings():
            counts[finding.severity] += 1
        said = (
            self.tr("%n problem(s)", "", counts["bad"]) if counts["bad"] else "",
            self.tr("%n warning(s)", "", counts["warn"]) if counts["warn"] else "",
            self.tr("%n suggestion(s)", "", counts["info"]) if counts["info"] else "",
            self.tr("%n question(s)", "", counts["ask"]) if counts["ask"] else "",
        )
        self.head.setText(" · ".join(words for words in said if words) or self.tr("No findings"))
        self.head.setFont(theme().font(15, 600))
        self.close_button.setAccessibleName(self.tr("Close the findings"))
        self.close_button.setToolTip(self.tr("Close the findings (Esc)"))


class FindingsBar(Translated, QScrollArea):
    """The rows of all findings, as many as fit; the rest scrolls."""

    remedy_chosen = Signal(object)
    field_wanted = Signal(str)

    MOST = 300
    """Pixels it may take from the view; the rest scrolls."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self._sheet = QWidget()
        self._sheet.setAutoFillBackground(False)
        self._column = QVBoxLayout(self._sheet)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme().px(8))
        self.setWidget(self._sheet)
        self._rows: list[FindingRow] = []
        self._findings: tuple[Finding, ...] = ()
        self._expanded = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def findings(self) -> tuple[Finding, ...]:
        """All findings, most important first."""
        return self._findings

    def set_expanded(self, on: bool) -> None:
        """Open or close the list."""
        self._expanded = on
        self._rebuild()

    def expanded(self) -> bool:
        """Whether the list is open."""
        return self._expanded

    def rows(self) -> list[FindingRow]:
        """The rows shown."""
        return [row for row in self._rows if not row.isHidden()]

    def set_result(self, estimate: Estimate) -> None:
        """Show the findings of an estimate."""
        self._findings = tuple(sorted(estimate.findings, key=lambda finding: ORDER[finding.severity]))
        if self._expanded or not self.isHidden():
            self._rebuild()

    def _rebuild(self) -> None:
        wanted = tuple(f for f in self._findings if message_of(f)) if self._expanded else ()
        while len(self._rows) < len(wanted):
            row = FindingRow(self._sheet)
            row.remedy_chosen.connect(self.remedy_chosen)
            row.field_wanted.connect(self.field_wanted)
            self._column.addWidget(row)
            self._rows.append(row)
        for row, finding in zip(self._rows, wanted, strict=False):
            row.set_finding(finding)
            row.setVisible(True)
        for row in self._rows[len(wanted) :]:
            row.setVisible(False)
        self.setVisible(bool(wanted))
        self._fit()

    def _fit(self) -> None:
        most = theme().px(self.MOST)
        bar = self.verticalScrollBar().sizeHint().width()
        height = self._heights(self.width())
        scrolls = height > most
        if scrolls:
            self._heights(self.width() - bar)
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if scrolls else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)
        self.setFixedHeight(self._cut(most) if scrolls else max(1, height))
        # The scroll bar came or went inside a resize: the layout has to place the rows once more.
        self._column.invalidate()
        self._column.activate()

    def _cut(self, most: int) -> int:
        """The height at which the list is cut off: a row that shows or lacks only its edge is left out or whole."""
        gap, edge, bottom = self._column.spacing(), theme().px(24), 0
        for row in self.rows():
            start = bottom + gap if bottom else 0
            if start + edge > most:
                return bottom
            bottom = start + row.height()
            if bottom > most + edge:
                return most
        return bottom

    def _heights(self, width: int) -> int:
        """Give every row its height at a width; the sum with the gaps."""
        rows = self.rows()
        return sum(row.fit(width) for row in rows) + self._column.spacing() * max(0, len(rows) - 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lines break elsewhere at another width."""
        super().resizeEvent(event)
        self._fit()

    def retranslate(self) -> None:
        """Follow the language."""
        self._rebuild()
