"""A seeded sample of the fuzzing campaigns that .ci/long runs whole; and cases that once broke a promise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mitsumori.model.base.refusal import Refusal
from tests.fuzz import run
from tests.fuzz.mutate import damaged
from tests.fuzz.targets import TARGETS, Broken, Target, check, check_sentence

ROOT = Path(__file__).parents[2]
CASES = {
    "project": 1500,
    "estimate": 150,
    "runs": 600,
    "configuration": 600,
    "set": 1500,
    "workbook": 25,
    "catalogue": 200,
    "prices": 300,
}
READY = [name for name, target in TARGETS.items() if target.ready()]


@pytest.mark.long
@pytest.mark.parametrize("name", READY)
def test_a_sample_of_cases_is_accepted_or_refused_in_one_sentence(name):
    """In a process of its own, so that the memory is that of the cases."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.run", "--target", name, "--cases", str(CASES[name]), "--seed", "20261122",
         "--seconds", "60"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=200, env=os.environ | {"PYTHONHASHSEED": "0"},
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert report["problems"] == []
    assert done.returncode == 0
    assert report["accepted"] + report["refused"] == report["cases"]
    assert report["cases"] >= CASES[name] // 2
    assert report["accepted"], "seeds so damaged that nothing is accepted reach only the first check"
    assert report["refused"]
    assert report["memory_mb"] < run.LARGEST_MB


@pytest.mark.parametrize("name", READY)
def test_every_seed_is_accepted(name):
    for seed in TARGETS[name].seeds():
        assert check(TARGETS[name], seed) == "accepted"


def test_the_same_seed_gives_the_same_cases():
    target = TARGETS["project"]
    first, second = (
        [damaged(target.seeds()[0], target.kind, run.inputs(target, 1, block)) for block in range(20)] for _ in range(2)
    )
    assert first == second
    assert len(set(first)) > 15


def bad_target(what) -> Target:
    return Target("bad", what, lambda: (b"x",), "text", 1.0)


def raising(error: BaseException):
    def work(_data: bytes) -> bool:
        raise error

    return work


@pytest.mark.parametrize(
    "error", [KeyError("x"), Refusal("two\nlines."), Refusal(""), Refusal("no end"), Refusal("NoneType is not.")]
)
def test_the_harness_reports_what_is_no_one_sentence_refusal(error):
    report = run.campaign(bad_target(raising(error)), 3, seed=0)
    assert len(report.problems) == 3


def test_the_harness_reports_a_slow_case(monkeypatch):
    monkeypatch.setattr(run, "SLOWEST_S", 0.05)
    monkeypatch.setattr(run, "STOP_S", 0.3)

    def slow(_data: bytes) -> bool:
        while True:
            try:
                sum(range(1000))
            except Exception:
                return False

    report = run.campaign(bad_target(slow), 1, seed=0)
    assert "did not end" in report.problems[0]


@pytest.mark.parametrize("text", ["A is not accepted: b.", "Was the file cut short?"])
def test_a_good_sentence_passes(text):
    assert check_sentence(Refusal(text)) is None, "it raises for one that does not"


def test_a_promise_broken_is_no_refusal():
    assert not issubclass(Broken, Refusal)


def rotten_workbook() -> bytes:
    """A workbook whose compressed first part has a flipped byte in the middle."""
    data = bytearray(TARGETS["workbook"].seeds()[1])
    data[200:260] = bytes(60)
    return bytes(data)


def test_a_workbook_that_cannot_be_inflated_is_refused():
    assert check(TARGETS["workbook"], rotten_workbook()) == "refused"


FOUND = {
    "a model of 5000 letters (2026-11-22)": (
        "configuration", b'{"model_type": "' + b"x" * 5000 + b'", "hidden_size": 64, "num_hidden_layers": 2, "architectures": ["A"]}',
    ),
    "a configuration without heads (2026-11-22)": (
        "configuration",
        b'{"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": 3584, "num_hidden_layers": 28, '
        b'"num_attention_heads": 0, "intermediate_size": 6, "num_key_value_heads": 4, "vocab_size": 152064}',
    ),
    "a run of 1e300 layers (2026-11-22)": ("runs", b"id,model,gpu,gpus,seq_len,layers\na,Llama-3 8B,H100,8,8192,1e300\n"),
    "a run on 1e300 accelerators (2026-11-22)": ("runs", b"id,model,gpu,gpus,seq_len\na,Llama-3 8B,H100,1e300,8192\n"),
    "a run with a speed of 1e300 (2026-11-22)": (
        "runs", b"id,model,gpu,gpus,seq_len,tokens_per_s_per_gpu\na,Llama-3 8B,H100,8,8192,1e300\n",
    ),
    "a card of no watts (2026-11-22)": (
        "runs", b"id,model,gpu,gpus,seq_len,tp,pp,mbs,gbs_seqs,tokens_per_s_per_gpu,notes\n"
        b"a,Llama-3 8B,H100,8,8192,1,1,1,128,9000,Grand Teton H100 with 96 GB HBM2e 2.4 TB/s and 0 W power limit\n",
    ),
    "half a character in a record (2026-11-22)": (
        "project", b'{"schema_version": 1, "plans": [{}], "catalogue": {"servers": {"a\\ud800": {"base": "HPE-XD670"}}}}',
    ),
    "text full of brackets (2026-11-22)": (
        "project", b'{"schema_version": 1, "plans": [{"notes": {"a": "' + b"[" * 200 + b'", "b": "' + b"[" * 200 + b'", "c": "'
        + b"[" * 200 + b'"}}]}',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "data"), FOUND.values(), ids=FOUND.keys())
def test_what_fuzzing_found_stays_mended(name, data):
    assert check(TARGETS[name], data) in ("accepted", "refused")
