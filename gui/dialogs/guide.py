"""F1: the guide in the language of the window, and the tour of five steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPaintEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QDialog, QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

from mitsumori import resources
from mitsumori.gui import settings
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.focus import return_focus
from mitsumori.gui.widgets.paint import box
from mitsumori.gui.words.translation import language

if TYPE_CHECKING:
    from mitsumori.gui.workspace import Workspace

translate = QCoreApplication.translate
TOUR_AFTER_MS = 600
"""The first results are painted by then."""


def slug(heading: str) -> str:
    """The name by which a link leads to a heading: lower case, hyphens for spaces, no punctuation (as Git hosts do)."""
    return "".join(c for c in heading.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def lay_out(document: QTextDocument) -> None:
    """Room between paragraphs and above headings, and a name for each heading; Qt's Markdown has neither."""
    look = theme()
    block = document.begin()
    while block.isValid():
        cursor = QTextCursor(block)
        shape = block.blockFormat()
        level = shape.headingLevel()
        if level:
            shape.setTopMargin(look.px({1: 0, 2: 24}.get(level, 14)))
            shape.setBottomMargin(look.px(6))
            cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
            named = cursor.charFormat()
            named.setAnchor(True)
            named.setAnchorNames([slug(block.text())])
            cursor.mergeCharFormat(named)
        elif cursor.currentTable() is not None:
            shape.setTopMargin(look.px(2))
            shape.setBottomMargin(look.px(2))
        else:
            shape.setBottomMargin(look.px(3 if block.textList() is not None else 8))
        QTextCursor(block).setBlockFormat(shape)
        block = block.next()


class Guide(QDialog):
    """The guide as a page that can be read beside the window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(translate("Guide", "Guide"))
        self.resize(theme().px(760), theme().px(680))
        self.page = QTextBrowser()
        self.page.setOpenExternalLinks(True)
        self.page.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.page.setFont(theme().font(15))
        self.page.document().setDocumentMargin(24)
        self.page.setMarkdown(resources.read_text("guide", f"guide_{language()}.md"))
        lay_out(self.page.document())
        self.page.setAccessibleName(translate("Guide", "Guide"))
        tour = Button(translate("Guide", "Show the tour"))
        close = Button(translate("Guide", "Close"), "primary")
        tour.setAccessibleName(tour.text())
        close.setAccessibleName(close.text())
        close.clicked.connect(self.accept)
        tour.clicked.connect(self._tour)
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 0, 24, 16)
        foot.addWidget(tour)
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page, 1)
        column.addLayout(foot)

    def _tour(self) -> None:
        window = self.parent()
        self.accept()
        from mitsumori.gui.workspace import Workspace

        if isinstance(window, Workspace):
            start_tour(window)


def show_guide(window: QWidget) -> None:
    """Open the guide."""
    Guide(window).show()


class Tour(QWidget):
    """Five steps over the window: what is where. Enter or Right goes on, Escape ends."""

    def __init__(self, window: Workspace) -> None:
        super().__init__(window)
        self._window, self._step = window, 0
        self._before = window.focusWidget()
        self.setObjectName("tour")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.next = Button(kind="primary", parent=self)
        self.next.clicked.connect(self.forward)
        self.end = Button(kind="link", parent=self)
        self.end.clicked.connect(self.finish)
        self.setGeometry(window.rect())
        self._show_step()
        self.show()
        self.raise_()
        self.next.setFocus(Qt.FocusReason.TabFocusReason)

    def steps(self) -> list[tuple[QWidget, str, str]]:
        """What is pointed at, with heading and text."""
        w = self._window
        return [
            (w.strip if w.is_folded() else w.inputs, translate("Guide", "Describe the training"),
             translate("Guide", "Move a slider or type a value with its unit, such as 70B or 3.5T. Enter takes it over; "
                       "Ctrl+Z takes it back.")),
            (w.headline, translate("Guide", "Read the four answers"),
             translate("Guide", "Memory, days, racks and cost follow at once, each with its limit or interval. Click a "
                       "card to see where the figure comes from.")),
            (w.tab_row, translate("Guide", "Look closer"),
             translate("Guide", "Each view opens with its finding. Right-click a chart to copy it; the small table beside "
                       "its title shows its numbers.")),
            (w.toolbar, translate("Guide", "Compare and present"),
             translate("Guide", "Add scenarios with plus and compare them. F11 presents: larger type, and nothing internal "
                       "on the screen.")),
            (w.footer, translate("Guide", "Know what it rests on"),
             translate("Guide", "Here are the findings, the date of the catalogue, and how many inputs are still not "
                       "given. F1 opens the guide.")),
        ]  # fmt: skip

    def _target(self) -> QRect:
        widget = self.steps()[self._step][0]
        return QRect(widget.mapTo(self._window, QPoint(0, 0)), widget.size())

    def _panel(self) -> QRect:
        look, target = theme(), self._target()
        size = (look.px(400), look.px(178))
        x = target.right() + look.px(16) if target.width() < self.width() / 2 else target.center().x() - size[0] // 2
        y = target.top() + look.px(40) if target.width() < self.width() / 2 else target.bottom() + look.px(16)
        if y + size[1] > self.height() - look.px(10):
            y = target.top() - size[1] - look.px(16)
        return QRect(min(x, self.width() - size[0] - 10), max(10, y), *size)

    def _show_step(self) -> None:
        look, panel = theme(), self._panel()
        last = self._step == len(self.steps()) - 1
        self.next.setText(translate("Guide", "Done") if last else translate("Guide", "Next"))
        self.next.setAccessibleName(self.next.text())
        self.end.setText(translate("Guide", "End the tour"))
        self.end.setAccessibleName(self.end.text())
        heading, words = self.steps()[self._step][1:]
        self.setAccessibleName(f"{heading}. {words}")
        size = self.next.sizeHint()
        edge = look.px(18)
        self.next.setGeometry(
            panel.right() - edge - size.width(), panel.bottom() - edge - size.height(), size.width(), size.height()
        )
        size = self.end.sizeHint()
        self.end.setGeometry(
            panel.left() + edge, panel.bottom() - edge - size.height() - 3, size.width(), size.height()
        )
        self.update()

    def forward(self) -> None:
        """The next step, or the end."""
        if self._step + 1 < len(self.steps()):
            self._step += 1
            self._show_step()
        else:
            self.finish()

    def finish(self) -> None:
        """End, and do not come back by itself."""
        settings.store("window/tour_seen", True)
        return_focus(self._window, self._before)
        self.hide()
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on or end."""
        if event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.forward()
        elif event.key() == Qt.Key.Key_Escape:
            self.finish()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim everything but the target, and draw the panel."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QPainterPath()
        veil.addRect(QRectF(self.rect()))
        hole = QPainterPath()
        target = QRectF(self._target()).adjusted(2, 2, -2, -2)
        hole.addRoundedRect(target, look.px(8), look.px(8))
        shade = look.color("text") if not look.is_dark else look.color("window")
        shade = type(shade)(shade)
        shade.setAlphaF(0.45 if not look.is_dark else 0.7)
        painter.fillPath(veil.subtracted(hole), shade)
        box(painter, target, look.px(8), None, look.color("accent"), 2)
        panel = QRectF(self._panel())
        box(painter, panel, look.px(8), look.color("card"), look.color("line_strong"))
        heading, words = self.steps()[self._step][1:]
        inner = panel.adjusted(look.px(18), look.px(14), -look.px(18), -look.px(52))
        painter.setFont(look.font(13))
        painter.setPen(look.color("text_3"))
        count = f"{self._step + 1} / {len(self.steps())}"
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, count)
        painter.setFont(look.font(16, 600))
        painter.setPen(look.color("text"))
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, heading)
        painter.setFont(look.font(14))
        painter.setPen(look.color("text_2"))
        below = inner.adjusted(0, look.px(32), 0, 0)
        painter.drawText(below, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop, words)


def start_tour(window: Workspace) -> Tour:
    """Show the tour over the window."""
    return Tour(window)


def offer_tour(window: Workspace) -> None:
    """Show the tour over the first estimate that is ever opened here; never again by itself."""

    def opened() -> None:
        window.files.opened.disconnect(opened)
        QTimer.singleShot(
            TOUR_AFTER_MS, window, lambda: None if tour_was_shown() or window.at_start else start_tour(window)
        )

    if not tour_was_shown():
        window.files.opened.connect(opened)


def tour_was_shown() -> bool:
    """Whether the tour was shown on this machine."""
    return settings.flag("window/tour_seen", False)
