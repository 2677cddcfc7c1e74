"""The workings of the memory sheet: parameters, bytes and sharing from which states and reserve are computed live."""

from __future__ import annotations

from dataclasses import dataclass

from mitsumori.model.architecture.parallelism import REPLICA_AXES, SEQUENCE_AXES
from mitsumori.model.memory.peak import (
    MARGINAL_SHARE,
    NOISE_DECIMALS,
    RESERVE_CONTEXT_BYTES,
    RESERVE_GROUP_BYTES,
    RESERVE_RANGE_BYTES,
)
from mitsumori.model.memory.results import MemoryTerms
from mitsumori.model.workbook.context import Context, headings, section
from mitsumori.model.workbook.description import Cell, Sheet

AXES = (*REPLICA_AXES, "dp", "ep", "etp", "zero_stage")
COMMUNICATING = (*REPLICA_AXES, "dp", "ep")
STATES = ("weights", "gradients", "optimizer")
SHARED_FROM = (3, 2, 1)
"""ZeRO stage from which weights, gradients and optimizer states are shared (arXiv 1910.02054 section 5)."""


@dataclass(frozen=True, slots=True)
class Workings:
    """Cells that the printed tables refer to."""

    rates: dict[str, tuple[Cell, Cell, Cell]]
    groups: dict[str, Cell]
    shared: tuple[tuple[Cell, Cell, Cell], ...]
    parameters: tuple[dict[str, Cell], ...]
    noise: Cell
    context: Cell
    fragmentation: Cell
    marginal: Cell
    interval: Cell

    def state(self, stage: int, which: int) -> str:
        """Bytes of one GPU under a ZeRO stage, no ``=``: ``sum parameters * bytes / GPUs that share them``."""
        flag = self.shared[stage][which]
        terms = "+".join(
            f"{cell}*{self.rates[name][which]}/(1+{flag}*({self.groups[name]}-1))"
            for name, cell in self.parameters[stage].items()
        )
        return f"ROUND(ROUND({terms},{self.noise}),0)"


def build(context: Context, sheet: Sheet, row: int) -> Workings:
    """Write the workings from ``row`` on.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    sheet
        Sheet of the description that is written to.
    row
        First row, below the page.
    """
    terms = context.estimate.memory.terms
    assert terms is not None
    t = context.t
    row = section(context, sheet, row, "memory_workings_section")
    axes, row = _axes(context, sheet, row)
    rates, groups, row = _sorts(context, sheet, row, terms, axes)
    shared, row = _sharing(context, sheet, row, terms)
    parameters, row = _parameters(context, sheet, row, terms)
    row = section(context, sheet, row, "memory_reserve_section")

    def constant(key: str, value: float, fmt: str, unit: str, name: str = "") -> Cell:
        nonlocal row
        cell = sheet.put(row, 2, value, "const", fmt)
        if name:
            context.workbook.define(name, cell)
        _around(context, sheet, row, t(key), unit, t(f"{key}_basis"))
        row += 1
        return cell

    bare = constant("memw_context", RESERVE_CONTEXT_BYTES, "int", "B")
    group = constant("memw_group", RESERVE_GROUP_BYTES, "int", "B")
    least = constant("memw_least", RESERVE_RANGE_BYTES[0], "int", "B")
    most = constant("memw_most", RESERVE_RANGE_BYTES[1], "int", "B")
    count = "+".join(f"IF({axes[name]}>1,1,0)" for name in COMMUNICATING)
    groups_cell = sheet.formula(row, 2, f"={count}", terms.communicators, "calc", "int")
    _around(context, sheet, row, t("memw_communicators"), "", t("memw_communicators_basis"))
    row += 1
    base = sheet.formula(
        row, 2, f"=MIN({most},MAX({least},{bare}+{group}*{groups_cell}))", terms.context_bytes, "calc", "int"
    )
    _around(context, sheet, row, t("memw_base"), "B", t("memw_base_basis"))
    row += 1
    fragmentation = constant("memw_fragmentation", terms.fragmentation, "pct", "")
    marginal = constant("memw_marginal", MARGINAL_SHARE, "pct", "")
    interval = constant("memw_interval", terms.interval, "pct", "")
    noise = constant("memw_noise", NOISE_DECIMALS, "int", "")
    return Workings(rates, groups, shared, parameters, noise, base, fragmentation, marginal, interval)


def _around(context: Context, sheet: Sheet, row: int, label: str, unit: str, basis: str) -> None:
    sheet.put(row, 1, label, "label")
    sheet.put(row, 3, unit, "unit")
    sheet.put(row, 4, basis, "basis")
    for column in range(5, 9):
        sheet.put(row, column, None, "basis")
    sheet.merge(row, 4, 8)
    del context


def _fill(sheet: Sheet, row: int, first: int, role: str = "basis") -> None:
    for column in range(first, 9):
        sheet.put(row, column, None, role)


def _axes(context: Context, sheet: Sheet, row: int) -> tuple[dict[str, Cell], int]:
    """The layout as locked cells; what Mitsumori chose or was told."""
    layout = context.estimate.training.parallel
    row = headings(
        context, sheet, row, ("col_layout", *(f"layout_short_{name}" for name in AXES)), range(2, 2 + len(AXES))
    )
    sheet.put(row, 1, context.t("change_in_mitsumori"), "label")
    found = {}
    for column, name in enumerate(AXES, 2):
        found[name] = sheet.put(row, column, int(layout[name]), "locked", "int")
        context.cells[f"layout_{name}"] = found[name]
    return found, row + 2


def _sorts(
    context: Context, sheet: Sheet, row: int, terms: MemoryTerms, axes: dict[str, Cell]
) -> tuple[dict[str, tuple[Cell, Cell, Cell]], dict[str, Cell], int]:
    """Bytes a parameter and the GPUs that share it, by sort of parameter."""
    t = context.t
    keys = (
        "col_sort",
        "col_weight_bytes",
        "col_gradient_bytes",
        "col_optimizer_bytes",
        "col_sharing",
        "col_basis",
        "",
        "",
    )
    row = headings(context, sheet, row, keys, (2, 3, 4, 5))
    rates: dict[str, tuple[Cell, Cell, Cell]] = {}
    groups: dict[str, Cell] = {}
    parts = "*".join(str(axes[name]) for name in (*SEQUENCE_AXES, "dp"))
    dense = f"={parts}"
    experts = f"=MAX(1,ROUNDDOWN({axes['tp']}*{parts}/({axes['etp']}*{axes['ep']}),0))"
    for sort in terms.sorts:
        sheet.put(row, 1, t(f"sort_{sort.name}"), "label")
        values = (sort.weight_bytes, sort.gradient_bytes, sort.optimizer_bytes)
        first, second, third = (sheet.put(row, 2 + i, value, "locked", "number") for i, value in enumerate(values))
        rates[sort.name] = first, second, third
        formula = experts if sort.name == "experts" else dense
        groups[sort.name] = sheet.formula(row, 5, formula, sort.group, "calc", "int")
        sheet.put(row, 6, t(f"sort_{sort.name}_basis"), "basis")
        _fill(sheet, row, 7)
        sheet.merge(row, 6, 8)
        row += 1
    return rates, groups, row + 1


def _sharing(
    context: Context, sheet: Sheet, row: int, terms: MemoryTerms
) -> tuple[tuple[tuple[Cell, Cell, Cell], ...], int]:
    """Which states each ZeRO stage shares: 1 yes, 0 no."""
    keys = ("col_zero", "col_shared_weights", "col_shared_gradients", "col_shared_optimizer", "col_worst_stage", "col_basis",
            "", "")  # fmt: skip
    row = headings(context, sheet, row, keys, (2, 3, 4, 5))
    found = []
    for stage, zero in enumerate(terms.zero):
        own = stage == terms.zero_stage
        sheet.put(row, 1, context.t("zero_stage", stage=stage), "total_label" if own else "label")
        first, second, third = (
            sheet.put(row, 2 + i, int(stage >= start), "const", "int") for i, start in enumerate(SHARED_FROM)
        )
        found.append((first, second, third))
        sheet.put(row, 5, zero.worst_stage + 1, "locked", "int")
        sheet.put(row, 6, context.t("as_planned" if own else "for_comparison"), "basis")
        _fill(sheet, row, 7)
        sheet.merge(row, 6, 8)
        row += 1
    return tuple(found), row + 1


def _parameters(
    context: Context, sheet: Sheet, row: int, terms: MemoryTerms
) -> tuple[tuple[dict[str, Cell], ...], int]:
    """Parameters of the fullest GPU before sharing, by ZeRO stage and sort."""
    names = [sort.name for sort in terms.sorts]
    keys = ["col_parameters", *(f"sort_{name}" for name in names), "col_basis"]
    keys += [""] * (8 - len(keys))
    row = headings(context, sheet, row, keys, range(2, 2 + len(names)))
    found = []
    for stage, zero in enumerate(terms.zero):
        sheet.put(row, 1, context.t("zero_stage", stage=stage), "total_label" if stage == terms.zero_stage else "label")
        cells = {
            name: sheet.put(row, 2 + i, value, "locked", "int")
            for i, (name, value) in enumerate(zip(names, zero.parameters, strict=True))
        }
        found.append(cells)
        first = 2 + len(names)
        sheet.put(row, first, context.t("parameters_basis", stage=zero.worst_stage + 1), "basis")
        _fill(sheet, row, first + 1)
        sheet.merge(row, first, 8)
        row += 1
    return tuple(found), row + 1
