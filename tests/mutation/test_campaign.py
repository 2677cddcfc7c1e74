"""The mutation campaign on a small module: verdicts, the golden results apart, and going on where it was stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation import campaign

SMALL = campaign.Subject(("base/rounding",), ("model/test_rounding",))


@pytest.mark.timeout(600)
def test_a_sample_of_mutants_is_judged_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "GOLDEN", ("model/test_rounding",))  # nothing else notices a mutant of this module
    result = campaign.run(SMALL, 6, "small 1", tmp_path)
    assert result["files"] == ["model/base/rounding.py"]
    assert result["mutants"] == 6 < result["places"]  # type: ignore[operator]
    assert result["killed"] + result["survived"] + result["incompetent"] == 6  # type: ignore[operator]
    assert result["killed"] >= 3  # type: ignore[operator]
    monkeypatch.setattr(campaign, "_tests", lambda tests: ["false"] if "rounding" not in str(tests) else ["true"])
    again = campaign.run(SMALL, 6, "small 1", tmp_path)
    assert {name: again[name] for name in ("killed", "survived", "survivors")} == {
        name: result[name] for name in ("killed", "survived", "survivors")
    }


def test_tests_that_fail_without_a_mutation_are_no_measure(tmp_path: Path) -> None:
    failing = tmp_path / "test_failing.py"
    failing.write_text("def test_it():\n    assert False\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match="fail without any mutation"):
        campaign.baseline_s(campaign.ROOT, [str(failing)])


@pytest.mark.parametrize("name", campaign.SUBJECTS)
def test_every_subject_has_files_and_tests(name: str) -> None:
    subject = campaign.SUBJECTS[name]
    assert campaign.found(subject.files, campaign.ROOT / "model")
    assert campaign.found((*subject.tests, *campaign.GOLDEN), campaign.ROOT / "tests")


def test_a_pattern_without_files_is_noticed() -> None:
    with pytest.raises(FileNotFoundError):
        campaign.found(("no_such/*",), campaign.ROOT / "model")
