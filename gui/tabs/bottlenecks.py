"""What holds the plan back, in words and rows: shares of the time, and single changes with their computed gain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.bars import Part, PartBars
from mitsumori.gui.charts.numbers import duration, percent
from mitsumori.gui.charts.painting import PALE
from mitsumori.gui.tables.changes import ChangeRow
from mitsumori.gui.tabs.view import seconds
from mitsumori.gui.words.results import TIME_INK, time_part_name
from mitsumori.gui.words.translation import language

if TYPE_CHECKING:
    from mitsumori.model.study.bottlenecks import Bottlenecks, Change

translate = QCoreApplication.translate

SHOWN = 6
"""Changes listed, the best of each kind of change."""
_COMPUTE = {"useful": "time_compute", "memory_bound": "time_recompute", "kernels": "time_recompute"}
_LINKS = ("tp", "cp", "ep", "pp", "dp", "fsdp")


class TimeShareBars(PartBars):
    """The shares of the time as bars; pale while an answer to another plan is being computed."""

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Rows, pale when disabled."""
        if not self.isEnabled():
            painter.setOpacity(PALE)
        super().draw(painter, rect)
        painter.setOpacity(1.0)


def cleared_note() -> str:
    """What happens to the entries about the present server where another takes its place."""
    return translate(
        "Advisor", "Price, power and weight entered for the present server do not hold for another and are cleared."
    )


def time_share_name(name: str) -> str:
    """A part of the calendar time of a step."""
    return {
        "useful": translate("Advisor", "Useful arithmetic"),
        "memory_bound": translate("Advisor", "Waiting for GPU memory"),
        "kernels": translate("Advisor", "Kernel inefficiency"),
        "tp": translate("Advisor", "Tensor parallel links"),
        "cp": translate("Advisor", "Context parallel links"),
        "ep": translate("Advisor", "Expert parallel links"),
        "pp": translate("Advisor", "Pipeline links"),
        "dp": translate("Advisor", "Data parallel links"),
        "fsdp": translate("Advisor", "Sharded weights on the links"),
    }.get(name) or time_part_name(name)


def time_share_parts(held: Bottlenecks) -> list[Part]:
    """Rows of the bar list: useful time first, then the shares of the time, largest first."""
    ordered = sorted(held.shares, key=lambda part: (part.name != "useful", -part.share))
    return [Part(time_share_name(part.name), part.seconds, _ink(part.name), seconds(part.seconds)) for part in ordered]


def _ink(name: str) -> str:
    if name in _LINKS:
        return "time_communication"
    return _COMPUTE.get(name) or TIME_INK.get(name, f"time_{name}")


def time_share_title(held: Bottlenecks) -> str:
    """The useful share and the largest other share."""
    useful = next((part.share for part in held.shares if part.name == "useful"), None)
    lost = [part for part in held.shares if part.name != "useful"]
    if not lost:
        return translate("Advisor", "Nothing is lost")
    worst = max(lost, key=lambda part: part.share)
    if useful is None:
        return translate("Advisor", "The largest part of the time: {name}, {share}").format(
            name=time_share_name(worst.name), share=percent(worst.share)
        )
    return translate("Advisor", "{useful} of the time is useful; the largest loss: {name}, {share}").format(
        useful=percent(useful), name=time_share_name(worst.name), share=percent(worst.share)
    )


def shown_changes(held: Bottlenecks) -> list[Change]:
    """The best change of each code, most gain first."""
    best: dict[str, Change] = {}
    for change in held.changes:
        best.setdefault(change.code, change)
    return list(best.values())[:SHOWN]


def change_rows(held: Bottlenecks) -> list[ChangeRow]:
    """Rows of the change list; their keys apply the change."""
    rows = []
    for change in shown_changes(held):
        note = ""
        if "cluster.server" in change.changes:
            note = cleared_note()
        elif change.fits == "marginal":
            note = translate("Advisor", "Little GPU memory is left then.")
        words = change.reason().text(language())
        saved, after = duration(change.gain_days), duration(change.days)
        numbers = change.gain_days, change.days
        rows.append(ChangeRow(words, saved, change.gain_share, after, note, dict(change.changes), *numbers))
    return rows


def change_title(held: Bottlenecks) -> str:
    """The change that gains most, as a sentence."""
    if held.best is None:
        return translate("Advisor", "No single change that was tried makes this plan faster")
    return held.best.reason().text(language())
