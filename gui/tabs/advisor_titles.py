"""Titles of the advisor's lists: what the best way is, and whether it is better than the plan's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import count, duration
from mitsumori.gui.tables.layouts import LayoutRow
from mitsumori.gui.words.plurals import plurals
from mitsumori.gui.words.totals import marked_parts, small_amount

if TYPE_CHECKING:
    from mitsumori.model.study.ranking import Advice
    from mitsumori.model.study.serving_ranking import ServingAdvice

translate = QCoreApplication.translate


def options_title(result: ServingAdvice, shown: tuple[str, float] = ("JPY", 1.0)) -> str:
    """Whether another way carries the load for less; a weak price makes no title."""
    options = result.options
    own = next((one for one in options if one.current), None)
    best = options[0] if options else None
    if best is None or not best.within:
        return translate("Serving", "No server of the catalogue keeps the limits")
    if own is None or own is best:
        if best.jpy_per_million_tokens is None:
            return translate("Serving", "No server that carries the load has a price")
        if any(one.jpy_per_million_tokens is None and one.within and one.served >= best.served for one in options):
            words = translate("Serving", "Of the servers with a price none carries the load for less than {server}")
            return words.format(server=best.name)
        return translate("Serving", "Nothing carries the load for less than {server}").format(server=best.name)
    if own.served < 1.0 <= best.served:
        return translate("Serving", "{server} carries the whole load").format(server=best.name)
    firm = [one for one in options if not one.weak and one.within and one.served >= own.served]
    best = best if not best.weak else next((one for one in firm if one.jpy_per_million_tokens is not None), own)
    if own.weak:
        return translate("Advisor", "The cost of this plan is an indication only, so nothing is ranked by it")
    if best is own:
        return translate("Serving", "Nothing with a firm price carries the load for less than {server}").format(
            server=own.name
        )
    old, new = own.jpy_per_million_tokens, best.jpy_per_million_tokens
    if old is None or new is None:
        return translate("Serving", "{server} carries the load on {gpus}").format(
            server=best.name, gpus=plurals().gpus(best.gpus)
        )
    words = translate("Serving", "{server} in {precision}: {price} a million tokens instead of {before}")
    said = [
        marked_parts(small_amount(value, *shown), one.weak, one.partial).text
        for value, one in ((new, best), (old, own))
    ]
    return words.format(server=best.name, precision=best.precision.upper(), price=said[0], before=said[1])


def layouts_title(result: Advice, rows: Sequence[LayoutRow]) -> str:
    """Whether the layout of the plan is the best of those that were tried."""
    tried = count(result.evaluated)
    if not result.options:
        return translate("Advisor", "None of the {count} layouts fits; this one needs the least memory").format(
            count=tried
        )
    if rows[0].current or result.rank == 1:
        return translate("Advisor", "The current layout is the best of {count} that were tried").format(count=tried)
    if result.current is not None and result.current.memory_bytes > result.capacity_bytes:
        return translate("Advisor", "The present layout does not fit; the best of {count} takes {time}").format(
            count=tried, time=rows[0].days
        )
    own = None if result.current is None else duration(result.current.days)
    if own is None or own == rows[0].days:
        return translate("Advisor", "The best of {count} layouts takes {time}").format(count=tried, time=rows[0].days)
    return translate("Advisor", "The best of {count} layouts takes {time} instead of {own}").format(
        count=tried, time=rows[0].days, own=own
    )
