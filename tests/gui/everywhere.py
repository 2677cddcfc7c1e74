"""Every page and dialog of the window, one after the other, for tests that walk them all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtWidgets import QWidget

from mitsumori.gui.tabs import TABS
from mitsumori.gui.window import Window
from mitsumori.model.calibration import runs
from mitsumori.model.calibration.backtest import evaluate


def pages(win: Window, qtbot: Any) -> Iterator[tuple[str, QWidget]]:
    """Name and root of the tabs, all findings, an impossible plan's overview, Present mode, the tour and the start page."""

    def settle() -> None:
        qtbot.wait(40)
        qtbot.waitUntil(lambda: not win.jobs.any_busy(), timeout=60_000)
        qtbot.wait(20)

    for section in win.inputs.sections:
        section.set_open(True)
        if not section._all:
            section._toggle_more()
    for key, _, _ in TABS:
        win.show_tab(key)
        settle()
        yield key, win
    win.toggle_findings()
    settle()
    yield "findings", win
    win.toggle_findings()
    win.show_tab("overview")
    before = win.store.plan
    win.apply({"parallel.auto": False, "parallel.tp": 4, "parallel.pp": 1, "facility.cooling": "air"})
    settle()
    yield "impossible", win
    win.apply(
        {path: before.value(path) for path in ("parallel.auto", "parallel.tp", "parallel.pp", "facility.cooling")}
    )
    win.present()
    page = win.presentation.page
    assert page is not None
    for index in range(page.charts.count()):
        page.show_chart(index)
        settle()
        yield f"present {index}", page
    win.leave_present()
    from mitsumori.gui.dialogs.guide import start_tour

    tour = start_tour(win)
    for step in range(len(tour.steps())):
        qtbot.wait(10)
        yield f"tour {step}", tour
        tour.forward()
    win.show_start()
    qtbot.wait(40)
    yield "start", win


def dialogs(win: Window) -> Iterator[tuple[str, QWidget]]:
    """Name and the dialogs of the tools, shown; each is closed after its turn."""
    from mitsumori.gui.dialogs.calibrate import BacktestDialog, CalibrationDialog
    from mitsumori.gui.dialogs.catalogue import CatalogueDialog
    from mitsumori.gui.dialogs.export import ask_and_write
    from mitsumori.gui.dialogs.export_choice import ExportDialog
    from mitsumori.gui.dialogs.guide import Guide
    from mitsumori.gui.dialogs.proposal import ProposalDialog
    from mitsumori.gui.dialogs.proposal_settings import SettingsDialog

    rows = [{"id": "a", "model": "Llama-3 8B", "gpu": "H100", "gpus": "8", "seq_len": "8192", "tp": "64"}]
    makers = {
        "settings": lambda: SettingsDialog(win),
        "proposal": lambda: ProposalDialog(win),
        "export": lambda: ExportDialog(win, ask_and_write),
        "calibration": lambda: CalibrationDialog(win),
        "back-test": lambda: BacktestDialog(win, "runs.csv", evaluate([runs.read_row(row) for row in rows])),
        "catalogue": lambda: CatalogueDialog(win),
        "guide": lambda: Guide(win),
        "menu": lambda: win.action_set.menu(),
    }
    for name, make in makers.items():
        dialog = make()
        dialog.show()
        yield name, dialog
        dialog.close()
        dialog.deleteLater()
