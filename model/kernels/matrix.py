"""Matrix products: the rate that an accelerator sustains, and the time of one pass over a weight.

``pass = FLOPs x (1 + narrow) / rate + exposed share x bytes moved / memory bandwidth`` (docs/method.md 4.1).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from mitsumori.model.architecture.parallelism import PRECISIONS
from mitsumori.model.base.arrays import Num, pick, some
from mitsumori.model.catalogue.accelerators import UNMEASURED_SHARE, Gpu
from mitsumori.model.kernels.constants import Constants

__all__ = [
    "FLOP_PER_PARAMETER",
    "OUTPUT_BYTES",
    "NumberFormat",
    "matrix_rate",
    "moved_bytes",
    "number_format",
    "product_s",
]

FLOP_PER_PARAMETER: Final = 2.0
"""A multiplication and an addition a parameter and token (arXiv 2001.08361 section 2.1)."""
OUTPUT_BYTES: Final = 2
"""Bytes of an output element: every recipe of 16 bits and less writes its products in 16 bits."""

_LOW: Final = np.array([name in {"fp8", "mxfp8", "nvfp4"} for name in PRECISIONS], dtype=float)
_FP4: Final = np.array([name == "nvfp4" for name in PRECISIONS], dtype=float)
_MX: Final = np.array([name == "mxfp8" for name in PRECISIONS], dtype=float)
_PER_TENSOR: Final = np.array([name == "fp8" for name in PRECISIONS], dtype=float)
_INPUT_BYTES: Final = np.array([4.0, 4.0, 2.0, 2.0, 1.0, 1.0, 0.6])
"""By precision; nvfp4 has 4 bits and a scale of 8 bits for every 16 elements (0.5625), counted as 0.6."""
_BF16_RATE, _FP8_RATE, _TF32_RATE, _FP32_RATE, _FP4_RATE = range(5)
_RATE: Final = np.array([_FP32_RATE, _TF32_RATE, _BF16_RATE, _BF16_RATE, _FP8_RATE, _FP8_RATE, _FP4_RATE])
"""The format in which a precision of ``PRECISIONS`` multiplies."""


class NumberFormat(NamedTuple):
    """What a precision means for a kernel; fields of the shape of the precision codes.

    ``low``, ``fp4``, ``mx``, ``per_tensor``: 1 where the inputs of products have 8 bits or fewer, 4 bits, block scales, one
    scale a tensor. ``input_bytes``: bytes of an input element.
    """

    low: Num
    fp4: Num
    mx: Num
    per_tensor: Num
    input_bytes: Num


def number_format(precision: Num) -> NumberFormat:
    """The format of each precision code (an index or an array of them into ``PRECISIONS``)."""
    codes = np.asarray(precision)
    return NumberFormat(_LOW[codes], _FP4[codes], _MX[codes], _PER_TENSOR[codes], _INPUT_BYTES[codes])


def matrix_rate(gpu: Gpu, precision: Num, constants: Constants, share: Num = 1.0) -> Num:
    """Sustained rate of a large matrix product in a precision, FLOP/s: measured product x fitted share x effects.

    Parameters
    ----------
    gpu
        Accelerators; their fields broadcast with the other arguments.
    precision
        Codes of ``PRECISIONS``.
    constants
        Fitted constants.
    share
        What older libraries reach of the rate, (0, 1]. Effects and share together never lift a product above the measured
        one.

    Returns
    -------
    Num
        FLOP/s, of the broadcast shape of the arguments. Where nobody measured a product (tf32, fp32) it is the usual share
        of the data sheet that 16-bit products reach (:data:`UNMEASURED_SHARE`).
    """
    c = constants
    kind = _RATE[np.asarray(precision)]
    power = np.asarray(gpu.power_share, dtype=np.float64) ** c["power_exponent"]
    family = c.effect("family", gpu.family) + c.effect("chip", gpu.chip)
    wide = c["matrix_bf16"]
    rate: Num = 0.0
    # Each format is worked out only where one of the batch asks for it.
    narrow = (kind == _FP8_RATE) | (kind == _FP4_RATE)
    if some(narrow):
        fp8 = np.asarray(gpu.fp8_matmul) * pick(
            np.asarray(gpu.fp8) != 0, c["matrix_fp8"] * np.exp(c.effect("family_low", gpu.family)), wide
        )
        fp4 = pick(
            np.asarray(gpu.fp4) != 0,
            np.asarray(gpu.fp4_matmul) * c["matrix_fp4"] * np.exp(c.effect("family_fp4", gpu.family)), fp8,
        )  # fmt: skip
        rate = pick(kind == _FP8_RATE, fp8, fp4)
    if some((kind == _TF32_RATE) | (kind == _FP32_RATE)):
        sheet = pick(kind == _TF32_RATE, np.asarray(gpu.tf32_flops), np.asarray(gpu.fp32_flops))
        rate = pick(narrow, rate, sheet * (UNMEASURED_SHARE["bf16"] * wide))
    rate = pick(kind == _BF16_RATE, np.asarray(gpu.bf16_matmul) * wide, rate)
    # No product beats the measured one.
    return rate * np.minimum(np.exp(family) * share, 1.0 / wide) * power


def moved_bytes(tokens: Num, width_in: Num, width_out: Num, weights: Num, input_bytes: Num) -> Num:
    """Bytes that one pass reads and writes: ``input_bytes (tokens width_in + weights) + 2 tokens width_out``.

    Parameters
    ----------
    tokens
        Tokens of the pass.
    width_in, width_out
        Elements a token of all inputs and of all outputs.
    weights
        Weights read, elements.
    input_bytes
        Bytes of an input or weight element (:class:`NumberFormat`).
    """
    return input_bytes * (tokens * width_in + weights) + OUTPUT_BYTES * tokens * width_out


def product_s(flop: Num, rate: Num, moved: Num, exposed: Num, memory_bytes_per_s: Num) -> Num:
    """Seconds of one pass: ``flop / rate + exposed x moved / memory_bytes_per_s`` (docs/method.md 4.1).

    Parameters
    ----------
    flop
        Operations of the pass, those lost to a narrow side included.
    rate
        FLOP/s (:func:`matrix_rate`).
    moved
        Bytes (:func:`moved_bytes`).
    exposed
        Share of the traffic that the arithmetic does not hide, 0 to 1.
    memory_bytes_per_s
        Bandwidth of the accelerator's memory.
    """
    return flop / rate + exposed * moved / memory_bytes_per_s
