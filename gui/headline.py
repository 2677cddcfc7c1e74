"""The four headline cards: memory, days, racks, cost, each with its capacity, interval or binding limit."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from mitsumori.gui.changes import Changes
from mitsumori.gui.inputs.choices import word
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.card import Bar, CardContent, HeadlineCard
from mitsumori.gui.words.plurals import horizon
from mitsumori.gui.words.totals import SOONEST_MONTH, even_month, total_note, total_parts
from mitsumori.gui.words.translation import Translated, language
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.format import (
    DASH,
    Parts,
    duration_parts,
    duration_scale,
    gigabytes,
    interval,
    money_parts,
    percent,
    signed,
    significant,
    whole,
)
from mitsumori.model.plan.plan import Plan

if TYPE_CHECKING:
    from mitsumori.model.estimate.results import Estimate

_DAY_TRACK = math.log(1.6)
"""The days' bar reaches from the estimate / 1.6 to the estimate * 1.6."""


class Headline(Translated, QWidget):
    """Shows the four cards of an estimate.

    Signals
    -------
    go_to_field
        The path of an input that is missing.
    missing_wanted
        The list of what is missing.
    explain
        ``(figure path)``: the user asks where a figure comes from.
    """

    go_to_field = Signal(str)
    missing_wanted = Signal()
    explain = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.memory = HeadlineCard("chip")
        self.days = HeadlineCard("clock")
        self.racks = HeadlineCard("facility")
        self.cost = HeadlineCard("money")
        for single in (self.memory, self.days, self.racks):
            single.company = (self.memory, self.days, self.racks)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().px(12))
        for card, share in ((self.memory, 100), (self.days, 100), (self.racks, 100), (self.cost, 136)):
            row.addWidget(card, share)
        self._plan: Plan | None = None
        self._estimate: Estimate | None = None
        self._reference: Estimate | None = None
        self._changed = Changes()
        self._kept = self._empty = False
        self.memory.clicked.connect(lambda: self._explained("memory.per_gpu.total_bytes"))
        self.days.clicked.connect(lambda: self._explained("training.days"))
        self.racks.clicked.connect(lambda: self._explained("facility.racks"))
        self.cost.clicked.connect(lambda: self._explained("cost.break_even_month"))
        self.cost.badge_clicked.connect(self._first_missing)

    def _explained(self, path: str) -> None:
        """A card's formula; the cards of serving have none of their own."""
        if self._estimate is None or self._estimate.serving is None:
            self.explain.emit(path)

    @property
    def empty(self) -> bool:
        """Whether the cards say that there is no result."""
        return self._empty

    def cards(self) -> tuple[HeadlineCard, ...]:
        """The four cards, left to right."""
        return (self.memory, self.days, self.racks, self.cost)

    def _first_missing(self) -> None:
        from mitsumori.model.estimate.counts import missing_inputs

        served = None if self._estimate is None else self._estimate.serving
        if served is not None and served.tokens is not None and served.tokens.hourly_jpy is not None:
            self.go_to_field.emit("serving.api_price.input")
        elif self._estimate is not None and missing_inputs(self._estimate):
            self.missing_wanted.emit()

    def set_result(self, plan: Plan, estimate: Estimate, reference: Estimate | None) -> None:
        """Show an estimate, with the changes against a reference.

        All four cards or none: where a figure cannot be worked out the cards stay as they were, and its error is raised.
        """
        shown = self._plan, self._estimate, self._reference
        if self._kept or self._empty:
            self._changed.forget()
        self._plan, self._estimate, self._reference = plan, estimate, reference
        if estimate.serving is not None:
            self._show_serving(plan, estimate)
            return
        for card, icon in zip(self.cards(), ("chip", "clock", "facility", "money"), strict=True):
            card.set_icon(icon)
        before = None if reference is None else reference.memory
        made: list[tuple[HeadlineCard, CardContent]] = []
        try:
            if self._changed.differs("memory", estimate.memory, before):
                made.append((self.memory, self._memory(estimate)))
            made.append((self.days, self._days(estimate)))
            if self._changed.differs("racks", *self._racks_state(plan, estimate)):
                made.append((self.racks, self._racks(plan, estimate)))
            made.append((self.cost, self._cost(plan, estimate)))
        except Exception:
            self._plan, self._estimate, self._reference = shown
            self._changed.forget()
            raise
        self._kept = self._empty = False
        for card, content in made:
            card.set_content(content)
        if self.memory.is_large():
            for card in self.memory.company:  # another card's figure may have changed the size of all
                card.update()

    def _show_serving(self, plan: Plan, estimate: Estimate) -> None:
        """The question is serving: first token, time per token, hardware, cost of tokens."""
        from mitsumori.gui.words.serving_cards import serving_cards

        self._changed.forget()
        made = serving_cards(plan, estimate)
        self._kept = self._empty = False
        for card, icon, content in zip(self.cards(), ("clock", "bolt", "cluster", "money"), made, strict=True):
            card.set_icon(icon)
            card.set_content(content)

    def keep(self) -> None:
        """The plan has no result: all four cards keep the last good one, faded, and say so."""
        if self._plan is None or self._empty:
            return
        self._kept = True
        label = self.tr("Last result")
        for card in self.cards():
            content = card.content()
            spoken = content.spoken if content.badge[1] == label else f"{label}. {content.spoken}"
            card.set_content(
                replace(content, badge=("marginal", label), bar=None, faded=True, delta="", better=None, spoken=spoken)
            )

    def clear(self) -> None:
        """The plan has no result and none went before it: all four cards say so."""
        self._plan = self._estimate = self._reference = None
        self._changed.forget()
        self._kept, self._empty = False, True
        none = self.tr("This plan cannot be computed")
        titles = (self.tr("GPU memory"), self.tr("Training days"), self.tr("Racks"), self.tr("Cost"))
        for card, title in zip(self.cards(), titles, strict=True):
            card.set_content(CardContent(title, ((None, "", ""),), reason=(none,), spoken=f"{title}: {none}."))

    def flash(self) -> None:
        """Show the changes for five seconds."""
        for card in self.cards():
            card.flash_delta()

    def set_large(self, on: bool) -> None:
        """Present mode."""
        for card in self.cards():
            card.set_large(on)
        layout = self.layout()
        if isinstance(layout, QHBoxLayout):  # two large numbers with their units need more of the width
            layout.setStretch(3, 170 if on else 136)

    def _delta(self, path: str, factor: float, unit: str) -> tuple[str, bool | None]:
        """The change of a figure against the reference, and whether less of it is better."""
        if self._reference is None or self._estimate is None:
            return "", None
        now, before = self._estimate.figure(path).value, self._reference.figure(path).value
        if now is None or before is None or abs(now - before) <= 1e-3 * abs(before):
            return "", None
        return f"{signed((now - before) / factor, 2)} {unit}", now < before

    # --- the cards

    def _memory(self, estimate: Estimate) -> CardContent:
        total, capacity = estimate.memory.per_gpu.total_bytes.value, estimate.memory.per_gpu.capacity_bytes.value
        badge = {
            "fits": ("ok", self.tr("Fits")),
            "marginal": ("marginal", self.tr("Tight")),
            "no": ("bad", self.tr("Does not fit")),
        }[estimate.memory.verdict]
        title = self.tr("GPU memory")
        if total is None or capacity is None:
            return CardContent(title, ((None, "", ""),), reason=(self.tr("The memory is not known."),), badge=badge)
        spare = capacity - total
        if spare >= 0:
            share = percent(spare / capacity, 2)
            reason: tuple[str, ...] = (
                self.tr("{gb} GB spare ({share})").format(gb=gigabytes(spare), share=share),
                self.tr("{gb} GB spare").format(gb=gigabytes(spare)),
            )
        else:
            reason = (
                self.tr("{gb} GB too much on every GPU").format(gb=gigabytes(-spare)),
                self.tr("{gb} GB too much").format(gb=gigabytes(-spare)),
            )
        token = {"fits": "accent", "marginal": "marginal_fill", "no": "bad"}[estimate.memory.verdict]
        over = max(1.0, total / capacity)
        delta, better = self._delta("memory.per_gpu.total_bytes", 1e9, "GB")
        after = f"/ {gigabytes(capacity)} GB"
        return CardContent(
            title, ((Parts("", gigabytes(total), ""), "", ""),), after, reason, "", badge,
            Bar(total / capacity / over, token, 0.9 / over), delta=delta, better=better,
            spoken=f"{title}: {gigabytes(total)} {after}, {badge[1]}. {reason[0]}", short_title=self.tr("Memory"),
        )  # fmt: skip

    def _days(self, estimate: Estimate) -> CardContent:
        title, days = self.tr("Training days"), estimate.training.days
        if days.value is None:
            return CardContent(title, ((None, "", ""),), reason=(self._why(estimate, days),))
        from mitsumori.gui.words.deadline import deadline_card

        dated = None if self._plan is None else deadline_card(self._plan, estimate)
        if dated is not None:
            delta, better = self._delta("training.days", 1.0, self.tr("d"))
            return replace(dated, delta=delta, better=better)
        impossible = estimate.memory.verdict == "no"
        parts = duration_parts(days.value * 86400, language())
        scale = 1.0 / duration_scale(days.value * 86400)  # days in the unit shown, exactly
        if impossible:
            reason: tuple[str, ...] = (
                self.tr("Shown for orientation only"),
                self.tr("For orientation"),
            )
            bar = Bar()
        elif days.low is not None and days.high is not None:
            shown = interval(days.low / scale, days.high / scale)
            reason = (
                self.tr("80 % interval {interval} {unit}").format(interval=shown, unit=parts.unit),
                self.tr("80 %: {interval} {unit}").format(interval=shown, unit=parts.unit),
                shown,
            )
            bar = Bar(
                tick=0.5,
                low=0.5 + math.log(days.low / days.value) / _DAY_TRACK / 2,
                high=0.5 + math.log(days.high / days.value) / _DAY_TRACK / 2,
            )
        else:
            reason, bar = (), Bar()
        after = self.tr("{unit}, if it fitted").format(unit=parts.unit) if impossible else parts.unit
        delta, better = self._delta("training.days", scale, parts.unit)
        if parts.unit in ("days", "day"):
            delta = delta.replace(" days", " d").replace(" day", " d")
        number = Parts("", parts.number, "")
        return CardContent(
            title, ((number, "", ""),), after, reason, bar=bar, faded=impossible, delta="" if impossible else delta,
            better=better, spoken=f"{title}: {parts.number} {after}. {' '.join(reason[:1])}", short_title=self.tr("Days"),
        )  # fmt: skip

    def _racks_state(self, plan: Plan, estimate: Estimate) -> tuple[object, ...]:
        """Everything that :meth:`_racks` reads."""
        place, before = estimate.facility, None if self._reference is None else self._reference.facility.racks
        known = place.racks, place.more, place.support_racks, place.kva_per_rack, place.binding, place.limits.usable_kva
        rest = () if place.racks.known else (place.methods, plan.facility.cooling, estimate.findings)
        return *known, place.limits.rack_kva, self._hall_too_small(estimate), before, *rest

    @staticmethod
    def _hall_too_small(estimate: Estimate) -> bool:
        return any(f.severity == "bad" and f.code.startswith("facility_hall") for f in estimate.findings)

    def _racks(self, plan: Plan, estimate: Estimate) -> CardContent:
        title, facility = self.tr("Racks"), estimate.facility
        racks, support = facility.server_racks, facility.support_racks.value or 0
        kva, limit = facility.kva_per_rack.value, facility.limits.usable_kva or facility.limits.rack_kva
        limit = limit.value if isinstance(limit, Figure) else limit
        if racks is None:
            unsolved = facility.racks_unsolved
            badge = ("ask", self.tr("Not given")) if unsolved else ("bad", self.tr("Not cooled"))
            words = (self._why(estimate, facility.racks),) if unsolved else self._too_much(plan, estimate)
            return CardContent(
                title, ((None, "", ""),), "", words, badge=badge, bar=Bar(1.0, "bad", 0.9),
                spoken=f"{title}: {badge[1]}. {words[0]}",
            )  # fmt: skip
        badge = ("bad", self.tr("Hall too small")) if self._hall_too_small(estimate) else ("ok", self.tr("Cooled"))
        after = (
            self.tr("+ {support}").format(support=whole(support))
            if support
            else self.tr("rack")
            if racks == 1
            else self.tr("racks")
        )
        reason: tuple[str, ...] = ()
        bar = Bar()
        if kva is not None and limit:
            binding = self.binding_name(facility.binding[0]) if facility.binding else ""
            values = f"{significant(kva)} / {significant(limit, trim=True)} kVA"
            reason = (values,)
            if binding:
                reason = (self.tr("{values} · bound by {limit}").format(values=values, limit=binding), values)
            bar = Bar(kva / limit, "accent", 0.9)
        delta, better = self._delta("facility.racks", 1.0, "")
        return CardContent(
            title, ((Parts("", whole(racks), ""), "", ""),), after, reason, badge=badge, bar=bar, delta=delta.strip(),
            better=better, spoken=f"{title}: {whole(racks)} {after}, {badge[1]}. {' '.join(reason[:1])}",
        )  # fmt: skip

    def _cost_head(self, plan: Plan, estimate: Estimate) -> str:
        """What the amounts are of: the span, and the trainings where they are counted (the switch of the cost cards)."""
        months, use = plan.money.horizon_months, plan.workload.use
        words = {
            "span": horizon(months, before_noun=True),
            "runs": significant(plan.workload.runs_per_year or 1.0, trim=True),
        }
        if use == "always" or estimate.serving is not None:
            return self.tr("{span} cost, excl. tax").format(**words)
        if use == "once":
            return self.tr("{span} cost of one training, excl. tax").format(**words)
        return self.tr("{span} cost, {runs} trainings a year, excl. tax").format(**words)

    def _cost(self, plan: Plan, estimate: Estimate) -> CardContent:
        from mitsumori.model.cost.guides import DURATIONS, guided
        from mitsumori.model.estimate.counts import missing_inputs

        cost, code = estimate.cost, language()
        title = self._cost_head(plan, estimate)
        owned = cost.onprem.total

        missing = len(missing_inputs(estimate))
        badge = ("ask", self.tr("%n not given", "", missing)) if missing else ("", "")
        month = cost.break_even_month.value
        term = word(plan.money.cloud.term)
        share = cost.details.get("utilization")
        used = percent(plan.money.utilization if share is None or share.value is None else share.value, 2)
        bold = ""
        saving = cost.details["saving"].value if month is not None else None
        if month is not None and saving is not None and saving < 0.0:
            first = (
                self.tr("Owning is cheaper at first, but costs more in the end")
                if month < SOONEST_MONTH
                else self.tr("Owning catches up in month {month}, but costs more in the end").format(
                    month=even_month(month)
                )
            )
            reason: tuple[str, ...] = (first, self.tr("Owning costs more in the end"))
        elif month is not None and month < SOONEST_MONTH:
            reason = (self.tr("Owning is cheaper from the first month"), self.tr("Owning is cheaper at once"))
        elif month is not None:
            bold = self.tr("month {month}").format(month=even_month(month))
            reason = (
                self.tr("Break-even in {month} · {term}, {used} used").format(month=bold, term=term, used=used),
                self.tr("Break-even in {month} · {term}").format(month=bold, term=term),
                self.tr("Break-even in {month}").format(month=bold),
                bold,
            )
        else:
            if estimate.facility.racks.value is None:
                full = self.tr("On-premises follows once the racks can be cooled")
            else:
                full = self._why(estimate, cost.break_even_month)
            reason = (full, self.tr("The total is not known yet"), self.tr("Not known yet"))
            if owned.known and cost.cloud.total.known:  # both are: they do not meet
                span = horizon(plan.money.horizon_months)
                reason = (full, self.tr("No break-even in {span}").format(span=span), self.tr("No break-even"))
        guides = len([path for path in guided(plan) if path not in DURATIONS])
        notes = (total_note(cost, short=True), self.tr("%n guide value(s)", "", guides) if guides else "")
        note = " · ".join(words for words in notes if words)
        if note:
            marked = [self.tr("{words} · {note}").format(words=words, note=note) for words in reason]
            if bold:  # a month alone says nothing: the mark at the total stands for the note
                marked[-1] = reason[-2]
            reason = (*marked, note)
        owned_parts, rented_parts = total_parts(cost, "onprem"), total_parts(cost, "cloud")
        values = ((owned_parts, self.tr("On-premises"), "onprem"), (rented_parts, self.tr("Cloud"), "cloud"))
        said = "; ".join(f"{heading} {shown.text if shown else DASH}" for shown, heading, _ in values)
        delta, better = "", None
        if self._reference is not None and owned.value is not None:
            before = self._reference.cost.onprem.total.value
            same = self._reference.cost.currency == cost.currency
            if before is not None and same and abs(owned.value - before) > 1e-3 * abs(before):
                shown = money_parts(abs(owned.value - before), cost.currency, code)
                delta, better = ("−" if owned.value < before else "+") + shown.text, owned.value < before
        return CardContent(
            title, values, "", reason, bold, badge, delta=delta, better=better, spoken=f"{title}: {said}. {reason[0]}",
            short_title=self.tr("Cost"),
        )  # fmt: skip

    def _too_much(self, plan: Plan, estimate: Estimate) -> tuple[str, ...]:
        """What one server needs of what a rack gives."""
        general = self.tr("One server is too much for a rack")
        method = next((m for m in estimate.facility.methods if m.cooling == plan.facility.cooling), None)
        if method is None or not method.kva_per_rack or not method.rack_kva_limit:
            return (general,)
        if method.kva_per_rack <= method.rack_kva_limit:
            return (general,)
        need, limit = significant(method.kva_per_rack), significant(method.rack_kva_limit, trim=True)
        return (self.tr("One server needs {need} of {limit} kVA").format(need=need, limit=limit),
                self.tr("{need} of {limit} kVA").format(need=need, limit=limit))  # fmt: skip

    def binding_name(self, name: str) -> str:
        """A limit in words."""
        names = {
            "units": self.tr("height units"),
            "kva": self.tr("kVA"),
            "air": self.tr("air cooling"),
            "liquid": self.tr("liquid cooling"),
            "weight": self.tr("rack weight"),
            "floor": self.tr("floor load"),
            "kw": self.tr("kW"),
        }
        return names.get(name, name)

    @staticmethod
    def _short(sentence: str) -> str:
        return sentence.split("。")[0].split(". ")[0].rstrip(".")

    def _why(self, estimate: Estimate, figure: Figure) -> str:
        """Why a figure is unknown: the first sentence of the reason."""
        return self._short(estimate.why(figure, language())) or self.tr("Not known yet")

    def retranslate(self) -> None:
        """Say the result again in the language of the window."""
        if self._plan is not None and self._estimate is not None:
            kept = self._kept
            self._changed.forget()
            self.set_result(self._plan, self._estimate, self._reference)
            if kept:
                self.keep()
        elif self._empty:
            self.clear()
