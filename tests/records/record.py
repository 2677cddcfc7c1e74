"""Appends the result of a long campaign to ``tests/records/long.jsonl``: one JSON line with date and commit.

``python -m tests.records.record CAMPAIGN STATUS SECONDS < output``: the last lines of the output that are JSON objects are
the result; anything else is kept only when the campaign failed.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "long.jsonl"
ROOT = FILE.parents[2]


def commit() -> str:
    """The commit that is checked out; with ``+`` when the product or its tests differ from it."""

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "model", "gui", "resources", "tests")
    lines = [line for line in changed.splitlines() if not line.endswith("long.jsonl")]
    return (git("rev-parse", "--short=10", "HEAD") or "unknown") + ("+" if lines else "")


def results(output: str) -> list[dict[str, Any]]:
    """The JSON objects among the lines of an output."""
    found = []
    for line in output.splitlines():
        if line.startswith("{"):
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
    stats = dict(re.findall(r"^stat::(\w+):\s*(\d+)", output, re.MULTILINE))  # libFuzzer's own closing lines
    return [*found, {name: int(value) for name, value in stats.items()}] if stats else found


def main(arguments: list[str]) -> int:
    """Append one line."""
    campaign, status, seconds = arguments[0], int(arguments[1]), float(arguments[2])
    output = sys.stdin.read()
    entry: dict[str, Any] = {
        "campaign": campaign,
        "date": dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%MZ"),
        "commit": commit(),
        "status": status,
        "seconds": round(seconds),
        "results": results(output),
    }
    if status or not entry["results"]:
        entry["output"] = output.replace(str(ROOT), ".")[-2000:]
    with FILE.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(entry, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
