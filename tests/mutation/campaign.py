"""Mutation testing by cosmic-ray: how many small faults of a subject do its tests notice?

``python -m tests.mutation.campaign --mutants 200 --seed 1 [--subject memory] [--state FOLDER]``. cosmic-ray makes every mutant
of the subject's files (one change at one place); a seeded sample of them is run in a copy of the tree, each against the
subject's tests, and what survives once more against the golden results (counted apart: they notice a changed number without
knowing what is right, so the headline score leaves them out). No mutant is set aside as equivalent. With ``--state`` the
session is kept there, and the same call goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkerOutcome, WorkResult

ROOT: Final = Path(__file__).parents[2]
LEFT_BEHIND: Final = (".git", ".venv", "build", "dist", "__pycache__", "*.egg-info", ".*_cache", ".hypothesis")
"""What a copy of the tree does not need."""


@dataclass(frozen=True)
class Subject:
    """Files whose faults are looked for (patterns under ``model/``), and the tests that should notice (under ``tests/``)."""

    files: tuple[str, ...]
    tests: tuple[str, ...]


SUBJECTS: Final = {
    "memory": Subject(("memory/*",), ("model/test_memory*", "validation/test_memory*")),
    "step": Subject(
        ("training/step", "training/terms/*", "training/offload", "kernels/*"), ("model/test_step*", "model/test_gpu*")
    ),
    "training": Subject(
        ("training/days", "training/goodput", "training/stages", "training/generation", "calibration/interval"),
        ("model/test_training*", "model/test_estimate*"),
    ),
    "serving": Subject(("serving/*",), ("model/test_serving*",)),
    "facility": Subject(
        ("facility/*",),
        ("model/test_facility*", "model/test_network*", "model/test_placement*", "model/test_support*",
         "validation/test_facility*", "validation/test_superpod*"),
    ),
    "cost": Subject(("cost/*",), ("model/test_cost*", "validation/test_cost*")),
}  # fmt: skip
GOLDEN: Final = ("golden/test_*",)
"""The samples' reviewed results."""
BOUND: Final = 'ulimit -v 8388608; exec "$@"'
"""A mutant may ask for any amount of memory: it gets 8 GiB of address space."""

Key: TypeAlias = tuple[str, str, int]
"""A mutant: file, operator of cosmic-ray, number of the place."""


def found(patterns: Sequence[str], folder: Path) -> list[str]:
    """Python files of the patterns, from the top of the tree; every pattern has some."""
    paths: list[str] = []
    for pattern in patterns:
        some = sorted(path for path in folder.glob(f"{pattern}.py") if path.name != "__init__.py")
        if not some:
            raise FileNotFoundError(f"no file is named {folder.name}/{pattern}.py any more")
        paths += [path.relative_to(ROOT).as_posix() for path in some]
    return paths


def _tests(paths: Sequence[str]) -> list[str]:
    return ["bash", "-c", BOUND, "bash", sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p",
            "no:pytest-qt", *paths]  # fmt: skip


def environment(copy: Path) -> dict[str, str]:
    return os.environ | {
        "PYTHONPATH": str(copy / "packaging" / "types"), "OMP_NUM_THREADS": "1", "QT_QPA_PLATFORM": "offscreen",
        "MITSUMORI_HYPOTHESIS": "mutants",
    }  # fmt: skip


def _key(mutation: MutationSpec) -> Key:
    return (Path(mutation.module_path).as_posix(), mutation.operator_name, mutation.occurrence)


def _keys(session: WorkDB) -> Iterator[tuple[str, Key]]:
    for item in session.work_items:
        yield item.job_id, _key(item.mutations[0])


def prepared(copy: Path, session: Path, files: Sequence[str], tests: Sequence[str], seconds: float) -> Path:
    """A configuration of cosmic-ray, and its session with every mutant of the files unless there is one already."""
    config = session.with_suffix(".toml")
    config.write_text(
        "[cosmic-ray]\n"
        f"module-path = {json.dumps(list(files))}\n"
        f"timeout = {seconds:.1f}\n"
        "excluded-modules = []\n"
        f"test-command = {json.dumps(shlex.join(_tests(tests)))}\n"
        '[cosmic-ray.distributor]\nname = "local"\n',
        encoding="utf-8",
    )
    if not session.exists():
        subprocess.run([*_tool("init"), str(config), str(session)], cwd=copy, check=True, capture_output=True)
    return config


def _tool(verb: str) -> list[str]:
    return [sys.executable, "-m", "cosmic_ray.cli", verb]


def only(session: Path, chosen: Collection[Key]) -> None:
    """Mark every other mutant as skipped."""
    with use_db(str(session), WorkDB.Mode.open) as db:
        done = {job for job, _ in db.results}
        for job, key in list(_keys(db)):
            if key not in chosen and job not in done:
                db.set_result(job, WorkResult(worker_outcome=WorkerOutcome.SKIPPED, test_outcome=None))


def outcomes(session: Path) -> dict[Key, str]:
    """What became of each mutant that was run: killed, survived or incompetent (the mutant cannot be run)."""
    with use_db(str(session), WorkDB.Mode.open) as db:
        keys = dict(_keys(db))
        return {
            keys[job]: TestOutcome(result.test_outcome).value
            for job, result in db.results
            if result.worker_outcome is not WorkerOutcome.SKIPPED and result.test_outcome is not None
        }


def executed(copy: Path, config: Path, session: Path) -> dict[Key, str]:
    """Run what is open in the session."""
    subprocess.run([*_tool("exec"), str(config), str(session)], cwd=copy, env=environment(copy), check=True,
                   capture_output=True)  # fmt: skip
    return outcomes(session)


def baseline_s(copy: Path, tests: Sequence[str]) -> float:
    """Seconds of the tests without any mutation.

    Raises
    ------
    RuntimeError
        When they fail.
    """
    began = time.monotonic()
    done = subprocess.run(_tests(tests), cwd=copy, env=environment(copy), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the tests fail without any mutation: {done.stdout[-400:]}")
    return time.monotonic() - began


def run(subject: Subject, mutants: int, seed: str, state: Path) -> dict[str, object]:
    """The score of one subject; the sessions are kept in ``state``."""
    files, tests = found(subject.files, ROOT / "model"), found(subject.tests, ROOT / "tests")
    golden = found(GOLDEN, ROOT / "tests")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
        session = state / "tests.sqlite"
        config = prepared(copy, session, files, tests, 30.0 + 4.0 * baseline_s(copy, tests))
        with use_db(str(session), WorkDB.Mode.open) as db:
            every = sorted(key for _, key in _keys(db))
        only(session, set(random.Random(seed).sample(every, min(mutants, len(every)))))
        result = executed(copy, config, session)
        survivors = {key for key, outcome in result.items() if outcome == "survived"}
        noticed: dict[Key, str] = {}
        if survivors:
            second = state / "golden.sqlite"
            config = prepared(copy, second, files, golden, 30.0 + 4.0 * baseline_s(copy, golden))
            only(second, survivors)
            noticed = {key: outcome for key, outcome in executed(copy, config, second).items() if key in survivors}
    by_golden = {key for key, outcome in noticed.items() if outcome == "killed"}
    counts, done = Counter(result.values()), max(1, len(result))
    score = (done - len(survivors)) / done
    return {
        "files": files, "places": len(every), "mutants": len(result), "killed": counts["killed"],
        "killed_by_golden": len(by_golden), "survived": len(survivors - by_golden), "incompetent": counts["incompetent"],
        "score": round((done - len(survivors - by_golden)) / done, 3), "score_without_golden": round(score, 3),
        "standard_error": round((score * (1.0 - score) / done) ** 0.5, 3), "seconds": round(time.monotonic() - began),
        "survivors": sorted(f"{path} {operator} {number}" for path, operator, number in survivors),
    }  # fmt: skip


def main() -> int:
    """Run and print one line of JSON a subject."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=200, help="of each subject")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--subject", choices=tuple(SUBJECTS), action="append")
    parser.add_argument("--state", type=Path, help="folder where the sessions are kept")
    arguments = parser.parse_args()
    bad = 0
    for name in arguments.subject or SUBJECTS:
        with tempfile.TemporaryDirectory() as folder:
            state = Path(folder) if arguments.state is None else arguments.state / f"{name}-{arguments.seed}"
            state.mkdir(parents=True, exist_ok=True)
            try:
                result = run(SUBJECTS[name], arguments.mutants, f"{name} {arguments.seed}", state)
            except RuntimeError as problem:
                result, bad = {"problem": str(problem)}, bad + 1
        sys.stdout.write(json.dumps({"subject": name, "seed": arguments.seed} | result, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
