"""Whatever was done before, the window shows what a window shows that just opened the saved file.

A user does random things through real controls (tests/gui/walk.py); then the project is saved, opened in a second window, and
every text of both is compared: cards, inputs, counts, tables with the rows scrolled away, charts, tooltips, what a screen
reader is told. What only one of them shows is stale, mixed or forgotten.

``MITSUMORI_WALK_STEPS`` sets how many actions each walk takes (standard 12), ``MITSUMORI_WALK_SEEDS`` the seeds ("1,2,3"), and
``MITSUMORI_WALK_PICTURES`` a folder for pictures and reports of what differs.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mitsumori.gui.dialogs.changed import show_changed
from mitsumori.gui.dialogs.missing import open_missing
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.window import Window
from mitsumori.model.plan.project import load_project, load_sample, save_project
from tests.gui.walk import (
    KEYS,
    Walk,
    around,
    copy_entry,
    copy_goal,
    copy_views,
    differing,
    open_everything,
    page_texts,
    settle,
)
from tests.gui.windows import window

STEPS = int(os.environ.get("MITSUMORI_WALK_STEPS", "12"))
SEEDS = [int(seed) for seed in os.environ.get("MITSUMORI_WALK_SEEDS", "1,2,3").split(",")]
PRESENT = "present"
SAMPLES = ("llama3-70b-continual", "serve-rag-3000", "llama2-7b-sft")


@pytest.fixture(autouse=True)
def searches_take_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long a search took is shown, and differs from window to window."""
    for module in ("search.search", "study.serving_ranking"):
        monkeypatch.setattr(f"mitsumori.model.{module}.time", SimpleNamespace(perf_counter=lambda: 0.0))


def refused(win: Window) -> bool:
    """The plan as it stands has no result: the last good one stays, and says so."""
    return bool(win.footer._alarms.get("plan")) or win.store.estimate is None


def presented(win: Window, qtbot: Any) -> list[set[str]]:
    """The texts of Present mode, chart by chart."""
    win.present()
    page = win.presentation.page
    assert page is not None
    found = []
    for index in range(page.charts.count()):
        page.show_chart(index)
        settle(win, qtbot)
        found.append(page_texts(page))
    win.leave_present()
    settle(win, qtbot)
    return found


def sheet_texts(win: Window, qtbot: Any) -> set[str]:
    """The sheet of what is missing."""
    sheet = open_missing(win)
    if sheet is None:
        return set()
    settle(win, qtbot)
    try:
        return page_texts(sheet)
    finally:
        sheet.close()
        sheet.deleteLater()


def changed_texts(win: Window, base: Path) -> set[str]:
    """What changed since a file."""
    dialog = show_changed(win, base)
    if dialog is None:
        return {"cannot be read"}
    try:
        return page_texts(dialog)
    finally:
        dialog.close()
        dialog.deleteLater()


def differences(win: Window, fresh: Window, keys: tuple[str, ...], qtbot: Any, base: Path | None = None) -> list[str]:
    """Texts that one of two windows shows and the other does not, each with its place."""
    found: list[str] = []

    def compare(place: str, mine: set[str], other: set[str]) -> None:
        found.extend(f"{place}: only the walked window shows {text!r}" for text in sorted(mine - other))
        found.extend(f"{place}: only the fresh window shows {text!r}" for text in sorted(other - mine))

    for key in keys:
        if key == PRESENT:
            for at, texts in enumerate(zip(presented(win, qtbot), presented(fresh, qtbot), strict=True)):
                compare(f"{PRESENT} {at}", *texts)
            continue
        for made in (win, fresh):
            made.show_tab(key)
            settle(made, qtbot)
        while copy_views(win.tabs[key].page, fresh.tabs[key].page):
            settle(fresh, qtbot)
        if key == "advisor":
            copy_goal(win, fresh)
        if key == "serving":
            copy_entry(win, fresh)
        for made in (win, fresh):
            settle(made, qtbot)
        compare(key, page_texts(win.tabs[key].page), page_texts(fresh.tabs[key].page))
        if not found and (unlike := differing(win.tabs[key].page, fresh.tabs[key].page)):
            found.append(f"{key}: looks unlike, {unlike}")
            if os.environ.get("MITSUMORI_WALK_PICTURES"):
                for name, made in (("walked", win), ("fresh", fresh)):
                    made.tabs[key].page.grab().save(f"{os.environ['MITSUMORI_WALK_PICTURES']}/{key}-{name}.png")
    compare("missing items", sheet_texts(win, qtbot), sheet_texts(fresh, qtbot))
    if base is not None:
        compare("what changed", changed_texts(win, base), changed_texts(fresh, base))
    for (place, mine), (_, other) in zip(around(win), around(fresh), strict=True):
        compare(place, mine, other)
    return found


def check(win: Window, keys: tuple[str, ...], path: Path, qtbot: Any, base: Path | None = None) -> list[str]:
    """Save, open in a window of its own, compare."""
    settle(win, qtbot)
    save_project(win.store.project(), path)
    project = load_project(path)
    fresh = window(qtbot, *project.plans, estimator=estimate_plan)
    fresh.open_project(project)
    open_everything(fresh)
    settle(fresh, qtbot)
    found = differences(win, fresh, keys, qtbot, base)
    fresh.jobs.shut_down()
    fresh.close()
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_shown_is_what_the_file_says(qtbot: Any, tmp_path: Path, seed: int) -> None:
    win = window(qtbot, load_sample(SAMPLES[seed % len(SAMPLES)]).plan, estimator=estimate_plan)
    open_everything(win)
    walk = Walk(win, qtbot, seed, tmp_path)
    every = max(1, min(STEPS, 6))
    for step in range(1, STEPS + 1):
        walk.act()
        if step % every:
            continue
        settle(win, qtbot)
        for _ in range(20):
            if not refused(win):
                break
            walk.told.append(f"refused, {walk.undo()} steps back")
            settle(win, qtbot)
        if refused(win):
            continue
        shown = KEYS[win.tab_row.currentIndex()]
        others = walk.chance.sample([key for key in (*KEYS, PRESENT) if key != shown], 2)
        found = check(win, (shown, *others, shown), tmp_path / "walk.mitsumori", qtbot, walk.base)
        report = "\n".join(["after", *walk.told, "", *found[:60]])
        if found and os.environ.get("MITSUMORI_WALK_PICTURES"):
            (Path(os.environ["MITSUMORI_WALK_PICTURES"]) / f"seed-{seed}.txt").write_text(report, encoding="utf-8")
        assert not found, report


@pytest.mark.parametrize("sample", ["llama2-7b-sft", "serve-rag-3000"])
def test_serving_and_training_leave_nothing_of_each_other(qtbot: Any, tmp_path: Path, sample: str) -> None:
    """Memory kept the place of the cards of serving, empty, over those of a training."""
    win = window(qtbot, load_sample(sample).plan, estimator=estimate_plan)
    open_everything(win)
    for _ in range(2):
        row = win.inputs.row("serving.enabled")
        assert row is not None and row.switch is not None
        row.switch.click()
        for key in KEYS:
            win.show_tab(key)
            settle(win, qtbot)
    assert win.store.plan.serving.enabled is load_sample(sample).plan.serving.enabled
    found = check(win, (*KEYS, PRESENT), tmp_path / "both.mitsumori", qtbot)
    assert not found, "\n".join(found[:60])
