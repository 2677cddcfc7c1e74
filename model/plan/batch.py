"""Which numbers of replicas a cluster allows, and the batch or the cluster that is nearest to one asked for.

A layout gives every replica whole micro-batches (:func:`model.plan.resolve.batch_divides`). The replicas are what is left of
the cluster after its split ``tp * pp * cp``, so some batches cannot be divided on some clusters at all: 128 sequences on 41
servers of 8 GPUs would need 41 pipeline stages of a model of 32 layers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from mitsumori.model.architecture.parallelism import DATA_PARALLEL_STACKS
from mitsumori.model.base import format as fmt
from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.plan.inputs import within
from mitsumori.model.plan.resolve import Resolved

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Nearest:
    """What is nearest to the batch on the cluster: another batch on as many servers, or fewer or more servers.

    ``servers`` is None where no number of servers up to twice as many divides the batch.
    """

    batch: int
    servers: int | None


def divisors(number: int) -> tuple[int, ...]:
    """All divisors, ascending."""
    small = [d for d in range(1, math.isqrt(number) + 1) if number % d == 0]
    return tuple(sorted({*small, *(number // d for d in small)}))


def _splits(heads: int, layers: int, seq_len: int, gpus: int, stack: str) -> Ints:
    """Every product ``tp * pp * cp`` up to ``gpus`` that the model allows, ascending, on a cluster of any size.

    The rules of :func:`model.plan.resolve._check_layout`: tp divides the heads, pp is at most the layers, 2 * cp divides the
    sequence length. LLM Foundry runs data parallel only.
    """
    if stack in DATA_PARALLEL_STACKS:
        return np.ones(1, dtype=np.int64)
    tp = np.array([d for d in divisors(heads) if within("parallel.tp", d)], dtype=np.int64)
    pp = np.array([d for d in range(1, min(layers, gpus) + 1) if within("parallel.pp", d)], dtype=np.int64)
    contexts = [d for d in divisors(seq_len // 2) if within("parallel.cp", d)] if seq_len % 2 == 0 else [1]
    cp = np.array(contexts, dtype=np.int64)
    outer = np.unique(np.multiply.outer(tp[tp <= gpus], cp[cp <= gpus]))
    every: Ints = np.unique(np.multiply.outer(outer[outer <= gpus], pp))
    return every[every <= gpus]


def nearest(resolved: Resolved) -> Nearest:
    """The batch and the number of servers nearest to the plan's with which some layout gives whole sequences.

    Parameters
    ----------
    resolved
        The plan; its own layout is not looked at.

    Returns
    -------
    Nearest
        ``batch`` in sequences: the nearest multiple of a possible number of replicas, of two equally near ones the
        smaller. ``servers`` likewise: the count nearest to the plan's whose accelerators are a split times a divisor of
        the batch.
    """
    arch, par = resolved.architecture, resolved.plan.parallel
    shape = arch.shared_heads, int(arch.layers), par.seq_len
    of_server, servers = resolved.accelerators_per_server, resolved.plan.cluster.servers
    return _nearest(*shape, par.stack, of_server, servers, resolved.global_batch)


def divides(resolved: Resolved, most: float = math.inf) -> bool:
    """Whether some layout of the cluster with at most so many replicas gives each whole sequences of the plan's batch."""
    arch, par = resolved.architecture, resolved.plan.parallel
    shape = arch.shared_heads, int(arch.layers), par.seq_len
    replicas = _replicas(*shape, par.stack, resolved.accelerators)[0]
    return bool(((resolved.global_batch % replicas == 0) & (replicas <= most)).any())


@lru_cache(maxsize=64)
def _replicas(heads: int, layers: int, seq_len: int, stack: str, gpus: int) -> tuple[Ints, Ints]:
    """Replicas that some layout of so many accelerators has, and the splits of a model up to twice as many."""
    splits = _splits(heads, layers, seq_len, 2 * gpus, stack)
    replicas = gpus // splits[gpus % np.minimum(splits, gpus) == 0]
    return replicas[replicas > 0], splits


@lru_cache(maxsize=256)
def _nearest(heads: int, layers: int, seq_len: int, stack: str, of_server: int, servers: int, wanted: int) -> Nearest:
    gpus = of_server * servers
    replicas, splits = _replicas(heads, layers, seq_len, stack, gpus)
    down = wanted // replicas * replicas
    batches = np.concatenate((down[down > 0], down + replicas))
    accepted = np.array([within("parallel.global_batch", int(batch)) for batch in batches])
    batches = batches[accepted] if accepted.any() else batches
    batch = int(batches[np.lexsort((batches, np.abs(batches - wanted)))[0]])
    parts = np.array(divisors(wanted), dtype=np.int64)
    sizes = np.unique(np.multiply.outer(parts[parts <= 2 * gpus], splits))
    counts = sizes[(sizes % of_server == 0) & (sizes <= 2 * gpus)] // of_server
    if not len(counts):
        return Nearest(batch, None)
    return Nearest(batch, int(counts[np.lexsort((counts, np.abs(counts - servers)))[0]]))


def dividing_servers(resolved: Resolved, most: int) -> tuple[int, ...] | None:
    """Numbers of servers up to ``most`` on which some layout divides the batch that was asked for, ascending; None: all do."""
    if resolved.batch_is_free:
        return None
    arch, par, of_server = resolved.architecture, resolved.plan.parallel, resolved.accelerators_per_server
    gpus = most * of_server
    splits = _splits(arch.shared_heads, int(arch.layers), par.seq_len, gpus, par.stack)
    parts = np.array(divisors(resolved.global_batch), dtype=np.int64)
    found = [part * splits[splits <= gpus // part] for part in parts[parts <= gpus]]
    sizes = np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)
    return tuple((sizes[sizes % of_server == 0] // of_server).tolist())


def indivisible(resolved: Resolved, used: int) -> Finding:
    """The cluster cannot divide the batch: what the figures are for, and what would mend it."""
    shown = {
        "wanted": fmt.whole(resolved.global_batch),
        "gpus": fmt.whole(resolved.accelerators),
        "used": fmt.whole(used),
    }
    remedies = [
        Remedy("training_remedy_batch", {"parallel.global_batch": used}, {"batch": fmt.whole(used)}, recommended=True)
    ]
    servers = nearest(resolved).servers
    if servers is not None:
        change = {"cluster.servers": servers}
        remedies.append(Remedy("memory_remedy_servers", change, {"servers": fmt.whole(servers)}))
    return Finding("training_batch_indivisible", "bad", "parallel.global_batch", shown, tuple(remedies))
