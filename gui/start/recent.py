"""Files on the start page: the recent ones, and where to drop one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mitsumori.gui.charts.painting import CENTER, NORMAL, balanced, draw_text, line_height
from mitsumori.gui.inputs.choices import word
from mitsumori.gui.project_files import ProjectFiles
from mitsumori.gui.theme.icons import paint_icon
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.buttons import Button, Pressable
from mitsumori.gui.widgets.paint import box, text_at, width_of
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.plan.project import load_project


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a file: how many scenarios and what the shown one does (None: it cannot be read), and its time."""

    scenarios: int = 0
    stage: str | None = None
    written: dt.datetime | None = None


def contents_of(path: Path) -> Contents:
    """Look into a file; a drive may take its time."""
    try:
        written = dt.datetime.fromtimestamp(path.stat().st_mtime)
    except (OSError, ValueError, OverflowError):
        return Contents()
    try:
        project = load_project(path)
    except Refusal:
        return Contents(written=written)
    return Contents(len(project.plans), project.plan.workload.stage, written)


class RecentRow(Pressable):
    """A recent file; hover or focus offers it as the start of a new quote."""

    duplicated = Signal(object)

    def __init__(self, path: Path, contents: Contents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path, self._contents = path, contents
        self._under = ""
        self.copy = Button(kind="plain", icon="plus", parent=self)
        self.copy.clicked.connect(lambda: self.duplicated.emit(self.path))
        self.copy.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def describe(self) -> None:
        """What the file holds (a line); a file that cannot be read says so."""
        stage, scenarios = self._contents.stage, self._contents.scenarios
        if stage is None:
            self._under = self.tr("cannot be read")
        else:
            self._under = self.tr("%n scenario(s)", "", scenarios) if scenarios > 1 else word(stage)
        self.copy.setText(self.tr("Duplicate as new"))
        self.copy.setAccessibleName(self.tr("Duplicate {name} as a new quote").format(name=self.path.stem))
        self.setAccessibleName(f"{self.path.stem}, {self._under}, {self._when()}")
        self.setToolTip(str(self.path))
        self.update()

    def enterEvent(self, event: object) -> None:
        """Offer the copy."""
        self._offer(True)

    def leaveEvent(self, event: object) -> None:
        """Only while the pointer or the keyboard is here."""
        self._offer(self.hasFocus() or self.copy.hasFocus())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """As under the pointer."""
        self._offer(True)
        super().focusInEvent(event)

    def _offer(self, on: bool) -> None:
        size = self.copy.sizeHint()
        self.copy.setGeometry(
            self.width() - size.width(), (self.height() - size.height()) // 2, size.width(), size.height()
        )
        self.copy.setVisible(on and self._contents.written is not None)
        self.update()

    def _when(self) -> str:
        then = self._contents.written
        if then is None:
            return ""
        days = (dt.date.today() - then.date()).days
        if days == 0:
            return self.tr("today {time}").format(time=f"{then:%H:%M}")
        if days == 1:
            return self.tr("yesterday {time}").format(time=f"{then:%H:%M}")
        return f"{then:%Y-%m-%d}"

    def sizeHint(self) -> QSize:
        """52 px high."""
        return QSize(theme().px(300), theme().px(52))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the row."""
        look = theme()
        painter = QPainter(self)
        if self.underMouse():
            painter.fillRect(self.rect(), look.color("hover"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, look.color("line"))
        side = look.px(18)
        paint_icon(painter, QRectF(0, self.height() / 2 - side / 2, side, side), "document", look.color("text_2"))
        when = "" if self.copy.isVisible() else self._when()
        wide = width_of(when, 13)
        text_at(painter, self.width() - wide, self.height() / 2 + look.px(5), when, 13, look.color("text_2"))
        room = self.width() - wide - look.px(33 + 12)
        name = look.metrics(14, 600).elidedText(self.path.stem, Qt.TextElideMode.ElideRight, room)
        text_at(painter, look.px(33), self.height() / 2 - look.px(4), name, 14, look.color("text"), 600)
        text_at(painter, look.px(33), self.height() / 2 + look.px(16), self._under, 13, look.color("text_2"))


class DropTarget(QWidget):
    """Says that a file may be dropped here (it may be dropped anywhere)."""

    dropped = Signal(object)

    def __init__(self, files: ProjectFiles) -> None:
        super().__init__()
        self._files, self._over = files, False
        self.setAcceptDrops(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme().px(56))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A file we can open is over us."""
        if self._files.droppable(event.mimeData()) is not None:
            self._over = True
            event.acceptProposedAction()
            self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """It left."""
        self._over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """It was dropped."""
        self._over = False
        path = self._files.droppable(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.dropped.emit(path)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the dashed frame."""
        look = theme()
        painter = QPainter(self)
        fill = look.color("accent_tint") if self._over else None
        line = look.color("accent" if self._over else "line_strong")
        box(painter, QRectF(self.rect()), look.px(6), fill, line, 1, dashed=True)
        label = self.tr("Drop an estimate or a workbook here to open it")
        step = line_height(13)
        lines = balanced(label, 13, NORMAL, self.width() - look.px(24))
        for index, words in enumerate(lines):
            y = self.height() / 2 + step * (index - (len(lines) - 1) / 2)
            draw_text(painter, self.width() / 2, y, words, 13, NORMAL, "text_2", CENTER)
