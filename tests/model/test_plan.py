"""The plan: what it accepts, how it refuses, and that changes are validated like files."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitsumori.model.architecture.transformer import parameter_count
from mitsumori.model.base.refusal import PlanError, Refusal
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve, tokens_of
from mitsumori.model.plan.shapes import shape_for_parameters

BAD = [
    ("facility.rack_kva", 5e-324, "greater than 0"),  # a rack's share of the support power would be infinite
    ("cluster.servers", 0, "at least 1"),
    ("cluster.servers", 1.5, "whole number"),
    ("cluster.servers", True, "number"),
    ("workload.tokens", math.nan, "finite"),
    ("workload.tokens", math.inf, "finite"),
    ("workload.tokens", -1, "at least"),
    ("workload.stage", "pretraining", "one of 'pretrain'"),
    ("money.cloud.price_per_hour", -3, "at least 0"),
    ("money.onprem.discount", 1.0, "less than 1"),
    ("money.usd_jpy_date", "yesterday", "date"),
    ("facility.cooling", "fan", "one of 'air'"),
    ("parallel.precision", "fp7", "one of 'fp32'"),
    ("name", "x" * 201, "200"),
    ("nothing.here", 1, "no such field"),
    ("cluster.nodes", 1, "no such field"),
    ("overrides.training.tokens_per_s_per_gpu", math.nan, "finite"),
]


@pytest.mark.parametrize(("path", "value", "accepted"), BAD)
def test_bad_input_is_one_sentence_with_field_value_and_what_is_accepted(path, value, accepted):
    with pytest.raises(PlanError) as caught:
        Plan().with_values({path: value})
    sentence = str(caught.value)
    assert path in sentence or path.startswith("overrides")
    assert accepted in sentence
    assert sentence.count("\n") == 0
    assert sentence.endswith(".")


CROSS = [
    ({"cluster.server": "HPE-XD999"}, "cluster.server", "HPE-XD670"),
    ({"model.preset": "llama-9"}, "model.preset", "llama"),
    ({"parallel.auto": False, "parallel.tp": 3}, "parallel.tp", "divide the 32 attention heads"),
    ({"parallel.auto": False, "parallel.pp": 64}, "parallel.pp", "at most the 32 layers"),
    ({"parallel.auto": False, "parallel.pp": 16}, "parallel.pp", "divide the 8 accelerators"),
    ({"parallel.auto": False, "parallel.ep": 2}, "parallel.ep", "mixture-of-experts"),
    ({"parallel.auto": False, "parallel.vp": 2}, "parallel.vp", "pp of at least 2"),
    ({"parallel.auto": False, "parallel.global_batch": 12}, "parallel.global_batch", "multiple of"),
    ({"money.cloud.instance": "aws-p5.48xlarge-tokyo"}, "money.cloud.instance", "tokyo"),
]


@pytest.mark.parametrize(("changes", "field", "accepted"), CROSS)
def test_what_the_catalogue_or_the_model_does_not_allow_is_refused(changes, field, accepted):
    plan = Plan().with_values(changes)
    with pytest.raises(PlanError) as caught:
        resolve(plan)
    assert field in str(caught.value)
    assert accepted in str(caught.value)


def test_a_change_makes_a_new_plan_and_leaves_the_old_one():
    old = Plan()
    new = old.with_values(
        {"cluster.servers": 16, "money.cloud.term": "spot", "overrides.training.tokens_per_s_per_gpu": 900.0}
    )
    assert (old.cluster.servers, new.cluster.servers) == (1, 16)
    assert new.value("money.cloud.term") == "spot"
    assert new.value("overrides.training.tokens_per_s_per_gpu") == 900.0
    assert new.with_values({"overrides.training.tokens_per_s_per_gpu": None}).overrides == {}


def test_only_differences_from_the_defaults_are_written_and_read_back_the_same():
    plan = Plan().with_values({"workload.tokens": 3.5e12, "model.preset": "llama3-70b", "table.servers": (1, 2)})
    assert set(plan.to_dict()) <= {"workload", "model", "table"}
    assert Plan.from_dict(plan.to_dict()) == plan


@given(st.floats(3e8, 2e12))
def test_a_bare_parameter_count_makes_a_shape_of_about_that_size(parameters):
    shape = shape_for_parameters(parameters)
    assert float(parameter_count(shape).total) == pytest.approx(parameters, rel=0.06)
    assert shape.heads * shape.head_dim == shape.hidden
    assert shape.heads % shape.kv_heads == 0


@pytest.mark.parametrize(
    ("changes", "tokens"),
    [
        ({"workload.tokens": 1e9, "workload.epochs": 3.0}, 3e9),
        ({"workload.samples": 1000.0}, 1000 * 4096),
        ({"workload.samples": 1000.0, "workload.packing": 0.5}, 1000 * 2048),
        ({"workload.stage": "dpo", "workload.samples": 10.0}, 10 * 2 * 2048),
        ({"workload.stage": "ppo", "workload.samples": 10.0}, 10 * 2048),
        ({"workload.stage": "grpo", "workload.samples": 10.0}, 10 * 8 * 2048),
        ({"workload.stage": "datagen", "workload.samples": 10.0}, 10 * 1024),
    ],
)
def test_each_stage_counts_samples_as_its_user_does(changes, tokens):
    base = {"parallel.seq_len": 4096, "workload.prompt_len": 1024, "workload.response_len": 1024}
    assert tokens_of(Plan().with_values(base | changes)) == tokens


@given(st.dictionaries(st.text(max_size=12), st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=8))))
def test_any_dictionary_is_a_plan_or_refused_in_one_sentence(data):
    try:
        plan = Plan.from_dict(data)
    except Refusal as refusal:
        assert "\n" not in str(refusal)
    else:
        assert isinstance(plan, Plan)


def test_a_plan_changed_beside_its_prices_is_the_one_that_its_document_makes() -> None:
    """Prices and their views are brought together once; a change elsewhere leaves them as they are."""
    priced = Plan().with_values({
        "money.onprem.server_price": 4.5e7, "money.cloud.instance": "aws-p5.48xlarge-ap-northeast-1-tokyo", "money.cloud.price_per_hour": 70.0,
    })  # fmt: skip
    moved = priced.with_values({"workload.tokens": 2e9, "facility.pue": 1.2, "notes.cluster.servers": "x"})
    assert moved.money is priced.money
    assert Plan.from_dict(moved.to_dict()).with_values({"name": moved.name}) == moved
    exchanged = moved.with_values({"cluster.server": "HPE-XD680"})
    assert exchanged.money.onprem.server_price is None and exchanged.money.prices == moved.money.prices
    back = exchanged.with_values({"cluster.server": moved.cluster.server, "workload.tokens": 3e9})
    assert back.money.onprem.server_price == 4.5e7
