"""Every label of the inputs explains itself: on hover, where the keyboard rests, and to accessibility tools."""

from __future__ import annotations

import re
from html import unescape
from typing import get_args

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAccessible, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from mitsumori import resources
from mitsumori.gui.inputs import explanation
from mitsumori.gui.inputs.fields import FIELDS, GROUPS
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.inputs import input_of, inputs, units
from mitsumori.model.plan.project import load_sample
from tests.docs.make_input_tables import Language, renewed
from tests.gui.windows import window

SAMPLE = load_sample("llama3-70b-continual").plan
ROWS = [path for path, field in FIELDS.items() if field.item is not None]


@pytest.mark.parametrize("path", ROWS)
def test_every_row_of_the_window_is_a_row_of_the_table_with_help_in_both_languages(path: str) -> None:
    item = input_of(path)
    assert item.help("en").endswith(".")
    assert item.help("ja").endswith("。")
    assert inputs()[path] is item
    assert item.shown in units().values()
    field = FIELDS[path]
    if field.axis is not None:
        low, high = (None if end is None else end / field.scale for end in (item.low, item.high))
        assert low is None or field.axis.low >= low * (1 - 1e-9)
        assert high is None or field.axis.high <= high * (1 + 1e-9)


def test_each_part_of_the_table_read_alone_is_the_same_as_in_the_whole() -> None:
    import tomllib

    whole = tomllib.loads(resources.read_text("inputs.toml"))
    assert list(whole) == list(inputs())
    for path, row in whole.items():
        assert row["label"] == input_of(path).labels
        assert row.get("help", {}) == input_of(path).helps


@pytest.mark.parametrize("language", get_args(Language))
def test_the_tables_of_the_guide_are_those_of_the_program(application, language: Language) -> None:  # type: ignore[no-untyped-def]
    """Where this fails: ``python -m tests.docs.make_input_tables``."""
    guide = resources.read_text("guide", f"guide_{language}.md")
    assert renewed(guide, language) == guide
    assert len(re.findall(r"<!-- inputs: ", guide)) == len(GROUPS)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_label_explains_itself_on_hover(qtbot, language: str) -> None:  # type: ignore[no-untyped-def]
    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot, SAMPLE, estimator=estimate_plan)
    for section in win.inputs.sections:
        section.set_open(True)
        for field in section.group.fields:
            row = win.inputs.row(field.path)
            assert row is not None
            QToolTip.hideText()
            middle = row.label.rect().center()
            event = QHelpEvent(QEvent.Type.ToolTip, middle, row.label.mapToGlobal(middle))
            QApplication.sendEvent(row.label, event)
            said = unescape(QToolTip.text())
            assert field.label() in said, field.path
            if field.item is not None:
                assert field.item.help(language) in said, field.path
            if language == "ja":
                assert not re.search(r"Standard:|Left open|Accepted|default of", said), said
    QToolTip.hideText()


def test_an_open_input_names_its_standard_and_where_it_comes_from(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot, SAMPLE.with_values({"money.electricity_jpy_per_kwh": None}), estimator=estimate_plan)
    row = win.inputs.row("money.electricity_jpy_per_kwh")
    assert row is not None
    win.inputs.go_to("money.electricity_jpy_per_kwh")
    qtbot.wait(20)
    used = win.store.estimate.used("money.electricity_jpy_per_kwh")
    said = explanation.explanation_of(row)
    assert f"Standard: {used.value:g} ¥/kWh" in said
    assert used.provenance.source in said
    assert "Accepted:" in said
    assert "Alt+Y" in said


def test_it_comes_where_the_keyboard_rests_and_goes_with_it(qtbot, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(explanation, "REST_MS", 10)
    win = window(qtbot, SAMPLE, estimator=estimate_plan)
    QToolTip.hideText()
    win.inputs.go_to("workload.tokens")
    qtbot.waitUntil(lambda: "Tokens" in QToolTip.text())
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: not QToolTip.isVisible() or "Tokens" in QToolTip.text())
    win.toolbar.save.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_typing_is_not_covered_by_it(qtbot, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(explanation, "REST_MS", 10)
    win = window(qtbot, SAMPLE, estimator=estimate_plan)
    QToolTip.hideText()
    row = win.inputs.row("workload.tokens")
    assert row is not None
    assert row.edit is not None
    win.inputs.go_to("workload.tokens")
    QTest.keyClicks(row.edit, "2")
    assert row.edit.isModified()
    qtbot.wait(60)
    assert not QToolTip.isVisible()
    QTest.keyClick(row.edit, Qt.Key.Key_Escape)


def test_accessibility_tools_hear_the_help(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot, SAMPLE, estimator=estimate_plan)
    for path in ("facility.rack_kva", "facility.cooling", "parallel.auto"):
        row = win.inputs.row(path)
        assert row is not None
        heard = QAccessible.queryAccessibleInterface(row.control())
        assert heard.text(QAccessible.Text.Description) == input_of(path).help("en")
