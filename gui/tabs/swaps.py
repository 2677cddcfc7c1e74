"""The plan on other GPUs as a card: the same in the training time tab and, behind a switch, on the overview."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QBoxLayout, QWidget

from mitsumori.gui.charts.frame import ChartFrame
from mitsumori.gui.tables.gpu_swaps import SwapTable, same_options, swap_title
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.segmented import Segmented
from mitsumori.model.estimate.deadline import confidence_of
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mitsumori.model.study.gpu_swap import Swap

translate = QCoreApplication.translate


def show_swaps(frame: ChartFrame, table: SwapTable, swaps: Sequence[Swap], plan: Plan, estimate: Estimate) -> None:
    """Fill a card with the plan on other GPUs; a row of it puts one into the plan."""
    currency = plan.money.currency
    table.set_data(swaps, confidence_of(plan), currency, estimate.catalogue)
    subtitle = translate("Swap", "Price in brackets: an indication only · a row swaps the GPU, Undo brings it back")
    if table.brief:
        subtitle = "" if theme().compact else translate("Swap", "A row swaps the GPU; brackets: indication only")
    frame.set_texts(swap_title(swaps, currency), subtitle)


def face_options(dated: bool = False, brief: bool = False) -> list[tuple[str, str]]:
    """What the days' card of the overview shows: days by the number of GPUs, by the kind of GPU, or the dates of a deadline."""
    if brief and dated:  # in a small window two switches stand side by side
        return [
            ("count", translate("Swap", "Number")),
            ("kind", translate("Swap", "GPU")),
            ("dates", translate("Swap", "Dates")),
        ]
    faces = [("count", translate("Swap", "By number")), ("kind", translate("Swap", "By GPU"))]
    return [*faces, ("dates", translate("Swap", "Schedule"))] if dated else faces


class BriefSwaps(SwapTable):
    """As many rows as a picture of the overview has room for; the others scroll."""

    least = (300, 140)
    pitch = (42, 44)
    brief = True

    def rows_wanted(self) -> int:
        """Three: the page does not grow for it."""
        return min(3, super().rows_wanted())


class SameSwitch(Segmented):
    """What an exchange holds: the number of GPUs, the days or the cost."""

    def __init__(self) -> None:
        super().__init__(same_options())
        self.retranslate()

    def retranslate(self) -> None:
        """Set the texts again."""
        self.set_options(same_options(brief=theme().compact))
        self.setAccessibleName(translate("Swap", "What is held"))


class Switches(QWidget):
    """Switches of one card at its right: below each other, in a compact window side by side."""

    def __init__(self, *switches: QWidget) -> None:
        super().__init__()
        self._box = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        for switch in switches:
            self._box.addWidget(switch, 0, Qt.AlignmentFlag.AlignRight)
        self.arrange()

    def arrange(self) -> None:
        """Take over the measures of the window."""
        compact = theme().compact
        ways = QBoxLayout.Direction
        self._box.setDirection(ways.LeftToRight if compact else ways.TopToBottom)
        self._box.setSpacing(theme().px(8 if compact else 4))


class FaceSwitch(Segmented):
    """By number, by GPU, and the schedule where the plan has dates."""

    def __init__(self) -> None:
        self._dated = False
        super().__init__(face_options())

    def set_dated(self, dated: bool) -> None:
        """Offer the schedule, or not."""
        if dated != self._dated:
            self._dated = dated
            self.retranslate()

    def retranslate(self) -> None:
        """Set the texts again."""
        self.set_options(face_options(self._dated, brief=theme().compact))
        self.setAccessibleName(translate("Swap", "Days by number, by kind of GPU, or on the calendar"))
