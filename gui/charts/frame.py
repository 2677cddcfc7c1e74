"""The card around a chart: a sentence for a title, the table behind it, copying as picture and as table."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QMenu, QSizePolicy, QWidget

from mitsumori.gui.charts.base import Chart
from mitsumori.gui.charts.choice import ChoiceLine, Describe
from mitsumori.gui.charts.combined import Combined
from mitsumori.gui.charts.enlarged import Enlarged
from mitsumori.gui.charts.output import save_picture
from mitsumori.gui.charts.painting import SEMIBOLD, color, draw_text, line_height, outline, snap, u, wrap
from mitsumori.gui.tables.columns import Table
from mitsumori.gui.tables.files import ask_csv
from mitsumori.gui.tables.view import TableView
from mitsumori.gui.theme.tokens import theme_signals
from mitsumori.gui.widgets.paint import card as paint_card
from mitsumori.gui.widgets.paint import inside_card
from mitsumori.gui.words.translation import Translated

Body = Chart | TableView | Combined
ROOM_FOR_A_TITLE = 240
"""Width below which a title no longer shares its lines with the controls of the card: they stand beside the subtitle."""
translate = QCoreApplication.translate


class Twin(TableView):
    """The table behind a chart: a row is opened with Enter or a double click."""

    pitch = (30, 30)
    opens_on_click = False

    def rows_wanted(self) -> int:
        """It takes the place of the chart, whatever its size."""
        return 1


class _TableButton(QAbstractButton):
    """The small switch between picture and table."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(round(u(26)), round(u(26)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        if self.underMouse() or self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("accent_tint" if self.isChecked() else "hover"))
            painter.drawRoundedRect(box, 5, 5)
        ink = "accent" if self.isChecked() else "text_2" if self.underMouse() else "line_strong"
        size = u(12)
        grid = snap(QRectF(box.center().x() - size / 2, box.center().y() - size / 2, size, size - 1))
        outline(painter, grid, ink, 1, 1.5)
        painter.fillRect(QRectF(grid.left() + 1, grid.top() + round(size / 3), grid.width() - 2, 1), color(ink))
        painter.fillRect(QRectF(grid.left() + 1, grid.top() + round(size * 2 / 3), grid.width() - 2, 1), color(ink))
        painter.fillRect(QRectF(grid.left() + round(size / 2.6), grid.top() + 1, 1, grid.height() - 2), color(ink))
        if self.hasFocus():
            outline(painter, QRectF(self.rect()), "accent", 2, 6)
        painter.end()


class ChartFrame(Translated, QFrame):
    """A card with a finding for a title, a subtitle with quantity and conditions, and one chart."""

    opened = Signal(object)
    """The key of a mark, cell or row that was opened."""
    headed = True
    """Whether title and subtitle are written; without, they are only spoken and the chart has their place."""

    def __init__(self, chart: Body, parent: QWidget | None = None, extra: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart = chart
        self._title = ""
        self._subtitle = ""
        self._waiting = ""
        self._lines: list[str] = []
        self._sub_lines: list[str] = []
        self._arranged: tuple[bool, int, int, float] = (False, 0, 0, 0.0)
        self._twin: Twin | None = None
        self._extra = extra
        chart.setParent(self)
        chart.set_ground("card")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._button = _TableButton(self)
        self._button.toggled.connect(self._show_table)
        if extra is not None:
            extra.setParent(self)
        self._button.setVisible(not isinstance(chart, TableView))
        opening = chart.opened if isinstance(chart, TableView) else chart.activated
        opening.connect(self.opened)
        chart.chosen.connect(self._choose)
        self.describe: Describe | None = None
        self._choice: ChoiceLine | None = None
        self._enlarged: Enlarged | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.retranslate()
        theme_signals().changed.connect(self.retheme)

    # -- contents ---------------------------------------------------------------------------------------------------

    def set_texts(self, title: str, subtitle: str = "") -> None:
        """The finding as a sentence, and what is shown under which conditions."""
        self.set_waiting("")
        if self._choice is not None:
            self._choice.hide()  # it belongs to the data before
        if (title, subtitle) != (self._title, self._subtitle):
            before = self._arranged
            self._title, self._subtitle = title, subtitle
            self.chart.setAccessibleName(f"{title} {subtitle}".strip())
            self.setAccessibleName(title)
            self._break_lines()
            form = self._form()
            if form != before:  # the usual tick says other figures in as many lines: everything stands where it stood
                self._arrange()
            if form[:3] != before[:3]:
                self.updateGeometry()
            self._update_head()
        if self._twin is not None and self._twin.isVisible():
            self._twin.set_table(self.chart.table())

    def set_waiting(self, words: str) -> None:
        """Say ``words`` in the place of a finding that belongs to other inputs; nothing moves. New texts end it."""
        if words != self._waiting:
            self._waiting = words
            if not self._title:
                self.set_texts(words)
                self._waiting = words
            self.chart.setAccessibleName(words or f"{self._title} {self._subtitle}".strip())
            self.setAccessibleName(words or self._title)
            self._update_head()

    def _update_head(self) -> None:
        """Repaint the texts; what stands beside them stays."""
        head = inside_card(self.rect())
        head.setRight(math.ceil(self._pad()[0] + self._text_width()))
        head.setBottom(math.ceil(self._head_height()))
        self.update(head)

    @property
    def title(self) -> str:
        """The finding, or that it is being computed."""
        return self._waiting or self._title

    @property
    def subtitle(self) -> str:
        """Quantity, unit and conditions."""
        return self._subtitle

    def retranslate(self) -> None:
        """Set the texts of the frame's own controls."""
        name = translate("ChartFrame", "Show as table")
        self._button.setToolTip(name)
        self._button.setAccessibleName(name)
        if not self._title:  # a screen reader comes here before the first result
            self.chart.setAccessibleName(translate("ChartFrame", "Chart, being computed"))

    def retheme(self) -> None:
        """Repaint with the other colours and measures."""
        self._arrange()
        self.updateGeometry()
        self.update()

    def event(self, event: QEvent) -> bool:
        """Pass on a chart's new least size; a switch with more or longer words takes its place anew."""
        if event.type() == QEvent.Type.LayoutRequest:
            if self._extra_width() != self._arranged[3]:
                self._arrange()
                self.update()
            self.updateGeometry()
        return super().event(event)

    # -- geometry ---------------------------------------------------------------------------------------------------

    def _pad(self) -> tuple[float, float]:
        return u(16), u(12)

    def _text_width(self) -> float:
        pad, _ = self._pad()
        return max(u(80), self.width() - 2 * pad - u(28) - (0 if self._extra_is_low() else self._extra_width()))

    def _extra_width(self) -> float:
        return 0.0 if self._extra is None or self._extra.isHidden() else self._extra.sizeHint().width() + u(8)

    def _extra_is_low(self) -> bool:
        """Whether the controls of the card stand beside the subtitle, because the title needs the width."""
        extra = self._extra_width()
        return extra > 0.0 and self.width() - 2 * self._pad()[0] - u(28) - extra < u(ROOM_FOR_A_TITLE)

    def _head_lines(self, titles: int, subtitles: int) -> float:
        """Height of title and subtitle."""
        low = line_height(13) * subtitles
        title = titles * line_height(16, SEMIBOLD)
        if self._extra is None or self._extra.isHidden():
            return title + low
        high = float(self._extra.sizeHint().height())
        return title + max(low, high) if self._extra_is_low() else max(title + low, high + u(10) - self._pad()[1])

    def _head_height(self) -> float:
        if not self._lines:
            return self._pad()[1]
        return self._pad()[1] + self._head_lines(len(self._lines), len(self._sub_lines)) + u(6)

    def _break_lines(self) -> None:
        """Title and subtitle in the lines that the width gives."""
        width = self._text_width()
        self._lines = wrap(self._title, 16, SEMIBOLD, width) if self._title and self.headed else []
        below = max(u(80), self.width() - 2 * self._pad()[0] - self._extra_width()) if self._extra_is_low() else width
        self._sub_lines = wrap(self._subtitle, 13, 400, below) if self._subtitle and self.headed else []

    def _form(self) -> tuple[bool, int, int, float]:
        """What the places within the card depend on beside its size: a head, its lines, the size of its controls."""
        return bool(self._title), len(self._lines), len(self._sub_lines), self._extra_width()

    def _arrange(self) -> None:
        self._break_lines()
        self._arranged = self._form()
        pad, top = self._pad()
        low = self._extra_is_low()
        head = self._head_height()
        size = self._button.sizeHint()
        self._button.setGeometry(round(self.width() - u(10) - size.width()), round(u(9)), size.width(), size.height())
        if self._extra is not None:
            hint = self._extra.sizeHint()
            left, height = self._button.x() - u(6) - hint.width(), u(10)
            if low:
                left, height = self.width() - pad - hint.width(), top + len(self._lines) * line_height(16, SEMIBOLD)
            self._extra.setGeometry(round(left), round(height), hint.width(), hint.height())
        beside = 0.0 if self.headed else u(24)  # the table button's corner
        body = QRectF(pad, head, self.width() - 2 * pad - beside, self.height() - head - top)
        if body.height() > 0:
            if self._enlarged is None:
                self.chart.setGeometry(body.toRect())
            if self._choice is not None:
                high = min(self._choice.sizeHint().height(), int(body.height()))
                foot = QRectF(body.left(), body.bottom() - high, body.width(), high)
                self._choice.setGeometry(foot.toRect())
            if self._twin is not None:
                self._twin.setGeometry(body.toRect())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place head and chart."""
        lines = len(self._lines), len(self._sub_lines)
        self._arrange()
        if (len(self._lines), len(self._sub_lines)) != lines:
            self.updateGeometry()
        super().resizeEvent(event)

    def minimumSizeHint(self) -> QSize:
        """The chart's least size and a head of two lines."""
        return self._around(self.chart.minimumSizeHint())

    def sizeHint(self) -> QSize:
        """As the least size, around what the chart likes."""
        return self._around(self.chart.sizeHint())

    def _around(self, inner: QSize) -> QSize:
        """The size of the card with a chart of the size ``inner``."""
        pad, top = self._pad()
        lines = self._head_lines(max(1, len(self._lines)), max(1, len(self._sub_lines)))
        head = top + lines + u(6) if self._title and self.headed else top
        return QSize(inner.width() + round(2 * pad), inner.height() + round(head + top))

    # -- painting ---------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """The card and its head."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_card(painter, QRectF(self.rect()), event.rect())
        painter.end()

    def _paint_card(self, painter: QPainter, rect: QRectF, dirty: QRect | None = None) -> None:
        paint_card(painter, rect, dirty)
        pad, y = self._pad()
        step = line_height(16, SEMIBOLD)
        for line in (self._waiting,) if self._waiting else self._lines:
            draw_text(
                painter, rect.left() + pad, y + step / 2, line, 16, SEMIBOLD, "text_3" if self._waiting else "text"
            )
            y += step
        if self._waiting:
            return
        step = line_height(13)
        for line in self._sub_lines:
            draw_text(painter, rect.left() + pad, y + step / 2 + 1, line, 13, 400, "text_3")
            y += step

    # -- choosing and enlarging -------------------------------------------------------------------------------------

    def _choose(self, key: object, tip: str) -> None:
        """Something was clicked that would change the plan: say what, and offer to apply it."""
        if self._choice is None:
            self._choice = ChoiceLine(self)
            self._choice.applied.connect(self.opened)
            self._arrange()
        words = self.describe(key) if self.describe is not None else ""
        self._choice.offer(key, words or tip.split("\n")[0], tip)

    def choice(self) -> ChoiceLine | None:
        """The line that says what a click would change, once there was one."""
        return self._choice

    def enlarge(self) -> None:
        """Show the chart as large as the window; Escape brings it back."""
        if self._enlarged is None:
            self._enlarged = Enlarged(self.window(), self._title, self._subtitle, self.chart, self._brought_back)

    def enlarged(self) -> Enlarged | None:
        """The large view, while it is open."""
        return self._enlarged

    def _brought_back(self) -> None:
        self._enlarged = None
        self.chart.setParent(self)
        self.chart.show()
        self._arrange()
        self.chart.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- table and copies -------------------------------------------------------------------------------------------

    def _show_table(self, shown: bool) -> None:
        if shown and self._twin is None:
            self._twin = Twin(self)
            self._twin.opened.connect(self.opened)
            self._twin.setGeometry(self.chart.geometry())
        if self._twin is None:
            return
        if shown:
            self._twin.set_table(self.chart.table())
            self._twin.setAccessibleName(self._title)
        self._twin.setVisible(shown)
        self.chart.setVisible(not shown)
        if shown:
            self._twin.setFocus(Qt.FocusReason.OtherFocusReason)

    def table_twin(self) -> TableView:
        """The table behind the chart, shown."""
        self._button.setChecked(True)
        assert self._twin is not None
        return self._twin

    def picture(self, ratio: float = 2.0) -> QImage:
        """The card as an image at ``ratio`` device pixels a pixel."""
        image = QImage(round(self.width() * ratio), round(self.height() * ratio), QImage.Format.Format_ARGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(color("card"))
        painter = QPainter(image)
        self.paint_on(painter)
        painter.end()
        return image

    def paint_on(self, painter: QPainter) -> None:
        """Card and chart for another device, in design pixels."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_card(painter, QRectF(self.rect()))
        box = QRectF(self.chart.geometry())
        painter.save()
        painter.translate(box.topLeft())
        self.chart.render_to(painter, QRectF(0, 0, box.width(), box.height()))
        painter.restore()

    def copy_picture(self) -> None:
        """Put the card on the clipboard as a picture."""
        QGuiApplication.clipboard().setImage(self.picture())

    def copy_table(self) -> None:
        """Put the numbers on the clipboard: raw, with units in the heads, in the order shown."""
        QGuiApplication.clipboard().setText(self._table_shown().tsv(self._order()))

    def save_table(self) -> None:
        """Ask for a file and write the numbers into it."""
        ask_csv(self, self._title, self._table_shown().csv(self._order()))

    def _table_shown(self) -> Table:
        return self.chart.table()

    def _order(self) -> list[int] | None:
        return self.chart.order() if isinstance(self.chart, TableView) else None

    def context_menu(self) -> QMenu:
        """The menu of the right button and the menu key."""
        menu = QMenu(self)
        entries: list[tuple[str, Callable[[], object]]] = [
            (translate("ChartFrame", "Copy picture"), self.copy_picture),
            (translate("ChartFrame", "Copy table"), self.copy_table),
            (translate("ChartFrame", "Save as PNG …"), partial(save_picture, self, "png")),
            (translate("ChartFrame", "Save as SVG …"), partial(save_picture, self, "svg")),
            (translate("ChartFrame", "Save as PDF …"), partial(save_picture, self, "pdf")),
            (translate("ChartFrame", "Save as CSV …"), self.save_table),
        ]
        if not isinstance(self.chart, TableView):
            shown = self._button.isChecked()
            words = translate("ChartFrame", "Show as picture") if shown else translate("ChartFrame", "Show as table")
            entries.append((words, self._button.toggle))
        entries.append((translate("ChartFrame", "Enlarge"), self.enlarge))
        for text, slot in entries:
            action = QAction(text, menu)
            action.triggered.connect(lambda _checked=False, slot=slot: slot())
            menu.addAction(action)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer copies and the table."""
        menu = self.context_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())
