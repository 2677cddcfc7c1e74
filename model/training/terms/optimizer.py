"""Optimizer: the update of a rank's parameters, on the device or on the host (docs/method.md 4.5, 4.6)."""

from __future__ import annotations

from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import away
from mitsumori.model.base.arrays import Num, pick, some
from mitsumori.model.memory.states import ADAM_STATE_BYTES
from mitsumori.model.training.offload import optimizer_s
from mitsumori.model.training.terms.data_parallel import Shards
from mitsumori.model.training.terms.setting import Setting

UPDATE_BYTES: Final = 4.0 + 2.0 * (4.0 + ADAM_STATE_BYTES) + 2.0
"""Adam in mixed precision, a parameter: the gradient read in 32 bits (4), master weight and both moments read and written (24),
the 16-bit weight written (2); 30. Other optimizers are counted like it: no measured run tells them apart."""


def update_s(s: Setting, own: Shards) -> Num:
    """Seconds of the update: ``optimizer x 30 bytes x shard / bandwidth``, or on the host where states lie there.

    The shard is a rank's part of its group's parameters from ZeRO-1 on, else all of them; ``own`` as of
    :func:`model.training.terms.data_parallel.shards`.
    """
    sharded = own.zero >= 1
    shard = own.dense * pick(sharded, 1.0 / own.group, 1.0) + own.experts * pick(sharded, 1.0 / own.expert_group, 1.0)
    share = np.asarray(s.work.gradient_share)
    update: Num = s.constants["optimizer"] * UPDATE_BYTES * share * shard / s.machine.memory
    on_host = away(s.parallel, "optimizer")
    if some(on_host):
        update = pick(on_host, optimizer_s(s.gpu, shard * share), update)
    return update
