"""The accelerator that a plan chooses among its server's: offered where there are several, shown everywhere, cleared with it."""

from __future__ import annotations

from typing import Any

import pytest

from mitsumori.gui.inputs import choices
from mitsumori.gui.store import PlanStore, estimate_plan
from mitsumori.gui.tabs.scenario_table import input_text
from mitsumori.gui.tabs.trade import choices as marks
from mitsumori.gui.words.plan import value_words
from mitsumori.gui.words.results import accelerator_name
from mitsumori.gui.words.translation import set_language
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import cost_inputs
from mitsumori.model.plan.project import load_sample
from mitsumori.model.plan.resolve import accelerator_key, resolve, with_fitting_accelerator
from mitsumori.model.study.setting import Setting
from mitsumori.model.study.trade_offs import Machines, compare_generations, representatives, trade_offs
from tests.gui.spoken import texts
from tests.gui.windows import window

CATALOGUE = Catalogue.shipped()
SEVERAL = {key: s for key, s in CATALOGUE.servers().items() if set(s.accelerator_options) - {s.accelerator}}
BASE = load_sample("llama2-7b-sft").plan
SERVER = next(key for key, s in SEVERAL.items() if s.accelerator == "H100-SXM" and "H200" in s.accelerator_options)
PLAN = BASE.with_values({"cluster.server": SERVER, "cluster.accelerator": "H200", "money.onprem.server_price": 45e6})


@pytest.mark.parametrize("key", SEVERAL)
def test_the_model_computes_with_the_choice(key: str) -> None:
    record = SEVERAL[key]
    other = next(option for option in record.accelerator_options if option != record.accelerator)
    plan = BASE.with_values({"cluster.server": key, "cluster.accelerator": other})
    resolved = resolve(plan, CATALOGUE)
    assert resolved.accelerator.key == resolved.server.accelerator == other == accelerator_key(plan, CATALOGUE)
    assert resolve(plan, CATALOGUE).server is resolved.server, "one record each: results are remembered by it"
    assert CATALOGUE.server(key).accelerator == record.accelerator, "the catalogue is untouched"


def test_the_words_honour_it() -> None:
    name = CATALOGUE.accelerator("H200").name
    assert accelerator_name(PLAN, CATALOGUE) == name
    assert input_text("cluster.accelerator", PLAN, CATALOGUE) == name
    assert value_words("cluster.accelerator", "H200", CATALOGUE) == name
    assert "8×H200" in choices.server_name(SERVER, CATALOGUE, "H200")
    first = choices.cloud(PLAN, CATALOGUE)[1][0]
    assert CATALOGUE.cloud_instance(first).accelerator == "H200"


def test_studies_honour_it() -> None:
    found = trade_offs(
        PLAN, Machines(servers=(SERVER,), counts=(1.0,), sites=("onprem",)), setting=Setting(catalogue=CATALOGUE)
    )
    points = (*found.points, *found.unpriced, *found.impossible)
    assert {point.accelerator for point in points} == {"H200"}
    assert all("H200" in row.family for row in marks(found, PLAN, "accelerators", CATALOGUE))
    keys = representatives(PLAN, CATALOGUE)
    assert SERVER in keys
    assert any(CATALOGUE.server(key).accelerator == "H100-SXM" for key in keys if key != SERVER)
    others = [key for key in keys if key != SERVER][:1]
    (row,) = compare_generations(PLAN, "power", setting=Setting(catalogue=CATALOGUE), servers=others).rows
    assert row.accelerator == CATALOGUE.server(others[0]).accelerator


def test_a_rented_twin_is_no_other_accelerator() -> None:
    """What is rented is compared with what is in the server, not with the server's standard."""
    assert cost_inputs(PLAN, CATALOGUE).server.accelerator == "H200"
    twin = next(
        key for key, item in CATALOGUE.cloud_instances().items() if item.accelerator == "H200" and item.has_price
    )
    plan = PLAN.with_values({"money.cloud.instance": twin, "money.cloud.price_per_hour": 80.0, "money.usd_jpy": 150.0})
    found = trade_offs(
        plan, Machines(servers=(SERVER,), counts=(1.0,), sites=("cloud",)), setting=Setting(catalogue=CATALOGUE)
    )
    assert all("money.cloud.instance" not in point.missing for point in found.points + found.unpriced)
    standard = plan.with_values({"cluster.accelerator": None})
    found = trade_offs(
        standard, Machines(servers=(SERVER,), counts=(1.0,), sites=("cloud",)), setting=Setting(catalogue=CATALOGUE)
    )
    assert {point.missing for point in found.unpriced} == {("money.cloud.instance",)}


def test_the_server_is_exchanged_in_one_step() -> None:
    store = PlanStore(PLAN, estimate_plan)
    assert store.set_values({"cluster.server": "DGX-B200"}, "exchange") is None
    assert (store.plan.cluster.server, store.plan.cluster.accelerator) == ("DGX-B200", None)
    assert store.undo_stack.count() == 1
    store.undo_stack.undo()
    assert (store.plan.cluster.server, store.plan.cluster.accelerator) == (SERVER, "H200")
    keeping = next(key for key, s in SEVERAL.items() if key != SERVER and "H200" in s.accelerator_options)
    assert store.set_values({"cluster.server": keeping}, "exchange") is None
    assert store.plan.cluster.accelerator == "H200", "the new server takes it too"
    changes = {"cluster.server": "DGX-B200", "cluster.accelerator": "H200"}
    assert with_fitting_accelerator(changes, PLAN, CATALOGUE) == changes, "what is asked for is refused, not repaired"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_row_is_there_where_there_is_a_choice(qtbot: Any, language: str) -> None:
    win = window(qtbot, PLAN, estimator=estimate_plan)
    set_language(language)  # type: ignore[arg-type]
    qtbot.wait(50)
    row = win.inputs.row("cluster.accelerator")
    assert row is not None
    assert row.listed
    assert row.label.text() == {"en": "Accelerator", "ja": "アクセラレータ"}[language]
    assert row.combo is not None
    assert row.combo.currentText() == CATALOGUE.accelerator("H200").name
    values = [row.combo.itemData(index) for index in range(row.combo.count())]
    assert values == [None, *(o for o in SEVERAL[SERVER].accelerator_options if o != SEVERAL[SERVER].accelerator)]
    win.show_tab("training_time")
    qtbot.waitUntil(lambda: not win.jobs.any_busy(), timeout=60_000)
    qtbot.wait(30)
    assert CATALOGUE.accelerator("H200").name in "\n".join(texts(win.tabs["training_time"]))
    row._request(None)
    assert win.store.plan.cluster.accelerator is None
    win.store.set_values({"cluster.server": "DGX-B200"})
    qtbot.wait(20)
    assert not row.listed, "one accelerator is no choice"
    win.store.set_values({"cluster.server": SERVER})
    qtbot.wait(20)
    assert row.listed
    assert row.combo.currentText() == CATALOGUE.accelerator("H100-SXM").name
