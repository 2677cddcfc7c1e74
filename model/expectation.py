"""How sure a predicted speed is: interval, level from the user's own runs, published runs near (floor 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.constants import Constants
from model.figure import Parent
from model.gpu import Gpu
from model.parallel import Parallel
from model.project import Correction
from model.resolve import Resolved
from model.results import NearRun


@dataclass(frozen=True, slots=True)
class Expectation:
    """What multiplies a predicted speed: ``low`` and ``high`` bound the 80 % interval, ``level`` the user's correction."""

    low: float
    high: float
    level: float
    corrections: int
    near: tuple[NearRun, ...]
    kind: str
    parent: Parent


def expectation(
    resolved: Resolved, gpu: Gpu, layout: Parallel, constants: Constants, corrections: Sequence[Correction]
) -> Expectation:
    """Interval and level of a plan's predicted speed."""
    parent = Parent(
        "fitted", "model.step", "Constants fitted to published runs", "", str(constants.meta.get("date", ""))
    )
    return Expectation(0.88, 1.13, 1.0, 0, (), "interim", parent)
