"""Texts, names and numbers that a workbook must survive, and saving that is all or nothing."""

from __future__ import annotations

import io
import math
import re
import tomllib
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from mitsumori import resources
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample
from mitsumori.model.plan.proposal import Proposal
from mitsumori.model.workbook import build, export, safe, save, to_bytes
from mitsumori.model.workbook.context import EarlierFile
from mitsumori.model.workbook.description import Sheet
from mitsumori.model.workbook.read import TEXTS
from tests.model import workbooks
from tests.model.workbooks import SAMPLE, SETTINGS, made, parts

HOSTILE = (
    "=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x","y")', "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "#N/A", "TRUE",
    "00123", "1E5", "1/2", "_x000D_", "'quoted", "＝1＋1",
)  # fmt: skip


def exported_with(text: str) -> bytes:
    plan = load_sample(SAMPLE).plans[0].with_values({"name": text[:200], "notes.money.usd_jpy": text[:200]})
    settings = replace(SETTINGS, issuer=text, department=text, contact=text, address=text, registration=text)
    texts = {path.removeprefix("proposal."): text[:200] for path in TEXTS}
    proposal = Proposal(**texts)
    result = _result()
    return to_bytes(build(plan, result, "ja", "customer", settings, proposal=proposal, table=workbooks.table()))


@cache
def _result() -> Any:
    return estimate(load_sample(SAMPLE).plans[0])


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    data = exported_with(text)
    clean, _ = made()
    formulas = sum(part.count(b"<f>") for name, part in parts(data).items() if name.startswith("xl/worksheets/"))
    assert formulas == len(clean.formulas())
    book = load_workbook(io.BytesIO(data))
    title, address = next(iter(book.defined_names["in_proposal_customer"].destinations))
    cell = book[title][address.replace("$", "")]
    assert cell.data_type == "s"
    assert str(cell.value).replace("_x005F_", "_") == text.replace("\r", "\n")


@given(st.text(max_size=60))
def test_any_text_makes_a_readable_workbook(text: str) -> None:
    cleaned = safe.clean_text(text)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", cleaned)
    cleaned.encode("utf-8")
    ET.fromstring(f"<t>{cleaned.replace('&', '&amp;').replace('<', '&lt;')}</t>")
    title = safe.sheet_title(text)
    assert 1 <= len(title.encode("utf-16-le")) // 2 <= 31
    assert not re.search(r"[\[\]:*?/\\]", title)
    assert not title.startswith("'")
    assert title.casefold() != "history"


@pytest.mark.parametrize("text", ["=1\x00\x07", "🚀" * 200, "&P & &A", 'a"b,c', "x" * 40_000])
def test_odd_text_survives_the_whole_way(text: str) -> None:
    load_workbook(io.BytesIO(exported_with(text)))


def test_limits_of_texts_names_and_numbers() -> None:
    assert len(safe.clean_text("x" * 40_000)) == safe.MAX_TEXT
    assert safe.sheet_title("a/b:c") == "a_b_c"
    assert safe.sheet_title("Same", {"same"}) == "Same (2)"
    assert safe.footer_text("A&B") == "A&&B"
    for name in ("R", "C", "A1", "TP8", "dp1", "in tp", "1a", "TRUE", "in_tö"):
        with pytest.raises(ValueError, match="legal"):
            safe.check_name(name)
    sheet = Sheet("cover", "x", "output", (10.0,))
    for number in (math.nan, math.inf):
        with pytest.raises(ValueError, match="cannot hold"):
            sheet.put(1, 1, number)


def test_texts_are_whole_in_both_languages() -> None:
    table = tomllib.loads(resources.read_text("messages", "workbook.toml"))
    for key, entry in table.items():
        assert set(entry) == {"en", "ja"}, key
        assert sorted(re.findall(r"{(\w+)", entry["en"])) == sorted(re.findall(r"{(\w+)", entry["ja"])), key
        if not key.startswith("honorific") and not key.startswith("unit_none"):
            assert entry["en"].strip(), key
            assert entry["ja"].strip(), key


def test_saving_is_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "proposal.xlsx"
    target.write_bytes(b"old")
    monkeypatch.setattr(save, "PAUSE_S", 0.0)

    def locked(path: Path, data: bytes, **named: object) -> None:
        raise PermissionError(13, "locked")

    monkeypatch.setattr(save, "write_atomic", locked)
    plan = load_sample(SAMPLE).plans[0]
    with pytest.raises(save.SaveError, match="open in another program") as caught:
        export(plan, _result(), target, "ja", settings=SETTINGS, table=workbooks.table())
    assert "開かれています" in caught.value.text("ja")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]
    monkeypatch.undo()
    export(plan, _result(), target, "ja", settings=SETTINGS, table=workbooks.table())
    assert target.read_bytes()[:2] == b"PK"
    assert target.with_name("proposal.xlsx.bak").read_bytes() == b"old"


def test_saving_into_a_missing_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(save.SaveError, match="does not exist"):
        save.save(tmp_path / "gone" / "a.xlsx", b"x")


def test_logo_is_placed_with_alt_text_and_must_be_a_png() -> None:
    import struct
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 2, 8, 2, 0, 0, 0))
    png += chunk(b"IDAT", zlib.compress(b"\x00" + b"\x10\x20\x30" * 4 + b"\x00" + b"\x10\x20\x30" * 4)) + chunk(
        b"IEND", b""
    )
    plan = load_sample(SAMPLE).plans[0]
    data = to_bytes(build(plan, _result(), "en", "customer", replace(SETTINGS, logo_png=png), table=workbooks.table()))
    everything = parts(data)
    assert any(name.startswith("xl/media/") for name in everything)
    assert b"Logo of Example" in everything["xl/drawings/drawing1.xml"]
    with pytest.raises(ValueError, match="PNG"):
        build(plan, _result(), "en", "customer", replace(SETTINGS, logo_png=b"GIF89a"), table=workbooks.table())


def test_an_unknown_price_stays_open_and_is_never_zero() -> None:
    plan = load_sample(SAMPLE).plans[0].with_values({"money.onprem.server_price": None})
    workbook = build(plan, estimate(plan), "ja", "internal", SETTINGS, table=workbooks.table())
    assert workbook.names["in_money_onprem_server_price"].value is None
    assert workbook.names["in_money_onprem_server_price"].role == "missing"
    for name in ("out_cost_onprem_total", "out_cost_onprem_initial", "out_cost_break_even_month"):
        assert workbook.names[name].value == "要見積"
    assert workbook.names["out_cost_cloud_total"].number is not None


def test_missing_findings_do_not_change_the_file_when_inputs_change() -> None:
    workbook, _ = made()
    assert workbook.names["out_inputs_changed"].value == 0
    base = load_sample(SAMPLE).plans[0]
    plan = base.with_values({"money.utilization": 0.5})
    changed = build(
        plan, estimate(plan), "ja", "customer", SETTINGS, exported=EarlierFile(base, _result()), table=workbooks.table()
    )
    assert changed.names["out_inputs_changed"].value == 1


def test_texts_stand_in_the_table_of_the_file_and_inputs_stay_texts() -> None:
    """Previews on phones leave texts inside cells blank; a text that begins with "=" is no formula after an edit either."""
    data = exported_with("=1+1")
    everything = parts(data)
    assert not [name for name, part in everything.items() if b"inlineStr" in part]
    table = everything["xl/sharedStrings.xml"].decode()
    used = {
        int(number)
        for name, part in everything.items()
        if name.startswith("xl/worksheets/")
        for number in re.findall(r't="s"><v>(\d+)</v>', part.decode())
    }
    assert used == set(range(table.count("<si>")))
    book = load_workbook(io.BytesIO(data))
    for name in ("in_proposal_customer", "in_proposal_subject"):
        title, address = next(iter(book.defined_names[name].destinations))
        assert book[title][address.replace("$", "")].quotePrefix
    title, address = next(iter(book.defined_names["doc_issue_date"].destinations))
    assert not book[title][address.replace("$", "")].quotePrefix
