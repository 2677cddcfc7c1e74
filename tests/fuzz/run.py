"""A seeded fuzzing campaign: ``python -m tests.fuzz.run --cases 100000 --seed 1 [--target NAME] [--seconds S]``.

Case ``i`` of a seed is always the same bytes, so a report of (target, seed, case) is enough to see it again
(``--show``). An accepted case may become a seed of later ones of its block. Time is processor time of the case; memory is the
largest resident size of the process.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import signal
import sys
import time
import traceback
import warnings
from dataclasses import asdict, dataclass, field
from types import FrameType

from tests.fuzz.mutate import damaged
from tests.fuzz.targets import TARGETS, Target, check

SLOWEST_S = 1.0
STOP_S = 20.0
LARGEST_MB = 500.0
BLOCK = 500
"""Cases that share the inputs found on the way; a block can be run again alone."""


@dataclass
class Report:
    """What a campaign on one target did."""

    target: str
    seed: int
    cases: int = 0
    accepted: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    slowest_case: int = -1
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


class Hang(BaseException):
    """The case did not end; not an Exception, so that nothing swallows it."""


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Hang


def inputs(target: Target, seed: int, block: int) -> random.Random:
    """The source of chance of a block."""
    return random.Random(f"{target.name} {seed} {block}")


def campaign(target: Target, cases: int, seed: int, seconds: float = 1e9, show: int = -1) -> Report:
    """Run cases until their number or the time is used up."""
    report = Report(target.name, seed)
    started = time.monotonic()
    signal.signal(signal.SIGVTALRM, _stop)
    warnings.simplefilter("error")  # a warning would reach the user's terminal beside the one sentence
    fixed = target.seeds()
    first = 0 if show < 0 else show - show % BLOCK
    pool: list[bytes] = []
    chance = random.Random()
    for case in range(first, cases):
        if case % BLOCK == 0:
            chance, pool = inputs(target, seed, case // BLOCK), list(fixed)
        if time.monotonic() - started > seconds:
            break
        data = damaged(chance.choice(pool), target.kind, chance, target.largest)
        if case == show:
            sys.stdout.buffer.write(data + b"\n")
            sys.stdout.flush()
        outcome, took, problem = one(target, data)
        report.cases += 1
        report.accepted += outcome == "accepted"
        report.refused += outcome == "refused"
        if took > report.slowest_s:
            report.slowest_s, report.slowest_case = round(took, 3), case
        if took > SLOWEST_S and problem is None:
            problem = f"took {took:.2f} s"
        if problem is not None and len(report.problems) < 50:
            report.problems.append(f"{target.name} --seed {seed} --show {case}: {problem}")
        if outcome == "accepted" and len(data) < target.largest // 2 and len(pool) < 200:
            pool.append(data)
        if case == show:
            break
    report.seconds = round(time.monotonic() - started, 1)
    return report


def one(target: Target, data: bytes) -> tuple[str, float, str | None]:
    """Outcome, processor seconds, and what is wrong (None: nothing)."""
    signal.setitimer(signal.ITIMER_VIRTUAL, STOP_S)
    before = time.process_time()
    try:
        outcome, problem = check(target, data), None
    except Hang:
        outcome, problem = "problem", f"did not end in {STOP_S} s"
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        outcome, problem = (
            "problem",
            f"{type(error).__name__}: {error!s:.300} ({where.filename.split('/')[-1]}:{where.lineno})",
        )
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return outcome, time.process_time() - before, problem


def memory_mb() -> float:
    """Largest resident size of this process so far, 1e6 bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def main() -> int:
    """Run and print one line of JSON a target; the exit status is 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000, help="of all targets together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", choices=tuple(TARGETS), action="append")
    parser.add_argument("--seconds", type=float, default=1e9, help="of all targets together")
    parser.add_argument("--show", type=int, default=-1, help="print the bytes of one case of one target")
    arguments = parser.parse_args()
    chosen = [target for name, target in TARGETS.items() if target.ready() and name in (arguments.target or TARGETS)]
    shares = sum(target.share for target in chosen)
    bad = False
    for target in chosen:
        cases = max(1, round(arguments.cases * target.share / shares)) if arguments.show < 0 else arguments.show + 1
        report = campaign(target, cases, arguments.seed, arguments.seconds / len(chosen), arguments.show)
        if memory_mb() > LARGEST_MB:
            report.problems.append(f"{target.name}: the process grew to {memory_mb():.0f} MB")
        bad = bad or bool(report.problems)
        sys.stdout.write(json.dumps(asdict(report) | {"memory_mb": round(memory_mb())}, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
