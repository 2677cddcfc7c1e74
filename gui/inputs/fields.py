"""The rows of the inputs pane in their order. What an input is stands in the table of inputs; here is what only a window has:
where its row is, lists that come from the catalogue, when it is shown, the letter that leads to it.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.inputs import choices
from mitsumori.gui.inputs.spec import Field, Group
from mitsumori.gui.words.dates import shown_deadline
from mitsumori.gui.words.plurals import plurals
from mitsumori.gui.words.results import gpus
from mitsumori.gui.words.translation import language, marked
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.inputs import Slider, inputs, units
from mitsumori.model.plan.more_servers import written
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.prices import TERM_MONTHS
from mitsumori.model.plan.software_items import written_software

_N = marked


def _gpus(plan: Plan, catalogue: Catalogue) -> str:
    if plan.cluster.server not in catalogue.servers():
        return ""
    return QCoreApplication.translate("Fields", "= {gpus}").format(gpus=plurals().gpus(gpus(plan, catalogue)))


def _tuning(plan: Plan) -> bool:
    return plan.workload.stage in ("lora", "qlora")


def _rollouts(plan: Plan) -> bool:
    return plan.workload.stage in ("dpo", "ppo", "grpo", "datagen")


def _online(plan: Plan) -> bool:
    return plan.workload.stage in ("ppo", "grpo")


def _apart(plan: Plan) -> bool:
    return _online(plan) and plan.rollout.placement != "colocated"


def _asynchronous(plan: Plan) -> bool:
    return _online(plan) and plan.rollout.placement == "asynchronous"


def _campaign(plan: Plan) -> bool:
    return plan.workload.conditions == "campaign"


def _spot(plan: Plan) -> bool:
    return plan.money.cloud.term == "spot"


def _leased(plan: Plan) -> bool:
    return plan.money.onprem.lease_rate_per_month is not None


def _waited(plan: Plan) -> bool:
    own = plan.money.onprem
    return any((own.delivery_months, own.works_months, own.installation_days))


def _reserved(plan: Plan) -> bool:
    return plan.money.cloud.term in TERM_MONTHS


def _trains(plan: Plan) -> bool:
    """Plans that serve have no training to be described."""
    return not plan.serving.enabled


def _free_layout(plan: Plan) -> bool:
    return not plan.parallel.auto


def _typed_size(plan: Plan) -> bool:
    return plan.model.preset is None or plan.model.params is not None


def _preset(value: object) -> dict[str, object]:
    """A preset takes its own size and shape; "myself" starts at 70 billion."""
    if value is None:
        return {"model.params": 70e9}
    return {"model.params": None, "model.architecture": None}


def _deadline(plan: Plan) -> object:
    work = plan.workload
    return work.deadline if work.deadline is not None else work.deadline_days


def _has_deadline(plan: Plan) -> bool:
    return _deadline(plan) is not None or plan.workload.start_date is not None


def _free_utilization(plan: Plan) -> bool:
    return plan.workload.use == "always"


def _colocated(plan: Plan) -> bool:
    return plan.money.onprem.site == "colocation"


_RUNS_REASON = _N("Fields", "The number of trainings sets this. Choose “always on” to set it yourself.")

WORKLOAD = Group("workload", _N("Fields", "Workload"), "workload", (
    Field("workload.stage", choices=choices.stages, key="G"),
    Field("workload.tokens", key="T"),
    Field("workload.samples", more=True),
    Field("workload.epochs", more=True),
    Field("workload.packing", more=True),
    Field("workload.evaluation_share", shown_when=_campaign, more=True),
    Field("workload.conditions", more=True),
    Field("workload.lora_rank", shown_when=_tuning),
    Field("workload.lora_targets", shown_when=_tuning),
    Field("workload.prompt_len", shown_when=_rollouts),
    Field("workload.response_len", shown_when=_rollouts),
    Field("workload.responses_per_prompt", shown_when=_rollouts),
    Field("workload.reward_model_params", shown_when=_rollouts),
    Field("rollout.placement", shown_when=_online),
    Field("rollout.server", choices=choices.generation_servers, searched=True, shown_when=_apart),
    Field("rollout.servers", shown_when=_apart),
    Field("rollout.staleness_steps", shown_when=_asynchronous),
    Field("rollout.engine", shown_when=_rollouts, more=True),
    Field("rollout.engine_year", shown_when=_rollouts, choices=choices.engine_years, more=True),
    Field("rollout.tp", shown_when=_rollouts, more=True),
    Field("rollout.pp", shown_when=_rollouts, more=True),
    Field("rollout.ep", shown_when=_rollouts, more=True),
    Field("workload.deadline", reads=_deadline, shows=shown_deadline, key="L"),
    Field("workload.confidence", shown_when=_has_deadline,
          choices=lambda plan, catalogue: [(level, level.upper()) for level in ("p50", "p80", "p90")]),
    Field("workload.start_date", shows=shown_deadline, shown_when=_has_deadline),
), shown_when=_trains)  # fmt: skip

MODEL = Group("model", _N("Fields", "Model"), "model", (
    Field("model.preset", choices=choices.models, searched=True, also=_preset, key="M"),
    Field("model.params", shown_when=_typed_size),
    Field("parallel.seq_len", key="Q", shown_when=_trains),
    Field("parallel.precision", key="I", shown_when=_trains),
    Field("parallel.global_batch", shown_when=_trains, more=True),
    Field("parallel.optimizer", shown_when=_trains, more=True),
))  # fmt: skip

CLUSTER = Group("cluster", _N("Fields", "Cluster"), "cluster", (
    Field("cluster.server", choices=choices.servers, searched=True, key="V"),
    Field("cluster.accelerator", choices=choices.accelerators, follows=("cluster.server",), only_if_several=True),
    Field("cluster.servers", unit_of=_gpus, key="N", shown_when=_trains),
    Field("cluster.accelerators_per_server", more=True),
    Field("cluster.spare_servers", more=True),
    Field("cluster.more", shows=written, more=True),
    Field("network.bandwidth_gbps", more=True),
    Field("network.fabric", choices=choices.networks, more=True),
    Field("network.oversubscription", more=True),
    Field("network.rails", more=True),
    Field("network.storage", choices=choices.storage, more=True),
    Field("network.storage_pb", more=True),
    Field("network.dataset_bytes_per_token", more=True),
    Field("network.checkpoint_stall_s", more=True),
    Field("network.checkpoint_interval_s", more=True),
    Field("network.checkpoints_kept", more=True),
    Field("network.mtbf_gpu_hours", more=True),
    Field("network.restart_s", more=True),
))  # fmt: skip

PARALLEL = Group("parallel", _N("Fields", "Parallelism"), "parallel", (
    Field("parallel.auto", key="A"),
    Field("parallel.layout", title=_N("Fields", "Layout")),
    Field("parallel.tp", shown_when=_free_layout),
    Field("parallel.pp", shown_when=_free_layout),
    Field("parallel.cp", shown_when=_free_layout),
    Field("parallel.ep", shown_when=_free_layout),
    Field("parallel.zero_stage", shown_when=_free_layout),
    Field("parallel.micro_batch", shown_when=_free_layout),
    Field("parallel.recompute", shown_when=_free_layout),
    Field("parallel.vp", shown_when=_free_layout, more=True),
    Field("parallel.etp", shown_when=_free_layout, more=True),
    Field("parallel.sp", more=True),
    Field("parallel.offload", more=True,
          choices=choices.words("none", "optimizer", "activations", "parameters", "checkpoints", "optimizer,checkpoints",
                                "optimizer,parameters,checkpoints")),
    Field("parallel.stack", more=True),
    Field("parallel.stack_year", choices=choices.years, more=True),
    Field("parallel.tuning", more=True),
    Field("parallel.attention", choices=choices.open_or("unfused", "fa2", "fa3", "fa4"), more=True),
    Field("parallel.moe_dispatcher", choices=choices.open_or("alltoall", "deepep", "hybridep"), more=True),
    Field("parallel.cuda_graphs", choices=choices.open_or("none", "attention", "layer", "full"), more=True),
    Field("parallel.context", choices=choices.open_or("ring", "ulysses"), more=True),
    Field("parallel.loss", choices=choices.open_or("plain", "fused", "chunked"), more=True),
    Field("parallel.state_precision", choices=choices.open_or("fp32", "bf16"), more=True),
    Field("parallel.gradient_precision", choices=choices.open_or("fp32", "bf16"), more=True),
    Field("parallel.fused_attention", more=True),
    Field("parallel.compiled", choices=choices.on_off_or_open, more=True),
    Field("parallel.ep_overlap", choices=choices.on_off_or_open, more=True),
    Field("parallel.permute_fusion", choices=choices.on_off_or_open, more=True),
    Field("parallel.capacity_factor", more=True),
    Field("parallel.recompute_modules", shows=", ".join, more=True),
    Field("parallel.optimizer_in_backward", choices=choices.on_off_or_open, more=True),
    Field("parallel.paged_optimizer", choices=choices.on_off_or_open, more=True),
), shown_when=_trains)  # fmt: skip


def _serving(plan: Plan) -> bool:
    return plan.serving.enabled


def _by_users(plan: Plan) -> bool:
    part = plan.serving
    return part.enabled and part.requests_per_s is None and part.concurrency is None


def _by_rate(plan: Plan) -> bool:
    return plan.serving.enabled and plan.serving.concurrency is None and plan.serving.users is None


def _by_flight(plan: Plan) -> bool:
    return plan.serving.enabled and plan.serving.requests_per_s is None and plan.serving.users is None


def _served_layout(plan: Plan) -> bool:
    return plan.serving.enabled and not plan.serving.auto


def _speculates(plan: Plan) -> bool:
    return plan.serving.enabled and plan.serving.speculative != "none"


def _drafted(plan: Plan) -> bool:
    return plan.serving.enabled and plan.serving.speculative == "draft"


def _split(plan: Plan) -> bool:
    return plan.serving.enabled and plan.serving.disaggregated


SERVING = Group("serving", _N("Fields", "Serving"), "dialogue", (
    Field("serving.enabled"),
    Field("serving.profile", shown_when=_serving, tiles=True),
    Field("serving.users", shown_when=_by_users),
    Field("serving.requests_per_s", shown_when=_by_rate),
    Field("serving.concurrency", shown_when=_by_flight),
    Field("serving.active_share", shown_when=_by_users),
    Field("serving.requests_per_user_hour", shown_when=_by_users),
    Field("serving.peak_factor", shown_when=_serving),
    Field("serving.prompt_tokens", shown_when=_serving),
    Field("serving.output_tokens", shown_when=_serving),
    Field("serving.ttft_limit_s", shown_when=_serving),
    Field("serving.tpot_limit_ms", shown_when=_serving),
    Field("serving.percentile", shown_when=_serving, more=True),
    Field("serving.length_cv", shown_when=_serving, more=True),
    Field("serving.shared_prefix_share", shown_when=_serving, more=True),
    Field("serving.hours_per_day", shown_when=_serving, more=True),
    Field("serving.cost_share", shown_when=_serving, more=True),
    Field("serving.server", choices=choices.serving_servers, searched=True, shown_when=_serving),
    Field("serving.servers", shown_when=_serving),
    Field("serving.availability", shown_when=_serving),
    Field("serving.failure_unit", shown_when=lambda plan: _serving(plan) and plan.serving.availability == "n1"),
    Field("serving.weight_precision", choices=choices.open_or("bf16", "fp8", "nvfp4", "mxfp4", "int4"), shown_when=_serving),
    Field("serving.kv_precision", choices=choices.open_or("bf16", "fp8"), shown_when=_serving, more=True),
    Field("serving.engine", shown_when=_serving),
    Field("serving.engine_year", shown_when=_serving, choices=choices.engine_years, more=True),
    Field("serving.speculative", shown_when=_serving, more=True),
    Field("serving.acceptance", shown_when=_speculates, more=True),
    Field("serving.draft_model", choices=choices.draft_models, searched=True, shown_when=_drafted, more=True),
    Field("serving.draft_tokens", shown_when=_speculates, more=True),
    Field("serving.disaggregated", shown_when=_serving, more=True),
    Field("serving.prefill_servers", shown_when=_split, more=True),
    Field("serving.auto", shown_when=_serving, more=True),
    Field("serving.tp", shown_when=_served_layout),
    Field("serving.pp", shown_when=_served_layout),
    Field("serving.ep", shown_when=_served_layout),
    Field("serving.dp_attention", shown_when=_served_layout),
    Field("serving.api_price.input", shown_when=_serving, more=True),
    Field("serving.api_price.output", shown_when=_serving, more=True),
    Field("serving.api_price.cached", shown_when=_serving, more=True),
    Field("serving.api_price.currency", shown_when=_serving, more=True),
    Field("serving.api_price.date", shows=shown_deadline, shown_when=_serving, more=True),
), open_at_first=False)  # fmt: skip

FACILITY = Group("facility", _N("Fields", "Facility"), "facility", (
    Field("facility.cooling", choices=choices.cooling, key="C"),
    Field("facility.rack_kva", key="K"),
    Field("facility.rack_kva_is_breaker", more=True),
    Field("facility.voltage_class", more=True),
    Field("facility.utility", choices=choices.utilities, more=True),
    Field("facility.building_contract_kw", more=True),
    Field("facility.climate", more=True),
    Field("facility.power_basis", more=True),
    Field("facility.cap_fraction", shown_when=lambda plan: plan.facility.power_basis == "capped", more=True),
    Field("facility.redundancy", more=True),
    Field("facility.feeds", more=True),
    Field("facility.ups_share", more=True),
    Field("facility.generator_share", more=True),
    Field("facility.other_power_share", more=True),
    Field("facility.site_power_factor", more=True),
    Field("facility.rack_units", more=True),
    Field("facility.units_reserved", more=True),
    Field("facility.gap_units", more=True),
    Field("facility.cdu_units", more=True),
    Field("facility.kva_reserved", more=True),
    Field("facility.air_limit_kw", more=True),
    Field("facility.liquid_limit_kw", more=True),
    Field("facility.liquid_heat_fraction", more=True),
    Field("facility.pue", more=True),
    Field("facility.wue", more=True),
    Field("facility.power_factor", more=True),
    Field("facility.server_max_kw", more=True),
    Field("facility.server_peak_kw", more=True),
    Field("facility.server_average_kw", more=True),
    Field("facility.server_idle_kw", more=True),
    Field("facility.server_weight_kg", more=True),
    Field("facility.rack_weight_limit_kg", more=True),
    Field("facility.rack_tare_kg", more=True),
    Field("facility.rack_width_m", more=True),
    Field("facility.rack_depth_m", more=True),
    Field("facility.floor_limit_kg_m2", more=True),
    Field("facility.floor_point_limit_kg_m2", more=True),
    Field("facility.hall_kva_free", more=True),
    Field("facility.hall_cooling_kw_free", more=True),
    Field("facility.hall_racks_free", more=True),
    Field("facility.inlet_c", more=True),
    Field("facility.water_supply_c", more=True),
    Field("facility.water_delta_k", more=True),
    Field("facility.dew_point_c", more=True),
    Field("facility.co2_kg_per_kwh", more=True),
))  # fmt: skip

MONEY = Group("money", _N("Fields", "Money"), "money", (
    Field("money.cloud.instance", choices=choices.cloud, searched=True, follows=("cluster.server", "cluster.accelerator"),
          key="D"),
    Field("money.cloud.term"),
    Field("money.cloud.price_per_hour", key="O"),
    Field("workload.use"),
    Field("workload.runs_per_year", shown_when=lambda plan: plan.workload.use == "yearly"),
    Field("money.utilization", enabled_when=_free_utilization, disabled_reason=_RUNS_REASON, key="U"),
    Field("money.horizon_months", key="H"),
    Field("money.electricity_jpy_per_kwh", key="Y"),
    Field("money.usd_jpy", key="X"),
    Field("money.usd_jpy_date", shows=shown_deadline),
    Field("money.onprem.server_price", key="S"),
    Field("money.onprem.discount"),
    Field("money.onprem.margin"),
    Field("money.onprem.power_works", key="W"),
    Field("money.software", shows=written_software, more=True),
    Field("money.onprem.currency", more=True),
    Field("money.onprem.price_currency", choices=choices.open_currency, more=True),
    Field("money.onprem.price_date", shows=shown_deadline, more=True),
    Field("money.onprem.site", more=True),
    Field("money.onprem.network_price", more=True),
    Field("money.onprem.network_share", more=True),
    Field("money.onprem.storage_price", more=True),
    Field("money.onprem.cooling_retrofit_per_rack", more=True),
    Field("money.onprem.installation_share", more=True),
    Field("money.onprem.maintenance_rate", more=True),
    Field("money.onprem.staff_fte", more=True),
    Field("money.onprem.staff_cost_per_year", more=True),
    Field("money.onprem.wage_escalation", more=True),
    Field("money.onprem.license_per_gpu_year", more=True),
    Field("money.onprem.license_per_server_year", more=True),
    Field("money.onprem.spares_share", more=True),
    Field("money.onprem.subsidy", more=True),
    Field("money.onprem.rent_per_rack_month", shown_when=_colocated, more=True),
    Field("money.onprem.rent_per_kva_month", shown_when=_colocated, more=True),
    Field("money.onprem.colocation_setup", shown_when=_colocated, more=True),
    Field("money.onprem.power_included_in_rent", shown_when=_colocated, more=True),
    Field("money.onprem.insurance_rate", more=True),
    Field("money.onprem.property_tax_rate", more=True),
    Field("money.onprem.residual_share", more=True),
    Field("money.onprem.depreciation", more=True),
    Field("money.onprem.depreciation_years", more=True),
    Field("money.onprem.special_depreciation_share", more=True),
    Field("money.onprem.payment_months", more=True),
    Field("money.onprem.advance_share", more=True),
    Field("money.onprem.refresh_share", more=True),
    Field("money.onprem.refresh_month", shown_when=lambda plan: plan.money.onprem.refresh_share > 0.0, more=True),
    Field("money.onprem.disposal_per_server", more=True),
    Field("money.onprem.delivery_months", more=True),
    Field("money.onprem.works_months", more=True),
    Field("money.onprem.installation_days", more=True),
    Field("money.onprem.before_use_months", shown_when=_waited, more=True),
    Field("money.onprem.interim_cloud", shown_when=_waited, more=True),
    Field("money.onprem.lease_rate_per_month", more=True),
    Field("money.onprem.lease_months", shown_when=_leased, more=True),
    Field("money.demand_charge_jpy_per_kw_month", more=True),
    Field("money.fuel_adjustment_jpy_per_kwh", more=True),
    Field("money.demand_basis", more=True),
    Field("money.electricity_escalation", more=True),
    Field("money.surcharge_jpy_per_kwh", more=True),
    Field("money.ramp_months", more=True),
    Field("money.discount_rate", more=True),
    Field("money.tax_rate", more=True),
    Field("money.tax_credit", more=True),
    Field("money.fiscal_year_start_month", more=True),
    Field("money.corporate_tax_rate", more=True),
    Field("money.capital_rate", more=True),
    Field("money.cloud.currency", more=True),
    Field("money.cloud.price_currency", choices=choices.open_currency, more=True),
    Field("money.cloud.price_date", shows=shown_deadline, more=True),
    Field("money.cloud.reserved_1y_per_hour", shown_when=lambda plan: plan.money.cloud.term != "reserved_1y", more=True),
    Field("money.cloud.reserved_3y_per_hour", shown_when=lambda plan: plan.money.cloud.term != "reserved_3y", more=True),
    Field("money.cloud.spot_per_hour", shown_when=lambda plan: plan.money.cloud.term != "spot", more=True),
    Field("money.cloud.setup", more=True),
    Field("money.cloud.support_rate", more=True),
    Field("money.cloud.storage_kind", more=True),
    Field("money.cloud.price_decline", more=True),
    Field("money.cloud.upfront_share", shown_when=_reserved, more=True),
    Field("money.cloud.goodput_loss_share", more=True),
    Field("money.cloud.debugging_share", more=True),
    Field("money.cloud.cpu_nodes_per_month", more=True),
    Field("money.cloud.storage_gb", more=True),
    Field("money.cloud.storage_per_gb_month", more=True),
    Field("money.cloud.egress_gb_per_month", more=True),
    Field("money.cloud.egress_per_gb", more=True),
    Field("money.cloud.spot_interruptions_per_month", shown_when=_spot, more=True),
    Field("money.cloud.throughput_factor", more=True),
), open_at_first=False)  # fmt: skip

GROUPS = (WORKLOAD, SERVING, MODEL, CLUSTER, PARALLEL, FACILITY, MONEY)

TOKENS_KANJI = Field(
    "workload.tokens",
    counted=units()["億"],
    slider=Slider("log", 0.1, 200_000, (0.1, 10, 1_000, 100_000), names="hundred_millions"),
)
"""The tokens as a Japanese audience counts them: in Present mode."""

FIELDS = {field.path: field for group in GROUPS for field in group.fields}

ELSEWHERE = {
    "name": "the chip of the scenario",
    "language": "the switch of the toolbar",
    "money.currency": "the switch of the toolbar: a view of every scenario",
    "workload.deadline_days": "the row of the deadline takes a day or days",
    "table.models": "a table of the training time is of the plan's own neighbours; a file or the command names others",
    "table.servers": "a table of the training time is of the plan's own neighbours; a file or the command names others",
}
"""Inputs without a row of their own, and where they are set.

The shape of a model (``model.architecture``) comes with its preset, its size or an imported configuration.
"""


def field_label(path: str) -> str:
    """The label of a plan path in the language of the window; the table of inputs' where no row shows it."""
    field = FIELDS.get(path)
    if field is not None:
        return field.label()
    known = inputs().get(path)
    return path if known is None else known.label(language())


def group_of(path: str) -> Group | None:
    """The group whose rows include a path."""
    return next((group for group in GROUPS if any(field.path == path for field in group.fields)), None)
