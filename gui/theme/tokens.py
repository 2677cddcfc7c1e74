"""Colours, type and palettes: one source of looks for every widget and chart.

Tokens lie in ``resources/theme/tokens.json``. ``theme()`` is the current theme, ``theme_signals().changed`` is emitted
once after a change of theme or of the scale; widgets read tokens when they paint, so most need only ``update()``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QToolTip

from mitsumori import resources
from mitsumori.gui import settings

Mode = Literal["system", "light", "dark"]
NARROW = 1400
"""Width of a window below which everything moves closer."""

_FAMILIES = {
    "win32": ["Segoe UI", "Yu Gothic UI", "Meiryo UI"],
    "darwin": [".AppleSystemUIFont", "Hiragino Sans"],
}
_FAMILIES_OTHER = ["Inter", "Noto Sans CJK JP", "Noto Sans JP", "IPAexGothic", "DejaVu Sans"]
_LIGHT_INK, _DARK_INK = "#FFFFFF", "#10141A"


@cache
def _tokens() -> dict[str, dict[str, str | list[str]]]:
    data: dict[str, dict[str, str | list[str]]] = json.loads(resources.read_text("theme", "tokens.json"))
    return data


class Theme:
    """The tokens of one theme at one scale factor, with the measures of a large window or of a compact one."""

    def __init__(self, name: Literal["light", "dark"], scale: float = 1.0, compact: bool = False) -> None:
        self.name = name
        self.scale = scale
        self.compact = compact
        self._values = _tokens()[name]
        self._colors: dict[str, QColor] = {}

    @property
    def is_dark(self) -> bool:
        """Whether this is the dark theme."""
        return self.name == "dark"

    def color(self, token: str) -> QColor:
        """The colour of a token; do not modify the returned object.

        Raises
        ------
        KeyError
            For a name that tokens.json does not have.
        """
        color = self._colors.get(token)
        if color is None:
            value = self._values[token]
            if not isinstance(value, str):
                raise KeyError(token)
            color = self._colors[token] = QColor(value)
        return color

    def hex(self, token: str) -> str:
        """The colour of a token as ``#RRGGBB``."""
        return self.color(token).name()

    def heat_scale(self) -> list[QColor]:
        """The six steps of the days heat scale, few to many."""
        return [QColor(step) for step in self._values["heat_scale"]]

    def px(self, size: float) -> int:
        """A length of the specification in pixels at the current scale factor."""
        return max(1, round(size * self.scale))

    def fit(self, regular: float, compact: float) -> int:
        """A length in pixels: the regular one, or that of a compact window."""
        return self.px(compact if self.compact else regular)

    def font(self, px: float, weight: int = 400) -> QFont:
        """A font with tabular figures; ``px`` as in the specification, scaled for presenting. Do not modify it."""
        return _font(max(1, round(px * self.scale)), weight)

    def metrics(self, px: float, weight: int = 400) -> QFontMetricsF:
        """The metrics of :meth:`font`."""
        return _metrics(max(1, round(px * self.scale)), weight)

    def ink_on(self, fill: QColor | str) -> QColor:
        """White or near-black, whichever contrasts more with ``fill``."""
        return ink_on(fill)


@lru_cache(maxsize=256)
def _font(px: int, weight: int) -> QFont:
    font = QFont()
    font.setFamilies(_FAMILIES.get(sys.platform, _FAMILIES_OTHER))
    font.setPixelSize(px)
    font.setWeight(QFont.Weight(weight))
    font.setStyleHint(QFont.StyleHint.SansSerif)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


@lru_cache(maxsize=256)
def _metrics(px: int, weight: int) -> QFontMetricsF:
    return QFontMetricsF(_font(px, weight))


def relative_luminance(color: QColor) -> float:
    """Relative luminance of WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance), 0 black to 1 white."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def contrast(first: QColor | str, second: QColor | str) -> float:
    """Contrast ratio of WCAG 2.2 (1 to 21) between two opaque colours."""
    a, b = relative_luminance(QColor(first)), relative_luminance(QColor(second))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


@lru_cache(maxsize=512)
def _ink(fill: str) -> QColor:
    return QColor(max((_LIGHT_INK, _DARK_INK), key=lambda ink: contrast(ink, fill)))


def ink_on(fill: QColor | str) -> QColor:
    """White or near-black, whichever contrasts more with ``fill``."""
    return _ink(QColor(fill).name())


class ThemeSignals(QObject):
    """Announces a change of theme or scale, once, after palette and style sheet are in place."""

    changed = Signal()


_signals: ThemeSignals | None = None
_current = Theme("light")
_mode: Mode = "system"


def theme() -> Theme:
    """The current theme."""
    return _current


def theme_signals() -> ThemeSignals:
    """The object whose ``changed`` signal follows every change of theme or scale."""
    global _signals
    if _signals is None:
        _signals = ThemeSignals()
    return _signals


def load_fonts() -> None:
    """Register the bundled fonts (Inter) so that text looks the same on machines without them."""
    if sys.platform in _FAMILIES or QFontDatabase.hasFamily("Inter"):
        return
    for name in ("Regular", "Medium", "SemiBold", "Bold"):
        QFontDatabase.addApplicationFontFromData(resources.path("fonts", f"Inter-{name}.otf").read_bytes())


def system_prefers_dark() -> bool:
    """Whether the desktop asks for dark windows (False where it does not say)."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def set_theme(
    mode: Mode | None = None, scale: float | None = None, *, compact: bool | None = None, remember: bool = False
) -> None:
    """Switch theme, scale and measures; applies palette and style sheet and announces it.

    Parameters
    ----------
    mode
        ``system`` follows the desktop; None keeps the mode.
    scale
        Factor on all type and measures; None keeps it.
    compact
        Whether the measures are those of a compact window; None keeps them.
    remember
        Store the mode in the settings.
    """
    global _current, _mode
    if mode is not None:
        _mode = mode
        if remember:
            settings.store("window/theme", mode)
    name: Literal["light", "dark"]
    name = ("dark" if system_prefers_dark() else "light") if _mode == "system" else _mode
    new_scale = _current.scale if scale is None else scale
    _current = Theme(name, new_scale, _current.compact if compact is None else compact)
    application = QApplication.instance()
    if isinstance(application, QApplication):
        apply_to(application)
    theme_signals().changed.emit()


@contextmanager
def painted_as(name: Literal["light", "dark"], scale: float = 1.0) -> Iterator[None]:
    """Paint in another theme for a moment (a printed page is light); nothing is announced or repainted."""
    global _current
    kept, _current = _current, Theme(name, scale)
    try:
        yield
    finally:
        _current = kept


def apply_to(application: QApplication) -> None:
    """Put the current palette and font on the application; heads of tables and tooltips are smaller."""
    colours = palette(_current)
    application.setPalette(colours)
    application.setFont(_current.font(14))
    QToolTip.setPalette(colours)
    QToolTip.setFont(_current.font(13))
    for role in (QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
        colours.setColor(role, _current.color("text_3"))
    application.setPalette(colours, "QHeaderView")  # type: ignore[arg-type]  # the stub says bytes, Qt takes text
    application.setFont(_current.font(13), "QHeaderView")  # type: ignore[arg-type]


def palette(which: Theme) -> QPalette:
    """The explicit palette of a theme on Fusion (the colour scheme of the platform is never relied on)."""
    color = which.color
    base = color("window" if which.is_dark else "card")
    roles = {
        QPalette.ColorRole.Window: color("window"),
        QPalette.ColorRole.Base: base,
        QPalette.ColorRole.AlternateBase: color("hover"),
        QPalette.ColorRole.Button: color("card"),
        QPalette.ColorRole.Text: color("text"),
        QPalette.ColorRole.WindowText: color("text"),
        QPalette.ColorRole.ButtonText: color("text"),
        QPalette.ColorRole.BrightText: color("text"),
        QPalette.ColorRole.PlaceholderText: color("text_3"),
        QPalette.ColorRole.ToolTipBase: color("card"),
        QPalette.ColorRole.ToolTipText: color("text"),
        QPalette.ColorRole.Mid: color("line"),
        QPalette.ColorRole.Dark: color("line_strong"),
        QPalette.ColorRole.Midlight: color("sunken"),
        QPalette.ColorRole.Light: color("card"),
        QPalette.ColorRole.Shadow: color("line"),
        QPalette.ColorRole.Highlight: color("accent"),
        QPalette.ColorRole.Accent: color("accent"),
        QPalette.ColorRole.Link: color("accent"),
        QPalette.ColorRole.LinkVisited: color("accent"),
        QPalette.ColorRole.HighlightedText: color("on_accent"),
    }
    result = QPalette()
    for role, value in roles.items():
        result.setColor(role, value)
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, color("text_3"))
    return result
