"""Counting shapes of a plan's model: as entered, as the catalogue has it, and made up for a bare parameter count."""

from __future__ import annotations

import math
from functools import lru_cache

from mitsumori.model.architecture.mixers import MIXERS
from mitsumori.model.architecture.transformer import Architecture, parameter_count
from mitsumori.model.base.refusal import PlanError, expected
from mitsumori.model.catalogue.records import ModelRecord
from mitsumori.model.plan.parts import MixerSpec
from mitsumori.model.plan.plan import ArchitectureSpec


def architecture_of(spec: ArchitectureSpec) -> Architecture:
    """The counting shape of an architecture as entered; kv_heads defaults to heads, head_dim to hidden/heads."""
    data = spec.model_dump(exclude={"mla", "mixer", "attention_layers", "ffn_layers"})
    data["kv_heads"] = spec.kv_heads or spec.heads
    data["head_dim"] = spec.head_dim or max(1, spec.hidden // spec.heads)
    for name in ("gated_mlp", "tied_embeddings", "linear_bias", "attention_bias", "attention_gate"):
        data[name] = int(data[name])
    if spec.mla is not None:
        data |= spec.mla.model_dump() | {"mla": 1}
    if spec.mixer is not None:
        data |= _mixed(spec, spec.mixer)
    return Architecture(**data)


def _mixed(spec: ArchitectureSpec, mixer: MixerSpec) -> dict[str, int]:
    """Fields of a hybrid: unless stated, layers without a mixer have attention and every layer has a feed-forward block."""
    with_attention = spec.layers - mixer.layers if spec.attention_layers is None else spec.attention_layers
    with_ffn = spec.layers if spec.ffn_layers is None else spec.ffn_layers
    return {
        "mixer": MIXERS.index(mixer.kind), "mixer_layers": mixer.layers, "mixer_heads": mixer.heads,
        "mixer_head_dim": mixer.head_dim, "mixer_key_heads": mixer.key_heads or mixer.heads,
        "mixer_state_dim": mixer.state_dim or mixer.head_dim, "mixer_conv": mixer.conv,
        "attention_free_layers": spec.layers - with_attention, "ffn_free_layers": spec.layers - with_ffn,
    }  # fmt: skip


@lru_cache(maxsize=64)
def shape_for_parameters(parameters: float) -> Architecture:
    """A shape made up for a bare parameter count.

    The rule: a Llama 3 kind of dense decoder (gated feed-forward of 3.5 h, heads of 128, 8 key/value heads, vocabulary
    of 128,256, untied from 4B up), width near 110 times the depth as in Llama 3 8B/70B/405B (arXiv 2407.21783 table 3),
    the depth then chosen so that the count comes closest.

    Parameters
    ----------
    parameters
        Wanted count, 1e5 or more.
    """
    vocabulary = 128_256 if parameters >= 5e8 else min(32_000, max(1, int(parameters / 256)))
    tied = int(parameters < 4e9)
    best: tuple[float, Architecture] | None = None
    for heads in range(1, 400):
        hidden = heads * 128 if parameters > 2e8 else heads * 64
        head_dim = hidden // heads
        kv = math.gcd(heads, 8)
        per_layer = hidden * hidden * (2 + 2 * kv / heads) + 3 * hidden * 3.5 * hidden
        depth = max(1, round((parameters - vocabulary * hidden * (2 - tied)) / per_layer))
        shape = Architecture(depth, hidden, int(3.5 * hidden), heads, kv, head_dim, vocabulary, tied_embeddings=tied)
        miss = abs(math.log(float(parameter_count(shape).total) / parameters)) * 4
        # widths that tensor parallel can split are what people build
        penalty = abs(math.log(hidden / (110 * depth))) + miss + (1.0 if heads % 8 else 0.0)
        if best is None or penalty < best[0]:
            best = (penalty, shape)
    assert best is not None
    return best[1]


@lru_cache(maxsize=64)
def model_architecture(record: ModelRecord, field: str) -> Architecture:
    """The shape of a catalogue model.

    Raises
    ------
    PlanError
        For a model whose kind the program cannot express (hybrid state-space layers), with the reason.
    """
    if not record.supported:
        raise PlanError.single(field, record.key, record.unsupported_reason or expected("architecture_unpublished"))
    return Architecture(**record.architecture)


def least_parameters(arch: Architecture) -> float:
    """Fewest parameters of a shape: its embeddings, positions and last norm with a single one of its layers (the mean)."""
    count = parameter_count(arch)
    fixed = float(count.embedding + count.head + count.positions)
    return fixed + (float(count.total) - fixed) / int(arch.layers)
