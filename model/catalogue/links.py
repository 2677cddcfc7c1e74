"""What connects two ports: copper, active cables, optics by reach."""

from __future__ import annotations

from typing import Literal

from mitsumori.model.catalogue.records import NonNegative, Positive, Price, Record


class Link(Record):
    """One cable with both its ends, or two transceivers with a fibre.

    Attributes
    ----------
    medium
        ``dac`` passive copper, ``acc`` active copper, ``aoc`` active optical cable, ``optics`` transceivers and fibre,
        ``copper`` twisted pair.
    gbps
        Rate of one link, gigabits a second; a twin-port cage carries two.
    reach_m
        Longest cable.
    price
        Of one link at one metre; ``price_per_m`` comes for every metre.
    watts_per_end
        Power of one end.
    """

    name_ja: str
    name_en: str
    medium: Literal["dac", "acc", "aoc", "optics", "copper"]
    gbps: Positive
    reach_m: Positive
    watts_per_end: NonNegative
    price: Price
    price_per_m: NonNegative = 0.0
