"""Runs a subject's tests on many mutants without starting an interpreter for each.

A process that has collected the tests forks a child for every mutant. A mutant inside a function is put in place by
exchanging the code of the function objects, whoever imported them by whatever name; the child then runs the tests that executed
the mutated statement until one fails: first those that killed mutants nearby, then a case of every test, shortest first. A
mutant at the level of a module (a constant, a default) is only seen by an import, so those run in children of a process that
knows the libraries but no module of ours yet: the child imports the mutated module and collects the tests itself.

Results that tests compute while they are collected are those of the unchanged program: a fault that only shows there counts as
survived, never as killed.
"""

from __future__ import annotations

import gc
import importlib.abc
import importlib.machinery
import importlib.util
import io
import os
import pickle
import resource
import signal
import sys
import tempfile
import time
import traceback
import types
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import coverage
import pytest
from _pytest.runner import runtestprotocol

from tests.mutation.places import Place, mutated

ROOT = Path(__file__).parents[2]
SURVIVED, KILLED, BY_GOLDEN, BROKEN = 0, 1, 2, 3
OPTIONS = (
    "-q", "-x", "-p", "no:cacheprovider", "-p", "no:pytest-qt", "--no-header",
    "-W", "ignore::pytest.PytestAssertRewriteWarning", "-c", str(ROOT / "pyproject.toml"),
)  # fmt: skip
LIBRARIES = ("numpy", "scipy.optimize", "pydantic", "hypothesis", "openpyxl", "numpy_financial", "pandas")
"""What tests import besides us; known before the fork, so that children need not import it again."""
MEMORY_BYTES = 8 * 2**30
"""Address space of a mutant's child: one that asks for more is killed."""


@dataclass(frozen=True)
class Mutant:
    """A place of a file (``model/training/step.py``)."""

    file: str
    place: Place

    def code(self) -> types.CodeType:
        """The mutated module, compiled with its own lines."""
        return compile(mutated(_source(self.file), self.place.index)[0], str(ROOT / self.file), "exec")

    def words(self) -> str:
        """The change in one line."""
        return f"{self.file} {mutated(_source(self.file), self.place.index)[1]}"


@cache
def _source(file: str) -> str:
    """The module's text, read once: somebody may be working in the tree while a campaign runs."""
    return (ROOT / file).read_text(encoding="utf-8")


# --- children ---------------------------------------------------------------------------------------------------------


def _child(work: Callable[[], int], cpu_s: float | None = None) -> int:
    """Fork a child that does ``work`` and leaves with its result as exit status; its process id.

    With ``cpu_s`` it is a mutant's: silent, and bounded in processor time and memory.
    """
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    status = BROKEN
    try:
        if cpu_s is not None:
            limit = max(2, round(cpu_s))
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, 1)
            os.dup2(sink, 2)
        status = work()
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(status)


def _outcome(status: int) -> str:
    """What became of a child: killed, survived, killed_by_golden, or timeout where it used too much processor time."""
    if os.WIFSIGNALED(status):
        return "timeout" if os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL) else "killed"
    names = {SURVIVED: "survived", KILLED: "killed", BY_GOLDEN: "killed_by_golden"}
    return names.get(os.WEXITSTATUS(status), "broken")


def _several(
    mutants: Sequence[Mutant], work: Callable[[Mutant], tuple[Callable[[], int], float]], jobs: int, until: float
) -> dict[Mutant, str]:
    """Outcome of each mutant, ``jobs`` children at a time; no further ones after the time ``until``."""
    running: dict[int, Mutant] = {}
    outcomes: dict[Mutant, str] = {}
    waiting = list(reversed(mutants))
    while running or waiting:
        while waiting and len(running) < jobs and time.monotonic() < until:
            mutant = waiting.pop()
            running[_child(*work(mutant))] = mutant
        if not running:
            break
        pid, status = os.wait()
        if pid in running:
            mutant, outcome = running.pop(pid), _outcome(status)
            if outcome == "broken":
                raise RuntimeError(f"the engine could not run {mutant.words()}")
            outcomes[mutant] = outcome
            if (outcome in ("survived", "killed_by_golden") or len(outcomes) % 20 == 0) and sys.__stderr__:
                sys.__stderr__.write(f"{len(outcomes)} of {len(mutants)}, {outcome}: {mutant.words()}\n")
                sys.__stderr__.flush()
    return outcomes


def _failing(items: Sequence[pytest.Item]) -> str | None:
    """The first test that fails; no further ones are run. None when all pass (or none covers the line)."""
    for item, following in zip(items, [*items[1:], None][: len(items)], strict=True):
        try:
            if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
                return item.nodeid
        except BaseException:  # a mutant may do anything
            return item.nodeid
    return None


# --- mutants inside functions -----------------------------------------------------------------------------------------


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


class _InMemory:
    """Our function objects and caches in this process, whoever holds them by whatever name."""

    def __init__(self) -> None:
        self.functions: dict[tuple[str, str, int], list[types.FunctionType]] = {}
        self.caches = []
        for thing in gc.get_objects():
            if isinstance(thing, types.FunctionType):
                code = thing.__code__
                key = (code.co_filename, code.co_qualname, code.co_firstlineno)
                if code.co_filename.startswith(str(ROOT)):
                    self.functions.setdefault(key, []).append(thing)
            elif callable(getattr(type(thing), "cache_clear", None)) and str(
                getattr(thing, "__module__", "")
            ).startswith(("mitsumori.", "tests.")):
                self.caches.append(thing)

    def put_in_place(self, mutant: Mutant) -> None:
        """Exchange the code of every function object of the mutated function, and forget what caches remember."""
        name, found = str(mutant.place.function), 0
        for code in _codes(mutant.code()):
            if code.co_qualname == name or code.co_qualname.startswith(f"{name}."):
                for function in self.functions.get((code.co_filename, code.co_qualname, code.co_firstlineno), ()):
                    if len(code.co_freevars) == len(function.__code__.co_freevars):
                        function.__code__ = code
                        found += 1
        for remembered in self.caches:
            remembered.cache_clear()
        if not found:
            raise LookupError(f"{mutant.file} has no function {name} in memory")


class _Session:
    """A pytest plugin: collected tests, what each covers, and a run of mutants instead of a run of tests."""

    def __init__(self, files: Sequence[str], golden: Sequence[str], mutants: Sequence[Mutant], jobs: int, until: float):
        self.files, self.golden, self.mutants, self.jobs, self.until = files, golden, mutants, jobs, until
        self.answer: dict[str, Any] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.of_golden = [item for item in items if item.nodeid.startswith(tuple(self.golden))]
        self.items = [item for item in items if item not in self.of_golden]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> bool:
        baseline = self._baseline()
        if baseline is None:
            self.answer = {"problem": "the tests fail without any mutation"}
            return True
        self.seconds, self.covered = baseline
        self.memory = _InMemory()
        gc.collect()
        gc.freeze()  # so that a child's garbage collection does not copy the pages of everything imported
        with tempfile.TemporaryDirectory() as folder:
            self.killers = Path(folder) / "killers"
            self.killers.touch()
            found = _several(self.mutants, self._work, self.jobs, self.until)
        self.answer = {"outcomes": found, "seconds": self.seconds}
        return True

    def _baseline(self) -> tuple[dict[str, float], dict[tuple[str, int], set[str]]] | None:
        """Seconds of each test, and which tests execute a line; measured in a child, so that nothing is remembered here."""

        def measure() -> tuple[dict[str, float], dict[tuple[str, int], set[str]]] | None:
            seconds = {}
            watch = coverage.Coverage(data_file=None, include=[str(ROOT / file) for file in self.files])
            watch.start()
            for item, following in zip(self.items, [*self.items[1:], None], strict=True):
                watch.switch_context(item.nodeid)
                started = time.process_time()
                if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
                    return None
                seconds[item.nodeid] = time.process_time() - started
            watch.stop()
            data, covered = watch.get_data(), {}
            for path in data.measured_files():
                name = Path(path).relative_to(ROOT).as_posix()
                covered |= {(name, line): set(tests) for line, tests in data.contexts_by_lineno(path).items()}
            return seconds, covered

        return _answer(measure)

    def _work(self, mutant: Mutant) -> tuple[Callable[[], int], float]:
        lines = range(mutant.place.first, mutant.place.last + 1)
        names: set[str] = set().union(*(self.covered.get((mutant.file, line), set()) for line in lines))
        chosen = [item for item in self.items if item.nodeid in names]
        promise, turns = self._promise(mutant), Counter[str]()
        chosen.sort(key=lambda item: self.seconds[item.nodeid])
        order: dict[str, tuple[float, int]] = {}
        for item in chosen:
            # one case of every test before the second of any, two before the fourth ...
            function = item.nodeid.partition("[")[0]
            turns[function] += 1
            order[item.nodeid] = (-promise.get(item.nodeid, 0.0), turns[function].bit_length())
        chosen.sort(key=lambda item: order[item.nodeid])

        def work() -> int:
            self.memory.put_in_place(mutant)
            killer = _failing(chosen)
            if killer is not None:
                with self.killers.open("a", encoding="utf-8") as stream:
                    stream.write(f"{mutant.file}\t{mutant.place.first}\t{killer}\n")
                return KILLED
            return BY_GOLDEN if _failing(self.of_golden) else SURVIVED

        return work, 30.0 + 5.0 * sum(self.seconds[item.nodeid] for item in chosen)

    def _promise(self, mutant: Mutant) -> dict[str, float]:
        """How promising each test is: what has killed mutants near this one comes first, quick tests before slow ones."""
        promise: dict[str, float] = {}
        for line in self.killers.read_text(encoding="utf-8").splitlines():
            file, number, killer = line.split("\t")
            near = 1.0 / (1.0 + abs(int(number) - mutant.place.first)) if file == mutant.file else 0.01
            promise[killer] = promise.get(killer, 0.0) + near / (0.01 + self.seconds[killer])
        return promise


# --- mutants seen by an import ----------------------------------------------------------------------------------------


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the mutated code where the mutated module is imported."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.name = mutant.file.removesuffix(".py").replace("/", ".")

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> Any:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, ROOT / self.mutant.file, loader=self)

    def exec_module(self, module: types.ModuleType) -> None:
        exec(self.mutant.code(), module.__dict__)


class _Sorted:
    """A pytest plugin: the shortest tests first."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self.seconds.get(item.nodeid, 0.0))


def _pytest(tests: Sequence[str], *options: str, plugins: Sequence[object] = ()) -> int:
    arguments = [*OPTIONS, *options, *(str(ROOT / test) for test in tests)]
    return int(pytest.main(arguments, plugins=list(plugins)))


def _afresh(
    mutant: Mutant, tests: Sequence[str], golden: Sequence[str], seconds: dict[str, float]
) -> tuple[Callable[[], int], float]:
    """The work of a child that imports the mutated module and collects the tests itself, and its processor time."""

    def work() -> int:
        sys.meta_path.insert(0, _Mutated(mutant))
        codes = (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED)
        for paths, killed in ((tests, KILLED), *([(golden, BY_GOLDEN)] if golden else [])):
            code = _pytest(paths, plugins=[_Sorted(seconds)])
            if code in codes:
                return BROKEN
            if code:
                return killed
        return SURVIVED

    return work, 60.0 + 5.0 * sum(seconds.values())


def _answer(work: Callable[[], Any]) -> Any:
    """What ``work`` returns in a child of its own (through a pipe); None when the child died."""
    reading, writing = os.pipe()

    def child() -> int:
        os.close(reading)
        with os.fdopen(writing, "wb") as stream:
            pickle.dump(work(), stream)
        return SURVIVED

    pid = _child(child)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        answer = stream.read()
    os.waitpid(pid, 0)
    return pickle.loads(answer) if answer else None


def _lines_of_collection(files: Sequence[str], tests: Sequence[str]) -> set[tuple[str, int]]:
    """Lines that are executed while modules are imported and tests collected."""
    watch = coverage.Coverage(data_file=None, include=[str(ROOT / file) for file in files])
    watch.start()
    with redirect_stdout(io.StringIO()):
        _pytest(tests, "--collect-only")
    watch.stop()
    data = watch.get_data()
    return {(Path(p).relative_to(ROOT).as_posix(), line) for p in data.measured_files() for line in data.lines(p) or ()}


# --- both -------------------------------------------------------------------------------------------------------------


def outcomes(
    mutants: Sequence[Mutant], tests: Sequence[str], golden: Sequence[str], jobs: int, seconds: float
) -> dict[Mutant, str]:
    """What became of each mutant that there was time for: killed, timeout, killed_by_golden or survived.

    Called in a process that has not imported any module of ours; raises ``RuntimeError`` where the tests do not run.
    """
    until = time.monotonic() + seconds
    os.environ["MITSUMORI_HYPOTHESIS"] = "mutants"
    for library in LIBRARIES:
        importlib.import_module(library)
    files = sorted({mutant.file for mutant in mutants})
    for file in files:
        _source(file)
    inside = [mutant for mutant in mutants if mutant.place.function is not None]
    outside = [mutant for mutant in mutants if mutant.place.function is None]

    def session() -> dict[str, Any]:
        plugin = _Session(files, golden, inside, jobs, until)
        printed = io.StringIO()
        with redirect_stdout(printed), redirect_stderr(printed):
            _pytest((*tests, *golden), plugins=[plugin])
        return plugin.answer or {"problem": f"the tests cannot be collected: {printed.getvalue()[-1000:]}"}

    found = _answer(session) or {"problem": "the process of the tests died"}
    if "problem" in found:
        raise RuntimeError(found["problem"])
    early = _answer(partial(_lines_of_collection, files, tests))
    known: dict[Mutant, str] = found["outcomes"]
    for mutant, outcome in known.items():
        lines = range(mutant.place.first, mutant.place.last + 1)
        if outcome in ("survived", "killed_by_golden") and any((mutant.file, line) in early for line in lines):
            outside.append(mutant)
    work = partial(_afresh, tests=tests, golden=golden, seconds=found["seconds"])
    return known | _several(outside, work, jobs, until)
