"""Charts with data for the tests of charts, and what their painting left in a picture."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from mitsumori.gui.charts.base import Chart
from mitsumori.gui.charts.cost_curve import CostCurveData, CostLine, Crossing, CumulativeCost
from mitsumori.gui.charts.days_curve import DaysCurve, DaysData
from mitsumori.gui.charts.memory_stack import PARTS, Stack
from mitsumori.gui.theme.tokens import theme

GPUS = np.array([16.0, 32, 64, 128, 256, 512, 1024])


DAYS = np.array([math.nan, 45.5, 22.3, 12.0, 6.5, 3.7, 2.25])


MONTHS = np.arange(61.0)


CLOUD, OWNED = 35e6 * MONTHS, 474e6 + 6.6e6 * MONTHS


def stack(gigabytes: tuple[float, ...] = (17.6, 17.6, 13.2, 8.4, 3.4, 2.2), **words: Any) -> Stack:
    return Stack(dict(zip(PARTS, gigabytes, strict=True)), **words)


def days_curve(current: float = 64.0) -> DaysCurve:
    chart = DaysCurve()
    chart.set_data(DaysData(GPUS, DAYS, DAYS * 0.9, DAYS * 1.1, current, None))
    return chart


def cumulative() -> CumulativeCost:
    chart = CumulativeCost()
    lines = (CostLine("Cloud", CLOUD, "cloud"), CostLine("On-premises", OWNED, "onprem"))
    month = 474e6 / (35e6 - 6.6e6)
    chart.set_data(CostCurveData(lines, (Crossing(month, 35e6 * month, "Break-even, month 17"),), "JPY", (0, 1)))
    return chart


def paint(chart: Chart, width: int, height: int) -> QImage:
    """The chart painted into a picture, as copying does."""
    image = QImage(width, height, QImage.Format.Format_ARGB32)
    image.fill(theme().color("card"))
    painter = QPainter(image)
    chart.render_to(painter, QRectF(0, 0, width, height))
    painter.end()
    return image


def colours(image: QImage) -> int:
    step = max(1, image.width() // 60)
    points = itertools.product(range(0, image.width(), step), range(0, image.height(), step))
    return len({image.pixel(x, y) for x, y in points})
