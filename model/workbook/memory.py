"""メモリ: what one GPU holds, against its capacity; the story of a step; ZeRO 0 to 3 side by side; the workings.

Weights, gradients, optimizer states and reserve are formulas on locked plan cells (:mod:`model.workbook.memory_states`),
saved tensors and buffers are the predicted ones of the inputs sheet or the reader's own in their place.
"""

from __future__ import annotations

from collections.abc import Sequence

from mitsumori.model.memory.results import PhaseBytes
from mitsumori.model.plan.overrides import ACTIVATIONS, BACKWARD, BUFFERS, FORWARD, zero_parts
from mitsumori.model.workbook import memory_states
from mitsumori.model.workbook.context import Context, details, fit_height, headings, note, section, title_block
from mitsumori.model.workbook.description import Cell, Chart, Condition, Series, Sheet, block
from mitsumori.model.workbook.memory_states import STATES, Workings
from mitsumori.model.workbook.styles import COLORS

PARTS = ("weights", "gradients", "optimizer", "activations", "buffers", "reserve")
WIDTHS = (29.0, 19.5, *([16.6] * 6))
FIRST = 4
CHART_ROWS = 16


def build(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet("memory")
    memory = context.estimate.memory
    title_block(context, sheet, answer=context.t("training_aside_answer") if context.estimate.serving else None)
    charts = FIRST + 2 + len(PARTS) + 5
    sheet.print_rows = charts + CHART_ROWS - 1
    steps_row = details(context, sheet, sheet.print_rows + 2)
    zero_row = steps_row + 2 + len(memory.steps) + 1
    note_row = zero_row + 2 + len(memory.zero)
    workings = memory_states.build(context, sheet, note_row + 2)
    parts = _gpu(context, sheet, FIRST, workings)
    giga = context.cells["cst_giga"]
    phases = [(context.t(f"moment_{step.phase}"), _phase(context, step, parts, workings)) for step in memory.steps]
    values = [step.parts for step in memory.steps]
    row = section(context, sheet, steps_row, "memory_steps_section")
    steps = _grid(context, sheet, row, "col_moment", phases, [[v[f"{p}_bytes"] for p in PARTS] for v in values], giga)
    zeros = [(context.t("zero_stage", stage=z), _zero(context, z, parts, workings)) for z in range(len(memory.zero))]
    row = section(context, sheet, zero_row, "memory_zero_section")
    stages = _grid(
        context, sheet, row, "col_zero", zeros, [[v[f"{p}_bytes"] for p in PARTS] for v in memory.zero], giga
    )
    note(sheet, note_row, context.t("memory_note"))
    last = charts + CHART_ROWS - 1
    sheet.charts.append(_chart(context, "chart_memory_steps", steps, (charts, 1, last, 4)))
    sheet.charts.append(_chart(context, "chart_memory_zero", stages, (charts, 5, last, 8)))


def _gpu(context: Context, sheet: Sheet, row: int, workings: Workings) -> dict[str, Cell]:
    """The fullest GPU: parts, total, capacity, verdict. Returns the parts."""
    memory, t = context.estimate.memory, context.t
    terms = memory.terms
    assert terms is not None
    row = section(context, sheet, row, "memory_gpu_section")
    row = headings(
        context, sheet, row, ("col_item", "col_bytes", "col_gb", "col_share", "col_basis", "", "", ""), (2, 3, 4)
    )
    giga = context.cells["cst_giga"]
    first_row = row
    formulas = {name: f"={workings.state(terms.zero_stage, which)}" for which, name in enumerate(STATES)}
    entered: dict[str, Cell] = {}
    for name, path in (("activations", ACTIVATIONS), ("buffers", BUFFERS)):
        formulas[name] = f"={context.input(f'overrides.{path}')}"
        entered[name] = context.inputs[f"overrides.{path}"]
    saved, buffers = (context.input(f"overrides.{path}") for path in (ACTIVATIONS, BUFFERS))
    formulas["reserve"] = f"={workings.context}+{workings.fragmentation}*({saved}+{buffers})"
    parts: dict[str, Cell] = {}
    gigabytes: list[Cell] = []
    total_ref = f"[[memory!B{row + len(PARTS)}]]"
    total = memory.per_gpu.total_bytes.value or 0.0
    for part in PARTS:
        value = memory.per_gpu[f"{part}_bytes"].value or 0.0
        sheet.put(row, 1, t(f"mem_{part}"), "label")
        name = f"out_memory_per_gpu_{part}_bytes"
        parts[part] = sheet.formula(row, 2, formulas[part], value, "calc", "int", name=name)
        gigabytes.append(sheet.formula(row, 3, f"={parts[part]}/{giga}", value / 1e9, "calc", "d2"))
        sheet.formula(row, 4, f"={parts[part]}/{total_ref}", value / total, "calc", "pct")
        _basis(context, sheet, row, f"mem_{part}_basis", entered=entered.get(part))
        row += 1
    sheet.put(row, 1, t("mem_total"), "total_label")
    whole = sheet.formula(row, 2, f"=SUM([[memory!B{first_row}:B{row - 1}]])", total, "total", "int",
                          name="out_memory_per_gpu_total_bytes")  # fmt: skip
    whole_gb = sheet.formula(row, 3, f"={whole}/{giga}", total / 1e9, "total", "d2")
    sheet.formula(row, 4, f"=SUM([[memory!D{first_row}:D{row - 1}]])", 1.0, "total", "pct")
    _basis(context, sheet, row, "mem_total_basis", total=True, stage=memory.worst_stage + 1,
           moment=t(f"moment_{memory.worst_phase}"))  # fmt: skip
    row += 1
    capacity = memory.per_gpu.capacity_bytes.value or 0.0
    sheet.put(row, 1, t("mem_capacity"), "label")
    card = sheet.put(row, 2, capacity, "const", "int")
    context.workbook.define("out_memory_per_gpu_capacity_bytes", card)
    card_gb = sheet.formula(row, 3, f"={card}/{giga}", capacity / 1e9, "calc", "d2")
    sheet.put(row, 4, None, "calc")
    _basis(context, sheet, row, "mem_capacity_basis")
    row += 1
    sheet.put(row, 1, t("mem_free"), "label")
    sheet.formula(row, 2, f"={card}-{whole}", capacity - total, "calc", "int")
    sheet.formula(row, 3, f"=({card}-{whole})/{giga}", (capacity - total) / 1e9, "calc", "d2")
    sheet.formula(row, 4, f"=({card}-{whole})/{card}", (capacity - total) / capacity, "calc", "pct")
    _basis(context, sheet, row, "mem_free_basis")
    row += 1
    sheet.put(row, 1, t("mem_verdict"), "label")
    fits, marginal, unfit = (t(f"verdict_{name}") for name in ("fits", "marginal", "no"))
    tight = f"OR({whole}>{workings.marginal}*{card},{whole}*(1+{workings.interval})>{card})"
    verdict = sheet.formula(row, 2, f'=IF({whole}>{card},"{unfit}",IF({tight},"{marginal}","{fits}"))',
                            t(f"verdict_{memory.verdict}"), "status", "text", name="out_memory_verdict")  # fmt: skip
    sheet.put(row, 3, None, "label")
    sheet.put(row, 4, None, "label")
    _basis(context, sheet, row, "mem_verdict_basis")
    sheet.conditions.append(Condition(f"B{row}", f"=$C${first_row + 6}>$C${first_row + 7}", "bad"))
    sheet.conditions.append(Condition(f"B{row}", f"=$C${first_row + 6}<=$C${first_row + 7}", "good"))
    context.cells |= {"mem_total_gb": whole_gb, "mem_capacity_gb": card_gb, "mem_verdict": verdict}
    context.checks.append(("check_memory_sum", f"ABS(SUM({block(gigabytes)})-{whole_gb.ref})<1/{giga}", True))
    context.checks.append(("check_memory_fits", f"{whole}<={card}", total <= capacity))
    return parts


def _phase(context: Context, step: PhaseBytes, parts: dict[str, Cell], workings: Workings) -> list[str]:
    """Bytes of the parts in a phase, as expressions; 0 where the phase has none."""
    shown = dict.fromkeys(PARTS, "0")
    held = {"load": 1, "forward": 1, "backward": 2, "optimizer": 3, "peak": 6}[step.phase]
    shown |= {part: str(parts[part]) for part in PARTS[:held]}
    shown["reserve"] = str(workings.context if step.phase in ("load", "optimizer") else parts["reserve"])
    peaks = step.of == context.estimate.memory.worst_phase
    if step.phase == "forward":
        shown["activations"] = str(parts["activations"] if peaks else context.input(f"overrides.{FORWARD}"))
    elif step.phase == "backward":
        for part, path in zip(("activations", "buffers"), BACKWARD, strict=True):
            shown[part] = str(parts[part] if peaks else context.input(f"overrides.{path}"))
    return list(shown.values())


def _zero(context: Context, stage: int, parts: dict[str, Cell], workings: Workings) -> list[str]:
    """Bytes of the parts under a ZeRO stage, as expressions."""
    terms = context.estimate.memory.terms
    assert terms is not None
    if stage == terms.zero_stage:
        return [str(parts[part]) for part in PARTS]
    saved, buffers = (context.input(f"overrides.{path}") for path in zero_parts(stage))
    states = [workings.state(stage, which) for which in range(len(STATES))]
    reserve = f"({workings.context}+{workings.fragmentation}*({saved}+{buffers}))"
    return [*states, str(saved), str(buffers), reserve]


Grid = tuple[tuple[Cell, ...], tuple[tuple[Cell, tuple[Cell, ...]], ...]]


def _grid(
    context: Context, sheet: Sheet, row: int, key: str, rows: Sequence[tuple[str, list[str]]],
    values: list[list[float]], giga: Cell,
) -> Grid:  # fmt: skip
    """A table of components in GB: one line a phase or ZeRO stage; returns the cells for a chart."""
    row = headings(context, sheet, row, (key, *(f"mem_{part}" for part in PARTS), "mem_total"), range(2, 9))
    heads = [sheet.cells[row - 1, column] for column in range(2, 8)]
    names: list[Cell] = []
    columns: list[list[Cell]] = [[] for _ in PARTS]
    for (label, expressions), run in zip(rows, values, strict=True):
        names.append(sheet.put(row, 1, label, "label"))
        for index, (expression, value) in enumerate(zip(expressions, run, strict=True)):
            columns[index].append(sheet.formula(row, 2 + index, f"={expression}/{giga}", value / 1e9, "calc", "d2"))
        made = [column[-1] for column in columns]
        sheet.formula(row, 8, f"=SUM({block(made)})", sum(run) / 1e9, "total", "d2")
        row += 1
    return tuple(names), tuple((head, tuple(cells)) for head, cells in zip(heads, columns, strict=True))


def _chart(context: Context, key: str, grid: Grid, anchor: tuple[int, int, int, int]) -> Chart:
    names, series = grid
    capacity = context.cells["mem_capacity_gb"].number or 0.0
    highest = max((sum(cells[i].number or 0.0 for _, cells in series) for i in range(len(names))), default=0.0)
    return Chart(
        "stacked_column", context.t(key), context.t(f"{key}_alt", highest=f"{highest:.1f}", capacity=f"{capacity:.1f}"),
        names, tuple(Series(head, cells, COLORS[part]) for part, (head, cells) in zip(PARTS, series, strict=True)),
        anchor, y_title="GB", number_format="#,##0",
    )  # fmt: skip


def _basis(
    context: Context,
    sheet: Sheet,
    row: int,
    key: str,
    total: bool = False,
    entered: Cell | None = None,
    **values: object,
) -> None:
    """The basis over four columns; of a predicted figure it says live whether it was replaced."""
    role, text = "total_unit" if total else "basis", context.t(key, **values)
    if entered is None:
        sheet.put(row, 5, text, role)
    else:
        mine = context.t("overridden_here")
        shown = mine if isinstance(entered.value, int | float) else text
        sheet.formula(row, 5, f'=IF(ISNUMBER({entered}),"{mine}","{text}")', shown, role, "text")
    fit_height(sheet, row, [(text, sum(WIDTHS[4:8]) - 1, 9)])
    for column in range(6, 9):
        sheet.put(row, column, None, role)
    sheet.merge(row, 5, 8)
