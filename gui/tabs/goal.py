"""The goal as one sentence with blanks: what is sought, and up to four limits on time, money, power and racks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from mitsumori.gui.charts.numbers import limit, money
from mitsumori.gui.charts.painting import SEMIBOLD, color, font, text_width, u
from mitsumori.gui.theme.icons import paint_icon
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.fields import Combo, FieldEdit
from mitsumori.gui.widgets.flow import FlowLayout
from mitsumori.gui.words.plurals import horizon
from mitsumori.gui.words.translation import Translated, error_words, language
from mitsumori.model.base.dates import plan_date
from mitsumori.model.base.format import parse
from mitsumori.model.base.refusal import Refusal, in_words

translate = QCoreApplication.translate

KINDS = ("days", "date", "cost", "rent", "power", "kva", "racks")
MONEY_KINDS = ("cost", "rent")
"""Limits in the order in which they are offered."""
WIDTHS = {"days": 64, "date": 116, "cost": 104, "rent": 104, "power": 72, "kva": 72, "racks": 56}
MOST_SLOTS = 4


@dataclass(frozen=True, slots=True)
class Goal:
    """What is sought and its limits, None where it does not matter.

    Attributes
    ----------
    days, by
        Calendar days of the training, or the date by which it ends.
    cost
        Total over the horizon: of owning, or of renting where ``site`` is ``cloud``.
    power_kw, racks, kva
        Power of the facility, racks, apparent power at the utility.
    unknown
        ``servers``, ``server`` (their type), ``tokens`` or ``params``.
    """

    days: float | None = None
    cost: float | None = None
    power_kw: float | None = None
    racks: float | None = None
    kva: float | None = None
    by: dt.date | None = None
    site: str = "onprem"
    unknown: str = "servers"

    def arguments(self, today: dt.date) -> dict[str, object]:
        """What ``goal_seek`` is called with; ``today`` counts where the plan has no start date."""
        limits = {
            "days": self.days,
            "finish_by": self.by,
            "today": None if self.by is None else today,
            "budget": self.cost,
            "facility_kw": self.power_kw,
            "utility_kva": self.kva,
            "racks": self.racks,
        }
        return {"unknown": self.unknown, "site": self.site} | {k: v for k, v in limits.items() if v is not None}

    @property
    def largest(self) -> bool:
        """Whether the most is sought: without a time limit the others only say how many servers are allowed."""
        return self.unknown in ("tokens", "params") or (self.days is None and self.by is None)

    def words(self, currency: str) -> str:
        """The limits on time and money, short, for the chart."""
        parts = []
        if self.days is not None:
            parts.append(translate("Advisor", "≤ {days} days").format(days=limit(self.days)))
        if self.by is not None:
            parts.append(translate("Advisor", "by {date}").format(date=self.by.isoformat()))
        if self.cost is not None:
            parts.append(f"≤ {money(self.cost, currency)}")
        if self.power_kw is not None:
            parts.append(f"≤ {limit(self.power_kw)} kW")
        if not parts:
            return ""
        return translate("Advisor", "Goal: {limits}").format(limits=translate("Advisor", ", ").join(parts))


def read_date(text: str) -> dt.date:
    """A date as :func:`model.base.dates.parse_date` reads it.

    Raises
    ------
    Refusal
        With one sentence.
    """
    try:
        found: dt.date = plan_date(text)
    except ValueError as error:
        words = translate("Advisor", "“{typed}”: {accepted}.")
        accepted = in_words(error.args[0], language())
        raise Refusal(words.format(typed=text.strip()[:40], accepted=accepted)) from None
    return found


class LimitBlank(QWidget):
    """One limit: its kind, its value, its unit; never parted by a line break."""

    kind_changed = Signal(str, str)
    """The old and the new kind."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self._tail, self._currency, self._months = "", "JPY", 60
        self._typed = self._typed_in = self._exchanged = ""
        """An amount as it was typed, its currency, and what stands for it in the other one."""
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(round(u(6)))
        self.joint, self.unit = QLabel(), QLabel()
        self.choice, self.edit = Combo(), FieldEdit()
        for widget in (self.joint, self.choice, self.edit, self.unit):
            line.addWidget(widget)
        self.choice.activated.connect(self._chosen)

    def retranslate(self, joint: str, tail: str, currency: str, months: int) -> None:
        """Set every text; ``joint`` connects with the limit before, ``tail`` with the one behind."""
        self._tail, self._currency, self._months = tail, currency, months
        self.joint.setText(joint)
        self.joint.setVisible(bool(joint))
        names, units = kind_names(), kind_units(currency, months)
        self.choice.blockSignals(True)
        self.choice.clear()
        for kind in KINDS:
            self.choice.addItem(names[kind], kind)
        self.choice.setCurrentIndex(KINDS.index(self.kind))
        self.choice.blockSignals(False)
        fit(self.choice)
        self.unit.setText(units[self.kind] + tail if units[self.kind] else "")
        self.unit.setVisible(bool(units[self.kind]))
        self.edit.setFixedWidth(round(u(WIDTHS[self.kind])))
        self.choice.setAccessibleName(translate("Advisor", "Kind of limit"))
        self.edit.setAccessibleName(f"{names[self.kind]} {units[self.kind]}".strip())
        self.edit.setToolTip(kind_hint(self.kind))
        self.edit.setPlaceholderText("2027-03-31" if self.kind == "date" else "")

    def set_kind(self, kind: str) -> None:
        """Limit something else; what was typed for the old kind goes."""
        if kind != self.kind:
            self.kind = kind
            self.edit.clear()
            self.retranslate(self.joint.text(), self._tail, self._currency, self._months)

    def value(self) -> Any:
        """What was typed, None where the blank is empty."""
        typed = self.edit.text().strip()
        if not typed:
            return None
        return (
            read_date(typed)
            if self.kind == "date"
            else parse(typed, currency=self._currency if self.kind in MONEY_KINDS else None)
        )

    def exchange(self, currency: str, rate: float | None) -> None:
        """Put a typed amount into the other currency; what was typed comes back with its own.

        Parameters
        ----------
        currency
            The currency shown from now on.
        rate
            Yen a dollar; without it the blank is emptied.
        """
        typed = self.edit.text().strip()
        if self.kind not in MONEY_KINDS or not typed or currency == self._currency:
            return
        if typed == self._exchanged and currency == self._typed_in:
            self.edit.setText(self._typed)
            return
        try:
            amount = parse(typed, currency=self._currency)
        except Refusal:
            return  # said when it is searched for
        self._typed, self._typed_in = typed, self._currency
        self._exchanged = "" if not rate else _plain(amount / rate if currency == "USD" else amount * rate)
        self.edit.setText(self._exchanged)

    def _chosen(self, index: int) -> None:
        old, new = self.kind, KINDS[index]
        if old != new:
            self.set_kind(new)
            self.kind_changed.emit(old, new)


class GoalLine(Translated, QWidget):
    """What is sought, limits and a button; an empty blank does not matter, Enter searches."""

    searched = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(round(u(6)))
        line = QHBoxLayout()
        line.setSpacing(round(u(8)))
        self.before, self.after = QLabel(), QLabel()
        self.unknown = Combo()
        self.unknown.currentIndexChanged.connect(self._say_what)
        sentence = QWidget()
        # A sentence that breaks between its parts where the window is narrow.
        self._flow = FlowLayout(round(u(6)))
        sentence.setLayout(self._flow)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        sentence.setSizePolicy(policy)
        self._flow.addWidget(_glued(_Glyph(), self.before, self.unknown, self.after))
        self.more = Button("", "link", "plus")
        self.more.clicked.connect(self._add_slot)
        self._more = _glued(self.more)
        self._more.setFixedHeight(round(u(30)))
        self.slots: list[LimitBlank] = []
        self.button = Button("", "primary", "target")
        self.button.clicked.connect(self.search)
        line.addWidget(sentence, 1)
        line.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        page.addLayout(line)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.hide()
        page.addWidget(self.note)
        self._currency, self._months = "JPY", 60
        for kind in ("days", "cost"):
            self._make_slot(kind)
        self._flow.addWidget(self._more)
        self.retranslate()

    # -- limits ------------------------------------------------------------------------------------------------------

    def blank(self, kind: str) -> FieldEdit:
        """The field of a limit; it is added when the sentence has none of this kind."""
        found = next((slot for slot in self.slots if slot.kind == kind), None)
        return (found or self._make_slot(kind)).edit

    def _make_slot(self, kind: str) -> LimitBlank:
        slot = LimitBlank(kind)
        slot.kind_changed.connect(self._kind_changed)
        slot.edit.installEventFilter(self)
        slot.edit.textChanged.connect(self._say_what)
        self.slots.append(slot)
        self._flow.removeWidget(self._more)
        self._flow.addWidget(slot)
        self._flow.addWidget(self._more)
        self._retranslate_slots()
        return slot

    def _add_slot(self) -> None:
        used = {slot.kind for slot in self.slots}
        wanted = [kind for kind in ("power", "racks", "kva", "date") if kind not in used]
        slot = self._make_slot(wanted[0])
        slot.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _kind_changed(self, old: str, new: str) -> None:
        """No limit twice: the other blank takes the kind that became free."""
        for slot in self.slots:
            if slot is not self.sender() and slot.kind == new:
                slot.set_kind(old)
        self._say_what()

    @property
    def currency(self) -> str:
        """The currency of the budget."""
        return self._currency

    def set_currency(self, currency: str, months: int, rate: float | None = None) -> None:
        """The unit of the budget; a typed one is exchanged at ``rate`` yen a dollar."""
        if (currency, months) != (self._currency, self._months):
            for slot in self.slots:
                slot.exchange(currency, rate)
            self._currency, self._months = currency, months
            self._retranslate_slots()

    # -- words -------------------------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Set every text."""
        self.before.setFont(font(14, SEMIBOLD))
        self.before.setText(translate("Advisor", "Find"))
        self.after.setText(translate("Advisor", "to"))
        self.more.setText(translate("Advisor", "Limit"))
        self.more.setAccessibleName(translate("Advisor", "Add a limit"))
        self.button.setText(translate("Advisor", "Search"))
        self.unknown.setAccessibleName(translate("Advisor", "What is sought"))
        self._retranslate_slots()

    def _retranslate_slots(self) -> None:
        last = len(self.slots) - 1
        for place, slot in enumerate(self.slots):
            joint = translate("Advisor", "and") if place and place == last else ""
            tail = translate("Advisor", ",") if place < last - 1 else ""
            slot.retranslate(joint, tail, self._currency, self._months)
        self._more.setVisible(len(self.slots) < MOST_SLOTS)
        self._say_what()

    def retheme(self) -> None:
        """Take fonts, colours and measures again."""
        for slot in self.slots:
            slot.edit.retheme()
        self.retranslate()

    def _say_what(self, _changed: object = None) -> None:
        """Say which end of the range the search returns."""
        filled = {slot.kind for slot in self.slots if slot.edit.text().strip()}
        timed = not filled or bool(filled & {"days", "date"})
        names = {
            "servers": translate("Advisor", "the fewest servers")
            if timed
            else translate("Advisor", "the most servers"),
            "server": translate("Advisor", "the best GPU"),
            "tokens": translate("Advisor", "the most tokens"),
            "params": translate("Advisor", "the largest model"),
        }
        shown = [self.unknown.itemText(index) for index in range(self.unknown.count())]
        if shown != list(names.values()):
            chosen = self.unknown.currentData() or "servers"
            self.unknown.blockSignals(True)
            self.unknown.clear()
            for key, name in names.items():
                self.unknown.addItem(name, key)
            self.unknown.setCurrentIndex(list(names).index(chosen))
            self.unknown.blockSignals(False)
        fit(self.unknown)
        what = self.unknown.currentText()
        self.button.setAccessibleName(translate("Advisor", "Search for {what}").format(what=what))

    def say(self, words: str) -> None:
        """What is wrong with the goal; nothing when empty."""
        self.note.setText(words)
        self.note.setVisible(bool(words))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter in a blank searches."""
        pressed = event if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress else None
        if pressed is not None and pressed.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.search()
            return True
        return super().eventFilter(watched, event)

    def search(self) -> None:
        """Read the blanks and ask."""
        self.say("")
        try:
            given = {slot.kind: slot.value() for slot in self.slots}
        except Refusal as problem:
            self.say(error_words(problem))
            return
        given = {kind: value for kind, value in given.items() if value is not None}
        if not given:
            self.say(translate("Advisor", "Fill in at least one blank."))
        elif any(value <= 0 for kind, value in given.items() if kind != "date"):
            self.say(translate("Advisor", "A goal must be more than zero."))
        elif {"cost", "rent"} <= given.keys():
            self.say(translate("Advisor", "Limit the cost of owning or of renting, not both at once."))
        else:
            site = "cloud" if "rent" in given else "onprem"
            money_limit = given.get("rent", given.get("cost"))
            self.searched.emit(
                Goal(
                    given.get("days"), money_limit, given.get("power"), given.get("racks"), given.get("kva"),
                    given.get("date"), site, self.unknown.currentData(),
                )
            )  # fmt: skip


def _plain(amount: float) -> str:
    """An amount as a field takes it, to six digits."""
    return f"{float(f'{amount:.6g}'):,.10g}"


def kind_names() -> dict[str, str]:
    """What is limited, as a part of the sentence."""
    return {
        "days": translate("Advisor", "finish within"),
        "date": translate("Advisor", "finish by"),
        "cost": translate("Advisor", "cost no more than"),
        "rent": translate("Advisor", "rent for no more than"),
        "power": translate("Advisor", "draw no more than"),
        "kva": translate("Advisor", "need a supply of at most"),
        "racks": translate("Advisor", "fill no more than"),
    }


def kind_units(currency: str, months: int) -> dict[str, str]:
    """What follows the value."""
    unit = translate("Advisor", "yen") if currency == "JPY" else translate("Advisor", "dollars")
    amount = translate("Advisor", "{currency} over {span}").format(currency=unit, span=horizon(months))
    return {
        "days": translate("Advisor", "days"),
        "date": "",
        "cost": amount,
        "rent": amount,
        "power": translate("Advisor", "kW"),
        "kva": translate("Advisor", "kVA"),
        "racks": translate("Advisor", "racks"),
    }


def kind_hint(kind: str) -> str:
    """What a blank takes."""
    return {
        "days": translate("Advisor", "Calendar days of the training; empty means any duration"),
        "date": translate(
            "Advisor", "Counted from the start date of the plan, or from today; owned servers come later"
        ),
        "cost": translate("Advisor", "Cost of owning, for example 1.5B, 1500M or 15億; empty means any cost"),
        "rent": translate("Advisor", "Cost of the cloud, for example 1.5B, 1500M or 15億; empty means any cost"),
        "power": translate("Advisor", "Servers, network, storage and cooling; empty means any power"),
        "kva": translate("Advisor", "Apparent power at the utility; empty means any"),
        "racks": translate("Advisor", "Racks for network and storage included; empty means any number"),
    }[kind]


def fit(combo: Combo) -> None:
    """As wide as its present text."""
    combo.setFixedWidth(round(text_width(combo.currentText(), 14) + u(46)))


class _Glyph(QWidget):
    """The target before the sentence."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(round(u(22)), round(u(20)))

    def paintEvent(self, event: object) -> None:
        painter = QPainter(self)
        paint_icon(painter, QRectF(0, (self.height() - u(18)) / 2, u(18), u(18)), "target", color("accent"))
        painter.end()


def _glued(*widgets: QWidget) -> QWidget:
    """Parts of the sentence that no line break parts."""
    group = QWidget()
    line = QHBoxLayout(group)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(round(u(6)))
    for widget in widgets:
        line.addWidget(widget)
    return group
