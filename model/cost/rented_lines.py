"""Renting as lines of cost: by the hour, reserved and paid ahead, one training alone, and until own machines are in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mitsumori.model.base.arrays import Array, Num, some
from mitsumori.model.base.units import HOURS_PER_MONTH, SECONDS_PER_HOUR
from mitsumori.model.cost.case import Case, Lines
from mitsumori.model.cost.money import exchange, product
from mitsumori.model.cost.month_shapes import (
    MONTHS,
    delayed,
    months_before,
    prices_of_months,
    running_months,
    use_of_months,
)
from mitsumori.model.plan.prices import TERM_MONTHS

__all__ = ["cloud_lines", "interim_cost", "rented_meanwhile", "rented_run", "spot_overhead"]


def cloud_lines(case: Case) -> Lines:
    """Lines of renting.

    Formulas, with a month of 730 hours::

        instances = accelerators / accelerators of an instance / speed
        compute   = instances * 730 * price * (1 when reserved, else u * (1 + overhead))
        goodput   = share * compute   debugging = share * compute        CPU nodes = price a month
        storage   = GB * price        egress = GB * price        support = rate * all of them

    The prices of compute and CPU nodes fall by ``price_decline`` each operating year (each time a reservation ends), and what
    is paid by the hour follows the growth of use; both come upon the first year's prices by month (``shaped``). Without
    ``interim`` renting begins after ``lead_months``, when own machines would: both sides do the same work.
    """
    fx = exchange(case.cloud_currency, case.currency, case.usd_jpy)
    instances = case.accelerators / case.instance_accelerators / case.speed
    on_demand = case.utilization * (1.0 + case.overhead)
    share = case.paid_when_idle + (1.0 - case.paid_when_idle) * on_demand
    compute = instances * HOURS_PER_MONTH * share * product(case.price_per_hour, fx)
    storage_fx = exchange(case.storage_currency, case.currency, case.usd_jpy)
    storage = product(case.storage_gb, product(case.storage_per_gb_month, storage_fx))
    egress_fx = exchange(case.egress_currency, case.currency, case.usd_jpy)
    egress = product(case.egress_gb_per_month, product(case.egress_per_gb, egress_fx))
    setup_fx = exchange(case.setup_currency, case.currency, case.usd_jpy)
    beside: dict[str, Num] = {}
    if some(case.goodput_loss_share):
        beside["goodput"] = case.goodput_loss_share * compute
    if some(case.debugging_share):
        beside["debugging"] = case.debugging_share * compute
    if some(case.cpu_nodes_per_month):
        beside["cpu_nodes"] = product(case.cpu_nodes_per_month, setup_fx)
    served = compute + storage + egress
    for amount in beside.values():
        served = served + amount
    monthly = {"compute": compute, **beside, "storage": storage, "egress": egress,
               "support": product(case.support_rate, served)}  # fmt: skip
    start, changes = float(case.rented_lead), _rented_changes(case, {"compute": compute, **beside})
    final: dict[str, Num] = {}
    if case.upfront_share and np.all(case.paid_when_idle):
        changes, final = _prepaid(case, {"compute": compute, **beside}, changes)
    return Lines({"setup": product(case.setup, setup_fx)}, monthly, {}, final, changes, start, start)


def _prepaid(
    case: Case, monthly: Mapping[str, Num], changes: dict[str, tuple[tuple[Num, Array], ...]]
) -> tuple[dict[str, tuple[tuple[Num, Array], ...]], dict[str, Num]]:
    """Reservations paid at their beginning: less in each month, a share of the whole at the start of each, the rest credited.

    ``u * c * P * price`` at the months at which a reservation of ``P`` months begins, less ``u * c * price`` a month; at the
    end of the horizon the months of the last one that lie beyond it come back, so that the total is that of monthly payment.

    Parameters
    ----------
    case
        What money depends on.
    monthly
        Compute and what goes with it, a month, by line.
    changes
        What comes upon them by month.
    """
    term = 12 * case.price_years
    price = prices_of_months(-case.price_decline, case.price_years)
    begins = np.where(np.mod(MONTHS, term) == 0.0, 1.0, 0.0)
    following = np.append(price[1:], price[-1])
    weights = delayed(begins * following * term, case.rented_lead) - delayed(price, case.rented_lead)
    used = np.asarray(case.rented_months, dtype=float)
    begun = np.asarray(case.months, dtype=float) >= case.rented_lead
    left = np.where(begun, np.floor(used / term) * term + term - used, 0.0)
    last = following[np.minimum(np.floor(used / term) * term, MONTHS[-1]).astype(int)]
    more, final = dict(changes), {}
    supported: list[tuple[Num, Array]] = []
    for key, amount in monthly.items():
        if key == "cpu_nodes":
            continue
        paid = case.upfront_share * amount
        more[key] = (*more.get(key, ()), (paid, weights))
        final[key] = -paid * left * last
        supported.append((product(case.support_rate, paid), weights))
    more["support"] = (*more.get("support", ()), *supported)
    final["support"] = product(case.support_rate, sum(final.values()))
    return more, final


def _rented_changes(case: Case, monthly: Mapping[str, Num]) -> dict[str, tuple[tuple[Num, Array], ...]]:
    """What falling prices and the growth of use take from the first year's compute, what goes with it, and its support."""
    if not case.price_decline and not case.ramp_months:
        return {}
    lead = case.rented_lead
    price = delayed(prices_of_months(-case.price_decline, case.price_years), lead)
    hourly = 1.0 - case.paid_when_idle
    ramp = price * (delayed(use_of_months(case.ramp_months), lead) - 1.0)
    shaped: dict[str, tuple[tuple[Num, Array], ...]] = {}
    supported: list[tuple[Num, Array]] = []
    for key, amount in monthly.items():
        parts: list[tuple[Num, Array]] = [(amount, price - delayed(running_months(), lead))]
        if key != "cpu_nodes":
            parts.append((amount * hourly, ramp))
        shaped[key] = tuple(parts)
        supported += [(product(case.support_rate, part), weights) for part, weights in parts]
    return {**shaped, "support": tuple(supported)}


def rented_run(case: Case, days: Num, column: str) -> Num:
    """Compute of one training alone, in the currency of the result.

    ``instances * price * 24 * days * (1 + overhead)`` by the hour; whole months begun for a price by the month (``monthly``);
    NaN for reservations of a year and more, which nobody makes for one training.

    Parameters
    ----------
    case
        Everything that money depends on, as numbers or arrays over scenarios.
    days
        Days of one training, above zero.
    column
        Column of the matrix of clouds: a term, or ``monthly``.
    """
    if column in TERM_MONTHS:
        return np.nan
    fx = exchange(case.cloud_currency, case.currency, case.usd_jpy)
    instances = case.accelerators / case.instance_accelerators / case.speed
    hours = 24.0 * np.asarray(days, dtype=float) * (1.0 + case.overhead)
    if column == "monthly":
        hours = np.ceil(hours / HOURS_PER_MONTH - 1e-9) * HOURS_PER_MONTH
    return instances * hours * product(case.price_per_hour, fx)


def spot_overhead(interruptions_per_month: Num, checkpoint_s: Num, restart_s: Num) -> Num:
    """Extra hours a spot job pays for each useful hour, by Young's rule.

    ``tau = sqrt(2 * t_ckpt * M)``, ``overhead = t_ckpt / tau + (tau / 2 + t_restart) / M`` with the mean time between
    reclaims ``M`` of the whole job. Source: J. W. Young, CACM 17(9), 1974.

    Parameters
    ----------
    interruptions_per_month
        Reclaims that stop the job, in 730 hours; 0 gives no overhead.
    checkpoint_s, restart_s
        Seconds that a checkpoint holds the job up; seconds from a stop to training again.
    """
    rate = np.asarray(interruptions_per_month, dtype=float) / (HOURS_PER_MONTH * SECONDS_PER_HOUR)
    # t/tau + tau*rate/2 = sqrt(2*t*rate) at the optimum
    return np.sqrt(2.0 * checkpoint_s * rate) + rate * restart_s


def rented_meanwhile(case: Case) -> Case:
    """The case of what is rented until own machines are in use: by the hour, at the price of that term."""
    reserved = bool(np.all(case.paid_when_idle))
    return replace(
        case,
        price_per_hour=case.interim_price_per_hour if reserved else case.price_per_hour,
        overhead=case.interim_overhead if reserved else case.overhead,
        paid_when_idle=0.0,
        price_years=1,
        upfront_share=0.0,
    )


def interim_cost(case: Case) -> tuple[tuple[Num, Array], ...]:
    """What the cloud costs until own machines are in use: its lines for ``lead_months``, as amounts with weights by month."""
    rented = cloud_lines(rented_meanwhile(case))
    within = months_before(case.lead_months, case.lead_months)
    monthly: Num = 0.0
    for amount in rented.monthly.values():
        monthly = monthly + amount
    changes = tuple((amount, weights * within) for parts in rented.shaped.values() for amount, weights in parts)
    return (rented.initial["setup"], np.where(MONTHS == 0.0, 1.0, 0.0)), (monthly, within), *changes
