"""What serving answers: times, replicas, memory, what tokens cost, with findings and alternatives."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Final

import numpy as np

from mitsumori.model.base import format as fmt
from mitsumori.model.base.figure import Figure, Provenance, unknown
from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.cost.results import CostResult
from mitsumori.model.estimate.serving_alternatives import (
    MOST,
    Ordered,
    hourly_jpy,
    option,
    ordered,
    other_servers,
    per_million_tokens,
)
from mitsumori.model.estimate.serving_limits import limit_findings
from mitsumori.model.estimate.serving_size import Sized
from mitsumori.model.facility.results import FacilityResult
from mitsumori.model.plan.more_servers import MoreServers, written
from mitsumori.model.plan.overrides import (
    SERVING_E2E,
    SERVING_PREFILL,
    SERVING_REQUESTS,
    SERVING_TPOT,
    SERVING_TTFT,
)
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Correction
from mitsumori.model.plan.resolve import Resolved, model_of
from mitsumori.model.plan.serving import ServingPart
from mitsumori.model.serving.choice import WorkingPoint, answer_s, first_token_s, token_s
from mitsumori.model.serving.layout import ServedLayout
from mitsumori.model.serving.results import (
    SINGLE,
    CurvePoint,
    Load,
    ServingAlternative,
    ServingFigures,
    ServingMemory,
    ServingResult,
    Times,
    TokenCost,
    TokenPrices,
)
from mitsumori.model.serving.shape import cache_bytes_per_token
from mitsumori.model.serving.system import GRID, PERCENTILES

PREDICTED: Final = Provenance("fitted", "serving steps and queues fitted to published runs; docs/method.md, serving")
COUNTED: Final = Provenance("formula", "Little's law, replicas and memory of the engine; docs/method.md, serving")
VOCABULARY_PADDING: Final = 0.005
"""Models of one tokenizer pad their vocabularies differently by at most this share."""
Others = Callable[[], list[Ordered]]
Priced = Callable[[Resolved], tuple[FacilityResult, CostResult, float | None]]
"""Facility and cost of a resolved plan, and kW of its servers under load."""


def serving(
    size: Sized, priced: Priced, place: FacilityResult, money: CostResult, corrections: Sequence[Correction] = ()
) -> tuple[ServingResult, list[Finding]]:
    """What serving answers on the servers it was sized to.

    Parameters
    ----------
    size
        The layouts that carry the load.
    priced
        Facility and cost of other servers, for the alternatives.
    place, money
        Facility and cost of the plan as it is counted (``size.counted``).
    corrections
        The project's measured runs, which count for the remedies too.

    Returns
    -------
    tuple
        The result (every field a figure, or unknown with the code of a finding) and the findings.
    """
    part, near = size.part, size.near
    if not size.options or not size.options[0].working:
        limits = limit_findings(size, corrections)
        return _empty(part, near, limits[0].code, "servers" if size.options else "memory"), limits
    filled = _Filled(size, place, money)
    result, findings = filled.result(lambda: other_servers(size.counted, priced, size.fitted))
    if filled.cheaper_by_api():
        findings = [Finding("serving_api_cheaper", "warn", "serving.api_price"), *findings]
    if size.level.tests:
        percent = fmt.signed((size.level.factor["tpot"] - 1.0) * 100)
        shown = {"count": str(size.level.tests), "percent": percent}
        findings = [Finding("serving_corrected", "info", "serving.engine", shown), *findings]
    return result, limit_findings(size, corrections) + _load_findings(size) + findings


def cluster_finding(typed: Plan, size: Sized, names: Callable[[str], str]) -> list[Finding]:
    """Whose costs the plan has, where the servers that serve are not the cluster that was entered.

    Parameters
    ----------
    typed
        The plan as entered.
    size
        Its serving.
    names
        The name of a server by its key.
    """
    mine, counted = typed.cluster, size.counted.plan.cluster
    if size.servers is None or (mine.server, mine.servers) == (counted.server, counted.servers):
        return []
    if mine.server != counted.server and any(
        item.server == mine.server and item.servers >= mine.servers for item in mine.more
    ):
        return []  # they stand beside the servers that serve
    shown = {
        "servers": fmt.whole(counted.servers), "server": names(counted.server),
        "typed": fmt.whole(mine.servers), "cluster": names(mine.server),
    }  # fmt: skip
    remedies: tuple[Remedy, ...] = ()
    if mine.server == counted.server and mine.servers > counted.servers:
        remedies = (Remedy("serving_do_keep", {"serving.servers": mine.servers}, {"servers": mine.servers}),)
    elif mine.server != counted.server:
        beside = written((*mine.more, MoreServers(server=mine.server, servers=mine.servers)))
        values = {"servers": mine.servers, "server": names(mine.server)}
        remedies = (Remedy("serving_do_beside", {"cluster.more": beside}, values),)
    return [Finding("serving_pays", "info", "serving.servers", shown, remedies)]


def _empty(part: ServingPart, near: bool, why: str, binding: str) -> ServingResult:
    """Nothing fits, or the servers given hold no replica: every figure unknown for the same reason."""
    times = Times(unknown(why, "s"), unknown(why, "ms"), unknown(why, "s"))
    return ServingResult(
        figures=ServingFigures(**{name: unknown(why, unit) for name, unit in SINGLE}),
        percentiles={f"p{p:g}": times for p in PERCENTILES},
        memory_per_gpu=ServingMemory(*(unknown(why, "bytes") for _ in fields(ServingMemory))),
        jpy_per_million_tokens=_no_prices(why),
        layout=None, binding=binding, interval_class=_class(part, near), near_runs=None,
        load=Load(part.peak_requests_per_s(), part.concurrency),
    )  # fmt: skip


def _no_prices(why: str) -> TokenPrices:
    return TokenPrices(*(unknown(why, "JPY") for _ in fields(TokenPrices)))


def _class(part: ServingPart, near: bool) -> str:
    return f"{'disaggregated' if part.disaggregated else 'aggregated'} {'near' if near else 'far'}"


class _Filled:
    """The figures of the chosen layout."""

    def __init__(self, size: Sized, place: FacilityResult, money: CostResult) -> None:
        self.size, self.part, self.found, self.best = size, size.part, size.found, size.options[0]
        self.place, self.money, self.plan = place, money, size.counted.plan
        self.use = self.part.standard()
        self.requests = self.best.at.requests_per_s * size.replicas
        mean = self.requests / (1.0 if self.part.concurrency is not None else self.part.peak_factor)
        share = self.best.at.prefill_share
        if self.part.disaggregated:
            share = self.best.prefill_workers / (self.best.prefill_workers + size.replicas)
        self.predicted = {SERVING_REQUESTS: mean, SERVING_PREFILL: share}
        self.mean_requests, self.prefill_share = self._counts(SERVING_REQUESTS), self._counts(SERVING_PREFILL)

    def _counts(self, path: str) -> float:
        """A predicted figure, or what the user puts in its place."""
        return float(self.plan.overrides.get(path, self.predicted[path]))

    def _predicted(self, value: float, unit: str, metric: str) -> Figure:
        half = self.size.level.half[metric]
        return Figure(value, unit, PREDICTED, value * math.exp(-half), value * math.exp(half))

    def times(self, percentile: float, at: WorkingPoint) -> Times:
        """TTFT, TPOT and end to end at a percentile of a point of work."""
        return Times(
            self._predicted(first_token_s(at, percentile), "s", "ttft"),
            self._predicted(token_s(at, percentile) * 1e3, "ms", "tpot"),
            self._predicted(answer_s(at, percentile, self.use.output_tokens), "s", "e2e"),
        )

    def judged(self) -> dict[str, Figure]:
        """The times at the plan's percentile, or the user's own in their place."""
        figures = dict(self.times(self.part.percentile, self.best.at))
        for name, path in (("ttft_s", SERVING_TTFT), ("tpot_ms", SERVING_TPOT), ("e2e_s", SERVING_E2E)):
            self.predicted[path] = float(figures[name].value or 0.0)
            if path in self.plan.overrides:
                figures[name] = Figure(float(self.plan.overrides[path]), figures[name].unit, Provenance("user", path))
        return figures

    def tokens(self) -> TokenCost:
        """What tokens cost, own and by the API's price list."""
        hourly = hourly_jpy(self.place, self.money, self.plan, self.size.counted.catalogue)
        a_day = self.part.hours_per_day
        whole = self.use.prompt_tokens + self.use.output_tokens
        request = None if hourly is None else hourly / (self.mean_requests * 3600.0 * a_day / 24.0)
        most = self.best.most * self.best.replicas  # spares are for a failure
        if self.part.concurrency is not None:  # the axis of a closed loop is what is in flight
            flight = np.maximum.accumulate(self.found.in_flight()[self.best.index])
            rates = self.found.requests_per_s[self.best.index]
            most = float(np.interp(self.best.most, flight, rates)) * self.best.replicas
        per_day = 3600.0 * a_day * whole
        return TokenCost(
            hourly, request, self.mean_requests, self.prefill_share, self.mean_requests * per_day, most * per_day, self.api()
        )  # fmt: skip

    def api(self) -> float | None:
        """Yen a million tokens by the API's price list, prompts and answers together; None without a list or a rate."""
        api, use = self.part.api_price, self.use
        rate = 1.0 if api.currency == "JPY" else self.plan.money.usd_jpy
        if api.input is None or api.output is None or rate is None:
            return None
        cached = api.input if api.cached is None else api.cached
        kept = use.prompt_tokens * use.shared_prefix_share
        paid = (use.prompt_tokens - kept) * api.input + kept * cached + use.output_tokens * api.output
        return paid / (use.prompt_tokens + use.output_tokens) * rate

    def prices(self, cost: TokenCost) -> TokenPrices:
        """Yen a million tokens; input and output share the cost as prefill and decoding share the time."""
        a_request, share = cost.request_jpy, cost.prefill_share
        if a_request is None:
            return _no_prices("serving_cost_unknown")
        read = max(1.0, self.use.prompt_tokens * (1 - self.use.shared_prefix_share))
        wrote = self.use.output_tokens
        return TokenPrices(
            input=Figure(a_request * share / read * 1e6, "JPY", COUNTED),
            cached=unknown("serving_cached_price", "JPY"),
            output=Figure(a_request * (1 - share) / wrote * 1e6, "JPY", COUNTED),
            blended=Figure(a_request / (self.use.prompt_tokens + wrote) * 1e6, "JPY", COUNTED),
        )

    def break_even(self, cost: TokenCost) -> Figure:
        """Tokens a day above which the API would cost more than these servers."""
        api = self.part.api_price
        if api.input is None or api.output is None:
            return unknown("serving_api_price")
        if cost.hourly_jpy is None or cost.api_jpy_per_million is None:
            return unknown("serving_cost_unknown")
        if cost.api_jpy_per_million <= 0:
            return unknown("serving_api_price")
        return Figure(cost.hourly_jpy * 24 / cost.api_jpy_per_million * 1e6, "", COUNTED)

    def cheaper_by_api(self) -> bool:
        """True where the break-even lies above what these servers answer within the limits."""
        cost = self.tokens()
        value = self.break_even(cost).value
        return value is not None and value > cost.most_per_day

    def joules(self) -> Figure:
        """Energy of the servers under load, an output token at the peak."""
        average = self.place.details.get("average_kw")
        if average is None or average.value is None:
            return unknown("serving_power_unknown", "J")
        kw = average.value * self.plan.cluster.servers
        return Figure(kw * 1e3 / (self.requests * self.use.output_tokens), "J", COUNTED)

    def curve(self, hourly: float | None) -> tuple[CurvePoint, ...]:
        """The layout's curve in a dozen points from one running sequence on, of one replica."""
        i, gpus = self.best.index, self.best.layout.gpus
        q, f = self.part.percentile, self.found
        ttft, tpot, flight = f.ttft_s(q)[i], f.tpot_at(q)[i], f.in_flight()[i]
        share = (
            None if hourly is None else hourly / self.size.replicas
        )  # with its part of the workers that only prefill
        first = min(GRID - 2, int(np.argmax(f.running[i] >= min(1.0, 0.5 * self.best.at.running))))
        points = np.unique(np.linspace(first, GRID - 1, 13).round().astype(int))
        return tuple(
            CurvePoint(
                concurrency=float(flight[j]), ttft_s=float(ttft[j]), tpot_ms=float(tpot[j]) * 1e3,
                tokens_per_s_per_user=1.0 / float(f.tpot_s[i, j]),
                output_tokens_per_s_per_gpu=float(f.requests_per_s[i, j]) * f.output_tokens / gpus, gpus=gpus,
                jpy_per_million_tokens=None if share is None
                else per_million_tokens(self.part, share, float(f.requests_per_s[i, j])),
            )
            for j in points
        )  # fmt: skip

    def result(self, others: Others) -> tuple[ServingResult, list[Finding]]:
        """Everything, and what could not be known."""
        size, best, at, layout = self.size, self.best, self.best.at, self.best.layout
        counted = {
            "concurrency": at.in_flight * size.replicas, "max_concurrency": float(self.found.room[best.index]),
            "kv_bytes_per_token": _cache_a_token(size),
            "replicas": size.replicas, "gpus": size.gpus, "servers": size.servers or 0,
            "gpus_per_replica": layout.gpus, "share_of_users_served": min(1.0, best.served if best.within else 0.0),
        }  # fmt: skip
        figures, cost = self.judged(), self.tokens()
        rate = self.requests * self.use.output_tokens / max(1, size.gpus)
        figures["output_tokens_per_s_per_gpu"] = self._predicted(rate, "tokens/s", "rate")
        figures |= {name: Figure(float(value), "", COUNTED) for name, value in counted.items()}
        figures |= {"racks": self.place.racks, "joules_per_output_token": self.joules()}
        figures["break_even_tokens_per_day"] = self.break_even(cost)
        memory = self.found.memory
        parts = (memory.weights_bytes, memory.cache_bytes, memory.workspace_bytes, memory.reserve_bytes)
        named = ServedLayout(
            layout.tp, layout.pp, layout.ep, layout.dp_attention, prefill_workers=best.prefill_workers,
            weight_precision=size.setup.precision, engine=self.part.engine,
        )  # fmt: skip
        prices, server = self.prices(cost), size.setup.here.server.key
        down = None if size.down is None else size.down.at
        result = ServingResult(
            figures=ServingFigures(**figures), percentiles={f"p{p:g}": self.times(p, at) for p in PERCENTILES},
            down=None if down is None else {f"p{p:g}": self.times(p, down) for p in (*PERCENTILES, self.part.percentile)},
            memory_per_gpu=ServingMemory(*(Figure(float(values[best.index, 0]), "bytes", COUNTED) for values in parts)),
            jpy_per_million_tokens=prices, layout=named, binding=best.binding, interval_class=_class(self.part, size.near),
            near_runs=size.near_runs,
            load=Load(self.requests, at.in_flight * size.replicas),
            curve=self.curve(cost.hourly_jpy), others=lambda: self.alternatives(server, cost.hourly_jpy, others),
            own=tuple(option(item, server, self.part) for item in size.options[:6]),
            tokens=cost, predicted=self.predicted, spare=size.spare,
            down_unit=self.part.failure_unit if size.spare else "replica",
        )  # fmt: skip
        reasons = {
            f.reason for f in (*figures.values(), *prices.values()) if not f.known and f.reason.startswith("serving_")
        }
        return result, [_unknown_finding(code) for code in sorted(reasons)]

    def alternatives(self, server: str, whole: float | None, others: Others) -> tuple[ServingAlternative, ...]:
        """Layouts of the plan's server and the best of every other server, best first: limits met, load carried, cost, size."""
        found, servers = [], self.size.servers or 1
        for item in self.size.options:
            share = None if whole is None else whole * item.servers / servers
            found.append(ordered(item, option(item, server, self.part, share)))
        found = sorted(found[:1], key=lambda pair: pair[0]) + sorted([*found[1:], *others()], key=lambda pair: pair[0])
        return tuple(line for _, line in found[:MOST])


_UNKNOWN: Final = {
    "serving_cost_unknown": ("ask", "money.onprem.server_price"), "serving_api_price": ("info", "serving.api_price"),
    "serving_cached_price": ("info", ""), "serving_power_unknown": ("ask", "facility.server_average_kw"),
}  # fmt: skip


def _cache_a_token(size: Sized) -> float:
    """Cache of one more token, with that of a draft model."""
    setup = size.setup
    own, drafter = float(cache_bytes_per_token(setup.model, setup.at)), setup.at.drafter
    return own if drafter is None else own + float(cache_bytes_per_token(drafter.model, drafter.at))


def _unknown_finding(code: str) -> Finding:
    severity, field = _UNKNOWN[code]
    return Finding(code, severity, field)  # type: ignore[arg-type]


def _load_findings(size: Sized) -> list[Finding]:
    """What is said of the load and of how well it is known."""
    part, found = size.part, _whole_servers(size)
    if part.prompt_tokens is None or part.output_tokens is None:
        found.append(Finding("serving_profile_assumed", "info", "serving.profile", {"profile": part.profile}))
    if not size.near:
        found.append(Finding("serving_far", "info", "serving.engine"))
    found += _draft_findings(size)
    return found


def _draft_findings(size: Sized) -> list[Finding]:
    """Of drafts by a model of its own: which model it is, and whether it knows the same tokens."""
    if size.part.speculative != "draft":
        return []
    if size.part.draft_model is None:
        return [Finding("serving_draft_unknown", "ask", "serving.draft_model")]
    record, shape = model_of("serving.draft_model", size.part.draft_model, size.setup.here.catalogue)
    mine, its = (int(np.asarray(arch.vocab)) for arch in (size.setup.here.architecture, shape))
    if abs(mine - its) <= VOCABULARY_PADDING * max(mine, its):
        return []
    shown = {"model": record.name, "its": fmt.whole(its), "mine": fmt.whole(mine)}
    return [Finding("serving_draft_vocabulary", "warn", "serving.draft_model", shown)]


def _whole_servers(size: Sized) -> list[Finding]:
    """How many accelerators of the whole servers the load needs and how many stand idle, where that is a good part of them."""
    least, paid, idle = size.least_gpus, size.gpus_paid, size.gpus_paid - size.gpus
    if least is None or (2 * least > paid and idle <= 0):
        return []
    shown = {
        "least": fmt.whole(least), "paid": fmt.whole(paid), "servers": fmt.whole(size.servers or 0),
        "working": fmt.whole(size.gpus), "idle": fmt.whole(max(0, idle)),
    }  # fmt: skip
    code = "serving_whole_servers_idle" if idle > 0 else "serving_whole_servers"
    return [Finding(code, "info", "serving.servers", shown)]
