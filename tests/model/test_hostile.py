"""Hostile files, numbers and dates: one sentence, at once."""

from __future__ import annotations

import datetime as dt
import os
import re

import pydantic
import pytest

from mitsumori.model.base.dates import parse_date, plus_days
from mitsumori.model.base.input_files import regular_bytes
from mitsumori.model.base.refusal import PlanError, Refusal
from mitsumori.model.base.typed_values import parse_value
from mitsumori.model.catalogue.user_files import parse_catalogue
from mitsumori.model.cli import main
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.formats import read_configuration
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import parse_project

ENGLISH_OF_THE_LIBRARY = re.compile(r"input should|zero time|valid (date|integer)|pydantic|unable to", re.IGNORECASE)


@pytest.mark.parametrize(
    "typed",
    [
        "2027-03-31",
        "2027/3/31",
        "2027年3月31日",
        "令和9年3月31日",
        "２０２７年３月３１日",
        "R9.3.31",
        " 2027 / 3 / 31 ",
    ],
)
def test_dates_as_people_type_them(typed):
    assert parse_date(typed) == dt.date(2027, 3, 31)
    assert Plan().with_values({"workload.deadline": typed}).workload.deadline == dt.date(2027, 3, 31)


@pytest.mark.parametrize(
    "typed", ["30", "30日", 30, 30.5, True, "2027-02-30", "令和0年1月1日", [1], "1899-12-31", "9" * 5000]
)
def test_what_is_no_date_gets_a_sentence_of_ours(typed):
    with pytest.raises(PlanError) as error:
        Plan().with_values({"workload.start_date": typed})
    assert "must be a date" in str(error.value)
    assert not ENGLISH_OF_THE_LIBRARY.search(str(error.value))


def test_sums_past_the_calendar_are_none():
    assert plus_days(dt.date(9999, 12, 31), 1) is None
    assert plus_days(dt.date(2027, 1, 1), 1e15) is None
    assert plus_days(dt.date(2027, 1, 1), float("inf")) is None
    assert plus_days(dt.date(2027, 1, 1), 30.9) == dt.date(2027, 1, 31)


def test_a_run_beyond_the_calendar_is_estimated():
    plan = Plan().with_values(
        {"workload.tokens": 1e15, "workload.start_date": "9999-12-31", "workload.deadline": "9999-12-31",
         "money.onprem.delivery_months": 1.0}
    )  # fmt: skip
    estimate(plan)


@pytest.mark.parametrize("digits", [50, 400, 5000])
def test_endless_numbers_get_one_sentence(digits):
    number = "9" * digits
    with pytest.raises(Refusal):
        parse_value(number)
    with pytest.raises(Refusal):
        Plan().with_values({"cluster.servers": 10**digits})
    with pytest.raises(Refusal):
        Plan().with_values({"workload.tokens": 10**digits})
    with pytest.raises(Refusal):
        parse_catalogue(f"[servers.x]\na = {number}\n".encode(), "c.toml")
    with pytest.raises(Refusal):
        read_configuration(f'{{"hidden_size": {number}}}'.encode(), "config.json")


def test_dotted_keys_and_deep_documents_are_refused():
    deep = "a" + ".a" * 3000 + " = 1\n"
    for text in (deep, "x = " + "{a." * 30 + "a=1" + "}" * 30, "x = " + "[" * 3000):
        with pytest.raises(Refusal):
            parse_catalogue(text.encode(), "c.toml")
        with pytest.raises(Refusal):
            read_configuration(text.encode(), "c.toml")
    with pytest.raises(Refusal):
        read_configuration(("[" * 5000).encode(), "c.yaml")


def test_a_doubled_key_is_refused_by_name():
    text = '{"format": "mitsumori-project", "schema_version": 1, "active": 0, "active": 1, "plans": [{}]}'
    with pytest.raises(Refusal, match="'active' stands twice"):
        parse_project(text.encode(), "p.mitsumori")
    with pytest.raises(Refusal, match="'hidden_size' stands twice"):
        read_configuration(b'{"model_type": "llama", "hidden_size": 1, "hidden_size": 2}', "config.json")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
@pytest.mark.timeout(60)
def test_pipes_devices_and_folders_are_refused_and_not_waited_for(tmp_path, capsys):
    pipe = tmp_path / "pipe.mitsumori"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, os.devnull):
        for command in (["estimate", str(path)], ["import", str(path)], ["backtest", str(path)]):
            assert main(command) == 2, command
            assert "regular" in (said := capsys.readouterr().err) or "folder" in said
    large = tmp_path / "large"
    large.write_bytes(b"12345")
    with pytest.raises(Refusal, match="larger than 4 bytes"):
        regular_bytes(large, 4)


WRONG = (
    None,
    True,
    "x",
    "",
    "30",
    -1,
    0,
    1e300,
    0.5,
    float("nan"),
    [],
    [1],
    {},
    {"x": 1},
    b"\xff",
    object(),
    10**400,
    "\ud800",
)


def test_no_sentence_of_the_library_reaches_a_person():
    def fields(part, at=""):
        for name in type(part).model_fields:
            value = getattr(part, name)
            yield at + name
            if isinstance(value, pydantic.BaseModel):
                yield from fields(value, f"{at}{name}.")

    tried = refused = 0
    for path in fields(Plan()):
        for value in WRONG:
            tried += 1
            try:
                Plan().with_values({path: value})
            except PlanError as error:
                refused += 1
                for problem in error.problems:
                    assert not ENGLISH_OF_THE_LIBRARY.search(problem.sentence()), problem
    assert refused > tried / 3


@pytest.mark.parametrize(
    ("typed", "day"),
    [("2027年3月末", "2027-03-31"), ("令和10年2月末日", "2028-02-29"), ("3月末", "2027-03-31"), ("１１月末", "2026-11-30"),
     ("2月29日", "2028-02-29"), ("11月29日", "2027-11-29"), ("13月末", None), ("0月末", None), ("2月30日", None)],
)  # fmt: skip
def test_ends_of_months_and_dates_without_a_year(typed, day):
    found = parse_date(typed, dt.date(2026, 11, 30))
    assert found == (None if day is None else dt.date.fromisoformat(day))


def test_a_price_without_a_year_is_of_the_past():
    assert parse_date("3月末", dt.date(2026, 11, 30), past=True) == dt.date(2026, 3, 31)
    plan = Plan().with_values({"workload.deadline": "3月末", "money.usd_jpy_date": "3月末"})
    assert plan.money.usd_jpy_date <= dt.date.today() <= plan.workload.deadline


def test_sentences_of_dates_and_files_are_in_both_languages(tmp_path):
    with pytest.raises(PlanError) as error:
        Plan().with_values({"workload.deadline": "soon"})
    said = error.value.problems[0].accepted
    assert "3月末" in said.text("ja") and "3月末" in said.text("en") and said.text("ja") != said.text("en")
    with pytest.raises(Refusal) as refused:
        regular_bytes(tmp_path, 10)
    assert "フォルダー" in refused.value.text("ja")
    assert "folder" in refused.value.text("en") == str(refused.value)


@pytest.mark.parametrize(
    "line",
    [
        'a = "' + "x." * 40 + 'x"',
        "a = '" + "1" * 60 + "'",
        'a = """\n' + "1.2." * 30 + "\n" + "9" * 50 + '\n"""',
        "a = 1  # " + "x." * 40 + "x " + "9" * 60,
        'a = "serial \\" ' + "7" * 60 + '"',
        "a = 0." + "3" * 60,
    ],
)
def test_text_values_and_comments_may_hold_dots_and_digits(line):
    from mitsumori.model.base.input_files import toml_of

    assert "a" in toml_of(line)


@pytest.mark.parametrize(
    "line", ['"a"' + '."b"' * 25 + " = 1", "x" + " . y" * 25 + ' = "z"', "a = " + "9" * 50, "a = [1, " + "9" * 50 + "]"]
)
def test_keys_and_bare_numbers_are_bounded(line):
    from mitsumori.model.base.input_files import toml_of

    with pytest.raises(ValueError, match="more than"):
        toml_of(line)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
@pytest.mark.timeout(120)
def test_no_reader_waits_for_a_pipe(tmp_path, capsys):
    pipe, sample, axes = tmp_path / "pipe.toml", "llama2-7b-sft", tmp_path / "axes.json"
    os.mkfifo(pipe)
    os.mkfifo(tmp_path / "pipe.xlsx")
    os.mkfifo(tmp_path / "pipe.csv")
    axes.write_text('{"cluster.servers": [1, 2]}')
    for command in (
        ["advise", str(pipe)],
        ["table", str(pipe)],
        ["export", str(pipe), str(tmp_path / "o.xlsx")],
        ["export", sample, str(tmp_path / "pipe.xlsx")],
        ["fit", str(pipe), "--no-write"],
        ["import", sample, "--into", str(pipe)],
        ["advise", sample, "--grid", str(pipe), "--out", str(tmp_path / "o.csv")],
        ["advise", sample, "--grid", str(axes), "--out", str(tmp_path / "pipe.csv"), "--resume"],
        ["estimate", sample, "--catalogue", str(pipe)],
    ):
        assert main(command) in (1, 2), command
        assert capsys.readouterr().err.count("\n") == 1
    assert pipe.is_fifo() and (tmp_path / "pipe.xlsx").is_fifo()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
@pytest.mark.timeout(60)
def test_fingerprints_and_origins_do_not_wait_for_a_pipe(tmp_path):
    from mitsumori.model.base.files import fingerprint
    from mitsumori.model.plan.autosave import Copies
    from mitsumori.model.plan.project import Project

    pipe = tmp_path / "pipe.mitsumori"
    os.mkfifo(pipe)
    assert fingerprint(pipe) is None
    crashed, found = Copies(tmp_path / "copies"), Copies(tmp_path / "copies")
    written = crashed.write(Project(plans=(Plan(),)), tmp_path / "a.mitsumori")
    os.close(crashed._lock)
    marker = written.with_suffix(".origin")
    marker.unlink()
    os.mkfifo(marker)
    assert [copy.origin for copy in found.abandoned()] == [None]
