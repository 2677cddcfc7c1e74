"""A transformer architecture counted: parameters and FLOPs from its shape.

:class:`Architecture` holds the dimensions as numbers **or arrays that broadcast** (a table of models, the rows of a
file of runs); every function here is plain arithmetic on them, so there is one implementation for one model and for a
thousand. Symbols as in the literature: L layers, h hidden, f feed-forward width, a query heads, k key/value heads,
d head size, V vocabulary, s sequence length, E experts.

References
----------
Vaswani et al., *Attention Is All You Need*, arXiv 1706.03762; Narayanan et al., arXiv 2104.04473 (FLOPs with the
logit layer); Korthikanti et al., arXiv 2205.05198; DeepSeek-AI, arXiv 2405.04434 section 2.1 (MLA) and 2.2 (DeepSeekMoE).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mitsumori.model.architecture.mixers import mixer_matrices, mixer_vectors, scan_flop
from mitsumori.model.architecture.shape import Architecture as Architecture
from mitsumori.model.base.arrays import Num, cached_for_one, pick, real, some


@dataclass(frozen=True, slots=True)
class ParameterCount:
    """Parameters by part; floats or arrays. ``attention``, ``dense_mlp``... are sums over all layers."""

    attention: Num
    dense_mlp: Num
    experts: Num
    shared_experts: Num
    router: Num
    norms_biases: Num
    embedding: Num
    head: Num
    positions: Num

    @property
    def total(self) -> Num:
        """All parameters."""
        return (
            self.attention + self.dense_mlp + self.experts + self.shared_experts + self.router + self.norms_biases
            + self.embedding + self.head + self.positions
        )  # fmt: skip

    @property
    def non_expert(self) -> Num:
        """Parameters outside the routed experts (sharded by the dense data-parallel group)."""
        return self.total - self.experts


def attention_parameters_per_layer(arch: Architecture) -> Num:
    """Matrix parameters of the attention of one layer.

    ``h*a*d + 2*h*k*d + a*d*h``; under MLA the low-rank projections of arXiv 2405.04434 eq. 9-19:
    ``h*rq + rq*a*(dn+dr) + h*(rkv+dr) + rkv*a*(dn+dv) + a*dv*h`` (full query projection when rq is 0). A gate on the output
    has as many as its projection, ``a*d*h`` or ``a*dv*h``.
    """
    h = real(arch.hidden)
    a, k, d = arch.heads, arch.kv_heads, arch.head_dim
    plain = h * a * d * 2 + 2 * h * k * d + np.asarray(arch.attention_gate) * h * a * d
    qk = arch.qk_nope_dim + arch.qk_rope_dim
    rq, rkv = arch.q_lora_rank, arch.kv_lora_rank
    query = pick(rq > 0, h * rq + rq * a * qk, h * a * qk)
    latent = (
        query + h * (rkv + arch.qk_rope_dim) + rkv * a * (arch.qk_nope_dim + arch.v_head_dim)
        + (1 + np.asarray(arch.attention_gate)) * h * a * arch.v_head_dim
    )  # fmt: skip
    return pick(arch.mla != 0, latent, plain)


def expert_parameters(arch: Architecture) -> Num:
    """Matrix parameters of one routed expert, ``3*h*f_e`` gated or ``2*h*f_e``."""
    return np.asarray(arch.hidden, dtype=np.float64) * arch.moe_ffn * arch.mlp_matrices


@cached_for_one
def parameter_count(arch: Architecture) -> ParameterCount:
    """Count the parameters of an architecture by part.

    Attention per :func:`attention_parameters_per_layer`; feed-forward ``3*h*f`` gated or ``2*h*f``; routed experts and
    router ``E*(3*h*f_e) + h*E`` a MoE layer; two norms a layer and one at the end of ``norm_vectors*h`` (plus the low-rank
    norms of MLA); embeddings ``V*h``, once more when untied; learned positions ``positions*h``; biases where the family has
    them. Multi-token-prediction layers are not counted, as in the published totals.

    Returns
    -------
    ParameterCount
        Floats or arrays of the broadcast shape of the fields used.
    """
    h = np.asarray(arch.hidden, dtype=np.float64)
    layers = np.asarray(arch.layers, dtype=np.float64)
    moe_layers, dense_layers = arch.moe_layers, arch.dense_layers
    attention: Num = layers * attention_parameters_per_layer(arch)
    dense_mlp = dense_layers * h * arch.ffn * arch.mlp_matrices
    experts = moe_layers * arch.moe_experts * expert_parameters(arch)
    shared = moe_layers * h * arch.moe_shared_ffn * arch.mlp_matrices
    router = moe_layers * h * arch.moe_experts
    norms: Num = (2 * layers + 1) * h * arch.norm_vectors
    norms = norms + np.where(arch.mla, layers * (np.asarray(arch.q_lora_rank) + arch.kv_lora_rank), 0)
    qkv_bias = layers * (np.asarray(arch.heads) + 2 * np.asarray(arch.kv_heads)) * arch.head_dim
    all_bias = (
        qkv_bias
        + layers * h
        + dense_layers * (np.asarray(arch.ffn) * (1 + np.asarray(arch.gated_mlp)) + h)
        + moe_layers * arch.moe_experts * (np.asarray(arch.moe_ffn) * (1 + np.asarray(arch.gated_mlp)) + h + 1)
    )
    biases = np.where(arch.linear_bias, all_bias, np.where(arch.attention_bias, qkv_bias, 0))
    embedding = h * arch.vocab
    extra: Num = 0.0
    if some(arch.is_hybrid):
        attends, mixes, either, feeds = arch.shares
        count = layers * mixes
        attention = pick(arch.is_hybrid, attention * attends + count * mixer_matrices(arch), attention)
        dense_mlp, experts, shared, router = dense_mlp * feeds, experts * feeds, shared * feeds, router * feeds
        norms = pick(arch.is_hybrid, (layers * (either + feeds) + 1) * h * arch.norm_vectors, norms)
        extra = pick(arch.is_hybrid, count * mixer_vectors(arch), 0.0)
    return ParameterCount(
        attention=attention,
        dense_mlp=dense_mlp,
        experts=experts,
        shared_experts=shared,
        router=router,
        norms_biases=norms + biases + extra,
        embedding=embedding,
        head=np.where(arch.tied_embeddings, 0.0, embedding),
        positions=h * arch.positions,
    )


@cached_for_one
def active_parameters(arch: Architecture) -> Num:
    """Parameters that work on one token: routed experts counted top-k times, everything else once."""
    count = parameter_count(arch)
    share = np.where(arch.is_moe, np.asarray(arch.moe_topk) / np.maximum(1, arch.moe_experts), 1.0)
    return count.total - count.experts * (1.0 - share)


@cached_for_one
def matrix_parameters_active(arch: Architecture) -> Num:
    """Active parameters that take part in matrix products: no embedding look-up, norms, biases or positions.

    The logit layer counts once whether or not it shares the embedding.
    """
    count = parameter_count(arch)
    share = np.where(arch.is_moe, np.asarray(arch.moe_topk) / np.maximum(1, arch.moe_experts), 1.0)
    return (
        count.attention
        + count.dense_mlp
        + count.experts * share
        + count.shared_experts
        + count.router
        + count.embedding
    )


def effective_attention_span(arch: Architecture, seq_len: Num, causal: bool = True) -> Num:
    """Mean number of keys a query looks at, averaged over layers.

    ``s/2`` under a causal mask (``s`` without); layers with a sliding window w look at about ``min(w, s/2)``
    (exactly ``w - w^2/(2s)`` for w <= s).

    Parameters
    ----------
    arch
        Shape of the model; its fields are numbers or arrays that broadcast against the layouts.
    seq_len
        Tokens of a sequence, 1 or more.
    causal
        Whether a token looks back only.
    """
    s = real(seq_len)
    full = s / 2 if causal else s
    w = np.minimum(real(arch.window), s)
    windowed = w - w * w / (2 * s) if causal else w
    share = pick(arch.window > 0, arch.window_share, 0.0)
    return full * (1 - share) + windowed * share


def attention_flop_per_token(arch: Architecture, seq_len: Num, causal: bool = True) -> Num:
    """Forward FLOPs a token of the score and value products of all layers, ``2*a*(dqk + dv)*span*L``, and of a hybrid's scans.

    Parameters
    ----------
    arch
        Shape of the model; its fields are numbers or arrays that broadcast against the layouts.
    seq_len
        Tokens of a sequence, 1 or more.
    causal
        Whether a token looks back only.
    """
    span = effective_attention_span(arch, seq_len, causal)
    layers: Num = arch.layers
    scanned: Num = 0.0
    if some(arch.is_hybrid):
        layers = real(arch.layers) - arch.attention_free_layers
        scanned = scan_flop(arch) * arch.mixer_layers
    return 2.0 * np.asarray(arch.heads) * (arch.qk_dim + arch.v_dim) * span * layers + scanned


@cached_for_one
def model_flop_per_token(arch: Architecture, seq_len: Num, causal: bool = True) -> Num:
    """Model FLOPs a token of a training step, forward and backward: ``3 * (2*N_active_matrices + attention)``.

    Recomputation is not counted (that would be hardware FLOPs). ``causal`` halves the attention, the convention of
    Megatron-Bridge 25.09 and later; NeMo 24.07 counts it whole (docs/method.md 2.2).

    Parameters
    ----------
    arch
        Shape of the model; its fields are numbers or arrays that broadcast against the layouts.
    seq_len
        Tokens of a sequence, 1 or more.
    causal
        Whether a token looks back only.
    """
    forward: Num = 2.0 * matrix_parameters_active(arch) + attention_flop_per_token(arch, seq_len, causal)
    return 3.0 * forward
