"""Importing: what a file would change is shown first, and applied as one undo step."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea

from mitsumori.gui.dialogs.base import Words
from mitsumori.gui.dialogs.difference import DifferenceDialog
from mitsumori.gui.dialogs.importing import paste, take_text, takes
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.words.plan import plan_changes, value_words
from mitsumori.gui.words.translation import set_language
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, load_sample, save_project
from tests.gui.windows import window

MEGATRON = (
    b"torchrun --nproc_per_node 8 --nnodes 16 pretrain_gpt.py --num-layers 80 --hidden-size 8192 --ffn-hidden-size 28672 "
    b"--num-attention-heads 64 --group-query-attention --num-query-groups 8 --seq-length 8192 --vocab-size 128256 "
    b"--max-position-embeddings 8192 --tensor-model-parallel-size 8 --pipeline-model-parallel-size 4 --bf16 --swiglu "
    b"--micro-batch-size 1 --global-batch-size 512 --use-distributed-optimizer --a-flag-of-ours 3"
)


def dialog_of(qtbot: Any, win: Any) -> DifferenceDialog:
    qtbot.waitUntil(lambda: win.findChild(DifferenceDialog) is not None or bool(win.footer._alarm), timeout=20_000)
    found: DifferenceDialog = win.findChild(DifferenceDialog)
    assert found is not None, win.footer._alarm
    return found


def test_nothing_changes_before_it_is_confirmed_and_then_one_step_undoes_it(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    before = win.store.plan
    take_text(win, MEGATRON, "pretrain.sh")
    dialog = dialog_of(qtbot, win)
    assert win.store.plan == before
    changed = {item.path: (item.old, item.new) for item in dialog.changes}
    assert changed["parallel.tp"] == (before.parallel.tp, 8)
    assert changed["cluster.servers"] == (before.cluster.servers, 16)
    dialog.confirm.click()
    assert (win.store.plan.parallel.tp, win.store.plan.parallel.pp) == (8, 4)
    assert dict.fromkeys(changed) == dict.fromkeys(item.path for item in plan_changes(before, win.store.plan))
    win.store.undo_stack.undo()
    assert win.store.plan == before


def test_what_the_file_does_not_say_and_what_is_unknown_is_listed(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    take_text(win, MEGATRON, "pretrain.sh")
    dialog = dialog_of(qtbot, win)
    said = " ".join(area.accessibleDescription() for area in dialog.findChildren(QScrollArea))
    assert "which servers" in said
    assert "flag_of_ours" in said.replace("-", "_")
    dialog.reject()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_counts_and_what_was_read_assumed_and_left_aside_are_shown(qtbot, language: str) -> None:  # type: ignore[no-untyped-def]
    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot)
    take_text(win, MEGATRON + b" --num-experts 16 --moe-router-topk 2 --moe-ffn-hidden-size 1024", "pretrain.sh")
    dialog = dialog_of(qtbot, win)
    headline = dialog.findings.headline
    total, active = re.findall(r"[\d.]+ B", headline)
    assert float(total[:-2]) > float(active[:-2]) > 1
    assert re.search(
        r"Assumed: [1-9]\d*\. Left aside: 1\." if language == "en" else r"仮定 [1-9]\d* 件、反映しない項目 1 件",
        headline,
    )
    origins = {dialog.table.model().index(row, 3).data() for row in range(dialog.table.model().rowCount())}
    assert (
        {"read in the file", "the tool's default"} <= origins
        if language == "en"
        else {"ファイルの記載", "ツールの既定値"} <= origins
    )
    dialog.reject()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_doubtful_count_stands_over_everything(qtbot, language: str) -> None:  # type: ignore[no-untyped-def]
    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot)
    config = (b'{"model_type": "brandnew", "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32, '
              b'"intermediate_size": 14336, "vocab_size": 128256}')  # fmt: skip
    take_text(win, config, "config.json")
    dialog = dialog_of(qtbot, win)
    assert len(dialog.findings.doubts) == 1 and "brandnew" in dialog.findings.doubts[0]
    shown = [words.text() for words in dialog.findChildren(Words)]
    assert shown.index(dialog.findings.doubts[0]) < shown.index(dialog.findings.headline)
    dialog.reject()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(("data", "named"), [
    (b'{"steps_per_print": 10, "gradient_clipping": 1.0, "wall_clock_breakdown": false}', "deepspeed"),
    (b"torchrun --nproc_per_node=8 run_recipe.py --recipe example train.global_batch_size=$B train.train_iters=$T", "NeMo"),
    (b"torchrun --nproc_per_node 8 --nnodes 1 pretrain_gpt.py --num-layers 96 --hidden-size 12288 --num-attention-heads 96 "
     b"--seq-length 2048 --micro-batch-size 1 --global-batch-size 128 --tensor-model-parallel-size 8 "
     b"--pipeline-model-parallel-size 16", "128"),
])  # fmt: skip
def test_nothing_read_or_nothing_that_an_estimate_takes_opens_no_dialog(  # type: ignore[no-untyped-def]
    qtbot, language: str, data: bytes, named: str
) -> None:
    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot)
    take_text(win, data, "run.sh")
    qtbot.waitUntil(lambda: bool(win.footer._alarm), timeout=20_000)
    assert win.findChild(DifferenceDialog) is None
    assert named in win.footer._alarm
    assert win.footer._alarm.isascii() is (language == "en")


def test_escape_leaves_everything_as_it_was(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    before = win.store.plan
    take_text(win, MEGATRON, "")
    dialog = dialog_of(qtbot, win)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert win.store.plan == before
    assert win.store.undo_stack.count() == 0


def test_enter_confirms(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    take_text(win, MEGATRON, "")
    QTest.keyClick(dialog_of(qtbot, win), Qt.Key.Key_Return)
    assert win.store.plan.parallel.pp == 4


@pytest.mark.parametrize("data", [b"not a configuration", b"\x00\x01\x02", b"{}"])
def test_a_refusal_is_one_sentence(qtbot, data: bytes) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    take_text(win, data, "odd.json")
    qtbot.waitUntil(lambda: bool(win.footer._alarm))
    assert win.footer._alarm.endswith(".")
    assert win.findChild(DifferenceDialog) is None


def test_the_clipboard_is_taken_and_an_empty_one_refused(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    QGuiApplication.clipboard().clear()
    paste(win)
    assert win.footer._alarm == "The clipboard holds no text."
    win.footer.set_alarm("")
    QGuiApplication.clipboard().setText(MEGATRON.decode())
    QTest.keyClick(win, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    dialog = dialog_of(qtbot, win)
    assert dialog.changes
    dialog.reject()


def test_a_configuration_on_the_start_page_becomes_a_new_estimate(qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    win.show_start()
    path = tmp_path / "pretrain run.sh"
    path.write_bytes(MEGATRON)
    assert win.files.open_path(path)
    dialog = dialog_of(qtbot, win)
    dialog.confirm.click()
    assert not win.at_start
    assert win.store.plan.name == "pretrain run"
    assert win.store.plan.parallel.tp == 8


def test_projects_are_opened_and_configurations_imported(tmp_path: Path) -> None:
    project = tmp_path / "mine.json"
    save_project(Project(plans=(Plan(),)), project)
    config = tmp_path / "config.json"
    config.write_text('{"model_type": "llama", "hidden_size": 4096}')
    broken = tmp_path / "cut.json"
    broken.write_text('{"plans": [')
    assert [takes(path) for path in (project, config, broken, tmp_path / "x.mitsumori", tmp_path / "y.toml")] == [
        False, True, False, False, True
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["config.json", "args.sh", "job.toml", "back.xlsx", "plan.mitsumori"])
def test_what_can_be_opened_can_be_dropped(qtbot, tmp_path: Path, name: str) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
    assert win.files.droppable(data) == tmp_path / name


def returned_workbook(folder: Path, plan: Plan, **changes: Any) -> Path:
    """A proposal as a customer sends it back: some inputs typed over."""
    from mitsumori.model.workbook import export

    path = folder / "back.xlsx"
    export(plan, estimate(plan), path, "en")
    book = openpyxl.load_workbook(path)
    for name, value in changes.items():
        title, address = next(iter(book.defined_names[name].destinations))
        book[title][address.replace("$", "")].value = value
    book.save(path)
    return path


def test_a_returned_workbook_shows_its_inputs_and_applies_them(qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    plan = load_sample("llama2-7b-sft").plan
    path = returned_workbook(tmp_path, plan, in_facility_rack_kva=18, in_money_electricity_jpy_per_kwh=31.5)
    win = window(qtbot, plan, estimator=estimate_plan)
    assert win.files.open_path(path)
    dialog = dialog_of(qtbot, win)
    assert {item.path: item.new for item in dialog.changes} == {
        "facility.rack_kva": 18.0, "money.electricity_jpy_per_kwh": 31.5
    }  # fmt: skip
    assert win.store.plan == plan
    dialog.confirm.click()
    assert win.store.plan.facility.rack_kva == 18.0
    win.store.undo_stack.undo()
    assert win.store.plan == plan


@pytest.mark.parametrize(("language", "word"), [("en", "The workbook"), ("ja", "ません")])
def test_a_foreign_workbook_is_refused_in_the_language_of_the_window(  # type: ignore[no-untyped-def]
    qtbot, tmp_path: Path, language: str, word: str
) -> None:
    set_language(language)  # type: ignore[arg-type]
    path = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(path)
    win = window(qtbot)
    win.files.open_path(path)
    qtbot.waitUntil(lambda: bool(win.footer._alarm), timeout=20_000)
    assert word in win.footer._alarm


def test_a_workbook_alone_is_no_estimate(qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    win.show_start()
    win.files.open_path(tmp_path / "back.xlsx")
    assert "came from first" in win.footer._alarm


def test_values_have_their_units_and_words() -> None:
    assert value_words("facility.rack_kva", 18.0, Catalogue.shipped()) == "18 kVA"
    assert value_words("parallel.auto", True, Catalogue.shipped()) == "yes"
    assert value_words("model.preset", None, Catalogue.shipped()) == "own shape"
    assert value_words("money.usd_jpy", None, Catalogue.shipped()) == "standard"
