"""Feeds of a rack as its breakers see them.

Published: one DGX H200 (10.2 kW) on 208 V three-phase draws 28.3 A a phase (kat-5.com/insights/ai-on-prem).
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.records import Feed
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.facility.feeds import feed_use
from mitsumori.model.plan.plan import Plan

FEEDS = Catalogue.shipped().feeds()


def test_a_dgx_h200_in_a_closet():
    feed = next(iter(FEEDS.values())).model_copy(update={"volts": 208.0, "amperes": 60.0, "phases": 3})
    assert isinstance(feed, Feed)
    used = feed_use("208", feed, 10.2, 10.2 * 1.4, "n", 1, 6)
    assert used.amperes_per_phase == pytest.approx(28.3, abs=0.05)
    assert used.circuits == 1
    assert used.imbalance == 0.0


@given(st.floats(0.5, 200), st.sampled_from(sorted(FEEDS)), st.integers(2, 4), st.integers(0, 60))
def test_a_breaker_is_never_loaded_beyond_its_continuous_share(kva, key, feeds, supplies):
    feed = FEEDS[key]
    plain = feed_use(key, feed, kva, kva, "n", feeds, supplies)
    double = feed_use(key, feed, kva, kva, "2n", feeds, supplies)
    spare = feed_use(key, feed, kva, kva, "n1", feeds, supplies)
    for used in (plain, double, spare):
        assert used.breaker_share <= feed.continuous_share + 1e-9
        assert used.imbalance >= 0.0
    assert double.circuits == 2 * plain.circuits
    assert spare.circuits >= plain.circuits + (1 if plain.circuits == 1 else 0)


def test_in_the_document_both_sides_are_counted():
    """2N took the circuits of one side; a DGX H100 has six supplies of 3.3 kW on C19."""
    values = {"cluster.server": "DGX-H100", "cluster.servers": 4, "facility.cooling": "rear_door"}
    one = estimate(Plan().with_values(values)).facility
    two = estimate(Plan().with_values(values | {"facility.redundancy": "2n"})).facility
    assert {key: 2 * count for key, count in one.limits.feeds.items()} == dict(two.limits.feeds)
    assert two.outlets == {"c19": 6 * int(two.details.fullest.value)}
    shown = next(item for item in two.feeds if item.feed == "200v-60a-3ph")
    assert shown.circuits == 2 * shown.circuits_per_side
    assert 0 < shown.breaker_share <= 0.8 < 1.4 * 0.8
