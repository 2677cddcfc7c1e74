"""The rack elevation: front view with U numbers, servers with bays and fans, kVA and heat bars against their limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap, QPixmapCache

from mitsumori.gui.charts.base import Chart, Mark
from mitsumori.gui.charts.numbers import UNKNOWN, count, limit, number
from mitsumori.gui.charts.painting import (
    CENTER,
    NORMAL,
    RIGHT,
    SCREEN,
    SEMIBOLD,
    bar,
    color,
    draw_text,
    line_height,
    snap,
    text_width,
    u,
    vline,
)
from mitsumori.gui.tables.columns import Cell, Column, Table
from mitsumori.gui.theme.tokens import theme

if TYPE_CHECKING:
    from mitsumori.model.facility.elevation import DrawnRack, RackDevice

translate = QCoreApplication.translate

_FILL = {
    "server": "rack_server",
    "switch": "rack_switch",
    "storage": "rack_storage",
    "management": "rack_server_detail",
    "cooling": "heat_liquid",
    "blank": "rack_blank",
}


def kind_name(kind: str) -> str:
    """What a device is, in the language of the window."""
    return {
        "server": translate("Racks", "Server"),
        "switch": translate("Racks", "Switch"),
        "storage": translate("Racks", "Storage"),
        "management": translate("Racks", "Management"),
        "cooling": translate("Racks", "Coolant distribution"),
        "blank": translate("Racks", "Blank"),
    }[kind]


def _inside(rect: QRectF) -> QRectF:
    """The place of the devices within a rack's frame."""
    edge = max(2.0, min(u(4), rect.width() * 0.06))
    return rect.adjusted(edge, edge, -edge, -edge)


def _device_box(inner: QRectF, unit: float, device: RackDevice) -> QRectF:
    gap = 1.0 if unit >= 5 else 0.4
    top = inner.bottom() - (device.unit + device.height_u - 1) * unit
    return QRectF(inner.left() + 2, top + gap / 2, inner.width() - 4, device.height_u * unit - gap)


def show_rack(painter: QPainter, rect: QRectF, rack: DrawnRack, chart: Chart) -> float:
    """Draw a rack of a chart; its devices answer the pointer. Returns the height of a unit."""
    inner = _inside(rect)
    unit: float = inner.height() / max(1, rack.units)
    paint_rack(painter, rect, rack)

    def devices() -> list[Mark]:
        found = []
        for device in rack.devices:
            last = device.unit + device.height_u - 1
            place = (
                translate("Racks", "U{first}")
                if last == device.unit
                else translate("Racks", "U{first} to U{last}, {height}U")
            ).format(first=device.unit, last=last, height=device.height_u)
            words = f"{device.name}\n{kind_name(device.kind)} · {place}"
            found.append(Mark(_device_box(inner, unit, device), words))
        return found

    chart.marks_when_asked(devices)
    return float(unit)


def paint_rack(painter: QPainter, rect: QRectF, rack: DrawnRack) -> None:
    """Draw one rack into ``rect``; ``rack`` is a :class:`model.facility.elevation.DrawnRack`."""
    _from_picture(painter, f"rack-{rack.units}", rect, partial(_paint_empty, units=rack.units))
    inner = _inside(rect)
    unit = inner.height() / max(1, rack.units)
    for device in rack.devices:
        box = _device_box(inner, unit, device)
        if device.kind == "server":
            _from_picture(painter, "server-front", box, _paint_server)
        else:
            ink = _FILL.get(device.kind, "rack_server_detail")
            _from_picture(painter, ink, box, partial(bar, fill=ink, radius=1.5))


def _from_picture(painter: QPainter, name: str, box: QRectF, paint: Callable[[QPainter, QRectF], None]) -> None:
    """Paint from a picture of that size in a window, whose racks are many and alike; anew on paper and magnified."""
    device = painter.device()
    if not isinstance(device, SCREEN) or painter.worldTransform().isScaling():
        paint(painter, box)
        return
    ratio = device.devicePixelRatioF()
    size = QRectF(0, 0, round(box.width()), round(box.height()))
    key = f"{name}/{size.width()}x{size.height()}@{ratio}/{theme().name}/{theme().scale}"
    pixmap = QPixmap()
    if not QPixmapCache.find(key, pixmap):
        pixmap = QPixmap(round(size.width() * ratio), round(size.height() * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        inner = QPainter(pixmap)
        inner.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint(inner, size)
        inner.end()
        QPixmapCache.insert(key, pixmap)
    painter.drawPixmap(QPointF(round(box.left()), round(box.top())), pixmap)


def _paint_empty(painter: QPainter, rect: QRectF, units: int) -> None:
    """A rack without devices: frame and blanking panels."""
    bar(painter, rect, "rack_server_detail", u(3))
    inner = _inside(rect)
    painter.fillRect(inner, color("rack_frame"))
    unit = inner.height() / max(1, units)
    gap = 1.0 if unit >= 5 else 0.4
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color("rack_blank"))
    bottoms = (inner.bottom() - position * unit + gap / 2 for position in range(1, units + 1))
    painter.drawRects([QRectF(inner.left() + 2, top, inner.width() - 4, unit - gap) for top in bottoms])


def _paint_server(painter: QPainter, box: QRectF) -> None:
    """A server's front: drive bays above, fans below, a light; less detail when small."""
    bar(painter, box, "rack_server", 1.5)
    detail = color("rack_server_detail")
    if box.height() < 7 or box.width() < 26:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(detail)
    if box.height() < 24:
        middle = box.height() / 2
        painter.drawRect(QRectF(box.left() + 4, box.top() + middle * 0.45, box.width() - 8, max(1.5, middle * 0.35)))
        painter.drawRect(QRectF(box.left() + 4, box.top() + middle * 1.15, box.width() - 8, max(1.5, middle * 0.5)))
        return
    bays = 8 if box.width() > 60 else 5
    left, right = box.left() + 5, box.right() - 9
    pitch = (right - left) / bays
    bay_h = min(box.height() * 0.24, u(9))
    for index in range(bays):
        painter.drawRoundedRect(QRectF(left + pitch * index, box.top() + 4, pitch - 2.5, bay_h), 1, 1)
    painter.setBrush(color("ok"))
    painter.drawEllipse(QPointF(box.right() - 5, box.top() + 4 + bay_h / 2), 1.7, 1.7)
    fans = 5 if box.width() > 60 else 3
    top = box.top() + bay_h + 9
    height = box.bottom() - 5 - top
    if height < 7:
        return
    pitch = (box.width() - 10) / fans
    size = min(pitch - 4, height)
    for index in range(fans):
        centre = QPointF(box.left() + 5 + pitch * (index + 0.5), top + height / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        faint = color("rack_server_detail", 0.45)
        painter.setBrush(faint)
        painter.drawRoundedRect(QRectF(centre.x() - size / 2, centre.y() - height / 2, size, height), 2, 2)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(detail, 1.2))
        radius = min(size, height) * 0.36
        painter.drawEllipse(centre, radius, radius)
        painter.setBrush(detail)
        painter.drawEllipse(centre, 1.2, 1.2)


def shown_racks(layout: Sequence[DrawnRack], room: int) -> list[DrawnRack]:
    """The racks to draw in a row with room for some: the compute sorts first, then support, counts kept."""
    racks = list(layout)
    if len(racks) <= room:
        return racks
    merged: dict[tuple[object, ...], list[DrawnRack]] = {}
    for rack in racks:
        devices = tuple((device.kind, device.unit, device.height_u) for device in rack.devices)
        merged.setdefault((rack.kind, devices), []).append(rack)
    return [replace(same[0], count=sum(rack.count for rack in same)) for same in merged.values()][:room]


class RackElevation(Chart):
    """Racks side by side with U numbers; under each, kVA, air and liquid against their limits."""

    least = (370, 420)

    def __init__(self) -> None:
        super().__init__()
        self._racks: tuple[DrawnRack, ...] = ()
        self._server = ""
        self._empty = ""

    def set_data(self, racks: Sequence[DrawnRack], server: str, empty: str = "") -> None:
        """Racks as :class:`model.facility.elevation.DrawnRack`; ``server`` names what stands in them."""
        self._racks, self._server, self._empty = tuple(racks), server, empty
        self.shown(racks, server, empty)

    def table(self) -> Table:
        """One row a rack."""
        columns = (
            Column(translate("Racks", "Rack")),
            Column(translate("Racks", "Count"), number=True),
            Column(translate("Racks", "Servers"), number=True),
            Column(translate("Racks", "Load"), "kVA", number=True),
            Column(translate("Racks", "Load limit"), "kVA", number=True),
            Column(translate("Racks", "Air"), "kW", number=True),
            Column(translate("Racks", "Air limit"), "kW", number=True),
            Column(translate("Racks", "Liquid"), "kW", number=True),
            Column(translate("Racks", "Liquid limit"), "kW", number=True),
        )
        rows = []
        for rack in self._racks:
            servers = sum(device.kind == "server" for device in rack.devices)
            loads = (rack.kva, rack.kva_limit, rack.air_kw, rack.air_limit_kw, rack.liquid_kw, rack.liquid_limit_kw)
            counts = (Cell(str(value), float(value)) for value in (rack.count, servers))
            rows.append((Cell(rack.name), *counts, *(Cell(number(value), value) for value in loads)))
        return Table(columns, tuple(rows))

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Legend, names, racks, gauges."""
        if not self._racks:
            draw_text(painter, rect.center().x(), rect.center().y(), self._empty, 14, NORMAL, "text_3", CENTER)
            return
        top = rect.top() + self._legend(painter, rect) + u(4)
        gauge_rows = (
            (translate("Racks", "kVA"), "accent", "kva", "kva_limit"),
            (translate("Racks", "Air"), "heat_air", "air_kw", "air_limit_kw"),
            (translate("Racks", "Liquid"), "heat_liquid", "liquid_kw", "liquid_limit_kw"),
        )
        gutter = max(text_width("42", 12), *(text_width(row[0], 13) for row in gauge_rows)) + u(12)
        racks = shown_racks(self._racks, max(2, int((rect.width() - gutter) // u(66))))
        pitch = (rect.width() - gutter) / len(racks)
        width = min(pitch - u(16), u(118))
        pitch = min(pitch, width + u(26))
        gauge_h = u(42)
        head = u(24)
        body_top = top + head
        body_bottom = rect.bottom() - gauge_h * len(gauge_rows) - u(8)
        height = max(u(80), body_bottom - body_top)
        unit = 0.0
        for index, rack in enumerate(racks):
            x = rect.left() + gutter + pitch * index + (pitch - width) / 2
            name = rack.name
            if rack.count > 1:
                name = translate("Racks", "{name} × {count}").format(name=rack.name, count=count(rack.count))
            draw_text(painter, x + width / 2, top + head / 2, name, 14, SEMIBOLD, "text", CENTER)
            box = snap(QRectF(x, body_top, width, height))
            unit = show_rack(painter, box, rack, self)
            for row, (label, ink, value_name, limit_name) in enumerate(gauge_rows):
                y = body_bottom + u(10) + gauge_h * row
                value, most = getattr(rack, value_name), getattr(rack, limit_name)
                self._gauge(painter, QRectF(x, y, width, gauge_h), label, ink, value, most)
                if index == 0:
                    draw_text(painter, rect.left(), y + gauge_h * 0.62, label, 13, NORMAL, "text_2")
        units = racks[0].units
        ticks = [1, *range(10, units - 2, 10), units]
        if unit:
            edge = max(2.0, min(u(4), width * 0.06))
            for tick in ticks:
                y = body_top + height - edge - (tick - 0.5) * unit
                draw_text(painter, rect.left() + gutter - u(8), y, str(tick), 12, NORMAL, "text_3", RIGHT)
        draw_text(painter, rect.left() + gutter - u(8), top + head / 2, "U", 12, NORMAL, "text_3", RIGHT)

    def _legend(self, painter: QPainter, rect: QRectF) -> float:
        present = {device.kind for rack in self._racks for device in rack.devices}
        kinds = [kind for kind in ("server", "switch", "storage", "management", "cooling") if kind in present]
        entries = [(self._server if kind == "server" else kind_name(kind), _FILL[kind]) for kind in kinds]
        entries.append((kind_name("blank"), "rack_frame"))
        x, y = rect.left(), rect.top() + u(9)
        for text, ink in entries:
            need = u(17) + text_width(text, 13)
            if x > rect.left() and x + need > rect.right():
                x = rect.left()
                y += u(20)
            box = QRectF(x, y - u(5), u(11), u(11))
            bar(painter, box, ink, 2)
            x = draw_text(painter, x + u(17), y, text, 13, NORMAL, "text_2").right() + u(16)
        return y + u(9) - rect.top()

    def _gauge(
        self, painter: QPainter, rect: QRectF, label: str, ink: str, value: float | None, most: float | None
    ) -> None:
        text = UNKNOWN
        if value is not None and (value > 0 or most):
            text = f"{number(value)} / {limit(most)}" if most else number(value)
        idle = not value and not most
        weight, tone = (NORMAL, "text_3") if idle else (SEMIBOLD, "text")
        over = bool(value and most and value > most * (1 + 1e-9))
        px = 14 if text_width(text, 14, weight) <= rect.width() else 12
        if px == 12 and text_width(text, 12, weight) > rect.width() and value is not None:
            text = number(value)
        middle = rect.center().x()
        draw_text(painter, middle, rect.top() + line_height(px) / 2, text, px, weight, "bad" if over else tone, CENTER)
        track = QRectF(rect.left(), rect.top() + line_height(14) + u(3), rect.width(), u(8))
        bar(painter, track, "sunken", u(4))
        if value:
            share = min(1.0, value / (max(most, value) * 1.0)) if most else 0.0
            if most:
                line = track.width() * 0.94
                filled = QRectF(track.left(), track.top(), line * min(share, 1.0), track.height())
                bar(painter, filled, "bad" if over else ink, u(4))
                vline(painter, track.left() + line, track.top() - u(4), track.bottom() + u(4), "text", 2)
            else:
                bar(painter, QRectF(track.left(), track.top(), track.width() * 0.5, track.height()), ink, u(4))
        tip = translate("Racks", "{what}: {value}").format(what=label, value=text)
        if value is not None and most:
            tip += "\n" + translate("Racks", "{spare} left to the limit").format(spare=number(max(0.0, most - value)))
        self.mark(rect, tip)


class RackRow(Chart):
    """Small racks in a row with kVA below: the overview's picture."""

    least = (220, 150)

    def __init__(self) -> None:
        super().__init__()
        self._racks: tuple[DrawnRack, ...] = ()
        self._empty = ""
        self.unit = False
        """Whether the unit stands below the figures, where no subtitle says it."""

    def set_data(self, racks: Sequence[DrawnRack], empty: str = "") -> None:
        """Racks as :class:`model.facility.elevation.DrawnRack`."""
        self._racks, self._empty = tuple(racks), empty
        self.shown(racks, empty)

    def table(self) -> Table:
        """Rack and kVA."""
        columns = (
            Column(translate("Racks", "Rack")),
            Column(translate("Racks", "Count"), number=True),
            Column(translate("Racks", "Load"), "kVA", number=True),
        )
        rows = tuple(
            (Cell(rack.name), Cell(str(rack.count), float(rack.count)), Cell(number(rack.kva), rack.kva))
            for rack in self._racks
        )
        return Table(columns, rows)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Racks as tall as fits."""
        if not self._racks:
            draw_text(painter, rect.center().x(), rect.center().y(), self._empty, 14, NORMAL, "text_3", CENTER)
            return
        racks = shown_racks(self._racks, max(2, int(rect.width() // u(38))))
        foot = u(26)
        counted = any(rack.count > 1 for rack in racks)
        foot += u(18) if counted else 0
        foot += u(18) if self.unit else 0
        height = rect.height() - foot
        pitch = min(rect.width() / len(racks), u(74), max(u(38), height * 0.42))
        width = pitch - u(6)
        for index, rack in enumerate(racks):
            x = rect.left() + pitch * index
            show_rack(painter, snap(QRectF(x, rect.top(), width, height)), rack, self)
            y = rect.top() + height + u(14)
            draw_text(painter, x + width / 2, y, number(rack.kva), 14, SEMIBOLD, "text", CENTER)
            if rack.count > 1:
                draw_text(painter, x + width / 2, y + u(18), f"× {count(rack.count)}", 13, NORMAL, "text_2", CENTER)
        if self.unit:
            draw_text(
                painter, rect.left(), rect.bottom() - u(8), translate("Racks", "kVA per rack"), 13, NORMAL, "text_3"
            )
