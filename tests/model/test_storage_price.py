"""The storage on the customer's premises: priced by the catalogue where a record has a price, else asked for."""

from __future__ import annotations

import pytest

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample

PLAN = load_sample("llama3-70b-continual").plan.with_values(
    {
        "cluster.servers": 64,
        "network.storage": "DDN-AI400X2",
        "money.onprem.storage_price": None,
        "money.usd_jpy": 150.0,
    }
)
PRICED = Catalogue.shipped().with_records(
    {"storage": {"DDN-AI400X2": {"price": {"low": 400_000, "high": 600_000, "currency": "USD", "date": "2026-11"}}}}
)


def test_a_catalogued_price_counts_the_systems() -> None:
    result = estimate(PLAN, PRICED)
    units = result.facility.storage.units
    assert units is not None
    assert units.value
    assert result.cost.onprem.lines["storage"].value == pytest.approx(units.value * 500_000 * 150)
    assert "money.onprem.storage_price" not in result.cost.missing
    used = result.cost.used["money.onprem.storage_price"]
    assert used.provenance is not None
    assert used.provenance.what == "storage.DDN-AI400X2.price"


def test_an_entered_price_goes_first() -> None:
    result = estimate(PLAN.with_values({"money.onprem.storage_price": 1e8}), PRICED)
    assert result.cost.onprem.lines["storage"].value == 1e8


@pytest.mark.parametrize("catalogue", [Catalogue.shipped(), PRICED])
def test_without_a_price_or_its_rate_the_storage_is_asked_for(catalogue: Catalogue) -> None:
    plan = PLAN if catalogue is not PRICED else PLAN.with_values({"money.usd_jpy": None})
    result = estimate(plan, catalogue)
    assert "money.onprem.storage_price" in result.cost.missing
    assert result.cost.onprem.total.value is None
