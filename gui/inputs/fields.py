"""The table of inputs: one entry a row of the pane. Adding an input is adding an entry here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from mitsumori.gui.inputs import choices
from mitsumori.gui.inputs.spec import Field, Group
from mitsumori.gui.widgets.scale import LinearScale, LogScale, StepScale
from mitsumori.gui.words.results import gpus
from mitsumori.model.base.format import whole
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.plan import Plan

_N = QT_TRANSLATE_NOOP


def _thousands(value: float) -> str:
    if value >= 1e6:
        return f"{value / 1e6:g}M"
    return f"{value / 1e3:g}k" if value >= 1e3 else f"{value:g}"


def _binary(value: float) -> str:
    return f"{value / 2**20:g}M" if value >= 2**20 else f"{value / 1024:g}k" if value >= 1024 else f"{value:g}"


def _billions(value: float) -> str:
    return f"{value / 1e3:g}T" if value >= 1e3 else f"{value:g}B" if value >= 1 else f"{value * 1e3:g}M"


def _kanji(value: float) -> str:
    return f"{value / 1e4:,g}兆" if value >= 1e4 else f"{value:,g}億" if value >= 1 else f"{value * 1e4:,g}万"


def _gpus(plan: Plan, catalogue: Catalogue) -> str:
    if plan.cluster.server not in catalogue.servers():
        return ""
    return QCoreApplication.translate("Fields", "= {count} GPUs").format(count=whole(gpus(plan, catalogue)))


def _tuning(plan: Plan) -> bool:
    return plan.workload.stage in ("lora", "qlora")


def _rollouts(plan: Plan) -> bool:
    return plan.workload.stage in ("dpo", "ppo", "grpo", "datagen")


def _free_layout(plan: Plan) -> bool:
    return not plan.parallel.auto


def _typed_size(plan: Plan) -> bool:
    return plan.model.preset is None or plan.model.params is not None


def _preset(value: Any) -> dict[str, Any]:
    """A preset takes its own size and shape; "myself" starts at 70 billion."""
    if value is None:
        return {"model.params": 70e9}
    return {"model.params": None, "model.architecture": None}


def _free_utilization(plan: Plan) -> bool:
    return plan.workload.runs_per_year is None


def _colocated(plan: Plan) -> bool:
    return plan.money.onprem.site == "colocation"


_AUTO_REASON = _N("Fields", "The program chooses this. Switch off “Choose for me” to set it yourself.")
_RUNS_REASON = _N("Fields", "The trainings a year set this. Clear them to set it yourself.")
_POWERS = StepScale((1, 2, 4, 8, 16, 32, 64), None)


def _degree(path: str, label: str, top: int = 64, **rest: Any) -> Field:
    steps = tuple(float(2**power) for power in range(top.bit_length()))
    return Field(
        f"parallel.{path}", label, "slider", axis=StepScale(steps), integer=True, shown_when=_free_layout,
        disabled_reason=_AUTO_REASON, **rest,
    )  # fmt: skip


WORKLOAD = Group("workload", _N("Fields", "Workload"), "workload", (
    Field("workload.stage", _N("Fields", "Stage"), "choice", choices=choices.stages, key="G"),
    Field("workload.tokens", _N("Fields", "Tokens"), "slider", unit=_N("Fields", "B"), scale=1e9, key="T",
          axis=LogScale(0.01, 20_000, (0.01, 0.1, 1, 10, 100, 1_000, 10_000), name=_billions)),
    Field("workload.samples", _N("Fields", "Samples instead of tokens"), "number", optional=True, integer=True, more=True),
    Field("workload.epochs", _N("Fields", "Epochs"), "number", more=True),
    Field("workload.packing", _N("Fields", "Sequence filled"), "number", unit="%", scale=0.01, more=True),
    Field("workload.lora_rank", _N("Fields", "LoRA rank"), "slider", integer=True, shown_when=_tuning,
          axis=StepScale((4, 8, 16, 32, 64, 128, 256))),
    Field("workload.lora_targets", _N("Fields", "LoRA on"), "choice", shown_when=_tuning,
          choices=choices.words("attention", "all_linear")),
    Field("workload.prompt_len", _N("Fields", "Prompt length"), "number", unit=_N("Fields", "tokens"), integer=True,
          shown_when=_rollouts),
    Field("workload.response_len", _N("Fields", "Response length"), "number", unit=_N("Fields", "tokens"), integer=True,
          shown_when=_rollouts),
    Field("workload.responses_per_prompt", _N("Fields", "Responses a prompt"), "number", integer=True,
          shown_when=_rollouts),
    Field("workload.reward_model_params", _N("Fields", "Reward model"), "number", unit=_N("Fields", "B parameters"),
          scale=1e9, optional=True, shown_when=_rollouts),
    Field("workload.runs_per_year", _N("Fields", "Trainings a year"), "slider", optional=True, more=True,
          axis=LogScale(1, 1_000, (1, 10, 100, 1_000))),
    Field("workload.start_date", _N("Fields", "Start"), "date", optional=True, more=True),
    Field("workload.deadline", _N("Fields", "Deadline"), "date", optional=True, more=True),
))  # fmt: skip

MODEL = Group("model", _N("Fields", "Model"), "model", (
    Field("model.preset", _N("Fields", "Preset"), "choice", choices=choices.models, also=_preset, key="M"),
    Field("model.params", _N("Fields", "Parameters"), "slider", unit=_N("Fields", "B"), scale=1e9, optional=True,
          axis=LogScale(0.1, 2_000, (0.1, 1, 10, 100, 1_000), name=_billions), shown_when=_typed_size),
    Field("parallel.seq_len", _N("Fields", "Sequence length"), "slider", unit=_N("Fields", "tokens"), integer=True,
          axis=StepScale(tuple(float(2**power) for power in range(10, 21)),
                         (1024, 4096, 16384, 65536, 262144, 1048576), name=_binary), key="Q"),
    Field("parallel.precision", _N("Fields", "Precision"), "choice", key="I",
          choices=choices.words("fp32", "tf32", "fp16", "bf16", "fp8", "mxfp8", "nvfp4")),
    Field("parallel.global_batch", _N("Fields", "Global batch"), "number", unit=_N("Fields", "sequences"), integer=True,
          optional=True, more=True),
    Field("parallel.optimizer", _N("Fields", "Optimizer"), "choice", more=True,
          choices=choices.words("adam", "adam8bit", "adafactor", "muon", "sgd")),
))  # fmt: skip

CLUSTER = Group("cluster", _N("Fields", "Cluster"), "cluster", (
    Field("cluster.server", _N("Fields", "Server"), "choice", choices=choices.servers, key="V"),
    Field("cluster.accelerator", _N("Fields", "Accelerator"), "choice", choices=choices.accelerators,
          follows=("cluster.server",), only_if_several=True),
    Field("cluster.servers", _N("Fields", "Servers"), "slider", integer=True, unit_of=_gpus, key="N",
          axis=LogScale(1, 2_000, (1, 10, 100, 1_000), digits=2, integer=True, name=lambda v: f"{v:,.0f}")),
    Field("network.fabric", _N("Fields", "Network"), "choice", choices=choices.networks, more=True),
    Field("network.oversubscription", _N("Fields", "Oversubscription"), "number", unit=": 1", more=True),
    Field("network.rails", _N("Fields", "Rail-optimized"), "switch", more=True),
    Field("network.storage", _N("Fields", "Storage"), "choice", choices=choices.storage, more=True),
    Field("network.storage_pb", _N("Fields", "Storage size"), "number", unit="PB", optional=True, more=True),
    Field("network.checkpoint_stall_s", _N("Fields", "Checkpoint stall"), "number", unit=_N("Fields", "s"), more=True),
    Field("network.checkpoint_interval_s", _N("Fields", "Checkpoint every"), "number", unit=_N("Fields", "min"), scale=60,
          optional=True, more=True),
    Field("network.checkpoints_kept", _N("Fields", "Checkpoints kept"), "number", integer=True, more=True),
    Field("network.mtbf_gpu_hours", _N("Fields", "Time between failures"), "number", unit=_N("Fields", "GPU hours"),
          optional=True, integer=True, more=True),
    Field("network.restart_s", _N("Fields", "Restart takes"), "number", unit=_N("Fields", "min"), scale=60, optional=True,
          more=True),
))  # fmt: skip

PARALLEL = Group("parallel", _N("Fields", "Parallelism"), "parallel", (
    Field("parallel.auto", _N("Fields", "Choose for me"), "switch", key="A"),
    Field("parallel.layout", _N("Fields", "Layout"), "layout"),
    _degree("tp", _N("Fields", "Tensor (TP)")),
    _degree("pp", _N("Fields", "Pipeline (PP)")),
    _degree("cp", _N("Fields", "Context (CP)")),
    _degree("ep", _N("Fields", "Expert (EP)")),
    Field("parallel.zero_stage", _N("Fields", "ZeRO stage"), "slider", integer=True, shown_when=_free_layout,
          axis=StepScale((0, 1, 2, 3), name=lambda v: f"{v:.0f}")),
    _degree("micro_batch", _N("Fields", "Micro-batch"), 32, unit=_N("Fields", "sequences")),
    Field("parallel.recompute", _N("Fields", "Recompute"), "choice", shown_when=_free_layout,
          choices=choices.words("none", "selective", "full")),
    _degree("vp", _N("Fields", "Interleaving (VP)"), 16, more=True),
    _degree("etp", _N("Fields", "Expert tensor (ETP)"), 16, more=True),
    Field("parallel.sp", _N("Fields", "Sequence parallelism"), "switch", more=True),
    Field("parallel.offload", _N("Fields", "Offload"), "choice", choices=choices.words("none", "optimizer", "activations"),
          more=True),
    Field("parallel.stack", _N("Fields", "Software"), "choice", more=True,
          choices=choices.words("megatron", "torchtitan", "llm-foundry", "deepspeed", "jax", "other")),
    Field("parallel.stack_year", _N("Fields", "Release"), "choice", choices=choices.years, more=True),
    Field("parallel.tuning", _N("Fields", "Tuning"), "choice", choices=choices.words("tuned", "default"), more=True),
    Field("parallel.compiled", _N("Fields", "Compiled"), "switch", more=True),
    Field("parallel.fused_attention", _N("Fields", "Fused attention"), "switch", more=True),
))  # fmt: skip

FACILITY = Group("facility", _N("Fields", "Facility"), "facility", (
    Field("facility.cooling", _N("Fields", "Cooling"), "choice", choices=choices.cooling, key="C"),
    Field("facility.rack_kva", _N("Fields", "Rack limit"), "slider", unit="kVA", optional=True, key="K",
          axis=LogScale(5, 200, (5, 10, 20, 50, 100, 200))),
    Field("facility.rack_kva_is_breaker", _N("Fields", "Limit is a breaker (80 %)"), "switch", more=True),
    Field("facility.power_basis", _N("Fields", "Server power"), "choice", more=True,
          choices=choices.words("max", "capped", "measured")),
    Field("facility.cap_fraction", _N("Fields", "Power cap"), "number", unit="%", scale=0.01, more=True,
          shown_when=lambda plan: plan.facility.power_basis == "capped"),
    Field("facility.redundancy", _N("Fields", "Redundancy"), "choice", choices=choices.words("n", "n1", "2n"), more=True),
    Field("facility.rack_units", _N("Fields", "Rack height"), "number", unit="U", integer=True, more=True),
    Field("facility.units_reserved", _N("Fields", "Units reserved"), "number", unit="U", integer=True, more=True),
    Field("facility.gap_units", _N("Fields", "Gap between servers"), "number", unit="U", integer=True, more=True),
    Field("facility.kva_reserved", _N("Fields", "Power reserved"), "number", unit="kVA", more=True),
    Field("facility.air_limit_kw", _N("Fields", "Air limit"), "number", unit="kW", optional=True, more=True),
    Field("facility.liquid_limit_kw", _N("Fields", "Liquid limit"), "number", unit="kW", optional=True, more=True),
    Field("facility.liquid_heat_fraction", _N("Fields", "Heat to liquid"), "number", unit="%", scale=0.01, optional=True,
          more=True),
    Field("facility.pue", _N("Fields", "PUE"), "number", optional=True, more=True),
    Field("facility.wue", _N("Fields", "WUE"), "number", unit="L/kWh", optional=True, more=True),
    Field("facility.power_factor", _N("Fields", "Power factor"), "number", more=True),
    Field("facility.server_max_kw", _N("Fields", "Server maximum"), "number", unit="kW", optional=True, more=True),
    Field("facility.server_peak_kw", _N("Fields", "Server peak"), "number", unit="kW", optional=True, more=True),
    Field("facility.server_average_kw", _N("Fields", "Server average"), "number", unit="kW", optional=True, more=True),
    Field("facility.server_weight_kg", _N("Fields", "Server weight"), "number", unit="kg", optional=True, more=True),
    Field("facility.rack_weight_limit_kg", _N("Fields", "Rack load limit"), "number", unit="kg", optional=True, more=True),
    Field("facility.floor_limit_kg_m2", _N("Fields", "Floor limit"), "number", unit="kg/m²", optional=True, more=True),
    Field("facility.hall_kva_free", _N("Fields", "Hall power free"), "number", unit="kVA", optional=True, more=True),
    Field("facility.hall_cooling_kw_free", _N("Fields", "Hall cooling free"), "number", unit="kW", optional=True,
          more=True),
    Field("facility.hall_racks_free", _N("Fields", "Rack places free"), "number", integer=True, optional=True, more=True),
    Field("facility.water_supply_c", _N("Fields", "Water supply"), "number", unit="°C", optional=True, more=True),
    Field("facility.dew_point_c", _N("Fields", "Dew point"), "number", unit="°C", optional=True, more=True),
    Field("facility.co2_kg_per_kwh", _N("Fields", "CO₂ of power"), "number", unit="kg/kWh", optional=True, more=True),
))  # fmt: skip


def _price(path: str, label: str, currency: str, per: str = "", scale: float = 1.0, **rest: Any) -> Field:
    return Field(path, label, rest.pop("kind", "number"), unit=per, scale=scale, optional=rest.pop("optional", True),
                 currency=currency, **rest)  # fmt: skip


_CLOUD, _OWN = "money.cloud.currency", "money.onprem.currency"

MONEY = Group("money", _N("Fields", "Money"), "money", (
    Field("money.cloud.instance", _N("Fields", "Cloud"), "choice", choices=choices.cloud, key="D",
          follows=("cluster.server", "cluster.accelerator")),
    Field("money.cloud.term", _N("Fields", "Term"), "choice",
          choices=choices.words("on_demand", "reserved_1y", "reserved_3y", "spot")),
    _price("money.cloud.price_per_hour", _N("Fields", "Cloud price"), _CLOUD, _N("Fields", "/h"), kind="slider", key="O",
           axis=LogScale(1, 1_000, (1, 10, 100, 1_000), digits=3)),
    Field("money.utilization", _N("Fields", "Utilization"), "slider", unit="%", scale=0.01, key="U",
          axis=LinearScale(0, 100, 1, 25, 12.5), enabled_when=_free_utilization, disabled_reason=_RUNS_REASON),
    Field("money.horizon_months", _N("Fields", "Horizon"), "slider", unit=_N("Fields", "months"), integer=True, key="H",
          axis=LinearScale(12, 84, 1, 12, 6)),
    Field("money.electricity_jpy_per_kwh", _N("Fields", "Electricity"), "slider", unit=_N("Fields", "¥/kWh"),
          optional=True, axis=LinearScale(10, 50, 0.1, 10, 5), key="Y"),
    Field("money.usd_jpy", _N("Fields", "Exchange rate"), "number", unit=_N("Fields", "¥/$"), optional=True, key="X"),
    Field("money.usd_jpy_date", _N("Fields", "Rate of"), "date", optional=True, more=True),
    _price("money.onprem.server_price", _N("Fields", "Server price"), _OWN, internal=True, key="S"),
    Field("money.onprem.discount", _N("Fields", "Discount"), "number", unit="%", scale=0.01, internal=True),
    Field("money.onprem.margin", _N("Fields", "Margin"), "number", unit="%", scale=0.01, internal=True),
    _price("money.onprem.power_works", _N("Fields", "Power works"), _OWN, key="W"),
    Field("money.onprem.site", _N("Fields", "Site"), "choice", choices=choices.words("own_hall", "colocation"), more=True),
    _price("money.onprem.network_price", _N("Fields", "Network price"), _OWN, internal=True, more=True),
    Field("money.onprem.network_share", _N("Fields", "Network, of servers"), "number", unit="%", scale=0.01, optional=True,
          internal=True, more=True),
    _price("money.onprem.storage_price", _N("Fields", "Storage price"), _OWN, internal=True, more=True),
    _price("money.onprem.cooling_retrofit_per_rack", _N("Fields", "Cooling retrofit"), _OWN, _N("Fields", "/rack"),
           more=True),
    Field("money.onprem.installation_share", _N("Fields", "Installation"), "number", unit="%", scale=0.01, more=True),
    Field("money.onprem.maintenance_rate", _N("Fields", "Maintenance"), "number", unit=_N("Fields", "% a year"), scale=0.01,
          more=True),
    Field("money.onprem.staff_fte", _N("Fields", "Staff"), "number", unit="FTE", more=True),
    _price("money.onprem.staff_cost_per_year", _N("Fields", "Staff cost"), _OWN, _N("Fields", "/year"), more=True),
    _price("money.onprem.license_per_gpu_year", _N("Fields", "Licence per GPU"), _OWN, _N("Fields", "/year"), more=True,
           optional=False),
    _price("money.onprem.rent_per_rack_month", _N("Fields", "Rent per rack"), _OWN, _N("Fields", "/month"), more=True,
           shown_when=_colocated),
    _price("money.onprem.rent_per_kva_month", _N("Fields", "Rent per kVA"), _OWN, _N("Fields", "/month"), more=True,
           shown_when=_colocated),
    _price("money.onprem.colocation_setup", _N("Fields", "Colocation set-up"), _OWN, more=True, shown_when=_colocated),
    Field("money.onprem.insurance_rate", _N("Fields", "Insurance"), "number", unit=_N("Fields", "% a year"), scale=0.01,
          more=True),
    Field("money.onprem.property_tax_rate", _N("Fields", "Property tax"), "number", unit=_N("Fields", "% a year"),
          scale=0.01, more=True),
    Field("money.onprem.residual_share", _N("Fields", "Residual value"), "number", unit="%", scale=0.01, more=True),
    Field("money.onprem.depreciation", _N("Fields", "Depreciation"), "choice", more=True,
          choices=choices.words("straight_line", "declining")),
    Field("money.onprem.depreciation_years", _N("Fields", "Depreciated over"), "number", unit=_N("Fields", "years"),
          integer=True, more=True),
    Field("money.onprem.delivery_months", _N("Fields", "Delivery takes"), "number", unit=_N("Fields", "months"),
          optional=True, more=True),
    Field("money.onprem.works_months", _N("Fields", "Building works take"), "number", unit=_N("Fields", "months"),
          optional=True, more=True),
    Field("money.onprem.lease_rate_per_month", _N("Fields", "Lease rate"), "number", unit=_N("Fields", "% a month"),
          scale=0.01, optional=True, more=True),
    Field("money.demand_charge_jpy_per_kw_month", _N("Fields", "Demand charge"), "number",
          unit=_N("Fields", "¥/kW month"), more=True),
    Field("money.discount_rate", _N("Fields", "Discount rate"), "number", unit=_N("Fields", "% a year"), scale=0.01,
          more=True),
    Field("money.tax_rate", _N("Fields", "Consumption tax"), "number", unit="%", scale=0.01, more=True),
    Field("money.cloud.support_rate", _N("Fields", "Cloud support"), "number", unit="%", scale=0.01, more=True),
    Field("money.cloud.storage_gb", _N("Fields", "Cloud storage"), "number", unit="TB", scale=1e3, optional=True, more=True),
    Field("money.cloud.egress_gb_per_month", _N("Fields", "Cloud egress"), "number", unit=_N("Fields", "TB/month"),
          scale=1e3, more=True),
    Field("money.cloud.throughput_factor", _N("Fields", "Cloud speed"), "number", unit="%", scale=0.01, more=True),
), open_at_first=False)  # fmt: skip

GROUPS = (WORKLOAD, MODEL, CLUSTER, PARALLEL, FACILITY, MONEY)

TOKENS_KANJI = replace(
    next(field for field in WORKLOAD.fields if field.path == "workload.tokens"),
    unit="億",
    scale=1e8,
    axis=LogScale(0.1, 200_000, (0.1, 10, 1_000, 100_000), name=_kanji),
)
"""The tokens as a Japanese audience counts them: in Present mode."""

FIELDS = {field.path: field for group in GROUPS for field in group.fields}


def field_label(path: str) -> str:
    """The label of a plan path in the language of the window; the path itself where no row shows it."""
    field = FIELDS.get(path)
    return path if field is None else QCoreApplication.translate("Fields", field.label)


def group_of(path: str) -> Group | None:
    """The group whose rows include a path."""
    return next((group for group in GROUPS if any(field.path == path for field in group.fields)), None)
