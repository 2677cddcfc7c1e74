"""The one place that imports pyqtgraph: bound to PySide6, without its clean-up that walks every object of the process."""

from __future__ import annotations

import os

os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

import pyqtgraph

pyqtgraph.setConfigOptions(exitCleanup=False)
GraphicsView = pyqtgraph.GraphicsView
ViewBox = pyqtgraph.ViewBox

__all__ = ["GraphicsView", "ViewBox"]
