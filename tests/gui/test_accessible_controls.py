"""What accessibility tools hear of the controls in inputs and widgets, and that their borders can be seen."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mitsumori.gui.inputs.fields import FIELDS, TOKENS_KANJI
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.theme.tokens import contrast, set_theme, theme
from mitsumori.gui.widgets import accessible
from mitsumori.gui.widgets.buttons import Button, Switch
from mitsumori.gui.widgets.fields import Combo, FieldEdit
from mitsumori.gui.widgets.scale import LogScale
from mitsumori.gui.widgets.segmented import Segmented
from mitsumori.gui.widgets.slider import ScaledSlider
from mitsumori.gui.widgets.surface import Surface
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.project import load_sample
from tests.gui.windows import window

Role, Text = QAccessible.Role, QAccessible.Text
SAMPLE = load_sample("llama3-70b-continual").plan


def heard(widget: QWidget) -> Any:
    found = QAccessible.queryAccessibleInterface(widget)
    assert found is not None
    return found


def said(win: Any, path: str) -> str:
    row = win.inputs.row(path)
    assert row is not None
    return heard(row.slider).text(Text.Value)


def test_sliders_speak_their_values_as_people_read_them(qtbot) -> None:  # type: ignore[no-untyped-def]
    plan = SAMPLE.with_values({"money.usd_jpy": 150.0, "facility.rack_kva": 30.0, "money.utilization": 0.57})
    win = window(qtbot, plan, estimator=estimate_plan)
    win.inputs.go_to("money.horizon_months")
    assert said(win, "workload.tokens") == "100 B tokens"
    assert said(win, "parallel.seq_len") == "8,192 tokens"
    assert said(win, "cluster.servers") == "8 servers = 64 GPUs"
    assert said(win, "facility.rack_kva") == "30 kVA"
    assert said(win, "money.horizon_months") == "60 months"
    win.apply({"workload.tokens": 2.5e12})
    qtbot.wait(20)
    assert said(win, "workload.tokens") == "2,500 B tokens"
    set_language("ja")
    qtbot.wait(20)
    assert said(win, "workload.tokens") == "2,500 B トークン"
    assert said(win, "cluster.servers") == "8 台 = 64 GPU"
    assert said(win, "facility.rack_kva") == "30 kVA"
    assert TOKENS_KANJI.spoken(1e11, "億") == "1,000億トークン"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_slider_tells_a_position(qtbot, language: str) -> None:  # type: ignore[no-untyped-def]
    """Words hold the shown value, numbers are in its unit, and the role is a slider's."""
    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot, SAMPLE.with_values({"parallel.auto": False}), estimator=estimate_plan)
    seen = 0
    for path, field in FIELDS.items():
        row = win.inputs.row(path)
        if field.axis is None or row is None or row.slider is None:
            continue
        voice = heard(row.slider)
        assert voice.role() == Role.Slider
        shown = row.edit.text()
        assert voice.text(Text.Value).startswith(shown or ("not given" if language == "en" else "未入力")), path
        assert field.label() in voice.text(Text.Name)
        numbers = voice.valueInterface()
        assert numbers.currentValue() == row.slider.current()
        assert (numbers.minimumValue(), numbers.maximumValue()) == (field.axis.low, field.axis.high)
        seen += 1
    assert seen > 15


def test_a_tool_moves_a_slider_as_a_hand_does(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot, SAMPLE, estimator=estimate_plan)
    row = win.inputs.row("workload.tokens")
    assert row is not None
    heard(row.slider).valueInterface().setCurrentValue(250.0)
    qtbot.wait(20)
    assert win.store.plan.workload.tokens == 250e9
    assert said(win, "workload.tokens") == "250 B tokens"
    assert win.store.undo_stack.canUndo()


def test_cards_are_buttons_that_say_everything_and_can_be_pressed(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot, SAMPLE, estimator=estimate_plan)
    asked: list[str] = []
    win.headline.explain.disconnect()
    win.headline.explain.connect(asked.append)
    for card in win.headline.cards():
        voice = heard(card)
        assert voice.role() == Role.Button
        assert card.content().spoken in voice.text(Text.Name)
        voice.actionInterface().doAction("Press")
    assert len(set(asked)) == 4
    badge = win.headline.cost.badge
    assert badge.clickable() is (heard(badge).role() == Role.Button)


def test_switches_tell_whether_they_are_on_and_can_be_toggled(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot, SAMPLE, estimator=estimate_plan)
    row = win.inputs.row("parallel.auto")
    assert row is not None
    voice = heard(row.switch)
    assert voice.role() == Role.CheckBox
    assert voice.text(Text.Name) == "Choose for me"
    assert voice.state().checkable
    assert voice.state().checked
    voice.actionInterface().doAction("Toggle")
    qtbot.wait(20)
    assert not voice.state().checked
    assert not win.store.plan.parallel.auto


def test_lists_fields_and_choices_have_their_roles(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot, SAMPLE, estimator=estimate_plan)
    language = heard(win.toolbar.language)
    assert (language.role(), language.text(Text.Value)) == (Role.ComboBox, "English")
    QTest.keyClick(win.toolbar.language, Qt.Key.Key_Left)
    assert language.text(Text.Value) == "日本語"
    set_language("en")
    combo = win.inputs.row("facility.cooling")
    edit = win.inputs.row("workload.tokens")
    assert combo is not None
    assert edit is not None
    assert heard(combo.combo).role() == Role.ComboBox
    assert heard(edit.edit).role() == Role.EditableText
    edge = heard(win.splitter.handle(1))
    assert edge.role() == Role.Splitter
    assert edge.text(Text.Value) == "360 px"


def test_group_heads_tell_whether_they_are_open(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot, SAMPLE, estimator=estimate_plan)
    for section in win.inputs.sections:
        voice = heard(section.header)
        assert voice.text(Text.Name) == section.header.text()
        state = voice.state()
        assert state.expandable
        assert bool(state.expanded) is section.is_open()
        assert bool(state.collapsed) is not section.is_open()
        before = section.is_open()
        voice.actionInterface().doAction("Press")
        assert section.is_open() is not before


def test_what_was_heard_goes_with_its_control(application) -> None:  # type: ignore[no-untyped-def]
    for _ in range(50):
        slider = ScaledSlider(LogScale(1, 100))
        assert heard(slider).text(Text.Value) == "1"
        slider.deleteLater()
        del slider
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert len([voice for voice in accessible._made.values() if isinstance(voice, accessible.SliderVoice)]) <= 20


GROUNDS = ("card", "window")


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_borders_of_controls_stand_out_at_3_to_1(show, name: str, ground: str) -> None:  # type: ignore[no-untyped-def]
    """WCAG 2.2, 1.4.11: what tells where a field is, against what lies around it, in every state that takes input."""
    set_theme(name)  # type: ignore[arg-type]
    holder = Surface(ground)
    column = QVBoxLayout(holder)
    controls: list[tuple[str, QWidget]] = []
    for state in ("rest", "overridden", "unknown", "guilty"):
        edit, combo = FieldEdit(), Combo()
        for control in (edit, combo):
            control.set_state(state)
            controls.append((f"{type(control).__name__} {state}", control))
    for on in (False, True):
        switch = Switch()
        switch.setChecked(on)
        controls.append((f"switch {on}", switch))
    controls.append(("button", Button("Reset")))
    for _, control in controls:
        column.addWidget(control)
    show(holder, 260, 700)
    picture = holder.grab().toImage()
    ratio = picture.devicePixelRatio()
    around = theme().color(ground)
    for label, control in controls:
        place = control.geometry()
        y = place.center().y()
        edge = max(
            contrast(QColor(picture.pixelColor(round(x * ratio), round((y + dy) * ratio))), around)
            for x in range(place.right() - 3, place.right() + 1)
            for dy in range(0, 7)  # a dashed border has gaps
        )
        assert edge >= 3.0, f"{label} on {ground}: {edge:.2f}"


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_chosen_segment_is_framed_at_3_to_1(show, name: str) -> None:  # type: ignore[no-untyped-def]
    set_theme(name)  # type: ignore[arg-type]
    choice = Segmented([("a", "One"), ("b", "Two")])
    show(choice, *choice.sizeHint().toTuple())
    picture = choice.grab().toImage()
    cell = choice._cells()[0]
    across = [
        picture.pixelColor(x, round(cell.center().y())) for x in range(round(cell.right()) - 3, round(cell.right()) + 2)
    ]
    assert max(contrast(QColor(pixel), theme().color("window")) for pixel in across) >= 3.0
