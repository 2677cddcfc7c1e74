"""Launches and host work: time that no arithmetic or traffic explains, and how work beside it hides it."""

from __future__ import annotations

from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Mask, Num, pick
from mitsumori.model.kernels.constants import Constants

HOST_CORNER: Final = 0.3
"""Rounding of the corner where host and device take equally long, share of the host's time: an assumption; layers vary, so
the slower of two means is a little less than the mean of the slower."""


def beyond(time_s: Num, corner_s: Num) -> Num:
    """A smooth ``max(time_s, 0)``: within ``corner_s`` of zero the corner is rounded.

    ``(x + sqrt(x^2 + w^2)) / 2``, x what is left after what hides it, w the width of the corner; both seconds.
    """
    return 0.5 * (time_s + np.sqrt(time_s * time_s + corner_s * corner_s))


def gaps_s(jax: Mask, eager: Mask, frozen_share: Num, constants: Constants) -> Num:
    """Gaps between the kernels of one layer and micro-batch, both passes, seconds.

    ``layer_fixed x (layer_xla or layer_eager) x (1 + frozen_share (layer_lora - 1))``

    Parameters
    ----------
    jax, eager
        Whether a compiler of whole graphs launches, or an eager framework.
    frozen_share
        Share of the matrices that are frozen beside adapters, 0 to 1.
    constants
        Fitted constants.
    """
    c = constants
    return (
        c["layer_fixed"]
        * pick(jax, c["layer_xla"], pick(eager, c["layer_eager"], 1.0))
        * (1.0 + frozen_share * (c["layer_lora"] - 1.0))
    )


def host_s(jax: Mask, eager: Mask, tensor_parallel: Num, constants: Constants) -> Num:
    """Host time to launch one layer, seconds: ``host_layer x (layer_xla or host_eager)``, and ``host_tp`` if eager, t > 1.

    Parameters
    ----------
    jax
        Whether a whole-graph compiler launches.
    eager
        Whether an eager framework launches.
    tensor_parallel
        Tensor parallel size, 1 or more.
    constants
        Fitted constants.
    """
    c = constants
    return c["host_layer"] * pick(jax, c["layer_xla"], pick(eager, c["host_eager"], 1.0)) + pick(
        tensor_parallel > 1, pick(eager, c["host_tp"], 0.0), 0.0
    )


def with_host_s(device_s: Num, launch_s: Num, hidden_by_s: Num) -> Num:
    """Seconds of a layer whose host launches while the device works: the host is felt where the device is done first.

    Parameters
    ----------
    device_s
        The layer's work on the device.
    launch_s
        The host's (:func:`host_s`).
    hidden_by_s
        Communication of the layer, behind which the host launches too.
    """
    return device_s + beyond(launch_s - device_s - hidden_by_s, HOST_CORNER * launch_s)
