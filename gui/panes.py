"""What the window is made of and where it stands: toolbar, inputs, headline, findings, tabs, footer.

The inputs stand beside the results behind an edge that can be moved; a narrow window folds them into a strip of icons.
Below the size of the design the measures become compact. Nothing here knows a plan.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QSizePolicy, QSpacerItem, QStackedWidget, QVBoxLayout

from mitsumori.gui import settings
from mitsumori.gui.findings_bar import FindingsPanel
from mitsumori.gui.footer import Footer
from mitsumori.gui.headline import Headline
from mitsumori.gui.inputs.pane import InputsPane
from mitsumori.gui.inputs.strip import InputsStrip
from mitsumori.gui.tabs import TABS, tab_title
from mitsumori.gui.theme.tokens import NARROW, set_theme, theme, theme_signals
from mitsumori.gui.toolbar import Toolbar
from mitsumori.gui.widgets.focus import OWN_FOCUS
from mitsumori.gui.widgets.splitter import PaneSplitter
from mitsumori.gui.widgets.surface import Surface
from mitsumori.gui.widgets.tabs import TabRow

SMALLEST = (960, 540)
"""The window may be made this small, whatever the zoom."""
DESIGNED = (1280, 800)
"""Below either of these the measures are compact."""
FOLDS_BELOW = 1180
"""Width from which down the inputs fold into a strip."""
FIRST = (1600, 1000)
"""Size of the first window, where the screen has room for it."""
PANE_LOW, PANE_HIGH = 260, 520
"""Least and greatest width of the inputs."""


class Panes(QMainWindow):
    """The parts of the window in their places.

    Signals
    -------
    folded
        The inputs were folded into their strip, or unfolded.
    """

    folded = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(*SMALLEST)
        self.setAcceptDrops(True)
        self.toolbar = Toolbar()
        self.inputs = InputsPane()
        self.strip = InputsStrip()
        self.headline = Headline()
        self.findings = FindingsPanel()
        self.tab_row = TabRow()
        self.tab_stack = QStackedWidget()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        policy.setRetainSizeWhenHidden(True)
        self.tab_stack.setSizePolicy(policy)
        self.footer = Footer()
        self.pages = QStackedWidget()
        self.work = Surface()
        self._chosen_width: int | None = None
        """Width of the inputs that the user gave them, at zoom 1."""
        self._was_wide = True
        self._placed = False
        self._build()
        self.splitter.splitterMoved.connect(self._edge_moved)
        self.splitter.reset_wanted.connect(self._reset_edge)
        self.strip.group_wanted.connect(self._open_group)
        theme_signals().changed.connect(self._take_measures)
        theme_signals().changed.connect(self.retheme)

    @property
    def in_full_view(self) -> bool:
        """Whether something else than the work has the whole window (Present mode)."""
        return False

    # --- building

    def _build(self) -> None:
        for key, _, _ in TABS:
            index = self.tab_row.addTab(tab_title(key))
            self.tab_row.setTabData(index, key)
        right = Surface()
        column = self._column = QVBoxLayout(right)
        look = theme()
        column.setSpacing(0)
        column.addWidget(self.headline)
        column.addWidget(self.tab_row)
        column.addSpacing(look.px(13))
        spacer = column.itemAt(2)
        assert isinstance(spacer, QSpacerItem)
        self._below_tabs = spacer
        column.addWidget(self.tab_stack, 1)
        column.addWidget(self.findings)  # above the footer, from which it is opened
        self.splitter = PaneSplitter(self.inputs, right)
        row = QHBoxLayout(self.work)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.strip)
        row.addWidget(self.splitter, 1)
        self.strip.hide()
        self.pages.addWidget(self.work)
        self.whole = Surface()
        frame = QVBoxLayout(self.whole)
        frame.setContentsMargins(0, 0, 0, 0)
        frame.setSpacing(0)
        frame.addWidget(self.toolbar)
        frame.addWidget(self.pages, 1)
        frame.addWidget(self.footer)
        # The window begins with the focus on nothing; Tab goes on to the first control.
        self.whole.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.whole.setProperty(OWN_FOCUS, True)
        self.setCentralWidget(self.whole)
        self._take_measures()
        self.toolbar.setObjectName("toolbar")
        self.work.setObjectName("work")

    # --- looks

    def rest_focus(self) -> None:
        """Put the focus beside the controls before a page goes, so that it does not jump to the toolbar."""
        if not self.toolbar.isAncestorOf(self.focusWidget() or self):
            self.whole.setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        """Set the window's own texts again."""
        for index, (key, _, _) in enumerate(TABS):
            self.tab_row.setTabText(index, tab_title(key))
        self.tab_row.refit()
        self.tab_row.setAccessibleName(self.tr("Views"))
        self.inputs.setAccessibleName(self.tr("Inputs"))
        self.splitter.handle(1).setAccessibleName(self.tr("Width of the inputs"))
        self.headline.setAccessibleName(self.tr("Results at a glance"))

    def retheme(self) -> None:
        """Take fonts, colours and measures again."""
        self.toolbar.retheme()
        self.inputs.retheme()
        self.tab_row.refit()
        for bar in (self.toolbar, self.footer, *self.headline.cards()):
            bar.updateGeometry()
        self.update()  # everything in it is painted again

    # --- sizes

    def restore(self) -> None:
        """Take place and size of the last sitting; the first time, what the screen has room for."""
        width = settings.text("inputs/width")
        if width.isdigit() and PANE_LOW <= int(width) <= PANE_HIGH:
            self._chosen_width = int(width)
        self._placed = True
        geometry = settings.bytes_of("window/geometry")
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(self.first_size(self._room()))

    def _room(self) -> QSize:
        """The part of the screen that windows may cover, without their frame."""
        screen = self.screen() or QGuiApplication.primaryScreen()
        free = screen.availableSize()
        return QSize(free.width() - 16, free.height() - 48)

    @staticmethod
    def first_size(room: QSize) -> QSize:
        """The size of a first window: that of the design, or as much of it as there is room for."""
        wanted = QSize(theme().px(FIRST[0]), theme().px(FIRST[1]))
        return wanted.boundedTo(room).expandedTo(QSize(*SMALLEST))

    def _take_measures(self) -> None:
        """Bring the parts to the measures of the theme."""
        look = theme()
        self._column.setContentsMargins(look.fit(14, 8), look.fit(14, 10), look.fit(20, 14), look.fit(12, 8))
        self._below_tabs.changeSize(0, look.fit(13, 10))
        self._column.invalidate()
        self.splitter.setHandleWidth(look.px(7))
        self.fit_to_size()

    def pane_width(self) -> int:
        """Width of the inputs at the present size of the window: the one chosen, or the design's."""
        look = theme()
        if self._chosen_width is not None:
            return look.px(self._chosen_width)
        return look.px(340) if self.width() < look.px(NARROW) and not look.compact else look.fit(360, 316)

    def _place_edge(self) -> None:
        look = theme()
        self.inputs.setMinimumWidth(look.px(PANE_LOW))
        self.inputs.setMaximumWidth(look.px(PANE_HIGH))
        self.splitter.set_left(self.pane_width())

    def _edge_moved(self, place: int, index: int) -> None:
        self._chosen_width = min(PANE_HIGH, max(PANE_LOW, round(place / theme().scale)))
        settings.store("inputs/width", str(self._chosen_width))

    def _reset_edge(self) -> None:
        self._chosen_width = None
        settings.store("inputs/width", None)
        self._place_edge()

    def is_folded(self) -> bool:
        """Whether the inputs are folded into their strip."""
        return self.inputs.isHidden()

    def fold_inputs(self, on: bool) -> None:
        """Fold the inputs into their strip, or show them."""
        if on is not self.is_folded():
            if on and self.inputs.isAncestorOf(self.focusWidget() or self):
                self.whole.setFocus(Qt.FocusReason.OtherFocusReason)
            self.inputs.setVisible(not on)
            self.strip.setVisible(on)
            if not on:
                self._place_edge()
            self.folded.emit(on)

    def _open_group(self, key: str) -> None:
        self.fold_inputs(False)
        self.inputs.show_group(key)

    def fit_to_size(self) -> None:
        """Choose measures for the size of the window; fold or show the inputs where it becomes narrow or wide."""
        if not self._placed or self.in_full_view:
            return
        width, height = self.width() / theme().scale, self.height() / theme().scale
        compact = width < DESIGNED[0] or height < DESIGNED[1]
        if compact is not theme().compact:
            set_theme(compact=compact)
        wide = width >= FOLDS_BELOW
        if wide is not self._was_wide:
            self._was_wide = wide
            self.fold_inputs(not wide)
        self._place_edge()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the size."""
        self.fit_to_size()
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember place and size."""
        settings.store("window/geometry", self.saveGeometry())
        event.accept()
