"""What the footer and the list of findings promise: warnings are never hidden, the list closes, a written file can be opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt

from mitsumori.gui.findings_bar import ORDER
from mitsumori.gui.store import estimate_plan
from mitsumori.model.plan.project import load_sample, save_project
from tests.gui.windows import window


def test_a_file_written_never_hides_the_warnings(qtbot: Any, tmp_path: Path) -> None:
    """News and alarms stand beside the count of findings; before, they took its place until the next change."""
    win = window(qtbot, load_sample("llama3-70b-continual").plan, estimator=estimate_plan)
    before = win.footer.findings.text()
    assert before and win.footer.findings.isVisible()
    win.footer.set_news("proposal.xlsx was written.")
    assert win.footer.findings.isVisible() and win.footer.findings.text() == before
    win.footer.set_alarm("the disk is full", "save")
    assert win.footer.findings.isVisible() and win.footer.findings.text() == before
    assert win.footer.toolTip() == "the disk is full"


def test_a_written_file_offers_to_be_opened(qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mitsumori.gui.dialogs import export

    opened: list[str] = []
    monkeypatch.setattr(export.QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    win = window(qtbot, load_sample("llama2-7b-sft").plan, estimator=estimate_plan)
    win.open_after_export = False
    target = tmp_path / "proposal.xlsx"
    export.say_written(win, target)
    toast = win.notices.toast
    assert target.name in toast.text() and target.name in win.footer._news
    shown = [button for button in toast.buttons if button.isVisible()]
    assert len(shown) == 2
    shown[0].click()
    assert opened == [str(target)]
    export.say_written(win, target)
    toast.buttons[1].click()
    assert opened == [str(target), str(tmp_path)]


def test_the_list_of_findings_stands_above_the_footer_and_closes(qtbot: Any) -> None:
    """It opened at the top, took half of every view, and neither a button nor Esc closed it."""
    win = window(qtbot, load_sample("llama3-70b-continual").plan, estimator=estimate_plan)
    win.footer.findings.click()
    assert win.findings.isVisible() and win.findings.rows()
    top = win.findings.mapTo(win, QPoint(0, 0)).y()
    assert top > win.tab_stack.mapTo(win, QPoint(0, 0)).y()
    worst = [ORDER[row.finding.severity] for row in win.findings.rows() if row.finding is not None]
    assert worst == sorted(worst)
    count = win.footer.findings.text()
    assert count in win.findings.head.text()
    win.findings.close_button.click()
    assert not win.findings.isVisible()
    win.footer.findings.click()
    qtbot.keyClick(win, Qt.Key.Key_Escape)
    assert not win.findings.isVisible()


def test_what_could_not_be_opened_stays_said(qtbot: Any, tmp_path: Path) -> None:
    win = window(qtbot, load_sample("llama2-7b-sft").plan, estimator=estimate_plan)
    broken = tmp_path / "broken.mitsumori"
    broken.write_text("{", encoding="utf-8")
    assert not win.files.open_path(broken)
    win.apply({"cluster.servers": 3})
    qtbot.waitUntil(lambda: not win.store.stale, timeout=10_000)
    assert "broken.mitsumori" in win.footer._alarm
    good = tmp_path / "good.mitsumori"
    save_project(load_sample("llama2-7b-sft"), good)
    assert win.files.open_path(good)
    assert win.footer._alarm == ""
