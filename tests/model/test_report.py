"""The estimate as text: what a terminal's reader sees."""

from __future__ import annotations

import re

import pytest

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, sample_names
from mitsumori.model.report.serving_document import serve_text
from mitsumori.model.report.text import estimate_text

WORDS = {"en": ("racks", "layout"), "ja": ("ラック", "並列構成")}


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", sample_names())
def test_counts_are_whole_and_layouts_are_spelled_as_everywhere(name: str, language: str) -> None:
    plan = load_sample(name).plan
    result = estimate(plan)
    lines = estimate_text(plan, result, language).splitlines()
    racks, layout = ([line for line in lines if re.match(rf"  {word}\s", line)] for word in WORDS[language])
    assert racks[-1].split()[-1] == f"{result.facility.racks.value:,.0f}"
    if result.serving is not None:  # no layout of a training is said of a plan that serves
        assert not layout
        return
    zero = result.training.parallel["zero_stage"]
    assert layout[0].endswith("FSDP" if zero == 3 else f"ZeRO-{zero}")


@pytest.mark.parametrize(("language", "sentence"), [("en", "Owning does not become cheaper"), ("ja", "安くなりません")])
def test_no_break_even_says_why(language: str, sentence: str) -> None:
    plan = load_sample("llama2-7b-sft").plan
    assert sentence in estimate_text(plan, estimate(plan), language)


@pytest.mark.parametrize("key", list(Catalogue.shipped().servers()))
def test_every_server_gives_power_and_energy(key: str) -> None:
    """With an interval where the maximum is estimated; racks, or the sentence that says which limit fails."""
    plan = load_sample("llama2-7b-sft").plan.with_values({"cluster.server": key})
    result = estimate(plan)
    hall = result.facility
    assert hall.it_kw.value
    assert hall.kwh_per_year.value
    estimated = any(item.code == "facility_power_estimated" for item in result.findings)
    assert (hall.it_kw.low is not None) == estimated
    racks = hall.racks.value is not None or any(method.racks for method in hall.methods)
    assert racks, "no cooling method holds it"
    assert "{" not in estimate_text(plan, result, "en")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_better_cooling_is_named(language: str) -> None:
    plan = Plan.from_dict(
        {
            "model": {"preset": "llama3-70b"},
            "cluster": {"server": "DGX-H100", "servers": 32},
            "facility": {"cooling": "in_row"},
        }
    )
    found = [
        item
        for item in estimate(plan).findings
        if item.code in ("facility_cheaper_method", "facility_cheaper_method_same", "facility_fewer_racks")
    ]
    assert len(found) == 1
    method = found[0].remedies[0].set["facility.cooling"]
    assert method != "in_row"
    message = found[0].message(language)
    assert f"{found[0].params['racks_then']:,}" in message
    assert "¥0" not in message
    assert found[0].params["method"].word(language) in message


def test_every_code_of_a_finding_begins_with_its_subject() -> None:
    from typing import get_args

    from mitsumori.model.base.findings import Subject
    from mitsumori.model.base.messages import keys

    others = {"remedy", "widened", "hardly"}  # the label of a button, and reasons named within a finding
    assert {key.split("_", 1)[0] for key in keys("findings")} == {*get_args(Subject)} | others


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", sample_names())
def test_a_total_says_what_it_leaves_out_where_it_stands(name: str, language: str) -> None:
    plan = load_sample(name).plan
    labels = {"en": "on-premises, total", "ja": "オンプレミス合計"}
    tokens = {"en": "A million output tokens", "ja": "出力 100 万トークン"}
    without = {"en": "power works", "ja": "電源工事費"}
    for works in (None, 1e7):
        changed = plan.with_values({"money.onprem.power_works": works})
        result = estimate(changed)
        line = next(x for x in estimate_text(changed, result, language).splitlines() if labels[language] in x)
        lacking = "money.onprem.power_works" in result.cost.left_out("onprem")
        said = [line]
        if result.serving is not None and result.serving.jpy_per_million_tokens["output"].value is not None:
            said.append(next(x for x in serve_text(result, language).splitlines() if tokens[language] in x))
        for one in said:
            assert lacking is (without[language] in one), one
            assert result.cost.weak_on("onprem") is ({"en": "indicative", "ja": "参考値"}[language] in one), one
