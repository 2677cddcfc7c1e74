"""Native charts and pictures for the openpyxl back end.

Parts that are the same in every chart (lines, text looks) are made once and shared: openpyxl only reads them.
"""

from __future__ import annotations

import functools
import io
import math
import re
from typing import Any
from xml.sax.saxutils import escape, unescape

from openpyxl.chart import BarChart, ScatterChart
from openpyxl.chart import Series as ChartSeries
from openpyxl.chart.data_source import AxDataSource, NumDataSource, NumRef, StrRef
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.image import Image as Picture
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
    RichTextProperties,
)
from openpyxl.worksheet.worksheet import Worksheet

from mitsumori.model.workbook.description import Cell, Chart, Image, Series, Workbook, block, column_letter
from mitsumori.model.workbook.styles import INK, RULE

_REFERENCE = re.compile(r"(?<=<)(num|str)Ref><f>(.*?)</f>", re.DOTALL)


def build(chart: Chart, workbook: Workbook, font: str) -> Any:
    """The openpyxl chart of a description.

    Parameters
    ----------
    chart
        Description of the chart.
    workbook
        Description that the part belongs to.
    font
        Typeface of its texts.
    """
    made: Any
    if chart.kind == "xy":
        made = ScatterChart()
        made.style, made.scatterStyle = 13, "lineMarker"
    else:
        made = BarChart()
        made.type = "bar" if chart.kind in ("bar", "stacked_bar") else "col"
        made.gapWidth = 60
        if chart.kind == "bar" and len(chart.series) > 1:
            made.overlap = 100  # both ends of a factor on one line
        if chart.kind.startswith("stacked"):
            made.grouping, made.overlap = "stacked", 100
    made.title = _title(chart.title, font, 1200, bold=True)
    made.legend.position = "b"
    made.legend.txPr = _text(font, 1100)
    made.x_axis.delete = made.y_axis.delete = False
    made.x_axis.txPr = made.y_axis.txPr = _text(font, 1100)
    made.x_axis.majorTickMark = made.y_axis.majorTickMark = "none"
    made.y_axis.number_format = chart.number_format
    made.y_axis.majorGridlines.spPr = _outline("E9ECF0", 6350)
    made.y_axis.graphicalProperties = _outline()
    made.x_axis.graphicalProperties = _outline(RULE, 9525)
    if chart.kind in ("bar", "stacked_bar"):
        made.x_axis.scaling.orientation = "maxMin"
        made.y_axis.crosses = "max"
    if chart.x_title:
        made.x_axis.title = _title(chart.x_title, font, 1100)
    if chart.y_title:
        made.y_axis.title = _title(chart.y_title, font, 1100)
    if chart.log:
        made.y_axis.scaling.logBase = 10
    if chart.kind == "xy":
        # a numeric axis: label distances of a category axis are not kept by every program
        made.x_axis.number_format = "General"
        made.x_axis.majorGridlines = None
        if chart.log_x:
            made.x_axis.scaling.logBase = 10
            counts = [cell.number or 1.0 for cell in chart.categories]
            made.x_axis.scaling.min, made.x_axis.scaling.max = _decade(min(counts), -1), _decade(max(counts), 1)
            made.x_axis.crosses = made.y_axis.crosses = "min"
        if chart.step_x:
            made.x_axis.majorUnit = chart.step_x
            made.x_axis.scaling.min = 0
            if chart.top_x:
                made.x_axis.scaling.max = chart.top_x
    made.x_axis.tickLblPos = "low"
    made.graphical_properties = _outline(RULE, 6350)
    for series in chart.series:
        made.series.append(_series(chart, series, workbook))
    row, column, last_row, last_column = chart.anchor
    # both corners sit on cells: a size in centimetres would depend on the standard font of the reader's machine
    made.anchor = TwoCellAnchor(
        editAs="oneCell",
        _from=AnchorMarker(col=column - 1, row=row - 1),
        to=AnchorMarker(col=last_column, row=last_row),
    )
    return made


def _decade(value: float, direction: int) -> float:
    """The power of ten below (-1) or above (1) a positive value."""
    power = math.floor(math.log10(value)) if direction < 0 else math.ceil(math.log10(value))
    return float(10.0**power)


def _series(chart: Chart, series: Series, workbook: Workbook) -> Any:
    reference = workbook.resolve(block(series.cells), "")
    values = NumDataSource(numRef=NumRef(f=reference))
    if chart.kind == "xy":
        across = workbook.resolve(block(chart.categories), "")
        made: Any = ChartSeries(values=reference, xvalues=across)
        made.xVal, made.yVal = AxDataSource(numRef=NumRef(f=across)), values
    else:
        made = ChartSeries(values=reference)
        made.val, made.cat = values, _categories(chart, workbook)
    if isinstance(series.label, Cell):
        made.tx = SeriesLabel(strRef=StrRef(f=workbook.resolve(series.label.ref, "")))
    else:
        made.tx = SeriesLabel(v=series.label)
    if chart.kind == "xy":
        made.graphicalProperties = _outline(series.color, 25400, series.dash)
        made.marker = Marker("circle", 5) if chart.log_x else Marker("none")
        if chart.log_x:
            made.marker.graphicalProperties = GraphicalProperties(solidFill=series.color)
        made.smooth = False
    else:
        made.graphicalProperties = GraphicalProperties(solidFill=series.color,
                                                       ln=LineProperties(solidFill="FFFFFF", w=6350))  # fmt: skip
        made.invertIfNegative = False
    return made


def _categories(chart: Chart, workbook: Workbook) -> Any:
    reference = workbook.resolve(block(chart.categories), "")
    if all(cell.number is not None for cell in chart.categories):
        return AxDataSource(numRef=NumRef(f=reference))
    return AxDataSource(strRef=StrRef(f=reference))


def with_caches(xml: str, chart: Chart, workbook: Workbook) -> str:
    """The part of a chart with the values of every block it refers to, so that it shows in a preview.

    Parameters
    ----------
    xml
        Part of the package as openpyxl writes it.
    chart
        Description of the chart.
    workbook
        Description that the part belongs to.

    Raises
    ------
    ValueError
        When the part refers to anything else.
    """
    blocks = {}
    for cells in (chart.categories, *(series.cells for series in chart.series)):
        blocks[workbook.resolve(block(cells), "")] = cells
    for series in chart.series:
        if isinstance(series.label, Cell):
            blocks[workbook.resolve(series.label.ref, "")] = (series.label,)

    def cache(match: re.Match[str]) -> str:
        kind, cells = match[1], blocks.get(unescape(match[2]))
        if cells is None:
            raise ValueError(f"a chart refers to {match[2]!r}, which its description does not")
        if kind == "num":
            points = [(i, f"{cell.number:.16g}") for i, cell in enumerate(cells) if cell.number is not None]
            code = "<formatCode>General</formatCode>"
        else:
            points = [(i, "" if cell.value is None else escape(str(cell.value))) for i, cell in enumerate(cells)]
            code = ""
        listed = "".join(f'<pt idx="{index}"><v>{value}</v></pt>' for index, value in points)
        return f'{match[0]}<{kind}Cache>{code}<ptCount val="{len(cells)}" />{listed}</{kind}Cache>'

    return _REFERENCE.sub(cache, xml)


@functools.cache
def _outline(color: str | None = None, width: int | None = None, dash: Any = None) -> GraphicalProperties:
    """A line of a colour and a width in EMU (9,525 a pixel); without a colour none."""
    if color is None:
        return GraphicalProperties(ln=LineProperties(noFill=True))
    return GraphicalProperties(ln=LineProperties(solidFill=color, prstDash=dash, w=width))


@functools.cache
def _properties(font: str, size: int, bold: bool = False) -> CharacterProperties:
    return CharacterProperties(sz=size, b=bold, solidFill=INK, latin=Font(typeface=font), ea=Font(typeface=font))


@functools.cache
def _text(font: str, size: int) -> RichText:
    return RichText(
        bodyPr=RichTextProperties(),
        p=[Paragraph(pPr=ParagraphProperties(defRPr=_properties(font, size)), endParaRPr=CharacterProperties())],
    )


def _title(text: str, font: str, size: int, bold: bool = False) -> Title:
    run = RegularTextRun(rPr=_properties(font, size, bold), t=text)
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=_properties(font, size, bold)), r=[run])
    title = Title(overlay=False)
    title.tx = Text(rich=RichText(bodyPr=RichTextProperties(), p=[paragraph]))
    return title


class _Png(Picture):
    """A picture whose size is known already: openpyxl's own class needs Pillow to find it."""

    def __init__(self, image: Image) -> None:
        self.content = image.data
        self.ref: object = io.BytesIO(image.data)
        self.width, self.height = image.width, image.height
        self.format = "png"

    def _data(self) -> bytes:
        return self.content


def add_image(ws: Worksheet, image: Image) -> None:
    """Put a PNG picture at its cell."""
    picture = _Png(image)
    ws.add_image(picture, f"{column_letter(image.column)}{image.row}")
