"""Every input of a plan is set in the window, by its own row or in the place that the short list names."""

from __future__ import annotations

from typing import Any

import pytest

from mitsumori.gui.inputs.fields import ELSEWHERE, FIELDS
from mitsumori.gui.inputs.pane import InputsPane
from mitsumori.gui.store import PlanStore
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.inputs import inputs
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from tests.gui.sample_estimate import estimate, plan

SHAPE = "model.architecture."
TYPED = {
    "cluster.more": "6 CPU-2U cpu",
    "money.software": "hpe-mlde, Monitoring: 300,000 JPY/year",
    "parallel.recompute_modules": "core_attn, mlp",
    "workload.deadline": "2027/3/31",
}
"""What is typed into rows of words."""
PLANS = (
    plan(),
    plan(parallel__auto=False, model__preset=None, model__params=70e9, facility__power_basis="capped",
         money__onprem__site="colocation", money__onprem__lease_rate_per_month=0.02, money__onprem__refresh_share=0.5,
         money__cloud__term="spot", workload__stage="lora", workload__deadline_days=30.0, workload__use="yearly"),
    plan(workload__stage="ppo", money__cloud__term="reserved_3y", money__onprem__delivery_months=4.0,
         rollout__placement="asynchronous"),
    load_sample("serve-chat-500").plan.with_values({"serving.speculative": "mtp", "serving.auto": False,
                                                    "serving.disaggregated": True, "serving.prefill_servers": 1}),
    load_sample("serve-chat-500").plan.with_values({"serving.users": None, "serving.requests_per_s": 2.0,
                                                    "serving.availability": "n1"}),
    load_sample("serve-chat-500").plan.with_values({"serving.users": None, "serving.concurrency": 20.0,
                                                    "serving.speculative": "draft"}),
)  # fmt: skip
"""Plans that between them call for every row."""


def other(path: str, some: Plan) -> Any:
    """A value that the plan takes and does not have."""
    field, now = FIELDS[path], some.value(path)
    item = field.item
    assert item is not None
    if field.kind == "choice":
        values = [value for value, _ in field.listed(some, Catalogue.shipped()) if value is not None]
    elif item.kind == "whole":
        values = [*range(int(item.low or 1), int(item.low or 1) + 3), (now or 0) + 1]
    else:
        low, high = item.low or 0.0, item.high
        top = high if high is not None and high < 1e6 else low + 100.0
        values = [low + (top - low) * share for share in (0.25, 0.5, 0.75)]
    for value in values:
        if value != now:
            try:
                some.with_values({path: value})
            except ValueError:
                continue
            return value
    raise AssertionError(f"no other value of {path}")


def test_the_rows_and_the_short_list_are_all_inputs() -> None:
    """57 inputs could be set from a file only; a customer asks for one, and the engineer had no place to type it."""
    rows = {path for path in FIELDS if not FIELDS[path].title}
    asked = {path for path in inputs() if not path.startswith(SHAPE)}
    assert asked - rows == set(ELSEWHERE), "an input without a row is on the list with its place"
    assert all(ELSEWHERE.values()) and rows <= asked
    assert not [path for path in rows if not any(FIELDS[path].shown_when(some) for some in PLANS)]


@pytest.mark.parametrize("number", range(len(PLANS)))
def test_a_row_sets_its_input(qtbot: Any, number: int) -> None:
    """Each row once, on the first plan that calls for it."""
    some = PLANS[number]
    store, pane = PlanStore(some, lambda asked, **context: estimate()), InputsPane()
    qtbot.addWidget(pane)
    refused: list[Any] = []

    def changed(row: Any, changes: Any, gesture: Any) -> None:
        error = store.set_values(changes, gesture=gesture)
        if error is not None:
            refused.append(error)
            pane.refuse(row, error)

    pane.change_requested.connect(changed)
    store.plan_changed.connect(lambda old, new: pane.show_plan(new))
    pane.show_plan(some)
    for path, field in FIELDS.items():
        if field.title or next(one for one in PLANS if field.shown_when(one)) is not some:
            continue
        if not field.offered(some, Catalogue.shipped()):
            assert len(field.listed(some, Catalogue.shipped())) == 1, "no choice is left"
            continue
        assert pane.go_to(path)
        before, wanted = some.value(path), change(pane.row(path), some)
        assert not refused, (path, refused)
        now = store.plan.value(path)
        assert now not in (before, None, ()), path
        if wanted is not None and not isinstance(wanted, str | bool):
            assert now == pytest.approx(wanted, rel=1e-3, abs=1e-9), path
        store.undo_stack.undo()
        assert store.plan == some, path


def change(row: Any, some: Plan) -> Any:
    """Set another value by the row's own control; returns the value that is expected, None for words."""
    field = row.field
    if row.switch is not None:
        row.switch.click()
        return row.switch.isChecked()
    if row.combo is not None:
        wanted = other(field.path, some)
        row.combo.setCurrentIndex(row._index_of(wanted))
        row.combo.activated.emit(row.combo.currentIndex())
        return wanted
    typed = TYPED.get(field.path, "2026/3/31" if field.kind == "date" else "")
    wanted = None if typed else other(field.path, some)
    row.edit.setText(typed or f"{wanted / field.scale:.12g}")
    row.edit.setModified(True)
    row.edit.committed.emit(row.edit.text())
    return wanted


def test_what_is_typed_as_software_is_read_and_written_the_same() -> None:
    typed = "nvidia-ai-enterprise、監視ツール：300,000 円/年, Support: $1200.5/gpu, Console: 5,000 JPY/台"
    made = plan(money__software=typed).money.software
    assert [(one.name, one.price, one.currency, one.metric) for one in made] == [
        ("nvidia-ai-enterprise", None, "JPY", None), ("監視ツール", 300_000.0, "JPY", "year"),
        ("Support", 1200.5, "USD", "gpu_year"), ("Console", 5_000.0, "JPY", "server_year"),
    ]  # fmt: skip
    from mitsumori.model.plan.software_items import written_software

    assert plan(money__software=written_software(made)).money.software == made
    with pytest.raises(ValueError, match="colon"):
        plan(money__software="Monitoring: a lot")
