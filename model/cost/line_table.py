"""The lines of cost, declared once: ``resources/cost_lines.toml``, typed.

Model, report, workbook and window read from here what a line is called, when it is paid, whether consumption tax comes upon
it, how it is depreciated and what its total may be without. The amounts are formulas of :mod:`model.cost.lines`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

from mitsumori import resources
from mitsumori.model.base.arrays import Num
from mitsumori.model.base.figure import Provenance

CostOption = Literal["onprem", "cloud"]
When = Literal["start", "month", "year", "end", "once"]

__all__ = [
    "CostLine",
    "CostOption",
    "When",
    "capital",
    "capital_keys",
    "cost_lines",
    "groups",
    "hardware_keys",
    "keys_of",
    "open_reasons",
    "untaxed",
]


@dataclass(frozen=True)
class CostLine:
    """One line of cost.

    Attributes
    ----------
    key
        Its key in results, JSON and the names of the workbook.
    rule
        How it is computed, in words.
    label
        Its name by language.
    owned, rented
        When it is paid on each side; empty where the side does not have it.
    taxed
        Whether consumption tax comes upon it. Not: wages, taxes, insurance premiums (消費税法 第2条, 第6条, 別表第二), and the
        sale of used machines, whose buyer pays a tax that the seller passes on to the state (第4条, 第5条). Recalled from the
        act, https://laws.e-gov.go.jp/law/363AC0000000108; ask the tax adviser.
    capital
        ``equipment`` or ``works`` where it is depreciated, else empty.
    hardware
        Whether it is machines, of whose price installation, maintenance, insurance and a lease are shares.
    open, why
        Path of the plan that may stay without a price, and the finding that says so; empty elsewhere.
    optional
        Whether a side has it only where something is entered for it.
    group, rented_group
        The bar of a chart that it belongs to on the owned and on the rented side.
    """

    key: str
    rule: str
    label: Mapping[str, str]
    owned: tuple[When, ...] = ()
    rented: tuple[When, ...] = ()
    taxed: bool = True
    capital: Literal["equipment", "works", ""] = ""
    hardware: bool = False
    open: str = ""
    why: str = ""
    optional: bool = False
    group: str = ""
    rented_group: str = ""

    @cached_property
    def origin(self) -> Provenance:
        """What a figure of it names as its origin."""
        return Provenance("formula", self.rule)

    def when(self, side: CostOption) -> tuple[When, ...]:
        """When it is paid on a side."""
        return self.owned if side == "onprem" else self.rented


@cache
def cost_lines() -> Mapping[str, CostLine]:
    """Every line by key, in the order of the cost sheet."""
    table = resources.read_table("cost_lines.toml")
    return {
        key: CostLine(
            key=key, owned=tuple(entry.pop("owned", ())),
            rented=tuple(entry.pop("rented", ())), **entry,
        )
        for key, entry in table.items()
    }  # fmt: skip


@cache
def keys_of(side: CostOption, when: When, optional: bool = False) -> tuple[str, ...]:
    """Keys of the lines of a side that are paid at a time, in the order of the cost sheet.

    Parameters
    ----------
    side
        ``onprem`` or ``cloud``.
    when
        When they are paid.
    optional
        Whether those that a side has only where something is entered stand among them.
    """
    return tuple(
        key for key, line in cost_lines().items() if when in line.when(side) and (optional or not line.optional)
    )


@cache
def hardware_keys() -> tuple[str, ...]:
    """Keys of the lines that are machines."""
    return tuple(key for key, line in cost_lines().items() if line.hardware)


@cache
def capital_keys(kind: Literal["equipment", "works"]) -> tuple[str, ...]:
    """Keys of the lines that are depreciated with the machines, or as works of the building."""
    return tuple(key for key, line in cost_lines().items() if line.capital == kind)


def capital(initial: Mapping[str, Num], tax: float) -> tuple[float, float]:
    """What is depreciated: cost of the equipment and of works of the building.

    Parameters
    ----------
    initial
        Initial costs of owning by line, in one currency; NaN where unknown.
    tax
        Consumption tax rate that stays a cost and is depreciated too, else 0.
    """
    equipment, works = (sum(float(initial[key]) for key in capital_keys(kind)) for kind in ("equipment", "works"))
    return equipment * (1.0 + tax), works * (1.0 + tax)


@cache
def untaxed() -> frozenset[str]:
    """Keys of the lines that consumption tax neither raises nor lowers."""
    return frozenset(key for key, line in cost_lines().items() if not line.taxed)


@cache
def open_reasons() -> Mapping[str, CostLine]:
    """Lines that may stay without a price, by the plan's path."""
    return {line.open: line for line in cost_lines().values() if line.open}


@cache
def groups(side: CostOption) -> Mapping[str, tuple[str, ...]]:
    """Keys of the lines of a side by the bar that they belong to."""
    found: dict[str, list[str]] = {}
    for key, line in cost_lines().items():
        if line.when(side):
            found.setdefault(line.group if side == "onprem" else line.rented_group, []).append(key)
    return {group: tuple(keys) for group, keys in found.items()}
