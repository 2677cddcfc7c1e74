"""Ways to serve a plan's load: every server of the catalogue in the formats of its accelerator, each at its best layout."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from mitsumori.model.base import format as fmt
from mitsumori.model.base.messages import text
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.serving_size import Sized, sized
from mitsumori.model.plan.exchange import cooling_changes
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Correction
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.serving.choice import first_token_s, token_s
from mitsumori.model.serving.layout import Layout
from mitsumori.model.serving.setting import precisions_of
from mitsumori.model.serving.system import GRID
from mitsumori.model.study.setting import SHIPPED, Setting
from mitsumori.model.study.unknowns import with_server

PRICED: Final = 24
"""Ways whose cost is worked out: those that carry most of the load on the fewest accelerators."""


@dataclass(frozen=True, slots=True)
class ServingOption:
    """One way to serve.

    Attributes
    ----------
    server, name, precision, layout
        Key and name of the server, format of the weights, parts of a replica.
    servers, gpus, replicas
        With the spares that the plan's availability asks for.
    ttft_s, tpot_ms
        At the plan's percentile and peak load, every replica at work.
    served, within, binding
        Share of the load answered within the limits; whether any load is; what binds first.
    jpy_per_million_tokens
        None where a price of the server is unknown.
    weak, partial
        Whether that rests on a price that is an indication only, and whether a line is left out of it.
    changes
        What one click sets: plan paths and values.
    cooling
        Name by language of another way of cooling that ``changes`` bring, where the plan's does not carry the server.
    current
        The plan's own way.
    """

    server: str
    name: str
    precision: str
    layout: Layout
    servers: int
    gpus: int
    replicas: int
    ttft_s: float
    tpot_ms: float
    served: float
    within: bool
    binding: str
    jpy_per_million_tokens: float | None
    changes: Mapping[str, object]
    current: bool
    weak: bool = False
    partial: bool = False
    cooling: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServingAdvice:
    """Best first; ``evaluated`` working points of layouts were computed in ``seconds``."""

    options: tuple[ServingOption, ...]
    evaluated: int
    seconds: float
    complete: bool = True


def advise_serving(plan: Plan, setting: Setting = SHIPPED, top: int = 10) -> ServingAdvice:
    """Rank the ways to carry a plan's load: limits met, load carried, cost of tokens, accelerators, soonest answer.

    Parameters
    ----------
    plan
        One that serves. Its own layout counts only for its own line.
    setting
        The project's records, and how the search is watched and stopped.
    top
        Ways that are listed.
    """
    begun = time.perf_counter()
    catalogue, corrections = setting.records, setting.corrections
    here = sized(resolve(plan, catalogue), corrections)
    own = here.setup.here.server.key, here.setup.precision
    found: list[tuple[Sized, Plan, dict[str, object], bool]] = []
    evaluated, complete = len(here.found.layouts) * GRID, True
    if here.options and here.options[0].working:
        found.append((here, plan, {}, True))
    keys = list(dict.fromkeys((*catalogue.servers_for_sale(), own[0])))
    for at, key in enumerate(keys):
        if setting.cancelled():
            complete = False
            break
        setting.tell(0.5 * at / len(keys))
        for changes, there in _on_server(plan, key, catalogue, corrections, own[1]):
            evaluated += len(there.found.layouts) * GRID
            mine = (key, there.setup.precision) == own
            if there.options and there.options[0].working and not mine:
                found.append((there, plan.with_values(changes), changes, False))
    found.sort(key=lambda item: (not item[3], *_size(item[0])))
    options = []
    for at, (there, other, changes, current) in enumerate(found[:PRICED]):
        if setting.cancelled():
            complete = False
            break
        setting.tell(0.5 + 0.5 * at / PRICED)
        options.append(_option(there, other, changes, current, catalogue, corrections))
    answer_tokens = plan.serving.standard().output_tokens

    def place(one: ServingOption) -> tuple[bool, float, float, int, float]:
        yen = float(f"{one.jpy_per_million_tokens or math.inf:.6g}")  # the last digits are rounding
        soonest = one.ttft_s + one.tpot_ms / 1e3 * (answer_tokens - 1.0)
        return not one.within, -round(one.served, 6), yen, one.gpus, soonest

    options.sort(key=place)
    return ServingAdvice(tuple(options[:top]), evaluated, time.perf_counter() - begun, complete)


def _on_server(
    plan: Plan, key: str, catalogue: Catalogue, corrections: Sequence[Correction], own: str
) -> list[tuple[dict[str, object], Sized]]:
    """The plan on a server, in each format; none where the plan is not possible there."""
    base: dict[str, object] = {"serving.servers": None, "serving.auto": True}
    if key != (plan.serving.server or plan.cluster.server):
        base |= with_server(plan, key, catalogue) | {"serving.server": None}
    found = []
    try:
        first = sized(resolve(plan.with_values(base), catalogue), corrections)
    except Refusal:
        return []
    if not first.setup.gpu.bf16_flops or first.setup.family == "cpu":
        return []
    for precision in precisions_of(first.setup.gpu, own):
        changes = base | {"serving.weight_precision": precision}
        if precision == first.setup.precision:
            found.append((changes, first))
            continue
        try:
            found.append((changes, sized(resolve(plan.with_values(changes), catalogue), corrections)))
        except Refusal:
            continue
    return found


def _size(there: Sized) -> tuple[bool, float, int]:
    best = there.options[0]
    return not best.within, -round(best.served, 6), there.gpus


def _option(
    there: Sized, plan: Plan, changes: Mapping[str, object], current: bool, catalogue: Catalogue,
    corrections: Sequence[Correction],
) -> ServingOption:  # fmt: skip
    best, cooling = there.options[0], {}
    try:
        whole = estimate(plan, catalogue, corrections)
        if not current and not whole.facility.racks.known and not whole.facility.racks_unsolved:
            # the hall's way of cooling does not carry this server: the simplest that does comes with it
            able = next((method.cooling for method in whole.facility.methods if method.feasible), None)
            if able is not None:
                cooled = cooling_changes(able)
                whole, changes = estimate(plan.with_values(cooled), catalogue, corrections), {**changes, **cooled}
                record = catalogue.cooling_method(able)
                cooling = {"en": record.name_en, "ja": record.name_ja}
        yen = None if whole.serving is None else whole.serving.jpy_per_million_tokens.blended.value
        weak, partial = whole.cost.weak_on("onprem"), bool(whole.cost.left_out("onprem"))
    except Refusal:
        yen, weak, partial = None, False, False
    percentile = there.part.percentile
    return ServingOption(
        server=there.setup.here.server.key, name=there.setup.here.server.name, precision=there.setup.precision,
        layout=best.layout,
        servers=there.servers or 0, gpus=there.gpus, replicas=there.replicas, ttft_s=first_token_s(best.at, percentile),
        tpot_ms=token_s(best.at, percentile) * 1e3, served=best.served, within=best.within, binding=best.binding,
        jpy_per_million_tokens=yen, changes=changes, current=current, weak=weak, partial=partial,
        cooling=cooling,
    )  # fmt: skip


def serving_advice_json(advice: ServingAdvice) -> dict[str, Any]:
    """The document of ``advise --json`` of a plan that serves."""
    return {
        "evaluated": advice.evaluated, "seconds": advice.seconds,
        "plans": [
            {
                "server": one.server, "precision": one.precision, "layout": dict(one.layout), "servers": one.servers,
                "gpus": one.gpus, "replicas": one.replicas, "ttft_s": one.ttft_s, "tpot_ms": one.tpot_ms,
                "share_of_users_served": one.served, "jpy_per_million_tokens": one.jpy_per_million_tokens,
                "weak_price": one.weak, "partial_price": one.partial,
                "why": one.binding, "current": one.current, "set": dict(one.changes),
            }
            for one in advice.options
        ],
    }  # fmt: skip


def _price(one: ServingOption, language: str) -> str:
    """In brackets where it is an indication only, with a star where a line is left out."""
    shown = fmt.money(one.jpy_per_million_tokens or 0.0, "JPY", language)
    return (f"({shown})" if one.weak else shown) + ("*" if one.partial else "")


def serving_advice_text(advice: ServingAdvice, language: str) -> str:
    """The ranking in lines."""

    def word(key: str, **values: object) -> str:
        return text("serving", key, language, **values)

    lines = [word("advice", evaluated=f"{advice.evaluated:,}", seconds=fmt.significant(advice.seconds))]
    for at, one in enumerate(advice.options, 1):
        yen = one.jpy_per_million_tokens
        layout = word("short_layout", **one.layout)
        if one.cooling:
            layout = word("advice_cooled", layout=layout, cooling=one.cooling[language])
        lines.append(f"{at:>3}  " + word(
            "advice_option", name=one.name, precision=one.precision.upper(), layout=layout,
            servers=one.servers, gpus=one.gpus, ttft=fmt.significant(one.ttft_s), tpot=fmt.significant(one.tpot_ms),
            yen=word("unknown") if yen is None else _price(one, language),
            share=fmt.percent(one.served), binding=word(f"binding_{one.binding}"),
        ))  # fmt: skip
    return "\n".join(lines)
