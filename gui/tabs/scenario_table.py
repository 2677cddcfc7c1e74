"""Scenarios side by side: inputs that differ, results with bars on one scale a row, the better ones marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.base import Chart, Table
from mitsumori.gui.charts.numbers import UNKNOWN, count, duration_days, fixed, limit, money_parts, number, percent
from mitsumori.gui.charts.painting import (
    CENTER,
    NORMAL,
    RIGHT,
    SEMIBOLD,
    bar,
    color,
    draw_rich,
    draw_text,
    hline,
    line_height,
    rich_width,
    text_width,
    u,
    vline,
    wrap,
)
from mitsumori.gui.inputs.choices import cloud_name, word
from mitsumori.gui.inputs.fields import FIELDS, field_label
from mitsumori.gui.theme.icons import paint_icon
from mitsumori.gui.theme.tokens import ink_on
from mitsumori.gui.words.plurals import plurals
from mitsumori.gui.words.results import accelerator_name, cooling_name, model_name, server_name
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan

translate = QCoreApplication.translate

HEIGHTS = ((34, 20, 29, 22), (58, 30, 32, 32), (58, 30, 40, 40))
"""Heights of the head, a band, a row of inputs (two lines of type) and one of results: least, easy and most."""
_NAMES = ("name", "notes", "language", "customer")
"""Plan paths that say who and what, not how: never a difference."""


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
    return translate("Compare", "cannot be cooled") if estimate.facility.racks.value is None else ""


def _no_price(*sides: str) -> Callable[[Estimate], str]:
    def why(estimate: Estimate) -> str:
        if "onprem" in sides and _no_racks(estimate):
            return _no_racks(estimate)
        unknown = any(getattr(estimate.cost, side).total.value is None for side in sides)
        return translate("Compare", "price not given") if unknown else ""

    return why


def _no_days(estimate: Estimate) -> str:
    return translate("Compare", "does not fit") if estimate.memory.verdict == "no" else ""


def _memory(estimate: Estimate) -> float | None:
    value = estimate.memory.per_gpu["total_bytes"].value
    return None if value is None else value / 1e9


def _racks(estimate: Estimate) -> float | None:
    racks, support = estimate.facility.racks.value, estimate.facility.support_racks.value
    return None if racks is None else racks + (support or 0.0)


def _days(estimate: Estimate) -> float | None:
    return None if estimate.memory.verdict == "no" else estimate.training.days.value


def _money(value: float, estimate: Estimate) -> tuple[str, str]:
    return money_parts(value, estimate.cost.currency)


def _kwh(estimate: Estimate) -> float | None:
    value = estimate.facility.kwh_per_year.value
    return None if value is None else value / 1e3


MEASURES: tuple[Measure, ...] = (
    Measure(lambda: translate("Compare", "Training time"), _days, lambda v, e: duration_days(v), True, True, _no_days),
    Measure(lambda: translate("Compare", "GPU memory"), _memory, lambda v, e: (number(v), "GB"), True),
    Measure(
        lambda: translate("Compare", "Racks, support included"),
        _racks,
        lambda v, e: (count(v), translate("Compare", "racks")),
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
        _money,
        True,
        True,
        _no_price("onprem"),
    ),
    Measure(
        lambda: translate("Compare", "Total, owned"),
        lambda e: e.cost.onprem.total.value,
        _money,
        True,
        True,
        _no_price("onprem"),
    ),
    Measure(
        lambda: translate("Compare", "Total, cloud"),
        lambda e: e.cost.cloud.total.value,
        _money,
        True,
        True,
        _no_price("cloud"),
    ),
    Measure(
        lambda: translate("Compare", "Break-even"),
        lambda e: e.cost.break_even_month.value,
        lambda v, e: (fixed(v, 1), translate("Compare", "mo")),
        True,
        why=_no_price("cloud", "onprem"),
    ),
)
"""The rows of results, in order."""


def flat(plan: Plan) -> dict[str, Any]:
    """Every input of a plan by dotted path."""
    found: dict[str, Any] = {}

    def walk(prefix: str, value: Any) -> None:
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
    value = flat(plan).get(path)
    if path == "facility.cooling":
        return cooling_name(str(value), catalogue)
    if path == "cluster.server":
        return server_name(plan, catalogue)
    if path == "cluster.accelerator":
        return accelerator_name(plan, catalogue)
    record = catalogue.cloud_instances().get(str(value)) if path == "money.cloud.instance" else None
    if record is not None:
        return cloud_name(record)
    if path == "model.preset":
        return model_name(plan, catalogue)
    if value is None:
        return _standard_text(path, estimate)
    if isinstance(value, bool):
        return translate("Compare", "on") if value else translate("Compare", "off")
    field = FIELDS.get(path)
    if isinstance(value, (int, float)):
        if field is None:
            return number(float(value))
        return field.with_unit(value, (field.unit_of(plan, catalogue) if field.unit_of is not None else "") or None)
    if isinstance(value, str):
        return word(value)
    return str(value)


class ScenarioTable(Chart):
    """The whole comparison as one painted table with aligned columns."""

    least = (520, 300)

    def __init__(self) -> None:
        super().__init__()
        self._scenarios: tuple[Scenario, ...] = ()
        self._active = 0
        self._different: list[str] = []
        self._same = 0
        self._all: list[str] = []
        self.only_different = True
        self._rooms = (0.0, 0.0)
        self.make_keyboard()

    def set_data(self, scenarios: Sequence[Scenario], active: int) -> None:
        """Show other scenarios."""
        self._scenarios, self._active = tuple(scenarios), active
        if self._scenarios:
            self._different, self._same = differing([one.plan for one in scenarios])
            self._all = [path for path in flat(scenarios[0].plan) if path in FIELDS]
        self.least = (max(520, 160 + 180 * len(self._scenarios)), self._total(HEIGHTS[0]))
        self.updateGeometry()
        self.shown(scenarios, active)

    def _total(self, heights: tuple[int, ...]) -> int:
        """The whole table with these heights of its parts."""
        head, band, row, result = heights
        return head + 2 * band + row * len(self.paths()) + result * len(MEASURES)

    def paths(self) -> list[str]:
        """The inputs shown."""
        if self.only_different:
            return self._different
        return [*self._different, *(path for path in self._all if path not in self._different)]

    def table(self) -> Table:
        """Inputs and results as text."""
        headers = (translate("Compare", "Compared with A"), *(f"{s.letter} {s.plan.name}" for s in self._scenarios))
        rows = [
            (label_of(path), *(input_text(path, s.plan, s.catalogue, s.estimate) for s in self._scenarios))
            for path in self.paths()
        ]
        for measure in MEASURES:
            cells = []
            for s in self._scenarios:
                cells.append(" ".join(s.words(measure)).strip())
            rows.append((measure.name(), *cells))
        return Table(headers, tuple(rows))

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Head, inputs, results."""
        if not self._scenarios:
            return
        paths = self.paths()
        labels = [label_of(path) for path in paths] + [measure.name() for measure in MEASURES]
        names = min(max(text_width(label, 14) for label in labels) + u(28), rect.width() * 0.26)
        width = (rect.width() - names) / len(self._scenarios)
        totals = [u(self._total(heights)) for heights in HEIGHTS]
        head, band, row, pitch = (
            float(np.interp(rect.height(), totals, [u(h) for h in part])) for part in zip(*HEIGHTS, strict=True)
        )
        y = rect.top()
        end = min(rect.bottom(), y + totals[-1])
        for index in range(len(self._scenarios)):  # below everything: the bands run through
            vline(painter, rect.left() + names + width * index, y, end, "line")
        draw_text(
            painter, rect.left() + u(14), y + head / 2, translate("Compare", "Compared with A"), 13, NORMAL, "text_2"
        )
        for index, scenario in enumerate(self._scenarios):
            self._head(painter, QRectF(rect.left() + names + width * index, y, width, head), scenario, index)
        y += head
        sentence = plurals().inputs_differ(len(self._different))
        same = plurals().others_same(self._same)
        y = self._band(
            painter, rect, y, band, translate("Compare", "{first}; {second}").format(first=sentence, second=same)
        )
        for path in paths:
            self._input(painter, QRectF(rect.left(), y, rect.width(), row), path, names, width)
            y += row
        y = self._band(painter, rect, y, band, translate("Compare", "Results"))
        self._measure_rooms()
        for measure in MEASURES:
            self._result(painter, QRectF(rect.left(), y, rect.width(), pitch), measure, names, width)
            y += pitch

    def _head(self, painter: QPainter, box: QRectF, scenario: Scenario, index: int) -> None:
        tile = QRectF(box.left() + u(16), box.center().y() - u(13), u(26), u(26))
        active = index == self._active
        fill = "accent" if active else "sunken"
        bar(painter, tile, fill, u(5))
        ink = ink_on(color("accent")) if active else color("text_2")
        draw_text(painter, tile.center().x(), tile.center().y(), scenario.letter, 14, SEMIBOLD, ink, CENTER)
        room = box.right() - tile.right() - u(22)
        lines = wrap(scenario.plan.name, 16, SEMIBOLD, room, 2)
        px = 16 if len(lines) == 1 else 13
        lines = wrap(scenario.plan.name, px, SEMIBOLD, room, 2)
        step = line_height(px, SEMIBOLD)
        for row, line in enumerate(lines):
            y = box.center().y() + step * (row - (len(lines) - 1) / 2)
            draw_text(painter, tile.right() + u(12), y, line, px, SEMIBOLD)
        tip = translate("Compare", "Show scenario {letter}").format(letter=scenario.letter)
        self.mark(box.adjusted(2, 2, -2, -2), f"{scenario.plan.name}\n{tip}", ("scenario", index))

    @staticmethod
    def _band(painter: QPainter, rect: QRectF, y: float, height: float, text: str) -> float:
        painter.fillRect(QRectF(rect.left(), y, rect.width(), height), color("window"))
        hline(painter, y, rect.left(), rect.right(), "line")
        draw_text(painter, rect.left() + u(14), y + height / 2, text, 13, SEMIBOLD, "text_2")
        return y + height

    def _label(self, painter: QPainter, box: QRectF, text: str, names: float) -> None:
        hline(painter, box.top(), box.left(), box.right(), "line")
        px = 14 if text_width(text, 14) <= names - u(20) else 12
        draw_text(painter, box.left() + u(14), box.center().y(), text, px, NORMAL, "text_2")

    def _input(self, painter: QPainter, box: QRectF, path: str, names: float, width: float) -> None:
        self._label(painter, box, label_of(path), names)
        base = flat(self._scenarios[0].plan).get(path)
        for index, scenario in enumerate(self._scenarios):
            cell = QRectF(box.left() + names + width * index, box.top() + 1, width, box.height() - 1)
            value = flat(scenario.plan).get(path)
            text = input_text(path, scenario.plan, scenario.catalogue, scenario.estimate)
            differs = index > 0 and value != base
            if differs:
                painter.fillRect(cell, color("marginal_tint"))
                painter.fillRect(QRectF(cell.left(), cell.top(), u(3), cell.height()), color("marginal"))
            weight, ink = (SEMIBOLD, "text") if differs else (NORMAL, "text" if index == 0 else "text_3")
            px = 14 if text_width(text, 14, weight) <= width - u(24) else 13
            lines = wrap(text, px, weight, width - u(22), 2)
            step = min(line_height(px) - 1, box.height() / 2 - 1)
            for row, line in enumerate(lines):
                y = cell.center().y() + step * (row - (len(lines) - 1) / 2)
                draw_text(painter, cell.left() + u(16), y, line, px, weight, ink)
            self.mark(cell, f"{label_of(path)}: {text}")

    def _measure_rooms(self) -> None:
        """Room of the widest number and of the widest change, so that the bars of all rows stand below each other."""
        widest = widest_change = 0.0
        for measure in MEASURES:
            values = [scenario.measured(measure) for scenario in self._scenarios]
            for index, (value, scenario) in enumerate(zip(values, self._scenarios, strict=True)):
                if value is None:
                    continue
                head, unit = scenario.words(measure)
                widest = max(widest, rich_width([(head, 16, SEMIBOLD, "text"), (unit, 12, NORMAL, "text")]))
                change = self._change(measure, value, values[0], index)[0]
                widest_change = max(widest_change, text_width(change, 13))
        self._rooms = (widest + u(28), widest_change + u(6))

    def _result(self, painter: QPainter, box: QRectF, measure: Measure, names: float, width: float) -> None:
        self._label(painter, box, measure.name(), names)
        values = [s.measured(measure) for s in self._scenarios]
        known = [v for v in values if v is not None]
        most = max(known, default=0.0)
        best = None
        if measure.less is not None and len(known) > 1 and max(known) > min(known) * (1 + 1e-9):
            best = min(known) if measure.less else max(known)
        base = values[0]
        for index, (scenario, value) in enumerate(zip(self._scenarios, values, strict=True)):
            cell = QRectF(box.left() + names + width * index, box.top(), width, box.height())
            self._cell(painter, cell, measure, scenario, value, base if index else None, index, most, best)

    def _cell(
        self,
        painter: QPainter,
        cell: QRectF,
        measure: Measure,
        scenario: Scenario,
        value: float | None,
        base: float | None,
        index: int,
        most: float,
        best: float | None,
    ) -> None:
        y = cell.center().y()
        head, unit = scenario.words(measure)
        runs = [(head, 16, SEMIBOLD, "text"), (unit, 12, NORMAL, "text_3")]
        number_room, change_w = self._rooms
        number_room = max(number_room, cell.width() * 0.38)
        draw_rich(painter, cell.left() + u(16), y, runs)
        change, better = self._change(measure, value, base, index)
        check = u(22)
        left = cell.left() + number_room
        right = cell.right() - check - change_w - u(10)
        if right - left > u(28) and value is not None and most > 0:
            track = QRectF(left, y - u(4), right - left, u(8))
            bar(painter, track, "sunken", u(2))
            bar(
                painter, QRectF(track.left(), track.top(), track.width() * max(0.0, value) / most, u(8)), "accent", u(2)
            )
        draw_text(painter, cell.right() - check, y, change, 13, NORMAL, "ok" if better else "text_2", RIGHT)
        if best is not None and value is not None and abs(value - best) <= 1e-9 * abs(best):
            size = u(15)
            paint_icon(painter, QRectF(cell.right() - size - u(5), y - size / 2, size, size), "check", color("ok"))
        self.mark(cell, f"{scenario.letter} · {measure.name()}: {head} {unit}\n{change}".strip())

    @staticmethod
    def _change(measure: Measure, value: float | None, base: float | None, index: int) -> tuple[str, bool]:
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
