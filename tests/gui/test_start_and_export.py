"""The start page, and writing and reading back the proposal from the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mitsumori.gui.inputs.fields import FIELDS
from mitsumori.gui.start.questions import FIXED, SIZE, WHAT
from mitsumori.gui.start.samples import sample_title
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.words.translation import set_language
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
    page.questions[0].answers[4].click()
    page.questions[1].answers[3].click()
    page.questions[2].answers[1].click()
    QTest.keyClick(page.begin, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not win.at_start)
    plan = win.store.plan
    assert plan.workload.stage == "pretrain"
    assert plan.model.preset == "llama3.1-405b"


def test_samples_show_their_results_and_open(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    win.show_start()
    page = win._start
    assert page is not None
    qtbot.waitUntil(lambda: all(card.estimate is not None for card in page.samples), timeout=60_000)
    assert {card.name for card in page.samples} < set(sample_names()) and len(page.samples) == 4
    assert len(page.others) + len(page.samples) == len(sample_names())
    for card in page.samples:  # what the sample is about
        assert ("Per token:" if card.name.startswith("serve-") else "Training:") in card.accessibleName()
    page.samples[0].click()
    first, *others = load_sample(page.samples[0].name).plans
    assert win.store.plans == (first.with_values({"name": sample_title(page.samples[0].name)}), *others)


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
    from mitsumori.gui.dialogs.guide import start_tour, tour_was_shown

    win = window(qtbot)
    tour = start_tour(win)
    assert len(tour.steps()) == 5
    for _ in range(5):
        assert not tour_was_shown()
        QTest.keyClick(tour, Qt.Key.Key_Right)
    assert tour_was_shown()


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


def strip_of(page: Any, qtbot: Any) -> str:
    qtbot.waitUntil(lambda: page.strip.accessibleName() != "" and not page._rested.isActive(), timeout=20_000)
    return str(page.strip.accessibleName())


def test_several_answers_with_their_values_make_the_smallest_plan_that_keeps_them(qtbot) -> None:  # type: ignore[no-untyped-def]
    """One of deadline, budget and hall could be said, and no value: now 30 days, 800 million and 30 kVA at once."""
    set_language("ja")
    win = window(qtbot, estimator=estimate_plan)
    win.show_start()
    page = win._start
    assert page is not None
    third = page.questions[2]
    for index in (0, 1, 2):
        third.answers[index].click()
    third.answers[0].edit.setText("45日")
    third.answers[2].edit.setText("40")
    assert third.given() == {"workload.deadline": "45日", "tab:advisor": "8億円", "facility.rack_kva": "40"}
    page._rested.stop()
    page._answer()
    qtbot.waitUntil(lambda: page._found is not None, timeout=60_000)
    assert "確率" in strip_of(page, qtbot)
    page.begin.click()
    plan = win.store.plan
    assert plan.workload.deadline_days == 45 and plan.facility.rack_kva == 40.0
    third.answers[4].click()
    assert third.given() == {}, "nothing yet clears the others"


def test_lora_is_the_first_answer_and_serving_has_its_place() -> None:
    assert WHAT[0].values["workload.stage"] == "lora"
    assert any(answer.values.get("serving.enabled") for answer in WHAT)


def test_nothing_of_the_last_customer_leaks_into_a_new_quote(qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    from mitsumori.gui.company import choose_file
    from mitsumori.gui.templates import from_file, save_template, templates
    from mitsumori.model.plan.project import Project, load_project, save_project
    from mitsumori.model.plan.proposal import Proposal

    choose_file(tmp_path / "prices.toml")
    secret = Proposal(customer="A 商事", contact="山田", quote_number="Q-1", subject="件名", payment_terms="検収後")
    plan = load_sample("llama3-70b-continual").plan.with_values({"workload.deadline": "2027-03-31"})
    project = Project(plans=(plan,), proposal=secret)
    path = tmp_path / "mine.mitsumori"
    save_project(project, path)
    fresh = from_file(path)
    assert (fresh.proposal.customer, fresh.proposal.contact, fresh.proposal.quote_number, fresh.proposal.subject) == (
        "",
        "",
        "",
        "",
    )
    assert fresh.proposal.payment_terms == "検収後" and fresh.plan.workload.deadline is None
    assert fresh.plan.money == plan.money
    assert save_template(project, "製造業: 社内/LLM") == ""
    assert len(templates()) == 1 and "A 商事" not in templates()[0].read_text(encoding="utf-8")
    assert load_project(templates()[0]).proposal.customer == ""
    choose_file(None)


def test_what_is_given_up_is_not_asked_about_again(qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """New, do not save, then a recent file: the question came twice."""
    win = window(qtbot, estimator=estimate_plan)
    win.files.ask_save = lambda: tmp_path / "mine.mitsumori"
    win.files.save_as()
    asked: list[str] = []
    win.files.ask_leave = lambda: asked.append("asked") or "discard"
    win.apply({"cluster.servers": 9})
    win.new()
    assert win.at_start and asked == ["asked"]
    win.files.open_path(tmp_path / "mine.mitsumori")
    assert asked == ["asked"] and not win.at_start
