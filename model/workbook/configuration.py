"""構成: the bill of materials, with quantities and what they rest on."""

from __future__ import annotations

from mitsumori.model.architecture.parallelism import REPLICA_AXES
from mitsumori.model.workbook.context import Context, details, fit_height, headings, note, section, title_block
from mitsumori.model.workbook.description import BillLine, Cell, Sheet
from mitsumori.model.workbook.facts import Facts

WIDTHS = (6.0, 27.0, 42.0, 19.5, 10.0, 46.0)


def build(context: Context, facts: Facts) -> None:
    """Write the sheet."""
    sheet = context.sheet("configuration")
    t, cells = context.t, context.cells
    row = title_block(context, sheet)
    row = section(context, sheet, row, "bom_section")
    row = headings(
        context, sheet, row, ("col_number", "col_item", "col_spec", "col_quantity", "col_unit", "col_basis"), (4,)
    )
    server, gpu = facts.resolved.server, facts.resolved.accelerator
    number, serves = 0, context.estimate.serving is not None

    def line(
        key: str, spec: str, quantity: Cell | str | float | None, unit: str, basis: str, part: str | None = ""
    ) -> None:
        nonlocal row, number
        why = "" if basis == t("change_in_mitsumori") else basis
        context.workbook.bill.append(BillLine(t(key), spec, part, _counted(quantity, facts), t(unit), why))
        number += 1
        sheet.put(row, 1, number, "cell_text", "int")
        sheet.put(row, 2, t(key), "cell_text")
        sheet.put(row, 3, spec, "cell_text")
        if isinstance(quantity, Cell):
            sheet.formula(row, 4, f"={quantity}", quantity.value, "link", "int")
        elif isinstance(quantity, str):
            sheet.formula(row, 4, f"={quantity}", facts.storage_units, "link", "int")
        else:
            sheet.put(row, 4, context.unknown if quantity is None else quantity, "const", "int")
        sheet.put(row, 5, t(unit), "unit")
        sheet.put(row, 6, basis, "basis")
        fit_height(sheet, row, [(t(key), WIDTHS[1], 10), (spec, WIDTHS[2], 10), (basis, WIDTHS[5] - 2, 9)])
        row += 1

    memory = f"{server.memory_gb:,.0f} GB" if server.memory_gb else "-"
    spec = t("bom_server_spec", name=server.name, gpus=server.accelerators, gpu=gpu.name, cpu=server.cpu or "-",
             memory=memory)  # fmt: skip
    line("bom_server", spec, cells["lock_servers"], "unit_servers", t("change_in_mitsumori"), server.part_number or "")
    line("bom_gpu", f"{gpu.name}, {gpu.memory_gb:g} GB {gpu.memory_type or ''}".strip(), cells["lock_gpus"], "unit_gpus",
         t("bom_gpu_basis"), None)  # fmt: skip
    support = facts.support
    names, network, parts = support.names, support.network, _part_numbers(facts)
    for key in ("leaf", "spine", "core"):
        figure = network.get(key)
        if figure is not None and figure.value == 0:
            continue
        line(f"bom_{key}", names.get("switch", "-"), None if figure is None else figure.value, "unit_units",
             t("bom_fabric_basis"), parts.get(names.get("switch", ""), ""))  # fmt: skip
    for key, name, unit, basis in (
        ("storage_switches", names.get("storage_switch", "-"), "unit_units", "bom_storage_switch_basis"),
        ("cables", t("bom_cables_spec"), "unit_pieces", "bom_cables_basis"),
        ("optics", t("bom_optics_spec"), "unit_pieces", "bom_optics_basis"),
    ):
        figure = network.get(key)
        if figure is not None and figure.value != 0:
            line(f"bom_{key}", name, figure.value, unit, t(basis), parts.get(name, ""))
    units = support.stored.figures.get("units")
    basis = t("bom_storage_basis_served" if serves else "bom_storage_basis")
    if facts.storage_units is not None:
        line("bom_storage", names.get("storage", "-"), "out_facility_storage_units", "unit_units", basis)
    elif units is not None:
        line("bom_storage", names.get("storage", "-"), units.value, "unit_units", basis)
    line("bom_racks", t("bom_racks_spec", units=context.plan.facility.rack_units), cells["out_facility_racks"], "unit_racks",
         context.method_name(facts.resolved.cooling))  # fmt: skip
    line(
        "bom_support_racks",
        t("bom_support_spec"),
        cells["out_facility_support_racks"],
        "unit_racks",
        t("bom_support_basis"),
    )
    row = note(sheet, row, t("bom_note"))
    if serves:  # what storage a training would need is no part of what is offered: it stands with the workings
        sheet.print_rows = row - 1
        below = _storage(context, facts, sheet, details(context, sheet, row + 1))
        _layout(context, facts, sheet, below + 1)
        return
    row = _storage(context, facts, sheet, row + 1)
    sheet.print_rows = row - 1
    _layout(context, facts, sheet, details(context, sheet, row + 1))


def _counted(quantity: Cell | str | float | None, facts: Facts) -> float | None:
    """The number behind a quantity, None where it is unknown."""
    if isinstance(quantity, Cell):
        return quantity.number
    return facts.storage_units if isinstance(quantity, str) else quantity


def _part_numbers(facts: Facts) -> dict[str, str]:
    """Part numbers of switches by their name."""
    known = facts.resolved.catalogue.networks().values()
    return {record.model: record.part_number for record in known if record.part_number}


def _storage(context: Context, facts: Facts, sheet: Sheet, row: int) -> int:
    """Capacity of the shared storage: data set and checkpoints, live in the tokens."""
    t, net, storage = context.t, context.plan.network, facts.support.stored.figures
    row = section(context, sheet, row, "bom_storage_section")
    row = headings(context, sheet, row, ("col_number", "col_item", "", "col_value", "col_unit", "col_basis"), (4,))
    tokens = context.cells["out_training_tokens"]
    compute = context.cells[
        "out_facility_details_compute_kw"
    ]  # without a server's power the program gives no hall at all

    def put(key: str, cell: Cell, unit: str, basis: str) -> Cell:
        nonlocal row
        sheet.put(row, 1, None, "cell_text")
        sheet.put(row, 2, t(key), "cell_text")
        sheet.put(row, 3, None, "cell_text")
        sheet.put(row, 5, unit, "unit")
        sheet.put(row, 6, t(basis), "basis")
        fit_height(sheet, row, [(t(key), WIDTHS[1] - 2, 10), (t(basis), WIDTHS[5] - 2, 9)])
        row += 1
        return cell

    def value(name: str) -> float | str:
        found = storage[name].value
        return context.unknown if found is None or not facts.known else found

    per_token = put(
        "sto_per_token", sheet.put(row, 4, net.dataset_bytes_per_token, "const", "number"), "B", "change_in_mitsumori"
    )
    data = put("sto_dataset", sheet.formula(row, 4, context.guard([compute], f"{tokens}*{per_token}"), value("dataset_bytes"),
                                            "calc", "int"), "B", "sto_dataset_basis")  # fmt: skip
    size = storage["checkpoint_bytes"].value or 0.0
    each = put("sto_per_parameter", sheet.put(row, 4, size / facts.resolved.parameters, "const", "number"), "B",
               "sto_per_parameter_basis")  # fmt: skip
    formula = f"={context.cells['lock_parameters']}*{each}"
    checkpoint = put("sto_checkpoint", sheet.formula(row, 4, formula, size, "calc", "int"), "B", "sto_checkpoint_basis")
    kept = put("sto_kept", sheet.put(row, 4, net.checkpoints_kept, "const", "int"), "", "change_in_mitsumori")
    whole = f"{data}+{checkpoint}*{kept}"
    if net.storage_pb is not None:
        given = sheet.put(row, 8, net.storage_pb * 1e15, "const", "int")
        whole = str(given)
    cell = sheet.formula(row, 4, context.guard([compute], whole), value("capacity_bytes"), "total", "int",
                         name="out_facility_storage_capacity_bytes")  # fmt: skip
    put("sto_capacity", cell, "B", "sto_capacity_basis")
    unit = facts.support.stored.unit
    if unit is None or facts.storage_units is None:
        return row
    guard, stall = context.cells["cst_guard"], context.cells["cst_checkpoint_write_s"]
    speed = (unit.write_gbytes_per_s or 0.0) * 1e9
    rate = put("sto_unit_write", sheet.put(row, 4, speed, "const", "int"), "B/s", "sto_unit_write_basis")
    wanted = f"1,ROUNDUP(ROUND({checkpoint}/{stall}/{rate},{guard}),0)"
    if unit.raw_capacity_tb is not None:
        raw = put(
            "sto_unit_raw", sheet.put(row, 4, unit.raw_capacity_tb * 1e12, "const", "int"), "B", "sto_unit_raw_basis"
        )
        wanted += f",ROUNDUP(ROUND(({whole})/{raw},{guard}),0)"
    put("sto_units", sheet.formula(row, 4, f"=MAX({wanted})", facts.storage_units, "total", "int",
                                   name="out_facility_storage_units"), t("unit_units"), "sto_units_basis")  # fmt: skip
    return row


def _layout(context: Context, facts: Facts, sheet: Sheet, row: int) -> None:
    """The parallel layout as chosen, and the check that it uses every GPU."""
    t = context.t
    layout = facts.estimate.training.parallel
    row = section(context, sheet, row, "bom_layout_section")
    row = headings(context, sheet, row, ("col_number", "col_item", "", "col_value", "col_unit", "col_basis"), (4,))
    found: dict[str, Cell] = {}
    for name in (*REPLICA_AXES, "dp", "vp", "ep", "zero_stage", "micro_batch", "global_batch"):
        sheet.put(row, 1, None, "cell_text")
        sheet.put(row, 2, t(f"layout_{name}"), "cell_text")
        sheet.put(row, 3, None, "cell_text")
        known = context.cells.get(f"layout_{name}")
        if known is None:
            found[name] = sheet.put(row, 4, float(layout[name]), "locked", "int")
        else:
            found[name] = sheet.formula(row, 4, f"={known}", known.value, "link", "int")
        sheet.put(row, 5, None, "unit")
        sheet.put(row, 6, t("change_in_mitsumori"), "basis")
        row += 1
    if {*REPLICA_AXES, "dp"} <= found.keys():
        gpus = context.cells["lock_gpus"]
        product = "*".join(str(found[name]) for name in (*REPLICA_AXES, "dp"))
        answer = 1.0
        for name in (*REPLICA_AXES, "dp"):
            answer *= float(layout[name])
        context.checks.append(("check_layout", f"{product}={gpus}", answer == gpus.number))
