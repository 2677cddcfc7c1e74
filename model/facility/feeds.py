"""Feeds of a rack as its breakers see them: circuits of both sides, amperes a phase, balance, outlets, transients.

A breaker may carry 80 % of its rating continuously (:attr:`~model.catalogue.records.Feed.continuous_share`). Under 2N each
side must carry the whole rack alone; under N+1 the feeds but one. Rules and sources: docs/method.md, 6.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from mitsumori.model.base.rounding import ceil_guarded
from mitsumori.model.catalogue.records import Feed, Server

TRANSIENT: Final = 1.4
"""Accelerators draw 1.4 times their steady power for microseconds to milliseconds (GB300, as cited by its users)."""
C13_AMPERES: Final = 10.0
"""Rated current of a C13 outlet (IEC 60320); a supply that needs more takes C19 (16 A)."""
OUTLET_VOLTS: Final = 200.0


@dataclass(frozen=True, slots=True)
class FeedUse:
    """One kind of feed for the fullest rack.

    Attributes
    ----------
    feed
        Key of the catalogue.
    circuits, circuits_per_side
        Of all sides, and of one.
    amperes_per_phase
        In one circuit when a side (or under N+1 a feed) has failed.
    breaker_share
        Of the breaker's rating, at most 0.8.
    transient_share
        Likewise for the milliseconds of a transient, the rack's reserve left out.
    imbalance
        How far the most loaded phase of a three-phase circuit lies above the mean, with supplies dealt in turn; 0 on one phase.
    """

    feed: str
    circuits: int
    circuits_per_side: int
    amperes_per_phase: float
    breaker_share: float
    transient_share: float
    imbalance: float

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def feed_use(
    key: str, feed: Feed, kva: float, transient_kva: float, redundancy: str, feeds: int, supplies: float
) -> FeedUse:
    """Return what a rack of ``kva`` asks of one kind of feed.

    Parameters
    ----------
    key, feed
        Key and record of the kind of feed.
    kva
        Apparent power of the rack, kVA.
    transient_kva
        Of the rack in a transient.
    redundancy, feeds
        ``n``, ``n1`` or ``2n``, and the feeds of a rack.
    supplies
        Power supplies of the rack, over all sides.
    """
    sides, carrying = 1, 1
    if redundancy == "2n":
        sides = 2
    elif redundancy == "n1" and feeds > 1:
        sides, carrying = feeds, feeds - 1
    each = kva / carrying
    per_side = max(1, int(ceil_guarded(each / feed.usable_kva)))
    volts = feed.volts * (3.0**0.5 if feed.phases == 3 else 1.0)
    amperes = each * 1000.0 / (volts * per_side)
    imbalance = 0.0
    if feed.phases == 3 and supplies >= 1:
        # The circuit with the most supplies; one supply alone loads one phase: three times the mean, two above it.
        on_circuit = max(1.0, float(ceil_guarded(supplies / (sides * per_side))))  # however many circuits there are
        imbalance = float(ceil_guarded(on_circuit / 3.0)) / (on_circuit / 3.0) - 1.0
    share = amperes / feed.amperes
    return FeedUse(
        key,
        sides * per_side,
        per_side,
        amperes,
        share,
        share * transient_kva / kva if kva > 0 else 0.0,
        float(imbalance),
    )


def feeds_of_rack(
    feeds: Mapping[str, Feed],
    server: Server,
    fullest: float,
    kva: float,
    reserved_kva: float,
    redundancy: str,
    count: int,
) -> tuple[FeedUse, ...]:
    """Return the use of every kind of feed by the fullest rack.

    Parameters
    ----------
    feeds
        Records of the kinds of feed by key.
    server, fullest
        Record of the server, and servers in the fullest rack.
    kva, reserved_kva
        Apparent power of that rack, and what of it is kept for switches and management, kVA.
    redundancy, count
        ``n``, ``n1`` or ``2n``, and the feeds of a rack.
    """
    transient = reserved_kva + (kva - reserved_kva) * TRANSIENT
    # The power shelves of a product that is a whole rack are fed by three phases each: they balance themselves.
    supplies = 0.0 if server.level == "rack" else fullest * float(server.psu_count or 0)
    return tuple(feed_use(key, feed, kva, transient, redundancy, count, supplies) for key, feed in feeds.items())


def outlets(server: Server, fullest: float) -> dict[str, int]:
    """Return the outlets that the supplies of the fullest rack take, by their kind; empty where the supplies are unknown."""
    if not server.psu_count or server.psu_watts is None or server.level == "rack":
        return {}
    kind = "c13" if server.psu_watts / OUTLET_VOLTS <= C13_AMPERES else "c19"
    return {kind: int(server.psu_count * fullest)}
