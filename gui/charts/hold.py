"""Ranges that hold: axes and widths of columns stand still while a slider is dragged and fit again on release."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class AxisHold(QObject):
    """Holds every chart's axis ranges while a slider is dragged and lets them refit on release."""

    released = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._held = False

    @property
    def held(self) -> bool:
        """Whether ranges are frozen now."""
        return self._held

    def hold(self, held: bool) -> None:
        """Freeze (slider pressed) or refit (released)."""
        if held == self._held:
            return
        self._held = held
        if not held:
            self.released.emit()


_hold: AxisHold | None = None


def axis_hold() -> AxisHold:
    """The one holder of the application."""
    global _hold
    if _hold is None:
        _hold = AxisHold()
    return _hold


class HeldRange:
    """A range that stays put while held, unless the data leave it."""

    def __init__(self) -> None:
        self._range: tuple[float, float] | None = None

    def fit(
        self, low: float, high: float, *, least: float | None = None, most: float | None = None
    ) -> tuple[float, float]:
        """The range to draw: the fitted ``low``..``high`` when free; while held, the last one.

        ``least`` and ``most`` are the data themselves: when they leave a held range it grows to the fitted ends.
        """
        if self._range is None or not axis_hold().held:
            self._range = (low, high)
        else:
            least, most = (low if least is None else least), (high if most is None else most)
            held_low, held_high = self._range
            self._range = (low if least < held_low else held_low, high if most > held_high else held_high)
        return self._range
