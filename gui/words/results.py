"""Words the tabs share: names of figures, limits, cooling methods, layouts, models, in the language of the window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.words.details import detail_name
from mitsumori.gui.words.translation import language
from mitsumori.model.base.messages import text
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cost.line_table import CostOption, cost_lines, groups
from mitsumori.model.plan.inputs import inputs
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import accelerator_key

translate = QCoreApplication.translate


def limit_name(limit: str) -> str:
    """A limit of a rack or hall."""
    return {
        "units": translate("Words", "rack units"),
        "kva": translate("Words", "kVA"),
        "air": translate("Words", "air cooling"),
        "liquid": translate("Words", "liquid cooling"),
        "weight": translate("Words", "rack weight"),
        "floor": translate("Words", "floor load"),
    }.get(limit, limit)


def cooling_name(key: str, catalogue: Catalogue) -> str:
    """A cooling method by its catalogue name."""
    record = catalogue.cooling_methods().get(key)
    if record is None:
        return key
    return record.name_ja if language() == "ja" else record.name_en


def phase_name(phase: str) -> str:
    """A phase of a training step."""
    return {
        "load": translate("Words", "Load"),
        "forward": translate("Words", "Forward"),
        "backward": translate("Words", "Backward"),
        "optimizer": translate("Words", "Optimizer step"),
        "peak": translate("Words", "Peak"),
        "mlp_backward": translate("Words", "MLP backward"),
        "head_backward": translate("Words", "Output layer backward"),
        "embedding_backward": translate("Words", "Embedding backward"),
        "layer_backward": translate("Words", "Layer backward"),
        "loss_backward": translate("Words", "Loss backward"),
    }.get(phase, phase.replace("_", " "))


def time_part_name(part: str) -> str:
    """A part of a training step."""
    return time_part_names().get(part, part)


def time_part_names() -> dict[str, str]:
    """The parts of a training step."""
    return {
        "compute": translate("Words", "Compute"),
        "recompute": translate("Words", "Recompute"),
        "communication": translate("Words", "Exposed communication"),
        "bubble": translate("Words", "Pipeline bubble"),
        "optimizer": translate("Words", "Optimizer and sync"),
        "data": translate("Words", "Data and host"),
        "lost": translate("Words", "Lost to failures, checkpoints"),
        "generation": translate("Words", "Generation"),
        "other_roles": translate("Words", "Other models (reference, reward)"),
        "refit": translate("Words", "Handing over weights"),
    }


def time_part_short_names() -> dict[str, str]:
    """The parts of a training step in little room, where they have a shorter name."""
    return {
        "communication": translate("Words", "Comm."),
        "bubble": translate("Words", "Bubble"),
        "optimizer": translate("Words", "Opt."),
        "data": translate("Words", "Data"),
        "lost": translate("Words", "Lost"),
    }


TIME_INK = {"generation": "heat_liquid", "other_roles": "cost_staff", "refit": "cost_maintenance"}
"""Colours of parts that only tuning stages have; the others are ``time_<part>``."""


def model_name(plan: Plan, catalogue: Catalogue) -> str:
    """The model of a plan in a few words."""
    preset = plan.model.preset
    if preset is not None:
        record = catalogue.models().get(preset)
        return record.name if record is not None else preset
    if plan.model.params is not None:
        from mitsumori.model.base.format import count

        return translate("Words", "{size} model").format(size=count(plan.model.params))
    return translate("Words", "own model")


def server_name(plan: Plan, catalogue: Catalogue) -> str:
    """The server of a plan."""
    record = catalogue.servers().get(plan.cluster.server)
    return record.name if record is not None else plan.cluster.server


def accelerator_name(plan: Plan, catalogue: Catalogue) -> str:
    """The accelerator of a plan, short."""
    key = accelerator_key(plan, catalogue)
    record = catalogue.accelerators().get(key)
    return record.name if record is not None else key


def gpus_per_server(plan: Plan, catalogue: Catalogue) -> int:
    """Accelerators of one server of the plan: those that it uses."""
    record = catalogue.servers().get(plan.cluster.server)
    return plan.cluster.accelerators_per_server or (1 if record is None else record.accelerators)


def gpus(plan: Plan, catalogue: Catalogue) -> int:
    """Accelerators of the plan."""
    return plan.cluster.servers * gpus_per_server(plan, catalogue)


def figure_name(path: str) -> str:
    """The name of an estimate's figure for its explanation."""
    names = {
        "memory.per_gpu.weights_bytes": translate("Words", "Weights"),
        "memory.per_gpu.gradients_bytes": translate("Words", "Gradients"),
        "memory.per_gpu.optimizer_bytes": translate("Words", "Optimizer states"),
        "memory.per_gpu.activations_bytes": translate("Words", "Activations"),
        "memory.per_gpu.buffers_bytes": translate("Words", "Buffers"),
        "memory.per_gpu.reserve_bytes": translate("Words", "Reserve"),
        "memory.per_gpu.total_bytes": translate("Words", "Memory used on a GPU"),
        "memory.per_gpu.capacity_bytes": translate("Words", "Memory of a GPU"),
        "training.tokens_per_s_per_gpu": translate("Words", "Tokens per second and GPU"),
        "training.mfu": translate("Words", "Model FLOP utilization"),
        "training.step_time_s": translate("Words", "Time of one step"),
        "training.days": translate("Words", "Training time"),
        "training.goodput": translate("Words", "Goodput"),
        "training.gpu_hours": translate("Words", "GPU hours"),
        "training.tokens": translate("Words", "Training tokens"),
        "facility.servers_per_rack": translate("Words", "Servers a rack"),
        "facility.racks": translate("Words", "Compute racks"),
        "facility.support_racks": translate("Words", "Support racks"),
        "facility.kva_per_rack": translate("Words", "Apparent power of the fullest rack"),
        "facility.kw_per_rack": translate("Words", "Power of the fullest rack"),
        "facility.air_kw": translate("Words", "Heat to air in the fullest rack"),
        "facility.liquid_kw": translate("Words", "Heat to liquid in the fullest rack"),
        "facility.it_kw": translate("Words", "IT power at the peak"),
        "facility.facility_kw": translate("Words", "Power of the hall"),
        "facility.utility_kva": translate("Words", "Utility capacity"),
        "facility.pue": translate("Words", "PUE"),
        "facility.kwh_per_year": translate("Words", "Energy a year"),
        "facility.co2_t_per_year": translate("Words", "CO₂ a year"),
        "facility.water_m3_per_year": translate("Words", "Water a year"),
        "cost.cloud.total": translate("Words", "Cloud, total"),
        "cost.onprem.total": translate("Words", "On-premises, total"),
        "cost.onprem.initial": translate("Words", "On-premises, initial cost"),
        "cost.break_even_month": translate("Words", "Break-even month"),
        "cost.break_even_utilization": translate("Words", "Break-even utilization"),
    }
    if path in names:
        return names[path]
    if path.startswith("training.breakdown_s."):
        return time_part_name(path.rsplit(".", 1)[1])
    if path.startswith(("cost.cloud.lines.", "cost.onprem.lines.")):
        return cost_line_name(path.rsplit(".", 1)[1])
    tail = path.rsplit(".", 1)[1]
    return detail_name(tail)


def cost_line_name(line: str) -> str:
    """A line of cost by its name in ``resources/cost_lines.toml``, or the bar of a chart that several of them make up."""
    declared = cost_lines().get(line)
    if declared is not None:
        return declared.label[language()]
    return {
        "install_cooling": translate("Words", "Installation, cooling"),
        "space": translate("Words", "Space"),
        "tax_insurance": translate("Words", "Tax, insurance"),
        "storage_egress": translate("Words", "Storage, transfer"),
    }.get(line, line)


def _groups(side: CostOption, order: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """Lines of a side by the colours of its stack; a group of a summary bears its own name as a line."""
    return {group: (*groups(side)[group], *(() if group in cost_lines() else (group,))) for group in order}


OWNED_GROUPS = _groups(
    "onprem",
    (
        "servers",
        "network",
        "storage",
        "install_cooling",
        "electricity",
        "maintenance",
        "space",
        "staff",
        "tax_insurance",
    ),
)
"""Owned lines by the nine colours of the stack."""

CLOUD_GROUPS = _groups("cloud", ("compute", "storage_egress", "support"))
"""Rented lines by the three colours of the stack."""


def unit_name(unit: str) -> str:
    """A unit of the core in the language of the window; units that are the same everywhere stay."""
    return {
        "JPY/kWh": translate("Units", "¥/kWh"),
        "USD/h": translate("Units", "$/h"),
        "JPY/h": translate("Units", "¥/h"),
        "JPY/USD": translate("Units", "¥/$"),
        "USD/GB-month": translate("Units", "$/GB a month"),
        "JPY/GB-month": translate("Units", "¥/GB a month"),
        "JPY/year": translate("Units", "¥ a year"),
        "USD/year": translate("Units", "$ a year"),
        "of servers": translate("Units", "of the servers"),
        "of maximum": translate("Units", "of the maximum"),
        "1/year": translate("Units", "a year"),
        "tokens/s": translate("Units", "tokens/s"),
        "tokens": translate("Units", "tokens"),
        "FTE": translate("Units", "FTE"),
        "months": translate("Units", "months"),
        "years": translate("Units", "years"),
        "days": translate("Units", "days"),
        "s": translate("Units", "s"),
        "h": translate("Units", "h"),
        "GPU h": translate("Units", "GPU hours"),
        "t": translate("Units", "t"),
        "year": translate("Units", "year"),
    }.get(unit, unit)


def missing_name(path: str) -> str:
    """A price that is not given, by its plan path."""
    item = inputs().get(path)
    return path.rsplit(".", 1)[-1].replace("_", " ") if item is None else item.asked_for(language())


def binding_name(binding: Sequence[str]) -> str:
    """The tightest limits, at most two, in words."""
    names = [limit_name(name) for name in binding[:2]]
    if len(names) == 2:
        return translate("Words", "{first} and {second}").format(first=names[0], second=names[1])
    return names[0] if names else ""


def factor_name(key: str) -> str:
    """A factor of the sensitivity views, as the workbook calls it."""
    return text("workbook", f"sens_{key}", language())
