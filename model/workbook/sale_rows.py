"""Rows of the cost sheet, below the page, that make a list price what the customer pays: one rule for every server.

In the customer's copy the price that was entered is the sale price already, and discount and margin are nowhere.
"""

from __future__ import annotations

import math

from mitsumori.model.cost.money import number, sale_step
from mitsumori.model.cost.owned_prices import exact_sale, listed_price, networked, sale_price
from mitsumori.model.facility.network import share_by_rule
from mitsumori.model.facility.results import MoreResult
from mitsumori.model.workbook.description import Cell, Value
from mitsumori.model.workbook.money_lines import Book, rate_of


def sale_price_rows(book: Book, listed: str, price: float, currency: str, name: str = "") -> str:
    """Formula (no ``=``) of the sale price of one server: list, exact sale price and step on lines of their own.

    Parameters
    ----------
    book
        The cost sheet, at the row where the lines are written.
    listed
        Formula (no ``=``) of the list price in the result's currency.
    price
        The list price in ``currency``; NaN unknown.
    currency
        JPY or USD.
    name
        Whose price it is, where the plan has several types; empty: the plan's own server.
    """
    context, case, t, money = book.context, book.case, book.context.t, book.context.plan.money
    own, use, cells = money.onprem, context.input, context.cells
    exact_value = exact_sale(price, currency, money)
    fx, discount, margin = book.rate(own.currency), use("money.onprem.discount"), use("money.onprem.margin")
    list_value = book.value(price * rate_of(case, currency))
    said = f"{name} " if name else ""
    entered = book.line("sale_listed", f"={listed}", list_value, basis=said + t("sale_listed_basis"))
    exact = book.line("sale_exact", book.guard([entered, fx], f"{entered}/{fx}*(1-{discount})/(1-{margin})"),
                      book.value(exact_value), basis=said + t("sale_exact_basis"),
                      unit=t(f"unit_money_{own.currency}"))  # fmt: skip
    guard, digits = cells["cst_guard"], cells["cst_sale_digits"]
    places = f'LEN(TEXT(ROUNDDOWN(ROUND({exact},{guard}),0),"0"))'
    step = book.line("sale_step", book.guard([exact], f"{cells['cst_ten']}^({places}-{digits})"),
                     book.value(sale_step(exact_value)), basis=said + t("sale_step_basis"), fmt="number")  # fmt: skip
    rounded = f"ROUNDUP(ROUND({exact}/{step},{guard}),0)*{step}*{fx}"
    sold = f"IF(AND({discount}=0,{margin}=0),{entered},{rounded})"
    return book.guard([entered, exact, step, fx], sold)[1:]


def more_servers(book: Book, below: int) -> tuple[Cell, int]:
    """The line of servers of further types with their networks, live in every price it rests on; the next row below.

    Parameters
    ----------
    book
        The cost sheet, at the row of the line on the page.
    below
        First free row below the page, where each type's workings stand.
    """
    context, facts = book.context, book.facts
    types = facts.estimate.facility.more
    here, book.row = book.row, below
    made: dict[str, list[Cell]] = {"JPY": [], "USD": []}
    known = True
    accelerated: list[Cell] = []
    for item in types:
        found = _type(book, item)
        if found is None:
            known = False
        else:
            made[found[1]].append(found[0])
            accelerated += [found[2]] if item.cooling else []
    counted = [item for item in types if networked(item) and item.network_usd is not None]
    if known:
        made["USD"] += [_own_network(book, item) for item in counted]
    if known and accelerated and context.plan.serving.enabled:
        numbers = [cell.number for cell in accelerated]
        whole: Value = context.unknown if None in numbers else math.fsum(number or 0.0 for number in numbers)
        context.cells["more_accelerated"] = book.line(
            "more_accelerated", book.guard(accelerated, "+".join(map(str, accelerated))), whole
        )
    for currency, cells in made.items():
        if cells:
            values = [cell.number for cell in cells]
            value: Value = context.unknown if None in values else math.fsum(v or 0.0 for v in values)
            context.cells[f"more_{currency}"] = book.line(
                f"more_in_{currency}", book.guard(cells, "+".join(map(str, cells))), value
            )
    below, book.row = book.row, here
    parts = [context.cells[f"more_{currency}"] for currency, cells in made.items() if cells]
    formula = book.guard(parts, "+".join(map(str, parts))) if known and parts else f'="{context.unknown}"'
    names = ", ".join(f"{item.name} × {item.servers}" for item in types)
    value = book.value(facts.owned.initial["more_servers"])
    return book.line("line_more_servers", formula, value, basis=names), below


def _type(book: Book, item: MoreResult) -> tuple[Cell, str, Cell] | None:
    """What all servers of a type cost with their network's share, the currency of the price, and what they cost without it.

    None where the price is unknown.
    """
    context, plan, catalogue = book.context, book.facts.plan, book.facts.resolved.catalogue
    price, currency, _ = listed_price(item.server, plan.money, catalogue)
    if price is None:
        return None
    unit, fx, t = context.t(f"unit_money_{currency}"), book.rate(currency), context.t
    listed = book.constant("more_listed", price, "number", item.name, unit=unit)
    body = book.guard([fx], f"{listed}*{fx}")[1:]
    each_value = book.value(sale_price(price, currency, plan.money) * rate_of(book.case, currency))
    if context.audience == "internal":
        body = sale_price_rows(book, body, price, currency, item.name)
    each = book.line("more_sale", f"={body}", each_value, basis=item.name)
    count = book.constant("more_count", item.servers, "int", item.name, unit=t("unit_servers"))
    share: Cell | None = None
    if networked(item):
        rule = 0.0 if item.network_usd is not None else share_by_rule(item.servers, catalogue)
        standard = book.constant("more_network_rule", rule, "pct", t("more_network_rule_basis"))
        given, own = (context.inputs[f"money.onprem.network_{name}"] for name in ("price", "share"))
        entered = plan.money.onprem.network_share
        used = 0.0 if plan.money.onprem.network_price is not None else rule if entered is None else entered
        share = book.line("more_network_share", f"=IF(ISNUMBER({given}),0,IF(ISNUMBER({own}),{own},{standard}))", used,
                          fmt="pct", basis=item.name)  # fmt: skip
    value: Value = context.unknown if each.number is None else each.number * item.servers
    bought = book.line("more_bought", book.guard([each], f"{each}*{count}"), value, basis=item.name)
    if share is None:
        return bought, currency, bought
    value = context.unknown if bought.number is None else bought.number * (1.0 + (share.number or 0.0))
    whole = book.line("more_amount", book.guard([bought], f"{bought}*(1+{share})"), value, basis=item.name)
    return whole, currency, bought


def _own_network(book: Book, item: MoreResult) -> Cell:
    """The network of a further type, counted at list prices, where neither the network's price nor its share is entered."""
    context, own, dollars = book.context, book.facts.plan.money.onprem, item.network_usd or 0.0
    given, share = (context.inputs[f"money.onprem.network_{name}"] for name in ("price", "share"))
    listed = book.constant("more_network_list", dollars, "number", item.name, unit=context.t("unit_money_USD"))
    fx = book.rate("USD")
    entered = own.network_price is not None or own.network_share is not None
    value = 0.0 if entered else dollars * rate_of(book.case, "USD")
    body = book.guard([fx], f"{listed}*{fx}")[1:]
    return book.line(
        "more_networks",
        f"=IF(OR(ISNUMBER({given}),ISNUMBER({share})),0,{body})",
        book.value(number(value)),
        basis=item.name,
    )
