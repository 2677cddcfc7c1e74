"""Electric utilities of Japan, whose prices stand in the tariffs by supply class."""

from __future__ import annotations

from mitsumori.model.catalogue.records import Record


class Utility(Record):
    """The retail utility of an area; ``climate`` is the key of a climate in it."""

    name_ja: str
    name_en: str
    climate: str
