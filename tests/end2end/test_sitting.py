"""Whole sittings with real keys, in both languages: new plan, tune, undo, remedy, compare, save, export, reopen."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mitsumori.gui.tabs import TABS
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import Project, load_project, load_sample, save_project
from tests.end2end.driver import Program, Screen
from tests.needs import needs_xvfb

LANGUAGES = ("en", "ja")


@pytest.fixture(scope="module")
def screen():
    needs_xvfb()
    with Screen() as shown:
        yield shown


def wait_until(condition, seconds: float = 30.0, what: str = "the condition"):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come true in {seconds} s")


def prepared(folder: Path, language: str, changes: dict | None = None) -> Path:
    """A project file to open, in the language of the sitting."""
    plan = load_sample("llama3-70b-continual").plan.with_values({"language": language, **(changes or {})})
    path = folder / "計画 plan.mitsumori"
    save_project(Project(plans=(plan,)), path)
    return path


def saved(program: Program, path: Path, condition) -> Project:
    """Save with Ctrl+S and return the project once the file says what is expected."""
    program.keys("ctrl+s")
    return wait_until(lambda: (lambda p: p if condition(p) else None)(load_project(path)), 15, "the saved file")


def start(screen: Screen, folder: Path, path: Path, language: str) -> Program:
    program = Program(screen, folder / "home", str(path), language=language)
    program.wait_for_window("plan")
    time.sleep(1.0)
    return program


@pytest.mark.parametrize("language", LANGUAGES)
def test_tune_undo_scenario_export_and_reopen(screen, tmp_path, language):
    path = prepared(tmp_path, language)
    program = start(screen, tmp_path, path, language)
    try:
        # tune: the tokens field by its mnemonic, a value with its unit
        program.keys("alt+t", "ctrl+a")
        program.type("200B")
        program.keys("Return")
        assert saved(program, path, lambda p: p.plan.workload.tokens == 200e9)
        # the slider below it answers to the keyboard as well
        program.keys("alt+n", "ctrl+a")
        program.type("16")
        program.keys("Return")
        assert saved(program, path, lambda p: p.plan.cluster.servers == 16)
        # undo twice, redo once
        program.keys("ctrl+z", "ctrl+z", "ctrl+y")
        project = saved(program, path, lambda p: p.plan.workload.tokens == 200e9 and p.plan.cluster.servers == 8)
        # bad input: refused, and what was there stays
        program.keys("alt+n", "ctrl+a")
        program.type("0")
        program.keys("Return", "Escape")
        assert load_project(path) == project
        # a second scenario, tuned apart from the first
        program.keys("ctrl+d", pause=0.5)
        program.keys("alt+n", "ctrl+a")
        program.type("32")
        program.keys("Return")
        assert saved(program, path, lambda p: [plan.cluster.servers for plan in p.plans] == [8, 32])
        # every tab once
        for number in range(1, len(TABS) + 1):
            program.keys(f"ctrl+{number}", pause=0.3)
        # export: the first entry of the menu, then the file's name in the dialog
        out = tmp_path / "proposal.xlsx"
        program.keys("ctrl+e", pause=0.6)
        program.keys("Down", "Return", pause=0.4)
        program.wait_for_window("^(Export proposal|提案書を出力)", 10)
        program.keys("ctrl+a")
        program.type(str(out))
        program.keys("Return")
        wait_until(lambda: out.exists() and out.stat().st_size > 20_000, 40, "the exported workbook")
        wait_until(
            lambda: [address.rpartition("/")[2] for address in program.opened()] == [out.name], 20, "its opening"
        )
        assert program.process.poll() is None
    finally:
        program.close()
    again = start(screen, tmp_path, path, language)
    try:
        assert again.process.poll() is None
    finally:
        again.close()
    import openpyxl

    book = openpyxl.load_workbook(out, data_only=True)
    assert len(book.sheetnames) >= 8
    assert "in_workload_tokens" in book.defined_names
    reopened = load_project(path)
    assert [plan.cluster.servers for plan in reopened.plans] == [8, 32]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_recommended_remedy_by_keyboard_mends_a_plan_that_does_not_fit(screen, tmp_path, language):
    path = prepared(tmp_path, language, {"model.preset": "llama3.1-405b", "cluster.servers": 2})
    before = load_project(path)
    assert estimate(before.plan).memory.verdict == "no"
    program = start(screen, tmp_path, path, language)
    try:
        program.keys("ctrl+Return", pause=1.0)
        mended = saved(program, path, lambda p: p.plan != before.plan)
        assert estimate(mended.plan).memory.verdict != "no"
        program.keys("ctrl+z")
        assert saved(program, path, lambda p: p.plan == before.plan)
    finally:
        program.close()


def choose_file(program: Program, title: str, path: Path) -> None:
    """Type a path into the file dialog that is open."""
    program.wait_for_window(title, 15)
    time.sleep(0.3)
    program.keys("ctrl+a")
    program.type(str(path))
    program.keys("Return", pause=0.3)


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_first_question_to_the_reopened_file(screen, tmp_path, language):
    """New plan, tune, remedy, compare, save, export, reopen: with keys alone, and every step is read back from files."""
    path, out = tmp_path / "customer.mitsumori", tmp_path / "proposal.xlsx"
    program = Program(screen, tmp_path / "home", language=language)
    try:
        program.wait_for_window("^Mitsumori$")
        time.sleep(1.5)
        # three questions: pre-training, 405 B, nothing fixed yet
        program.keys(
            "F6", "F6", "Right", "Right", "Tab", "Right", *["Tab"] * 6, pause=0.15
        )  # each of five fixed things is a stop of its own
        program.keys("Return", pause=0.8)
        program.wait_for_window("(New estimate|新しい見積もり)", 15)
        program.keys("ctrl+s", pause=0.5)
        choose_file(program, "^(Save|保存|見積もりを保存)", path)
        new = wait_until(lambda: load_project(path) if path.exists() else None, 15, "the saved plan")
        assert (new.plan.workload.stage, new.plan.model.preset, new.plan.language) == (
            "pretrain",
            "llama3.1-405b",
            language,
        )
        assert new.plan.workload.tokens == 1e12
        program.wait_for_window("customer", 15)
        # tune: as people say it in each language
        program.keys("alt+t", "ctrl+a")
        program.type("0.5T")
        program.keys("Return")
        # one server: it cannot fit, and the recommended remedy mends it
        program.keys("alt+n", "ctrl+a")
        program.type("1")
        program.keys("Return", pause=1.0)
        small = saved(program, path, lambda p: p.plan.workload.tokens == 5e11 and p.plan.cluster.servers == 1)
        assert estimate(small.plan).memory.verdict == "no"
        program.keys("ctrl+Return", pause=1.0)
        mended = saved(program, path, lambda p: p.plan != small.plan)
        assert estimate(mended.plan).memory.verdict != "no"
        # compare: a second scenario, and a third from the Compare view itself
        program.keys("ctrl+d", pause=0.5)
        program.keys("alt+n", "ctrl+a")
        program.type("32")
        program.keys("Return", pause=0.5)
        program.keys(f"ctrl+{[key for key, _, _ in TABS].index('compare') + 1}", pause=1.0)
        program.keys("F6", "F6", "F6", "Tab", "space", pause=0.3)
        three = saved(program, path, lambda p: len(p.plans) == 3)
        assert [plan.cluster.servers for plan in three.plans[1:]] == [32, 32]
        # export
        program.keys("ctrl+e", pause=0.6)
        program.keys("Down", "Return", pause=0.4)
        choose_file(program, "^(Export proposal|提案書を出力)", out)
        wait_until(lambda: out.exists() and out.stat().st_size > 20_000, 60, "the exported workbook")
        assert program.process.poll() is None
    finally:
        program.close()
    assert "Traceback" not in program.output()
    again = Program(screen, tmp_path / "home", language=language)
    try:
        again.wait_for_window("^Mitsumori$")
        time.sleep(1.5)
        again.keys("ctrl+o", pause=0.6)
        choose_file(again, "^(Open|開く|見積もりを開く|ファイルを開く)", path)
        again.wait_for_window("customer", 15)
        time.sleep(0.8)
        again.keys("alt+t", "ctrl+a")
        again.type("750B")
        again.keys("Return")
        reopened = saved(again, path, lambda p: p.plan.workload.tokens == 7.5e11)
        assert [plan.name for plan in reopened.plans] == [plan.name for plan in three.plans]
        assert reopened.plans[0] == three.plans[0]
    finally:
        again.close()
    import openpyxl

    book = openpyxl.load_workbook(out, data_only=True)
    assert len(book.sheetnames) >= 8
