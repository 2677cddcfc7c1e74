"""The edge between the inputs and the results: dragged, moved by arrow keys, put back by a double click."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QWidget

from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.focus import OWN_FOCUS
from mitsumori.gui.widgets.paint import box

STEP = 16
"""Pixels that an arrow key moves the edge."""


class PaneEdge(QSplitterHandle):
    """A hairline with a grip."""

    def __init__(self, splitter: PaneSplitter) -> None:
        super().__init__(Qt.Orientation.Horizontal, splitter)
        self._splitter = splitter
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty(OWN_FOCUS, True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def sizeHint(self) -> QSize:
        """7 px wide: the hairline and what a hand needs."""
        return QSize(theme().px(7), theme().px(40))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move it."""
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
        else:
            self.moveSplitter(self.x() + way * theme().px(STEP))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the width of the design."""
        self._splitter.reset_wanted.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The hairline at the left, the grip in the middle."""
        look, painter = theme(), QPainter(self)
        painter.fillRect(self.rect(), look.color("window"))
        painter.fillRect(0, 0, 1, self.height(), look.color("line"))
        held = self.hasFocus() or self.underMouse()
        width, height = look.px(3), look.px(28)
        grip = QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
        box(painter, grip, width / 2, look.color("accent" if held else "line_strong"))


class PaneSplitter(QSplitter):
    """Two panes side by side; the left one keeps its width when the window grows.

    Signals
    -------
    reset_wanted
        The edge was double-clicked.
    """

    reset_wanted = Signal()

    def __init__(self, left: QWidget, right: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(theme().px(7))
        self.addWidget(left)
        self.addWidget(right)
        self.setStretchFactor(0, 0)
        self.setStretchFactor(1, 1)
        self._left = 0
        self.splitterMoved.connect(self._moved)

    def createHandle(self) -> QSplitterHandle:
        """Our own edge."""
        return PaneEdge(self)

    def set_left(self, width: int) -> None:
        """Give the left pane a width, and keep it until the edge is moved."""
        self._left = width
        if self.sizes()[0] != width:
            self.setSizes([width, max(1, self.width() - width - self.handleWidth())])

    def _moved(self, place: int, index: int) -> None:
        self._left = place

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What the window gains or loses is the right pane's."""
        super().resizeEvent(event)
        if self._left:
            self.set_left(self._left)
