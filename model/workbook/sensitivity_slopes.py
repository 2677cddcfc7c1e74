"""How the saving moves with each factor of the sensitivity sheet: ranges and slopes as formulas."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mitsumori.model.cost.cashflow import cumulative
from mitsumori.model.cost.factors import PATHS
from mitsumori.model.cost.guides import guided
from mitsumori.model.cost.lines import Case, owned_lines
from mitsumori.model.cost.sensitivity import description
from mitsumori.model.workbook.audience import RELATIVE
from mitsumori.model.workbook.changes import HOLDS_OF_TERM
from mitsumori.model.workbook.context import Context
from mitsumori.model.workbook.description import Cell, Sheet, block
from mitsumori.model.workbook.facts import Facts

FACTORS = tuple(description()["factors"])
YEARS = 7


@dataclass(frozen=True, slots=True)
class Ends:
    """A factor's unit, the formula of its value (no ``=``), and of its low and high end with ``{base}`` for the value.

    ``node`` gives a price of the cloud's listed in US dollars for a node, ``{usd}``, or else ``{ratio}``.
    """

    unit: str
    base: str
    low: str
    high: str
    needs: tuple[Cell, ...]
    node: str = ""


def ends(context: Context, facts: Facts, sheet: Sheet, row: int, work: int, key: str) -> Ends:
    """The range of a factor, its constants beside the page."""
    record = description()["factors"][key]
    cells, use, t = context.cells, context.input, context.t
    money = context.plan.money
    unit = {
        "cloud_price": t("unit_per_hour", money=t(f"unit_money_{money.cloud.currency}")),
        "server_price": t("unit_per_server", money=t(f"unit_money_{money.onprem.currency}")),
        "electricity": t("unit_jpy_kwh"), "maintenance": t("unit_year"), "usd_jpy": t("unit_jpy_usd"),
        "staff_fte": t("unit_fte"), "horizon": t("unit_months"), "power": t("sens_of_maximum"),
    }.get(key, "")  # fmt: skip
    column = work

    def constant(value: float) -> Cell:
        nonlocal column
        cell = sheet.put(row, column, float(value), "const", "number")
        column += 1
        return cell

    relative = key in RELATIVE[context.audience]
    ends_of = record["otherwise"] if relative else (record["low"], record["high"])
    low, high = constant(ends_of[0]), constant(ends_of[1])
    kind = record["kind"]
    if kind == "ratio":
        base = str(use("money.usd_jpy"))
        return Ends(unit, base, f"{low}*{{base}}", f"{high}*{{base}}", (use("money.usd_jpy"),))
    if kind == "node_usd":
        return _node(context, facts, key, record, unit, (low, high), constant, relative)
    upper = str(high)
    for months, from_then in record.get("high_from_months", ()):
        upper = f"IF({cells['months']}>={constant(months)},{constant(from_then)},{upper})"
    base, needs = _base(context, key)
    lower = str(low)
    if key in PATHS:
        least, most = (constant(ratio) for ratio in record["otherwise"])
        asked = _entered(context, PATHS[key], constant)
        lower, upper = f"IF({asked},{least}*{{base}},{lower})", f"IF({asked},{most}*{{base}},{upper})"
    return Ends(unit, base, lower, upper, needs)


def _entered(context: Context, path: str, constant: Any) -> str:
    """Whether a price was entered, as a condition; a guide value that stands as it was exported is none."""
    cell = context.inputs[path]
    if path not in guided(context.plan):
        return f"ISNUMBER({cell})"
    return f"AND(ISNUMBER({cell}),{cell}<>{constant(float(context.plan.value(path)))})"


def _full_kw(context: Context) -> str:
    """Power of the cluster at its rated maximum, with what stands beside it."""
    cells = context.cells
    kw = f"{cells['lock_servers']}*{context.input('facility.server_max_kw')}*(1+{cells['other_standard_share']})"
    more = cells.get("out_facility_details_more_kw")
    return f"({kw})" if more is None else f"({kw}+{more})"


def _base(context: Context, key: str) -> tuple[str, tuple[Cell, ...]]:
    """The plan's own value of a factor that is not a price."""
    cells, use = context.cells, context.input
    if key == "power":
        busy, top = cells["out_cost_busy_kw"], use("facility.server_max_kw")
        return f"{busy}/{_full_kw(context)}", (busy, top)
    if key == "electricity":
        price, surcharge = use("money.electricity_jpy_per_kwh"), use("money.surcharge_jpy_per_kwh")
        return f"{price}+{surcharge}", (price, surcharge)
    cell = {
        "utilization": cells["utilization"], "pue": cells["out_facility_pue"], "horizon": cells["months"],
        "residual": use("money.onprem.residual_share"), "maintenance": use("money.onprem.maintenance_rate"),
        "staff_fte": use("money.onprem.staff_fte"),
    }[key]  # fmt: skip
    return str(cell), (cell,)


def _node(
    context: Context,
    facts: Facts,
    key: str,
    record: Any,
    unit: str,
    pair: tuple[Cell, Cell],
    constant: Any,
    relative: bool,
) -> Ends:
    """A price listed in US dollars for a node of so many accelerators of a kind, else a share either way."""
    cells, money = context.cells, context.plan.money
    if key == "cloud_price":
        instance = facts.resolved.cloud_instance
        kind = instance.accelerator if instance is not None else facts.resolved.server.accelerator
        currency, needed = money.cloud.currency, cells["cloud_hourly"]
        fx = cells[f"fx_{currency}"]
        count, base = str(cells["cloud_instance_gpus"]), f"{needed}/{fx}"
    else:
        kind = facts.resolved.server.accelerator
        currency, needed = money.onprem.currency, cells["initial_servers"]
        fx = cells[f"fx_{currency}"]
        count, base = f"{cells['lock_gpus']}/{cells['lock_servers']}", f"{needed}/{cells['lock_fleet']}/{fx}"
    if relative:
        return Ends(unit, base, f"{pair[0]}*{{base}}", f"{pair[1]}*{{base}}", (needed, fx), "{ratio}")
    least, most = (constant(ratio) for ratio in record["otherwise"])
    accelerators = constant(record["accelerators"])
    if kind not in record["kinds"]:
        return Ends(unit, base, f"{least}*{{base}}", f"{most}*{{base}}", (needed, fx), "{ratio}")
    usd = cells["fx_USD"]
    node = f"IF(ISNUMBER({usd}),{{usd}}*{usd}/{fx}*{count}/{accelerators},{{ratio}})"
    asked = _entered(context, PATHS[key], constant)
    low, high = (
        f"IF({asked},{ratio}*{{base}},{node.format(usd=end, ratio=f'{ratio}*{{base}}')})"
        for end, ratio in zip(pair, (least, most), strict=True)
    )
    return Ends(unit, base, low, high, (needed, fx), node)


@dataclass(frozen=True, slots=True)
class Slopes:
    """Formulas of the saving at another value of a factor."""

    bodies: dict[str, str]
    needs: dict[str, tuple[Cell, ...]]
    saving: Cell
    rental: str
    energy: str
    paid: str
    utilization: Cell

    def at(self, key: str, end: Cell, base: Cell) -> str:
        """The saving where ``key`` is ``end`` instead of ``base``, no ``=``."""
        return self.bodies[key].format(end=end, base=base)

    def both(self, share: Cell, price: Cell, base: Cell) -> str:
        """The saving at another utilization and another price of the cloud."""
        paid = self.paid.format(u=share), self.paid.format(u=self.utilization)
        return (
            f"{self.saving}+{self.rental}*({paid[0]}*{price}-{paid[1]}*{base})"
            f"-({share}-{self.utilization})*{self.energy}"
        )


def slopes(context: Context, facts: Facts, sheet: Sheet, work: int) -> Slopes:
    """The formulas, with intermediate cells above the workings beside the page."""
    cells, use, money = context.cells, context.input, context.plan.money
    saving, months, tax = cells["out_cost_details_saving"], cells["months"], cells["cmp_tax"]
    u, hours, yen = cells["utilization"], cells["cst_hours_year"], cells["fx_JPY"]
    busy, idle, pue = cells["out_cost_busy_kw"], cells["out_cost_idle_kw"], cells["out_facility_pue"]
    own = money.onprem
    reserved, spot = money.cloud.term.startswith("reserved"), money.cloud.term == "spot"
    paid = "1" if reserved else f"{{u}}*(1+{cells['cloud_spot']})" if spot else "{u}"
    fx_cloud, fx_own = cells[f"fx_{money.cloud.currency}"], cells[f"fx_{own.currency}"]
    count, support = cells["cloud_count"], use("money.cloud.support_rate")
    gained = f"(1+{use('money.cloud.goodput_loss_share')}+{use('money.cloud.debugging_share')})"
    whole = cells[f"months_{HOLDS_OF_TERM.get(money.cloud.term, 'cloud')}"]
    lost = cells["months_lost"]
    counted = f"{whole}" if reserved else f"({whole}-{lost})"
    rental = f"{counted}*(1+{tax})*(1+{support})*{gained}*{count}*{hours}/12*{fx_cloud}"
    price = f"({use('money.electricity_jpy_per_kwh')}+{use('money.surcharge_jpy_per_kwh')})"
    metered = not (own.power_included_in_rent and own.site == "colocation")
    spent = f"(1+{tax})*{hours}/12*{yen}" if metered else "0"
    power = (busy, idle, pue, yen) if metered else ()
    priced = cells["months_electricity"]
    used = f"({priced}-{lost})"
    mean = f"({used}*{u}*({busy}-{idle})+{priced}*{idle})"
    energy = f"{used}*{spent}*({busy}-{idle})*{pue}*{price}" if metered else "0"
    mean = mean if metered else "0"
    peak = _measured(context) if metered else ""
    per_kwh = f"{pue}" if metered else "0"
    hourly = cells["cloud_hourly"]
    per_price, base_per_price = _per_server_price(context, facts, sheet, work)
    moved = f"{cells['lock_fleet']}*{fx_own}*({{end}}-{{base}})"
    paid_now = paid.format(u=u)
    bodies = {
        "cloud_price": f"{saving}+{rental}*{paid_now}*({{end}}-{{base}})",
        "utilization": f"{saving}+{rental}*({paid.format(u='{end}')}-{paid_now})*{hourly}/{fx_cloud}"
                       f"-({{end}}-{{base}})*{energy}",
        "server_price": f"{saving}-{per_price}*{moved}-({property_tax(context, f'+{base_per_price}*{moved}')}"
                        f"-{cells['property_tax_total']})",
        "electricity": f"{saving}-{spent}*{mean}*{per_kwh}*({{end}}-{{base}})",
        "pue": f"{saving}-({spent}*{mean}*{price}{peak and f'+{peak}*{busy}'})*({{end}}-{{base}})",
        "power": f"{saving}-({spent}*{used}*{u}*{per_kwh}*{price}{peak and f'+{peak}*{pue}'})*{_full_kw(context)}"
                 f"*({{end}}-{{base}})",
        "residual": f"{saving}+{cells['initial_servers']}*({{end}}-{{base}})",
        "maintenance": f"{saving}-(1+{tax})*{months}/12*{cells['hardware']}*({{end}}-{{base}})",
        "staff_fte": _staff(context, saving),
        "usd_jpy": _exchange(context, facts, per_price, base_per_price),
        "horizon": _horizon(context),
    }  # fmt: skip
    rented = (count, hourly, fx_cloud, *((cells["cloud_spot"],) if spot else ()))
    needs: dict[str, tuple[Cell, ...]] = dict.fromkeys(FACTORS, ())
    needs |= {"cloud_price": rented, "utilization": (*rented, *power), "server_price": (per_price, fx_own, yen)}
    needs |= dict.fromkeys(("electricity", "pue", "power"), power)
    needs |= {"residual": (cells["initial_servers"],), "maintenance": (cells["hardware"],)}
    return Slopes(bodies, needs, saving, rental, energy, paid, u)


def _measured(context: Context) -> str:
    """What a kW of the measured peak costs over the horizon, where the demand charge follows it; else nothing."""
    cells, use = context.cells, context.input
    if context.plan.money.demand_basis != "measured":
        return ""
    small = f"({cells['out_facility_details_contract_kw']}<{cells['cst_measured_below']})"
    rate = f"{use('money.demand_charge_jpy_per_kw_month')}*({cells['cst_power_factor']}-{use('facility.site_power_factor')})"
    return f"{small}*{cells['months_electricity']}*(1+{cells['cmp_tax']})*{rate}*{cells['fx_JPY']}"


def _staff(context: Context, saving: Cell) -> str:
    cost, fx = (
        context.input("money.onprem.staff_cost_per_year"),
        context.cells[f"fx_{context.plan.money.onprem.currency}"],
    )
    moved = f"{saving}-{context.cells['months_staff']}/12*{cost}*{fx}*({{end}}-{{base}})"
    # Without staff nobody asks what one costs.
    return f"IF({{base}}=0,{saving},{moved})"


def property_tax(context: Context, more: str, works: str = "", exempt: str = "") -> str:
    """Property tax over the horizon for another cost of the machines (``more`` is added to it), no ``=``.

    ``works`` and ``exempt`` are factors of the works' cost and of the exemption, written ``*factor``.
    """
    cells = context.cells
    machines, installed, used = (
        block([cells[f"property_{name}_first"], cells[f"property_{name}_last"]])
        for name in ("equipment", "works", "used")
    )
    base = f"(({cells['property_equipment_base']}{more})*{machines}+{cells['property_works_base']}{works}*{installed})"
    levied = f"({base}>={cells['property_exempt']}*{cells['fx_JPY']}{exempt})"
    return f"SUMPRODUCT({levied}*{base}*{used})/12*{context.input('money.onprem.property_tax_rate')}"


def _per_server_price(context: Context, facts: Facts, sheet: Sheet, work: int) -> tuple[Cell, Cell]:
    """For each unit of money that the servers cost: what owning costs over the horizon but for property tax, and its base."""
    cells, use = context.cells, context.input
    months, tax = cells["months"], cells["cmp_tax"]
    share, given = use("money.onprem.network_share"), context.inputs["money.onprem.network_price"]
    hardware = f"(1+IF(ISNUMBER({given}),0,{share}))"
    install, spares = use("money.onprem.installation_share"), use("money.onprem.spares_share")
    rates = {n: use(f"money.onprem.{n}") for n in ("maintenance_rate", "insurance_rate", "residual_share")}
    bought = f"({hardware}*(1+{install})+{spares})"
    refresh = f"{use('money.onprem.refresh_share')}*({use('money.onprem.refresh_month')}<={months})"
    kept = f"{months}/12*{rates['maintenance_rate']}+{refresh}"
    outlay = f"({bought}+({kept})*{hardware})*(1+{tax})-{rates['residual_share']}"
    running = f"{months}/12*{rates['insurance_rate']}*{hardware}"
    sheet.put(1, work, context.t("sens_per_server_price"), "note")
    value, base = _one_server(context, facts.case)
    made = sheet.formula(1, work + 1, f"={outlay}+{running}", value, "calc", "number")
    sheet.put(1, work + 2, context.t("sens_base_per_server_price"), "note")
    return made, sheet.formula(1, work + 3, f"={bought}", base, "calc", "number")


def _one_server(context: Context, plan: Case) -> tuple[float, float]:
    """The program's own figures for it: owning one server at a price of one, with all that no server price moves at nil."""
    nothing: dict[str, Any] = dict.fromkeys((
        "storage_price", "cooling_per_rack", "power_works", "colocation_setup", "staff_fte", "energy_jpy_per_kwh", "busy_kw",
        "idle_kw", "contract_kw", "rent_per_rack_month", "rent_per_kva_month", "license_per_gpu_year",
        "license_per_server_year", "license_per_year", "racks", "cooled_racks", "kva", "disposal_per_server",
        "property_tax_rate", "more_jpy", "more_usd", "more_network_usd",
    ), 0.0)  # fmt: skip
    case = replace(
        plan, **nothing, servers=1.0, server_price=1.0, pue=1.0, server_currency=plan.currency,
        onprem_currency=plan.currency, network_price=math.nan if math.isnan(float(plan.network_price)) else 0.0,
    )  # fmt: skip
    return _owned(context, case), float(sum(owned_lines(case).initial.values()))


def _owned(context: Context, case: Case) -> float:
    money = context.plan.money
    kept = 0.0 if money.tax_credit else money.tax_rate
    return float(cumulative(owned_lines(case).stream(kept), case.months, np.array([float(case.months)]))[0])


def _exchange(context: Context, facts: Facts, per_price: Cell, base_per_price: Cell) -> str:
    """What is priced in the other currency moves with the rate; which that is follows the inputs that are filled in."""
    cells, money = context.cells, context.plan.money
    months, tax, support = cells["months"], cells["cmp_tax"], context.input("money.cloud.support_rate")
    foreign = "USD" if money.currency == "JPY" else "JPY"
    offers = facts.offers
    terms: list[str] = []

    def flag(inputs: list[str], entered: str, listed: str | None) -> str:
        """1 where the price that counts is in the other currency."""
        mine, theirs = int(entered == foreign), int(listed == foreign)
        if listed is None or mine == theirs:
            return str(mine)
        given = ",".join(str(context.inputs[path]) for path in inputs)
        return f"IF(COUNT({given})>0,{mine},{theirs})"

    def add(sign: str, amount: str, weight: str) -> None:
        if weight == "1":
            terms.append(f"{sign}{amount}")
        elif weight != "0":
            terms.append(f"{sign}{amount}*{weight}")

    term = money.cloud.term
    paths = ["money.cloud.price_per_hour"]  # the entry of the plan's own term
    served = f"{months}*(1+{tax})*(1+{support})"
    compute = "+".join(f"out_cost_cloud_lines_{name}" for name in ("compute", "goodput", "debugging"))
    add("+", f"(1+{tax})*(1+{support})*({compute})", flag(paths, money.cloud.currency, _listed(offers[term])))
    cpu = f"(1+{support})*out_cost_cloud_lines_cpu_nodes"
    add("+", f"(1+{tax})*({cells['cloud_setup']}+{cpu})", flag([], money.cloud.currency, None))
    add("+", f"{served}*{cells['cloud_storage']}",
        flag(["money.cloud.storage_per_gb_month"], money.cloud.currency, _listed(facts.storage_offer)))  # fmt: skip
    add("+", f"{served}*{cells['cloud_egress']}",
        flag(["money.cloud.egress_per_gb"], money.cloud.currency, _listed(facts.egress_offer)))  # fmt: skip
    servers = f"{per_price}*{cells['initial_servers']}"
    power = f"(1+{tax})*out_cost_onprem_lines_electricity"
    taxed = cells["property_tax_total"]
    further, per_further, abroad = _further(context, facts, foreign)
    beside = f"-{further}*{per_further}" if further else ""
    rest = f"({cells['out_cost_onprem_details_compared_total']}-{servers}-{power}-{taxed}{beside})"
    foreign_servers = flag(["money.onprem.server_price"], money.onprem.currency, _listed(facts.server_offer))
    foreign_rest = flag([], money.onprem.currency, None)
    add("-", servers, foreign_servers)
    add("-", rest, foreign_rest)
    add("-", power, "1" if foreign == "JPY" else "0")
    if further:
        add("-", f"{further}*{per_further}", abroad)
    saving = cells["out_cost_details_saving"]
    ratio = "({end}/{base}-1)" if foreign == "USD" else "({base}/{end}-1)"
    of_servers = f"{base_per_price}*{cells['initial_servers']}"
    installed = f"{further}*(1+{context.input('money.onprem.installation_share')})" if further else ""
    others = f"({cells['property_equipment_base']}-{of_servers}{f'-{installed}' if further else ''})"
    of_further = f"+{installed}*{abroad}" if further else ""
    more = f"+{ratio}*({of_servers}*{foreign_servers}+{others}*{foreign_rest}{of_further})"
    other_tax = property_tax(context, more, f"*(1+{ratio}*{foreign_rest})", f"*(1+{ratio})" if foreign == "JPY" else "")
    return f"{saving}+{ratio}*({''.join(terms) or '0'})-({other_tax}-{taxed})"


def _further(context: Context, facts: Facts, foreign: str) -> tuple[str, str, str]:
    """Cost of further types of servers, what each unit of it costs over the horizon, and the share of it in the other currency.

    Three empty texts where there are none. Network and spare parts are no part of it.
    """
    if not facts.plan.cluster.more:
        return "", "", ""
    case, use, whole = facts.case, context.input, context.cells["initial_more_servers"]
    amount = float(case.more_jpy if foreign == "JPY" else case.more_usd + case.more_network_usd)
    share = f"{amount!r}*{context.cells[f'fx_{foreign}']}/{whole}" if amount and math.isfinite(amount) else "0"
    months, tax = context.cells["months"], context.cells["cmp_tax"]
    kept = f"(1+{use('money.onprem.installation_share')}+{months}/12*{use('money.onprem.maintenance_rate')})*(1+{tax})"
    each = f"({kept}+{months}/12*{use('money.onprem.insurance_rate')})"
    return str(whole), each, share


def _listed(offer: Any) -> str | None:
    return None if offer.value is None else str(offer.currency)


def _horizon(context: Context) -> str:
    """Both streams to another last month: what runs until then, what is paid at the start, in one month and at the end."""
    cells, blocks = context.cells, context.blocks
    running = f"SUMPRODUCT(({blocks['run_months']}<={{end}})*({blocks['run_cloud']}-{blocks['run_owned']}))"
    start = f"{cells['cmp_cloud_initial']}-{cells['cmp_owned_initial']}-{cells['cmp_owned_final']}"
    share, when = context.input("money.onprem.refresh_share"), context.input("money.onprem.refresh_month")
    refresh = f"{share}*{cells['hardware']}*(1+{cells['cmp_tax']})*({when}<={{end}})"
    return f"{running}+{start}-{refresh}"
