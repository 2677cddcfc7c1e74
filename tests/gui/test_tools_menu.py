"""The tools menu: where it is, what it offers, and what it copies out."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from mitsumori.gui.dialogs.importing import copy_as
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.words.formats import FORMATS as NAMES
from mitsumori.gui.words.translation import set_language
from mitsumori.model.formats import FORMATS, read_configuration
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from tests.gui.test_accessibility import check_names
from tests.gui.windows import window


def open_menus() -> list[QMenu]:
    return [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QMenu) and widget.isVisible()]


@pytest.mark.parametrize(("language", "name"), [("en", "Menu"), ("ja", "メニュー")])
def test_f10_opens_the_menu_and_its_button_has_a_name(qtbot, language: str, name: str) -> None:  # type: ignore[no-untyped-def]
    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot)
    assert win.toolbar.menu.accessibleName() == name
    QTest.keyClick(win, Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: len(open_menus()) == 1)
    menu = open_menus()[0]
    assert menu.activeAction() is menu.actions()[0]
    assert all(action.text() for action in menu.actions() if not action.isSeparator())
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not open_menus())


def test_the_menu_is_the_first_stop_of_tab(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    win.toolbar.menu.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(win.toolbar.menu, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is win.toolbar.new


def test_on_the_start_page_only_what_needs_no_plan_is_on(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    win.show_start()
    menu = win.action_set.menu()
    on = [action.text() for action in menu.actions() if action.isEnabled() and not action.isSeparator()]
    assert on == [
        "New estimate", "Open…", "Import a configuration or workbook…", "Paste a configuration", "View",
        "Issuer of proposals…", "Guide", "Quit",
    ]  # fmt: skip
    for name in ("save", "export", "print", "undo", "pin", "tab.cost"):
        assert not win.action_set[name].isEnabled(), name


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_copied_reads_back_as_the_same_model(qtbot, format: str) -> None:  # type: ignore[no-untyped-def]
    plan = Plan().with_values({"model.preset": "llama3-8b", "cluster.servers": 4})
    win = window(qtbot, plan, estimator=estimate_plan)
    copy_as(win, format)
    text = QGuiApplication.clipboard().text()
    assert NAMES[format] in win.footer._news
    read = read_configuration(text)
    assert read.format == format
    after = read.apply(plan)
    if format != "huggingface":  # which says the shape only
        assert after.parallel.seq_len == plan.parallel.seq_len or "parallel.seq_len" in read.missing
    else:
        assert after.model.preset == "llama3-8b" or after.model.architecture is not None


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_a_format_cannot_say_is_named_in_words(qtbot, language: str) -> None:  # type: ignore[no-untyped-def]
    set_language(language)  # type: ignore[arg-type]
    plan = Plan().with_values({"model.preset": "qwen3-30b-a3b", "cluster.servers": 4})
    win = window(qtbot, plan, estimator=estimate_plan)
    copy_as(win, "huggingface")
    assert ("chooses experts" if language == "en" else "エキスパート選択方法") in win.footer._news
    assert "model.router" not in win.footer._news and "rope" not in win.footer._news.lower()


def test_the_services_speak_of_the_projects_own_records(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot, *load_sample("llama2-7b-sft").plans, estimator=estimate_plan)
    records = {"servers": {"HPE-XD670": {"max_power_kw": 11.25}}}
    assert win.store.set_context("own", records=records) is None
    assert win.services.project()["catalogue"].server("HPE-XD670").max_power_kw == 11.25


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_control_of_the_dialogs_has_a_name_and_escape_closes(qtbot, language: str) -> None:  # type: ignore[no-untyped-def]
    from mitsumori.gui.dialogs.calibrate import CalibrationDialog
    from mitsumori.gui.dialogs.catalogue import CatalogueDialog
    from mitsumori.gui.dialogs.export_choice import ExportDialog
    from mitsumori.gui.dialogs.proposal import ProposalDialog
    from mitsumori.gui.dialogs.proposal_settings import SettingsDialog

    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot)
    for kind in (CalibrationDialog, CatalogueDialog, ExportDialog, ProposalDialog, SettingsDialog):
        dialog = kind(win, print) if kind is ExportDialog else kind(win)
        dialog.open()
        qtbot.wait(10)
        check_names(dialog, kind.__name__)
        assert QApplication.focusWidget() is not None
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()


def test_a_dialog_of_the_old_language_goes_away(qtbot) -> None:  # type: ignore[no-untyped-def]
    from mitsumori.gui.dialogs.proposal_settings import SettingsDialog

    win = window(qtbot)
    dialog = SettingsDialog(win)
    dialog.open()
    set_language("ja")
    qtbot.waitUntil(lambda: win.findChild(SettingsDialog) is None)


def test_the_tour_comes_by_itself_once(qtbot, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from mitsumori.gui.dialogs import guide
    from mitsumori.gui.dialogs.guide import Tour, tour_was_shown

    monkeypatch.setattr(guide, "TOUR_AFTER_MS", 0)
    win = window(qtbot)
    project = win.store.project()
    win.show_start()
    guide.offer_tour(win)
    assert win.findChild(Tour) is None
    win.open_project(project)
    qtbot.waitUntil(lambda: win.findChild(Tour) is not None)
    QTest.keyClick(win.findChild(Tour), Qt.Key.Key_Escape)
    assert tour_was_shown()
    qtbot.waitUntil(lambda: win.findChild(Tour) is None)
    guide.offer_tour(win)
    win.open_project(project)
    qtbot.wait(30)
    assert win.findChild(Tour) is None
