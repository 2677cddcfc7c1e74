"""The two pictures of the overview that answer a plan that serves, and the one of its money."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QWidget

from mitsumori.gui.charts.frame import ChartFrame
from mitsumori.gui.charts.painting import u
from mitsumori.gui.charts.serving_curve import ServingCurve
from mitsumori.gui.charts.token_cost import TokenCost
from mitsumori.gui.tables.serving import LatencyTable
from mitsumori.gui.tabs.serving_view import (
    curve_data,
    curve_subtitle,
    curve_title,
    times_of,
    times_texts,
    token_cost_data,
    token_cost_texts,
)
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.serving.results import ServingResult


class ServedCards(QWidget):
    """The curve with the plan's point beside the times against their limits; ``tokens_card`` stands elsewhere on the page."""

    def __init__(self, card: Callable[..., ChartFrame]) -> None:
        super().__init__()
        self.curve, self.latency, self.tokens = ServingCurve(), LatencyTable(), TokenCost()
        self.curve_card, self.latency_card, self.tokens_card = card(self.curve), card(self.latency), card(self.tokens)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(round(u(12)))
        row.addWidget(self.curve_card, 1)
        row.addWidget(self.latency_card, 1)

    @staticmethod
    def compares(result: ServingResult) -> bool:
        """Whether an API's price list is given, so that the money is compared with it."""
        return result.tokens is not None and result.tokens.api_jpy_per_million is not None

    def show_result(self, plan: Plan, estimate: Estimate) -> None:
        """Show an estimate with serving."""
        result = estimate.serving
        assert result is not None
        use, (times, judged) = plan.serving.standard(), times_of(plan, result)
        self.curve.set_data(curve_data(plan, result))
        self.curve_card.set_texts(curve_title(result), curve_subtitle(plan, estimate))
        self.latency.set_data(times, (use.ttft_limit_s, use.tpot_limit_ms), judged, result.down)
        self.latency_card.set_texts(*times_texts(plan, result))
        self.tokens.set_data(token_cost_data(estimate))
        self.tokens_card.set_texts(*token_cost_texts(plan, estimate))
