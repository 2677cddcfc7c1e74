"""An estimate as text for the terminal, in Japanese or English. Texts: ``resources/messages/report.toml``."""

from __future__ import annotations

from mitsumori.model.base import format as fmt
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.messages import text
from mitsumori.model.cost.line_table import cost_lines
from mitsumori.model.cost.results import OptionCost
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.report.rollouts import rollout_words
from mitsumori.model.report.serving_document import serving_lines
from mitsumori.model.report.totals import OPTIONS, total_note

DAY_S = 86400
WIDTH = 34


def estimate_text(plan: Plan, estimate: Estimate, language: str) -> str:
    """The whole estimate as lines of text: headline figures, breakdowns, findings and what they rest on.

    Parameters
    ----------
    plan
        What was asked.
    estimate
        What came out.
    language
        ``ja`` or ``en``.
    """
    return "\n".join(_Report(plan, estimate, language).lines())


class _Report:
    def __init__(self, plan: Plan, estimate: Estimate, language: str) -> None:
        self.plan, self.estimate, self.language = plan, estimate, language

    def word(self, key: str, **values: object) -> str:
        return text("report", key, self.language, **values)

    def row(self, key: str, value: str) -> str:
        return self.named(self.word(key), value)

    def named(self, label: str, value: str) -> str:
        return f"  {fmt.padded(label, WIDTH)}{value}"

    def figure(self, figure: Figure, unit: str = "", scale: float = 1.0, digits: int = 3) -> str:
        if figure.value is None:
            return self.why(figure)
        shown = fmt.significant(figure.value * scale, digits)
        if figure.low is not None and figure.high is not None:
            bounds = fmt.interval(figure.low * scale, figure.high * scale, digits)
            return self.word("with_interval", value=shown, unit=unit, interval=bounds)
        return f"{shown} {unit}".rstrip()

    def duration(self, days: Figure) -> str:
        """A figure in days, in the unit that fits: a benchmark takes minutes, a campaign months."""
        if days.value is None:
            return self.why(days)
        unit = fmt.duration_parts(days.value * DAY_S, self.language).unit
        return self.figure(days, unit, fmt.duration_scale(days.value * DAY_S))

    def why(self, figure: Figure) -> str:
        return self.estimate.why(figure, self.language) or self.word("unknown")

    def count(self, figure: Figure) -> str:
        return self.why(figure) if figure.value is None else fmt.whole(figure.value)

    def money(self, figure: Figure) -> str:
        if figure.value is None:
            return self.word("unknown")
        return fmt.money(figure.value, self.estimate.cost.currency, self.language)

    def noted(self, amount: str, options: tuple[str, ...] = OPTIONS) -> str:
        """An amount with what its total leaves out or rests on (:func:`total_note`)."""
        note = total_note(self.estimate.cost, self.language, options)
        return self.word("noted", amount=amount, note=note) if note else amount

    def lines(self) -> list[str]:
        plan, result = self.plan, self.estimate
        out = [plan.name, ""]
        if result.serving is not None:  # what the plan is asked
            note = total_note(result.cost, self.language, ("onprem",))
            out += [self.word("serving"), *serving_lines(result.serving, self.language, note), ""]
        else:
            out += [self.word("memory"), *self.memory(), ""]
            out += [self.word("training"), *self.training(), ""]
        out += [self.word("facility"), *self.facility(), ""]
        out += [self.word("cost"), *self.cost(), ""]
        if result.findings:
            out.append(self.word("findings"))
            marks = {"bad": "x", "warn": "!", "ask": "?", "info": "i"}
            out += [f"  [{marks[item.severity]}] {item.message(self.language)}" for item in result.findings]
        return out

    def memory(self) -> list[str]:
        memory = self.estimate.memory
        per = memory.per_gpu
        names = ("weights", "gradients", "optimizer", "activations", "buffers", "reserve", "total", "capacity")
        rows = [self.row(f"memory_{name}", self.figure(per[f"{name}_bytes"], "GB", 1e-9)) for name in names]
        verdict = self.word(f"verdict_{memory.verdict}")
        return [*rows, self.row("verdict", verdict)]

    def training(self) -> list[str]:
        result = self.estimate.training
        layout = result.parallel
        rows = [
            self.row("layout", fmt.layout(layout)),
            self.row("tokens_per_s_per_gpu", self.figure(result.tokens_per_s_per_gpu)),
            self.row("mfu", self.figure(result.mfu, "%", 100)),
            self.row("step_time", self.figure(result.step_time_s, "s")),
        ]
        rows += [
            self.row(f"step_{name}", self.figure(part, *fmt.short_time_unit(part.value)))
            for name, part in result.breakdown_s.items()
        ]
        rows += [
            self.row("goodput", self.figure(result.goodput, "%", 100)),
            self.row("days", self.duration(result.days)),
            self.row("near_runs", fmt.whole(result.near_runs)),
        ]
        if result.details.rollout is not None:
            rows.append(
                self.row("rollout", rollout_words(result.details.rollout, self.estimate.catalogue, self.language))
            )
        return rows

    def facility(self) -> list[str]:
        result = self.estimate.facility
        rows = [
            self.row("racks", self.count(result.racks)),
            self.row("support_racks", self.count(result.support_racks)),
            self.row("servers_per_rack", self.count(result.servers_per_rack)),
            self.row("kva_per_rack", self.figure(result.kva_per_rack, "kVA")),
            self.row("kw_per_rack", self.figure(result.kw_per_rack, "kW")),
            self.row("it_kw", self.figure(result.it_kw, "kW")),
            self.row("facility_kw", self.figure(result.facility_kw, "kW")),
            self.row("utility_kva", self.figure(result.utility_kva, "kVA")),
            self.row("kwh_per_year", self.figure(result.kwh_per_year, "MWh", 1e-3)),
            self.row("co2", self.figure(result.co2_t_per_year, "t")),
        ]
        for item in result.more:
            racks = self.word("in_support_racks") if not item.cooling else fmt.whole(item.racks) if item.racks else "-"
            said = self.word("more_servers", servers=fmt.whole(item.servers), kw=fmt.significant(item.kw), racks=racks)
            rows.append(self.named(item.name, said))
        if result.binding:
            names = ", ".join(self.word(f"limit_{name}") for name in result.binding[:3])
            rows.insert(3, self.row("binding", names))
        return rows

    def cost(self) -> list[str]:
        cost = self.estimate.cost
        rows = []
        options: tuple[tuple[str, OptionCost], ...] = (("cloud", cost.cloud), ("onprem", cost.onprem))
        for name, side in options:
            total = self.money(side.total)
            rows.append(self.row(f"{name}_total", total if side.total.value is None else self.noted(total, (name,))))
            rows += [
                f"  {self.named(cost_lines()[line].label[self.language], self.money(amount))}"
                for line, amount in side.lines.items()
            ]
        even = cost.break_even_month
        month = self.why(even) if even.value is None else self.noted(fmt.in_month(even.value))
        rows.append(self.row("break_even_month", month))
        share = self.figure(cost.break_even_utilization, "%", 100)
        known = cost.break_even_utilization.value is not None
        rows.append(self.row("break_even_utilization", self.noted(share) if known else share))
        return rows
