"""Speed of the window: slider tick to painted, start against a bare window, memory over many ticks.

``python tests/benchmarks/bench_gui.py [--ticks N] [--memory-ticks N] [--json]`` on whatever platform plugin is set
(offscreen by default; run below ``xvfb-run`` with ``QT_QPA_PLATFORM=xcb`` for the figures of a display). The plan is
``llama3-70b-continual`` with auto on, Overview shown. A tick counts from the slider's signal until every visible part that
the estimate changes was painted. Targets (issue 7): median <= 10 ms, 95 % <= 16 ms, ten ticks in a burst <= 16 ms, start
<= 1.5 x a bare PySide6 + pyqtgraph window, memory growth over 100,000 ticks < 5 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

BARE = """
import time, sys
from PySide6.QtWidgets import QApplication, QMainWindow, QVBoxLayout, QWidget, QSlider, QTableView
from PySide6.QtCore import Qt
import pyqtgraph as pg
app = QApplication([])
w = QMainWindow(); c = QWidget(); l = QVBoxLayout(c)
for _ in range(3): l.addWidget(QSlider(Qt.Orientation.Horizontal))
p = pg.PlotWidget(); p.plot(range(400)); l.addWidget(p); l.addWidget(QTableView()); w.setCentralWidget(c)
w.resize(1600, 1000); w.show()
painted = []
p.viewport().installEventFilter(app)
while not p.viewport().isVisible(): app.processEvents()
for _ in range(3): app.processEvents()
print(time.time())
"""

OURS = """
import time, sys
from gui.app import create_application
app = create_application()
from gui.window import Window
from model.project import load_sample
w = Window(); w.resize(1600, 1000)
w.open_project(load_sample("llama3-70b-continual"))
from PySide6.QtCore import QEvent, QObject
class First(QObject):
    at = 0.0
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and not self.at:
            self.at = time.time()
        return False
first = First(); w.footer.installEventFilter(first)
w.show()
while w.store.estimate is None or not w.tabs: app.processEvents()
for _ in range(3): app.processEvents()
late = [m for m in ("pandas", "openpyxl", "scipy") if m in sys.modules]
assert not late, late
print(first.at if first.at else time.time(), time.time())
w.jobs.shut_down()
"""


def start_seconds(code: str, repeats: int) -> tuple[float, float]:
    """Median seconds from the start of the process to the first painted window, and to the painted results."""
    taken: list[tuple[float, float]] = []
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder:
        environment |= {"XDG_CONFIG_HOME": folder, "XDG_DATA_HOME": folder, "PYTHONPYCACHEPREFIX": folder}
        for repeat in range(repeats + 1):
            begun = time.time()
            done = subprocess.run(
                [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise RuntimeError(done.stderr[-2000:])
            if repeat:  # the first run writes the byte code
                moments = [float(word) - begun for word in done.stdout.strip().splitlines()[-1].split()]
                taken.append((moments[0], moments[-1]))
    return statistics.median(first for first, _ in taken), statistics.median(last for _, last in taken)


def resident_mb() -> float:
    """Resident memory of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ticks", type=int, default=200)
    parser.add_argument("--memory-ticks", type=int, default=2000)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    result: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_DATA_HOME"] = folder
        measure_ticks(arguments.ticks, arguments.memory_ticks, result)
    if arguments.starts:
        bare, _ = start_seconds(BARE, arguments.starts)
        ours, results = start_seconds(OURS, arguments.starts)
        result |= {"start_bare_s": bare, "start_window_s": ours, "start_results_s": results, "start_ratio": ours / bare}
    if arguments.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:28} {value:10.3f}")
    return 0


def measure_ticks(ticks: int, memory_ticks: int, result: dict[str, float]) -> None:
    """Ticks, bursts and memory."""
    from gui.app import create_application

    application = create_application()
    from PySide6.QtCore import QEvent, QObject

    from gui.window import Window
    from model.project import load_sample

    window = Window()
    window.resize(1600, 1000)
    window.open_project(load_sample("llama3-70b-continual"))
    window.show()
    end = time.monotonic() + 8
    while time.monotonic() < end and (
        window.store.estimate is None or window.jobs.any_busy() or time.monotonic() < end - 6
    ):
        application.processEvents()
    row = window.inputs.row("workload.tokens")
    assert row is not None
    assert row.slider is not None
    painted: set[object] = set()

    class Watch(QObject):
        """Notes which of the watched widgets were painted."""

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                painted.add(watched)
            return False

    watch = Watch()
    watched = [window.headline.days, row.slider]
    for widget in watched:
        widget.installEventFilter(watch)
    random.seed(1)
    positions = [0.15 + 0.7 * random.random() for _ in range(ticks)]

    def tick(position: float) -> None:
        slider = row.slider
        assert slider is not None
        slider._announce(slider.scale().value(position))

    def until_painted() -> None:
        while not painted.issuperset(watched) or window.store.stale:
            application.processEvents()

    from gui.charts.base import axis_hold

    axis_hold().hold(True)
    times, computing = [], []
    for position in positions:
        if row.slider.scale().value(position) == row.slider.current():
            continue
        painted.clear()
        begun = time.perf_counter()
        tick(position)
        until_painted()
        application.processEvents()
        times.append((time.perf_counter() - begun) * 1e3)
    for position in positions:  # on its own: another plan between two ticks would slow the next one, as no drag does
        plan = window.store.plan.with_values({"workload.tokens": 1e9 * (1 + position)})
        begun = time.perf_counter()
        window.store.compute(plan)
        computing.append((time.perf_counter() - begun) * 1e3)
    times.sort()
    result |= {
        "tick_median_ms": statistics.median(times),
        "tick_p95_ms": times[int(0.95 * len(times))],
        "estimate_median_ms": statistics.median(computing),
    }
    bursts = []
    for _ in range(20):
        painted.clear()
        begun = time.perf_counter()
        for _ in range(10):
            tick(0.15 + 0.7 * random.random())
        until_painted()
        application.processEvents()
        bursts.append((time.perf_counter() - begun) * 1e3)
    result["burst_of_ten_median_ms"] = statistics.median(bursts)
    if memory_ticks:
        for _ in range(200):
            tick(random.random())
            application.processEvents()
        before = resident_mb()
        for _ in range(memory_ticks):
            tick(random.random())
            application.processEvents()
        result |= {"memory_ticks": float(memory_ticks), "memory_growth_mb": resident_mb() - before}
    axis_hold().hold(False)
    window.jobs.shut_down()


if __name__ == "__main__":
    sys.exit(main())
