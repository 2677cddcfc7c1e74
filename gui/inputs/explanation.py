"""What an input is, what it accepts and what stands for it while it is open: on hover and where the keyboard rests."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from mitsumori.gui.inputs.row import InputRow
from mitsumori.gui.inputs.spec import Field
from mitsumori.gui.words.sources import date_words, source_words
from mitsumori.gui.words.translation import language
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.format import significant

translate = QCoreApplication.translate
REST_MS = 800
"""How long the keyboard rests on a control before its explanation comes."""


def explanation(field: Field, standard: Figure | None = None, unit: str | None = None) -> tuple[str, ...]:
    """Sentences on an input in the language of the window: what it is, what is accepted, what counts while it is open.

    Parameters
    ----------
    standard
        The value that stands for it, as the estimate says; with its source.
    unit
        The unit shown beside it, where that depends on the plan.
    """
    item = field.item
    if item is None:
        return (translate("Fields", "The parallel layout in use: chosen by the program, or set by hand below."),)
    unit = field.unit_name() if unit is None else unit
    said = [item.help(language()), _accepted(field, unit)]
    if field.optional:
        if standard is not None and standard.value is not None:
            shown = field.with_unit(standard.value, unit)
            source = _source(standard) or source_words(item.standard_source(language()))
            said.append(translate("Fields", "Standard: {value} ({source}).").format(value=shown, source=source))
        else:
            said.append(
                translate("Fields", "Left open: {what}.").format(what=source_words(item.standard_source(language())))
            )
    elif item.standard is not None and field.kind in ("slider", "number"):
        shown = field.with_unit(item.standard, unit)
        said.append(translate("Fields", "A new plan begins with {value}.").format(value=shown))
    if field.key:
        said.append(translate("Fields", "Key: {key}").format(key=f"Alt+{field.key}"))
    return tuple(sentence for sentence in said if sentence)


def _accepted(field: Field, unit: str) -> str:
    item = field.item
    if item is None or field.kind not in ("slider", "number"):
        return ""
    low, high = (None if end is None else significant(end / field.scale, 6, trim=True) for end in (item.low, item.high))
    if low is not None and high is not None:
        said = translate("Fields", "Accepted: {low} to {high} {unit}")
    elif low is not None:
        said = translate("Fields", "Accepted: {low} {unit} or more")
    elif high is not None:
        said = translate("Fields", "Accepted: up to {high} {unit}")
    else:
        return ""
    return " ".join(said.format(low=low, high=high, unit=unit).split())


def _source(standard: Figure) -> str:
    provenance = standard.provenance
    if provenance is None:
        return ""
    words = [source_words(provenance.source or ""), date_words(provenance.date)]
    return ", ".join(word for word in words if word)


def as_tooltip(title: str, sentences: tuple[str, ...]) -> str:
    """The explanation as rich text, which wraps."""
    body = "".join(f"<br>{escape(sentence)}" for sentence in sentences)
    return f"<qt><b>{escape(title)}</b>{body}</qt>"


def explanation_of(row: InputRow) -> str:
    """The tooltip of a row."""
    unit = row.unit.text() if row.field.unit_of is None else ""
    return as_tooltip(row.field.label(), explanation(row.field, row.standard, unit))


class Explainer(QObject):
    """Shows the explanation of a row under the mouse, and of the one where the keyboard came to rest."""

    def __init__(self, pane: QWidget) -> None:
        super().__init__(pane)
        self._pane = pane
        self._row: InputRow | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._show)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._moved)

    def take(self, row: InputRow) -> None:
        """Explain a row."""
        for part in (row.label, row.unit):
            part.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The mouse rests on a label."""
        if event.type() == QEvent.Type.ToolTip and isinstance(watched, QWidget):
            row = watched.parentWidget()
            if isinstance(row, InputRow):
                self._show_at(row)
                return True
        return super().eventFilter(watched, event)

    def _moved(self, old: QWidget | None, new: QWidget | None) -> None:
        """The keyboard went to another control; a click explains nothing."""
        if self._row is not None:
            QToolTip.hideText()
        row = None if new is None or QGuiApplication.mouseButtons() else new.parentWidget()
        self._row = row if isinstance(row, InputRow) and self._pane.isAncestorOf(row) else None
        if self._row is None:
            self._rest.stop()
        else:
            self._rest.start()

    def _show(self) -> None:
        row, focus = self._row, QApplication.focusWidget()
        typing = row is not None and row.edit is not None and row.edit.isModified()
        if row is not None and focus is not None and row.isAncestorOf(focus) and row.isVisible() and not typing:
            self._show_at(row)

    def _show_at(self, row: InputRow) -> None:
        QToolTip.showText(row.mapToGlobal(QPoint(0, row.height())), explanation_of(row), row)
