"""The trade-off in words: plans as marks of the chart, its title, and the axis that days are drawn against."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import count, duration, money_axis, money_round, number
from mitsumori.gui.charts.trade_off import Against, Choice
from mitsumori.gui.tables.columns import Cell, Column
from mitsumori.gui.tabs.bottlenecks import cleared_note
from mitsumori.gui.tabs.generations import indication
from mitsumori.gui.words.plurals import horizon, plurals
from mitsumori.gui.words.results import cooling_name, gpus
from mitsumori.gui.words.totals import marked_parts, star
from mitsumori.gui.words.translation import language
from mitsumori.model.base.format import money_parts
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.exchange import exchanges_server
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import accelerator_key

if TYPE_CHECKING:
    from mitsumori.model.study.goal_seek import GoalResult
    from mitsumori.model.study.trade_offs import Axis, TradeOffs, TradePoint

translate = QCoreApplication.translate


def axis_options() -> list[tuple[str, str]]:
    """The choices of the segmented control."""
    return [
        ("cost", translate("Advisor", "Cost")),
        ("accelerators", translate("Advisor", "GPUs")),
        ("facility_kw", translate("Advisor", "kW")),
    ]


def chip_name(accelerator: str, catalogue: Catalogue) -> str:
    """An accelerator in one word or two: H100, B300, MI300X."""
    record = catalogue.accelerators().get(accelerator)
    name = accelerator if record is None else record.name
    name = re.split(r" \(| SXM| PCIe| \d+GB", name)[0]
    return name.removeprefix("Instinct ")


def series_name(point: TradePoint, axis: str, catalogue: Catalogue) -> str:
    """The series of a plan: its GPU, and that it is rented where money counts."""
    name = chip_name(point.accelerator, catalogue)
    if axis != "cost" or point.site == "onprem":
        return name
    return translate("Advisor", "{gpu}, cloud").format(gpu=name)


def against(axis: str, plan: Plan, currency: str) -> Against:
    """The axis below."""
    span = horizon(plan.money.horizon_months)
    units = {
        "cost": translate("Advisor", "total cost over {span}, {unit} (log scale)").replace("{span}", span),
        "accelerators": translate("Advisor", "GPUs (log scale)"),
        "facility_kw": translate("Advisor", "power of the facility, kW (log scale)"),
    }
    headers = (
        Column(translate("Advisor", "Plan")),
        Column(translate("Advisor", "Time"), translate("Tables", "days"), number=True),
        Column(translate("Advisor", "Total cost"), currency, number=True),
        Column(translate("Advisor", "GPUs"), number=True),
        Column(translate("Advisor", "Power of the facility"), "kW", number=True),
        Column(translate("Advisor", "Where")),
        Column(translate("Advisor", "Cooling")),
        Column(translate("Advisor", "Unbeaten")),
    )
    return Against(units[axis], currency if axis == "cost" else "", headers)


def choices(
    found: TradeOffs, plan: Plan, axis: str, catalogue: Catalogue, goal: GoalResult | None = None
) -> list[Choice]:
    """Every plan that has the quantity of the axis; the plan that a goal search found among them."""
    found = found.with_third("facility_kw" if axis == "facility_kw" else "accelerators")
    shown = found.against(cast("Axis", axis))
    shapes: dict[str, int] = {}
    for point, _, _ in sorted(shown, key=lambda item: item[0].server != plan.cluster.server):
        shapes.setdefault(point.accelerator, len(shapes))
    cooled: dict[tuple[str, str], str] = {}
    for point, _, _ in shown:
        place = (point.server, point.site)
        if point.cooling == plan.facility.cooling or place not in cooled:
            cooled[place] = point.cooling
    wanted = None if goal is None or not goal.found or goal.measured is None else goal.measured.plan
    rows = []
    for point, value, front in shown:
        met = wanted is not None and _is(point, wanted, plan, goal_site(goal))
        rows.append(
            Choice(
                value,
                point.days or 0.0,
                series_name(point, axis, catalogue),
                shapes[point.accelerator],
                axis == "cost" and point.site == "cloud",
                point.cooling == cooled[point.server, point.site],
                front,
                point.front,
                point.current,
                met,
                _name(point, axis, met),
                _tip(point, found.currency, catalogue),
                _cells(point, found.currency, catalogue),
                None if point.current else dict(point.changes),
                axis == "cost" and point.weak,
                axis == "cost" and bool(point.missing),
            )
        )
    if wanted is not None and goal is not None and not any(row.found for row in rows):
        rows += _met(goal, plan, axis, shapes, found.currency, catalogue)
    return rows


def _is(point: TradePoint, wanted: Plan, plan: Plan, site: str) -> bool:
    """Whether a mark is the plan that a search found."""
    same = (point.server, point.servers, point.cooling, point.site)
    if same != (wanted.cluster.server, wanted.cluster.servers, wanted.facility.cooling, site):
        return False
    return (plan if point.current else plan.with_values(dict(point.changes))) == wanted


def goal_site(goal: GoalResult | None) -> str:
    """Whether a goal is about owning or renting."""
    return "onprem" if goal is None else goal.goal.site


def _met(
    goal: GoalResult, plan: Plan, axis: str, shapes: Mapping[str, int], currency: str, catalogue: Catalogue
) -> list[Choice]:
    """The plan that a search found, where the study has no such plan."""
    measured = goal.measured
    assert measured is not None
    other = measured.plan
    values = {
        "cost": measured.values["budget"],
        "accelerators": float(gpus(other, catalogue)),
        "facility_kw": measured.values["facility_kw"],
    }
    value, days = values[axis], measured.values["days"]
    same_work = (other.workload.tokens, other.model) == (plan.workload.tokens, plan.model)
    if value is None or days is None or not same_work:
        return []
    name = plurals().servers(other.cluster.servers)
    head = other.cluster.servers, other.cluster.server, catalogue
    partial = bool(measured.estimate.cost.left_out(goal.goal.site))
    amount = _amount(values["cost"], currency, measured.weak, partial)
    figures = _figures(days, amount, gpus(other, catalogue), values["facility_kw"])
    tip = f"{_head(*head, goal.goal.site)}\n{figures}"
    key = None if other == plan else dict(goal.changes)
    accelerators = float(gpus(other, catalogue))
    cells = (
        Cell(_head(*head)), Cell(duration(days), days), Cell(amount, values["cost"]),
        Cell(count(accelerators), accelerators), Cell(number(values["facility_kw"]), values["facility_kw"]),
        Cell(site_name(goal.goal.site)), Cell(cooling_name(other.facility.cooling, catalogue)), Cell(),
    )  # fmt: skip
    rented = axis == "cost" and goal.goal.site == "cloud"
    shape = shapes.get(accelerator_key(other, catalogue), 0)
    return [
        Choice(
            value, days, "", shape, rented, False, found=True, name=name, tip=tip, cells=cells, key=key,
            weak=axis == "cost" and measured.weak, partial=axis == "cost" and partial,
        )
    ]  # fmt: skip


def site_name(site: str) -> str:
    """Owned or rented."""
    return translate("Advisor", "Cloud") if site == "cloud" else translate("Advisor", "On-premises")


def _name(point: TradePoint, axis: str, met: bool) -> str:
    if not (point.current or met):
        return ""
    name = plurals().servers(point.servers)
    if axis == "cost" and point.site == "cloud":
        name = translate("Advisor", "{servers} in the cloud").format(servers=name)
    return translate("Advisor", "{name} (this plan)").format(name=name) if point.current else name


def _head(servers: int, server: str, catalogue: Catalogue, site: str = "") -> str:
    record = catalogue.servers().get(server)
    words = translate("Advisor", "{servers} {server}").format(
        servers=plurals().servers(servers), server=server if record is None else record.name
    )
    return f"{words} · {site_name(site)}" if site else words


def _amount(value: float | None, currency: str, weak: bool = False, partial: bool = False) -> str:
    """A total with its marks: in brackets where it hangs on a weak price, with a star where a line is left out of it."""
    if value is None:
        return translate("Advisor", "price not given")
    return marked_parts(money_parts(value, currency, language()), weak, partial).text


def _figures(days: float | None, amount: str, chips: int, power: float | None) -> str:
    parts = [duration(days), amount, plurals().gpus(chips)]
    if power is not None:
        parts.append(translate("Advisor", "{power} kW").format(power=number(power)))
    return " · ".join(parts)


def _tip(point: TradePoint, currency: str, catalogue: Catalogue) -> str:
    lines = [
        _head(point.servers, point.server, catalogue, point.site),
        _figures(point.days, _cost(point, currency), point.accelerators, point.facility_kw),
    ]
    if point.site == "onprem":
        lines.append(cooling_name(point.cooling, catalogue))
    if point.current:
        lines.append(translate("Advisor", "This plan"))
        return "\n".join(lines)
    if point.weak:
        lines.append(indication())
    if exchanges_server(point.changes):
        lines.append(cleared_note())
    lines.append(translate("Advisor", "Click: use it. Shift+click: add as a scenario."))
    return "\n".join(lines)


def _cost(point: TradePoint, currency: str) -> str:
    return _amount(point.cost, currency, point.weak, bool(point.missing))


def _cells(point: TradePoint, currency: str, catalogue: Catalogue) -> tuple[Cell, ...]:
    return (
        Cell(_head(point.servers, point.server, catalogue)),
        Cell(duration(point.days), point.days),
        Cell(_cost(point, currency), point.cost),
        Cell(count(point.accelerators), float(point.accelerators)),
        Cell(number(point.facility_kw), point.facility_kw),
        Cell(site_name(point.site)),
        Cell(cooling_name(point.cooling, catalogue) if point.site == "onprem" else ""),
        Cell(translate("Advisor", "yes") if point.front else ""),
    )


# -- title ---------------------------------------------------------------------------------------------------------


def trade_title(rows: list[Choice], axis: str, currency: str) -> str:
    """What the picture says: what the found plan buys, what beats the plan, or that nothing does."""
    own = next((row for row in rows if row.current and not row.rented), None)
    own = own or next((row for row in rows if row.current), None)
    found = next((row for row in rows if row.found and not row.current), None)
    if own is not None and own.weak:
        own = None  # a cost that is an indication is nothing to compare with
    if axis == "cost" and found is not None and not found.weak:
        # Renting is compared with renting.
        side = next((row for row in rows if row.current and row.rented == found.rented), None)
        if side is not None and not side.weak and found.x > side.x and found.days < side.days:
            return _each_extra(side, found, currency)
    if own is None:
        return {
            "cost": translate("Advisor", "What is both faster and cheaper than everything else"),
            "accelerators": translate("Advisor", "What is faster than everything else with as many GPUs"),
            "facility_kw": translate("Advisor", "What is faster than everything else with as much power"),
        }[axis]
    better = [row for row in rows if row.front and row.x <= own.x and row.days < own.days]
    if not better:
        return {
            "cost": translate("Advisor", "Nothing that was tried is both faster and cheaper than this plan"),
            "accelerators": translate("Advisor", "Nothing that was tried is faster with as few GPUs as this plan"),
            "facility_kw": translate("Advisor", "Nothing that was tried is faster with as little power as this plan"),
        }[axis]
    best = min(better, key=lambda row: row.days)
    words = {
        "cost": translate("Advisor", "For no more money, {plan} takes {time} instead of {own}"),
        "accelerators": translate("Advisor", "With no more GPUs, {plan} takes {time} instead of {own}"),
        "facility_kw": translate("Advisor", "With no more power, {plan} takes {time} instead of {own}"),
    }[axis]
    return words.format(plan=best.family, time=duration(best.days), own=duration(own.days))


def _each_extra(own: Choice, found: Choice, currency: str) -> str:
    factor, _ = money_axis(found.x - own.x, currency)
    step = 10.0 ** (len(str(int((found.x - own.x) / factor))) - 1) * factor
    saved = (own.days - found.days) / ((found.x - own.x) / step)
    amount = money_round(step, currency) + (star() if own.partial or found.partial else "")
    return translate("Advisor", "From this plan to {name}, each extra {amount} saves {time}").format(
        name=found.name, amount=amount, time=duration(saved)
    )


def trade_subtitle(axis: str, complete: bool) -> str:
    """How to read the picture."""
    words = {
        "cost": translate("Advisor", "Line: nothing is faster and cheaper · hollow: cloud"),
        "accelerators": translate("Advisor", "Line: nothing is faster with as few GPUs"),
        "facility_kw": translate("Advisor", "Line: nothing is faster with as little power"),
    }[axis]
    return words if complete else translate("Advisor", "So far only this plan's server · {words}").format(words=words)


def missing_words(found: TradeOffs, axis: str, catalogue: Catalogue) -> tuple[str, str]:
    """GPUs that are not in the picture for want of a figure: how many, and which."""
    shown = {point.accelerator for point, _, _ in found.against(cast("Axis", axis))}
    without = sorted({chip_name(p.accelerator, catalogue) for p in found.unpriced if p.accelerator not in shown})
    if not without or axis == "accelerators":
        return "", ""
    names = translate("Advisor", ", ").join(without)
    if axis == "cost":
        return plurals().gpus_without_price(len(without)), translate("Advisor", "No price: {names}").format(names=names)
    return plurals().gpus_without_power(len(without)), translate("Advisor", "Power unknown: {names}").format(
        names=names
    )
