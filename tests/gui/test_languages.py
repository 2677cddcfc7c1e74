"""Texts: complete in Japanese, placeholders kept, room for 40 % longer ones."""

from __future__ import annotations

import re
import shutil
import string
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTranslator
from PySide6.QtWidgets import QLabel

import gui
import resources
from gui.inputs.row import InputRow
from gui.widgets.buttons import Button
from gui.widgets.paint import width_of
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


def test_texts_40_percent_longer_are_not_clipped(application, qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    for section in win.inputs.sections:
        section.set_open(True)
        section._toggle_more()
    translator = Longer()
    application.installTranslator(translator)
    for _ in range(2):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LanguageChange.value)
    qtbot.wait(50)
    clipped = []
    for row in win.findChildren(InputRow):
        if row.isVisible() and not label_fits(row.label):
            clipped.append(row.label.text())
    for button in win.findChildren(Button):
        if button.isVisible() and button.width() < button.sizeHint().width():
            clipped.append(button.text())
    bar = win.tab_row
    right = bar.tabRect(bar.count() - 1).right()
    application.removeTranslator(translator)
    assert not clipped
    assert right <= bar.width()


def label_fits(label: QLabel) -> bool:
    """Whether a label's text is wholly inside: on one line, or wrapped."""
    if width_of(label.text(), 14) <= label.width():
        return True
    if not label.wordWrap():
        return False
    return label.heightForWidth(label.width()) <= label.height() + 2
