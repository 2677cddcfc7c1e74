"""The range of the utilization in the sheet is the program's, whether trainings, a calendar or the user decides it."""

from __future__ import annotations

from pathlib import Path

import formualizer
import pytest

from mitsumori.model.base.messages import text
from mitsumori.model.cost.factors import factors
from mitsumori.model.cost.guides import by_calendar
from mitsumori.model.cost.sensitivity import monte_carlo
from mitsumori.model.estimate.estimate import cost_inputs, estimate
from mitsumori.model.plan.calendar import CalendarEntry
from mitsumori.model.plan.project import load_sample
from mitsumori.model.plan.scheduled import scheduled
from mitsumori.model.workbook import described, to_bytes
from tests.workbook import parity

TRAINS = load_sample("llama3-70b-continual").plan
SERVES = load_sample("serve-chat-500").plan.with_values({
    "money.onprem.server_price": 4.5e7, "money.onprem.staff_cost_per_year": 1e7, "money.onprem.storage_price": 5e6,
    "money.onprem.cooling_retrofit_per_rack": 1e6, "money.cloud.price_per_hour": 80.0, "money.cloud.storage_per_gb_month": 0.02,
    "money.onprem.power_works": 0.0, "money.usd_jpy": 150.0,
})  # fmt: skip
ALWAYS = {"workload.use": "always", "workload.runs_per_year": None, "money.utilization": 0.06}
BOOKED = CalendarEntry.model_validate({"plan": TRAINS.name, "from": "2026-12-01", "hours": [8, 20]})
CASES = {
    "one training": (TRAINS.with_values({"workload.use": "once"}), ()),
    "four a year": (TRAINS.with_values({"workload.use": "yearly", "workload.runs_per_year": 4.0}), ()),
    "typed": (TRAINS.with_values(ALWAYS), ()),
    "calendar": (TRAINS.with_values(ALWAYS), (BOOKED,)),
    "calendar of a service": (SERVES, (BOOKED.model_copy(update={"plan": SERVES.name}),)),
    "service": (SERVES, ()),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("audience", ["internal", "customer"])
def test_the_sheet_has_the_programs_range_and_says_where_it_comes_from(
    case: str, audience: str, tmp_path: Path
) -> None:
    given, calendar = CASES[case]
    plan = scheduled(given, calendar)
    assert by_calendar(plan) == bool(calendar)
    found = {f.key: f for f in factors(plan.money, cost_inputs(plan), estimate(plan).cost.quote.case)}["utilization"]
    (book,) = described((given,), "en", audience, parity.SETTINGS, calendar=calendar)  # type: ignore[arg-type]
    sheet = book.sheets["sensitivity"]
    row = next(
        r for (r, c), cell in sheet.cells.items() if c == 1 and cell.value == text("workbook", "sens_utilization", "en")
    )
    engine = formualizer.load_workbook(str(parity.write(tmp_path / "book.xlsx", parity.poison(to_bytes(book)))))
    engine.evaluate_all()
    got = [engine.get_value(sheet.title, row, column) for column in (3, 4, 5)]
    assert got == pytest.approx([found.low, found.base, found.high])
    assert got == pytest.approx([sheet.cells[row, column].value for column in (3, 4, 5)])
    if found.provenance.kind == "formula":
        assert found.provenance.source in str(sheet.cells[row, 10].value)
    days = estimate(plan).training.days
    if case in ("one training", "four a year", "calendar"):
        assert (found.low / found.base, found.high / found.base) == pytest.approx(
            (days.low / days.value, days.high / days.value)  # type: ignore[operator]
        )
    if case == "typed":
        assert (found.low, found.high) == (0.06, 0.9)


def test_one_training_is_not_drawn_as_machines_in_use_all_year() -> None:
    plan = TRAINS.with_values({"workload.use": "once"})
    result, risk = estimate(plan), monte_carlo(plan.money, cost_inputs(plan), draws=20_000)
    assert risk is not None
    cloud, own = result.cost.cloud.total.value, result.cost.onprem.total.value
    assert cloud is not None
    assert own is not None
    assert cloud < 0.5 * own
    assert risk.owning_wins < 0.01
