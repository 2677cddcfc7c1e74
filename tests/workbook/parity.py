"""Comparing what a spreadsheet engine computes with what the program says for the same inputs."""

from __future__ import annotations

import datetime as dt
import os
import random
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.overrides import SPEED
from mitsumori.model.plan.plan import Plan
from mitsumori.model.study.training_table import TrainingTable, overridden
from mitsumori.model.workbook import ProposalSettings, build
from mitsumori.model.workbook.context import EarlierFile
from mitsumori.model.workbook.description import Cell, Workbook
from mitsumori.model.workbook.fields import bounds

SETTINGS = ProposalSettings(
    issue_date=dt.date(2026, 11, 22),
    issuer="Example Integrator",
    department="AI",
    contact="a@b.c",
)
TOLERANCE = 1e-9
EPOCH = dt.date(1899, 12, 30)


def only_in_the_long_run() -> None:
    """Skip unless .ci/long runs the whole campaign."""
    if os.environ.get("MITSUMORI_LONG") != "1":
        pytest.skip("a hundred scenarios; .ci/long sets MITSUMORI_LONG=1")


def expected(plan: Plan, base: Plan, held: Estimate, language: str, audience: str, table: TrainingTable) -> Workbook:
    """The description for changed inputs: the program's own results, predicted figures held."""
    result = estimate(plan, held={SPEED: held.predicted.values[SPEED]})
    return build(
        plan,
        result,
        language,
        audience,
        SETTINGS,
        exported=EarlierFile(base, held),
        table=overridden(table, plan.overrides),
    )  # type: ignore[arg-type]


def differences(workbook: Workbook, data: Mapping[str, Any]) -> list[str]:
    """Formula cells where the engine and the program disagree."""
    wrong = []
    for cell in workbook.formulas():
        if cell.volatile:
            continue
        rows = data[workbook.sheets[cell.sheet].title]
        got = rows[cell.row - 1][cell.column - 1]
        if not same(got, cell):
            where = f"{cell.sheet}!{cell.row},{cell.column} {cell.name or ''}"
            wrong.append(f"{where}: sheet {got!r}, program {cell.value!r}, {cell.formula}")
    return wrong


INPUTS = frozenset({"input", "input_text", "missing", "cover_input", "original"})


def stale(exported: Workbook, want: Workbook) -> list[str]:
    """Plain figures of the file that the program would have written differently for the changed inputs."""
    wrong = []
    for cell in exported.cells():
        other = want.sheets[cell.sheet].cells.get((cell.row, cell.column))
        if cell.formula is not None or cell.role in INPUTS or cell.number is None or other is None:
            continue
        if not same(cell.number, other):
            wrong.append(
                f"{cell.sheet}!{cell.row},{cell.column} {cell.name or ''}: file {cell.value!r}, program {other.value!r}"
            )
    return wrong


def same(got: Any, cell: Cell) -> bool:
    """Equal to 1e-9 of the larger of one and the operands; texts exactly; an error (None) never."""
    want = cell.value
    if isinstance(want, dt.date):
        want = (want - EPOCH).days
    if isinstance(want, str) or want is None:
        return bool(got == (want or ""))
    if isinstance(got, str) or got is None:
        return False
    return abs(float(got) - float(want)) <= TOLERANCE * max(1.0, abs(float(got)), abs(float(want)), operand_scale(cell))


def operand_scale(cell: Cell) -> float:
    """Magnitude of what a difference is taken of: sums of money are compared on the scale of the amounts."""
    return MONEY_SCALE.get(cell.sheet, 0.0) if cell.fmt in ("money", "million", "thousand") else 0.0


MONEY_SCALE: dict[str, float] = {}


def set_scale(workbook: Workbook) -> None:
    """Take the largest amount of a workbook as the operands of its differences."""
    for key in ("comparison", "books", "sensitivity"):
        amounts = [
            abs(c.number or 0.0)
            for c in workbook.sheets[key].cells.values()
            if c.fmt in ("money", "million", "thousand")
        ]
        MONEY_SCALE[key] = max(amounts, default=0.0)


_RANGES: dict[str, tuple[float, float]] = {
    "workload.tokens": (1e9, 1e12),
    "workload.epochs": (0.5, 4.0),
    "workload.runs_per_year": (0.5, 40.0),
    "overrides.training.tokens_per_s_per_gpu": (50.0, 5000.0),
    "overrides.training.tokens_per_s_per_gpu_low": (40.0, 2000.0),
    "overrides.training.tokens_per_s_per_gpu_high": (500.0, 9000.0),
    "overrides.cost.cloud_speed": (0.4, 2.5),
    "facility.rack_kva": (6.0, 120.0),
    "facility.rack_units": (24, 52),
    "facility.units_reserved": (0, 8),
    "facility.gap_units": (0, 4),
    "facility.kva_reserved": (0.0, 4.0),
    "facility.air_limit_kw": (5.0, 80.0),
    "facility.liquid_limit_kw": (0.0, 100.0),
    "facility.cap_fraction": (0.4, 1.0),
    "facility.power_factor": (0.9, 1.0),
    "facility.site_power_factor": (0.85, 1.0),
    "facility.pue": (1.05, 1.8),
    "facility.wue": (0.0, 2.0),
    "facility.server_max_kw": (4.0, 16.0),
    "facility.server_peak_kw": (4.0, 14.0),
    "facility.server_average_kw": (3.0, 12.0),
    "facility.server_idle_kw": (0.0, 4.0),
    "facility.server_weight_kg": (60.0, 200.0),
    "facility.rack_weight_limit_kg": (300.0, 1500.0),
    "facility.rack_tare_kg": (100.0, 200.0),
    "facility.floor_limit_kg_m2": (300.0, 2000.0),
    "facility.floor_point_limit_kg_m2": (300.0, 2000.0),
    "facility.hall_kva_free": (50.0, 5000.0),
    "facility.hall_cooling_kw_free": (50.0, 5000.0),
    "facility.hall_racks_free": (1, 400),
    "facility.other_power_share": (0.0, 0.5),
    "facility.co2_kg_per_kwh": (0.0, 0.7),
    "money.usd_jpy": (80.0, 200.0),
    "money.electricity_jpy_per_kwh": (5.0, 60.0),
    "money.demand_charge_jpy_per_kw_month": (0.0, 4000.0),
    "money.surcharge_jpy_per_kwh": (0.0, 6.0),
    "money.fuel_adjustment_jpy_per_kwh": (-5.0, 8.0),
    "money.discount_rate": (0.0, 0.12),
    "money.tax_rate": (0.0, 0.2),
    "money.corporate_tax_rate": (0.0, 0.4),
    "money.capital_rate": (0.0, 0.12),
    "money.onprem.special_depreciation_share": (0.0, 1.0),
    "money.onprem.subsidy": (0.0, 1e8),
    "money.cloud.price_per_hour": (5.0, 200.0),
    "money.cloud.reserved_1y_per_hour": (5.0, 150.0),
    "money.cloud.reserved_3y_per_hour": (5.0, 100.0),
    "money.cloud.spot_per_hour": (2.0, 60.0),
    "money.cloud.storage_gb": (0.0, 1e6),
    "money.cloud.storage_per_gb_month": (0.0, 0.2),
    "money.cloud.egress_gb_per_month": (0.0, 1e5),
    "money.cloud.egress_per_gb": (0.0, 0.2),
    "money.cloud.support_rate": (0.0, 0.15),
    "money.cloud.setup": (0.0, 1e5),
    "money.cloud.spot_interruptions_per_month": (0.0, 60.0),
    "money.cloud.throughput_factor": (0.5, 1.5),
    "money.onprem.server_price": (1e7, 1.5e8),
    "money.onprem.discount": (0.0, 0.4),
    "money.onprem.margin": (0.0, 0.4),
    "money.onprem.network_price": (1e6, 1e9),
    "money.onprem.network_share": (0.0, 0.4),
    "money.onprem.storage_price": (0.0, 5e8),
    "money.onprem.installation_share": (0.0, 0.1),
    "money.onprem.cooling_retrofit_per_rack": (0.0, 1e7),
    "money.onprem.power_works": (0.0, 1e8),
    "money.onprem.spares_share": (0.0, 0.1),
    "money.onprem.license_per_gpu_year": (0.0, 1e6),
    "money.onprem.license_per_server_year": (0.0, 1e6),
    "money.onprem.maintenance_rate": (0.0, 0.12),
    "money.onprem.staff_fte": (0.0, 4.0),
    "money.onprem.staff_cost_per_year": (5e6, 2e7),
    "money.onprem.rent_per_rack_month": (0.0, 5e5),
    "money.onprem.rent_per_kva_month": (0.0, 3e4),
    "money.onprem.colocation_setup": (0.0, 1e7),
    "money.onprem.insurance_rate": (0.0, 0.02),
    "money.onprem.property_tax_rate": (0.0, 0.03),
    "money.onprem.residual_share": (0.0, 0.4),
    "money.electricity_escalation": (-0.1, 0.2),
    "money.ramp_months": (0, 12),
    "money.onprem.wage_escalation": (-0.05, 0.1),
    "money.onprem.payment_months": (0, 12),
    "money.onprem.advance_share": (0.0, 1.0),
    "money.onprem.before_use_months": (0, 12),
    "money.onprem.delivery_months": (0.0, 14.0),
    "money.onprem.works_months": (0.0, 9.0),
    "money.onprem.installation_days": (0.0, 60.0),
    "money.cloud.upfront_share": (0.0, 1.0),
    "money.onprem.refresh_share": (0.0, 0.5),
    "money.onprem.refresh_month": (1, 84),
    "money.onprem.disposal_per_server": (0.0, 1e6),
    "money.cloud.price_decline": (0.0, 0.4),
    "money.cloud.goodput_loss_share": (0.0, 0.2),
    "money.cloud.debugging_share": (0.0, 0.2),
    "money.cloud.cpu_nodes_per_month": (0.0, 2e4),
    "serving.hours_per_day": (1.0, 24.0),
    "serving.cost_share": (0.05, 1.0),
    "serving.api_price.input": (0.1, 30.0),
    "serving.api_price.output": (0.1, 90.0),
    "serving.api_price.cached": (0.01, 10.0),
}
_ANY = {"money.horizon_months": (12, 84), "money.utilization": (0.02, 1.0), "facility.liquid_heat_fraction": (0.0, 1.0)}

_OVERRIDES = {"training": (0.0, 12.0), "memory": (0.0, 6e10), "table": (0.1, 0.7)}
"""Seconds of a part of the step; bytes; MFU or a speed."""


def scenario(seed: int, paths: list[str], share: float = 0.35) -> dict[str, float | None]:
    """Random changes of a share of the inputs, inside their bounds; optional ones are sometimes emptied."""
    rng = random.Random(seed)
    changes: dict[str, float | None] = {}
    for path in paths:
        limits = bounds(path)
        if limits.kind == "date" or rng.random() > share:
            continue
        if limits.optional and rng.random() < 0.15:
            changes[path] = None
            continue
        low, high = (_RANGES | _ANY).get(path) or _OVERRIDES[path.split(".")[1]]
        low, high = max(low, limits.low), min(high, limits.high)
        changes[path] = float(rng.randint(int(low), int(high))) if limits.kind == "whole" else rng.uniform(low, high)
    return changes


def changed(plan: Plan, changes: Mapping[str, float | None]) -> Plan:
    """The plan with changed inputs; whole numbers as such."""
    values: dict[str, Any] = {}
    for path, value in changes.items():
        values[path] = int(value) if value is not None and bounds(path).kind == "whole" else value
    for side, price in (("onprem", "server_price"), ("cloud", "price_per_hour")):
        date = f"money.{side}.price_date"
        if f"money.{side}.{price}" in values and date not in values:
            values[date] = plan.value(date)  # a cell that is emptied leaves the one beside it as it is
    return plan.with_values(values)


def apply(book: Any, workbook: Workbook, changes: Mapping[str, float | None]) -> None:
    """Set the inputs through their defined names."""
    for path, value in changes.items():
        book.set(workbook.inputs[path], value)


def poison(data: bytes, value: str = "12345") -> bytes:
    """The file with one number in every formula cell's cache: an engine that trusts caches is found out."""
    import io

    source = zipfile.ZipFile(io.BytesIO(data))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename.startswith("xl/worksheets/sheet"):
                text = content.decode()
                text = re.sub(r'(<c r="[A-Z]+\d+"(?: s="\d+")?)(?: t="[a-z]+")?>(<f>.*?</f>)<v>.*?</v>',
                              rf"\1>\2<v>{value}</v>", text, flags=re.DOTALL)  # fmt: skip
                content = text.encode()
            target.writestr(info, content)
    return stream.getvalue()


def write(path: Path, data: bytes) -> Path:
    """Write and return the path."""
    path.write_bytes(data)
    return path
