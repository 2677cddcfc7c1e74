"""Joint cases over the whole field space of a plan: a seeded sample of what ``.ci/long joint`` runs in pieces, and what it found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import find, settings
from pydantic import BaseModel, Field

from mitsumori.model.base.figure import Figure
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from tests.fuzz import joint, plans, promises
from tests.fuzz.targets import Broken
from tests.needs import needs_qt

ROOT = Path(__file__).parents[2]
CASES = {"estimate": 60, "advise": 10, "table": 12, "serve": 30, "export": 4, "import": 30, "store": 12,
         "calendar": 10}  # fmt: skip
SCALE = float(os.environ.get("MITSUMORI_JOINT_SCALE", "1"))


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("through", CASES)
def test_joint_cases_keep_every_promise(through: str) -> None:
    """In a process of its own, so that the memory is that of the cases."""
    if through == "store":
        needs_qt()
    cases = str(max(1, round(CASES[through] * SCALE)))
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.joint", "--through", through, "--cases", cases, "--seed", "20261130"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=590, env=os.environ | {"PYTHONHASHSEED": "0"},
    )  # fmt: skip
    assert done.stdout, done.stderr[-2000:]
    report = json.loads(done.stdout)
    assert report["problems"] == []
    assert report["accepted"] >= report["refused"] / 4, "plans so odd that most are refused reach only the first check"
    assert report["memory_mb"] < joint.LARGEST_MB


def test_every_field_of_a_plan_has_values() -> None:
    def leaves(part: type[BaseModel], prefix: str = "") -> set[str]:
        found: set[str] = set()
        for name, field in part.model_fields.items():
            kind = field.annotation
            inner = isinstance(kind, type) and issubclass(kind, BaseModel)
            found |= leaves(kind, f"{prefix}{name}.") if inner else {prefix + name}  # type: ignore[arg-type]
        return found

    assert set(plans.FIELDS) == leaves(Plan)


def test_a_new_field_joins_by_itself_with_its_extremes() -> None:
    class More(BaseModel):
        new: Annotated[float, Field(gt=0, le=7.5)] | None = None

    ((path, values),) = plans.fields(More)
    assert path == "new"
    quick = settings(database=None, max_examples=500)
    drawn = plans.strategy(values)
    assert find(drawn, lambda value: value is None, settings=quick) is None
    assert find(drawn, lambda value: value == 7.5, settings=quick) == 7.5
    assert 0.0 < find(drawn, lambda value: value is not None and value < 1e-50, settings=quick) < 1e-50


def test_a_piece_is_always_the_same() -> None:
    first, second = (joint.piece("table", 3, 6) for _ in range(2))
    assert (first["accepted"], first["refused"]) == (second["accepted"], second["refused"])
    assert first["accepted"] + first["refused"] == 6


def test_a_campaign_goes_on_where_it_was_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state, ran = tmp_path / "state.jsonl", []
    monkeypatch.setitem(joint.PIECE, "estimate", 10)

    def piece(through: str, number: int, cases: int) -> dict[str, Any]:
        ran.append(number)
        return {"through": through, "piece": number, "accepted": cases, "refused": 0, "slowest_s": 0.0, "problems": [],
                "memory_mb": 1}  # fmt: skip

    monkeypatch.setattr(joint, "piece", piece)
    joint.campaign("estimate", 20, 5, state)
    with state.open("a") as file:
        file.write('{"through": "estimate", "pie')  # the program was killed in the middle of a line
    assert joint.campaign("estimate", 40, 5, state)["accepted"] == 40
    assert ran == [5, 6, 7, 8]


@pytest.mark.parametrize("document", [{"a": float("nan")}, {"a": {"days": -1}}, {"goodput": 1.5}])
def test_the_oracles_report_what_cannot_be(document: dict[str, Any]) -> None:
    with pytest.raises((Broken, ValueError)):
        promises.check_document(document)


def test_the_oracles_report_what_falls_with_the_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan()
    result = estimate(plan)
    faster = estimate(plan.with_values({"workload.tokens": 1e9}))
    assert isinstance(faster.training.days, Figure)
    monkeypatch.setattr(promises, "estimate", lambda _: faster)
    with pytest.raises(Broken, match=r"workload\.tokens up"):
        promises.monotone(plan, result)
