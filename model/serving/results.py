"""Results of serving: figures at the plan's load, the curve, what else would carry it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Final

from mitsumori.model.base.figure import Figure
from mitsumori.model.base.named import Named
from mitsumori.model.serving.layout import Layout, ServedLayout


@dataclass(frozen=True, slots=True)
class Tested:
    """One load point of a load test. ``concurrency`` is the mean in flight where the tool states none (Little's law)."""

    tool: str
    model: str
    date: str
    concurrency: float
    prompt_tokens: float
    output_tokens: float
    ttft_s: float | None
    tpot_ms: float | None
    output_tokens_per_s: float | None


@dataclass(frozen=True, slots=True)
class TokenCost:
    """What tokens cost on one's own servers and by an API's price list, excluding tax.

    Attributes
    ----------
    hourly_jpy
        What serving bears of its servers, an hour over the whole horizon, in yen; None where a price is unknown.
    request_jpy
        Of a request, at the mean load, in yen.
    mean_requests_per_s
        Requests answered a second, on the mean of the hours of service.
    prefill_share
        Share of the cost that prompts bear, 0 to 1.
    tokens_per_day, most_per_day
        Tokens a day, prompts and answers together: now, and with every hour of service at the largest load within the limits.
    api_jpy_per_million
        By the price list, prompts and answers together; None where there is none.
    """

    hourly_jpy: float | None
    request_jpy: float | None
    mean_requests_per_s: float
    prefill_share: float
    tokens_per_day: float
    most_per_day: float
    api_jpy_per_million: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Times(Named[Figure]):
    """First token, time per token and the whole answer, each a figure with its interval."""

    ttft_s: Figure
    tpot_ms: Figure
    e2e_s: Figure


@dataclass(frozen=True, slots=True, eq=False)
class ServingFigures(Named[Figure]):
    """Single figures of serving: ``ttft_s``, ``tpot_ms`` and ``e2e_s`` at the plan's percentile and peak load.

    ``concurrency`` is in flight over all replicas, ``max_concurrency`` what the cache of one replica holds; ``racks`` those of
    the whole plan.
    """

    ttft_s: Figure = field(metadata={"unit": "s"})
    tpot_ms: Figure = field(metadata={"unit": "ms"})
    e2e_s: Figure = field(metadata={"unit": "s"})
    output_tokens_per_s_per_gpu: Figure = field(metadata={"unit": "tokens/s"})
    concurrency: Figure
    max_concurrency: Figure
    kv_bytes_per_token: Figure = field(metadata={"unit": "bytes"})
    replicas: Figure
    gpus: Figure
    servers: Figure
    racks: Figure
    gpus_per_replica: Figure
    share_of_users_served: Figure
    joules_per_output_token: Figure = field(metadata={"unit": "J"})
    break_even_tokens_per_day: Figure


@dataclass(frozen=True, slots=True, eq=False)
class ServingMemory(Named[Figure]):
    """Memory of an accelerator that serves, bytes: what the engine keeps, and the cache that its replica's load fills."""

    weights_bytes: Figure
    kv_bytes: Figure
    activations_bytes: Figure
    reserve_bytes: Figure


@dataclass(frozen=True, slots=True, eq=False)
class TokenPrices(Named[Figure]):
    """Yen a million tokens on these servers: prompts, prompts from the cache, answers, all tokens together."""

    input: Figure
    cached: Figure
    output: Figure
    blended: Figure


@dataclass(frozen=True, slots=True, eq=False)
class Load(Named[float | None]):
    """The load at the peak: requests a second, and in flight; None where it is not known."""

    requests_per_s: float | None
    concurrency: float | None


@dataclass(frozen=True, slots=True, eq=False)
class CurvePoint(Named[float | None]):
    """One load of one replica: in flight, its times at the plan's percentile, speed of a user and of an accelerator."""

    concurrency: float
    ttft_s: float
    tpot_ms: float
    tokens_per_s_per_user: float
    output_tokens_per_s_per_gpu: float
    gpus: int
    jpy_per_million_tokens: float | None


@dataclass(frozen=True, slots=True, eq=False)
class ServingAlternative(Named[object]):
    """One way to carry the load: times at the plan's percentile; ``why`` names the limit that binds, or that is not met."""

    server: str
    gpus: int
    layout: Layout
    ttft_s: float
    tpot_ms: float
    jpy_per_million_tokens: float | None
    why: str


@dataclass(frozen=True)
class ServingResult:
    """Serving at the plan's peak load; names as in ``estimate --json``. Facility and cost are the estimate's own.

    ``figures`` holds the single figures; ``percentiles`` times by percentile (``p50`` ...); ``curve`` points of one replica of
    the chosen layout; ``layout`` is None where no layout fits; ``others`` makes the alternatives; ``own`` layouts of the plan's
    own server without cost; ``load`` requests a second and in flight at the peak; ``tokens`` what tokens cost (None: no layout
    fits); ``down`` times by percentile after the failure of one ``down_unit`` (None: no replica is left); ``spare`` replicas
    are beyond what the load needs; ``predicted`` the figures that a user may replace, by path.
    """

    figures: ServingFigures
    percentiles: Mapping[str, Times]
    memory_per_gpu: ServingMemory
    jpy_per_million_tokens: TokenPrices
    layout: ServedLayout | None
    binding: str
    interval_class: str
    near_runs: int | None
    load: Load
    curve: tuple[CurvePoint, ...] = ()
    others: Callable[[], tuple[ServingAlternative, ...]] = tuple
    own: tuple[ServingAlternative, ...] = ()
    tokens: TokenCost | None = None
    down: Mapping[str, Times] | None = None
    spare: int = 0
    down_unit: str = "replica"
    predicted: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def alternatives(self) -> tuple[ServingAlternative, ...]:
        """Layouts and other servers, best first, worked out at the first look."""
        return self.others()


SINGLE: Final = tuple((one.name, str(one.metadata.get("unit", ""))) for one in fields(ServingFigures))
"""Single figures of serving and their units."""
WITH_INTERVAL: Final = ("ttft_s", "tpot_ms", "e2e_s", "output_tokens_per_s_per_gpu")
"""Figures that are printed with the bounds of their 80 % interval."""
