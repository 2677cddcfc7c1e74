"""The start page as a whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QSpacerItem,
    QVBoxLayout,
    QWidget,
)

from mitsumori.gui.company import company_defaults
from mitsumori.gui.project_files import ProjectFiles
from mitsumori.gui.services import Services
from mitsumori.gui.start.answers import Answers, answer_words, read_answers, why_words
from mitsumori.gui.start.questions import QUESTIONS, Question
from mitsumori.gui.start.recent import DropTarget, RecentRow, contents_of
from mitsumori.gui.start.samples import SampleCard, sample_project, sample_title
from mitsumori.gui.start.strip import AnswerStrip
from mitsumori.gui.templates import templates
from mitsumori.gui.theme.tokens import NARROW, theme, theme_signals
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.flow import FlowLayout
from mitsumori.gui.widgets.paint import box
from mitsumori.gui.widgets.surface import Surface
from mitsumori.gui.words.results import missing_name
from mitsumori.gui.words.translation import Translated, language
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, load_sample, sample_names

if TYPE_CHECKING:
    from pathlib import Path

    from mitsumori.model.study.goal import GoalResult

CARDS = ("llama3-8b-lora", "llama3-70b-continual", "serve-chat-500", "hall-30kva")
"""Samples that a customer would name stand as cards with their results; the others below by name."""

LOW = 720
"""Height of the page under which the sample cards are flat: their results stay above the fold of a window of 720."""


class StartPage(Translated, Surface):
    """Begin: by questions, from a sample, or with a file."""

    plan_made = Signal(object, str)
    open_wanted = Signal()
    path_wanted = Signal(object)

    def __init__(self, files: ProjectFiles, services: Services | None = None) -> None:
        super().__init__()
        self._files, self.services = files, services
        self._narrow = self._low = False
        self.title, self.subtitle, self.sample_title, self.recent_title = QLabel(), QLabel(), QLabel(), QLabel()
        self.none = QLabel()
        self.template_title, self.company_title, self.company = QLabel(), QLabel(), QLabel()
        self.company.setWordWrap(True)
        self.template_buttons: list[Button] = []
        self.begin = Button(kind="primary")
        self.begin.set_trailing("chevron-right")
        self.begin.clicked.connect(self._begin)
        self.open = Button(icon="open")
        self.open.clicked.connect(self.open_wanted)
        self.questions = [
            Question(number + 1, source, answers, chosen, several)
            for number, (source, answers, chosen, several) in enumerate(QUESTIONS)
        ]
        self.strip = AnswerStrip(self.begin)
        self._answers: Answers | None = None
        self._found: Plan | None = None
        self._rested = QTimer(self)
        self._rested.setSingleShot(True)
        self._rested.setInterval(250)
        self._rested.timeout.connect(self._answer)
        for question in self.questions:
            question.changed.connect(self._rested.start)
        self.samples = [SampleCard(name) for name in CARDS]
        self.others = [Button(kind="link") for name in sample_names() if name not in CARDS]
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
        whole = QVBoxLayout(card)
        whole.setContentsMargins(1, 1, 1, 1)
        whole.setSpacing(0)
        inner = self._inner = QVBoxLayout()
        for question in self.questions:
            inner.addWidget(question)
        whole.addLayout(inner)
        whole.addWidget(self.strip)
        grid = QHBoxLayout()
        grid.setSpacing(look.px(12))
        for sample in self.samples:
            grid.addWidget(sample, 1)
            sample.clicked.connect(
                lambda checked=False, name=sample.name: self.plan_made.emit(sample_project(name), "")
            )
        sheet = QWidget()
        sheet.setAutoFillBackground(False)
        column = self._column = QVBoxLayout(sheet)
        column.setSpacing(0)
        column.addWidget(self.title)
        column.addWidget(self.subtitle)
        self._gaps = [QSpacerItem(0, 0) for _ in range(3)]
        column.addSpacerItem(self._gaps[0])
        column.addWidget(card)
        column.addSpacerItem(self._gaps[1])
        column.addWidget(self.sample_title)
        column.addSpacerItem(self._gaps[2])
        column.addLayout(grid)
        column.addSpacing(look.px(8))
        more = FlowLayout(8)
        names = [name for name in sample_names() if name not in CARDS]
        for name, button in zip(names, self.others, strict=True):
            button.clicked.connect(lambda checked=False, name=name: self.plan_made.emit(sample_project(name), ""))
            more.addWidget(button)
        column.addLayout(more)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.viewport().setAutoFillBackground(False)
        scroll.setWidget(sheet)
        side = _Side()
        right = self._right = QVBoxLayout(side)
        right.setSpacing(0)
        right.addWidget(self.recent_title)
        right.addSpacing(look.px(10))
        self._recent_column = QVBoxLayout()
        self._recent_column.setSpacing(0)
        right.addWidget(self.none)
        right.addLayout(self._recent_column)
        right.addSpacing(look.px(18))
        right.addWidget(self.open, 0, Qt.AlignmentFlag.AlignLeft)
        right.addSpacing(look.px(28))
        right.addWidget(self.drop)
        right.addSpacing(look.px(22))
        right.addWidget(self.template_title)
        self._templates = QVBoxLayout()
        right.addLayout(self._templates)
        right.addSpacing(look.px(14))
        right.addWidget(self.company_title)
        right.addWidget(self.company)
        right.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(scroll, 1)
        row.addWidget(side)

        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Closer in a narrow window, and flat cards in a low one."""
        super().resizeEvent(event)
        if (self.width() < NARROW) != self._narrow or (self.height() < theme().px(LOW)) != self._low:
            self._arrange()

    def _arrange(self) -> None:
        """Margins and sizes of a wide window, or of a narrow one, where answers keep one line and samples are seen."""
        look, on = theme(), self.width() < NARROW
        self._narrow, self._low = on, self.height() < look.px(LOW)

        def margins(layout: QVBoxLayout, *widths: int) -> None:
            left, top, right, bottom = (look.px(side) for side in widths)
            layout.setContentsMargins(left, top, right, bottom)

        margins(self._column, *((28, 12, 20, 6) if on else (40, 18, 40, 12)))
        margins(self._inner, *((18, 14, 18, 0) if on else (24, 18, 24, 0)))
        margins(self._right, *((22, 12, 22, 24) if on else (28, 18, 28, 24)))
        self._inner.setSpacing(look.px(8 if on else 12))
        for gap, height in zip(self._gaps, (10, 12, 6) if on else (14, 18, 10), strict=True):
            gap.changeSize(0, look.px(height), QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self._column.invalidate()
        for question in self.questions:
            question.set_narrow(on)
        for sample in self.samples:
            sample.set_narrow(on, self._low)

    def refresh(self) -> None:
        """Show the recent files of now, and fill the samples one after the other without holding up the window."""
        recent = self._files.recent()[:6]
        contents = self._files.saver.answer(
            lambda: [contents_of(path) for path in recent]
        )  # on a drive that may be slow
        for row in self.recent:
            self._recent_column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.recent = [RecentRow(path, found) for path, found in zip(recent, contents, strict=True)]
        for row in self.recent:
            row.describe()
            row.clicked.connect(lambda checked=False, path=row.path: self.path_wanted.emit(path))
            row.duplicated.connect(self._copied)
            self._recent_column.addWidget(row)
        self.none.setVisible(not self.recent)
        self._show_company()
        self._queue = [sample for sample in self.samples if sample.estimate is None]
        for sample in self._queue:
            if sample.plan is None:
                project = load_sample(sample.name)
                sample.show_plan(project.plan, Catalogue.shipped().with_records(project.catalogue))
        self._timer.start()
        self._rested.start()

    def _copied(self, path: Path) -> None:
        """A file as the start of a new quote."""
        from mitsumori.gui.templates import from_file

        try:
            project = self._files.saver.answer(lambda: from_file(path))
        except Refusal as refusal:
            self.company.setText(refusal.text(language()))
            return
        self.plan_made.emit(project, "")

    def _show_company(self) -> None:
        """Templates, and the company's defaults with their dates."""
        for button in self.template_buttons:
            self._templates.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.template_buttons = []
        for path in templates()[:6]:
            button = Button(path.stem, "link", "document")
            button.setAccessibleName(self.tr("Template {name}").format(name=path.stem))
            button.clicked.connect(lambda checked=False, path=path: self._copied(path))
            self._templates.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            self.template_buttons.append(button)
        self.template_title.setVisible(bool(self.template_buttons))
        defaults, refusal = company_defaults()
        lines = [] if refusal is None else [refusal.text(language())]
        for name, item in defaults.values.items():
            day = "" if item.date is None else f" · {item.date.isoformat()}"
            lines.append(f"{missing_name(name)}: {item.value:,.10g} {item.currency}{day}")
        for key, price in defaults.prices.items():
            day = "" if price.date is None else f" · {price.date.isoformat()}"
            lines.append(f"{key.split(':', 1)[1]}: {price.price:,.10g} {price.currency}{day}")
        self.company.setText("\n".join(lines) or self.tr("None kept yet: “Missing items” keeps them."))

    def _estimate_next(self) -> None:
        if not self._queue or not self.isVisible():
            if self._queue:
                self._timer.start(50)
            return
        from mitsumori.gui.estimating import estimate_plan

        sample = self._queue.pop(0)
        if sample.plan is not None:
            sample.show_estimate(estimate_plan(sample.plan))
        self._timer.start(0)

    def _begin(self) -> None:
        self._rested.stop()
        answers = self._read()
        plan = answers.plan
        if self._answers is not None and self._answers.plan == plan and self._found is not None:
            plan = self._found  # the strip's own answer
        # A budget is judged by prices: what is missing of them is asked for at once.
        then = "missing" if answers.budget is not None else answers.then
        self.plan_made.emit(Project(plans=(plan,)), "" if then == "tab:serving" else then)

    def _read(self) -> Answers:
        given: dict[str, str] = {}
        for question in self.questions:
            given |= question.given()
        return read_answers([question.chosen() for question in self.questions], given)

    def _answer(self) -> None:
        """The smallest plan that keeps what was answered, in the strip."""
        answers = self._answers = self._read()
        self._found = None
        if answers.goal and self.services is not None and not answers.refused:
            self.services.goal(answers.plan, answers.goal, lambda result: self._show_answer(answers, result))
        else:
            self._show_answer(answers, None)

    def _show_answer(self, answers: Answers, result: GoalResult | None) -> None:
        if answers is not self._answers:
            return
        from mitsumori.gui.estimating import estimate_plan

        plan = answers.plan
        if result is not None and result.found and result.measured is not None:
            plan = result.measured.plan
        try:
            estimate = estimate_plan(plan)
        except Refusal:
            estimate = None
        self._found = plan
        missed = bool(answers.refused) or (result is not None and not result.found)
        self.strip.set_answer(answer_words(replace(answers, plan=plan), estimate), why_words(answers, result), missed)

    def retranslate(self) -> None:
        """Set every text again."""
        self.title.setText(self.tr("What shall we estimate?"))
        self.subtitle.setText(self.tr("Choose what applies, with its values; the answer below follows."))
        self.begin.setText(self.tr("Start the estimate"))
        self.begin.setAccessibleName(self.begin.text())
        self.begin.setToolTip(self.tr("The rest starts at standard values; change them one by one."))
        self.strip.place()
        self.open.setText(self.tr("Open a file"))
        self.open.setAccessibleName(self.open.text())
        self.sample_title.setText(self.tr("Start from a sample"))
        self.recent_title.setText(self.tr("Recent estimates"))
        self.none.setText(self.tr("None yet"))
        self.template_title.setText(self.tr("Company templates"))
        self.company_title.setText(self.tr("Company defaults"))
        self._show_company()
        others = [name for name in sample_names() if name not in CARDS]
        for name, button in zip(others, self.others, strict=True):
            button.setText(sample_title(name))
            button.setAccessibleName(self.tr("Sample {name}").format(name=button.text()))
        for question in self.questions:
            question.retranslate()
        self._rested.start()
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
            (self.none, 13, 400, "text_2"),
            (self.company, 13, 400, "text_2"),
            (self.template_title, 16, 600, "text"),
            (self.company_title, 16, 600, "text"),
            (self.sample_title, 16, 600, "text"),
            (self.recent_title, 16, 600, "text"),
        ):
            label.setFont(look.font(px, weight))
            palette = label.palette()
            palette.setColor(label.foregroundRole(), look.color(token))
            label.setPalette(palette)
        self.update()

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
        self.setFixedWidth(276 if window is not None and window.width() < NARROW else 430)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("card"))
        painter.fillRect(0, 0, 1, self.height(), theme().color("line"))


class _Card(QFrame):
    """A plain card."""

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        box(QPainter(self), QRectF(self.rect()), look.px(8), look.color("card"), look.color("line"))
