"""How much of ``model/`` the suites execute: every line counts, none is excluded.

``python -m tests.coverage.measure [suite ...]`` runs the suites one after another (without names: all that use the core), with
the commands they start in processes of their own, and prints one line of JSON: lines, share, and what is missing where.
``.ci/long coverage`` records it in tests/records. Lines of a process that ends by ``os._exit`` or a kill are not seen.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import coverage

from tests.run import NO_TESTS, ROOT, run

SUITES = ("model", "validation", "golden", "docs", "fuzz", "privacy", "workbook", "gui", "end2end")
LEAST_PERCENT = 95.0
"""What is promised of model/ as a whole; a file below it is listed with its missing lines."""
NEVER = "a line that says this is not counted: there is none"
SETTINGS = (
    f"[run]\nsource = {{source}}\nparallel = true\ndata_file = {{data}}\n[report]\nexclude_lines =\n    {NEVER}\n"
)


def figures(measured: coverage.Coverage) -> dict[str, Any]:
    """Lines of ``model/``, those executed, their share in percent, and the missing lines of each file that has some."""
    lines = covered = excluded = 0
    below, missing = {}, {}
    for path in sorted(ROOT.glob("model/**/*.py")):
        name = path.relative_to(ROOT).as_posix()
        _, statements, left_out, absent, words = measured.analysis2(str(path))
        lines, covered, excluded = (
            lines + len(statements),
            covered + len(statements) - len(absent),
            excluded + len(left_out),
        )
        if absent:
            missing[name] = words
            share = 100.0 * (1 - len(absent) / len(statements))
            if share < LEAST_PERCENT:
                below[name] = round(share, 1)
    percent = round(100.0 * covered / lines, 2)
    return {
        "lines": lines,
        "covered": covered,
        "excluded": excluded,
        "percent": percent,
        "below": below,
        "missing": missing,
    }


def main(suites: list[str]) -> int:
    """Run the suites, print the figures; 1 when a suite failed or the share is below :data:`LEAST_PERCENT`."""
    chosen = suites or [name for name in SUITES if (ROOT / "tests" / name).is_dir()]
    started, failed = time.monotonic(), []
    with tempfile.TemporaryDirectory() as folder:
        settings, data = Path(folder, "settings"), Path(folder, "data")
        settings.write_text(SETTINGS.format(source=ROOT / "model", data=data), encoding="utf-8")
        os.environ["COVERAGE_PROCESS_START"] = str(settings)
        for name in chosen:
            _, status, output, seconds = run(ROOT / "tests" / name, ["-p", "no:cacheprovider"])
            sys.stderr.write(f"tests/{name}: exit status {status}, {seconds:.0f} s\n{output[-2000:] if status else ''}")
            if status not in (0, NO_TESTS):
                failed.append(name)
        del os.environ["COVERAGE_PROCESS_START"]
        measured = coverage.Coverage(config_file=str(settings))
        measured.combine([folder])
        result = {"suites": chosen, "failed": failed} | figures(measured)
    result["seconds"] = round(time.monotonic() - started)
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return 1 if failed or result["percent"] < LEAST_PERCENT else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
