"""What is left of the inputs where the window is too narrow for them: one button a group."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from mitsumori.gui.inputs.fields import GROUPS
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.surface import Surface
from mitsumori.gui.words.translation import Translated
from mitsumori.model.plan.plan import Plan


class InputsStrip(Translated, Surface):
    """The icons of the groups, one below the other; a click opens the inputs at that group."""

    group_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("card", parent)
        self.buttons: dict[str, Button] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(theme().px(5), theme().px(8), theme().px(5), theme().px(8))
        column.setSpacing(theme().px(4))
        for group in GROUPS:
            button = self.buttons[group.key] = Button(kind="tool", icon=group.icon)
            button.clicked.connect(lambda checked=False, key=group.key: self.group_wanted.emit(key))
            column.addWidget(button)
        column.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.retranslate()

    def show_plan(self, plan: Plan) -> None:
        """Show the buttons of the groups that a plan has."""
        for group in GROUPS:
            self.buttons[group.key].setVisible(group.shown_when(plan))

    def sizeHint(self) -> QSize:
        """44 px wide."""
        return QSize(theme().px(44), theme().px(300))

    def retranslate(self) -> None:
        """Name the buttons."""
        for group in GROUPS:
            title = QCoreApplication.translate("Fields", group.title)
            self.buttons[group.key].setAccessibleName(title)
            self.buttons[group.key].setToolTip(title)
