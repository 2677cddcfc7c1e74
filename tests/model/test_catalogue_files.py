"""A catalogue people can keep: files of their own, price lists, ages, and refusals that say where."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitsumori.model import cli
from mitsumori.model.base.messages import text
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.user_files import (
    PRICE_COLUMNS,
    catalogue_text,
    edited,
    import_prices,
    list_records,
    load_catalogue,
    parse_catalogue,
    removed,
    save_catalogue,
)
from mitsumori.model.cost.price_age import age_months, old_price_findings, price_age
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample

TODAY = dt.date(2026, 11, 22)
TOKYO = "aws-p5.48xlarge-ap-northeast-1-tokyo"
OWN = """
[servers."自社 XD670"]
base = "HPE-XD670"
max_power_kw = 9.75
price = { low = 43000000, high = 45000000, currency = "JPY", date = 2026-04-01 }

[cloud."aws-p5.48xlarge-ap-northeast-1-tokyo"]
prices = { on_demand_per_h = 71.5 }
price_date = "2026-10-01"
"""


def test_a_users_record_lies_over_the_shipped_one_and_says_who_entered_it():
    records = parse_catalogue(OWN.encode(), "own.toml")
    catalogue = Catalogue.shipped().with_records(records)
    own, base = catalogue.server("自社 XD670"), catalogue.server("HPE-XD670")
    assert (own.max_power_kw, own.price.middle, own.price.date) == (9.75, 44_000_000, "2026-04-01")
    assert own.rack_units == base.rack_units
    assert own.provenance("max_power_kw").grade == "U"
    assert catalogue.cloud_instance(TOKYO).prices["on_demand_per_h"] == 71.5
    assert catalogue.cloud_instance(TOKYO).provenance("prices.on_demand_per_h").status == "entered"
    assert Catalogue.shipped().cloud_instance(TOKYO).prices != catalogue.cloud_instance(TOKYO).prices


BAD = {
    "not TOML": ("[servers", "not a catalogue file in TOML"),
    "not UTF-8": (b"\xff\xfe[servers]", "not UTF-8"),
    "unknown kind": ("[printers.x]\nppm = 1", "printers"),
    "unknown field": ('[servers."HPE-XD670"]\nmax_power = 9', "catalogue.servers.HPE-XD670.max_power"),
    "wrong value": ('[servers."HPE-XD670"]\nmax_power_kw = -9', "catalogue.servers.HPE-XD670.max_power_kw"),
    "text for a number": ('[servers."HPE-XD670"]\nmax_power_kw = "9 kW"', "catalogue.servers.HPE-XD670.max_power_kw"),
    "unknown base": ('[servers.x]\nbase = "HPE-XD67O"', "HPE-XD670"),
    "incomplete": ('[servers.x]\nvendor = "A"', "catalogue.servers.x.model"),
    "unknown accelerator": ('[servers.x]\nbase = "HPE-XD670"\naccelerator = "H101"', "catalogue.servers.x.accelerator"),
    "a value where a table is meant": ("servers = 3", "servers"),
    "NaN": ('[servers."HPE-XD670"]\nmax_power_kw = nan', "finite"),
    "huge": ('[servers."HPE-XD670"]\nmax_power_kw = 1' + "0" * 400, "more than 40 digits"),
    "deep": ("a = " + "[" * 2000 + "]" * 2000, "nested too deeply"),
    "too big": ("#" * 2_000_001, "at most"),
}


@pytest.mark.parametrize(("content", "names"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_refused_in_one_sentence_that_names_file_record_and_field(content, names):
    with pytest.raises(Refusal) as caught:
        parse_catalogue(content if isinstance(content, bytes) else content.encode(), "own.toml")
    sentence = str(caught.value)
    assert sentence.startswith("own.toml")
    assert names in sentence
    assert "\n" not in sentence


def test_a_folder_of_files_is_one_catalogue(tmp_path):
    (tmp_path / "a.toml").write_text('[accelerators.H777]\nbase = "H100-SXM"\nmemory_gb = 96\n', encoding="utf-8")
    (tmp_path / "b.toml").write_text('[servers.Mine]\nbase = "HPE-XD670"\naccelerator = "H777"\n', encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a catalogue", encoding="utf-8")
    catalogue = Catalogue.shipped().with_records(load_catalogue(tmp_path))
    assert catalogue.server("Mine").accelerator == "H777"
    plan = Plan().with_values({"cluster.server": "Mine"})
    assert estimate(plan, catalogue).memory.per_gpu["capacity_bytes"].value > 0
    assert [(own.file.name, own.key) for own in list_records(tmp_path)] == [("a.toml", "H777"), ("b.toml", "Mine")]
    (tmp_path / "c.toml").write_text('[servers.Mine]\nbase = "DGX-H100"\n', encoding="utf-8")
    with pytest.raises(Refusal, match=r"c\.toml.*b\.toml"):
        load_catalogue(tmp_path)


@pytest.mark.parametrize("name", ["missing", "file.txt"])
def test_what_is_no_folder_is_refused(tmp_path, name):
    (tmp_path / "file.txt").write_text("x")
    with pytest.raises(Refusal, match="not a folder"):
        load_catalogue(tmp_path / name)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(key=TEXT, note=TEXT, power=st.floats(0.1, 200), weight=st.integers(1, 5000))
def test_what_is_saved_reads_back_the_same(key, note, power, weight):
    records = {"servers": {key: {"base": "HPE-XD670", "notes": note, "max_power_kw": power, "weight_kg": weight,
               "price": {"low": 1.5, "high": 2, "currency": "JPY"}, "accelerator_options": ["H100-SXM", "H200-SXM"]}}}  # fmt: skip
    assert parse_catalogue(catalogue_text(records).encode(), "x") == records


def test_editing_validates_and_removing_gives_the_shipped_figure_back(tmp_path):
    records = edited({}, "servers", "HPE-XD670", {"max_power_kw": 9.0})
    records = edited(records, "servers", "HPE-XD670", {"weight_kg": 130})
    with pytest.raises(Refusal, match="max_power_kw"):
        edited(records, "servers", "HPE-XD670", {"max_power_kw": "nine"})
    assert records == {"servers": {"HPE-XD670": {"max_power_kw": 9.0, "weight_kg": 130}}}
    path = tmp_path / "自分 の.toml"
    save_catalogue(records, path)
    assert load_catalogue(tmp_path) == records
    back = edited(records, "servers", "HPE-XD670", {"max_power_kw": None})
    save_catalogue(back, path)
    assert Catalogue.shipped().with_records(load_catalogue(tmp_path)).server("HPE-XD670").max_power_kw == (
        Catalogue.shipped().server("HPE-XD670").max_power_kw
    )
    assert parse_catalogue((tmp_path / "自分 の.toml.bak").read_bytes(), "backup") == records
    assert removed(back, "servers", "HPE-XD670") == {}
    with pytest.raises(Refusal, match="nothing to remove"):
        removed(back, "servers", "DGX-H100")


# --- price lists

HEAD = ",".join(PRICE_COLUMNS)
LIST = f"""{HEAD}
servers,HPE-XD670,price,45000000,JPY,2026-10-01,見積 123
cloud,{TOKYO},prices.on_demand_per_h,71.5,USD,2026-10-01,portal
cloud,{TOKYO},reserved_1y_per_h,５０．２５,usd,2026-09-01,portal
tariffs,k-elec,value,0.05,,2026-01-01,
"""


@pytest.mark.parametrize(
    ("separator", "encoding"), [(",", "utf-8-sig"), (",", "cp932"), ("\t", "cp932"), (";", "utf-8-sig")]
)
def test_a_price_list_becomes_records_entered_by_the_user(separator, encoding):
    records = import_prices(LIST.replace(",", separator).encode(encoding), "p.csv", separator, encoding)
    catalogue = Catalogue.shipped().with_records(records)
    server, cloud = catalogue.server("HPE-XD670"), catalogue.cloud_instance(TOKYO)
    assert (server.price.middle, server.price.currency, server.price.note) == (45_000_000, "JPY", "見積 123")
    assert server.provenance("price").grade == "U"
    assert (cloud.prices["on_demand_per_h"], cloud.prices["reserved_1y_per_h"]) == (71.5, 50.25)
    assert cloud.price_date == "2026-09-01", "of several dates the oldest counts"
    assert cloud.provenance("prices.on_demand_per_h").grade == "U"
    assert catalogue.tariff("k-elec").value == 0.05
    assert parse_catalogue(catalogue_text(records).encode(), "x") == records


def row(**changes: str) -> bytes:
    cells = {
        "kind": "servers",
        "key": "HPE-XD670",
        "field": "price",
        "value": "100",
        "currency": "JPY",
        "date": "2026-10-01",
        "source": "q",
    }
    return "\n".join((HEAD, ",".join(f'"{cell}"' for cell in (cells | changes).values()))).encode()


@pytest.mark.parametrize(
    ("changes", "column"),
    [({"value": text}, "value") for text in ("1.234,5", "1 234", "12,34", "1,234,5", "-1", "", "1e9", "NaN", "12万", "1_000", "٣")]
    + [({"date": text}, "date") for text in ("", "1.10.26", "2026-13-01", "2026-02-30", "R8.10.1")]
    + [({"currency": text}, "currency") for text in ("", "EUR", "円")]
    + [({"kind": "models"}, "kind"), ({"key": "HPE-XD67O"}, "key"), ({"field": "list price"}, "field")]
    + [({"kind": "cloud", "key": TOKYO, "field": "price", "currency": "USD"}, "field"),
       ({"kind": "cloud", "key": TOKYO, "field": "spot_per_h", "currency": "JPY"}, "currency")],
)  # fmt: skip
def test_a_cell_that_could_mean_two_things_is_refused_by_line_and_column(changes, column):
    with pytest.raises(Refusal) as caught:
        import_prices(row(**changes), "p.csv")
    assert f"p.csv line 2, {column}=" in str(caught.value)
    assert "\n" not in str(caught.value)


WHOLE = {
    "no header": b"1,2,3",
    "a column twice": f"{HEAD},kind\n".encode(),
    "another separator": HEAD.replace(",", "|").encode(),
    "a row too short": f"{HEAD}\nservers,HPE-XD670\n".encode(),
    "a row too long": row() + b",more",
    "binary": b"\x00\x01",
    "another encoding": b"\x81\xff\xfe" + LIST.encode(),
    "the same price twice": row() + row().split(b"\n", 1)[1].join([b"\n", b""]),
}


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE.keys())
def test_what_is_no_price_list_is_refused(data):
    with pytest.raises(Refusal, match=r"p\.csv"):
        import_prices(data, "p.csv")


@pytest.mark.parametrize(("separator", "encoding"), [("|", "utf-8-sig"), (",", "utf-32"), (",", "latin-1")])
def test_another_separator_or_encoding_is_refused(separator, encoding):
    with pytest.raises(Refusal, match="is not accepted"):
        import_prices(LIST.encode(), "p.csv", separator, encoding)


# --- ages


@pytest.mark.parametrize(
    ("date", "months"),
    [("2026-11-22", 0), ("2026-11-23", 0), ("2026-10-23", 0), ("2026-10-22", 1), ("2025-09-22", 14), ("2025-11", 12), ("2020-05", 78),
     ("snapshot date unknown; after 2025-11 (p6-b300 present)", 12), ("2024-01-01, checked 2026-10-22", 1), ("unknown", None),
     ("2026-13-45", None), (None, None), (dt.date(2025, 11, 22), 12), (dt.date(2027, 1, 1), 0)],
)  # fmt: skip
def test_the_age_of_a_price_is_counted_in_whole_months(date, months):
    assert age_months(date, TODAY) == months


def test_every_shipped_price_has_an_age_or_none_never_an_error():
    catalogue = Catalogue.shipped()
    ages = [
        price_age(record, TODAY)
        for kind in ("cloud", "servers", "storage", "networks", "tariffs")
        for record in catalogue.records(kind).values()
    ]
    assert any(age is not None and age >= 12 for age in ages)
    assert any(age is not None and age < 12 for age in ages)


def codes(plan: Plan, today: dt.date) -> dict[str, str]:
    return {item.code: item.severity for item in estimate(plan, today=today).findings if item.code.startswith("price_")}


def test_old_prices_are_a_warning_of_the_estimate_and_no_figure_depends_on_the_day():
    plan = load_sample("llama2-7b-sft").plan
    assert codes(plan, dt.date(2026, 10, 15)) == {}
    late = codes(plan, dt.date(2028, 3, 1))
    assert late == {"price_old_catalogue": "warn", "price_old_server": "warn", "price_old_rate": "warn"}
    entered = plan.with_values({"money.cloud.price_per_hour": 60, "money.cloud.price_date": "2026-01-01"})
    assert codes(entered, dt.date(2027, 3, 1)) == {"price_old_cloud": "warn"}
    now, later = estimate(plan, today=dt.date(2026, 10, 15)), estimate(plan, today=dt.date(2030, 1, 1))
    assert now.cost.cloud.total.value == later.cost.cloud.total.value
    assert {item.code for item in estimate(plan).findings} == {item.code for item in now.findings}


def test_a_price_without_a_date_is_a_remark():
    catalogue = Catalogue.shipped().with_records({"cloud": {TOKYO: {"price_date": "unknown"}}})
    plan = load_sample("llama2-7b-sft").plan
    (found,) = old_price_findings(plan, catalogue, TODAY)
    assert (found.code, found.severity) == ("price_undated", "info")


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    "code", ["price_old_catalogue", "price_old_cloud", "price_old_server", "price_old_rate", "price_undated"]
)
def test_every_age_has_a_sentence_in_both_languages(code, language):
    assert (
        "14" in text("findings", code, language, what="AWS p5", months="14", date="2025-09-22")
        or code == "price_undated"
    )


# --- the command


def test_a_command_takes_the_folder(tmp_path, capsys):
    (tmp_path / "own.toml").write_text('[servers.Mine]\nbase = "HPE-XD670"\nmax_power_kw = 5.5\n', encoding="utf-8")
    arguments = ["estimate", "llama2-7b-sft", "--set", "cluster.server=Mine", "--json"]
    assert cli.main(arguments) == 2
    capsys.readouterr()
    assert cli.main([*arguments, "--catalogue", str(tmp_path)]) == 0
    light = json.loads(capsys.readouterr().out)["facility"]["it_kw"]
    assert cli.main(["estimate", "llama2-7b-sft", "--json"]) == 0
    assert light < json.loads(capsys.readouterr().out)["facility"]["it_kw"]
    (tmp_path / "own.toml").write_text("[servers", encoding="utf-8")
    assert cli.main([*arguments, "--catalogue", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("own.toml is not a catalogue file")
