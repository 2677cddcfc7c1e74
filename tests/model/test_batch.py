"""The batch nearest to one asked for."""

from __future__ import annotations

import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan


@pytest.mark.parametrize("wanted", [9_999_999, 10_000_000])
@pytest.mark.parametrize("servers", [4_434, 7_919, 1_000])
def test_the_nearest_batch_is_one_that_the_field_takes(wanted: int, servers: int) -> None:
    plan = Plan().with_values({
        "cluster.server": "DGX-H100", "cluster.servers": servers, "cluster.accelerators_per_server": 4,
        "parallel.global_batch": wanted, "parallel.seq_len": 32,
    })  # fmt: skip
    shown = estimate(plan).training.parallel["global_batch"]
    assert plan.with_values({"parallel.global_batch": shown}).parallel.global_batch == shown
