"""One result a tool and version of its format, keys as the tools' own sources write them; the figures are made up and agree.

32 in flight, 1,000 tokens of prompt and 300 of answer, 410 ms to the first token and 40 ms a token: 2.46 requests/s.
"""

from __future__ import annotations

import json

MODEL = "meta-llama/Llama-3.1-70B-Instruct"
VLLM = {
    "date": "20261101-101500", "endpoint_type": "vllm", "backend": "vllm", "label": None, "model_id": MODEL,
    "tokenizer_id": MODEL, "num_prompts": 320, "request_rate": "inf", "burstiness": 1.0, "max_concurrency": 32,
    "duration": 130.0, "completed": 320, "failed": 0, "total_input_tokens": 320000, "total_output_tokens": 96000,
    "request_throughput": 2.46, "request_goodput": None, "output_throughput": 738.0, "total_token_throughput": 3198.0,
    "max_output_tokens_per_s": 900.0, "max_concurrent_requests": 36, "mean_ttft_ms": 410.0, "median_ttft_ms": 300.0,
    "std_ttft_ms": 200.0, "p99_ttft_ms": 1200.0, "mean_tpot_ms": 40.0, "median_tpot_ms": 39.0, "std_tpot_ms": 1.0,
    "p99_tpot_ms": 43.0, "mean_itl_ms": 40.0, "median_itl_ms": 38.0, "std_itl_ms": 9.0, "p99_itl_ms": 95.0,
}  # fmt: skip
SGLANG = {
    "backend": "sglang", "dataset_name": "random", "request_rate": float("inf"), "max_concurrency": None,
    "duration": 130.0, "completed": 320, "total_input_tokens": 320000, "total_output_tokens": 96000,
    "total_output_tokens_retokenized": 95990, "request_throughput": 2.46, "input_throughput": 2460.0,
    "output_throughput": 738.0, "mean_e2e_latency_ms": 12370.0, "median_e2e_latency_ms": 12300.0, "mean_ttft_ms": 410.0,
    "median_ttft_ms": 300.0, "mean_tpot_ms": 40.0, "median_tpot_ms": 39.0, "mean_itl_ms": 40.0, "p99_itl_ms": 95.0,
    "concurrency": 31.4, "accept_length": None,
}  # fmt: skip


def _distribution(value: float) -> dict[str, object]:
    one = {"mean": value, "median": value, "mode": value, "variance": 0.0, "std_dev": 0.0, "min": value, "max": value,
           "count": 320, "total_sum": 320 * value, "percentiles": {"p50": value, "p90": value, "p99": value}}  # fmt: skip
    return {"successful": one, "incomplete": None, "errored": None, "total": one}


_GUIDE = {
    "requests_per_second": 2.46, "request_concurrency": 31.6, "request_latency": 12.37, "prompt_token_count": 1000.0,
    "output_token_count": 300.0, "time_to_first_token_ms": 410.0, "time_per_output_token_ms": 41.2,
    "inter_token_latency_ms": 40.0, "output_tokens_per_second": 738.0, "tokens_per_second": 3198.0,
}  # fmt: skip


def _guide(streams: int) -> dict[str, object]:
    return {
        "type_": "generative_benchmark",
        "config": {
            "id_": "x", "run_id": "y", "run_index": 0, "strategy": {"type_": "concurrent", "streams": streams},
            "constraints": {}, "warmup": {"percent": None}, "profile": {}, "requests": {},
            "backend": {"target": "http://localhost:8000", "model": MODEL}, "environment": {},
        },
        "scheduler_state": {}, "scheduler_metrics": {}, "requests": {"successful": [], "incomplete": [], "errored": []},
        "metrics": {"request_totals": {"successful": 320, "total": 320}}
        | {name: _distribution(value) for name, value in _GUIDE.items()},
        "start_time": 1793527200.0, "end_time": 1793527330.0, "duration": 130.0,
    }  # fmt: skip


GUIDELLM = {
    "type_": "generative_benchmarks_report",
    "metadata": {"version": 1},
    "args": {},
    "benchmarks": [_guide(32), _guide(32)],
}
GUIDELLM_OLD = {
    "benchmarks": [{
        "type_": "generative_benchmark",
        "args": {"profile": {"type_": "concurrent"}, "strategy": {"type_": "concurrent", "streams": 32}, "max_number": 320},
        "worker": {"type_": "generative_requests_worker", "backend_model": MODEL, "backend_target": "http://localhost:8000"},
        "start_time": 1793527200.0,
        "metrics": {name: _distribution(value) for name, value in _GUIDE.items()},
    }]
}  # fmt: skip


def _metric(unit: str, value: float) -> dict[str, object]:
    return {
        "unit": unit,
        "avg": value,
        "p50": value,
        "p90": value,
        "p99": value,
        "min": value,
        "max": value,
        "std": 0.0,
    }


_AIPERF = {
    "request_throughput": {"unit": "requests/sec", "avg": 2.46}, "request_latency": _metric("ms", 12370.0),
    "request_count": {"unit": "requests", "avg": 320}, "time_to_first_token": _metric("ms", 410.0),
    "time_to_second_token": _metric("ms", 41.0), "inter_token_latency": _metric("ms", 40.0),
    "output_token_throughput": {"unit": "tokens/sec", "avg": 738.0}, "output_sequence_length": _metric("tokens", 300.0),
    "input_sequence_length": _metric("tokens", 1000.0), "was_cancelled": False, "error_summary": [],
    "start_time": "2026-11-01T10:15:00.000000", "end_time": "2026-11-01T10:17:10.000000",
}  # fmt: skip
AIPERF = _AIPERF | {
    "input_config": {"endpoint": {"model_names": [MODEL], "streaming": True}, "loadgen": {"concurrency": 32}},
}  # fmt: skip
AIPERF_NEW = _AIPERF | {
    "schema_version": "1.3", "aiperf_version": "0.9.0", "benchmark_id": "b", "run_info": {"trial": 1},
    "input_config": {
        "models": {"strategy": "round_robin", "items": [{"name": MODEL}]}, "endpoint": {"streaming": True},
        "datasets": [{"name": "default"}],
        "phases": [{"name": "warmup", "concurrency": 4, "requests": 8}, {"name": "profiling", "concurrency": 32, "requests": 320}],
    },
}  # fmt: skip
AIPERF_FIRST = {
    "records": {name: value for name, value in _AIPERF.items() if isinstance(value, dict)},
    "input_config": {"model_names": [MODEL]}, "start_time": "2026-11-01T10:15:00",
}  # fmt: skip
GENAI_PERF = {name: value for name, value in _AIPERF.items() if isinstance(value, dict)} | {
    "input_config": {"model_names": [MODEL], "perf_analyzer": {"stimulus": {"concurrency": 32}}},
}  # fmt: skip


def _summary(value: float) -> dict[str, float]:
    return {"mean": value, "min": value, "p10": value, "median": value, "p90": value, "p99": value, "max": value}


INFERENCE_PERF = {
    "load_summary": {"count": 320, "schedule_delay": _summary(0.001), "send_duration": 130.0, "requested_rate": 2.5,
                     "achieved_rate": 2.46},
    "successes": {
        "count": 320,
        "latency": {
            "request_latency": _summary(12.37), "normalized_time_per_output_token": _summary(0.0412),
            "time_per_output_token": _summary(0.04), "time_to_first_token": _summary(0.41),
            "inter_token_latency": _summary(0.041),
        },
        "throughput": {"input_tokens_per_sec": 2460.0, "output_tokens_per_sec": 738.0, "total_tokens_per_sec": 3198.0,
                       "requests_per_sec": 2.46},
        "prompt_len": _summary(1000.0), "output_len": _summary(300.0),
    },
    "failures": {"count": 0, "request_latency": None, "prompt_len": None},
}  # fmt: skip
STAGE = INFERENCE_PERF | {"load_summary": {**INFERENCE_PERF["load_summary"], "concurrency": 32}}
REPORT = """version: "0.2.1"
run:
  uid: inference-perf-stage-0-a1b2c3d4
  eid: inference-perf-experiment-e5f6a7b8
  time:
    start: "2026-11-01T10:15:00.000+00:00"
    end: "2026-11-01T10:17:10.000+00:00"
    duration: PT130S
results:
  request_performance:
    aggregate:
      requests:
        total: 320
        failures: 0
        input_length: {units: count, mean: 1000.0, p50: 1000.0}
        output_length: {units: count, mean: 300.0, p50: 300.0}
      latency:
        time_to_first_token: {units: s, mean: 0.41, p50: 0.3}
        time_per_output_token: {units: s/token, mean: 0.04, p50: 0.039}
        inter_token_latency: {units: s/token, mean: 0.041}
        request_latency: {units: s, mean: 12.37}
      throughput:
        input_token_rate: {units: tokens/s, mean: 2460.0}
        output_token_rate: {units: tokens/s, mean: 738.0}
        request_rate: {units: queries/s, mean: 2.46}
"""
MERGED = (
    REPORT.replace(
        "time_to_first_token: {units: s, mean: 0.41, p50: 0.3}", "time_to_first_token: {units: ms, mean: 410.0}"
    )
    + """\
scenario:
  stack:
    - standardized: {kind: inference_engine, tool: vllm, model: {name: meta-llama/Llama-3.1-70B-Instruct}}
  load:
    standardized: {tool: inference-perf, concurrency: 32}
"""
)
FILES = {
    "vllm.json": (json.dumps(VLLM), "20261101", MODEL), "vllm-append.json": (f"{json.dumps(VLLM)}\n{json.dumps(VLLM)}\n", "20261101", MODEL),
    "sglang.jsonl": ((json.dumps(SGLANG) + "\n") * 2, "", ""),
    "guidellm.json": (json.dumps(GUIDELLM), "2026-11-01", MODEL), "guidellm-0.3.json": (json.dumps(GUIDELLM_OLD), "2026-11-01", MODEL),
    "aiperf-user-config.json": (json.dumps(AIPERF), "2026-11-01", MODEL),
    "aiperf-schema-1.3.json": (json.dumps(AIPERF_NEW), "2026-11-01", MODEL),
    "aiperf-records.json": (json.dumps(AIPERF_FIRST), "2026-11-01", MODEL), "genai-perf.json": (json.dumps(GENAI_PERF), "", MODEL),
    "inference-perf-summary.json": (json.dumps(INFERENCE_PERF), "", ""), "inference-perf-stage.json": (json.dumps(STAGE), "", ""),
    "benchmark-report.yaml": (REPORT, "2026-11-01", ""), "benchmark-report-merged.yaml": (MERGED, "2026-11-01", MODEL),
}  # fmt: skip
"""Text, beginning of its date and model, by the name of the file."""
