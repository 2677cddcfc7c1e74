"""The samples of the start page."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mitsumori.gui.inputs.choices import word
from mitsumori.gui.inputs.summary import model_name, serving_line
from mitsumori.gui.theme.style import RING_RADIUS
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.buttons import Pressable
from mitsumori.gui.widgets.paint import box, text_at, width_of
from mitsumori.gui.words.results import gpus
from mitsumori.gui.words.serving import served_results
from mitsumori.gui.words.totals import total_parts
from mitsumori.gui.words.translation import language, marked
from mitsumori.model.base.format import UNDEFINED, Parts, count, duration_parts, whole
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, load_sample
from mitsumori.model.plan.resolve import accelerator_key

translate = QCoreApplication.translate

_TITLES = {
    "hall-30kva": marked("Samples", "Hall of 30 kVA with rear doors"),
    "llama3-8b-lora": marked("Samples", "Own terms, LoRA of an 8B"),
    "serve-batch-night": marked("Samples", "Nightly batch"),
    "serve-chat-500": marked("Samples", "In-house chat for 500"),
    "serve-coding-200": marked("Samples", "Coding assistant for 200"),
    "serve-moe-nvl72": marked("Samples", "MoE of DeepSeek's class on NVL72"),
    "serve-rag-3000": marked("Samples", "RAG for 3,000"),
}
"""Names of samples that are words; the others are names of models."""


def sample_title(name: str) -> str:
    """A sample's name in the language of the window."""
    return translate("Samples", _TITLES[name]) if name in _TITLES else load_sample(name).plan.name


def sample_project(name: str) -> Project:
    """A sample as it opens: its first plan is named in the language of the window."""
    project = load_sample(name)
    first = project.plans[0].with_values({"name": sample_title(name)})
    return project.model_copy(update={"plans": (first, *project.plans[1:])})


class SampleCard(Pressable):
    """A sample with its three results."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.plan: Plan | None = None
        self.catalogue = Catalogue.shipped()
        self.estimate: Estimate | None = None
        self._narrow = self._low = False
        self.setProperty(RING_RADIUS, 8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_narrow(self, on: bool, low: bool = False) -> None:
        """Lower in a narrow window, so that all results stand above its edge; flat in one that is low, too."""
        self._narrow, self._low = on, low
        self.updateGeometry()
        self.update()

    def show_plan(self, plan: Plan, catalogue: Catalogue) -> None:
        """Name and cluster, by the records of the sample."""
        self.plan, self.catalogue = plan, catalogue
        self.retranslate()

    def show_estimate(self, estimate: Estimate) -> None:
        """Days, racks, cost."""
        self.estimate = estimate
        self.retranslate()

    def sizeHint(self) -> QSize:
        """232 px high, 202 in a narrow window, 98 in a low one."""
        return QSize(theme().px(200), theme().px(98 if self._low else 202 if self._narrow else 232))

    def minimumSizeHint(self) -> QSize:
        """Five beside each other at 1280."""
        return QSize(theme().px(150), self.sizeHint().height())

    def _results(self) -> list[tuple[str, Parts | None]]:
        e, plan = self.estimate, self.plan
        if plan is not None and plan.serving.enabled:
            return served_results(e)
        days = racks = cost = None
        if e is not None and plan is not None:
            if e.training.days.value is not None:
                days = duration_parts(e.training.days.value * 86400, language())
            if e.facility.server_racks is not None:
                total = e.facility.server_racks + (e.facility.support_racks.value or 0)
                racks = Parts("", whole(total), self.tr("rack(s)", "", round(total)))
            cost = total_parts(e.cost, "onprem")
        return [(self.tr("Training"), days), (self.tr("Racks"), racks), (self.tr("Total cost"), cost)]

    def _lines(self) -> tuple[str, str]:
        if self.plan is None:
            return "", ""
        key = accelerator_key(self.plan, self.catalogue)
        chips = self.plan.cluster.server
        if key:
            chips = f"{key.split('-')[0]} × {whole(gpus(self.plan, self.catalogue))}"
        if self.plan.serving.enabled:
            return chips, serving_line(self.plan)
        return chips, self.tr("{count} tokens").format(count=count(self.plan.workload.tokens, kanji=language() == "ja"))

    def _title(self) -> str:
        return "" if self.plan is None else f"{self._heading()}, {self._use()}"

    def _heading(self) -> str:
        """The name a customer would give it; of a published run the model."""
        if self.plan is None:
            return ""
        return sample_title(self.name) if self.name in _TITLES else model_name(self.plan, self.catalogue)

    def _use(self) -> str:
        """What the sample is about: its stage of training, or what it serves; with the model where the name is another."""
        if self.plan is None:
            return ""
        use = word(self.plan.serving.profile if self.plan.serving.enabled else self.plan.workload.stage)
        return f"{model_name(self.plan, self.catalogue)} · {use}" if self.name in _TITLES else use

    def retranslate(self) -> None:
        """Say everything again."""
        said = [f"{name}: {parts.text}" for name, parts in self._results() if parts]
        self.setAccessibleName(f"{self._title()}, {', '.join(self._lines())}. {', '.join(said)}")
        self.setToolTip(self._title())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card."""
        look = theme()
        painter = QPainter(self)
        fill = look.color("hover" if self.underMouse() else "card")
        box(painter, QRectF(self.rect()), look.px(8), fill, look.color("line"))
        left, right = float(look.px(16)), float(self.width() - look.px(16))
        if self.plan is None:
            return
        if self._low:
            self._paint_flat(painter, left, right)
            return
        step, first, pitch = (18, 98, 33) if self._narrow else (20, 106, 38)
        title = look.metrics(15, 600).elidedText(self._heading(), Qt.TextElideMode.ElideRight, right - left)
        text_at(painter, left, look.px(29), title, 15, look.color("text"), 600)
        for row, words in enumerate((self._use(), *self._lines())):
            line = look.metrics(13).elidedText(words, Qt.TextElideMode.ElideRight, right - left)
            text_at(painter, left, look.px(51 + step * row), line, 13, look.color("text_2"))
        for index, (name, parts) in enumerate(self._results()):
            top = look.px(first) + index * look.px(pitch)
            painter.fillRect(QRectF(left, top, right - left, 1), look.color("line"))
            baseline = top + look.px(pitch - 11)
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

    def _paint_flat(self, painter: QPainter, left: float, right: float) -> None:
        """Name, one line, and the results beside each other; the middle one goes where three have no room."""
        look, room = theme(), right - left
        title, px = self._heading(), 15 if width_of(self._heading(), 15, 600) <= room else 13
        title = look.metrics(px, 600).elidedText(title, Qt.TextElideMode.ElideRight, int(room))
        text_at(painter, left, look.px(24), title, px, look.color("text"), 600)
        chips = self._lines()[0]
        lines = f"{self._use()} · {chips}", self._use(), self._use().rpartition(" · ")[2]
        line = next((words for words in lines if width_of(words, 13) <= room), lines[-1])
        line = look.metrics(13).elidedText(line, Qt.TextElideMode.ElideRight, int(room))
        text_at(painter, left, look.px(43), line, 13, look.color("text_2"))
        results = [(name, UNDEFINED if parts is None else parts.text) for name, parts in self._results()]
        wide = [max(width_of(name, 12), width_of(value, 14, 600)) for name, value in results]
        if sum(wide) + 2 * look.px(6) > room and len(results) > 2:
            del results[1], wide[1]
        gap = (room - sum(wide)) / max(1, len(wide) - 1)
        x = left
        for (name, value), width in zip(results, wide, strict=True):
            text_at(painter, x, look.px(66), name, 12, look.color("text_3"))
            text_at(painter, x, look.px(86), value, 14, look.color("text"), 600)
            x += width + gap
