"""A headline card: name, verdict, value with its capacity or interval, a thin bar, the reason, a change for 5 s."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mitsumori.gui.theme.icons import paint_icon
from mitsumori.gui.theme.style import RING_RADIUS
from mitsumori.gui.theme.tokens import theme, theme_signals
from mitsumori.gui.widgets.badge import Badge
from mitsumori.gui.widgets.paint import SMOOTH, box, card, inside_card, text_at, width_of
from mitsumori.model.base.format import UNDEFINED, Parts

DELTA_MS = 5000


def _head() -> int:
    """Height of the strip with icon, title and badge: nothing below it reaches into it."""
    return theme().fit(37, 30)


@dataclass(frozen=True)
class Bar:
    """A bar from 0 to ``filled`` with a tick at 90 %, or a band from ``low`` to ``high`` with a tick at the estimate.

    All shares of the track, 0..1.
    """

    filled: float | None = None
    token: str = "accent"
    tick: float | None = None
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class CardContent:
    """What a card says; ``values`` are one or two numbers, each with an optional heading and colour token."""

    title: str
    values: tuple[tuple[Parts | None, str, str], ...] = ()
    """(number, heading, colour token); None is shown as a dash."""
    after: str = ""
    """Text behind the first number: unit, capacity."""
    reason: tuple[str, ...] = ()
    """Why, from the fullest wording to the shortest; the card takes the first that fits."""
    bold: str = ""
    """The part of ``reason`` that is bold."""
    badge: tuple[str, str] = ("", "")
    bar: Bar | None = None
    faded: bool = False
    delta: str = ""
    better: bool | None = None
    short_title: str = ""
    spoken: str = field(default="")
    """The whole card as a sentence, for screen readers."""


def fitting(wordings: tuple[str, ...], room: float, px: float) -> str:
    """The first wording that fits, else the last one shortened."""
    for words in wordings:
        if width_of(words, px) <= room - 2:
            return words
    return theme().metrics(px).elidedText(wordings[-1], Qt.TextElideMode.ElideRight, room) if wordings else ""


def _number_width(parts: Parts, px: float) -> float:
    """How wide a number with its unit is drawn."""
    if parts.prefix or not parts.unit:
        return width_of(parts.text, px, 600)
    return width_of(parts.number, px, 600) + theme().px(5) + width_of(parts.unit, max(15, px * 0.47))


class HeadlineCard(QWidget):
    """One of the four cards that never leave the screen."""

    clicked = Signal()
    badge_clicked = Signal()

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._content = CardContent("")
        self._large = False
        self.company: tuple[HeadlineCard, ...] = (self,)
        """Cards whose single figures are as large as each other."""
        self.badge = Badge(self)
        self.badge.clicked.connect(self.badge_clicked)
        self._busy = ""
        self._show_delta = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELTA_MS)
        self._timer.timeout.connect(self._hide_delta)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty(RING_RADIUS, 8)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme_signals().changed.connect(self._place_badge)  # presenting is larger, and no resize need follow

    def set_icon(self, icon: str) -> None:
        """Another icon beside the title."""
        if icon != self._icon:
            self._icon = icon
            self.update()

    def content(self) -> CardContent:
        """What the card says now."""
        return self._content

    def set_large(self, on: bool) -> None:
        """Present mode: twice the figure, no icon."""
        self._large = on
        self.updateGeometry()
        self.update()

    def is_large(self) -> bool:
        """Whether it is made for the projector."""
        return self._large

    def set_content(self, content: CardContent) -> None:
        """Say something else; repaints only when it differs."""
        before = self._content
        if content == before:
            return
        self._content = content
        self.setAccessibleName(content.spoken or content.title)
        kind, label = ("busy", self._busy) if self._busy else self._verdict(content)
        if self.badge.set_badge(kind, label, clickable=kind == "ask"):
            self._place_badge()
        if (content.title, content.short_title, content.badge) == (before.title, before.short_title, before.badge):
            below = inside_card(self.rect())  # the usual tick: the strip with title and badge stays as it is painted
            below.setTop(_head())
            self.update(below)
        else:
            self.update()

    def _verdict(self, content: CardContent) -> tuple[str, str]:
        """The badge; what a total lacks is said to everybody who sees it."""
        return content.badge

    def set_busy(self, label: str) -> None:
        """Show "Computing" instead of the verdict; an empty text ends it."""
        if label != self._busy:
            self._busy = label
            kind, shown = ("busy", label) if label else self._verdict(self._content)
            self.badge.set_badge(kind, shown, clickable=kind == "ask")
            self._place_badge()
            self.update()

    def flash_delta(self) -> None:
        """Show the change for five seconds."""
        self._show_delta = True
        self._timer.start()
        self.update()

    def _hide_delta(self) -> None:
        self._show_delta = False
        self.update()

    def sizeHint(self) -> QSize:
        """122 px high, 94 in a compact window, 150 while presenting."""
        return QSize(theme().px(240), theme().px(150) if self._large else theme().fit(122, 94))

    def minimumSizeHint(self) -> QSize:
        """Narrow enough for four beside the inputs at 1280."""
        return QSize(theme().fit(190, 160), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the badge at the right."""
        self._place_badge()

    def _place_badge(self) -> None:
        size = self.badge.sizeHint()
        self.badge.resize(size)
        self.badge.move(self.width() - size.width() - theme().px(12), theme().fit(24, 19) - size.height() // 2)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click opens where the figure comes from."""
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space open it too."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card."""
        look, content = theme(), self._content
        painter = QPainter(self)
        painter.setRenderHint(SMOOTH)
        card(painter, QRectF(self.rect()), event.rect())
        left = float(look.px(16))
        if event.rect().top() < _head():
            self._paint_head(painter, left)
        if len(content.values) == 2:
            self._paint_two(painter, left)
        elif content.values:
            self._paint_one(painter, left)
        baseline = self.height() - look.fit(14, 9)
        self._paint_reason(painter, left, baseline)

    def _paint_head(self, painter: QPainter, left: float) -> None:
        look, content, side, x = theme(), self._content, theme().px(18), left
        if not self._large:
            x += side + look.px(7)
        room = self.badge.x() - x - look.px(6) if self.badge.label() else self.width() - x - look.px(10)
        short = content.short_title or content.title
        title = content.title if width_of(content.title, 14) <= room - 2 else short
        px, alone = 14, room + x - left
        if width_of(title, px) > room - 2 and width_of(title, 13) <= alone:  # the name says more than the icon
            px, room, x = 13, alone, left
        elif not self._large:
            paint_icon(painter, QRectF(left, look.fit(24, 19) - side / 2, side, side), self._icon, look.color("text_2"))
        if width_of(title, px) <= room:
            text_at(painter, x, look.fit(29, 24), title, px, look.color("text_2"))

    def _ink(self, token: str) -> QColor:
        faded = self._content.faded or bool(self._busy)
        return theme().color("text_3" if faded else token or "text")

    def _number(
        self, painter: QPainter, x: float, baseline: float, parts: Parts | None, px: float, token: str
    ) -> float:
        look = theme()
        if parts is None:
            return text_at(painter, x, baseline, UNDEFINED, px, look.color("text_3"), 600)
        if parts.prefix:
            return text_at(painter, x, baseline, parts.text, px, self._ink(token), 600)
        x = text_at(painter, x, baseline, parts.number, px, self._ink(token), 600)
        if parts.unit:
            x = text_at(painter, x + look.px(5), baseline, parts.unit, max(15, px * 0.47), look.color("text_2"))
        return x

    def _size(self) -> int:
        """Type of a single figure with which it and what follows it have room."""
        content, size = self._content, 52 if self._large else 26 if theme().compact else 34
        room = self.width() - 2.5 * theme().px(16)
        parts = content.values[0][0] if content.values else None
        number = "" if parts is None else parts.text
        while size > 20 and width_of(number, size, 600) + width_of(content.after, size * 0.47) > room:
            size -= 1
        return size

    def _paint_one(self, painter: QPainter, left: float) -> None:
        look, content = theme(), self._content
        parts, _, token = content.values[0]
        baseline = look.px(86) if self._large else look.fit(69, 55)
        size = min(card._size() for card in self.company) if self._large else self._size()
        x = self._number(painter, left, baseline, parts, size, token)
        if content.after:
            text_at(painter, x + look.px(8), baseline, content.after, size * 0.47, look.color("text_2"))
        if content.bar is not None:
            self._paint_bar(painter, left, self.height() - look.fit(40, 31), content.bar)

    def _paint_two(self, painter: QPainter, left: float) -> None:
        look, content = theme(), self._content
        column = (self.width() - 2 * left) / 2
        compact = look.compact and not self._large
        size = 52 if self._large else 26 if compact else 30
        numbers = [parts for parts, _, _ in content.values if parts]
        while max((_number_width(parts, size) for parts in numbers), default=0.0) > column - look.px(8) and size > 18:
            size -= 1
        for index, (parts, heading, token) in enumerate(content.values):
            x = left + index * column
            tall = look.px(108) if self._large else look.fit(82, 50)
            named = look.px(53) if self._large else look.fit(51, 67)  # in a compact card the name stands below
            text_at(painter, x, named, heading, 13, look.color(token), 600)
            self._number(painter, x, tall, parts, size, token if self._large or compact else "text")

    def _paint_bar(self, painter: QPainter, left: float, top: float, bar: Bar) -> None:
        look = theme()
        width, height = self.width() - 2 * left, look.px(6)
        box(painter, QRectF(left, top, width, height), height / 2, look.color("sunken"))
        faded = self._content.faded
        if bar.filled is not None:
            share = min(1.0, max(0.0, bar.filled))
            box(painter, QRectF(left, top, max(height, share * width), height), height / 2, look.color(bar.token))
            if bar.tick is not None:
                mark = look.color("marginal")
                painter.fillRect(QRectF(left + bar.tick * width - 1, top - look.px(2), 2, height + look.px(4)), mark)
        elif not faded and bar.high > bar.low:
            band = QColor(look.color("accent"))
            band.setAlphaF(0.45)
            low, high = max(0.0, bar.low), min(1.0, bar.high)
            box(painter, QRectF(left + low * width, top, (high - low) * width, height), height / 2, band)
            if bar.tick is not None:
                tick = QRectF(left + bar.tick * width - 1.5, top - look.px(2), 3, height + look.px(4))
                painter.fillRect(tick, look.color("accent"))

    def _paint_reason(self, painter: QPainter, left: float, baseline: float) -> None:
        look, content = theme(), self._content
        right = self.width() - left
        width = width_of(content.delta, 13, 600)
        least = min((width_of(words, 13) for words in content.reason), default=0.0)
        if self._show_delta and content.delta and least + width + look.px(10) <= right - left:
            token = "ok" if content.better else "text_2"
            text_at(painter, right - width, baseline, content.delta, 13, look.color(token), 600)
            right -= width + look.px(8)
        shown = fitting(content.reason, right - left, 13)
        before, bold, after = shown.partition(content.bold) if content.bold else (shown, "", "")
        x = text_at(painter, left, baseline, before, 13, look.color("text_2"))
        if bold:
            x = text_at(painter, x, baseline, bold, 13, look.color("text"), 600)
            text_at(painter, x, baseline, after, 13, look.color("text_2"))
