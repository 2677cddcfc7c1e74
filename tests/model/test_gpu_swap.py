"""The plan on other GPUs: as many, for the same days, for the same money; each a whole estimate with what its price is worth."""

from __future__ import annotations

import pytest

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.gpu_swap import Swap, gpu_swaps

CATALOGUE = Catalogue.shipped()
PLAN = load_sample("llama3-70b-continual").plan


def by_gpu(rows: tuple[Swap, ...]) -> dict[str, Swap]:
    return {row.accelerator: row for row in rows}


def test_as_many_gpus_each_a_whole_estimate_without_borrowed_prices() -> None:
    rows = by_gpu(gpu_swaps(PLAN))
    assert {"H100-SXM", "H200", "B200", "B300", "GB300", "MI355X"} <= set(rows)
    assert rows["H100-SXM"].current and not rows["H100-SXM"].changes
    for row in rows.values():
        if row.result is None or row.current:
            continue
        other = PLAN.with_values(dict(row.changes))
        assert estimate(other).training.days.value == row.result.training.days.value
        assert row.accelerators >= 64 and other.money.onprem.server_price is None
    assert rows["H200"].server == PLAN.cluster.server, "the same server with the other accelerator in it"
    assert rows["H200"].cost is None and rows["H200"].price == "unknown", "what the H100 machine costs says nothing"
    assert rows["B300"].price == "weak" and rows["B200"].price == "published"
    assert rows["GB300"].impossible.startswith("facility"), "a rack behind a rear door"


@pytest.mark.parametrize("same", ["days", "money"])
def test_the_same_days_or_money_are_kept(same: str) -> None:
    rows = by_gpu(gpu_swaps(PLAN, same))  # type: ignore[arg-type]
    base = estimate(PLAN)
    checked = 0
    for row in rows.values():
        if row.current or row.impossible or row.result is None:
            continue
        checked += 1
        if same == "days":
            assert (row.result.training.days.value or 0) <= (base.training.days.value or 0) * 1.0001
        else:
            assert row.cost is not None and row.cost <= (base.cost.onprem.total.value or 0) * 1.0001
    assert checked >= 2
    assert rows["H200"].impossible == ("" if same == "days" else "goal"), "without a price nothing can cost the same"
