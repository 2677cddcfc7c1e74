"""What the cost is of: one training, several a year, or machines that are always in use; the same switch on every cost card."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import limit
from mitsumori.gui.widgets.segmented import Segmented
from mitsumori.model.plan.plan import Plan

translate = QCoreApplication.translate


class UseSwitch(Segmented):
    """One training, several a year, always on: a choice changes the plan, and every conclusion follows.

    Parameters
    ----------
    ask
        Called with the change of the plan, ``{"workload.use": ...}``.
    """

    def __init__(self, ask: Callable[[dict[str, object]], None]) -> None:
        self._runs: float | None = None
        super().__init__(self._listed())
        self.chosen.connect(lambda use: ask({"workload.use": use}))
        self.retranslate()

    def _listed(self) -> list[tuple[object, str]]:
        many = translate("Cost", "n a year")
        if self._runs is not None:
            many = translate("Cost", "{runs} a year").format(runs=limit(self._runs))
        return [("once", translate("Cost", "One run")), ("yearly", many), ("always", translate("Cost", "Always on"))]

    def show_plan(self, plan: Plan) -> None:
        """Show the plan's use, with the trainings a year where they are what counts."""
        work = plan.workload
        runs = (work.runs_per_year or 1.0) if work.use == "yearly" else work.runs_per_year
        if runs != self._runs:
            self._runs = runs
            self.set_options(self._listed())
        self.set_value(work.use)

    def retranslate(self) -> None:
        """Set the texts again."""
        self.set_options(self._listed())
        self.setAccessibleName(translate("Cost", "What the cost is of"))
