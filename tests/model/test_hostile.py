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
        Plan().with_values({"workload.deadline": typed})
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
