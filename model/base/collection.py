"""Python's search for garbage, held back while many objects are made that all stay."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_LOCK: Final = threading.Lock()
_SELDOM: Final = (100_000, 50, 100)
"""New objects between two searches among them, and how many of those go before one among older objects."""
_usual: list[tuple[int, int, int]] = []
"""The thresholds that hold elsewhere, once for each who holds the search back."""


@contextmanager
def many_kept() -> Iterator[None]:
    """Search for garbage seldom within the block.

    Python looks through what was made after every 700 new objects, and through everything that is kept whenever that has grown
    by a quarter. Where thousands of results are made and kept it finds nothing, and takes a third of the time. A search that
    was switched off stays off, and what others set meanwhile is put back when the last block ends.
    """
    with _LOCK:
        _usual.append(gc.get_threshold())
        gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        with _LOCK:
            before = _usual.pop()
            if not _usual:
                gc.set_threshold(*before)
