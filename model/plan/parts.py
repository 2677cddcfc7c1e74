"""The parts of a plan: work, model, machines, layout, hall, network, money, and the table of training times."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from mitsumori.model.architecture.parallelism import OFFLOAD_PARTS
from mitsumori.model.base.dates import LONGEST_DAYS
from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import expected
from mitsumori.model.plan.more_servers import MoreServers, read_more
from mitsumori.model.plan.part import (
    Amount,
    Count,
    CurrencyName,
    Date,
    Fraction,
    Key,
    Number,
    Part,
    PastDate,
    Positive,
    Rate,
    Share,
    Size,
    read_words,
)
from mitsumori.model.plan.prices import NO_PRICES, Prices
from mitsumori.model.plan.software_items import SoftwareItem, read_software

Stage = Literal["pretrain", "continual", "sft", "lora", "qlora", "dpo", "ppo", "grpo", "datagen"]
PrecisionName = Literal["fp32", "tf32", "fp16", "bf16", "fp8", "mxfp8", "nvfp4"]
CoolingName = Literal[
    "air", "containment", "in_row", "rear_door", "rear_door_active", "cold_plate", "rear_door_cold_plate",
    "rack_scale", "immersion",
]  # fmt: skip


StackName = Literal["megatron", "torchtitan", "llm-foundry", "deepspeed", "huggingface", "torchtune", "jax", "other"]
ModuleName = Literal["core_attn", "layernorm", "moe_act", "mla_up_proj", "mlp", "moe", "shared_experts"]
OffloadName = Literal[
    "none", "optimizer", "activations", "optimizer,activations", "parameters", "optimizer,parameters",
    "activations,parameters", "optimizer,activations,parameters", "checkpoints", "optimizer,checkpoints",
    "activations,checkpoints", "optimizer,activations,checkpoints", "parameters,checkpoints",
    "optimizer,parameters,checkpoints", "activations,parameters,checkpoints", "optimizer,activations,parameters,checkpoints",
]  # fmt: skip
"""None, or any of the parts of :data:`model.architecture.parallelism.OFFLOAD_PARTS` in their order, joined by commas."""


def offload_words(value: Any) -> Any:
    """Parts to offload in any order, as a text with commas or a list, in the order of :data:`OffloadName`."""
    parts = value.replace("+", ",").split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        return value
    wanted = {part.strip() for part in parts} - {"none", ""}
    if wanted - set(OFFLOAD_PARTS):
        return value
    return ",".join(part for part in OFFLOAD_PARTS if part in wanted) or "none"


Escalation = Annotated[float, Number, Field(ge=-0.5, le=1)]
"""Rise of a price a year, a share of it; below zero it falls."""


class Workload(Part):
    """What is trained.

    ``tokens`` is the training data in tokens (prompt + response for tuning stages, generated tokens for ``datagen``);
    ``samples`` replaces it where the user counts samples: tokens = samples * seq_len * packing * epochs.
    ``responses_per_prompt`` and ``response_len`` describe RLHF rollouts. ``conditions`` ``benchmark`` leaves out failures,
    checkpoints and evaluation, as published benchmark tables do; a real training is a ``campaign``. The deadline is a date or
    days counted from the start date, else from today; ``confidence`` is the probability on which the plan is made.
    """

    stage: Stage = "pretrain"
    tokens: Annotated[float, Number, Field(ge=1e3, le=1e16)] = 100e9
    samples: Annotated[float, Number, Field(ge=1, le=1e12)] | None = None
    packing: Annotated[float, Number, Field(gt=0, le=1)] = 1.0
    epochs: Annotated[float, Number, Field(gt=0, le=1000)] = 1.0
    lora_rank: Annotated[int, Number, Field(ge=1, le=4096)] = 16
    lora_targets: Literal["attention", "all_linear"] = "all_linear"
    prompt_len: Annotated[int, Number, Field(ge=1, le=1_048_576)] = 1024
    response_len: Annotated[int, Number, Field(ge=1, le=1_048_576)] = 1024
    responses_per_prompt: Annotated[int, Number, Field(ge=1, le=1024)] = 8
    reward_model_params: Positive | None = None
    conditions: Literal["campaign", "benchmark"] = "campaign"
    evaluation_share: Annotated[float, Number, Field(ge=0, lt=1)] | None = None
    use: Literal["once", "yearly", "always"] = "always"
    runs_per_year: Annotated[float, Number, Field(gt=0, le=10_000)] | None = None
    start_date: Date | None = None
    deadline: Date | None = None
    deadline_days: Annotated[float, Number, Field(gt=0, le=LONGEST_DAYS)] | None = None
    confidence: Literal["p50", "p80", "p90"] = "p50"

    @model_validator(mode="after")
    def _one_deadline(self) -> Self:
        if self.runs_per_year is not None and "use" not in self.model_fields_set:
            self.__dict__["use"] = "yearly"  # a file of the time before the choice
        if self.deadline is not None and self.deadline_days is not None:
            raise ValueError(Sentence("refusals", "deadline_twice"))
        return self


class MlaSpec(Part):
    """Multi-head latent attention dimensions (arXiv 2405.04434 section 2.1)."""

    q_lora_rank: Count = 0
    kv_lora_rank: Size
    qk_nope_dim: Size
    qk_rope_dim: Size
    v_head_dim: Size


class MixerSpec(Part):
    """The mixer of a hybrid's layers: state-space, delta rule, recurrence or convolution (:mod:`model.architecture.mixers`).

    ``layers`` that have one; ``heads`` of ``head_dim`` (values), ``key_heads`` of ``state_dim`` (keys; groups and state size of
    Mamba-2; null: as the values), tokens of the convolution.
    """

    kind: Literal["mamba2", "gated_delta", "kimi_delta", "lightning", "mamba", "rg_lru", "short_conv"]
    layers: Size
    heads: Size
    head_dim: Size
    key_heads: Size | None = None
    state_dim: Size | None = None
    conv: Annotated[int, Number, Field(ge=0, le=64)] = 4


class ArchitectureSpec(Part):
    """A transformer's shape as entered; see :class:`model.architecture.transformer.Architecture` for the meaning of each
    field."""

    layers: Annotated[int, Number, Field(ge=1, le=10_000)]
    hidden: Size
    ffn: Count = 0
    heads: Annotated[int, Number, Field(ge=1, le=100_000)]
    kv_heads: Annotated[int, Number, Field(ge=1, le=100_000)] | None = None
    head_dim: Annotated[int, Number, Field(ge=1, le=100_000)] | None = None
    vocab: Annotated[int, Number, Field(ge=1, le=10_000_000)]
    gated_mlp: bool = True
    tied_embeddings: bool = False
    moe_experts: Count = 0
    moe_topk: Count = 0
    moe_ffn: Count = 0
    moe_shared_ffn: Count = 0
    moe_dense_layers: Count = 0
    mla: MlaSpec | None = None
    window: Count = 0
    window_share: Fraction = 0.0
    positions: Count = 0
    linear_bias: bool = False
    attention_bias: bool = False
    norm_vectors: Annotated[int, Number, Field(ge=1, le=2)] = 1
    mtp_layers: Annotated[int, Number, Field(ge=0, le=16)] = 0
    attention_layers: Count | None = None
    attention_gate: bool = False
    ffn_layers: Count | None = None
    mixer: MixerSpec | None = None

    @model_validator(mode="after")
    def _layers_of_each_kind(self) -> Self:
        for name, count in (("attention_layers", self.attention_layers), ("ffn_layers", self.ffn_layers)):
            if count is not None and not (self.mixer is not None and count <= self.layers) and count != self.layers:
                raise ValueError(Sentence("refusals", "layers_of_a_kind", {"field": name, "layers": self.layers}))
        if self.mixer is not None and self.mixer.layers > self.layers:
            raise ValueError(Sentence("refusals", "layers_of_a_kind", {"field": "mixer.layers", "layers": self.layers}))
        return self

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.kv_heads is not None and self.heads % self.kv_heads:
            raise ValueError(expected("kv_heads", kv_heads=self.kv_heads, heads=self.heads))
        if self.moe_experts:
            if not 1 <= self.moe_topk <= self.moe_experts:
                raise ValueError(expected("moe_topk", topk=self.moe_topk, experts=self.moe_experts))
            if not self.moe_ffn:
                raise ValueError(expected("moe_ffn"))
            if self.moe_dense_layers > self.layers:
                raise ValueError(expected("moe_dense_layers", dense=self.moe_dense_layers, layers=self.layers))
        elif not self.ffn and self.ffn_layers != 0:
            raise ValueError(expected("dense_ffn"))
        return self


class ModelPart(Part):
    """Which model: a catalogue preset, a shape, or a bare parameter count.

    ``params`` overrides the count and keeps the shape; alone, a shape is made up by the rule of
    :func:`model.plan.shapes.shape_for_parameters`.
    """

    preset: Key | None = None
    architecture: ArchitectureSpec | None = None
    params: Annotated[float, Number, Field(ge=1e5, le=1e15)] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.preset is None and self.architecture is None and self.params is None:
            raise ValueError(expected("model_absent"))
        return self


class Cluster(Part):
    """The machines: a catalogue server and how many. ``accelerator`` is one of the server's options; None its standard.

    ``accelerators_per_server``: how many of them the job uses (1 of 8, 64 of 72 ...); None all. ``spare_servers`` stand ready
    for one that fails and do not train; ``more`` are servers of other types in the same hall.
    """

    server: Key = "HPE-XD670"
    accelerator: Key | None = None
    servers: Annotated[int, Number, Field(ge=1, le=100_000)] = 1
    accelerators_per_server: Annotated[int, Number, Field(ge=1, le=1024)] | None = None
    spare_servers: Annotated[int, Number, Field(ge=0, le=10_000)] = 0
    more: Annotated[tuple[MoreServers, ...], BeforeValidator(read_more), Field(max_length=20)] = ()


class ParallelPart(Part):
    """How the training is laid out. With ``auto`` the program chooses tp, pp, vp, cp, ep, zero stage, micro-batch and
    recomputation; the other fields are always the user's.

    The recipe (``attention`` ... ``paged_optimizer``) where None is what the stack of that release does
    (:func:`model.architecture.stacks.kernels`, :mod:`model.memory.options`); ``fused_attention`` off is ``attention`` unfused;
    ``recompute_modules`` empty is the stack's own choice of what selective recomputation repeats.

    ``global_batch`` None is the standard batch (:data:`model.plan.standard_batch.PRETRAIN_BATCH_TOKENS`; half a million tokens
    in tuning). ``stack_year`` None is the current release.
    """

    auto: bool = True
    tp: Annotated[int, Number, Field(ge=1, le=4096)] = 1
    sp: bool = True
    pp: Annotated[int, Number, Field(ge=1, le=4096)] = 1
    vp: Annotated[int, Number, Field(ge=1, le=256)] = 1
    cp: Annotated[int, Number, Field(ge=1, le=4096)] = 1
    ep: Annotated[int, Number, Field(ge=1, le=4096)] = 1
    etp: Annotated[int, Number, Field(ge=1, le=4096)] = 1
    zero_stage: Annotated[int, Number, Field(ge=0, le=3)] = 1
    micro_batch: Annotated[int, Number, Field(ge=1, le=65_536)] = 1
    global_batch: Annotated[int, Number, Field(ge=1, le=10_000_000)] | None = None
    seq_len: Annotated[int, Number, Field(ge=16, le=16_777_216)] = 4096
    precision: PrecisionName = "bf16"
    optimizer: Literal["adam", "adam8bit", "adafactor", "muon", "sgd"] = "adam"
    recompute: Literal["none", "selective", "full"] = "none"
    offload: Annotated[OffloadName, BeforeValidator(offload_words)] = "none"
    stack: StackName = "megatron"
    stack_year: Annotated[float, Number, Field(ge=2019, le=2035)] | None = None
    tuning: Literal["tuned", "default", "unknown"] = "default"
    fused_attention: bool = True
    attention: Literal["unfused", "fa2", "fa3", "fa4"] | None = None
    compiled: bool | None = None
    moe_dispatcher: Literal["alltoall", "deepep", "hybridep"] | None = None
    ep_overlap: bool | None = None
    cuda_graphs: Literal["none", "attention", "layer", "full"] | None = None
    permute_fusion: bool | None = None
    capacity_factor: Annotated[float, Number, Field(ge=0, le=16)] | None = None
    context: Literal["ring", "ulysses"] | None = None
    recompute_modules: Annotated[tuple[ModuleName, ...], BeforeValidator(read_words), Field(max_length=7)] = ()
    state_precision: Literal["fp32", "bf16"] | None = None
    gradient_precision: Literal["fp32", "bf16"] | None = None
    loss: Literal["plain", "fused", "chunked"] | None = None
    optimizer_in_backward: bool | None = None
    paged_optimizer: bool | None = None


class Facility(Part):
    """The hall. ``None`` is the standard value of the cooling method, server or tariff (docs/method.md section 6).

    ``rack_kva_is_breaker`` means the figure is a breaker rating of which 80 % may be loaded continuously.
    """

    cooling: CoolingName = "rear_door"
    rack_kva: Positive | None = None
    rack_kva_is_breaker: bool = False
    rack_units: Annotated[int, Number, Field(ge=1, le=100)] = 42
    units_reserved: Annotated[int, Number, Field(ge=0, le=60)] = 4
    gap_units: Annotated[int, Number, Field(ge=0, le=10)] = 0
    cdu_units: Annotated[int, Number, Field(ge=0, le=20)] = 0
    kva_reserved: Amount = 1.5
    air_limit_kw: Amount | None = None
    liquid_limit_kw: Amount | None = None
    liquid_heat_fraction: Fraction | None = None
    power_basis: Literal["max", "capped", "measured"] = "max"
    cap_fraction: Annotated[float, Number, Field(gt=0, le=1)] = 0.83
    redundancy: Literal["n", "n1", "2n"] = "n"
    feeds: Annotated[int, Number, Field(ge=1, le=8)] | None = None
    power_factor: Annotated[float, Number, Field(gt=0.5, le=1)] = 0.98
    site_power_factor: Annotated[float, Number, Field(gt=0.5, le=1)] = 0.98
    pue: Annotated[float, Number, Field(ge=1, le=5)] | None = None
    wue: Annotated[float, Number, Field(ge=0, le=10)] | None = None
    server_max_kw: Positive | None = None
    server_peak_kw: Positive | None = None
    server_average_kw: Positive | None = None
    server_idle_kw: Amount | None = None
    server_weight_kg: Positive | None = None
    rack_weight_limit_kg: Positive | None = None
    rack_tare_kg: Amount = 150.0
    floor_limit_kg_m2: Positive | None = None
    floor_point_limit_kg_m2: Positive | None = None
    rack_width_m: Positive = 0.6
    rack_depth_m: Positive = 1.2
    hall_kva_free: Amount | None = None
    hall_cooling_kw_free: Amount | None = None
    hall_racks_free: Annotated[int, Number, Field(ge=0, le=1_000_000)] | None = None
    voltage_class: Literal["low", "high", "special_high"] = "high"
    utility: Key | None = None
    building_contract_kw: Amount = 0.0
    climate: Literal["sapporo", "sendai", "tokyo", "nagoya", "osaka", "hiroshima", "fukuoka", "naha"] = "tokyo"
    inlet_c: Annotated[float, Number, Field(ge=5, le=50)] | None = None
    water_supply_c: Annotated[float, Number, Field(ge=0, le=60)] | None = None
    dew_point_c: Annotated[float, Number, Field(ge=-20, le=35)] | None = None
    water_delta_k: Annotated[float, Number, Field(gt=0, le=40)] = 10.0
    ups_share: Fraction = 1.0
    generator_share: Fraction = 1.0
    co2_kg_per_kwh: Amount | None = None
    other_power_share: Annotated[float, Number, Field(ge=0, le=2)] | None = None


class Network(Part):
    """Fabric and storage. ``fabric`` None is the standard one of the server's NICs; ``storage_pb`` None is sized from
    the data set and the checkpoints; ``checkpoint_stall_s`` and ``restart_s`` None are the standard of the cluster's size
    (:mod:`model.training.goodput`); ``bandwidth_gbps`` is one way and of one accelerator, None is the fabric's."""

    fabric: Key | None = None
    bandwidth_gbps: Annotated[float, Number, Field(gt=0, le=1e5)] | None = None
    oversubscription: Annotated[float, Number, Field(ge=1, le=64)] = 1.0
    rails: bool = True
    storage: Key | None = None
    storage_pb: Amount | None = None
    dataset_bytes_per_token: Positive = 4.0
    checkpoints_kept: Annotated[int, Number, Field(ge=1, le=10_000)] = 10
    checkpoint_stall_s: Positive | None = None
    checkpoint_interval_s: Positive | None = None
    mtbf_gpu_hours: Positive | None = None
    restart_s: Amount | None = None


class Cloud(Part):
    """The rented side. Prices are in ``currency``; ``price_per_hour`` None is the catalogue's price of the instance and
    term, and unknown where the catalogue has none (never another region's). It, its date and ``price_currency`` (None: the
    currency of the part) show the entry of ``money.prices`` for this instance and term."""

    instance: Key | None = None
    term: Literal["on_demand", "reserved_1y", "reserved_3y", "spot"] = "on_demand"
    currency: CurrencyName = "USD"
    price_per_hour: Amount | None = None
    price_currency: CurrencyName | None = None
    price_date: PastDate | None = None
    reserved_1y_per_hour: Amount | None = None
    reserved_3y_per_hour: Amount | None = None
    spot_per_hour: Amount | None = None
    storage_gb: Amount | None = None
    storage_kind: Literal["object", "lustre", "lustre_and_object"] = "object"
    storage_per_gb_month: Amount | None = None
    egress_gb_per_month: Amount = 0.0
    egress_per_gb: Amount | None = None
    support_rate: Rate = 0.0
    setup: Amount = 0.0
    price_decline: Fraction = 0.0
    upfront_share: Fraction = 0.0
    goodput_loss_share: Rate = 0.0
    debugging_share: Rate = 0.0
    cpu_nodes_per_month: Amount = 0.0
    spot_interruptions_per_month: Amount | None = None
    throughput_factor: Annotated[float, Number, Field(gt=0, le=2)] = 1.0


class OnPrem(Part):
    """The owned side. Prices are in ``currency``, excluding tax. ``server_price`` is the list price of one server (None:
    the catalogue's, where it has one); the customer pays ``server_price * (1 - discount) / (1 - margin)``, with ``margin``
    the integrator's gross margin on the sale. It, its date and ``price_currency`` (None: the currency of the part) show the
    entry of ``money.prices`` for the plan's server."""

    site: Literal["own_hall", "colocation"] = "own_hall"
    currency: CurrencyName = "JPY"
    server_price: Amount | None = None
    price_currency: CurrencyName | None = None
    price_date: PastDate | None = None
    discount: Share = 0.0
    margin: Share = 0.0
    network_price: Amount | None = None
    network_share: Rate | None = None
    storage_price: Amount | None = None
    installation_share: Rate = 0.04
    cooling_retrofit_per_rack: Amount | None = None
    power_works: Amount | None = None
    spares_share: Rate = 0.0
    license_per_gpu_year: Amount = 0.0
    license_per_server_year: Amount = 0.0
    maintenance_rate: Rate = 0.05
    staff_fte: Amount = 0.5
    staff_cost_per_year: Amount | None = None
    wage_escalation: Escalation = 0.0
    rent_per_rack_month: Amount | None = None
    rent_per_kva_month: Amount | None = None
    colocation_setup: Amount | None = None
    power_included_in_rent: bool = False
    insurance_rate: Rate = 0.0
    property_tax_rate: Rate = 0.014
    residual_share: Fraction = 0.0
    payment_months: Annotated[int, Number, Field(ge=0, le=12)] = 0
    advance_share: Fraction = 0.0
    before_use_months: Annotated[int, Number, Field(ge=0, le=12)] = 0
    interim_cloud: bool = False
    refresh_share: Rate = 0.0
    refresh_month: Annotated[int, Number, Field(ge=1, le=84)] = 36
    disposal_per_server: Amount = 0.0
    depreciation: Literal["straight_line", "declining"] = "straight_line"
    depreciation_years: Annotated[int, Number, Field(ge=1, le=20)] = 5
    special_depreciation_share: Fraction = 0.0
    subsidy: Amount = 0.0
    lease_rate_per_month: Rate | None = None
    lease_months: Annotated[int, Number, Field(ge=6, le=120)] = 60
    delivery_months: Annotated[float, Number, Field(ge=0, le=60)] | None = None
    works_months: Annotated[float, Number, Field(ge=0, le=60)] | None = None
    installation_days: Annotated[float, Number, Field(ge=0, le=365)] | None = None


class Money(Part):
    """Horizon, rates and both sides. ``usd_jpy`` None is unknown: there is no silent default rate. ``prices`` are those
    entered, by what they price (:mod:`model.plan.prices`)."""

    currency: CurrencyName = "JPY"
    usd_jpy: Annotated[float, Number, Field(ge=10, le=1000)] | None = None
    usd_jpy_date: PastDate | None = None
    horizon_months: Annotated[int, Number, Field(ge=12, le=84)] = 60
    utilization: Annotated[float, Number, Field(gt=0, le=1)] = 0.7
    electricity_jpy_per_kwh: Amount | None = None
    demand_charge_jpy_per_kw_month: Amount = 0.0
    demand_basis: Literal["contract", "measured"] = "contract"
    fuel_adjustment_jpy_per_kwh: Annotated[float, Number, Field(ge=-50, le=200)] = 0.0
    surcharge_jpy_per_kwh: Amount = 0.0
    electricity_escalation: Escalation = 0.0
    ramp_months: Annotated[int, Number, Field(ge=0, le=12)] = 0
    discount_rate: Annotated[float, Number, Field(ge=0, le=1)] = 0.03
    tax_rate: Annotated[float, Number, Field(ge=0, le=1)] = 0.10
    tax_credit: bool = True
    fiscal_year_start_month: Annotated[int, Number, Field(ge=1, le=12)] = 4
    corporate_tax_rate: Annotated[float, Number, Field(ge=0, lt=1)] | None = None
    capital_rate: Annotated[float, Number, Field(ge=0, le=1)] | None = None
    cloud: Cloud = Cloud()
    onprem: OnPrem = OnPrem()
    software: Annotated[tuple[SoftwareItem, ...], BeforeValidator(read_software), Field(max_length=20)] = ()
    prices: Prices = NO_PRICES


class Table(Part):
    """Rows and columns of the training-time table; empty lists take the plan's own model and a ladder of counts."""

    models: Annotated[tuple[Key, ...], Field(max_length=50)] = ()
    servers: Annotated[tuple[Annotated[int, Number, Field(ge=1, le=100_000)], ...], Field(max_length=50)] = ()
