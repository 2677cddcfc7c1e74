"""What limits a plan that serves: findings with remedies that were tried, each with what it gives.

Memory, the limits on the time to first token and the time per token, and the servers at hand; power and room are the
hall's (:mod:`model.facility.findings`). A remedy is listed only where a plan with it has the fault no more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from mitsumori.model.base import format as fmt
from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.estimate.serving_size import Sized, sized
from mitsumori.model.plan.project import Correction
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.serving.choice import first_token_s, token_s
from mitsumori.model.serving.setting import narrower

MAX_REMEDIES: Final = 3
RESERVE: Final = 0.1
"""Share of load beyond the peak below which it is said what would bind next: forecasts of users are not closer than that."""
Change = Mapping[str, object]


class _Trial(NamedTuple):
    """A remedy to be tried: its code and what it sets."""

    code: str
    change: Change


def limit_findings(size: Sized, corrections: Sequence[Correction] = ()) -> list[Finding]:
    """What keeps the plan from serving its load within its limits, or soon will.

    Parameters
    ----------
    size
        The plan's serving.
    corrections
        The project's load tests, which count for the remedies too.
    """

    def tried(change: Change) -> Sized | None:
        try:
            plan = size.counted.plan.with_values(dict(change))
            return sized(resolve(plan, size.counted.catalogue), corrections)
        except Refusal:
            return None

    if not size.options:
        remedies = _cures(_more_memory(size), tried, lambda there: bool(there.options))
        shown = {"server": size.setup.here.server.name}
        return [Finding("serving_does_not_fit", "bad", "serving.server", shown, remedies)]
    best = size.options[0]
    if not best.within:
        return [_unmet(size, tried)]
    if best.served < 1.0:
        return [_short(size, tried)]
    left = reserve(size)
    if left >= RESERVE:
        return []
    said = {"what": _what(best.binding), "percent": fmt.significant(max(0.0, left) * 100)}
    remedies = _cures(_more_servers(size, left), tried, lambda there: reserve(there) >= RESERVE)
    return [Finding("serving_limit_near", "info", "serving.servers", said, remedies)]


def reserve(size: Sized) -> float:
    """Share of load beyond the peak that the servers would still carry within the limits, in the layout that carries most."""
    part = size.part
    load = part.concurrency if part.concurrency is not None else part.peak_requests_per_s()
    assert load is not None
    most = 0.0
    for one in size.options:
        if not one.within or one.servers > (size.servers or 0):
            continue
        carried = one.replicas * one.most / load
        if one.prefill_workers and part.concurrency is None:
            carried = min(carried, one.prefill_load / max(1e-9, one.at.prefill_share))
        most = max(most, carried)
    return most - 1.0


def _what(binding: str) -> Sentence:
    return Sentence("serving", f"binding_{binding}")


def _cures(
    trials: Iterator[_Trial], tried: Callable[[Change], Sized | None], cured: Callable[[Sized], bool]
) -> tuple[Remedy, ...]:  # fmt: skip
    """The first trials after which the fault is gone, with what they give."""
    found: list[Remedy] = []
    for code, change in trials:
        if any(remedy.code == code for remedy in found):  # the smallest step that is enough
            continue
        there = tried(change)
        if there is None or not cured(there):
            continue
        best, q = there.options[0], there.part.percentile
        given: dict[str, object] = {
            "ttft": fmt.significant(first_token_s(best.at, q)), "tpot": fmt.significant(token_s(best.at, q) * 1e3),
            "replicas": fmt.whole(best.working), "hosts": fmt.whole(best.servers),
        }  # fmt: skip
        given |= {path.rpartition(".")[2]: _shown(value) for path, value in change.items()}
        if "serving.server" in change:
            given["server"] = there.setup.here.server.name
        found.append(Remedy(code, change, given, recommended=not found, gives="serving_gives"))
        if len(found) == MAX_REMEDIES:
            break
    return tuple(found)


def _shown(value: object) -> object:
    if isinstance(value, str):
        return value.upper()
    return fmt.significant(value, trim=True) if isinstance(value, float) else value


def _more_memory(size: Sized) -> Iterator[_Trial]:
    """Ways to hold the weights, the mildest first."""
    if not size.part.auto:
        yield _Trial("serving_do_auto", {"serving.auto": True})
    for name in narrower(size.setup.gpu, size.setup.precision, weight_only=True):
        yield _Trial("serving_do_precision", {"serving.weight_precision": name})
    mine = size.setup.here.server
    memory = {
        key: server.accelerators * size.counted.catalogue.accelerator(server.accelerator).memory_gb
        for key, server in size.counted.catalogue.servers_for_sale().items()
        if server.accelerators and server.accelerator
    }
    for key in sorted(memory, key=lambda key: memory[key]):
        if memory[key] > memory.get(mine.key, 0.0):
            yield _Trial("serving_do_server", {"serving.server": key})


def _quicker(size: Sized, binding: str) -> Iterator[_Trial]:
    """Changes of the engine that shorten what binds."""
    part, setup = size.part, size.setup
    if not part.auto:
        yield _Trial("serving_do_auto", {"serving.auto": True})
    if binding in ("ttft", "tpot") and not part.disaggregated:
        yield _Trial("serving_do_disaggregate", {"serving.disaggregated": True})
    drafts = setup.facts.get("mtp", False) or np.any(np.asarray(setup.here.architecture.mtp_layers) > 0)
    if binding == "tpot" and part.speculative == "none" and drafts:
        yield _Trial("serving_do_mtp", {"serving.speculative": "mtp"})
    if binding == "cache" and part.kv_precision != "fp8":
        yield _Trial("serving_do_kv_fp8", {"serving.kv_precision": "fp8"})
    for name in narrower(setup.gpu, setup.precision):
        yield _Trial("serving_do_precision", {"serving.weight_precision": name})


def _unmet(size: Sized, tried: Callable[[Change], Sized | None]) -> Finding:
    """No number of replicas helps: what makes a single request quicker, or the limit that can be kept."""
    part, best, use = size.part, size.options[0], size.part.standard()
    fits = size.found.fits
    if best.binding == "ttft":
        limit, asked = "ttft_limit_s", f"{fmt.significant(use.ttft_limit_s or 0.0, trim=True)} s"
        reached = f"{fmt.significant(float(size.found.ttft_s(part.percentile)[fits, 0].min()))} s"
    else:
        limit, asked = "tpot_limit_ms", f"{fmt.significant(use.tpot_limit_ms or 0.0, trim=True)} ms"
        reached = f"{fmt.significant(float(size.found.tpot_at(part.percentile)[fits, 0].min()) * 1e3)} ms"
    shown = {"limit": best.binding.upper(), "asked": asked, "reached": reached}

    def trials() -> Iterator[_Trial]:
        quicker = list(_quicker(size, best.binding))
        yield from quicker[:MAX_REMEDIES]
        yield from _allowing(size, tried)

    def cured(there: Sized) -> bool:
        return bool(there.options) and there.options[0].within and there.options[0].served >= 1.0

    remedies = _cures(trials(), tried, cured)
    return Finding("serving_limits_unmet", "bad", f"serving.{limit}", shown, remedies)


def _allowing(size: Sized, tried: Callable[[Change], Sized | None]) -> Iterator[_Trial]:
    """The limits that the load keeps on as many servers as it would take without them."""
    use, q = size.part.standard(), size.part.percentile
    free = tried({"serving.ttft_limit_s": 1e6, "serving.tpot_limit_ms": 1e6})
    if free is None or not free.options:
        return
    at = free.options[0].at
    change: dict[str, object] = {}
    reached = (
        ("ttft_limit_s", use.ttft_limit_s, first_token_s(at, q)),
        ("tpot_limit_ms", use.tpot_limit_ms, token_s(at, q) * 1e3),
    )
    for name, limit, value in reached:
        if limit is not None and value > limit:
            change[f"serving.{name}"] = _rounded_up(value * 1.02)
    if change:
        name = "both" if len(change) > 1 else next(iter(change)).rpartition(".")[2]
        yield _Trial(f"serving_do_allow_{name}", change)


def _rounded_up(value: float) -> float:
    """To two digits, upwards."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / unit - 1e-9) * unit:.6g}")


def _short(size: Sized, tried: Callable[[Change], Sized | None]) -> Finding:
    """The servers given are too few: as many as the load needs, or what lets these do."""
    best = size.options[0]

    def trials() -> Iterator[_Trial]:
        free: dict[str, object] = {"serving.servers": None}
        if size.part.prefill_servers is not None:
            free["serving.prefill_servers"] = None
        enough = tried(free)
        if enough is not None and enough.options:
            code = "serving_do_prefill" if best.binding == "prefill" else "serving_do_servers"
            yield _Trial(code, free | {"serving.servers": enough.servers})
        yield from _quicker(size, best.binding)

    def cured(there: Sized) -> bool:
        return bool(there.options) and there.options[0].within and there.options[0].served >= 1.0

    lost = size.part.failure_unit if size.part.availability == "n1" else ""
    shown: dict[str, object] = {
        "percent": fmt.significant(best.served * 100),
        "what": _what(best.binding if best.replicas else "servers"),
        "when": Sentence("serving", f"when_{lost}_down") if lost else "",
    }
    return Finding("serving_servers_short", "warn", "serving.servers", shown, _cures(trials(), tried, cured))


def _more_servers(size: Sized, left: float) -> Iterator[_Trial]:
    """One more server, or as many as give the reserve."""
    servers = size.servers or 1
    first = max(servers + 1, math.ceil(servers * (1.0 + RESERVE) / (1.0 + max(0.0, left)) - 1e-9))
    for count in (first, first + 1):
        yield _Trial("serving_do_servers", {"serving.servers": count})
