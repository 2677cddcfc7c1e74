"""Smoke test of a bundle: open a sample in a real window, export its workbook, exit.

Runs inside the frozen program (``MITSUMORI_SMOKE=out.xlsx mitsumori [PLAN]``) and uses what the window's own buttons use.
Prints one line of JSON: the seconds from the start of the process until the window had painted, the seconds of the
export, and what was opened. Exit status 0 means that a workbook with sheets and figures lies at the path.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

DEFAULT_SAMPLE = "llama3-70b-continual"
PATIENCE_S = 120.0


def seconds_since_start() -> float:
    """Seconds since this process was started, by the kernel's clock on Linux, else by Python's process clock."""
    stat = Path("/proc/self/stat")
    if stat.exists():
        ticks = int(stat.read_text().rsplit(")", 1)[1].split()[19])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return time.perf_counter()


def run(target: str, arguments: list[str]) -> int:
    """Open, export, exit; returns the exit status. The person's own settings are neither read nor written."""
    with tempfile.TemporaryDirectory(prefix="mitsumori-smoke-") as settings:
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_DATA_HOME"] = settings
        return check(target, arguments, settings)


def check(target: str, arguments: list[str], settings: str) -> int:
    """What :func:`run` does, with settings and logs in the folder ``settings``."""
    from mitsumori.gui.display import why_no_window

    reason = why_no_window()
    if reason is not None:
        sys.stderr.write(f"{reason}\n")
        return 3
    from PySide6.QtCore import QCoreApplication, QEventLoop, QSettings
    from PySide6.QtGui import QGuiApplication

    from mitsumori.gui.app import create_application
    from mitsumori.gui.dialogs import export
    from mitsumori.gui.window import Window
    from mitsumori.model.base.version import program_version
    from mitsumori.model.plan.project import open_plan

    QSettings.setDefaultFormat(QSettings.Format.IniFormat)  # Windows' registry and macOS' preferences stay untouched
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, settings)
    application = create_application(sys.argv[:1])
    name = arguments[0] if arguments else DEFAULT_SAMPLE
    path = Path(target).absolute()
    project = open_plan(name)
    window = Window()
    window.open_after_export = False
    window.open_project(project, Path(name) if Path(name).is_file() else None)
    window.show()

    def until(done: str, ready: object) -> bool:
        """Turn the event loop until ``ready()``; False when patience ends."""
        limit = time.monotonic() + PATIENCE_S
        while not ready():  # type: ignore[operator]
            if time.monotonic() > limit:
                sys.stderr.write(f"The smoke test waited {PATIENCE_S:.0f} s in vain until {done}.\n")
                return False
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        return True

    handle = window.windowHandle()
    if not until("the window was shown with figures", lambda: handle.isExposed() and window.store.estimate is not None):
        return 1
    QCoreApplication.processEvents()
    started_s = seconds_since_start()
    picture = window.grab().toImage()
    colors = {picture.pixel(x, y) for x in range(0, picture.width(), 9) for y in range(0, picture.height(), 9)}
    if len(colors) < 10:
        sys.stderr.write(f"The window is all but empty: {len(colors)} colours.\n")
        return 1
    before = time.monotonic()
    export.write(window, path, "ja", "customer")
    if not until("the workbook was written", lambda: not window.jobs.busy("export")):
        return 1
    export_s = time.monotonic() - before
    if not path.is_file():
        sys.stderr.write(f"No workbook was written to {path}.\n")
        return 1
    report = {
        "version": program_version(),
        "plan": name,
        "platform": QGuiApplication.platformName(),
        "frozen": bool(getattr(sys, "frozen", False)),
        "window": [window.width(), window.height()],
        "colors": len(colors),
        "started_s": round(started_s, 2),
        "export_s": round(export_s, 2),
        "workbook_bytes": path.stat().st_size,
    }
    sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()
    window.store.undo_stack.setClean()
    window.close()
    application.quit()
    return 0
