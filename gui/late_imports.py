"""What the first view and the first results need, imported once the window is on the screen: a piece a round of the event loop.

In one round it blocked the window for a third of a second, in which it took no click and no key. Whatever needs a module before
its turn imports it at once, as ever.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid

VIEW = (
    "mitsumori.model.memory.terms", "mitsumori.model.cost.accounting", "mitsumori.model.cost.results",
    "mitsumori.model.training.results", "mitsumori.model.search.candidates", "mitsumori.gui.charts.base",
    "mitsumori.model.calibration.expectation", "mitsumori.model.study.training_table", "mitsumori.gui.tabs.base",
    "mitsumori.gui.tabs.view", "mitsumori.gui.tabs.overview",
)  # fmt: skip
"""For the view that comes first, those that others import before them."""
RESULTS = ("mitsumori.model.facility.hall", "mitsumori.model.estimate.estimate",
           "records accelerators", "records servers", "records networks", "records cloud", "records cooling")  # fmt: skip
"""For an estimate."""
PICTURES = ("names QtCore", "names QtGui", "names QtWidgets", "mitsumori.gui.plot.picture")
"""For the first living chart. pyqtgraph reads all names of Qt; PySide6 makes what a name stands for when it is first read."""

_made: set[str] = set()
_waiting: dict[tuple[str, ...], list[tuple[QObject, Callable[[], object]]]] = {}


def after(pieces: tuple[str, ...], receiver: QObject, done: Callable[[], object]) -> None:
    """Call a function once pieces are there: at once where nothing is missing, else after a round of the event loop for each.

    Parameters
    ----------
    pieces
        :data:`VIEW`, :data:`RESULTS`, :data:`PICTURES`, or several of them one after another.
    receiver
        The function is not called after the end of this object.
    done
        The function.
    """
    if _next(pieces) is None:
        done()
    elif pieces in _waiting:
        _waiting[pieces].append((receiver, done))
    else:
        _waiting[pieces] = [(receiver, done)]
        QTimer.singleShot(0, lambda: _make_one(pieces))


def _next(pieces: tuple[str, ...]) -> str | None:
    return next((piece for piece in pieces if piece not in _made and piece not in sys.modules), None)


def _make_one(pieces: tuple[str, ...]) -> None:
    piece = _next(pieces)
    if piece is not None:
        _made.add(piece)
        _make(piece)
        QTimer.singleShot(0, lambda: _make_one(pieces))
        return
    for receiver, done in _waiting.pop(pieces):
        if isValid(receiver):
            done()


def _make(piece: str) -> None:
    what, _, name = piece.rpartition(" ")
    if what == "records":
        from mitsumori.model.catalogue.catalogue import Catalogue

        Catalogue.shipped().records(name)
    elif what == "names":
        module = import_module(f"PySide6.{name}")
        for one in dir(module):
            getattr(module, one)
    else:
        import_module(name)
