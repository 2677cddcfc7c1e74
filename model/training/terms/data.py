"""Data: the fixed time of a step, for reading data, logging and the host (docs/method.md 4.5)."""

from __future__ import annotations

from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Num
from mitsumori.model.training.terms.setting import Setting

REFERENCE_GPUS: Final = 64.0
"""Accelerators at which ``step_fixed`` is counted."""
GROWTH: Final = 0.15
"""Exponent of the fixed time's growth with the accelerators: an assumption of the first fit, 1.11 times a doubling."""


def fixed_s(s: Setting) -> Num:
    """Seconds of a step: ``step_fixed x (accelerators / 64)^0.15``."""
    gpus = np.maximum(s.parallel.gpus, 1.0)
    return s.constants["step_fixed"] * (gpus / REFERENCE_GPUS) ** GROWTH
