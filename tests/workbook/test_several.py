"""Several scenarios in one workbook: each live by itself, side by side on one sheet."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook

from mitsumori.model.base.messages import text as message
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.plan.proposal import Proposal
from mitsumori.model.slides import deck
from mitsumori.model.workbook import described, read, to_bytes
from mitsumori.model.workbook.description import Workbook
from mitsumori.model.workbook.several import merged
from tests.needs import needs_fonts, needs_pdf_tools
from tests.workbook import parity
from tests.workbook.office import Office

PLANS = load_sample("llama3-70b-continual").plans
OTHER = load_sample("llama2-7b-sft").plan


def book(*plans: Plan, language: str = "ja") -> Workbook:
    return merged(described(plans, language, "customer", parity.SETTINGS, proposal=Proposal(customer="青葉商事")))


@pytest.mark.libreoffice
@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_recalculation_agrees_and_each_scenario_moves_alone(office: Office, tmp_path: Path, language: str) -> None:
    made = book(PLANS[0], OTHER, language=language)
    opened = office.open(parity.write(tmp_path / "several.xlsx", parity.poison(to_bytes(made))))
    opened.recalculate()
    parity.set_scale(made)
    assert parity.differences(made, opened.data()) == []
    opened.set("in_money_electricity_jpy_per_kwh_B", 55.0)
    opened.set("in_proposal_customer", "別の会社")
    opened.recalculate()
    data = opened.data()
    changed = book(PLANS[0], OTHER.with_values({"money.electricity_jpy_per_kwh": 55.0}), language=language)

    def value(name: str) -> object:
        cell = made.names[name]
        return data[made.sheets[cell.sheet].title][cell.row - 1][cell.column - 1]

    for name in (
        "out_cost_onprem_total",
        "out_cost_onprem_total_B",
        "out_cost_break_even_month_B",
        "out_training_days_B",
    ):
        assert parity.same(value(name), changed.names[name]), name
    label = message("workbook", "plans_owned", language, money=message("workbook", "unit_money_JPY", language))
    row = next(cell.row for cell in made.sheets["plans"].cells.values() if cell.value == label)
    said, exact = data[made.sheets["plans"].title][row - 1][2], changed.names["out_cost_onprem_total_B"].number
    assert isinstance(said, float) and exact is not None
    assert said == int(said), "in whole yen, as on the page of costs"
    assert said == pytest.approx(exact, abs=60.0)
    assert value("in_proposal_customer_B") == "別の会社", "the addressee is one for all"
    opened.close()


def test_two_scenarios_are_never_compared_in_two_currencies() -> None:
    dollars = OTHER.with_values({"money.currency": "USD", "money.usd_jpy": 150.0})
    one, two = described((PLANS[0], dollars), "en", "customer", parity.SETTINGS)
    assert (one.currency, two.currency) == ("JPY", "JPY")


def test_a_plan_that_serves_beside_a_training_is_not_compared_by_days() -> None:
    """What it would take to train the model that it serves is nobody's question; it stood as the fastest plan."""
    plans = (load_sample("serve-chat-500").plan, load_sample("llama3-8b-lora").plan)
    for offered in (plans, plans[::-1]):
        books = described(offered, "ja", "customer", parity.SETTINGS)
        slide = next(one for one in deck(books).slides if one.key == "plans")
        days = message("workbook", "kpi_days", "ja")
        assert slide.title == message("slides", "plans_title", "ja")
        assert days not in {row[0] for row in slide.tables[0].rows}
        labels = {str(cell.value) for cell in merged(books).sheets["plans"].cells.values()}
        assert days not in labels and message("workbook", "kpi_racks", "ja") in labels


def test_scenarios_of_one_name_are_told_apart_by_their_letter() -> None:
    made = book(PLANS[0], PLANS[0])
    name = PLANS[0].name
    heads = [str(cell.value) for (row, column), cell in made.sheets["plans"].cells.items() if row == 4 and column > 1]
    assert heads == [f"A {name}", f"B {name}"]
    titles = [sheet.title for sheet in made.sheets.values()]
    assert len(set(titles)) == len(titles)
    assert all(len(title) <= 31 for title in titles)
    assert {re.sub(r"^B ", "", title) for title in titles if title.startswith("B ")} <= set(titles)


def test_names_of_the_others_end_in_their_letter_and_all_resolve() -> None:
    made = book(*PLANS, OTHER)
    data = to_bytes(made)
    opened = load_workbook(io.BytesIO(data))
    for name in ("in_workload_tokens", "out_training_days", "out_cost_break_even_month"):
        for end in ("", "_B", "_C"):
            title, _ = next(iter(opened.defined_names[name + end].destinations))
            assert title in opened.sheetnames
    known = set(opened.defined_names)
    for cell in made.formulas():
        bare = re.sub(r'"(?:[^"]|"")*"', "", re.sub(r"\[\[[^\]]*\]\]", "", cell.formula or ""))
        for used in re.findall(r"(?:in|out|use|std|cst|doc|tbl)_\w+", bare):
            assert used in known, cell.formula
            letter = used[-2:] if used[-2:] in ("_B", "_C") else ""
            own = cell.sheet[-2:].upper() if cell.sheet[-2:] in ("_b", "_c") else ""
            assert letter == own or cell.sheet == "plans" or not letter, (cell.sheet, cell.formula)


def test_the_first_scenario_comes_back_as_from_a_workbook_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "several.xlsx"
    path.write_bytes(to_bytes(book(PLANS[0], OTHER)))
    found = read.compared(PLANS[0], path, proposal=Proposal(customer="青葉商事"))
    assert found.changes == found.proposal == ()
    assert [note.code for note in found.notes] == ["read_other_scenarios"]


def test_every_scenario_comes_back_into_the_plan_of_its_name(tmp_path: Path) -> None:
    """What was typed into the second scenario is the second plan's; the file says what it did not give."""
    path = tmp_path / "several.xlsx"
    made = book(PLANS[0], OTHER)
    book_of = load_workbook(io.BytesIO(to_bytes(made)))
    for name, value in (("in_money_usd_jpy", 151.5), ("in_money_usd_jpy_B", 161.5), ("in_money_horizon_months_B", 48)):
        title, address = next(iter(book_of.defined_names[name].destinations))
        book_of[title][address] = value
    book_of.save(path)
    first, second = (read.compared(plan, path, proposal=Proposal(customer="青葉商事")) for plan in (PLANS[0], OTHER))
    assert {item.path: item.new for item in first.changes} == {"money.usd_jpy": 151.5}
    assert {item.path: item.new for item in second.changes} == {"money.usd_jpy": 161.5, "money.horizon_months": 48}
    assert first.proposal == second.proposal == ()
    said = [note.text("ja") for note in first.notes]
    assert any(f"B ({OTHER.name})" in note and "取り込んでいません" in note for note in said)
    asked = read.compared(PLANS[0], path, proposal=Proposal(customer="青葉商事"), scenario="b")
    assert {"money.usd_jpy": 161.5}.items() <= {item.path: item.new for item in asked.changes}.items()
    with pytest.raises(Refusal, match="A, B"):
        read.compared(PLANS[0], path, scenario="D")


@pytest.mark.libreoffice
@pytest.mark.fonts
@pytest.mark.timeout(300)
def test_nothing_overflows_on_paper(office: Office, tmp_path: Path) -> None:
    import subprocess

    needs_pdf_tools()
    needs_fonts()
    pdf = tmp_path / "several.pdf"
    office.pdf(parity.write(tmp_path / "several.xlsx", to_bytes(book(*PLANS, OTHER))), pdf)
    told = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    assert "###" not in told and "#NAME" not in told and "#REF" not in told
    assert f"C {OTHER.name}" in told


@pytest.mark.parametrize("language", ["ja", "en"])
def test_totals_over_different_horizons_and_machines_that_come_later_are_told_apart(language: str) -> None:
    """Three years beside seven, and half a year until use: sheet and slide say so, and who trains fastest is no "first"."""
    first = load_sample("llama3-70b-continual").plans[0]
    second = first.with_values({
        "name": "seven years", "cluster.servers": 16, "money.horizon_months": 84, "money.onprem.works_months": 6.0,
    })  # fmt: skip
    books = described((first, second), language, "customer", parity.SETTINGS)  # type: ignore[arg-type]
    slide = next(one for one in deck(books).slides if one.key == "plans")
    shown = {row[0]: row[1:] for row in slide.tables[0].rows}
    sheet = merged(books).sheets["plans"]
    rows = {cell.value: row for (row, column), cell in sheet.cells.items() if column == 1}
    for key, values in (("plans_horizon", (60, 84)), ("plans_lead", (0, 6))):
        label = message("workbook", key, language)
        assert shown[label] == tuple(str(value) for value in values)
        assert tuple(sheet.cells[rows[label], column].number for column in (2, 3)) == values
    assert ("fastest" if language == "en" else "最も速い") in slide.title
    alike = described((first, first.with_values({"name": "other"})), language, "customer", parity.SETTINGS)  # type: ignore[arg-type]
    slide = next(one for one in deck(alike).slides if one.key == "plans")
    assert message("workbook", "plans_lead", language) not in {row[0] for row in slide.tables[0].rows}
