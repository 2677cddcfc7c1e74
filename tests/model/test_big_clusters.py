"""Choices of the program over models and cluster sizes: the pipeline's waiting is small or said, and no speed of zero is silent."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan

MODELS = ("llama3.1-8b", "llama3.1-70b", "llama3.1-405b", "deepseek-v3", "gpt3-175b")
CLUSTERS = (
    ("DGX-H100", 1),
    ("DGX-H100", 128),
    ("DGX-H100", 2048),
    ("DGX-H100", 12_500),
    ("DGX-A100", 2),
    ("DGX-A100", 2048),
)
WAITING = 0.15
"""Share of a step in the pipeline's bubble from which the choice has to say what it costs."""


@cache
def result(preset: str, server: str, servers: int, stage: str) -> Any:
    return estimate(
        Plan(
            model={"preset": preset},
            cluster={"server": server, "servers": servers},
            workload={"stage": stage, "tokens": 1e12},
        )
    )


def waiting(found: Any) -> float:
    step = found.training.step_time_s.value
    return float(found.training.breakdown_s["bubble"].value / step) if step else 0.0


@pytest.mark.parametrize("stage", ["pretrain", "grpo"])
@pytest.mark.parametrize("preset", MODELS)
def test_no_speed_and_a_waiting_pipeline_are_findings(preset: str, stage: str) -> None:
    for server, servers in CLUSTERS:
        found = result(preset, server, servers, stage)
        codes = {item.code for item in found.findings}
        if not found.training.tokens_per_s_per_gpu.value:
            assert codes & {"training_no_speed", "training_generation_does_not_fit"}, (server, servers)
        if waiting(found) > WAITING:
            assert "training_bubble" in codes, (server, servers)


@pytest.mark.parametrize("preset", MODELS)
def test_pre_training_up_to_16_thousand_accelerators_hardly_waits(preset: str) -> None:
    """The standard batch and layout keep the bubble under 15 % (a 405B on 16,384 H100 once spent 59 % in it)."""
    for server, servers in CLUSTERS:
        if servers <= 2048:
            assert waiting(result(preset, server, servers, "pretrain")) < WAITING, (server, servers)


@pytest.mark.parametrize("servers", [1, 64, 512, 2048, 12_500])
@pytest.mark.parametrize("preset", MODELS)
def test_a_step_beyond_the_critical_batch_says_what_it_costs(preset: str, servers: int) -> None:
    """Above 16 million tokens (the largest of published trainings) with a quarter to spare: tokens over, and fewer servers."""
    found = result(preset, "DGX-H100", servers, "pretrain")
    tokens = found.training.details.tokens_per_step
    said = [item for item in found.findings if item.code == "training_batch_beyond"]
    assert bool(said) == (tokens > 1.25 * 16e6)
    for item in said:
        fewer = item.remedies[0].set["cluster.servers"]
        assert fewer < servers
        assert fewer / servers == pytest.approx(16e6 / tokens, rel=0.05)
        assert item.message("en") and item.message("ja")


@pytest.mark.parametrize("preset", ["llama3.1-8b", "qwen3-30b-a3b", "deepseek-v3"])
def test_a_step_that_hardly_computes_says_why(preset: str) -> None:
    for servers in (128, 2048, 12_500):
        plan = Plan(
            model={"preset": preset}, cluster={"server": "DGX-H100", "servers": servers}, parallel={"stack": "jax"},
            workload={"stage": "pretrain", "tokens": 1e12},
        )  # fmt: skip
        found = estimate(plan)
        parts = {name: part.value for name, part in found.training.breakdown_s.items() if name != "lost"}
        computing = (parts["compute"] + parts["recompute"]) / sum(parts.values())
        codes = {item.code for item in found.findings}
        if computing < 0.24:
            assert codes & {"training_hardly_computes", "training_bubble"}, (servers, parts)
