"""What a customer may see: sale prices instead of purchase prices, discounts and margins."""

from __future__ import annotations

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cost.comparison import LINE_RULES
from mitsumori.model.cost.money import exchange, number
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve

WITHHELD = ("money.onprem.discount", "money.onprem.margin")
"""Plan paths that a customer's file does not have at all."""
SALE_RULES = {LINE_RULES["servers"].what: "servers * price"}
"""How a line is computed as the customer knows it, where the rule itself speaks of the purchase side."""


def sale_factor(plan: Plan) -> float:
    """Sale price over list price, ``(1 - discount) / (1 - margin)``."""
    own = plan.money.onprem
    return (1.0 - own.discount) / (1.0 - own.margin)


def customer_plan(plan: Plan, catalogue: Catalogue | None = None) -> Plan:
    """The plan as the customer knows it: the server at its sale price, no discount, no margin. Same totals.

    A catalogue price becomes the sale price in the plan's own currency; without a rate it stays unknown rather than
    showing the list price.
    """
    own = plan.money.onprem
    kept = {path: text for path, text in plan.notes.items() if path not in WITHHELD}
    plan = plan.model_copy(update={"notes": kept})
    if own.discount == 0.0 and own.margin == 0.0:
        return plan
    price = own.server_price
    if price is None:
        listed = resolve(plan, catalogue).server.price
        if listed is not None:
            rate = exchange(listed.currency, own.currency, number(plan.money.usd_jpy))
            price = None if rate != rate else float(listed.middle * rate)
    changes = {
        "money.onprem.server_price": None if price is None else price * sale_factor(plan),
        "notes.money.onprem.server_price": None,  # it speaks of the list price, which the customer does not see
        "money.onprem.discount": 0.0,
        "money.onprem.margin": 0.0,
    }
    return plan.with_values(changes)
