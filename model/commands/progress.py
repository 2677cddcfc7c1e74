"""How far a long work is, on standard error and only where that is a terminal."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Final, Self, TextIO

PATIENCE_S: Final = 0.7
"""Work that ends sooner shows nothing."""
WIDTH: Final = 30


class Progress:
    """A line that says what is done, how long it has taken, and the share where it is known.

    A context manager; :meth:`at` takes the share done (0 to 1). Nothing is written where ``out`` is no terminal.
    """

    def __init__(self, what: str, out: TextIO | None = None) -> None:
        self._what, self._out = what, out or sys.stderr
        self._share: float | None = None
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def at(self, share: float) -> None:
        """The share that is done, 0 to 1."""
        self._share = min(max(share, 0.0), 1.0)

    def __enter__(self) -> Self:
        if self._out.isatty():
            self._thread = threading.Thread(target=self._show, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _show(self) -> None:
        began = time.monotonic()
        if self._ended.wait(PATIENCE_S):
            return
        while not self._ended.wait(0.1):
            self._out.write(f"\r{self.line(time.monotonic() - began)}")
            self._out.flush()
        self._out.write(f"\r{' ' * (len(self.line(0.0)) + 12)}\r")
        self._out.flush()

    def line(self, seconds: float) -> str:
        """What is shown after some seconds."""
        if self._share is None:
            return f"{self._what} {seconds:.0f} s"
        full = int(self._share * WIDTH)
        return f"{self._what} [{'#' * full}{'.' * (WIDTH - full)}] {self._share:4.0%} {seconds:.0f} s"
