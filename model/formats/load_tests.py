"""Results of serving load tests: ``vllm bench serve`` (and SGLang's), GuideLLM, AIPerf (and GenAI-Perf), inference-perf.

Each is known by its own keys; of SGLang and of vLLM's ``--append-result`` each line is a result. inference-perf also writes
Benchmark Report 0.2 (llm-d), as YAML. Times are means: of the first token, of a token after it (without the first), rates of
all output tokens. Sources, read 2026-11-30: ``vllm/benchmarks/serve.py``, SGLang's ``bench_serving.py``,
``guidellm/benchmark/schemas``, ``aiperf/common/models/export_models.py`` (schema 1.3) with ``aiperf/config/config.py``,
``inference_perf/reportgen/base.py`` with ``docs/br_v0_2.md``.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping
from typing import Any, TypeGuard

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
    except UnicodeDecodeError:
        return None
    document = _json(text)
    if document is None:
        lines = [_json(line) for line in text.splitlines() if line.strip()]
        results = tuple(_vllm(line) for line in lines if _is_vllm(line))
        if results and len(results) == len(lines):
            return results
        document = _yaml(text) if "request_performance" in text else None
    if not isinstance(document, dict):
        return None
    if _is_vllm(document):
        return (_vllm(document),)
    if isinstance(document.get("benchmarks"), list) and any(_has_metrics(item) for item in document["benchmarks"]):
        return tuple(_guidellm(item) for item in document["benchmarks"] if _has_metrics(item))
    inner = document.get("records") if isinstance(document.get("records"), dict) else document
    if isinstance(inner, dict) and "time_to_first_token" in inner and "request_throughput" in inner:
        return (_aiperf(inner, document),)
    if isinstance(document.get("successes"), dict) and "load_summary" in document:
        return (_inference_perf(document),)
    if isinstance(_at(document, "results", "request_performance", "aggregate"), dict):
        return (_benchmark_report(document),)
    return None


def _json(text: str) -> object:
    try:
        found: object = json.loads(text, parse_int=whole, object_pairs_hook=single_keys)
    except (ValueError, RecursionError, DoubledKey):
        return None
    return found


def _yaml(text: str) -> object:
    from mitsumori.model.formats.recipes import yaml_of

    return yaml_of(text)


def _is_vllm(document: object) -> TypeGuard[dict[str, object]]:
    return isinstance(document, dict) and "mean_ttft_ms" in document and "completed" in document


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
    flight = _number(d, "max_concurrency") or _number(d, "concurrency")
    return _point(
        "vllm bench", d.get("model_id"), d.get("date"), flight, _number(d, "request_throughput"),
        lengths, _milli(_number(d, "mean_ttft_ms")), _number(d, "mean_tpot_ms"), _number(d, "output_throughput"),
    )  # fmt: skip


def _guidellm(item: Mapping[str, object]) -> Tested:
    metrics = item["metrics"]

    def mean(name: str) -> float | None:
        return _number(metrics, name, "successful", "mean") or _number(metrics, name, "total", "mean")

    strategy = _at(item, "config", "strategy") or _at(item, "args", "strategy") or {}
    model = _at(item, "config", "backend", "model") or _at(item, "worker", "backend_model")
    return _point(
        "GuideLLM", model, _day(item.get("start_time")),
        _number(strategy, "streams") or mean("request_concurrency"), mean("requests_per_second"),
        (mean("prompt_token_count"), mean("output_token_count")), _milli(mean("time_to_first_token_ms")),
        mean("inter_token_latency_ms"), mean("output_tokens_per_second"),
    )  # fmt: skip


def _aiperf(d: Mapping[str, object], document: Mapping[str, object]) -> Tested:
    def mean(name: str) -> float | None:
        value = _number(d, name, "avg")
        return value * 1e3 if value is not None and _at(d, name, "unit") in ("s", "sec", "seconds") else value

    config = document.get("input_config") or {}
    names = (
        _at(config, "endpoint", "model_names") or _at(config, "model_names") or _at(config, "models", "items") or [None]
    )
    name = names[0] if isinstance(names, list) and names else names
    flight = _number(config, "loadgen", "concurrency") or _number(config, "perf_analyzer", "stimulus", "concurrency")
    phases = _at(config, "phases")
    for phase in phases if isinstance(phases, list) else []:
        if _at(phase, "name") != "warmup":
            flight = _number(phase, "concurrency") or flight
    return _point(
        "AIPerf", _at(name, "name") or name, document.get("start_time"), flight, _number(d, "request_throughput", "avg"),
        (_number(d, "input_sequence_length", "avg"), _number(d, "output_sequence_length", "avg")),
        _milli(mean("time_to_first_token")), mean("inter_token_latency"), _number(d, "output_token_throughput", "avg"),
    )  # fmt: skip


def _inference_perf(d: Mapping[str, object]) -> Tested:
    good = d["successes"]

    def seconds(name: str) -> float | None:
        return _number(good, "latency", name, "mean")

    token = seconds("time_per_output_token") or seconds("inter_token_latency")  # a request's mean; of all gaps
    return _point(
        "inference-perf", d.get("model"), None, _number(d, "load_summary", "concurrency"),
        _number(good, "throughput", "requests_per_sec") or _number(d, "load_summary", "achieved_rate"),
        (_number(good, "prompt_len", "mean"), _number(good, "output_len", "mean")), seconds("time_to_first_token"),
        None if token is None else token * 1e3, _number(good, "throughput", "output_tokens_per_sec"),
    )  # fmt: skip


def _benchmark_report(d: Mapping[str, object]) -> Tested:
    found, load = _at(d, "results", "request_performance", "aggregate"), _at(d, "scenario", "load", "standardized")

    def seconds(name: str) -> float | None:
        value, unit = _number(found, "latency", name, "mean"), _at(found, "latency", name, "units")
        return value if value is None or not str(unit).startswith("ms") else value / 1e3

    token = seconds("time_per_output_token") or seconds("inter_token_latency")
    stack = _at(d, "scenario", "stack")
    models = [_at(one, "standardized", "model", "name") for one in stack] if isinstance(stack, list) else []
    return _point(
        "Benchmark Report", next(filter(None, models), None), _at(d, "run", "time", "start"), _number(load, "concurrency"),
        _number(found, "throughput", "request_rate", "mean"),
        (_number(found, "requests", "input_length", "mean"), _number(found, "requests", "output_length", "mean")),
        seconds("time_to_first_token"), None if token is None else token * 1e3,
        _number(found, "throughput", "output_token_rate", "mean"),
    )  # fmt: skip


def _day(seconds: object) -> str | None:
    """The date of a moment in seconds since 1970; None for what is none."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 1e11:
        return None
    return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()
