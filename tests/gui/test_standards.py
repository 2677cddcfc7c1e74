"""Open inputs show the value in use; entered ones the standard they replace, and Reset; every path the window names exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from mitsumori import gui
from mitsumori.gui.charts.hold import axis_hold
from mitsumori.gui.inputs.fields import FIELDS
from mitsumori.gui.inputs.pane import InputsPane
from mitsumori.gui.store import PlanStore, estimate_plan
from mitsumori.gui.words.translation import set_language
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.refusal import PlanError
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.estimate.standards import JOINED, STATED
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, sample_names

ROOT = Path(gui.__file__).parent
SAMPLES = {name: load_sample(name).plan for name in sample_names()}
GRPO = SAMPLES["llama2-7b-sft"].with_values({"workload.stage": "grpo"})
"""The one stage whose step has all parts."""
START = SAMPLES["llama3-70b-continual"].with_values(
    {path: None for path, field in FIELDS.items() if field.optional and field.kind in ("slider", "number")}
    | {"money.usd_jpy": 150.0, "money.onprem.server_price": 45e6}
)
OPTIONAL = [path for path, field in FIELDS.items() if field.optional and field.kind in ("slider", "number")]
WITH_STANDARD = {
    "money.cloud.storage_per_gb_month", "workload.evaluation_share",
    "parallel.global_batch", "network.storage_pb", "network.checkpoint_interval_s", "network.mtbf_gpu_hours",
    "network.restart_s", "network.checkpoint_stall_s", "facility.rack_kva", "facility.air_limit_kw", "facility.liquid_heat_fraction", "facility.pue",
    "facility.wue", "facility.co2_kg_per_kwh", "facility.other_power_share", "facility.server_max_kw", "facility.server_peak_kw", "facility.server_idle_kw",
    "facility.server_average_kw", "money.cloud.price_per_hour", "money.electricity_jpy_per_kwh",
    "money.onprem.network_price", "money.onprem.network_share", "money.cloud.storage_gb", "model.params",
    "serving.prompt_tokens", "serving.output_tokens", "serving.shared_prefix_share", "serving.ttft_limit_s",
    "serving.tpot_limit_ms",
}  # fmt: skip
"""Those that the plan of these tests has a standard for."""


@pytest.fixture(scope="module")
def results() -> list[Estimate]:
    return [estimate(plan) for plan in (*SAMPLES.values(), GRPO)]


def stands(result: Estimate, path: str) -> bool:
    """Whether a dotted path leads to something in an estimate, be it unknown."""
    node: Any = result
    for part in path.split("."):
        if isinstance(node, Mapping):
            if part not in node:
                return False
            node = node[part]
        elif hasattr(node, part):
            node = getattr(node, part)
        else:
            return False
    return True


def plan_has(path: str) -> bool:
    try:
        START.value(path)
    except (PlanError, AttributeError, KeyError):
        return False
    return True


_PATH = re.compile(r"(memory|training|facility|cost|serving)\.[a-z_][a-z_0-9]*(\.[a-z_0-9]+)*\.?")


def literals() -> Iterator[tuple[str, str]]:
    """File and every text of gui/ that looks like a path of an estimate; of a text with placeholders the part before them."""
    for file in sorted(set(ROOT.rglob("*.py")) - {ROOT / "early_imports.py"}):  # whose texts are modules
        tree = ast.parse(file.read_text("utf-8"))
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values[1:]}
        for node in ast.walk(tree):
            text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts
            if text and _PATH.fullmatch(node.value):
                yield file.name, node.value


def test_every_estimate_path_named_in_the_window_exists(results: list[Estimate]) -> None:
    found = list(literals())
    assert len(found) > 80
    wrong = []
    for file, path in found:
        plain = path.rstrip(".")
        if not plan_has(plain) and not any(stands(result, plain) for result in results):
            wrong.append((file, path))
    assert not wrong


_ENTRY = re.compile(r"\.(details|storage|network|per_gpu|breakdown_s|parallel|used|lines)(?:\.get\(|\[)\"([a-z_.]+)\"")


def test_every_entry_of_a_result_read_in_the_window_exists(results: list[Estimate]) -> None:
    """``estimate.cost.details.get("...")`` swallows a wrong name: each must be an entry of some estimate."""
    holders: dict[str, set[str]] = {}
    for result in results:
        totals = (result.cost.cloud, result.cost.onprem)
        for part in (result.memory, result.training, result.facility, result.cost, *totals):
            for name in (
                "details",
                "storage",
                "network",
                "per_gpu",
                "breakdown_s",
                "parallel",
                "used",
                "lines",
            ):
                entries = getattr(part, name, ())
                holders.setdefault(name, set()).update(entries if isinstance(entries, Mapping) else ())
    reads = {(file.name, *match) for file in ROOT.rglob("*.py") for match in _ENTRY.findall(file.read_text("utf-8"))}
    assert len(reads) > 5
    assert not [read for read in sorted(reads) if read[2] not in holders[read[1]]]


@pytest.mark.parametrize("path", STATED)
def test_what_states_a_value_in_use_is_in_every_sample(path: str, results: list[Estimate]) -> None:
    assert plan_has(path)
    asked = [
        result
        for result in results
        if (result.serving is not None or not path.startswith("serving."))
        and (result.training.details.rollout is not None or not path.startswith("rollout."))
    ]
    assert asked
    assert all(stands(result, STATED[path]) for result in asked)


def test_a_bad_path_is_noticed(results: list[Estimate]) -> None:
    for bad in (
        "cost.details.electricity_jpy_per_kwh",
        "training.details.mtbf_gpu_hours",
        "facility.pu",
        "cost.used.x",
    ):
        assert not stands(results[0], bad)


@pytest.mark.parametrize("path", sorted(WITH_STANDARD | {"workload.reward_model_params", "money.onprem.server_price"}))
def test_the_standard_is_what_counts_with_the_input_open(path: str) -> None:
    """Open: used and standard are one, with a provenance. Entered: the value is used, the standard stays what it was."""
    plan = GRPO if path.startswith("workload") else START
    if path == "facility.liquid_heat_fraction":  # one whose liquid takes a share
        plan = plan.with_values({"facility.cooling": "rear_door_cold_plate", "facility.rack_kva": 60.0})
    if path == "money.onprem.server_price":  # one with a listed price
        plan = plan.with_values({"cluster.server": "DGX-H100", path: None})
    result = estimate(plan)
    used, standard = result.used(path), result.standard(path)
    assert isinstance(used, Figure)
    assert used == standard
    assert used.value is not None
    assert used.provenance is not None
    assert used.provenance.kind != "user"
    entered = other_value(plan, path, used.value)
    after = estimate(plan.with_values({path: entered}))
    mine, kept = after.used(path), after.standard(path)
    assert mine is not None
    assert kept is not None
    assert mine.value == pytest.approx(entered, rel=1e-9)
    assert mine.provenance is not None
    assert mine.provenance.kind == "user" or path in ("parallel.global_batch", "facility.liquid_heat_fraction")
    assert kept.value == pytest.approx(used.value, rel=1e-9)


def other_value(plan: Plan, path: str, standard: float) -> Any:
    """A value that is accepted and is not the standard."""
    for value in (standard * 1.25, standard * 0.75, 0.25):
        typed = round(value) if FIELDS[path].integer else value
        if path == "parallel.global_batch":
            typed = round(standard) * 2
        if typed == standard:
            continue
        try:
            estimate(plan.with_values({path: typed}))
        except PlanError:
            continue
        return typed
    raise AssertionError(path)


def test_entering_the_standard_changes_no_cost() -> None:
    """The network's price follows from its share: entered as such it costs the same."""
    result = estimate(START)
    price = result.used("money.onprem.network_price")
    assert price is not None
    again = estimate(START.with_values({"money.onprem.network_price": price.value}))
    assert again.cost.onprem.total.value == pytest.approx(result.cost.onprem.total.value)


def test_a_price_is_in_the_currency_of_its_input() -> None:
    dollars = START.with_values({"money.cloud.currency": "JPY"})
    used = estimate(dollars).used("money.cloud.price_per_hour")
    assert used is not None
    listed = Catalogue.shipped().cloud_instance(START.money.cloud.instance or "").prices["on_demand_per_h"]
    assert used.value == pytest.approx(listed * 150.0)
    assert estimate(dollars.with_values({"money.usd_jpy": None})).used("money.cloud.price_per_hour") is None


class Bench:
    """A pane on a store with the real core, as the window connects them."""

    def __init__(self, start: Plan) -> None:
        self.made = 0

        def counted(plan: Plan, **context: Any) -> Estimate:
            self.made += 1
            return estimate_plan(plan, **context)

        self.store = PlanStore(start, counted)
        self.pane = InputsPane()
        self.pane.change_requested.connect(self._changed)
        self.store.plan_changed.connect(lambda old, new: self.pane.show_plan(new))
        self.store.estimate_changed.connect(self.pane.show_estimate)
        self.pane.show_plan(start)
        self.store.compute_now()

    def _changed(self, row: Any, changes: Any, gesture: Any) -> None:
        error = self.store.set_values(changes, gesture=gesture)
        assert error is None, error
        self.store.compute_now()


@pytest.fixture
def bench(show: Any) -> Bench:
    made = Bench(START)
    show(made.pane, 360, 900)
    return made


def test_the_fields_with_a_standard_are_these(bench: Bench) -> None:
    result = bench.store.estimate
    assert result is not None
    shown = {path for path in OPTIONAL if result.used(path) is not None} - {
        "money.usd_jpy",
        "money.onprem.server_price",
    }
    assert shown == WITH_STANDARD


@pytest.mark.parametrize("language", ["en", "ja"])
def test_open_fields_show_the_value_in_use_and_entered_ones_the_standard(bench: Bench, language: str) -> None:
    set_language(language)  # type: ignore[arg-type]
    word = {"en": "standard", "ja": "標準"}[language]
    for path in sorted(WITH_STANDARD):
        field = FIELDS[path]
        if not field.shown_when(bench.store.plan):
            continue
        assert bench.pane.go_to(path), path
        row = bench.pane.row(path)
        assert row is not None
        assert row.edit is not None
        result = bench.store.estimate
        assert result is not None
        standard = result.standard(path)
        assert standard is not None
        assert row.edit.text() == field.shown(standard.value) != "", path
        assert row.reset.isHidden()
        row._request(other_value(bench.store.plan, path, standard.value or 0.0))
        assert row._state == "overridden", path
        assert word in row.note.text(), path
        assert field.shown(standard.value) in row.note.text(), path
        assert not row.reset.isHidden()
        row.reset.click()
        assert bench.store.plan.value(path) is None
        assert row.edit.text() == field.shown(standard.value), path
        assert row.reset.isHidden()


def test_open_electricity_shows_26(bench: Bench) -> None:
    bench.pane.go_to("money.electricity_jpy_per_kwh")
    row = bench.pane.row("money.electricity_jpy_per_kwh")
    assert row is not None
    assert row.edit is not None
    assert row.edit.text() == "26"
    assert row.slider is not None
    assert row.slider.current() == 26


def test_a_slider_under_the_hand_asks_for_no_second_estimate(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.pane.go_to("facility.rack_kva")
    bench.pane.go_to("facility.pue")
    assert bench.store.set_values({"facility.pue": 1.6}) is None
    bench.store.compute_now()
    row = bench.pane.row("facility.rack_kva")
    assert row is not None
    asked: list[str] = []
    standard = Estimate.standard
    monkeypatch.setattr(Estimate, "standard", lambda self, path: asked.append(path) or standard(self, path))
    axis_hold().hold(True)
    try:
        for value in (31.0, 32.0, 33.0, 34.0):
            bench.store.set_values({"facility.rack_kva": value}, gesture=1)
            bench.store.compute_now()
            assert not asked
            assert row._state == "rest", "nothing moves under the hand"
    finally:
        axis_hold().hold(False)
    assert {"facility.pue", "facility.rack_kva"} <= set(asked), "released: standards follow"
    assert row._state == "overridden"


def test_every_joined_path_is_a_plan_path() -> None:
    assert all(plan_has(path) for path in JOINED)


def test_more_inputs_show_their_values_in_use_when_they_are_unfolded(bench: Bench) -> None:
    """A click on More of a plan just opened left every open field empty until something else was changed."""
    for section in bench.pane.sections:
        section.set_open(True)
        section.more.click()
    result = bench.store.estimate
    assert result is not None
    rows = {row.field.path: row for section in bench.pane.sections for row in section.open_rows()}
    asked = [path for path in sorted(WITH_STANDARD) if path in rows and FIELDS[path].more]
    assert len(asked) > 5
    for path in asked:
        used = result.used(path)
        assert used is not None and rows[path].edit is not None
        assert rows[path].edit.text() == FIELDS[path].shown(used.value) != "", path  # type: ignore[union-attr]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_rate_and_a_choice_are_not_asked_for_as_quotations(bench: Bench, language: str) -> None:
    """A6: "No published figure. Ask for a quotation" stood below the exchange rate and below the list of clouds."""
    set_language(language)  # type: ignore[arg-type]
    notes = {}
    for path in ("money.usd_jpy", "money.cloud.instance", "money.onprem.server_price"):
        assert bench.store.set_values({path: None}) is None
        bench.store.compute_now()
        assert bench.pane.go_to(path)
        row = bench.pane.row(path)
        assert row is not None and row._state == "unknown", path
        notes[path] = row.note.text()
    assert len(set(notes.values())) == 3
    quote = {"ja": "見積", "en": "quotation"}[language]
    assert [path for path, note in notes.items() if quote in note] == ["money.onprem.server_price"]
