"""Server generations under the same money, deadline or power as the plan, in words and rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import duration, number
from mitsumori.gui.tables.generations import GenerationRow
from mitsumori.gui.words.plurals import horizon, plurals
from mitsumori.gui.words.results import accelerator_name, gpus, gpus_per_server, missing_name, server_name
from mitsumori.gui.words.totals import starred
from mitsumori.gui.words.translation import language
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.plan import Plan

if TYPE_CHECKING:
    from mitsumori.model.study.goal import Measured
    from mitsumori.model.study.trade_offs import Generation, Generations

translate = QCoreApplication.translate

RANKED = {"money": 1, "deadline": 2, "power": 1}
"""Column of the rows (servers, time, cost, power) that each comparison is sorted by."""
_SORTED_BY = {"money": "days", "deadline": "budget", "power": "days"}


def same_options() -> list[tuple[str, str]]:
    """The choices of the segmented control."""
    return [
        ("money", translate("Advisor", "Same money")),
        ("deadline", translate("Advisor", "Same deadline")),
        ("power", translate("Advisor", "Same power")),
    ]


def ordered(result: Generations) -> list[Generation]:
    """Answers by what is compared, unknown figures after them, then kinds of servers without an answer."""
    key = _SORTED_BY[result.same]

    def place(row: Generation) -> tuple[int, float, float]:
        value = _value(row, key)
        unpriced = not row.found and _unpriced(row)
        firm = row.found and value is not None and not indicated(row, result)
        group = 0 if firm else 1 if row.found else 2 if unpriced else 3
        return group, value if row.found and value is not None else math.inf, float(row.accelerators or 0)

    return sorted(result.rows, key=place)


def generation_rows(result: Generations, plan: Plan, catalogue: Catalogue) -> list[GenerationRow]:
    """Rows of the list; the key of a row is the plan that it opens."""
    return [_row(row, result, plan, catalogue) for row in ordered(result)]


def _row(row: Generation, result: Generations, plan: Plan, catalogue: Catalogue) -> GenerationRow:
    measured = row.measured
    other = plan.with_values({"cluster.server": row.server}) if measured is None else measured.plan
    name, chip = server_name(other, catalogue), accelerator_name(other, catalogue)
    if measured is None or not row.found or row.servers is None:
        return GenerationRow(name, chip, (), row.result.reason.text(language()), key=_as_many(row, plan, catalogue))
    current = other.cluster.server == plan.cluster.server and row.servers == plan.cluster.servers
    values = measured.values
    unknown = translate("Advisor", "unknown")
    power = values["facility_kw"]
    texts = (
        translate("Advisor", "{servers}, {gpus}").format(
            servers=plurals().servers(row.servers), gpus=plurals().gpus(row.accelerators or 0)
        ),
        duration(values["days"]),
        unknown if values["budget"] is None else _amount(values["budget"], measured),
        unknown if power is None else translate("Advisor", "{power} kW").format(power=number(power)),
    )
    key = None if current else other
    numbers = (float(row.servers), values["days"], values["budget"], power)
    remark = indication() if measured is not None and measured.weak else ""
    why = " ".join(filter(None, (remark, _why_unknown(row, result))))
    return GenerationRow(name, chip, texts, why, current, key, numbers)


def indication() -> str:
    """What stands beside a figure that hangs on a weak price."""
    return translate("Advisor", "Indication only: the published price is weak or conflicting.")


def _amount(value: float, measured: Measured) -> str:
    """An amount; in brackets where it hangs on a weak price."""
    text, weak = starred(value, measured.estimate.cost), measured.weak
    return translate("Advisor", "({amount})").format(amount=text) if weak else text


def indicated(row: Generation, result: Generations) -> bool:
    """Whether an answer hangs on a price that is an indication only: then it makes no title and stands below firm ones."""
    return result.same != "power" and row.measured is not None and row.measured.weak


def _value(row: Generation, name: str) -> float | None:
    return None if row.measured is None else row.measured.values[name]


def _unpriced(row: Generation) -> bool:
    """Whether only a price stands between a kind of server and an answer."""
    if row.measured is None or set(row.result.missed) != {"budget"}:
        return False
    return "money.onprem.server_price" in row.measured.missing


def _as_many(row: Generation, plan: Plan, catalogue: Catalogue) -> Plan | None:
    """A plan with as many accelerators, where only a price is missing: opened, the price can be entered."""
    if not _unpriced(row) or row.measured is None:
        return None
    other = row.measured.plan
    return other.with_values({"cluster.servers": -(-gpus(plan, catalogue) // gpus_per_server(other, catalogue))})


def _why_unknown(row: Generation, result: Generations) -> str:
    """Why a figure of an answered row is unknown."""
    assert row.measured is not None
    words = []
    if row.measured.values["budget"] is None:
        # What the plan lacks too does not keep its cost from being known.
        base = result.base
        known = set(base.missing) if base is not None and base.values["budget"] is not None else set()
        names = [path for path in row.measured.missing if path not in known] or list(row.measured.missing)
        words.append(_not_given(names))
    if row.measured.values["facility_kw"] is None:
        words.append(translate("Advisor", "Power unknown."))
    return " ".join(word for word in words if word)


def _not_given(paths: Sequence[str]) -> str:
    if not paths:
        return translate("Advisor", "The cost cannot be computed.")
    names = translate("Advisor", ", ").join(missing_name(path) for path in paths)
    return translate("Advisor", "Not given: {names}.").format(names=names)


def generation_title(result: Generations, plan: Plan, catalogue: Catalogue) -> str:
    """What another generation would do for the same."""
    if result.limit is None or result.base is None:
        return {
            "money": translate("Advisor", "The cost of this plan is unknown, so nothing can be compared with it"),
            "deadline": translate("Advisor", "The days of this plan are unknown, so nothing can be compared with them"),
            "power": translate("Advisor", "The power of this plan is unknown, so nothing can be compared with it"),
        }[result.same]
    if result.base.weak and result.same != "power":
        return translate("Advisor", "The cost of this plan is an indication only, so nothing is ranked by it")
    key = _SORTED_BY[result.same]
    own = result.base.values[key]
    others = [row for row in ordered(result) if row.found and row.server != plan.cluster.server]
    best = next((row for row in others if _value(row, key) is not None and not indicated(row, result)), None)
    value = None if best is None else _value(best, key)
    if best is None or best.measured is None or value is None or own is None or value >= own:
        return {
            "money": translate("Advisor", "For the same money, no other server is known to be faster"),
            "deadline": translate("Advisor", "By the same deadline, no other server is known to cost less"),
            "power": translate("Advisor", "For the same power, no other server is known to be faster"),
        }[result.same]
    name = server_name(best.measured.plan, catalogue)
    if result.same == "deadline":
        return translate("Advisor", "By the same deadline, {server} costs {value} instead of {own}").format(
            server=name, value=starred(value, best.measured.estimate.cost), own=starred(own, result.base.estimate.cost)
        )
    words = {
        "money": translate("Advisor", "For the same money, {server} takes {value} instead of {own}"),
        "power": translate("Advisor", "For the same power, {server} takes {value} instead of {own}"),
    }[result.same]
    return words.format(server=name, value=duration(value), own=duration(own))


def generation_subtitle(result: Generations, plan: Plan) -> str:
    """The limit, and what a click does."""
    if result.limit is None or result.base is None:
        return _not_given(result.missing) if result.missing else ""
    if result.same == "money":
        span = horizon(plan.money.horizon_months)
        return translate(
            "Advisor",
            "The most servers for {amount} of owning over {span} · click a row to add it as a scenario",
        ).format(amount=starred(result.limit, result.base.estimate.cost), span=span)
    if result.same == "deadline":
        return translate(
            "Advisor", "The fewest servers that finish within {time} · click a row to add it as a scenario"
        ).format(time=duration(result.limit))
    return translate(
        "Advisor", "The most servers within {power} kW of the facility · click a row to add it as a scenario"
    ).format(power=number(result.limit))
