"""A project's own server, accelerator and cooling record: every view and the workbook show what the model computes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mitsumori.gui.inputs.summary import summary
from mitsumori.gui.store import PlanStore, estimate_plan
from mitsumori.gui.tabs import TABS
from mitsumori.gui.tabs.generations import generation_rows
from mitsumori.gui.tabs.trade import choices
from mitsumori.gui.window import Window
from mitsumori.gui.words.plan import value_words
from mitsumori.gui.words.results import accelerator_name, cooling_name, gpus, gpus_per_server, server_name
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, load_sample
from mitsumori.model.study.setting import Setting
from mitsumori.model.study.trade_offs import Machines, compare_generations, trade_offs
from mitsumori.model.workbook import build, to_bytes
from tests.gui.spoken import texts

OWN: dict[str, Any] = {
    "servers": {"My-8xB300": {"base": "DGX-B200", "name": "Own box", "model": "Own box", "accelerator": "My-B300"}},
    "accelerators": {"My-B300": {"base": "B300", "name": "Own B300"}},
    "cooling": {"rear_door_active": {"name_en": "Own door", "name_ja": "自社の扉", "air_cap_kw": 61.0}},
}
SERVERS, GPUS = 8, 64
PLAN = load_sample("llama3-70b-continual").plan.with_values(
    {
        "cluster.server": "My-8xB300",
        "cluster.servers": SERVERS,
        "facility.cooling": "rear_door_active",
        "facility.rack_kva": None,
        "money.onprem.server_price": 60e6,
    }
)
CATALOGUE = Catalogue.shipped().with_records(OWN)
FOREIGN = ("My-8xB300", "My-B300", Catalogue.shipped().cooling_method("rear_door_active").name_en)
"""What a view shows that asks the shipped catalogue: bare keys, and the shipped name of the method."""


def test_words_are_those_of_the_model() -> None:
    result = estimate(PLAN, CATALOGUE)
    assert result.catalogue is CATALOGUE
    assert result.training.details.accelerators == GPUS == gpus(PLAN, CATALOGUE)
    assert gpus_per_server(PLAN, CATALOGUE) == 8
    assert server_name(PLAN, CATALOGUE) == "Own box"
    assert accelerator_name(PLAN, CATALOGUE) == "Own B300"
    assert cooling_name("rear_door_active", CATALOGUE) == "Own door"
    assert "Own box" in value_words("cluster.server", "My-8xB300", CATALOGUE)
    assert summary("cluster", PLAN, result, CATALOGUE) == f"Own box × {SERVERS} = {GPUS} GPUs"
    assert summary("facility", PLAN, result, CATALOGUE) == "Own door"


def test_studies_name_the_own_records() -> None:
    found = trade_offs(PLAN, Machines(servers=("My-8xB300",), counts=(1.0,)), setting=Setting(catalogue=CATALOGUE))
    rows = choices(found, PLAN, "accelerators", CATALOGUE)
    assert rows
    for row in rows:
        assert row.family.startswith("Own B300")
        assert any("Own box" in cell.text for cell in row.cells)
        assert row.x == GPUS
    compared = compare_generations(PLAN, "power", setting=Setting(catalogue=CATALOGUE), servers=("My-8xB300",))
    (row,) = generation_rows(compared, PLAN, CATALOGUE)
    assert (row.name, row.chip) == ("Own box", "Own B300")
    assert any(f"{GPUS} GPUs" in text for text in row.values)


@pytest.fixture
def win(qtbot: Any) -> Window:
    """A window on a project of two scenarios, the second with one server more."""
    other = PLAN.with_values({"cluster.servers": SERVERS + 1, "name": "B"})
    store = PlanStore(PLAN, estimate_plan)
    made = Window(store)
    store.setParent(made)
    made.files.ask_leave = lambda: "discard"  # type: ignore[method-assign]
    qtbot.addWidget(made, before_close_func=lambda w: w.jobs.shut_down())
    made.resize(1600, 1000)
    made.open_project(Project(plans=(PLAN, other), catalogue=OWN))
    made.show()
    qtbot.waitUntil(lambda: made.store.estimate is not None, timeout=20_000)
    qtbot.wait(20)
    return made


def shown(win: Window, qtbot: Any) -> str:
    qtbot.wait(150)
    qtbot.waitUntil(lambda: not win.jobs.any_busy(), timeout=120_000)
    qtbot.wait(40)
    return "\n".join(texts(win))


def test_every_tab_shows_them(win: Window, qtbot: Any) -> None:
    seen: dict[str, str] = {}
    for key, _, _ in TABS:
        win.show_tab(key)
        seen[key] = shown(win, qtbot)
        for foreign in FOREIGN:
            assert foreign not in seen[key], (key, foreign)
        assert f"= {GPUS} GPUs" in seen[key], key  # the inputs beside it
    assert "Own B300" in seen["training_time"]
    assert f"on {GPUS} GPUs" in seen["training_time"]
    assert "Own box" in seen["racks"]
    assert "Own door" in seen["racks"]
    assert f"{GPUS + 8} GPUs" in seen["compare"]
    assert {choice.family for choice in win.tabs["advisor"].trade.choices()} & {"Own B300", "Own B300, cloud"}
    win.present()
    page = win.presentation.page
    assert page is not None
    qtbot.wait(60)
    assert "Own box" in " ".join(texts(page))
    assert "Own door" in " ".join(texts(page))
    win.leave_present()


def test_a_record_that_changes_is_shown_at_once(win: Window, qtbot: Any) -> None:
    win.show_tab("racks")
    shown(win, qtbot)
    named = {**OWN, "cooling": {"rear_door_active": {**OWN["cooling"]["rear_door_active"], "name_en": "New door"}}}
    assert win.store.set_context("rename", records=named) is None
    after = shown(win, qtbot)
    assert "New door" in after
    assert "Own door" not in after
    win.store.undo_stack.undo()
    after = shown(win, qtbot)
    assert "Own door" in after
    assert "New door" not in after


def test_the_workbook_names_them(tmp_path: Path) -> None:
    import openpyxl

    path = tmp_path / "own.xlsx"
    path.write_bytes(to_bytes(build(PLAN, estimate(PLAN, CATALOGUE), "en", catalogue=CATALOGUE)))
    cells = [
        cell for sheet in openpyxl.load_workbook(path) for line in sheet.iter_rows(values_only=True) for cell in line
    ]
    words = "\n".join(cell for cell in cells if isinstance(cell, str))
    for name in ("Own box", "Own B300", "Own door"):
        assert name in words, name
    for foreign in FOREIGN[1:]:
        assert not re.search(rf"(?<![\w.-]){re.escape(foreign)}(?![\w-])", words), foreign
    assert GPUS in cells


SERVES = load_sample("serve-chat-500").plan.with_values(
    {"serving.server": None, "cluster.server": "My-8xB300", "money.onprem.server_price": 60e6}
)


def test_a_plan_that_serves_names_them(qtbot: Any) -> None:
    result = estimate(SERVES, CATALOGUE)
    assert result.serving is not None
    assert result.serving.layout is not None
    assert result.serving.own[0].server == "My-8xB300"
    store = PlanStore(SERVES, estimate_plan)
    made = Window(store)
    store.setParent(made)
    made.files.ask_leave = lambda: "discard"  # type: ignore[method-assign]
    qtbot.addWidget(made, before_close_func=lambda w: w.jobs.shut_down())
    made.resize(1600, 1000)
    made.open_project(Project(plans=(SERVES,), catalogue=OWN))
    made.show()
    qtbot.waitUntil(lambda: made.store.estimate is not None, timeout=20_000)
    for key in ("overview", "serving", "racks", "cost"):
        made.show_tab(key)
        said = shown(made, qtbot)
        assert not [foreign for foreign in FOREIGN[:2] if foreign in said], key
        assert "Own box" in said, key


@pytest.mark.parametrize("plan", [PLAN, SERVES], ids=["trains", "serves"])
def test_the_slides_name_them(plan: Plan) -> None:
    from mitsumori.model.slides import deck

    said = repr(deck((build(plan, estimate(plan, CATALOGUE), "en", catalogue=CATALOGUE),)))
    assert "Own box" in said
    assert not [foreign for foreign in FOREIGN[:2] if re.search(rf"(?<![\w.-]){foreign}(?![\w-])", said)]
