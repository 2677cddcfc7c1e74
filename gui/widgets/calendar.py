"""A calendar behind a date field: a small button at its end opens it, a click or Enter takes the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from PySide6.QtCore import QDate, QLocale, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCalendarWidget, QLineEdit, QVBoxLayout, QWidget

from mitsumori.gui.theme.icons import icon
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.words.translation import language


class CalendarPopup(QWidget):
    """One month to choose a day from; Escape closes."""

    def __init__(self, day: dt.date | None, chosen: Callable[[dt.date], None], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._chosen = chosen
        self.calendar = QCalendarWidget(self)
        self.calendar.setLocale(QLocale(QLocale.Language.Japanese if language() == "ja" else QLocale.Language.English))
        self.calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self.calendar.setFirstDayOfWeek(Qt.DayOfWeek.Sunday if language() == "ja" else Qt.DayOfWeek.Monday)
        shown = day or dt.date.today()
        self.calendar.setSelectedDate(QDate(shown.year, shown.month, shown.day))
        self.calendar.activated.connect(self._take)
        self.calendar.clicked.connect(self._take)
        self.calendar.setFont(theme().font(13))
        box = QVBoxLayout(self)
        box.setContentsMargins(1, 1, 1, 1)
        box.addWidget(self.calendar)

    def _take(self, day: QDate) -> None:
        self.close()
        self._chosen(dt.date(day.year(), day.month(), day.day()))


class CalendarButton:
    """The button at the end of a field.

    Parameters
    ----------
    edit
        The field.
    day
        The day to open at; None opens at today.
    chosen
        Told the day that was taken.
    """

    def __init__(self, edit: QLineEdit, day: Callable[[], dt.date | None], chosen: Callable[[dt.date], None]) -> None:
        self._edit, self._day, self._chosen = edit, day, chosen
        self.action = QAction(edit)
        self.action.triggered.connect(self.open)
        edit.addAction(self.action, QLineEdit.ActionPosition.TrailingPosition)
        self.popup: CalendarPopup | None = None
        self.retheme()

    def retheme(self) -> None:
        """Take the colour of the theme."""
        self.action.setIcon(icon("chevron-down", "text_2"))

    def set_text(self, words: str) -> None:
        """What the button is called."""
        self.action.setText(words)
        self.action.setToolTip(words)

    def open(self) -> None:
        """Open the calendar below the field."""
        self.popup = CalendarPopup(self._day(), self._chosen, self._edit)
        self.popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.popup.move(self._edit.mapToGlobal(QPoint(0, self._edit.height() + 2)))
        self.popup.show()
        self.popup.calendar.setFocus()
