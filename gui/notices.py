"""What is said over the window when inputs changed by other hands than the user's own: what went and came, with Undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from mitsumori.gui.store import PlanStore
from mitsumori.gui.widgets.toast import Toast
from mitsumori.gui.words.exchange import changed_words, exchange_words
from mitsumori.gui.words.translation import translate
from mitsumori.model.plan.plan import Plan


class Notices(QObject):
    """Sentences over a window; made with the first one.

    Parameters
    ----------
    whole
        What the sentence floats over.
    store
        The plan and its undo stack.
    """

    def __init__(self, whole: QWidget, store: PlanStore) -> None:
        super().__init__(whole)
        self.store = store
        self.toast = Toast(whole)
        self._said_at = -1
        store.undo_stack.indexChanged.connect(self._changed)

    def _changed(self, index: int) -> None:
        """What was said belongs to one step: after another its Undo would take back something else."""
        if index != self._said_at:
            self.toast.hide()

    def say(self, sentence: str, *actions: tuple[str, Callable[[], object]], undo: bool = True) -> None:
        """Say what changed, with Undo."""
        back = ((translate("Workspace", "Undo"), self.store.undo_stack.undo),) if undo else ()
        self._said_at = self.store.undo_stack.index()
        self.toast.say(sentence, *actions, *back)

    def exchanged(self, paths: Sequence[str]) -> None:
        """Another server or instance: what went and came with it."""
        self.say(exchange_words(self.store.plan, paths, self.store.catalogue))

    def tried(self, index: int) -> None:
        """What was tried in front of an audience is gone; one click takes it over, by its place in the undo stack."""
        sentence = translate("Workspace", "The plan is as it was before the presentation.")
        take = translate("Workspace", "Take the trial over"), lambda: self.store.undo_stack.setIndex(index)
        self.say(sentence, take, undo=False)

    def clicked(self, before: Plan, changes: Mapping[str, object]) -> None:
        """A click on a result changed inputs: say which, unless something was said already."""
        after = self.store.plan
        if after is not before and not self.toast.text():
            self.say(changed_words(before, after, changes))
