"""Where a number comes from: its formula with the values in it, its source and its date.

The text is :mod:`model.report.explain`'s where that knows the figure, else what the figure's own provenance says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QCursor, QGuiApplication, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from mitsumori.gui.charts.numbers import UNKNOWN, count, duration, interval, money, number, percent, tokens
from mitsumori.gui.charts.painting import color, font, text_width, u
from mitsumori.gui.inputs.fields import field_label
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.words.results import figure_name, missing_name, unit_name
from mitsumori.gui.words.sources import date_words, source_words
from mitsumori.gui.words.translation import Translated, language
from mitsumori.model.base.figure import Figure
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan

translate = QCoreApplication.translate


def kind_words(kind: str) -> str:
    """What sort of provenance a number has."""
    return {
        "catalogue": translate("Explain", "From a catalogue record"),
        "formula": translate("Explain", "Computed by a published rule"),
        "fitted": translate("Explain", "Rests on constants fitted to measured runs"),
        "user": translate("Explain", "Entered by you"),
        "default": translate("Explain", "Documented standard value"),
    }.get(kind, kind)


def value_text(figure: Figure) -> str:
    """A figure with its unit as people read it."""
    if figure.value is None:
        return UNKNOWN
    value, unit = figure.value, figure.unit
    if unit in ("JPY", "USD"):
        return money(value, unit)
    if unit.startswith(("JPY/", "USD/")) and abs(value) >= 1000:
        return f"{money(value, unit[:3])} / {unit_name(unit[4:])}"
    if unit == "tokens":
        return tokens(value)
    if unit in ("B", "bytes"):
        return translate("Explain", "{size} GB").format(size=number(value / 1e9))
    if unit in ("d", "days"):
        return duration(value)
    if unit == "" and 0 < abs(value) <= 1:
        return percent(value, 1)
    body = count(value) if float(value).is_integer() and abs(value) < 1e15 else number(value)
    return f"{body} {unit_name(unit)}".strip()


def _interval_text(figure: Figure) -> str:
    if figure.low is None or figure.high is None or figure.unit in ("JPY", "USD"):
        return ""
    scale = 1e-9 if figure.unit in ("B", "bytes") else 1.0
    return translate("Explain", "80 % interval {interval}").format(
        interval=interval(figure.low * scale, figure.high * scale)
    )


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the popup shows."""

    title: str
    value: str
    lines: tuple[str, ...]
    source: str = ""
    url: str = ""


_PATH = re.compile(r"[a-z_0-9]+(\.[a-z_0-9]+)+")


def what_words(what: str) -> str:
    """What a number is, or the name of the input that it is."""
    return source_words(what) if _PATH.fullmatch(what) is None else input_label(what)


def input_label(path: str) -> str:
    """The name of an input by its plan path."""
    label = field_label(path).replace("&", "")
    return label if label and label != path else missing_name(path)


def explanation(path: str, plan: Plan, estimate: Estimate) -> Explanation | None:
    """What is known about the figure at a dotted estimate path; None when there is no such figure."""
    try:
        figure = estimate.figure(path)
    except KeyError:
        return None
    lines = [line for line in (_interval_text(figure), estimate.why(figure, language())) if line]
    lines += _worked(path, plan, estimate)
    source, url = "", ""
    provenance = figure.provenance
    if provenance is not None:
        lines.append(kind_words(provenance.kind))
        if provenance.what:
            lines.append(what_words(provenance.what))
        parts = [part for part in (source_words(provenance.source), date_words(provenance.date)) if part]
        if provenance.grade:
            parts.append(translate("Explain", "grade {grade}").format(grade=provenance.grade))
        source, url = " · ".join(parts), provenance.url
    return Explanation(figure_name(path), value_text(figure), tuple(lines), source, url)


def _worked(path: str, plan: Plan, estimate: Estimate) -> list[str]:
    """The formula with its values, where the core can write it."""
    try:
        from mitsumori.model.report.explain import explain as worked
    except ImportError:
        return []
    return [str(line) for line in worked(path, plan, estimate, language())]


class ExplainPopup(Translated, QFrame):
    """A small card at the pointer; Escape or a click elsewhere closes it."""

    def __init__(self, parent: QWidget, shown: Explanation) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAccessibleName(f"{shown.title} {shown.value}")
        self.setAccessibleDescription("\n".join((*shown.lines, shown.source)))
        layout = QVBoxLayout(self)
        pad = round(u(16))
        layout.setContentsMargins(pad, round(u(12)), pad, round(u(14)))
        layout.setSpacing(round(u(4)))
        self._add(layout, shown.title, 13, 400, "text_3")
        self._add(layout, shown.value, 24, 600, "text")
        for line in shown.lines:
            self._add(layout, line, 14, 400, "text_2")
        if shown.source:
            self._add(layout, shown.source, 13, 400, "text_3")
        if shown.url:
            link = self._add(layout, f'<a href="{shown.url}">{shown.url}</a>', 13, 400, "accent")
            link.setTextFormat(Qt.TextFormat.RichText)
            link.setOpenExternalLinks(True)
            link.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        close = Button(translate("Explain", "Close"))
        close.clicked.connect(self.close)
        layout.addSpacing(round(u(6)))
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        # A label that wraps asks for a narrow column; a formula is read across.
        longest = max((text_width(line, 14) for line in shown.lines), default=0.0)
        self.setFixedWidth(round(min(u(460), max(u(280), 2 * pad + 2 + longest))))
        self._close = close

    def _add(self, layout: QVBoxLayout, string: str, px: float, weight: int, ink: str) -> QLabel:
        label = QLabel(string)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setFont(font(px, weight))
        palette = label.palette()
        palette.setColor(label.foregroundRole(), color(ink))
        label.setPalette(palette)
        layout.addWidget(label)
        return label

    def open_at(self, at: QPoint) -> None:
        """Show near a point, inside the screen."""
        layout = self.layout()
        self.resize(self.width(), self.width() if layout is None else layout.heightForWidth(self.width()))
        screen = QGuiApplication.screenAt(at) or QGuiApplication.primaryScreen()
        room = screen.availableGeometry() if screen is not None else QRect(0, 0, 1920, 1080)
        x = min(max(at.x() + 8, room.left() + 4), room.right() - self.width() - 4)
        y = min(max(at.y() + 8, room.top() + 4), room.bottom() - self.height() - 4)
        self.move(x, y)
        self.show()
        self._close.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def retranslate(self) -> None:
        """A popup of the old language goes away."""
        self.close()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A card with a strong border, as nothing casts a shadow."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(color("line_strong"))
        painter.setBrush(color("card"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), u(8), u(8))
        painter.end()


def explain(
    parent: QWidget, path: str, plan: Plan, estimate: Estimate, at: QPoint | None = None
) -> ExplainPopup | None:
    """Open the explanation of the figure at ``path``; None when there is nothing to explain."""
    shown = explanation(path, plan, estimate)
    if shown is None:
        return None
    popup = ExplainPopup(parent, shown)
    popup.open_at(QCursor.pos() if at is None else at)
    return popup
