"""Lines of what a plan names one by one: software, and servers of further types."""

from __future__ import annotations

import math

from mitsumori.model.cost.owned_prices import sale_factor
from mitsumori.model.cost.software import licences
from mitsumori.model.workbook.description import Cell, Value
from mitsumori.model.workbook.money_lines import EXACT, Book


def software(book: Book) -> Cell:
    """The line of licences a month: the two inputs, and named software, which stands by currency beside the page."""
    facts, context = book.facts, book.context
    cells, use, sheet = context.cells, context.input, book.sheet
    named, fx = licences(facts.plan.money, facts.resolved.catalogue), book.rate(facts.plan.money.onprem.currency)
    gpus, servers = cells["lock_gpus"], cells["lock_fleet"]
    a, b = use("money.onprem.license_per_gpu_year"), use("money.onprem.license_per_server_year")
    needed, parts, listed = f"({a}+{b})", [f"({gpus}*{a}+{servers}*{b})*{fx}/12"], [fx]
    asked = (a.number or 0.0) + (b.number or 0.0)
    for place, (currency, (gpu, server, whole)) in enumerate(named.listed):
        rate = book.rate(currency)
        count = gpu * (gpus.number or 0.0) + server * (servers.number or 0.0) + whole
        shown: Value = context.unknown if rate.number is None else count * rate.number / 12.0
        body = f"({gpus}*{gpu!r}+{servers}*{server!r}+{whole!r})*{rate}/12"
        made = sheet.formula(book.row, EXACT + 2 + place, context.guard([rate], body), shown, "calc", "number")
        parts.append(str(made))
        listed.append(made)
        needed, asked = f"{needed}+{gpu + server + whole!r}", asked + gpu + server + whole
    if named.listed:
        needed = str(sheet.formula(book.row, EXACT + 1, f"={needed}", asked, "calc", "number"))
    formula = f'="{context.unknown}"' if named.missing else book.times(needed, listed, "+".join(parts))
    value = book.value(facts.owned.monthly["licenses"])
    return book.line("line_licenses", formula, value, basis=context.t("line_licenses_basis"))


def more_servers(book: Book) -> Cell:
    """Servers of further types with their networks: their prices in yen and in dollars, live in the exchange rate."""
    case = book.case
    value = book.value(book.facts.owned.initial["more_servers"])
    amounts = (("JPY", float(case.more_jpy)), ("USD", float(case.more_usd)))
    known, factor = not math.isnan(sum(amount for _, amount in amounts)), sale_factor(book.context.plan.money)
    priced = [(currency, amount) for currency, amount in amounts if amount]
    rates = [book.rate(currency) for currency, _ in priced]
    body = "+".join(f"{amount / factor!r}*{rate}" for (_, amount), rate in zip(priced, rates, strict=True))
    if book.context.audience == "internal" and body:
        use = book.context.input
        body = f"({body})*(1-{use('money.onprem.discount')})/(1-{use('money.onprem.margin')})"
    if case.more_network_usd:
        rates.append(book.rate("USD"))
        body += f"+{float(case.more_network_usd)!r}*{rates[-1]}"
    formula = book.guard(rates, body) if known and body else f'="{book.context.unknown}"'
    names = ", ".join(f"{item.name} × {item.servers}" for item in book.facts.estimate.facility.more)
    return book.line("line_more_servers", formula, value, basis=names)
