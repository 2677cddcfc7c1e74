"""The lists behind the combo boxes: catalogue records and the plan's own words, in the language of the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.words.catalogue import offer_name, provider_name, region_name
from mitsumori.gui.words.results import cooling_name
from mitsumori.gui.words.translation import language, marked
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.records import CloudInstance
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import accelerator_key, accelerator_options

Choices = Callable[[Plan, Catalogue], Sequence[tuple[object, str]]]
"""What a list offers for a plan: values and how they are called."""

_N = marked

_STAGES = {
    "pretrain": _N("Choices", "Pre-training"),
    "continual": _N("Choices", "Continual pre-training"),
    "sft": _N("Choices", "Supervised fine-tuning"),
    "lora": _N("Choices", "LoRA"),
    "qlora": _N("Choices", "QLoRA"),
    "dpo": _N("Choices", "DPO"),
    "ppo": _N("Choices", "RLHF (PPO)"),
    "grpo": _N("Choices", "GRPO"),
    "datagen": _N("Choices", "Synthetic data"),
}
_WORDS = {
    "fp32": _N("Choices", "FP32"),
    "tf32": _N("Choices", "TF32"),
    "fp16": _N("Choices", "FP16"),
    "bf16": _N("Choices", "BF16"),
    "fp8": _N("Choices", "FP8"),
    "mxfp8": _N("Choices", "MXFP8"),
    "nvfp4": _N("Choices", "NVFP4"),
    "adam": _N("Choices", "Adam"),
    "adam8bit": _N("Choices", "Adam, 8-bit"),
    "adafactor": _N("Choices", "Adafactor"),
    "muon": _N("Choices", "Muon"),
    "sgd": _N("Choices", "SGD"),
    "none": _N("Choices", "None"),
    "selective": _N("Choices", "Selective"),
    "full": _N("Choices", "Full"),
    "optimizer": _N("Choices", "Optimizer states"),
    "activations": _N("Choices", "Activations"),
    "megatron": _N("Choices", "Megatron"),
    "torchtitan": _N("Choices", "torchtitan"),
    "llm-foundry": _N("Choices", "LLM Foundry"),
    "deepspeed": _N("Choices", "DeepSpeed"),
    "jax": _N("Choices", "JAX"),
    "other": _N("Choices", "Other"),
    "tuned": _N("Choices", "Tuned by hand"),
    "default": _N("Choices", "As delivered"),
    "max": _N("Choices", "Rated maximum"),
    "capped": _N("Choices", "Power cap"),
    "measured": _N("Choices", "Measured peak"),
    "contract": _N("Choices", "Contracted power"),
    "n": _N("Choices", "N (none)"),
    "n1": _N("Choices", "N+1"),
    "2n": _N("Choices", "2N"),
    "on_demand": _N("Choices", "On demand"),
    "reserved_1y": _N("Choices", "Reserved, 1 year"),
    "reserved_3y": _N("Choices", "Reserved, 3 years"),
    "spot": _N("Choices", "Spot"),
    "once": _N("Choices", "One training"),
    "yearly": _N("Choices", "Several a year"),
    "always": _N("Choices", "Always on"),
    "own_hall": _N("Choices", "Own hall"),
    "colocation": _N("Choices", "Colocation"),
    "straight_line": _N("Choices", "Straight line"),
    "declining": _N("Choices", "Declining balance"),
    "attention": _N("Choices", "Attention only"),
    "all_linear": _N("Choices", "All linear layers"),
    "JPY": _N("Choices", "Yen"),
    "USD": _N("Choices", "US dollars"),
    "unknown": _N("Choices", "Not known"),
    "low": _N("Choices", "Low voltage"),
    "high": _N("Choices", "High voltage"),
    "special_high": _N("Choices", "Special high voltage"),
    "campaign": _N("Choices", "Campaign, with failures"),
    "benchmark": _N("Choices", "Benchmark, steps alone"),
    "on": _N("Choices", "On"),
    "off": _N("Choices", "Off"),
    "alltoall": _N("Choices", "All-to-all"),
    "sapporo": _N("Choices", "Sapporo"),
    "sendai": _N("Choices", "Sendai"),
    "tokyo": _N("Choices", "Tokyo"),
    "nagoya": _N("Choices", "Nagoya"),
    "osaka": _N("Choices", "Osaka"),
    "hiroshima": _N("Choices", "Hiroshima"),
    "fukuoka": _N("Choices", "Fukuoka"),
    "naha": _N("Choices", "Naha"),
    "object": _N("Choices", "Object storage"),
    "lustre": _N("Choices", "Managed Lustre"),
    "lustre_and_object": _N("Choices", "Object storage, Lustre in front"),
    "colocated": _N("Choices", "On the training GPUs"),
    "separate": _N("Choices", "On GPUs of its own"),
    "asynchronous": _N("Choices", "On GPUs of its own, asynchronous"),
    "deepep": _N("Choices", "DeepEP"),
    "hybridep": _N("Choices", "HybridEP"),
    "unfused": _N("Choices", "Unfused"),
    "fa2": _N("Choices", "FlashAttention-2"),
    "fa3": _N("Choices", "FlashAttention-3"),
    "fa4": _N("Choices", "FlashAttention-4"),
    "layer": _N("Choices", "Whole layer"),
    "ring": _N("Choices", "Ring"),
    "ulysses": _N("Choices", "Ulysses"),
    "plain": _N("Choices", "Plain"),
    "fused": _N("Choices", "Fused"),
    "chunked": _N("Choices", "In chunks"),
    "parameters": _N("Choices", "Parameters"),
    "checkpoints": _N("Choices", "Checkpoints"),
    "huggingface": _N("Choices", "Hugging Face"),
    "torchtune": _N("Choices", "torchtune"),
    "chat": _N("Choices", "In-house chat"),
    "rag": _N("Choices", "RAG"),
    "coding": _N("Choices", "Coding"),
    "minutes": _N("Choices", "Minutes"),
    "batch": _N("Choices", "Batch"),
    "agent": _N("Choices", "Agent"),
    "custom": _N("Choices", "Own lengths"),
    "replica": _N("Choices", "One replica"),
    "server": _N("Choices", "One server"),
    "rack": _N("Choices", "One rack"),
    "vllm": _N("Choices", "vLLM"),
    "sglang": _N("Choices", "SGLang"),
    "trtllm": _N("Choices", "TensorRT-LLM"),
    "mtp": _N("Choices", "Multi-token prediction"),
    "draft": _N("Choices", "Draft model"),
    "mxfp4": _N("Choices", "MXFP4"),
    "int4": _N("Choices", "INT4"),
    "optimizer,checkpoints": _N("Choices", "Optimizer states and checkpoints"),
    "optimizer,parameters,checkpoints": _N("Choices", "States, parameters and checkpoints"),
}


def open_or(*values: str) -> Choices:
    """A list of plan words behind "By software", which leaves the field open."""

    def choices(plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
        return [
            (None, QCoreApplication.translate("Choices", "By software")),
            *((value, word(value)) for value in values),
        ]

    return choices


def on_off_or_open(plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
    """On, off, or left to the software."""
    return [(None, QCoreApplication.translate("Choices", "By software")), (True, word("on")), (False, word("off"))]


def word(value: str) -> str:
    """A plan word in the language of the window; several at once (``optimizer,activations``) one by one."""
    source = _STAGES.get(value) or _WORDS.get(value)
    if source is None and "," in value:
        return ", ".join(word(part) for part in value.split(","))
    return QCoreApplication.translate("Choices", source or value)


def words(*values: str) -> Choices:
    """A list of plan words, as the ``choices`` of a field."""

    def choices(plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
        return [(value, word(value)) for value in values]

    return choices


def stages(plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
    """All stages of training."""
    return [(value, word(value)) for value in _STAGES]


def models(plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
    """The catalogued models that can be counted, by family, and free entry."""
    known = [(key, record.name) for key, record in catalogue.models().items() if record.supported]
    return [(None, QCoreApplication.translate("Choices", "Enter the size myself")), *known]


def draft_models(plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
    """Models that can be counted and are smaller than the plan's, and none."""
    records = catalogue.models()
    mine = records.get(plan.model.preset or "")
    most = (plan.model.params or 0.0) / 1e9 or (None if mine is None else mine.params_b) or float("inf")
    known = [
        (key, record.name) for key, record in records.items() if record.supported and (record.params_b or 0.0) < most
    ]
    listed: list[tuple[object, str]] = [(None, QCoreApplication.translate("Choices", "None")), *known]
    return _with_own(plan.serving.draft_model, listed)


def servers(plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
    """All servers with what is in them; the plan's own key stays listed even when the catalogue lacks it."""
    return _with_own(plan.cluster.server, [(key, server_name(key, catalogue)) for key in catalogue.servers()])


def serving_servers(plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
    """Servers to serve on; the cluster's own where the field is open."""
    listed: list[tuple[object, str]] = [(None, QCoreApplication.translate("Choices", "The cluster's server"))]
    listed += [(key, server_name(key, catalogue)) for key in catalogue.servers()]
    return _with_own(plan.serving.server, listed)


def generation_servers(plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
    """Servers that generate the answers; the cluster's own where the field is open."""
    listed: list[tuple[object, str]] = [(None, QCoreApplication.translate("Choices", "The cluster's server"))]
    listed += [(key, server_name(key, catalogue)) for key in catalogue.servers()]
    return _with_own(plan.rollout.server, listed)


def server_name(key: str, catalogue: Catalogue, accelerator: str | None = None) -> str:
    """``HPE Cray XD670 · 8×H100``; with the standard accelerator where none is named."""
    record = catalogue.servers().get(key)
    if record is None:
        return key
    inside = catalogue.accelerators().get(accelerator or record.accelerator)
    short = record.accelerator if inside is None else inside.key.split("-")[0]
    return f"{record.name} · {record.accelerators}×{short}"


def accelerators(plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
    """What the plan's server takes; its standard accelerator stands for an open choice."""
    known = catalogue.accelerators()
    options = accelerator_options(plan.cluster.server, catalogue)
    names = {key: key if key not in known else known[key].name for key in options}
    listed: list[tuple[object, str]] = [(None if index == 0 else key, names[key]) for index, key in enumerate(options)]
    chosen = plan.cluster.accelerator
    if chosen is not None and all(key != chosen for key, _ in listed):
        listed.append((chosen, names.get(chosen, chosen)))
    return listed


def _with_own(own: str | None, known: list[tuple[object, str]]) -> list[tuple[object, str]]:
    if own is not None and all(key != own for key, _ in known):
        known.append((own, own))
    return known


def cooling(plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
    """All cooling methods, mildest first."""
    records = sorted(catalogue.cooling_methods().items(), key=lambda item: item[1].ladder)
    return [(key, cooling_name(key, catalogue)) for key, _ in records]


def cloud(plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
    """All instances, those with the plan's accelerator first; and none."""
    wanted = accelerator_key(plan, catalogue)

    def rank(item: tuple[str, CloudInstance]) -> tuple[bool, bool, str, str]:
        key, record = item
        return (record.accelerator != wanted, "tokyo" not in key and "japan" not in key, record.provider, key)

    listed: list[tuple[object, str]] = [(None, QCoreApplication.translate("Choices", "No cloud comparison"))]
    listed += [(key, cloud_name(record)) for key, record in sorted(catalogue.cloud_instances().items(), key=rank)]
    return _with_own(plan.money.cloud.instance, listed)


def cloud_name(record: CloudInstance) -> str:
    """``AWS p5.48xlarge, Tokyo``: provider and region as they are called in the language of the window."""
    provider, region = provider_name(record.provider), region_name(record.region)
    return QCoreApplication.translate("Choices", "{instance}, {region}").format(
        instance=f"{provider} {offer_name(record.instance)}", region=region
    )


def networks(plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
    """Fabrics: the standard one of the server, or a catalogued switch."""
    listed = [(key, record.model) for key, record in catalogue.networks().items() if "switch" in record.kind.casefold()]
    standard = QCoreApplication.translate("Choices", "Standard for the server")
    return _with_own(plan.network.fabric, [(None, standard), *listed])


def utilities(plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
    """Electric utilities, or none: the national standard price."""
    none, japanese = QCoreApplication.translate("Choices", "None"), language() == "ja"
    named = [(key, one.name_ja if japanese else one.name_en) for key, one in catalogue.utilities().items()]
    return [(None, none), *named]


def storage(plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
    """Storage systems, or the standard one."""
    listed = [(key, f"{record.vendor} {record.model}") for key, record in catalogue.storage_systems().items()]
    standard = QCoreApplication.translate("Choices", "Standard")
    return _with_own(plan.network.storage, [(None, standard), *listed])


def engine_years(plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
    """Release of the engine that generates or serves."""
    current = QCoreApplication.translate("Choices", "Current")
    return [(None, current), *((float(year), str(year)) for year in (2025, 2024, 2023))]


def open_currency(plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
    """Currency of a quoted price, or that of its side."""
    return [
        (None, QCoreApplication.translate("Choices", "As the other amounts")),
        ("JPY", word("JPY")),
        ("USD", word("USD")),
    ]


def years(plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
    """Release of the software stack."""
    return [
        (None, QCoreApplication.translate("Choices", "Current")),
        *((float(year), str(year)) for year in (2025, 2024, 2023, 2022, 2021)),
    ]
