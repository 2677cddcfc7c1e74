"""What is pasted past the validation turns the check sheet: negative, beyond a bound, half of a whole number, text."""

from __future__ import annotations

from pathlib import Path

import pytest

from mitsumori.model.base.messages import text
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.workbook.read import compared
from tests.workbook import parity
from tests.workbook.conftest import exported
from tests.workbook.office import Office

SAMPLE = "llama3-70b-continual"
PASTED = (
    ("in_overrides_table_1_2_mfu", -5.0), ("in_overrides_table_2_1_mfu", 7.0), ("in_overrides_table_1_1_mfu", "fast"),
    ("in_money_horizon_months", 36.5), ("in_money_horizon_months", 90.0), ("in_money_usd_jpy", "150 yen"),
    ("in_facility_pue", -1.0), ("tbl_gpus_1", 12.5), ("tbl_gpus_2", "many"), ("in_money_corporate_tax_rate", 3.0),
)  # fmt: skip


@pytest.mark.libreoffice
@pytest.mark.timeout(300)
def test_pasted_values_that_no_plan_accepts_are_caught(office: Office, tmp_path: Path) -> None:
    made = exported(SAMPLE)
    book = office.open(parity.write(tmp_path / "pasted.xlsx", made.data))
    good, bad = text("workbook", "ok", "ja"), text("workbook", "check_bad", "ja")
    names = made.workbook.names

    def master() -> object:
        cell = names["out_check"]
        book.recalculate()
        return book.data()[made.workbook.sheets[cell.sheet].title][cell.row - 1][cell.column - 1]

    assert master() == good
    for name, value in PASTED:
        book.set(name, value)
        assert master() == bad, (name, value)
        before = names[name].value
        book.set(name, before if before is None else float(before))  # type: ignore[arg-type]
        assert master() == good, name
    book.close()


@pytest.mark.libreoffice
@pytest.mark.timeout(300)
def test_a_truth_typed_where_a_number_belongs_is_refused(office: Office, tmp_path: Path) -> None:
    """TRUE as typed into LibreOffice's cell comes back as a truth, never as 1 yen; a text keeps what stood there."""
    made = exported(SAMPLE, "ja", "internal")
    for name in (
        "in_money_onprem_server_price",
        "in_workload_tokens",
        "in_overrides_table_1_1_mfu",
        "in_proposal_customer",
    ):
        book = office.open(parity.write(tmp_path / "typed.xlsx", made.data))
        book.names.getByName(name).getReferredCells().getCellByPosition(0, 0).FormulaLocal = "TRUE"
        target = tmp_path / f"{name}.xlsx"
        filter_name = office._property("FilterName", "Calc MS Excel 2007 XML")
        book.document.storeToURL(target.as_uri(), (filter_name,))
        book.close()
        if name == "in_proposal_customer":
            found = compared(made.plan, target)
            assert [(item.path, item.new) for item in found.proposal] == [("proposal.customer", "TRUE")]
            assert not found.changes
            continue
        with pytest.raises(Refusal) as refused:
            compared(made.plan, target)
        for language, word in (("ja", "数値"), ("en", "number")):
            said = refused.value.text(language)
            assert word in said
            assert "\n" not in said
