"""Plans at the ends: one accelerator, 100,000 of them, a thousand tokens, prices that are not known. What is said stays true."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from mitsumori.gui.charts.days_curve import DaysCurve, DaysData
from mitsumori.gui.charts.numbers import memory
from mitsumori.gui.headline import Headline
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.tables.cloud_matrix import span_options
from mitsumori.gui.tabs.generations import generation_subtitle
from mitsumori.gui.tabs.goal import kind_units
from mitsumori.gui.tabs.trade import against
from mitsumori.gui.tabs.view import amount, cost_columns, days_data
from mitsumori.gui.words.plurals import horizon, plurals
from mitsumori.gui.words.results import gpus
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.trade_offs import Generations, Measured
from mitsumori.model.study.training_table import days_curve
from tests.gui.windows import window

SAMPLE = "llama3-70b-continual"
ONE = {
    "model.preset": "llama3-8b", "cluster.servers": 1, "cluster.accelerators_per_server": 1, "workload.tokens": 1000.0,
}  # fmt: skip
HUGE = {"cluster.servers": 12_500, "workload.tokens": 1e15, "money.horizon_months": 84}


def plan(changes: dict[str, Any]) -> Plan:
    return load_sample(SAMPLE).plan.with_values(changes)


@pytest.mark.parametrize("changes", [ONE, HUGE, {"cluster.accelerators_per_server": 4}])
def test_accelerators_are_those_that_train(application, changes: dict[str, Any]) -> None:  # type: ignore[no-untyped-def]
    one = plan(changes)
    result = estimate_plan(one)
    assert gpus(one, result.catalogue) == result.training.details.accelerators


def test_the_plan_stands_on_its_curve(application) -> None:  # type: ignore[no-untyped-def]
    one = plan(ONE)
    result = estimate_plan(one)
    data = days_data(days_curve(one), result, gpus(one, result.catalogue))
    assert data is not None
    assert data.at(data.current_gpus) == pytest.approx(data.current_days, rel=1e-6)


@pytest.mark.parametrize(
    ("days", "unit"), [(400.0, "days"), (20.0, "days"), (0.3, "hours"), (0.01, "minutes"), (1.7e-6, "seconds")]
)
def test_the_axis_says_time_in_the_unit_of_the_plan(application, days: float, unit: str) -> None:  # type: ignore[no-untyped-def]
    set_language("en")
    counts = np.array([8.0, 16.0, 32.0])
    times = days * 8.0 / counts
    chart = DaysCurve()
    chart.set_data(DaysData(counts, times, times * 0.9, times * 1.1, 8.0, days))
    axes = chart.axes(QRectF(0, 0, 600, 300))
    assert axes is not None
    assert axes.y_unit == f"{unit} (log scale)"


@pytest.mark.parametrize("width", [420, 640, 900])
def test_the_plans_name_keeps_clear_of_the_band(application, width: int) -> None:  # type: ignore[no-untyped-def]
    """At the right end of the curve it cannot stand at the right of its dot."""
    set_language("en")
    counts = np.array([16_384.0, 24_576.0, 65_536.0, 100_000.0])
    days = 2500.0 * (16_384.0 / counts) ** 0.8
    chart = DaysCurve()
    chart.set_data(DaysData(counts, days, days * 0.85, days * 1.18, 100_000.0, float(days[-1])))
    rect = QRectF(0, 0, width, 260)
    placed = chart.placed(rect)
    assert placed is not None
    image = QImage(width, 260, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    box = chart._plan(painter, placed.frame, chart.data())
    painter.end()
    assert box is not None
    assert rect.contains(box)
    assert box.bottom() - 8 <= chart._highest(placed.frame, box.left(), box.right())


def test_something_is_never_written_as_nothing(application) -> None:  # type: ignore[no-untyped-def]
    assert (memory(0.0), memory(0.02), memory(0.06), memory(14.9), memory(None)) == ("0.0", "< 0.1", "0.1", "14.9", "—")
    assert (amount(0.0), amount(4e-5), amount(-4e-5), amount(0.04), amount(7.91)) == (
        "0.00", "< 0.01", "> −0.01", "0.04", "7.91",
    )  # fmt: skip
    _, parts, _ = cost_columns(estimate_plan(plan(HUGE)).cost)
    assert all(part.text.strip("0.") for part in parts if part.value)


def test_counts_are_grouped_and_one_is_one(application) -> None:  # type: ignore[no-untyped-def]
    words = plurals()
    set_language("en")
    assert words.servers(12_500) == "12,500 servers"
    assert words.switches_join(6_250).startswith("6,250 ")
    assert (words.gpus(1), words.gpus(8), words.gpus(100_000)) == ("1 GPU", "8 GPUs", "100,000 GPUs")
    set_language("ja")
    assert (words.servers(12_500), words.gpus(100_000)) == ("12,500 台", "100,000 GPU")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_total_that_is_known_is_not_called_unknown(qtbot: Any, language: Any) -> None:
    set_language(language)
    never, missing = plan(ONE), plan({"money.onprem.server_price": None})
    said = {}
    for name, one in (("never", never), ("missing", missing)):
        result = estimate_plan(one)
        assert (result.cost.onprem.total.known and result.cost.cloud.total.known) == (name == "never")
        head = Headline()
        qtbot.addWidget(head)
        head.set_result(one, result, None)
        said[name] = " ".join(head.cost.content().reason)
    wrong, right = {
        "en": ("not known yet", "No break-even in 5 years"), "ja": ("まだ決まりません", "5 年では逆転しません"),
    }[language]  # fmt: skip
    assert wrong not in said["never"]
    assert right in said["never"]
    assert wrong in said["missing"]


def test_what_is_unknown_has_no_mark_and_no_verdict(qtbot: Any) -> None:
    set_language("en")
    win = window(qtbot, plan({"money.onprem.server_price": None}), estimator=estimate_plan)
    win.show_tab("cost")
    qtbot.waitUntil(lambda: not win.store.stale and not win.jobs.any_busy(), timeout=30_000)
    tab = win.tabs["cost"]
    assert "There is no break-even" not in tab.facts_card.title
    assert all(fact.value != "—*" for fact in tab.facts._facts)
    assert any(fact.value == "—" for fact in tab.facts._facts)


@pytest.mark.parametrize(
    ("months", "english", "before_noun", "japanese"),
    [
        (12, "1 year", "1-year", "1 年"), (24, "2 years", "2-year", "2 年"), (38, "38 months", "38-month", "38 か月"),
        (60, "5 years", "5-year", "5 年"), (83, "83 months", "83-month", "83 か月"),
    ],
)  # fmt: skip
def test_a_horizon_is_said_in_whole_years_or_in_months(
    qtbot: Any, months: int, english: str, before_noun: str, japanese: str
) -> None:
    asked = plan({"money.horizon_months": months, "cluster.servers": 4})
    result = estimate_plan(asked)
    for language, span, noun in (("en", english, before_noun), ("ja", japanese, japanese)):
        set_language(language)  # type: ignore[arg-type]
        assert (horizon(months), horizon(months, before_noun=True)) == (span, noun)
        head = Headline()
        qtbot.addWidget(head)
        head.set_result(asked, result, None)
        assert noun in head.cost.content().title
        goal = kind_units("JPY", months)["cost"]
        trade = against("cost", asked, "JPY").unit
        cloud = span_options(months)[2][1]
        base = cast("Measured", SimpleNamespace(estimate=result))
        limited = Generations("money", 1e9, base, (), (), complete=True)
        for words in (goal, trade, cloud, generation_subtitle(limited, asked)):
            assert span in words
            assert f"{span}s" not in words  # never "1 years"
