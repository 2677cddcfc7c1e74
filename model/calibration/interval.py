"""How sure a prediction is: intervals from left-out residuals, near runs, and calibration by measured ones.

The 80 % half-widths are read from the residuals of groups that a fit had not seen (:mod:`model.calibration.conformal`), by
class: kind of model and work, home or foreign software, near or far from measured runs, layout known or assumed. They lie in
the constants file, written by :mod:`model.calibration.fit`.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np

from mitsumori import resources
from mitsumori.model.architecture.parallelism import PRECISIONS, STACKS, Parallel
from mitsumori.model.architecture.transformer import Architecture, active_parameters
from mitsumori.model.base.arrays import Array
from mitsumori.model.calibration.conformal import FALLBACK, UNMEASURED_GROWTH
from mitsumori.model.calibration.runs import Run
from mitsumori.model.catalogue.accelerators import FAMILIES, Gpu
from mitsumori.model.kernels.constants import Constants
from mitsumori.model.training.results import NearRun

DEFAULT_TUNING: Final = (math.log(0.65), math.log(1.15))
"""Untuned software where no left-out residuals of it are known: a judgement from 16 runs, 11 to 35 % below the tuned level."""
LEVEL_NOISE: Final = 0.05
"""Spread (log) of runs around their own level once one offset is removed: 1.3 % median, 5.5 % at the 90th percentile on 16
layouts of one machine, up to a safety factor of 1.2."""
NEAR: Final = 1.0
"""Distance below which a measured run counts as near."""
CLOSE: Final = 0.6
"""Distance from which left-out residuals grow: 80 % of dense rows within 9 % below it, within 15 % above."""
PART_OCTAVES: Final = 1.0
"""Factor of two in bandwidth or rate, log to base 2, beyond which a part of a measured family counts as unmeasured."""
Z80: Final = 1.2816

_HOME_STACKS: Final = frozenset({"megatron", "llm-foundry", "torchtitan", "deepspeed"})
_HOME_FAMILIES: Final = frozenset({"ampere", "hopper", "blackwell", "blackwell_ultra"})


@dataclass(frozen=True, slots=True)
class Features:
    """What distance is measured on."""

    gpu_key: str
    family: str
    precision: str
    stack: str
    moe: bool
    tuning: bool
    log_active: float
    log_gpus: float
    log_seq: float
    hybrid: bool = False
    log_memory: float = 0.0
    log_rate: float = 0.0


def features(arch: Architecture, gpu: Gpu, parallel: Parallel, tuning: bool = False) -> Features:
    """The features of one plan (scalars).

    Parameters
    ----------
    arch, gpu, parallel
        Shape, accelerator and layout, scalars.
    tuning
        Whether the work is LoRA or SFT.
    """
    precision = PRECISIONS[int(parallel.precision)]
    return Features(
        gpu_key=str(gpu.key), family=FAMILIES[int(gpu.family)],
        precision={"fp8": "low", "mxfp8": "low", "nvfp4": "fp4"}.get(precision, "16"), stack=STACKS[int(parallel.stack)],
        moe=bool(np.any(arch.is_moe)), tuning=tuning, log_active=math.log2(float(active_parameters(arch))),
        log_gpus=math.log2(float(parallel.gpus)), log_seq=math.log2(float(parallel.seq_len)),
        hybrid=bool(np.any(arch.is_hybrid)), log_memory=math.log2(float(gpu.hbm_bytes_per_s)),
        log_rate=math.log2(float(gpu.bf16_flops)),
    )  # fmt: skip


def features_of(run: Run) -> Features:
    """The features of a measured run."""
    assert run.architecture is not None
    assert run.gpu is not None
    assert run.parallel is not None
    return features(run.architecture, run.gpu, run.parallel, run.lora or run.kind == "sft")


def distance(a: Features, b: Features) -> float:
    """How far two runs are apart; 1 is about one generation of accelerator or a sixteenfold model."""
    gap = 0.0 if a.gpu_key == b.gpu_key else (0.5 if a.family == b.family else 1.0)
    gap += 0.5 * (a.precision != b.precision) + 0.5 * (a.stack != b.stack)
    gap += 1.5 * (a.hybrid != b.hybrid) + 1.5 * (a.moe != b.moe) + 0.5 * (a.tuning != b.tuning)
    return (
        gap + 0.25 * abs(a.log_active - b.log_active) + 0.05 * abs(a.log_gpus - b.log_gpus)
        + 0.12 * abs(a.log_seq - b.log_seq)
    )  # fmt: skip


@functools.cache
def _library() -> tuple[tuple[NearRun, Features], ...]:
    """The measured runs a plan can be near to (``resources/constants/library.json``, written by the fit).

    A file of its own, because reading and expressing the runs themselves takes longer than the window may take to open.
    """
    rows = json.loads(resources.read_text("constants", "library.json"))
    return tuple((NearRun(**row["run"]), Features(**row["features"])) for row in rows)


def library_record(rows: Sequence[Run]) -> list[dict[str, Any]]:
    """The content of ``library.json``: expressed runs of trust A and B, whole campaigns left out, with their features."""
    kept = [run for run in rows if run.expressed and run.trust in "AB" and run.kind != "campaign"]
    return [{"run": asdict(as_near_run(run)), "features": asdict(features_of(run))} for run in kept]


@functools.cache
def _columns() -> dict[str, Array]:
    """The library's features as arrays, for :func:`distances`."""
    names = Features.__dataclass_fields__
    return {name: np.array([getattr(item, name) for _, item in _library()]) for name in names}


@functools.cache
def _parts() -> frozenset[tuple[str, float, float]]:
    """Family, bandwidth and 16-bit rate of the accelerators of which there is a measured run, logs to base 2."""
    return frozenset((item.family, item.log_memory, item.log_rate) for _, item in _library())


def measured(here: Features) -> bool:
    """Whether a run was measured on a part like the plan's: of its family, neither bandwidth nor rate more than twice or half.

    A card with graphics memory or a desk-side system has little of what was measured on the large part of its family.
    """
    return any(
        family == here.family
        and abs(here.log_memory - memory) <= PART_OCTAVES
        and abs(here.log_rate - rate) <= PART_OCTAVES
        for family, memory, rate in _parts()
    )


def distances(here: Features) -> Array:
    """:func:`distance` from a plan to every run of the library at once."""
    c = _columns()
    if not len(c["moe"]):
        return np.zeros(0)
    gap = np.where(c["gpu_key"] == here.gpu_key, 0.0, np.where(c["family"] == here.family, 0.5, 1.0))
    gap = gap + 0.5 * (c["precision"] != here.precision) + 0.5 * (c["stack"] != here.stack)
    gap = gap + 1.5 * (c["hybrid"] != here.hybrid) + 1.5 * (c["moe"] != here.moe) + 0.5 * (c["tuning"] != here.tuning)
    return np.asarray(
        gap + 0.25 * np.abs(c["log_active"] - here.log_active) + 0.05 * np.abs(c["log_gpus"] - here.log_gpus)
        + 0.12 * np.abs(c["log_seq"] - here.log_seq)
    )  # fmt: skip


@lru_cache(maxsize=16)
def nearness(arch: Architecture, gpu: Gpu, parallel: Parallel, tuning: bool = False) -> tuple[Features, Array]:
    """The features of a plan and its distances to the library.

    Parameters
    ----------
    arch, gpu, parallel
        Shape, accelerator and layout, scalars.
    tuning
        Whether the work is LoRA or SFT.
    """
    here = features(arch, gpu, parallel, tuning)
    return here, distances(here)


def near_runs(
    arch: Architecture, gpu: Gpu, parallel: Parallel, tuning: bool = False, limit: int = 8
) -> list[tuple[float, NearRun]]:
    """Published runs near a plan, nearest first, as ``(distance, run)``; at most ``limit``.

    Parameters
    ----------
    arch, gpu, parallel
        Shape, accelerator and layout, scalars.
    tuning
        Whether the work is LoRA or SFT.
    limit
        Most runs to give, 1 or more.
    """
    far = nearness(arch, gpu, parallel, tuning)[1]
    order = [int(i) for i in np.argsort(far, kind="stable")[:limit] if far[i] <= NEAR]
    return [(float(far[i]), _library()[i][0]) for i in order]


def kind_of(here: Features) -> str:
    """The class of a prediction before nearness: dense, moe or tuning; ``_foreign`` on software or hardware little measured."""
    home = here.stack in _HOME_STACKS and here.family in _HOME_FAMILIES
    return ("tuning" if here.tuning else "moe" if here.moe else "dense") + ("" if home else "_foreign")


def class_of(here: Features, nearest: float, assumed: bool = False) -> str:
    """The interval class: :func:`kind_of`, ``_far`` when no measured run is near, ``_assumed`` where a layout was made up.

    Parameters
    ----------
    here
        Features of the plan.
    nearest
        Distance to the nearest measured run, 0 or more (:func:`distance`); infinite without any.
    assumed
        Whether a layout, micro-batch, precision or release was made up.
    """
    return kind_of(here) + ("" if nearest <= CLOSE else "_far") + ("_assumed" if assumed else "")


def assumes(assumed: Sequence[str]) -> bool:
    """Whether what a row leaves open decides its speed: its layout, micro-batch, precision or release."""
    return any(item.startswith(("layout", "micro-batch", "precision", "stack_year", "context")) for item in assumed)


@dataclass(frozen=True, slots=True)
class Band:
    """An 80 % interval as factors of the (calibrated) prediction."""

    low: float
    high: float
    name: str
    near: int
    level: float = 1.0
    """Factor that the user's own measured runs put on the prediction; 1 without any."""
    measured: int = 0
    """Measured runs of the user behind ``level``."""


def calibrate(log_ratios: Sequence[float], half_width: float) -> tuple[float, float]:
    """Level and half-width (logs) after measured runs: Bayesian shrinkage of one common offset.

    Parameters
    ----------
    log_ratios
        log(measured / predicted) of the user's own runs.
    half_width
        80 % half-width before them.

    Returns
    -------
    tuple of float
        Shift of the level and the new half-width. One run moves the level most of the way; the width falls to
        what is left between layouts of one machine.
    """
    if not log_ratios:
        return 0.0, half_width
    spread = max(half_width / Z80, LEVEL_NOISE)
    count = len(log_ratios)
    noise = LEVEL_NOISE**2 / count
    shift = float(np.mean(log_ratios)) * spread**2 / (spread**2 + noise)
    left = 1.0 / (1.0 / spread**2 + 1.0 / noise)
    return shift, min(half_width, Z80 * math.sqrt(left + LEVEL_NOISE**2))


def band(
    arch: Architecture, gpu: Gpu, parallel: Parallel, constants: Constants, *, tuning: bool = False,
    log_ratios: Sequence[float] = (), exclude: str = "", assumed: bool = False,
) -> Band:  # fmt: skip
    """The interval of one prediction.

    Parameters
    ----------
    arch, gpu, parallel
        The plan, scalars.
    constants
        Fitted constants, whose ``meta["intervals"]`` holds the half-widths.
    tuning
        LoRA or SFT.
    log_ratios
        log(measured / predicted) of the user's own runs.
    exclude
        Id of a run that must not count as near (the row being predicted).
    assumed
        Whether a layout, micro-batch, precision or release was made up.
    """
    here, far = nearness(arch, gpu, parallel, tuning)
    if exclude:
        far = far[np.array([run.id != exclude for run, _ in _library()])]
    nearest = float(far.min()) if len(far) else math.inf
    name = class_of(here, nearest, assumed)
    table = constants.meta.get("intervals", {})
    below, above = table.get(name, (FALLBACK, FALLBACK))
    if int(parallel.tuned) == 0:
        # Default settings add what they were found to vary by; where nobody has measured that, a judgement.
        plain = table.get(f"{kind_of(here).split('_', maxsplit=1)[0]}_default", (-DEFAULT_TUNING[0], DEFAULT_TUNING[1]))
        below, above, name = max(below, plain[0]), max(above, plain[1]), name + "_default"
    if not measured(here):
        # No left-out residual speaks of silicon that nobody has measured.
        below, above = UNMEASURED_GROWTH * below, UNMEASURED_GROWTH * above
        name = name.removesuffix("_default") + "_unmeasured" + ("_default" if name.endswith("_default") else "")
    low, high = -below, above
    shift, new = calibrate(log_ratios, max(-low, high))
    if log_ratios:
        low, high = max(low, -new), min(high, new)
    return Band(math.exp(low), math.exp(high), name, int((far <= NEAR).sum()), math.exp(shift), len(log_ratios))


def as_near_run(run: Run) -> NearRun:
    """A measured run as the results carry it: what it was, where it is published, its speed."""
    row = run.row
    what = f"{row.get('model', '')}, {row.get('gpus', '')} x {row.get('gpu', '')}, {row.get('precision') or '-'}, {run.source}"
    return NearRun(run.id, what, row.get("source_url", ""), run.measured or 0.0)
