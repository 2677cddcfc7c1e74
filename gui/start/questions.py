"""The three questions of the start page and what their answers mean for a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mitsumori.gui.theme.icons import paint_icon
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.buttons import Pressable
from mitsumori.gui.widgets.flow import FlowLayout
from mitsumori.gui.widgets.paint import box, text, width_of
from mitsumori.gui.words.translation import marked

_N = marked

translate = QCoreApplication.translate


@dataclass(frozen=True)
class Answer:
    """One answer to a question: its words, an icon, and the plan values it means."""

    label: str
    icon: str
    values: dict[str, Any]
    then: str = ""
    """The input or tab to go to afterwards."""


WHAT = (
    Answer(_N("Start", "Pre-training"), "workload", {"workload.stage": "pretrain", "workload.tokens": 1e12}),
    Answer(
        _N("Start", "Continual pre-training"), "workload", {"workload.stage": "continual", "workload.tokens": 100e9}
    ),
    Answer(_N("Start", "Fine-tuning, LoRA"), "edit", {"workload.stage": "sft", "workload.tokens": 1e9}),
    Answer(_N("Start", "RLHF, DPO"), "dialogue", {"workload.stage": "dpo", "workload.tokens": 1e9}),
    Answer(_N("Start", "Synthetic data"), "document", {"workload.stage": "datagen", "workload.tokens": 10e9}),
)
SIZE = (
    Answer("8 B", "model", {"model.preset": "llama3-8b", "cluster.servers": 2}),
    Answer("70 B", "model", {"model.preset": "llama3-70b", "cluster.servers": 8}),
    Answer("175 B", "model", {"model.preset": "gpt3-175b", "cluster.servers": 16}),
    Answer("405 B", "model", {"model.preset": "llama3.1-405b", "cluster.servers": 64}),
    Answer(_N("Start", "Mixture of experts"), "model", {"model.preset": "mixtral-8x7b", "cluster.servers": 8}),
    Answer(_N("Start", "Enter it myself"), "edit", {"model.preset": None, "model.params": 30e9, "cluster.servers": 8},
           "model.params"),
)  # fmt: skip
FIXED = (
    Answer(_N("Start", "There is a deadline"), "clock", {}, "workload.deadline"),
    Answer(_N("Start", "There is a budget"), "money", {}, "tab:advisor"),
    Answer(_N("Start", "The servers are chosen"), "cluster", {}, "cluster.server"),
    Answer(_N("Start", "The hall is chosen"), "facility", {}, "facility.cooling"),
    Answer(_N("Start", "Nothing yet"), "unknown", {}),
)
QUESTIONS = (
    (_N("Start", "What will be trained?"), WHAT, 1),
    (_N("Start", "How large is the model?"), SIZE, 1),
    (_N("Start", "Is anything fixed already?"), FIXED, 2),
)


class AnswerButton(Pressable):
    """One answer; exactly one of a question is chosen."""

    def __init__(self, answer: Answer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.answer = answer
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self._narrow = False
        self.toggled.connect(self._stop_here)
        self._stop_here(False)

    def _stop_here(self, on: bool) -> None:
        """Tab stops at the answer chosen; arrow keys choose another."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if on else Qt.FocusPolicy.ClickFocus)

    def set_narrow(self, on: bool) -> None:
        """Smaller in a narrow window, so that the answers stand in one line."""
        self._narrow = on
        self.updateGeometry()

    def _measures(self) -> tuple[int, int, int]:
        """Type, room at either side, height."""
        return (14, 10, 38) if self._narrow else (15, 16, 44)

    def sizeHint(self) -> QSize:
        """44 px high, 38 in a narrow window."""
        px, side, high = self._measures()
        return QSize(round(width_of(self.text(), px, 600)) + theme().px(side + 18 + 8 + side), theme().px(high))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the answer."""
        look = theme()
        painter = QPainter(self)
        on = self.isChecked()
        fill = look.color("accent_tint" if on else "hover" if self.underMouse() else "card")
        rect = QRectF(self.rect())
        box(painter, rect, look.px(6), fill, look.color("accent" if on else "line_strong"), 2 if on else 1)
        side = look.px(17)
        px, edge, _ = self._measures()
        icon = QRectF(look.px(edge), rect.center().y() - side / 2, side, side)
        paint_icon(painter, icon, self.answer.icon, look.color("accent" if on else "text_2"))
        words = rect.adjusted(look.px(edge + 18 + 7), 0, 0, 0)
        text(painter, words, self.text(), px, look.color("text"), 600 if on else 400)


class Question(QWidget):
    """Number, question, answers."""

    def __init__(self, number: int, source: str, answers: tuple[Answer, ...], chosen: int) -> None:
        super().__init__()
        self._number, self._source = number, source
        self.answers = [AnswerButton(answer, self) for answer in answers]
        self.answers[chosen].setChecked(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme().px(40), theme().px(38), 0, theme().px(18))
        flow = FlowLayout(8)
        for button in self.answers:
            flow.addWidget(button)
        column.addLayout(flow)
        self.retranslate()

    def set_narrow(self, on: bool) -> None:
        """Closer in a narrow window."""
        for button in self.answers:
            button.set_narrow(on)
        top, bottom = (34, 12) if on else (38, 18)
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(theme().px(40), theme().px(top), 0, theme().px(bottom))

    def chosen(self) -> Answer:
        """The answer given."""
        return next(button.answer for button in self.answers if button.isChecked())

    def retranslate(self) -> None:
        """Set every text again."""
        question = translate("Start", self._source)
        self.setAccessibleName(question)
        for button in self.answers:
            button.setText(translate("Start", button.answer.label))
            button.setAccessibleName(f"{question} {button.text()}")
            button.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw number, question and the line below."""
        look = theme()
        painter = QPainter(self)
        side = look.px(26)
        disc = QRectF(0, 0, side, side)
        box(painter, disc, side / 2, look.color("accent_tint"))
        text(painter, disc, str(self._number), 13, look.color("accent"), 600, Qt.AlignmentFlag.AlignHCenter)
        title = QRectF(look.px(40), 0, self.width(), side)
        text(painter, title, translate("Start", self._source), 16, look.color("text"), 600)
        if self._number < len(QUESTIONS):
            painter.fillRect(0, self.height() - 1, self.width(), 1, look.color("line"))
