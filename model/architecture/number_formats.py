"""Bytes that one number takes in each format, its scales included; shared by training and serving."""

from __future__ import annotations

from typing import Final

BYTES: Final = {
    "fp32": 4.0, "tf32": 4.0, "fp16": 2.0, "bf16": 2.0, "fp8": 1.0,
    "mxfp8": 1.0 + 1.0 / 32.0, "mxfp4": 0.5 + 1.0 / 32.0, "nvfp4": 0.5 + 1.0 / 16.0, "int4": 0.5 + 2.5 / 128.0,
    "nf4": (4.0 + 8.0 / 64.0 + 32.0 / (64.0 * 256.0)) / 8.0,
}  # fmt: skip
"""MXFP8 and MXFP4 have an exponent of 8 bits for 32 numbers (OCP MX v1.0), NVFP4 one fp8 scale for 16, int4 a scale of 16
bits and a zero point of 4 for 128 (as AWQ and GPTQ store it), NF4 with double quantization an 8-bit scale for 64 and one of
32 bits for 256 of those (arXiv 2305.14314, section 3). The scales of fp8 (32 bits for 128 x 128, or a tensor) are 0.02 %."""
