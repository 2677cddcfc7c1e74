"""The outside air of a site, month by month."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mitsumori.model.catalogue.records import Record


class Climate(Record):
    """Mean outside temperature of the twelve months in C, January first."""

    name_ja: str
    name_en: str
    mean_c: Annotated[tuple[float, ...], Field(min_length=12, max_length=12)]
