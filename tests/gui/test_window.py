"""The window as a whole: inputs move results, undo, scenarios, keys, present mode, findings, languages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from mitsumori.gui.charts.numbers import UNKNOWN
from mitsumori.gui.store import PlanStore, estimate_plan
from mitsumori.gui.tabs import TABS
from mitsumori.gui.window import Window
from mitsumori.gui.words.translation import set_language
from mitsumori.model.base import format as fmt
from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, load_sample
from tests.gui import sample_estimate
from tests.gui.windows import window


def settle(win: Any, qtbot: Any) -> None:
    qtbot.waitUntil(lambda: not win.store.stale, timeout=5000)


def test_the_four_answers_are_shown_with_their_limits(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    said = [card.accessibleName() for card in win.headline.cards()]
    result = sample_estimate.estimate()
    memory, days = result.memory.per_gpu, result.training.days
    used, room = memory["total_bytes"].value / 1e9, memory["capacity_bytes"].value / 1e9
    spare = room - used
    assert said[0].startswith(
        f"GPU memory: {used:.1f} / {room:.1f} GB, Fits. {spare:.1f} GB spare ({spare / room * 100:.0f} %)"
    )
    assert f"80 % interval {fmt.interval(days.low, days.high)} days" in said[1]
    assert "22.3 / 30 kVA · bound by kVA" in said[2]
    owned, rented = result.cost.onprem.total.value, result.cost.cloud.total.value
    assert f"On-premises ¥{owned / 1e6:.0f}M" in said[3]
    assert f"Cloud ¥{rented / 1e9:.2f}B" in said[3]
    assert win.headline.cost.badge.label() == "1 not given"


def test_the_window_is_painted_before_its_first_results(qtbot) -> None:  # type: ignore[no-untyped-def]
    order: list[str] = []

    class Paints(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                order.append("painted")
            return False

    def estimator(plan: Plan, **context: Any) -> Any:
        order.append("computed")
        return sample_estimate.estimate()

    made = Window(PlanStore(sample_estimate.plan(), estimator))
    made.store.setParent(made)
    made.files.ask_leave = lambda: "discard"  # type: ignore[method-assign]
    qtbot.addWidget(made, before_close_func=lambda w: w.jobs.shut_down())
    paints = Paints(made)
    made.inputs.installEventFilter(paints)
    made.footer.installEventFilter(paints)
    made.open_project(Project(plans=(sample_estimate.plan(),)))
    made.show()
    qtbot.waitUntil(lambda: made.store.estimate is not None and bool(made.tabs), timeout=10_000)
    assert order.index("painted") < order.index("computed")
    assert order.count("computed") == 1


def test_an_impossible_plan_is_said_calmly_and_completely(qtbot) -> None:  # type: ignore[no-untyped-def]
    impossible = sample_estimate.changed(sample_estimate.TOO_LARGE, sample_estimate.HOT)
    win = window(qtbot, estimator=lambda plan, **context: impossible)
    memory, days, racks, _ = win.headline.cards()
    assert memory.badge.label() == "Does not fit"
    assert "too much on every GPU" in memory.accessibleName()
    assert "if it fitted" in days.accessibleName()
    assert racks.badge.label() == "Not cooled"


def test_a_change_shows_its_difference(qtbot) -> None:  # type: ignore[no-untyped-def]
    def estimator(plan: Plan, **context: Any) -> Any:
        training = sample_estimate.training()
        days = training.days.times(8 / plan.cluster.servers)
        return sample_estimate.estimate(training=replace(training, days=days))

    win = window(qtbot, estimator=estimator)
    win.apply({"cluster.servers": 16})
    settle(win, qtbot)
    assert win.headline.days.content().delta == f"{fmt.signed(-sample_estimate.training().days.value / 2, 2)} d"
    assert win.headline.days.content().better


def test_a_click_on_not_given_opens_the_list_of_what_is_missing(qtbot) -> None:  # type: ignore[no-untyped-def]
    from mitsumori.gui.dialogs.missing import MissingSheet

    win = window(qtbot)
    win.headline.cost.badge.clicked.emit()
    sheet = win.findChild(MissingSheet)
    assert sheet is not None
    assert sheet.isVisible()
    sheet.close()


def test_a_remedy_is_one_click_and_one_undo_step(qtbot) -> None:  # type: ignore[no-untyped-def]
    remedy = Remedy("facility_do_measured_psu", {"facility.power_basis": "measured"}, {"kw": 8.4})
    finding = Finding("facility_psu_redundancy", "warn", "facility.feeds",
                      {"server": "X", "kw": 10.2, "left": 9.0}, (remedy,))  # fmt: skip
    win = window(qtbot, estimator=lambda plan, **context: sample_estimate.estimate(findings=(finding,)))
    win.toggle_findings()
    row = win.findings.rows()[0]
    row.remedies[0].click()
    assert win.store.plan.facility.power_basis == "measured"
    QTest.keyClick(win, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert win.store.plan.facility.power_basis == "max"


def test_scenarios_by_toolbar(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    win.toolbar.add.click()
    assert [chip.letter for chip in win.toolbar.chips if not chip.isHidden()] == ["A", "B"]
    assert win.toolbar.chips[1].isChecked()
    win.apply({"cluster.servers": 16})
    win.toolbar.chips[0].click()
    assert win.store.plan.cluster.servers == 8
    win.toolbar.chips[1].remove_wanted.emit()
    assert len(win.store.plans) == 1


@pytest.mark.parametrize("refused", [0, 1])
def test_a_scenario_that_cannot_be_computed_is_compared_as_unknown(qtbot, refused) -> None:  # type: ignore[no-untyped-def]
    """Found by the soak: 57 servers have no place for a layout that was set by hand."""
    win = window(qtbot, load_sample("mt-nlg-530b").plans[0], estimator=estimate_plan)
    win.add_scenario()
    win.store.activate(refused)
    win.apply({"cluster.servers": 57})
    win.show_tab("compare")
    qtbot.waitUntil(lambda: bool(win.footer._alarm), timeout=5000)
    win.store.activate(1 - refused)
    settle(win, qtbot)
    set_language("ja")
    set_language("en")
    tab = win.tabs["compare"]
    assert tab.finding.text() == f"{'AB'[refused]} cannot be computed as it stands."
    known, unknown = (tab.comparison._scenarios[index].estimate for index in (1 - refused, refused))
    assert known is not None
    assert unknown is None
    assert {row[1 + refused] for row in tab.comparison.table().texts()[-5:]} == {UNKNOWN}
    tab.grab()


@pytest.mark.parametrize("tab", ["compare", "overview"])
def test_scenarios_of_another_project_are_gone_even_where_its_plan_is_refused(qtbot, tab) -> None:  # type: ignore[no-untyped-def]
    """Found by the soak: the comparison held two scenarios while the project had one."""
    win = window(qtbot, load_sample("llama3-70b-continual").plans[0], estimator=estimate_plan)
    win.add_scenario()
    win.show_tab("compare")
    settle(win, qtbot)
    win.show_tab(tab)
    refused = load_sample("mt-nlg-530b").plans[0].with_values({"cluster.servers": 57})
    win.open_project(Project(plans=(refused,)))
    qtbot.waitUntil(lambda: bool(win.footer._alarm), timeout=5000)
    win.show_tab("compare")
    set_language("ja")
    set_language("en")
    shown = win.tabs["compare"]._scenarios
    assert [(one.plan, one.estimate) for one in shown] == [(refused, None)]


def test_a_refused_change_is_compared_as_it_stands(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot, load_sample("mt-nlg-530b").plans[0], estimator=estimate_plan)
    win.add_scenario()
    win.show_tab("compare")
    settle(win, qtbot)
    win.apply({"cluster.servers": 57})
    qtbot.waitUntil(lambda: bool(win.footer._alarm), timeout=5000)
    last = win.tabs["compare"]._scenarios[1]
    assert (last.plan.cluster.servers, last.estimate) == (57, None)


def test_every_tab_opens_and_shows_the_plan(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    for index, (key, _, _) in enumerate(TABS):
        QTest.keyClick(win, Qt.Key(Qt.Key.Key_1.value + index), Qt.KeyboardModifier.ControlModifier)
        assert win.tab_stack.currentWidget() is win.tabs[key]
        qtbot.wait(10)
        assert win.tabs[key].plan == win.store.plan


def test_f6_goes_round_the_panes_and_back(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    panes = [win.toolbar, win.inputs, win.headline, win.tab_row, win.tab_stack, win.footer]
    win.toolbar.new.setFocus()
    seen = []
    for _ in range(len(panes)):
        QTest.keyClick(win.focusWidget(), Qt.Key.Key_F6)
        focus = win.focusWidget()
        seen.append(next(i for i, pane in enumerate(panes) if pane is focus or pane.isAncestorOf(focus)))
    assert sorted(set(seen)) == [0, 1, 2, 3, 4, 5] or sorted(set(seen)) == [0, 1, 2, 3, 5]
    QTest.keyClick(win.focusWidget(), Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert win.focusWidget() is not None


INTERNAL = ("money.onprem.server_price", "money.onprem.discount", "money.onprem.margin")


def _texts(root: QWidget) -> str:
    labels = [label.text() for label in root.findChildren(QLabel) if label.isVisible()]
    names = [widget.accessibleName() for widget in root.findChildren(QWidget) if widget.isVisible()]
    return " ".join(labels + names)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_present_mode_is_larger_and_shows_nothing_internal(qtbot, language: str) -> None:  # type: ignore[no-untyped-def]
    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot)
    for path in INTERNAL:
        win.inputs.go_to(path)
    from mitsumori.gui.inputs.fields import field_label
    from mitsumori.gui.theme.tokens import theme

    QTest.keyClick(win, Qt.Key.Key_F11)
    assert win.presenting
    assert theme().scale > 1
    qtbot.wait(20)
    shown = _texts(win)
    for path in INTERNAL:
        assert field_label(path) not in shown, path
    assert not win.inputs.isVisible()
    page = win.presentation.page
    assert page is not None
    first = page.charts.currentIndex()
    QTest.keyClick(page, Qt.Key.Key_Right)
    assert page.charts.currentIndex() != first
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert not win.presenting
    assert theme().scale == 1.0
    assert win.inputs.isVisible()


def test_the_list_of_findings_is_not_cut_through_the_edge_of_a_row(qtbot) -> None:  # type: ignore[no-untyped-def]
    finding = Finding("facility_psu_redundancy", "warn", "facility.feeds", {"server": "X", "kw": 10.2, "left": 9.0})
    win = window(qtbot, estimator=lambda plan, **context: sample_estimate.estimate(findings=(finding,) * 3))
    win.toggle_findings()
    rows = win.findings.rows()
    one, gap = rows[0].height(), rows[1].y() - rows[0].geometry().bottom() - 1
    two = 2 * one + gap
    assert len(rows) == 3
    assert win.findings.list._cut(one + gap + 3) == one
    assert win.findings.list._cut(two - 5) == two
    assert win.findings.list._cut(one + gap + 12) == one
    assert win.findings.list._cut(one + gap + 26) in (one + gap + 26, two)


def test_verdicts_are_whole_when_presenting_again_in_another_language(qtbot) -> None:  # type: ignore[no-untyped-def]
    """The cards keep their size, so that no resize places the badges anew."""
    win = window(qtbot)
    for language in ("ja", "en"):
        set_language(language)  # type: ignore[arg-type]
        win.present()
        qtbot.wait(20)
        assert win.presentation.page is not None
        for card in (win.presentation.page.headline.memory, win.presentation.page.headline.racks):
            assert card.badge.size() == card.badge.sizeHint(), language
            assert card.rect().contains(card.badge.geometry()), language
        win.leave_present()


def test_pinned_sliders_of_present_mode_change_the_plan(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    win.present()
    page = win.presentation.page
    assert page is not None
    slider = page.rows[2].slider
    assert slider is not None
    QTest.keyClick(slider, Qt.Key.Key_Up)
    assert win.store.plan.cluster.servers == 10


def test_language_switches_live_and_back(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    english = [win.tab_row.tabText(i) for i in range(win.tab_row.count())]
    win.toolbar.language.chosen.emit("ja")
    assert win.headline.memory.badge.label() == "収まる"
    assert win.toolbar.export.text() == "提案書を出力"
    row = win.inputs.row("cluster.servers")
    assert row is not None
    assert (row.label.text(), row.unit.text()) == ("サーバー台数", "台 = 64 GPU")
    win.toolbar.language.chosen.emit("en")
    assert [win.tab_row.tabText(i) for i in range(win.tab_row.count())] == english
    assert row.label.text() == "Servers"


def test_currency_is_part_of_the_plan(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    win.toolbar.currency.chosen.emit("USD")
    assert win.store.plan.money.currency == "USD"


def test_nothing_moves_when_the_language_changes(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    before = {card: card.geometry() for card in win.headline.cards()}
    rows = {row: row.pos() for section in win.inputs.sections for row in section.open_rows()}
    set_language("ja")
    qtbot.wait(20)
    assert {card: card.geometry() for card in before} == before
    assert {row: row.pos() for row in rows} == rows


def test_the_inputs_give_way_in_a_narrow_window(qtbot) -> None:  # type: ignore[no-untyped-def]
    assert window(qtbot, size=(1280, 800)).inputs.width() == 340
    assert window(qtbot, size=(1600, 1000)).inputs.width() == 360


def test_an_unexpected_error_is_logged_and_shown_and_the_window_stays(qtbot, monkeypatch, caplog) -> None:  # type: ignore[no-untyped-def]
    from mitsumori.gui.app import ErrorReporter

    shown: list[tuple[str, str]] = []
    reporter = ErrorReporter()
    monkeypatch.setattr(reporter, "show", lambda sentence, report: shown.append((sentence, report)))
    try:
        raise ValueError("broken on purpose")
    except ValueError as error:
        reporter(ValueError, error, error.__traceback__)
    assert shown[0][0] == "broken on purpose"
    assert "test_window" in shown[0][1]
    assert "unexpected error" in caplog.text


def test_a_failing_estimate_keeps_the_last_results_and_says_so(qtbot, caplog) -> None:  # type: ignore[no-untyped-def]
    fail = False

    def estimator(plan: Plan, **context: Any) -> Any:
        if fail:
            raise RuntimeError("no such thing")
        return sample_estimate.estimate()

    win = window(qtbot, estimator=estimator)
    before = win.headline.memory.accessibleName()
    fail = True
    win.apply({"cluster.servers": 9})
    qtbot.wait(30)
    assert win.headline.memory.accessibleName() == f"Last result. {before}"
    assert "no such thing" in win.footer._alarm
    fail = False
    win.apply({"cluster.servers": 10})
    qtbot.wait(30)
    assert win.footer._alarm == ""


def test_a_japanese_audience_sees_tokens_in_its_own_unit(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    win.present()
    page = win.presentation.page
    assert page is not None
    billions, kanji = page.rows[:2]
    assert billions.isVisible()
    assert not kanji.isVisible()
    win.toolbar.language.chosen.emit("ja")
    assert kanji.isVisible()
    assert not billions.isVisible()
    assert (kanji.edit.text(), kanji.unit.text()) == ("1,000", "億")
    for typed, tokens in (("5000", 5e11), ("1兆5000億", 1.5e12), ("2T", 2e12), ("300億", 3e10)):
        kanji.edit.setText(typed)  # QTest types only Latin letters
        kanji.edit.setModified(True)
        QTest.keyClick(kanji.edit, Qt.Key.Key_Return)
        assert win.store.plan.workload.tokens == tokens
    assert [tick.label for tick in kanji.slider.scale().ticks() if tick.label][-2:] == ["1,000億", "10兆"]
