"""Serving of a plan: the model served on its own servers, with facility, cost and findings."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from mitsumori.model.base import format as fmt
from mitsumori.model.base.figure import Figure, Parent, unknown
from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.calibration.serving_corrections import levels
from mitsumori.model.cost.results import CostResult
from mitsumori.model.estimate.serving_alternatives import MOST, hourly_jpy, option, other_servers
from mitsumori.model.facility.results import FacilityResult
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Correction
from mitsumori.model.plan.resolve import Resolved
from mitsumori.model.plan.serving import ServingPart
from mitsumori.model.serving.constants import shipped_serving
from mitsumori.model.serving.results import SINGLE, ServingResult
from mitsumori.model.serving.setting import served_on, setting
from mitsumori.model.serving.shape import cache_bytes_per_token
from mitsumori.model.serving.system import (
    GRID,
    PERCENTILES,
    Choice,
    Curves,
    choose,
    curves,
    first_token_s,
    spare_replicas,
    tail,
)

PREDICTED: Final = Parent("fitted", "serving steps and queues fitted to published runs; docs/method.md, serving")
COUNTED: Final = Parent("formula", "Little's law, replicas and memory of the engine; docs/method.md, serving")
Others = Callable[[], list[tuple[tuple[bool, float, float, float], dict[str, Any]]]]
Priced = Callable[[Resolved], tuple[FacilityResult, CostResult, float | None]]
"""Facility and cost of a resolved plan, and kW of its servers under load."""


def serving(
    resolved: Resolved, priced: Priced, corrections: Sequence[Correction] = ()
) -> tuple[ServingResult, list[Finding]]:
    """Serve the plan's model under its load.

    Parameters
    ----------
    resolved
        The plan with its records.
    priced
        Facility and cost of the serving servers.
    corrections
        Measured runs of the project: load tests of the same setting set the level and narrow the intervals.

    Returns
    -------
    tuple
        The result (every field a figure, or unknown with the code of a finding) and the findings.

    Raises
    ------
    PlanError
        For an unknown ``serving.server``.
    """
    part, seen = resolved.plan.serving, setting(resolved)
    fitted, per_server, family = shipped_serving(), seen.per_server, seen.family
    names = seen.facts.get("names", ())
    near = any(fitted.near("aggregated", name, family) for name in names)
    kind = "disaggregated" if part.disaggregated else "aggregated"
    half = {name: fitted.half_width(kind, near, name) for name in ("ttft", "tpot", "e2e", "rate")}
    level = levels(corrections, seen, resolved, fitted, half)
    found = curves(part, seen.model, seen.gpu, seen.at, seen.layouts(), fitted.constants)
    found = found.scaled(level.factor["ttft"], level.factor["tpot"])
    hand = None if part.servers is None else part.servers * per_server - _kept_back(part, per_server)
    options = choose(part, found, hand, per_server)
    if not options:
        remedy = Remedy("serving_do_fp8", {"serving.weight_precision": "fp8"})
        finding = Finding("serving_does_not_fit", "bad", "serving.server", {"server": seen.here.server.name}, (remedy,))
        return _empty(part, near), [finding]
    best = options[0]
    spare = spare_replicas(part, best.layout, per_server, _servers_per_rack(part, resolved, priced))
    gpus = best.gpus + spare * best.layout.gpus
    servers = part.servers or -(-gpus // per_server)
    place, money, kw = priced(served_on(resolved, servers))
    filled = _Filled(part, found, best, level.half, near, spare, servers, place, money, kw, resolved.plan)
    filled.near_count = sum(fitted.runs.get(f"{name}|{family}", 0) for name in names)
    result, findings = filled.result(
        float(cache_bytes_per_token(seen.model, seen.at)),
        seen.precision,
        seen.here.server.key,
        options,
        per_server,
        lambda: other_servers(resolved, priced, fitted),
    )
    if filled.cheaper_by_api():
        findings = [Finding("serving_api_cheaper", "warn", "serving.api_price"), *findings]
    if level.tests:
        shown = {"count": str(level.tests), "percent": fmt.signed((level.factor["tpot"] - 1.0) * 100)}
        findings = [Finding("serving_corrected", "info", "serving.engine", shown), *findings]
    return result, _load_findings(part, best, near) + findings


def _kept_back(part: ServingPart, per_server: int) -> int:
    """Accelerators of a given number of servers that stand by."""
    return 0 if part.availability == "n" else per_server


def _servers_per_rack(part: ServingPart, resolved: Resolved, priced: Priced) -> int:
    if part.availability == "n" or part.failure_unit != "rack":
        return 1
    return int(priced(served_on(resolved, 1))[0].servers_per_rack.value or 1)


def _empty(part: ServingPart, near: bool) -> ServingResult:
    """Nothing fits: every figure unknown for the same reason."""
    why = "serving_does_not_fit"
    times = {"ttft_s": unknown(why, "s"), "tpot_ms": unknown(why, "ms"), "e2e_s": unknown(why, "s")}
    return ServingResult(
        figures={name: unknown(why, unit) for name, unit in SINGLE},
        percentiles={f"p{p:g}": times for p in PERCENTILES},
        memory_per_gpu={name: unknown(why, "bytes") for name in _MEMORY},
        jpy_per_million_tokens={name: unknown(why, "JPY") for name in _PRICES},
        layout={}, binding="memory", interval_class=_class(part, near), near_runs=None,
        load={"requests_per_s": part.peak_requests_per_s(), "concurrency": part.concurrency},
    )  # fmt: skip


_MEMORY: Final = ("weights_bytes", "kv_bytes", "activations_bytes", "reserve_bytes")
_PRICES: Final = ("input", "cached", "output", "blended")


def _class(part: ServingPart, near: bool) -> str:
    return f"{'disaggregated' if part.disaggregated else 'aggregated'} {'near' if near else 'far'}"


class _Filled:
    """The figures of the chosen layout."""

    def __init__(
        self, part: ServingPart, found: Curves, best: Choice, half: Mapping[str, float], near: bool, spare: int, servers: int,
        place: FacilityResult, money: CostResult, kw: float | None, plan: Plan,
    ) -> None:  # fmt: skip
        self.part, self.found, self.best, self.half, self.near = part, found, best, half, near
        self.spare, self.servers, self.place, self.money, self.kw, self.plan = spare, servers, place, money, kw, plan
        self.use = part.standard()
        self.near_count: int | None = None
        self.requests = best.at["requests_per_s"] * best.replicas
        self.mean_requests = self.requests / (1.0 if part.concurrency is not None else part.peak_factor)

    def _predicted(self, value: float, unit: str, metric: str) -> Figure:
        half = self.half[metric]
        return Figure(value, unit, PREDICTED, value * math.exp(-half), value * math.exp(half))

    def times(self, percentile: float) -> dict[str, Figure]:
        """TTFT, TPOT and end to end at a percentile; the answer's length is log-normal."""
        at = self.best.at
        ttft = first_token_s(at, percentile)
        tpot = at["tpot_s"] * tail(percentile)
        sigma = math.sqrt(math.log1p(self.part.length_cv**2))
        length = self.use.output_tokens * math.exp(NormalDist().inv_cdf(percentile / 100) * sigma - sigma * sigma / 2)
        return {
            "ttft_s": self._predicted(ttft, "s", "ttft"),
            "tpot_ms": self._predicted(tpot * 1e3, "ms", "tpot"),
            "e2e_s": self._predicted(ttft + max(0.0, length - 1) * at["tpot_s"], "s", "e2e"),
        }

    def hourly_jpy(self) -> float | None:
        """Cost of the serving servers an hour: the owned side's total over the horizon."""
        return hourly_jpy(self.money, self.plan)

    def prices(self) -> dict[str, Figure]:
        """Yen a million tokens; input and output share the cost as prefill and decoding share the time."""
        hourly = self.hourly_jpy()
        if hourly is None:
            return {name: unknown("serving_cost_unknown", "JPY") for name in _PRICES}
        hours = self.part.hours_per_day / 24.0
        a_request = hourly / (self.mean_requests * 3600.0 * hours)
        read = max(1.0, self.use.prompt_tokens * (1 - self.use.shared_prefix_share))
        share, wrote = self.best.at["prefill_share"], self.use.output_tokens
        if self.part.disaggregated:
            share = self.best.prefill_workers / (self.best.prefill_workers + self.best.replicas)
        whole = self.use.prompt_tokens + wrote
        return {
            "input": Figure(a_request * share / read * 1e6, "JPY", COUNTED),
            "cached": unknown("serving_cached_price", "JPY"),
            "output": Figure(a_request * (1 - share) / wrote * 1e6, "JPY", COUNTED),
            "blended": Figure(a_request / whole * 1e6, "JPY", COUNTED),
        }

    def break_even(self) -> Figure:
        """Tokens a day above which the API would cost more than these servers."""
        api, hourly = self.part.api_price, self.hourly_jpy()
        if api.input is None or api.output is None:
            return unknown("serving_api_price")
        rate = 1.0 if api.currency == "JPY" else self.plan.money.usd_jpy
        if hourly is None or rate is None:
            return unknown("serving_cost_unknown")
        use = self.use
        cached = api.input if api.cached is None else api.cached
        kept = use.prompt_tokens * use.shared_prefix_share
        paid = (use.prompt_tokens - kept) * api.input + kept * cached + use.output_tokens * api.output
        blended = paid / (use.prompt_tokens + use.output_tokens) * rate
        return Figure(hourly * 24 / blended * 1e6, "", COUNTED) if blended > 0 else unknown("serving_api_price")

    def cheaper_by_api(self) -> bool:
        """True where the break-even lies above what these servers answer within the limits."""
        value, use = self.break_even().value, self.use
        if value is None or self.part.concurrency is not None:
            return False
        most = self.best.most * self.best.replicas * 3600.0 * self.part.hours_per_day
        return value > most * (use.prompt_tokens + use.output_tokens)

    def joules(self) -> Figure:
        """Energy of the servers under load, an output token at the peak."""
        if self.kw is None:
            return unknown("serving_power_unknown", "J")
        return Figure(self.kw * 1e3 / (self.requests * self.use.output_tokens), "J", COUNTED)

    def curve(self) -> tuple[Mapping[str, float | None], ...]:
        """The layout's curve in a dozen points from one running sequence on, of one replica."""
        i, gpus, hourly = self.best.index, self.best.layout.gpus, self.hourly_jpy()
        q, f, whole = self.part.percentile, self.found, self.use.prompt_tokens + self.use.output_tokens
        ttft, tpot, flight = f.ttft_s(q)[i], f.tpot_at(q)[i], f.in_flight()[i]
        share = None if hourly is None else hourly * gpus / max(1, self.best.gpus + self.spare * gpus)
        first = min(GRID - 2, int(np.argmax(f.running[i] >= 1.0)))
        points = np.unique(np.linspace(first, GRID - 1, 13).round().astype(int))
        return tuple(
            {
                "concurrency": float(flight[j]), "ttft_s": float(ttft[j]), "tpot_ms": float(tpot[j]) * 1e3,
                "tokens_per_s_per_user": 1.0 / float(f.tpot_s[i, j]),
                "output_tokens_per_s_per_gpu": float(f.requests_per_s[i, j]) * f.output_tokens / gpus, "gpus": gpus,
                "jpy_per_million_tokens": None if share is None
                else share / (float(f.requests_per_s[i, j]) * 3600 * whole) * 1e6,
            }
            for j in points
        )  # fmt: skip

    def result(
        self, kv_bytes: float, precision: str, server: str, options: list[Choice], per_server: int, others: Others
    ) -> tuple[ServingResult, list[Finding]]:
        """Everything, and what could not be known."""
        best, at, layout = self.best, self.best.at, self.best.layout
        replicas = best.replicas + self.spare
        gpus = best.gpus + self.spare * layout.gpus
        counted = {
            "concurrency": at["in_flight"] * best.replicas, "max_concurrency": float(self.found.room[best.index]),
            "kv_bytes_per_token": kv_bytes, "replicas": replicas, "gpus": gpus, "servers": self.servers,
            "gpus_per_replica": layout.gpus, "share_of_users_served": min(1.0, best.served if best.within else 0.0),
        }  # fmt: skip
        figures = self.times(self.part.percentile)
        rate = self.requests * self.use.output_tokens / max(1, best.gpus)
        figures["output_tokens_per_s_per_gpu"] = self._predicted(rate, "tokens/s", "rate")
        figures |= {name: Figure(float(value), "", COUNTED) for name, value in counted.items()}
        figures |= {"racks": self.place.racks, "joules_per_output_token": self.joules()}
        figures["break_even_tokens_per_day"] = self.break_even()
        memory = self.found.memory
        parts = (memory.weights_bytes, memory.cache_bytes, memory.workspace_bytes, memory.reserve_bytes)
        named = {
            "tp": layout.tp, "pp": layout.pp, "ep": layout.ep, "dp_attention": layout.dp_attention,
            "prefill_workers": best.prefill_workers, "weight_precision": precision, "engine": self.part.engine,
        }  # fmt: skip
        prices = self.prices()
        result = ServingResult(
            figures=figures, percentiles={f"p{p:g}": self.times(p) for p in PERCENTILES},
            memory_per_gpu={n: Figure(float(v[best.index, 0]), "bytes", COUNTED) for n, v in zip(_MEMORY, parts, strict=True)},
            jpy_per_million_tokens=prices, layout=named, binding=best.binding, interval_class=_class(self.part, self.near),
            near_runs=self.near_count, load={"requests_per_s": self.requests, "concurrency": at["in_flight"] * best.replicas},
            curve=self.curve(), others=lambda: self.alternatives(server, options, per_server, others),
            own=tuple(option(item, server, self.part, lambda: None) for item in options[:6]),
            place=self.place, money=self.money,
        )  # fmt: skip
        reasons = {
            f.reason for f in (*figures.values(), *prices.values()) if not f.known and f.reason.startswith("serving_")
        }
        return result, [_unknown_finding(code) for code in sorted(reasons)]

    def alternatives(
        self, server: str, options: list[Choice], per_server: int, others: Others
    ) -> tuple[dict[str, Any], ...]:
        """Layouts of the plan's server and the best of every other server, best first: limits met, load carried, cost, size."""
        whole, found = self.hourly_jpy(), []
        for item in options:
            gpus = item.gpus + spare_replicas(self.part, item.layout, per_server, 1) * item.layout.gpus
            share = None if whole is None else whole * -(-gpus // per_server) / self.servers
            line = option(item, server, self.part, lambda share=share: share, gpus)  # type: ignore[misc]
            yen = line["jpy_per_million_tokens"]
            order = (not item.within, -round(item.served, 6), math.inf if yen is None else yen, float(gpus))
            found.append((order, line))
        found = sorted(found[:1], key=lambda pair: pair[0]) + sorted([*found[1:], *others()], key=lambda pair: pair[0])
        return tuple(line for _, line in found[:MOST])


_UNKNOWN: Final = {
    "serving_cost_unknown": ("ask", "money.onprem.server_price"), "serving_api_price": ("info", "serving.api_price"),
    "serving_cached_price": ("info", ""), "serving_power_unknown": ("ask", "facility.server_average_kw"),
}  # fmt: skip


def _unknown_finding(code: str) -> Finding:
    severity, field = _UNKNOWN[code]
    return Finding(code, severity, field)  # type: ignore[arg-type]


def _load_findings(part: ServingPart, best: Choice, near: bool) -> list[Finding]:
    found = []
    if not best.within:
        limit = "ttft_limit_s" if best.binding == "ttft" else "tpot_limit_ms"
        remedy = Remedy("serving_do_no_limit", {f"serving.{limit}": None})
        if best.binding == "ttft" and not part.disaggregated:
            remedy = Remedy("serving_do_disaggregate", {"serving.disaggregated": True})
        found.append(
            Finding("serving_limits_unmet", "bad", f"serving.{limit}", {"limit": best.binding.upper()}, (remedy,))
        )
    elif best.served < 1.0:
        shown = {"percent": fmt.significant(best.served * 100)}
        remedy = Remedy("serving_do_servers", {"serving.servers": None})
        found.append(Finding("serving_servers_short", "warn", "serving.servers", shown, (remedy,)))
    if part.prompt_tokens is None or part.output_tokens is None:
        found.append(Finding("serving_profile_assumed", "info", "serving.profile", {"profile": part.profile}))
    if not near:
        found.append(Finding("serving_far", "info", "serving.engine"))
    return found
