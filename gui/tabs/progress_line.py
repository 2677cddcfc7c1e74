"""How far work in the background got, with a button that stops it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from mitsumori.gui.charts.numbers import percent
from mitsumori.gui.charts.painting import NORMAL, bar, draw_text, text_width, u
from mitsumori.gui.services import Services
from mitsumori.gui.widgets.buttons import Button

translate = QCoreApplication.translate

SHOWN_AFTER_MS = 200
"""Work that is done sooner is not announced."""


class WorkLine(QWidget):
    """Follows one kind of question of the services; keeps its room while there is nothing to say unless ``compact``."""

    stop_wanted = Signal()
    go_wanted = Signal()
    """The button after a stop: work should go on."""
    resized = Signal()
    """It came or went; only where it is ``compact``."""

    def __init__(self, kind: str, *, compact: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind, self._compact = kind, compact
        self._busy = self._stopped = False
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(round(u(8)))
        self.gauge = _Gauge()
        self.button = Button("", "link")
        self.button.clicked.connect(self._clicked)
        line.addStretch(1)
        line.addWidget(self.gauge)
        line.addWidget(self.button)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_AFTER_MS)
        self._timer.timeout.connect(self._show)
        self.retranslate()
        self._show()

    def follow(self, services: Services) -> None:
        """Listen to the services."""
        services.busy_changed.connect(self._busy_changed)
        services.progressed.connect(self._progressed)

    def retranslate(self) -> None:
        """Set the text of the button."""
        self.button.setText(translate("Advisor", "Continue") if self._stopped else translate("Advisor", "Stop"))
        name = translate("Advisor", "Continue computing") if self._stopped else translate("Advisor", "Stop computing")
        self.button.setAccessibleName(name)

    def set_stopped(self, on: bool) -> None:
        """Whether the user stopped the work: then the button continues it."""
        if on != self._stopped:
            self._stopped = on
            self.retranslate()
            self._show()

    @property
    def stopped(self) -> bool:
        """Whether the user stopped the work."""
        return self._stopped

    def busy(self) -> bool:
        """Whether work is under way."""
        return self._busy

    def sizeHint(self) -> QSize:
        """Gauge and button."""
        if self._compact and self.gauge.isHidden() and self.button.isHidden():
            return QSize(0, 0)
        button, gauge = self.button.sizeHint(), self.gauge.sizeHint()
        return QSize(gauge.width() + round(u(8)) + button.width(), max(gauge.height(), button.height()))

    def minimumSizeHint(self) -> QSize:
        """As the size it likes."""
        return self.sizeHint()

    def _clicked(self) -> None:
        (self.go_wanted if self._stopped else self.stop_wanted).emit()

    def _busy_changed(self, kind: str, on: bool) -> None:
        if kind != self.kind:
            return
        self._busy = on
        if on:
            self.gauge.set_share(0.0)
            if not self._timer.isActive() and self.gauge.isHidden():
                self._timer.start()
        else:
            self._timer.stop()
            self._show()

    def _progressed(self, kind: str, share: float) -> None:
        if kind == self.kind:
            self.gauge.set_share(share)

    def _show(self) -> None:
        before = self.sizeHint()
        self.gauge.setVisible(self._busy)
        self.button.setVisible(self._busy or self._stopped)
        if self.sizeHint() != before:
            self.updateGeometry()
            self.resized.emit()


class _Gauge(QWidget):
    """A thin bar with its per cent."""

    def __init__(self) -> None:
        super().__init__()
        self._share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def set_share(self, share: float) -> None:
        """0 to 1."""
        shown = min(1.0, max(0.0, share))
        if percent(shown) != percent(self._share):
            self.update()
        self._share = shown
        self.setAccessibleName(translate("Advisor", "Computed: {share}").format(share=percent(shown)))

    def sizeHint(self) -> QSize:
        return QSize(round(u(64) + text_width("100 %", 13) + u(8)), round(u(20)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        track = QRectF(0, middle - u(2), u(64), u(4))
        bar(painter, track, "sunken", u(2))
        bar(painter, QRectF(0, track.top(), max(u(4), track.width() * self._share), track.height()), "accent", u(2))
        draw_text(painter, u(72), middle, percent(self._share), 13, NORMAL, "text_2")
        painter.end()
