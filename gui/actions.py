"""What can be done: one table for the menu, the toolbar and the keyboard. Adding an action is adding an entry here.

Each action is a ``QAction`` of the window: it holds text, keys and whether it is possible now; the menu shows it, a button of
the toolbar follows it, its keys work in the whole window. Dialogs are imported when they are first wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu
from shiboken6 import isValid

from mitsumori.gui.keyboard import cycle
from mitsumori.gui.tabs import TABS, tab_title
from mitsumori.gui.theme.zoom import reset_zoom, zoom_in, zoom_out
from mitsumori.gui.words.formats import FORMATS
from mitsumori.gui.words.translation import marked
from mitsumori.gui.workspace import Workspace

_N = marked
Standard = QKeySequence.StandardKey
Run = Callable[[Workspace], object]
When = Callable[[Workspace], bool]


def always(window: Workspace) -> bool:
    """At any time."""
    return True


def opened(window: Workspace) -> bool:
    """A project is shown."""
    return not window.at_start


def answered(window: Workspace) -> bool:
    """There is a result of the project shown."""
    return window.has_result


@dataclass(frozen=True)
class Action:
    """One action.

    Attributes
    ----------
    id
        Its name in the program.
    text
        What the menu says: English source text of context ``Menu``, or a function that gives the text.
    run
        What it does.
    keys
        Keys that start it: the platform's own for a standard key, then those written out; the first is shown.
    menu
        Where it stands in the menu: a section, or ``section/submenu``; empty: not in the menu.
    when
        When it is possible.
    short
        What a button of the toolbar says, where the button has words.
    tip
        Name and tooltip of its button; the text where empty.
    checkable
        It is on or off.
    """

    id: str
    text: str | Callable[[], str]
    run: Run
    keys: tuple[str | Standard, ...] = ()
    menu: str = ""
    when: When = always
    short: str = ""
    tip: str = ""
    checkable: bool = False

    def said(self) -> str:
        """The text in the language of the window."""
        return QCoreApplication.translate("Menu", self.text) if isinstance(self.text, str) else self.text()

    def sequences(self) -> list[QKeySequence]:
        """Its keys on this platform, without doubles."""
        found: list[QKeySequence] = []
        for key in self.keys:
            some = QKeySequence.keyBindings(key) if isinstance(key, Standard) else [QKeySequence(key)]
            found += [sequence for sequence in some if sequence not in found]
        return found


# --- what needs more than a method of the window


def _import(window: Workspace) -> None:
    from mitsumori.gui.dialogs.importing import ask

    ask(window)


def _paste(window: Workspace) -> None:
    from mitsumori.gui.dialogs.importing import paste

    paste(window)


def _copy(window: Workspace, format: str) -> None:
    from mitsumori.gui.dialogs.importing import copy_as

    copy_as(window, format)


def _export(window: Workspace) -> None:
    if window.has_result:
        from mitsumori.gui.dialogs.export import start_export

        start_export(window)


def _summary(window: Workspace) -> None:
    from mitsumori.gui.present.pdf_summary import ask_and_write

    ask_and_write(window)


def _print(window: Workspace) -> None:
    from mitsumori.gui.present.printing import ask_and_print

    ask_and_print(window)


def _missing(window: Workspace) -> None:
    from mitsumori.gui.dialogs.missing import open_missing

    window.leave_present()
    open_missing(window)


def _calibrate(window: Workspace) -> None:
    from mitsumori.gui.dialogs.calibrate import CalibrationDialog

    CalibrationDialog(window).open()


def _catalogue(window: Workspace) -> None:
    from mitsumori.gui.dialogs.catalogue import CatalogueDialog

    CatalogueDialog(window).open()


def _proposal(window: Workspace) -> None:
    from mitsumori.gui.dialogs.proposal import ProposalDialog

    ProposalDialog(window).open()


def _settings(window: Workspace) -> None:
    from mitsumori.gui.dialogs.proposal_settings import SettingsDialog

    SettingsDialog(window).open()


def _new_quote(window: Workspace) -> None:
    from mitsumori.model.study.revisions import new_quote

    if window.files.may_leave():
        window.files.take(new_quote(window.store.project(), ("payment_terms", "valid_days")), None)
        window.notices.say(
            QCoreApplication.translate("Menu", "A new quote: addressee, number and dates are empty."), undo=False
        )


def _template(window: Workspace) -> None:
    from mitsumori.gui.templates import save_template

    project, title = window.store.project(), window.files.title()
    problem = window.files.saver.answer(lambda: save_template(project, title))
    words = QCoreApplication.translate("Menu", "Kept as a template without the customer; it stands on the start page.")
    window.notices.say(problem or words, undo=False)


def _changed(window: Workspace) -> None:
    from mitsumori.gui.dialogs.changed import ask_changed

    ask_changed(window)


def _guide(window: Workspace) -> None:
    from mitsumori.gui.dialogs.guide import show_guide

    show_guide(window)


def _tour(window: Workspace) -> None:
    from mitsumori.gui.dialogs.guide import start_tour

    start_tour(window)


# --- the table

ACTIONS: tuple[Action, ...] = (
    Action("new", _N("Menu", "New estimate"), lambda w: w.new(), (Standard.New, "Ctrl+N"), "file"),
    Action("open", _N("Menu", "Open…"), lambda w: w.files.open_by_dialog(), (Standard.Open, "Ctrl+O"), "file",
           tip=_N("Menu", "Open")),
    Action("save", _N("Menu", "Save"), lambda w: w.files.save(), (Standard.Save, "Ctrl+S"), "file", opened),
    Action("save_as", _N("Menu", "Save as…"), lambda w: w.files.save_as(), (Standard.SaveAs, "Ctrl+Shift+S"), "file",
           opened),
    Action("new_quote", _N("Menu", "Duplicate as a new quote"), _new_quote, (), "file", opened),
    Action("template", _N("Menu", "Save as a template"), _template, (), "file", opened),
    Action("changed", _N("Menu", "What changed since a file…"), _changed, (), "file", answered),
    Action("import", _N("Menu", "Import a configuration or workbook…"), _import, ("Ctrl+I",), "bring"),
    Action("paste", _N("Menu", "Paste a configuration"), _paste, ("Ctrl+Shift+V",), "bring"),
    *(Action(f"copy.{key}", partial(str, name), partial(_copy, format=key), menu="bring/copy", when=answered)
      for key, name in FORMATS.items()),
    Action("export", _N("Menu", "Export proposal…"), _export, ("Ctrl+E",), "out",
           lambda w: opened(w) and not w.writing, short=_N("Menu", "Export proposal"), tip=_N("Menu", "Export proposal")),
    Action("summary", _N("Menu", "One-page summary as PDF…"), _summary, ("Ctrl+Shift+E",), "out", answered),
    Action("print", _N("Menu", "Print the one-page summary…"), _print, (Standard.Print, "Ctrl+P"), "out", answered),
    Action("undo", _N("Menu", "Undo"), lambda w: w.store.undo_stack.undo(), (Standard.Undo, "Ctrl+Z"), "do/edit",
           lambda w: opened(w) and w.store.undo_stack.canUndo()),
    Action("redo", _N("Menu", "Redo"), lambda w: w.store.undo_stack.redo(), ("Ctrl+Y", Standard.Redo, "Ctrl+Shift+Z"),
           "do/edit", lambda w: opened(w) and w.store.undo_stack.canRedo()),
    Action("add_scenario", _N("Menu", "Add a scenario"), lambda w: w.add_scenario(), ("Ctrl+D",), "do/edit", opened),
    Action("missing", _N("Menu", "Missing items…"), _missing, ("Ctrl+M",), "do/edit", answered),
    Action("pin", _N("Menu", "Pin these results and compare with them"), lambda w: None, ("Ctrl+Shift+P",), "do/edit",
           opened, checkable=True),
    Action("apply", _N("Menu", "Apply the recommended remedy"), lambda w: w.apply_recommended(), ("Ctrl+Return",),
           "do/edit", answered),
    *(Action(f"tab.{key}", partial(tab_title, key), partial(Workspace.show_tab, key=key), (f"Ctrl+{number}",), "do/view",
             opened) for number, (key, _, _) in enumerate(TABS, 1)),
    Action("compare", _N("Menu", "Compare the scenarios"), lambda w: w.show_tab("compare"), when=opened,
           short=_N("Menu", "Compare")),
    Action("inputs", _N("Menu", "Show or fold the inputs"), lambda w: w.fold_inputs(not w.is_folded()), ("F9",), "do/view",
           lambda w: opened(w) and not w.presenting),
    Action("zoom_in", _N("Menu", "Larger"), lambda w: zoom_in(), (Standard.ZoomIn, "Ctrl++", "Ctrl+="), "do/view"),
    Action("zoom_out", _N("Menu", "Smaller"), lambda w: zoom_out(), (Standard.ZoomOut, "Ctrl+-"), "do/view"),
    Action("zoom_reset", _N("Menu", "Normal size"), lambda w: reset_zoom(), ("Ctrl+0",), "do/view"),
    Action("theme", _N("Menu", "Switch between light and dark"), lambda w: w.switch_theme(), ("Ctrl+Shift+D",), "do/view"),
    Action("present", _N("Menu", "Present"), lambda w: w.present(), ("F11",), "do/view", opened,
           short=_N("Menu", "Present")),
    Action("calibrate", _N("Menu", "Calibrate with a measured run…"), _calibrate, menu="tools", when=answered),
    Action("catalogue", _N("Menu", "Catalogue…"), _catalogue, menu="tools", when=answered),
    Action("proposal", _N("Menu", "Proposal of this file…"), _proposal, menu="tools", when=answered),
    Action("settings", _N("Menu", "Issuer of proposals…"), _settings, menu="tools"),
    Action("guide", _N("Menu", "Guide"), _guide, (Standard.HelpContents, "F1"), "help"),
    Action("tour", _N("Menu", "Tour"), _tour, menu="help", when=answered),
    Action("quit", _N("Menu", "Quit"), lambda w: w.close(), (Standard.Quit, "Ctrl+Q"), "end"),
    Action("menu", _N("Menu", "Menu"), lambda w: None, ("F10",), when=lambda w: not w.presenting),
    Action("next_part", _N("Menu", "Next part of the window"), lambda w: cycle(w, 1), ("F6",)),
    Action("previous_part", _N("Menu", "Previous part of the window"), lambda w: cycle(w, -1), ("Shift+F6",)),
)  # fmt: skip

SUBMENUS = {
    "copy": _N("Menu", "Copy the configuration as"),
    "edit": _N("Menu", "Edit"),
    "view": _N("Menu", "View"),
}


class ActionSet(QObject):
    """The actions of one window, made from the table."""

    def __init__(self, window: Workspace) -> None:
        super().__init__(window)
        self._window = window
        self._made: dict[str, QAction] = {}
        for entry in ACTIONS:
            action = QAction(window)
            action.setObjectName(entry.id)
            action.setShortcuts(entry.sequences())
            action.setShortcutVisibleInContextMenu(True)
            action.setMenuRole(QAction.MenuRole.NoRole)
            action.setCheckable(entry.checkable)
            action.triggered.connect(window.store.finish)  # no action finds figures of another plan
            action.triggered.connect(lambda checked=False, run=entry.run: run(window))
            window.addAction(action)
            self._made[entry.id] = action
        window.state_changed.connect(self.refresh)
        stack = window.store.undo_stack
        stack.canUndoChanged.connect(self.refresh)
        stack.canRedoChanged.connect(self.refresh)
        self.retranslate()
        self.refresh()

    def __getitem__(self, name: str) -> QAction:
        """The action of an id."""
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        """The ids, in the order of the table."""
        return iter(self._made)

    def refresh(self) -> None:
        """Decide anew which are possible."""
        if not isValid(self._window.pages):  # the undo stack, which outlives them, empties itself at the end
            return
        for entry in ACTIONS:
            self._made[entry.id].setEnabled(entry.when(self._window))

    def retranslate(self) -> None:
        """Set every text again."""
        for entry in ACTIONS:
            action, said = self._made[entry.id], entry.said()
            tip = QCoreApplication.translate("Menu", entry.tip) if entry.tip else said
            # A mnemonic mark would be taken from an ampersand; tab titles may hold one.
            action.setText(said.replace("&", "&&"))
            action.setToolTip(tip)
            action.setIconText(QCoreApplication.translate("Menu", entry.short) if entry.short else tip)

    def menu(self) -> QMenu:
        """The menu of all actions that have a place in it, built anew."""
        menu = QMenu(self._window)
        menu.setAccessibleName(QCoreApplication.translate("Menu", "Menu"))
        inner: dict[str, QMenu] = {}
        before = ""
        for entry in ACTIONS:
            if not entry.menu:
                continue
            section, _, name = entry.menu.partition("/")
            if before and section != before:
                menu.addSeparator()
            before = section
            where = menu
            if name:
                if name not in inner:
                    inner[name] = menu.addMenu(QCoreApplication.translate("Menu", SUBMENUS[name]))
                where = inner[name]
            where.addAction(self._made[entry.id])
        for part in inner.values():
            part.menuAction().setEnabled(any(action.isEnabled() for action in part.actions()))
        return menu

    def pop_up(self) -> QMenu | None:
        """Show the menu below its button; in Present mode there is none."""
        if self._window.presenting:
            return None
        menu, button = self.menu(), self._window.toolbar.menu
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
        menu.setActiveAction(next(action for action in menu.actions() if action.isEnabled()))
        return menu
