"""Layers that mix tokens through a state of constant size instead of attention: state-space, gated delta, linear attention,
gated recurrences and short convolutions.

A hybrid model has such a *mixer* in some of its layers, instead of attention or beside it. Sizes: ``heads`` H of ``head_dim`` P
(values), ``key_heads`` G of ``state`` N (keys; in a state-space layer groups and state size), a convolution over ``conv``
tokens.

References
----------
Mamba-2: Dao and Gu, arXiv 2405.21060 (state space duality, section 6: the chunked algorithm). Gated delta: Yang et al., arXiv
2412.06464. Kimi delta attention: arXiv 2510.26692. Lightning attention: MiniMax-01, arXiv 2501.08313. Mamba (the first):
Gu and Dao, arXiv 2312.00752, section 3. RG-LRU: De et al. (Griffin), arXiv 2402.19427, section 2.4. Short convolutions: the
``Lfm2ShortConv`` of transformers. Parameters follow the classes of transformers (Mamba2Mixer, Qwen3NextGatedDeltaNet,
MiniMaxLightningAttention, MambaMixer, RecurrentGemmaRecurrentBlock, Lfm2ShortConv).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from mitsumori.model.architecture.shape import Architecture
from mitsumori.model.base.arrays import Num, pick, real

__all__ = [
    "CHUNK",
    "MIXERS",
    "Widths",
    "mixer_matrices",
    "mixer_vectors",
    "saved_states",
    "scan_flop",
    "state_bytes",
    "widths",
]

MIXERS: Final = ("none", "mamba2", "gated_delta", "kimi_delta", "lightning", "mamba", "rg_lru", "short_conv")
"""Kinds of mixer; codes of ``Architecture.mixer`` index them. In the last three each column of the values has a state of its
own (``state_dim`` numbers in Mamba, one in an RG-LRU, none in a short convolution)."""
_MAMBA, _RG_LRU, _CONV = 5, 6, 7
CHUNK: Final = np.array([1.0, 256.0, 64.0, 64.0, 256.0, 2048.0, 1.0, 1.0])
"""Tokens of a chunk by kind: 256 in Mamba-2's kernels and lightning attention's, 64 in those of the delta rule, 2,048 in the
selective scan of Mamba; an RG-LRU keeps its state at every token."""
SCAN_OPERATIONS: Final = 9.0
"""Operations of a selective scan a token, channel and number of its state: decay, input, sum and output."""
STEP_SIZE_DIVISOR: Final = 16.0
"""Rank of Mamba's step size: a sixteenth of the model's width, rounded up (arXiv 2312.00752, section 3.6)."""
STATE_ELEMENT_BYTES: Final = 4.0
"""States are kept in 32 bits (arXiv 2405.21060, and transformers' caches)."""


class Widths(NamedTuple):
    """Columns of a mixer: values ``H P``, keys ``G N``, and what enters the convolution."""

    values: Num
    keys: Num
    convolved: Num


def widths(arch: Architecture) -> Widths:
    """``H P``, ``G N`` and what is convolved.

    ``H P + 2 G N`` where keys are convolved too; ``H P`` in Mamba (whose keys are inputs and outputs of the state), in an
    RG-LRU and in a short convolution (which have none); nothing in lightning attention.
    """
    kind = np.asarray(arch.mixer)
    values = real(arch.mixer_heads) * arch.mixer_head_dim
    keys = pick(kind >= _RG_LRU, 0.0, real(arch.mixer_key_heads) * arch.mixer_state_dim)
    convolved = pick(kind >= _MAMBA, values, values + 2.0 * keys)
    return Widths(values, keys, pick(np.asarray(arch.mixer_conv) > 0, convolved, 0.0))


def _of_kind(arch: Architecture, *by_kind: Num) -> Num:
    """What a layer of the architecture's kind has, of one value for each kind after ``none``; 0 without a mixer."""
    kind, found = np.asarray(arch.mixer), real(by_kind[-1])
    for code in range(len(by_kind) - 1, 0, -1):
        found = pick(kind == code, by_kind[code - 1], found)
    return pick(kind == 0, 0.0, found)


def mixer_matrices(arch: Architecture) -> Num:
    """Matrix parameters of one mixer.

    Mamba-2 ``h (2 H P + 2 G N + H) + H P h``; gated delta ``h (2 H P + 2 G N + 2 H) + H P h``; Kimi delta
    ``h (H P + 2 G N + H + N + P) + N G N + P H P + H P h`` (decay and output gate of low rank); lightning attention ``5 h H P``
    (query, key, value, gate, output); Mamba ``2 h H P + H P (2 R + 2 N) + H P h`` with R = h / 16; RG-LRU
    ``2 h H P + 2 H P P + H P h`` (gates block by block); short convolution ``3 h H P + H P h``.
    """
    h, heads = real(arch.hidden), real(arch.mixer_heads)
    v, k, _ = widths(arch)
    out = v * h
    n, p = real(arch.mixer_state_dim), real(arch.mixer_head_dim)
    return _of_kind(
        arch,
        h * (2.0 * v + 2.0 * k + heads) + out,
        h * (2.0 * v + 2.0 * k + 2.0 * heads) + out,
        h * (v + 2.0 * k + heads + n + p) + n * k + p * v + out,
        h * 4.0 * v + out,
        h * 2.0 * v + v * (2.0 * np.ceil(h / STEP_SIZE_DIVISOR) + 2.0 * n) + out,
        h * 2.0 * v + 2.0 * v * p + out,
        h * 3.0 * v + out,
    )


def mixer_vectors(arch: Architecture) -> Num:
    """Vectors of one mixer: convolution, decay, skip and the norm of its output.

    Mamba-2 ``(H P + 2 G N)(conv + 1) + 3 H + H P``; gated delta ``(H P + 2 G N) conv + 2 H + P``; Kimi delta
    ``(H P + 2 G N) conv + G N + H + P``; lightning attention ``H P``; Mamba ``H P (conv + 3 + N)``; RG-LRU
    ``H P (conv + 6) + h``, biases of its products included; short convolution ``H P conv``.
    """
    heads, p, conv = real(arch.mixer_heads), real(arch.mixer_head_dim), real(arch.mixer_conv)
    v, k, convolved = widths(arch)
    return _of_kind(
        arch, convolved * (conv + 1.0) + 3.0 * heads + v, convolved * conv + 2.0 * heads + p,
        convolved * conv + k + heads + p, v, v * (conv + 3.0 + real(arch.mixer_state_dim)),
        v * (conv + 6.0) + real(arch.hidden), v * conv,
    )  # fmt: skip


def _states(arch: Architecture) -> Num:
    """Numbers of a mixer's state: ``H P N``; one a column in an RG-LRU, none in a short convolution."""
    kind = np.asarray(arch.mixer)
    each = pick(kind == _RG_LRU, 1.0, pick(kind == _CONV, 0.0, real(arch.mixer_state_dim)))
    return real(arch.mixer_heads) * arch.mixer_head_dim * each


def scan_flop(arch: Architecture) -> Num:
    """Forward operations of one token and mixer in the chunked algorithm, as matrix products.

    With chunks of Q tokens: scores and values inside a chunk ``2 Q (N + P)`` a head, what enters and leaves the state
    ``4 N P``; the delta rule also solves for its updates, ``2 Q (2 N + P) + 2 N P`` more. Heads share a group's scores. A
    selective scan (Mamba, RG-LRU) has ``9`` operations for each number of its state, a short convolution no scan.
    """
    q = CHUNK[np.asarray(arch.mixer)]
    heads, n, p = real(arch.mixer_heads), real(arch.mixer_state_dim), real(arch.mixer_head_dim)
    groups = np.minimum(real(arch.mixer_key_heads), heads)
    plain = 2.0 * q * (groups * n + heads * p) + heads * 4.0 * n * p
    solved = plain + heads * (2.0 * q * (2.0 * n + p) + 2.0 * n * p)
    selective = SCAN_OPERATIONS * _states(arch)
    return _of_kind(arch, plain, solved, solved, plain, selective, selective, 0.0)


def saved_states(arch: Architecture) -> Num:
    """Numbers of states that a mixer keeps a token for its backward pass: one state a chunk, ``H P N / Q``."""
    return _states(arch) / CHUNK[np.asarray(arch.mixer)]


def state_bytes(arch: Architecture, element_bytes: Num = 2.0) -> Num:
    """Bytes that one sequence keeps over all mixers, whatever its length: the states and the last tokens of the convolution.

    ``(4 H N P + element_bytes x convolved columns x (conv - 1)) x mixers``

    Parameters
    ----------
    arch
        Shape of the model; its fields are numbers or arrays.
    element_bytes
        Bytes of a convolution's element, 2 in 16 bits.
    """
    state = STATE_ELEMENT_BYTES * _states(arch)
    tail = element_bytes * widths(arch).convolved * np.maximum(real(arch.mixer_conv) - 1.0, 0.0)
    return pick(np.asarray(arch.mixer) == 0, 0.0, (state + tail) * arch.mixer_layers)
