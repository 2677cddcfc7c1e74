"""English sentences count one thing in the singular."""

from __future__ import annotations

import re

import pytest

from mitsumori.model.base.format import Amount
from mitsumori.model.base.messages import _NOUNS, _table, text, with_unit


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "6 a rack, 1 rack"), (2, "6 a rack, 2 racks"), (11, "6 a rack, 11 racks"), (1001, "6 a rack, 1,001 racks")],
)
def test_one_is_singular(count: int, said: str) -> None:
    assert text("findings", "facility_gives_racks", "en", per_rack=6, racks=count) == said


def test_every_noun_that_a_sentence_counts_is_known() -> None:
    """A field in front of a plural noun: the nouns in the table of the mechanism, or no count of things."""
    no_counts = {"ms", "times", "feeds", "keys", "cells"}
    verbs = {"is", "has", "was", "less", "as"}
    found = set()
    for table in ("findings", "advisor", "report", "serving", "calendar", "formats", "refusals", "commands"):
        for key in _table(table):
            for noun in re.findall(
                r"\{(?:[a-z_]*(?:count|servers|gpus|racks|days|months|number|experts|layers)[a-z_]*)[^}]*\} ([a-z-]+s)\b",
                _table(table)[key]["en"],
            ):
                found.add(noun)
    assert {noun for noun in found if not noun.endswith("ss")} - set(_NOUNS) - no_counts - verbs == set()


def test_japanese_has_no_space_behind_a_number_in_words() -> None:
    said = text("advisor", "goal_found_tokens", "ja", tokens=Amount(8.71e12), days="30")
    assert said == "最大 8.71 兆トークンまで学習できます（30 日）。"


def test_what_a_user_named_is_never_rewritten() -> None:
    said = text("refusals", "field", "en", where="Case 1 servers", accepted="1 days")
    assert said == "Case 1 servers is not accepted: 1 days."
    assert "8億 案" in text("refusals", "field", "ja", where="8億 案", accepted="x")


def test_one_of_a_unit_is_singular_in_english() -> None:
    assert with_unit("1", "sequences", "en") == "1 sequence"
    assert with_unit("2", "sequences", "en") == "2 sequences"
    assert with_unit("1", "kVA", "en") == "1 kVA"
    assert with_unit("1", "系列", "ja") == "1 系列"
    assert with_unit("1", "", "en") == "1"
