"""Every command in every form of output, through pipes in UTF-8 and cp932, from standard input; typing errors answered."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mitsumori.model.cli import main
from mitsumori.model.commands import COMMANDS
from mitsumori.model.commands.answers import Table, unit_of
from mitsumori.model.commands.progress import Progress
from mitsumori.model.plan.inputs import inputs
from mitsumori.model.plan.project import load_sample
from tests.needs import doctor_status

SMALL = "llama2-7b-sft"
RUNS = Path(__file__).parents[2] / "resources" / "runs" / "runs_a100_single_node.csv"
CONFIG = Path(__file__).parent / "fixtures" / "formats" / "qwen3-30b-a3b.json"
GIVEN: dict[str, tuple[str, ...]] = {
    "estimate": (SMALL,),
    "table": (SMALL, "--set", "table.servers=1,2", "--set", "table.models=llama3-8b"),
    "advise": (SMALL, "--top", "2"),
    "serve": ("serve-chat-500",),
    "backtest": (str(RUNS),),
    "samples": (),
    "fields": (),
    "doctor": (),
    "catalogue": ("networks",),
    "published": (),
    "calendar": ("serve-chat-500",),
    "import": (str(CONFIG),),
}
ANSWERING = sorted(set(GIVEN) & set(COMMANDS))


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    status = main([str(word) for word in words])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def piped(
    *words: str, encoding: str = "utf-8", given: bytes = b"", language: str = "C.UTF-8"
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "LC_ALL": language, "PYTHONUTF8": "0"}
    return subprocess.run(
        [sys.executable, "-m", "mitsumori.model", *words],
        input=given,
        capture_output=True,
        env=environment,
        check=False,
    )


@pytest.mark.parametrize("form", ["text", "json", "csv", "md"])
@pytest.mark.parametrize("name", ANSWERING)
def test_every_answer_in_every_form(capsys: pytest.CaptureFixture[str], name: str, form: str) -> None:
    status, out, err = run(capsys, name, *GIVEN[name], "--format", form)
    assert status == (doctor_status() if name == "doctor" else 0) and (
        not err or (name, form) == ("import", "text")
    )  # whose project is the answer, remarks beside it
    if form == "json":
        assert json.loads(out) == json.loads(run(capsys, name, *GIVEN[name], "--json")[1]) or name in (
            "advise",
            "doctor",
        )
    elif form == "csv":
        rows = list(csv.reader(io.StringIO(out)))
        assert len(rows) >= 2
        assert len({len(row) for row in rows}) == 1
    elif form == "md":
        lines = out.splitlines()
        assert len(lines) >= 3
        assert all(line.startswith("| ") and line.endswith(" |") for line in lines)
        assert len({line.replace("\\|", "").count("|") for line in lines}) == 1
    else:
        assert out.strip()


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "ascii"])
@pytest.mark.parametrize("name", ANSWERING)
def test_every_answer_through_a_pipe_of_any_encoding(name: str, encoding: str) -> None:
    """A Japanese console's cp932 has no ¥, – or é: nothing crashes, and JSON stays the same document."""
    text = piped(name, *GIVEN[name], "--lang", "ja", encoding=encoding)
    assert text.returncode == (doctor_status() if name == "doctor" else 0), text.stderr
    assert not text.stderr or name == "import", text.stderr
    assert b"Traceback" not in text.stderr
    assert text.stdout.decode(encoding).strip()
    if name not in ("advise", "doctor"):  # seconds and encodings differ from run to run
        document = json.loads(piped(name, *GIVEN[name], "--json", encoding=encoding).stdout.decode(encoding))
        assert document == json.loads(piped(name, *GIVEN[name], "--json").stdout.decode())


def test_a_refusal_reaches_a_console_without_its_letters() -> None:
    done = piped("estimate", SMALL, "--set", "cluster.server=サーバー", "--lang", "ja", encoding="ascii")
    assert done.returncode == 2
    assert len(done.stderr.decode("ascii").strip().splitlines()) == 1


@pytest.mark.parametrize("name", [name for name in ("estimate", "table", "advise", "serve") if name in COMMANDS])
def test_a_plan_from_standard_input(name: str) -> None:
    sample = "serve-chat-500" if name == "serve" else SMALL
    words = [word for word in GIVEN[name] if word != sample]
    here = piped(name, "-", *words, "--format", "csv", given=load_sample(sample).to_bytes())
    assert here.returncode == 0, here.stderr
    assert here.stdout == piped(name, sample, *words, "--format", "csv").stdout


def test_runs_and_configurations_from_standard_input() -> None:
    here = piped("backtest", "-", "--json", given=RUNS.read_bytes())
    assert json.loads(here.stdout) == json.loads(piped("backtest", str(RUNS), "--json").stdout)
    config = json.dumps({"model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
                         "num_attention_heads": 32, "vocab_size": 32000})  # fmt: skip
    done = piped("import", "-", "--json", given=config.encode())
    assert json.loads(done.stdout)["params"] == pytest.approx(6.74e9, rel=0.01)
    assert piped("estimate", "-", given=b"not a plan").returncode == 2


@pytest.mark.parametrize("form", ["text", "json", "csv", "md"])
def test_a_fit_answers_in_every_form(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """What it prints is made of the report; the fit itself takes half a minute and has its own tests."""
    from mitsumori.model.calibration import fit
    from mitsumori.model.calibration.fit_report import FitReport
    from mitsumori.model.kernels.constants import shipped

    tables = {"by stack": [("megatron", 12, 0.05, 0.11, -0.01), ("=odd", 0, float("nan"), float("nan"), float("nan"))]}
    report = FitReport(shipped(), {"date": "2026-11-30", "rows": 12, "groups": 3}, (), np.array([]), None, tables)
    monkeypatch.setattr(fit, "run", lambda *_, **__: report)
    monkeypatch.setattr(FitReport, "text", lambda self: "# Step-time constants")
    status, out, err = run(capsys, "fit", "--no-write", "--format", form)
    assert (status, err) == (0, "")
    if form == "json":
        document = json.loads(out)
        assert document["residuals"][0]["median_abs_error"] == 0.05 and document["residuals"][1]["median_error"] is None
        assert len(document["constants"]) > 10
    elif form == "csv":
        rows = list(csv.DictReader(io.StringIO(out)))
        assert rows[0]["group"] == "megatron" and rows[1]["group"] == "'=odd"
    else:
        assert out.startswith("| table" if form == "md" else "# Step-time")


def test_import_writes_the_name_that_was_typed_and_keeps_what_was_there(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    typed, written = tmp_path / "Llama 3.1 70B", tmp_path / "Llama 3.1 70B.mitsumori"
    assert run(capsys, "import", CONFIG, "--out", typed)[0] == 0
    assert written.is_file() and not typed.exists() and not (tmp_path / "Llama 3.mitsumori").exists()
    first = written.read_bytes()
    assert run(capsys, "import", CONFIG.with_name("llama-2-70b.json"), "--out", written)[0] == 0
    assert written.read_bytes() != first
    assert [path.read_bytes() for path in tmp_path.glob("*.bak")] == [first]
    assert (
        run(capsys, "import", CONFIG, "--out", tmp_path / "plain.json")[0] == 0 and (tmp_path / "plain.json").is_file()
    )


def test_an_answer_in_a_file_is_what_would_be_printed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for form, name in (("json", "a.json"), ("csv", "a.csv"), ("md", "a.md"), ("text", "a.txt")):
        out = tmp_path / name
        assert run(capsys, "estimate", SMALL, "--format", form, "--out", out)[:2] == (0, "")
        data = out.read_bytes()
        assert data.startswith(b"\xef\xbb\xbf") == (form == "csv")  # Excel knows UTF-8 by the mark
        assert data.decode("utf-8-sig") == run(capsys, "estimate", SMALL, "--format", form)[1]


def test_figures_of_the_table_are_those_of_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(run(capsys, "estimate", "llama3-70b-continual", "--format", "csv")[1])))
    document = json.loads(run(capsys, "estimate", "llama3-70b-continual", "--json")[1])
    assert list(rows[0]) == ["path", "value", "low", "high", "unit", "source"]
    found = {row["path"]: row for row in rows}
    for path in (
        "training.days",
        "facility.racks",
        "cost.cloud.total",
        "cost.onprem.lines.servers",
        "memory.per_gpu.total_bytes",
    ):
        node = document
        for part in path.split("."):
            node = node[part]
        assert float(found[path]["value"]) == node
    assert float(found["training.days"]["low"]) == document["training"]["days_low"]
    assert found["training.days"]["source"]


def test_a_table_that_a_spreadsheet_opens_holds_no_formula() -> None:
    """OWASP ASVS 1.2.10: texts are defused, negative numbers stay numbers."""
    table = Table.of([{"name": text, "value": -1.5} for text in ("=1+1", "+1", "-x", "@sum", "\tx", "＝1", "plain")])
    rows = list(csv.reader(io.StringIO(table.to_csv())))[1:]
    assert [row[0][:1] for row in rows] == ["'"] * 6 + ["p"]
    assert {row[1] for row in rows} == {"-1.5"}


@pytest.mark.parametrize(
    ("name", "unit"),
    [("days_low", "days"), ("step_time_s", "s"), ("parallel.memory_bytes", "bytes"), ("ttft_s", "s"), ("tpot_ms", "ms"),
     ("output_tokens_per_s_per_gpu", "tokens/s/GPU"), ("jpy_per_million_tokens", "JPY/million tokens"), ("fits", "")],
)  # fmt: skip
def test_the_unit_stands_in_the_head(name: str, unit: str) -> None:
    assert unit_of(name) == unit


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("estimat", SMALL), "estimate"),
        (("expport", SMALL, "x.xlsx"), "export"),
        (("estimate", SMALL, "--set", "cluster.severs=4"), "cluster.servers"),
        (("estimate", SMALL, "--set", "tokens=1e9"), "workload.tokens"),
        (("estimate", SMALL, "--fromat", "csv"), "--format"),
    ],
)
def test_a_typing_error_is_answered_with_the_nearest_right_word(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], near: str, language: str
) -> None:
    status, out, err = run(capsys, *words, "--lang", language)
    assert (status, out) == (2, "")
    assert near in err
    assert "mitsumori mitsumori" not in err
    assert any("\u3040" <= char <= "\u30ff" for char in err) == (language == "ja")


@pytest.mark.parametrize("path", ["cluster.servers", "workload.tokens", "facility.pue", "parallel.tp"])
def test_a_refused_value_is_said_in_the_users_language(capsys: pytest.CaptureFixture[str], path: str) -> None:
    status, _, err = run(capsys, "estimate", SMALL, "--set", f"{path}=-1", "--lang", "ja")
    assert status == 2
    assert path in err and "-1" in err
    assert "must" not in err


def test_json_and_another_format_are_refused_together(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "estimate", SMALL, "--json", "--format", "csv")
    assert (status, out) == (2, "")
    assert "--json" in err or "--format" in err


@pytest.mark.parametrize("name", list(COMMANDS))
def test_help_of_each_command_names_what_it_takes(capsys: pytest.CaptureFixture[str], name: str) -> None:
    status, out, err = run(capsys, name, "--help")
    assert (status, err) == (0, "")
    assert f"mitsumori {name}" in out
    assert "mitsumori mitsumori" not in out
    assert name in run(capsys, "--help")[1]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_knows_commands_samples_and_paths(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    status, out, _ = run(capsys, "completion", shell)
    assert status == 0
    for word in (*COMMANDS, SMALL, *inputs()):
        assert word in out
    assert run(capsys, "completion", "tcsh")[0] == 2


def test_bash_completes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The script in a real bash: what Tab offers."""
    script = tmp_path / "mitsumori.bash"
    script.write_text(run(capsys, "completion", "bash")[1], encoding="utf-8")

    def offered(*words: str) -> list[str]:
        line = " ".join(f'"{word}"' for word in words)
        code = f'compopt() {{ :; }}; . "{script}"; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _mitsumori; printf "%s\\n" "${{COMPREPLY[@]}}"'
        return subprocess.run(
            ["bash", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
        ).stdout.split()

    assert offered("mitsumori", "est") == ["estimate"]
    assert "--format" in offered("mitsumori", "estimate", "--f")
    assert "cluster.servers=" in offered("mitsumori", "estimate", SMALL, "--set", "cluster.serv")


def test_progress_is_silent_where_no_one_looks_and_a_line_on_a_terminal() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    silent = io.StringIO()
    with Progress("work", silent) as progress:
        progress.at(0.5)
    assert silent.getvalue() == ""
    assert "50%" in _line(Progress("work", Terminal()), 0.5)
    assert "%" not in Progress("work", Terminal()).line(3.0)


def _line(progress: Progress, share: float) -> str:
    progress.at(share)
    return progress.line(2.0)


def test_doctor_speaks_the_readers_language_and_knows_both_constants(capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "doctor", "--lang", "ja")[1]
    assert "フォント" in said and "か月前" in said
    assert "?" not in said
    checks = json.loads(run(capsys, "doctor", "--json", "--lang", "ja")[1])["checks"]
    assert {"encoding", "font", "prices cloud"} <= {
        check["what"] for check in checks
    }  # keys are the same in each language


def test_doctor_fails_where_a_library_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(capsys, "doctor")[0] == doctor_status()
    monkeypatch.setattr("mitsumori.model.commands.doctor.NEEDED", ("numpy", "a_library_that_is_not_there"))
    status, out, _ = run(capsys, "doctor", "--json")
    assert status == 1
    assert {check["what"]: check["state"] for check in json.loads(out)["checks"]}[
        "a_library_that_is_not_there"
    ] == "fails"
