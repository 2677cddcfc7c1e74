"""The days curve and the size from which more machines stop paying; the training-time table cut short."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.study.training_table import (
    Cell,
    curve_servers,
    days_curve,
    scaling_stops_at,
    table_servers,
    training_table,
)

PLAN = Plan.from_dict(
    {"model": {"preset": "llama3-8b"}, "cluster": {"server": "DGX-H100", "servers": 8}, "workload": {"tokens": 1e11}}
)


def test_the_curve_reaches_from_an_eighth_to_sixteen_times_the_plan() -> None:
    sizes = curve_servers(PLAN)
    assert (sizes[0], sizes[-1]) == (1, 128)
    assert 8 in sizes
    assert list(sizes) == sorted(set(sizes))
    assert 37 in curve_servers(PLAN.with_values({"cluster.servers": 37}))
    assert max(curve_servers(PLAN.with_values({"cluster.servers": 1000}), most=2000)) <= 2000
    assert curve_servers(PLAN.with_values({"cluster.servers": 1}))[-1] == 16


def test_every_point_of_the_curve_is_a_whole_estimate() -> None:
    points = days_curve(PLAN, servers=(4, 8))
    assert [point.servers for point in points] == [4, 8]
    for point in points:
        whole = estimate(PLAN.with_values({"cluster.servers": point.servers, "parallel.auto": True}))
        assert point.days == pytest.approx(whole.training.days.value)
        assert point.accelerators == 8 * point.servers
        assert point.gpu_hours == pytest.approx((point.days or 0.0) * 24 * point.accelerators)


def test_a_cancelled_curve_and_table_have_what_was_finished() -> None:
    asked = iter((False, True))
    assert [point.servers for point in days_curve(PLAN, servers=(4, 8, 16), cancelled=lambda: next(asked))] == [4]
    rows = training_table(PLAN.with_values({"table.servers": (4,), "table.models": ("llama3-8b", "llama2-7b")}),
                          cancelled=iter((False, True)).__next__).rows  # fmt: skip
    assert [len(row.cells) for row in rows] == [1]


def test_the_ladder_of_the_table_stands_around_the_plan() -> None:
    assert 8 in table_servers(PLAN)
    assert table_servers(PLAN.with_values({"table.servers": (3, 5)})) == (3, 5)


def sizes(*hours: tuple[int, float | None]) -> list[Cell]:
    point = days_curve(PLAN, servers=(8,))[0]
    return [replace(point, servers=servers, gpu_hours=value) for servers, value in hours]


@pytest.mark.parametrize(
    ("hours", "stops"),
    [
        # 10 % more GPU-hours a doubling, then 30 %: it stops paying at 4
        (((1, 100.0), (2, 110.0), (4, 121.0), (8, 157.3)), 4),
        (((1, 100.0), (2, 110.0), (4, 121.0)), None),
        # 100, 50, 25.5, 13.4, 8.2 and 6 days: 64 GPUs to 128 cost 1.22 times, 32 to 64 cost 1.05 times
        (((1, 800.0), (2, 800.0), (4, 816.0), (8, 857.6), (16, 1049.6), (32, 1536.0)), 8),
        # two octaves for 1.5 times are 22 % a doubling
        (((1, 100.0), (4, 150.0)), 1),
        (((1, 100.0), (4, 143.0)), None),
        # sizes that do not fit are passed over
        (((1, None), (2, 100.0), (3, 105.0), (4, 125.0)), 2),
        (((1, None), (2, None)), None),
        # one dear doubling, out of host offload, is no end of scaling; what follows it is
        (((1, 100.0), (2, 130.0), (4, 131.0), (8, 133.0)), None),
        (((1, 100.0), (2, 130.0), (4, 131.0), (8, 170.0)), 4),
    ],
)
def test_where_doubling_stops_paying(hours: tuple[tuple[int, float | None], ...], stops: int | None) -> None:
    found = scaling_stops_at(sizes(*hours))
    assert (None if found is None else found.servers) == stops


def test_an_entered_share_of_a_cell_without_any_speed_changes_nothing() -> None:
    """Rollouts of 405 B have no room on one server: there is no speed that a share of the peak could be turned into.

    On four servers the rollouts have room and only the training does not fit: there a share does say a speed.
    """
    plan = PLAN.with_values(
        {"model": {"preset": "llama3.1-405b"}, "workload.stage": "grpo", "cluster.servers": 4, "table.servers": [1, 4],
         "table.models": ["llama3.1-405b"]}
    )  # fmt: skip
    (row,) = training_table(plan).rows
    none, tight = row.cells
    assert not none.fits and not tight.fits
    assert none.tokens_per_s_per_gpu is None and tight.tokens_per_s_per_gpu is None
    assert none.speed_of_mfu is None
    entered = plan.with_values({"overrides.table.llama3.1-405b.1.mfu": 0.4})
    assert training_table(entered).rows == (row,)
    entered = plan.with_values({"overrides.table.llama3.1-405b.4.mfu": 0.4})
    same, known = training_table(entered).rows[0].cells
    assert same == none
    assert known.tokens_per_s_per_gpu == pytest.approx(0.4 * tight.speed_of_mfu)
    assert known.mfu == pytest.approx(0.4)
    assert not known.fits, "a speed of the user's own makes no room"
