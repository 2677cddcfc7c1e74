"""The application's main window: its parts, and over them the table of actions."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QDragEnterEvent, QDropEvent

from mitsumori.gui.actions import ActionSet
from mitsumori.gui.memory import give_back_soon
from mitsumori.gui.store import PlanStore
from mitsumori.gui.workspace import Workspace


class Window(Workspace):
    """The main window: :class:`~gui.workspace.Workspace` with menu, toolbar buttons and keys."""

    def __init__(self, store: PlanStore | None = None) -> None:
        super().__init__(store)
        self.action_set = ActionSet(self)
        self.toolbar.follow(self.action_set)
        self.action_set["menu"].triggered.connect(self.action_set.pop_up)
        self.action_set["pin"].toggled.connect(self.store.pin)
        self.files.importer = self._take
        self.files.opened.connect(lambda: give_back_soon(self.jobs))
        self.headline.missing_wanted.connect(self.action_set["missing"].trigger)
        self.restore()
        self.toolbar.retheme()
        self.retranslate()

    def trigger(self, name: str) -> None:
        """Start an action by its id; nothing where it is not possible now."""
        self.action_set[name].trigger()

    def _take(self, path: Path) -> bool:
        from mitsumori.gui.dialogs.importing import take

        return take(self, path)

    def retranslate(self) -> None:
        """The window's own texts, and those of its actions."""
        super().retranslate()
        if hasattr(self, "action_set"):
            self.action_set.retranslate()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Plans and workbooks may be dropped anywhere."""
        if self.files.droppable(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        path = self.files.droppable(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.files.open_path(path)
