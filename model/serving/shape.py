"""What serving needs of a model and of its deployment, as arrays of one row a configuration.

Weights by part and precision, cache bytes a token: sizes follow from the shape and the formats alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from mitsumori.model.architecture.mixers import state_bytes
from mitsumori.model.architecture.number_formats import BYTES
from mitsumori.model.architecture.transformer import Architecture, parameter_count
from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.catalogue.accelerators import FAMILIES, Gpu

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

D = TypeVar("D", bound="DataclassInstance")
WEIGHT_BYTES: Final = {name: BYTES[name] for name in ("bf16", "fp8", "nvfp4", "mxfp4", "int4")}
"""Bytes a weight in each format that engines serve."""
EXPERT_TILES: Final = {
    "hopper": (256.0, 64.0), "blackwell": (256.0, 256.0), "rubin": (256.0, 256.0), "cdna": (256.0, 256.0), "": (256.0, 128.0),
}  # fmt: skip
"""Hidden size and width of an expert to whose multiples mxfp4 kernels pad the weights, by family (its name's beginning):
Triton on Hopper, FlashInfer on Blackwell, Marlin elsewhere (vLLM, ``layers/quantization/mxfp4.py``; Hopper as vLLM 0.14
prints it)."""
KV_BYTES: Final = {"bf16": 2.0, "fp8": 1.0}


@dataclass(frozen=True, slots=True)
class ServedModel:
    """Parameters by part and cache of a model; floats or arrays.

    ``attention``, ``dense`` (dense and shared feed-forward, router), ``experts`` (routed, all layers), ``head`` (logits) and
    ``other`` (look-up table, norms) in parameters; ``cache_elements`` kept a token and full-attention layer;
    ``full_layers`` and ``window_layers`` keep a cache, ``linear_layers`` none; ``sparse_top`` tokens that sparse attention
    reads (0: all); ``state_bytes`` that the mixers of a hybrid keep a sequence, whatever its length; ``expert_width`` of one
    expert's feed-forward; ``qk_norm`` 1 where queries and keys are normalised by kernels of their own.
    """

    layers: Num
    hidden: Num
    attention: Num
    dense: Num
    experts: Num
    head: Num
    other: Num
    expert_count: Num
    topk: Num
    moe_layers: Num
    shared_layers: Num
    mla: Num
    heads: Num
    kv_heads: Num
    cache_elements: Num
    decode_dim: Num
    prefill_dim: Num
    full_layers: Num
    window_layers: Num
    window: Num
    linear_layers: Num
    sparse_top: Num
    block_fp8: Num
    state_bytes: Num = 0.0
    expert_width: Num = 0.0
    qk_norm: Num = 0.0

    @property
    def total(self) -> Num:
        """All parameters that an engine loads."""
        return self.attention + self.dense + self.experts + self.head + self.other


def served_model(
    arch: Architecture, *, scale: Num = 1.0, linear_share: Num = 0.0, sparse_top: Num = 0.0, block_fp8: Num = 0.0,
    qk_norm: Num = 0.0,
) -> ServedModel:  # fmt: skip
    """Count a shape for serving.

    Parameters
    ----------
    arch
        Shape; fields may be arrays.
    scale
        The user's parameter count over the shape's.
    linear_share
        Share of layers with linear attention: no cache that grows.
    sparse_top, block_fp8, qk_norm
        Tokens read by sparse attention; 1 where the fp8 checkpoint is block-scaled; 1 where queries and keys are normalised.
    """
    count = parameter_count(arch)
    mla = np.asarray(arch.mla)
    layers = np.asarray(arch.layers, dtype=float)
    free = np.asarray(arch.attention_free_layers)
    linear = layers * linear_share + arch.mixer_layers
    windowed = np.where(np.asarray(arch.window) > 0, (layers - free) * arch.window_share, 0.0)
    latent = np.asarray(arch.kv_lora_rank) + arch.qk_rope_dim
    return ServedModel(
        layers=layers, hidden=arch.hidden, attention=count.attention * scale,
        dense=(count.dense_mlp + count.shared_experts + count.router) * scale, experts=count.experts * scale,
        head=count.embedding * scale,
        other=(np.where(arch.tied_embeddings, 0.0, count.embedding) + count.norms_biases + count.positions) * scale,
        expert_count=arch.moe_experts, topk=arch.moe_topk, moe_layers=arch.moe_layers,
        shared_layers=np.where(np.asarray(arch.moe_shared_ffn) > 0, arch.moe_layers, 0.0), mla=mla, heads=arch.heads,
        kv_heads=np.where(mla, 1, arch.kv_heads),
        cache_elements=np.where(mla, latent, 2.0 * np.asarray(arch.kv_heads) * arch.head_dim),
        decode_dim=np.where(mla, 2.0 * np.asarray(arch.kv_lora_rank) + arch.qk_rope_dim, 2.0 * np.asarray(arch.head_dim)),
        prefill_dim=np.asarray(arch.qk_dim) + arch.v_dim, full_layers=layers * (1.0 - linear_share) - free - windowed,
        window_layers=windowed,
        window=arch.window, linear_layers=linear, sparse_top=sparse_top, block_fp8=block_fp8,
        state_bytes=state_bytes(arch), expert_width=arch.moe_ffn, qk_norm=qk_norm,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deployment:
    """How one replica is laid out; floats or arrays.

    ``gpus`` of one pipeline stage, ``pp`` stages, ``dp`` data-parallel attention groups, ``expert_ranks`` over which whole
    experts are spread (the rest of the ranks cut each one), bytes a weight of attention,
    feed-forward, experts; ``kv_bytes`` an element; ``flops`` dense FLOP/s of the activations' format; ``fp8`` and ``nvfp4`` 1
    where the activations are narrowed to it (not where only the weights are stored so); ``draft`` tokens
    verified a step (1: none) and ``accepted`` tokens a step (NaN: the fitted standard); ``engine`` a code; ``year`` of release;
    ``hidden_tile`` and ``width_tile`` sizes to whose multiples the experts' weights are padded; ``drafter`` the model of its
    own that drafts, on the same accelerators (None: none, or the model's own layers).
    """

    gpus: Num
    pp: Num
    dp: Num
    expert_ranks: Num
    attention_bytes: Num
    dense_bytes: Num
    expert_bytes: Num
    kv_bytes: Num
    flops: Num
    fp8: Num
    nvfp4: Num
    draft: Num
    accepted: Num
    engine: Num
    year: Num
    hidden_tile: Num = 1.0
    width_tile: Num = 1.0
    drafter: Drafter | None = None

    @property
    def attention_ranks(self) -> Array:
        """Tensor ranks of one attention group."""
        return np.asarray(np.asarray(self.gpus) / np.asarray(self.dp))

    def laid_out(self, tp: Num, pp: Num, ep: Num, dp_attention: Num) -> Deployment:
        """The same on a replica of the given axes.

        Parameters
        ----------
        tp, pp, ep, dp_attention
            Attention ranks of a group, stages, ranks of the experts, attention groups; each 1 or more, broadcasting.
        """
        return replace(self, gpus=tp * dp_attention, pp=pp, dp=dp_attention, expert_ranks=ep)


@dataclass(frozen=True, slots=True)
class Drafter:
    """A small model that drafts tokens: its parts, and its formats and engine."""

    model: ServedModel
    at: Deployment

    def beside(self, at: Deployment) -> Deployment:
        """The draft model laid out on the accelerators of one stage of the model that verifies."""
        moe = np.asarray(self.model.expert_count) > 0
        ranks = np.where(moe, np.asarray(at.gpus, dtype=float), 1.0)
        return replace(self.at, gpus=at.gpus, pp=1.0, dp=at.dp, expert_ranks=ranks)

    def cache_share(self, at: Deployment, length: Num) -> Array:
        """Bytes of cache that a sequence of the draft model takes of each rank of its attention group.

        Parameters
        ----------
        at
            Layout of the model that verifies.
        length
            Tokens of the sequence.
        """
        ranks = np.minimum(at.attention_ranks, self.model.kv_heads)
        return np.asarray(cache_bytes_per_sequence(self.model, self.at, length) / ranks)


@dataclass(frozen=True, slots=True)
class Card:
    """The accelerator's rates: bytes/s of HBM, of the link within its ``domain`` of accelerators and ``outside`` of it (one
    way), 16-bit FLOP/s of the data sheet and of large products, memory in bytes, family marks (``blackwell``: and later)."""

    hbm: Num
    link: Num
    outside: Num
    bf16: Num
    matmul: Num
    memory: Num
    domain: Num
    amd: Num
    cdna2: Num
    blackwell: Num


def card_of(gpu: Gpu) -> Card:
    """The rates of a catalogue accelerator."""
    family = FAMILIES[int(np.asarray(gpu.family))]
    # Cards that only the slots of a server join are fitted as separate ones, at the rate of their slot; so are bridged pairs.
    slots = np.asarray(gpu.peer_bytes_per_s) > 0
    link = np.where(gpu.joined < np.asarray(gpu.domain), gpu.host_bytes_per_s, gpu.link_bytes_per_s)
    outside = np.where(slots, np.minimum(link, gpu.host_bytes_per_s), np.minimum(link, gpu.nic_bytes_per_s))
    return Card(
        hbm=gpu.hbm_bytes_per_s, link=link, outside=outside, bf16=gpu.bf16_flops, matmul=gpu.bf16_matmul,
        memory=gpu.memory_bytes, domain=gpu.joined, amd=float(family.startswith("cdna")), cdna2=float(family == "cdna2"),
        blackwell=float(family.startswith(("blackwell", "rubin"))),
    )  # fmt: skip


def rate_of(gpu: Gpu, precision: str) -> float:
    """FLOP/s that large products of weights in ``precision`` reach (measured, as training uses it): weight-only formats use the
    activations' rate."""
    if precision == "fp8":
        return float(gpu.fp8_matmul)
    if precision == "nvfp4":
        return float(gpu.fp4_matmul if gpu.fp4 else gpu.bf16_matmul)
    if precision == "mxfp4":
        return float(gpu.fp8_matmul if gpu.fp4 else gpu.bf16_matmul)
    return float(gpu.bf16_matmul)


def kv_format(precision: str, engine: str, gpu: Gpu) -> str:
    """Format of the cache where nobody says: 8 bits where the weights are narrow and TensorRT-LLM or the accelerator's 4-bit
    products serve them, as the published recipes do; else 16 bits.

    Parameters
    ----------
    precision
        Format of the weights.
    engine
        Name of the engine.
    gpu
        The accelerator.
    """
    narrow = precision == "mxfp4" and bool(gpu.fp4)
    narrow = narrow or (precision in ("fp8", "nvfp4") and (engine == "trtllm" or bool(gpu.fp4)))
    return "fp8" if narrow else "bf16"


def part_bytes(precision: str, moe: bool, latent: bool) -> tuple[float, float, float]:
    """Bytes a weight of attention, dense feed-forward and experts.

    4-bit checkpoints of models with experts keep attention in 16 bits. Of nvfp4 only that with a latent cache is kept, in a mix
    of 16 and 4 bits (1.4); other attention is narrowed as the rest is.

    Parameters
    ----------
    precision
        Format of the weights: bf16, fp8, nvfp4, mxfp4 or int4.
    moe, latent
        Whether the model has experts, and a latent cache.
    """
    size = WEIGHT_BYTES[precision]
    attention = size
    if moe and size < 1.0:
        attention = 2.0 if precision != "nvfp4" else 1.4 if latent else size
    return attention, size, size


def expert_tiles(precision: str, family: str) -> tuple[float, float]:
    """Multiples of hidden size and expert width to which the weights of experts are padded (:data:`EXPERT_TILES`); 1: not at
    all."""
    if precision != "mxfp4":
        return 1.0, 1.0
    return next(tiles for start, tiles in EXPERT_TILES.items() if family.startswith(start))


def expert_padding(model: ServedModel, at: Deployment) -> Array:
    """Stored over published weights of the experts: each rank pads the hidden size and its part of an expert's width."""
    cut = np.maximum(1.0, np.asarray(at.gpus) / np.asarray(at.expert_ranks))
    width, hidden = np.maximum(1.0, np.asarray(model.expert_width) / cut), np.asarray(model.hidden, dtype=float)
    tall, wide = np.asarray(at.hidden_tile), np.asarray(at.width_tile)
    return np.asarray(np.ceil(hidden / tall) * tall / hidden * np.ceil(width / wide) * wide / width)


def stacked(items: Sequence[D]) -> D:
    """One dataclass of arrays of several dataclasses of numbers."""
    kind = type(items[0])
    numbers = [f.name for f in fields(kind) if f.default is not None]  # measured runs name no model that drafts
    return kind(**{name: np.asarray([float(getattr(item, name)) for item in items]) for name in numbers})


def weight_bytes(model: ServedModel, at: Deployment) -> Array:
    """Bytes of all weights of a replica; logits, look-up table and norms stay in 16 bits."""
    return np.asarray(
        model.attention * at.attention_bytes + model.dense * at.dense_bytes
        + model.experts * at.expert_bytes * expert_padding(model, at) + (model.head + model.other) * 2.0
    )  # fmt: skip


def cache_bytes_per_token(model: ServedModel, at: Deployment) -> Array:
    """Cache of one more token, bytes over all layers whose cache grows: ``elements * bytes * L_full``."""
    return np.asarray(model.cache_elements * at.kv_bytes * model.full_layers)


def cache_bytes_per_sequence(model: ServedModel, at: Deployment, length: Num) -> Array:
    """Cache of a sequence of ``length`` tokens; window layers keep at most the window, mixers their states.

    Parameters
    ----------
    model, at
        Cache elements by kind of layer, and bytes an element.
    length
        Tokens of the sequence; layers with a window keep at most the window.
    """
    window = np.minimum(length, np.where(np.asarray(model.window) > 0, model.window, length))
    grown = cache_bytes_per_token(model, at) * length
    return np.asarray(grown + model.cache_elements * at.kv_bytes * model.window_layers * window + model.state_bytes)
