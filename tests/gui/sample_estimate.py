"""A plan with one price missing, and what the core says about it, for tests of the window's parts.

Everything here comes out of :func:`model.estimate.estimate`: figures, keys and findings are those that users see.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from mitsumori.model.cost.results import CostResult
from mitsumori.model.estimate.estimate import estimate as computed
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.facility.results import FacilityResult
from mitsumori.model.plan.plan import Plan
from mitsumori.model.training.results import TrainingResult

MARGINAL = {"parallel.auto": False, "parallel.tp": 8, "parallel.pp": 2, "parallel.recompute": "none",
            "parallel.optimizer": "adam", "parallel.micro_batch": 1, "parallel.seq_len": 12_288}  # fmt: skip
"""Changes with which the plan still fits, but only just."""
TOO_LARGE = {"parallel.auto": False, "parallel.tp": 4, "parallel.pp": 2}
"""Changes with which the plan needs more memory than a GPU has."""
HOT = {"facility.cooling": "air", "facility.rack_kva": 10.0}
"""Changes with which no rack takes a server."""


def plan(**changes: Any) -> Plan:
    """The plan of these tests, with dotted paths changed (dots written as double underscores)."""
    base = Plan.from_dict(
        {
            "name": "Llama 3 70B",
            "workload": {"stage": "continual", "tokens": 100e9},
            "model": {"preset": "llama3-70b"},
            "cluster": {"server": "HPE-XD670", "servers": 8},
            "parallel": {"seq_len": 8192, "global_batch": 512},
            "facility": {"cooling": "rear_door"},
            "money": {
                "usd_jpy": 150,
                "usd_jpy_date": "2026-11-20",
                "cloud": {"price_per_hour": 55.04, "storage_per_gb_month": 0.1},
                "onprem": {
                    "server_price": 45e6,
                    "storage_price": 40e6,
                    "cooling_retrofit_per_rack": 2e6,
                    "staff_cost_per_year": 12e6,
                },
            },
        }
    )
    return base.with_values({key.replace("__", "."): value for key, value in changes.items()}) if changes else base


@lru_cache(maxsize=32)
def of(some: Plan) -> Estimate:
    """The estimate of a plan, computed once."""
    return computed(some)


def estimate(**parts: Any) -> Estimate:
    """The estimate of :func:`plan`; whole parts can be replaced."""
    whole = of(plan())
    return replace(whole, **parts) if parts else whole


def changed(*changes: dict[str, Any]) -> Estimate:
    """The estimate of the plan with changes by dotted path."""
    values: dict[str, Any] = {}
    for some in changes:
        values |= some
    return of(plan().with_values(values))


def training() -> TrainingResult:
    """Its training."""
    return estimate().training


def facility() -> FacilityResult:
    """Its racks, power and cooling."""
    return estimate().facility


def cost() -> CostResult:
    """Its money: one price is missing."""
    return estimate().cost


def racks() -> tuple[Any, ...]:
    """Its racks as they are drawn."""
    from mitsumori.model.facility.elevation import drawn

    return drawn(estimate().facility.layout)


def unpriced() -> Estimate:
    """The estimate of the plan without any price."""
    return changed(
        {
            "money.usd_jpy": None,
            "money.cloud.instance": None,
            "money.cloud.price_per_hour": None,
            "money.onprem.server_price": None,
        }
    )
