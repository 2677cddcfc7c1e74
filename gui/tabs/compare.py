"""Compare: what differs between the scenarios and what it does."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel

from mitsumori.gui.charts.painting import SEMIBOLD, font, u
from mitsumori.gui.tabs.base import Panel, Tab
from mitsumori.gui.tabs.differences import against
from mitsumori.gui.tabs.scenario_table import Scenario, ScenarioTable
from mitsumori.gui.widgets.buttons import Button, Switch
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan

translate = QCoreApplication.translate

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class CompareTab(Tab):
    """Scenarios side by side."""

    def build(self) -> None:
        """Create the head line and the table."""
        self.head = Panel()
        line = QHBoxLayout(self.head)
        line.setContentsMargins(round(u(16)), round(u(6)), round(u(12)), round(u(6)))
        line.setSpacing(round(u(10)))
        self.finding = QLabel()
        self.finding.setWordWrap(True)
        self.only = Switch()
        self.only.setChecked(True)
        self.only.toggled.connect(self._toggle)
        self.only_label = QLabel()
        self.only_label.setBuddy(self.only)
        self.add = Button("", "plain", "plus")
        self.add.clicked.connect(lambda: self.scenario_added.emit(None))
        line.addWidget(self.finding, 1)
        line.addWidget(self.only)
        line.addWidget(self.only_label)
        line.addWidget(self.add)
        self.comparison = ScenarioTable()
        self.frame = self.card(self.comparison)
        self.column.addWidget(self.head)
        self.column.addWidget(self.frame, 1)
        self._scenarios: tuple[Scenario, ...] = ()
        self._active = 0
        self._pending: tuple[tuple[Plan, ...], int, Callable[[int], Estimate | None]] | None = None
        self.retranslate()

    def retranslate(self) -> None:
        """Set the texts of the head line."""
        self.only_label.setText(translate("Compare", "Only di&fferences"))
        self.only.setAccessibleName(translate("Compare", "Only differences"))
        self.add.setText(translate("Compare", "Add scenario"))
        self.add.setAccessibleName(translate("Compare", "Add scenario"))
        self.finding.setFont(font(16, SEMIBOLD))
        super().retranslate()

    def retheme(self) -> None:
        """Take over type sizes."""
        self.finding.setFont(font(16, SEMIBOLD))
        super().retheme()

    def set_scenarios(
        self, plans: tuple[Plan, ...], active: int, estimate_of: Callable[[int], Estimate | None]
    ) -> None:
        """The scenarios of the project; estimates are asked for when the tab is shown."""
        self._pending = (tuple(plans), active, estimate_of)
        if self.isVisible():
            self.refresh()
        else:
            self._stale = True

    def open_key(self, key: object) -> None:
        """A head opens its scenario."""
        if isinstance(key, tuple) and key[0] == "scenario":
            self.scenario_requested.emit(key[1])
        else:
            super().open_key(key)

    def _toggle(self, on: bool) -> None:
        self.comparison.only_different = on
        self.comparison.set_data(self._scenarios, self._active)

    def refresh(self) -> None:
        """Show the scenarios."""
        if self._pending is None:
            return
        plans, self._active, estimate_of = self._pending
        catalogue = self.catalogue
        self._scenarios = tuple(
            Scenario(LETTERS[index % 26], plan, estimate_of(index), catalogue) for index, plan in enumerate(plans)
        )
        self.comparison.set_data(self._scenarios, self._active)
        sentence = self._finding()
        self.finding.setText(sentence)
        self.comparison.setAccessibleName(sentence)

    def _finding(self) -> str:
        """What the other scenarios change, against A, in at most two sentences."""
        if len(self._scenarios) < 2:
            return translate("Compare", "There is one scenario; add another to compare it with")
        first = self._scenarios[0]
        sentences = [against(first, other) for other in self._scenarios[1:3]]
        if len(sentences) == 1:
            return sentences[0]
        return translate("Compare", "{first} {second}").format(first=sentences[0], second=sentences[1])
