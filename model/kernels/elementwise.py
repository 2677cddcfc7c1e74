"""Element-wise work: what is bound by memory traffic alone. Bytes counted a token, over the memory's bandwidth.

Counted from the graph of a layer in 16 bits (docs/method.md 4.2); the fitted constants ``elementwise``, ``cast``,
``permute`` and ``biased_expert`` scale the counts.
"""

from __future__ import annotations

from typing import Final

from mitsumori.model.base.arrays import Num

HIDDEN_BYTES: Final = 20.0
"""A token and hidden unit, forward: two norms (read, write) and two residual sums (read two, write one), 10 accesses of 2
bytes."""
ROTARY_BYTES: Final = 4.0
"""A token and column of queries and keys, forward: read and written in 16 bits."""
ACTIVATION_BYTES: Final = 4.0
"""A token and column of the gate and up projections, forward: read and written in 16 bits."""
BOTH_PASSES: Final = 2.0
"""The backward pass moves what the forward pass moves."""
CAST_BYTES: Final = 4.0
"""A cast: 16 bits read, a row-wise and a column-wise copy of 8 bits written."""
PERMUTE_BYTES: Final = 16.0
"""A routed token and hidden unit: out to the experts and back, read and written in 16 bits, in both passes."""
LOGIT_BYTES: Final = 30.0
"""Loss over one logit in both passes: an assumption of the first fit, of the order of 15 accesses in 16 bits (written, cast
to 32 bits, maximum, exponential, sum, gradient)."""
ACCESS_BYTES: Final = 2.0
"""One access in 16 bits."""


def layer_width_bytes(hidden: Num, sequence_parallel: Num, rotated: Num, tensor_parallel: Num) -> Num:
    """Bytes a token of norms, residuals and rotary embedding, forward: ``20 h / sp + 4 (a + k) d / t``.

    Parameters
    ----------
    hidden
        h.
    sequence_parallel
        Ranks that share the tokens of norms and residuals: t with sequence parallelism, else 1.
    rotated
        Columns of queries and keys, ``(a + k) d``.
    tensor_parallel
        t.
    """
    return HIDDEN_BYTES * hidden / sequence_parallel + ROTARY_BYTES * rotated / tensor_parallel


def elementwise_s(tokens: Num, width_bytes: Num, s_per_byte: Num) -> Num:
    """Seconds of both passes: ``2 tokens x width_bytes x s_per_byte`` (bytes a token forward; felt seconds a byte).

    Parameters
    ----------
    tokens
        Tokens of one micro-batch on one accelerator; a number or an array.
    width_bytes
        Bytes of traffic a token in the forward pass.
    s_per_byte
        Seconds a byte of memory traffic.
    """
    return BOTH_PASSES * tokens * s_per_byte * width_bytes


def cast_s_per_element(low: Num, passes: Num, slowdown: Num, memory_bytes_per_s: Num) -> Num:
    """Seconds to cast one input element of a linear layer: ``4 bytes x passes / bandwidth`` where ``low``.

    Parameters
    ----------
    low
        1 where products have inputs of 8 bits or fewer.
    passes
        Casts an element, fitted.
    slowdown
        Factor of the compiler (XLA fuses most casts).
    memory_bytes_per_s
        Bandwidth of the memory.
    """
    return CAST_BYTES * low * passes * slowdown / memory_bytes_per_s


def permutation_s(routed: Num, hidden: Num, passes: Num, slowdown: Num, memory_bytes_per_s: Num) -> Num:
    """Seconds to sort routed tokens by expert and back: ``16 bytes x routed x hidden x passes / bandwidth``.

    Parameters
    ----------
    routed
        Routed tokens of one accelerator.
    hidden
        Width of the model.
    passes
        Memory passes over the routed tokens.
    slowdown
        Factor of unfused kernels, 1 or more.
    memory_bytes_per_s
        Memory bandwidth.
    """
    return PERMUTE_BYTES * routed * hidden * passes * slowdown / memory_bytes_per_s


def loss_s(tokens: Num, vocabulary: Num, memory_bytes_per_s: Num) -> Num:
    """Seconds of softmax, loss and its gradient over the logits of a rank: ``30 bytes x tokens x vocabulary / bandwidth``.

    Parameters
    ----------
    tokens
        Tokens of one micro-batch on one accelerator; a number or an array.
    vocabulary
        Entries of the vocabulary.
    memory_bytes_per_s
        Memory bandwidth.
    """
    return LOGIT_BYTES * tokens * vocabulary / memory_bytes_per_s
