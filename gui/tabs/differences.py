"""What a second scenario changes against the first, as one sentence, the most important first."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import count, duration, number
from mitsumori.gui.tabs.scenario_table import Scenario, measures_of
from mitsumori.gui.words.serving import machine_parts, none_stands
from mitsumori.gui.words.totals import token_price, total_text
from mitsumori.model.estimate.results import Estimate

translate = QCoreApplication.translate

SAME_SHARE = 0.005
"""Differences of a result below this are none."""


def against(first: Scenario, other: Scenario) -> str:
    """The sentence on ``other``: what keeps either from being built, else what differs most, else that nothing does."""
    for one in (first, other):
        if one.estimate is None:
            return translate("Compare", "{letter} cannot be computed as it stands.").format(letter=one.letter)
    for one in (other, first):
        if said := _obstacle(one):
            return said
    before, after = first.estimate, other.estimate
    assert before is not None
    assert after is not None
    if (before.serving is None) != (after.serving is None):
        words = translate("Compare", "{served} serves, {trained} trains.")
        served, trained = (other, first) if before.serving is None else (first, other)
        return words.format(served=served.letter, trained=trained.letter)
    said = _served(before, after, other.letter) if after.serving is not None else _trained(before, after, other.letter)
    return said or _any(first, other)


def _obstacle(one: Scenario) -> str:
    """Why a scenario cannot be built or does not answer its load; empty where it can."""
    estimate, letter = one.estimate, one.letter
    assert estimate is not None
    if estimate.serving is not None:
        share = estimate.serving.figures.share_of_users_served.value
        if share is None:
            return translate("Serving", "{letter}: {reason}.").format(
                letter=letter, reason=none_stands(estimate.serving)
            )
    elif estimate.memory.verdict == "no":
        return translate("Compare", "{letter} does not fit into memory.").format(letter=letter)
    if estimate.facility.server_racks is None:
        words = (
            translate("Compare", "The racks of {letter} are unknown: power or height of its server is not given.")
            if estimate.facility.racks_unsolved
            else translate("Compare", "{letter} cannot be cooled.")
        )
        return words.format(letter=letter)
    return ""


def _differs(old: float | None, new: float | None, share: float = SAME_SHARE) -> bool:
    return old is not None and new is not None and abs(new - old) > share * abs(old)


def _trained(before: Estimate, after: Estimate, letter: str) -> str:
    old, new = before.training.days.value, after.training.days.value
    if old is not None and new is not None and _differs(old, new, 0.02):
        words = translate("Compare", "{letter} finishes in {time}, A in {before}.")
        return words.format(letter=letter, time=duration(new), before=duration(old))
    old, new = before.facility.server_racks, after.facility.server_racks
    if new != old:
        words = translate("Compare", "{letter} needs {racks} racks, A {before}.")
        return words.format(letter=letter, racks=count(new), before=count(old))
    if _differs(before.cost.onprem.total.value, after.cost.onprem.total.value):
        words = translate("Compare", "Owning: {letter} {amount}, A {before}.")
        return words.format(
            letter=letter, amount=total_text(after.cost, "onprem"), before=total_text(before.cost, "onprem")
        )
    old, new = before.cost.cloud.total.value, after.cost.cloud.total.value
    if new is None and old is not None:
        words = translate("Compare", "{letter} lacks a cloud price, so its cloud total is unknown.")
        return words.format(letter=letter)
    if _differs(old, new):
        words = translate("Compare", "In the cloud: {letter} {amount}, A {before}.")
        return words.format(
            letter=letter, amount=total_text(after.cost, "cloud"), before=total_text(before.cost, "cloud")
        )
    return ""


def _served(before: Estimate, after: Estimate, letter: str) -> str:
    first, second = before.serving, after.serving
    assert first is not None
    assert second is not None
    held, now = (result.figures.share_of_users_served.value for result in (first, second))
    if now is not None and now < 1.0 and (held is None or held >= 1.0):
        return translate("Serving", "{letter} does not carry the load within the limits.").format(letter=letter)
    old, new = (result.figures.servers.value for result in (first, second))
    if old is not None and old != new:
        words = translate("Serving", "{letter} serves on {servers}, A on {before}.")
        held_by, held_before = (" ".join(machine_parts(n)) for n in (new, old))
        return words.format(letter=letter, servers=held_by, before=held_before)
    old, new = (result.jpy_per_million_tokens.blended.value for result in (first, second))
    if old is not None and new is not None and _differs(old, new):
        words = translate("Serving", "A million tokens: {letter} {price}, A {before}.")
        return words.format(letter=letter, price=token_price(new, after).text, before=token_price(old, before).text)
    old, new = (result.figures.tpot_ms.value for result in (first, second))
    if old is not None and new is not None and _differs(old, new):
        words = translate("Serving", "Per token: {letter} {ms} ms, A {before}.")
        return words.format(letter=letter, ms=number(new), before=number(old))
    return ""


def _any(first: Scenario, other: Scenario) -> str:
    """The first row of the table in which the two differ; that none does where it is so."""
    for measure in measures_of((first, other)):
        old, new = first.measured(measure), other.measured(measure)
        if (old is None) != (new is None) or _differs(old, new):
            said = [" ".join(part for part in one.words(measure) if part) for one in (other, first)]
            words = translate("Compare", "{measure}: {letter} {value}, A {before}.")
            return words.format(measure=measure.name(), letter=other.letter, value=said[0], before=said[1])
    return translate("Compare", "{letter} comes to the same.").format(letter=other.letter)
