"""What stands above the pictures of Present mode: name, scenarios, the way back from a trial and out; dots of the charts."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mitsumori.gui.theme.icons import paint_icon
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.toolbar import LETTERS, ScenarioChip
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.card import fitting
from mitsumori.gui.widgets.paint import box, text, text_at, width_of


class PresentHead(QWidget):
    """Name, the plan in a line, the scenarios, the way back from a trial, and the way out.

    Signals
    -------
    chosen
        ``(index)``; another scenario is wanted.
    """

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.leave = Button(icon="close", parent=self)
        self.reset = Button(icon="undo", parent=self)
        self.reset.set_ink("marginal")
        self.reset.hide()
        self.chips: list[ScenarioChip] = []
        self._name = ""
        self._lines: tuple[str, ...] = ("",)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_texts(self, name: str, lines: tuple[str, ...]) -> None:
        """Name and the plan in a line, from the fullest wording to the shortest: the first that fits is shown."""
        self._name, self._lines = name, lines
        self.setAccessibleName(f"{name}. {lines[0]}")
        self.update()

    def set_scenarios(self, names: tuple[str, ...], active: int, trial: bool) -> None:
        """A chip a scenario; one alone is named too. ``trial``: inputs are being tried out."""
        while len(self.chips) < len(names):
            self.chips.append(self._chip(len(self.chips)))
        for at, chip in enumerate(self.chips):
            chip.setVisible(at < len(names))
            if at < len(names):
                chip.letter = LETTERS[at % 26]
                chip.setText(names[at])
                chip.setToolTip(names[at])
                chip.setAccessibleName(self.tr("Scenario {letter}, {name}").format(letter=chip.letter, name=names[at]))
                chip.setChecked(at == active)
        self.reset.setVisible(trial)
        self.arrange()

    def _chip(self, at: int) -> ScenarioChip:
        chip = ScenarioChip(self)
        chip.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        chip.clicked.connect(lambda: self._choose(at))
        return chip

    def _choose(self, index: int) -> None:
        for at, chip in enumerate(self.chips):
            chip.setChecked(at == index)
        self.chosen.emit(index)

    def retranslate(self) -> None:
        """Set every text again."""
        self.leave.setText(self.tr("End presentation"))
        self.leave.setAccessibleName(self.tr("End presentation"))
        self.reset.setText(self.tr("Trial · Reset"))
        self.reset.setAccessibleName(self.tr("Trial: put the inputs back as they were"))
        self.arrange()

    def arrange(self) -> None:
        """Height of the scale; from the right the way out, the scenarios, the way back."""
        look = theme()
        self.setFixedHeight(look.px(44))
        right = self.width()
        size = self.leave.sizeHint()
        self.leave.setGeometry(right - size.width(), (self.height() - size.height()) // 2, size.width(), size.height())
        right = self.leave.x() - look.px(14)
        shown = [chip for chip in self.chips if not chip.isHidden()]
        wide = [chip.sizeHint().width() for chip in shown]
        room, gap = round(self.width() * 0.5), look.px(6)
        if sum(wide) + gap * len(wide) > room:  # letters, where names would leave the plan no room
            wide = [chip.minimumSizeHint().width() for chip in shown]
        for chip, width in reversed(list(zip(shown, wide, strict=True))):
            high = chip.sizeHint().height()
            chip.setMaximumWidth(width)
            chip.setGeometry(right - width, (self.height() - high) // 2, width, high)
            right -= width + gap
        size = self.reset.sizeHint()
        if not self.reset.isHidden():
            self.reset.setGeometry(
                right - size.width(), (self.height() - size.height()) // 2, size.width(), size.height()
            )
            right -= size.width()
        self._end = right
        self.update()

    def resizeEvent(self, event: object) -> None:
        """Keep the places at the right."""
        self.arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw name and plan."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        baseline = self.height() / 2 + look.px(6)
        room = self._end - look.px(20)
        shown = look.metrics(16, 600).elidedText(self._name, Qt.TextElideMode.ElideRight, round(room))
        x = text_at(painter, 0, baseline, shown, 16, look.color("text"), 600) + look.px(16)
        text_at(painter, x, baseline, fitting(self._lines, max(0.0, room - x), 14), 14, look.color("text_2"))


class ChartDots(QWidget):
    """Back, a dot a chart with the name of the one shown, forward; arrow keys of the page do the same.

    Signals
    -------
    chosen
        ``(index)``; another chart is wanted, around both ends.
    """

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._at = 0
        self._places: list[tuple[QRectF, int]] = []
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_state(self, names: tuple[str, ...], at: int) -> None:
        """Names of the charts and which one is shown."""
        self._names, self._at = names, at
        if 0 <= at < len(names):
            said = self.tr("{name}, {at} of {all}").format(name=names[at], at=at + 1, all=len(names))
            self.setAccessibleName(said)
        self.updateGeometry()
        self.resize(self.sizeHint())
        self.update()

    def forward(self) -> None:
        """The next chart."""
        self.chosen.emit(self._at + 1)

    def sizeHint(self) -> QSize:
        """Arrows, dots and the pill."""
        look = theme()
        pill = max((width_of(name, 13, 600) for name in self._names), default=0.0) + look.px(20)
        return QSize(round(2 * look.px(32) + pill + look.px(20) * max(0, len(self._names) - 1)), look.px(30))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A dot or an arrow."""
        for place, index in self._places:
            if place.contains(event.position()):
                self.chosen.emit(index)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go on by one."""
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.chosen.emit(self._at + step)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw them."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, arrow = self.height() / 2, float(look.px(32))
        self._places = []
        side = look.px(16)
        for left, icon, index in (
            (0.0, "chevron-left", self._at - 1),
            (self.width() - arrow, "chevron-right", self._at + 1),
        ):
            place = QRectF(left, middle - arrow / 2, arrow, arrow)
            paint_icon(
                painter,
                QRectF(place.center().x() - side / 2, middle - side / 2, side, side),
                icon,
                look.color("text_2"),
            )
            self._places.append((place, index))
        x = arrow
        for index, name in enumerate(self._names):
            if index == self._at:
                wide = width_of(name, 13, 600) + look.px(20)
                pill = QRectF(x, middle - look.px(12), wide, look.px(24))
                box(painter, pill, pill.height() / 2, look.color("accent_tint"))
                text(painter, pill, name, 13, look.color("accent"), 600, Qt.AlignmentFlag.AlignHCenter)
                x += wide
                continue
            dot = look.px(9)
            place = QRectF(x, middle - look.px(14), look.px(20), look.px(28))
            ring = QRectF(place.center().x() - dot / 2, middle - dot / 2, dot, dot)
            box(painter, ring, dot / 2, look.color("line_strong"))
            self._places.append((place, index))
            x += look.px(20)
