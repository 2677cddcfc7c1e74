"""The bill of materials as CSV: what the workbook's sheet says, for purchasing, without prices."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from mitsumori.model import cli
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample, sample_names
from mitsumori.model.workbook import described
from tests.workbook.parity import SETTINGS


def bill(path: Path, *arguments: str) -> list[dict[str, str]]:
    assert cli.main(["export", *arguments[:1], str(path), "--lang", "en", *arguments[1:]]) == 0
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf"), "Excel in Japanese takes UTF-8 only with its mark"
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


@pytest.mark.parametrize("sample", sample_names())
def test_quantities_are_those_of_the_estimate_and_of_the_sheet(sample: str, tmp_path: Path) -> None:
    plan = load_sample(sample).plan
    found, rows = estimate(plan), bill(tmp_path / "bill.csv", sample)
    count = {row["Item"]: row["Quantity"] for row in rows}
    assert count["GPU server"] == str(found.counted(plan).cluster.servers)
    racks = found.facility.racks.value
    assert count["Compute racks"] == ("ask" if racks is None else str(round(racks)))
    for item, key in (("Leaf switches", "leaf"), ("Spine switches", "spine"), ("Cable ends", "optics")):
        figure = found.facility.network.get(key)
        if figure is not None and figure.value:
            assert count[item] == str(round(figure.value)), item
    (book,) = described((plan,), "en", "customer", SETTINGS)
    assert [line.item for line in book.bill] == [row["Item"] for row in rows]


def test_part_numbers_where_the_catalogue_knows_them(tmp_path: Path) -> None:
    rows = bill(tmp_path / "b.csv", "gpt3-175b-nemo", "--set", "cluster.server=DGX-H100")
    number = {row["Item"]: row["Part number"] for row in rows}
    assert number["Leaf switches"] == "MQM9700-NS2F"
    assert number["GPU server"] == "ask" and number["of which GPUs"] == ""


def test_every_plan_of_a_project_and_nothing_of_the_purchase_side(tmp_path: Path) -> None:
    rows = bill(
        tmp_path / "b.csv", "llama3-70b-continual", "--plans", "all", "--set", "money.onprem.server_price=43219876"
    )
    assert {row["Plan"] for row in rows} == {plan.name for plan in load_sample("llama3-70b-continual").plans}
    assert "43219876" not in (tmp_path / "b.csv").read_text("utf-8-sig")


def test_an_offer_issued_at_the_end_of_the_calendar_is_written(tmp_path: Path) -> None:
    assert (
        cli.main(["export", "llama2-7b-sft", str(tmp_path / "o.xlsx"), "--set", "proposal.issue_date=9999-12-20"]) == 0
    )
