"""Sentences with a count: in one QObject, because Qt's lupdate knows plural forms only in ``self.tr``."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QObject

from mitsumori.model.base.format import whole


def grouped(words: str, n: int) -> str:
    """Words with the digits of their count in groups of three, as every other number has them."""
    return words if abs(n) < 1000 else words.replace(str(n), whole(n), 1)


class Plurals(QObject):
    """Every plural of the tabs; context ``Plurals``."""

    def servers(self, n: int) -> str:
        """So many servers."""
        return grouped(self.tr("%n server(s)", "", n), n)

    def gpus(self, n: int) -> str:
        """So many accelerators."""
        return grouped(self.tr("%n GPU(s)", "", n), n)

    def servers_a_rack(self, n: int) -> str:
        """So many in one rack."""
        return grouped(self.tr("%n server(s) a rack", "", n), n)

    def one_rack_holds(self, n: int) -> str:
        """A title."""
        return grouped(self.tr("One rack holds all %n server(s)", "", n), n)

    def further_racks(self, n: int) -> str:
        """What follows a title about the racks of the main servers: those of further kinds have their own."""
        return grouped(self.tr("%n more rack(s) for other servers", "", n), n)

    def one_more_exceeds(self, n: int, limit: str) -> str:
        """A title."""
        return grouped(self.tr("%n server(s) a rack; one more would exceed: {limit}", "", n), n).format(limit=limit)

    def methods_compared(self, n: int) -> str:
        """A subtitle."""
        return grouped(self.tr("Cooling methods compared · %n server(s) · click to use", "", n), n)

    def switches_join(self, n: int) -> str:
        """A title."""
        return grouped(self.tr("%n switch(es) join the GPUs", "", n), n)

    def stand_in_the_way(self, n: int) -> str:
        """A heading."""
        return grouped(self.tr("%n thing(s) stand in the way of this plan", "", n), n)

    def months(self, n: int) -> str:
        """A horizon."""
        return grouped(self.tr("%n month(s)", "", n), n)

    def years(self, n: int) -> str:
        """A horizon of whole years."""
        return grouped(self.tr("%n year(s)", "", n), n)

    def year_long(self, n: int) -> str:
        """A horizon of whole years before a noun: ``5-year cost``."""
        return self.tr("{years}-year").format(years=whole(n))

    def month_long(self, n: int) -> str:
        """A horizon of months before a noun: ``38-month cost``."""
        return self.tr("{months}-month").format(months=whole(n))

    def not_given_and_more(self, n: int, names: str) -> str:
        """A subtitle."""
        return grouped(self.tr("Not in it, because not given: {names} and %n more", "", n), n).format(names=names)

    def factors_change(self, n: int, factor: str) -> str:
        """A title."""
        return grouped(self.tr("%n factor(s) can change the conclusion, first: {factor}", "", n), n).format(
            factor=factor
        )

    def inputs_differ(self, n: int) -> str:
        """A band."""
        return grouped(self.tr("%n input(s) differ", "", n), n)

    def others_same(self, n: int) -> str:
        """A band."""
        return grouped(self.tr("%n other(s) are the same", "", n), n)

    def gpus_without_price(self, n: int) -> str:
        """A note below the trade-offs."""
        return grouped(self.tr("%n kind(s) of GPU without a price", "", n), n)

    def gpus_without_power(self, n: int) -> str:
        """A note below the trade-offs."""
        return grouped(self.tr("%n kind(s) of GPU of unknown power", "", n), n)

    def values_overridden(self, n: int) -> str:
        """A sentence."""
        return grouped(self.tr("%n value(s) overridden by you.", "", n), n)

    def values_missing(self, n: int) -> str:
        """A sentence."""
        return grouped(self.tr("%n value(s) not given.", "", n), n)


@cache
def plurals() -> Plurals:
    """The one instance."""
    return Plurals()


def horizon(months: int, *, before_noun: bool = False) -> str:
    """The horizon of the totals as people say it: in years where they are whole, in months otherwise.

    ``5 years``, ``1 year``, ``38 months``; before a noun ``5-year``, ``38-month``. Japanese has one form for both.
    """
    words = plurals()
    years, rest = divmod(months, 12)
    if rest or not years:
        return words.month_long(months) if before_noun else words.months(months)
    return words.year_long(years) if before_noun else words.years(years)
