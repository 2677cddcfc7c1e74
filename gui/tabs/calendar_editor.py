"""One entry of the calendar in fields; each change is taken at once, and undo takes it back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from mitsumori.gui.charts.painting import font, u
from mitsumori.gui.tabs.base import Panel
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.fields import Combo, FieldEdit
from mitsumori.gui.words.calendar import day_name, hours_words, read_hours
from mitsumori.model.base.dates import parse_date
from mitsumori.model.base.format import parse
from mitsumori.model.plan.calendar import WEEKDAYS, CalendarEntry

translate = QCoreApplication.translate


class CalendarEditor(Panel):
    """Plan, days, hours and share of the chosen entry, and the buttons that add and remove one.

    Signals
    -------
    changed
        ``(entry)``; the chosen entry should be another one.
    added, removed
        A new entry; the chosen one goes.
    assigned
        All entries are to be made from the plans.
    raised
        ``(steps)``; the chosen one takes another place in the order, -1: one earlier, which is more priority.
    """

    changed = Signal(object)
    added = Signal()
    removed = Signal()
    raised = Signal(int)
    assigned = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._entry: CalendarEntry | None = None
        self.plan, self.begin, self.end = Combo(), FieldEdit(), FieldEdit()
        self.hours, self.share, self.switch, self.growth = FieldEdit(), FieldEdit(), FieldEdit(), FieldEdit()
        self.maintenance, self.rest = QCheckBox(), QCheckBox()
        self._plans: tuple[str, ...] = ()
        self.days = {name: QCheckBox() for name in WEEKDAYS}
        self.labels = {
            name: QLabel() for name in ("plan", "begin", "end", "hours", "share", "switch", "growth", "days")
        }
        self.says = QLabel()
        self.says.setWordWrap(True)
        # On a line of its own, as wide as there is room: what it says moves nothing beside it.
        self.says.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.add, self.remove = Button("", "plain", "plus"), Button("", "plain")
        self.earlier, self.less, self.assign = Button("", "plain"), Button("", "plain"), Button("", "plain")
        grid = QGridLayout(self)
        grid.setContentsMargins(round(u(16)), round(u(12)), round(u(16)), round(u(12)))
        grid.setSpacing(round(u(8)))
        for at, (name, field) in enumerate((("plan", self.plan), ("begin", self.begin), ("end", self.end))):
            grid.addWidget(self.labels[name], 0, at)
            grid.addWidget(field, 1, at)
        grid.addWidget(self.labels["switch"], 0, 3)
        grid.addWidget(self.switch, 1, 3)
        for at, (name, edit) in enumerate((("hours", self.hours), ("share", self.share), ("growth", self.growth))):
            grid.addWidget(self.labels[name], 2, at)
            grid.addWidget(edit, 3, at)
        grid.addWidget(self.rest, 3, 3)
        week = QHBoxLayout()
        week.setSpacing(round(u(6)))
        for box in self.days.values():
            week.addWidget(box)
        week.addStretch(1)
        week.addWidget(self.maintenance)
        grid.addWidget(self.labels["days"], 4, 0)
        grid.addLayout(week, 5, 0, 1, 4)
        foot = QHBoxLayout()
        foot.addWidget(self.assign)
        foot.addStretch(1)
        foot.addWidget(self.earlier)
        foot.addWidget(self.less)
        foot.addWidget(self.remove)
        foot.addWidget(self.add)
        grid.addLayout(foot, 6, 0, 1, 4)
        grid.addWidget(self.says, 7, 0, 1, 4)  # beside the buttons it had a word a line
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        grid.setColumnStretch(3, 1)
        for edit in (self.begin, self.end, self.hours, self.share, self.switch, self.growth):
            edit.committed.connect(lambda _text: self._take())
        self.plan.activated.connect(lambda _index: self._take())
        for box in self.days.values():
            box.clicked.connect(lambda _on: self._take())
        for box in (self.maintenance, self.rest):
            box.clicked.connect(lambda _on: self._take())
        self.assign.clicked.connect(self.assigned)
        self.earlier.clicked.connect(lambda: self.raised.emit(-1))
        self.less.clicked.connect(lambda: self.raised.emit(1))
        self.add.clicked.connect(self.added)
        self.remove.clicked.connect(self.removed)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text again."""
        words = {
            "plan": translate("Calendar", "Plan"), "begin": translate("Calendar", "From"), "end": translate("Calendar", "To"),
            "hours": translate("Calendar", "Hours, e.g. 8-20"), "share": translate("Calendar", "Share of the cluster, %"),
            "switch": translate("Calendar", "Switch-over, min"), "growth": translate("Calendar", "Growth a year, %"),
            "days": translate("Calendar", "Days"),
        }  # fmt: skip
        fields = {
            "plan": self.plan, "begin": self.begin, "end": self.end, "hours": self.hours, "share": self.share,
            "switch": self.switch, "growth": self.growth,
        }  # fmt: skip
        for name, label in self.labels.items():
            label.setText(words[name])
            label.setFont(font(13))
            if name in fields:
                fields[name].setAccessibleName(words[name])
        for name, box in self.days.items():
            box.setText(day_name(name))
            box.setFont(font(13))
        self.hours.setPlaceholderText(translate("Calendar", "all day"))
        self.end.setPlaceholderText(translate("Calendar", "horizon"))
        self.says.setFont(font(13))
        said = self.says.text()
        self.says.setText(words["days"])
        self.says.setMinimumHeight(self.says.sizeHint().height())  # one line, whether it says something or not
        self.says.setText(said)
        self.maintenance.setText(translate("Calendar", "Maintenance"))
        self.maintenance.setFont(font(13))
        self.maintenance.setToolTip(
            translate("Calendar", "No work runs on its share, and its hours are no use of the cluster")
        )
        self.switch.setToolTip(
            translate("Calendar", "Minutes without work each time the plan takes over: drain, weights, checkpoint")
        )
        self.growth.setToolTip(translate("Calendar", "The share that is asked for grows by it, a quarter at a time"))
        self.rest.setText(translate("Calendar", "Takes what is left"))
        self.rest.setFont(font(13))
        self.rest.setToolTip(translate("Calendar", "Up to its share, and only what the entries before it leave"))
        self.assign.setText(translate("Calendar", "Assign automatically"))
        self.assign.setToolTip(
            translate(
                "Calendar", "Makes all entries from the plans: serving by day, training by night and in what is left"
            )
        )
        self.earlier.setText(translate("Calendar", "More priority"))
        self.less.setText(translate("Calendar", "Less"))
        self.less.setToolTip(translate("Calendar", "Less priority"))
        self.add.setText(translate("Calendar", "Add an entry"))
        self.remove.setText(translate("Calendar", "Remove"))
        for button in (self.add, self.remove, self.earlier, self.less, self.assign):
            button.setAccessibleName(button.text())

    def show_entry(self, entry: CalendarEntry | None, plans: Sequence[str], any_entry: bool) -> None:
        """Show the chosen entry; None: nothing is chosen.

        Parameters
        ----------
        entry, plans
            The entry and the names of the project's plans.
        any_entry
            Whether there is one that could be chosen.
        """
        self._entry = entry
        on = entry is not None
        fields: tuple[QWidget, ...] = (
            self.begin,
            self.end,
            self.hours,
            self.share,
            self.maintenance,
            self.remove,
            self.earlier,
            self.less,
        )
        for field in (*fields, *self.days.values()):
            field.setEnabled(on)
        works = entry is not None and entry.kind == "work"
        self.plan.setEnabled(works)
        for field in (self.switch, self.growth, self.rest):
            field.setEnabled(works)
        self._plans = tuple(plans)
        names = [*plans, *([entry.plan] if entry is not None and entry.plan not in plans else [])]
        self.plan.blockSignals(True)
        self.plan.clear()
        self.plan.addItems(names)
        self.plan.setCurrentIndex(names.index(entry.plan) if entry is not None else -1)
        self.plan.blockSignals(False)
        self.begin.accept("" if entry is None else entry.begin.isoformat())
        self.end.accept("" if entry is None or entry.end is None else entry.end.isoformat())
        self.hours.accept("" if entry is None or entry.hours is None else hours_words(entry))
        self.share.accept("" if entry is None else f"{entry.share * 100:g}")
        self.switch.accept("" if entry is None or not entry.switch_minutes else f"{entry.switch_minutes:g}")
        self.growth.accept("" if entry is None or not entry.growth_per_year else f"{entry.growth_per_year * 100:g}")
        self.maintenance.setChecked(on and not works)
        self.rest.setChecked(entry is not None and entry.rest)
        for name, box in self.days.items():
            box.setChecked(entry is not None and (not entry.weekdays or name in entry.weekdays))
        self._say("" if on or not any_entry else translate("Calendar", "Choose an entry, or add one"), "text_3")

    def say(self, problem: str) -> None:
        """Say why something was not taken."""
        self._say(problem, "bad")

    def _say(self, words: str, ink: str) -> None:
        self.says.setText(words)
        self.says.setStyleSheet(f"color: {theme().color(ink).name()}")

    def _name(self) -> str:
        """The plan that is chosen; of maintenance what it is called."""
        said, maintenance = self.plan.currentText(), self.maintenance.isChecked()
        if maintenance == (said in self._plans):
            return translate("Calendar", "Maintenance") if maintenance else next(iter(self._plans), said)
        return said

    def _take(self) -> None:
        """Take what the fields say; what is none is refused in a sentence."""
        if self._entry is None:
            return
        problem, hours = "", None
        begin, end = parse_date(self.begin.text()), None
        if self.end.text().strip():
            end = parse_date(self.end.text())
            if end is None:
                problem = translate("Calendar", "The end is no date: 2027-03-31, or nothing for the horizon.")
        if begin is None:
            problem = translate("Calendar", "The start is no date, such as 2027-03-31.")
        elif end is not None and end < begin:
            problem = translate("Calendar", "The end lies before the start.")
        try:
            hours = read_hours(self.hours.text())
        except ValueError:
            problem = translate("Calendar", "Hours are written 8-20, or nothing for the whole day.")
        days = tuple(name for name, box in self.days.items() if box.isChecked())
        if not days:
            problem = translate("Calendar", "At least one day of the week is needed.")
        share = _share(self.share.text())
        if share is None:
            problem = translate("Calendar", "The share is a number above 0 and up to 100 %.")
        minutes = _minutes(self.switch.text())
        if minutes is None:
            problem = translate("Calendar", "The switch-over is a number of minutes from 0 to 1,440.")
        growth = _growth(self.growth.text())
        if growth is None:
            problem = translate("Calendar", "The growth is a number from -90 to 1,000 % a year.")
        entry = None
        if not problem and begin is not None and share is not None:
            try:
                entry = CalendarEntry(
                    plan=self._name(), begin=begin, end=end, hours=hours, share=share, switch_minutes=minutes,
                    growth_per_year=growth, rest=self.rest.isChecked() and not self.maintenance.isChecked(),
                    kind="maintenance" if self.maintenance.isChecked() else "work",
                    weekdays=() if len(days) == 7 else days,
                )  # fmt: skip
            except ValueError:
                problem = translate("Calendar", "Hours lie between 0 and 24 and span some time.")
        if entry is None:
            self._say(problem, "bad")
            return
        self._say("", "text_3")
        self.changed.emit(entry)


def _minutes(text: str) -> float | None:
    try:
        value = parse(text) if text.strip() else 0.0
    except ValueError:
        return None
    return value if 0.0 <= value <= 1440.0 else None


def _growth(text: str) -> float | None:
    try:
        value = parse(text.replace("%", "").replace("％", "")) / 100.0 if text.strip() else 0.0
    except ValueError:
        return None
    return value if -0.9 <= value <= 10.0 else None


def _share(text: str) -> float | None:
    try:
        value = parse(text.replace("%", "").replace("％", "")) / 100.0
    except ValueError:
        return None
    return value if 0.0 < value <= 1.0 else None
