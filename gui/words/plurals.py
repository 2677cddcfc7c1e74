"""Sentences with a count: in one QObject, because Qt's lupdate knows plural forms only in ``self.tr``."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QObject


class Plurals(QObject):
    """Every plural of the tabs; context ``Plurals``."""

    def servers(self, n: int) -> str:
        """So many servers."""
        return self.tr("%n server(s)", "", n)

    def servers_a_rack(self, n: int) -> str:
        """So many in one rack."""
        return self.tr("%n server(s) a rack", "", n)

    def one_rack_holds(self, n: int) -> str:
        """A title."""
        return self.tr("One rack holds all %n server(s)", "", n)

    def one_more_exceeds(self, n: int, limit: str) -> str:
        """A title."""
        return self.tr("%n server(s) a rack; one more would exceed: {limit}", "", n).format(limit=limit)

    def methods_compared(self, n: int) -> str:
        """A subtitle."""
        return self.tr("Cooling methods compared · %n server(s) · click to use", "", n)

    def switches_join(self, n: int) -> str:
        """A title."""
        return self.tr("%n switch(es) join the GPUs", "", n)

    def stand_in_the_way(self, n: int) -> str:
        """A heading."""
        return self.tr("%n thing(s) stand in the way of this plan", "", n)

    def months(self, n: int) -> str:
        """A horizon."""
        return self.tr("%n month(s)", "", n)

    def not_given_and_more(self, n: int, names: str) -> str:
        """A subtitle."""
        return self.tr("Not in it, because not given: {names} and %n more", "", n).format(names=names)

    def factors_change(self, n: int, factor: str) -> str:
        """A title."""
        return self.tr("%n factor(s) can change the conclusion, first: {factor}", "", n).format(factor=factor)

    def inputs_differ(self, n: int) -> str:
        """A band."""
        return self.tr("%n input(s) differ", "", n)

    def others_same(self, n: int) -> str:
        """A band."""
        return self.tr("%n other(s) are the same", "", n)

    def gpus_without_price(self, n: int) -> str:
        """A note below the trade-offs."""
        return self.tr("%n kind(s) of GPU without a price", "", n)

    def gpus_without_power(self, n: int) -> str:
        """A note below the trade-offs."""
        return self.tr("%n kind(s) of GPU of unknown power", "", n)

    def values_overridden(self, n: int) -> str:
        """A sentence."""
        return self.tr("%n value(s) overridden by you.", "", n)

    def values_missing(self, n: int) -> str:
        """A sentence."""
        return self.tr("%n value(s) not given.", "", n)


@cache
def plurals() -> Plurals:
    """The one instance."""
    return Plurals()
