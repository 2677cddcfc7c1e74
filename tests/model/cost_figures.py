"""Figures of a cost result for its tests, and prices whose absence leaves the own side open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mitsumori.model.cost.results import CostResult


def value(result: CostResult, path: str) -> float:
    """A figure of the result that must be known."""
    node: Any = result
    for part in path.split("."):
        node = node[part] if isinstance(node, Mapping) else getattr(node, part)
    assert node.value is not None, path
    return float(node.value)


UNKNOWN_ONPREM = {
    "onprem.storage_price": "storage",
    "onprem.cooling_retrofit_per_rack": "cooling",
    "onprem.staff_cost_per_year": "staff",
    "onprem.server_price": "servers",
}
