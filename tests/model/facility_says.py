"""What the facility finds about a plan of eight servers with changes."""

from __future__ import annotations

from typing import Any

from mitsumori.model.base.findings import Finding
from mitsumori.model.facility.hall import facility
from mitsumori.model.facility.results import FacilityResult
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve

BASE = {
    "workload": {"tokens": 100e9},
    "model": {"preset": "llama3-70b"},
    "cluster": {"server": "HPE-XD670", "servers": 8},
    "facility": {"other_power_share": 0.15},
}


def says(changes: dict[str, Any]) -> tuple[FacilityResult, dict[str, Finding]]:
    result, findings = facility(resolve(Plan.from_dict(BASE).with_values(changes)))
    codes = [finding.code for finding in findings]
    assert len(codes) == len(set(codes))
    order = [("bad", "warn", "ask", "info").index(finding.severity) for finding in findings]
    assert order == sorted(order)
    return result, {finding.code: finding for finding in findings}
