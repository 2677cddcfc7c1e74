"""Cost: cumulative lines with the break-even, the stack, what drives it, utilization by price, bands, fiscal years."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.amount_bars import AmountBars
from mitsumori.gui.charts.bars import CostStack, Part
from mitsumori.gui.charts.combined import Combined
from mitsumori.gui.charts.cost_curve import CostLine, CumulativeCost
from mitsumori.gui.charts.numbers import UNKNOWN, count, fixed, limit, money, money_axis, number, percent
from mitsumori.gui.charts.risk import RangeBars, RangeRow
from mitsumori.gui.charts.tornado import Tornado, TornadoRow
from mitsumori.gui.tables.cloud_matrix import CloudMatrix
from mitsumori.gui.tables.columns import Cell, Column, Table, Words
from mitsumori.gui.tables.facts import Fact, FactGrid
from mitsumori.gui.tables.heat import TwoWayData, TwoWayMap
from mitsumori.gui.tables.view import TableView
from mitsumori.gui.tabs.base import Tab
from mitsumori.gui.tabs.cloud_view import (
    CloudPanel,
    default_drawn,
    show_clouds,
    show_evens,
    show_once,
    shown_rows,
    with_clouds,
)
from mitsumori.gui.tabs.cost_titles import cost_title
from mitsumori.gui.tabs.use_switch import UseSwitch
from mitsumori.gui.tabs.view import amount, cost_columns, cost_curve, term_name
from mitsumori.gui.words.plurals import horizon, plurals
from mitsumori.gui.words.results import factor_name, missing_name, unit_name
from mitsumori.gui.words.sources import date_words, source_words
from mitsumori.gui.words.totals import marked_money, star
from mitsumori.gui.words.translation import language
from mitsumori.model.base.format import MONEY
from mitsumori.model.cost.clouds import Clouds
from mitsumori.model.cost.factors import factor_source
from mitsumori.model.cost.results import CostResult
from mitsumori.model.estimate.results import Estimate

if TYPE_CHECKING:
    from mitsumori.model.base.arrays import Array
    from mitsumori.model.cost.sensitivity import MonteCarlo, Percentiles, TwoWay
    from mitsumori.model.cost.sensitivity import Tornado as TornadoResult

translate = QCoreApplication.translate


class CostTab(Tab):
    """Renting or owning, from when on, and how sure that is."""

    def build(self) -> None:
        """Create the cards."""
        self.curve = CumulativeCost()
        self.curve.least = (330, 230)
        self.use = UseSwitch(self.plan_change_requested.emit)
        self.curve_card = self.card(self.curve, self.use)
        self.stack = CostStack()
        self.stack.least = (430, 230)
        self.stack_card = self.card(self.stack)
        self.tornado = Tornado()
        self.tornado.least = (360, 250)
        self.tornado_card = self.card(self.tornado)
        self.map = TwoWayMap()
        self.map.least = (370, 270)
        self.map_card = self.card(self.map)
        self.band = CumulativeCost()
        self.ranges = RangeBars()
        self.band_card = self.card(Combined((self.band, self.ranges), (1.5, 1.0), across=True, gap=28))
        self.facts = FactGrid(4)
        self.facts.least = (280, 170)
        self.facts_card = self.card(self.facts)
        self.years = TableView()
        self.years.least = (380, 90)
        self.years_card = self.card(self.years)
        self.clouds, self.panel = CloudMatrix(), CloudPanel()
        self.clouds_card = self.card(self.clouds, self.panel)
        self.panel.changed.connect(self._ask_clouds)
        self.once = AmountBars()
        self.once_card = self.card(self.once)
        self.evens = TableView()
        self.evens.least = (300, 120)
        self.evens_card = self.card(self.evens)
        self._drawn: frozenset[str] | None = None
        """Rows of the matrix that are ticked; None: nobody ticked yet."""
        self._found: Clouds | None = None
        self.column.addWidget(self.clouds_card, 0)
        self.column.addLayout(self.row((self.curve_card, 5), (self.once_card, 5), (self.evens_card, 3)), 1)
        self.column.addLayout(self.row((self.stack_card, 3), (self.facts_card, 2)), 0)
        self.column.addLayout(self.row((self.tornado_card, 1), (self.map_card, 1)), 1)
        self.column.addWidget(self.band_card, 0)
        self.column.addWidget(self.years_card, 0)
        for card in (self.once_card, self.evens_card):
            card.hide()

    def refresh(self) -> None:
        """Show the estimate; the risk views follow when they are known."""
        assert self.plan is not None
        assert self.estimate is not None
        cost = self.estimate.cost
        self.use.setVisible(self.estimate.serving is None)
        self.use.show_plan(self.plan)
        names = [n for n in cost.alternatives if n in ("cloud_reserved_3y", "reserved_3y", "lease")]
        self.curve.set_data(cost_curve(self.plan, cost, names[:2]))
        self.curve_card.set_texts(cost_title(self.plan, cost), self._curve_subtitle(cost))
        columns, lines, unit = cost_columns(cost)
        span = horizon(self.plan.money.horizon_months)
        self.stack.set_data(
            columns,
            lines,
            translate("Cost", "{unit} over {span}").format(unit=unit, span=span),
            cost.currency,
        )
        self.stack_card.set_texts(self._stack_title(cost, lines), self._stack_subtitle(cost))
        self._show_facts(cost)
        self._show_years(self.estimate)
        if self.services is None:
            return
        self._ask_clouds()
        self.services.tornado(self.plan, self._show_tornado)
        self.services.two_way(self.plan, self._show_map)
        self.services.monte_carlo(self.plan, self._show_band)

    # -- clouds ----------------------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Set the texts of the matrix's controls and of the use."""
        self.use.retranslate()
        trains = self.estimate is None or self.estimate.serving is None
        self.panel.retranslate(60 if self.plan is None else self.plan.money.horizon_months, trains)
        super().retranslate()

    def _ask_clouds(self) -> None:
        if self.services is not None and self.plan is not None:
            trains = self.estimate is None or self.estimate.serving is None
            self.panel.retranslate(self.plan.money.horizon_months, trains)
            search = self.panel.search.text().strip()
            self.services.clouds(self.plan, search, lambda found: self._show_clouds(search, found))

    def _show_clouds(self, search: str, found: Clouds | None) -> None:
        if self.plan is None or self.estimate is None or search != self.panel.search.text().strip():
            return
        self._found = found
        self.clouds_card.setVisible(found is not None)
        once = found is not None and self.panel.span.value() == "once"
        self.curve_card.setVisible(not once)
        self.once_card.setVisible(once)
        self.evens_card.setVisible(found is not None)
        if found is None:
            return
        drawn = default_drawn(found) if self._drawn is None else self._drawn
        rows = shown_rows(found, self.panel.more.isChecked() or bool(search), drawn)
        self.panel.count(len(rows), len(found.rows))
        span = self.panel.span.value()
        show_clouds(self.clouds_card, self.clouds, found, self.plan, self.estimate, span, rows, drawn)
        cost = self.estimate.cost
        names = [n for n in cost.alternatives if n in ("cloud_reserved_3y", "reserved_3y", "lease")]
        self.curve.set_data(with_clouds(cost_curve(self.plan, cost, names[:2]), found, drawn))
        if once:
            self.once_card.set_texts(*show_once(self.once, found, drawn, self.estimate))
        self.evens_card.set_texts(*show_evens(self.evens, found, drawn, self.estimate))

    def open_key(self, key: object) -> None:
        """A cell of the matrix is used, or begins a quote, or a row goes into the picture; the rest as in the other tabs."""
        if isinstance(key, tuple) and len(key) == 2 and key[0] == "show" and self._found is not None:
            drawn = default_drawn(self._found) if self._drawn is None else self._drawn
            self._drawn = drawn ^ {str(key[1])}
            self._show_clouds(self.panel.search.text().strip(), self._found)
        elif isinstance(key, tuple) and len(key) == 2 and key[0] in ("use", "quote"):
            self.plan_change_requested.emit(dict(key[1]))
            if key[0] == "quote":
                self.field_requested.emit("money.cloud.price_per_hour")
        else:
            super().open_key(key)

    # -- cumulative and stack --------------------------------------------------------------------------------------

    def _price(self) -> str:
        assert self.plan is not None
        assert self.estimate is not None
        used = self.estimate.cost.used.get("money.cloud.price_per_hour")
        value = self.plan.money.cloud.price_per_hour if used is None else used.value
        if value is None:
            return translate("Cost", "cloud price not given")
        return f"{limit(value)} {unit_name(f'{self.plan.money.cloud.currency}/h')}"

    def _curve_subtitle(self, cost: CostResult) -> str:
        assert self.plan is not None
        words = {
            "term": term_name(f"cloud_{self.plan.money.cloud.term}"),
            "price": self._price(),
            "servers": plurals().servers(self.plan.cluster.servers),
        }
        if self.plan.money.usd_jpy is not None:
            return translate(
                "Cost", "Cumulative, excluding tax · {servers} · {term}, {price} · {rate} yen per dollar"
            ).format(rate=number(self.plan.money.usd_jpy), **words)
        return translate("Cost", "Cumulative, excluding tax · {servers} · {term}, {price}").format(**words)

    def _stack_title(self, cost: CostResult, lines: list[Part]) -> str:
        total = cost.onprem.total.value
        known = [(line.value, line.name) for line in lines if line.value]
        if not known:
            return translate("Cost", "No price of owning is known yet")
        value, biggest = max(known)
        if total is None:
            return translate("Cost", "The largest known part of owning: {line}").format(line=biggest)
        return translate("Cost", "{share} % of owning: {line}").format(
            share=fixed(100 * value / total, 0), line=biggest
        )

    def _stack_subtitle(self, cost: CostResult) -> str:
        if cost.missing:
            names = [missing_name(path) for path in cost.missing[:2]]
            more = len(cost.missing) - len(names)
            if more > 0:
                return plurals().not_given_and_more(more, ", ".join(names))
            return translate("Cost", "Not in it, because not given: {names}").format(names=", ".join(names))
        return translate("Cost", "By line, excluding consumption tax")

    # -- risk ------------------------------------------------------------------------------------------------------

    def _show_tornado(self, result: TornadoResult | None) -> None:
        if self.plan is None or self.estimate is None:
            return
        self.tornado_card.setVisible(result is not None)
        if result is None:
            return
        currency = self.estimate.cost.currency
        ends = [abs(v) for bar in result.bars for v in (bar.low_saving, bar.high_saving)]
        factor, unit = money_axis(max([abs(result.saving), *ends]), currency)
        rows = [
            TornadoRow(
                factor_name(bar.factor.key),
                bar.low_saving,
                bar.high_saving,
                _end(bar.factor.low, bar.factor.unit, bar.factor.key),
                _end(bar.factor.high, bar.factor.unit, bar.factor.key),
                bar.low_flips or bar.high_flips,
                "\n".join(
                    part
                    for part in (
                        source_words(factor_source(bar.factor.provenance.source, language())),
                        date_words(bar.factor.provenance.date),
                    )
                    if part
                ),
            )
            for bar in result.bars
        ]
        base = translate("Cost", "Base {amount}").format(amount=marked_money(result.saving, self.estimate.cost))
        self.tornado.set_data(rows, result.saving, base, factor, unit)
        flips = [row.name for row in rows if row.flips]
        if not flips:
            title = translate("Cost", "No single factor changes which side is cheaper")
        elif len(flips) == 1:
            title = translate("Cost", "Only one factor can change the conclusion: {factor}").format(factor=flips[0])
        else:
            title = plurals().factors_change(len(flips), flips[0])
        self.tornado_card.set_texts(
            title, translate("Cost", "What owning saves ({unit}) · one factor moved at a time").format(unit=unit)
        )

    def _show_map(self, result: TwoWay | None) -> None:
        if self.plan is None or self.estimate is None:
            return
        self.map_card.setVisible(result is not None)
        if result is None:
            return
        import numpy as np

        savings = np.asarray(result.saving)[::-1]
        shares = [float(v) for v in result.utilizations][::-1]
        prices = [float(v) for v in result.prices]
        factor, unit = money_axis(float(np.nanmax(np.abs(savings))), self.estimate.cost.currency)
        row = len(shares) - 1 - result.row
        decimals = 0 if float(np.nanmax(np.abs(savings))) / factor >= 100 else 1
        texts = tuple(tuple(_signed_amount(float(v) / factor, decimals) for v in line) for line in savings)
        keys = tuple(
            tuple(
                None
                if (r, c) == (row, result.column)
                else {"money.utilization": round(share, 6), "money.cloud.price_per_hour": round(price, 6)}
                for c, price in enumerate(prices)
            )
            for r, share in enumerate(shares)
        )
        self.map.set_data(
            TwoWayData(
                tuple(percent(share) for share in shares),
                tuple(limit(price) for price in prices),
                savings,
                texts,
                (row, result.column),
                translate("Cost", "rows: utilization"),
                translate("Cost", "cloud price, {unit} per instance").format(
                    unit=unit_name(f"{result.price_currency}/h")
                ),
                keys,
                self.estimate.cost.currency,
            )
        )
        self.map_card.set_texts(self._map_title(result, savings, shares, row), self._map_subtitle(unit))

    def _map_title(self, result: TwoWay, savings: Array, shares: list[float], row: int) -> str:
        column = savings[:, result.column]
        price = limit(float(result.prices[result.column]))
        words = {"price": price, "unit": unit_name(f"{result.price_currency}/h")}
        winning = [share for share, saving in zip(shares, column, strict=True) if saving > 0]
        if not winning:
            return translate("Cost", "At {price} {unit}, renting is cheaper at any use").format(**words)
        return translate("Cost", "At {price} {unit}, owning wins from {share} % use").format(
            share=fixed(min(winning) * 100, 0), **words
        )

    def _map_subtitle(self, unit: str) -> str:
        assert self.plan is not None
        span = horizon(self.plan.money.horizon_months)
        return translate("Cost", "What owning saves over {span} ({unit}) · the thick line is the break-even").format(
            span=span, unit=unit
        )

    def _show_band(self, result: MonteCarlo | None) -> None:
        if self.plan is None or self.estimate is None:
            return
        self.band_card.setVisible(result is not None)
        if result is None:
            return
        import numpy as np

        currency = self.estimate.cost.currency
        months = np.arange(float(result.months[-1]) + 1)

        def line(name: str, band: Array, side: str) -> CostLine:
            low, middle, high = (np.interp(months, result.months, row) for row in band)
            return CostLine(name, middle, side, low=low, high=high, mark=star() if cost.left_out(side) else "")

        data = cost_curve(self.plan, self.estimate.cost)
        names, cost = (translate("Cost", "Cloud"), translate("Cost", "On-premises")), self.estimate.cost
        lines = (line(names[0], result.cloud_band, "cloud"), line(names[1], result.onprem_band, "onprem"))
        self.band.set_data(type(data)(lines, (), currency, None, data.empty))
        rows = [
            RangeRow(names[0], *_three(result.cloud), "cloud", marked_money(result.cloud.p50, cost, "cloud")),
            RangeRow(names[1], *_three(result.onprem), "onprem", marked_money(result.onprem.p50, cost, "onprem")),
            RangeRow(
                translate("Cost", "Saving"), *_three(result.saving), "accent", marked_money(result.saving.p50, cost)
            ),
        ]
        self.ranges.set_data(rows, currency)
        even = result.break_even
        words = {"share": fixed(result.owning_wins * 100, 0)}
        never = even.p10 is None
        self.band_card.set_texts(
            translate("Cost", "Owning is cheaper in {share} % of the simulated cases").format(**words),
            translate("Cost", "{draws} draws · bands from P10 to P90 · no break-even").format(draws=count(result.draws))
            if never
            else translate(
                "Cost", "{draws} draws · bands from P10 to P90 · break-even month {low}, {middle}, {high}"
            ).format(
                draws=count(result.draws),
                low=fixed(even.p10, 0),
                middle=fixed(even.p50, 0),
                high=fixed(even.p90, 0),
            ),
        )

    # -- figures and years -----------------------------------------------------------------------------------------

    def _show_facts(self, cost: CostResult) -> None:
        cloud, owned, details = cost.cloud.details, cost.onprem.details, cost.details

        def both(name: str, key: str) -> list[Fact]:
            found = []
            for side, figures, word in (
                ("cloud", cloud, translate("Cost", "{what}, cloud")),
                ("onprem", owned, translate("Cost", "{what}, owned")),
            ):
                if key in figures:
                    raw, unit = figures[key].value, cost.currency
                    value = small_money(raw, unit) + (star() if raw is not None and cost.left_out(side) else "")
                    tone = "cloud" if side == "cloud" else "onprem"
                    path = f"cost.{side}.details.{key}"
                    found.append(Fact(word.format(what=name), value, "", path, "", tone, raw, unit))
            return found

        facts = both(translate("Cost", "Per M tokens"), "per_million_tokens")
        facts += both(translate("Cost", "GPU hour"), "per_useful_gpu_hour")
        facts += both(translate("Cost", "Per training"), "per_training")
        if "npv_saving" in details:
            value = marked_money(details["npv_saving"].value, cost)
            name, path, raw = (
                translate("Cost", "Saving, present value"),
                "cost.details.npv_saving",
                details["npv_saving"].value,
            )
            facts.append(Fact(name, value, "", path, raw=raw, raw_unit=cost.currency))
        use = cost.break_even_utilization
        name, path = translate("Cost", "Break-even use"), "cost.break_even_utilization"
        facts.append(
            Fact(name, percent(use.value), "", path, raw=None if use.value is None else 100 * use.value, raw_unit="%")
        )
        self.facts.set_data(facts)
        share = cost.break_even_utilization.value
        title = (
            translate("Cost", "Owning pays from {share} % use").format(share=fixed(share * 100, 0))
            if share is not None
            else translate("Cost", "There is no break-even utilization")
            if cost.cloud.total.known and cost.onprem.total.known
            else translate("Cost", "The break-even utilization is not known yet")
        )
        self.facts_card.set_texts(title, translate("Cost", "Equal useful work on both sides"))

    def _show_years(self, estimate: Estimate) -> None:
        cost = estimate.cost
        self.years_card.setVisible(bool(cost.years))
        if not cost.years:
            return
        most = max((abs(v) for y in cost.years for v in (y.cloud_cash, y.onprem_cash) if v is not None), default=1.0)
        factor, unit = money_axis(most, cost.currency)

        def cell(value: float | None) -> Cell:
            return Cell(UNKNOWN if value is None else amount(value / factor), value)

        names = (
            translate("Cost", "Cloud, cash"),
            translate("Cost", "Owned, cash"),
            translate("Cost", "Owned, expense"),
            translate("Cost", "Depreciation"),
            translate("Cost", "Book value"),
        )
        columns = (
            Column(translate("Cost", "Fiscal year")),
            Column(translate("Cost", "Months"), number=True),
            *(Column(name, cost.currency, number=True) for name in names),
        )
        rows = tuple(
            (
                Cell(str(year.year), float(year.year), Words(14)),
                Cell(str(year.months), float(year.months)),
                *map(
                    cell,
                    (year.cloud_cash, year.onprem_cash, year.onprem_expense, year.depreciation, year.book_value),
                ),
            )
            for year in cost.years
        )
        self.years.set_table(Table(columns, rows))
        first = cost.years[0].onprem_cash
        self.years_card.set_texts(
            translate("Cost", "The first fiscal year takes {amount}").format(amount=marked_money(first, cost, "onprem"))
            if first is not None
            else translate("Cost", "Year by year"),
            translate("Cost", "Cash and expense by fiscal year ({unit}), excluding tax that is credited").format(
                unit=unit
            ),
        )


def small_money(value: float | None, currency: str) -> str:
    """A price of one thing: all digits below a hundred thousand, so that ¥1,330 is not written ¥1.33k."""
    if value is None or abs(value) >= 1e5 or language() == "ja":
        return money(value, currency)
    return f"{MONEY[currency][0]}{number(value)}"


def _three(values: Percentiles) -> tuple[float | None, float | None, float | None]:
    return values.p10, values.p50, values.p90


def _signed_amount(value: float, decimals: int) -> str:
    text = fixed(value, decimals)
    if not text.strip("0.,−"):  # a small difference still says which side it favours
        text = fixed(value, decimals + 1)
    if not text.strip("0.,−"):
        return "0"
    return text if value < 0 else f"+{text}"


def _end(value: float, unit: str, key: str) -> str:
    """One end of a factor in its unit."""
    if key in ("utilization", "residual", "maintenance", "power", "pue_share") and abs(value) <= 1.5:
        return percent(value)
    if unit in ("JPY", "USD"):
        return money(value, unit)
    if key == "horizon":
        return plurals().months(round(value))
    return f"{limit(value)} {unit_name(unit)}".strip()
