"""Scans: the time of a mixer's chunked algorithm, and of the convolution and gate beside it (docs/method.md 4.9).

No training run of a hybrid has been measured here: rates come from measured serving kernels, and every estimate says so.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Num
from mitsumori.model.catalogue.accelerators import FAMILIES, Gpu

SHARE_OF_FAMILY: Final = np.array(
    [{"blackwell": 0.04, "blackwell_ultra": 0.04, "rubin": 0.04}.get(name, 0.09) for name in FAMILIES]
)
"""Rate of a chunked scan over the bf16 data sheet: gated delta of 48 and 64 heads over 8,192 tokens takes 0.92 and 1.08 ms on
H100 and 0.79 ms (48 heads) on B200 (aiconfigurator-core 0.12.0, chunk_gdr, forward). Other kinds and families are taken to be
alike."""
BACKWARD: Final = 2.5
"""Backward over forward: five products for two, as in attention (arXiv 2205.14135); an assumption."""
CONVOLUTION_BYTES: Final = 4.0
"""A token and convolved column, forward: read and written in 16 bits."""
GATE_BYTES: Final = 8.0
"""A token and value column, forward: result and gate read, norm and product written, in 16 bits."""


def scan_s(gpu: Gpu, flop: Num) -> Num:
    """Forward seconds of a scan: ``flop / (share x data-sheet bf16)``.

    Parameters
    ----------
    gpu
        Accelerators.
    flop
        Operations of one rank (:func:`model.architecture.mixers.scan_flop` times tokens).
    """
    return flop / (np.asarray(gpu.bf16_flops) * SHARE_OF_FAMILY[np.asarray(gpu.family)])


def beside_bytes(convolved: Num, values: Num) -> Num:
    """Bytes a token of convolution and gated norm, forward: ``4 (H P + 2 G N) + 8 H P``.

    Parameters
    ----------
    convolved, values
        Columns of one rank (:class:`model.architecture.mixers.Widths`).
    """
    return CONVOLUTION_BYTES * convolved + GATE_BYTES * values
