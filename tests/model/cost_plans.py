"""A complete plan for the cost tests: money and what the other packages would give."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cost.prices import CostInputs
from mitsumori.model.plan.plan import Money, Plan

CATALOGUE = Catalogue.shipped()
MONEY: dict[str, Any] = {
    "currency": "JPY",
    "usd_jpy": 150.0,
    "utilization": 0.7,
    "cloud": {"instance": "aws-p5.48xlarge-ap-northeast-1-tokyo"},
    "onprem": {
        "server_price": 45_000_000.0,
        "storage_price": 40_000_000.0,
        "cooling_retrofit_per_rack": 2_500_000.0,
        "power_works": 5_000_000.0,
        "staff_cost_per_year": 12_000_000.0,
        "discount": 0.1,
        "margin": 0.12,
    },
}


def money(changes: dict[str, Any] | None = None) -> Money:
    """The complete money part, with dotted paths replaced (None: not given)."""
    plan = Plan.from_dict({"money": MONEY})
    return plan.with_values({f"money.{path}": value for path, value in (changes or {}).items()}).money


def inputs(**changes: Any) -> CostInputs:
    """8 XD670 behind rear doors, 64 GPUs."""
    base = CostInputs(
        servers=8,
        accelerators=64,
        racks=4,
        support_racks=1,
        kva_contract=150.0,
        contract_kw=110.0,
        it_busy_kw=71.0,
        it_idle_kw=24.0,
        it_max_kw=94.0,
        pue=1.3,
        tokens_per_s=60_000.0,
        goodput=0.95,
        training_days=22.0,
        catalogue=CATALOGUE,
        server=CATALOGUE.server("HPE-XD670"),
        cloud_instance=CATALOGUE.cloud_instance("aws-p5.48xlarge-ap-northeast-1-tokyo"),
        cooling=CATALOGUE.cooling_method("rear_door"),
        storage_bytes=200e12,
    )
    return replace(base, **changes)
