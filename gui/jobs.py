"""Long work off the GUI thread: progress, cancel, and no stale results.

One thread for studies, one for what the hand on a slider waits for. Each job belongs to a key ("advisor", "export");
starting another of the same key cancels the earlier one, and whatever the earlier one still delivers is dropped. The runner
owns the signal object; a job only holds the bound signal, so nothing of Qt is destroyed on a pool's thread.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, SignalInstance

logger = logging.getLogger(__name__)

SWITCH_S = 0.0005
"""How long a job may keep the interpreter from the window once it is wanted (Python's own figure is 5 ms): a tick asks for
it many times, and the first ones of a drag meet a job that has not yet come to its next checkpoint."""


T = TypeVar("T")


class CancelledError(Exception):
    """Raised inside a job by :meth:`JobContext.check` after it was cancelled."""


class JobContext:
    """What a running job may use: report progress, ask whether to stop. Safe from the job's thread."""

    def __init__(self, key: str, token: int, progressed: SignalInstance) -> None:
        self._key, self._token, self._progressed = key, token, progressed
        self._stop = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether the result is not wanted any more."""
        return self._stop.is_set()

    def check(self) -> None:
        """Leave the job when it was cancelled.

        Raises
        ------
        CancelledError
            When so.
        """
        if self.cancelled:
            raise CancelledError

    def progress(self, share: float, note: str = "") -> None:
        """Report how much is done (0..1)."""
        if not self.cancelled:
            try:
                self._progressed.emit(self._key, self._token, share, note)
            except RuntimeError:  # the window went away
                self.cancel()

    def wait(self, seconds: float) -> None:
        """Rest, until cancelled at the latest."""
        self._stop.wait(seconds)

    def cancel(self) -> None:
        """Ask the job to stop."""
        self._stop.set()


class _Task(QRunnable):
    def __init__(
        self, key: str, token: int, work: Callable[[JobContext], object], context: JobContext, ended: SignalInstance
    ) -> None:
        super().__init__()
        self._key, self._token, self._work, self._context, self._ended = key, token, work, context, ended

    def run(self) -> None:
        result: object = None
        error: BaseException | None = None
        try:
            self._context.check()
            result = self._work(self._context)
        except CancelledError as stop:
            error = stop
        except Exception as problem:
            logger.info("job %s failed", self._key, exc_info=True)
            error = problem
        try:
            self._ended.emit(self._key, self._token, result, error)
        except RuntimeError:  # the window went away while the job was at work: nobody is left to tell
            logger.debug("job %s ended after its window", self._key)


@dataclass
class _Current:
    token: int
    context: JobContext
    done: Callable[[Any], None]
    failed: Callable[[BaseException], None] | None
    progress: Callable[[float, str], None] | None


class JobRunner(QObject):
    """Starts jobs and hands results to the GUI thread; ``busy_changed`` tells which keys are at work."""

    busy_changed = Signal(str, bool)
    _progressed = Signal(str, int, float, str)
    _ended = Signal(str, int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        sys.setswitchinterval(SWITCH_S)
        self._pool, self._urgent = QThreadPool(self), QThreadPool(self)
        for pool in (self._pool, self._urgent):
            pool.setMaxThreadCount(1)
        self._token = 0
        self._current: dict[str, _Current] = {}
        self._closed = False
        self._progressed.connect(self._on_progress)
        self._ended.connect(self._on_end)

    def start(
        self,
        key: str,
        work: Callable[[JobContext], T],
        done: Callable[[T], None],
        *,
        failed: Callable[[BaseException], None] | None = None,
        progress: Callable[[float, str], None] | None = None,
        urgent: bool = False,
    ) -> None:
        """Run ``work(context)`` on a thread; ``done(result)`` follows on the GUI thread unless it was superseded.

        ``urgent`` work has a thread that no study holds: studies wait while a slider is held.
        """
        if self._closed:
            return
        was_busy = key in self._current
        if was_busy:
            self._current[key].context.cancel()
        self._token += 1
        context = JobContext(key, self._token, self._progressed)
        self._current[key] = _Current(self._token, context, done, failed, progress)
        pool = self._urgent if urgent else self._pool
        pool.start(_Task(key, self._token, work, context, self._ended))
        if not was_busy:
            self.busy_changed.emit(key, True)

    def cancel(self, key: str) -> None:
        """Stop a job; nothing of it is delivered any more."""
        current = self._current.pop(key, None)
        if current is not None:
            current.context.cancel()
            self.busy_changed.emit(key, False)

    def busy(self, key: str) -> bool:
        """Whether a job of this key is under way."""
        return key in self._current

    def any_busy(self) -> bool:
        """Whether any job is under way."""
        return bool(self._current)

    def shut_down(self) -> None:
        """Cancel everything and wait for the thread; for the end of the window, so nothing starts any more."""
        self._closed = True
        for key in list(self._current):
            self.cancel(key)
        for pool in (self._pool, self._urgent):
            pool.clear()
            pool.waitForDone()

    def _on_progress(self, key: str, token: int, share: float, note: str) -> None:
        current = self._current.get(key)
        if current is not None and current.token == token and current.progress is not None:
            current.progress(share, note)

    def _on_end(self, key: str, token: int, result: object, error: BaseException | None) -> None:
        current = self._current.get(key)
        if current is None or current.token != token:
            return
        del self._current[key]
        self.busy_changed.emit(key, False)
        if error is None:
            current.done(result)
        elif current.failed is not None and not isinstance(error, CancelledError):
            current.failed(error)
