"""The window through many ticks of its sliders, offscreen: ``python -m tests.soak.soak_window --ticks 100000 --seed 1``.

Every tick is a change of one input, as a drag sends it, with the estimate, headline and the tab shown following; tabs,
scenarios, undo, language and theme change in between, and proposals are exported as workbook, slides and PDF. Memory, widgets and undo steps must not grow without end, no Qt
message and no exception may come, and the ticks of the end must be as quick as those of the beginning.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import sys
import tempfile
import time
import traceback
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

KINDS = (".xlsx", ".pptx", ".pdf")
RANGES: dict[str, tuple[Any, ...]] = {
    "workload.tokens": tuple(10.0**power for power in (8, 9, 9.5, 10, 10.5, 11, 11.5, 12, 13)),
    "cluster.servers": tuple(range(1, 65)),
    "money.utilization": tuple(share / 100 for share in range(5, 101)),
    "money.usd_jpy": tuple(range(100, 201)),
    "money.horizon_months": tuple(range(12, 85)),
    "money.onprem.discount": tuple(share / 100 for share in range(0, 60)),
    "facility.rack_kva": (6.0, 8.0, 10.0, 20.0, 40.0, 60.0, 120.0),
    "parallel.seq_len": (2048, 4096, 8192, 16384),
    "parallel.global_batch": (64, 128, 256, 512, 1024),
    "network.checkpoint_stall_s": (5.0, 30.0, 60.0, 300.0),
}


def resident_mb() -> float:
    """Resident memory of this process now, 1e6 bytes (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> int:
    """Run and print one line of JSON; the exit status is 1 when something grew, slowed down or complained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ticks", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--growth-mb", type=float, default=10.0, help="accepted growth after the first tenth")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            os.environ[name] = folder
        try:
            result = soak(arguments.ticks, arguments.seed, arguments.growth_mb, Path(folder))
        except Exception:  # sys.excepthook collects, and would leave nothing to read
            result = {"ticks": arguments.ticks, "seed": arguments.seed, "problems": [traceback.format_exc()]}
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    os._exit(1 if result["problems"] else 0)


def soak(ticks: int, seed: int, growth_mb: float, folder: Path) -> dict[str, Any]:
    """Drive the window; see the module. Exports are written into ``folder``."""
    from PySide6.QtCore import QCoreApplication, QEvent, QtMsgType, qInstallMessageHandler
    from PySide6.QtWidgets import QApplication

    from mitsumori.gui.app import create_application
    from mitsumori.gui.dialogs.export import write
    from mitsumori.gui.tabs import TABS
    from mitsumori.gui.theme.tokens import set_theme
    from mitsumori.gui.window import Window
    from mitsumori.gui.words.translation import language, set_language
    from mitsumori.model.plan.project import load_sample, sample_names

    problems: list[str] = []

    def message(kind: QtMsgType, _context: object, text: str) -> None:
        if kind != QtMsgType.QtDebugMsg and "propagateSizeHints" not in text and len(problems) < 20:
            problems.append(f"Qt said: {text}")

    qInstallMessageHandler(message)
    sys.excepthook = lambda *error: problems.append("".join(traceback.format_exception(*error)[-3:]))
    application = create_application(["mitsumori"])
    window = Window()
    window.files.ask_leave = lambda: "discard"  # type: ignore[method-assign]
    window.open_after_export = False
    refusals = 0  # in one sentence, with the last good result kept: what a window does with bad input

    def failed(text: str) -> None:
        nonlocal refusals
        if " is not accepted: " in text or "受け付けられません" in text:
            refusals += 1
        else:
            problems.append(f"failed: {text}")

    window.store.failed.connect(failed)
    window.open_project(load_sample("llama2-7b-sft"))
    window.resize(1440, 900)
    window.show()

    last_alarm = ""  # the last alone: a list of all would grow by megabytes
    say = window.footer.set_alarm

    def alarmed(text: str, cause: str = "plan") -> None:
        nonlocal last_alarm
        last_alarm = text
        say(text, cause)

    window.footer.set_alarm = alarmed  # type: ignore[method-assign]

    def settle(rounds: int = 4) -> None:
        for _ in range(rounds):
            application.processEvents()

    def collect() -> None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        end = time.monotonic() + 3.0  # a rest, in which the program itself gives back what is free
        while time.monotonic() < end:
            settle(2)
            time.sleep(0.01)
        gc.collect()

    def export(kind: str) -> None:
        """As the export button does, on the thread beside the window's; the next tick waits for the file."""
        path = folder / f"proposal{kind}"
        path.unlink(missing_ok=True)
        write(window, path, language(), "customer")
        end = time.monotonic() + 300
        while window.jobs.busy("export") and time.monotonic() < end:
            settle(1)
            time.sleep(0.01)
        if not path.exists():  # a plan that is refused has no proposal
            failed(f"no {kind} was written: {last_alarm}")

    def probe() -> float:
        """Median milliseconds of one and the same drag, on the first tab and the first sample."""
        window.open_project(load_sample("llama2-7b-sft"))
        window.show_tab(keys[0])
        settle(10)
        taken = []
        for servers in range(1, 61):
            before = time.perf_counter()
            window.store.set_values({"cluster.servers": servers}, gesture=-1)
            settle()
            taken.append(time.perf_counter() - before)
        return sorted(taken)[len(taken) // 2] * 1000

    keys = [entry[0] for entry in TABS]
    samples = sample_names()
    warm(window, samples, keys, settle, export)
    chance = random.Random(seed)
    gesture, path = 0, "cluster.servers"
    times = array("d", bytes(8 * ticks))  # made beforehand: what the soak keeps is no growth of the window
    exports, every_export = 0, max(2, ticks // 40)
    base_mb, base_widgets, peak_mb, first_ms = 0.0, 0, 0.0, 0.0
    started = time.monotonic()
    for tick in range(ticks):
        if tick % 25 == 0:  # a new drag
            window.store.end_gesture()
            gesture, path = gesture + 1, chance.choice(tuple(RANGES))
        if tick % 400 == 0:
            window.show_tab(chance.choice(keys))
        if tick % 1500 == 700:
            set_language(chance.choice(("ja", "en")))
            set_theme(chance.choice(("light", "dark")))
        if tick % 900 == 450:
            for _ in range(chance.randint(1, 8)):
                window.store.undo_stack.undo()
            for _ in range(chance.randint(0, 4)):
                window.store.undo_stack.redo()
        if tick % every_export == every_export // 2:
            export(KINDS[exports % len(KINDS)])
            exports += 1
        if tick % 4000 == 3999:
            window.open_project(load_sample(chance.choice(samples)))
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # as the program's own loop does
        before = time.perf_counter()
        window.store.set_values({path: chance.choice(RANGES[path])}, gesture=gesture)
        settle()
        times[tick] = time.perf_counter() - before
        if tick == ticks // 10:
            first_ms = probe()
            collect()
            base_mb, base_widgets = resident_mb(), len(QApplication.allWidgets())
        if tick % 1000 == 0:
            peak_mb = max(peak_mb, resident_mb())
    last_ms = probe()
    collect()
    end_mb, end_widgets = resident_mb(), len(QApplication.allWidgets())
    if end_mb - base_mb > growth_mb:
        problems.append(f"memory grew by {end_mb - base_mb:.0f} MB")
    if end_widgets > 1.2 * base_widgets + 50:
        problems.append(f"widgets grew from {base_widgets} to {end_widgets}")
    if last_ms > 2.0 * first_ms + 5.0:  # the machine may be busier than at first, but not by that
        problems.append(f"the same drag took {first_ms:.1f} ms a tick at the beginning and {last_ms:.1f} ms at the end")
    every = sorted(times)
    window.jobs.shut_down()
    return {
        "ticks": ticks, "seed": seed, "seconds": round(time.monotonic() - started), "problems": problems,
        "refusals": refusals, "exports": exports, "median_ms": round(every[len(every) // 2] * 1000, 2), "p99_ms": round(every[int(0.99 * (len(every) - 1))] * 1000, 1),
        "worst_ms": round(every[-1] * 1000), "same_drag_first_ms": round(first_ms, 2), "same_drag_last_ms": round(last_ms, 2),
        "memory_mb": [round(base_mb), round(end_mb)], "peak_mb": round(peak_mb), "widgets": [base_widgets, end_widgets],
        "undo_steps": window.store.undo_stack.count(),
    }  # fmt: skip


def warm(
    window: Any, samples: tuple[str, ...], keys: list[str], settle: Callable[..., None], export: Callable[[str], None]
) -> None:
    """Every sample in every tab, and every kind of file once: what libraries, tables and fonts need at their first use is
    in memory then, and what follows is growth."""
    from mitsumori.model.plan.project import load_sample

    for place, sample in enumerate(samples):
        window.open_project(load_sample(sample))
        for key in keys:
            window.show_tab(key)
            settle(10)
        if place < len(KINDS):
            export(KINDS[place])
    window.open_project(load_sample(samples[0]))


if __name__ == "__main__":
    main()
