"""What another exchange rate makes of the saving: what is priced in the other currency, on both sides."""

from __future__ import annotations

from collections.abc import Callable

from mitsumori.model.cost.money import Offer
from mitsumori.model.workbook.context import Context
from mitsumori.model.workbook.description import Cell
from mitsumori.model.workbook.facts import Facts
from mitsumori.model.workbook.lead_rows import interim_term
from mitsumori.model.workbook.sensitivity_units import TaxedEnd, Units, number_of

__all__ = ["exchanged_part"]


def exchanged_part(
    context: Context, facts: Facts, units: Units, per_price: Cell, base_per_price: Cell
) -> tuple[str, Callable[[Cell, Cell], TaxedEnd]]:
    """What is priced in the other currency moves with the rate; which that is follows the inputs that are filled in.

    Returns what the saving gains but for property tax, a formula with ``{end}`` and ``{base}``, and what that tax rests on.

    Parameters
    ----------
    context, facts
        The export, and what the plan computes.
    units
        Cells with labels that the result joins.
    per_price, base_per_price
        What owning costs over the horizon for each unit of the servers' price, and what of it is assessed for property tax.
    """
    cells, money, tax = context.cells, context.plan.money, context.cells["cmp_tax"]
    foreign, own = "USD" if money.currency == "JPY" else "JPY", money.onprem.currency
    saving = cells["out_cost_details_saving"]
    meanwhile, abroad_then = _meanwhile(context, facts, units)
    compute, setup, moved = _rented(context, facts, units)
    power, taxed = cells["out_cost_onprem_lines_electricity"], cells["property_tax_total"]
    initial, total = cells["initial_servers"], cells["out_cost_onprem_details_compared_total"]
    servers, of_rest = (
        _abroad(context, "money.onprem.server_price", own, _listed(facts.server_offer)),
        float(own == foreign),
    )
    bill = f"(1+{tax})*{power}"
    paid = (1.0 + number_of(tax)) * number_of(power)
    machines = number_of(per_price) * number_of(initial)
    further = _further(context, facts, units, foreign)
    fabric = _counted_network(context, facts, units)
    beside = "".join(f"-{found[0]}" for found in (further, fabric) if found)
    more = number_of(further[0]) if further else 0.0
    wired = number_of(fabric[0]) if fabric else 0.0
    then = number_of(meanwhile) if meanwhile else 0.0
    rest = number_of(total) - machines - paid - number_of(taxed) - more - wired - then
    beside += f"-{meanwhile}" if meanwhile else ""
    parts = [f"{per_price}*{initial}*{servers[0]}"]
    parts += [f"({total}-{per_price}*{initial}-{bill}-{taxed}{beside})"] if of_rest else []
    parts += [bill] if foreign == "JPY" else []
    parts += [f"{further[0]}*{further[2]}"] if further else []
    parts += [str(fabric[0])] if fabric and foreign == "USD" else []
    parts += [f"{abroad_then}"] if abroad_then else []
    abroad = number_of(further[2]) if further else 0.0
    owned = units.put(
        "sens_fx_owned", (saving,), "+".join(parts),
        machines * servers[1] + rest * of_rest + paid * float(foreign == "JPY") + more * abroad
        + wired * float(foreign == "USD")
        + (number_of(abroad_then) if abroad_then else 0.0),
    )  # fmt: skip
    ratio = "({end}/{base}-1)" if foreign == "USD" else "({base}/{end}-1)"
    equipment, works, exempt = (
        cells[name] for name in ("property_equipment_base", "property_works_base", "property_exempt")
    )

    def of_rate(end: Cell, base: Cell) -> TaxedEnd:
        share = ratio.format(end=end, base=base)
        change = number_of(end) / number_of(base) - 1.0 if foreign == "USD" else number_of(base) / number_of(end) - 1.0
        part = number_of(base_per_price) * number_of(initial)
        bought = f"{base_per_price}*{initial}"
        in_yen = f"*(1+{share})" if foreign == "JPY" else ""
        gone, set_up = (f"-{further[1]}", number_of(further[1])) if further else ("", 0.0)
        moved_more = f"+{further[1]}*{further[2]}" if further else ""
        laid = number_of(fabric[1]) if fabric else 0.0
        if fabric:
            gone += f"-{fabric[1]}"
            moved_more += f"+{fabric[1]}" if foreign == "USD" else ""
        changed = part * servers[1] + (number_of(equipment) - part - set_up - laid) * of_rest + set_up * abroad
        changed += laid * float(foreign == "USD")
        return TaxedEnd(
            (f"{equipment}+{share}*({bought}*{servers[0]}+({equipment}-{bought}{gone})*{of_rest:.0f}{moved_more})",
             number_of(equipment) + change * changed),
            (f"{initial}*(1+{share}*{servers[0]})", number_of(initial) * (1.0 + change * servers[1])),
            (f"{works}*(1+{share}*{of_rest:.0f})", number_of(works) * (1.0 + change * of_rest)),
            (f"{exempt}*{cells['fx_JPY']}{in_yen}",
             number_of(exempt) * number_of(cells["fx_JPY"]) * (1.0 + change if in_yen else 1.0)),
        )  # fmt: skip

    return f"{ratio}*({compute}+{setup}+{moved}-{owned})", of_rate


def _rented(context: Context, facts: Facts, units: Units) -> tuple[Cell, Cell, Cell]:
    """What of renting is priced in the other currency: hours, what is paid once and for nodes, what is stored and sent."""
    cells, money, offers = context.cells, context.plan.money, facts.offers
    months, tax, support = cells["months_rent"], cells["cmp_tax"], context.input("money.cloud.support_rate")
    foreign, cloud, saving = (
        "USD" if money.currency == "JPY" else "JPY",
        money.cloud.currency,
        cells["out_cost_details_saving"],
    )
    served, value = f"(1+{tax})*(1+{support})", (1.0 + number_of(tax)) * (1.0 + float(facts.case.support_rate))
    lines = {name: cells[f"out_cost_cloud_lines_{name}"] for name in ("compute", "goodput", "debugging", "cpu_nodes")}
    of_compute = _abroad(context, "money.cloud.price_per_hour", cloud, _listed(offers[money.cloud.term]))
    spent = "+".join(str(lines[name]) for name in ("compute", "goodput", "debugging"))
    compute = units.put("sens_fx_compute", (saving,), f"{served}*({spent})*{of_compute[0]}",
                        value * of_compute[1] * sum(number_of(lines[n]) for n in lines if n != "cpu_nodes"))  # fmt: skip
    of_setup = float(cloud == foreign)
    setup = units.put(
        "sens_fx_setup", (saving,), f"(1+{tax})*({cells['cloud_setup']}+(1+{support})*{lines['cpu_nodes']})*{of_setup:.0f}",
        ((1.0 + number_of(tax)) * number_of(cells["cloud_setup"]) + value * number_of(lines["cpu_nodes"])) * of_setup,
    )  # fmt: skip
    stored: list[tuple[str, float]] = []
    for name, path, offer in (("storage", "money.cloud.storage_per_gb_month", facts.storage_offer),
                              ("egress", "money.cloud.egress_per_gb", facts.egress_offer)):  # fmt: skip
        weight = _abroad(context, path, cloud, _listed(offer))
        stored.append((f"{cells[f'cloud_{name}']}*{weight[0]}", number_of(cells[f"cloud_{name}"]) * weight[1]))
    moved = units.put("sens_fx_stored", (saving,), f"{months}*{served}*({stored[0][0]}+{stored[1][0]})",
                      number_of(months) * value * (stored[0][1] + stored[1][1]))  # fmt: skip
    return compute, setup, moved


def _abroad(context: Context, path: str, entered: str, listed: str | None) -> tuple[str, float]:
    """1 where the price that counts is in the other currency: formula (no ``=``) and value.

    Parameters
    ----------
    context
        The export.
    path, entered
        Input of the price, and the currency in which it is entered.
    listed
        Currency of the catalogue's price; None where it has none.
    """
    foreign = "USD" if context.plan.money.currency == "JPY" else "JPY"
    mine, theirs = int(entered == foreign), int(listed == foreign)
    if listed is None or mine == theirs:
        return str(mine), float(mine)
    given = context.inputs[path]
    return f"IF(ISNUMBER({given}),{mine},{theirs})", float(theirs if given.number is None else mine)


def _meanwhile(context: Context, facts: Facts, units: Units) -> tuple[Cell | None, Cell | None]:
    """The cloud until own machines are in use, over the horizon, and what of it is in the other currency; else nothing."""
    cells, cloud = context.cells, context.plan.money.cloud
    if "total_interim" not in cells:
        return None, None
    saving, tax, support = cells["out_cost_details_saving"], cells["cmp_tax"], context.input("money.cloud.support_rate")
    whole = cells["total_interim"]
    kept = 1.0 + number_of(tax)
    total = units.put("sens_meanwhile", (saving,), f"{whole}*(1+{tax})", number_of(whole) * kept)
    term = interim_term(cloud.term)
    listed, path = _listed(facts.offers[term]), "money.cloud.price_per_hour"
    of_hours = _abroad(context, path, cloud.currency, listed)
    if term != cloud.term:
        same = int(facts.case.cloud_currency == ("USD" if context.plan.money.currency == "JPY" else "JPY"))
        of_hours = str(same), float(same)
    of_own = _abroad(context, "money.cloud.setup", cloud.currency, None)
    of_storage = _abroad(context, "money.cloud.storage_per_gb_month", cloud.currency, _listed(facts.storage_offer))
    of_egress = _abroad(context, "money.cloud.egress_per_gb", cloud.currency, _listed(facts.egress_offer))
    counted, lost, inside = (cells[name] for name in ("months_interim", "months_lost_interim", "lead_inside"))
    hours, nodes, setup = cells["interim_hours"], cells["interim_nodes"], cells["cmp_interim_setup"]
    stored = [(cells["cloud_storage"], of_storage), (cells["cloud_egress"], of_egress)]
    kept_there = "+".join(f"{cell}*{weight[0]}" for cell, weight in stored)
    beside = units.put(
        "sens_meanwhile_beside", (saving,), f"(1+{support})*(1+{tax})*{inside}*({kept_there})+{setup}*{of_own[0]}",
        (1.0 + float(facts.case.support_rate)) * kept * number_of(inside)
        * sum(number_of(cell) * weight[1] for cell, weight in stored) + number_of(setup) * of_own[1],
    )  # fmt: skip
    part = units.put(
        "sens_meanwhile_abroad", (saving,),
        f"{beside}+(1+{tax})*({hours}*({counted}-{lost})*{of_hours[0]}+{nodes}*{counted}*{of_own[0]})",
        number_of(beside) + kept * (number_of(hours) * (number_of(counted) - number_of(lost)) * of_hours[1]
                                    + number_of(nodes) * number_of(counted) * of_own[1]),
    )  # fmt: skip
    return total, part


def _further(context: Context, facts: Facts, units: Units, foreign: str) -> tuple[Cell, Cell, Cell] | None:
    """Further types of servers: their cost over the horizon, what of them is assessed, and their share in the other currency.

    None where there are none. Network and spare parts are no part of it.
    """
    if not facts.plan.further:
        return None
    whole = context.cells["initial_more_servers"]
    part, saving = context.cells.get(f"more_{foreign}"), context.cells["out_cost_details_saving"]
    abroad = (
        units.put("sens_further_share", (saving,), f"{part}/{whole}", number_of(part) / number_of(whole))
        if part is not None
        else units.put("sens_further_share", (), "0", 0.0)
    )
    each, base = _per_hardware(context, units, whole)
    cost = units.put("sens_further", (saving,), *each)
    installed = units.put("sens_further_base", (saving,), *base)
    return cost, installed, abroad


def _counted_network(context: Context, facts: Facts, units: Units) -> tuple[Cell, Cell] | None:
    """A network counted in dollars: its cost over the horizon, and what of it is assessed; nothing once a price is entered.

    None where nothing is counted. The share of a single server stops at what is counted for two.
    """
    limited = context.cells.get("network_limited")
    if facts.network_offer.value is None and limited is None:
        return None
    line, saving = context.cells["initial_network"], context.cells["out_cost_details_saving"]
    given, share = (context.inputs[f"money.onprem.network_{name}"] for name in ("price", "share"))
    counts = given.number is None and share.number is None and (limited is None or bool(number_of(limited)))
    by_share = f"ISNUMBER({share})" + ("" if limited is None else f",{limited}=0")
    whole = units.put("sens_network", (saving,), f"IF(OR(ISNUMBER({given}),{by_share}),0,{line})",
                      number_of(line) if counts else 0.0)  # fmt: skip
    each, base = _per_hardware(context, units, whole)
    return units.put("sens_network_cost", (saving,), *each), units.put("sens_network_base", (saving,), *base)


def _per_hardware(context: Context, units: Units, whole: Cell) -> tuple[tuple[str, float], tuple[str, float]]:
    """What hardware beside the plan's servers costs over the horizon, and what of it is assessed for property tax."""
    use, months, tax = context.input, context.cells["months_own"], context.cells["cmp_tax"]
    install, care, insured, renewed = (
        use(f"money.onprem.{name}")
        for name in ("installation_share", "maintenance_rate", "insurance_rate", "refresh_share")
    )
    at, horizon = context.cells["refresh_at"], context.cells["months"]
    years, again = number_of(months) / 12.0, number_of(renewed) * (number_of(at) <= number_of(horizon))
    each = (1.0 + number_of(install) + years * number_of(care) + again) * (1.0 + number_of(tax))
    each += years * number_of(insured)
    kept = f"{months}/12*{care}+{renewed}*({at}<={horizon})"
    rate = units.put("sens_hardware", (), f"(1+{install}+{kept})*(1+{tax})+{months}/12*{insured}", each)
    return (f"{whole}*{rate}", number_of(whole) * each), (
        f"{whole}*(1+{install})",
        number_of(whole) * (1.0 + number_of(install)),
    )


def _listed(offer: Offer) -> str | None:
    return None if offer.value is None else str(offer.currency)
