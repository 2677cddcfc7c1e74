"""The footer: how many problems or suggestions there are, and what the figures rest on."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from mitsumori import resources
from mitsumori.gui.theme.icons import paint_icon
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.paint import text_at, width_of
from mitsumori.gui.words.translation import Translated
from mitsumori.model.base.format import percent, whole
from mitsumori.model.plan.plan import Plan

if TYPE_CHECKING:
    from mitsumori.model.estimate.results import Estimate


@cache
def catalogue_date() -> str:
    """The newest date of the catalogue's sources, as printed in the catalogue."""
    import re

    found = re.findall(r"20\d\d-\d\d-\d\d", resources.read_text("catalog", "sources.toml"))
    return max(found, default="")


@cache
def calibration() -> tuple[int, float] | None:
    """Measured runs that the constants were checked against, and the median error over runs left out of the fit.

    From the report that ``mitsumori fit`` writes beside the constants; None where it does not say.
    """
    import re

    found = re.search(r"\| all, every release \| (\d+) \| ([\d.]+) % \|", resources.read_text("constants", "report.md"))
    return None if found is None else (int(found.group(1)), float(found.group(2)) / 100)


class Footer(Translated, QWidget):
    """One line below everything."""

    findings_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.findings = Button(kind="link", icon="info")
        self.findings.clicked.connect(self.findings_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme().px(18), 0, theme().px(20), 0)
        row.addWidget(self.findings)
        row.addStretch(1)
        self._notes: tuple[str, ...] = ()
        self._alarms: dict[str, str] = {}
        self._news = ""
        self._counts = (0, 0, 0)
        self._missing = 0
        self._overridden = 0
        self._calibration = calibration()
        self._version = ""
        self._started = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.retranslate()

    def sizeHint(self) -> QSize:
        """36 px high."""
        return QSize(theme().px(800), theme().fit(36, 30))

    def set_result(self, plan: Plan, estimate: Estimate) -> None:
        """Count findings, overrides and missing inputs."""
        counts = {"bad": 0, "warn": 0, "ask": 0, "info": 0}
        for finding in estimate.findings:
            counts[finding.severity] += 1
        now = (counts["bad"], counts["warn"], counts["info"])
        from mitsumori.model.estimate.counts import missing_inputs, overridden_inputs

        missing, overridden = len(missing_inputs(estimate)), len(overridden_inputs(plan, estimate))
        notes = missing, overridden, True, "", ""
        noted = self._missing, self._overridden, self._started, self._alarms.get("plan", ""), self._news
        if notes == noted and now == self._counts:
            return
        self._counts, self._missing, self._overridden = now, missing, overridden
        self._started, self._news = True, ""
        self._alarms.pop("plan", None)
        if notes == noted:  # only the findings differ: the notes stay as they are painted
            self._count()
        else:
            self.retranslate()

    def set_started(self, on: bool) -> None:
        """Whether a plan is open (the start page has none)."""
        self._started = on
        if not on and not self._version:
            QTimer.singleShot(0, self, self._learn_version)
        self.retranslate()

    def _learn_version(self) -> None:
        """After the first painting: asking the installation takes longer than drawing the page."""
        from mitsumori.model.base.version import program_version

        self._version = program_version()
        self.update()

    @property
    def _alarm(self) -> str:
        """The alarm that is shown: the latest one whose cause lasts."""
        return next(reversed(self._alarms.values()), "")

    def set_alarm(self, message: str, cause: str = "plan") -> None:
        """Something went wrong: say so instead of the counts; an empty text ends the alarm of this cause.

        An alarm about the ``plan`` ends with the next good estimate, every other one when its cause ended: work that could
        not be saved is not saved by moving a slider.
        """
        if message != self._alarms.get(cause, ""):
            self._alarms.pop(cause, None)
            if message:
                self._alarms[cause] = message
            self.retranslate()

    def end_alarm(self, cause: str) -> None:
        """The cause of an alarm ended."""
        self.set_alarm("", cause)

    def set_news(self, message: str) -> None:
        """Say what happened (a file was written); the next estimate takes it away."""
        self._news = message
        self.update()

    def _count(self) -> None:
        """The gravest findings, counted."""
        bad, warn, info = self._counts
        if bad:
            label, icon, ink = self.tr("%n problem(s)", "", bad), "close", "bad"
        elif warn:
            label, icon, ink = self.tr("%n warning(s)", "", warn), "warn", "marginal"
        elif info:
            label, icon, ink = self.tr("%n suggestion(s)", "", info), "info", "accent"
        else:
            label, icon, ink = self.tr("No findings"), "check", "ok"
        self.findings.setText(label)
        self.findings.setAccessibleName(self.tr("{count}: show all").format(count=label))
        self.findings.set_icon(icon)
        self.findings.set_ink(ink)
        self.findings.setVisible(self._started)  # what is said beside it never hides how many warnings there are
        self.findings.updateGeometry()

    def retranslate(self) -> None:
        """Set every text again."""
        self._count()
        notes = [self.tr("Catalogue {date}").format(date=catalogue_date())]
        if self._calibration is not None:
            runs, error = self._calibration
            count = self.tr("Calibrated on %n measured run(s)", "", runs).replace(str(runs), whole(runs))
            notes.append(
                self.tr("{calibrated} · median error {error}").format(calibrated=count, error=percent(error, 2))
            )
        if not self._started:
            notes.append(self.tr("Works offline"))
        else:
            overridden = self.tr("%n value(s) overridden", "", self._overridden)
            missing = self.tr("%n not given", "", self._missing)
            notes.append(f"{overridden} · {missing}")
        self._notes = tuple(notes)
        self.setAccessibleDescription(", ".join(notes))
        self.setToolTip(self._alarm)  # whole where the window is too narrow for it
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Surface, hairline above, notes at the right, an alarm at the left."""
        look = theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.color("card"))
        painter.fillRect(0, 0, self.width(), 1, look.color("line"))
        baseline = self.height() / 2 + look.px(5)
        left = float(look.px(18))
        if self._started:
            left = self.findings.x() + self.findings.sizeHint().width() + look.px(24)
        x = float(self.width() - look.px(20))
        said = self._alarm or self._news
        room = left + width_of(said, 13) + look.px(24 + 24 + 22) if said else 0.0
        for index, note in reversed(list(enumerate(self._notes))):
            x -= width_of(note, 13)
            if said and x < room:
                x += width_of(note, 13)
                break  # a sentence stands whole before the notes do
            if x - look.px(24) > event.rect().right() and not said:
                break  # what changed is the count at the left
            text_at(painter, x, baseline, note, 13, look.color("text_2"))
            if index == 0:
                side = look.px(16)
                icon = QRectF(x - side - look.px(6), self.height() / 2 - side / 2, side, side)
                paint_icon(painter, icon, "source", look.color("text_2"))
            x -= look.px(24)
        if self._version and not (self._started or said):
            text_at(painter, look.px(18), baseline, f"Mitsumori {self._version}", 13, look.color("text_2"))
        if self._alarm:
            side = look.px(16)
            paint_icon(painter, QRectF(left, self.height() / 2 - side / 2, side, side), "warn", look.color("bad"))
            left += look.px(24)
        if said:
            shown = look.metrics(13).elidedText(said, Qt.TextElideMode.ElideRight, round(x - left))
            text_at(painter, left, baseline, shown, 13, look.color("bad" if self._alarm else "text"))
