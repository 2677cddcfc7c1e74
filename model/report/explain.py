"""A figure's formula with its values in it: what the window shows when a number is clicked.

The sentences are in ``resources/messages/explain.toml``: the key is the estimate path with underscores, or the longest
prefix of it that exists. Each is written with the values of this very plan, so that anyone can check it by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from mitsumori.model.base import format as fmt
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.messages import keys, text
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan

UNKNOWN = "?"


@cache
def _keys() -> frozenset[str]:
    return frozenset(keys("explain"))


def explained(path: str) -> str | None:
    """The key that explains a path, or None."""
    parts = path.split(".")
    while parts:
        key = "_".join(parts)
        if key in _keys():
            return key
        parts.pop()
    return None


def explain(path: str, plan: Plan, estimate: Estimate, language: str) -> list[str]:
    """Sentences that work the figure out: the rule, then the rule with this plan's values.

    Parameters
    ----------
    path
        Dotted estimate path, e.g. ``training.days``.
    plan, estimate
        The plan and its result.
    language
        ``ja`` or ``en``.

    Returns
    -------
    list of str
        Empty when no rule is on record for the path.
    """
    key = explained(path)
    if key is None:
        return []
    values = dict(_values(plan, estimate, language))
    return [line for line in text("explain", key, language, **values).split("\n") if line]


def _number(figure: Figure | None, scale: float = 1.0, digits: int = 3) -> str:
    return UNKNOWN if figure is None or figure.value is None else fmt.significant(figure.value * scale, digits)


def _values(plan: Plan, estimate: Estimate, language: str) -> Iterator[tuple[str, str]]:
    """Everything a sentence may name, formatted."""
    yield from _training_values(estimate, language)
    yield from _hall_values(plan, estimate, language)
    yield from _money_values(plan, estimate, language)


def _training_values(estimate: Estimate, language: str) -> Iterator[tuple[str, str]]:
    memory, training = estimate.memory, estimate.training
    layout, details = training.parallel, training.details
    kanji = language == "ja"
    for name, figure in memory.per_gpu.items():
        yield f"memory_{name.removesuffix('_bytes')}", _number(figure, 1e-9)
    yield "stage", str(memory.worst_stage + 1)
    yield (
        "moment",
        text("explain", f"moment_{memory.worst_phase}", language) if _has_phase(memory.worst_phase) else "–",
    )
    for name in (
        "tp",
        "pp",
        "vp",
        "cp",
        "ep",
        "dp",
        "micro_batch",
        "global_batch",
        "seq_len",
        "zero_stage",
        "micro_batches",
    ):
        yield name, fmt.whole(float(layout[name]))
    gpus = details.accelerators
    yield "gpus", fmt.whole(gpus)
    yield "parameters", fmt.count(details.parameters, kanji=kanji)
    yield "tokens", fmt.count(training.tokens.value or 0.0, kanji=kanji)
    yield "tokens_per_step", fmt.count(details.tokens_per_step, kanji=kanji)
    yield "speed", _number(training.tokens_per_s_per_gpu)
    yield "step", _number(training.step_time_s)
    for name in (
        "compute",
        "recompute",
        "communication",
        "bubble",
        "optimizer",
        "data",
        "lost",
        "generation",
        "other_roles",
        "refit",
    ):
        yield f"step_{name}", _number(training.breakdown_s.get(name)) if name in training.breakdown_s else "0"
    yield "mfu", _number(training.mfu, 100.0)
    yield "goodput", _number(training.goodput, 1.0, 4)
    yield "goodput_percent", _number(training.goodput, 100.0)
    yield "days", _number(training.days)
    yield "mtbf_hours", fmt.significant(details.mtbf_hours)
    yield "checkpoint_interval", fmt.duration(details.checkpoint_interval_s, language)
    yield "checkpoint_stall", fmt.significant(details.checkpoint_stall_s)
    yield "near_runs", fmt.whole(training.near_runs)


def _hall_values(plan: Plan, estimate: Estimate, language: str) -> Iterator[tuple[str, str]]:
    place = estimate.facility
    for name in (
        "servers_per_rack", "racks", "support_racks", "kva_per_rack", "kw_per_rack", "air_kw", "liquid_kw", "it_kw",
        "facility_kw", "utility_kva", "pue", "co2_t_per_year", "water_m3_per_year",
    ):  # fmt: skip
        yield name, _number(getattr(place, name))
    yield "mwh", _number(place.kwh_per_year, 1e-3)
    for name in ("provisioned_kw", "average_kw", "idle_kw", "other_kw", "fullest", "liquid_share", "compute_kw"):
        yield name, _number(place.details.get(name))
    yield "other_percent", _number(place.details.get("other_share"), 100.0)
    yield "servers", fmt.whole(plan.cluster.servers)
    yield "power_factor", fmt.significant(plan.facility.power_factor)
    yield "site_power_factor", fmt.significant(plan.facility.site_power_factor)
    yield "kva_reserved", fmt.significant(plan.facility.kva_reserved)
    counts = place.limits.servers
    yield (
        "limits",
        ", ".join(f"{text('report', f'limit_{name}', language)} {count}" for name, count in counts.items()) or "–",
    )
    yield "rack_kva", _plain(place.limits.rack_kva)


def _money_values(plan: Plan, estimate: Estimate, language: str) -> Iterator[tuple[str, str]]:
    money, cost = plan.money, estimate.cost
    yield "months", fmt.whole(money.horizon_months)
    yield "utilization", _number(cost.details.get("utilization"), 100.0)
    yield "discount_percent", fmt.significant(money.onprem.discount * 100.0)
    yield "margin_percent", fmt.significant(money.onprem.margin * 100.0)
    yield "rate", _plain(money.usd_jpy)
    for side, result in (("cloud", cost.cloud), ("onprem", cost.onprem)):
        for name, figure in (("total", result.total), ("initial", result.initial), ("monthly", result.monthly)):
            yield f"{side}_{name}", _money(figure, cost.currency, language)
    yield "cloud_price", _number(cost.used.get("money.cloud.price_per_hour"), 1.0, 4)
    yield "electricity", _number(cost.used.get("money.electricity_jpy_per_kwh"))
    yield "break_even", _number(cost.break_even_month)
    yield "break_even_utilization", _number(cost.break_even_utilization, 100.0)


def _has_phase(phase: str) -> bool:
    return f"moment_{phase}" in _keys()


def _plain(value: float | None) -> str:
    return UNKNOWN if value is None else fmt.significant(float(value))


def _money(figure: Figure, currency: str, language: str) -> str:
    return UNKNOWN if figure.value is None else fmt.money(figure.value, currency, language)
