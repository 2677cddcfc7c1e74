"""Plans of a hall with network and storage, and their figures."""

from __future__ import annotations

from typing import Any

from mitsumori.model.base.findings import Finding
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.facility.hall import facility
from mitsumori.model.facility.results import FacilityResult
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve

BASE = {"workload": {"tokens": 100e9}, "model": {"preset": "llama3-70b"}, "cluster": {"server": "HPE-XD670"}}


def run(catalogue: Catalogue | None = None, **changes: Any) -> tuple[FacilityResult, dict[str, Finding]]:
    values = {name.replace("__", "."): value for name, value in changes.items()}
    plan = Plan.from_dict(BASE).with_values(values)
    result, findings = facility(resolve(plan, catalogue) if catalogue else resolve(plan))
    return result, {finding.code: finding for finding in findings}


def dotted(changes: dict[str, Any]) -> dict[str, Any]:
    return {name.replace(".", "__"): value for name, value in changes.items()}
