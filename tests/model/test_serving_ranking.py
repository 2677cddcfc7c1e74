"""Ways to serve a load: ranked by what the estimate of each says, the plan's own among them."""

from __future__ import annotations

import json

import pytest

from mitsumori.model.cli import main
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.serving_size import sized
from mitsumori.model.plan.project import load_sample
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.serving.choice import first_token_s, places_in, servers_for
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


@pytest.mark.parametrize(("name", "cooling"), [("serve-moe-nvl72", "rack_scale"), ("serve-rag-3000", "rear_door")])
def test_a_way_that_the_hall_cannot_cool_brings_the_cooling_it_needs(name, cooling):
    """Servers of eight listed beside a rack-scale system had no price, and it was called the cheapest at six times theirs."""
    plan = load_sample(name).plan
    assert plan.facility.cooling == cooling
    options = advise_serving(plan, top=30).options
    assert any(one.cooling for one in options)
    for one in options:
        taken = plan.with_values(dict(one.changes))
        assert bool(one.cooling) == (taken.facility.cooling != cooling)
        assert estimate(taken).facility.racks.known, one.name


def test_a_load_that_one_server_cannot_carry_is_carried_by_another(advice):
    plan, _ = advice
    short = plan.with_values({"serving.servers": 1, "serving.users": 200_000, "serving.availability": "n"})
    assert estimate(short).serving.figures["share_of_users_served"].value < 1.0
    best = advise_serving(short).options[0]
    assert best.served == 1.0
    assert estimate(short.with_values(dict(best.changes))).serving.figures["share_of_users_served"].value == 1.0


@pytest.mark.parametrize(
    "name", ["serve-chat-500", "serve-rag-3000", "serve-coding-200", "serve-batch-night", "serve-moe-nvl72"]
)
def test_the_layout_that_is_taken_needs_the_fewest_servers_and_answers_soonest_on_them(name):
    """Servers are paid for whole: no layout by hand carries the load on fewer, or answers sooner on as many."""
    plan = load_sample(name).plan
    size = sized(resolve(plan))
    best = size.options[0]
    for layout in size.setup.layouts():
        by_hand = {
            "auto": False,
            "tp": layout.tp,
            "pp": layout.pp,
            "ep": layout.ep,
            "dp_attention": layout.dp_attention,
        }
        other = sized(resolve(plan.with_values({f"serving.{field}": value for field, value in by_hand.items()})))
        if not other.options or not other.options[0].within:
            continue
        there = other.options[0]
        assert there.served == 1.0
        assert there.servers >= best.servers
        if there.servers == best.servers:
            ends = [first_token_s(one.at, size.part.percentile) + 500 * one.at.tpot_s for one in (best, there)]
            assert ends[0] <= ends[1] * 1.05  # by the answer's own length, not by 500 tokens


def test_replicas_work_on_all_of_the_servers_that_are_paid_for(capsys):
    """A chat that one GPU would carry is not served by one GPU of a server's eight; idle ones are said."""
    plan = load_sample("serve-chat-500").plan
    result = estimate(plan).serving
    assert (result.figures["servers"].value, result.figures["gpus"].value) == (1, 8)
    said = next(item for item in estimate(plan).findings if item.code == "serving_whole_servers")
    assert said.params["least"] == "1"
    three = plan.with_values({"serving.auto": False, "serving.tp": 3})
    found = estimate(three)
    assert found.serving.figures["replicas"].value == 2
    said = next(item for item in found.findings if item.code == "serving_whole_servers_idle")
    assert (said.params["working"], said.params["idle"]) == ("6", "2")
    for language, word in (("en", "idle"), ("ja", "空き")):
        assert word in said.message(language)


@pytest.mark.parametrize(
    ("count", "gpus", "servers"), [(1, 1, 1), (8, 1, 1), (9, 1, 2), (2, 3, 1), (3, 3, 2), (1, 16, 2), (3, 12, 6)]
)
def test_a_replica_stands_on_whole_servers(count, gpus, servers):
    assert servers_for(count, gpus, 8) == servers
    assert places_in(servers, gpus, 8) >= count
    assert places_in(servers - 1, gpus, 8) < count


def test_the_command_ranks_serving_for_a_plan_that_serves(capsys):
    assert main(["advise", "serve-coding-200", "--json", "--top", "3"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert len(document["plans"]) == 3
    assert {"server", "precision", "layout", "jpy_per_million_tokens", "set"} <= set(document["plans"][0])
    assert main(["advise", "serve-coding-200", "--lang", "ja", "--top", "3"]) == 0
    assert "推論の構成" in capsys.readouterr().out
