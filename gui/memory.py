"""Memory that nobody uses goes back to the system: what an export or a closed project needed stays with the C library else.

glibc keeps what was freed between blocks that live on, and grows by what it could not place there; over a long sitting that
was 65 MB. Other systems' libraries give back by themselves.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QTimer

from mitsumori.gui.jobs import JobContext, JobRunner

JOB = "memory"
AFTER_MS = 1000
"""Views are destroyed, and answers dropped, in the rounds of the event loop after what was done."""


def give_back_soon(jobs: JobRunner) -> None:
    """Give back what is free in a moment, off the GUI thread and behind what is at work there."""
    if not sys.platform.startswith("linux"):
        return
    timer = jobs.findChild(QTimer, JOB)
    if timer is None:
        timer = QTimer(jobs)
        timer.setObjectName(JOB)
        timer.setSingleShot(True)
        timer.timeout.connect(lambda: jobs.start(JOB, give_back, lambda answer: None))
    timer.start(AFTER_MS)


def give_back(_: JobContext | None = None) -> bool:
    """Give back what is free; whether there was any, False where the C library has no such function (musl)."""
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim is not None and trim(ctypes.c_size_t(0)) == 1
