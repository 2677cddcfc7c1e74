"""Writing to disk off the GUI thread, in order, never given up: a slow disk must not hold up the window.

Unlike the job runner, nothing here is superseded or cancelled: what was handed over is written.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any, TypeVar, cast

from PySide6.QtCore import QEventLoop, QObject, QRunnable, QThreadPool, Signal, SignalInstance
from PySide6.QtWidgets import QWidget

QUICK_MS = 30
"""Most disks answer within this; only then does waiting go through the event loop."""

T = TypeVar("T")
Done = Callable[[T | None, BaseException | None], None]
Answer = tuple[Done[Any], object, BaseException | None]
"""Whom to tell, and what came of it."""


class _Write(QRunnable):
    def __init__(
        self, work: Callable[[], object], done: Done[Any], answers: queue.SimpleQueue[Answer], written: SignalInstance
    ) -> None:
        super().__init__()
        self._work, self._done, self._answers, self._written = work, done, answers, written

    def run(self) -> None:
        result: object = None
        error: BaseException | None = None
        try:
            result = self._work()
        except Exception as problem:
            error = problem
        self._answers.put((self._done, result, error))
        try:
            self._written.emit()
        except RuntimeError:  # the window went away; whoever waited took the answer already
            return


class Saver(QObject):
    """One thread that writes one thing after the other; ``done(result, error)`` follows on the GUI thread."""

    _written = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._open = 0
        self._loops: list[QEventLoop] = []
        self._written.connect(self._deliver)

    @property
    def busy(self) -> bool:
        """Whether something is still to be written or to be told."""
        return self._open > 0

    def write(self, work: Callable[[], T], done: Done[T]) -> None:
        """Do ``work()`` after everything that was handed over before."""
        self._open += 1
        self._pool.start(_Write(work, done, self._answers, self._written))

    def answer(self, work: Callable[[], T]) -> T:
        """What ``work()`` gives, done on the disk's thread after everything that was handed over before; the window goes on
        meanwhile where the disk is slow. What it raises is raised here."""
        outcome: list[tuple[T | None, BaseException | None]] = []
        self.write(work, lambda result, error: outcome.append((result, error)))
        self.wait()
        result, error = outcome[0]
        if error is not None:
            raise error
        return cast("T", result)

    def wait(self) -> None:
        """Return when everything is written and told; on a slow disk the window goes on meanwhile."""
        if self._open:
            self._pool.waitForDone(QUICK_MS)
            self._deliver()
        while self._open:
            loop = QEventLoop()
            self._loops.append(loop)
            loop.exec()
            self._loops.remove(loop)

    def _deliver(self) -> None:
        while True:
            try:
                done, result, error = self._answers.get_nowait()
            except queue.Empty:
                break
            self._open -= 1
            done(result, error)
        if not self._open:
            for loop in self._loops:
                loop.quit()


def on_disk(widget: QWidget | None, work: Callable[[], T]) -> T:
    """What ``work()`` gives, done on the disk's thread of the window that a view or dialog belongs to; without one, here."""
    above: QObject | None = widget
    while above is not None:
        saver = getattr(getattr(above, "files", None), "saver", None)
        if isinstance(saver, Saver):
            return saver.answer(work)
        above = above.parent()
    return work()
