"""Replicas on the accelerators of the servers: a tile a GPU, at work, spare or free."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.base import Chart
from mitsumori.gui.charts.painting import CENTER, NORMAL, SEMIBOLD, color, draw_text, line_height, text_width, u
from mitsumori.gui.tables.columns import Cell, Column, Table
from mitsumori.gui.widgets.paint import box

translate = QCoreApplication.translate
LARGE, SMALL = (34.0, 18.0), (7.6, 12.0)
MOST_NAMED = 16


@dataclass(frozen=True)
class ReplicaData:
    """Servers of so many GPUs; replicas of so many GPUs, the last ``spare`` of them beyond the load's need; ``prefill``
    workers of the same size that only read prompts."""

    servers: int
    per_server: int
    replicas: int
    gpus_per_replica: int
    spare: int
    prefill: int = 0

    def owner(self, gpu: int) -> int | None:
        """The replica (prefill workers after the replicas) of a GPU, counted from 0; None where it is free."""
        at = gpu // max(1, self.gpus_per_replica)
        return at if at < self.replicas + self.prefill else None

    def state(self, owner: int | None) -> str:
        """``work``, ``spare``, ``prefill`` or ``free``."""
        if owner is None:
            return "free"
        if owner >= self.replicas:
            return "prefill"
        return "spare" if owner >= self.replicas - self.spare else "work"


class ReplicaTiles(Chart):
    """Servers as rows of tiles; what stands for what is said below."""

    least = (260, 108)

    def __init__(self) -> None:
        super().__init__()
        self._data: ReplicaData | None = None

    def set_data(self, data: ReplicaData | None) -> None:
        """Show other servers."""
        self._data = data
        self.shown(data)

    def table(self) -> Table:
        """A row a replica: server and GPUs."""
        columns = (
            Column(translate("Serving", "Replica"), number=True), Column(translate("Serving", "State")),
            Column(translate("Serving", "First GPU"), number=True), Column(translate("Serving", "GPUs"), number=True),
        )  # fmt: skip
        data = self._data
        if data is None:
            return Table(columns)
        names, each = _names(), data.gpus_per_replica
        return Table(columns, tuple(
            (Cell(str(at + 1), float(at + 1)), Cell(names[data.state(at)]), Cell(str(at * each), float(at * each)),
             Cell(str(each), float(each)))
            for at in range(data.replicas + data.prefill)
        ))  # fmt: skip

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Tiles, a server after the other, and the legend."""
        data = self._data
        if data is None:
            return
        gpus = data.servers * data.per_server
        named = gpus <= MOST_NAMED
        wide, high = (u(side) for side in (LARGE if named else SMALL))
        gap, between, foot = u(4 if named else 2), u(10), u(26)
        if named and data.per_server * (wide + gap) > rect.width():
            wide = max(u(20), (rect.width() + gap) / data.per_server - gap)
        across = max(1, int((rect.width() + between) // (data.per_server * (wide + gap) - gap + between)))
        if across == 1:  # a rack's worth of GPUs: as many in a row as fit
            across, inner = 1, max(1, int((rect.width() + gap) // (wide + gap)))
        else:
            inner = data.per_server
        lines = -(-data.per_server // inner)
        room = rect.height() - foot
        left_out, bottom = 0, rect.top()
        for server in range(data.servers):
            row, column = divmod(server, across)
            top = rect.top() + row * (lines * (high + gap) + u(6))
            if top + lines * (high + gap) - gap > rect.top() + room:
                left_out = data.servers - server
                break
            bottom = top + lines * (high + gap) - gap
            left = rect.left() + column * (data.per_server * (wide + gap) - gap + between)
            for at in range(data.per_server):
                tile = QRectF(left + (at % inner) * (wide + gap), top + (at // inner) * (high + gap), wide, high)
                self._tile(painter, tile, data, server * data.per_server + at, named)
        if left_out:
            more = QCoreApplication.translate("Serving", "and %n more server(s)", None, left_out)
            y = min(rect.bottom(), bottom + foot) - line_height(12) / 2
            draw_text(painter, rect.right() - text_width(more, 12), y, more, 12, NORMAL, "text_3")
        self._legend(painter, rect.left(), min(rect.bottom(), bottom + foot) - line_height(12) / 2, data)

    def _tile(self, painter: QPainter, tile: QRectF, data: ReplicaData, gpu: int, named: bool) -> None:
        owner = data.owner(gpu)
        state = data.state(owner)
        fill, edge = _LOOKS[state]
        box(painter, tile, u(3 if named else 1), color(fill), color(edge) if edge else None)
        if named:
            ink = "on_accent" if state == "work" else "text"
            draw_text(
                painter, tile.center().x(), tile.center().y(), f"G{gpu % data.per_server}", 12, SEMIBOLD, ink, CENTER
            )
        words = _names()[state]
        tip = (
            words
            if owner is None
            else translate("Serving", "Replica {replica}: {state}").format(replica=owner + 1, state=words)
        )
        self.mark(tile, tip)

    @staticmethod
    def _legend(painter: QPainter, x: float, y: float, data: ReplicaData) -> None:
        names = _names()
        gpus = data.servers * data.per_server
        used = data.gpus_per_replica * (data.replicas + data.prefill)
        shown = [("work", True), ("spare", data.spare > 0), ("prefill", data.prefill > 0), ("free", used < gpus)]
        for state, wanted in shown:
            if not wanted:
                continue
            fill, edge = _LOOKS[state]
            box(painter, QRectF(x, y - u(5), u(10), u(10)), u(2), color(fill), color(edge) if edge else None)
            draw_text(painter, x + u(15), y, names[state], 12, NORMAL, "text_2")
            x += u(15) + text_width(names[state], 12) + u(14)


_LOOKS = {
    "work": ("accent", ""), "spare": ("accent_tint", "accent"), "prefill": ("mem_gradients", "line_strong"),
    "free": ("sunken", "line_strong"),
}  # fmt: skip


def _names() -> dict[str, str]:
    return {
        "work": translate("Serving", "at work"), "spare": translate("Serving", "spare"),
        "prefill": translate("Serving", "prompts only"), "free": translate("Serving", "free"),
    }  # fmt: skip
