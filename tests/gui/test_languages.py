"""Texts: complete in Japanese, placeholders kept, room for 40 % longer ones."""

from __future__ import annotations

import ast
import re
import shutil
import string
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import chain
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTranslator
from PySide6.QtWidgets import QAbstractItemView, QLabel, QWidget

from mitsumori import gui, resources
from mitsumori.gui.inputs.row import InputRow
from mitsumori.gui.present.page import PresentHead
from mitsumori.gui.start.samples import SampleCard
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.widgets.buttons import Button, plain_label
from mitsumori.gui.widgets.fields import Combo
from mitsumori.model.plan.project import load_sample
from tests.gui.everywhere import dialogs, pages
from tests.gui.spoken import painted
from tests.gui.windows import window

ROOT = Path(gui.__file__).parent
CATALOGUES = sorted(Path(str(resources.path("i18n"))).glob("*_ja.ts"))
ALIAS = ["-tr-function-alias", "QT_TRANSLATE_NOOP+=_N"]


def messages(path: Path) -> list[tuple[str, str, str, bool]]:
    """Context, source, Japanese text, finished."""
    found = []
    for context in ET.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            node = message.find("translation")
            assert node is not None
            form = node.find("numerusform")
            text = (form.text if form is not None else node.text) or ""
            source = message.findtext("source") or ""
            found.append((context.findtext("name") or "", source, text, node.get("type") is None))
    return found


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_text_has_its_japanese(path: Path) -> None:
    assert not [(context, source) for context, source, text, finished in messages(path) if not finished or not text]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_placeholders_are_kept(path: Path) -> None:
    def names(text: str) -> set[str]:
        fields = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        return fields | set(re.findall(r"%n", text))

    wrong = [source for _, source, text, _ in messages(path) if names(source) != names(text)]
    assert not wrong


@pytest.mark.skipif(shutil.which("pyside6-lupdate", path=str(Path(sys.executable).parent)) is None, reason="no lupdate")
def test_lupdate_finds_no_text_without_translation(tmp_path: Path) -> None:
    """Extract all texts of gui/ anew: each must be in one of the catalogues."""
    target = tmp_path / "all.ts"
    files = [str(path) for path in sorted(ROOT.rglob("*.py"))]
    lupdate = shutil.which("pyside6-lupdate", path=str(Path(sys.executable).parent))
    subprocess.run([str(lupdate), *ALIAS, *files, "-ts", str(target)], check=True, capture_output=True)
    known = {(context, source) for path in CATALOGUES for context, source, _, _ in messages(path)}
    new = [(context, source) for context, source, _, _ in messages(target) if (context, source) not in known]
    assert not new


class Longer(QTranslator):
    """A language whose every text is 40 % longer than the English."""

    def translate(self, context: str, source: str, disambiguation: str = "", n: int = -1) -> str:
        text = source if n < 0 else source.replace("%n", str(n))
        if len(text) < 3 or text.isdigit():
            return text
        return text + " " + "x" * max(1, round(len(text) * 0.4) - 1)

    def isEmpty(self) -> bool:
        return False


def cut(root: QWidget) -> list[str]:
    """What is clipped or shortened below a widget.

    Lists and tables may shorten (the whole text is in the tooltip), sample cards and the head of Present mode too
    (whole in the accessible name).
    """
    found = [label.text() for label in root.findChildren(QLabel) if label.isVisible() and not label_fits(label)]
    for button in root.findChildren(Button):
        if button.isVisible() and button.width() < button.sizeHint().width():
            found.append(button.text())
    for row in root.findChildren(InputRow):
        if row.isVisible() and row.edit is not None and row.edit.geometry().left() < row.label.geometry().left() + 40:
            found.append(row.label.text())
    may_shorten: set[str] = set()
    for kind in (Combo, QAbstractItemView, SampleCard, PresentHead):
        for widget in root.findChildren(kind):
            if widget.isVisible():
                may_shorten |= set(painted(widget))
    found += [text for text in painted(root) if text.endswith("…") and text not in may_shorten]
    return [text for text in found if text]


@pytest.mark.parametrize("size", [(1280, 800), (1600, 1000)])
def test_texts_40_percent_longer_are_not_clipped(application, qtbot, size: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]
    """On every page and in every dialog, in the smallest window and in the one it is designed for."""
    win = window(qtbot, load_sample("llama3-70b-continual").plan, estimator=estimate_plan, size=size)
    translator = Longer()
    application.installTranslator(translator)
    try:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LanguageChange.value)
        qtbot.wait(50)
        clipped, seen = {}, 0
        for name, root in chain(pages(win, qtbot), dialogs(win)):
            qtbot.wait(20)
            seen += sum(text.endswith("x") for text in painted(root))
            if found := cut(root):
                clipped[name] = found
        bar = win.tab_row
        right = bar.tabRect(bar.count() - 1).right()
    finally:
        application.removeTranslator(translator)
    assert seen > 500, "hardly any text was longer"
    assert not clipped, str(clipped)
    assert right <= bar.width()


def label_fits(label: QLabel) -> bool:
    """Whether a label's text is wholly inside: on one line, or wrapped."""
    if label.fontMetrics().horizontalAdvance(plain_label(label.text())) <= label.contentsRect().width() + 1:
        return True
    if not label.wordWrap():
        return False
    return label.heightForWidth(label.width()) <= label.height() + 2


def test_the_walk_notices_what_is_cut(qtbot) -> None:  # type: ignore[no-untyped-def]
    holder = QWidget()
    qtbot.addWidget(holder)
    label, button = QLabel("much too long for its place", holder), Button("too long as well", parent=holder)
    label.setGeometry(0, 0, 60, 20)
    button.setGeometry(0, 30, 50, 32)
    holder.resize(200, 100)
    holder.show()
    assert cut(holder) == [label.text(), button.text()]


def test_every_translation_is_of_a_text_that_the_window_has() -> None:
    """A text that left the code leaves its translation behind: nobody sees it, and nobody keeps it right."""
    top = Path(gui.__file__).parent
    texts = {
        node.value
        for path in chain(top.rglob("*.py"), (top.parent / "model").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    left = [
        (file.name, message.findtext("source"))
        for file in sorted((Path(resources.__file__).parent / "i18n").glob("*.ts"))
        for message in ET.parse(file).getroot().iter("message")
        if message.findtext("source") not in texts
    ]
    assert not left


def test_one_mechanism_follows_the_language() -> None:
    """A widget with texts takes ``Translated``; only a chart, which also turns pale, looks at the event itself."""
    folder = Path(gui.__file__).parent
    looking = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*.py") if "LanguageChange" in path.read_text()
    }
    assert looking == {"words/translation.py", "charts/base.py"}
