"""The measurement of coverage itself: every line counts, commands in processes of their own count, and the record holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import coverage
import pytest

from tests.coverage.measure import LEAST_PERCENT, SETTINGS, figures
from tests.records.record import FILE
from tests.run import ROOT


@pytest.fixture(name="settings")
def the_settings(tmp_path, monkeypatch):
    path = tmp_path / "settings"
    path.write_text(SETTINGS.format(source=ROOT / "model", data=tmp_path / "data"), encoding="utf-8")
    monkeypatch.setenv("COVERAGE_PROCESS_START", str(path))
    return path


def test_lines_executed_in_another_process_are_counted(settings):
    """An unknown command is refused in a process of its own: model/cli.py runs, the advisor's search does not."""
    done = subprocess.run(
        [sys.executable, "-m", "mitsumori.model", "no-such-command"],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    measured = coverage.Coverage(config_file=str(settings))
    measured.combine([str(settings.parent)])
    found = figures(measured)
    assert 0 < found["covered"] < found["lines"]
    assert found["excluded"] == 0
    assert found["percent"] == pytest.approx(100 * found["covered"] / found["lines"], abs=0.01)
    assert found["below"].get("model/cli.py", 100.0) > found["below"]["model/search/search.py"]
    assert "model/search/search.py" in found["missing"]


def test_nothing_of_the_core_asks_not_to_be_counted():
    marked = [path.name for path in ROOT.glob("model/**/*.py") if "no cover" in path.read_text(encoding="utf-8")]
    assert marked == []


def test_the_last_record_keeps_the_promise():
    records = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    for entry in [entry for entry in records if entry["campaign"] == "coverage"][-1:]:
        (result,) = entry["results"]
        assert entry["status"] == 0
        assert result["excluded"] == 0
        assert result["percent"] >= LEAST_PERCENT
