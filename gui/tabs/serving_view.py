"""What charts and tables of serving show of an estimate; the Serving tab, the overview and Present mode share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import UNKNOWN, number, percent, tokens
from mitsumori.gui.charts.replicas import ReplicaData
from mitsumori.gui.charts.serving_curve import CurveData
from mitsumori.gui.charts.token_cost import TokenCostData
from mitsumori.gui.inputs.choices import word
from mitsumori.gui.tables.serving import layout_name
from mitsumori.gui.words.results import server_name
from mitsumori.gui.words.serving import binding_words, failure_words, load_words, none_stands
from mitsumori.gui.words.totals import shown_currency, token_price, total_note
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.units import HOURS_PER_MONTH
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.serving.results import CurvePoint, ServingResult, Times

if TYPE_CHECKING:
    from mitsumori.model.base.arrays import Array

translate = QCoreApplication.translate


def curve_data(plan: Plan, result: ServingResult) -> CurveData | None:
    """The curve of a replica with the plan's point; None where no layout holds the model."""
    points, use = result.curve, plan.serving.standard()
    tpot, rate = result.figures.tpot_ms, result.figures.output_tokens_per_s_per_gpu
    middle = result.percentiles["p50"].tpot_ms.value
    if len(points) < 2:
        return None
    now = None if middle is None or rate.value is None else (1e3 / middle, rate.value)
    band = 1.0 if tpot.high is None or not tpot.value else tpot.high / tpot.value
    limit = use.tpot_limit_ms
    return CurveData(
        _column(points, "tokens_per_s_per_user"), _column(points, "output_tokens_per_s_per_gpu"),
        _column(points, "concurrency"), band, None if limit is None else 1e3 / limit, limit, now, load_words(plan),
    )  # fmt: skip


def curve_title(result: ServingResult) -> str:
    """Whether the load is carried, and what binds."""
    share, replicas = result.figures.share_of_users_served.value, result.figures.replicas.value
    if share is None or replicas is None:
        return none_stands(result)
    if share <= 0.0:
        return translate("Serving", "No load meets the limits: {limit}").format(limit=binding_words(result.binding))
    if share < 1.0:
        words = translate("Serving", "These servers carry {share} of the load within the limits")
        return words.format(share=percent(share))
    return translate("Serving", "Carried within the limits; {limit} binds first").format(
        limit=binding_words(result.binding)
    )


def curve_subtitle(plan: Plan, estimate: Estimate) -> str:
    """Server, layout, precision, engine."""
    assert estimate.serving is not None
    layout = estimate.serving.layout
    return translate("Serving", "{server} · {layout} · {precision} · {engine} · the band is the 80 % interval").format(
        server=server_name(plan, estimate.catalogue), layout=UNKNOWN if layout is None else layout_name(layout),
        precision=UNKNOWN if layout is None else layout.weight_precision.upper(),
        engine=UNKNOWN if layout is None else word(layout.engine),
    )  # fmt: skip


def times_of(plan: Plan, result: ServingResult) -> tuple[Mapping[str, Times], str]:
    """Times by percentile with the plan's own among them, and the name of that one."""
    judged = f"p{plan.serving.percentile:g}"
    own = Times(result.figures.ttft_s, result.figures.tpot_ms, result.figures.e2e_s)
    times = {**result.percentiles, judged: own}
    return dict(sorted(times.items(), key=lambda item: float(item[0][1:]))), judged


def times_texts(plan: Plan, result: ServingResult) -> tuple[str, str]:
    """Title and subtitle of the table of times."""
    judged, said = f"p{plan.serving.percentile:g}", _said
    title = translate("Serving", "{percentile}: first token {ttft} s, {tpot} ms a token").format(
        percentile=judged, ttft=said(result.figures.ttft_s), tpot=said(result.figures.tpot_ms)
    )
    under = translate("Serving", "At the peak, {requests} requests/s").format(
        requests=number(result.load.requests_per_s)
    )
    down = (result.down or {}).get(judged)
    if down is not None:
        more = translate("Serving", "○ {failure}: {ttft} s, {tpot} ms")
        under += " · " + more.format(
            failure=failure_words(result.down_unit), ttft=said(down.ttft_s), tpot=said(down.tpot_ms)
        )
    return title, under


def token_cost_data(estimate: Estimate) -> TokenCostData | None:
    """Own servers against the API in the currency shown; None where the servers have no price."""
    result = estimate.serving
    cost = None if result is None else result.tokens
    if result is None or cost is None or cost.hourly_jpy is None:
        return None
    even, (currency, factor) = result.figures.break_even_tokens_per_day.value, shown_currency(estimate)
    listed = None if cost.api_jpy_per_million is None else cost.api_jpy_per_million * factor
    return TokenCostData(
        cost.hourly_jpy * HOURS_PER_MONTH * factor, listed, cost.tokens_per_day, cost.most_per_day, even, currency=currency,
        partial=bool(estimate.cost.left_out("onprem")),
    )  # fmt: skip


def token_cost_texts(plan: Plan, estimate: Estimate) -> tuple[str, str]:
    """Who is cheaper at the plan's load, of what day the price list is, and what the cost leaves out."""
    result = estimate.serving
    assert result is not None
    cost, even = result.tokens, result.figures.break_even_tokens_per_day.value
    blended = result.jpy_per_million_tokens.blended.value
    if cost is None or blended is None:
        return translate("Serving", "The cost of tokens is not known"), ""
    own = translate("Serving", "A million tokens cost {price}").format(price=token_price(blended, estimate).text)
    under = translate("Serving", "Cost a month, excluding tax")
    if note := total_note(estimate.cost):
        under = f"{under} · {note}"
    if even is None:
        return own, under + " · " + translate("Serving", "no price list of an API is given")
    words = (
        translate("Serving", "The API costs less at every load that these servers carry")
        if even > cost.most_per_day
        else translate("Serving", "Owning is cheaper from {tokens} tokens a day; now {now}")
        if cost.tokens_per_day < even
        else translate("Serving", "Owning is cheaper: from {tokens} tokens a day, now {now}")
    )
    day = plan.serving.api_price.date
    listed = translate("Serving", "price list of {date}").format(date=day.isoformat()) if day else translate(
        "Serving", "price list without a date"
    )  # fmt: skip
    return words.format(tokens=tokens(even), now=tokens(cost.tokens_per_day)), f"{under} · {listed}"


def replica_data(estimate: Estimate) -> ReplicaData | None:
    """Which GPUs carry which replica; None where nothing fits."""
    result = estimate.serving
    assert result is not None
    figures = {name: result.figures[name].value for name in ("servers", "replicas", "gpus_per_replica")}
    if estimate.plan is None or None in figures.values():
        return None
    record = estimate.catalogue.servers().get(estimate.plan.cluster.server)
    per_server = estimate.plan.cluster.accelerators_per_server or (8 if record is None else record.accelerators)
    servers, replicas, each = (round(figures[name] or 0) for name in ("servers", "replicas", "gpus_per_replica"))
    return ReplicaData(
        servers, per_server, replicas, each, result.spare, 0 if result.layout is None else result.layout.prefill_workers
    )


def spare_words(data: ReplicaData | None) -> str:
    """Where the spares stand, if that matters: in the chassis whose loss they are to survive."""
    if data is None or data.spare == 0:
        return ""
    if data.servers == 1:
        return translate("Serving", "the spare shares the chassis")
    return QCoreApplication.translate("Serving", "%n spare replica(s)", None, data.spare)


def _column(points: Sequence[CurvePoint], name: str) -> Array:
    return np.array([point[name] for point in points], dtype=float)


def _said(figure: Figure) -> str:
    return UNKNOWN if figure.value is None else number(figure.value)
