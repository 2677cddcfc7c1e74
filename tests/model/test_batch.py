"""The batch nearest to one asked for."""

from __future__ import annotations

from random import Random

import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.batch import divides
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.search.candidates import _plain_space, auto_space, chunks


@pytest.mark.parametrize("wanted", [9_999_999, 10_000_000])
@pytest.mark.parametrize("servers", [4_434, 7_919, 1_000])
def test_the_nearest_batch_is_one_that_the_field_takes(wanted: int, servers: int) -> None:
    plan = Plan().with_values({
        "cluster.server": "DGX-H100", "cluster.servers": servers, "cluster.accelerators_per_server": 4,
        "parallel.global_batch": wanted, "parallel.seq_len": 32,
    })  # fmt: skip
    shown = estimate(plan).training.parallel["global_batch"]
    assert plan.with_values({"parallel.global_batch": shown}).parallel.global_batch == shown


@pytest.mark.parametrize("seed", range(6))
def test_a_batch_divides_where_the_search_finds_a_layout_for_it_and_nowhere_else(seed: int) -> None:
    """Whoever asks first need not try: what the arithmetic says is what the lists of layouts hold."""
    random, found = Random(seed), set()
    for _ in range(60):
        plan = Plan().with_values({
            "model.preset": random.choice(["llama2-7b", "mixtral-8x7b", "gpt3-175b"]),
            "parallel.stack": random.choice(["megatron", "torchtitan", "huggingface", "deepspeed", "llm-foundry", "jax"]),
            "parallel.global_batch": random.choice([1, 7, 48, 64, 97, 1024, 1536, 10_000_000]),
            "parallel.seq_len": random.choice([512, 2047, 4096, 6000, 131_072]),
            "cluster.servers": random.choice([1, 2, 3, 11, 17, 60, 97, 128]),
            "cluster.accelerators_per_server": random.choice([None, 1, 5, 7]),
        })  # fmt: skip
        resolved = resolve(plan)
        spaces = auto_space(resolved, resolved.gpu), _plain_space(resolved)
        held = any(next(chunks(resolved, space), None) is not None for space in spaces)
        assert divides(resolved) == held, plan.to_dict()
        found.add(held)
    assert found == {True, False}
