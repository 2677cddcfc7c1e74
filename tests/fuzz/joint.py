"""Joint cases over the whole field space of a plan, through estimate, advise, table, serve, export, import and the
window's store, with what must hold of each (:mod:`tests.fuzz.promises`).

``python -m tests.fuzz.joint --through estimate --cases 10000 --seed 1 [--state FILE]`` runs in pieces of a few hundred plans;
with ``--state`` finished pieces are kept there, and the same call goes on where it was stopped; ``--workers`` share the pieces.
Plans are drawn with plain random numbers, a piece from its number. A case in twenty keeps every promise; the others keep, by turns,
some of the dear ones (a text in one language, two of the monotone changes). Every broken promise is reported with the changes
that made the plan, made as few as still break it (:func:`smallest`). Time is processor time.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import multiprocessing
import random
import resource
import sys
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from tests.fuzz.plans import RandomSource, plan_data
from tests.fuzz.promises import THROUGH
from tests.fuzz.targets import Broken, check_sentence

PIECE: Final = {
    "estimate": 200,
    "advise": 50,
    "table": 100,
    "serve": 25,
    "export": 10,
    "import": 100,
    "store": 50,
    "calendar": 25,
}
"""Plans of a piece: about half a minute."""
SLOWEST_S: Final = {
    "estimate": 1.0, "advise": 20.0, "table": 5.0, "serve": 2.0, "export": 8.0, "import": 5.0, "store": 5.0,
    "calendar": 10.0,
}  # fmt: skip
"""Processor seconds of a case; an estimate is one tick of a slider, the others wait in the background."""
LARGEST_MB: Final = 500.0
MOST_SHRUNK: Final = 3
"""Broken promises of a piece whose changes are made fewer, which takes a run a change."""


def case(base: Plan, changes: Mapping[str, Any], through: str, turn: int | None = None) -> str:
    """Run one case; ``accepted`` or ``refused``, and anything else is raised. ``turn`` as in :func:`through_estimate`."""
    try:
        plan = base.with_values(dict(changes))
        began = time.process_time()
        THROUGH[through](plan, turn)
        took = time.process_time() - began
    except Refusal as refusal:
        check_sentence(refusal)
        return "refused"
    allowed = SLOWEST_S[through] * (6.0 if through == "estimate" else 1.0)  # with those of the monotone changes
    if took > allowed:
        raise Broken(f"took {took:.1f} s")
    return "accepted"


def smallest(base: Plan, changes: Mapping[str, Any], through: str, turn: int | None = None) -> dict[str, Any]:
    """As few of a failing case's changes as break the same promise still: each is left out that is not needed."""

    def broken(some: Mapping[str, Any]) -> str:
        try:
            case(base, some, through, turn)
        except Exception as error:
            return _where(error)
        return ""

    kept, wanted = dict(changes), broken(changes)
    for path in list(changes):
        fewer = {name: value for name, value in kept.items() if name != path}
        if broken(fewer) == wanted:
            kept = fewer
    return kept


def _where(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} {Path(frame.filename).name}:{frame.lineno}"


def piece(through: str, number: int, cases: int) -> dict[str, Any]:
    """One piece of a campaign: always the same plans for a number; what was found."""
    report: dict[str, Any] = {
        "through": through,
        "piece": number,
        "accepted": 0,
        "refused": 0,
        "slowest_s": 0.0,
        "problems": [],
    }
    source = RandomSource(random.Random(number))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a warning would reach the user's terminal beside the one sentence
        for place in range(cases):
            base, changes = plan_data(source)
            turn = None if place % 20 == 0 else place
            began = time.process_time()
            try:
                report[case(base, changes, through, turn)] += 1
            except Exception as error:
                few = smallest(base, changes, through, turn) if len(report["problems"]) < MOST_SHRUNK else changes
                problem = f"{_where(error)}: {error!s:.300}"
                shown = {path: str(value) for path, value in few.items()}
                report["problems"].append({"problem": problem, "base": base.name, "place": place, "changes": shown})
            report["slowest_s"] = max(report["slowest_s"], round(time.process_time() - began, 3))
    report["memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)
    return report


@functools.cache
def warmed() -> None:
    """Catalogues read and constants parsed, so that no case pays for them."""
    estimate(Plan())


def _lines(state: Path) -> Iterator[dict[str, Any]]:
    """Finished pieces; a line that a kill cut short is left out, and its piece runs again."""
    for line in state.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(ValueError):
            yield json.loads(line)


def campaign(
    through: str, cases: int, first: int, state: Path | None, seconds: float = 1e9, workers: int = 1
) -> dict[str, Any]:
    """Pieces until there are so many cases, those of ``state`` counted; the sums, and every problem."""
    warmed()
    done: dict[int, dict[str, Any]] = {}
    if state is not None and state.exists():
        done = {line["piece"]: line for line in _lines(state) if line["through"] == through}
    began = time.monotonic()
    wanted = range(first, first + max(1, -(-cases // PIECE[through])))
    left = [(through, number, min(PIECE[through], cases)) for number in wanted if number not in done]
    for found in _pieces(left, workers):
        done[found["piece"]] = found
        if state is not None:
            with state.open("a", encoding="utf-8") as file:  # begins on a line of its own even behind a line cut short
                file.write("\n" + json.dumps(found, ensure_ascii=False) + "\n")
        if time.monotonic() - began > seconds:
            break
    parts = [done[number] for number in wanted if number in done]
    return {
        "target": f"joint {through}", "seed": first, "accepted": sum(p["accepted"] for p in parts),
        "refused": sum(p["refused"] for p in parts), "slowest_s": max((p["slowest_s"] for p in parts), default=0.0),
        "memory_mb": max((p["memory_mb"] for p in parts), default=0), "seconds": round(time.monotonic() - began, 1),
        "problems": [problem for p in parts for problem in p["problems"]][:50],
    }  # fmt: skip


def _pieces(left: list[tuple[str, int, int]], workers: int) -> Iterator[dict[str, Any]]:
    """The pieces as they are finished."""
    if workers == 1:
        yield from (piece(*one) for one in left)
        return
    with multiprocessing.get_context("spawn").Pool(workers, initializer=warmed) as pool:
        yield from pool.imap_unordered(_piece, left)


def _piece(one: tuple[str, int, int]) -> dict[str, Any]:
    return piece(*one)


def main() -> int:
    """Run and print one line of JSON; the exit status is 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--through", choices=tuple(THROUGH), required=True)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="number of the first piece")
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    report = campaign(
        arguments.through, arguments.cases, arguments.seed, arguments.state, arguments.seconds, arguments.workers
    )
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    return 1 if report["problems"] or report["memory_mb"] > LARGEST_MB else 0


if __name__ == "__main__":
    sys.exit(main())
