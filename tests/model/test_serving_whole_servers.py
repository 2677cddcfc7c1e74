"""Figures of a plan that serves agree with the servers it was given, and with each other."""

from __future__ import annotations

from itertools import pairwise

import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample
from mitsumori.model.report.json_document import serve_json
from mitsumori.model.study.serving_ranking import advise_serving
from tests.model.test_serving_properties import size


def served(name, **changes):
    return load_sample(name).plan.with_values({f"serving.{key}": value for key, value in changes.items()})


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("serve-moe-nvl72", {"server": "DGX-H100", "servers": 1, "disaggregated": False, "weight_precision": "fp8"}),
        ("serve-rag-3000", {"servers": 3, "disaggregated": True, "prefill_servers": 10}),
        ("serve-chat-500", {"servers": 1, "auto": False, "tp": 16}),
    ],
)
def test_servers_that_hold_no_replica_answer_nothing(name, changes):
    """No accelerator works that is not there, nothing is priced, and what is offered in place of it serves everything."""
    plan = served(name, **changes)
    result = estimate(plan)
    document = serve_json(result, plan)
    assert document["serving"]["layout"] is None
    assert document["serving"]["gpus"] is None
    assert document["serving"]["jpy_per_million_tokens"]["blended"] is None
    assert document["alternatives"] == []
    found = next(item for item in result.findings if item.code == "serving_servers_short")
    assert "サーバーの台数" in found.message("ja")
    assert found.remedies
    enough = estimate(plan.with_values(dict(found.remedies[0].set))).serving
    assert enough.figures["share_of_users_served"].value == 1.0


@pytest.mark.parametrize("unit", ["replica", "server", "rack"])
@pytest.mark.parametrize("disaggregated", [False, True])
def test_no_more_accelerators_work_than_the_servers_given_have(unit, disaggregated):
    """Too few servers for a failure that is to be survived: all of them work, and no share of the load is promised."""
    for servers in (1, 2, 3):
        there = size(served(
            "serve-rag-3000", servers=servers, availability="n1", failure_unit=unit, disaggregated=disaggregated
        ))  # fmt: skip
        assert 0 < there.gpus <= there.gpus_paid
        if there.options[0].replicas == 0:
            assert there.options[0].served == 0.0
            assert there.down is None


def test_another_server_survives_the_loss_of_a_rack_of_its_own():
    """An alternative has the spares that the plan has once that server is taken."""
    plan = served("serve-chat-500", availability="n1", failure_unit="rack", users=50_000)
    line = next(item for item in estimate(plan).serving.alternatives if item.server == "DGX-A100")
    there = estimate(plan.with_values({"serving.server": "DGX-A100"})).serving
    assert line.gpus == there.figures["gpus"].value
    assert line.jpy_per_million_tokens == pytest.approx(there.jpy_per_million_tokens.blended.value)


@pytest.mark.parametrize("disaggregated", [False, True])
@pytest.mark.parametrize("hours", [24.0, 8.0])
def test_the_curve_prices_tokens_as_the_plan_does(hours, disaggregated):
    """At the plan's own load all day long, a token of the curve costs what a token of the plan costs."""
    plan = served("serve-rag-3000", peak_factor=1.0, users=20_000, hours_per_day=hours, disaggregated=disaggregated)
    result = estimate(plan).serving
    replicas, rate = result.figures["replicas"].value, result.load.requests_per_s
    gpus = result.figures["gpus_per_replica"].value
    answers = plan.serving.standard().output_tokens
    for point in result.curve:
        a_replica = point.output_tokens_per_s_per_gpu * gpus / answers
        expected = result.jpy_per_million_tokens.blended.value * rate / (replicas * a_replica)
        assert point.jpy_per_million_tokens == pytest.approx(expected)


def test_the_most_that_a_closed_loop_answers_keeps_the_limits():
    """The largest load of a day is that of the number in flight within the limits, as with requests that arrive."""
    strict = served("serve-rag-3000", users=None, concurrency=100, tpot_limit_ms=20.0)
    loose = strict.with_values({"serving.tpot_limit_ms": 1000.0, "serving.servers": size(strict).servers})
    most = [estimate(plan).serving.tokens.most_per_day for plan in (strict, loose)]
    assert most[0] < most[1]
    at = size(strict)
    assert at.options[0].most < at.found.in_flight()[at.options[0].index].max()


def test_formats_of_one_server_at_one_price_are_ranked_by_the_answer():
    """A server costs the same in every format: the format that answers first stands first."""
    plan = served("serve-chat-500", users=100_000)
    ways = advise_serving(plan).options
    pairs = [(a, b) for a, b in pairwise(ways) if a.server == b.server and a.gpus == b.gpus]
    assert pairs
    for first, second in pairs:
        assert first.jpy_per_million_tokens == pytest.approx(second.jpy_per_million_tokens)
        assert first.ttft_s + first.tpot_ms * 0.299 <= second.ttft_s + second.tpot_ms * 0.299
