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
