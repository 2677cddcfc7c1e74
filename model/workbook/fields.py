"""The live inputs of the workbook: which plan paths, in which order, with which format and unit.

Bounds are the plan's own (read from its pydantic fields), so that sheet, window and command accept the same. What is not
listed here (model, cluster, layout, choices from lists) is locked in the workbook and changed in Mitsumori.
"""

from __future__ import annotations

import datetime as dt
import math
import types
import typing
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel

from mitsumori.model.plan.overrides import (
    CLOUD_SPEED,
    OVERRIDES,
    SPEED,
    SPEED_HIGH,
    SPEED_LOW,
    STEP_PARTS,
    accepted,
    step_part,
)
from mitsumori.model.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Field:
    """One live input. ``internal`` fields (purchase side) exist only in the internal audience's file."""

    path: str
    fmt: str
    unit: str
    internal: bool = False

    @property
    def name(self) -> str:
        """The defined name of its cell."""
        return input_name(self.path)

    @property
    def label(self) -> str:
        """The message key of its label."""
        return "in_" + self.path.replace(".", "_")


def input_name(path: str) -> str:
    """``workload.tokens`` -> ``in_workload_tokens``."""
    return "in_" + path.replace(".", "_")


def table_name(row: int, column: int, uses_mfu: bool) -> str:
    """The defined name of a cell of the training-time table; its path follows from the row's model and column's servers."""
    return f"in_overrides_table_{row}_{column}_{'mfu' if uses_mfu else 'tokens_per_s_per_gpu'}"


def _fields(prefix: str, *rows: tuple[str, str, str]) -> tuple[Field, ...]:
    return tuple(
        Field(f"{prefix}.{name}", fmt, unit, internal=name in ("discount", "margin")) for name, fmt, unit in rows
    )


CUSTOMER_ONLY_TEXT = ("name", "customer")
"""Text inputs of the cover."""

SECTIONS: dict[str, tuple[Field, ...]] = {
    "workload": _fields(
        "workload",
        ("tokens", "int", "tokens"),
        ("epochs", "number", "times"),
        ("runs_per_year", "number", "runs_year"),
    ),
    "overrides": _fields(
        "overrides",
        (SPEED, "d1", "tokens_s_gpu"),
        (SPEED_LOW, "d1", "tokens_s_gpu"),
        (SPEED_HIGH, "d1", "tokens_s_gpu"),
        *((step_part(name), "d3", "seconds") for name in STEP_PARTS),
        *((path, "int", "bytes") for path in OVERRIDES if path.startswith("memory.")),
        (CLOUD_SPEED, "d3", "none"),
    ),
    "facility": _fields(
        "facility",
        ("rack_kva", "d1", "kva_rack"),
        ("rack_units", "int", "u"),
        ("units_reserved", "int", "u"),
        ("gap_units", "int", "u"),
        ("kva_reserved", "d2", "kva"),
        ("air_limit_kw", "d1", "kw_rack"),
        ("liquid_limit_kw", "d1", "kw_rack"),
        ("liquid_heat_fraction", "pct", "none"),
        ("cap_fraction", "pct", "none"),
        ("power_factor", "ratio", "none"),
        ("site_power_factor", "ratio", "none"),
        ("pue", "ratio", "none"),
        ("wue", "ratio", "l_kwh"),
        ("server_max_kw", "d2", "kw_server"),
        ("server_peak_kw", "d2", "kw_server"),
        ("server_average_kw", "d2", "kw_server"),
        ("server_idle_kw", "d2", "kw_server"),
        ("server_weight_kg", "d1", "kg"),
        ("rack_weight_limit_kg", "d1", "kg"),
        ("rack_tare_kg", "d1", "kg"),
        ("floor_limit_kg_m2", "d1", "kg_m2"),
        ("hall_kva_free", "d1", "kva"),
        ("hall_cooling_kw_free", "d1", "kw"),
        ("hall_racks_free", "int", "racks"),
        ("other_power_share", "pct", "none"),
        ("co2_kg_per_kwh", "d3", "kg_kwh"),
    ),
    "money": _fields(
        "money",
        ("usd_jpy", "d2", "jpy_usd"),
        ("usd_jpy_date", "date", "none"),
        ("horizon_months", "int", "months"),
        ("utilization", "pct", "none"),
        ("electricity_jpy_per_kwh", "d2", "jpy_kwh"),
        ("demand_charge_jpy_per_kw_month", "d1", "jpy_kw_month"),
        ("surcharge_jpy_per_kwh", "d2", "jpy_kwh"),
        ("discount_rate", "pct", "year"),
        ("tax_rate", "pct", "none"),
    ),
    "cloud": _fields(
        "money.cloud",
        ("price_per_hour", "d3", "cloud_hour"),
        ("reserved_1y_per_hour", "d3", "cloud_hour"),
        ("reserved_3y_per_hour", "d3", "cloud_hour"),
        ("spot_per_hour", "d3", "cloud_hour"),
        ("price_date", "date", "none"),
        ("storage_gb", "int", "gb"),
        ("storage_per_gb_month", "d4", "cloud_gb_month"),
        ("egress_gb_per_month", "int", "gb_month"),
        ("egress_per_gb", "d4", "cloud_gb"),
        ("support_rate", "pct", "none"),
        ("setup", "money", "cloud_money"),
        ("spot_interruptions_per_month", "number", "times_month"),
        ("throughput_factor", "ratio", "none"),
    ),
    "onprem": _fields(
        "money.onprem",
        ("server_price", "money", "onprem_server"),
        ("price_date", "date", "none"),
        ("discount", "pct", "none"),
        ("margin", "pct", "none"),
        ("network_price", "money", "onprem_money"),
        ("network_share", "pct", "none"),
        ("storage_price", "money", "onprem_money"),
        ("installation_share", "pct", "none"),
        ("cooling_retrofit_per_rack", "money", "onprem_rack"),
        ("power_works", "money", "onprem_money"),
        ("spares_share", "pct", "none"),
        ("license_per_gpu_year", "money", "onprem_gpu_year"),
        ("license_per_server_year", "money", "onprem_server_year"),
        ("maintenance_rate", "pct", "year"),
        ("staff_fte", "d2", "fte"),
        ("staff_cost_per_year", "money", "onprem_fte_year"),
        ("rent_per_rack_month", "money", "onprem_rack_month"),
        ("rent_per_kva_month", "money", "onprem_kva_month"),
        ("colocation_setup", "money", "onprem_money"),
        ("insurance_rate", "pct", "year"),
        ("property_tax_rate", "pct", "year"),
        ("residual_share", "pct", "none"),
    ),
}


def fields(audience: str) -> tuple[Field, ...]:
    """Every live input an audience's file can have, in order; a file has the overrides of figures its plan predicts."""
    everything = tuple(item for section in SECTIONS.values() for item in section)
    return tuple(item for item in everything if audience == "internal" or not item.internal)


Kind = Literal["decimal", "whole", "date"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a plan field accepts."""

    kind: Kind
    low: float
    high: float
    optional: bool


@lru_cache(maxsize=512)
def bounds(path: str) -> Bounds:
    """The bounds of a plan path, from the plan's own field.

    Raises
    ------
    KeyError
        For a path that no plan has.
    """
    if path.startswith("overrides."):
        known = accepted(path.removeprefix("overrides."))
        if known is None:
            raise KeyError(path)
        return Bounds("decimal", known.low, known.high, True)
    owner: Any = Plan
    parts = path.split(".")
    for part in parts[:-1]:
        owner = owner.model_fields[part].annotation
    if not issubclass(owner, BaseModel):
        raise KeyError(path)
    info = owner.model_fields[parts[-1]]
    annotation, metadata = info.annotation, list(info.metadata)
    optional = False
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        branches = [branch for branch in typing.get_args(annotation) if branch is not type(None)]
        optional = len(branches) < len(typing.get_args(annotation))
        annotation = branches[0]
    if typing.get_origin(annotation) is typing.Annotated:
        base, *more = typing.get_args(annotation)
        annotation, metadata = base, [*metadata, *more]
    flat = [item for extra in metadata for item in getattr(extra, "metadata", [extra])]
    low, high = -math.inf, math.inf
    for item in flat:
        low = max(low, getattr(item, "ge", low) if hasattr(item, "ge") else low)
        high = min(high, getattr(item, "le", high) if hasattr(item, "le") else high)
        if hasattr(item, "gt"):
            low = max(low, item.gt + 1e-9)
        if hasattr(item, "lt"):
            high = min(high, item.lt - 1e-9)
    if annotation is dt.date:
        return Bounds("date", 0, 0, optional)
    return Bounds("whole" if annotation is int else "decimal", low, high, optional)
