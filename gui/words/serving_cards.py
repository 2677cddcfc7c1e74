"""The four headline cards of a serving plan: first token, time per token, hardware, a million tokens."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import UNKNOWN, count, number, percent
from mitsumori.gui.widgets.card import Bar, CardContent
from mitsumori.gui.words.serving import binding_words
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.format import Parts, interval
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.serving.results import ServingResult

translate = QCoreApplication.translate


def serving_cards(plan: Plan, estimate: Estimate) -> tuple[CardContent, CardContent, CardContent, CardContent]:
    """What the cards say."""
    result = estimate.serving
    assert result is not None
    use = plan.serving.standard()
    first = _time(plan, result.figures["ttft_s"], use.ttft_limit_s, "s", translate("Serving", "First token, TTFT"))
    gap = _time(plan, result.figures["tpot_ms"], use.tpot_limit_ms, "ms", translate("Serving", "Token gap, TPOT"))
    return first, gap, _hardware(result), _money(result)


def _time(plan: Plan, figure: Figure, limit: float | None, unit: str, title: str) -> CardContent:
    judged = f"p{plan.serving.percentile:g}"
    after = f"{unit} · {judged}"
    if limit is not None:
        after = translate("Serving", "{unit} · {percentile} ≤ {limit}").format(
            unit=unit, percentile=judged, limit=number(limit)
        )
    if figure.value is None:
        reason = translate("Serving", "The model does not fit this server")
        return CardContent(title, ((None, "", ""),), reason=(reason,), spoken=f"{title}: {reason}.")
    badge, bar = ("", ""), Bar()
    reasons: tuple[str, ...] = ()
    if limit is not None:
        kept = figure.value <= limit
        badge = ("ok", translate("Serving", "Within")) if kept else ("bad", translate("Serving", "Over the limit"))
    if figure.low is not None and figure.high is not None:
        shown = interval(figure.low, figure.high)
        reasons = (translate("Serving", "80 % interval {interval}").format(interval=shown), shown)
        top = max(1.2 * (limit or figure.high), figure.high)
        bar = Bar(tick=figure.value / top, low=figure.low / top, high=figure.high / top)
    shown_value = number(figure.value)
    return CardContent(
        title, ((Parts("", shown_value, ""), "", ""),), after, reasons, badge=badge, bar=bar,
        spoken=f"{title}: {shown_value} {after}. {' '.join(reasons[:1])}",
    )  # fmt: skip


def _hardware(result: ServingResult) -> CardContent:
    title, figures = translate("Serving", "Hardware needed"), result.figures
    servers, share = figures["servers"].value, figures["share_of_users_served"].value
    if servers is None or share is None:
        reason = translate("Serving", "The model does not fit this server")
        return CardContent(
            title, ((None, "", ""),), reason=(reason,), badge=("bad", translate("Serving", "Does not fit"))
        )
    noun = translate("Serving", "server") if servers == 1 else translate("Serving", "servers")
    copies = QCoreApplication.translate("Serving", "%n replica(s)", None, round(figures["replicas"].value or 0))
    after = f"{noun} · {copies}"
    if share >= 1.0:
        badge = ("ok", translate("Serving", "Enough"))
    else:
        badge = (
            "bad" if share <= 0 else "marginal",
            translate("Serving", "{share} served").format(share=percent(share)),
        )
    reasons = (
        translate("Serving", "{gpus} GPUs · {limit} binds first").format(
            gpus=count(figures["gpus"].value), limit=binding_words(result.binding)
        ),
        translate("Serving", "{gpus} GPUs").format(gpus=count(figures["gpus"].value)),
    )
    return CardContent(
        title, ((Parts("", count(servers), ""), "", ""),), after, reasons, badge=badge, bar=Bar(min(1.0, share), "accent", 0.9),
        spoken=f"{title}: {count(servers)} {after}, {badge[1]}. {reasons[0]}",
    )  # fmt: skip


def _money(result: ServingResult) -> CardContent:
    title = translate("Serving", "Per 1M tokens, excl. tax")
    blended = result.jpy_per_million_tokens["blended"].value
    even = result.figures["break_even_tokens_per_day"].value
    yen = translate("Serving", "yen")
    if blended is None:
        reason = translate("Serving", "The price of the servers is not given")
        return CardContent(
            title, ((None, "", ""),), reason=(reason,), badge=("ask", translate("Serving", "Not given")),
            spoken=f"{title}: {reason}.",
        )  # fmt: skip
    shown = f"{blended:,.0f}"
    if even is None:
        reasons = (translate("Serving", "No price list of an API is given"), UNKNOWN)
    else:
        reasons = (
            translate("Serving", "Owning wins from {tokens} M tokens a day").format(tokens=number(even / 1e6)),
            translate("Serving", "from {tokens} M a day").format(tokens=number(even / 1e6)),
        )
    parts = Parts("", shown, yen)
    return CardContent(
        title, ((parts, translate("Serving", "On-premises"), "onprem"),), "", reasons,
        spoken=f"{title}: {shown} {yen}. {reasons[0]}",
    )  # fmt: skip
