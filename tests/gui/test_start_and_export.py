"""The start page, and writing and reading back the proposal from the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mitsumori.gui.inputs.fields import FIELDS
from mitsumori.gui.start.questions import FIXED, SIZE, WHAT
from mitsumori.gui.store import estimate_plan
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, sample_names
from tests.gui import sample_estimate
from tests.gui.windows import window


@pytest.mark.parametrize("answer", [*WHAT, *SIZE], ids=lambda answer: answer.label)
def test_every_answer_is_a_plan(answer: Any) -> None:
    plan = Plan().with_values(answer.values)
    for path, value in answer.values.items():
        assert plan.value(path) == value


def test_the_third_question_points_at_existing_inputs() -> None:
    for answer in FIXED:
        assert not answer.then or answer.then.startswith("tab:") or answer.then in FIELDS


def test_three_answers_make_a_plan_and_go_on_where_the_third_points(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    win.show_start()
    page = win._start
    assert page is not None
    page.questions[0].answers[0].click()
    page.questions[1].answers[3].click()
    page.questions[2].answers[3].click()
    QTest.keyClick(page.begin, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not win.at_start)
    plan = win.store.plan
    assert plan.workload.stage == "pretrain"
    assert plan.model.preset == "llama3.1-405b"
    row = win.inputs.row("facility.cooling")
    assert row is not None
    qtbot.waitUntil(lambda: win.focusWidget() is row.combo)


def test_samples_show_their_results_and_open(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    win.show_start()
    page = win._start
    assert page is not None
    qtbot.waitUntil(lambda: all(card.estimate is not None for card in page.samples), timeout=60_000)
    assert [card.name for card in page.samples] == list(sample_names())
    assert all("Training:" in card.accessibleName() for card in page.samples)
    page.samples[0].click()
    assert win.store.plans == load_sample(sample_names()[0]).plans


def test_recent_files_are_listed_and_open(qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    win.files.ask_save = lambda: tmp_path / "mine.mitsumori"
    win.files.save_as()
    win.show_start()
    page = win._start
    assert page is not None
    assert [row.path.stem for row in page.recent] == ["mine"]
    page.recent[0].click()
    assert not win.at_start
    assert win.files.path == tmp_path / "mine.mitsumori"


def test_a_proposal_is_written_off_the_gui_thread(qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    from mitsumori.gui.dialogs.export import write

    win = window(qtbot, load_sample("llama2-7b-sft").plan, estimator=estimate_plan)
    win.open_after_export = False
    target = tmp_path / "proposal.xlsx"
    write(win, target, "en", "customer")
    assert win.jobs.busy("export")
    qtbot.waitUntil(lambda: not win.jobs.busy("export"), timeout=60_000)
    assert target.read_bytes()[:2] == b"PK"
    assert "proposal.xlsx" in win.footer._news


@pytest.mark.parametrize(("suffix", "head"), [(".pptx", b"PK"), (".pdf", b"%PDF")])
def test_slides_of_all_scenarios_are_written(qtbot, tmp_path: Path, suffix: str, head: bytes) -> None:  # type: ignore[no-untyped-def]
    from mitsumori.gui.dialogs.export import write

    win = window(qtbot, load_sample("llama3-70b-continual").plan, estimator=estimate_plan)
    win.store.load(load_sample("llama3-70b-continual"))
    win.open_after_export = False
    target = tmp_path / f"slides{suffix}"
    write(win, target, "ja", "customer", whole=True)
    qtbot.waitUntil(lambda: not win.jobs.busy("export"), timeout=60_000)
    assert target.read_bytes()[:4].startswith(head)
    assert target.name in win.footer._news


def test_the_export_dialog_asks_for_the_file_of_the_kind_chosen(qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    from mitsumori.gui.dialogs.export_choice import ExportDialog

    win = window(qtbot, load_sample("llama3-70b-continual").plan, estimator=estimate_plan)
    win.store.load(load_sample("llama3-70b-continual"))
    asked: list[tuple[object, ...]] = []
    dialog = ExportDialog(win, lambda *words, **named: asked.append((*words[1:], named)))
    dialog.open()
    dialog.kind.setCurrentIndex(dialog.kind.findData(".pptx"))
    dialog.template.setText(str(tmp_path / "missing.potx"))
    dialog.next.click()
    assert dialog.isVisible() and dialog.refusal.text()
    template = tmp_path / "ours.potx"
    template.write_bytes(b"x")
    dialog.template.setText(str(template))
    dialog.scenarios.setCurrentIndex(dialog.scenarios.findData(True))
    dialog.language.setCurrentIndex(dialog.language.findData("ja"))
    dialog.next.click()
    assert asked == [("ja", "customer", ".pptx", {"whole": True, "template": template})]


def test_a_proposal_that_cannot_be_written_is_a_sentence(qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    from mitsumori.gui.dialogs.export import write

    win = window(qtbot, load_sample("llama2-7b-sft").plan, estimator=estimate_plan)
    win.open_after_export = False
    write(win, tmp_path / "no" / "such" / "folder.xlsx", "en", "customer")
    qtbot.waitUntil(lambda: not win.jobs.busy("export"), timeout=60_000)
    assert win.footer._alarm
    assert win.toolbar.export.isEnabled()


def test_another_tools_configuration_may_join_as_a_scenario(qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    from mitsumori.gui.dialogs.difference import DifferenceDialog

    config = tmp_path / "config.json"
    config.write_text(
        '{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336,'
        '"num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256,'
        '"max_position_embeddings": 8192, "tie_word_embeddings": false}'
    )
    win = window(qtbot)
    assert win.files.open_path(config)
    qtbot.waitUntil(lambda: win.findChild(DifferenceDialog) is not None)
    dialog = win.findChild(DifferenceDialog)
    assert len(win.store.plans) == 1
    dialog.add.click()
    assert len(win.store.plans) == 2
    assert win.store.plans[0] == sample_estimate.plan()
    assert win.store.plan.name == "config"


def test_the_tour_has_five_steps_and_ends(qtbot) -> None:  # type: ignore[no-untyped-def]
    from mitsumori.gui.dialogs.guide import start_tour, tour_seen

    win = window(qtbot)
    tour = start_tour(win)
    assert len(tour.steps()) == 5
    for _ in range(5):
        assert not tour_seen()
        QTest.keyClick(tour, Qt.Key.Key_Right)
    assert tour_seen()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_guide_opens_in_the_language_of_the_window(qtbot, language: str) -> None:  # type: ignore[no-untyped-def]
    from mitsumori.gui.dialogs.guide import Guide
    from mitsumori.gui.words.translation import set_language

    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot)
    QTest.keyClick(win, Qt.Key.Key_F1)
    guide = win.findChild(Guide)
    assert guide is not None
    assert ("Mitsumori の使い方" in guide.page.toPlainText()) is (language == "ja")
