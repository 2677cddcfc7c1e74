"""Results of serving load tests: ``vllm bench serve`` (and SGLang's), GuideLLM, AIPerf (and GenAI-Perf), inference-perf.

Each is known by its own keys. Times are means: of the first token, of a token after it (without the first), rates of
all output tokens. Sources: the tools' own documentation of their JSON files.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from mitsumori.model.base.input_files import DoubledKey, single_keys, whole
from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.serving.results import Tested


def read_load_tests(data: bytes) -> tuple[Tested, ...] | None:
    """The load points of a result file; None where it is no load test's.

    Raises
    ------
    Refusal
        For a result that lacks lengths, load or every time.
    """
    try:
        text = data.decode("utf-8-sig")
        document = json.loads(text, parse_int=whole, object_pairs_hook=single_keys)
    except (UnicodeDecodeError, ValueError, RecursionError, DoubledKey):
        return None
    if not isinstance(document, dict):
        return None
    if "mean_ttft_ms" in document and "completed" in document:
        return (_vllm(document),)
    if isinstance(document.get("benchmarks"), list) and any(_has_metrics(item) for item in document["benchmarks"]):
        return tuple(_guidellm(item) for item in document["benchmarks"] if _has_metrics(item))
    inner = document.get("records") if isinstance(document.get("records"), dict) else document
    if isinstance(inner, dict) and "time_to_first_token" in inner and "request_throughput" in inner:
        return (_aiperf(inner, document),)
    if isinstance(document.get("successes"), dict) and "load_summary" in document:
        return (_inference_perf(document),)
    return None


def _has_metrics(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("metrics"), dict)


def _at(node: object, *path: str) -> object:
    for part in path:
        node = node.get(part) if isinstance(node, dict) else None
    return node


def _number(node: object, *path: str) -> float | None:
    value = _at(node, *path)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value > 0 else None


def _point(
    tool: str, model: Any, date: Any, concurrency: float | None, requests_per_s: float | None,
    lengths: tuple[float | None, float | None], ttft_s: float | None, tpot_ms: float | None, rate: float | None,
) -> Tested:  # fmt: skip
    prompt, output = lengths
    if prompt is None or output is None or (ttft_s is None and tpot_ms is None):
        raise Refusal(Sentence("commands", "load_test_incomplete", {"tool": tool}))
    if concurrency is None and requests_per_s is not None:
        concurrency = max(1.0, requests_per_s * ((ttft_s or 0.0) + (output - 1.0) * (tpot_ms or 0.0) / 1e3))
    if concurrency is None:
        raise Refusal(Sentence("commands", "load_test_incomplete", {"tool": tool}))
    return Tested(
        tool, str(model or "")[:200], str(date or "")[:40], concurrency, prompt, output, ttft_s, tpot_ms, rate
    )


def _milli(value: float | None) -> float | None:
    return None if value is None else value / 1e3


def _vllm(d: Mapping[str, object]) -> Tested:
    count = _number(d, "completed")
    prompt, output = (_number(d, name) for name in ("total_input_tokens", "total_output_tokens"))
    lengths = (prompt / count if prompt and count else None, output / count if output and count else None)
    return _point(
        "vllm bench", d.get("model_id"), d.get("date"), _number(d, "max_concurrency"), _number(d, "request_throughput"),
        lengths, _milli(_number(d, "mean_ttft_ms")), _number(d, "mean_tpot_ms"), _number(d, "output_throughput"),
    )  # fmt: skip


def _guidellm(item: Mapping[str, object]) -> Tested:
    metrics = item["metrics"]

    def mean(name: str) -> float | None:
        return _number(metrics, name, "successful", "mean") or _number(metrics, name, "total", "mean")

    strategy = _at(item, "config", "strategy") or _at(item, "args", "strategy") or {}
    return _point(
        "GuideLLM", _at(item, "config", "backend", "model") or _at(item, "worker", "backend_model"), None,
        _number(strategy, "streams") or mean("request_concurrency"), mean("requests_per_second"),
        (mean("prompt_token_count"), mean("output_token_count")), _milli(mean("time_to_first_token_ms")),
        mean("inter_token_latency_ms"), mean("output_tokens_per_second"),
    )  # fmt: skip


def _aiperf(d: Mapping[str, object], document: Mapping[str, object]) -> Tested:
    def mean(name: str) -> float | None:
        value = _number(d, name, "avg")
        return value * 1e3 if value is not None and _at(d, name, "unit") in ("s", "sec", "seconds") else value

    config = document.get("input_config") or {}
    names = _at(config, "endpoint", "model_names") or _at(config, "model_names") or [None]
    flight = _number(config, "loadgen", "concurrency") or _number(config, "perf_analyzer", "stimulus", "concurrency")
    return _point(
        "AIPerf", names[0] if isinstance(names, list) and names else names, document.get("start_time"), flight,
        _number(d, "request_throughput", "avg"),
        (_number(d, "input_sequence_length", "avg"), _number(d, "output_sequence_length", "avg")),
        _milli(mean("time_to_first_token")), mean("inter_token_latency"), _number(d, "output_token_throughput", "avg"),
    )  # fmt: skip


def _inference_perf(d: Mapping[str, object]) -> Tested:
    good = d["successes"]

    def seconds(name: str) -> float | None:
        return _number(good, "latency", name, "mean")

    token = seconds("inter_token_latency") or seconds("time_per_output_token")
    return _point(
        "inference-perf", d.get("model"), None, _number(d, "load_summary", "concurrency"),
        _number(good, "throughput", "requests_per_sec") or _number(d, "load_summary", "achieved_rate"),
        (_number(good, "prompt_len", "mean"), _number(good, "output_len", "mean")), seconds("time_to_first_token"),
        None if token is None else token * 1e3, _number(good, "throughput", "output_tokens_per_sec"),
    )  # fmt: skip
