"""The four headline cards of a serving plan: first token, time per token, hardware, a million tokens."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import UNKNOWN, count, number, percent, tokens
from mitsumori.gui.widgets.card import Bar, CardContent
from mitsumori.gui.words.plurals import plurals
from mitsumori.gui.words.serving import binding_words, machine_parts
from mitsumori.gui.words.totals import token_price, total_note
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.format import Parts, interval
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.serving import STANDARD_USERS

if TYPE_CHECKING:
    from mitsumori.model.estimate.results import Estimate
    from mitsumori.model.serving.results import ServingResult

translate = QCoreApplication.translate


def serving_cards(plan: Plan, estimate: Estimate) -> tuple[CardContent, CardContent, CardContent, CardContent]:
    """What the cards say."""
    result = estimate.serving
    assert result is not None
    use = plan.serving.standard()
    down = (result.down or {}).get(f"p{plan.serving.percentile:g}")
    first, gap = (
        _time(plan, result.figures[name], limit, unit, titles, None if down is None else down[name])
        for name, limit, unit, titles in (
            ("ttft_s", use.ttft_limit_s, "s", (translate("Serving", "First token, TTFT"), translate("Serving", "First token"))),
            ("tpot_ms", use.tpot_limit_ms, "ms", (translate("Serving", "Token gap, TPOT"), translate("Serving", "Per token"))),
        )
    )  # fmt: skip
    return first, gap, _hardware(plan, result), _money(estimate, result)


def _time(
    plan: Plan, figure: Figure, limit: float | None, unit: str, titles: tuple[str, str], down: Figure | None = None
) -> CardContent:
    """A time against its limit; ``down`` is the same with one replica stopped, ``titles`` a long and a short one."""
    title, short = titles
    judged = f"p{plan.serving.percentile:g}"
    after = f"{unit} · {judged}"
    if limit is not None:
        after = translate("Serving", "{unit} · {percentile} ≤ {limit}").format(
            unit=unit, percentile=judged, limit=number(limit)
        )
    if figure.value is None:
        reason = translate("Serving", "The model does not fit this server")
        return CardContent(title, ((None, "", ""),), reason=(reason,), spoken=f"{title}: {reason}.", short_title=short)
    badge, bar = ("", ""), Bar()
    reasons: tuple[str, ...] = ()
    if limit is not None:
        badge = _kept(figure, limit)
    if figure.low is not None and figure.high is not None:
        shown = interval(figure.low, figure.high)
        reasons = (translate("Serving", "80 % interval {interval}").format(interval=shown), shown)
        if down is not None and down.value is not None:
            other = translate("Serving", "○ after a failure {value}").format(value=number(down.value))
            reasons = (*(f"{words} · {other}" for words in reasons), *reasons)
        top = max(1.2 * (limit or figure.high), figure.high)
        bar = Bar(tick=figure.value / top, low=figure.low / top, high=figure.high / top)
    shown_value = number(figure.value)
    return CardContent(
        title, ((Parts("", shown_value, ""), "", ""),), after, reasons, badge=badge, bar=bar,
        spoken=f"{title}: {shown_value} {after}. {' '.join(reasons[:1])}", short_title=short,
    )  # fmt: skip


def _kept(figure: Figure, limit: float) -> tuple[str, str]:
    """The probability that a predicted time lies within its limit: log-normal, the interval's ends its P10 and P90."""
    value, high = figure.value or limit, figure.high
    if high is None or high <= value:
        kept = value <= limit
        return ("ok", translate("Serving", "Within")) if kept else ("bad", translate("Serving", "Over the limit"))
    sigma = math.log(high / value) / NormalDist().inv_cdf(0.9)
    chance = NormalDist().cdf(math.log(limit / value) / sigma)
    words = percent(chance)
    if not 0.01 <= chance <= 0.99:
        words = translate("Serving", "> 99 %") if chance > 0.5 else translate("Serving", "< 1 %")
    tone = "ok" if chance >= 0.8 else "marginal" if chance >= 0.5 else "bad"
    return tone, words


def _most_users(plan: Plan, result: ServingResult) -> float | None:
    """Users that these replicas answer within the limits; None where the load is not one of users."""
    part, cost = plan.serving, result.tokens
    if cost is None or part.concurrency is not None or part.requests_per_s is not None or cost.tokens_per_day <= 0:
        return None
    users = STANDARD_USERS if part.users is None else part.users
    return users * cost.most_per_day / cost.tokens_per_day / part.peak_factor


def _hardware(plan: Plan, result: ServingResult) -> CardContent:
    title, figures = translate("Serving", "Hardware needed"), result.figures
    servers, share = figures.servers.value, figures.share_of_users_served.value
    if servers is None or share is None:
        reason = translate("Serving", "The model does not fit this server")
        return CardContent(
            title, ((None, "", ""),), reason=(reason,), badge=("bad", translate("Serving", "Does not fit"))
        )
    counted, noun = machine_parts(servers)
    copies = QCoreApplication.translate("Serving", "%n replica(s)", None, round(figures.replicas.value or 0))
    after = f"{noun} · {copies}"
    if share >= 1.0:
        badge = ("ok", translate("Serving", "Enough"))
    else:
        badge = (
            "bad" if share <= 0 else "marginal",
            translate("Serving", "{share} served").format(share=percent(share)),
        )
    most = _most_users(plan, result)
    carried: tuple[str, ...] = ()
    if most is not None and share > 0:
        users = count(float(f"{most:.3g}"))
        carried = (
            translate("Serving", "up to {users} users · {limit} binds").format(
                users=users, limit=binding_words(result.binding)
            ),
            translate("Serving", "up to {users} users").format(users=users),
        )
    chips = plurals().gpus(round(figures.gpus.value or 0))
    reasons = (
        *carried,
        translate("Serving", "{gpus} · {limit} binds first").format(gpus=chips, limit=binding_words(result.binding)),
        chips,
    )
    return CardContent(
        title, ((Parts("", counted, ""), "", ""),), after, reasons, badge=badge, bar=Bar(min(1.0, share), "accent", 0.9),
        spoken=f"{title}: {counted} {after}, {badge[1]}. {reasons[0]}", short_title=translate("Serving", "Servers"),
    )  # fmt: skip


def _money(estimate: Estimate, result: ServingResult) -> CardContent:
    title, short = translate("Serving", "Per 1M tokens, excl. tax"), translate("Serving", "1M tokens")
    blended = result.jpy_per_million_tokens.blended.value
    even = result.figures.break_even_tokens_per_day.value
    if blended is None:
        reason = translate("Serving", "The price of the servers is not given")
        return CardContent(
            title, ((None, "", ""),), reason=(reason,), badge=("ask", translate("Serving", "Not given")),
            spoken=f"{title}: {reason}.", short_title=short,
        )  # fmt: skip
    parts = token_price(blended, estimate)
    reasons: tuple[str, ...]
    if even is None:
        reasons = (translate("Serving", "No price list of an API is given"), UNKNOWN)
    elif result.tokens is not None and even > result.tokens.most_per_day:  # more servers would have to be bought for it
        reasons = (
            translate("Serving", "The API costs less at every load that these servers carry"),
            translate("Serving", "API cheaper at every load"),
        )
    else:
        reasons = (
            translate("Serving", "Owning wins from {tokens} tokens a day").format(tokens=tokens(even)),
            translate("Serving", "from {tokens} a day").format(tokens=tokens(even)),
        )
    if (left_out := total_note(estimate.cost, short=True)) and parts != token_price(blended, estimate, "api"):
        reasons = (*(f"{words} · {left_out}" for words in reasons[:1]), *reasons)
    listed = None if result.tokens is None else result.tokens.api_jpy_per_million
    values: tuple[tuple[Parts | None, str, str], ...] = ((parts, translate("Serving", "On-premises"), "onprem"),)
    badge = ("ask", translate("Serving", "API price not given"))
    said = f"{title}: {parts.text}."
    if listed is not None:
        api = token_price(listed, estimate, "api")
        values = (*values, (api, translate("Serving", "API"), "cloud"))
        badge = ("ok", translate("Serving", "Owning is cheaper"))
        if listed < blended:
            badge = ("info", translate("Serving", "API is cheaper"))
        said = translate("Serving", "{said} By the API {price}.").format(said=said, price=api.text)
    return CardContent(title, values, "", reasons, badge=badge, spoken=f"{said} {reasons[0]}", short_title=short)
