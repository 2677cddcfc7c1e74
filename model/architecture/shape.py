"""The shape of a decoder-only transformer or hybrid: its dimensions, and what follows from them at once."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from mitsumori.model.base.arrays import Array, Num, pick, real

__all__ = ["Architecture"]


@dataclass(frozen=True, slots=True)
class Architecture:
    """The shape of a decoder-only transformer; fields are numbers or arrays that broadcast.

    Attributes
    ----------
    layers, hidden, ffn, heads, kv_heads, head_dim, vocab
        L, h, f (width of a dense feed-forward layer), a, k, d, V (padded as trained).
    gated_mlp, tied_embeddings
        1 for SwiGLU/GeGLU (three matrices), 1 when the output layer shares the embedding.
    moe_experts, moe_topk, moe_ffn, moe_shared_ffn, moe_dense_layers
        E routed experts (0: dense model), experts a token, width of one expert, total width of the shared experts,
        number of leading dense layers.
    mla, q_lora_rank, kv_lora_rank, qk_nope_dim, qk_rope_dim, v_head_dim
        Multi-head latent attention: 1 and its ranks and head sizes; ``q_lora_rank`` 0 is a full query projection.
    window, window_share
        Sliding-window length in tokens and the share of the layers with attention that use it (0: none).
    positions
        Learned absolute positions (parameters ``positions * h``), 0 with rotary or ALiBi.
    linear_bias, attention_bias, norm_vectors
        1 when every linear layer has a bias; 1 when only q, k, v have one; vectors a norm (1 RMSNorm, 2 LayerNorm).
    mtp_layers
        Multi-token-prediction layers trained beside the main ones (DeepSeek-V3: 1); outside the published count.
    mixer, mixer_layers, mixer_heads, mixer_head_dim, mixer_key_heads, mixer_state_dim, mixer_conv
        Of a hybrid: kind (code of :data:`model.architecture.mixers.MIXERS`, 0 none), layers that have one, its value heads and
        their size, key heads (groups) and their size (state), tokens of its convolution (0: none).
    attention_free_layers, ffn_free_layers
        Layers without attention and layers without a feed-forward block (a layer of Nemotron-H is one of the three).
    attention_gate
        1 where attention's output is gated by a projection of its own size (Qwen3-Next).
    """

    layers: Num
    hidden: Num
    ffn: Num
    heads: Num
    kv_heads: Num
    head_dim: Num
    vocab: Num
    gated_mlp: Num = 1
    tied_embeddings: Num = 0
    moe_experts: Num = 0
    moe_topk: Num = 0
    moe_ffn: Num = 0
    moe_shared_ffn: Num = 0
    moe_dense_layers: Num = 0
    mla: Num = 0
    q_lora_rank: Num = 0
    kv_lora_rank: Num = 0
    qk_nope_dim: Num = 0
    qk_rope_dim: Num = 0
    v_head_dim: Num = 0
    window: Num = 0
    window_share: Num = 0.0
    positions: Num = 0
    linear_bias: Num = 0
    attention_bias: Num = 0
    norm_vectors: Num = 1
    mtp_layers: Num = 0
    mixer: Num = 0
    mixer_layers: Num = 0
    mixer_heads: Num = 0
    mixer_head_dim: Num = 0
    mixer_key_heads: Num = 0
    mixer_state_dim: Num = 0
    mixer_conv: Num = 0
    attention_free_layers: Num = 0
    ffn_free_layers: Num = 0
    attention_gate: Num = 0

    @property
    def is_hybrid(self) -> Array:
        """True where some layers mix tokens by another way than attention."""
        return np.asarray(self.mixer) > 0

    @property
    def shared_heads(self) -> int:
        """Heads that tensor parallelism must divide, of one model: attention's, and with a mixer also the mixer's."""
        return math.gcd(int(self.heads), int(self.mixer_heads))

    @property
    def shares(self) -> tuple[Num, Num, Num, Num]:
        """Shares of the layers with attention, with a mixer, with either, and with a feed-forward block."""
        layers = real(self.layers)
        attention = 1.0 - np.asarray(self.attention_free_layers) / layers
        mixer = np.asarray(self.mixer_layers) / layers
        return attention, mixer, np.minimum(1.0, attention + mixer), 1.0 - np.asarray(self.ffn_free_layers) / layers

    @property
    def is_moe(self) -> Array:
        """True where the model has routed experts."""
        return np.asarray(self.moe_experts) > 0

    @property
    def moe_layers(self) -> Num:
        """Layers with routed experts: L minus the leading dense ones, 0 for a dense model."""
        return pick(self.is_moe, np.asarray(self.layers) - self.moe_dense_layers, 0)

    @property
    def dense_layers(self) -> Num:
        """Layers with a dense feed-forward part."""
        return np.asarray(self.layers) - self.moe_layers

    @property
    def mlp_matrices(self) -> Num:
        """Matrices of one feed-forward block: 3 gated, 2 not."""
        return 2 + np.asarray(self.gated_mlp)

    @property
    def qk_dim(self) -> Num:
        """Size of one query/key head (nope + rope under MLA)."""
        return pick(self.mla != 0, self.qk_nope_dim + self.qk_rope_dim, self.head_dim)

    @property
    def v_dim(self) -> Num:
        """Size of one value head."""
        return pick(self.mla != 0, self.v_head_dim, self.head_dim)

    def with_(self, **changes: Num) -> Architecture:
        """A copy with some fields replaced."""
        return replace(self, **changes)
