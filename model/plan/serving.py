"""What a plan asks of serving: who asks, how much, within which limits, on which engine."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final, Literal, NamedTuple, Self

from pydantic import BeforeValidator, Field, model_validator

from mitsumori.model.base.refusal import expected
from mitsumori.model.plan.part import Amount, CurrencyName, Date, Key, Number, Part, Positive, Share


class Profile(NamedTuple):
    """Lengths (tokens), shared prefix (share of the prompt) and limits that a use has where the user gives none."""

    prompt_tokens: float
    output_tokens: float
    shared_prefix_share: float
    ttft_limit_s: float | None
    tpot_limit_ms: float | None


PROFILES: Final[Mapping[str, Profile]] = MappingProxyType({
    "chat": Profile(1000, 300, 0.3, 2, 50),
    "rag": Profile(4000, 400, 0.1, 3, 50),
    "coding": Profile(6000, 500, 0.6, 2, 30),
    "minutes": Profile(16000, 1000, 0, 30, 100),
    "batch": Profile(2000, 500, 0, None, None),
    "agent": Profile(12000, 400, 0.8, 3, 40),
})  # fmt: skip
"""Assumptions, shown as such: no published statistics stand behind them. ``custom`` has none: its lengths are asked for."""

STANDARD_USERS: Final = 100.0
"""Users where the load is not given."""
Tokens = Annotated[float, Number, Field(ge=1, le=16_777_216)]
Ranks = Annotated[int, Number, Field(ge=1, le=4096)]


class ApiPrice(Part):
    """The price list of an API that serving of one's own is compared with, per million tokens."""

    input: Amount | None = None
    cached: Amount | None = None
    output: Amount | None = None
    currency: CurrencyName = "USD"
    date: Date | None = None


class ServingPart(Part):
    """Serving. Where ``enabled`` is false nothing is computed.

    The load is one of ``users``, ``requests_per_s`` and ``concurrency``. Lengths, prefix and limits that are None are the
    profile's (:data:`PROFILES`).

    A plan that serves pays for the servers that serve, once: its racks, power, cost lines, cash flow and books are theirs.
    ``cost_share`` is what serving bears of them where other work uses the same servers; a project's calendar sets it.

    ``draft_model`` is the catalogue key of the model that drafts where ``speculative`` is draft; ``draft_tokens`` are drafted
    before each step that verifies them.
    """

    enabled: bool = False
    profile: Literal["chat", "rag", "coding", "minutes", "batch", "agent", "custom"] = "chat"
    users: Annotated[float, Number, Field(ge=1, le=1e9)] | None = None
    requests_per_s: Annotated[float, Number, Field(gt=0, le=1e6)] | None = None
    concurrency: Annotated[float, Number, Field(ge=1, le=1e7)] | None = None
    active_share: Annotated[float, Number, Field(gt=0, le=1)] = 0.1
    requests_per_user_hour: Annotated[float, Number, Field(gt=0, le=10_000)] = 6.0
    peak_factor: Annotated[float, Number, Field(ge=1, le=100)] = 2.0
    prompt_tokens: Tokens | None = None
    output_tokens: Tokens | None = None
    length_cv: Annotated[float, Number, Field(ge=0, le=10)] = 0.5
    shared_prefix_share: Share | None = None
    ttft_limit_s: Positive | None = None
    tpot_limit_ms: Positive | None = None
    percentile: Annotated[float, Number, Field(ge=50, le=99)] = 90.0
    availability: Literal["n", "n1"] = "n"
    failure_unit: Literal["replica", "server", "rack"] = "server"
    hours_per_day: Annotated[float, Number, Field(gt=0, le=24)] = 24.0
    cost_share: Annotated[float, Number, Field(gt=0, le=1)] = 1.0
    server: Key | None = None
    servers: Annotated[int, Number, Field(ge=1, le=100_000)] | None = None
    auto: bool = True
    tp: Ranks = 1
    pp: Ranks = 1
    ep: Ranks = 1
    dp_attention: Ranks = 1
    weight_precision: Literal["bf16", "fp8", "nvfp4", "mxfp4", "int4"] | None = None
    kv_precision: Literal["bf16", "fp8"] | None = None
    engine: Literal["vllm", "sglang", "trtllm", "other"] = "vllm"
    engine_year: Annotated[float, Number, Field(ge=2023, le=2035)] | None = None
    speculative: Literal["none", "mtp", "draft"] = "none"
    acceptance: Annotated[float, Number, Field(ge=1, le=8)] | None = None
    draft_model: Key | None = None
    draft_tokens: Annotated[int, Number, Field(ge=1, le=16)] | None = None
    disaggregated: bool = False
    prefill_servers: Annotated[int, Number, Field(ge=1, le=100_000)] | None = None
    api_price: Annotated[ApiPrice, BeforeValidator(lambda value: {} if value is None else value)] = ApiPrice()

    @model_validator(mode="after")
    def _one_load(self) -> Self:
        given = [name for name in ("users", "requests_per_s", "concurrency") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(
                expected("serving_one_load", second=given[1], value=f"{getattr(self, given[1]):g}", first=given[0])
            )
        if self.enabled and self.profile == "custom" and None in (self.prompt_tokens, self.output_tokens):
            raise ValueError(expected("serving_custom"))
        return self

    @property
    def busy_share(self) -> float | None:
        """Share of all hours in which servers that only serve work; None where training or other work decides it."""
        return self.hours_per_day / 24.0 if self.enabled and self.cost_share >= 1.0 else None

    def standard(self) -> Profile:
        """Lengths, prefix and limits in use: the user's, else the profile's."""
        base = PROFILES.get(self.profile, Profile(1000, 300, 0.0, None, None))
        mine = {name: getattr(self, name) for name in Profile._fields if getattr(self, name) is not None}
        return base._replace(**mine)

    def peak_requests_per_s(self) -> float | None:
        """Requests a second at the peak; None where the load is given as concurrency."""
        if self.concurrency is not None:
            return None
        if self.requests_per_s is not None:
            return self.requests_per_s * self.peak_factor
        users = STANDARD_USERS if self.users is None else self.users
        return users * self.active_share * self.requests_per_user_hour / 3600.0 * self.peak_factor


__all__ = ["PROFILES", "ApiPrice", "Profile", "ServingPart"]
