"""概算費用: initial and monthly amounts of owning and renting, with and without consumption tax."""

from __future__ import annotations

import math
from collections.abc import Mapping

from mitsumori.model.base.arrays import Num
from mitsumori.model.base.rounding import round_half_up
from mitsumori.model.cost.case import Case
from mitsumori.model.cost.line_table import hardware_keys, keys_of, untaxed
from mitsumori.model.cost.lines import kwh_per_year
from mitsumori.model.cost.money import product
from mitsumori.model.cost.results import OptionCost
from mitsumori.model.plan.parts import OnPrem
from mitsumori.model.workbook import changes, named_lines
from mitsumori.model.workbook.context import Context, details, headings, note, section, title_block
from mitsumori.model.workbook.description import Cell, Chart, Series, Value, block, column_letter
from mitsumori.model.workbook.electricity_rows import electricity_parts
from mitsumori.model.workbook.facts import Facts
from mitsumori.model.workbook.lead_rows import interim_line, lead_rows, meanwhile
from mitsumori.model.workbook.money_lines import EXACT, Book, Each, rate_of, tax_of
from mitsumori.model.workbook.property_tax_rows import property_tax_rows
from mitsumori.model.workbook.rented_cost import rented
from mitsumori.model.workbook.sale_rows import more_servers, sale_price_rows
from mitsumori.model.workbook.sensitivity_units import number_of
from mitsumori.model.workbook.styles import COLORS

INITIAL = keys_of("onprem", "start")
MONTHLY = keys_of("onprem", "month")


def build(context: Context, facts: Facts) -> None:
    """Write the sheet."""
    book = Book(context, facts)
    first = title_block(context, book.sheet)
    book.row = details(context, book.sheet)
    _rates(book)
    below, book.row = book.row, first
    below = _owned_initial(book, below)
    here, book.row = book.row, below
    lead_rows(book)
    property_tax_rows(book)
    changes.build(book)
    below, book.row = book.row, here
    below = _owned_monthly(book, below)
    rented(book, below)
    _totals(book)
    book.sheet.print_rows = book.row - 1
    note(book.sheet, book.row, context.t("cost_note"))
    context.charts["cost"] = _chart(book, (1, 1, 1, 1))


def _rates(book: Book) -> None:
    context, case, t = book.context, book.case, book.context.t
    money = context.plan.money
    book.row = section(context, book.sheet, book.row, "cost_rates_section")
    rate = context.input("money.usd_jpy")
    for currency in ("JPY", "USD"):
        if currency == money.currency:
            cell = book.constant(f"fx_{currency}", 1, "number", t("fx_same"), unit=book.money)
        else:
            formula = f"={rate}" if money.currency == "JPY" else book.guard([rate], f"1/{rate}")
            value = case.usd_jpy if money.currency == "JPY" else 1.0 / case.usd_jpy
            cell = book.line(
                f"fx_{currency}", formula, book.value(value), unit=book.money, basis=t("fx_basis"), fmt="d4"
            )
        book.fx[currency] = context.cells[f"fx_{currency}"] = cell
    context.cells["months"] = context.input("money.horizon_months")
    book.row += 1


def _owned_initial(book: Book, below: int) -> int:
    """What is paid at the start; its workings stand from the row ``below`` on, the next free one of which is returned."""
    context, facts, case, t = book.context, book.facts, book.case, book.context.t
    own, cells, use = context.plan.money.onprem, context.cells, context.input
    lines, unknown = facts.owned.initial, context.unknown
    book.head("cost_initial_section")
    servers = cells["lock_fleet"]
    unit = book.converted("money.onprem.server_price", own.currency, "cst_price_server", facts.server_offer)
    if context.audience == "internal":
        here, book.row = book.row, below
        found = facts.quote.used.get("money.onprem.server_price")
        price_listed = math.nan if found is None or found.value is None else found.value
        unit = sale_price_rows(book, unit, price_listed, case.server_currency)
        below, book.row = book.row, here
    unit_value = lines["servers"] / case.servers
    made: dict[str, Cell] = {}

    def price_cell() -> str:
        return f"[[estimate_cost!D{book.row}]]"

    ref = price_cell()
    made["servers"] = book.line(
        "line_servers", book.guard([ref], f"{servers}*{ref}"), book.value(lines["servers"]),
        each=Each(servers, t("unit_servers"), f"={unit}", book.value(unit_value)), basis=facts.resolved.server.name,
    )  # fmt: skip
    if facts.plan.further:
        made["more_servers"], below = more_servers(book, below)
    fx = book.rate(own.currency)
    made["network"], below = _network(book, made["servers"], below)
    storage = use("money.onprem.storage_price")
    made["storage"] = book.line("line_storage", book.times(storage, [fx], f"{storage}*{fx}"), book.value(lines["storage"]),
                                basis=t("line_storage_basis"))  # fmt: skip
    spares = use("money.onprem.spares_share")
    made["spares"] = book.line("line_spares", book.guard([made["servers"]], f"{spares}*{made['servers']}"),
                               book.value(lines["spares"]), basis=t("line_spares_basis"))  # fmt: skip
    hardware = [made[name] for name in hardware_keys() if name in made]
    whole = "+".join(str(cell) for cell in hardware)
    installation = use("money.onprem.installation_share")
    made["installation"] = book.line("line_installation", book.guard(hardware, f"{installation}*({whole})"),
                                     book.value(lines["installation"]), basis=t("line_installation_basis"))  # fmt: skip
    racks, price = cells["cooled_racks"], use("money.onprem.cooling_retrofit_per_rack")
    unknown_price = f'IF(ISNUMBER({price}),IF({price}=0,0,IF(ISNUMBER({fx}),{price}*{fx},"{unknown}")),"{unknown}")'
    ref = price_cell()
    per_rack = case.cooling_per_rack * (1.0 if own.currency == case.currency else rate_of(case, own.currency))
    per_rack = 0.0 if case.cooling_per_rack == 0 else per_rack
    made["cooling"] = book.line(
        "line_cooling", book.guard([racks, ref], f"{racks}*{ref}"), book.value(lines["cooling"]),
        each=Each(racks, t("unit_racks"), f"={unknown_price}", book.value(per_rack)), basis=t("line_cooling_basis"),
    )  # fmt: skip
    works = use("money.onprem.power_works")
    made["power_works"] = book.line("line_power_works", book.optional(works, [fx], f"{works}*{fx}"),
                                    book.line_value(lines, "power_works"), basis=t("line_power_works_basis"))  # fmt: skip
    setup = use("money.onprem.colocation_setup")
    colocated = own.site == "colocation"
    made["setup"] = book.line(
        "line_setup", book.optional(setup, [fx], f"{setup}*{fx}") if colocated else f"=0*{cells['cst_guard']}",
        book.line_value(lines, "setup"), basis=t("line_setup_basis" if colocated else "std_not_colocated"),
    )  # fmt: skip
    cells |= {f"initial_{name}": cell for name, cell in made.items()}
    left_out = book.left_out(made)
    _sums(
        book, list(made.values()), sum(map(float, lines.values())), "initial", "out_cost_onprem_initial", noted=left_out
    )
    value = book.value(lines["servers"] + lines["more_servers"] + lines["network"] + lines["storage"])
    here, book.row = book.row, below
    context.cells["hardware"] = book.line("cost_hardware", book.guard(hardware, whole), value,
                                          basis=t("cost_hardware_basis"), unit=book.money)  # fmt: skip
    below, book.row = book.row + 1, here
    return below


def _network(book: Book, servers: Cell, below: int) -> tuple[Cell, int]:
    """The network: as quoted, else its counted parts at list prices, else a share of the servers; the next row below."""
    context, use = book.context, book.context.input
    own, offer, unknown = context.plan.money.onprem, book.facts.network_offer, context.unknown
    given, entered = (context.inputs[f"money.onprem.network_{name}"] for name in ("price", "share"))
    fx, share = book.rate(own.currency), use("money.onprem.network_share")
    of_servers = book.guard([servers], f"{share}*{servers}")[1:]
    if offer.value is not None:
        here, book.row = book.row, below
        dollar = book.rate("USD")
        counted = book.line(
            "network_counted", book.guard([dollar], f"cst_price_network*{dollar}"),
            book.value(offer.value * rate_of(book.case, "USD")), basis=context.t("network_counted_basis"),
            name="network_counted",
        )  # fmt: skip
        below, book.row = book.row, here
        of_servers = f"IF(ISNUMBER({entered}),{of_servers},{counted})"
    elif book.facts.network_most.value is not None:
        here, book.row = book.row, below
        two, limited = _most(book, servers, f"{share}*{servers}", entered)
        below, book.row = book.row, here
        of_servers = f"IF({limited}=1,{two},{of_servers})"
    line = book.line(
        "line_network", f'=IF(ISNUMBER({given}),IF(ISNUMBER({fx}),{given}*{fx},"{unknown}"),{of_servers})',
        book.value(book.facts.owned.initial["network"]), basis=context.t("line_network_basis"),
    )  # fmt: skip
    return line, below


def _most(book: Book, servers: Cell, of_servers: str, entered: Cell) -> tuple[Cell, Cell]:
    """What two servers' network costs, and whether the share of one server, that is not counted, stops there (1 or 0)."""
    context, dollar, case = book.context, book.rate("USD"), book.case
    value = book.value((book.facts.network_most.value or 0.0) * rate_of(case, "USD"))
    two = book.line("network_of_two", book.guard([dollar], f"cst_price_network*{dollar}"), value,
                    basis=context.t("network_of_two_basis"))  # fmt: skip
    known = f"ISNUMBER({two}),ISNUMBER({servers}),NOT(ISNUMBER({entered}))"
    own = context.plan.money.onprem
    stops = own.network_price is None and own.network_share is None and not math.isnan(float(case.network_usd))
    if own.network_price is not None and own.network_share is None and isinstance(value, float):
        price = float(book.facts.owned.initial["servers"])
        stops = number_of(context.input("money.onprem.network_share")) * price > value
    limited = book.line("network_limited", f"=IF(AND({known}),IF({of_servers}>{two},1,0),0)", float(stops), fmt="int",
                        unit="", basis=context.t("network_limited_basis"))  # fmt: skip
    context.cells["network_limited"] = limited
    return two, limited


def _sums(book: Book, cells: list[Cell], total: float, block_name: str, name: str, *, free: float = 0.0,
          free_cells: tuple[Cell, ...] = (), noted: str | Cell = "") -> None:  # fmt: skip
    """Subtotal without tax, tax, total with tax; ``noted`` names what they leave out."""
    context = book.context
    unknown = context.unknown
    numbers = block(cells)
    subtotal = book.line("cost_subtotal", f'=IF(COUNTIF({numbers},"{unknown}")=0,SUM({numbers}),"{unknown}")',
                         book.value(total), name=name, total=True, basis=noted, printed=book.printed_sum(cells))  # fmt: skip
    untaxed = "".join(f"-{cell}" for cell in free_cells)
    taxable = total - free
    on_page = [book.printed(cell) for cell in (subtotal, *free_cells)]
    tax = book.tax(
        f"{subtotal}{untaxed}", [subtotal], taxable, "cost_tax", f"out_cost_{block_name}_tax", on_page=on_page
    )
    money = context.plan.money
    amount = tax_of(taxable, money.tax_rate, money.currency, context.settings.tax_rounding)
    book.with_tax(subtotal, tax, book.value(total + amount), f"out_cost_{block_name}_with_tax", noted)


def _owned_monthly(book: Book, below: int) -> int:
    """What is paid a month; its workings stand from the row ``below`` on, the next free one of which is returned."""
    context, facts, case, t = book.context, book.facts, book.case, book.context.t
    own, cells, use = context.plan.money.onprem, context.cells, context.input
    lines, unknown = facts.owned.monthly, context.unknown
    fx, yen = book.rate(own.currency), book.rate("JPY")
    book.head("cost_monthly_section")
    hours, u, pue = cells["cst_hours_year"], cells["utilization"], cells["out_facility_pue"]
    busy, idle = cells["out_cost_busy_kw"], cells["out_cost_idle_kw"]
    metered = 0 if own.power_included_in_rent and own.site == "colocation" else 1
    made: dict[str, Cell] = {}
    demand, clause = use("money.demand_charge_jpy_per_kw_month"), cells["cst_power_factor"]
    contract, factor = cells["out_facility_details_contract_kw"], use("facility.site_power_factor")
    if metered:
        here, book.row = book.row, below
        price = cells["kwh_price"]
        bought = cells["energy_bought"] = book.line(
            "energy_bought",
            book.guard([busy, idle, pue, price], f"{hours}/12*({u}*{busy}+(1-{u})*{idle})*{pue}*{price}"),
            book.value(kwh_per_year(case) / 12.0 * product(case.energy_jpy_per_kwh, rate_of(case, "JPY"))),
        )  # fmt: skip
        below, book.row = book.row, here
        counted = f"{contract}"
        if context.plan.money.demand_basis == "measured":
            counted = f"IF({contract}<{cells['cst_measured_below']},{busy}*{pue},{contract})"
        formula = book.guard([bought, contract], f"{bought}+{counted}*({clause}-{factor})*{demand}*{yen}")
    else:
        formula = f"=0*{cells['cst_guard']}"
    made["electricity"] = book.line("line_electricity", formula, book.value(lines["electricity"]),
                                    basis=t("line_electricity_basis"))  # fmt: skip
    if own.site == "colocation":
        per_rack, per_kva = use("money.onprem.rent_per_rack_month"), use("money.onprem.rent_per_kva_month")
        racks, kva = cells["out_facility_details_total_racks"], cells["cost_kva"]
        parts = []
        for quantity, price_ in ((racks, per_rack), (kva, per_kva)):
            zero = f'IF(ISNUMBER({price_}),IF({price_}=0,IF(ISNUMBER({quantity}),0,"{unknown}"),{{0}}),"{unknown}")'
            inner = book.guard([quantity, fx], f"{quantity}*{price_}*{fx}")[1:]
            parts.append(zero.format(inner))
        first = _hidden(book, parts[0], "line_rent_racks", 0, case, own)
        second = _hidden(book, parts[1], "line_rent_kva", 1, case, own)
        made["rent"] = book.line("line_rent", book.guard([first, second], f"{first}+{second}"), book.value(lines["rent"]),
                                 basis=t("line_rent_basis"))  # fmt: skip
    else:
        made["rent"] = book.line("line_rent", f"=0*{cells['cst_guard']}", 0.0, basis=t("std_not_colocated"))
    hardware = cells["hardware"]
    rate = use("money.onprem.maintenance_rate")
    made["maintenance"] = book.line("line_maintenance", book.guard([hardware], f"{rate}/12*{hardware}"),
                                    book.value(lines["maintenance"]), basis=t("line_maintenance_basis"))  # fmt: skip
    made["licenses"] = named_lines.software(book)
    fte, cost = use("money.onprem.staff_fte"), use("money.onprem.staff_cost_per_year")
    made["staff"] = book.line("line_staff", book.times(fte, [cost, fx], f"{fte}*{cost}*{fx}/12"),
                              book.value(lines["staff"]), basis=t("line_staff_basis"))  # fmt: skip
    insurance = use("money.onprem.insurance_rate")
    made["insurance"] = book.line("line_insurance", book.guard([hardware], f"{insurance}/12*{hardware}"),
                                  book.value(lines["insurance"]), basis=t("line_insurance_basis"))  # fmt: skip
    months = cells["months_own"]
    tax_total = facts.owned.totals(float(case.months))["property_tax"]
    taxed = cells["property_tax_total"]
    tax_month = float(tax_total) / float(case.owned_months) if case.owned_months else 0.0 * float(tax_total)
    made["property_tax"] = book.line("line_property_tax", book.guard([taxed], f"IF({months}=0,0,{taxed}/{months})"),
                                     book.value(tax_month), basis=t("line_property_tax_basis"))  # fmt: skip
    cells |= {f"monthly_{name}": cell for name, cell in made.items()}
    ordered = [made[name] for name in (*MONTHLY, "property_tax")]
    monthly = {name: float(lines[name]) for name in MONTHLY} | {"property_tax": tax_month}
    free = float(sum(value for name, value in monthly.items() if name in untaxed()))
    if own.site == "colocation":
        ordered_sum = "+".join(str(cell) for cell in ordered)
        _sum_list(book, ordered, ordered_sum, sum(map(float, monthly.values())), free, made)
    else:
        _sums(book, ordered, sum(map(float, monthly.values())), "monthly", "out_cost_onprem_monthly", free=free,
              free_cells=_untaxed(made))  # fmt: skip
    return below + 1


def _untaxed(made: Mapping[str, Cell]) -> tuple[Cell, ...]:
    """Lines of a month upon which no consumption tax comes."""
    return tuple(made[name] for name in (*MONTHLY, "property_tax") if name in untaxed())


def _sum_list(book: Book, cells: list[Cell], formula: str, total: float, free: float, made: dict[str, Cell]) -> None:
    shown = [book.printed(cell) for cell in cells]
    numbers = [cell.number for cell in shown]
    value = book.context.unknown if None in numbers else math.fsum(number or 0.0 for number in numbers)
    subtotal = book.line("cost_subtotal", book.guard(cells, formula), book.value(total), name="out_cost_onprem_monthly",
                         total=True, printed=(book.guard(shown, "+".join(map(str, shown))), value))  # fmt: skip
    free_cells = _untaxed(made)
    taxed = "-".join(str(cell) for cell in (subtotal, *free_cells))
    on_page = [book.printed(cell) for cell in (subtotal, *free_cells)]
    tax = book.tax(taxed, [subtotal], total - free, "cost_tax", "out_cost_monthly_tax", on_page=on_page)
    money = book.context.plan.money
    amount = tax_of(total - free, money.tax_rate, money.currency, book.context.settings.tax_rounding)
    book.with_tax(subtotal, tax, book.value(total + amount), "out_cost_monthly_with_tax")


def _hidden(book: Book, formula: str, key: str, which: int, case: Case, own: OnPrem) -> Cell:
    """A part of the rent."""
    fx = rate_of(case, own.currency)
    quantity, price = ((case.racks, case.rent_per_rack_month), (case.kva, case.rent_per_kva_month))[which]
    amount = quantity * 0.0 if price == 0 else quantity * price * fx
    return book.line(key, f"={formula}", book.value(amount))


def _totals(book: Book) -> None:
    """Every line over the horizon, both sides."""
    context, facts, case, t = book.context, book.facts, book.case, book.context.t
    cells, estimate, months = context.cells, facts.estimate, context.cells["months_own"]
    book.sheet.breaks.append(book.row - 1)
    book.row = section(context, book.sheet, book.row, "cost_total_section", money=book.money)
    book.row = headings(context, book.sheet, book.row, ("col_item", "", "", "", "col_horizon", "col_basis"), (5,))
    totals = facts.owned.totals(float(case.months))
    owned: list[Cell] = []
    free_cells: list[Cell] = []
    for name in (key for key in INITIAL if f"initial_{key}" in cells):
        on_page = book.printed(cells[f"initial_{name}"])
        owned.append(book.line(f"line_{name}", f"={cells[f'initial_{name}']}", book.line_value(totals, name),
                               name=f"out_cost_onprem_lines_{name}", printed=(f"={on_page}", on_page.value)))  # fmt: skip
    printed_changes: list[tuple[Cell, Cell]] = []
    for name in MONTHLY:
        source = cells[f"monthly_{name}"]
        body = f"{source}*{months}"
        if name == "electricity":
            body = f"{source}*{cells['months_electricity']}-{cells['used_energy']}*{cells['months_lost']}"
        elif name == "staff":
            body = f"{source}*{cells['months_staff']}"
        elif name == "rent":
            body = f"{source}*({months}+{cells['before_inside']})"
        owned.append(book.line(f"line_{name}", book.guard([source], body), book.value(totals[name]),
                               name=f"out_cost_onprem_lines_{name}",
                               printed=_of_months(book, source, totals[name], body, months)))  # fmt: skip
        if name in ("electricity", "staff", "rent"):
            printed_changes.append((owned[-1], source))
        if name in untaxed():
            free_cells.append(owned[-1])
    taxed = cells["property_tax_total"]
    owned.append(book.line("line_property_tax", f"={taxed}", book.value(totals["property_tax"]),
                           name="out_cost_onprem_lines_property_tax"))  # fmt: skip
    free_cells.append(owned[-1])
    share, servers = context.input("money.onprem.residual_share"), cells["initial_servers"]
    owned.append(book.line("line_residual", book.guard([servers], f"0-{share}*{servers}"), book.value(totals["residual"]),
                           basis=t("line_residual_basis"), name="out_cost_onprem_lines_residual"))  # fmt: skip
    free_cells.append(owned[-1])
    once = _once(book, totals)
    owned += once
    _side_total(book, "onprem", owned, free_cells, estimate.cost.onprem)
    electricity_parts(book, next(cell for cell in owned if cell.name == "out_cost_onprem_lines_electricity"))
    printed_once = [book.printed(cell) for cell in once if cell != cells.get("total_interim")]
    changes.printed(book, printed_changes, printed_once, MONTHLY)
    book.row = section(context, book.sheet, book.row, "cost_total_cloud_section", money=book.money)
    months = cells["months_rent"]
    setup, rented = cells["cloud_setup"], facts.rented.totals(float(case.months))
    lines = [book.line("line_cloud_setup", f"={setup}", book.value(rented["setup"]), name="out_cost_cloud_lines_setup")]
    hourly, whole = changes.compute_months(book, context.plan.money.cloud.term)
    support = context.input("money.cloud.support_rate")
    bought = "+".join(str(cells[f"cloud_{name}"]) for name in ("compute", "goodput", "debugging"))
    for name in ("compute", "goodput", "debugging", "cpu_nodes", "storage", "egress", "support"):
        source = cells[f"cloud_{name}"]
        counted = {"cpu_nodes": whole, "storage": str(months), "egress": str(months)}.get(name, hourly)
        body, needed = f"{source}*{counted}", [source]
        if name == "support":
            cpu = cells["cloud_cpu_nodes"]
            more = f"{support}*(({bought})*({hourly}-{months})+{cpu}*({whole}-{months}))"
            body = f"IF({support}=0,0,{source}*{months}+{more})"
        amount = rented.get(name, 0.0)
        shown = _of_months(book, source, amount, body, months) if source.ref in context.printed else None
        lines.append(book.line(f"line_cloud_{name}", book.guard(needed, body), book.value(amount),
                               name=f"out_cost_cloud_lines_{name}", printed=shown))  # fmt: skip
    _side_total(book, "cloud", lines, [], estimate.cost.cloud)


def _of_months(book: Book, source: Cell, total: Num, body: str, months: Cell) -> tuple[str, Value]:
    """The printed amount of a month times the months, and what changes of prices and of use make of it in whole units.

    ``body`` is the formula of the exact ``total``, ``months`` those of use.
    """
    on_page = book.printed(source)
    known = on_page.number is not None and months.number is not None and source.number is not None
    value: Value = book.context.unknown
    if known and math.isfinite(float(total)):
        more = float(round_half_up(float(total) - (source.number or 0.0) * (months.number or 0.0)))
        value = (on_page.number or 0.0) * (months.number or 0.0) + more
    exact = f"[[estimate_cost!{column_letter(EXACT)}{book.row}]]"
    more_formula = "" if body == f"{source}*{months}" else f"+ROUND({exact}-{source}*{months},0)"
    return book.guard([on_page, months], f"{on_page}*{months}{more_formula}"), value


def _once(book: Book, totals: Mapping[str, Num]) -> list[Cell]:
    """Refresh of machines within the horizon, disposal at its end, and the cloud until own machines are in use."""
    context, cells, use, t = book.context, book.context.cells, book.context.input, book.context.t
    fx = book.rate(context.plan.money.onprem.currency)
    share, hardware = use("money.onprem.refresh_share"), cells["hardware"]
    price, servers = use("money.onprem.disposal_per_server"), cells["lock_fleet"]
    inside = f"IF({cells['refresh_at']}<={cells['months']},{share}*{hardware},0)"
    refresh = book.line("line_refresh", book.times(share, [hardware], inside), book.value(totals.get("refresh", 0.0)),
                        basis=t("line_refresh_basis"), name="out_cost_onprem_lines_refresh")  # fmt: skip
    disposal = book.line("line_disposal", book.times(price, [fx], f"{servers}*{price}*{fx}"),
                         book.value(totals.get("disposal", 0.0)), basis=t("line_disposal_basis"),
                         name="out_cost_onprem_lines_disposal")  # fmt: skip
    cells |= {"total_refresh": refresh, "total_disposal": disposal}
    if not meanwhile(book):
        return [refresh, disposal]
    cells["total_interim"] = interim_line(book, float(totals.get("interim", 0.0)))
    return [refresh, disposal, cells["total_interim"]]


def _side_total(book: Book, side: str, cells: list[Cell], free: list[Cell], result: OptionCost) -> None:
    context, unknown, numbers = book.context, book.context.unknown, block(cells)
    noted = context.cells["out_cost_left_out"] if side == "onprem" else ""
    total = book.line(f"cost_total_{side}", f'=IF(COUNTIF({numbers},"{unknown}")=0,SUM({numbers}),"{unknown}")',
                      context.shown(result.total), total=True, name=f"out_cost_{side}_total", basis=noted,
                      printed=book.printed_sum(cells))  # fmt: skip
    taxable = str(total) + "".join(f"-{cell}" for cell in free)
    amount = sum(cell.number or 0.0 for cell in cells) - sum(cell.number or 0.0 for cell in free)
    if result.total.value is None:
        amount = math.nan
    on_page = [book.printed(cell) for cell in (total, *free)]
    tax = book.tax(taxable, [total], amount, "cost_tax", f"out_cost_{side}_details_consumption_tax", on_page=on_page)
    money = context.plan.money
    value = tax_of(amount, money.tax_rate, money.currency, context.settings.tax_rounding)
    whole = book.value(math.nan if result.total.value is None else result.total.value + value)
    book.with_tax(total, tax, whole, f"out_cost_{side}_details_total_with_tax", noted)
    context.cells[f"lines_{side}_first"], context.cells[f"lines_{side}_last"] = cells[0], cells[-1]
    context.cells[f"total_{side}"] = total
    context.checks.append((f"check_total_{side}", f"IF(ISNUMBER({total}),ABS(SUM({numbers})-{total})<1,1=1)", True))


def _chart(book: Book, anchor: tuple[int, int, int, int]) -> Chart:
    """What makes up the cost of owning, largest first as listed."""
    context, sheet = book.context, book.sheet
    first, last = context.cells["lines_onprem_first"], context.cells["lines_onprem_last"]
    rows = range(first.row, last.row)
    names = tuple(sheet.cells[row, 1] for row in rows)
    amounts = tuple(sheet.cells[row, 5] for row in rows)
    total = context.cells["total_onprem"].number
    return Chart(
        "bar", context.t("chart_cost", money=book.money),
        context.t("chart_cost_alt", total=context.unknown if total is None else f"{total:,.0f}"), names,
        (Series(context.t("chart_cost_series"), amounts, COLORS["onprem"]),), anchor, number_format=context.large.axis,
        x_title="", y_title=context.large_money,
    )  # fmt: skip
