"""What the terms of a step share, worked out once: sizes of layer and layout as floats, rates of the machine, habits of the
software.

Symbols: ``tokens`` T of a micro-batch on one tensor-parallel group; ``t p v c e`` the tensor, pipeline, virtual, context and
expert parallel sizes.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from mitsumori.model.architecture.parallelism import PRECISIONS, RECOMPUTES, STACKS, Num, Parallel
from mitsumori.model.architecture.stacks import (
    DISPATCHER_YEAR,
    FIRST_MOE_YEAR,
    Kernels,
    Work,
    kernels,
    narrow_gradients,
)
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.base.arrays import pick, real, some
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.kernels.constants import Constants
from mitsumori.model.kernels.matrix import NumberFormat, matrix_rate, number_format

REFERENCE_YEAR: Final = 2026.5
"""Stack age counts back from here: the middle of the year of the newest measured runs."""
OLDEST_YEARS: Final = 10.0
"""Age beyond which a stack does not get slower: no run is measured on an older one."""
FORWARD_AND_INPUT_PASSES: Final = 2.0
"""Passes of a matrix product without its weight gradient: forward, and the gradient of the input (arXiv 2001.08361)."""
MAIN_GRADIENT_BYTES: Final = 8.0
"""A gradient in 32 bits is read and written once a micro-batch."""
NARROW_GRADIENT_BYTES: Final = 4.0
"""The same in 16 bits."""

_MEGATRON: Final = STACKS.index("megatron")
_TORCHTITAN: Final = STACKS.index("torchtitan")
_DEEPSPEED: Final = STACKS.index("deepspeed")
_JAX: Final = STACKS.index("jax")
_FULL: Final = RECOMPUTES.index("full")
_SELECTIVE: Final = RECOMPUTES.index("selective")
_BF16: Final = PRECISIONS.index("bf16")


class Machine(NamedTuple):
    """Sustained rates of one accelerator under the step's precision and software.

    ``rate``: linear layers, FLOP/s; ``wide``: products that stay in 16 bits, FLOP/s; ``memory``, ``link``, ``nic``: bytes/s
    of its memory, its scale-up link and its share of the network; ``domain``: accelerators that the link joins.
    """

    rate: Num
    wide: Num
    memory: Num
    link: Num
    nic: Num
    domain: Num


class Habits(NamedTuple):
    """What the software of a year does; arrays of booleans unless said otherwise.

    ``kernels``: codes of its kernels; ``jax``, ``megatron``, ``deepspeed``: the stack; ``unfused``: attention without a fused
    kernel; ``eager``: element-wise work without fusion; ``year``, ``age``: of the release, years; ``old_moe``: before the
    fused dispatchers of 2026; ``moe_years``: years before them, no more than measured.
    """

    kernels: Kernels
    jax: Num
    megatron: Num
    deepspeed: Num
    unfused: Num
    eager: Num
    year: Num
    age: Num
    old_moe: Num
    moe_years: Num


class Repeats(NamedTuple):
    """What is computed again in the backward pass.

    ``full``, ``selective``: kind of recomputation; ``by_operator``: selective over whole operators (torchtitan); ``share``:
    forward passes of the matrix products that are repeated.
    """

    full: Num
    selective: Num
    by_operator: Num
    share: Num


class Setting(NamedTuple):
    """The inputs of a step and what its terms share. Every field is a number or an array; all broadcast.

    ``passes``: passes of a trained product (3, or 2 where frozen); ``trained``: share of the matrices with a weight gradient;
    ``gradient``: felt bytes of the main gradient a parameter; ``hidden``, ``heads``, ``kv_heads``, ``qk_dim``, ``v_dim``,
    ``gates`` (columns of gate and up a column of f): the layer; ``dense``, ``moe``, ``extra``: layers of each kind, and
    prediction depths among them.
    """

    arch: Architecture
    gpu: Gpu
    parallel: Parallel
    constants: Constants
    work: Work
    machine: Machine
    habits: Habits
    repeats: Repeats
    form: NumberFormat
    tokens: Num
    seq: Num
    t: Num
    p: Num
    v: Num
    cp: Num
    ep: Num
    etp: Num
    sp: Num
    hidden: Num
    heads: Num
    kv_heads: Num
    qk_dim: Num
    v_dim: Num
    gates: Num
    is_moe: Num
    dense: Num
    moe: Num
    extra: Num
    trained: Num
    passes: Num
    gradient: Num


def setting(arch: Architecture, gpu: Gpu, parallel: Parallel, work: Work, constants: Constants) -> Setting:
    """The setting of a step.

    Parameters
    ----------
    arch, gpu, parallel, work
        Numbers or arrays that broadcast together.
    constants
        Fitted constants; with a leading axis when many sets are tried at once.
    """
    form = number_format(parallel.precision)
    habits = habits_of(parallel, work)
    t, seq, cp = real(parallel.tp), real(parallel.seq_len), real(parallel.cp)
    trained = np.asarray(work.trained_share, dtype=np.float64)
    is_moe = arch.is_moe
    dense, moe, extra = real(arch.dense_layers), real(arch.moe_layers), real(arch.mtp_layers)
    narrow = pick(narrow_gradients(parallel), NARROW_GRADIENT_BYTES, MAIN_GRADIENT_BYTES)
    return Setting(
        arch=arch, gpu=gpu, parallel=parallel, constants=constants, work=work,
        machine=machine_of(gpu, parallel, work, habits, form, constants),
        habits=habits,
        repeats=repeats_of(parallel, constants),
        form=form,
        tokens=real(parallel.micro_batch) * seq / cp,
        seq=seq, t=t, p=real(parallel.pp), v=real(parallel.vp), cp=cp, ep=real(parallel.ep), etp=real(parallel.etp),
        sp=pick(np.asarray(parallel.sp) > 0, t, 1.0),
        hidden=real(arch.hidden), heads=real(arch.heads), kv_heads=real(arch.kv_heads), qk_dim=real(arch.qk_dim),
        v_dim=real(arch.v_dim), gates=1.0 + np.asarray(arch.gated_mlp),
        is_moe=is_moe, dense=dense + pick(is_moe, 0.0, extra), moe=moe + pick(is_moe, extra, 0.0), extra=extra,
        trained=trained, passes=FORWARD_AND_INPUT_PASSES + trained,
        gradient=constants["gradient_exposed"] * narrow * trained,
    )  # fmt: skip


def habits_of(parallel: Parallel, work: Work) -> Habits:
    """The habits of the layout's stack and year, the work's stated kernels first."""
    stack, year = np.asarray(parallel.stack), np.asarray(parallel.stack_year, dtype=np.float64)
    run = kernels(parallel, work)
    return Habits(
        kernels=run,
        jax=stack == _JAX,
        megatron=stack == _MEGATRON,
        deepspeed=stack == _DEEPSPEED,
        unfused=run.fused_attention == 0,
        eager=run.compiled < 1,
        year=year,
        age=np.clip(REFERENCE_YEAR - year, 0.0, OLDEST_YEARS),
        old_moe=(year < DISPATCHER_YEAR) | (stack != _MEGATRON),
        moe_years=np.clip(DISPATCHER_YEAR - year, 0.0, DISPATCHER_YEAR - FIRST_MOE_YEAR),
    )


def machine_of(
    gpu: Gpu, parallel: Parallel, work: Work, habits: Habits, form: NumberFormat, constants: Constants
) -> Machine:
    """The rates at which the step's operations run on the accelerator (docs/method.md 4.1, 4.3)."""
    c = constants
    low = form.low > 0
    age_rate = pick(habits.unfused & ~habits.jax, c["legacy_matrix"], 1.0)
    sustained = matrix_rate(gpu, parallel.precision, c, age_rate)
    wide = sustained
    if some(low):
        wide = matrix_rate(gpu, pick(low, _BF16, np.asarray(parallel.precision)), c, age_rate)
    return Machine(
        rate=sustained * pick(low & (np.asarray(work.rowwise) > 0), c["rowwise_fp8"], 1.0),
        wide=wide,
        memory=gpu.hbm_bytes_per_s,
        link=np.asarray(gpu.link_bytes_per_s) * c["link_rate"],
        nic=np.asarray(gpu.nic_bytes_per_s) * c["nic_rate"],
        domain=real(gpu.domain),
    )


def repeats_of(parallel: Parallel, constants: Constants) -> Repeats:
    """What the layout's recomputation repeats (docs/method.md 4.2)."""
    kind = np.asarray(parallel.recompute)
    full, selective = kind == _FULL, kind == _SELECTIVE
    operator = selective & (np.asarray(parallel.stack) == _TORCHTITAN)
    share = pick(full, constants["recompute_full"], pick(operator, constants["recompute_operator"], 0.0))
    return Repeats(full, selective, operator, share)
