"""メモリ: what one GPU holds, against its capacity; the story of a step; ZeRO 0 to 3 side by side."""

from __future__ import annotations

from collections.abc import Mapping

from model.workbook.context import Context, headings, note, section, title_block
from model.workbook.description import Cell, Chart, Condition, Series, Sheet, block
from model.workbook.styles import COLORS

PARTS = ("weights", "gradients", "optimizer", "activations", "buffers", "reserve")
WIDTHS = (34.0, 19.0, 19.0, 19.0, 19.0, 19.0, 19.0, 19.0)


def build(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet("memory")
    memory = context.estimate.memory
    row = title_block(context, sheet)
    row = section(context, sheet, row, "memory_gpu_section")
    row = headings(
        context, sheet, row, ("col_item", "col_bytes", "col_gb", "col_share", "col_basis", "", "", ""), (2, 3, 4)
    )
    giga = context.cells["cst_giga"]
    first_row = row
    parts: list[Cell] = []
    gigabytes: list[Cell] = []
    labels: list[Cell] = []
    total_ref = f"[[memory!B{row + len(PARTS)}]]"
    total = memory.per_gpu["total_bytes"].value or 0.0
    for part in PARTS:
        value = memory.per_gpu[f"{part}_bytes"].value or 0.0
        labels.append(sheet.put(row, 1, context.t(f"mem_{part}"), "label"))
        cell = sheet.put(row, 2, value, "pasted", "int")
        context.workbook.define(f"out_memory_per_gpu_{part}_bytes", cell)
        parts.append(cell)
        gigabytes.append(sheet.formula(row, 3, f"={cell.ref}/{giga}", value / 1e9, "calc", "d2"))
        sheet.formula(row, 4, f"={cell.ref}/{total_ref}", value / total, "calc", "pct")
        _basis(context, sheet, row, f"mem_{part}_basis")
        row += 1
    sheet.put(row, 1, context.t("mem_total"), "total_label")
    whole = sheet.formula(row, 2, f"=SUM({block(parts)})", total, "total", "int", name="out_memory_per_gpu_total_bytes")
    whole_gb = sheet.formula(row, 3, f"={whole}/{giga}", total / 1e9, "total", "d2")
    sheet.formula(row, 4, f"=SUM([[memory!D{first_row}:D{row - 1}]])", 1.0, "total", "pct")
    _basis(context, sheet, row, "mem_total_basis", total=True, stage=memory.worst_stage + 1,
           moment=context.t(f"moment_{memory.worst_moment}"))  # fmt: skip
    row += 1
    capacity = memory.per_gpu["capacity_bytes"].value or 0.0
    sheet.put(row, 1, context.t("mem_capacity"), "label")
    card = sheet.put(row, 2, capacity, "const", "int")
    context.workbook.define("out_memory_per_gpu_capacity_bytes", card)
    card_gb = sheet.formula(row, 3, f"={card}/{giga}", capacity / 1e9, "calc", "d2")
    sheet.put(row, 4, None, "calc")
    _basis(context, sheet, row, "mem_capacity_basis")
    row += 1
    sheet.put(row, 1, context.t("mem_free"), "label")
    sheet.formula(row, 2, f"={card}-{whole}", capacity - total, "calc", "int")
    sheet.formula(row, 3, f"=({card}-{whole})/{giga}", (capacity - total) / 1e9, "calc", "d2")
    sheet.formula(row, 4, f"=({card}-{whole})/{card}", (capacity - total) / capacity, "calc", "pct")
    _basis(context, sheet, row, "mem_free_basis")
    row += 1
    sheet.put(row, 1, context.t("mem_verdict"), "label")
    verdict = sheet.put(row, 2, context.t(f"verdict_{memory.verdict}"), "status")
    context.workbook.define("out_memory_verdict", verdict)
    sheet.put(row, 3, None, "label")
    sheet.put(row, 4, None, "label")
    _basis(context, sheet, row, "mem_verdict_basis")
    sheet.conditions.append(Condition(f"B{row}", f"=$C${first_row + 6}>$C${first_row + 7}", "bad"))
    sheet.conditions.append(Condition(f"B{row}", f"=$C${first_row + 6}<=$C${first_row + 7}", "good"))
    context.cells |= {"mem_total_gb": whole_gb, "mem_capacity_gb": card_gb, "mem_verdict": verdict}
    fits = 1 if total <= capacity else 0
    context.checks.append(("check_memory_sum", f"ABS(SUM({block(gigabytes)})-{whole_gb.ref})<1/{giga}", True))
    context.checks.append(("check_memory_fits", f"{whole}<={card}", bool(fits)))
    row += 2
    row = section(context, sheet, row, "memory_steps_section")
    moments = [(context.t(f"moment_{step.moment}"), step.parts) for step in memory.steps]
    row, steps = _grid(context, sheet, row, "col_moment", moments)
    row += 1
    row = section(context, sheet, row, "memory_zero_section")
    zeros = [(context.t("zero_stage", stage=stage), parts_) for stage, parts_ in enumerate(memory.zero)]
    row, stages = _grid(context, sheet, row, "col_zero", zeros)
    row = note(sheet, row, context.t("memory_note"))
    row += 1
    context.cells["memory_chart_row"] = whole_gb
    sheet.charts.append(_chart(context, "chart_memory_steps", steps, (row, 1, row + 15, 4)))
    sheet.charts.append(_chart(context, "chart_memory_zero", stages, (row, 5, row + 15, 8)))
    context.cells["memory_labels_first"] = labels[0]


Grid = tuple[tuple[Cell, ...], tuple[tuple[Cell, tuple[Cell, ...]], ...]]


def _grid(
    context: Context, sheet: Sheet, row: int, key: str, rows: list[tuple[str, Mapping[str, float]]]
) -> tuple[int, Grid]:
    """A table of components in GB: one line a moment or ZeRO stage; returns the next row and the cells for a chart."""
    row = headings(context, sheet, row, (key, *(f"mem_{part}" for part in PARTS), "mem_total"), range(2, 9))
    heads = [sheet.cells[row - 1, column] for column in range(2, 8)]
    names: list[Cell] = []
    columns: list[list[Cell]] = [[] for _ in PARTS]
    for label, parts in rows:
        names.append(sheet.put(row, 1, label, "label"))
        values = [float(parts.get(f"{part}_bytes", 0.0)) / 1e9 for part in PARTS]
        for index, value in enumerate(values):
            columns[index].append(sheet.put(row, 2 + index, value, "pasted", "d2"))
        run = [column[-1] for column in columns]
        sheet.formula(row, 8, f"=SUM({block(run)})", sum(values), "total", "d2")
        row += 1
    series = tuple((head, tuple(cells)) for head, cells in zip(heads, columns, strict=True))
    return row, (tuple(names), series)


def _chart(context: Context, key: str, grid: Grid, anchor: tuple[int, int, int, int]) -> Chart:
    names, series = grid
    capacity = context.cells["mem_capacity_gb"].number or 0.0
    highest = max((sum(cells[i].number or 0.0 for _, cells in series) for i in range(len(names))), default=0.0)
    return Chart(
        "stacked_column", context.t(key), context.t(f"{key}_alt", highest=f"{highest:.1f}", capacity=f"{capacity:.1f}"),
        names, tuple(Series(head, cells, COLORS[part]) for part, (head, cells) in zip(PARTS, series, strict=True)),
        anchor, y_title="GB", number_format="#,##0",
    )  # fmt: skip


def _basis(context: Context, sheet: Sheet, row: int, key: str, total: bool = False, **values: object) -> None:
    sheet.put(row, 5, context.t(key, **values), "total_unit" if total else "basis")
    for column in range(6, 9):
        sheet.put(row, column, None, "total_unit" if total else "basis")
    sheet.merge(row, 5, 8)
