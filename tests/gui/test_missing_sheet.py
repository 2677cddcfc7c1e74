"""One sheet for what is missing, one place for what the company keeps, and a word with Undo for every click that rewrites."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mitsumori.gui.company import choose_file, company_defaults
from mitsumori.gui.dialogs.missing import MissingSheet, open_missing
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.words.translation import set_language
from mitsumori.model.estimate.counts import missing_inputs
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from tests.gui.windows import window

SAMPLE = load_sample("llama3-70b-continual").plan
STAFF, SERVER = "money.onprem.staff_cost_per_year", "money.onprem.server_price"


@pytest.fixture
def sheet(qtbot: Any, tmp_path: Path) -> Any:
    choose_file(tmp_path / "shared" / "prices.toml")
    win = window(
        qtbot, Plan().with_values({"money.usd_jpy": 150.0, "money.usd_jpy_date": "2026-11-20"}), estimator=estimate_plan
    )
    win.headline.cost.badge_clicked.emit()
    found = win.findChildren(MissingSheet)
    assert len(found) == 1, "the badge opens the one list"
    yield found[0]
    choose_file(None)


def settle(sheet: Any) -> None:
    sheet._window.store.compute_now()


def test_the_sheet_lists_what_is_missing_and_fills_what_has_a_guide(sheet: Any) -> None:
    store = sheet._window.store
    assert set(missing_inputs(store.estimate)) <= set(sheet.rows)
    sheet.take_all()
    settle(sheet)
    assert store.plan.origins[SERVER].kind == "guide"
    assert "guide" in sheet._window.headline.cost.content().reason[0]
    store.undo_stack.undo()
    assert SERVER not in store.plan.origins and store.plan.money.onprem.server_price is None


def test_an_item_is_left_out_or_typed_and_stays_in_the_list(sheet: Any) -> None:
    store, row = sheet._window.store, sheet.rows["money.onprem.storage_price"]
    row.choice.chosen.emit("none")
    settle(sheet)
    assert store.plan.money.onprem.storage_price == 0.0 and store.plan.origins[row.path].kind == "out_of_scope"
    assert row.choice.value() == "none"
    staff = sheet.rows[STAFF]
    staff.choice.chosen.emit("guide")
    assert staff.error.text(), "nobody publishes one, and the sheet says so"
    staff.edit.setText("1200万")
    staff.edit.setModified(True)
    staff.edit.committed.emit("1200万")
    settle(sheet)
    assert store.plan.value(STAFF) == 12e6 and staff.choice.value() == "typed"


def test_what_is_kept_enters_the_next_plan_with_its_date(sheet: Any) -> None:
    store, staff = sheet._window.store, sheet.rows[STAFF]
    staff.changed.emit({STAFF: 12e6})
    settle(sheet)
    staff.kept.emit(STAFF, True)
    defaults, refusal = company_defaults()
    assert refusal is None and defaults.values[STAFF].value == 12e6 and defaults.values[STAFF].date is not None
    staff.kept.emit(STAFF, False)
    assert STAFF not in company_defaults()[0].values
    assert store.plan.value(STAFF) == 12e6


def test_an_exchanged_server_is_said_with_undo(qtbot: Any) -> None:
    """A new server kept the old price and the old cloud, and nothing was said."""
    set_language("ja")
    win = window(qtbot, SAMPLE, estimator=estimate_plan)
    win.apply({"cluster.server": "DGX-H200"})
    assert "価格は使いません" in win.notices.toast.text() and "クラウドは" in win.notices.toast.text()
    assert "p5en" in win.notices.toast.text()
    win.notices.toast.buttons[0].click()
    assert win.store.plan == SAMPLE


def test_a_click_on_a_result_says_which_inputs_it_changed(qtbot: Any) -> None:
    set_language("en")
    win = window(qtbot, SAMPLE, estimator=estimate_plan)
    win.show_tab("cost")
    win.tabs["cost"].plan_change_requested.emit({"money.utilization": 0.5, "money.cloud.price_per_hour": 40.0})
    assert "Utilization 50 %" in win.notices.toast.text() and "Cloud price 40" in win.notices.toast.text()
    win.notices.toast.buttons[0].click()
    assert win.store.plan == SAMPLE
    assert open_missing(win) is not None


def test_the_sheet_opens_over_a_plan_that_is_refused(qtbot: Any) -> None:
    """It ended in an error: the plan as it stands has no result, the last good one is what is shown."""
    win = window(qtbot, load_sample("llama3-70b-continual").plan, estimator=estimate_plan)
    win.apply({"parallel.auto": False, "parallel.tp": 8, "parallel.global_batch": 127})
    qtbot.waitUntil(lambda: bool(win.footer._alarms.get("plan")), timeout=20_000)
    assert win.store.estimated is not win.store.plan
    sheet = open_missing(win)
    assert sheet is not None
    sheet.take_all()
    sheet.close()
