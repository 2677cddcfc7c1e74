"""Project files: samples, round trips, refusals, atomic saving."""

import json
import os
from pathlib import Path

import pytest

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import (
    SCHEMA_VERSION,
    Project,
    load_project,
    load_sample,
    open_plan,
    parse_project,
    sample_names,
    save_project,
)

SAMPLES = (
    "llama2-7b-sft",
    "gpt3-175b-nemo",
    "mlperf-gpt3",
    "bloom-176b",
    "mt-nlg-530b",
    "llama3-70b-continual",
    "llama3-8b-lora",
    "hall-30kva",
    "serve-chat-500",
    "serve-rag-3000",
    "serve-coding-200",
    "serve-batch-night",
    "serve-moe-nvl72",
)


def test_the_samples_ship():
    assert sample_names() == SAMPLES


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_survives_saving_and_opening(name, tmp_path):
    project = load_sample(name)
    path = tmp_path / "提案 1 📈.mitsumori"
    save_project(project, path)
    assert load_project(path) == project


@pytest.mark.parametrize("name", SAMPLES)
def test_example_prices_are_marked_as_such(name):
    """Prices that no source gives are the user's to replace, and the exchange rate has a date."""
    for plan in load_sample(name).plans:
        assert plan.money.usd_jpy_date is not None
        for path in ("money.usd_jpy", "money.onprem.server_price", "money.onprem.storage_price"):
            assert plan.notes[path] == "example, replace"


def whole() -> dict:
    return json.loads(Project(plans=(Plan(),)).to_bytes())


BROKEN = {
    "empty": b"",
    "truncated": Project(plans=(Plan().with_values({"name": "abc"}),)).to_bytes()[:-20],
    "binary": bytes(range(256)),
    "not an object": b"[1, 2]",
    "foreign": b'{"version": 1, "cells": []}',
    "NaN": b'{"schema_version": 1, "plans": [{"workload": {"tokens": NaN}}]}',
    "infinite": b'{"schema_version": 1, "plans": [{"workload": {"tokens": 1e999}}]}',
    "deep": b'{"schema_version": 1, "plans": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "newer": json.dumps(whole() | {"schema_version": SCHEMA_VERSION + 1}).encode(),
    "version as text": json.dumps(whole() | {"schema_version": "1"}).encode(),
    "no plans": json.dumps(whole() | {"plans": []}).encode(),
    "active beyond": json.dumps(whole() | {"active": 5}).encode(),
    "unknown part": json.dumps(whole() | {"macros": 1}).encode(),
    "bad field": json.dumps(whole() | {"plans": [{"cluster": {"servers": -1}}]}).encode(),
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_refused_in_one_sentence(data):
    with pytest.raises(Refusal) as caught:
        parse_project(data, "plan.mitsumori")
    sentence = str(caught.value)
    assert "plan.mitsumori" in sentence
    assert "\n" not in sentence
    assert len(sentence) < 500


def test_a_newer_file_is_refused_politely_and_left_alone(tmp_path):
    path = tmp_path / "new.mitsumori"
    path.write_bytes(BROKEN["newer"])
    with pytest.raises(Refusal, match="newer Mitsumori"):
        load_project(path)
    assert path.read_bytes() == BROKEN["newer"]


def test_saving_keeps_the_previous_content_and_leaves_no_temporary_file(tmp_path):
    path = tmp_path / "plan.mitsumori"
    first, second = Project(plans=(Plan(name="one"),)), Project(plans=(Plan(name="two"),))
    save_project(first, path)
    save_project(second, path)
    assert load_project(path) == second
    assert parse_project((tmp_path / "plan.mitsumori.bak").read_bytes(), "backup") == first
    assert sorted(item.name for item in tmp_path.iterdir()) == ["plan.mitsumori", "plan.mitsumori.bak"]


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "plan.mitsumori"
    save_project(Project(plans=(Plan(name="one"),)), path)
    before = path.read_bytes()

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        save_project(Project(plans=(Plan(name="two"),)), path)
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["plan.mitsumori"]


@pytest.mark.parametrize("argument", ["no-such-plan", "", "a\x00b", "x" * 5000, str(Path(__file__).parent)])
def test_what_is_neither_file_nor_sample_is_refused(argument):
    with pytest.raises(Refusal):
        open_plan(argument)
