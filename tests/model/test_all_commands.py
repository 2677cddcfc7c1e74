"""Every command that there is, found from its own parser: every form in every encoding, standard input, help, typing errors."""

from __future__ import annotations

import argparse
import csv
import importlib
import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mitsumori.model.base.refusal import PlanError
from mitsumori.model.cli import main
from mitsumori.model.commands import COMMANDS
from mitsumori.model.commands.arguments import FORMATS, Parser
from mitsumori.model.plan.plan import Plan, plan_paths
from mitsumori.model.plan.project import load_sample
from mitsumori.model.plan.proposal import Proposal
from tests.model.test_command_forms import CONFIG, GIVEN, RUNS, SMALL
from tests.needs import doctor_status

OTHER = {"fit"}
"""Answers whose making takes half a minute; their forms are tested in ``test_command_forms.py``."""
ENCODINGS = ("utf-8", "cp932")
FILE_WORDS = {"PLAN", "PROJECT", "FILE", "RUNS.csv", "FOLDER", "KEY.pem", "OUT"}
"""What files are called in the parsers."""
SHAPE = re.compile(
    r"\.(mitsumori|xlsx|pptx|potx|pdf|html|csv|toml|json|zip|pem|parquet)\b|TOML|JSON|step\.json|a run a row|answer"
)


def parser_of(name: str) -> Parser:
    parser = Parser(prog=f"mitsumori {name}")
    importlib.import_module(f"mitsumori.model.commands.{COMMANDS[name].module}").arguments(parser)
    return parser


def actions(name: str) -> list[argparse.Action]:
    return parser_of(name)._actions


def forms(name: str) -> tuple[str, ...]:
    return next((tuple(a.choices or ()) for a in actions(name) if "--format" in a.option_strings), ())


ANSWERING = [name for name in COMMANDS if forms(name)]


def test_no_command_is_forgotten() -> None:
    assert set(ANSWERING) == set(GIVEN) | OTHER
    assert all(forms(name) == tuple(FORMATS) for name in ANSWERING)
    assert set(COMMANDS) - set(ANSWERING) == {"export", "completion"}, "what prints no result"
    assert all(any("--lang" in a.option_strings for a in actions(name)) for name in COMMANDS if name != "completion")


def given(monkeypatch: pytest.MonkeyPatch, encoding: str, *words: str, data: bytes = b"") -> tuple[int, bytes, bytes]:
    """Status, standard output and standard error of a command at pipes of an encoding, as the interpreter opens them."""
    pipes = {name: io.BytesIO() for name in ("stdout", "stderr")}
    with monkeypatch.context() as patch:
        for name, pipe in pipes.items():
            errors = "strict" if name == "stdout" else "backslashreplace"
            patch.setattr(sys, name, io.TextIOWrapper(pipe, encoding=encoding, errors=errors, newline="\n"))
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding=encoding))
        status = main(list(words))
        sys.stdout.flush()
        sys.stderr.flush()
        found = status, pipes["stdout"].getvalue(), pipes["stderr"].getvalue()
        sys.stdout.detach()  # type: ignore[attr-defined]
        sys.stderr.detach()  # type: ignore[attr-defined]
    return found


def rectangular(form: str, text: str) -> int:
    """Rows of a table, each as wide as its head."""
    if form == "csv":
        rows = list(csv.reader(io.StringIO(text)))
    else:
        rows = [re.split(r"(?<!\\)\|", line) for line in text.splitlines()]
    assert len({len(row) for row in rows}) == 1
    return len(rows)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", sorted(GIVEN))
def test_every_form_in_every_encoding_and_language(monkeypatch: pytest.MonkeyPatch, name: str, form: str) -> None:
    """What a pipe of cp932 cannot hold is written otherwise; tables keep their cells, a document stays the same."""
    for language in ("ja", "en"):
        found = {}
        for encoding in ENCODINGS:
            status, out, err = given(monkeypatch, encoding, name, *GIVEN[name], "--format", form, "--lang", language)
            assert status == (doctor_status() if name == "doctor" else 0), err
            assert not err or (name, form) == ("import", "text")
            found[encoding] = out.decode(encoding)
        if form == "json":
            if name not in ("advise", "doctor"):  # seconds and encodings differ from run to run
                assert json.loads(found["cp932"]) == json.loads(found["utf-8"])
        elif form in ("csv", "md"):
            assert rectangular(form, found["cp932"]) == rectangular(form, found["utf-8"]) >= 2
        else:
            assert found["cp932"].strip() and found["utf-8"].strip()
        if language == "ja" and form == "text" and name not in ("samples", "import", "backtest"):
            assert re.search("[\u3040-\u30ff\u4e00-\u9fff]", found["cp932"])


def inputs_of(name: str) -> Iterator[argparse.Action]:
    """Positional arguments that are a file to read."""
    for action in actions(name):
        if not action.option_strings and action.metavar in ("PLAN", "PROJECT", "FILE", "RUNS.csv"):
            yield action


READING = [name for name in COMMANDS if any(inputs_of(name)) and name != "catalogue"]
"""Commands that read a file; a pack is taken by its name alone, since the answer to its question comes from there."""


@pytest.mark.parametrize("name", READING)
def test_every_file_that_is_read_may_come_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    if name == "fit":
        from mitsumori.model.calibration import fit

        class Read(Exception):
            pass

        def stop(path: Path, **_: object) -> None:
            raise Read(path.read_bytes())

        monkeypatch.setattr(fit, "run", stop)
        with pytest.raises(Read) as read:
            given(monkeypatch, "utf-8", "fit", "-", "--no-write", data=RUNS.read_bytes())
        assert read.value.args == (RUNS.read_bytes(),)
        return
    if name == "export":
        here, there = tmp_path / "here.csv", tmp_path / "there.csv"
        status, _, err = given(monkeypatch, "utf-8", name, "-", str(here), data=load_sample(SMALL).to_bytes())
        assert (status, err) == (0, b"")
        assert given(monkeypatch, "utf-8", name, SMALL, str(there))[0] == 0
        assert here.read_bytes() == there.read_bytes()
        return
    what, *words = GIVEN[name]
    data = Path(what).read_bytes() if Path(what).exists() else load_sample(what).to_bytes()
    by_name = given(monkeypatch, "utf-8", name, what, *words, "--format", "csv")
    by_pipe = given(monkeypatch, "utf-8", name, "-", *words, "--format", "csv", data=data)
    assert by_pipe[:2] == by_name[:2] and by_pipe[0] == 0


@pytest.mark.parametrize("name", [name for name in READING if any("--out" in a.option_strings for a in actions(name))])
def test_no_answer_is_written_over_the_file_that_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """``mitsumori estimate plan.mitsumori --out plan.mitsumori`` replaced the plan with its answer."""
    what = RUNS if name == "fit" else Path(GIVEN[name][0])
    file = tmp_path / what.name
    data = what.read_bytes() if what.exists() else load_sample(what.name).to_bytes()
    file.write_bytes(data)
    (tmp_path / "link").symlink_to(file)
    monkeypatch.chdir(tmp_path)
    for out in (str(file), f"../{tmp_path.name}/{file.name}", "link"):
        status, _, err = given(monkeypatch, "utf-8", name, str(file), "--out", out, "--lang", "en")
        assert status == 2 and b"reads this very file" in err
    for folder in (".", str(tmp_path), "/"):
        status, _, err = given(monkeypatch, "utf-8", name, str(file), "--out", folder, "--lang", "en")
        assert status == 2 and len(err.decode().splitlines()) == 1
    assert file.read_bytes() == data and {path.name for path in tmp_path.iterdir()} == {file.name, "link"}


@pytest.mark.parametrize("name", list(COMMANDS))
def test_help_says_what_each_file_looks_like(name: str) -> None:
    for action in actions(name):
        if action.metavar in FILE_WORDS:
            assert SHAPE.search(str(action.help) + str(action.metavar)), f"{name}: {action.metavar}"


def mistyped(word: str) -> tuple[str, ...]:
    """A letter left out, one doubled, two exchanged, in the middle of the word's last part."""
    head, dot, end = word.rpartition(".")
    i = len(end) // 2
    made = (end[:i] + end[i + 1 :], end[:i] + end[i] + end[i:], end[: i - 1] + end[i] + end[i - 1] + end[i + 1 :])
    return tuple(head + dot + wrong for wrong in made if wrong != end)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_a_mistyped_command_is_answered_with_the_right_one(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for wrong in mistyped(name):
        for language, pipe in (("ja", "cp932"), ("en", "utf-8")):
            status, out, err = given(monkeypatch, pipe, wrong, "--lang", language)
            assert (status, out) == (2, b"")
            assert name in err.decode(pipe)


def test_a_mistyped_field_is_answered_with_the_right_one() -> None:
    """By every way in: ``--set``, the API and the file share :meth:`Plan.with_values` and :meth:`Plan.from_dict`."""
    known = set(plan_paths())
    for path in plan_paths():
        for wrong in mistyped(path):
            if wrong in known or path.startswith(("notes", "overrides", "set_aside", "origins", "money.prices")):
                continue
            with pytest.raises(PlanError) as refused:
                Plan().with_values({wrong: 1})
            near = re.search(r"did you mean ([\w.]+)\?", str(refused.value))
            assert near and near[1] in known
            assert mistyped_alike(near[1], path, wrong), f"{wrong}: {near[1]}"
            assert "でしょうか" in refused.value.text("ja")


def mistyped_alike(near: str, path: str, wrong: str) -> bool:
    """The very field, or another that is as near to what was typed."""
    from difflib import SequenceMatcher

    def likeness(known: str) -> float:
        return SequenceMatcher(None, known, wrong).ratio()

    return near == path or likeness(near) >= likeness(path)


def test_mistyped_fields_of_a_file_of_the_proposal_and_of_overrides() -> None:
    with pytest.raises(PlanError, match=r"cluster\.servers\?"):
        Plan.from_dict({"cluster": {"severs": 4}})
    with pytest.raises(PlanError, match=r"proposal\.customer\?"):
        Proposal().with_values({"proposal.custmer": "x"})
    with pytest.raises(PlanError, match=r"overrides\.training\.tokens_per_s_per_gpu\?"):
        Plan().with_values({"overrides.training.token_per_s_per_gpu": 1.0})


@pytest.mark.parametrize(
    ("words", "near"),
    [(("estimate", "llama2-7b-stf"), "llama2-7b-sft"), (("catalogue", "servrs"), "servers"),
     (("estimate", SMALL, "--set", "cluster.server=HPE-XD67"), "HPE-XD670"),
     (("estimate", SMALL, "--set", "proposal.custmer=x"), "proposal.customer"),
     (("import", str(CONFIG), "--formt", "csv"), "--format")],
)  # fmt: skip
@pytest.mark.parametrize("language", ["ja", "en"])
def test_mistyped_names(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], near: str, language: str) -> None:
    status, out, err = given(monkeypatch, "cp932", *words, "--lang", language)
    said = err.decode("cp932")
    assert (status, out) == (2, b"") and len(said.splitlines()) == 1
    assert near in said.split("(")[0] + said.split("でしょうか")[0] + said.split("?")[0]
    assert bool(re.search("[\u3040-\u30ff]", said)) == (language == "ja")
