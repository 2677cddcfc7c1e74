"""Kill a saving program at random moments and at every step of a save, and see what is left.

``python -m tests.kills.campaign --kills 300 --seed 1 --json``. A child process saves (or autosaves) project after project
and tells the number of each one that is safely on disk; SIGKILL ends it; then the file must hold the last one told or the
next, whole, and one more save must leave nothing behind but the file and its backup.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from mitsumori.model.base import files as atomic
from mitsumori.model.plan.autosave import Copies
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, load_project, parse_project, save_project

STEPS = ("open", "fdopen", "fsync", "link", "replace", "unlink", "chmod")


def project(number: int) -> Project:
    """Project ``number``: several scenarios, so that a save is more than one disk block."""
    plans = [
        Plan(name=f"案 {number}", notes={"money.usd_jpy": "株式会社 " + "あ" * 150}) for _ in range(1 + number % 20)
    ]
    return Project(plans=tuple(plan.with_values({f"notes.{i}": "x" * 180 for i in range(40)}) for plan in plans))


def number_of(found: Project) -> int:
    """The number of a project made by :func:`project`; every scenario must have it."""
    names = {plan.name for plan in found.plans}
    number = int(names.pop().split()[1])
    if names or len(found.plans) != 1 + number % 20:
        raise AssertionError("a mixture of two saves")
    return number


def save_forever(folder: Path, told: int, before: Callable[[], None]) -> None:
    """Save into the project's file again and again."""
    before()
    for number in range(1, 10**9):
        save_project(project(number), folder / "計画 A.mitsumori")
        os.write(told, b"%d\n" % number)


def autosave_forever(folder: Path, told: int, before: Callable[[], None]) -> None:
    """Write the copy of unsaved work again and again."""
    copies = Copies(folder)
    before()
    for number in range(1, 10**9):
        copies.write(project(number), folder / "計画 A.mitsumori")
        os.write(told, b"%d\n" % number)


def die_at(step: int) -> Callable[[], None]:
    """Make the process kill itself right before call ``step`` to the operating system that a save makes."""

    def install() -> None:
        count = [0]

        def guard(function: Callable[..., object]) -> Callable[..., object]:
            def call(*arguments: object, **named: object) -> object:
                count[0] += 1
                if count[0] == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                return function(*arguments, **named)

            return call

        for name in STEPS:
            setattr(os, name, guard(getattr(os, name)))

    return install


def nothing() -> None:
    """Do not interfere."""


def one_kill(work: Callable[[Path, int, Callable[[], None]], None], folder: Path, delay_s: float, step: int) -> int:
    """Let a child work in ``folder``, kill it, and return the last number it told (0: none).

    ``step`` 0 kills after ``delay_s``; else the child kills itself at that step.
    """
    reading, telling = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            work(folder, telling, die_at(step) if step else nothing)
        finally:
            os._exit(7)
    os.close(telling)
    if not step:
        time.sleep(delay_s)
        os.kill(child, signal.SIGKILL)
    told = b""
    deadline = time.monotonic() + 20
    while True:
        ready, _, _ = select.select([reading], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            os.kill(child, signal.SIGKILL)
            raise AssertionError("the child did not end")
        part = os.read(reading, 65536)
        if not part:
            break
        told += part
    os.close(reading)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        raise AssertionError(f"the child ended by itself with status {status}")
    lines = told.split(b"\n")[:-1]
    return int(lines[-1]) if lines else 0


def check_save(folder: Path, told: int) -> None:
    """What a killed save left: the old or the new content, whole, and nothing else after the next save."""
    path = folder / "計画 A.mitsumori"
    if path.exists():
        found = number_of(load_project(path))
        if not told <= found <= told + 1:
            raise AssertionError(f"save {told} was done and {found} is in the file")
    elif told:
        raise AssertionError("the file is gone")
    kept = atomic.backup_of(path)
    if kept.exists():
        older = number_of(parse_project(kept.read_bytes(), kept.name))
        if not max(1, told - 1) <= older <= told + 1:
            raise AssertionError(f"save {told} was done and {older} is in the backup")
    atomic.clean_leftovers(path, older_than_s=0)
    save_project(project(told + 2), path)
    names = {item.name for item in folder.iterdir()}
    if not names <= {path.name, kept.name}:
        raise AssertionError(f"left behind: {sorted(names)}")


def check_autosave(folder: Path, told: int) -> None:
    """What a killed autosave left: one abandoned copy with the old or the new content, that can be adopted."""
    atomic.LEFTOVER_AGE_S, age = 0.0, atomic.LEFTOVER_AGE_S
    try:
        after = Copies(folder)
        found = after.abandoned()
    finally:
        atomic.LEFTOVER_AGE_S = age
    if len(found) > 1 or (told and not found):
        raise AssertionError(f"{len(found)} copies after {told}")
    if list(folder.glob("*.unreadable")):
        raise AssertionError("half a copy")
    if found:
        number = number_of(found[0].project)
        if not told <= number <= told + 1:
            raise AssertionError(f"copy {told} was written and {number} is there")
        if found[0].origin != folder / "計画 A.mitsumori":
            raise AssertionError(f"origin {found[0].origin}")
        after.adopt(found[0])
        if number_of(load_project(after.path)) != number:
            raise AssertionError("lost when adopted")
    after.close()
    for item in folder.glob("*.lock"):  # a session killed before its first copy; a minute later it is cleaned by itself
        item.unlink()
    for item in folder.glob("*.origin"):
        item.unlink()
    for item in folder.glob(".*.tmp"):
        atomic.clean_leftovers(item.with_name(item.name[1:].rsplit(".", 2)[0]), older_than_s=0)
    if left := [item.name for item in folder.iterdir()]:
        raise AssertionError(f"left behind: {left}")


def run(kills: int, seed: int) -> dict[str, object]:
    """Half of the kills during saves, half during autosaves; of each, every step once and the rest at random moments."""
    chance = random.Random(seed)
    done: dict[str, object] = {"kills": 0, "at_steps": 0, "problems": []}
    problems: list[str] = []
    states = {"nothing saved": 0, "between": 0}
    started = time.monotonic()
    modes = ((save_forever, check_save), (autosave_forever, check_autosave))
    for index in range(kills):
        work, check = modes[index % 2]
        step = index // 2 + 1 if index // 2 < min(24, kills // 4) else 0
        with tempfile.TemporaryDirectory(prefix="kill ") as name:
            folder = Path(name) / "文書 と 空白"
            folder.mkdir()
            told = one_kill(work, folder, chance.uniform(0.0, 0.06), step)
            states["between" if told else "nothing saved"] += 1
            try:
                check(folder, told)
            except Exception as problem:
                problems.append(f"{work.__name__} seed {seed} kill {index} step {step}: {problem!r}")
        done["kills"] = index + 1
        done["at_steps"] = int(str(done["at_steps"])) + bool(step)
    done |= {"problems": problems, "seconds": round(time.monotonic() - started, 1), **states}
    return done


def main() -> int:
    """Run and print one line of JSON; the exit status is 1 when anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    result = run(arguments.kills, arguments.seed)
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return 1 if result["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
