"""The training-time table (models x cluster sizes) and the curve of days against accelerators.

Each cell is the plan with another model and another number of servers, its layout chosen by the program, as in NVIDIA's
table for NeMo that presales people know. ``fits`` is False where no layout fits the card; such a cell has no days.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from mitsumori.model.architecture.parallelism import Layout
from mitsumori.model.base import format as fmt
from mitsumori.model.base.messages import text
from mitsumori.model.base.units import SECONDS_PER_DAY
from mitsumori.model.calibration.expectation import expectation
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.checks import sound
from mitsumori.model.kernels.constants import Constants, shipped
from mitsumori.model.memory.peak import peak_memory
from mitsumori.model.plan.overrides import table_cell
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Correction
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.search.candidates import best_layout
from mitsumori.model.search.single import as_plan_fields
from mitsumori.model.training.days import training_time
from mitsumori.model.training.stages import memory_options

LADDER: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Cluster sizes of a table whose columns the plan does not name, relative to the plan's own."""
CURVE_POINTS: Final = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: cluster size, days with interval (None where nothing fits), the layout chosen."""

    servers: int
    accelerators: int
    days: float | None
    days_low: float | None
    days_high: float | None
    fits: bool
    gpu_hours: float | None
    tokens_per_s_per_gpu: float | None
    mfu: float | None
    parallel: Layout
    predicted_speed: float | None = None
    """Tokens per second of one accelerator before the user's own takes its place."""
    speed_of_mfu: float | None = None
    """The same at an MFU of one; None where the stage has no MFU."""
    goodput: float = 1.0


@dataclass(frozen=True, slots=True)
class Row:
    """One model and its cells; ``model`` is the catalogue key (or ``plan``), ``name`` what people read."""

    model: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class TrainingTable:
    """The whole table for ``tokens`` tokens."""

    tokens: float
    rows: tuple[Row, ...]


def cell(
    plan: Plan,
    catalogue: Catalogue | None = None,
    corrections: Sequence[Correction] = (),
    constants: Constants | None = None,
) -> Cell:
    """Days of one plan with a layout chosen by the program.

    Parameters
    ----------
    plan
        Model and cluster of the cell.
    catalogue, corrections, constants
        As :func:`model.estimate.estimate.estimate`.
    """
    resolved = resolve(plan, catalogue)
    constants = constants or shipped()
    gpu = resolved.gpu
    layout = best_layout(resolved, constants)
    memory = peak_memory(resolved.architecture, layout, memory_options(resolved, gpu, layout))
    fits = bool(memory.fits)
    expected = expectation(resolved, gpu, layout, constants, corrections)
    time = training_time(resolved, gpu, layout, constants, expected.level)
    speed, mfu, days = float(time.tokens_per_s_per_gpu), float(time.mfu), float(time.days)
    runs = fits and speed > 0 and float(time.goodput) > 0
    known = mfu > 0 and speed > 0
    sound(plan, total_bytes=float(memory.total_bytes))
    if runs:
        sound(plan, days=days, days_high=days / expected.low, tokens_per_s_per_gpu=speed)
    return Cell(
        servers=plan.cluster.servers,
        accelerators=int(time.accelerators),
        days=days if runs else None,
        days_low=days / expected.high if runs else None,
        days_high=days / expected.low if runs else None,
        fits=fits,
        gpu_hours=days * 24.0 * float(time.accelerators) if runs else None,
        tokens_per_s_per_gpu=speed if runs else None,
        mfu=mfu if runs and mfu == mfu else None,
        parallel=as_plan_fields(layout),
        predicted_speed=speed if runs else None,
        speed_of_mfu=speed / mfu if known else None,
        goodput=float(time.goodput),
    )


def table_models(plan: Plan) -> tuple[str | None, ...]:
    """Rows of the table: the plan's list, else the plan's own model (None)."""
    return plan.table.models or (None,)


def table_servers(plan: Plan) -> tuple[int, ...]:
    """Columns of the table: the plan's list, else a ladder around the plan's own cluster."""
    if plan.table.servers:
        return plan.table.servers
    return tuple(sorted({max(1, round(plan.cluster.servers * factor)) for factor in LADDER}))


def training_table(
    plan: Plan, catalogue: Catalogue | None = None, corrections: Sequence[Correction] = (),
    constants: Constants | None = None, cancelled: Callable[[], bool] = lambda: False,
) -> TrainingTable:  # fmt: skip
    """The table of a plan.

    Parameters
    ----------
    plan, catalogue, corrections, constants
        As :func:`model.estimate.estimate.estimate`.
    cancelled
        Asked between cells; a cancelled table has the rows finished so far.
    """
    resolved = resolve(plan, catalogue)
    rows: list[Row] = []
    for key in table_models(plan):
        base = plan.with_values({"parallel.auto": True})
        name = resolved.model_name
        if key is not None:
            own = base.model.preset == key
            if not own:
                base = base.with_values({"model": {"preset": key}, "parallel.seq_len": plan.parallel.seq_len})
            name = resolved.catalogue.model(key).name
        cells = []
        for servers in table_servers(plan):
            if cancelled():
                return TrainingTable(resolved.tokens, tuple(rows))
            cells.append(cell(base.with_values({"cluster.servers": servers}), catalogue, corrections, constants))
        rows.append(Row(key or "plan", name, tuple(cells)))
    return overridden(TrainingTable(resolved.tokens, tuple(rows)), plan.overrides)


def overridden(table: TrainingTable, overrides: Mapping[str, float]) -> TrainingTable:
    """The table with the user's MFU or speed in place of predicted ones; a cell that does not fit still says so."""
    if not any(path.startswith("table.") for path in overrides):
        return table
    rows = []
    for row in table.rows:
        cells = []
        for item in row.cells:
            entered = overrides.get(table_cell(row.model, item.servers, "tokens_per_s_per_gpu"))
            share = overrides.get(table_cell(row.model, item.servers, "mfu"))
            if share is not None and item.speed_of_mfu is not None:
                entered = share * item.speed_of_mfu
            cells.append(item if entered is None else _replaced(item, entered, table.tokens))
        rows.append(replace(row, cells=tuple(cells)))
    return replace(table, rows=tuple(rows))


def _replaced(item: Cell, speed: float, tokens: float) -> Cell:
    """A cell at an entered speed."""
    if item.goodput <= 0:
        return item
    days = tokens / (speed * item.accelerators * item.goodput) / SECONDS_PER_DAY
    return replace(
        item, days=days, days_low=days, days_high=days, gpu_hours=days * 24.0 * item.accelerators,
        tokens_per_s_per_gpu=speed, mfu=None if item.speed_of_mfu is None else speed / item.speed_of_mfu,
    )  # fmt: skip


def curve_servers(plan: Plan, most: int = 4096) -> tuple[int, ...]:
    """Cluster sizes of the days curve: about an octave apart in three steps, from an eighth to sixteen times the plan's."""
    own = plan.cluster.servers
    low, high = max(1, own // 8), min(most, max(own * 16, 16))
    ladder = [n for octave in (1, 64, 4096) for n in (k * octave for k in CURVE_POINTS[:12]) if low <= n <= high]
    return tuple(sorted({*ladder, own}))


def days_curve(
    plan: Plan, catalogue: Catalogue | None = None, corrections: Sequence[Correction] = (),
    constants: Constants | None = None, servers: Sequence[int] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Cell, ...]:  # fmt: skip
    """Days against cluster size for the plan's own model, the layout chosen anew at every size.

    Parameters
    ----------
    plan
        What is trained.
    catalogue, corrections, constants
        As :func:`model.estimate.estimate.estimate`.
    servers
        Cluster sizes, each 1 or more; None chooses them around the plan.
    cancelled
        Asked between sizes; true ends with those done.
    """
    base = plan.with_values({"parallel.auto": True})
    cells = []
    for count in servers or curve_servers(plan):
        if cancelled():
            break
        cells.append(cell(base.with_values({"cluster.servers": count}), catalogue, corrections, constants))
    return tuple(cells)


def scaling_stops_at(cells: Sequence[Cell], loss: float = 0.2) -> Cell | None:
    """The size from which every further doubling costs more than ``loss`` extra GPU-hours; None where the last does not.

    A single dear doubling below it, such as from the last size that needs host offload, is not where scaling ends.
    """
    known = [item for item in cells if item.gpu_hours is not None]
    stop: Cell | None = None
    for item in reversed(known):
        doubled = next((other for other in known if other.servers >= 2 * item.servers), None)
        if doubled is None or item.gpu_hours is None or doubled.gpu_hours is None:
            continue
        per_double = (doubled.gpu_hours / item.gpu_hours) ** (1.0 / _octaves(item, doubled))
        if per_double <= 1.0 + loss:
            break
        stop = item
    return stop


def _octaves(small: Cell, large: Cell) -> float:
    from math import log2

    return log2(large.servers / small.servers)


def table_json(table: TrainingTable) -> dict[str, Any]:
    """The document of ``table --json``."""
    names = ("servers", "accelerators", "days", "days_low", "days_high", "fits")
    return {
        "tokens": table.tokens,
        "rows": [
            {
                "model": row.model,
                "cells": [
                    {name: getattr(item, name) for name in names} | {"parallel": dict(item.parallel)}
                    for item in row.cells
                ],
            }
            for row in table.rows
        ],
    }


def table_text(table: TrainingTable, language: str) -> str:
    """The table as lines of text."""
    head = [f"{cells.accelerators:,} GPU" for cells in table.rows[0].cells]
    lines = [text("report", "table_title", language, tokens=fmt.count(table.tokens, kanji=language == "ja"))]
    width = max(len(row.name) for row in table.rows) + 2
    lines.append(" " * width + "".join(f"{item:>14}" for item in head))
    for row in table.rows:
        shown = ["—" if item.days is None else fmt.significant(item.days) for item in row.cells]
        lines.append(f"{row.name:<{width}}" + "".join(f"{item:>14}" for item in shown))
    return "\n".join(lines)
