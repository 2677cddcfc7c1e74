"""The exhaustive search for a parallel layout: every layout of a space through the single plan's own formulas.

Batches of :func:`model.search.candidates.chunks` are evaluated on a few threads (NumPy works outside the interpreter's
lock), and only the leaders of each are kept, so memory does not grow with the space. Nothing is sampled, and the only
layouts left out are those that the model or the cluster does not allow (the rules of :func:`model.search.candidates.chunks`).
"""

from __future__ import annotations

import math
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.base.arrays import Array
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.kernels.constants import Constants, shipped
from mitsumori.model.plan.resolve import Resolved
from mitsumori.model.search.candidates import (
    MARGIN,
    MAX_CHUNK,
    Chunk,
    Space,
    chunks,
    evaluate,
    full_space,
)
from mitsumori.model.search.single import picked

TIE: Final = 1e-9
"""Layouts within this share of each other's time are equal: the one that leaves more memory is better."""
THREADED: Final = 2_000_000
"""Grid points from which a search uses all cores."""
KEEP: Final = 400
"""Leaders kept of each kind."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One layout: seconds of the cluster for a trained token, peak bytes of a GPU, whether it keeps the margin free."""

    parallel: Parallel
    seconds_per_token: float
    memory_bytes: float
    tight: bool

    @property
    def order(self) -> tuple[float, float]:
        """Faster first; of equals the one that leaves more memory."""
        return self.seconds_per_token, self.memory_bytes


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found.

    Attributes
    ----------
    evaluated
        Layouts that the model and the cluster allow, each evaluated once.
    fitting
        Those of them that fit the card.
    seconds
        Time of the search.
    safe, tight
        Fastest first: layouts that leave :data:`~model.search.candidates.MARGIN` of the card free, and those that only fit.
    least_memory
        Where nothing fits: the layout with the smallest peak, to start from.
    complete
        False when it was cancelled.
    """

    evaluated: int
    fitting: int
    seconds: float
    safe: tuple[Ranked, ...]
    tight: tuple[Ranked, ...]
    least_memory: Ranked | None
    capacity_bytes: float
    complete: bool

    @property
    def best(self) -> Ranked | None:
        """The fastest layout with memory to spare, else the fastest that fits."""
        return self.safe[0] if self.safe else self.tight[0] if self.tight else None


@dataclass(frozen=True, slots=True)
class _Found:
    """Some layouts of the batches: arrays of seconds, bytes, the batch's number and the index within it."""

    seconds: Array
    memory: Array
    chunk: Array
    index: Array

    @classmethod
    def none(cls) -> _Found:
        empty = np.zeros(0)
        return cls(empty, empty, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))

    def best(self, keep: int) -> _Found:
        """The fastest; of equals those that leave more memory."""
        order = np.lexsort((self.memory, self.seconds))[:keep]
        return _Found(self.seconds[order], self.memory[order], self.chunk[order], self.index[order])

    def joined(self, other: _Found, keep: int) -> _Found:
        if not len(other.seconds):
            return self
        pairs = ((getattr(self, name), getattr(other, name)) for name in self.__dataclass_fields__)
        return _Found(*(np.concatenate(pair) for pair in pairs)).best(keep)

    def limit(self, keep: int) -> float:
        """What a layout must beat to be among the leaders."""
        return float(self.seconds[keep - 1]) if len(self.seconds) >= keep else math.inf


@dataclass(frozen=True, slots=True)
class _Part:
    """What one batch contributes."""

    count: int
    fitting: int
    safe: _Found
    tight: _Found
    least: _Found


def search(
    resolved: Resolved,
    space: Space | None = None,
    *,
    precisions: Sequence[str] | None = None,
    constants: Constants | None = None,
    keep: int = KEEP,
    threads: int | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[float], None] | None = None,
    most: int = MAX_CHUNK,
) -> SearchResult:
    """Evaluate every layout of a space.

    Parameters
    ----------
    resolved
        Plan joined with the catalogue; its own layout is not looked at.
    space
        Candidate values; None is :func:`model.search.candidates.full_space`.
    precisions
        Number formats to try; None is the plan's own.
    constants
        Fitted constants; the shipped ones where None.
    keep
        Leaders of each kind to return.
    threads
        Worker threads; None is one a core from :data:`THREADED` points on, else one: threads share the interpreter's lock
        between array operations, which costs a short search more than it gains.
    cancelled
        Asked between batches (some milliseconds each); work in the background gives way there, so it may take its time.
    progress
        Told the share done, 0 to 1, from the calling thread.
    most
        Points of a batch; a batch needs about 400 bytes of temporaries a point.

    Returns
    -------
    SearchResult
        Fastest first.
    """
    begun = time.perf_counter()
    constants = constants or shipped()
    gpu = resolved.gpu
    space = space or full_space(resolved)
    names = tuple(precisions or (resolved.plan.parallel.precision,))
    work: list[Chunk] = []
    complete = True
    for chunk in (chunk for name in names for chunk in chunks(resolved, space, precision=name, most=most)):
        work.append(chunk)
        # Laying out a large space takes tens of milliseconds too.
        if cancelled():
            complete = False
            work.clear()
            break
    total = max(1, sum(math.prod(chunk.shape) for chunk in work))
    safe, tight, least = _Found.none(), _Found.none(), _Found.none()
    evaluated = fitting = done = 0

    def one(number: int) -> _Part:
        if cancelled():
            # What waits in the queue of a cancelled search is not worked on.
            return _Part(0, 0, _Found.none(), _Found.none(), _Found.none())
        return _evaluate(resolved, work[number], number, gpu, constants, keep, (safe.limit(keep), tight.limit(keep)))

    for number, part in _spread(one, len(work), threads or _threads(total), cancelled):
        if part is None:
            complete = False
            break
        evaluated, fitting, done = evaluated + part.count, fitting + part.fitting, done + math.prod(work[number].shape)
        safe, tight = safe.joined(part.safe, keep), tight.joined(part.tight, keep)
        if len(part.least.memory) and (not len(least.memory) or part.least.memory[0] < least.memory[0]):
            least = part.least
        if progress is not None:
            progress(done / total)

    def ranked(found: _Found, tight: bool) -> tuple[Ranked, ...]:
        cancelled()  # a last chance to give way
        layouts: list[Parallel | None] = [None] * len(found.chunk)
        for number in np.unique(found.chunk).tolist():
            places = np.flatnonzero(found.chunk == number)
            of = picked(work[number].parallel, work[number].shape, found.index[places])
            for place, layout in zip(places.tolist(), of, strict=True):
                layouts[place] = layout
        rows = zip(layouts, found.seconds.tolist(), found.memory.tolist(), strict=True)
        return tuple(Ranked(layout, seconds, memory, tight) for layout, seconds, memory in rows if layout is not None)

    return SearchResult(
        evaluated, fitting, time.perf_counter() - begun, ranked(safe, False), ranked(tight, True),
        None if fitting else next(iter(ranked(least, True)), None), float(gpu.memory_bytes), complete,
    )  # fmt: skip


def _threads(points: int) -> int:
    return (os.cpu_count() or 1) if points >= THREADED else 1


def _spread(
    one: Callable[[int], _Part], count: int, threads: int, cancelled: Callable[[], bool]
) -> Iterator[tuple[int, _Part | None]]:
    """Results in order; ``None`` for the first batch that a cancelled search does not do."""
    if threads == 1 or count == 1:
        for number in range(count):
            yield number, None if cancelled() else one(number)
        return
    with ThreadPoolExecutor(threads, thread_name_prefix="search") as pool:
        waiting: deque[tuple[int, Future[_Part]]] = deque()
        try:
            for number in range(count):
                waiting.append((number, pool.submit(one, number)))
                if len(waiting) > 2 * threads:
                    first, future = waiting.popleft()
                    yield first, None if cancelled() else future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, None if cancelled() else future.result()
        finally:
            for _, future in waiting:
                future.cancel()


def _evaluate(
    resolved: Resolved,
    chunk: Chunk,
    number: int,
    gpu: Gpu,
    constants: Constants,
    keep: int,
    limits: tuple[float, float],
) -> _Part:
    result = evaluate(resolved, chunk, gpu, constants)
    seconds, memory, capacity = result.seconds_per_token, result.memory_bytes, result.capacity_bytes
    fits = memory <= capacity
    if chunk.valid is not None:
        fits &= chunk.valid
    count, fitting = chunk.count, int(np.count_nonzero(fits))
    safe = tight = least = _Found.none()
    if fitting:
        # Few are fast enough once there are leaders: only those are looked at further.
        index = np.flatnonzero(fits & (seconds <= max(limits)))
        values, bytes_ = _at(seconds, index), _at(memory, index)
        free = bytes_ <= MARGIN * capacity
        safe, tight = (
            _leaders(number, index[wanted], values[wanted], bytes_[wanted], keep)
            for wanted in (free & (values <= limits[0]), ~free & (values <= limits[1]))
        )
    elif count:
        index = np.argmin(memory if chunk.valid is None else np.where(chunk.valid, memory, np.inf)).reshape(1)
        least = _Found(_at(seconds, index), _at(memory, index), np.full(1, number), index)
    return _Part(count, fitting, safe, tight, least)


def _at(values: Array, index: Array) -> Array:
    """Values of a batch at flat indices."""
    found: Array = (
        values.reshape(-1)[index] if values.flags.c_contiguous else values[np.unravel_index(index, values.shape)]
    )
    return found


def _leaders(number: int, index: Array, values: Array, memory: Array, keep: int) -> _Found:
    """The ``keep`` best of some points."""
    if not len(index):
        return _Found.none()
    if len(index) > 2 * keep:
        # Everything within a rounding error of the last place stays, so that ties are decided by memory.
        chosen = np.flatnonzero(values <= np.partition(values, keep - 1)[keep - 1] * (1.0 + TIE))
        index, values, memory = index[chosen], values[chosen], memory[chosen]
    # Times that differ by rounding only count as equal.
    scale = 10.0 ** (np.floor(np.log10(values)) - 9.0)
    values = np.rint(values / scale) * scale
    return _Found(values, memory, np.full(len(index), number), index).best(keep)
