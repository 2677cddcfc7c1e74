"""Measured serving runs read from a file: rows, their models and accelerators, and what a row leaves open.

Columns as in resources/runs/README.md. A row is expressed by what it states; what it leaves open is assumed and named. Only a
row whose model or accelerator has no record is refused.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.calibration.serving_checks import FULL_SHARE, contradiction, stated_contradiction
from mitsumori.model.calibration.serving_run import Refused, ServingRun
from mitsumori.model.catalogue.accelerators import FAMILIES, Gpu, gpu_of
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.serving.constants import ENGINES, STATIC_ENGINES
from mitsumori.model.serving.published import model_facts, published_models
from mitsumori.model.serving.shape import (
    KV_BYTES,
    WEIGHT_BYTES,
    Card,
    Deployment,
    ServedModel,
    card_of,
    expert_tiles,
    kv_format,
    part_bytes,
    rate_of,
    served_model,
    weight_bytes,
)

METRICS: Final = ("tpot_ms", "ttft_ms", "e2e_s", "output_tok_s_per_gpu", "total_tok_s_per_gpu")
GPU_KEYS: Final = {
    "A100": "A100-80", "H100": "H100-SXM", "MI250": "MI250X", "RTX PRO 6000": "RTXPRO6000",
    "RTX 4090": "RTX4090", "Ascend 910B": "Ascend910B",
}  # fmt: skip
"""Names of the runs that differ from the catalogue's keys."""
BENCHMARK_PROMPTS: Final = {
    "llama2-70b": 294.0, "mixtral-8x7b": 345.0, "llama3.1-405b": 9428.0, "gptj": 778.0, "llama3.1-8b": 778.0,
    "deepseek-r1": 800.0,
}  # fmt: skip
"""Mean prompt of the MLPerf Inference data set of a benchmark, tokens (recalled)."""
STATIC_NAMES: Final = {
    "vllm": "vllm", "trt": "trtllm", "tensorrt-llm": "trtllm", "llama.cpp": "llamacpp", "mii": "mii", "sambaflow": "sambaflow",
}  # fmt: skip
DIES: Final = {"MI250": 2.0, "MI250X": 2.0}
"""Dies of an accelerator that its runtime shows as devices of their own: the runs count devices."""
UNDATED_YEAR: Final = 2026.2
"""Release year of an engine whose run has no date."""
LIMITED_MODES: Final = ("server", "interactive")
JOB_S: Final = 660.0
"""An MLPerf offline run: at least ten minutes, and a tenth more (LoadGen)."""
LONGEST_TOKENS: Final = {"deepseek-r1": 20_000.0}
"""Most tokens of an answer where that is many times the mean: MLPerf's reasoning benchmark (recalled)."""
OVERVIEW_REQUESTS: Final = ((4096.0, 3000.0), (16384.0, 1500.0), (np.inf, 1000.0))
"""Requests of a run of TensorRT-LLM's performance overview by tokens of prompt and answer (its method section, recalled)."""


@functools.cache
def _served(name: str) -> tuple[ServedModel, Mapping[str, Any]] | None:
    entry = published_models().get(name)
    catalogue = Catalogue.shipped()
    if entry is None:
        record = catalogue.models().get(name)
        if record is None:
            return None
        entry = model_facts(name) or {"catalogue": name}
    if "catalogue" in entry:
        arch = Architecture(**(catalogue.model(entry["catalogue"]).architecture or {}))
    else:
        arch = Architecture(**entry["architecture"])
    model = served_model(
        arch, linear_share=entry.get("linear_share", 0.0), sparse_top=entry.get("sparse_top", 0.0),
        block_fp8=float(entry.get("block_fp8", False)), qk_norm=float(entry.get("qk_norm", False)),
    )  # fmt: skip
    return model, entry


@functools.cache
def _gpu(name: str) -> Gpu | None:
    record = Catalogue.shipped().accelerators().get(GPU_KEYS.get(name, name))
    return None if record is None else gpu_of(record)


def _number(row: Mapping[str, str], *names: str) -> float:
    """The first of the columns that holds a finite number above zero, else NaN."""
    for name in names:
        try:
            value = float(row.get(name) or "nan")
        except ValueError:
            continue
        if np.isfinite(value) and value > 0:
            return value
    return float("nan")


def _or(value: float, other: float) -> float:
    return other if np.isnan(value) else value


def engine_code(name: str) -> int:
    """The code of an engine's name as the runs write it."""
    low = name.lower()
    if "sglang" in low:
        return ENGINES.index("sglang")
    if "trt" in low or "tensorrt" in low:
        return ENGINES.index("trtllm")
    return ENGINES.index("vllm" if "vllm" in low or not low else "other")


def engine_of(row: Mapping[str, str], gpu: Gpu) -> str:
    """The engine's name; MLPerf rounds without one ran TensorRT-LLM on NVIDIA's accelerators and vLLM on AMD's."""
    stated = row.get("framework", "")
    if stated or not row.get("source", "").startswith("MLPerf"):
        return stated
    return "vllm" if FAMILIES[int(np.asarray(gpu.family))].startswith("cdna") else "trtllm"


def _precision(row: Mapping[str, str], facts: Mapping[str, Any], gpu: Gpu, assumed: list[str]) -> str:
    given, published = row.get("weight_precision", "").lower(), facts.get("published", "bf16")
    named = next((word for word in ("fp8", "fp4") if word in row.get("model", "").lower()), "")
    given = named if given in ("", "unset") else given  # a checkpoint quantised under its own name
    if not given and row.get("source", "").startswith("MLPerf") and row.get("division", "closed") != "open":
        narrow = "fp8" if float(gpu.fp8_flops) > float(gpu.bf16_flops) else str(published)
        narrow = "nvfp4" if gpu.fp4 else narrow
        assumed.append(f"weight_precision {narrow} (closed rounds quantise where the accelerator computes in it)")
        return narrow
    if not given:
        assumed.append(f"weight_precision {published} (the model's published one)")
        return str(published)
    if given in ("fp4", "nvfp4", "mxfp4"):
        return "mxfp4" if given == "mxfp4" or published == "mxfp4" else "nvfp4"
    if given.startswith("fp8"):
        return "mxfp4" if published == "mxfp4" else "fp8"  # only the activations are narrower than published
    return "int4" if "4" in given and given not in WEIGHT_BYTES else given if given in WEIGHT_BYTES else "bf16"


def _metrics(row: Mapping[str, str]) -> tuple[dict[str, float], float]:
    """Measured figures by name, and 1 where the first token's time is a mean."""
    mean_ttft = _number(row, "ttft_mean_ms")
    values = {
        "tpot_ms": _number(row, "tpot_mean_ms", "tpot_p50_ms", "itl_mean_ms"),
        "ttft_ms": _or(mean_ttft, _number(row, "ttft_p50_ms")),
        "e2e_s": _number(row, "e2e_mean_s", "e2e_p50_s"),
        "output_tok_s_per_gpu": _number(row, "output_tok_s_per_gpu"),
        "total_tok_s_per_gpu": _number(row, "total_tok_s_per_gpu"),
    }
    return {name: value for name, value in values.items() if np.isfinite(value)}, float(np.isfinite(mean_ttft))


def _kind(row: Mapping[str, str], facts: Mapping[str, Any]) -> str:
    mode = row.get("serving_mode", "")
    if mode == "static batch":
        return "static"
    if mode.startswith("offline") or (row.get("source", "").startswith("MLPerf")):
        return "offline"
    if mode in LIMITED_MODES and np.isnan(_number(row, "concurrency")):
        return "burst"
    base = "disaggregated" if mode == "disagg" else "aggregated"
    unknown = row.get("spec_decoding", "").startswith("not stated") and facts.get("mtp", False)
    return base + (" unstated" if unknown else "")


def _deployment(
    row: Mapping[str, str],
    kind: str,
    model: ServedModel,
    gpu: Gpu,
    precision: str,
    layout: tuple[float, float, float, float],
) -> Deployment:
    gpus, pp, dp, ep = layout
    engine = engine_code(engine_of(row, gpu))
    attention, dense, expert = part_bytes(
        precision, bool(np.asarray(model.expert_count) > 0), bool(np.asarray(model.mla))
    )
    low = row.get("kv_precision", "").lower()
    standard = kv_format(precision, ENGINES[engine], gpu)
    kv = KV_BYTES["fp8" if "8" in low else "bf16" if low else standard]
    drafts = drafts_of(row.get("spec_decoding", ""), kind)
    date = row.get("measured_date", "")[:7]
    try:
        year = (
            float(date[:4])
            + (float(date[5:7]) - 0.5 if len(date) == 7 and date[4] == "-" and date[5:].isdigit() else 6) / 12
        )
    except ValueError:
        year = UNDATED_YEAR
    year = year if 2020 <= year <= 2035 else UNDATED_YEAR
    tall, wide = expert_tiles(precision, FAMILIES[int(np.asarray(gpu.family))])
    return Deployment(
        gpus=gpus, pp=pp, dp=min(max(1.0, dp), gpus), expert_ranks=min(max(1.0, ep), gpus),
        attention_bytes=attention, dense_bytes=dense, expert_bytes=expert,
        kv_bytes=kv, flops=rate_of(gpu, precision), fp8=float(precision == "fp8" and bool(gpu.fp8)),
        nvfp4=float(precision == "nvfp4" and bool(gpu.fp4)), draft=3.0 if drafts else 1.0,
        accepted=float("nan"), engine=engine, year=year, hidden_tile=tall, width_tile=wide,
    )  # fmt: skip


def drafts_of(stated: str, kind: str) -> bool:
    """Whether a row decodes with drafts; where nobody says, disaggregated recipes of models with draft layers do."""
    return stated.lower() in ("mtp", "yes") or kind == "disaggregated unstated"


def _limit_ms(row: Mapping[str, str]) -> float:
    """The limit on TPOT that a benchmark's mode sets; NaN: none."""
    return _number(row, "slo_tpot_ms") if row.get("serving_mode") in LIMITED_MODES else float("nan")


def replica_gpus(
    model: ServedModel, precision: str, memory_bytes: float, most: float, domain: float, limit_bytes: float
) -> float:
    """Accelerators of one replica where nobody says: the smallest power of two whose memory the weights fill to 60 %.

    Beyond the scale-up domain only what the weights need: to 75 %; under a limit on TPOT reading them takes a quarter of it.

    Parameters
    ----------
    model
        The model's parameters by part.
    precision
        Format of the weights.
    memory_bytes
        Memory of one accelerator.
    most, domain
        Most accelerators to take, and those that the scale-up link joins.
    limit_bytes
        Weights that one accelerator may hold under a limit on time per output token, bytes.
    """
    attention, dense, expert = part_bytes(
        precision, bool(np.asarray(model.expert_count) > 0), bool(np.asarray(model.mla))
    )
    size = float(weight_bytes(model, _sizes(attention, dense, expert)))
    gpus = 1.0
    while gpus < most and (size > limit_bytes * gpus or size > (0.6 if gpus < domain else 0.75) * gpus * memory_bytes):
        gpus *= 2
    return min(gpus, most)


def _held(
    row: Mapping[str, str],
    kind: str,
    model: ServedModel,
    facts: Mapping[str, object],
    stated: str,
    gpu: Gpu,
    assumed: list[str],
) -> str:
    """The precision of the weights: a narrower one where the stated one cannot lie in the memory of all accelerators.

    A checkpoint published in 8 bits is served in 8 bits; 16 bits are then its activations'. An offline run whose
    precision nobody states has weights of 4 bits then.

    Parameters
    ----------
    row
        Columns by name.
    kind
        How it was run.
    model, facts
        Parameters by part, and what is known of the model.
    stated
        Precision that the row states or that was assumed for it.
    gpu
        The accelerator.
    assumed
        What the row leaves open; extended.
    """
    published = str(facts.get("published", stated))
    if kind == "offline":
        published = stated if row.get("weight_precision") else "int4"
    elif not kind.startswith(("aggregated", "burst")):
        return stated
    cards = _or(_number(row, "gpu_count"), _or(_number(row, "tp"), np.nan) * _or(_number(row, "pp"), 1.0))
    moe, latent = bool(np.asarray(model.expert_count) > 0), bool(np.asarray(model.mla))
    room = FULL_SHARE * float(gpu.memory_bytes) * cards
    size = {name: float(weight_bytes(model, _sizes(*part_bytes(name, moe, latent)))) for name in {stated, published}}
    if not size[stated] > room or not size[published] < size[stated]:
        return stated
    why = "published so; " if published == facts.get("published", "bf16") else ""
    assumed.append(f"weight_precision {published} ({why}{stated} exceeds the memory)")
    return published


def _sizes(attention: float, dense: float, expert: float) -> Deployment:
    one = dict.fromkeys(
        (
            "gpus",
            "pp",
            "dp",
            "expert_ranks",
            "kv_bytes",
            "flops",
            "fp8",
            "nvfp4",
            "draft",
            "accepted",
            "engine",
            "year",
        ),
        1.0,
    )
    return Deployment(attention_bytes=attention, dense_bytes=dense, expert_bytes=expert, drafter=None, **one)


def _layout(
    row: Mapping[str, str], kind: str, model: ServedModel, gpu: Gpu, precision: str, assumed: list[str]
) -> tuple[float, float, float, float]:
    """Accelerators of all replicas, of one stage of a replica, stages, and attention groups."""
    flag = row.get("source", "").startswith("InferenceX dashboard")
    tp, pp, ep = (_or(_number(row, name), 1.0) for name in ("tp", "pp", "ep"))
    dp, count = _or(_number(row, "dp_attention"), 1.0), _number(row, "gpu_count")
    world = tp * pp * (1.0 if flag else dp)
    if np.isnan(count):
        count = world
        assumed.append(f"gpu_count {count:g}")
    if kind == "offline" and np.isnan(_number(row, "tp")):
        domain = float(gpu.joined)
        size = replica_gpus(
            model,
            precision,
            float(gpu.memory_bytes),
            min(count, max(8.0, domain)),
            domain,
            float(gpu.hbm_bytes_per_s) * 0.25e-3 * _or(_limit_ms(row), np.inf),
        )
        latent = bool(np.asarray(model.mla))
        size = min(count, 8.0) if latent else size
        assumed.append(f"layout tp {1 if latent else size:g}" + (f", dp_attention {size:g}" if latent else ""))
        return count, size, 1.0, size if latent else 1.0
    one_node = float(gpu.domain) <= 8
    if kind.startswith("aggregated") and one_node and count > 8 and ep > 1:
        count = (
            world if world <= 8 else count / ep
        )  # published counts multiply tp by ep: the expert ranks are the same accelerators
        assumed.append(f"gpu_count {count:g} (the published count is tp x ep)")
    groups = count / pp if flag and dp == 1.0 and row.get("dp_attention", "") in ("1", "1.0") else dp
    if kind == "burst" and np.isnan(_number(row, "tp")):
        assumed.append(f"layout tp {count:g}")
    return count, max(1.0, count / pp), pp, groups


def _side(row: Mapping[str, str], side: str, assumed: list[str]) -> tuple[float, float, float]:
    """Accelerators of a worker, workers and attention groups of one side of a disaggregated row."""
    flag = row.get("source", "").startswith(("InferenceX dashboard", "InferenceX database"))
    tp, ep, dp = (_or(_number(row, f"{side}_{name}"), 1.0) for name in ("tp", "ep", "dp"))
    workers, gpus = _number(row, f"{side}_workers"), _number(row, f"{side}_gpus")
    size = max(tp * (1.0 if flag else dp), ep)
    if np.isnan(workers):
        workers = 1.0 if np.isnan(gpus) else max(1.0, round(gpus / size))
        assumed.append(f"{side}_workers {workers:g}")
    size = size if np.isnan(gpus) else gpus / workers
    stated = row.get(f"{side}_dp", "") in ("1", "1.0")
    return max(1.0, size), workers, size if flag and stated else dp


def _card_name(row: Mapping[str, str]) -> str:
    """The accelerator's name; the A100 of LLM-Inference-Bench is the 40 GB part of its machines (arXiv 2411.00136)."""
    name = row.get("gpu", "")
    return "A100-40" if name == "A100" and row.get("source", "").startswith("Argonne") else name


def _card(row: Mapping[str, str], gpu: Gpu) -> Card:
    """The rates of what the run counts as one accelerator."""
    card, dies = card_of(gpu), DIES.get(row.get("gpu", ""), 1.0)
    return replace(
        card, hbm=card.hbm / dies, bf16=card.bf16 / dies, matmul=card.matmul / dies, memory=card.memory / dies
    )


def express(row: Mapping[str, str]) -> ServingRun | Refused:
    """One row as a run, or why it cannot be."""
    name, where = row.get("model", "").lower(), row.get("row_id") or "?"
    found, gpu = _served(name), _gpu(_card_name(row))
    if found is None:
        return Refused(where, f"The model {row.get('model', '')[:60]!r} has no record.")
    if gpu is None:
        return Refused(where, f"The accelerator {row.get('gpu', '')[:60]!r} has no record.")
    model, facts = found
    assumed: list[str] = []
    precision, kind = _precision(row, facts, gpu, assumed), _kind(row, facts)
    precision = _held(row, kind, model, facts, precision, gpu, assumed)
    measured, mean = _metrics(row)
    nominal = (
        0.9 if "InferenceX" in row.get("source", "") and row.get("lengths_kind", "").startswith("nominal") else 1.0
    )
    isl, osl = _number(row, "isl") * nominal, _number(row, "osl") * nominal
    if np.isnan(isl):
        isl = next((length for key, length in BENCHMARK_PROMPTS.items() if name.startswith(key)), 1000.0)
        assumed.append(f"isl {isl:g}")
    if np.isnan(osl):
        osl = 256.0
        assumed.append(f"osl {osl:g}")
    if kind.endswith("unstated"):
        assumed.append(f"spec_decoding {'mtp' if drafts_of('', kind) else 'none'}")
    if kind.startswith("disaggregated"):
        size_p, workers_p, groups_p = _side(row, "prefill", assumed)
        size, workers, groups = _side(row, "decode", assumed)
        pp, count, decode_gpus = 1.0, size_p * workers_p + size * workers, size * workers
    else:
        count, size, pp, groups = _layout(row, kind, model, gpu, precision, assumed)
        size_p, workers_p, groups_p, workers, decode_gpus = size, 1.0, groups, 1.0, count
    engine = row.get("framework", "").lower()
    static = STATIC_ENGINES.index(next((code for word, code in STATIC_NAMES.items() if word in engine), "deepspeed"))
    devices = size
    if kind == "static" and STATIC_ENGINES[static] == "llamacpp":
        size = pp = groups = (
            1.0  # layers are split, one accelerator works at a time: more of them add memory, not bandwidth
        )
    ranks, ranks_p = (
        _or(_number(row, f"{side}ep"), 1.0)
        for side in (("decode_", "prefill_") if kind.startswith("disaggregated") else ("", ""))
    )
    ranks, ranks_p = (g if r == 1.0 and g > 1 else r for r, g in ((ranks, groups), (ranks_p, groups_p)))
    loads = {"static": ("batch", "concurrency"), "burst": ("n_requests", "concurrency"), "offline": ("n_requests",)}
    load = _number(row, *loads.get(kind, ("concurrency", "batch")))
    if np.isnan(load):
        load = 1000.0 if kind in ("burst", "offline") else 1.0
        if kind != "offline":
            assumed.append(f"load {load:g}")
    limit = _limit_ms(row) / 1e3
    run = ServingRun(
        id=where, kind=kind, group=row.get("group", "") or f"{name}|{row.get('gpu', '')}|{precision}", model_name=name,
        family=FAMILIES[int(np.asarray(gpu.family))], model=model,
        card=_card(row, gpu),
        at=_deployment(row, kind, model, gpu, precision, (size, pp, groups, ranks)),
        prefill=_deployment(row, kind, model, gpu, precision, (size_p, 1.0, groups_p, ranks_p)),
        workers=(workers_p, workers), gpus=count,
        decode_gpus=decode_gpus, replicas=max(1.0, count / (size * pp)) if kind == "offline" else 1.0, load=load, isl=isl,
        osl=max(1.0, osl), mean=mean, spread=0.2 if "80-100" in row.get("lengths_kind", "") or nominal < 1 else 0.11,
        tpot_limit_s=_or(limit, float("inf")),
        static=static, devices=devices,
        measured=measured, assumed=tuple(assumed),
    )  # fmt: skip
    if kind.startswith("disaggregated") and any("workers" in item for item in assumed):
        run = replace(run, kind=f"{kind} open")
    run = _with_job(run, row, gpu)
    return replace(run, contradiction=stated_contradiction(row) or contradiction(run))


def _with_job(run: ServingRun, row: Mapping[str, str], gpu: Gpu) -> ServingRun:
    """The run with what is known of an offline job: its requests or its length, and replicas to choose from."""
    if run.kind != "offline":
        return run
    source, stated = row.get("source", ""), _number(row, "n_requests")
    if not np.isnan(stated) and not source.startswith("MLPerf"):
        run = replace(run, requests=stated)
    elif source.startswith("TensorRT-LLM"):
        given = next(count for most, count in OVERVIEW_REQUESTS if run.isl + run.osl <= most)
        run = replace(run, requests=given, assumed=(*run.assumed, f"n_requests {given:g}"))
    elif source.startswith("MLPerf") and row.get("serving_mode") == "offline":
        longest = next((most for key, most in LONGEST_TOKENS.items() if run.model_name.startswith(key)), run.osl)
        run = replace(run, job_s=JOB_S, longest=max(1.0, longest / run.osl))
    if np.isnan(_number(row, "tp")) and not float(run.model.mla):
        most = min(run.gpus, max(8.0, float(gpu.domain)), 8.0)
        run = replace(run, sizes=tuple(size for size in (1.0, 2.0, 4.0, 8.0) if size <= most))
    return run
