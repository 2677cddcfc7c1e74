"""The goal as one sentence with blanks: days, cost of owning, power, racks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gui.charts.numbers import limit, money
from gui.charts.painting import SEMIBOLD, font, u
from gui.widgets.buttons import Button
from gui.widgets.fields import FieldEdit
from gui.widgets.flow import FlowLayout
from model.format import parse
from model.refusal import Refusal

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Goal:
    """Limits, None where it does not matter: days, cost of owning over the horizon, power of the facility, racks."""

    days: float | None
    cost: float | None
    power_kw: float | None = None
    racks: float | None = None

    def arguments(self) -> dict[str, Any]:
        """What ``goal_seek`` is called with."""
        return {"days": self.days, "budget": self.cost, "facility_kw": self.power_kw, "racks": self.racks}

    @property
    def largest(self) -> bool:
        """Whether the most servers are sought: without a time limit the others only say how many are allowed."""
        return self.days is None

    def words(self, currency: str) -> str:
        """The goal in days and money, short, for the chart."""
        if self.days is not None and self.cost is not None:
            return translate("Advisor", "Goal: ≤ {days} days, ≤ {amount}").format(
                days=limit(self.days), amount=money(self.cost, currency)
            )
        if self.days is not None:
            return translate("Advisor", "Goal: ≤ {days} days").format(days=limit(self.days))
        if self.cost is not None:
            return translate("Advisor", "Goal: ≤ {amount}").format(amount=money(self.cost, currency))
        return ""


class GoalLine(QWidget):
    """Four blanks and a button; an empty blank does not matter, Enter searches.

    The sentence says what is sought: the fewest servers where a deadline is given, else the most that the limits allow.
    """

    searched = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(round(u(6)))
        line = QHBoxLayout()
        line.setSpacing(round(u(8)))
        self.before, self.days_unit = QLabel(), QLabel()
        self.between, self.after = QLabel(), QLabel()
        self.power_before, self.power_unit = QLabel(), QLabel()
        self.racks_before, self.racks_unit = QLabel(), QLabel()
        self.days, self.cost, self.power, self.racks = FieldEdit(), FieldEdit(), FieldEdit(), FieldEdit()
        for field, width in ((self.days, 64), (self.cost, 104), (self.power, 72), (self.racks, 56)):
            field.setFixedWidth(round(u(width)))
            field.installEventFilter(self)
            field.textChanged.connect(self._say_what)
        sentence = QWidget()
        # A sentence that breaks between its parts where the window is narrow.
        flow = FlowLayout(round(u(6)))
        sentence.setLayout(flow)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        sentence.setSizePolicy(policy)
        for before, field, after in (
            (self.before, self.days, self.days_unit),
            (self.between, self.cost, self.after),
            (self.power_before, self.power, self.power_unit),
            (self.racks_before, self.racks, self.racks_unit),
        ):
            before.setBuddy(field)
            flow.addWidget(_glued(before, field, after))
        self.button = Button("", "primary", "target")
        self.button.clicked.connect(self.search)
        line.addWidget(sentence, 1)
        line.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        page.addLayout(line)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.hide()
        page.addWidget(self.note)
        self._currency, self._months = "JPY", 60
        self.retranslate()

    def set_currency(self, currency: str, months: int) -> None:
        """The unit of the budget."""
        if (currency, months) != (self._currency, self._months):
            self._currency, self._months = currency, months
            self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        self.before.setFont(font(14, SEMIBOLD))
        self.days_unit.setText(translate("Advisor", "days,"))
        self.between.setText(translate("Advisor", "cost no more than"))
        years = limit(self._months / 12)
        unit = translate("Advisor", "yen") if self._currency == "JPY" else translate("Advisor", "dollars")
        self.after.setText(translate("Advisor", "{currency} over {years} years,").format(currency=unit, years=years))
        self.power_before.setText(translate("Advisor", "draw no more than"))
        self.power_unit.setText(translate("Advisor", "kW"))
        self.racks_before.setText(translate("Advisor", "and need no more than"))
        self.racks_unit.setText(translate("Advisor", "racks"))
        self.days.setAccessibleName(translate("Advisor", "Most days"))
        self.cost.setAccessibleName(translate("Advisor", "Highest cost of owning, {currency}").format(currency=unit))
        self.power.setAccessibleName(translate("Advisor", "Highest power of the facility, kW"))
        self.racks.setAccessibleName(translate("Advisor", "Most racks"))
        self.cost.setToolTip(translate("Advisor", "For example 1.5B, 1500M or 15億; empty means any cost"))
        self.days.setToolTip(translate("Advisor", "Empty means any duration"))
        self.power.setToolTip(translate("Advisor", "Servers, network, storage and cooling; empty means any power"))
        self.racks.setToolTip(translate("Advisor", "Racks for network and storage included; empty means any number"))
        self.button.setText(translate("Advisor", "Search"))
        self._say_what()

    def _say_what(self) -> None:
        """Say which end of the range the search returns."""
        others = any(field.text().strip() for field in (self.cost, self.power, self.racks))
        if others and not self.days.text().strip():
            self.before.setText(translate("Advisor", "Most servers that finish within"))
            self.days.setPlaceholderText(translate("Advisor", "any"))
            self.button.setAccessibleName(translate("Advisor", "Search for the most servers that the limits allow"))
        else:
            self.before.setText(translate("Advisor", "Fewest servers that finish within"))
            self.days.setPlaceholderText("")
            self.button.setAccessibleName(translate("Advisor", "Search for the fewest servers"))

    def _say(self, words: str) -> None:
        self.note.setText(words)
        self.note.setVisible(bool(words))

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
        """Read the blanks and ask."""
        self._say("")
        try:
            given = [
                parse(field.text()) if field.text().strip() else None
                for field in (self.days, self.cost, self.power, self.racks)
            ]
        except Refusal as problem:
            self._say(str(problem))
            return
        if all(value is None for value in given):
            self._say(translate("Advisor", "Fill in at least one blank."))
            return
        if any(value is not None and value <= 0 for value in given):
            self._say(translate("Advisor", "A goal must be more than zero."))
            return
        self.searched.emit(Goal(*given))


def _glued(*widgets: QWidget) -> QWidget:
    """Words and their blank, never parted by a line break."""
    group = QWidget()
    line = QHBoxLayout(group)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(round(u(6)))
    for widget in widgets:
        line.addWidget(widget)
    return group
