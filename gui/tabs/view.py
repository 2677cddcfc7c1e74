"""From an estimate to what the charts show: stacks, step parts, cooling rows, cost lines. No widgets here."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.bars import Column, LimitRow, Part
from mitsumori.gui.charts.cost_curve import CostCurveData, CostLine, Crossing
from mitsumori.gui.charts.days_curve import WASTE, DaysData
from mitsumori.gui.charts.energy_flow import FlowPart
from mitsumori.gui.charts.memory_stack import PARTS, Stack
from mitsumori.gui.charts.numbers import UNKNOWN, count, duration, fixed, limit, money_axis, money_parts, number
from mitsumori.gui.tables.facts import Fact
from mitsumori.gui.tables.methods import MethodRow
from mitsumori.gui.words.plurals import plurals
from mitsumori.gui.words.results import (
    CLOUD_GROUPS,
    OWNED_GROUPS,
    TIME_INK,
    cooling_name,
    cost_line_name,
    limit_name,
    time_part_names,
    time_part_short_names,
)
from mitsumori.gui.words.totals import even_month, marked_money, star
from mitsumori.gui.words.translation import language
from mitsumori.model.base.figure import Figure
from mitsumori.model.cost.comparison import left_out
from mitsumori.model.cost.results import CostResult, OptionCost
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.facility.results import MethodResult
from mitsumori.model.plan.exchange import cooling_changes
from mitsumori.model.plan.plan import Plan
from mitsumori.model.study.training_table import scaling_stops_at

if TYPE_CHECKING:
    from mitsumori.model.base.arrays import Array
    from mitsumori.model.study.training_table import Cell as TableCell

translate = QCoreApplication.translate

TIME_PARTS = (
    "generation", "refit", "other_roles", "compute", "recompute", "communication", "bubble", "optimizer", "data", "lost",
)  # fmt: skip


def unit_bytes(unit: str) -> float:
    """Bytes of the unit shown: GB (decimal) or GiB."""
    return 2.0**30 if unit == "GiB" else 1e9


def stack_of(parts: Mapping[str, Figure | float | None], unit: str = "GB", **words: Any) -> Stack:
    """A mapping ``<part>_bytes`` (numbers or figures) as a stack in ``unit``."""
    scale = unit_bytes(unit)
    values = {}
    for part in PARTS:
        value = parts.get(f"{part}_bytes")
        if isinstance(value, Figure):
            value = value.value
        values[part] = 0.0 if value is None else float(value) / scale
    return Stack(values, **words)


def capacity_of(estimate: Estimate, unit: str = "GB") -> float | None:
    """Memory of the card in ``unit``."""
    value = estimate.memory.per_gpu.capacity_bytes.value
    return None if value is None else value / unit_bytes(unit)


def step_parts(estimate: Estimate) -> list[Part]:
    """The parts of a step in stacking order."""
    parts, names, short = [], time_part_names(), time_part_short_names()
    for name in TIME_PARTS:
        figure = estimate.training.breakdown_s.get(name)
        if figure is None:
            continue
        ink = TIME_INK.get(name, f"time_{name}")
        text = seconds(figure.value)
        key = f"training.breakdown_s.{name}"
        word = names.get(name, name)
        parts.append(Part(word, figure.value, ink, text, "", key, short.get(name, word)))
    return parts


def seconds(value: float | None) -> str:
    """Seconds of a step, below one in milliseconds."""
    if value is None:
        return UNKNOWN
    if value < 1e-9:  # what rounding left of nothing
        return translate("Training", "{value} s").format(value="0")
    if value < 1e-6:
        return translate("Training", "{value} ms").format(value="< 0.001")
    if value < 0.0995:
        return translate("Training", "{value} ms").format(value=number(value * 1e3))
    return translate("Training", "{value} s").format(value=number(value))


def days_data(cells: Sequence[TableCell] | None, estimate: Estimate, gpus: float) -> DaysData | None:
    """The curve of :func:`model.study.training_table.days_curve` for the chart."""
    if not cells:
        return None

    def column(name: str) -> Array:
        return np.array([math.nan if getattr(c, name) is None else float(getattr(c, name)) for c in cells])

    fits = estimate.memory.verdict != "no"
    knee = scaling_stops_at(cells, WASTE)
    return DaysData(
        np.array([float(cell.accelerators) for cell in cells]),
        column("days"),
        column("days_low"),
        column("days_high"),
        float(gpus),
        estimate.training.days.value if fits else None,
        None if knee is None else float(knee.accelerators),
        tuple(None if cell.accelerators == gpus else {"cluster.servers": cell.servers} for cell in cells),
    )


# -- racks ---------------------------------------------------------------------------------------------------------


def binding_words(binding: Sequence[str]) -> str:
    """The tightest limit in words."""
    return limit_name(binding[0]) if binding else ""


def need_words(method: MethodResult) -> str:
    """What a method that cannot cool lacks, short."""
    why = method.why
    if why is None:
        return ""
    need = why.params.get("need")
    unit = {"kva": "kVA", "air": "kW", "liquid": "kW", "units": "U", "weight": "kg", "floor": "kg/m²"}
    first = method.binding[0] if method.binding else ""
    if isinstance(need, (int, float)):
        return translate("Racks", "{need} {unit} needed").format(need=number(need), unit=unit.get(first, ""))
    return ""


def method_rows(plan: Plan, estimate: Estimate) -> list[MethodRow]:
    """The ladder of cooling methods."""
    rows = []
    for method in estimate.facility.methods:
        current = method.cooling == plan.facility.cooling
        note = ""
        if method.rack_kva_limit is not None and method.feasible and method.binding:
            note = translate("Racks", "{kva} kVA · limit: {limit}").format(
                kva=limit(method.rack_kva_limit), limit=binding_words(method.binding)
            )
        elif method.rack_kva_limit is not None:
            note = translate("Racks", "{kva} kVA").format(kva=limit(method.rack_kva_limit))
        changes = cooling_changes(method.cooling)
        why = method.why.message(language()) if method.why is not None else ""
        tip = why or (translate("Racks", "Click to use it") if not current else "")
        rows.append(
            MethodRow(
                cooling_name(method.cooling, estimate.catalogue),
                note,
                method.feasible,
                method.servers_per_rack,
                method.racks,
                method.air_kw,
                method.liquid_kw,
                method.rack_kva_limit,
                method.pue,
                current,
                "" if method.feasible else need_words(method),
                changes if method.feasible and not current else None,
                tip,
            )
        )
    return rows


def limit_rows(plan: Plan, estimate: Estimate) -> list[LimitRow]:
    """KVA of the fullest rack against the limit, for the methods worth showing."""
    rows = []
    for method in estimate.facility.methods:
        current = method.cooling == plan.facility.cooling
        if not (current or method.feasible) or method.kva_per_rack is None:
            continue
        name = cooling_name(method.cooling, estimate.catalogue)
        if len(name) > (16 if language() == "ja" else 30):
            name = re.split(r" ?[(（]", name)[0]
        servers = max(1, method.servers_per_rack)
        rows.append(
            LimitRow(
                name,
                translate("Racks", "this plan") if current else plurals().servers_a_rack(servers),
                method.kva_per_rack,
                method.rack_kva_limit,
                f"{number(method.kva_per_rack)} / {limit(method.rack_kva_limit)}",
                not method.feasible,
                current,
            )
        )
    rows.sort(key=lambda row: not row.strong)
    return rows[:6]


def hall_facts(plan: Plan, estimate: Estimate) -> list[Fact]:
    """IT, facility and utility power, energy, its price and CO2."""
    place = estimate.facility
    energy = place.kwh_per_year.value
    electricity = estimate.cost.onprem.lines.get("electricity")
    years = plan.money.horizon_months / 12.0
    a_year = None if electricity is None or electricity.value is None else electricity.value / years
    head, unit = money_parts(a_year, estimate.cost.currency)
    per_year = translate("Racks", "{unit} a year").format(unit=unit).strip()

    def fact(name: str, value: float | None, unit: str, path: str) -> Fact:
        return Fact(name, number(value), unit, path, raw=value)

    water, co2 = translate("Racks", "m³ a year"), translate("Racks", "t a year")
    electric = Fact(
        translate("Racks", "Electricity"),
        head,
        per_year,
        "cost.onprem.lines.electricity",
        raw=a_year,
        raw_unit=translate("Racks", "{unit} a year").format(unit=estimate.cost.currency),
    )
    return [
        fact(translate("Racks", "IT power, peak"), place.it_kw.value, "kW", "facility.it_kw"),
        fact(translate("Racks", "Hall power"), place.facility_kw.value, "kW", "facility.facility_kw"),
        fact(translate("Racks", "Utility"), place.utility_kva.value, "kVA", "facility.utility_kva"),
        fact(
            translate("Racks", "Energy a year"),
            None if energy is None else energy / 1e3,
            "MWh",
            "facility.kwh_per_year",
        ),
        electric,
        fact(translate("Racks", "CO₂"), place.co2_t_per_year.value, co2, "facility.co2_t_per_year"),
        fact(translate("Racks", "PUE"), place.pue.value, "", "facility.pue"),
        fact(translate("Racks", "Water"), place.water_m3_per_year.value, water, "facility.water_m3_per_year"),
    ]


def flow_parts(estimate: Estimate) -> list[FlowPart]:
    """Where the power of the hall goes."""
    place = estimate.facility
    details = place.details

    def kw(name: str) -> float:
        figure = details.get(name)
        return 0.0 if figure is None or figure.value is None else figure.value

    it, hall = place.it_kw.value, place.facility_kw.value
    if it is None or hall is None:
        return []
    other, more = kw("other_kw"), kw("more_kw")
    beside = [FlowPart(translate("Racks", "Spare, other servers"), more, "rack_storage", "facility.details.more_kw")]
    return [
        FlowPart(
            translate("Racks", "GPU servers"), max(0.0, it - other - more), "accent", "facility.details.compute_kw"
        ),
        *(beside if more else ()),
        FlowPart(translate("Racks", "Network, storage"), other, "rack_switch", "facility.details.other_kw"),
        FlowPart(
            translate("Racks", "Cooling, UPS, losses"),
            max(0.0, hall - it),
            "heat_liquid",
            "facility.details.cooling_and_losses_kw",
        ),
    ]


# -- money ---------------------------------------------------------------------------------------------------------


def grouped(lines: Mapping[str, Figure], groups: Mapping[str, tuple[str, ...]]) -> dict[str, float | None]:
    """Lines summed into the groups of the stack; absent groups are left out.

    A group with an unknown line is unknown, unless the total leaves that line out as well.
    """
    found: dict[str, float | None] = {}
    for group, names in groups.items():
        values = [lines[name].value for name in names if name in lines and not left_out(lines[name])]
        if not values:
            continue
        if any(value is None for value in values):
            found[group] = None
            continue
        total = sum(value for value in values if value is not None)
        if total or group in ("servers", "compute"):
            found[group] = total
    return found


def _parts(lines: Mapping[str, Figure], side: str, factor: float) -> list[Part]:
    groups, prefix = (CLOUD_GROUPS, "cloud_") if side == "cloud" else (OWNED_GROUPS, "cost_")
    parts = []
    for group, value in grouped(lines, groups).items():
        names = [name for name in groups[group] if name in lines and lines[name].value]
        key = f"cost.{side}.lines.{names[0] if names else next(n for n in groups[group] if n in lines)}"
        text = translate("Cost", "not given") if value is None else amount(value / factor)
        notes = [cost_line_name(name) for name in names] if len(names) > 1 else []
        notes += [
            translate("Cost", "{line} (not priced, left out)").format(line=cost_line_name(name))
            for name in groups[group]
            if name in lines and left_out(lines[name])
        ]
        note = ", ".join(notes)
        parts.append(Part(cost_line_name(group), value, f"{prefix}{group}", text, note, key))
    return parts


def amount(value: float) -> str:
    """An amount in the unit of a chart, with as many decimals as its size needs."""
    size = abs(value)
    if 0.0 < size < 0.005:  # something is not nothing
        return f"< {fixed(0.01, 2)}" if value > 0.0 else f"> {fixed(-0.01, 2)}"
    return fixed(value, 0 if size >= 100 else 1 if size >= 10 else 2)


def cost_columns(cost: CostResult) -> tuple[list[Column], list[Part], str]:
    """Both sides as columns, the owned lines, and the unit of the numbers."""
    known = [side.total.value or side.details["known_part"].value if "known_part" in side.details else side.total.value
             for side in (cost.cloud, cost.onprem)]  # fmt: skip
    factor, unit = money_axis(max((value or 0.0) for value in known), cost.currency)
    cloud = _parts(cost.cloud.lines, "cloud", factor)
    owned = _parts(cost.onprem.lines, "onprem", factor)

    def total(side: str) -> str:
        value = getattr(cost, side).total.value
        mark = star() if cost.left_out(side) else ""
        return UNKNOWN if value is None else f"{amount(value / factor)}{mark}"

    columns = [
        Column(translate("Cost", "Cloud"), "cloud", total("cloud"), tuple(cloud)),
        Column(translate("Cost", "On-premises"), "onprem", total("onprem"), tuple(owned)),
    ]
    return columns, owned, unit


def term_name(name: str) -> str:
    """An alternative of the comparison."""
    return {
        "cloud_on_demand": translate("Cost", "On demand"),
        "cloud_reserved_1y": translate("Cost", "Reserved 1 y"),
        "cloud_reserved_3y": translate("Cost", "Reserved 3 y"),
        "reserved_3y": translate("Cost", "Reserved 3 y"),
        "cloud_spot": translate("Cost", "Spot"),
        "lease": translate("Cost", "Lease"),
        "own_hall": translate("Cost", "Own hall"),
        "colocation": translate("Cost", "Colocation"),
    }.get(name, name)


def usable(values: Array) -> bool:
    """Whether a cumulative line can be drawn."""
    return len(values) > 1 and bool(np.isfinite(values).all())


def cost_curve(plan: Plan, cost: CostResult, alternatives: Sequence[str] = ()) -> CostCurveData:
    """Cumulative lines and crossings."""
    lines: list[CostLine] = []
    crossings: list[Crossing] = []
    shade = None
    has_cloud, has_owned = usable(cost.cloud.cumulative), usable(cost.onprem.cumulative)
    if has_cloud:
        lines.append(CostLine(translate("Cost", "Cloud"), cost.cloud.cumulative, "cloud"))
    if has_owned:
        mark = star() if cost.left_out("onprem") else ""
        lines.append(CostLine(translate("Cost", "On-premises"), cost.onprem.cumulative, "onprem", mark=mark))
    if has_cloud and has_owned:
        shade = (0, 1)
        found = _crossing(cost.break_even_month, cost.cloud)
        if found is not None:
            saving = cost.details["saving"].value
            text = (
                translate("Cost", "Catches up, month {month}")
                if saving is not None and saving < 0.0
                else translate("Cost", "Break-even, month {month}")
            ).format(month=even_month(found[0]))
            crossings.append(Crossing(*found, text))
    for name in alternatives:
        side = None if name in cost.unpriced else cost.alternatives.get(name)
        if side is None or not usable(side.cumulative):
            continue
        rented = name.startswith(("cloud", "reserved"))
        lines.append(CostLine(term_name(name), side.cumulative, "cloud" if rented else "onprem", False, True))
        if has_owned if rented else has_cloud:
            found = _crossing(side.details.get("break_even_month"), side)
            if found is not None:
                text = translate("Cost", "{name}: month {month}").format(
                    name=term_name(name), month=even_month(found[0])
                )
                crossings.append(Crossing(*found, text, False))
    empty = translate("Cost", "No price is known yet, so there is nothing to compare.")
    return CostCurveData(tuple(lines), tuple(crossings), cost.currency, shade, empty)


def _crossing(month: Figure | None, side: OptionCost) -> tuple[float, float] | None:
    """Month and amount of a break-even on one side's line; None where there is none or it lies at the very start."""
    if month is None or not month.value:
        return None
    return month.value, float(np.interp(month.value, np.arange(len(side.cumulative)), side.cumulative))


def gap_words(cost: CostResult) -> str:
    """What the cheaper side saves by the end, for the space between the lines; empty where a total is unknown."""
    cloud, owned = cost.cloud.total.value, cost.onprem.total.value
    if cloud is None or owned is None or cloud <= owned:
        return ""
    return translate("Cost", "Difference {amount}").format(amount=marked_money(cloud - owned, cost))


def memory_title(estimate: Estimate, unit: str = "GB") -> str:
    """The finding about memory as a sentence."""
    total = estimate.memory.per_gpu.total_bytes.value
    capacity = capacity_of(estimate, unit)
    if total is None or capacity is None:
        return translate("Memory", "The memory of this GPU is not known")
    used = total / unit_bytes(unit)
    words = {
        "used": number(used, 2 if used < 99.5 else 3),
        "spare": number(abs(capacity - used), 2),
        "capacity": limit(capacity),
        "unit": unit,
    }
    if estimate.memory.verdict == "no":
        return translate("Memory", "{spare} {unit} more than a GPU has").format(**words)
    if estimate.memory.verdict == "marginal":
        return translate("Memory", "{used} of {capacity} {unit} used, only {spare} {unit} to spare").format(**words)
    return translate("Memory", "{used} {unit} used, {spare} {unit} to spare").format(**words)


def rack_title(plan: Plan, estimate: Estimate) -> str:
    """The finding about the racks as a sentence; servers of further kinds, as those that generate, are counted behind it."""
    title = _main_racks(plan, estimate)
    return title if estimate.facility.racks.value is None else with_further_racks(title, estimate)


def with_further_racks(title: str, estimate: Estimate) -> str:
    """A title that counts racks of the main servers, and the racks of further kinds behind it."""
    further = sum(int(item.racks or 0) for item in estimate.facility.more)
    if not further:
        return title
    return translate("Racks", "{title}; {more}").format(title=title, more=plurals().further_racks(further))


def _main_racks(plan: Plan, estimate: Estimate) -> str:
    """The racks of the main servers as a sentence."""
    place = estimate.facility
    racks, per_rack, servers = place.racks.value, place.servers_per_rack.value, plan.cluster.servers
    method = cooling_name(plan.facility.cooling, estimate.catalogue)
    if racks is None or not per_rack:
        return translate("Racks", "{method} cannot carry a single server").format(method=method)
    words = {
        "servers": count(min(per_rack, servers)),
        "racks": count(racks),
        "limit": binding_words(place.binding),
        "all": count(servers),
    }
    if racks == 1:
        return plurals().one_rack_holds(servers)
    if servers % int(racks) == 0:
        words["servers"] = count(servers / racks)
        if servers // int(racks) == 1:
            return translate("Racks", "One server in each of {racks} racks; {limit} sets the limit").format(**words)
        return translate("Racks", "{servers} servers in each of {racks} racks; {limit} sets the limit").format(**words)
    return translate("Racks", "{racks} racks with up to {servers} servers; {limit} sets the limit").format(**words)


def days_title(estimate: Estimate, data: DaysData | None) -> str:
    """The finding about scaling as a sentence."""
    days = estimate.training.days.value
    if estimate.memory.verdict == "no":
        if days is None:
            return translate("Training", "The model does not fit on these GPUs")
        return translate("Training", "It would take {time} if it fitted").format(time=duration(days))
    doubled = data.at(2 * data.current_gpus) if data is not None else None
    if days is None:
        return translate("Training", "This plan does not finish as it is")
    if doubled is None:
        return translate("Training", "Training takes {time}").format(time=duration(days))
    return translate("Training", "Twice the GPUs would finish in {time}").format(time=duration(doubled))
