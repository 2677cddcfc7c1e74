"""The application's style: Fusion, with our own frames, focus ring, list arrow, switch, scroll bars, menus, heads of tables
and tooltips.

What a control looks like at rest and in its states is drawn here and nowhere else; the controls say which state they are
in. There is no style sheet: with one, Qt puts a second style before this one that is asked about every control.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QProxyStyle,
    QStyle,
    QStyleHintReturn,
    QStyleOption,
    QStyleOptionComboBox,
    QStyleOptionComplex,
    QStyleOptionMenuItem,
    QStyleOptionSlider,
    QWidget,
)

from mitsumori.gui.theme.icons import paint_icon
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.paint import box, left_bar, shortened, text

FieldState = Literal["rest", "overridden", "unknown", "guilty", "chosen"]
FIELD_STATE = "fieldState"
"""Dynamic property of a field: its :data:`FieldState`."""
FIELD_GROUND = "fieldGround"
"""Dynamic property of an opaque field: the colour that it stands on, which shows at its corners."""
RING_RADIUS = "ringRadius"
"""Dynamic property: corner radius of a control, 6 where absent."""
RING_REACH = 3
"""The focus ring reaches this far beyond its control: two pixels, one pixel away."""
_LEAST_HANDLE = 32

_Primitive, _Control, _Complex = QStyle.PrimitiveElement, QStyle.ControlElement, QStyle.ComplexControl
_Metric, _Part, _State, _Hint = QStyle.PixelMetric, QStyle.SubControl, QStyle.StateFlag, QStyle.StyleHint
_ABOVE_WIDGET = _Hint.SH_FocusFrame_AboveWidget
_METRICS = {
    _Metric.PM_FocusFrameHMargin: RING_REACH,
    _Metric.PM_FocusFrameVMargin: RING_REACH,
    _Metric.PM_ScrollBarExtent: 10,
    _Metric.PM_MenuVMargin: 6,
    _Metric.PM_MenuPanelWidth: 1,
    _Metric.PM_HeaderMargin: 8,
    _Metric.PM_ToolTipLabelFrameWidth: 5,
}


def paint_field(painter: QPainter, rect: QRectF, state: str, *, enabled: bool, hover: bool) -> None:
    """The surface of a field in one of its states."""
    look = theme()
    radius = look.px(5)
    fill = look.color("window" if look.is_dark else "card")
    line = look.color("text_3" if hover else "line_strong")
    if state == "chosen" or not enabled:
        box(painter, rect, radius, None, look.color("line"))
    elif state == "overridden":
        box(painter, rect, radius, look.color("marginal_tint"), look.color("marginal"))
        left_bar(painter, rect, radius, look.color("marginal"), 3)
    elif state == "guilty":
        box(painter, rect, radius, look.color("bad_tint"), look.color("bad"))
        left_bar(painter, rect, radius, look.color("bad"), 3)
    elif state == "unknown":
        box(painter, rect, radius, fill, look.color("marginal"), 1, dashed=True)
    else:
        box(painter, rect, radius, fill, line)


class Style(QProxyStyle):
    """Fusion with our own hand for what carries meaning."""

    def __init__(self) -> None:
        super().__init__("Fusion")

    def pixelMetric(
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        """Reach of the focus ring, width of scroll bars, air in menus."""
        own = _METRICS.get(metric)
        return super().pixelMetric(metric, option, widget) if own is None else own

    def styleHint(
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        answer: QStyleHintReturn | None = None,
    ) -> int:
        """The focus ring lies over the pane that scrolls, so that no row cuts it off."""
        return 1 if hint is _ABOVE_WIDGET else super().styleHint(hint, option, widget, answer)

    def drawPrimitive(
        self, element: QStyle.PrimitiveElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        """Frames of fields, the switch, the grounds of menus and tooltips; no dotted focus: the ring shows it."""
        if element == _Primitive.PE_PanelLineEdit and not _is_part(widget):
            _field(painter, QRectF(option.rect), option, widget)
        elif element == _Primitive.PE_IndicatorCheckBox and widget is not None and not widget.inherits("QCheckBox"):
            _switch(painter, option)
        elif element == _Primitive.PE_PanelMenu:
            painter.fillRect(option.rect, theme().color("card"))
        elif element == _Primitive.PE_FrameMenu:
            box(painter, QRectF(option.rect), 0, None, theme().color("line"))
        elif element == _Primitive.PE_PanelTipLabel:
            box(painter, QRectF(option.rect), 0, theme().color("card"), theme().color("line_strong"))
        elif element == _Primitive.PE_PanelItemViewRow and widget is not None and widget.inherits("QTableView"):
            pass  # the cells paint their own ground; Qt's would be the accent, on which their texts are not read
        elif element != _Primitive.PE_FrameFocusRect:
            super().drawPrimitive(element, option, painter, widget)

    def drawControl(
        self, element: QStyle.ControlElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        """The focus ring, the text of a list, the rows of a menu, the heads of a table."""
        if element == _Control.CE_FocusFrame:
            radius = RING_REACH + _radius(widget)
            box(painter, QRectF(option.rect), radius, None, theme().color("accent"), 2)
        elif element == _Control.CE_ComboBoxLabel and isinstance(option, QStyleOptionComboBox):
            _list_text(painter, option, widget)
        elif element == _Control.CE_MenuItem and isinstance(option, QStyleOptionMenuItem):
            if option.menuItemType == QStyleOptionMenuItem.MenuItemType.Separator:
                line = QRect(option.rect.left(), option.rect.center().y(), option.rect.width(), 1)
                painter.fillRect(line, theme().color("line"))
                return
            row = QStyleOptionMenuItem(option)
            row.palette.setColor(QPalette.ColorRole.Highlight, theme().color("accent_tint"))
            row.palette.setColor(QPalette.ColorRole.HighlightedText, theme().color("text"))
            super().drawControl(element, row, painter, widget)
        elif element in (_Control.CE_HeaderSection, _Control.CE_HeaderEmptyArea):
            rect = option.rect
            painter.fillRect(rect, theme().color("card"))
            painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme().color("line_strong"))
        else:
            super().drawControl(element, option, painter, widget)

    def drawComplexControl(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        """The field of a list with its arrow; scroll bars."""
        if control == _Complex.CC_ComboBox:
            _field(painter, QRectF(option.rect), option, widget)
            paint_icon(painter, _arrow(option), "chevron-down", theme().color("text_2"))
        elif control == _Complex.CC_ScrollBar and isinstance(option, QStyleOptionSlider):
            _scroll_bar(painter, option)
        else:
            super().drawComplexControl(control, option, painter, widget)

    def subControlRect(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        part: QStyle.SubControl,
        widget: QWidget | None = None,
    ) -> QRect:
        """A scroll bar has no arrows: a handle in a groove."""
        if control == _Complex.CC_ScrollBar and isinstance(option, QStyleOptionSlider):
            return _scroll_part(option, part)
        return super().subControlRect(control, option, part, widget)  # type: ignore[arg-type]  # Qt takes no widget too


def _is_part(widget: QWidget | None) -> bool:
    """Whether a line edit is the inside of another control, which has the frame."""
    return isinstance(widget and widget.parentWidget(), QAbstractSpinBox | QComboBox)


def _radius(widget: QWidget | None) -> float:
    """The corner radius of the control that a focus frame is around."""
    around = widget.widget() if widget is not None and hasattr(widget, "widget") else widget
    value = None if around is None else around.property(RING_RADIUS)
    return 6.0 if value is None else float(value)


def _field(painter: QPainter, rect: QRectF, option: QStyleOption, widget: QWidget | None) -> None:
    state = (widget.property(FIELD_STATE) if widget is not None else None) or "rest"
    ground = widget.property(FIELD_GROUND) if widget is not None else None
    if ground:
        painter.fillRect(rect, theme().color(ground))
    enabled = bool(option.state & _State.State_Enabled)
    paint_field(painter, rect, state, enabled=enabled, hover=enabled and bool(option.state & _State.State_MouseOver))


def _arrow(option: QStyleOption) -> QRectF:
    side = theme().px(16)
    rect = QRectF(option.rect)
    return QRectF(rect.right() - side - theme().px(8), rect.center().y() - side / 2, side, side)


def _list_text(painter: QPainter, option: QStyleOptionComboBox, widget: QWidget | None) -> None:
    look = theme()
    inner = QRectF(option.rect).adjusted(look.px(10), 0, -look.px(26), 0)
    shown = shortened(option.currentText, 14, inner.width())
    faded = not option.state & _State.State_Enabled or (widget and widget.property(FIELD_STATE) == "chosen")
    text(painter, inner, shown, 14, look.color("text_3" if faded else "text"))


def _switch(painter: QPainter, option: QStyleOption) -> None:
    look, rect = theme(), QRectF(option.rect)
    on = bool(option.state & _State.State_On)
    track = ("accent" if on else "line_strong") if option.state & _State.State_Enabled else "line"
    middle = rect.height() / 2
    box(painter, rect, middle, look.color(track))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.color("on_accent" if on else "card"))
    painter.drawEllipse(QPointF(rect.right() - middle if on else rect.left() + middle, middle), middle - 3, middle - 3)


def _scroll_part(option: QStyleOptionSlider, part: QStyle.SubControl) -> QRect:
    """Where a part of a scroll bar lies: the handle as long as the share that is seen, at least 32 px."""
    whole = option.rect
    upright = option.orientation == Qt.Orientation.Vertical
    room = whole.height() if upright else whole.width()
    span = option.maximum - option.minimum
    length = room if span <= 0 else max(_LEAST_HANDLE, room * option.pageStep // (span + option.pageStep))
    length = min(room, length)
    start = QStyle.sliderPositionFromValue(
        option.minimum, option.maximum, option.sliderPosition, room - length, option.upsideDown
    )
    places = {
        _Part.SC_ScrollBarGroove: (0, room),
        _Part.SC_ScrollBarSlider: (start, length),
        _Part.SC_ScrollBarSubPage: (0, start),
        _Part.SC_ScrollBarAddPage: (start + length, room - start - length),
    }
    first, size = places.get(part, (0, 0))
    if size <= 0:
        return QRect()
    if upright:
        return QRect(whole.left(), whole.top() + first, whole.width(), size)
    return QRect(whole.left() + first, whole.top(), size, whole.height())


def _scroll_bar(painter: QPainter, option: QStyleOptionSlider) -> None:
    if option.maximum <= option.minimum:
        return
    handle = QRectF(_scroll_part(option, _Part.SC_ScrollBarSlider)).adjusted(1, 1, -1, -1)
    held = option.activeSubControls & _Part.SC_ScrollBarSlider
    near = bool(held) and bool(option.state & (_State.State_MouseOver | _State.State_Sunken))
    box(painter, handle, 4, theme().color("line_strong" if near else "line"))
