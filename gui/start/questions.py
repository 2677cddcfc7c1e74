"""The three questions of the start page and what their answers mean for a plan."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mitsumori.gui.theme.icons import paint_icon
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.buttons import Pressable
from mitsumori.gui.widgets.fields import FieldEdit
from mitsumori.gui.widgets.flow import FlowLayout
from mitsumori.gui.widgets.paint import box, text, width_of
from mitsumori.gui.words.translation import language, marked

_N = marked

translate = QCoreApplication.translate


@dataclass(frozen=True)
class Answer:
    """One answer to a question: its words, an icon, and the plan values it means."""

    label: str
    icon: str
    values: dict[str, object]
    then: str = ""
    """The input or tab to go to afterwards."""
    shown_ja: str = ""
    shown_en: str = ""
    """What stands in its field at first; empty where an answer has no value."""


WHAT = (
    Answer(_N("Start", "LoRA, QLoRA"), "edit", {"workload.stage": "lora", "workload.tokens": 200e6}),
    Answer(_N("Start", "Serving (chat, RAG)"), "dialogue", {"serving.enabled": True}, "tab:serving"),
    Answer(
        _N("Start", "Continual pre-training"), "workload", {"workload.stage": "continual", "workload.tokens": 100e9}
    ),
    Answer(_N("Start", "Fine-tuning"), "edit", {"workload.stage": "sft", "workload.tokens": 1e9}),
    Answer(_N("Start", "Pre-training"), "workload", {"workload.stage": "pretrain", "workload.tokens": 1e12}),
    Answer(_N("Start", "RLHF, DPO"), "dialogue", {"workload.stage": "dpo", "workload.tokens": 1e9}),
    Answer(_N("Start", "Synthetic data"), "document", {"workload.stage": "datagen", "workload.tokens": 10e9}),
)
SIZE = (
    Answer("8 B", "model", {"model.preset": "llama3-8b", "cluster.servers": 1}),
    Answer("32 B", "model", {"model.preset": "qwen3-32b", "cluster.servers": 4}),
    Answer("70 B", "model", {"model.preset": "llama3-70b", "cluster.servers": 8}),
    Answer("405 B", "model", {"model.preset": "llama3.1-405b", "cluster.servers": 64}),
    Answer(_N("Start", "Mixture of experts"), "model", {"model.preset": "mixtral-8x7b", "cluster.servers": 8}),
    Answer(_N("Start", "Enter it myself"), "edit", {"model.preset": None, "model.params": 30e9, "cluster.servers": 8},
           "model.params"),
)  # fmt: skip
FIXED = (
    Answer(_N("Start", "Deadline"), "clock", {}, "workload.deadline", "30日", _N("Start", "30 days")),
    Answer(_N("Start", "Budget"), "money", {}, "tab:advisor", "8億円", _N("Start", "800M yen")),
    Answer(_N("Start", "Hall, kVA a rack"), "facility", {}, "facility.rack_kva", "30", "30"),
    Answer(_N("Start", "Servers"), "cluster", {}, "cluster.servers", "8", "8"),
    Answer(_N("Start", "Nothing yet"), "unknown", {}),
)
QUESTIONS = (
    (_N("Start", "What shall it do?"), WHAT, 2, False),
    (_N("Start", "How large is the model?"), SIZE, 2, False),
    (_N("Start", "Is anything fixed already? As many as you like, with their values."), FIXED, 4, True),
)


_STANDARDS = frozenset(
    {"", *(answer.shown_ja for answer in FIXED), *(answer.shown_en for answer in FIXED), "30 days", "800M yen"}
)
"""Values that nobody typed: they follow the language."""


class AnswerButton(Pressable):
    """One answer. Of a question exactly one is chosen, or several, whose values are typed within."""

    def __init__(self, answer: Answer, several: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.answer = answer
        self.setCheckable(True)
        self.setAutoExclusive(not several)
        self.edit: FieldEdit | None = None
        if several and answer.shown_ja:
            self.edit = FieldEdit(self)
            self.edit.setFixedWidth(theme().px(86))
            self.edit.setText(answer.shown_ja)
            self.edit.hide()
            self.toggled.connect(self._grow)
        self._narrow = False
        self.toggled.connect(self._stop_here)
        self._stop_here(False)

    def _grow(self, on: bool) -> None:
        """A chosen answer has its field inside, with the caret in it."""
        assert self.edit is not None
        self.edit.setVisible(on)
        self.updateGeometry()
        self._place()
        if on and self.isVisible():
            self.edit.setFocus()
            self.edit.selectAll()

    def _place(self) -> None:
        if self.edit is not None:
            px, edge, high = self._measures()
            x = round(width_of(self.text(), px, 600)) + theme().px(edge + 18 + 7 + 10)
            self.edit.move(x, (theme().px(high) - self.edit.height()) // 2)

    def resizeEvent(self, event: object) -> None:
        """Keep the field behind the words."""
        self._place()

    def _stop_here(self, on: bool) -> None:
        """Tab stops at the answer chosen; arrow keys choose another. Of several each is a stop."""
        stops = on or not self.autoExclusive()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if stops else Qt.FocusPolicy.ClickFocus)

    def set_narrow(self, on: bool) -> None:
        """Smaller in a narrow window, so that the answers stand in one line."""
        self._narrow = on
        self.updateGeometry()

    def _measures(self) -> tuple[int, int, int]:
        """Type, room at either side, height."""
        return (14, 10, 36) if self._narrow else (15, 16, 40)

    def sizeHint(self) -> QSize:
        """40 px high, 36 in a narrow window."""
        px, side, high = self._measures()
        field = theme().px(86 + 10) if self.edit is not None and self.isChecked() else 0
        return QSize(round(width_of(self.text(), px, 600)) + theme().px(side + 18 + 8 + side) + field, theme().px(high))

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
    """Number, question, answers; the last answer of several means none of the others."""

    changed = Signal()

    def __init__(
        self, number: int, source: str, answers: tuple[Answer, ...], chosen: int, several: bool = False
    ) -> None:
        super().__init__()
        self._number, self._source, self.several = number, source, several
        self.answers = [AnswerButton(answer, several, self) for answer in answers]
        self.answers[chosen].setChecked(True)
        for button in self.answers:
            button.toggled.connect(lambda on, one=button: self._toggled(one, on))
            if button.edit is not None:
                button.edit.textEdited.connect(lambda text: self.changed.emit())
        column = QVBoxLayout(self)
        column.setContentsMargins(theme().px(40), theme().px(32), 0, theme().px(14))
        flow = FlowLayout(8)
        for button in self.answers:
            flow.addWidget(button)
        column.addLayout(flow)
        self.retranslate()

    def set_narrow(self, on: bool) -> None:
        """Closer in a narrow window."""
        for button in self.answers:
            button.set_narrow(on)
        top, bottom = (30, 10) if on else (32, 14)
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(theme().px(40), theme().px(top), 0, theme().px(bottom))

    def _toggled(self, button: AnswerButton, on: bool) -> None:
        if self.several:
            none = self.answers[-1]
            others = [one for one in self.answers[:-1] if one.isChecked()]
            if on and button is none:
                for one in others:
                    one.setChecked(False)
            elif on:
                none.setChecked(False)
            elif not others and not none.isChecked():
                none.setChecked(True)
        if on or self.several:
            self.changed.emit()

    def chosen(self) -> Answer:
        """The answer given; the first of several."""
        return next(button.answer for button in self.answers if button.isChecked())

    def given(self) -> dict[str, str]:
        """What was typed into the answers chosen, by where they lead."""
        return {
            button.answer.then: button.edit.text().strip()
            for button in self.answers
            if button.isChecked() and button.edit is not None
        }

    def retranslate(self) -> None:
        """Set every text again."""
        question = translate("Start", self._source)
        self.setAccessibleName(question)
        for button in self.answers:
            if button.edit is not None and button.edit.text() in _STANDARDS:
                answer = button.answer
                button.edit.setText(answer.shown_ja if language() == "ja" else translate("Start", answer.shown_en))
            button.setText(translate("Start", button.answer.label))
            if button.edit is not None:
                button.edit.setAccessibleName(button.text())
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
