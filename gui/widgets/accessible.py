"""What accessibility tools hear of the controls that we paint: their role, state and the value as people read it.

Qt has an interface for its own controls and none for a painted ``QWidget``; its slider tells the position of the handle. The
interfaces here are made when a tool first asks, through the factory that :func:`install` registers.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAccessibleInterface, QAccessibleValueInterface
from PySide6.QtWidgets import QAbstractButton, QAccessibleWidget, QWidget
from shiboken6 import getCppPointer

from mitsumori.gui.widgets.badge import Badge
from mitsumori.gui.widgets.buttons import Pressable
from mitsumori.gui.widgets.card import HeadlineCard
from mitsumori.gui.widgets.segmented import Segmented
from mitsumori.gui.widgets.slider import ScaledSlider
from mitsumori.gui.widgets.splitter import PaneEdge

Role, Text = QAccessible.Role, QAccessible.Text
FOLDS = "folds"
"""Dynamic property of a checkable button that opens and folds what lies below it."""


class SliderValue(QAccessibleValueInterface):
    """The slider's numbers in the unit that is shown, not as positions."""

    def __init__(self, slider: ScaledSlider) -> None:
        super().__init__()
        self._slider = slider

    def currentValue(self) -> float:
        """What the slider stands at."""
        return self._slider.current()

    def minimumValue(self) -> float:
        """The left end."""
        return self._slider.scale().low

    def maximumValue(self) -> float:
        """The right end."""
        return self._slider.scale().high

    def minimumStepSize(self) -> float:
        """Unknown: on most scales it grows with the value."""
        return 0.0

    def setCurrentValue(self, value: float) -> None:
        """Set by a tool: as if the handle were dragged there."""
        self._slider.ask(float(value))


class SliderVoice(QAccessibleWidget):
    """A slider: its value in words ("100 B tokens") and as a number."""

    def __init__(self, slider: ScaledSlider) -> None:
        super().__init__(slider, Role.Slider)
        self._slider = slider
        self._value = SliderValue(slider)

    def text(self, which: QAccessible.Text) -> str:
        """The value as people read it; the rest as Qt has it."""
        return self._slider.value_text() if which == Text.Value else super().text(which)

    def interface_cast(self, which: QAccessible.InterfaceType) -> int:
        """The numbers, besides what every widget offers."""
        if which == QAccessible.InterfaceType.ValueInterface:
            return self._value  # type: ignore[return-value]  # shiboken takes the object, its stub says a number
        return super().interface_cast(which)


class PressVoice(QAccessibleWidget):
    """A painted control that is pressed."""

    def __init__(self, widget: QWidget, press: Callable[[], None], role: QAccessible.Role = Role.Button) -> None:
        super().__init__(widget, role)
        self._press = press

    def actionNames(self) -> list[str]:
        """Pressing comes first."""
        return [QAccessibleActionInterface.pressAction(), *super().actionNames()]

    def doAction(self, name: str) -> None:
        """Press it."""
        if name == QAccessibleActionInterface.pressAction():
            self._press()
        else:
            super().doAction(name)


class ChoiceVoice(QAccessibleWidget):
    """A few choices side by side, of which one holds: heard as a list with its choice."""

    def __init__(self, widget: Segmented) -> None:
        super().__init__(widget, Role.ComboBox)
        self._widget = widget

    def text(self, which: QAccessible.Text) -> str:
        """The choice that holds."""
        return self._widget.chosen_text() if which == Text.Value else super().text(which)


class SwitchVoice(PressVoice):
    """A button that is on or off. Qt's own would toggle it without the click that the plan follows."""

    def __init__(self, button: QAbstractButton) -> None:
        super().__init__(button, button.click, Role.CheckBox)
        self._button = button

    def state(self) -> QAccessible.State:
        """Whether it is on."""
        state = super().state()
        state.checkable, state.checked = 1, int(self._button.isChecked())
        return state

    def actionNames(self) -> list[str]:
        """Toggling, and what every button offers."""
        return [QAccessibleActionInterface.toggleAction(), *super().actionNames()]

    def doAction(self, name: str) -> None:
        """Toggle by a click."""
        super().doAction(
            QAccessibleActionInterface.pressAction() if name == QAccessibleActionInterface.toggleAction() else name
        )


class FoldVoice(PressVoice):
    """The head of a group that folds."""

    def __init__(self, head: QAbstractButton) -> None:
        super().__init__(head, head.click)
        self._head = head

    def state(self) -> QAccessible.State:
        """Whether the group is open."""
        state, on = super().state(), self._head.isChecked()
        state.expandable, state.expanded, state.collapsed = 1, int(on), int(not on)
        return state


class EdgeVoice(QAccessibleWidget):
    """An edge that can be moved: its place in pixels."""

    def __init__(self, edge: PaneEdge) -> None:
        super().__init__(edge, Role.Splitter)
        self._edge = edge

    def text(self, which: QAccessible.Text) -> str:
        """Where it is."""
        return f"{self._edge.x()} px" if which == Text.Value else super().text(which)


def _voice(widget: QWidget) -> QAccessibleInterface | None:
    if isinstance(widget, ScaledSlider):
        return SliderVoice(widget)
    if isinstance(widget, HeadlineCard):
        return PressVoice(widget, widget.clicked.emit)
    if isinstance(widget, Badge):
        return PressVoice(widget, widget.clicked.emit, Role.Button if widget.clickable() else Role.StaticText)
    if isinstance(widget, Segmented):
        return ChoiceVoice(widget)
    if isinstance(widget, QAbstractButton) and widget.property(FOLDS):
        return FoldVoice(widget)
    if isinstance(widget, Pressable) and widget.isCheckable():
        return SwitchVoice(widget)
    if type(widget).__name__ == "ChartDots":  # not imported here: nothing of Present mode is loaded at the start
        return PressVoice(widget, widget.forward, Role.PageTabList)  # type: ignore[attr-defined]
    if type(widget).__name__ == "AnswerStrip":
        return QAccessibleWidget(widget, Role.StaticText)
    return EdgeVoice(widget) if isinstance(widget, PaneEdge) else None


_CLASSES = ("ScaledSlider", "HeadlineCard", "Badge", "Segmented", "PaneEdge", "SectionHeader", "Pressable", "ChartDots",
            "AnswerStrip")  # fmt: skip
"""Qt asks for a control's own class, then for those that it is made from."""
_made: dict[int, QAccessibleInterface] = {}
"""Interfaces by the address of their control: Qt keeps no reference that Python would see."""
_installed = False


def _factory(name: str, thing: QObject) -> QAccessibleInterface | None:
    if name not in _CLASSES or not isinstance(thing, QWidget):
        return None
    voice = _voice(thing)
    if voice is not None:
        address = int(getCppPointer(thing)[0])
        _made[address] = voice
        thing.destroyed.connect(lambda *_: _made.pop(address, None))
    return voice


def install() -> None:
    """Let accessibility tools hear our controls; once."""
    global _installed
    if not _installed:
        _installed = True
        QAccessible.installFactory(_factory)
