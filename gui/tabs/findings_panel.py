"""Cards for what stands in the way of a plan: the problem and up to three remedies, each with its result."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mitsumori.gui.charts.numbers import UNKNOWN, duration, fixed, limit, memory, number
from mitsumori.gui.charts.painting import NORMAL, SEMIBOLD, color, draw_text, line_height, text_width, u, wrap
from mitsumori.gui.services import Services
from mitsumori.gui.theme.icons import paint_icon
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.words.plurals import plurals
from mitsumori.gui.words.serving import rack_parts
from mitsumori.gui.words.translation import language
from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan

translate = QCoreApplication.translate


def sentences(message: str) -> tuple[str, str]:
    """The fact (first sentence) and the reason (the rest)."""
    parts = re.split(r"(?<=[。])|(?<=[.!?]) (?=[A-Z0-9¥$])", message, maxsplit=1)
    head = parts[0].strip()
    rest = parts[1].strip() if len(parts) > 1 and parts[1] else ""
    return head, rest


def paint_card(painter: QPainter, rect: QRectF, tone: str | None = None, top: bool = False) -> None:
    """A card with a bar of its tone at the left, or along the top."""
    box = rect.adjusted(0.5, 0.5, -0.5, -0.5)
    if tone:
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(tone))
        edge = (
            QRectF(rect.left(), rect.top(), rect.width(), u(4))
            if top
            else QRectF(rect.left(), rect.top(), u(4), rect.height())
        )
        painter.setClipRect(edge)
        painter.drawRoundedRect(rect, u(8), u(8))
        rest = rect.adjusted(0, u(4), 0, 0) if top else rect.adjusted(u(4), 0, 0, 0)
        painter.setClipRect(rest)
    painter.setPen(color("line"))
    painter.setBrush(color("card"))
    painter.drawRoundedRect(box, u(8), u(8))
    if tone:
        painter.restore()


class ProblemCard(QWidget):
    """One problem with up to three remedies, each with the result that it would give; the first is primary."""

    applied = Signal(dict)
    most = 3

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._finding: Finding | None = None
        self._results: list[str] = []
        self._head: list[str] = []
        self._body: list[str] = []
        self._buttons = [Button("", "plain", parent=self) for _ in range(self.most)]
        for index, button in enumerate(self._buttons):
            button.clicked.connect(lambda _=False, i=index: self._press(i))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def remedies(self) -> tuple[Remedy, ...]:
        """The remedies shown, the recommended one first."""
        found = self._finding.remedies if self._finding is not None else ()
        return tuple(sorted(found, key=lambda r: not r.recommended))[: self.most]

    def set_finding(self, finding: Finding, plan: Plan, services: Services | None) -> None:
        """Show another problem and ask what its remedies would give."""
        self._finding = finding
        remedies = self.remedies()
        self._results = [""] * len(remedies)
        for index, button in enumerate(self._buttons):
            button.setVisible(index < len(remedies))
            if index < len(remedies):
                button.kind = "primary" if index == 0 else "plain"
                button.setText(translate("Findings", "Apply"))
                button.setAccessibleName(
                    translate("Findings", "Apply: {remedy}").format(remedy=remedies[index].label(language()))
                )
                button.resize(button.sizeHint())
                if services is not None:
                    services.preview(plan, remedies[index].set, self._answer(finding, index))
        self.setAccessibleName(finding.message(language()))
        self._arrange()
        self.update()

    def _answer(self, finding: Finding, index: int) -> Callable[[Estimate | None], None]:
        def show(estimate: Estimate | None) -> None:
            if self._finding is finding and index < len(self._results):
                self._results[index] = preview_text(estimate, finding.code)
                self.update()

        return show

    def _press(self, index: int) -> None:
        remedies = self.remedies()
        if index < len(remedies):
            self.applied.emit(dict(remedies[index].set))

    def _arrange(self) -> None:
        if self._finding is None:
            return
        room = self.width() - u(60)
        head, rest = sentences(self._finding.message(language()))
        self._head = wrap(head, 16, SEMIBOLD, max(room, u(100)), 4)
        self._body = wrap(rest, 14, NORMAL, max(room, u(100)), 4) if rest else []
        y = u(16) + len(self._head) * line_height(16, SEMIBOLD) + len(self._body) * (line_height(14) + u(2)) + u(8)
        for index in range(len(self.remedies())):
            button = self._buttons[index]
            button.move(round(self.width() - u(16) - button.width()), round(y + (u(50) - button.height()) / 2))
            y += u(50)
        height = round(y + u(8))
        if height != self.height():
            self.setFixedHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap for the new width."""
        self._arrange()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Card with the red edge on top, problem, remedies with results."""
        if self._finding is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_card(painter, QRectF(self.rect()), "bad", top=True)
        y = u(16)
        paint_icon(painter, QRectF(u(16), y + u(1), u(18), u(18)), "close", color("bad"))
        for line in self._head:
            step = line_height(16, SEMIBOLD)
            draw_text(painter, u(44), y + step / 2, line, 16, SEMIBOLD)
            y += step
        for line in self._body:
            step = line_height(14) + u(2)
            draw_text(painter, u(44), y + step / 2, line, 14, NORMAL, "text_2")
            y += step
        y += u(8)
        for remedy, result, button in zip(self.remedies(), self._results, self._buttons, strict=False):
            painter.fillRect(QRectF(u(44), round(y), self.width() - u(60), 1), color("line"))
            room = button.x() - u(44) - u(10)
            label = remedy.name(language()) if result else remedy.label(language())
            px = 14 if text_width(label, 14, SEMIBOLD) <= room else 12
            lines = wrap(label, px, SEMIBOLD, room, 2)
            middle = y + u(25)
            shift = line_height(13) / 2
            if len(lines) > 1:
                for index, line in enumerate(lines):
                    draw_text(painter, u(44), middle + shift * (2 * index - 1), line, px, SEMIBOLD)
            else:
                drawn = draw_text(painter, u(44), middle - shift, label, px, SEMIBOLD)
                word = translate("Findings", "recommended")
                below = draw_text(painter, u(44), middle + shift + 1, result, 13, NORMAL, "text_2")
                places = ((drawn.right(), middle - shift), (below.right(), middle + shift + 1))
                for end, line_y in places if remedy.recommended else ():
                    if end + u(10) + text_width(word, 13, SEMIBOLD) <= button.x() - u(6):
                        draw_text(painter, end + u(10), line_y, word, 13, SEMIBOLD, "ok")
                        break
            y += u(50)
        painter.end()


def preview_text(estimate: Estimate | None, code: str) -> str:
    """What a remedy would give, in one line."""
    if estimate is None:
        return translate("Findings", "cannot be computed")
    per = estimate.memory.per_gpu
    used, capacity = per["total_bytes"].value, per["capacity_bytes"].value
    memory_words = translate("Findings", "{used} of {capacity} GB").format(
        used=memory(None if used is None else used / 1e9), capacity=limit(None if capacity is None else capacity / 1e9)
    )
    if code.startswith(("facility", "network")):
        place = estimate.facility
        if place.server_racks is None:
            return translate("Findings", "still cannot be cooled")
        support = place.support_racks.value
        racks, counter = rack_parts(place.server_racks)
        if support:
            racks, counter = f"{racks} + {fixed(support, 0)}", rack_parts(place.server_racks + support)[1]
        return translate("Findings", "{servers} a rack · {racks} · PUE {pue}").format(
            servers=fixed(place.servers_per_rack.value, 0), racks=f"{racks} {counter}", pue=number(place.pue.value)
        )
    if code.startswith("serving") and estimate.serving is not None:
        figures = estimate.serving.figures
        return translate("Findings", "TTFT {ttft} s · TPOT {tpot} ms · {servers}").format(
            ttft=number(figures["ttft_s"].value),
            tpot=number(figures["tpot_ms"].value),
            servers=plurals().servers(round(figures["servers"].value or 0)),
        )
    days = UNKNOWN if estimate.memory.verdict == "no" else duration(estimate.training.days.value)
    return translate("Findings", "{memory} · {time}").format(memory=memory_words, time=days)
