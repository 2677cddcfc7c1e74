"""Ways to serve a load: ranked by what the estimate of each says, the plan's own among them."""

from __future__ import annotations

import json

import pytest

from mitsumori.model.cli import main
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.serving_ranking import advise_serving


@pytest.fixture(scope="module")
def advice():
    return load_sample("serve-rag-3000").plan, advise_serving(load_sample("serve-rag-3000").plan, top=24)


def test_every_way_is_what_its_estimate_says(advice):
    plan, found = advice
    assert len(found.options) > 8
    assert len({(one.server, one.precision) for one in found.options}) == len(found.options)
    for one in found.options[:6]:
        result = estimate(plan.with_values(dict(one.changes))).serving
        assert result.figures["servers"].value == one.servers
        assert result.figures["replicas"].value == one.replicas
        assert result.figures["ttft_s"].value == pytest.approx(one.ttft_s, rel=1e-9)
        assert result.figures["tpot_ms"].value == pytest.approx(one.tpot_ms, rel=1e-9)
        assert result.jpy_per_million_tokens["blended"].value == one.jpy_per_million_tokens


def test_the_order_is_limits_then_load_then_cost(advice):
    _, found = advice
    order = [
        (not one.within, -round(one.served, 6), one.jpy_per_million_tokens or float("inf")) for one in found.options
    ]
    assert order == sorted(order)
    assert sum(one.current for one in found.options) == 1


def test_a_load_that_one_server_cannot_carry_is_carried_by_another(advice):
    plan, _ = advice
    short = plan.with_values({"serving.servers": 1, "serving.users": 200_000, "serving.availability": "n"})
    assert estimate(short).serving.figures["share_of_users_served"].value < 1.0
    best = advise_serving(short).options[0]
    assert best.served == 1.0
    assert estimate(short.with_values(dict(best.changes))).serving.figures["share_of_users_served"].value == 1.0


def test_the_command_ranks_serving_for_a_plan_that_serves(capsys):
    assert main(["advise", "serve-coding-200", "--json", "--top", "3"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert len(document["plans"]) == 3
    assert {"server", "precision", "layout", "jpy_per_million_tokens", "set"} <= set(document["plans"][0])
    assert main(["advise", "serve-coding-200", "--lang", "ja", "--top", "3"]) == 0
    assert "推論の構成" in capsys.readouterr().out
