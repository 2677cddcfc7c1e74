"""Other servers of the catalogue that would carry the load: the best layout of each, with its cost."""

from __future__ import annotations

import math
from collections.abc import Callable

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.base.units import HOURS_PER_MONTH
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cost.money import exchange
from mitsumori.model.cost.owned_prices import further_price
from mitsumori.model.cost.results import CostResult
from mitsumori.model.estimate.serving_size import servers_per_rack
from mitsumori.model.facility.results import FacilityResult
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import Resolved, resolve
from mitsumori.model.plan.serving import ServingPart
from mitsumori.model.serving.choice import Choice, choose, first_token_s, token_s
from mitsumori.model.serving.constants import Fitted
from mitsumori.model.serving.results import ServingAlternative
from mitsumori.model.serving.setting import served_on, setting
from mitsumori.model.serving.system import curves
from mitsumori.model.training.schedule import working_months

MOST = 12
"""Alternatives that are listed."""


def own_part(place: FacilityResult, cost: CostResult, plan: Plan, catalogue: Catalogue) -> float:
    """Share of the hall's total that the plan's own servers bear beside servers of further types with accelerators.

    What the machines of each kind cost to buy, without their networks, decides: ``S/(S + G)``. Hosts without accelerators and
    storage systems serve with the plan's servers and bear nothing by themselves.

    Parameters
    ----------
    place, cost
        Facility and cost of the plan.
    plan, catalogue
        Its prices, and the records of the project.

    Returns
    -------
    float
        0 to 1; NaN where a price is unknown (the total then is, too).
    """
    others = [item for item in place.more if item.cooling]
    if not others:
        return 1.0
    case = cost.quote.case
    rates = {currency: float(exchange(currency, case.currency, case.usd_jpy)) for currency in ("JPY", "USD")}
    own = float(case.servers) * float(case.server_price) * rates[case.server_currency]
    beside = 0.0
    for item in others:
        price = further_price(item, plan.money, catalogue)
        beside += sum(amount * rates[name] for name, amount in (("JPY", price.jpy), ("USD", price.usd)) if amount)
    return own / (own + beside)


def hourly_jpy(place: FacilityResult, cost: CostResult, plan: Plan, catalogue: Catalogue) -> float | None:
    """Cost of an hour that serving bears: its share of the owned servers' total over the horizon, in yen.

    None where a price or the rate is unknown.

    Parameters
    ----------
    place, cost
        Of the servers that serve, and of what stands beside them (:func:`own_part`).
    plan, catalogue
        Its horizon, rate and ``serving.cost_share``, and the records of the project.
    """
    total, money = cost.onprem.total.value, plan.money
    months = working_months(money)
    if total is None or not months or (cost.currency != "JPY" and money.usd_jpy is None):
        return None
    jpy = total if cost.currency == "JPY" else total * float(exchange("USD", "JPY", money.usd_jpy or math.nan))
    borne = jpy * plan.serving.cost_share * own_part(place, cost, plan, catalogue)
    return borne / (months * HOURS_PER_MONTH)


def per_million_tokens(part: ServingPart, hourly: float, mean_requests_per_s: float) -> float:
    """Yen a million tokens, prompts and answers together, of servers that cost ``hourly``.

    Parameters
    ----------
    part
        The serving part of the plan: lengths and hours a day.
    hourly
        Cost of the servers an hour, JPY.
    mean_requests_per_s
        Requests a second over the hours of service, above zero.
    """
    use = part.standard()
    served = mean_requests_per_s * 3600.0 * (use.prompt_tokens + use.output_tokens) * part.hours_per_day / 24.0
    return hourly / served * 1e6


def option(item: Choice, server: str, part: ServingPart, hourly: float | None = None) -> ServingAlternative:
    """One way to carry the load.

    Parameters
    ----------
    item
        The layout, its load and its replicas.
    server
        Catalogue key.
    part
        The serving part of the plan.
    hourly
        Cost of its servers, JPY an hour; None where unknown.
    """
    at = item.at
    mean = at.requests_per_s * item.working / (1.0 if part.concurrency is not None else part.peak_factor)
    return ServingAlternative(
        server=server, gpus=item.gpus, layout=item.layout,
        ttft_s=first_token_s(at, part.percentile), tpot_ms=token_s(at, part.percentile) * 1e3,
        jpy_per_million_tokens=None if hourly is None else per_million_tokens(part, hourly, mean),
        why=item.binding if item.within else f"{item.binding} limit not met",
    )  # fmt: skip


Ordered = tuple[tuple[bool, float, float, float], ServingAlternative]
"""A way to carry the load with what orders it: limits met, load carried, cost, servers."""


def ordered(item: Choice, line: ServingAlternative) -> Ordered:
    """A way with its place among others.

    Parameters
    ----------
    item
        The layout.
    line
        The way as it is listed.
    """
    yen = line.jpy_per_million_tokens
    return (not item.within, -round(item.served, 6), math.inf if yen is None else yen, float(item.servers)), line


def other_servers(
    resolved: Resolved, priced: Callable[[Resolved], tuple[FacilityResult, CostResult, float | None]], fitted: Fitted
) -> list[Ordered]:
    """The best layout of every other server of the catalogue that holds the model, with what orders it.

    Parameters
    ----------
    resolved
        The plan.
    priced
        Facility and cost of a resolved plan.
    fitted
        Constants of serving.
    """
    plan = resolved.plan
    mine = plan.serving.server or plan.cluster.server
    found = []
    for key in resolved.catalogue.servers_for_sale():
        if key == mine:
            continue
        part = plan.serving.model_copy(update={"server": key, "servers": None})
        try:
            there = resolve(plan.model_copy(update={"serving": part}), resolved.catalogue)
            setup = setting(there)
            if not setup.gpu.bf16_flops or setup.family == "cpu":
                continue
            found_there = curves(part, setup.model, setup.gpu, setup.at, setup.layouts(), fitted.constants)
            items = choose(part, found_there, None, setup.per_server, servers_per_rack(part, there)).options
            if not items:
                continue
            best = items[0]
            place, cost, _ = priced(served_on(there, best.servers))
            hourly = hourly_jpy(place, cost, plan, resolved.catalogue)
        except Refusal:
            continue
        found.append(ordered(best, option(best, key, part, hourly)))
    return found
