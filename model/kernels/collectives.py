"""Collectives: bytes that a rank sends, and the rate at which it does.

A ring moves ``(n - 1) / n`` of the whole through every rank (Korthikanti et al., arXiv 2205.05198 section 4.2.2);
formulas and constants of docs/method.md 4.3 and 4.5.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Num, pick, some

ELEMENT_BYTES: Final = 2.0
"""Activations and their gradients travel in 16 bits."""
RING_BYTES: Final = 12.0
"""Context parallelism by a ring, a key/value column and further rank: keys and values forward (2 x 2 bytes), again and with
their gradients backward (4 x 2 bytes)."""
EXCHANGE_BYTES: Final = 16.0
"""Context parallelism by all-to-all, a column of any head: queries and outputs, keys and values (4 bytes) and their gradients
(4), counted twice: an assumption of the first fit, scaled with the ring by ``cp_exposed``."""
ALL_TO_ALLS: Final = 4.0
"""Expert parallelism: dispatch and combine, forward and backward (docs/method.md 4.3)."""


def ring_bytes(rounds: Num, members: Num, tokens: Num, width: Num) -> Num:
    """Bytes a rank sends in all-gathers and reduce-scatters: ``rounds (n - 1) / n tokens width 2``.

    Parameters
    ----------
    rounds
        Collectives.
    members
        Ranks of the group, n.
    tokens, width
        Shape of the whole tensor.
    """
    return rounds * (members - 1.0) / members * tokens * width * ELEMENT_BYTES


def context_bytes(
    heads: Num, kv_heads: Num, head_dim: Num, members: Num, tensor_parallel: Num, tokens: Num, stated: Num = -1.0
) -> Num:
    """Bytes a rank sends for one layer's attention, both passes: the smaller of a ring and an all-to-all, or the stated one.

    ``min(12 k (c - 1), 16 (a + k)) d / t x tokens`` (ring: arXiv 2310.01889; all-to-all: arXiv 2309.14509).

    Parameters
    ----------
    heads, kv_heads, head_dim
        a, k and the size of a query/key head.
    members, tensor_parallel
        c and t.
    tokens
        Tokens of one rank.
    stated
        Code of :data:`model.architecture.stacks.CONTEXTS`: 0 a ring, 1 an exchange of heads; else the smaller.
    """
    ring, exchange = RING_BYTES * kv_heads * (members - 1.0), EXCHANGE_BYTES * (heads + kv_heads)
    either = pick(np.equal(stated, 0.0), ring, pick(np.equal(stated, 1.0), exchange, np.minimum(ring, exchange)))
    return either * head_dim / tensor_parallel * tokens


def all_to_all_bytes(tokens: Num, width: Num) -> Num:
    """Bytes a rank handles in the four all-to-alls of an expert layer: ``4 tokens width 2``."""
    return ALL_TO_ALLS * tokens * width * ELEMENT_BYTES


def distinct_domains(domains: Num, draws: Num) -> Num:
    """Expected number of ``domains`` that ``draws`` uniformly drawn experts lie in: ``D (1 - (1 - 1/D)^k)``."""
    return domains * (1.0 - (1.0 - 1.0 / domains) ** draws)


def mesh_share(members: Num, domain: Num, mesh: Num) -> Num:
    """Share of an accelerator's link that a group inside a domain has: ``(g - 1) / (n - 1)`` of a mesh, else all of it.

    In a mesh every pair is joined by wires of its own, so a group of two of eight has a seventh of the link.

    Parameters
    ----------
    members
        Ranks of the group, g.
    domain
        Accelerators that the link joins, n.
    mesh
        1 where the link joins pairs, 0 where a switch or a torus lets any two use all of it.
    """
    if not some(mesh):
        return 1.0
    inside = np.minimum(members, domain)
    part = (inside - 1.0) / np.maximum(domain - 1.0, 1.0)
    return pick(np.asarray(mesh) > 0, pick(inside > 1, part, 1.0), 1.0)


def group_rate(members: Num, stride: Num, domain: Num, link: Num, nic: Num, mesh: Num = 0.0) -> Num:
    """Bandwidth of one rank of a group whose members lie ``stride`` ranks apart, bytes/s.

    Inside one scale-up domain the link; across, the members that share a server pool their network adapters, up to the
    link's own rate.

    Parameters
    ----------
    members, stride
        Ranks of the group and the distance between them.
    domain
        Accelerators of a scale-up domain.
    link, nic
        Sustained rate of the scale-up link and of one rank's network adapter, bytes/s.
    mesh
        1 where the link joins pairs (:func:`mesh_share`).
    """
    together = np.minimum(np.maximum(domain / stride, 1.0), members)
    own = link * mesh_share(together, domain, mesh)
    return pick(members * stride <= domain, own, np.minimum(own, nic * together))
