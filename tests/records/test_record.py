"""Records of the long campaigns: what a line holds, and that the kept ones are whole."""

from __future__ import annotations

import json
import re

from tests.records import record


def test_results_are_the_json_lines_and_the_closing_statistics():
    output = 'noise\n{"a": 1}\n{broken\nstat::peak_rss_mb:              63\nstat::number_of_executed_units: 3000\n'
    assert record.results(output) == [{"a": 1}, {"peak_rss_mb": 63, "number_of_executed_units": 3000}]
    assert record.results("nothing") == []


def test_a_line_has_date_commit_status_and_results(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(record, "FILE", tmp_path / "long.jsonl")
    for status in ("0", "1"):
        monkeypatch.setattr("sys.stdin", __import__("io").StringIO('{"cases": 3}\n'))
        assert record.main(["fuzz", status, "12.6"]) == 0
    first, second = (json.loads(line) for line in (tmp_path / "long.jsonl").read_text().splitlines())
    assert (first["campaign"], first["status"], first["seconds"], first["results"]) == ("fuzz", 0, 13, [{"cases": 3}])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ", first["date"])
    assert "output" not in first
    assert second["output"]


def test_every_kept_record_says_when_what_and_on_which_commit():
    for line in record.FILE.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        assert {"campaign", "date", "commit", "status", "seconds", "results"} <= set(entry)
        assert not re.search(r"(?<![\w.:/])/\w+/", line), "a record names a path of one machine"
