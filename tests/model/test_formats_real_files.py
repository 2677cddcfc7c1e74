"""Files of every tool that is read or refused by name, in several shapes, through ``import --json``: what is read stays read."""

from __future__ import annotations

import json
import random
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.cli import main
from mitsumori.model.formats import read_configuration
from mitsumori.model.plan.plan import Plan

FILES: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "fixtures" / "real_looking_files.toml").read_text(encoding="utf-8")
)
READ = {name: entry for name, entry in FILES.items() if "want" in entry}
REFUSED = {name: entry for name, entry in FILES.items() if "refused" in entry}


@pytest.mark.parametrize("name", READ)
def test_a_file_is_read_as_it_says(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = READ[name]
    file = tmp_path / "found.txt"
    file.write_text(entry["text"], encoding="utf-8")
    assert main(["import", str(file), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    for path, value in entry["want"].items():
        assert document["read"].get(path) == value, path
    assert document["gpus"] == entry.get("gpus")
    if "params" in entry:
        assert document["params"] == entry["params"]
    assert read_configuration(entry["text"]).format == entry["tool"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_recognised_and_not_taken_is_refused_by_name_in_both_languages(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "found.txt"
    file.write_text(REFUSED[name]["text"], encoding="utf-8")
    assert main(["import", str(file), "--json"]) == 2
    assert REFUSED[name]["refused"] in capsys.readouterr().err
    with pytest.raises(Refusal) as refused:
        read_configuration(REFUSED[name]["text"])
    japanese = refused.value.text("ja")
    assert "取り込めません" in japanese and not re.search(r"\b(a|the|give|it is) \w", japanese)


def test_cut_and_spliced_files_are_read_or_refused_in_one_sentence() -> None:
    """Files of all tools with pieces cut out, doubled and mixed: a plan with a count, or one sentence; nothing else."""
    drawn = random.Random(23)
    texts = [entry["text"] for entry in FILES.values()]
    pieces = ["$", "`", "\\\n", "(", ")", '"', "'", "#", "&&", "{", "}", "0", "-1", "1e9", "9" * 30, "null", "８", ":", "- ", "--", "=",
              "${A[", "$((", "*"]  # fmt: skip
    read = 0
    for _ in range(400):
        text = drawn.choice(texts)
        for _ in range(drawn.randint(1, 6)):
            at, other = drawn.randrange(len(text) + 1), drawn.choice(texts)
            start = drawn.randrange(len(other))
            more = drawn.choice([drawn.choice(pieces), other[start : start + drawn.randint(5, 200)], ""])
            text = text[:at] + more + text[at + (drawn.randint(0, 30) if not more else 0) :]
        try:
            found = read_configuration(text, "x")
            document = found.document(Plan())
        except Refusal as refused:
            assert str(refused) and "\n" not in str(refused), text
            continue
        assert document["params"] > 0 and found.report(Plan(), "ja"), text
        read += 1
    assert read > 100


@pytest.mark.parametrize(
    ("name", "doubted"),
    [
        ("loop-over-layouts", "differently by case"),
        ("hydra-sweep", "differently by case"),
        ("several-trainings", "starts 2 trainings"),
        ("several-servers", "starts 2 servers"),
        ("loop-node-ranks", ""),  # a rank changes nothing of the training
    ],
)
def test_what_a_file_says_in_several_ways_is_said_before_everything(name: str, doubted: str) -> None:
    """The last of a loop's or a sweep's layouts, and the last of two trainings, was taken without a word."""
    doubts = " ".join(read_configuration(FILES[name]["text"]).parts(Plan(), "en").doubts)
    assert (doubted in doubts) if doubted else "by case" not in doubts
