"""transformers judges the reader of ``config.json``: totals of its own model classes, for configurations of its own classes.

The table is made by ``make_transformers_totals.py`` in an environment with torch; here only the reader runs.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.formats import NamedRefusal, read_configuration
from mitsumori.model.formats.imported import DOUBTS
from mitsumori.model.plan.plan import Plan

TABLE = json.loads(gzip.decompress(Path(__file__).with_name("transformers_totals.json.gz").read_bytes()))
ENTRIES: list[dict[str, Any]] = TABLE["entries"]


@cache
def read(index: int) -> tuple[float | None, bool, str]:
    """The reader's error of an entry (None: refused), whether its first line doubts the count, and what was said."""
    catalogue = Catalogue.shipped()
    data = json.dumps(ENTRIES[index]["config"]).encode()
    try:
        found = read_configuration(data, "config.json", catalogue)
        total = found.document(Plan(), catalogue)["params"]
    except (NamedRefusal, Refusal) as refusal:
        return None, True, refusal.text("en")
    lines = found.report(Plan(), "en", catalogue)
    doubted = any(note.code in DOUBTS for note in found.notes)
    return total / ENTRIES[index]["params"] - 1.0, doubted, lines[0]


def families() -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for index, entry in enumerate(ENTRIES):
        found[entry["type"]].append(index)
    return found


def test_the_table_says_what_it_was_made_with() -> None:
    assert set(TABLE["versions"]) == {"transformers", "torch"}
    assert len(families()) >= 150


def test_at_least_sixty_families_agree_with_transformers_own_totals() -> None:
    """To 0.1 %, at the class's defaults and at every set of sizes drawn."""
    agree = [
        kind for kind, indices in families().items()
        if len(indices) >= 2 and all((error := read(index)[0]) is not None and abs(error) <= 1e-3 for index in indices)
    ]  # fmt: skip
    assert len(agree) >= 80, sorted(agree)
    assert {
        "llama",
        "qwen3",
        "qwen3_moe",
        "deepseek_v3",
        "glm4_moe",
        "gpt_oss",
        "mixtral",
        "gemma3_text",
        "minimax_m2",
    } <= set(agree)


@pytest.mark.parametrize("kind", sorted(families()))
def test_no_count_is_off_by_a_per_cent_in_silence(kind: str) -> None:
    for index in families()[kind]:
        error, doubted, said = read(index)
        assert error is None or abs(error) <= 0.01 or doubted, (kind, ENTRIES[index]["arguments"], error)
        assert said and "\n" not in said


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_doubt_stands_in_the_first_line(language: str) -> None:
    catalogue = Catalogue.shipped()
    doubted = [index for kind in ("got_ocr2", "beam") for index in families()[kind]]
    for index in doubted:
        found = read_configuration(json.dumps(ENTRIES[index]["config"]).encode(), "config.json", catalogue)
        first = found.report(Plan(), language, catalogue)[0]
        said = [note.text(language) for note in found.notes if note.code in DOUBTS]
        assert first in said
