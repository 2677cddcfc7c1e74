"""Returned workbooks: inputs come back, nothing else does; bombs and foreign files are refused with one sentence."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from mitsumori.model.base.refusal import PlanError
from mitsumori.model.cost.owned_prices import sale_factor
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.plan.proposal import Proposal
from mitsumori.model.study.training_table import training_table
from mitsumori.model.workbook import ProposalSettings, build, read, to_bytes
from mitsumori.model.workbook.returned_package import ReturnedError

SETTINGS = ProposalSettings(issue_date=dt.date(2026, 11, 22))


@cache
def sample(audience: str) -> tuple[Plan, bytes]:
    plan = load_sample("llama3-70b-continual").plans[0]
    result = estimate(plan)
    return plan, to_bytes(build(plan, result, "ja", audience, SETTINGS, table=training_table(plan)))  # type: ignore[arg-type]


def edited(data: bytes, **values: object) -> bytes:
    """As a customer edits it: load, change named cells, save."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for name, value in values.items():
        title, address = next(iter(book.defined_names[name].destinations))
        book[title][address.replace("$", "")] = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def put(folder: Path, data: bytes, name: str = "returned.xlsx") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("audience", ["customer", "internal"])
def test_an_untouched_file_changes_nothing(tmp_path: Path, audience: str) -> None:
    plan, data = sample(audience)
    assert read.differences(plan, put(tmp_path, data)) == ()


def usual(changes: dict[str, object]) -> Plan:
    return load_sample("llama2-7b-sft").plan.with_values(changes)


COUNTED_OTHERWISE: dict[str, dict[str, object]] = {
    "one training": {"workload.use": "once"},
    "one training after a lead time": {"workload.use": "once", "money.onprem.delivery_months": 7.0},
    "trainings a year without a number": {"workload.use": "yearly"},
    "a server in dollars": {
        "money.onprem.server_price": 3e5, "money.onprem.price_currency": "USD", "money.usd_jpy": 150.0},
    "an instance in dollars": {
        "money.cloud.price_per_hour": 50.0, "money.cloud.price_currency": "USD", "money.usd_jpy": 150.0},
    "served by another server than the cluster's": {
        "serving.enabled": True, "serving.server": "DGX-GB200-NVL72", "money.onprem.discount": 0.1},
}  # fmt: skip


@pytest.mark.parametrize("audience", ["customer", "internal"])
@pytest.mark.parametrize("case", COUNTED_OTHERWISE)
def test_an_untouched_file_of_a_plan_that_the_sheets_count_in_other_words(
    tmp_path: Path, case: str, audience: str
) -> None:
    plan = usual(COUNTED_OTHERWISE[case])
    data = to_bytes(build(plan, estimate(plan), "ja", audience, SETTINGS))  # type: ignore[arg-type]
    assert read.differences(plan, put(tmp_path, data)) == ()


@pytest.mark.parametrize("audience", ["customer", "internal"])
def test_a_price_that_comes_back_is_in_the_currency_of_the_sheet(tmp_path: Path, audience: str) -> None:
    plan = usual(COUNTED_OTHERWISE["a server in dollars"])
    data = to_bytes(build(plan, estimate(plan), "ja", audience, SETTINGS))  # type: ignore[arg-type]
    path = put(tmp_path, edited(data, in_money_onprem_server_price=5e7))
    changes = {item.path: item.new for item in read.differences(plan, path)}
    other = plan.with_values(changes).money.onprem
    listed = 5e7 / (sale_factor(plan.money) if audience == "customer" else 1.0)
    assert (other.server_price, other.price_currency, other.currency) == (pytest.approx(listed), None, "JPY")


def test_an_amount_typed_as_text_is_in_the_currency_of_the_sheet(tmp_path: Path) -> None:
    """The sheet of a server quoted in dollars has its price in yen: dollars typed there are refused, not taken for yen."""
    plan = usual(COUNTED_OTHERWISE["a server in dollars"])
    data = to_bytes(build(plan, estimate(plan), "ja", "internal", SETTINGS))
    found = read.differences(plan, put(tmp_path, edited(data, in_money_onprem_server_price="5000万円")))
    assert {item.path: item.new for item in found}["money.onprem.server_price"] == 5e7
    with pytest.raises(PlanError):
        read.differences(plan, put(tmp_path, edited(data, in_money_onprem_server_price="$300,000")))


def test_changed_inputs_come_back_as_differences_and_apply(tmp_path: Path) -> None:
    plan, data = sample("internal")
    path = put(tmp_path, edited(data, in_workload_tokens=2e11, in_money_horizon_months=48, in_facility_rack_kva=44,
                                in_proposal_customer="Aozora", in_money_usd_jpy_date=dt.datetime(2026, 12, 1),
                                in_money_onprem_storage_price=None))  # fmt: skip
    found = read.differences(plan, path)
    assert {item.path: (item.old, item.new) for item in found} == {
        "workload.tokens": (1e11, 2e11),
        "money.horizon_months": (60, 48),
        "facility.rack_kva": (None, 44),
        "money.usd_jpy_date": (dt.date(2026, 11, 20), dt.date(2026, 12, 1)),
        "money.onprem.storage_price": (40_000_000, None),
    }
    offered = read.compared(plan, path, proposal=Proposal(customer="Midori")).proposal
    assert offered == (read.Difference("proposal.customer", "Midori", "Aozora"),)
    changed = read.applied(plan, found)
    assert changed.workload.tokens == 2e11
    assert changed.money.onprem.storage_price is None
    assert changed.cluster == plan.cluster


def test_replaced_predictions_come_back_and_mean_the_same(tmp_path: Path) -> None:
    """Every kind of pasted figure: speed and interval, step, memory, rented speed, a cell of the table."""
    plan, data = sample("customer")
    entered = {
        "in_overrides_training_tokens_per_s_per_gpu_low": 500.0,
        "in_overrides_training_breakdown_s_communication": 9.0,
        "in_overrides_memory_per_gpu_activations_bytes": 30e9,
        "in_overrides_memory_zero_3_buffers_bytes": 2e9,
        "in_overrides_cost_cloud_speed": 1.1,
        "in_overrides_table_1_2_mfu": 0.44,
    }
    found = read.differences(plan, put(tmp_path, edited(data, **entered)))
    model, servers = plan.table.models[0], plan.table.servers[1]
    assert {item.path: item.new for item in found} == {
        "overrides.training.tokens_per_s_per_gpu_low": 500.0,
        "overrides.training.breakdown_s.communication": 9.0,
        "overrides.memory.per_gpu.activations_bytes": 30e9,
        "overrides.memory.zero_3.buffers_bytes": 2e9,
        "overrides.cost.cloud_speed": 1.1,
        f"overrides.table.{model}.{servers}.mfu": 0.44,
    }
    changed = read.applied(plan, found)
    assert estimate(changed).memory.per_gpu["activations_bytes"].value == 30e9
    assert training_table(changed).rows[0].cells[1].mfu == pytest.approx(0.44)


def test_gpu_counts_of_the_table_come_back_as_its_sizes(tmp_path: Path) -> None:
    """Whole servers become columns of the table, with what was entered under them; anything else is said and left."""
    plan, data = sample("customer")
    before, each = plan.table.servers, 8
    changes = {"tbl_gpus_2": 6 * each, "in_overrides_table_1_2_mfu": 0.44, "tbl_gpus_3": 100,
               "in_overrides_table_1_3_mfu": 0.41}  # fmt: skip
    found = read.compared(plan, put(tmp_path, edited(data, **changes)))
    sizes = (before[0], 6, *before[2:])
    assert {item.path: (item.old, item.new) for item in found.changes} == {
        "table.servers": (before, sizes), f"overrides.table.{plan.table.models[0]}.6.mfu": (None, 0.44),
    }  # fmt: skip
    (note,) = found.notes
    for language in ("en", "ja"):
        assert "100" in note.text(language)
        assert str(before[2]) in note.text(language)
    table = training_table(read.applied(plan, found.changes))
    assert [cell.accelerators for cell in table.rows[0].cells] == [count * each for count in sizes]
    assert table.rows[0].cells[1].mfu == pytest.approx(0.44)


@pytest.mark.parametrize("count", ["many", None, 0, -8, 0.5, True])
def test_a_count_of_the_table_that_no_cluster_has_is_said_and_left(tmp_path: Path, count: object) -> None:
    plan, data = sample("customer")
    found = read.compared(plan, put(tmp_path, edited(data, tbl_gpus_1=count)))
    assert found.changes == ()
    assert len(found.notes) == 1


def test_a_ladder_that_the_plan_does_not_name_comes_back_whole(tmp_path: Path) -> None:
    plan = load_sample("llama3-70b-continual").plans[0].with_values({"table.servers": ()})
    table = training_table(plan)
    data = to_bytes(build(plan, estimate(plan), "ja", "internal", SETTINGS, table=table))
    assert read.compared(plan, put(tmp_path, data)) == read.Comparison(())
    (change,) = read.differences(plan, put(tmp_path, edited(data, tbl_gpus_1=8 * 5)))
    assert change.path == "table.servers"
    assert change.new == (5, *(cell.servers for cell in table.rows[0].cells[1:]))


@pytest.mark.parametrize("value", [-1.0, 2.0])
def test_a_table_cell_is_validated_like_the_plan(tmp_path: Path, value: float) -> None:
    plan, data = sample("customer")
    with pytest.raises(PlanError, match="must lie between"):
        read.differences(plan, put(tmp_path, edited(data, in_overrides_table_1_2_mfu=value)))


def test_an_untouched_file_gives_the_plans_own_values(tmp_path: Path) -> None:
    plan, data = sample("internal")
    values = read.read_file(put(tmp_path, data)).values
    assert values["workload.tokens"] == plan.workload.tokens
    assert values["money.onprem.margin"] == plan.money.onprem.margin
    assert "cluster.servers" not in values
    assert not values["proposal.customer"]


def test_a_sale_price_comes_back_under_the_plans_own_discount_and_margin(tmp_path: Path) -> None:
    plan, data = sample("customer")
    path = put(tmp_path, edited(data, in_money_onprem_server_price=50_000_000))
    (change,) = read.differences(plan, path)
    assert change.path == "money.onprem.server_price"
    own = plan.money.onprem
    assert change.new * (1 - own.discount) / (1 - own.margin) == pytest.approx(50_000_000)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"in_money_utilization": 3}, "money.utilization=3"),
        ({"in_money_utilization": "high"}, "must be a number"),
        ({"in_money_horizon_months": 30.5}, "whole number"),
        ({"in_money_usd_jpy_date": "yesterday"}, "must be a date"),
        ({"in_money_onprem_server_price": -1}, "at least 0"),
        ({"in_workload_tokens": True}, "must be a number"),
        ({"tbl_gpus_1": 8_000_000}, "table.servers"),
    ],
)
def test_values_that_no_plan_accepts_are_refused_by_name(tmp_path: Path, values: dict[str, object], said: str) -> None:
    plan, data = sample("internal")
    with pytest.raises(PlanError, match=said):
        read.differences(plan, put(tmp_path, edited(data, **values)))


@pytest.mark.parametrize(
    ("name", "typed", "path", "value"),
    [
        ("in_money_onprem_server_price", "５０，０００，０００", "money.onprem.server_price", 5e7),
        ("in_money_onprem_server_price", "¥50,000,000", "money.onprem.server_price", 5e7),
        ("in_money_onprem_server_price", "5000万円", "money.onprem.server_price", 5e7),
        ("in_money_utilization", "３０％", "money.utilization", 0.3),
        ("in_money_utilization", " 0.3 ", "money.utilization", 0.3),
        ("in_money_horizon_months", "48か月", "money.horizon_months", 48),
        ("in_workload_tokens", "2000億", "workload.tokens", 2e11),
        ("in_money_usd_jpy_date", "2026/12/01", "money.usd_jpy_date", dt.date(2026, 12, 1)),
        ("in_money_usd_jpy_date", "令和8年12月1日", "money.usd_jpy_date", dt.date(2026, 12, 1)),
    ],
)
def test_a_text_that_says_a_figure_is_read_and_said(
    tmp_path: Path, name: str, typed: str, path: str, value: object
) -> None:
    """Pasted or typed with its sign, the cell holds a text, which the workbook did not count; what it says is taken."""
    plan, data = sample("internal")
    found = read.compared(plan, put(tmp_path, edited(data, **{name: typed})))
    assert [(item.path, item.new) for item in found.changes] == [(path, value)]
    for language in ("ja", "en"):
        assert [typed.strip() in note.text(language) for note in found.notes] == [True]


@pytest.mark.parametrize("typed", ["N/A", "－", "about 50M", "$50", "2026"])
def test_a_text_that_says_none_is_refused(tmp_path: Path, typed: str) -> None:
    plan, data = sample("internal")
    name = "in_money_usd_jpy_date" if typed == "2026" else "in_money_onprem_server_price"
    with pytest.raises(PlanError, match="money"):
        read.differences(plan, put(tmp_path, edited(data, **{name: typed})))


def test_a_price_is_refused_as_it_was_entered(tmp_path: Path) -> None:
    """Not as the list price that the customer's sale price stands for."""
    plan, data = sample("customer")
    with pytest.raises(PlanError) as caught:
        read.differences(plan, put(tmp_path, edited(data, in_money_onprem_server_price=-5.0)))
    assert "-5" in str(caught.value) and "-4.8" not in str(caught.value)


def test_an_input_whose_row_was_deleted_keeps_the_plans_value_and_is_named(tmp_path: Path) -> None:
    plan, data = sample("internal")
    book = openpyxl.load_workbook(io.BytesIO(edited(data, in_money_usd_jpy=155.5)))
    book.defined_names["in_money_horizon_months"].attr_text = "#REF!"
    stream = io.BytesIO()
    book.save(stream)
    found = read.compared(plan, put(tmp_path, stream.getvalue()))
    assert [(item.path, item.new) for item in found.changes] == [("money.usd_jpy", 155.5)]
    assert [note.text("en") for note in found.notes] == [
        "Horizon is no longer in the file: its row or sheet was deleted. The plan keeps its own value."
    ]


def test_a_required_input_left_empty_keeps_the_plans_value(tmp_path: Path) -> None:
    plan, data = sample("internal")
    assert read.differences(plan, put(tmp_path, edited(data, in_money_utilization=None))) == ()


def test_formulas_and_results_are_ignored(tmp_path: Path) -> None:
    plan, data = sample("internal")
    path = put(tmp_path, edited(data, out_training_days=1.0, out_cost_onprem_total="=1/0"))
    assert read.differences(plan, path) == ()


def test_a_formula_typed_into_an_input_never_runs(tmp_path: Path) -> None:
    """Without a cached value it counts as empty; the plan's value stays."""
    plan, data = sample("internal")
    assert read.differences(plan, put(tmp_path, edited(data, in_money_utilization="=0.1+0.1"))) == ()


def archive(**parts: bytes | str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    """A real proposal with one part added or replaced."""
    _, data = sample("internal")
    source, stream = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            if info.filename != name:
                target.writestr(info, source.read(info))
        target.writestr(name, content)
    return stream.getvalue()


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{("&l" + str(n - 1) + ";") * 10}">' for n in range(1, 10))
    return with_part("xl/sharedStrings.xml",
                     f'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY l0 "ha">{entities}]><sst>&l9;</sst>'.encode())  # fmt: skip


def blow_up() -> bytes:
    text = f'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "{"x" * 3000}">]><sst>{"&a;" * 3000}</sst>'
    return with_part("xl/sharedStrings.xml", text.encode())


def outside() -> bytes:
    return with_part("xl/sharedStrings.xml", b'<!DOCTYPE s [<!ENTITY f SYSTEM "file:///etc/hostname">]><sst>&f;</sst>')


def late_entity() -> bytes:
    """Behind a comment longer than what the guard looks at: the parser itself must refuse it."""
    text = "<?xml version='1.0'?><!--" + "x" * 9000 + '--><!DOCTYPE s [<!ENTITY a "ha">]><sst>&a;</sst>'
    return with_part("xl/workbook.xml", text.encode())


def zip_bomb() -> bytes:
    return with_part("xl/media/a.bin", b"\0" * 30_000_000)


def lying_bomb() -> bytes:
    """The header says one byte; the part inflates to thirty million."""
    data = bytearray(with_part("xl/media/a.bin", b"\0" * 30_000_000))
    size = (30_000_000).to_bytes(4, "little")
    place = data.find(size)
    while place >= 0:
        data[place : place + 4] = (1).to_bytes(4, "little")
        place = data.find(size, place + 4)
    return bytes(data)


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "billion laughs": (laughs, "unpacks"),
    "quadratic blow-up": (blow_up, "unpacks"),
    "external entity": (outside, "unpacks"),
    "an entity far inside": (late_entity, "not a readable"),
    "zip bomb": (zip_bomb, "unpacks"),
    "zip bomb that lies about its size": (lying_bomb, "unpacks|not a readable"),
    "macros": (lambda: with_part("xl/vbaProject.bin", b"x"), "macros"),
    "links": (lambda: with_part("xl/externalLinks/externalLink1.xml", b"<x/>"), "links"),
    "climbing path": (lambda: with_part("xl/../../evil", b"x"), "not a readable"),
    "a text": (lambda: b"hello", "not a readable"),
    "nothing": (lambda: b"", "not a readable"),
    "another zip": (lambda: archive(a__b=b"x"), "not a readable"),
    "an old or encrypted workbook": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "encrypted"),
    "a cut file": (lambda: sample("internal")[1][:40_000], "not a readable"),
    "a broken sheet": (lambda: with_part("xl/worksheets/sheet3.xml", b"<worksheet><sheetData><row>"), "not a readable"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_and_foreign_files_are_refused_with_one_sentence(tmp_path: Path, name: str) -> None:
    make, said = BOMBS[name]
    with pytest.raises(ReturnedError, match=said) as caught:
        read.differences(sample("internal")[0], put(tmp_path, make()))
    for language in ("ja", "en"):
        message = caught.value.text(language)
        assert message.endswith(("。", "."))
        assert message.count("\n") == 0


def test_a_workbook_of_somebody_else_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    stream = io.BytesIO()
    book.save(stream)
    with pytest.raises(ReturnedError, match="no proposal of Mitsumori"):
        read.read_file(put(tmp_path, stream.getvalue()))


def test_a_name_that_points_far_away_is_refused(tmp_path: Path) -> None:
    _, data = sample("internal")
    book = openpyxl.load_workbook(io.BytesIO(data))
    book.defined_names["in_workload_tokens"].attr_text = "'前提条件'!$XFD$1048576"
    stream = io.BytesIO()
    book.save(stream)
    with pytest.raises(ReturnedError, match="no proposal of Mitsumori"):
        read.read_file(put(tmp_path, stream.getvalue()))


def test_a_large_file_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "MAX_FILE_BYTES", 1000)
    with pytest.raises(ReturnedError, match="larger than"):
        read.read_file(put(tmp_path, sample("internal")[1]))


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ReturnedError, match="cannot be opened"):
        read.read_file(tmp_path / "gone.xlsx")


def test_a_workbook_of_another_plan_says_which_one_it_was(tmp_path: Path) -> None:
    """The values are shown all the same, with a sentence that names the plan, its model and server."""
    plan, data = sample("customer")
    other = load_sample("gpt3-175b-nemo").plan
    path = put(tmp_path, data)
    assert read.compared(plan, path).notes == ()
    (note,) = read.compared(other, path).notes
    for language in ("ja", "en"):
        said = note.text(language)
        assert plan.name in said and other.name in said and "Llama 3 70B" in said


def test_a_formula_in_an_input_is_said(tmp_path: Path) -> None:
    plan, data = sample("customer")
    path = put(tmp_path, edited(data, in_money_usd_jpy="=150+10"))
    with_value = tmp_path / "cached.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(with_value, "w") as target:
        for info in source.infolist():
            part = source.read(info)
            target.writestr(info, re.sub(rb"<f>150\+10</f><v ?/?>(</v>)?", b"<f>150+10</f><v>160</v>", part))
    found = read.compared(plan, with_value)
    assert {item.path: item.new for item in found.changes} == {"money.usd_jpy": 160}
    assert [note.text("en") for note in found.notes] == ["Exchange rate holds a formula; its last value was taken."]


def test_a_formula_without_a_result_keeps_what_may_be_left_empty_too(tmp_path: Path) -> None:
    """A program that computes nothing stores no result: the price of the plan did not become the catalogue's."""
    plan, data = sample("internal")
    entered = {"in_money_onprem_server_price": "=50000000*1.1", "in_proposal_customer": '="Example"&" Ltd."'}
    found = read.compared(plan, put(tmp_path, edited(data, **entered)), None, Proposal(customer="Ours"))
    assert found.changes == () and found.proposal == ()
    said = [note.text("en") for note in found.notes]
    assert len(said) == 2 and all("formula without a stored result" in text for text in said)


def test_a_sale_price_of_further_machines_that_no_plan_takes_is_refused_by_name() -> None:
    plan = usual({"cluster.more": [{"server": "DGX-A100", "servers": 2}], "money.onprem.margin": 0.9999999999999999})
    with pytest.raises(PlanError, match=r"money\.prices\.server:DGX-A100"):
        build(plan, estimate(plan), "ja", "customer")
