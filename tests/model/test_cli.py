"""The headless commands as a user types them: what they print, where refusals go, and the exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mitsumori.model.base.typed_values import parse_value
from mitsumori.model.cli import main
from mitsumori.model.plan.project import sample_names

ROOT = Path(__file__).resolve().parents[2]


def run(capsys, *words):
    status = main(list(words))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_samples_prints_one_name_a_line(capsys):
    status, out, err = run(capsys, "samples")
    assert (status, err) == (0, "")
    assert tuple(out.split()) == sample_names()


@pytest.mark.parametrize("name", sample_names())
def test_estimate_json_is_one_document_with_the_contract_names(capsys, name):
    status, out, err = run(capsys, "estimate", name, "--json")
    assert (status, err) == (0, "")
    document = json.loads(out)
    memory = document["memory"]["per_gpu"]
    parts = ("weights", "gradients", "optimizer", "activations", "buffers", "reserve")
    assert sum(memory[f"{part}_bytes"] for part in parts) == pytest.approx(memory["total_bytes"], rel=1e-9)
    assert memory["capacity_bytes"] > 0
    training = document["training"]
    assert training["days_low"] < training["days"] < training["days_high"]
    assert training["tokens_per_s_per_gpu_low"] < training["tokens_per_s_per_gpu"]
    assert {"compute", "recompute", "communication", "bubble", "optimizer", "data", "lost"} <= set(
        training["breakdown_s"]
    )
    facility = document["facility"]
    for field in (
        "servers_per_rack", "racks", "support_racks", "binding", "kva_per_rack", "kw_per_rack", "air_kw", "liquid_kw",
        "it_kw", "facility_kw", "utility_kva", "kwh_per_year", "co2_t_per_year", "water_m3_per_year", "methods",
    ):  # fmt: skip
        assert field in facility
    assert {"total", "monthly", "lines"} <= set(document["cost"]["cloud"])
    assert {"total", "initial", "monthly", "lines"} <= set(document["cost"]["onprem"])
    for finding in document["findings"]:
        assert finding["message"]
        assert finding["severity"] in ("bad", "warn", "ask", "info")
    assert all(line["what"] for line in document["sources"])


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", sample_names())
def test_estimate_as_text_has_no_raw_key(capsys, name, language):
    status, out, err = run(capsys, "estimate", name, "--lang", language)
    assert (status, err) == (0, "")
    assert "{" not in out
    assert "line_" not in out


def test_another_scenario_of_the_project_by_letter_or_name(capsys):
    _, priced, _ = run(capsys, "estimate", "llama3-70b-continual", "--json")
    _, asked, _ = run(capsys, "estimate", "llama3-70b-continual", "--plan", "B", "--json")
    assert json.loads(priced)["cost"]["cloud"]["total"] is not None
    unpriced = json.loads(asked)["cost"]
    assert unpriced["cloud"]["total"] is None
    assert "money.cloud.price_per_hour" in unpriced["missing"]


def test_set_overrides_one_field(capsys):
    _, base, _ = run(capsys, "estimate", "llama2-7b-sft", "--json")
    _, double, _ = run(capsys, "estimate", "llama2-7b-sft", "--json", "--set", "workload.tokens=2B")
    assert json.loads(double)["training"]["days"] == pytest.approx(2 * json.loads(base)["training"]["days"], rel=1e-9)


REFUSED = [
    ["estimate", "llama2-7b-sft", "--set", "cluster.servers=0"],
    ["estimate", "llama2-7b-sft", "--set", "cluster.server=XD999"],
    ["estimate", "llama2-7b-sft", "--set", "parallel.auto=false", "--set", "parallel.tp=3"],
    ["estimate", "llama2-7b-sft", "--set", "workload.tokens=nan"],
    ["estimate", "llama2-7b-sft", "--set", "money.cloud.price_per_hour=-1"],
    ["estimate", "llama2-7b-sft", "--set", "nonsense"],
    ["estimate", "llama2-7b-sft", "--plan", "Z"],
    ["estimate", "no-such-plan"],
    ["estimate"],
    ["estimate", "llama2-7b-sft", "--no-such-flag"],
    ["frobnicate"],
    ["export", "llama2-7b-sft", "out.pdf"],
    ["backtest", "no-such-file.csv"],
]


@pytest.mark.parametrize("words", REFUSED, ids=[" ".join(w[:4])[:60] for w in REFUSED])
def test_bad_input_is_one_sentence_on_standard_error_and_status_2(capsys, words):
    status, out, err = run(capsys, *words)
    assert status == 2
    assert out == ""
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [("16", 16), ("0.5", 0.5), ("70B", 70_000_000_000), ("3.5兆", 3_500_000_000_000), ("true", True), ("null", None),
     ("bf16", "bf16"), ("HPE-XD670", "HPE-XD670"), ("1e12", 1e12)],
)  # fmt: skip
def test_values_are_read_as_people_type_them(text, value):
    assert parse_value(text) == value


def test_commands_import_neither_qt_nor_what_they_do_not_need():
    """Start-up of the headless path: no Qt, pandas, openpyxl or scipy."""
    code = (
        "import sys; from mitsumori.gui.__main__ import main; main(['samples']);"
        "print([n for n in ('PySide6', 'pyqtgraph', 'pandas', 'openpyxl', 'scipy') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_without_a_display_the_window_command_says_so_and_prints_the_estimate():
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    done = subprocess.run(
        [sys.executable, "-m", "mitsumori.gui", "llama2-7b-sft"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    if sys.platform.startswith("linux"):
        assert "display" in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
        assert "GPU" in done.stdout


@pytest.mark.parametrize("command", ["estimate", "table", "advise", "serve"])
def test_the_language_asked_for_is_that_of_every_text_in_json(capsys, command):
    """Findings and labels of a JSON document follow ``--lang``, not the plan's own language."""
    words = [command, "llama2-7b-sft", "--json", "--set", "language=ja", "--set", "money.usd_jpy=null"]
    status, out, err = run(capsys, *words, "--lang", "en")
    assert (status, err) == (0, "")
    messages = [item["message"] for item in json.loads(out).get("findings", [])]
    assert all(ord(letter) < 0x3000 for message in messages for letter in message)


def test_no_token_a_second_is_always_a_finding(capsys):
    status, out, _ = run(
        capsys, "estimate", "llama2-7b-sft", "--json", "--lang", "en", "--set", "model.preset=deepseek-v3", "--set",
        "workload.stage=grpo", "--set", "cluster.servers=32",
    )  # fmt: skip
    document = json.loads(out)
    speed = document["training"]["tokens_per_s_per_gpu"]
    assert status == 0
    assert speed > 0 or any(item["severity"] == "bad" for item in document["findings"])


def test_a_large_model_on_many_gpus_does_not_wait_in_silence(capsys):
    """The standard batch of a 405B on 16,384 GPUs keeps the pipeline busy, or a finding names the cost."""
    _, out, _ = run(
        capsys, "estimate", "llama2-7b-sft", "--json", "--lang", "en", "--set", "model.preset=llama3.1-405b", "--set",
        "workload.stage=pretrain", "--set", "workload.tokens=1e13", "--set", "cluster.servers=2048", "--set", "parallel.global_batch=null",
    )  # fmt: skip
    document = json.loads(out)
    parts = document["training"]["breakdown_s"]
    waiting = parts["bubble"] / (sum(parts.values()) - parts["lost"])
    said = [item for item in document["findings"] if item["code"] == "training_bubble"]
    assert waiting < 0.2 or said
    assert waiting < 0.3
