"""The rented side on the cost sheet: what is rented, the four terms side by side, and the chosen one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from mitsumori.model.cost.case import Lines
from mitsumori.model.cost.prices import TERMS
from mitsumori.model.cost.rented_lines import cloud_lines
from mitsumori.model.plan.overrides import CLOUD_SPEED
from mitsumori.model.plan.prices import TERM_MONTHS
from mitsumori.model.workbook.context import fit_height, headings
from mitsumori.model.workbook.description import Cell
from mitsumori.model.workbook.money_lines import WIDTHS, Book, Each, rate_of, tax_of

YEARS = 7


@dataclass(frozen=True, slots=True)
class _Amounts:
    """Cells of what is rented whatever the term."""

    count: Cell
    storage: Cell
    egress: Cell
    setup: Cell
    instance: Cell


def _instances(book: Book) -> tuple[Cell, Cell]:
    """How many instances do the same work, and the GPUs of one."""
    context, facts, case, t = book.context, book.facts, book.case, book.context.t
    cells, use = context.cells, context.input
    gpus = cells["lock_gpus"]
    per = case.instance_accelerators
    instance = book.constant(
        "cloud_instance_gpus", book.value(per), "number", facts.instance_basis(context), unit=t("unit_gpus")
    )
    ratio = use(f"overrides.{CLOUD_SPEED}")
    speed = book.line("cloud_speed", f"={ratio}", ratio.value, basis=t("cloud_speed_basis"), fmt="d3")
    factor = use("money.cloud.throughput_factor")
    count = book.line("cloud_instances", book.guard([instance], f"{gpus}/{instance}/({factor}*{speed})"),
                      book.value(case.accelerators / case.instance_accelerators / case.speed),
                      basis=t("cloud_instances_basis"), fmt="d2")  # fmt: skip
    return count, instance


def _amounts(book: Book, lines: Lines, count: Cell, instance: Cell) -> _Amounts:
    """Storage, traffic, setup and nodes beside the rented instances."""
    context, facts, t = book.context, book.facts, book.context.t
    cloud, use = context.plan.money.cloud, context.input
    own_fx = book.rate(cloud.currency)
    storage_gb = use("money.cloud.storage_gb")
    price = book.converted("money.cloud.storage_per_gb_month", cloud.currency, "cst_price_storage", facts.storage_offer)
    ref = f"[[estimate_cost!D{book.row}]]"
    shown = facts.catalogue_price("storage")
    storage = book.line("line_cloud_storage", book.times(storage_gb, [ref], f"{storage_gb}*{ref}"),
                        book.value(lines.monthly["storage"]),
                        each=Each(storage_gb, "GB", f"={price}", book.value(shown), "number", quantity_format="d1"),
                        basis=t("line_cloud_storage_basis"))  # fmt: skip
    egress_gb = use("money.cloud.egress_gb_per_month")
    price = book.converted("money.cloud.egress_per_gb", cloud.currency, "cst_price_egress", facts.egress_offer)
    ref = f"[[estimate_cost!D{book.row}]]"
    shown = facts.catalogue_price("egress")
    egress = book.line("line_cloud_egress", book.times(egress_gb, [ref], f"{egress_gb}*{ref}"),
                       book.value(lines.monthly["egress"]),
                       each=Each(egress_gb, "GB", f"={price}", book.value(shown), "number", quantity_format="d1"),
                        basis=t("line_cloud_egress_basis"))  # fmt: skip
    setup_in = use("money.cloud.setup")
    setup = book.line("line_cloud_setup", book.times(setup_in, [own_fx], f"{setup_in}*{own_fx}"),
                      book.value(lines.initial["setup"]), basis=t("line_cloud_setup_basis"),
                      name="out_cost_cloud_initial")  # fmt: skip
    return _Amounts(count, storage, egress, setup, instance)


def _cpu_nodes(book: Book, lines: Lines) -> None:
    """CPU nodes and control beside the rented instances."""
    context, t = book.context, book.context.t
    cells, use, own_fx = context.cells, context.input, book.rate(context.plan.money.cloud.currency)
    nodes = use("money.cloud.cpu_nodes_per_month")
    cells["cloud_cpu_nodes"] = book.line("line_cloud_cpu_nodes", book.times(nodes, [own_fx], f"{nodes}*{own_fx}"),
                                         book.value(lines.monthly.get("cpu_nodes", 0.0)),
                                         basis=t("line_cloud_cpu_nodes_basis"))  # fmt: skip


def case_stops(book: Book) -> float:
    """Interruptions a month, NaN where nobody says."""
    stops = book.context.plan.money.cloud.spot_interruptions_per_month
    return math.nan if stops is None else float(stops)


def _spot(book: Book) -> Cell:
    """Spot overhead by Young's rule."""
    context, cells, t = book.context, book.context.cells, book.context.t
    unknown, quote = context.unknown, book.facts.quote
    stops = context.inputs["money.cloud.spot_interruptions_per_month"]
    hold, restart = cells["cst_checkpoint_s"], cells["cst_restart_s"]
    hours = cells["cst_hours_year"]
    rate = case_stops(book) / (float(hours.number or 1.0) / 12.0 * float(cells["cst_seconds_hour"].number or 1.0))
    each = f"{stops}/({hours}/12*{cells['cst_seconds_hour']})"
    per_second = book.line("cloud_spot_rate", f'=IF(ISNUMBER({stops}),{each},"{unknown}")',
                           book.value(rate), basis=t("cloud_spot_rate_basis"), fmt="sci")  # fmt: skip
    return book.line("cloud_spot_overhead",
                     book.guard([per_second],
                                f"({hold}*{per_second}+{hold}*{per_second})^{cells['cst_half']}+{per_second}*{restart}"),
                     book.value(quote.overheads[3]), basis=t("cloud_spot_basis"), fmt="pct")  # fmt: skip


def _terms(book: Book, amounts: _Amounts, spot: Cell) -> None:
    """The four terms side by side; the chosen one is named."""
    context, facts, case, t = book.context, book.facts, book.case, book.context.t
    cloud, cells, use, sheet = context.plan.money.cloud, context.cells, context.input, book.sheet
    quote, hours = facts.quote, cells["cst_hours_year"]
    count, storage, egress = amounts.count, amounts.storage, amounts.egress
    book.row = headings(context, sheet, book.row, ("col_term", "col_price_hour", "col_paid_share", "col_compute_month",
                                                   "col_cloud_month", "col_basis"), (2, 3, 4, 5))  # fmt: skip
    terms = replace(case, price_per_hour=np.array(quote.term_prices), paid_when_idle=np.array([0.0, 1.0, 1.0, 0.0]),
                    overhead=np.array(quote.overheads))  # fmt: skip
    lines = cloud_lines(terms)
    compute_values = np.broadcast_to(lines.monthly["compute"], 4)
    month_values = np.broadcast_to(sum(lines.monthly.values()), 4)
    u, support = cells["utilization"], use("money.cloud.support_rate")
    rate = rate_of(case, case.cloud_currency)
    fx_value = rate if math.isfinite(rate) else math.nan
    gained, cpu = (
        f"(1+{use('money.cloud.goodput_loss_share')}+{use('money.cloud.debugging_share')})",
        cells["cloud_cpu_nodes"],
    )
    for index, term in enumerate(TERMS):
        row = book.row
        chosen = term == cloud.term
        sheet.put(row, 1, t(f"term_{term}"), "total_label" if chosen else "label")
        hourly = sheet.formula(row, 2, f"={_term_price(book, term)}", book.value(quote.term_prices[index] * fx_value),
                               "calc", "d2")  # fmt: skip
        reserved = term in TERM_MONTHS
        if reserved:
            paid = sheet.put(row, 3, 1, "const", "pct")
        elif term == "spot":
            paid = sheet.formula(row, 3, book.guard([spot], f"{u}*(1+{spot})"),
                                 book.value(case.utilization * (1.0 + quote.overheads[3])), "calc", "pct")  # fmt: skip
        else:
            paid = sheet.formula(row, 3, f"={u}", float(case.utilization), "calc", "pct")
        compute = sheet.formula(row, 4, book.guard([count, hourly, paid], f"{count}*{hours}/12*{paid}*{hourly}"),
                                book.value(compute_values[index]), "calc", "money")  # fmt: skip
        month = sheet.formula(
            row, 5, book.guard([compute, cpu, storage, egress], f"({compute}*{gained}+{cpu}+{storage}+{egress})*(1+{support})"),
            book.value(month_values[index]), "total" if chosen else "calc", "money",
        )  # fmt: skip
        basis = facts.term_basis(context, term)
        sheet.put(row, 6, basis, "basis")
        fit_height(sheet, row, [(basis, WIDTHS[5] - 2, 9)])
        cells[f"cloud_month_{term}"], cells[f"cloud_compute_{term}"] = month, compute
        if chosen:
            cells |= {"cloud_compute": compute, "cloud_month": month, "cloud_paid": paid, "cloud_hourly": hourly}
        book.row += 1


def rented(book: Book, below: int) -> None:
    """The four terms side by side, then the chosen one; what they rest on stands from the row ``below`` on."""
    context, t = book.context, book.context.t
    cells, use = context.cells, context.input
    lines = cloud_lines(book.case)
    here, book.row = book.row, below
    count, instance = _instances(book)
    spot = _spot(book)
    _cpu_nodes(book, lines)
    below, book.row = book.row, here
    book.head("cost_cloud_section")
    page, book.row = book.row, book.row + 1
    amounts = _amounts(book, lines, count, instance)
    here, book.row = book.row, below
    _terms(book, amounts, spot)
    below, book.row = book.row + 1, page
    chosen = context.plan.money.cloud.term
    book.line("line_cloud_compute", f"={cells['cloud_compute']}", cells["cloud_compute"].value,
              basis=f"{t(f'term_{chosen}')}{t('joined')}{book.facts.term_basis(context, chosen)}")  # fmt: skip
    book.row = here
    support, storage, egress = use("money.cloud.support_rate"), amounts.storage, amounts.egress
    ordered = cells["cloud_month"]
    compute, cpu = cells["cloud_compute"], cells["cloud_cpu_nodes"]
    here, book.row = book.row, below
    for key in ("goodput", "debugging"):
        share = use(f"money.cloud.{'goodput_loss' if key == 'goodput' else key}_share")
        cells[f"cloud_{key}"] = book.line(
            f"line_cloud_{key}", book.times(share, [compute], f"{share}*{compute}"),
            book.value(lines.monthly.get(key, 0.0)), basis=t(f"line_cloud_{key}_basis"),
        )  # fmt: skip
    cells["below_cost"] = Cell("estimate_cost", book.row + 1, 1)
    book.row = here
    beside = f"{cells['cloud_goodput']}+{cells['cloud_debugging']}+{cpu}"
    supported = book.line(
        "line_cloud_support", book.times(support, [compute, cpu, storage, egress],
                                         f"{support}*({compute}+{beside}+{storage}+{egress})"),
        book.value(lines.monthly["support"]), basis=t("line_cloud_support_basis"),
    )  # fmt: skip
    cells |= {"cloud_storage": storage, "cloud_egress": egress, "cloud_support": supported, "cloud_setup": amounts.setup,
              "cloud_count": amounts.count, "cloud_spot": spot, "cloud_instance_gpus": amounts.instance}  # fmt: skip
    total = float(sum(lines.monthly.values()))
    subtotal = book.line("cost_subtotal", f"={ordered}", book.value(total), total=True, name="out_cost_cloud_monthly")
    tax = book.tax(
        f"{subtotal}", [subtotal], total, "cost_tax", "out_cost_cloud_monthly_tax", on_page=[book.printed(subtotal)]
    )
    money = context.plan.money
    amount = tax_of(total, money.tax_rate, money.currency, context.settings.tax_rounding)
    book.with_tax(subtotal, tax, book.value(total + amount), "out_cost_cloud_monthly_with_tax")


def _term_price(book: Book, term: str) -> str:
    """Price an hour of a term in the result's currency.

    The plan's price for the plan's term, its own input for another, else the catalogue's.
    """
    context, cloud = book.context, book.context.plan.money.cloud
    offer = book.facts.offers[term]
    unknown, fx = context.unknown, book.rate(cloud.currency)
    chain: list[Cell] = []
    if term not in ("on_demand", cloud.term):
        chain.append(context.inputs[f"money.cloud.{term}_per_hour"])
    if term == cloud.term:
        chain.append(context.inputs["money.cloud.price_per_hour"])
    last = f'"{unknown}"'
    if offer.value is not None:
        listed = f"cst_price_{term}"
        price = f"{listed}/(1+use_money_tax_rate)" if book.facts.price_includes_tax else listed
        other = book.rate(offer.currency)
        last = f'IF(ISNUMBER({other}),{price}*{other},"{unknown}")'
    for entered in reversed(chain):
        last = f'IF(ISNUMBER({entered}),IF(ISNUMBER({fx}),{entered}*{fx},"{unknown}"),{last})'
    return last
