"""transformers judges the reader of ``config.json``: files of its own configuration classes, totals of its own model classes.

The classes that are installed with the tests write the files, as ``save_pretrained`` does (without what is standard
everywhere) and whole; the totals stand in a table that ``make_transformers_totals.py`` makes where torch is.
"""

from __future__ import annotations

import gzip
import json
import re
import warnings
from collections import defaultdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.formats import read_configuration
from mitsumori.model.formats.imported import DOUBTS
from mitsumori.model.formats.refused_families import REFUSED
from mitsumori.model.plan.plan import Plan

TABLE = json.loads(gzip.decompress(Path(__file__).with_name("transformers_totals.json.gz").read_bytes()))
ENTRIES: list[dict[str, Any]] = TABLE["entries"]


@cache
def classes() -> Any:
    """transformers' configuration class of every ``model_type``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import transformers
        from transformers.models.auto.configuration_auto import CONFIG_MAPPING
    transformers.logging.set_verbosity_error()
    return CONFIG_MAPPING


def file_of(index: int, whole: bool) -> bytes:
    """``config.json`` of an entry: every key, or only what ``save_pretrained`` writes."""
    entry = ENTRIES[index]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text: str = classes()[entry["type"]](**entry["arguments"]).to_json_string(use_diff=not whole)
    return text.encode()


@cache
def read(index: int, whole: bool) -> tuple[float | None, bool, str]:
    """The reader's error of an entry (None: refused), whether its first line doubts the count, and what was said."""
    catalogue = Catalogue.shipped()
    try:
        found = read_configuration(file_of(index, whole), "config.json", catalogue)
        total = found.document(Plan(), catalogue)["params"]
    except Refusal as refusal:
        return None, True, refusal.text("en")
    lines = found.report(Plan(), "en", catalogue)
    doubted = any(note.code in DOUBTS for note in found.notes)
    return total / ENTRIES[index]["params"] - 1.0, doubted, lines[0]


@cache
def alone() -> frozenset[str]:
    """Families that transformers builds as language models by themselves; the others have a tower beside."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    return frozenset(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)


def families() -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for index, entry in enumerate(ENTRIES):
        found[entry["type"]].append(index)
    return found


def test_the_table_says_what_it_was_made_with() -> None:
    assert TABLE["versions"]["transformers"] == version("transformers")
    assert TABLE["versions"]["torch"]
    assert len(families()) >= 260


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "saved"])
def test_at_least_sixty_families_agree_with_transformers_own_totals(whole: bool) -> None:
    """To 0.1 %, at the class's defaults and at every set of sizes drawn."""
    agree = [
        kind for kind, indices in families().items()
        if len(indices) >= 2
        and all((error := read(index, whole)[0]) is not None and abs(error) <= 1e-3 for index in indices)
    ]  # fmt: skip
    assert len(agree) >= 118, sorted(agree)
    wanted = "llama qwen3 qwen3_moe deepseek_v3 glm4_moe gpt_oss mixtral gemma3_text minimax_m2"
    assert set(wanted.split()) <= set(agree)


@pytest.mark.parametrize("kind", sorted(families()))
def test_no_count_is_off_by_a_per_cent_in_silence(kind: str) -> None:
    for index in families()[kind]:
        for whole in (True, False):
            error, doubted, said = read(index, whole)
            assert error is None or abs(error) <= 0.01 or doubted, (kind, ENTRIES[index]["arguments"], error)
            assert said and "\n" not in said


def test_a_file_that_does_not_say_whether_its_embeddings_are_shared_is_read_as_its_class() -> None:
    catalogue, wrong = Catalogue.shipped(), []
    for kind, indices in families().items():
        whole = json.loads(file_of(indices[0], True))
        if isinstance(whole.get("text_config"), dict) or "tie_word_embeddings" not in whole:
            continue  # whether the inner or the outer part says it is not the family's own matter
        usual = getattr(classes()[kind](), "tie_word_embeddings", None)
        if usual is None or kind == "qwen3_vl_moe_text":  # that part's files stand inside of others, which say it
            continue
        silent = {key: value for key, value in whole.items() if key != "tie_word_embeddings"}
        try:
            said = read_configuration(json.dumps(silent | {"tie_word_embeddings": usual}), "config.json", catalogue)
        except Refusal:
            continue
        found = read_configuration(json.dumps(silent), "config.json", catalogue)
        if found.document(Plan(), catalogue)["params"] != said.document(Plan(), catalogue)["params"]:
            wrong.append(kind)
    assert not wrong


def test_every_other_family_is_refused_by_name_or_doubted_with_its_count() -> None:
    """Encoders and second halves of translators, and the parts that a plan cannot say; what is doubted has parts beside the
    language model, or says two things of its output layer."""
    catalogue, doubted = Catalogue.shipped(), set()
    for kind, indices in families().items():
        for index in indices if kind in alone() else []:
            error, doubt, said = read(index, True)
            if error is None:
                with pytest.raises(Refusal) as refused:
                    read_configuration(file_of(index, True), "config.json", catalogue)
                code = refused.value.said.code
                assert code in {*REFUSED.values(), "encoder_only", "per_layer"}, (kind, said)
                assert not refused.value.text("ja").isascii() and kind.split("_")[0] in said
            elif doubt:
                doubted.add(kind)
                assert re.search(r"[\d.]+ [BM] parameters", said), said
            else:
                assert abs(error) <= 1e-3, (kind, error)
    assert doubted <= {
        "emu3", "fuyu", "gemma3", "got_ocr2", "llama4", "mllama", "moss_transcribe_diarize", "phi4_multimodal", "qwen3_5",
        "qwen3_5_moe",
    }  # fmt: skip


@pytest.mark.parametrize("kind", sorted({kind for kind, _, _ in TABLE["not_built"]} - set(families())))
def test_a_family_whose_class_cannot_be_built_alone_is_read_or_refused_by_name(kind: str) -> None:
    """Its defaults lack a size or are refused, or it needs a library of pictures: no total to compare with."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            text = classes()[kind]().to_json_string(use_diff=False)
        except Exception:  # the class refuses its own defaults: its name is all that there is
            text = json.dumps({"model_type": kind, "hidden_size": 2048, "num_hidden_layers": 8})
    try:
        read_configuration(text.encode(), "config.json", Catalogue.shipped())
    except Refusal as refusal:
        assert (kind.split("_")[0] in refusal.text("en") or kind not in alone()) and not refusal.text("ja").isascii()


def test_families_with_a_tower_agree_with_transformers_totals() -> None:
    """Language model and tower together, at every set of sizes drawn for both: within 1 % where nothing is said."""
    seeing = {kind: indices for kind, indices in families().items() if kind not in alone()}
    assert len(seeing) >= 75
    agree = [
        kind for kind, indices in seeing.items()
        if all((error := read(index, False)[0]) is not None and abs(error) <= 0.01 for index in indices)
    ]  # fmt: skip
    assert len(agree) >= 22, sorted(agree)
    known = "qwen2_vl qwen2_5_vl qwen3_vl qwen3_vl_moe llava llava_next mistral3 kimi_k25 glm4v glm4v_moe mistral4"
    assert set(known.split()) <= set(agree)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_doubt_stands_in_the_first_line(language: str) -> None:
    catalogue = Catalogue.shipped()
    doubted = [index for kind in ("got_ocr2", "qwen3_5") for index in families()[kind]]
    for index in doubted:
        found = read_configuration(file_of(index, True), "config.json", catalogue)
        first = found.report(Plan(), language, catalogue)[0]
        said = [note.text(language) for note in found.notes if note.code in DOUBTS]
        counted = found.parts(Plan(), language, catalogue).counts
        assert first.startswith(said[0]) and counted in first
