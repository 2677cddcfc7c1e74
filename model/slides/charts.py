"""Native charts of a slide: python-pptx's, with their numbers in an embedded workbook."""

from __future__ import annotations

import math
from typing import Any

from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_AXIS_CROSSES, XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_LINE_DASH_STYLE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Emu, Pt

from mitsumori.model.slides.blocks import ChartBlock
from mitsumori.model.workbook.safe import clean_text

KINDS = {
    "bar": XL_CHART_TYPE.BAR_CLUSTERED, "stacked_bar": XL_CHART_TYPE.BAR_STACKED,
    "stacked_column": XL_CHART_TYPE.COLUMN_STACKED, "column": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "xy": XL_CHART_TYPE.XY_SCATTER_LINES,
}  # fmt: skip
_COLOR: Any = RGBColor
_XY: Any = XyChartData
_CATEGORIES: Any = CategoryChartData
"""python-pptx has types for a part of itself only."""
DASHES = {
    "dash": MSO_LINE_DASH_STYLE.DASH, "sysDot": MSO_LINE_DASH_STYLE.ROUND_DOT, "dashDot": MSO_LINE_DASH_STYLE.DASH_DOT,
    "lgDash": MSO_LINE_DASH_STYLE.LONG_DASH, "sysDash": MSO_LINE_DASH_STYLE.SQUARE_DOT,
    "lgDashDot": MSO_LINE_DASH_STYLE.LONG_DASH_DOT,
}  # fmt: skip


def rgb(color: str) -> Any:
    """A colour from six hexadecimal digits."""
    return _COLOR(*bytes.fromhex(color))


def add(slide: Any, block: ChartBlock, box: tuple[int, int, int, int], scale: float) -> None:
    """Add a chart to a slide between (left, top) and (right, bottom) in EMU.

    Parameters
    ----------
    slide
        Slide of python-pptx.
    block
        What the chart shows.
    box
        Left, top, right and bottom in EMU (914,400 an inch).
    scale
        Size of type against our own template, above 0.
    """
    left, top, right, bottom = box
    frame = slide.shapes.add_chart(
        KINDS[block.kind], Emu(left), Emu(top), Emu(right - left), Emu(bottom - top), _data(block)
    )
    frame.name = clean_text(block.title)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", clean_text(block.alt))
    chart = frame.chart
    for name in ("c:axId", "c:crossAx"):  # python-pptx numbers its axes below zero, which the schema does not have
        for element in chart._chartSpace.iter(qn(name)):
            element.set("val", element.get("val").lstrip("-"))
    chart.font.size = Pt(max(8, round(12 * scale)))
    chart.has_title = False
    chart.has_legend = len(block.series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    _axes(chart, block)
    for series, made in zip(block.series, chart.plots[0].series, strict=True):
        _look(made, series.color, series.dash, block)
    if block.kind != "xy":
        plot = chart.plots[0]
        plot.gap_width = 60
        plot.overlap = 100 if block.kind.startswith("stacked") or len(block.series) > 1 else 0
        if len(block.series) == 1:
            plot.has_data_labels = True
            plot.data_labels.number_format, plot.data_labels.number_format_is_linked = _label_format(block), False
            plot.data_labels.font.size = Pt(max(8, round(11 * scale)))


def _label_format(block: ChartBlock) -> str:
    return '#,##0.0;"▲"#,##0.0' if block.number_format == "#,##0" else block.number_format


def _data(block: ChartBlock) -> Any:
    data: Any
    if block.kind == "xy":
        data = _XY(number_format=block.number_format)
        for series in block.series:
            made = data.add_series(clean_text(series.name))
            for x, y in zip(block.categories, series.values, strict=True):
                if y is not None and isinstance(x, int | float):
                    made.add_data_point(x, y)
        return data
    data = _CATEGORIES(number_format=block.number_format)
    data.categories = [clean_text(str(name)) for name in block.categories]
    for series in block.series:
        data.add_series(clean_text(series.name), series.values)
    return data


def _axes(chart: Any, block: ChartBlock) -> None:
    across, up = chart.category_axis, chart.value_axis
    across.has_major_gridlines = False
    across.format.line.color.rgb = rgb("8791A0")
    across.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    up.has_major_gridlines = True
    up.major_gridlines.format.line.color.rgb = rgb("DADFE5")
    up.format.line.fill.background()
    up.tick_labels.number_format, up.tick_labels.number_format_is_linked = block.number_format, False
    for axis, title in ((across, block.x_title), (up, block.y_title)):
        axis.has_title = bool(title)
        if title:
            axis.axis_title.text_frame.text = clean_text(title)
            axis.axis_title.text_frame.paragraphs[0].runs[0].font.size = Pt(11)
            axis.axis_title.text_frame.paragraphs[0].runs[0].font.bold = False
    if block.kind in ("bar", "stacked_bar"):
        across.reverse_order = True
        _last(up)
    if block.kind == "xy":
        _numeric(across, up, block)


def _numeric(across: Any, up: Any, block: ChartBlock) -> None:
    numbers = [x for x in block.categories if isinstance(x, int | float)]
    across.tick_labels.number_format, across.tick_labels.number_format_is_linked = "General", False
    if block.step_x and numbers:
        across.major_unit, across.minimum_scale, across.maximum_scale = block.step_x, 0, max(numbers)
    if block.log_x and numbers:
        _logarithmic(across)
        across.minimum_scale = 10.0 ** math.floor(math.log10(min(numbers)))
        across.maximum_scale = 10.0 ** math.ceil(math.log10(max(numbers)))
    if block.log:
        _logarithmic(up)
        values = [value for series in block.series for value in series.values if value]
        if values:
            up.minimum_scale = 10.0 ** math.floor(math.log10(min(values)))
            across.crosses = up.crosses = XL_AXIS_CROSSES.MINIMUM


def _last(axis: Any) -> None:
    """The axis of values stands at the last category, which is the lowest one where the order is reversed."""
    axis._element.find(qn("c:crosses")).set("val", "max")


def _logarithmic(axis: Any) -> None:
    scaling = axis._element.find(qn("c:scaling"))
    scaling.insert(0, parse_xml(f'<c:logBase {nsdecls("c")} val="10"/>'))


def _look(made: Any, color: str, dash: str, block: ChartBlock) -> None:
    if block.kind != "xy":
        made.format.fill.solid()
        made.format.fill.fore_color.rgb = rgb(color)
        made.invert_if_negative = False
        return
    made.smooth = False
    made.format.line.color.rgb, made.format.line.width = rgb(color), Pt(2.5)
    if dash in DASHES:
        made.format.line.dash_style = DASHES[dash]
    if block.log_x:
        made.marker.style, made.marker.size = XL_MARKER_STYLE.CIRCLE, 7
        made.marker.format.fill.solid()
        made.marker.format.fill.fore_color.rgb = rgb(color)
    else:
        made.marker.style = XL_MARKER_STYLE.NONE
