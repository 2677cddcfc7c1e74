"""The parallel layout of one replica that serves, and the fields of a plan that fix it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from mitsumori.model.base.named import Named
from mitsumori.model.plan.serving import ServingPart


@dataclass(frozen=True, slots=True, eq=False)
class Layout(Named[int | str]):
    """One replica: ``tp`` attention ranks in each of ``dp_attention`` groups, ``pp`` stages, ``ep`` ranks of the experts."""

    tp: int
    pp: int
    ep: int
    dp_attention: int

    @property
    def gpus(self) -> int:
        """Accelerators of a replica."""
        return self.tp * self.dp_attention * self.pp

    @property
    def fixed(self) -> dict[str, object]:
        """The plan fields that fix it: what choosing it, or turning the choice off, sets."""
        return {"serving.auto": False} | {f"serving.{name}": getattr(self, name) for name in AXES}


AXES: Final = tuple(one.name for one in fields(Layout))
"""The axes of a replica; each is a field of the plan's serving."""


@dataclass(frozen=True, slots=True, eq=False)
class ServedLayout(Layout):
    """The layout in use, the workers that only prefill, and in what format and by what engine it serves."""

    prefill_workers: int
    weight_precision: str
    engine: str


def own_layout(part: ServingPart) -> Layout:
    """The layout that a plan fixes (``serving.auto`` is false)."""
    return Layout(part.tp, part.pp, part.ep, part.dp_attention)
