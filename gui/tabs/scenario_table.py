"""Scenarios side by side: inputs that differ, results with bars on one scale a row, the better ones marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import UNKNOWN, duration_days, limit, number, percent
from mitsumori.gui.charts.painting import NORMAL, SEMIBOLD, rich_width, text_width, u
from mitsumori.gui.inputs.fields import FIELDS, field_label
from mitsumori.gui.tables.columns import Cell, Column, Result, Table, Words
from mitsumori.gui.tables.view import TableView
from mitsumori.gui.tabs.serving_measures import machines, milliseconds, no_serving, price, seconds, served, token_money
from mitsumori.gui.words.plan import value_words
from mitsumori.gui.words.plurals import plurals
from mitsumori.gui.words.results import accelerator_name, model_name
from mitsumori.gui.words.serving import rack_parts
from mitsumori.gui.words.totals import even_month, total_parts
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan

translate = QCoreApplication.translate

HEIGHTS = ((34, 20, 29, 22), (58, 30, 32, 32), (58, 30, 40, 40))
"""Heights of the head, a band, a row of inputs (two lines of type) and one of results: least, easy and most."""
_NAMES = ("name", "notes", "language", "set_aside")
"""Plan paths that say who and what, not how: never a difference. Nor is what waits for another server."""
_VIEWS = ("money.currency", "money.prices")
"""How results are shown, and prices that stand in the fields of the present server and instance or count for another."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One column: letter, plan and its estimate; None where the plan is refused."""

    letter: str
    plan: Plan
    estimate: Estimate | None
    catalogue: Catalogue

    def measured(self, measure: Measure) -> float | None:
        """One of its results."""
        return None if self.estimate is None else measure.value(self.estimate)

    def words(self, measure: Measure) -> tuple[str, str]:
        """A result as number and unit; unknown where it is none."""
        value = self.measured(measure)
        if self.estimate is None:
            return UNKNOWN, ""
        return (UNKNOWN, measure.why(self.estimate)) if value is None else measure.text(value, self.estimate)


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of results. ``less`` says which direction is better; None: neither."""

    name: Callable[[], str]
    value: Callable[[Estimate], float | None]
    text: Callable[[float, Estimate], tuple[str, str]]
    less: bool | None
    as_share: bool = False
    why: Callable[[Estimate], str] = lambda estimate: ""
    """Why there is no value, short; empty where nothing is known about it."""


def _no_racks(estimate: Estimate) -> str:
    if estimate.facility.racks.value is not None:
        return ""
    return (
        translate("Compare", "not given")
        if estimate.facility.racks_unsolved
        else translate("Compare", "cannot be cooled")
    )


def _no_price(*options: str) -> Callable[[Estimate], str]:
    def why(estimate: Estimate) -> str:
        if "onprem" in options and _no_racks(estimate):
            return _no_racks(estimate)
        unknown = any(getattr(estimate.cost, side).total.value is None for side in options)
        return translate("Compare", "price not given") if unknown else ""

    return why


def _no_training(estimate: Estimate) -> str:
    return translate("Compare", "serves") if estimate.serving is not None else ""


def _no_days(estimate: Estimate) -> str:
    return _no_training(estimate) or (translate("Compare", "does not fit") if estimate.memory.verdict == "no" else "")


def _memory(estimate: Estimate) -> float | None:
    value = estimate.memory.per_gpu.total_bytes.value
    return None if value is None or estimate.serving is not None else value / 1e9


def _racks(estimate: Estimate) -> float | None:
    racks, support = estimate.facility.server_racks, estimate.facility.support_racks.value
    return None if racks is None else racks + (support or 0.0)


def _days(estimate: Estimate) -> float | None:
    return None if _no_days(estimate) else estimate.training.days.value


def _money(side: str) -> Callable[[float, Estimate], tuple[str, str]]:
    """An amount of one side, with the mark of what it leaves out."""

    def words(value: float, estimate: Estimate) -> tuple[str, str]:
        parts = total_parts(estimate.cost, side, value)
        return (UNKNOWN, "") if parts is None else (f"{parts.prefix}{parts.number}", parts.unit)

    return words


def _kwh(estimate: Estimate) -> float | None:
    value = estimate.facility.kwh_per_year.value
    return None if value is None else value / 1e3


TRAINED: tuple[Measure, ...] = (
    Measure(lambda: translate("Compare", "Training time"), _days, lambda v, e: duration_days(v), True, True, _no_days),
    Measure(
        lambda: translate("Compare", "GPU memory"), _memory, lambda v, e: (number(v), "GB"), True, why=_no_training
    ),
)
"""The rows of a training."""
MEASURES: tuple[Measure, ...] = (
    *TRAINED,
    Measure(
        lambda: translate("Compare", "Racks, support included"),
        _racks,
        lambda v, e: rack_parts(v),
        True,
        why=_no_racks,
    ),
    Measure(
        lambda: translate("Compare", "Fullest rack"),
        lambda e: e.facility.kva_per_rack.value,
        lambda v, e: (number(v), "kVA"),
        None,
        why=_no_racks,
    ),
    Measure(
        lambda: translate("Compare", "Hall power"),
        lambda e: e.facility.facility_kw.value,
        lambda v, e: (number(v), "kW"),
        True,
        True,
        _no_racks,
    ),
    Measure(
        lambda: translate("Compare", "Energy a year"), _kwh, lambda v, e: (number(v), "MWh"), True, True, _no_racks
    ),
    Measure(
        lambda: translate("Compare", "Initial cost, owned"),
        lambda e: e.cost.onprem.initial.value,
        _money("onprem"),
        True,
        True,
        _no_price("onprem"),
    ),
    Measure(
        lambda: translate("Compare", "Total, owned"),
        lambda e: e.cost.onprem.total.value,
        _money("onprem"),
        True,
        True,
        _no_price("onprem"),
    ),
    Measure(
        lambda: translate("Compare", "Total, cloud"),
        lambda e: e.cost.cloud.total.value,
        _money("cloud"),
        True,
        True,
        _no_price("cloud"),
    ),
    Measure(
        lambda: translate("Compare", "Break-even"),
        lambda e: e.cost.break_even_month.value,
        lambda v, e: (even_month(v), translate("Compare", "mo")),
        None,
        why=_no_price("cloud", "onprem"),
    ),
)
"""The rows of results, in order."""

SERVED: tuple[Measure, ...] = (
    Measure(lambda: translate("Serving", "First token, TTFT"), served("ttft_s"), seconds, True, True, no_serving),
    Measure(lambda: translate("Serving", "Token gap, TPOT"), served("tpot_ms"), milliseconds, True, True, no_serving),
    Measure(lambda: translate("Serving", "Serving servers"), served("servers"), machines, True, why=no_serving),
    Measure(lambda: translate("Serving", "Per 1M tokens, excl. tax"), price, token_money, True, True, no_serving),
)
"""The rows of serving, before the others where a scenario serves."""


def measures_of(scenarios: Sequence[Scenario]) -> tuple[Measure, ...]:
    """The rows of results of some scenarios."""
    serve = [one.estimate.serving is not None for one in scenarios if one.estimate is not None]
    if serve and all(serve):  # the question is serving: the training beside it is not compared
        return (*SERVED, *MEASURES[len(TRAINED) :])
    return (*SERVED, *MEASURES) if any(serve) else MEASURES


def flat(plan: Plan) -> dict[str, object]:
    """Every input of a plan by dotted path."""
    found: dict[str, object] = {}

    def walk(prefix: str, value: object) -> None:
        if prefix in _VIEWS:
            return
        if isinstance(value, dict) and prefix not in ("overrides", "model.architecture"):
            for key, item in value.items():
                walk(f"{prefix}.{key}" if prefix else key, item)
        else:
            found[prefix] = value

    walk("", plan.model_dump(mode="python", exclude=set(_NAMES)))
    return found


def differing(plans: Sequence[Plan]) -> tuple[list[str], int]:
    """Paths whose values differ, in the order of the plan, and how many inputs are the same."""
    every = [flat(plan) for plan in plans]
    paths = list(dict.fromkeys(path for one in every for path in one))
    different = [path for path in paths if any(one.get(path) != every[0].get(path) for one in every[1:])]
    return different, len(paths) - len(different)


def _standard_text(path: str, estimate: Estimate | None) -> str:
    """What stands for an input left open: the standard value, when one is known."""
    found = None if estimate is None else estimate.used(path)
    field = FIELDS.get(path)
    if found is None or field is None:
        return translate("Compare", "standard")
    return translate("Compare", "{value} (standard)").format(value=field.with_unit(found.value))


def input_text(path: str, plan: Plan, catalogue: Catalogue, estimate: Estimate | None = None) -> str:
    """An input's value as people read it, with its unit."""
    if path == "model.preset":
        return model_name(plan, catalogue)
    if path == "cluster.accelerator":
        return accelerator_name(plan, catalogue)
    field = FIELDS.get(path)
    value = flat(plan).get(path) if field is None else plan.value(path)
    if field is not None and field.unit_of is not None and value is not None:
        return field.with_unit(value, field.unit_in(plan, catalogue))  # of its own plan: "9 = 72 GPUs"
    return _standard_text(path, estimate) if value is None else value_words(path, value, catalogue, plan)


class ScenarioTable(TableView):
    """The whole comparison: bands, inputs that differ, results with bars on one scale a row."""

    least = (520, 300)
    pad = 14.0
    column_lines = True
    whole_rows = False
    sortable = False

    def __init__(self) -> None:
        super().__init__()
        self._scenarios: tuple[Scenario, ...] = ()
        self._active = 0
        self._different: list[str] = []
        self._same = 0
        self._all: list[str] = []
        self._kinds: tuple[str, ...] = ()
        self.only_different = True
        self.head_height = HEIGHTS[0][0]

    def set_data(self, scenarios: Sequence[Scenario], active: int) -> None:
        """Show other scenarios."""
        self._scenarios, self._active = tuple(scenarios), active
        if self._scenarios:
            self._different, self._same = differing([one.plan for one in scenarios])
            self._all = [path for path in flat(scenarios[0].plan) if path in FIELDS]
        paths = self.paths()
        self._kinds = ("band", *("input" for _ in paths), "band", *("result" for _ in measures_of(self._scenarios)))
        self.least = (max(520, 160 + 180 * len(self._scenarios)), self._total(HEIGHTS[0]))
        self._measure_columns()
        self.set_table(self._made(paths))
        for row, kind in enumerate(self._kinds):
            wide = len(self._scenarios) + 1 if kind == "band" else 1
            if self.columnSpan(row, 0) != wide:
                self.setSpan(row, 0, 1, wide)
        self.fit()
        self.updateGeometry()

    def _total(self, heights: tuple[int, ...]) -> int:
        """The whole table with these heights of its parts."""
        head, band, row, result = heights
        return head + 2 * band + row * len(self.paths()) + result * len(measures_of(self._scenarios))

    def paths(self) -> list[str]:
        """The inputs shown."""
        if self.only_different:
            return self._different
        return [*self._different, *(path for path in self._all if path not in self._different)]

    def rows_wanted(self) -> int:
        """The least size counts the rows itself."""
        return 0

    def measured(self) -> list[float]:
        """Names as wide as they need, not more than a quarter; all scenarios the same."""
        labels = [label_of(path) for path in self.paths()] + [
            measure.name() for measure in measures_of(self._scenarios)
        ]
        names = max((text_width(label, 14) for label in labels), default=0.0) + 2 * u(self.pad)
        return [min(names, 0.26 * self.viewport().width()), *(u(150) for _ in self._scenarios)]

    def fit_rows(self) -> None:
        """Head, bands and rows between their least and greatest height, as the room allows."""
        totals = [u(self._total(heights)) for heights in HEIGHTS]
        parts = [[u(height) for height in part] for part in zip(*HEIGHTS, strict=True)]
        head, band, row, result = (round(float(np.interp(self.height(), totals, part))) for part in parts)
        self.head_height = head / u(1)
        self.horizontalHeader().setFixedHeight(head)
        heights = {"band": band, "input": row, "result": result}
        for at, kind in enumerate(self._kinds[: self.rows().rowCount()]):
            if self.rowHeight(at) != heights[kind]:
                self.setRowHeight(at, heights[kind])

    # -- contents ---------------------------------------------------------------------------------------------------

    def _made(self, paths: Sequence[str]) -> Table:
        first = translate("Compare", "Compared with A")
        columns = (
            Column(first),
            *(
                Column(
                    s.plan.name,
                    letter=s.letter,
                    stretch=3,
                    least=150,
                    current=index == self._active,
                    key=("scenario", index),
                )
                for index, s in enumerate(self._scenarios)
            ),
        )
        sentence = translate("Compare", "{first}; {second}").format(
            first=plurals().inputs_differ(len(self._different)), second=plurals().others_same(self._same)
        )
        rows = [
            self._band(sentence),
            *(self._input(path) for path in paths),
            self._band(translate("Compare", "Results")),
            *(self._result(measure) for measure in measures_of(self._scenarios)),
        ]
        return Table(columns, tuple(rows))

    def _band(self, text: str) -> tuple[Cell, ...]:
        return (Cell(text, None, Words(13, SEMIBOLD, "text_2", ground="window")),)

    def _input(self, path: str) -> tuple[Cell, ...]:
        base = flat(self._scenarios[0].plan).get(path)
        line = [Cell(label_of(path), None, Words(14, ink="text_2"))]
        for index, scenario in enumerate(self._scenarios):
            value = flat(scenario.plan).get(path)
            text = input_text(path, scenario.plan, scenario.catalogue, scenario.estimate)
            if index > 0 and value != base:
                look = Words(14, SEMIBOLD, ground="marginal_tint", edge="marginal")
            else:
                look = Words(14, ink="text" if index == 0 else "text_3")
            raw = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
            line.append(Cell(text, raw, look, f"{label_of(path)}: {text}"))
        return tuple(line)

    def _measure_columns(self) -> None:
        """Room of the widest number and of the widest change, so that the bars of all rows stand below each other."""
        widest = widest_change = 0.0
        for measure in measures_of(self._scenarios):
            values = [scenario.measured(measure) for scenario in self._scenarios]
            for index, (value, scenario) in enumerate(zip(values, self._scenarios, strict=True)):
                if value is None:
                    continue
                head, unit = scenario.words(measure)
                widest = max(widest, rich_width([(head, 16, SEMIBOLD, "text"), (unit, 12, NORMAL, "text")]))
                widest_change = max(widest_change, text_width(_change(measure, value, values[0], index)[0], 13))
        self.column_widths = (widest, widest_change)

    def _result(self, measure: Measure) -> tuple[Cell, ...]:
        values = [s.measured(measure) for s in self._scenarios]
        known = [v for v in values if v is not None]
        most = max(known, default=0.0)
        best = None
        if measure.less is not None and len(known) > 1 and max(known) > min(known) * (1 + 1e-9):
            best = min(known) if measure.less else max(known)
        line = [Cell(measure.name(), None, Words(14, ink="text_2"))]
        for index, (scenario, value) in enumerate(zip(self._scenarios, values, strict=True)):
            head, unit = scenario.words(measure)
            change, better = _change(measure, value, values[0] if index else None, index)
            share = value / most if value is not None and most > 0 else None
            mark = best is not None and value is not None and abs(value - best) <= 1e-9 * abs(best)
            tip = f"{scenario.letter} · {measure.name()}: {head} {unit}\n{change}".strip()
            look = Result(unit, share, change, better, mark)
            line.append(Cell(head, value, look, tip, spoken=f"{head} {unit} {change}".strip()))
        return tuple(line)


def _change(measure: Measure, value: float | None, base: float | None, index: int) -> tuple[str, bool]:
    """How a figure differs from that of the first scenario, and whether that is better."""
    if index == 0:
        return translate("Compare", "baseline"), False
    if value is None or base is None:
        return "", False
    change = value - base
    if abs(change) <= 5e-4 * max(abs(base), 1e-12):
        return translate("Compare", "same"), False
    better = measure.less is not None and (change < 0) == measure.less
    if measure.as_share and base:
        share = change / base
        text = percent(share, 1 if abs(share) < 0.0095 else 0)
        return (text if share < 0 else f"+{text}"), better
    text = limit(change) if abs(change) >= 1 else number(change, 2)
    return (text if change < 0 else f"+{text}"), better


def label_of(path: str) -> str:
    """The name of an input as the input pane shows it."""
    return field_label(path).replace("&", "")
