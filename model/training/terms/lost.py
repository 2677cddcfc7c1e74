"""Lost: what makes the whole step slower, as a factor on all but its fixed time (docs/method.md 4.5)."""

from __future__ import annotations

from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import STACKS
from mitsumori.model.base.arrays import Num, pick, real
from mitsumori.model.training.terms.setting import Setting

LEVEL_OF_USERS: Final = np.array([STACKS.index("huggingface"), STACKS.index("torchtune")])
"""Software whose measured level is already that of users at default settings: nobody publishes tuned recipes of it."""
ONE_SERVER: Final = 8.0
"""Accelerators up to which nothing is lost to scale."""
OLDEST_LOSS: Final = 0.25
"""Log of the most that the age of a stack costs a dense model: an assumption (docs/method.md 4.5)."""


def scale_factor(s: Setting) -> Num:
    """Stragglers and contention: ``1 + scale log2(accelerators / 8)``, 1 up to eight."""
    gpus = real(s.parallel.gpus)
    return 1.0 + s.constants["scale"] * np.log2(np.maximum(gpus, ONE_SERVER) / ONE_SERVER)


def age_factor(s: Setting) -> Num:
    """Slower kernels of an older stack: ``e^min(stack_age x years, 0.25)``; expert layers have ages of their own."""
    return np.exp(pick(s.is_moe, 0.0, np.minimum(s.constants["stack_age"] * s.habits.age, OLDEST_LOSS)))


def stack_effect(s: Setting) -> Num:
    """Log of the stack's speed over Megatron's, with a further part on models with experts."""
    stack, c = np.asarray(s.parallel.stack), s.constants
    return c.effect("stack", stack) + pick(s.is_moe, c.effect("stack_moe", stack), 0.0)


def lost_factor(s: Setting) -> Num:
    """``scale x age x e^-effect / tuning``; default settings run at ``tuned_default`` of a tuned recipe."""
    default = s.constants["tuned_default"]
    as_delivered = (np.asarray(s.parallel.tuned) == 0) & ~np.isin(np.asarray(s.parallel.stack), LEVEL_OF_USERS)
    tuning = pick(as_delivered, default, 1.0)
    return scale_factor(s) * age_factor(s) * np.exp(-stack_effect(s)) / tuning
