"""Long lists are grouped and searched; a server's GPU is exchanged in place."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mitsumori.gui.inputs.fields import FIELDS
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.gpu_swap import OFFERED
from tests.gui.windows import window

PLAN = load_sample("llama3-70b-continual").plan
LONG = 16
"""Entries from which a list is long."""


def opened(win: Any, path: str) -> Any:
    """The list of a field, opened by a real key."""
    win.inputs.go_to(path)
    combo = win.inputs.row(path).combo
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_F4)
    assert combo.popup is not None and combo.popup.isVisible()
    return combo.popup


def test_every_long_list_of_the_inputs_is_searched(qtbot: Any) -> None:
    win = window(qtbot, load_sample("serve-chat-500").plan, estimator=estimate_plan)
    plan, catalogue = win.store.plan, win.store.catalogue
    long = {
        path for path, field in FIELDS.items() if field.kind == "choice" and len(field.listed(plan, catalogue)) > LONG
    }
    assert long and long == {path for path, field in FIELDS.items() if field.searched}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_servers_stand_under_their_makers_and_are_found_by_typing(qtbot: Any, language: str) -> None:
    """ "H200 instead" was another maker's server somewhere in one list of 37, without a group and without a search."""
    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot, PLAN, estimator=estimate_plan)
    popup = opened(win, "cluster.server")
    combo = win.inputs.row("cluster.server").combo
    assert {"NVIDIA", "HPE", "Dell", "Fujitsu"} <= set(popup.headings())
    assert sorted(popup.shown()) == list(range(combo.count())), "nothing is lost"
    QTest.keyClicks(popup.search, "dell h200")
    assert popup.shown() and all("Dell" in combo.itemText(place) for place in popup.shown())
    QTest.keyClick(popup.search, Qt.Key.Key_Return)
    server = win.store.catalogue.servers()[win.store.plan.cluster.server]
    assert server.vendor == "Dell" and "H200" in (server.accelerator, *server.accelerator_options)
    assert win.notices.toast.text(), "what went with the old server is said"
    win.store.undo_stack.undo()
    assert win.store.plan == PLAN


def test_a_gpu_narrows_the_servers_and_the_keyboard_walks_them(qtbot: Any) -> None:
    win = window(qtbot, PLAN, estimator=estimate_plan)
    popup = opened(win, "cluster.server")
    offered = [value for value, _ in popup.kinds._options]
    assert offered == ["", *(key.split("-")[0] for key in OFFERED)], "those that a plan can be exchanged to"
    cell = popup.kinds._cells()[offered.index("B200")].center().toPoint()
    QTest.mouseClick(popup.kinds, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, cell)
    catalogue, combo = win.store.catalogue, win.inputs.row("cluster.server").combo
    keys = [combo.itemData(place) for place in popup.shown()]
    assert len(keys) > 3 and {catalogue.servers()[key].accelerator for key in keys} == {"B200"}
    QTest.keyClick(popup.search, Qt.Key.Key_Down)
    chosen = popup.list.currentItem().text()
    QTest.keyClick(popup.search, Qt.Key.Key_Return)
    assert win.inputs.row("cluster.server").combo.currentText() == chosen
    assert catalogue.servers()[win.store.plan.cluster.server].accelerator == "B200"


def test_the_gpu_of_a_server_is_exchanged_in_place(qtbot: Any) -> None:
    """The XD670 could be had with H100 only, although its record lists both."""
    win = window(qtbot, PLAN, estimator=estimate_plan)
    row = win.inputs.row("cluster.accelerator")
    row.combo.setCurrentIndex(next(at for at in range(row.combo.count()) if row.combo.itemData(at) == "H200"))
    row.combo.activated.emit(row.combo.currentIndex())
    assert win.store.plan.cluster.server == PLAN.cluster.server and win.store.plan.cluster.accelerator == "H200"


def test_clouds_say_their_gpu_and_that_a_price_is_missing_before_they_are_chosen(qtbot: Any) -> None:
    """The list was 99 English names; that Azure has no price in Japan showed only after choosing it."""
    set_language("ja")
    win = window(qtbot, PLAN, estimator=estimate_plan)
    popup = opened(win, "money.cloud.instance")
    assert popup.headings()[:2] == ["この構成の GPU・国内", "この構成の GPU・国外"]
    popup.search.insert("東日本")
    texts = [popup._entries[place].text for place in popup.shown()]
    assert texts and all("Azure" in text for text in texts)
    assert any("8×H100" in text and "公表価格なし" in text for text in texts)
    popup.search.setText("火星")
    assert popup.shown() == [] and popup.none.isVisible()
    QTest.keyClick(popup.search, Qt.Key.Key_Return)
    assert win.store.plan == PLAN
    QTest.keyPress(popup.search, Qt.Key.Key_Escape)
    assert not popup.isVisible() and win.store.plan == PLAN
