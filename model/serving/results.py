"""Results of serving: figures at the plan's load, the curve, what else would carry it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mitsumori.model.base.figure import Figure


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


@dataclass(frozen=True)
class ServingResult:
    """Serving at the plan's peak load; names as in ``estimate --json``.

    ``figures`` holds the single figures by name; ``percentiles`` times by percentile; ``curve`` points of one replica of the
    chosen layout; ``others`` makes the alternatives; ``own`` layouts of the plan's own server without cost; ``load`` requests
    a second and in flight at the peak; ``place`` and ``money`` the facility and cost of the serving servers and ``tokens``
    what tokens cost (None: no layout fits); ``down`` times by percentile after the failure of one ``down_unit`` (None: no
    replica is left); ``spare`` replicas are beyond what the load needs; ``predicted`` the figures that a user may replace, by
    path.
    """

    figures: Mapping[str, Figure]
    percentiles: Mapping[str, Mapping[str, Figure]]
    memory_per_gpu: Mapping[str, Figure]
    jpy_per_million_tokens: Mapping[str, Figure]
    layout: Mapping[str, Any]
    binding: str
    interval_class: str
    near_runs: int | None
    load: Mapping[str, float | None]
    curve: tuple[Mapping[str, float | None], ...] = ()
    others: Callable[[], tuple[Mapping[str, Any], ...]] = tuple
    own: tuple[Mapping[str, Any], ...] = ()
    place: Any = None
    money: Any = None
    tokens: TokenCost | None = None
    down: Mapping[str, Mapping[str, Figure]] | None = None
    spare: int = 0
    down_unit: str = "replica"
    predicted: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def alternatives(self) -> tuple[Mapping[str, Any], ...]:
        """Layouts and other servers, best first, worked out at the first look."""
        return self.others()


def fixed_layout(layout: Mapping[str, Any]) -> dict[str, Any]:
    """The plan fields that fix a layout of a replica: what choosing it, or turning the choice off, sets."""
    return {"serving.auto": False} | {f"serving.{name}": layout[name] for name in ("tp", "pp", "ep", "dp_attention")}


SINGLE: tuple[tuple[str, str], ...] = (
    ("ttft_s", "s"),
    ("tpot_ms", "ms"), ("e2e_s", "s"), ("output_tokens_per_s_per_gpu", "tokens/s"), ("concurrency", ""),
    ("max_concurrency", ""), ("kv_bytes_per_token", "bytes"), ("replicas", ""), ("gpus", ""), ("servers", ""), ("racks", ""),
    ("gpus_per_replica", ""),
    ("share_of_users_served", ""), ("joules_per_output_token", "J"), ("break_even_tokens_per_day", ""),
)  # fmt: skip
"""Single figures of serving and their units."""
WITH_INTERVAL = ("ttft_s", "tpot_ms", "e2e_s", "output_tokens_per_s_per_gpu")
"""Figures that are printed with the bounds of their 80 % interval."""
