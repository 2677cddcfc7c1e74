"""Software of the offer by name, with the metric its licence counts (row 23 of the source documents).

NVIDIA AI Enterprise lists 4,500 USD a GPU and year; HPE publishes no price of MLDE and Tech Care.
"""

import pytest

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cost.software import name_of
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import Project, load_sample, parse_project

SAMPLE = load_sample("llama3-70b-continual").plan


def licences_of(*software, **more):
    plan = SAMPLE.with_values({"money.software": list(software), **more})
    return plan, estimate(plan)


def test_each_metric_by_hand():
    plan, result = licences_of(
        {"name": "nvidia-ai-enterprise"},
        {"name": "hpe-techcare", "price": 300_000.0},
        {"name": "hpe-mlde", "metric": "year", "price": 2_000_000.0},
        {"name": "a scheduler", "price": 1_000.0},
    )
    servers = plan.cluster.servers
    gpus = servers * 8
    yearly = gpus * 4500 * plan.money.usd_jpy + servers * 300_000 + 2_000_000 + gpus * 1_000
    before = estimate(SAMPLE).cost.onprem.lines["licenses"].value
    added = result.cost.onprem.lines["licenses"].value - before
    assert added == pytest.approx(yearly / 12 * plan.money.horizon_months)
    used = result.cost.used["money.software.nvidia-ai-enterprise"]
    assert used.value == 4500 and used.provenance.what == "software.nvidia-ai-enterprise.price"


def test_a_price_that_nobody_publishes_is_asked_for():
    _, result = licences_of({"name": "hpe-mlde"}, {"name": "hpe-techcare"})
    assert "money.software" in result.cost.missing
    assert result.cost.onprem.total.value is None
    asked = next(finding for finding in result.findings if finding.code == "cost_ask_software")
    assert "hpe-mlde, hpe-techcare" in asked.message("en")


def test_names():
    plan, _ = licences_of({"name": "hpe-mlde", "price": 1.0}, {"name": "own tool", "price": 1.0})
    shipped = Catalogue.shipped()
    assert [name_of(item, shipped, "en") for item in plan.money.software] == [
        "HPE Machine Learning Development Environment", "own tool",
    ]  # fmt: skip


def test_it_is_kept_in_the_file():
    plan, _ = licences_of({"name": "hpe-mlde", "price": 1.0, "currency": "USD", "date": "2026-11-01"})
    again = parse_project(Project(plans=(plan,)).to_bytes(), "x").plan
    assert again.money.software == plan.money.software
