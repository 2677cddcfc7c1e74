"""Every sentence and total of the summary is true, and program and workbook agree where a plan is impossible or half priced."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest

from mitsumori.model.base.messages import text as message
from mitsumori.model.cost.cashflow import first_whole_month
from mitsumori.model.cost.line_table import cost_lines
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, sample_names
from mitsumori.model.workbook import build
from mitsumori.model.workbook.description import Workbook
from tests.workbook.parity import SETTINGS

SAMPLE = "llama3-70b-continual"
GROUPS = (
    ("out_memory_per_gpu_", "memory.per_gpu."), ("out_facility_details_", "facility.details."), ("out_facility_", "facility."),
    ("out_cost_cloud_lines_", "cost.cloud.lines."), ("out_cost_onprem_lines_", "cost.onprem.lines."),
    ("out_cost_cloud_details_", "cost.cloud.details."), ("out_cost_onprem_details_", "cost.onprem.details."),
    ("out_cost_details_", "cost.details."), ("out_cost_cloud_", "cost.cloud."), ("out_cost_onprem_", "cost.onprem."),
    ("out_cost_", "cost."), ("out_training_", "training."),
)  # fmt: skip


def plan_of(changes: dict[str, Any] | None = None, sample: str = SAMPLE) -> Plan:
    return load_sample(sample).plans[0].with_values(changes or {})


def book_of(plan: Plan, language: str = "ja", audience: str = "internal") -> Workbook:
    return build(plan, estimate(plan), language, audience, SETTINGS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("month", "whole"), [(16.403, 17), (16.0, 16), (15.9999999999, 16), (0.0, 1), (16.5, 17), (0.2, 1)]
)
def test_a_break_even_between_months_is_reached_at_the_end_of_the_month(month: float, whole: int) -> None:
    assert first_whole_month(month) == whole


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("sample", sample_names())
def test_the_month_of_the_conclusion_is_the_first_at_whose_end_owning_costs_no_more(sample: str, language: str) -> None:
    plan = plan_of(sample=sample)
    result = estimate(plan)
    book = book_of(plan, language)
    said = str(book.names["out_summary_conclusion"].value)
    before, after = (message("workbook", f"conclusion_break_even_{end}", language) for end in ("before", "after"))
    if result.cost.break_even_month.value is None:
        assert after not in said
        return
    month = int(said.split(before)[1].split(after)[0])
    saving = result.cost.cloud.cumulative - result.cost.onprem.cumulative
    assert saving[month] >= 0.0
    assert (saving[:month] < 0.0).all()
    reached = [cell.value for (row, column), cell in sorted(book.sheets["comparison"].cells.items()) if column == 9][
        -85:
    ]
    assert reached.index(1) == month


def test_a_break_even_that_is_lost_again_is_said() -> None:
    """Dear to set up and cheap to run: owning costs less at first and more in the end."""
    plan = plan_of({"money.cloud.price_per_hour": 0.5, "money.cloud.setup": 3.4e6})
    assert estimate(plan).cost.break_even_month.value is not None
    assert (estimate(plan).cost.details["saving"].value or 0.0) < 0.0
    assert message("workbook", "conclusion_break_even_lost", "ja") in str(
        book_of(plan).names["out_summary_conclusion"].value
    )


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(("site", "line"), [("own_hall", "power_works"), ("colocation", "setup")])
def test_totals_name_what_they_leave_out(site: str, line: str, language: str) -> None:
    plan = plan_of({"money.onprem.site": site, "money.onprem.rent_per_rack_month": 1e5})
    book = book_of(plan, language)
    name = cost_lines()[line].label[language]
    note = str(book.names["out_cost_left_out"].value)
    assert name in note
    for total in ("out_cost_onprem_initial", "out_cost_initial_with_tax", "out_cost_onprem_total",
                  "out_cost_onprem_details_total_with_tax"):  # fmt: skip
        cell = book.names[total]
        assert book.sheets[cell.sheet].cells[cell.row, 6].value == note
    compared = book.names["out_cost_onprem_details_compared_total"]
    assert book.sheets["comparison"].cells[compared.row, 4].value == note
    assert any(note in str(cell.value) for cell in book.sheets["summary"].cells.values() if cell.role == "kpi_note")
    field = {"power_works": "money.onprem.power_works", "setup": "money.onprem.colocation_setup"}[line]
    assert name not in str(book_of(plan.with_values({field: 0.0}), language).names["out_cost_left_out"].value)


def test_open_questions_and_the_age_of_prices_reach_the_file_however_the_estimate_was_made() -> None:
    plan = plan_of()
    for result in (
        estimate(plan),
        estimate(plan, today=dt.date(2026, 1, 1)),
        estimate(plan, today=SETTINGS.issue_date),
    ):
        book = build(plan, result, "ja", "customer", SETTINGS)
        checks = {str(cell.value) for cell in book.sheets["checks"].cells.values()}
        wanted = estimate(plan, today=SETTINGS.issue_date).findings
        assert any(item.code.startswith("price_old") for item in wanted)
        assert any(item.code == "cost_open_power_works" for item in wanted)
        assert {item.message("ja") for item in wanted} <= checks
        summary = {str(cell.value) for cell in book.sheets["summary"].cells.values()}
        assert "・" + message("findings", "cost_open_power_works", "ja") in summary


@pytest.mark.parametrize("language", ["ja", "en"])
def test_an_entered_speed_has_no_interval(language: str) -> None:
    speed = "overrides.training.tokens_per_s_per_gpu"
    entered = message("workbook", "kpi_days_entered", language)

    def notes(changes: dict[str, Any]) -> set[str]:
        book = book_of(plan_of(changes), language)
        return {str(cell.value) for cell in book.sheets["summary"].cells.values() if cell.role == "kpi_note"}

    assert entered in notes({speed: 1000.0})
    assert entered not in notes({})
    assert entered not in notes({speed: 1000.0, f"{speed}_low": 900.0})


STATES: dict[str, dict[str, Any]] = {
    "no server fits": {"facility.rack_kva": 10.0},
    "no cooling price": {"money.onprem.cooling_retrofit_per_rack": None},
    "no storage price": {"money.onprem.storage_price": None},
    "no server price": {"money.onprem.server_price": None},
    "no exchange rate": {"money.usd_jpy": None},
    "no staff cost": {"money.onprem.staff_fte": 1.0, "money.onprem.staff_cost_per_year": None},
    "no rent": {"money.onprem.site": "colocation"},
    "no cloud": {"money.cloud.instance": None},
    "unknown power": {"cluster.server": "Dell-XE9680L", "cluster.servers": 3},
}


@pytest.mark.parametrize("state", STATES)
def test_workbook_and_program_agree_in_impossible_and_half_priced_states(state: str) -> None:
    plan = plan_of(STATES[state])
    result, book = estimate(plan), book_of(plan)
    compared = 0
    for name, cell in book.names.items():
        head = next((item for item in GROUPS if name.startswith(item[0])), None)
        if head is None:
            continue
        try:
            value = result.figure(head[1] + name[len(head[0]) :]).value
        except (KeyError, AttributeError):
            continue  # a figure of the sheet alone
        compared += 1
        assert (value is None) == (cell.number is None), f"{name}: program {value}, workbook {cell.value}"
        if value is not None and cell.number is not None:
            assert math.isclose(value, cell.number, rel_tol=1e-9, abs_tol=1e-9), name
    assert compared > 60


def test_a_purchase_without_a_price_leaves_the_running_costs_known() -> None:
    plan = plan_of({"money.onprem.cooling_retrofit_per_rack": None, "money.onprem.property_tax_rate": 0.0})
    cost = estimate(plan).cost.onprem
    assert cost.total.value is None
    assert cost.monthly.value == pytest.approx(
        sum(
            cost.lines[k].value or 0.0 for k in ("electricity", "rent", "maintenance", "licenses", "staff", "insurance")
        )
        / 60
    )
