"""A layout that the program chose and that fits by the memory of the hosts says so; it is not chosen where it is not needed."""

from __future__ import annotations

import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan

ONE = {"workload.stage": "pretrain", "workload.tokens": 5e11, "model.preset": "llama3-70b"}


@pytest.mark.parametrize(("servers", "by_host"), [(1, True), (2, False), (8, False)])
def test_a_plan_that_fits_by_host_memory_says_so(servers: int, by_host: bool) -> None:
    result = estimate(Plan().with_values({**ONE, "cluster.servers": servers}))
    assert result.memory.verdict in ("fits", "marginal")
    assert (result.training.parallel["offload"] != "none") == by_host
    assert ("memory_by_host" in [finding.code for finding in result.findings]) == by_host


def test_what_the_user_chose_needs_no_finding() -> None:
    """Offload that was entered is no surprise."""
    own = {**ONE, "cluster.servers": 8, "parallel.auto": False, "parallel.tp": 8, "parallel.offload": "optimizer"}
    assert "memory_by_host" not in [finding.code for finding in estimate(Plan().with_values(own)).findings]


@pytest.mark.parametrize("stack", ["deepspeed", "other", "jax"])
def test_a_million_tokens_on_eight_h100_are_a_click_away(stack: str) -> None:
    """The scores over the vocabulary are what does not fit (a published run with a tiled loss takes 52 GiB)."""
    plan = Plan().with_values(
        {"workload.stage": "sft", "workload.tokens": 1e9, "model.preset": "llama3-8b", "parallel.seq_len": 1_048_576,
         "cluster.server": "DGX-H100", "parallel.stack": stack}
    )  # fmt: skip
    said = next(item for item in estimate(plan).findings if item.code == "memory_no")
    first = said.remedies[0]
    assert first.set == {"parallel.loss": "chunked"}
    assert first.label("en") and first.label("ja")
    assert estimate(plan.with_values(dict(first.set))).memory.verdict in ("fits", "marginal")
