"""The line of licences: the two inputs, and the software that a plan names."""

from __future__ import annotations

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
