"""The table of inputs is whole: every field of the plan has its row, with words in both languages."""

from __future__ import annotations

import json
import tomllib

import pytest

from mitsumori import resources
from mitsumori.model.base.refusal import PlanError
from mitsumori.model.cli import main
from mitsumori.model.plan.inputs import inputs, plan_fields, proposal_inputs
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.proposal import Proposal

SHAPE = "model.architecture."


def test_the_file_has_the_fields_of_the_plan_and_no_others() -> None:
    named = tomllib.loads(resources.read_text("inputs.toml"))
    assert list(named) == [path for path, _ in plan_fields()]


def test_the_file_of_the_proposal_has_its_fields_and_no_others() -> None:
    named = tomllib.loads(resources.read_text("inputs_proposal.toml"))
    assert list(named) == [f"proposal.{name}" for name in Proposal.model_fields] == list(proposal_inputs())


@pytest.mark.parametrize("path", [*inputs(), *proposal_inputs()])
def test_every_input_says_what_it_is_in_both_languages(path: str) -> None:
    item = {**inputs(), **proposal_inputs()}[path]
    for language in ("en", "ja"):
        assert item.label(language) and item.title(language) and item.standard_source(language)
    if item.optional and not path.startswith(SHAPE):
        assert set(item.standards) == {"en", "ja"}, "an input that may stay open says what counts then"
    for texts in (item.labels, item.titles, item.helps, item.standards):
        assert not texts or set(texts) == {"en", "ja"}


@pytest.mark.parametrize("path", [path for path in inputs() if not path.startswith(SHAPE)])
def test_bounds_and_choices_are_what_the_plan_accepts(path: str) -> None:
    """A value on a closed bound is taken, one beyond is refused; each choice is taken."""
    item, plan = inputs()[path], Plan()
    for bound, is_open, beyond in ((item.low, item.low_open, -1.0), (item.high, item.high_open, 1.0)):
        if bound is None or item.kind not in ("number", "whole"):
            continue
        number = int(bound) if item.kind == "whole" else bound
        if is_open:
            with pytest.raises(PlanError):
                plan.with_values({path: number})
        else:
            assert plan.with_values({path: number}).value(path) == number
        with pytest.raises(PlanError):
            plan.with_values({path: number + beyond * max(1.0, abs(number))})
    for word in item.choices:
        assert plan.with_values({path: word}).value(path) == word
    if item.choices:
        with pytest.raises(PlanError):
            plan.with_values({path: "no-such-choice"})
    if item.optional and path != "model.preset":
        assert plan.with_values({path: None}).value(path) is None
    assert item.standard == (plan.value(path) if path != "model.preset" else item.standard)


def test_fields_prints_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fields", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["path"] for row in rows] == [*inputs(), *proposal_inputs()]
    tokens = next(row for row in rows if row["path"] == "workload.tokens")
    assert tokens == {
        "path": "workload.tokens", "type": "number", "unit": "tokens", "low": 1e3, "high": 1e16, "choices": [],
        "standard": 100e9, "standard_source": "default of Mitsumori", "label_ja": "トークン数", "label_en": "Tokens",
        "group": "workload", "workbook": "live",
    }  # fmt: skip
    assert main(["fields", "--lang", "ja"]) == 0
    printed = capsys.readouterr().out
    assert "workload.tokens" in printed and "トークン数" in printed


def test_the_cover_takes_the_texts_that_the_table_says(capsys: pytest.CaptureFixture[str]) -> None:
    """The workbook's cells of the proposal are those of the table, and ``fields`` says that they are live."""
    from mitsumori.model.plan.project import load_sample
    from mitsumori.model.workbook import described

    (book,) = described([load_sample("llama3-70b-continual").plan], "en")
    cells = {name for name, cell in book.names.items() if name.startswith("in_proposal_")}
    live = {path for path, item in proposal_inputs().items() if item.workbook is not None}
    assert cells == {"in_" + path.replace(".", "_") for path in live}
    assert live == {path for path, item in proposal_inputs().items() if item.kind == "text"}
    assert main(["fields", "--json"]) == 0
    said = {row["path"]: row["workbook"] for row in json.loads(capsys.readouterr().out)}
    assert {path for path in proposal_inputs() if said[path] == "live"} == live
