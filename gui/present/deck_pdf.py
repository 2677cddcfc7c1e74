"""The slides of a proposal as a read-only PDF: the same deck as the PowerPoint file, painted page by page."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPageSize, QPainter, QPdfWriter, QPen
from PySide6.QtSvg import QSvgRenderer

from mitsumori.gui.present.paper import height, line, paragraph
from mitsumori.gui.theme.tokens import painted_as, theme
from mitsumori.model.slides.blocks import ChartBlock, Deck, ListBlock, Slide, TableBlock
from mitsumori.model.slides.svg import PX, picture

PAGE = (1280.0, 720.0)
"""A slide in design pixels (96 a inch: 13.333 x 7.5 inches)."""
DPI = 600
SMALL = 15
"""Type of the charts."""
LEFT, RIGHT, TOP, BOTTOM = 58.0, 1222.0, 148.0, 648.0


def pdf_of(deck: Deck) -> bytes:
    """The slides as a PDF; needs a QGuiApplication, on any platform."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QSizeF(PAGE[0] / 96, PAGE[1] / 96), QPageSize.Unit.Inch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setResolution(DPI)
    writer.setTitle(deck.title)
    writer.setCreator("Mitsumori")
    painter = QPainter(writer)
    with painted_as("light"):
        for number, slide in enumerate(deck.slides, 1):
            if number > 1:
                writer.newPage()
            painter.save()
            painter.scale(DPI / 96.0, DPI / 96.0)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            _paint(painter, deck, slide, number)
            painter.restore()
    painter.end()
    buffer.close()
    return bytes(buffer.data().data())


def _paint(painter: QPainter, deck: Deck, slide: Slide, number: int) -> None:
    if slide.key == "cover":
        _cover(painter, deck, slide)
        return
    painter.fillRect(QRectF(0, 45, 15, 48), theme().color("accent"))
    size = next((px for px in (32, 28, 24, 20) if height(slide.title, px, RIGHT - LEFT, 600) < 76), 16)
    paragraph(painter, QRectF(LEFT, 36, RIGHT - LEFT, 76), slide.title, size, 600, "text")
    line(painter, QRectF(LEFT, 112, RIGHT - LEFT, 22), slide.subtitle, 18, 400, "text_3")
    bottom = BOTTOM
    if slide.notice:
        bottom -= 40
        paragraph(painter, QRectF(LEFT, bottom + 8, RIGHT - LEFT, 32), slide.notice, 18, 600, "marginal")
    top = TOP
    if slide.figures:
        width = (RIGHT - LEFT) / len(slide.figures)
        for index, figure in enumerate(slide.figures):
            place = LEFT + index * width
            line(painter, QRectF(place, top, width - 16, 24), figure.label, 17, 400, "text_2")
            line(painter, QRectF(place, top + 28, width - 16, 56), figure.value, 40, 600, "accent")
            paragraph(painter, QRectF(place, top + 90, width - 16, 44), figure.note, 16, 400, "text_3")
        top += 170
    for index, point in enumerate(slide.points):
        top += paragraph(painter, QRectF(LEFT, top, RIGHT - LEFT, 80), f"{index + 1}.  {point}", 24, 400, "text") + 18
    if slide.lists:
        _lists(painter, slide.lists, top, bottom)
    middle = (LEFT + RIGHT) / 2
    places = {"full": (LEFT, RIGHT), "left": (LEFT, middle - 14), "right": (middle + 14, RIGHT)}
    for chart in slide.charts:
        start, end = places[chart.size]
        _chart(painter, chart, QRectF(start, top, end - start, bottom - top))
    for table in slide.tables:
        start, end = places[table.size]
        _table(painter, table, QRectF(start, top, end - start, bottom - top))
    line(painter, QRectF(LEFT, 676, 900, 22), deck.foot, 14, 400, "text_3")
    line(painter, QRectF(RIGHT - 100, 676, 100, 22), str(number), 14, 400, "text_3", Qt.AlignmentFlag.AlignRight)


def _chart(painter: QPainter, block: ChartBlock, rect: QRectF) -> None:
    """The drawing that the page for a browser shows too, its type as high as the small one of the slides."""
    scale, family = SMALL / PX, theme().font(PX).families()[0]
    drawing = picture(block, rect.width() / scale, rect.height() / scale, family)
    QSvgRenderer(drawing.encode()).render(painter, rect)


def _cover(painter: QPainter, deck: Deck, slide: Slide) -> None:
    painter.fillRect(QRectF(0, 0, 38, PAGE[1]), theme().color("accent"))
    size = next((px for px in (46, 38, 30, 24) if height(slide.title, px, 1050, 600) < 150), 18)
    paragraph(painter, QRectF(116, 196, 1050, 160), slide.title, size, 600, "text")
    y = 376.0
    for text in (deck.customer, slide.subtitle, *slide.points, *deck.cover_lines):
        if text:
            y += paragraph(painter, QRectF(116, y, 1050, 80), text, 21, 400, "text_2") + 8


def _lists(painter: QPainter, lists: ListBlock, top: float, bottom: float) -> None:
    width = (RIGHT - LEFT) / len(lists.columns)
    for index, (head, lines) in enumerate(lists.columns):
        place, y = LEFT + index * width, top + 34
        line(painter, QRectF(place, top, width - 24, 26), head, 19, 600, "accent")
        for text in lines:
            needed = height(text, 16, width - 44)
            if y + needed > bottom:
                break
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("text_3"))
            painter.drawEllipse(QRectF(place + 2, y + 8, 4, 4))
            y += paragraph(painter, QRectF(place + 16, y, width - 44, needed), text, 16, 400, "text_2") + 8


def _table(painter: QPainter, table: TableBlock, rect: QRectF) -> None:
    rows, columns = len(table.rows) + 1, len(table.heads)
    step = min(rect.height() / rows, 44.0)
    size = min(18.0, step * 0.55)
    first = rect.width() * (0.5 if columns == 2 else 0.46 if columns == 3 else 1.4 / (columns + 0.4))
    others = (rect.width() - first) / max(1, columns - 1)
    painter.fillRect(QRectF(rect.left(), rect.top(), rect.width(), step), theme().color("accent"))
    for i, row in enumerate((table.heads, *table.rows)):
        y = rect.top() + i * step
        strong = i == 0 or i - 1 in table.strong_rows
        if strong and i:
            painter.fillRect(QRectF(rect.left(), y, rect.width(), step), theme().color("accent_tint"))
        for j, text in enumerate(row):
            left = rect.left() + (0 if j == 0 else first + (j - 1) * others)
            place = QRectF(left + 8, y, (first if j == 0 else others) - 16, step)
            side = Qt.AlignmentFlag.AlignRight if j in table.numbers else Qt.AlignmentFlag.AlignLeft
            line(painter, place, text, size, 600 if strong else 400, "on_accent" if i == 0 else "text", side)
        painter.setPen(QPen(theme().color("line"), 1))
        painter.drawLine(QPointF(rect.left(), y + step), QPointF(rect.right(), y + step))
    if table.framed:
        painter.setPen(QPen(theme().color("text"), 2.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        left = rect.left() + first + (table.framed - 1) * others
        painter.drawRect(QRectF(left, rect.top(), others, step * rows))
