"""Managed Lustre in the cloud, sized by rate and capacity and priced by its tiers.

FSx for Lustre, Tokyo, persistent SSD: 0.189 USD a GiB-month at 125 MB/s a TiB to 0.849 at 1,000 (table of 2022-09-03 in
resources/catalog/cloud.toml).
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cost.cloud_storage import cloud_storage_offer
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample

SHIPPED = Catalogue.shipped()
TOKYO = SHIPPED.cloud_instances()["aws-p5.48xlarge-ap-northeast-1-tokyo"]
GIB = 2**30


def price(kind, gb, rate):
    return cloud_storage_offer(SHIPPED, TOKYO, kind, gb, rate, "USD").value


def test_by_hand():
    assert price("object", 10_000.0, 15e9) == 0.025
    # 100 TB and 1 GB/s: capacity binds, the slowest tier is the cheapest: 0.189 a GiB.
    assert price("lustre", 100_000.0, 1e9) == pytest.approx(0.189 * 1e9 / GIB)
    # 10 TB and 15 GB/s: 15 TiB at 1,000 MB/s a TiB, and cheaper tiers need more: 30 at 500, 60 at 250, 120 at 125.
    by_tier = {125: 0.189, 250: 0.282, 500: 0.471, 1000: 0.849}
    least = min(value * 15_000 / mb * 1024 for mb, value in by_tier.items())
    assert price("lustre", 10_000.0, 15e9) == pytest.approx(least / 10_000.0)
    assert price("lustre_and_object", 10_000.0, 15e9) == pytest.approx(0.025 + least / 10_000.0)


@settings(max_examples=60)
@given(st.floats(100, 1e7), st.floats(0, 5e11), st.floats(0, 5e11))
def test_a_faster_file_system_never_costs_less(gb, one, other):
    slow, fast = sorted((one, other))
    for kind in ("object", "lustre", "lustre_and_object"):
        assert price(kind, gb, slow) <= price(kind, gb, fast) * (1 + 1e-12)
    assert price("lustre_and_object", gb, fast) >= price("object", gb, fast)


def test_azure_lustre_and_blob_have_a_price_in_eastus():
    """Row 15 of the source documents: Azure Managed Lustre and Blob for data and checkpoints."""
    plan = load_sample("llama3-70b-continual").plan.with_values(
        {"money.cloud.instance": "azure-nd96isr-h100-v5-eastus", "money.cloud.storage_kind": "lustre"}
    )
    result = estimate(plan)
    assert "money.cloud.storage_per_gb_month" not in result.cost.missing
    used = result.cost.used["money.cloud.storage_per_gb_month"]
    assert used.value > 0
    assert "cloud_storage.az-amlfs-eastus" in used.provenance.what
    dearer = plan.with_values({"money.cloud.storage_kind": "object"})
    assert estimate(dearer).cost.cloud.lines != result.cost.cloud.lines
