"""The menu of tools at the left end of the toolbar: import, copy, calibrate, summary, catalogue, help. F10 opens it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QWidget

from mitsumori.gui.widgets.buttons import Button

if TYPE_CHECKING:
    from mitsumori.gui.window import Window

translate = QCoreApplication.translate
TOUR_AFTER_MS = 600
"""The first results are painted by then."""
FORMATS = ("huggingface", "megatron", "deepspeed", "torchtitan", "nemo")


class MenuButton(Button):
    """Opens the menu; its texts follow the language."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(kind="tool", icon="menu", parent=parent)
        self.retranslate()

    def retranslate(self) -> None:
        """Name and tooltip."""
        name = translate("Menu", "Menu")
        self.setAccessibleName(name)
        self.setToolTip(f"{name} (F10)")

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)


def install(window: Window) -> MenuButton:
    """Put the button into the window's toolbar and connect what the tools need."""
    button = MenuButton(window.toolbar)
    window.toolbar.layout().insertWidget(0, button)  # type: ignore[attr-defined]
    QWidget.setTabOrder(window.centralWidget(), button)
    button.clicked.connect(lambda: open_menu(window, button))
    for keys, action in (
        ("F10", lambda: open_menu(window, button)),
        ("Ctrl+I", lambda: _import(window)),
        ("Ctrl+Shift+V", lambda: _paste(window)),
        ("Ctrl+Shift+E", lambda: _summary(window)),
    ):
        QShortcut(QKeySequence(keys), window).activated.connect(action)
    window.services.project = window.store.context
    window.store.context_changed.connect(window.services.forget)
    window.files.importer = lambda path: _take(window, path)
    return button


def open_menu(window: Window, button: MenuButton) -> QMenu:
    """Build the menu anew and show it below its button (in Present mode there is none)."""
    menu = make_menu(window)
    if window.presenting:
        menu.deleteLater()
        return menu
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
    menu.setActiveAction(next(action for action in menu.actions() if action.isEnabled()))
    return menu


def make_menu(window: Window) -> QMenu:
    """All entries; those that need an estimate are off on the start page."""
    menu = QMenu(window)
    menu.setAccessibleName(translate("Menu", "Menu"))
    shown = not window.at_start and window.store.estimate is not None

    def add(
        where: QMenu, label: str, action: Callable[[], object], keys: str = "", *, needs_plan: bool = True
    ) -> QAction:
        entry = where.addAction(label)
        if keys:
            entry.setShortcut(QKeySequence(keys))
            # The window's own shortcut acts; here the keys are only shown.
            entry.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            entry.setShortcutVisibleInContextMenu(True)
        entry.setEnabled(shown or not needs_plan)
        entry.triggered.connect(lambda: action())
        return entry

    add(menu, translate("Menu", "Import a configuration or workbook…"), lambda: _import(window), "Ctrl+I",
        needs_plan=False)  # fmt: skip
    add(menu, translate("Menu", "Paste a configuration"), lambda: _paste(window), "Ctrl+Shift+V", needs_plan=False)
    copies = menu.addMenu(translate("Menu", "Copy the configuration as"))
    copies.setEnabled(shown)
    for key in FORMATS:
        add(copies, _format_name(key), lambda key=key: _copy(window, key))
    menu.addSeparator()
    add(menu, translate("Menu", "Calibrate with a measured run…"), lambda: _calibrate(window))
    add(menu, translate("Menu", "Catalogue…"), lambda: _catalogue(window))
    menu.addSeparator()
    add(menu, translate("Menu", "One-page summary as PDF…"), lambda: _summary(window), "Ctrl+Shift+E")
    add(menu, translate("Menu", "Proposal settings…"), lambda: _settings(window), needs_plan=False)
    menu.addSeparator()
    add(menu, translate("Menu", "Guide"), window.help, "F1", needs_plan=False)
    add(menu, translate("Menu", "Tour"), lambda: _tour(window))
    return menu


def _format_name(key: str) -> str:
    from mitsumori.gui.dialogs.importing import NAMES

    return NAMES[key]


def _import(window: Window) -> None:
    from mitsumori.gui.dialogs.importing import ask

    ask(window)


def _paste(window: Window) -> None:
    from mitsumori.gui.dialogs.importing import paste

    paste(window)


def _copy(window: Window, key: str) -> None:
    from mitsumori.gui.dialogs.importing import copy_as

    copy_as(window, key)


def _take(window: Window, path: Path) -> bool:
    from mitsumori.gui.dialogs.importing import take

    return take(window, path)


def _calibrate(window: Window) -> None:
    from mitsumori.gui.dialogs.calibrate import CalibrationDialog

    CalibrationDialog(window).open()


def _catalogue(window: Window) -> None:
    from mitsumori.gui.dialogs.catalogue import CatalogueDialog

    CatalogueDialog(window).open()


def _summary(window: Window) -> None:
    if not window.at_start and window.store.estimate is not None:
        from mitsumori.gui.present.pdf_summary import ask_and_write

        ask_and_write(window)


def _settings(window: Window) -> None:
    from mitsumori.gui.dialogs.proposal_settings import SettingsDialog

    SettingsDialog(window).open()


def offer_tour(window: Window) -> None:
    """Show the tour over the first estimate that is ever opened here; never again by itself."""
    from mitsumori.gui.dialogs.guide import tour_seen

    def opened() -> None:
        window.files.opened.disconnect(opened)
        QTimer.singleShot(TOUR_AFTER_MS, window, lambda: None if tour_seen() or window.at_start else _tour(window))

    if not tour_seen():
        window.files.opened.connect(opened)


def _tour(window: Window) -> None:
    from mitsumori.gui.dialogs.guide import start_tour

    start_tour(window)
