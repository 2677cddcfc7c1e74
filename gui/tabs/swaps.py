"""The plan on other GPUs as a card: the same in the training time tab and, behind a switch, on the overview."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from mitsumori.gui.charts.frame import ChartFrame
from mitsumori.gui.tables.gpu_swaps import SwapTable, same_options, swap_title
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.segmented import Segmented
from mitsumori.model.estimate.deadline import confidence_of
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan

translate = QCoreApplication.translate


def show_swaps(frame: ChartFrame, table: SwapTable, swaps: Any, plan: Plan, estimate: Estimate) -> None:
    """Fill a card with the plan on other GPUs; a row of it puts one into the plan."""
    currency = plan.money.currency
    table.set_data(swaps, confidence_of(plan), currency, estimate.catalogue)
    subtitle = translate("Swap", "Price in brackets: an indication only · a row swaps the GPU, Undo brings it back")
    frame.set_texts(swap_title(swaps, currency), subtitle)


def face_options() -> list[tuple[str, str]]:
    """What the days' card of the overview shows: the days by the number of GPUs, or by the kind of GPU."""
    return [("count", translate("Swap", "By number")), ("kind", translate("Swap", "By GPU"))]


class BriefSwaps(SwapTable):
    """As many rows as a picture of the overview has room for; the others scroll."""

    least = (300, 140)
    pitch = (42, 44)

    def rows_wanted(self) -> int:
        """Three: the page does not grow for it."""
        return min(3, super().rows_wanted())


class FaceSwitch(Segmented):
    """By number or by GPU."""

    def __init__(self) -> None:
        super().__init__(face_options())

    def retranslate(self) -> None:
        """Set the texts again."""
        self.set_options(face_options())
        self.setAccessibleName(translate("Swap", "Days by number or by kind of GPU"))


class SwapSwitches(QWidget):
    """The switch back to the curve, and what is held while GPUs are compared."""

    asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.face, self.same = FaceSwitch(), Segmented(same_options())
        self.same.chosen.connect(lambda value: self.asked.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().px(8))
        row.addWidget(self.same)
        row.addWidget(self.face)

    def retranslate(self) -> None:
        """Set the texts again."""
        self.same.set_options(same_options())
        self.same.setAccessibleName(translate("Swap", "What is held"))
        self.face.retranslate()
