"""Every parent of a number is said in words: a rule of ours is listed for the translators, no module is named as an input."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from mitsumori.gui.inputs.explanation import explanation
from mitsumori.gui.inputs.fields import FIELDS
from mitsumori.gui.tabs.assumptions import assumptions
from mitsumori.gui.words.sources import OWN, source_words
from mitsumori.gui.words.translation import set_language
from mitsumori.model.base.figure import Figure, Provenance
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, sample_names


def parents(part: Any) -> Iterator[Provenance]:
    """The parents of all figures in an estimate."""
    if isinstance(part, Figure):
        if part.provenance is not None:
            yield part.provenance
    elif dataclasses.is_dataclass(part):
        for field in dataclasses.fields(part):
            yield from parents(getattr(part, field.name))
    elif isinstance(part, Mapping | Sequence) and not isinstance(part, str):
        for item in part.values() if isinstance(part, Mapping) else part:
            yield from parents(item)


@pytest.mark.parametrize("name", sample_names())
def test_what_a_number_is_is_listed_or_a_field_of_the_plan_or_a_catalogue_record(qtbot, name: str) -> None:  # type: ignore[no-untyped-def]
    plan = load_sample(name).plan
    found = {(parent.kind, parent.what) for parent in parents(estimate(plan, today=dt.date(2026, 11, 26)))}
    assert found
    set_language("ja")
    try:
        for kind, what in found:
            if what in OWN or kind == "formula":  # a formula that is not listed has its counts in it
                assert source_words(what) != what, f"{what} has no Japanese"
            elif kind in ("user", "default") and not what.startswith("tariffs."):
                Plan().value(what)  # refuses a path that is no field
            else:
                assert kind in ("catalogue", "default"), f"{what} is shown as it stands"
                assert " " not in what.partition(".")[0]
    finally:
        set_language("en")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_source_is_the_name_of_a_file(qtbot, language: str) -> None:  # type: ignore[no-untyped-def]
    """The explanations of a Japanese window named docs/method.md and resources/constants/report.md."""
    set_language(language)  # type: ignore[arg-type]
    shown = [source_words(text) for text in OWN]
    set_language("en")
    assert not [words for words in shown if "docs/" in words or "resources/" in words or ".md" in words]
    assert any("6.9" in words for words in shown), "the section is kept"


def test_every_formula_that_the_core_names_has_words() -> None:
    """Also those that no sample shows: a formula with a source is a sentence that a reader of Japanese sees."""
    core = Path(__file__).parents[2] / "model"
    named = {
        match[1]
        for path in core.rglob("*.py")
        for match in re.finditer(r'Provenance\(\s*"formula",\s*"([^"]+)"', path.read_text("utf-8"))
    }
    assert len(named) > 20
    assert not named - set(OWN)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_list_and_no_explanation_names_a_file(qtbot, language: str) -> None:  # type: ignore[no-untyped-def]
    """The standards of the recipe came from "docs/method.md 4.2" in the list of assumptions and under the labels."""
    set_language(language)  # type: ignore[arg-type]
    said = {text for field in FIELDS.values() for text in explanation(field)}
    plan = load_sample("llama3-70b-continual").plan
    result = estimate(plan)
    said |= {text for line in assumptions(plan, result) for text in vars_of(line)}
    set_language("en")
    assert len(said) > 300
    said = {text for text in said if not text.startswith("http")}  # pages that a button opens
    assert sorted(text for text in said if re.search(r"(?<!\w)(docs|resources)/", text)) == []


def vars_of(line: Any) -> list[str]:
    return [value for field in dataclasses.fields(line) if isinstance(value := getattr(line, field.name), str)]
