"""The ranking and its reasons, what holds a plan back, trade-offs and generations."""

from __future__ import annotations

import json
import string
import tomllib
from typing import Any

import numpy as np
import pytest

from mitsumori import resources
from mitsumori.model.base.format import money as money_text
from mitsumori.model.base.messages import Sentence, keys, text
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cli import main
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.formats import read_configuration
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import open_plan, sample_names
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.search.search import search
from mitsumori.model.study.bottlenecks import MIN_GAIN, find_bottlenecks
from mitsumori.model.study.ranking import Advice, advise
from mitsumori.model.study.setting import Setting
from mitsumori.model.study.trade_offs import Machines, compare_generations, pareto, representatives, trade_offs
from mitsumori.model.study.unknowns import with_server

TRAININGS = [name for name in sample_names() if not name.startswith("serve-")]
"""Samples that ask for a training; the others ask how many users a cluster carries."""

PLAN = open_plan("llama3-70b-continual").plan
FIXED = {"parallel.auto": False, "parallel.tp": 8, "parallel.pp": 4, "parallel.recompute": "full"}
CATALOGUE = Catalogue.shipped()


@pytest.fixture(scope="module")
def advice() -> Advice:
    return advise(PLAN, top=12)


def test_applying_a_listed_layout_gives_the_listed_figures(advice: Advice) -> None:
    assert len(advice.options) == 12
    for option in (*advice.options, *advice.tight):
        own = estimate(PLAN.with_values(dict(option.changes)))
        assert own.training.days.value == pytest.approx(option.days, rel=1e-9)
        assert own.training.step_time_s.value == pytest.approx(option.step_time_s, rel=1e-9)
        assert own.memory.per_gpu["total_bytes"].value == pytest.approx(option.memory_bytes, rel=1e-12)
        assert own.memory.verdict != "no"
        for name in ("tp", "pp", "vp", "cp", "ep", "dp", "zero_stage", "micro_batch", "recompute", "global_batch"):
            assert own.training.parallel[name] == option.parallel[name]


def test_best_first_and_the_best_is_the_searchs_best(advice: Advice) -> None:
    days = [option.days for option in advice.options]
    assert days == pytest.approx(sorted(days), rel=1e-8)
    best = search(resolve(PLAN)).best
    assert best is not None
    assert advice.options[0].parallel["tp"] == best.parallel.tp
    assert advice.options[0].memory_bytes == pytest.approx(best.memory_bytes)
    assert all(not option.tight for option in advice.options)
    assert all(option.tight and option.days < advice.options[0].days for option in advice.tight)


def test_breakdown_adds_up_and_shares_follow(advice: Advice) -> None:
    for option in advice.options:
        whole = sum(option.breakdown_s.values())
        assert option.bubble_share == pytest.approx(option.breakdown_s["bubble"] / whole)
        assert option.communication_share == pytest.approx(option.breakdown_s["communication"] / whole)
        assert sum(option.communication_s.values()) == pytest.approx(option.breakdown_s["communication"], rel=1e-6)


def test_the_reason_names_the_part_that_grew_most() -> None:
    options = advise(PLAN, top=300).options
    best = options[0]
    named = set()
    for option in options[1:]:
        slower = option.step_time_s / option.parallel["global_batch"] * best.parallel["global_batch"] / best.step_time_s
        if slower - 1.0 < 5e-4:
            assert option.why.code == "why_equal"
            continue
        tokens = [o.parallel["global_batch"] * o.parallel["seq_len"] for o in (option, best)]
        grown = {}
        for part in ("compute", "recompute", "bubble", "optimizer", "data"):
            grown[part] = option.breakdown_s[part] / tokens[0] - best.breakdown_s[part] / tokens[1]
        for part, seconds in option.communication_s.items():
            grown[part] = seconds / tokens[0] - best.communication_s[part] / tokens[1]
        assert option.why.code == f"why_{max(grown, key=lambda name: grown[name])}"
        named.add(option.why.code)
    assert len(named) >= 2


def test_distinct_lists_each_split_once() -> None:
    options = advise(PLAN, top=30, distinct=True).options
    splits = [tuple(o.parallel[n] for n in ("tp", "pp", "cp", "ep", "etp", "zero_stage")) for o in options]
    assert len(set(splits)) == len(splits)
    assert options[0].days == pytest.approx(advise(PLAN, top=1).options[0].days)


def test_the_plans_own_layout_has_its_place() -> None:
    assert advise(PLAN, top=1).rank == 1
    own = advise(PLAN.with_values(FIXED), top=1)
    assert own.current is not None
    assert own.current.parallel["tp"] == 8
    assert own.current.days > own.options[0].days
    assert own.rank is None or own.rank > 1
    again = advise(PLAN.with_values(dict(advise(PLAN, top=5).options[3].changes)), top=5)
    assert again.rank is not None
    assert 1 < again.rank <= 4


def test_an_advice_that_is_stopped_says_so_whenever_that_is() -> None:
    asked = 0

    def count() -> bool:
        nonlocal asked
        asked += 1
        return False

    whole = advise(PLAN, setting=Setting(cancelled=count), top=4)
    assert whole.complete
    for last in range(asked):
        left = [last]

        def stop(left: list[int] = left) -> bool:
            left[0] -= 1
            return left[0] < 0

        cut = advise(PLAN, setting=Setting(cancelled=stop), top=4)
        shown = [option.layout for option in cut.options]
        assert not cut.complete or shown == [option.layout for option in whole.options]
        assert len(shown) <= 4
    assert not advise(PLAN, setting=Setting(cancelled=lambda: True), top=4).options


def test_nothing_fits_is_an_answer() -> None:
    none = advise(Plan.from_dict({"model": {"preset": "llama3.1-405b"}, "cluster": {"server": "DGX-H100"}}))
    assert none.options == ()
    assert none.fitting == 0
    assert none.least_memory is not None
    assert none.least_memory.why.code == "why_no_fit"


@pytest.mark.parametrize("sample", TRAININGS)
def test_command_prints_the_contract(sample: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise", sample, "--top", "4", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {"evaluated", "seconds", "plans"} <= set(document)
    assert 1 <= len(document["plans"]) <= 4
    for plan in document["plans"]:
        assert {"parallel", "step_time_s", "days", "memory_bytes", "why"} <= set(plan)
    days = [plan["days"] for plan in document["plans"]]
    assert days == pytest.approx(sorted(days), rel=1e-8)
    assert main(["advise", sample, "--top", "2"]) == 0
    assert "TP" in capsys.readouterr().out


@pytest.mark.parametrize(("tool", "said"), [("megatron", ("tp", "pp", "cp")), ("torchtitan", ("tp", "pp", "cp")),
                                           ("nemo", ("tp", "pp", "cp")), ("deepspeed", ("zero_stage",)),
                                           ("huggingface", ())])  # fmt: skip
def test_the_best_layout_leaves_in_another_tools_format_and_comes_back(
    tool: str, said: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["advise", "llama3-70b-continual", "--as", tool]) == 0
    written = capsys.readouterr().out
    back = read_configuration(written).apply(PLAN.with_values({"model.preset": "llama3.1-8b"}))
    best = advise(PLAN, top=1).options[0].parallel
    for name in said:
        assert getattr(back.parallel, name) == best[name], name
    if tool in ("huggingface", "megatron"):
        assert resolve(back).parameters == pytest.approx(resolve(PLAN).parameters, rel=1e-3)


def test_a_format_that_is_not_known_and_a_model_that_does_not_fit_are_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["advise", "llama3-70b-continual", "--as", "yaml"]) == 2
    assert main(["advise", "llama3-70b-continual", "--set", "cluster.servers=1", "--as", "megatron"]) == 2
    assert capsys.readouterr().err.count("\n") == 2


@pytest.mark.parametrize("top", ["0", "-1", "x", "1.5"])
def test_command_refuses_a_bad_count(top: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise", sample_names()[0], "--top", top]) == 2
    assert capsys.readouterr().err.count("\n") == 1


# What holds it back.


@pytest.mark.parametrize("change", [{}, FIXED, {"workload.stage": "lora"}, {"workload.stage": "grpo"}])
def test_shares_of_the_bottlenecks_are_the_estimates_own_time(change: dict[str, Any]) -> None:
    plan = PLAN.with_values(change)
    held = find_bottlenecks(plan, hardware=False)
    own = estimate(plan).training
    assert sum(item.share for item in held.shares) == pytest.approx(1.0, abs=1e-9)
    seconds = {item.name: item.seconds for item in held.shares}
    parts = {name: figure.value for name, figure in own.breakdown_s.items()}
    assert sum(seconds.values()) == pytest.approx(sum(parts.values()), rel=1e-9)
    inside = sum(seconds.get(name, 0.0) for name in ("useful", "memory_bound", "kernels"))
    assert inside == pytest.approx(parts["compute"], rel=1e-9)
    assert seconds["lost"] == pytest.approx(parts["lost"], rel=1e-9)


def test_the_useful_share_is_mfu_times_goodput() -> None:
    own = estimate(PLAN).training
    useful = next(item for item in find_bottlenecks(PLAN, hardware=False).shares if item.name == "useful")
    assert useful.share == pytest.approx(own.mfu.value * own.goodput.value, rel=1e-6)


@pytest.mark.parametrize("change", [{}, FIXED, {**FIXED, "parallel.micro_batch": 2}])
def test_applying_a_change_gives_the_gain_that_was_stated(change: dict[str, Any]) -> None:
    plan = PLAN.with_values(change)
    held = find_bottlenecks(plan)
    before = estimate(plan).training.days.value
    assert held.days == before
    assert len(held.changes) >= 4
    for item in held.changes:
        after = estimate(plan.with_values(dict(item.changes)))
        assert after.training.days.value == pytest.approx(item.days, rel=1e-12)
        assert before - after.training.days.value == pytest.approx(item.gain_days, rel=1e-12)
        assert after.memory.verdict != "no"
        assert item.gain_days > 0
    assert [item.days for item in held.changes] == sorted(item.days for item in held.changes)
    kinds = {item.kind for item in held.changes}
    assert kinds >= {"setting", "software", "links", "generation", "layout" if change else "memory"}
    # More memory gains where the layout may use it; in a fixed one it is listed where its own estimate gains.
    larger = with_server(plan, "DGX-H200", CATALOGUE) | {"cluster.servers": 8, "parallel.auto": plan.parallel.auto}
    days = estimate(plan.with_values(larger)).training.days.value
    listed = [item.days for item in held.changes if item.changes.get("cluster.server") == "DGX-H200"]
    assert listed == ([pytest.approx(days, rel=1e-12)] if days <= before * (1.0 - MIN_GAIN) else [])


@pytest.mark.parametrize("sample", [name for name in TRAININGS if name != "llama3-70b-continual"])
def test_the_best_changes_of_every_sample_gain_what_was_stated(sample: str) -> None:
    plan = open_plan(sample).plan
    held = find_bottlenecks(plan)
    before = estimate(plan).training.days.value
    assert held.best is not None
    assert held.best is held.changes[0]
    for item in (held.best, *(held.best_of(kind) for kind in KINDS_OF_CHANGE)):
        if item is not None:
            after = estimate(plan.with_values(dict(item.changes))).training.days.value
            assert after == pytest.approx(before - item.gain_days, rel=1e-12)
            assert after == pytest.approx(before * (1.0 - item.gain_share), rel=1e-9)


KINDS_OF_CHANGE = ("setting", "layout", "software", "memory", "links", "generation")


def test_a_bad_layout_is_mended_by_the_layout() -> None:
    held = find_bottlenecks(PLAN.with_values({**FIXED, "parallel.micro_batch": 1}), hardware=False)
    best = held.best_of("layout")
    assert best is not None
    assert best.gain_share > 0.05
    assert next(item for item in held.shares if item.name == "recompute").share > 0.1


# Trade-offs.


def test_pareto_against_its_definition() -> None:
    rng = np.random.default_rng(7)
    values = rng.integers(0, 12, size=(200, 3)).astype(float)
    kept = pareto(values)
    for i, row in enumerate(values):
        dominated = any((other <= row).all() and (other < row).any() for other in values)
        assert kept[i] == (not dominated)


def test_each_point_opens_as_the_plan_that_was_estimated() -> None:
    found = trade_offs(PLAN, Machines(servers=("HPE-XD670", "DGX-B200"), counts=(0.5, 1.0), precisions=("bf16",)))
    assert {p.site for p in found.points} == {"onprem", "cloud"}
    for point in (*found.points, *found.unpriced):
        own = estimate(PLAN.with_values(dict(point.changes)))
        assert own.training.days.value == pytest.approx(point.days, rel=1e-9)
        side = own.cost.onprem if point.site == "onprem" else own.cost.cloud
        if point.cost is not None:
            assert side.total.value == pytest.approx(point.cost, rel=1e-9)
    front = found.front
    assert front
    assert [p.current for p in (*found.points, *found.unpriced)].count(True) == 2


def test_the_price_entered_for_one_server_is_never_used_for_another() -> None:
    unpriced = next(key for key, server in CATALOGUE.servers().items() if server.price is None and key != "HPE-XD670")
    found = trade_offs(PLAN, Machines(servers=(unpriced,), counts=(1.0,), sites=("onprem",)))
    assert [p.server for p in (*found.unpriced, *found.impossible)] == [unpriced]
    assert found.points == ()
    point = (*found.unpriced, *found.impossible)[0]
    assert point.cost is None
    assert not point.front
    assert "money.onprem.server_price" in point.missing
    priced = trade_offs(PLAN, Machines(servers=(unpriced,), counts=(1.0,), sites=("onprem",), prices={unpriced: 5e7}))
    assert "money.onprem.server_price" not in (*priced.points, *priced.unpriced, *priced.impossible)[0].missing


def test_one_server_for_each_accelerator() -> None:
    chosen = representatives(PLAN, CATALOGUE)
    parts = [CATALOGUE.server(key).accelerator for key in chosen]
    assert len(set(parts)) == len(parts)
    assert set(parts) == {server.accelerator for server in CATALOGUE.servers_for_sale().values()}
    assert "HPE-XD670" in chosen


@pytest.mark.parametrize("same", ["money", "deadline", "power"])
def test_generations_under_the_same_limit(same: Any) -> None:
    found = compare_generations(PLAN, same, servers=("HPE-XD670", "DGX-B200"))
    name = {"money": "budget", "deadline": "days", "power": "facility_kw"}[same]
    assert found.limit is not None
    for row in found.rows:
        assert row.found
        assert row.measured is not None
        value = row.measured.values[name]
        assert value is not None
        assert value <= found.limit * (1 + 1e-12)
        step = 1 if same != "deadline" else -1
        beside = estimate(row.measured.plan.with_values({"cluster.servers": row.servers + step}))
        figures = {"budget": beside.cost.onprem.total, "days": beside.training.days,
                   "facility_kw": beside.facility.facility_kw}  # fmt: skip
        assert figures[name].value > found.limit
    own = next(row for row in found.rows if row.server == PLAN.cluster.server)
    assert own.servers == PLAN.cluster.servers


def test_without_a_price_the_same_money_says_what_is_missing() -> None:
    found = compare_generations(PLAN.with_values({"money.onprem.staff_cost_per_year": None}), "money")
    assert found.rows == ()
    assert "money.onprem.staff_cost_per_year" in found.missing


# Words.


def test_every_sentence_is_there_in_both_languages() -> None:
    for key in keys("advisor"):
        for language in ("ja", "en"):
            sentence = text("advisor", key, language, **_fields(key, language))
            assert sentence.strip()
            assert "{" not in sentence
        if key.startswith(("why_", "goal_", "relax_", "change_")):
            assert text("advisor", key, "en", **_fields(key, "en")).endswith(".")
            assert text("advisor", key, "ja", **_fields(key, "ja")).endswith(("。", ")。"))


def _fields(key: str, language: str) -> dict[str, str]:
    template = tomllib.loads(resources.read_text("messages", "advisor.toml"))[key][language]
    return {name: "7" for _, name, _, _ in string.Formatter().parse(template) if name}


def test_both_languages_use_the_same_fields() -> None:
    for key in keys("advisor"):
        assert _fields(key, "ja").keys() == _fields(key, "en").keys(), key


def test_money_and_counts_are_written_in_the_language_of_the_sentence() -> None:
    from mitsumori.model.base.format import Amount

    reason = Sentence(
        "advisor",
        "goal_step_servers_budget",
        {"servers": "9", "value": Amount(1.5e9, "JPY"), "limit": Amount(1e9, "JPY")},
    )
    for language in ("ja", "en"):
        assert money_text(1.5e9, "JPY", language) in reason.text(language)
