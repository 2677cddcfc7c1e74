"""Tensor and context parallel communication of one layer and micro-batch (docs/method.md 4.3; arXiv 2205.05198)."""

from __future__ import annotations

from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Num, pick
from mitsumori.model.kernels.collectives import context_bytes, mesh_share, ring_bytes
from mitsumori.model.training.terms.setting import Setting

COLLECTIVES: Final = 4.0
"""Two all-gathers and two reduce-scatters a pass and layer (arXiv 2205.05198 section 4.2.2)."""
PASSES: Final = 2.0
"""Forward and backward; recomputation repeats its share."""
_ASYNCHRONOUS: Final = 2
"""Code of ``Kernels.overlap``: overlapped by a compiler."""


def layer_s(s: Setting) -> Num:
    """Exposed tensor-parallel communication of a dense layer, seconds of a micro-batch.

    ``4 (2 + repeated) (t - 1) / t T h x 2 bytes x exposed / link + 8 tp_latency log2 t``. A group across servers runs a ring
    over the network, with nothing to hide it behind.
    """
    c, t, machine = s.constants, s.t, s.machine
    overlap = s.habits.kernels.overlap
    asynchronous = pick(overlap == _ASYNCHRONOUS, c["tp_async"], c["tp_exposed"])
    exposed = pick(overlap == 0, c["tp_vanilla"], asynchronous)
    low = pick((s.form.per_tensor > 0) & s.habits.megatron, c["tp_low"], 1.0)
    sent = ring_bytes(COLLECTIVES * (PASSES + s.repeats.share), t, s.tokens, s.hidden) * low
    latency = COLLECTIVES * PASSES * c["tp_latency"] * np.log2(np.maximum(t, 1.0))
    # A ring over the network for every adapter of a server, together no faster than the link.
    link = machine.link * mesh_share(t, machine.domain, machine.mesh)
    rings = np.minimum(link, machine.nic * np.minimum(machine.domain, t))
    felt = pick(t <= machine.domain, sent * exposed / link, sent / rings) + pick(t > 1, latency, 0.0)
    return felt if s.mixed is None else s.mixed.blocks * felt


def tensor_s(s: Setting, layer: Num) -> Num:
    """Tensor-parallel communication of the whole model: expert layers have ``tp_moe`` of a dense layer's."""
    return (s.dense + s.moe * s.constants["tp_moe"]) * layer


def context_s(s: Setting) -> Num:
    """Exposed context-parallel communication of the whole model: keys and values, over the link or the network."""
    stated = s.habits.kernels.context
    sent = context_bytes(s.heads, s.kv_heads, s.qk_dim, s.cp, s.t, s.tokens, stated) * s.constants["cp_exposed"]
    link = s.machine.link * mesh_share(s.cp, s.machine.domain, s.machine.mesh)
    rate = pick(s.t * s.cp <= s.machine.domain, link, s.machine.nic)
    layers = s.dense + s.moe
    if s.mixed is not None:  # a mixer hands on its state only
        layers = layers * s.mixed.attends
    return layers * pick(s.cp > 1, sent / rate, 0.0)
