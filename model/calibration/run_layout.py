"""The layout of a measured run: what its row says, and stated rules for what it leaves open."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from mitsumori.model.architecture.parallelism import PRECISIONS, RECOMPUTES, STACKS, Parallel
from mitsumori.model.architecture.transformer import Architecture, parameter_count
from mitsumori.model.base.messages import Sentence
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.memory.fsdp import YEAR_OF_RELEASE_0_1
from mitsumori.model.memory.options import MemoryOptions
from mitsumori.model.memory.peak import peak_memory

CROWDED: Final = 0.85
"""Predicted share of the card from which a silent MoE row of Megatron counts as recomputing selectively; fully where even so
it would not fit."""
MICRO_BATCH_TOKENS: Final = 16384
"""Tokens of a micro-batch that an unknown micro-batch size may reach without a pipeline."""


def text_of(row: Mapping[str, str], name: str) -> str:
    """The cell ``name``, stripped; empty when the file lacks it."""
    return (row.get(name) or "").strip()


def number_of(row: Mapping[str, str], name: str) -> float | None:
    """The cell as a finite number, None when empty or anything else."""
    text = text_of(row, name).replace(",", "")
    if not text or text.lower() in {"nan", "none", "null", "-"}:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def positive_of(row: Mapping[str, str], name: str) -> float | None:
    """The cell as a number above zero, else None."""
    value = number_of(row, name)
    return value if value is not None and value > 0 else None


SIZES: Final = {
    "layers": 10_000, "hidden": 1_000_000, "ffn": 10_000_000, "heads": 100_000, "kv_heads": 100_000, "head_dim": 100_000,
    "vocab": 10_000_000, "moe_experts": 100_000, "moe_topk": 100_000, "moe_ffn": 10_000_000, "moe_shared_ffn": 10_000_000,
    "moe_dense_layers": 10_000, "seq_len": 16_777_216, "gpus": 10_000_000, "gpus_per_node": 10_000, "tp": 10_000_000,
    "pp": 10_000, "vp": 10_000, "cp": 10_000_000, "ep": 100_000, "etp": 100_000, "dp": 10_000_000, "mbs": 10_000_000,
    "gbs_seqs": 100_000_000,
}  # fmt: skip
AMOUNTS: Final = {
    "params_total_b": (1e-6, 1e6), "params_active_b": (1e-6, 1e6), "gpu_mem_gb": (0.1, 1e5), "nic_gbps": (1e-3, 1e6),
    "bandwidth_gbps": (1e-3, 1e6),
    "capacity_factor": (0.0, 1e3), "lora_rank": (1, 1e5),
    "tokens_per_s_per_gpu": (1e-6, 1e9), "model_tflops_per_gpu": (1e-6, 1e6), "step_time_s": (1e-6, 1e8),
    "tokens_total_b": (1e-6, 1e7), "days": (1e-6, 1e6), "gpu_hours": (1e-6, 1e12), "peak_gib": (1e-3, 1e6),
    "stack_year": (2010, 2050),
}  # fmt: skip
"""Largest sizes, and smallest and largest amounts, of a row: wide of anything that was built, within what can be computed."""


FLAGS: Final = ("gated_mlp", "tied_embeddings", "mla", "sp")
MAY_BE_ZERO: Final = ("ffn", "moe_experts", "moe_topk", "moe_ffn", "moe_shared_ffn", "moe_dense_layers")


def out_of_range(row: Mapping[str, str]) -> Sentence | None:
    """Which cell holds a number that no run has, as a reason; None when none does."""
    for name, largest in SIZES.items():
        value, low = number_of(row, name), 0 if name in MAY_BE_ZERO else 1
        if value is not None and not (low <= value <= largest and value.is_integer()):
            values = {"name": name, "value": text_of(row, name)[:20], "low": low, "high": f"{largest:,}"}
            return Sentence("runs", "whole_number", values)
    for name, (least, most) in AMOUNTS.items():
        value = number_of(row, name)
        if value is not None and not least <= value <= most:
            values = {"name": name, "value": text_of(row, name)[:20], "low": f"{least:g}", "high": f"{most:g}"}
            return Sentence("runs", "number", values)
    for name in FLAGS:
        if number_of(row, name) not in (None, 0.0, 1.0):
            return Sentence("runs", "flag", {"name": name, "value": text_of(row, name)[:20]})
    if number_of(row, "zero_stage") not in (None, 0.0, 1.0, 2.0, 3.0):
        return Sentence("runs", "zero_stage", {"value": text_of(row, "zero_stage")[:20]})
    return None


def _recompute(text: str, stack: str) -> str:
    """Full, selective (which modules: :func:`model.calibration.run_recipe.modules_of`) or none."""
    if text == "full":
        return "full"
    if text.startswith("selective(") or (text == "selective" and stack != "jax"):
        return "selective"
    return "none"


def precision_of(row: Mapping[str, str], kind: str, gpu: Gpu, year: float, notes: str) -> tuple[str, bool]:
    """The precision and whether it was assumed: of MLPerf rows by round, else bf16.

    Parameters
    ----------
    row
        Columns by name.
    kind
        Kind of run (``pretrain``, ``mlperf``, ``lora`` ...).
    gpu
        Accelerator; whether it computes 8 and 4 bits decides.
    year
        Release of the software, decimal year.
    notes
        The row's notes.
    """
    text = text_of(row, "precision").lower()
    if text in PRECISIONS:
        return text, False
    if kind == "mlperf" and gpu.fp8:
        # NVIDIA's submissions use fp8 (round 3.0 on) and, on parts that have it, nvfp4 (round 5.1, November 2025, on).
        return ("nvfp4" if gpu.fp4 and year >= 2025.8 and "AMD" not in notes else "fp8"), True
    return "bf16", True


def _power_of_two_at_most(value: float) -> int:
    return 1 << max(0, math.floor(math.log2(max(1.0, value))))


def layout_of(
    row: Mapping[str, str],
    arch: Architecture,
    gpu: Gpu,
    stack: str,
    year: float,
    lora: bool,
    precision: str,
    notes: str,
    further: Mapping[str, Any],
) -> tuple[dict[str, Any], tuple[str, ...], Sentence | None]:
    """The layout of a row; what it does not say is filled in.

    Rules: unknown tensor and pipeline sizes shard the states until they take at most 60 % of the memory (JAX and unknown
    stacks: fully sharded); an unknown micro-batch is 1 with a pipeline (torchtitan: as many micro-batches as stages), the
    whole local batch under JAX, else the largest power of two up to 16k tokens (8k with adapters) that divides the batch;
    unknown interleaving of NVIDIA's stack is the largest of 6, 5, 4, 2 that divides the layers of a stage (embedding and
    output layer counted where only so the stages are equal); an unknown
    global batch is eight micro-batches a pipeline stage; unstated recomputation is full under JAX (MaxText's default) and
    where an unknown stack or a fully sharded layout would not fit without it (unless the row says that it offloads),
    else none; states that exceed the card are fully sharded.

    Parameters
    ----------
    row
        Columns by name.
    arch, gpu
        Shape and accelerator of the row, scalars.
    stack, year
        Software, a name of ``STACKS``, and its release, decimal year.
    lora
        Whether adapters are trained.
    precision
        A name of ``PRECISIONS``.
    notes
        The row's notes.
    further
        Fields of the layout that the recipe's columns state (:func:`model.calibration.run_recipe.further_layout`).

    Returns
    -------
    tuple
        Fields of :class:`model.architecture.parallelism.Parallel`, what was assumed, and why there is no layout (None if
        there is one).
    """
    assumed: list[str] = []
    gpus = positive_of(row, "gpus")
    if gpus is None:
        return {}, (), Sentence("runs", "no_gpus")
    seq = positive_of(row, "seq_len")
    if seq is None:
        return {}, (), Sentence("runs", "no_seq_len")
    params = float(parameter_count(arch).total)
    size = {name: positive_of(row, name) for name in ("tp", "pp", "cp", "ep", "etp", "vp", "dp", "mbs", "gbs_seqs")}
    zero = number_of(row, "zero_stage")
    if size["tp"] is None and size["pp"] is None:
        assumed.append("layout")
        cp = size["cp"] or 1.0
        sharded = stack in {"jax", "other"} or (lora and stack != "megatron")
        if sharded:
            zero = 3.0 if zero is None else zero
        tp, pp = _split(gpus, cp, size["gbs_seqs"], sharded, params * (2.0 if lora else 8.0), 0.8 if lora else 0.6, gpu)
    else:
        tp, pp, cp = size["tp"] or 1.0, size["pp"] or 1.0, size["cp"] or 1.0
    if tp * pp * cp > gpus:
        return {}, (), Sentence("runs", "too_many_ranks", {"ranks": f"{tp * pp * cp:.0f}", "gpus": f"{gpus:.0f}"})
    dp = max(1.0, math.floor(gpus / (tp * pp * cp)))
    gbs = size["gbs_seqs"]
    if gbs is not None and dp > gbs and size["cp"] is None and size["dp"] is None:
        cp *= max(1.0, math.floor(dp / gbs))
        dp = max(1.0, math.floor(gpus / (tp * pp * cp)))
        assumed.append("context parallel size")
    vp = size["vp"]
    if vp is None and pp > 1 and "interleaved" in notes:
        vp = 2.0
        assumed.append("interleaving")
    mbs = size["mbs"]
    if mbs is not None and stack == "torchtitan" and pp > 1 and gbs is not None and mbs * dp == gbs:
        # torchtitan states the local batch; its schedule divides it (model.memory.fsdp.pipeline_batches).
        mbs = 1.0 if year >= YEAR_OF_RELEASE_0_1 else max(1.0, math.floor(mbs / pp))
    if mbs is None:
        assumed.append("micro-batch")
        room = max(1.0, MICRO_BATCH_TOKENS * (0.5 if lora else 1.0) * cp / seq)
        mbs = _micro_batch(stack, pp, vp, None if gbs is None else gbs / dp, room)
    if gbs is None:
        gbs = dp * mbs * (8 * pp if pp > 1 else 4)
        assumed.append("global batch")
    if vp is None:
        vp = 1.0
        if pp > 1 and stack == "megatron":
            # Where the layers do not divide, embedding and output layer count as one each (model.memory.states.stage_of).
            held = float(arch.layers)
            per_stage = (held + 2.0 if held % pp and (held + 2.0) % pp == 0 else held) / pp
            vp = float(next((n for n in (6, 5, 4, 2) if per_stage % n == 0), 1))
            assumed.append("interleaving")
    sp = number_of(row, "sp")
    if sp is None:
        sp = 1.0 if tp > 1 and year >= 2022.5 and stack != "deepspeed" else 0.0
    if zero is None:
        zero = 0.0 if year < 2022.0 and stack == "megatron" else 1.0
    ep = size["ep"] or 1.0
    stated = text_of(row, "recompute").lower()
    recompute = _recompute(stated, stack)
    values = {
        "gpus": gpus, "tp": tp, "pp": pp, "cp": cp, "dp": dp, "sp": sp, "vp": vp, "ep": ep, "etp": size["etp"] or 1.0,
        "zero_stage": zero, "micro_batch": mbs, "global_batch": gbs, "seq_len": seq,
        "precision": PRECISIONS.index(precision), "recompute": RECOMPUTES.index(recompute),
        "stack": STACKS.index(stack), "stack_year": year, **further,
    }  # fmt: skip
    offloads = "offload" in notes
    assumed += _fitted(values, arch, gpu, stack, lora, bool(stated), offloads)
    return values, tuple(assumed), None


def _fitted(
    values: dict[str, Any], arch: Architecture, gpu: Gpu, stack: str, lora: bool, stated: bool, offloads: bool
) -> list[str]:
    """Shard states that exceed the card and recompute what does not fit, in ``values``; what was assumed.

    Parameters
    ----------
    values
        Fields of :class:`model.architecture.parallelism.Parallel`; changed in place.
    arch, gpu
        Model and accelerator.
    stack, lora
        Software, and whether adapters are trained.
    stated, offloads
        Whether the row says what it recomputes, and that it offloads.
    """
    assumed: list[str] = []
    zero = values["zero_stage"]
    if (
        values["zero_stage"] < 3
        and values["pp"] == 1
        and not lora
        and _peak(arch, Parallel(**{**values, "micro_batch": 1, "recompute": 2}), gpu, lora) > 1.3
    ):
        values["zero_stage"] = 3.0
        assumed.append("fully sharded states: unsharded ones exceed the card")
    limit = {"jax": 0.0, "other": 0.9}.get(stack, 1.05 if zero >= 3 and not offloads else math.inf)
    if not stated and (limit == 0.0 or (limit < math.inf and _peak(arch, Parallel(**values), gpu, lora) > limit)):
        values["recompute"] = RECOMPUTES.index("full")
        assumed.append("full recomputation")
    if not stated and stack == "megatron" and not lora and bool(arch.moe_experts):
        # Nobody trains beyond the card: what the row does not say it recomputes, it must.
        for kind, most in ((1, CROWDED), (2, 1.0)):
            if _peak(arch, Parallel(**values), gpu, lora) <= most:
                break
            values["recompute"] = kind
            assumed.append(f"recomputation {RECOMPUTES[kind]}")
    return assumed


def _split(
    gpus: float, cp: float, batch: float | None, sharded: bool, state_bytes: float, room: float, gpu: Gpu
) -> tuple[float, float]:
    """Tensor and pipeline sizes that a row does not say.

    Parameters
    ----------
    gpus, cp
        Accelerators and context parallel size.
    batch
        Sequences of a step; None where they are not said.
    sharded
        Whether states are fully sharded: then tensor parallel only grows until every replica has a sequence.
    state_bytes, room
        Bytes of all states, and the share of the memory that they may take (0-1).
    gpu
        The accelerator.
    """
    tp, pp = 1.0, 1.0
    if sharded:
        while batch and gpus / (tp * cp) > batch and tp < gpus:
            tp *= 2
        return tp, pp
    while state_bytes / (tp * pp) > room * gpu.memory_bytes and tp * pp * 2 <= gpus:
        if tp < min(8, gpu.domain):
            tp *= 2
        else:
            pp *= 2
    return tp, pp


def _micro_batch(stack: str, pp: float, vp: float | None, local: float | None, room: float) -> float:
    """A micro-batch that a row does not say, in sequences.

    Parameters
    ----------
    stack, pp, vp
        Software, pipeline stages and virtual stages of each.
    local
        Sequences of a replica in a step; None where the global batch is not said.
    room
        Sequences whose tokens a micro-batch of usual size holds, 1 or more.
    """
    if pp > 1 and stack == "torchtitan" and local is not None:
        return max(1.0, math.floor(local / (pp * (vp or 1.0))))
    if pp > 1:
        return 1.0
    if stack == "jax" and local is not None:
        return max(1.0, math.floor(local))
    size = float(_power_of_two_at_most(room))
    while size > 1 and local is not None and local % size:
        size /= 2
    return size


def _peak(arch: Architecture, parallel: Parallel, gpu: Gpu, lora: bool) -> float:
    """Predicted peak memory over the card."""
    options = MemoryOptions(trainable=1 if lora else 0)
    return float(np.asarray(peak_memory(arch, parallel, options).total_bytes)) / float(gpu.memory_bytes)
