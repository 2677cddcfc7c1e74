"""The goal as one sentence with blanks: finish within so many days, and cost no more than so much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from gui.charts.numbers import limit, money
from gui.charts.painting import SEMIBOLD, font, u
from gui.widgets.controls import Button, FieldEdit
from model.format import parse
from model.refusal import Refusal

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Goal:
    """Most days and most cost of owning over the horizon; None where it does not matter."""

    days: float | None
    cost: float | None

    def arguments(self) -> dict[str, Any]:
        """What ``goal_seek`` is called with."""
        return {"days": self.days, "budget": self.cost}

    def words(self, currency: str) -> str:
        """The goal, short, for the chart."""
        if self.days is not None and self.cost is not None:
            return translate("Advisor", "Goal: ≤ {days} days, ≤ {amount}").format(
                days=limit(self.days), amount=money(self.cost, currency)
            )
        if self.days is not None:
            return translate("Advisor", "Goal: ≤ {days} days").format(days=limit(self.days))
        return translate("Advisor", "Goal: ≤ {amount}").format(amount=money(self.cost, currency))


class GoalLine(QWidget):
    """Two blanks and a button; an empty blank does not matter, Enter searches."""

    searched = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(round(u(8)))
        self.before, self.between, self.after = QLabel(), QLabel(), QLabel()
        self.days, self.cost = FieldEdit(), FieldEdit()
        self.days.setFixedWidth(round(u(64)))
        self.cost.setFixedWidth(round(u(104)))
        self.button = Button("", "primary", "target")
        self.button.clicked.connect(self.search)
        self.note = QLabel()
        self._currency, self._months = "JPY", 60
        self.before.setBuddy(self.days)
        self.between.setBuddy(self.cost)
        for widget in (self.before, self.days, self.between, self.cost, self.after):
            line.addWidget(widget)
        line.addWidget(self.note, 1)
        line.addWidget(self.button)
        for field in (self.days, self.cost):
            field.installEventFilter(self)
        self.retranslate()

    def set_currency(self, currency: str, months: int) -> None:
        """The unit of the budget."""
        if (currency, months) != (self._currency, self._months):
            self._currency, self._months = currency, months
            self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        self.before.setText(translate("Advisor", "Smallest plan that finishes within"))
        self.before.setFont(font(14, SEMIBOLD))
        self.between.setText(translate("Advisor", "days and costs no more than"))
        years = limit(self._months / 12)
        unit = translate("Advisor", "yen") if self._currency == "JPY" else translate("Advisor", "dollars")
        self.after.setText(translate("Advisor", "{currency} over {years} years").format(currency=unit, years=years))
        self.days.setAccessibleName(translate("Advisor", "Most days"))
        self.cost.setAccessibleName(translate("Advisor", "Highest cost of owning, {currency}").format(currency=unit))
        self.cost.setToolTip(translate("Advisor", "For example 1.5B, 1500M or 15億; empty means any cost"))
        self.days.setToolTip(translate("Advisor", "Empty means any duration"))
        self.button.setText(translate("Advisor", "Search"))
        self.button.setAccessibleName(translate("Advisor", "Search for the smallest plan"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter in a blank searches."""
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if pressed and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.search()
            return True
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def search(self) -> None:
        """Read both blanks and ask."""
        self.note.setText("")
        try:
            days = parse(self.days.text()) if self.days.text().strip() else None
            cost = parse(self.cost.text()) if self.cost.text().strip() else None
        except Refusal as problem:
            self.note.setText(str(problem))
            return
        if days is None and cost is None:
            self.note.setText(translate("Advisor", "Fill in at least one blank."))
            return
        if (days is not None and days <= 0) or (cost is not None and cost <= 0):
            self.note.setText(translate("Advisor", "A goal must be more than zero."))
            return
        self.searched.emit(Goal(days, cost))
