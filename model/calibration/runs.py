"""Measured training runs: rows of a CSV file as model inputs.

The columns are those of ``resources/runs/README.md``; further optional ones are ``stack``, ``stack_year``, ``tuning``,
``peak_gib``, ``window``, ``window_share``, ``nic_gbps`` and the latent-attention sizes. Nothing raises on a single odd row:
a row that cannot be expressed keeps the reason. What a row leaves open is filled in by the stated rules of
:mod:`model.calibration.run_layout`; ``assumed`` lists them.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from mitsumori import resources
from mitsumori.model.architecture.parallelism import STACKS, Parallel
from mitsumori.model.architecture.stacks import Work
from mitsumori.model.architecture.transformer import Architecture, model_flop_per_token, parameter_count
from mitsumori.model.base.arrays import Array
from mitsumori.model.base.csv_files import decoded, read_rows
from mitsumori.model.base.input_files import regular_bytes
from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import Refusal, cause_of, refusal
from mitsumori.model.calibration.run_layout import (
    layout_of,
    number_of,
    out_of_range,
    positive_of,
    precision_of,
    text_of,
)
from mitsumori.model.calibration.run_recipe import (
    UNDATED_YEAR,
    further_layout,
    memory_of_row,
    stack_of,
    tuning_of,
    work_of_row,
    year_of,
)
from mitsumori.model.catalogue.accelerators import Gpu, gpu_of
from mitsumori.model.catalogue.accelerators import stack as stack_gpus
from mitsumori.model.catalogue.catalogue import Catalogue

SHIPPED: Final = ("runs.csv", "runs_a100_single_node.csv", "runs_memory.csv", "runs_field.csv")
"""Run files that the constants are fitted to; the second enters thinly. Users' own stacks are the last."""

USERS: Final = "users"
_REQUIRED: Final = ("gpu",)
_ALIASES: Final = {"TPU7x": "TPUv7", "H100": "H100-SXM", "H100-80": "H100-SXM", "A100": "A100-80", "H200-SXM": "H200"}
_LATENT: Final = {"q_lora_rank": 1536, "kv_lora_rank": 512, "qk_nope_dim": 128, "qk_rope_dim": 64, "v_head_dim": 128}
"""Latent attention of DeepSeek-V2 and V3 (arXiv 2405.04434, 2412.19437), where a row says only ``mla=1``."""
_HYBRID: Final = re.compile(
    r"\bmamba|\bstate[- ]space|\bgated delta|\blinear attention|\bhybrid (?:model|attention|of attention|transformer)",
    re.IGNORECASE,
)
"""What a note says of a model that is no plain transformer; HybridEP and hybrid sharding are something else."""
_SHAPE: Final = ("layers", "hidden", "heads", "moe_experts")
_DETAILS: Final = (
    "window", "window_share", "linear_bias", "q_lora_rank", "kv_lora_rank", "qk_nope_dim", "qk_rope_dim", "v_head_dim",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """One row: what is known of it, what it measured, or why it cannot be used.

    Attributes
    ----------
    row
        The file's own columns.
    kind
        pretrain, sft, lora, mlperf, rl, campaign.
    lora
        Adapters on frozen weights.
    measured
        Tokens/s of one accelerator, None when the source gives none; ``measured_from`` says how it was read.
    architecture, parallel, work, gpu, memory
        Inputs as scalars; None with ``skipped``. ``memory``: stated fields of :class:`model.memory.options.MemoryOptions`.
    trust
        A, B, C or X as in the collection's notes; B when a file says nothing.
    group
        Model x accelerator x precision class, the unit that is left out of a fit.
    skipped
        Why the row cannot be expressed, one sentence; None when it can.
    """

    row: Mapping[str, str]
    id: str
    kind: str
    lora: bool = False
    moe: bool = False
    measured: float | None = None
    measured_from: str = ""
    architecture: Architecture | None = None
    gpu: Gpu | None = None
    gpu_key: str = ""
    parallel: Parallel | None = None
    work: Work | None = None
    memory: Mapping[str, float] = field(default_factory=dict)
    trust: str = "B"
    group: tuple[str, str, str] = ("", "", "")
    stack: str = "megatron"
    stack_year: float = 2026.0
    untuned: bool = False
    layout_known: bool = False
    assumed: tuple[str, ...] = ()
    skipped: Sentence | None = None
    source: str = ""

    @property
    def of_a_user(self) -> bool:
        """A run of a user's own stack, in a group of its own, as against a published recipe."""
        return self.group[1] == USERS

    @property
    def expressed(self) -> bool:
        """Whether the model can predict the row."""
        return self.skipped is None


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Model inputs of many rows as arrays of shape ``(rows,)``."""

    architecture: Architecture
    gpu: Gpu
    parallel: Parallel
    work: Work
    measured: Array


@functools.cache
def _known_shapes() -> tuple[Mapping[str, Mapping[str, Any]], Mapping[tuple[float, ...], Mapping[str, Any]]]:
    """Catalogued shapes by the names that run files use, and by shape."""
    by_name: dict[str, Mapping[str, Any]] = {}
    by_shape: dict[tuple[float, ...], Mapping[str, Any]] = {}
    for record in Catalogue.shipped().models().values():
        if not record.supported or not record.architecture:
            continue
        for name in (*record.run_names, record.key, record.name):
            by_name.setdefault(name.lower(), record.architecture)
        by_shape.setdefault(tuple(float(record.architecture.get(name, 0)) for name in _SHAPE), record.architecture)
    return by_name, by_shape


def _architecture(row: Mapping[str, str], notes: str) -> tuple[Architecture | None, Sentence | None, tuple[str, ...]]:
    """The architecture of a row, or why there is none."""
    if _HYBRID.search(notes):
        return None, Sentence("runs", "hybrid"), ()
    by_name, by_shape = _known_shapes()
    known = by_name.get(text_of(row, "model").lower(), {})
    assumed: list[str] = []
    values: dict[str, float] = {}
    for item in fields(Architecture):
        value = number_of(row, item.name)
        if value is not None:
            values[item.name] = value
    if not all(name in values for name in ("layers", "hidden", "heads")):
        if not known or any(values.get(n) not in (None, float(known.get(n, 0))) for n in ("layers", "hidden", "heads")):
            return None, Sentence("runs", "no_shape"), ()
        values = {**{k: float(v) for k, v in known.items()}, **values}
        assumed.append("architecture from the catalogue's record of the same name")
    shape = tuple(float(values.get(name, 0)) for name in _SHAPE)
    detail = by_shape.get(shape, {})
    for name in _DETAILS:
        if name not in values and name in detail:
            values[name] = float(detail[name])
    for name in ("vocab", "head_dim", "kv_heads"):
        if name not in values and name in detail:
            values[name] = float(detail[name])
    values.setdefault("kv_heads", values["heads"])
    values.setdefault("head_dim", values["hidden"] / values["heads"])
    if "vocab" not in values:
        values["vocab"] = 51200.0
        assumed.append("vocabulary of 51,200")
    moe = values.get("moe_experts", 0) > 0
    if not moe:
        for name in ("moe_experts", "moe_topk", "moe_ffn", "moe_shared_ffn", "moe_dense_layers"):
            values.pop(name, None)
        if values.get("ffn", 0) <= 0:
            values["ffn"] = 4 * values["hidden"]
            values.setdefault("gated_mlp", 0)
            assumed.append("feed-forward width of four times the hidden size")
    else:
        if values.get("moe_ffn", 0) <= 0 or values.get("moe_topk", 0) <= 0:
            return None, Sentence("runs", "no_experts"), ()
        values.setdefault("ffn", values["moe_ffn"] * values["moe_topk"])
    if values.get("mla"):
        for name, size in _LATENT.items():
            values.setdefault(name, size)
    match = re.search(r"(alternate|half of the) layers? use[s]? (?:a )?(\d+)-token", notes)
    if match and "window" not in values:
        values["window"], values["window_share"] = float(match.group(2)), 0.5
    match = re.search(r"(\d+) of (\d+) layers use (\d+)-token", notes)
    if match:
        values["window"] = float(match.group(3))
        values["window_share"] = float(match.group(1)) / float(match.group(2))
    if re.search(r"with MTP|MTP layer included", notes) and "mtp_layers" not in values:
        values["mtp_layers"] = 1.0
    values.setdefault("gated_mlp", 1.0)
    values.setdefault("tied_embeddings", 0.0)
    arch = Architecture(**values)
    printed = positive_of(row, "params_total_b")
    if printed is not None:
        counted = float(parameter_count(arch).total) / 1e9
        if not 0.5 < counted / printed < 2.0:
            return None, Sentence("runs", "other_size", {"counted": f"{counted:.3g}", "printed": f"{printed:.3g}"}), ()
    return arch, None, tuple(assumed)


def _gpu(row: Mapping[str, str], notes: str) -> tuple[Gpu | None, Sentence | None, str]:
    key = text_of(row, "gpu")
    key = _ALIASES.get(key, key)
    records = Catalogue.shipped().accelerators()
    if key not in records:
        return None, Sentence("runs", "unknown_gpu", {"gpu": key}) if key else Sentence("runs", "no_gpu"), key
    power = re.search(r"(\d+) W power limit", notes)
    if power is None and key == "H100-SXM" and number_of(row, "gpu_mem_gb") == 96:
        # The H100 with 96 GB of HBM2e is the part of torchtitan's benchmarks, run at 500 W (its README).
        power = re.match(r"(\d+)", "500")
    record = records[key]
    share = float(power.group(1)) / record.tdp_w if power and record.tdp_w else 1.0
    bandwidth = positive_of(row, "bandwidth_gbps") or positive_of(row, "nic_gbps")
    gpu = gpu_of(record, nic_gbps=bandwidth, power_share=min(share, 1.0))
    band = re.search(r"HBM\w* ([\d.]+) TB/s", notes)
    if band:
        gpu = replace(gpu, hbm_bytes_per_s=float(band.group(1)) * 1e12)
    per_node = positive_of(row, "gpus_per_node")
    if per_node:
        domain = gpu.domain if gpu.domain > 8 else min(gpu.domain, per_node)
        gpu = replace(gpu, gpus_per_node=per_node, domain=max(1, domain))
        if (positive_of(row, "gpus") or math.inf) <= per_node:
            gpu = gpu.inside_one_server()
    if record.usable_gib is None:
        # HBM is sold in binary gigabytes (80 GB are 79.6 GiB, 192 GB are 192 GiB): what a run had, not what a plan may use.
        gpu = replace(gpu, memory_bytes=0.99 * record.memory_gb * 2.0**30)
    memory = positive_of(row, "gpu_mem_gb")
    if memory and record.family == "cdna2" and memory < 0.75 * record.memory_gb:
        gpu = _die(gpu, memory / record.memory_gb)  # the row counts the two dies of a module
    elif memory and abs(memory - record.memory_gb) > 0.15 * record.memory_gb:
        gpu = replace(gpu, memory_bytes=record.usable_bytes * memory / record.memory_gb)
    return gpu, None, key


def _die(gpu: Gpu, share: float) -> Gpu:
    """One die of a module that holds several."""
    rates = ("bf16", "fp8", "fp4")
    parts = [f"{r}_{kind}" for r in rates for kind in ("flops", "matmul")] + ["tf32_flops", "fp32_flops"]
    parts += ["hbm_bytes_per_s", "nic_bytes_per_s", "memory_bytes"]
    return replace(gpu, **{name: getattr(gpu, name) * share for name in parts})


def _measured(row: Mapping[str, str], arch: Architecture, source: str) -> tuple[float | None, str]:
    """Tokens/s of one accelerator and how it was read."""
    tokens = positive_of(row, "tokens_per_s_per_gpu")
    if tokens is not None:
        return tokens, "tokens"
    gpus, gbs, seq = positive_of(row, "gpus"), positive_of(row, "gbs_seqs"), positive_of(row, "seq_len")
    step = positive_of(row, "step_time_s")
    if step and gpus and gbs and seq:
        return gbs * seq / step / gpus, "step time"
    tflops = positive_of(row, "model_tflops_per_gpu")
    if tflops and seq:
        # runs README: NVIDIA's pages count causal-halved attention since Megatron-Bridge 25.09, the whole square before.
        causal = bool(re.search(r"bridge|model zoo|automodel", source, re.IGNORECASE))
        return tflops * 1e12 / float(model_flop_per_token(arch, seq, causal)), "model FLOPs"
    total = positive_of(row, "tokens_total_b")
    hours = positive_of(row, "gpu_hours")
    days = positive_of(row, "days")
    if total and hours:
        return total * 1e9 / hours / 3600, "campaign"
    if total and days and gpus:
        return total * 1e9 / (days * 86400 * gpus), "campaign"
    return None, ""


def _group(notes: str, model: str, gpu_key: str, low: str) -> tuple[str, str, str]:
    """What is left out of a fit together: a note's ``group=``, else model, accelerator and precision class."""
    noted = re.search(r"\bgroup=([^;]+)", notes)
    return (noted.group(1).strip(), USERS, "") if noted else (model, gpu_key, low)


def _beyond_peak(
    tokens_per_s: float, arch: Architecture, gpu: Gpu, precision: str, row: Mapping[str, str], lora: bool
) -> bool:
    """Whether a printed speed needs more arithmetic than the data sheet has: the recomputation that it states included."""
    seq = positive_of(row, "seq_len")
    peak = {"fp8": gpu.fp8_flops, "mxfp8": gpu.fp8_flops, "nvfp4": gpu.fp4_flops}.get(precision, gpu.bf16_flops)
    share = (2.0 if lora else 3.0) / 3.0 + (text_of(row, "recompute").lower() == "full") / 3.0
    return seq is not None and tokens_per_s * share * float(model_flop_per_token(arch, seq)) > float(peak)


def read_row(row: Mapping[str, str]) -> Run:
    """One row as model inputs; never raises, a row that cannot be expressed carries the reason."""
    notes = text_of(row, "notes")
    source = text_of(row, "source")
    kind = text_of(row, "kind").lower() or "pretrain"
    model = text_of(row, "model")
    trust = re.search(r"trust=([ABCX])", notes)
    base = Run(
        row=row, id=text_of(row, "id"), kind=kind, trust=trust.group(1) if trust else "B", source=source,
        untuned=bool(re.search(r"unoptimi[sz]ed", notes)) or tuning_of(row) == 0,
    )  # fmt: skip
    lora = (
        kind in {"lora", "qlora"}
        or "lora" in model.lower()
        or bool(re.search(r"\bq?lora\b", notes.lower().split(";")[0]))
    )
    if reason := out_of_range(row):
        return replace(base, skipped=reason, lora=lora)
    gpu, reason, gpu_key = _gpu(row, notes)
    if gpu is None:
        return replace(base, skipped=reason, gpu_key=gpu_key, lora=lora)
    try:
        arch, reason, assumed = _architecture(row, notes)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError) as error:
        return replace(
            base, skipped=Sentence("runs", "unreadable_shape", {"error": str(error)}), gpu_key=gpu_key, lora=lora
        )
    if arch is None:
        return replace(base, skipped=reason, gpu_key=gpu_key, lora=lora)
    family = Catalogue.shipped().accelerators()[gpu_key].family
    stack = text_of(row, "stack").lower()
    stack = stack if stack in STACKS else stack_of(source, notes, family)
    if stack == "other" and not lora and (number_of(row, "pp") or 1) > 1 and (number_of(row, "tp") or 1) > 1:
        stack = "megatron"  # tensor and pipeline parallelism under a name we do not know: a relative of Megatron
    stated_year = positive_of(row, "stack_year") or year_of(source, text_of(row, "source_date"))
    year = stated_year or UNDATED_YEAR
    if stated_year is None:
        assumed = (*assumed, f"stack_year {UNDATED_YEAR:g}: the row has no date")
    precision, precision_assumed = precision_of(row, kind, gpu, year, notes)
    low = "low" if precision in {"fp8", "mxfp8"} else ("fp4" if precision == "nvfp4" else "16")
    filled = replace(
        base, lora=lora, moe=bool(arch.moe_experts), architecture=arch, gpu=gpu, gpu_key=gpu_key, stack=stack,
        stack_year=year, group=_group(notes, model, gpu_key, low),
    )  # fmt: skip
    measured, measured_from = _measured(row, arch, source)
    contradiction = Sentence("runs", "no_speed")
    filled = replace(filled, measured_from=measured_from)
    if kind == "campaign" or (measured_from == "campaign" and not positive_of(row, "tp")):
        return replace(filled, kind="campaign", measured=measured, skipped=Sentence("runs", "campaign"))
    if (
        kind != "rl"
        and measured is not None
        and not precision_assumed
        and _beyond_peak(measured, arch, gpu, precision, row, lora)
    ):
        # Memory of such a row may still be right; its speed contradicts its own sizes.
        measured, contradiction = None, Sentence("runs", "beyond_peak")
    layout, further, reason = layout_of(row, arch, gpu, stack, year, lora, precision, notes, further_layout(row))
    if reason is not None:
        return replace(filled, skipped=reason)
    if precision_assumed:
        further = (*further, f"precision {precision}")
    parallel = Parallel(**layout)
    return replace(
        filled, parallel=parallel, memory=memory_of_row(row, notes, stack, year, lora),
        work=work_of_row(row, notes, lora), assumed=(*assumed, *further),
        layout_known="layout" not in further,
        measured=measured,
        # End to end, generation and all: predicted by a file's backtest, never fitted as a training step.
        skipped=Sentence("runs", "reinforcement") if kind == "rl" else None if measured is not None else contradiction,
    )  # fmt: skip


def parse(text: str, name: str = "the file") -> list[Run]:
    """Rows of a CSV text.

    Raises
    ------
    Refusal
        When the text is not a CSV with the columns that a run needs, in one sentence.
    """
    if "\x00" in text:
        raise Refusal(Sentence("refusals", "table_binary", {"name": name}))
    header, numbered = read_rows(text, name)
    rows = [row for _, row in numbered]
    missing = [column for column in _REQUIRED if column not in header]
    if missing:
        raise refusal("runs_columns", name=name, column=missing[0])
    return [
        replace(read_row(row), id=row.get("id", "").strip() or f"row {number}") for number, row in enumerate(rows, 2)
    ]


MOST_BYTES = 50_000_000
"""A file of runs; the shipped one has less than a hundredth."""


def load(path: str | Path) -> list[Run]:
    """Rows of a CSV file.

    Raises
    ------
    Refusal
        When the file cannot be read or is no file of runs.
    """
    file = Path(path)
    try:
        text = decoded(regular_bytes(file, MOST_BYTES), str(file))
    except FileNotFoundError:
        raise refusal("file_absent", path=file) from None
    except Refusal:
        raise
    except (OSError, ValueError) as error:
        raise refusal("runs_unreadable", path=file, why=cause_of(error)) from None
    return parse(text, str(file))


@functools.cache
def shipped(name: str = "runs.csv") -> tuple[Run, ...]:
    """The runs that ship with the product (``resources/runs/<name>``)."""
    return tuple(parse(resources.read_text("runs", name), name))


def batch(rows: Sequence[Run]) -> RowBatch:
    """Expressed rows as arrays of shape ``(len(rows),)``."""

    def column(items: Sequence[Any], name: str) -> Array:
        return np.array([getattr(item, name) for item in items], dtype=np.float64)

    archs = [run.architecture for run in rows]
    layouts = [run.parallel for run in rows]
    works = [run.work for run in rows]
    gpus = [run.gpu for run in rows if run.gpu is not None]
    codes = {"precision", "optimizer", "recompute", "offload", "modules", "stack", "tuned"}
    parallel = {
        f.name: column(layouts, f.name).astype(np.int64) if f.name in codes else column(layouts, f.name)
        for f in fields(Parallel)
    }
    return RowBatch(
        Architecture(**{f.name: column(archs, f.name) for f in fields(Architecture)}),
        stack_gpus(gpus),
        Parallel(**parallel),
        Work(**{f.name: column(works, f.name) for f in fields(Work)}),
        np.array([np.nan if run.measured is None else run.measured for run in rows]),
    )
