"""What the terms of a step share, worked out once: sizes of layer and layout as floats, rates of the machine, habits of the
software.

Symbols: ``tokens`` T of a micro-batch on one tensor-parallel group; ``t p v c e`` the tensor, pipeline, virtual, context and
expert parallel sizes.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from mitsumori.model.architecture.parallelism import PRECISIONS, RECOMPUTES, STACKS, Parallel
from mitsumori.model.architecture.stacks import Kernels, Work, gradients_are_narrow, kernels
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.base.arrays import Mask, Num, pick, real, some
from mitsumori.model.catalogue.accelerators import FAMILIES, Gpu
from mitsumori.model.kernels.constants import Constants
from mitsumori.model.kernels.elementwise import cast_s_per_element
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
_HUGGING: Final = STACKS.index("huggingface")
_FULL: Final = RECOMPUTES.index("full")
_SELECTIVE: Final = RECOMPUTES.index("selective")
_BF16: Final = PRECISIONS.index("bf16")


LINK_OF_FAMILY: Final = np.array(
    [{"ampere": 0.93, "blackwell": 0.9, "blackwell_ultra": 0.9, "rubin": 0.9}.get(name, 1.0) for name in FAMILIES]
)
"""Share of the link that large gathers and scatters reach, over Hopper's 0.75: A100 0.70, B200, B300 0.68 (measured NCCL)."""


ROCM_FP8_YEAR: Final = 2025.3
"""Until then 8-bit products of a training on AMD's first parts with them ran at :data:`EARLY_ROCM_FP8`; the measured runs since
mid-2025 do not show it, nor do the engines that serve."""
EARLY_ROCM_FP8: Final = 0.72
"""About 950 TFLOP/s on MI300X (users' runs with Transformer Engine, autumn 2024) of the 1,317 that its 16-bit products let
expect."""
_EARLY_ROCM: Final = np.array([name == "cdna3" for name in FAMILIES])


class Machine(NamedTuple):
    """Sustained rates of one accelerator under the step's precision and software.

    ``rate``: linear layers, FLOP/s; ``wide``: products that stay in 16 bits, FLOP/s; ``memory``, ``link``, ``nic``: bytes/s
    of its memory, its scale-up link and its share of the network; ``domain``: accelerators that the link joins, ``mesh`` 1
    where it does so pair by pair;
    ``element_s``: felt seconds a counted byte of element-wise work, ``elementwise x (elementwise_eager) / memory``;
    ``cast_s``: seconds to cast an input element of a linear layer to the step's format, 0 in 16 bits and more.
    """

    rate: Num
    wide: Num
    memory: Num
    link: Num
    nic: Num
    domain: Num
    mesh: Num
    element_s: Num
    cast_s: Num


class Habits(NamedTuple):
    """What the software of a year does; arrays of booleans unless said otherwise.

    ``kernels``: codes of its kernels; ``jax``, ``megatron``, ``deepspeed``: the stack; ``unfused``: attention without a fused
    kernel; ``eager``: element-wise work without fusion; ``year``, ``age``: of the release, years.
    """

    kernels: Kernels
    jax: Mask
    megatron: Mask
    deepspeed: Mask
    unfused: Mask
    eager: Mask
    year: Num
    age: Num


class Repeats(NamedTuple):
    """What is computed again in the backward pass.

    ``full``, ``selective``: kind of recomputation; ``by_operator``: selective over whole operators (torchtitan); ``stated``:
    selective over the modules that the layout names; ``share``: forward passes of the matrix products that are repeated.
    """

    full: Mask
    selective: Mask
    by_operator: Mask
    stated: Mask
    share: Num


class Mixed(NamedTuple):
    """Shares of a hybrid's layers: with attention, a mixer, a feed-forward block; ``blocks`` is half the blocks a layer.

    A layer of the step is the mean layer: its attention, mixer and feed-forward block count by these shares.
    """

    attends: Num
    mixes: Num
    feeds: Num
    blocks: Num


class Setting(NamedTuple):
    """The inputs of a step and what its terms share. Every field is a number or an array; all broadcast.

    ``passes``: passes of a trained product (3, or 2 where frozen); ``trained``: share of the matrices with a weight
    gradient; ``gradient``: felt bytes of the main gradient a parameter; ``hidden``, ``heads``, ``kv_heads``, ``qk_dim``,
    ``v_dim``, ``inner_half``: columns of the inner side that cost as much again, 0 in 16 bits; ``gates`` (columns of gate
    and up a column of f): the layer; ``mla``, ``latent``: whether attention is compressed, and elements a token of the
    compressed queries, keys and values (0 without); ``attention_in``: elements a token that the linear layers of attention
    read, ``h + a d_v / t``, under MLA ``2 h`` and the latent ones; ``dense``, ``moe``, ``extra``: layers of each kind, and
    prediction depths among them; ``mixed``: shares of a hybrid's layers, None without one.
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
    mla: Mask
    latent: Num
    attention_in: Num
    is_moe: Mask
    dense: Num
    moe: Num
    extra: Num
    trained: Num
    passes: Num
    gradient: Num
    inner_half: Num
    mixed: Mixed | None = None


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
    h, heads, v_dim = real(arch.hidden), real(arch.heads), real(arch.v_dim)
    mla = np.asarray(arch.mla) != 0
    latent = pick(mla, real(arch.q_lora_rank) + arch.kv_lora_rank, 0.0)
    narrow = pick(gradients_are_narrow(parallel, work), NARROW_GRADIENT_BYTES, MAIN_GRADIENT_BYTES)
    return Setting(
        arch=arch, gpu=gpu, parallel=parallel, constants=constants, work=work,
        machine=machine_of(gpu, parallel, work, habits, form, constants),
        habits=habits,
        repeats=repeats_of(parallel, constants),
        form=form,
        tokens=real(parallel.micro_batch) * seq / parallel.sequence_parts,
        seq=seq, t=t, p=real(parallel.pp), v=real(parallel.vp), cp=cp, ep=real(parallel.ep), etp=real(parallel.etp),
        sp=pick(np.asarray(parallel.sp) > 0, t, 1.0),
        hidden=h, heads=heads, kv_heads=real(arch.kv_heads), qk_dim=real(arch.qk_dim), v_dim=v_dim,
        gates=1.0 + np.asarray(arch.gated_mlp), mla=mla, latent=latent,
        attention_in=h * pick(mla, 2, 1) + heads * v_dim / t + latent,
        is_moe=is_moe, dense=dense + pick(is_moe, 0.0, extra), moe=moe + pick(is_moe, extra, 0.0), extra=extra,
        trained=trained, passes=FORWARD_AND_INPUT_PASSES + trained,
        gradient=constants["gradient_exposed"] * narrow * trained,
        inner_half=pick(form.low > 0, constants["inner_half_low"], 0.0),
        mixed=mixed_of(arch) if some(arch.is_hybrid) else None,
    )  # fmt: skip


def mixed_of(arch: Architecture) -> Mixed:
    """Shares of a batch that holds a hybrid; other models have attention and a block in every layer."""
    attends, mixes, either, feeds = arch.shares
    return Mixed(attends, mixes, feeds, 0.5 * (either + feeds))


def habits_of(parallel: Parallel, work: Work) -> Habits:
    """The habits of the layout's stack and year, the work's stated kernels first."""
    stack, year = np.asarray(parallel.stack), np.asarray(parallel.stack_year, dtype=np.float64)
    run = kernels(parallel, work)
    return Habits(
        kernels=run,
        jax=stack == _JAX,
        megatron=stack == _MEGATRON,
        deepspeed=stack == _DEEPSPEED,
        unfused=np.equal(run.fused_attention, 0),
        eager=np.less(run.compiled, 1),
        year=year,
        age=np.minimum(np.maximum(REFERENCE_YEAR - year, 0.0), OLDEST_YEARS),
    )


def machine_of(
    gpu: Gpu, parallel: Parallel, work: Work, habits: Habits, form: NumberFormat, constants: Constants
) -> Machine:
    """The rates at which the step's operations run on the accelerator (docs/method.md 4.1, 4.3).

    Parameters
    ----------
    gpu
        Numbers of the accelerator.
    parallel
        Layouts; their fields are numbers or arrays that broadcast.
    work
        What is computed.
    habits
        What the stack of that year does.
    form
        Number format of the matrix products.
    constants
        Fitted constants.
    """
    c = constants
    low = form.low > 0
    age_rate = pick(habits.unfused & ~habits.jax, c["legacy_matrix"], 1.0)
    sustained = matrix_rate(gpu, parallel.precision, c, age_rate)
    wide = sustained
    if some(low):
        wide = matrix_rate(gpu, pick(low, _BF16, np.asarray(parallel.precision)), c, age_rate)
    casts = c["cast"] + c["cast_mx"] * form.mx + c["cast_fp4"] * form.fp4
    early = low & _EARLY_ROCM[np.asarray(gpu.family)] & (habits.year < ROCM_FP8_YEAR)
    return Machine(
        rate=sustained
        * pick(early, EARLY_ROCM_FP8, 1.0)
        * pick(low & (np.asarray(work.rowwise) > 0), c["rowwise_fp8"], 1.0),
        wide=wide,
        memory=gpu.hbm_bytes_per_s,
        link=np.asarray(gpu.link_bytes_per_s) * c["link_rate"] * LINK_OF_FAMILY[np.asarray(gpu.family)],
        nic=np.asarray(gpu.nic_bytes_per_s) * c["nic_rate"],
        domain=real(gpu.domain),
        mesh=gpu.mesh,
        element_s=c["elementwise"] * pick(habits.eager, eager_passes(parallel, c), 1.0) / gpu.hbm_bytes_per_s,
        cast_s=cast_s_per_element(form.low, casts, pick(habits.jax, c["cast_xla"], 1.0), gpu.hbm_bytes_per_s),
    )


HUGGING_FACE_PASSES: Final = 1.65
"""Traffic of transformers' own norms (36 bytes a unit for 8: fp32 copies, square, mean, product, two casts), rotary embedding
(18 for 4 a column) and activation (10 for 8) over that of hand-written eager layers: 2.7 and 1.64 of the fused count."""


def eager_passes(parallel: Parallel, constants: Constants) -> Num:
    """Element-wise traffic without fusion over the fused count."""
    hugging = np.asarray(parallel.stack) == _HUGGING
    return constants["elementwise_eager"] * pick(hugging, HUGGING_FACE_PASSES, 1.0)


def repeats_of(parallel: Parallel, constants: Constants) -> Repeats:
    """What the layout's recomputation repeats (docs/method.md 4.2)."""
    kind = np.asarray(parallel.recompute)
    full, selective = kind == _FULL, kind == _SELECTIVE
    stated = selective & (np.asarray(parallel.modules) > 0)
    operator = selective & ~stated & (np.asarray(parallel.stack) == _TORCHTITAN)
    share = pick(full, constants["recompute_full"], pick(operator, constants["recompute_operator"], 0.0))
    return Repeats(full, selective, operator, stated, share)
