"""Every input: typed, slid and stepped values reach the plan; refusals stay at their field; states are shown."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mitsumori.gui.inputs.choices import word
from mitsumori.gui.inputs.fields import FIELDS, GROUPS
from mitsumori.gui.inputs.pane import InputsPane
from mitsumori.gui.store import PlanStore
from mitsumori.gui.words.translation import set_language, speaking
from mitsumori.model.base.figure import unknown
from mitsumori.model.base.findings import Finding
from mitsumori.model.base.messages import LANGUAGES, Language
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.inputs import inputs
from mitsumori.model.plan.plan import Plan
from tests.gui.sample_estimate import estimate, facility, plan


class Bench:
    """A pane on a store, as the window connects them."""

    def __init__(self, start: Plan) -> None:
        self.store = PlanStore(start, lambda asked, **context: estimate())
        self.pane = InputsPane()
        self.pane.change_requested.connect(self._changed)
        self.store.plan_changed.connect(lambda old, new: self.pane.show_plan(new))
        self.pane.show_plan(start)
        self.pane.show_estimate(start, estimate())

    def _changed(self, row: Any, changes: Any, gesture: Any) -> None:
        error = self.store.set_values(changes, gesture=gesture)
        if error is not None:
            self.pane.refuse(row, error)

    def value(self, path: str) -> Any:
        return self.store.plan.value(path)


@pytest.fixture
def bench(show) -> Bench:  # type: ignore[no-untyped-def]
    made = Bench(plan())
    show(made.pane, 360, 900)
    return made


def type_into(bench: Bench, path: str, text: str, key: Qt.Key = Qt.Key.Key_Return) -> None:
    """Go to a field, replace its text, press a key."""
    assert bench.pane.go_to(path)
    row = bench.pane.row(path)
    assert row is not None
    assert row.edit is not None
    row.edit.setFocus()
    row.edit.selectAll()
    if text.isascii():
        QTest.keyClicks(row.edit, text)
    else:  # an input method inserts Japanese text; QTest only knows Latin keys
        row.edit.insert(text)
    QTest.keyClick(row.edit, key)


def test_every_row_belongs_to_a_plan_field_and_every_path_is_shown_once() -> None:
    start = plan()
    for path, field in FIELDS.items():
        if field.kind != "layout":
            start.value(path)
    assert len(FIELDS) == sum(len(group.fields) for group in GROUPS)


def test_letters_of_the_inputs_are_unique() -> None:
    letters = [field.key for field in FIELDS.values() if field.key]
    assert len(letters) == len(set(letters))


@pytest.mark.parametrize(
    ("path", "typed", "value"),
    [
        ("workload.tokens", "1.5T", 1.5e12),
        ("workload.tokens", "1000億", 1e11),
        ("workload.tokens", "250", 250e9),
        ("workload.tokens", "3.5兆", 3.5e12),
        ("parallel.seq_len", "16384", 16384),
        ("cluster.servers", "16", 16),
        ("facility.rack_kva", "44.5", 44.5),
        ("money.cloud.price_per_hour", "39.33", 39.33),
        ("money.utilization", "85 %", 0.85),
        ("money.onprem.server_price", "4500万", 45e6),
        ("money.onprem.discount", "12.5", 0.125),
        ("network.restart_s", "10", 600.0),
        ("workload.deadline", "2027-03-31", "2027-03-31"),
    ],
)
def test_a_typed_value_reaches_the_plan(bench: Bench, path: str, typed: str, value: Any) -> None:
    if typed == "1000億":
        bench.store.set_values({path: 5e9})
    type_into(bench, path, typed)
    got = bench.value(path)
    assert (str(got) if isinstance(value, str) else got) == value


def test_a_number_input_exists_for_every_number_and_takes_the_keyboard(bench: Bench) -> None:
    """Each enabled typed row: Up asks for a larger value and the plan follows."""
    for path, field in FIELDS.items():
        row = bench.pane.row(path)
        assert row is not None
        if row.edit is None or field.kind in ("date", "text") or not field.shown_when(bench.store.plan):
            continue
        before = bench.value(path)
        if before is None:
            continue
        bench.pane.go_to(path)
        QTest.keyClick(row.edit, Qt.Key.Key_Up)
        after = bench.value(path)
        limit = row.error() or (field.axis is not None and before / field.scale >= field.axis.high)
        assert limit or after > before, path


@pytest.mark.parametrize(
    ("path", "typed", "says"),
    [
        ("cluster.servers", "0", "Servers must be at least 1."),
        ("workload.tokens", "lots", "is not a number"),
        ("cluster.servers", "2.5", "Servers must be a whole number."),
        ("money.utilization", "140", "Utilization must be at most 100 %."),
        ("money.horizon_months", "6", "Horizon must be at least 12 months."),
        ("workload.tokens", "", "Tokens needs a value."),
        (
            "workload.deadline",
            "soon",
            "Deadline: it must be a date such as 2027-03-31, 2027/3/31, 2027年3月31日, 令和9年3月31日 or 3月末, or for a deadline days such as 30日.",
        ),
    ],
)
def test_a_refused_value_is_explained_at_its_field_and_stays_as_typed(
    bench: Bench, path: str, typed: str, says: str
) -> None:
    before = bench.store.plan
    assert bench.pane.go_to(path)
    row = bench.pane.row(path)
    assert row is not None
    assert row.edit is not None
    row.edit.selectAll()
    if typed:
        QTest.keyClicks(row.edit, typed)
    else:
        QTest.keyClick(row.edit, Qt.Key.Key_Backspace)
    QTest.keyClick(row.edit, Qt.Key.Key_Return)
    assert says in row.error()
    assert row.edit.text() == typed
    assert row.edit.state() == "guilty"
    assert not row.note.isHidden()
    assert bench.store.plan is before
    QTest.keyClick(row.edit, Qt.Key.Key_Escape)
    assert row.error() == ""


def test_a_refusal_is_japanese_in_a_japanese_window(bench: Bench) -> None:
    set_language("ja")
    type_into(bench, "cluster.servers", "0")
    row = bench.pane.row("cluster.servers")
    assert row is not None
    assert row.error() == "サーバー台数は 1以上にしてください。"


def test_a_slider_drag_moves_plan_and_text_as_one_step(bench: Bench) -> None:
    bench.pane.go_to("workload.tokens")
    row = bench.pane.row("workload.tokens")
    assert row is not None
    assert row.slider is not None
    assert row.edit is not None
    slider = row.slider
    y = 11
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=slider.rect().topLeft() + _point(60, y))
    for x in range(70, 260, 10):
        QTest.mouseMove(slider, slider.rect().topLeft() + _point(x, y))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=slider.rect().topLeft() + _point(250, y))
    assert bench.store.undo_stack.count() == 1
    assert bench.value("workload.tokens") == slider.current() * 1e9
    assert row.edit.text().replace(",", "") == f"{slider.current():g}"


def _point(x: int, y: int) -> Any:
    from PySide6.QtCore import QPoint

    return QPoint(x, y)


def test_the_servers_snap_to_whole_machines_and_say_how_many_gpus(bench: Bench) -> None:
    type_into(bench, "cluster.servers", "16")
    row = bench.pane.row("cluster.servers")
    assert row is not None
    assert row.unit.text() == "= 128 GPUs"


def test_arrow_keys_on_a_slider_go_finely_and_along_the_ladder(bench: Bench) -> None:
    row = bench.pane.row("workload.tokens")
    assert row is not None
    assert row.slider is not None
    row.slider.setFocus()
    QTest.keyClick(row.slider, Qt.Key.Key_Up)
    assert bench.value("workload.tokens") == 200e9
    QTest.keyClick(row.slider, Qt.Key.Key_Right)
    assert 200e9 < bench.value("workload.tokens") < 250e9
    QTest.keyClick(row.slider, Qt.Key.Key_Home)
    assert bench.value("workload.tokens") == 10e6


def test_an_unknown_price_is_asked_for_and_never_zero(bench: Bench) -> None:
    bench.pane.go_to("money.onprem.power_works")
    bench.pane.show_estimate(bench.store.plan, estimate())
    row = bench.pane.row("money.onprem.power_works")
    assert row is not None
    assert row.edit is not None
    assert row.edit.state() == "unknown"
    assert row.edit.placeholderText() == "not given"
    assert row.edit.text() == ""


def test_the_cause_of_an_impossible_plan_is_marked(bench: Bench) -> None:
    guilty = Finding("facility_limit", "bad", "facility.cooling")
    bench.pane.go_to("facility.cooling")
    bench.pane.show_estimate(bench.store.plan, estimate(findings=(guilty,)))
    row = bench.pane.row("facility.cooling")
    assert row is not None
    assert row.combo is not None
    assert row.combo.state() == "guilty"


def test_folded_groups_say_what_they_hold(bench: Bench) -> None:
    for section in bench.pane.sections:
        section.set_open(False)
    bench.pane.show_estimate(bench.store.plan, estimate())
    said = {section.group.key: section.header.accessibleDescription() for section in bench.pane.sections}
    assert said["workload"] == "Continual pre-training · 100 B"
    used = estimate().training.parallel
    degrees = [f"{name.upper()} {used[name]}" for name in ("tp", "pp", "cp", "dp") if used[name] > 1]
    assert said["parallel"] == " · ".join([*degrees, f"ZeRO-{used['zero_stage']}"])
    assert "64 GPUs" in said["cluster"]
    assert "70 %" in said["money"]


def test_the_layout_is_free_only_when_the_program_does_not_choose_it(bench: Bench) -> None:
    tp = bench.pane.row("parallel.tp")
    auto = bench.pane.row("parallel.auto")
    assert tp is not None
    assert auto is not None
    assert auto.switch is not None
    assert tp.isHidden()
    auto.switch.click()
    assert bench.value("parallel.auto") is False
    assert not tp.isHidden()


def test_what_another_input_decides_is_shown_but_cannot_be_changed(bench: Bench) -> None:
    bench.pane.go_to("money.utilization")
    row = bench.pane.row("money.utilization")
    assert row is not None
    assert row.edit is not None
    assert row.edit.isEnabled()
    bench.store.set_values({"workload.runs_per_year": 10.0})
    assert not row.edit.isEnabled()
    assert row.edit.toolTip() == "The number of trainings sets this. Choose “always on” to set it yourself."


def test_unknown_results_do_not_break_the_pane(bench: Bench) -> None:
    from dataclasses import replace

    nothing = replace(facility(), pue=unknown("facility_power_unknown"), racks=unknown("facility_power_unknown"))
    bench.pane.show_estimate(bench.store.plan, estimate(facility=nothing))


def test_everything_that_can_be_missing_has_a_row_to_enter_it() -> None:
    """A badge leads to the field: prices of storage and egress, interruptions, the lease's months had none."""
    from mitsumori.gui.inputs.fields import FIELDS
    from mitsumori.model.cost.guides import DURATIONS, ZERO_MEANS_NONE

    named = {
        "facility.voltage_class", "facility.climate", "facility.building_contract_kw", "workload.evaluation_share",
        "money.cloud.storage_kind", "money.cloud.spot_interruptions_per_month", "money.onprem.lease_months",
    }  # fmt: skip
    assert named | ZERO_MEANS_NONE | set(DURATIONS) <= set(FIELDS)


NAMES = {"torchtitan", "torchtune", *LANGUAGES}
"""Words of the plan that are written as they are."""


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_choice_is_a_word_in_both_languages(language: Language) -> None:
    """The basis of the demand charge said ``contract``, also in Japanese."""
    with speaking(language):
        for path, field in FIELDS.items():
            if field.kind == "choice":
                listed = dict(field.listed(Plan(), Catalogue.shipped()))
                shown = [word(value) for value in inputs()[path].choices if value not in listed] + list(listed.values())
                assert len(set(shown)) == len(shown), path
                assert not set(shown) & set(inputs()[path].choices) - NAMES, (path, shown)


def test_further_servers_are_typed_and_cleared(bench: Bench) -> None:
    type_into(bench, "cluster.more", "6 CPU-2U cpu, 4 DGX-B200")
    assert [(item.server, item.servers, item.role) for item in bench.store.plan.cluster.more] == [
        ("CPU-2U", 6, "cpu"),
        ("DGX-B200", 4, "other"),
    ]
    row = bench.pane.row("cluster.more")
    assert row is not None
    assert row.edit is not None
    assert row.edit.text() == "6 CPU-2U cpu, 4 DGX-B200"
    assert row.edit.geometry().left() >= row.label.geometry().right()
    type_into(bench, "cluster.more", "6 CPU-2U gpu")
    assert len(bench.store.plan.cluster.more) == 2
    row.edit.selectAll()
    QTest.keyClick(row.edit, Qt.Key.Key_Backspace)
    QTest.keyClick(row.edit, Qt.Key.Key_Return)
    assert bench.store.plan.cluster.more == ()


@pytest.mark.parametrize(
    ("path", "quoted", "typed", "taken"),
    [("money.onprem.server_price", "JPY", "5000万円", 5e7), ("money.onprem.server_price", "JPY", "$300,000", None),
     ("money.onprem.server_price", "JPY", "30万ドル", None), ("facility.rack_kva", "JPY", "30 円", None),
     ("money.electricity_jpy_per_kwh", "USD", "26円", 26.0), ("money.onprem.server_price", "USD", "$300,000", 3e5),
     ("money.onprem.server_price", "USD", "5000万円", None)],
)  # fmt: skip
def test_an_amount_in_another_currency_is_not_taken_for_the_fields_own(path, quoted, typed, taken):
    from mitsumori.gui.inputs import typed as typed_values
    from mitsumori.gui.inputs.fields import FIELDS
    from mitsumori.model.base.refusal import Refusal

    plan = Plan().with_values({"money.onprem.price_currency": quoted})
    if taken is None:
        with pytest.raises(Refusal):
            typed_values.read(FIELDS[path], typed, plan)
    else:
        assert typed_values.read(FIELDS[path], typed, plan) == pytest.approx(taken)
