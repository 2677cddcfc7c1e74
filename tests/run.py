"""Run the whole test suite: each suite in a process of its own, two at a time, one closing line.

A suite that uses Qt can die with a segmentation fault; in its own process that costs its own tests only, and its exit
status says so. Usage: ``python tests/run.py [suite ...] [-- pytest options]``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NO_TESTS = 5


def suites() -> list[Path]:
    """The folders under tests/ that hold tests, longest first by habit: those with windows and engines."""
    first = ["workbook", "gui", "end2end", "packaging"]
    folders = [path.parent for path in ROOT.glob("tests/*/test_*.py")]
    names = sorted({path.name for path in folders}, key=lambda name: (first.index(name) if name in first else 9, name))
    return [ROOT / "tests" / name for name in names if name != "benchmarks"]


@cache
def qt_loads() -> bool:
    """Whether Qt's own libraries and the system's that they need can be loaded here."""
    probe = [sys.executable, "-c", "import PySide6.QtTest, PySide6.QtWidgets"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def run(folder: Path, options: list[str]) -> tuple[str, int, str, float]:
    """Run one suite and return its name, exit status, output and seconds."""
    environment = os.environ | {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}
    environment.setdefault("OMP_NUM_THREADS", "1")
    environment.setdefault("OPENBLAS_NUM_THREADS", "1")
    if folder.name != "end2end":  # which brings a screen of its own
        environment["QT_QPA_PLATFORM"] = "offscreen"
    without_qt = [] if qt_loads() else ["-p", "no:pytest-qt"]  # the plugin cannot start without Qt's system libraries
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", str(folder), *without_qt, *options],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        check=False,
    )  # fmt: skip
    return folder.name, done.returncode, done.stdout, time.monotonic() - started


def main(arguments: list[str]) -> int:
    """Run the suites named (all without names) and print a closing line with the sums."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    wanted, options = arguments[:split], arguments[split + 1 :]
    folders = [path for path in suites() if not wanted or path.name in wanted]
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    bad = 0
    with ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        for name, status, output, seconds in pool.map(lambda folder: run(folder, options), folders):
            print(f"\n== tests/{name}: exit status {status}, {seconds:.0f} s\n{output.rstrip()}", flush=True)
            closing = output.rstrip().splitlines()[-1] if output.strip() else ""
            for count, word in re.findall(r"(\d+) (passed|failed|skipped|error)", closing):
                totals["failed" if word == "error" else word] += int(count)
            if status not in (0, NO_TESTS):
                bad += 1
                if not re.search(r"\d+ (failed|error)", closing):
                    totals["failed"] += 1  # the process died: that is a failure even if every test so far passed
    print(f"\n{totals['passed']} passed, {totals['failed']} failed, {totals['skipped']} skipped")
    return 1 if bad or not totals["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
