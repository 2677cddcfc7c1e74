"""The start page: three questions, the samples with their results, recent files, a place to drop a file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gui.i18n import language
from gui.icons import paint_icon
from gui.inputs.choices import word
from gui.inputs.summary import model_name
from gui.project_files import ProjectFiles
from gui.theme import theme, theme_signals
from gui.widgets.controls import Button
from gui.widgets.flow import FlowLayout
from gui.widgets.paint import box, text, text_at, width_of
from model import catalog
from model.format import UNDEFINED, Parts, count, duration_parts, money_parts, whole
from model.plan import Plan
from model.project import Project, load_project, load_sample, sample_names
from model.refusal import Refusal
from model.results import Estimate

_N = QT_TRANSLATE_NOOP

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


class AnswerButton(QAbstractButton):
    """One answer; exactly one of a question is chosen."""

    def __init__(self, answer: Answer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.answer = answer
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """44 px high."""
        return QSize(round(width_of(self.text(), 15, 600)) + theme().px(16 + 18 + 8 + 16), theme().px(44))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the answer."""
        look = theme()
        painter = QPainter(self)
        on = self.isChecked()
        fill = look.color("accent_tint" if on else "hover" if self.underMouse() else "card")
        rect = QRectF(self.rect())
        box(painter, rect, look.px(6), fill, look.color("accent" if on else "line_strong"), 2 if on else 1)
        side = look.px(17)
        icon = QRectF(look.px(16), rect.center().y() - side / 2, side, side)
        paint_icon(painter, icon, self.answer.icon, look.color("accent" if on else "text_2"))
        words = rect.adjusted(look.px(16 + 18 + 7), 0, 0, 0)
        text(painter, words, self.text(), 15, look.color("text"), 600 if on else 400)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses as well as Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)


class _Question(QWidget):
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

    def chosen(self) -> Answer:
        return next(button.answer for button in self.answers if button.isChecked())

    def retranslate(self) -> None:
        question = translate("Start", self._source)
        self.setAccessibleName(question)
        for button in self.answers:
            button.setText(translate("Start", button.answer.label))
            button.setAccessibleName(f"{question} {button.text()}")
            button.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
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


class _Card(QFrame):
    """A plain card."""

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        box(QPainter(self), QRectF(self.rect()), look.px(8), look.color("card"), look.color("line"))


class SampleCard(QAbstractButton):
    """A sample with its three results."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.plan: Plan | None = None
        self.estimate: Estimate | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setProperty("ringRadius", 8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_plan(self, plan: Plan) -> None:
        """Name and cluster."""
        self.plan = plan
        self.retranslate()

    def show_estimate(self, estimate: Estimate) -> None:
        """Days, racks, cost."""
        self.estimate = estimate
        self.retranslate()

    def sizeHint(self) -> QSize:
        """232 px high."""
        return QSize(theme().px(200), theme().px(232))

    def minimumSizeHint(self) -> QSize:
        """Five beside each other at 1280."""
        return QSize(theme().px(150), theme().px(232))

    def _results(self) -> list[tuple[str, Parts | None]]:
        e, plan = self.estimate, self.plan
        days = racks = cost = None
        if e is not None and plan is not None:
            if e.training.days.value is not None:
                days = duration_parts(e.training.days.value * 86400, language())
            if e.facility.racks.value is not None:
                total = e.facility.racks.value + (e.facility.support_racks.value or 0)
                racks = Parts("", whole(total), self.tr("racks"))
            known = e.cost.onprem.total.value
            if known is not None:
                cost = money_parts(known, e.cost.currency, language())
        return [(self.tr("Training"), days), (self.tr("Racks"), racks), (self.tr("Total cost"), cost)]

    def _lines(self) -> tuple[str, str]:
        if self.plan is None:
            return "", ""
        record = catalog.servers().get(self.plan.cluster.server)
        gpus = self.plan.cluster.server
        if record is not None:
            gpus = f"{record.accelerator.split('-')[0]} × {whole(record.accelerators * self.plan.cluster.servers)}"
        return gpus, self.tr("{count} tokens").format(count=count(self.plan.workload.tokens, kanji=language() == "ja"))

    def _title(self) -> str:
        return "" if self.plan is None else f"{model_name(self.plan)} {word(self.plan.workload.stage)}"

    def retranslate(self) -> None:
        """Say everything again."""
        said = [f"{name}: {parts.text}" for name, parts in self._results() if parts]
        self.setAccessibleName(f"{self._title()}, {', '.join(self._lines())}. {', '.join(said)}")
        self.setToolTip(self._title())
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens as well as Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card."""
        look = theme()
        painter = QPainter(self)
        fill = look.color("hover" if self.underMouse() else "card")
        box(painter, QRectF(self.rect()), look.px(8), fill, look.color("line"))
        left, right = float(look.px(16)), float(self.width() - look.px(16))
        if self.plan is None:
            return
        title = look.metrics(15, 600).elidedText(model_name(self.plan), Qt.TextElideMode.ElideRight, right - left)
        text_at(painter, left, look.px(29), title, 15, look.color("text"), 600)
        for row, words in enumerate((word(self.plan.workload.stage), *self._lines())):
            line = look.metrics(13).elidedText(words, Qt.TextElideMode.ElideRight, right - left)
            text_at(painter, left, look.px(51 + 20 * row), line, 13, look.color("text_2"))
        for index, (name, parts) in enumerate(self._results()):
            top = look.px(106) + index * look.px(38)
            painter.fillRect(QRectF(left, top, right - left, 1), look.color("line"))
            baseline = top + look.px(27)
            text_at(painter, left, baseline, name, 13, look.color("text_2"))
            if parts is None:
                text_at(painter, right - width_of(UNDEFINED, 18), baseline, UNDEFINED, 18, look.color("text_3"))
                continue
            if parts.prefix:
                wide = width_of(parts.text, 18, 600)
                text_at(painter, right - wide, baseline, parts.text, 18, look.color("text"), 600)
                continue
            unit = width_of(parts.unit, 13)
            column = max(look.px(34), unit)
            number = width_of(parts.number, 18, 600)
            text_at(painter, right - column - look.px(6) - number, baseline, parts.number, 18, look.color("text"), 600)
            text_at(painter, right - column, baseline, parts.unit, 13, look.color("text_2"))


class RecentRow(QAbstractButton):
    """A recent file."""

    def __init__(self, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path = path
        self._under = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def describe(self) -> None:
        """Read what the file holds (a line); a file that cannot be read says so."""
        try:
            project = load_project(self.path)
        except Refusal:
            self._under = self.tr("cannot be read")
        else:
            scenarios = len(project.plans)
            self._under = (
                self.tr("%n scenario(s)", "", scenarios) if scenarios > 1 else word(project.plan.workload.stage)
            )
        self.setAccessibleName(f"{self.path.stem}, {self._under}, {self._when()}")
        self.setToolTip(str(self.path))
        self.update()

    def _when(self) -> str:
        then = dt.datetime.fromtimestamp(self.path.stat().st_mtime)
        days = (dt.date.today() - then.date()).days
        if days == 0:
            return self.tr("today {time}").format(time=f"{then:%H:%M}")
        if days == 1:
            return self.tr("yesterday {time}").format(time=f"{then:%H:%M}")
        return f"{then:%Y-%m-%d}"

    def sizeHint(self) -> QSize:
        """52 px high."""
        return QSize(theme().px(300), theme().px(52))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens as well as Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the row."""
        look = theme()
        painter = QPainter(self)
        if self.underMouse():
            painter.fillRect(self.rect(), look.color("hover"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, look.color("line"))
        side = look.px(18)
        paint_icon(painter, QRectF(0, self.height() / 2 - side / 2, side, side), "document", look.color("text_2"))
        when = self._when() if self.path.exists() else ""
        wide = width_of(when, 13)
        text_at(painter, self.width() - wide, self.height() / 2 + look.px(5), when, 13, look.color("text_2"))
        room = self.width() - wide - look.px(33 + 12)
        name = look.metrics(14, 600).elidedText(self.path.stem, Qt.TextElideMode.ElideRight, room)
        text_at(painter, look.px(33), self.height() / 2 - look.px(4), name, 14, look.color("text"), 600)
        text_at(painter, look.px(33), self.height() / 2 + look.px(16), self._under, 13, look.color("text_2"))


class DropTarget(QWidget):
    """Says that a file may be dropped here (it may be dropped anywhere)."""

    dropped = Signal(object)

    def __init__(self, files: ProjectFiles) -> None:
        super().__init__()
        self._files, self._over = files, False
        self.setAcceptDrops(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme().px(56))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A file we can open is over us."""
        if self._files.droppable(event.mimeData()) is not None:
            self._over = True
            event.acceptProposedAction()
            self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """It left."""
        self._over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """It was dropped."""
        self._over = False
        path = self._files.droppable(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.dropped.emit(path)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the dashed frame."""
        look = theme()
        painter = QPainter(self)
        fill = look.color("accent_tint") if self._over else None
        line = look.color("accent" if self._over else "line_strong")
        box(painter, QRectF(self.rect()), look.px(6), fill, line, 1, dashed=True)
        label = self.tr("Drop an estimate or a workbook here to open it")
        painter.setFont(look.font(13))
        painter.setPen(look.color("text_2"))
        inner = QRectF(self.rect()).adjusted(look.px(12), 0, -look.px(12), 0)
        painter.drawText(inner, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, label)


class StartPage(QWidget):
    """Begin: by questions, from a sample, or with a file."""

    plan_made = Signal(object, str)
    open_wanted = Signal()
    path_wanted = Signal(object)

    def __init__(self, files: ProjectFiles) -> None:
        super().__init__()
        self._files = files
        self.title, self.subtitle, self.sample_title, self.recent_title = QLabel(), QLabel(), QLabel(), QLabel()
        self.note = QLabel()
        self.begin = Button(kind="primary")
        self.begin.set_trailing("chevron-right")
        self.begin.clicked.connect(self._begin)
        self.open = Button(icon="open")
        self.open.clicked.connect(self.open_wanted)
        self.questions = [
            _Question(number + 1, source, answers, chosen) for number, (source, answers, chosen) in enumerate(QUESTIONS)
        ]
        self.samples = [SampleCard(name) for name in sample_names()]
        self.recent: list[RecentRow] = []
        self.drop = DropTarget(files)
        self.drop.dropped.connect(self.path_wanted)
        self._queue: list[SampleCard] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._estimate_next)
        self._build()
        theme_signals().changed.connect(self.retheme)
        self.retheme()
        self.retranslate()

    def _build(self) -> None:
        look = theme()
        card = _Card()
        inner = QVBoxLayout(card)
        inner.setContentsMargins(look.px(24), look.px(25), look.px(24), look.px(22))
        inner.setSpacing(look.px(18))
        for question in self.questions:
            inner.addWidget(question)
        last = QHBoxLayout()
        last.addWidget(self.note, 1)
        last.addWidget(self.begin)
        inner.addLayout(last)
        grid = QHBoxLayout()
        grid.setSpacing(look.px(12))
        for sample in self.samples:
            grid.addWidget(sample, 1)
            sample.clicked.connect(lambda checked=False, name=sample.name: self.plan_made.emit(load_sample(name), ""))
        sheet = QWidget()
        sheet.setAutoFillBackground(False)
        column = QVBoxLayout(sheet)
        column.setContentsMargins(look.px(56), look.px(34), look.px(44), look.px(24))
        column.setSpacing(0)
        column.addWidget(self.title)
        column.addWidget(self.subtitle)
        column.addSpacing(look.px(20))
        column.addWidget(card)
        column.addSpacing(look.px(24))
        column.addWidget(self.sample_title)
        column.addSpacing(look.px(12))
        column.addLayout(grid)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.viewport().setAutoFillBackground(False)
        scroll.setWidget(sheet)
        side = _Side()
        right = QVBoxLayout(side)
        right.setContentsMargins(look.px(28), look.px(34), look.px(28), look.px(24))
        right.setSpacing(0)
        right.addWidget(self.recent_title)
        right.addSpacing(look.px(10))
        self._recent_column = QVBoxLayout()
        self._recent_column.setSpacing(0)
        right.addLayout(self._recent_column)
        right.addSpacing(look.px(18))
        right.addWidget(self.open, 0, Qt.AlignmentFlag.AlignLeft)
        right.addSpacing(look.px(28))
        right.addWidget(self.drop)
        right.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(scroll, 1)
        row.addWidget(side)

    def refresh(self) -> None:
        """Show the recent files of now, and fill the samples one after the other without holding up the window."""
        for row in self.recent:
            self._recent_column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.recent = [RecentRow(path) for path in self._files.recent()[:6]]
        for row in self.recent:
            row.describe()
            row.clicked.connect(lambda checked=False, path=row.path: self.path_wanted.emit(path))
            self._recent_column.addWidget(row)
        self._queue = [sample for sample in self.samples if sample.estimate is None]
        for sample in self._queue:
            if sample.plan is None:
                sample.show_plan(load_sample(sample.name).plan)
        self._timer.start()

    def _estimate_next(self) -> None:
        if not self._queue or not self.isVisible():
            if self._queue:
                self._timer.start(50)
            return
        from gui.store import estimate_plan

        sample = self._queue.pop(0)
        if sample.plan is not None:
            sample.show_estimate(estimate_plan(sample.plan))
        self._timer.start(0)

    def _begin(self) -> None:
        values: dict[str, Any] = {"language": language()}
        then = ""
        for question in self.questions:
            answer = question.chosen()
            values |= answer.values
            then = answer.then or then
        plan = Plan().with_values(values | {"name": self.tr("New estimate")})
        self.plan_made.emit(Project(plans=(plan,)), then)

    def retranslate(self) -> None:
        """Set every text again."""
        self.title.setText(self.tr("What training shall we estimate?"))
        self.subtitle.setText(self.tr("Three answers, and memory, days, racks and cost are there at once."))
        self.note.setText(self.tr("The rest starts at standard values; change them one by one."))
        self.begin.setText(self.tr("Start the estimate"))
        self.begin.setAccessibleName(self.begin.text())
        self.open.setText(self.tr("Open a file"))
        self.open.setAccessibleName(self.open.text())
        self.sample_title.setText(self.tr("Start from a sample"))
        self.recent_title.setText(self.tr("Recent estimates"))
        for question in self.questions:
            question.retranslate()
        for sample in self.samples:
            sample.retranslate()
        for row in self.recent:
            row.describe()
        self.begin.updateGeometry()
        self.open.updateGeometry()

    def retheme(self) -> None:
        """Take fonts and colours again."""
        look = theme()
        for label, px, weight, token in (
            (self.title, 30, 600, "text"),
            (self.subtitle, 15, 400, "text_2"),
            (self.note, 14, 400, "text_2"),
            (self.sample_title, 16, 600, "text"),
            (self.recent_title, 16, 600, "text"),
        ):
            label.setFont(look.font(px, weight))
            palette = label.palette()
            palette.setColor(label.foregroundRole(), look.color(token))
            label.setPalette(palette)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The surface."""
        QPainter(self).fillRect(self.rect(), theme().color("window"))

    def showEvent(self, event: object) -> None:
        """Fonts set before a widget is polished may be replaced by the application's: set them again."""
        self.retheme()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the controls changes nothing."""
        event.accept()


class _Side(QWidget):
    """The right part with its line."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(theme().px(430))

    def resizeEvent(self, event: object) -> None:
        window = self.window()
        self.setFixedWidth(330 if window is not None and window.width() < 1400 else 430)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("card"))
        painter.fillRect(0, 0, 1, self.height(), theme().color("line"))
