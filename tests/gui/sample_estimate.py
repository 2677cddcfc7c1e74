"""A hand-made plan and estimate for tests of the window's parts that must not wait for, or depend on, the core.

The numbers are those of the design pictures (Llama 3 70B, 100 B tokens, 8 servers of 8 H100), so a rendered tab can be
laid beside its picture. Nothing in the product imports this file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from mitsumori.model.base.figure import Figure, Figures, Parent, unknown
from mitsumori.model.cost.figures import ComparedFigures, SideFigures
from mitsumori.model.cost.results import CostResult, FiscalYear, SideCost
from mitsumori.model.estimate.results import Estimate, SourceLine
from mitsumori.model.facility.results import FacilityResult, HallFigures, Limits, MethodResult
from mitsumori.model.memory.results import MemoryParts, MemoryResult, MomentBytes
from mitsumori.model.plan.plan import Plan
from mitsumori.model.training.results import NearRun, TrainingDetails, TrainingResult

GB = 1e9
OKU = 1e8

FORMULA = Parent(
    "formula", "bytes = parameters x bytes each / shards", "Rajbhandari 2020", "https://arxiv.org/abs/1910.02054"
)
CATALOGUE = Parent("catalogue", "servers.HPE-XD670.max_kw", "HPE QuickSpecs", "https://www.hpe.com", "2025-05", "B")
FITTED = Parent("fitted", "step time constants", "measured runs", "", "2026-11-18", "A")
USER = Parent("user", "money.cloud.price_per_hour")


@dataclass(frozen=True)
class SampleDevice:
    """One thing in a rack as the elevation draws it."""

    kind: str
    name: str
    unit: int
    height_u: int


@dataclass(frozen=True)
class SampleRack:
    """One drawn rack."""

    name: str
    kind: str
    devices: tuple[SampleDevice, ...]
    units: int = 42
    kva: float = 22.3
    kva_limit: float | None = 30.0
    air_kw: float = 21.9
    air_limit_kw: float | None = 30.0
    liquid_kw: float = 0.0
    liquid_limit_kw: float | None = None
    count: int = 1


def plan(**changes: Any) -> Plan:
    """The plan of the pictures, with dotted paths changed (dots written as double underscores)."""
    base = Plan.from_dict(
        {
            "name": "Llama 3 70B",
            "workload": {"stage": "continual", "tokens": 100e9},
            "model": {"preset": "llama3-70b"},
            "cluster": {"server": "HPE-XD670", "servers": 8},
            "parallel": {"seq_len": 8192, "global_batch": 512},
            "facility": {"cooling": "rear_door"},
            "money": {"usd_jpy": 150, "usd_jpy_date": "2026-11-20", "cloud": {"price_per_hour": 55.04}},
        }
    )
    return base.with_values({key.replace("__", "."): value for key, value in changes.items()}) if changes else base


def _f(
    value: float, unit: str = "", parent: Parent = FORMULA, low: float | None = None, high: float | None = None
) -> Figure:
    return Figure(value, unit, parent, low, high)


_PARTS = ("weights", "gradients", "optimizer", "activations", "buffers", "reserve")


def _parts(*gigabytes: float) -> dict[str, float]:
    return {f"{name}_bytes": value * GB for name, value in zip(_PARTS, gigabytes, strict=True)}


def memory(scale: float = 1.0) -> MemoryResult:
    """Memory of the pictures, scaled (1.7 does not fit, 1.2 is marginal)."""
    parts = _parts(*(value * scale for value in (17.6, 17.6, 13.2, 8.4, 3.4, 2.2)))
    total = sum(parts.values())
    per_gpu = {key: _f(value, "B") for key, value in parts.items()}
    per_gpu["total_bytes"] = _f(total, "B")
    per_gpu["capacity_bytes"] = _f(80 * GB, "B", CATALOGUE)

    def moment(name: str, *values: float) -> MomentBytes:
        some = _parts(*(value * scale for value in values))
        return MomentBytes(name, sum(some.values()), some)

    verdict = "fits" if total < 72 * GB else "marginal" if total <= 80 * GB else "no"
    return MemoryResult(
        per_gpu=per_gpu,
        verdict=verdict,  # type: ignore[arg-type]
        worst_stage=0,
        worst_moment="optimizer",
        behind=MemoryParts(
            steps=(
                moment("load", 17.6, 0, 0, 0, 3.4, 2.2),
                moment("forward", 17.6, 0, 0, 8.4, 3.4, 2.2),
                moment("backward", 17.6, 17.6, 0, 8.4, 3.4, 2.2),
                moment("optimizer", 17.6, 17.6, 13.2, 8.4, 3.4, 2.2),
            ),
            zero=tuple(
                _parts(*(value * scale for value in row))
                for row in (
                    (17.6, 17.6, 105.8, 8.4, 3.4, 2.2),
                    (17.6, 17.6, 13.2, 8.4, 3.4, 2.2),
                    (17.6, 2.2, 13.2, 8.4, 3.4, 2.2),
                    (2.2, 2.2, 13.2, 9.6, 3.4, 2.2),
                )
            ),
            stages=(parts, _parts(*(value * scale for value in (17.6, 17.6, 13.2, 6.9, 3.4, 2.2)))),
        ),
    )


def training() -> TrainingResult:
    """Training of the pictures."""
    seconds = {
        "compute": 47.4,
        "recompute": 15.4,
        "communication": 9.1,
        "bubble": 2.3,
        "optimizer": 1.6,
        "data": 1.4,
        "lost": 3.6,
    }
    return TrainingResult(
        tokens_per_s_per_gpu=_f(811.0, "tokens/s", FITTED, 723.0, 899.0),
        mfu=_f(0.386, "", FITTED, 0.344, 0.428),
        step_time_s=_f(77.2, "s", FITTED, 69.6, 86.6),
        breakdown_s={key: _f(value, "s", FITTED) for key, value in seconds.items()},
        days=_f(22.3, "d", FITTED, 20.1, 25.0),
        goodput=_f(0.955, "", FITTED),
        gpu_hours=_f(34253.0, "h", FITTED),
        tokens=_f(100e9, "tokens", USER),
        near_runs=3,
        details=TrainingDetails(70.6e9, 64, 700.0, 9000.0, 60.0, 600.0, 0.02, "dense", 1.0),
        near=(NearRun("r1", "Llama 3 70B, 64 H100", "https://example.org/r1", 790.0),),
        parallel={
            "tp": 4,
            "pp": 2,
            "dp": 8,
            "cp": 1,
            "ep": 1,
            "zero_stage": 1,
            "micro_batch": 1,
            "vp": 1,
            "etp": 1,
            "sp": True,
            "global_batch": 512,
            "seq_len": 8192,
            "micro_batches": 64,
            "recompute": "full",
        },
    )


def racks() -> tuple[SampleRack, ...]:
    """The five racks of the pictures."""
    compute = tuple(
        SampleRack(
            f"R{index + 1}",
            "compute",
            (
                SampleDevice("server", "HPE Cray XD670", 6, 5),
                SampleDevice("server", "HPE Cray XD670", 14, 5),
                SampleDevice("switch", "leaf", 41, 1),
                SampleDevice("switch", "leaf", 42, 1),
            ),
        )
        for index in range(4)
    )
    support = SampleRack(
        "N1",
        "support",
        (
            SampleDevice("switch", "spine", 41, 2),
            SampleDevice("switch", "spine", 39, 2),
            SampleDevice("switch", "management switch", 37, 1),
            *(SampleDevice("storage", "storage", unit, 2) for unit in (22, 24, 26, 28)),
            SampleDevice("management", "login", 13, 1),
            SampleDevice("management", "management", 14, 1),
        ),
        kva=12.5,
        air_kw=12.2,
    )
    return (*compute, support)


def facility() -> FacilityResult:
    """Racks, power and cooling of the pictures."""
    return FacilityResult(
        servers_per_rack=_f(2),
        racks=_f(4),
        support_racks=_f(1),
        binding=("kva", "air", "units"),
        kva_per_rack=_f(22.3, "kVA"),
        kw_per_rack=_f(21.9, "kW"),
        air_kw=_f(21.9, "kW"),
        liquid_kw=_f(0.0, "kW"),
        it_kw=_f(93.8, "kW", CATALOGUE),
        facility_kw=_f(122.0, "kW"),
        utility_kva=_f(124.0, "kVA"),
        tariff_class="high_voltage",
        pue=_f(1.30),
        kwh_per_year=_f(647e3, "kWh"),
        co2_t_per_year=_f(274.0, "t"),
        water_m3_per_year=_f(149.0, "m3"),
        methods=(
            MethodResult("air", False, 0, None, ("kva",), 11.9, 10.0, 10.2, 0.0, 1.54),
            MethodResult("in_row", True, 1, 8, ("kva",), 11.9, 20.0, 11.7, 0.0, 1.34),
            MethodResult("rear_door", True, 2, 4, ("kva",), 22.3, 30.0, 21.9, 0.0, 1.30),
            MethodResult("rear_door_active", True, 4, 2, ("kw",), 43.1, 60.0, 42.3, 0.0, 1.30),
            MethodResult("rear_door_cold_plate", True, 4, 2, ("units",), 43.1, 80.0, 13.7, 28.6, 1.16),
        ),
        limits=Limits(30.0, "max", air_limit_kw=30.0),
        details=cast(HallFigures, {}),
        layout=racks(),
    )


def cost(missing: tuple[str, ...] = ("money.onprem.power_works",)) -> CostResult:
    """Money of the pictures, in yen."""
    months = np.arange(61.0)
    owned_lines = {
        "servers": 3.60,
        "network": 0.54,
        "storage": 0.38,
        "install_cooling": 0.22,
        "electricity": 0.84,
        "maintenance": 1.03,
        "space": 1.20,
        "staff": 0.60,
        "tax_insurance": 0.28,
    }
    cloud_lines = {"compute": 20.23, "storage_egress": 0.72, "support": 0.45}
    owned_total, initial = sum(owned_lines.values()) * OKU, 4.74 * OKU
    cloud_total = sum(cloud_lines.values()) * OKU
    return CostResult(
        currency="JPY",
        cloud=SideCost(
            _f(cloud_total, "JPY"),
            _f(0.0, "JPY"),
            _f(cloud_total / 60, "JPY"),
            {key: _f(value * OKU, "JPY") for key, value in cloud_lines.items()},
            NONE,
            cloud_total * months / 60,
        ),
        onprem=SideCost(
            _f(owned_total, "JPY"),
            _f(initial, "JPY"),
            _f((owned_total - initial) / 60, "JPY"),
            {key: _f(value * OKU, "JPY") for key, value in owned_lines.items()},
            NONE,
            initial + (owned_total - initial) * months / 60,
        ),
        break_even_month=_f(16.3, "months"),
        missing=missing,
        details=compared(_f(0.31)),
        alternatives={
            "reserved_3y": SideCost(
                _f(12.8 * OKU, "JPY"),
                _f(0.0, "JPY"),
                _f(12.8 * OKU / 60, "JPY"),
                {"compute": _f(12.8 * OKU, "JPY")},
                NONE,
                12.8 * OKU * months / 60,
            )
        },
    )


class _Sources:
    """What the pictures say of inputs: nothing in use, two sources."""

    def used(self, estimate: Estimate, path: str) -> Figure | None:
        return None

    def standard(self, estimate: Estimate, path: str) -> Figure | None:
        return None

    def sources(self, estimate: Estimate) -> tuple[SourceLine, ...]:
        return (
            SourceLine("servers.HPE-XD670", "HPE QuickSpecs", "https://www.hpe.com", "2025-05", "B"),
            SourceLine("accelerators.H100-SXM", "NVIDIA H100 data sheet", "https://www.nvidia.com", "2024-03", "A"),
        )


class _Compared(Figures):
    """Figures of the comparison: of these the pictures show the utilization of break-even alone, and nothing is left open."""

    def __init__(self, even: Figure) -> None:
        self.break_even_utilization, self.quote = even, SimpleNamespace(open_items=())

    def years(self) -> tuple[FiscalYear, ...]:
        return ()


def compared(even: Figure) -> ComparedFigures:
    """The comparison of the pictures."""
    return cast(ComparedFigures, _Compared(even))


NONE = cast(SideFigures, {})
"""No figures of a side beside its totals."""


def estimate(memory_scale: float = 1.0, **parts: Any) -> Estimate:
    """The estimate of the pictures; whole parts can be replaced."""
    whole = Estimate(
        memory=memory(memory_scale),
        training=training(),
        facility=facility(),
        cost=cost(),
        findings=(),
        inputs=_Sources(),
    )
    return replace(whole, **parts) if parts else whole


def empty_cost() -> CostResult:
    """Money when nothing is known."""
    nothing = unknown("price_unknown", "JPY")
    side = SideCost(nothing, nothing, nothing, {"compute": nothing}, NONE, np.zeros(0))
    never = unknown("no_break_even")
    return CostResult("JPY", side, side, never, ("money.usd_jpy",), compared(never))
