"""Attention: operations and time of the score and value products, and the key/value cache of a token.

FlashAttention: Dao et al., arXiv 2205.14135; Dao, arXiv 2307.08691; Shah et al., arXiv 2407.08608. Formula and constants:
docs/method.md 4.2.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.base.arrays import Num, pick, real
from mitsumori.model.catalogue.accelerators import FAMILIES, Gpu
from mitsumori.model.kernels.constants import Constants


def _of_families(values: dict[str, float], other: float) -> npt.NDArray[np.float64]:
    return np.array([values.get(name, other) for name in FAMILIES])


FORWARD_OF_FAMILY: Final = _of_families(
    {"ampere": 0.99, "ada": 1.0, "hopper": 1.0, "blackwell": 0.89, "blackwell_ultra": 1.14, "rubin": 1.14}, 0.99
)
"""Share of the data sheet that forward attention reaches at long sequences, over Hopper's: A100 0.67, H100 and H200 0.68, B200
and GB200 0.605, B300 and GB300 0.775 (measured kernels, docs/method.md 4.8)."""
HALF_OF_FAMILY: Final = _of_families(
    {"ampere": 0.55, "ada": 0.55, "hopper": 1.0, "blackwell": 1.45, "blackwell_ultra": 1.7, "rubin": 1.7}, 0.55
)
"""Sequence at half rate over Hopper's 1,000 tokens: A100 553, B200 1,350, GB200 1,535, B300 1,594, GB300 1,826."""
HEAD_OF_FAMILY: Final = _of_families({"blackwell": 2.0, "blackwell_ultra": 2.0, "rubin": 2.0}, 1.0)
"""Exponent of a head of 64 over Hopper's: 0.81 of the rate of 128 on Hopper, 0.57-0.68 on Blackwell."""
_MEASURED: Final = np.isin(FAMILIES, ["ampere", "ada", "hopper", "blackwell", "blackwell_ultra", "rubin"])
HOPPER_PRODUCT: Final = 0.80
"""Measured 16-bit product of Hopper over its data sheet. Where nobody measured attention, a part whose products stay below that
share stays below it in attention too: clock, power and libraries hold both back."""
FIRST_GENERATION_YEARS: Final = 3.0
"""Years before the reference of the fit up to which FlashAttention-2 existed (July 2023, arXiv 2307.08691)."""
FIRST_GENERATION: Final = 0.55
"""Rate of the first FlashAttention over the second: 25-40 against 50-73 % of an A100 (arXiv 2307.08691 sections 1 and 4.1).
Counted on Hopper and later, which it was not written for."""
FULL_HEAD: Final = 128.0
"""Size of a head from which a kernel counts as full: the size of nearly every measured model; an assumption above it."""
SCORE_BYTES: Final = 16.0
"""Bytes a score and pass where scores go through memory, eight accesses of 16 bits: an assumption; ``softmax_passes`` is
fitted beside it, so only the product of both counts."""
PASSES_TOGETHER: Final = 3.8
"""``softmax_passes`` counts forward and backward together: 1 + 2.8 forward passes (the prior of ``attention_backward``)."""
UNFUSED_SQUARE: Final = 2.0
"""An unfused kernel computes the whole square of scores, a causal one half of it."""
UNFUSED_BACKWARD: Final = 2.0
"""Backward over forward without a fused kernel: two products for each one, nothing repeated."""
_TUNED_FOR_HOPPER: Final = np.array([name in {"hopper", "blackwell", "blackwell_ultra", "rubin"} for name in FAMILIES])
"""Families on which FlashAttention-2 reaches a part of what newer kernels do (arXiv 2407.08608 section 1)."""


def score_flop(heads: Num, qk_dim: Num, v_dim: Num, span: Num, tokens: Num, tensor_parallel: Num) -> Num:
    """Forward operations of one layer's score and value products on one rank: ``2 a (d_qk + d_v) span T / t``.

    Parameters
    ----------
    heads, qk_dim, v_dim
        Query heads, size of a query/key head, size of a value head.
    span
        Keys a query looks at in the mean (half the sequence under a causal mask).
    tokens
        Queries.
    tensor_parallel
        Ranks that share the heads.
    """
    return 2.0 * heads * (qk_dim + v_dim) * span * tokens / tensor_parallel


def fused_rate(gpu: Gpu, kernel: Num, age_years: Num, qk_dim: Num, attended: Num, constants: Constants) -> Num:
    """Rate of a fused attention kernel, forward, FLOP/s.

    ``data-sheet bf16 x attention_rate x e^family x kernel x (min(d, 128) / 128)^attention_head x n / (n + half)``,
    ``n`` the keys attended, ``kernel`` the class of the software's; rate, half and head exponent by family as measured
    (:data:`FORWARD_OF_FAMILY`, :data:`HALF_OF_FAMILY`, :data:`HEAD_OF_FAMILY`). Where nobody measured the family, the rate is
    lower by what the part's best product lacks of Hopper's share (:data:`HOPPER_PRODUCT`).

    Parameters
    ----------
    gpu
        Accelerators.
    kernel
        1 FlashAttention-2 class, 2 newer (:class:`model.architecture.stacks.Kernels`).
    age_years
        Years before the reference of the fit, of the software stack.
    qk_dim
        Size of a query/key head.
    attended
        Keys the last query sees, tokens.
    constants
        Fitted constants.
    """
    c = constants
    family = np.asarray(gpu.family)
    product = np.minimum(np.asarray(gpu.bf16_matmul) / np.asarray(gpu.bf16_flops) / HOPPER_PRODUCT, 1.0)
    share = c["attention_rate"] * FORWARD_OF_FAMILY[family] * pick(_MEASURED[family], 1.0, product)
    base = np.asarray(gpu.bf16_flops) * share * np.exp(c.effect("family_attention", gpu.family))
    recent = _TUNED_FOR_HOPPER[family]
    older = pick(recent, pick(kernel == 1, c["attention_v2"], np.exp(-c["attention_age"] * age_years)), 1.0)
    older = older * pick(recent & (np.asarray(age_years) > FIRST_GENERATION_YEARS), FIRST_GENERATION, 1.0)
    head = (np.minimum(qk_dim, FULL_HEAD) / FULL_HEAD) ** (c["attention_head"] * HEAD_OF_FAMILY[family])
    return base * older * head * attended / (attended + c["attention_half"] * HALF_OF_FAMILY[family])


def unfused_s(
    flop: Num, rate: Num, heads: Num, sequence: Num, tokens: Num, memory_bytes_per_s: Num, constants: Constants
) -> Num:
    """Forward seconds without a fused kernel: the whole square at a matrix rate, and the scores through memory.

    ``2 flop / (rate x score_rate) + heads x sequence x tokens x 16 bytes x softmax_passes / (3.8 x bandwidth)``

    Parameters
    ----------
    flop
        Of the causal half (:func:`score_flop`).
    rate
        FLOP/s of a large 16-bit product.
    heads
        Query heads of one rank.
    sequence, tokens
        Keys and queries, tokens.
    memory_bytes_per_s
        Bandwidth of the memory.
    constants
        Fitted constants.
    """
    scores = heads * sequence * tokens
    return UNFUSED_SQUARE * flop / (rate * constants["score_rate"]) + (
        scores * SCORE_BYTES * constants["softmax_passes"] / (PASSES_TOGETHER * memory_bytes_per_s)
    )


def cache_bytes_per_token(arch: Architecture, element_bytes: Num = 2.0) -> Num:
    """Key/value cache of one token of all layers with attention, bytes: ``2*k*d*L`` elements, ``(r_kv+d_r)*L`` under MLA."""
    plain = 2.0 * np.asarray(arch.kv_heads) * arch.head_dim
    latent = np.asarray(arch.kv_lora_rank) + arch.qk_rope_dim
    return np.where(arch.mla, latent, plain) * (real(arch.layers) - arch.attention_free_layers) * element_bytes
