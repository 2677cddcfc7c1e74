"""What it costs to keep states or activations in the host's memory.

The step without offload pays nothing here; :mod:`model.training.step` adds these seconds where a layout asks for it.

References
----------
Ren et al., *ZeRO-Offload*, arXiv 2101.06840 section 4 (gradients to the host, update there, weights back) and table 4
(Adam on the host's processors, recalled).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.base.arrays import Num
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.memory.activations import megatron_saved

HOST_ADAM_S: Final = 0.24e-9
"""Adam on the host, seconds a parameter of one server: 0.24 s for a billion; the accelerators of a server share it."""
HOST_OPTIMIZER_BYTES: Final = 6.0
"""Gradient to the host (4) and weight back (2), bytes a parameter."""


def optimizer_s(gpu: Gpu, parameters: Num) -> Num:
    """Seconds of an optimizer step on the host for the ``parameters`` that one accelerator's shard updates.

    ``parameters * (6 bytes / host link + Adam on the shared processors)``; nothing of it is overlapped.
    """
    return parameters * (HOST_OPTIMIZER_BYTES / np.asarray(gpu.host_bytes_per_s) + HOST_ADAM_S * gpu.gpus_per_node)


def activations_s(
    arch: Architecture, gpu: Gpu, parallel: Parallel, tokens: Num, dense_layers: Num, moe_layers: Num
) -> Num:
    """Seconds a micro-batch needs to move its saved tensors out in the forward and back in the backward pass.

    Parameters
    ----------
    arch
        Shape of the model; its fields are numbers or arrays that broadcast against the layouts.
    gpu
        Numbers of the accelerator.
    parallel
        Layouts; their fields are numbers or arrays that broadcast.
    tokens
        Tokens of one micro-batch on one accelerator; a number or an array.
    dense_layers
        Layers without experts on one accelerator.
    moe_layers
        Layers with experts on one accelerator.
    """
    saved = megatron_saved(arch, parallel)
    moe = np.where(np.asarray(moe_layers) > 0, moe_layers * np.asarray(saved.moe), 0.0)
    return 2.0 * tokens * (dense_layers * np.asarray(saved.dense) + moe) / gpu.host_bytes_per_s
