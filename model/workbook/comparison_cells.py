"""Cells of the comparison that its sections share: the streams of both sides, and the columns of its table of months."""

from __future__ import annotations

from dataclasses import dataclass, field

from mitsumori.model.cost.cashflow import Stream
from mitsumori.model.workbook.description import Cell


@dataclass(frozen=True, slots=True)
class Streams:
    """What is compared.

    Attributes
    ----------
    tax, kept
        Cell of the consumption tax that stays a cost, and the rate itself, 0 to 1.
    owned, rented
        The program's own streams with that tax.
    own_initial, final, cloud_initial
        Cells of what owning costs at the start and at the end, and of the set-up of renting.
    rate, unit
        Cell of the monthly discount rate, and what money is counted in.
    """

    tax: Cell
    kept: float
    owned: Stream
    rented: Stream
    own_initial: Cell
    final: Cell
    cloud_initial: Cell
    rate: Cell
    unit: str


@dataclass(slots=True)
class Savings:
    """What owning has saved up to each month, and 1 where that is nothing lost."""

    saving: list[Cell] = field(default_factory=list)
    reached: list[Cell] = field(default_factory=list)


@dataclass(slots=True)
class MonthColumns:
    """Columns of the table, month 0 first: the month, the month drawn, payments and sums of both sides, present values.

    ``run_cloud`` and ``run_owned`` begin with month 1; ``flow`` is what owning saves in a month; ``plain`` and ``discounted``
    what it has saved.
    """

    month: list[Cell] = field(default_factory=list)
    plotted: list[Cell] = field(default_factory=list)
    cloud_flow: list[Cell] = field(default_factory=list)
    owned_flow: list[Cell] = field(default_factory=list)
    run_cloud: list[Cell] = field(default_factory=list)
    run_owned: list[Cell] = field(default_factory=list)
    cloud: list[Cell] = field(default_factory=list)
    owned: list[Cell] = field(default_factory=list)
    cloud_npv: list[Cell] = field(default_factory=list)
    owned_npv: list[Cell] = field(default_factory=list)
    flow: list[Cell] = field(default_factory=list)
    plain: Savings = field(default_factory=Savings)
    discounted: Savings = field(default_factory=Savings)
