"""What limits a plan that serves is said with remedies, and each remedy, once applied, has the finding gone."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.serving_limits import limit_findings, reserve
from mitsumori.model.plan.project import load_sample
from tests.model.test_serving_properties import plans, size

LIMITS = ("serving_does_not_fit", "serving_limits_unmet", "serving_servers_short", "serving_limit_near")


def finding(plan, code):
    return next((item for item in estimate(plan).findings if item.code == code), None)


@pytest.mark.parametrize(
    ("name", "changes", "code", "offered"),
    [
        ("serve-rag-3000", {"users": 60_000, "servers": 2, "availability": "n"}, "serving_servers_short", "serving_do_servers"),
        ("serve-chat-500", {"users": 500_000, "servers": 4}, "serving_servers_short", "serving_do_servers"),
        ("serve-chat-500", {"tpot_limit_ms": 5.0}, "serving_limits_unmet", "serving_do_allow_tpot_limit_ms"),
        ("serve-chat-500", {"tpot_limit_ms": 11.0, "weight_precision": "bf16"}, "serving_limits_unmet", "serving_do_precision"),
        ("serve-chat-500", {"ttft_limit_s": 0.02}, "serving_limits_unmet", "serving_do_allow_ttft_limit_s"),
        ("serve-chat-500", {"ttft_limit_s": 0.02, "tpot_limit_ms": 2.0}, "serving_limits_unmet", "serving_do_allow_both"),
        ("serve-chat-500", {"auto": False, "tp": 1, "weight_precision": "bf16"}, "serving_does_not_fit", "serving_do_auto"),
        ("serve-chat-500", {"auto": False, "tp": 1, "weight_precision": "bf16"}, "serving_does_not_fit", "serving_do_precision"),
        ("serve-moe-nvl72", {"server": "DGX-H100", "weight_precision": "bf16", "auto": False, "tp": 8, "ep": 8}, "serving_does_not_fit", "serving_do_precision"),
        ("serve-moe-nvl72", {"users": 3_000_000, "servers": 12, "prefill_servers": 1}, "serving_servers_short", "serving_do_prefill"),
    ],
)  # fmt: skip
def test_a_limit_that_binds_has_remedies_that_cure_it(name, changes, code, offered):
    plan = load_sample(name).plan.with_values({f"serving.{key}": value for key, value in changes.items()})
    found = finding(plan, code)
    assert offered in [remedy.code for remedy in found.remedies]
    for remedy in found.remedies:
        assert finding(plan.with_values(dict(remedy.set)), code) is None, remedy.set
        for language in ("en", "ja"):
            assert any(character.isdigit() for character in remedy.label(language))
            assert "{" not in remedy.label(language) + found.message(language)


@pytest.mark.parametrize(
    ("unit", "en", "ja"),
    [("server", "one server is down", "サーバー 1 台の停止中"), ("rack", "one rack is down", "ラック 1 本の停止中")],
)
def test_a_share_with_one_part_down_says_so(unit: str, en: str, ja: str) -> None:
    """One server with N+1: "the servers given serve 0 %" was said without the failure that it is about."""
    given = {"serving.servers": 1, "serving.availability": "n1", "serving.failure_unit": unit}
    plan = load_sample("serve-rag-3000").plan.with_values(given)
    said = finding(plan, "serving_servers_short")
    assert en in said.message("en") and ja in said.message("ja")
    more = plan.with_values({"serving.availability": "n", "serving.users": 60_000})
    said = finding(more, "serving_servers_short")
    assert "down" not in said.message("en") and "停止" not in said.message("ja")


def test_another_replica_is_offered_before_the_limit_is_reached():
    """At the load at which the servers are just enough, what binds and one more server are said; with more reserve nothing."""
    plan = load_sample("serve-chat-500").plan
    assert finding(plan, "serving_limit_near") is None
    for users in (2_000, 60_000, 400_000):
        there = plan.with_values({"serving.users": users})
        enough = plan.with_values({"serving.users": users * (1 + reserve(size(there))) * 0.96})
        said = finding(enough, "serving_limit_near")
        assert [remedy.code for remedy in said.remedies] == ["serving_do_servers"]
        assert "制限" in said.message("ja") or "キャッシュ" in said.message("ja")
        more = enough.with_values(dict(said.remedies[0].set))
        assert finding(more, "serving_limit_near") is None
        assert estimate(more).serving.figures["servers"].value > estimate(enough).serving.figures["servers"].value


def test_less_busy_prefill_workers_keep_a_tighter_limit():
    """A limit that workers busy seven tenths of the time miss is kept by more of them, before it is called out of reach."""
    plan = load_sample("serve-moe-nvl72").plan.with_values({"serving.users": 3_000_000})
    usual = estimate(plan).serving
    ttft = usual.figures["ttft_s"].value
    tight = plan.with_values({"serving.ttft_limit_s": ttft * 0.9})
    kept = estimate(tight).serving
    assert kept.figures["ttft_s"].value <= ttft * 0.9
    assert kept.figures["share_of_users_served"].value == 1.0


def test_a_limit_that_nothing_keeps_does_not_buy_servers():
    """Replicas are no remedy for a request that is too slow by itself: the layout nearest to the limit, on what the load needs."""
    plan = load_sample("serve-chat-500").plan
    free = estimate(plan).serving.figures
    hard = estimate(plan.with_values({"serving.tpot_limit_ms": 5.0})).serving.figures
    assert hard["servers"].value == free["servers"].value == 1
    assert hard["tpot_ms"].value == free["tpot_ms"].value
    assert hard["share_of_users_served"].value == 0.0


@pytest.mark.parametrize("field", ["hall_kva_free", "hall_racks_free"])
def test_a_hall_that_is_too_small_is_answered_by_fewer_serving_servers(field):
    """Power and room bind the servers that serve, not the cluster of a training that the plan does not have."""
    plan = load_sample("serve-rag-3000").plan.with_values({"serving.users": 400_000})
    servers = estimate(plan).serving.figures["servers"].value
    assert servers > 4
    room = {"hall_kva_free": 40.0, "hall_racks_free": 4.0}[field]
    small = plan.with_values({f"facility.{field}": room})
    code = "facility_hall_kva" if "kva" in field else "facility_hall_racks"
    found = finding(small, code)
    fewer = [remedy for remedy in found.remedies if "serving.servers" in remedy.set]
    assert fewer
    assert not any("cluster.servers" in remedy.set for remedy in found.remedies)
    for remedy in found.remedies:
        assert finding(small.with_values(dict(remedy.set)), code) is None, remedy.set


@given(plans())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_remedy_of_every_plan_cures(plan):
    for found in limit_findings(size(plan)):
        assert found.code in LIMITS
        for remedy in found.remedies:
            left = limit_findings(size(plan.with_values(dict(remedy.set))))
            assert found.code not in [item.code for item in left], (found.code, remedy.set)
        if found.code in ("serving_limits_unmet", "serving_servers_short"):
            assert found.remedies


def test_one_server_that_must_survive_its_own_loss_says_so():
    """It answers while it works, but N+1 promises nothing: nothing is left after the loss of a server."""
    plan = load_sample("serve-chat-500").plan.with_values({"serving.availability": "n1", "serving.servers": 1})
    found = finding(plan, "serving_servers_short")
    assert "N+1" in found.message("en")
    assert "N+1" in found.message("ja")
    assert dict(found.remedies[0].set)["serving.servers"] == 2
