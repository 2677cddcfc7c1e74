"""How many servers a plan's serving takes: the layouts that carry its load, and the plan with those servers as its cluster.

Nothing here depends on money, so that racks, power and cost can follow from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from mitsumori.model.calibration.serving_corrections import ServingLevels, levels
from mitsumori.model.facility.hall import facility
from mitsumori.model.facility.support_racks import checkpoint_bytes_of
from mitsumori.model.plan.project import Correction
from mitsumori.model.plan.resolve import Resolved
from mitsumori.model.plan.serving import ServingPart
from mitsumori.model.serving.choice import Choice, choose, point_of
from mitsumori.model.serving.constants import Fitted, shipped_serving
from mitsumori.model.serving.setting import Setting, served_on, setting
from mitsumori.model.serving.system import Curves, curves

METRICS: Final = ("ttft", "tpot", "e2e", "rate")


@dataclass(frozen=True)
class Sized:
    """What carries the load of a plan, best first (none: the model fits no layout of the server).

    Attributes
    ----------
    part, setup, found
        What is asked; the plan as the engine sees it; curves of all layouts.
    options
        Layouts that hold the model. Of the first one ``at`` is the point with every replica at work, spares included.
    down
        The first one after the failure that is to be survived (with availability n: of one replica); None where no replica
        is left.
    level, near
        What load tests say; whether model and accelerator family are both among the fitted runs.
    servers
        Servers that serve, whole ones; None where nothing fits.
    least_gpus
        Fewest accelerators with which any layout would carry the load within the limits; None where none does.
    counted
        The plan with those servers as its cluster: its racks, power and cost are the plan's.
    """

    part: ServingPart
    setup: Setting
    fitted: Fitted
    found: Curves
    options: tuple[Choice, ...]
    down: Choice | None
    level: ServingLevels
    near: bool
    near_runs: int
    servers: int | None
    least_gpus: int | None
    counted: Resolved

    @property
    def spare(self) -> int:
        """Replicas beyond what the load needs, which work too until one fails."""
        return self.options[0].spare

    @property
    def replicas(self) -> int:
        """Replicas at work, spares included."""
        return self.options[0].working

    @property
    def gpus(self) -> int:
        """Accelerators at work: of all replicas, spares and workers that only prefill included."""
        return self.options[0].gpus

    @property
    def gpus_paid(self) -> int:
        """Accelerators of the whole servers, at work or not."""
        return (self.servers or 0) * self.setup.per_server


def sized(resolved: Resolved, corrections: Sequence[Correction] = ()) -> Sized:
    """Choose the layout of a replica and how many replicas and servers carry the load.

    Parameters
    ----------
    resolved
        A plan that serves, with its records.
    corrections
        Measured runs of the project; load tests of the same setting set the level and narrow the intervals.

    Raises
    ------
    PlanError
        For an unknown ``serving.server``.
    """
    part, setup, fitted = resolved.plan.serving, setting(resolved), shipped_serving()
    per_server, family = setup.per_server, setup.family
    names = setup.facts.get("names", ())
    near = any(fitted.near("aggregated", name, family) for name in names)
    kind = "disaggregated" if part.disaggregated else "aggregated"
    half = {name: fitted.half_width(kind, near, name) for name in METRICS}
    level = levels(corrections, setup, resolved, fitted, half)
    found = curves(part, setup.model, setup.gpu, setup.at, setup.layouts(), fitted.constants)
    found = found.scaled(level.factor["ttft"], level.factor["tpot"])
    chosen = choose(part, found, part.servers, per_server, servers_per_rack(part, resolved))
    options = chosen.options
    runs = sum(fitted.runs.get(f"{name}|{family}", 0) for name in names)
    if not options:
        return Sized(part, setup, fitted, found, (), None, level, near, runs, None, None, resolved)
    best = options[0]
    left = best.replicas if best.spare else best.working - 1
    down = None if left < 1 else replace(best, at=point_of(part, found, best, left))
    counted = served_on(resolved, best.servers)
    return Sized(
        part, setup, fitted, found, tuple(options), down, level, near, runs, best.servers, chosen.least_gpus, counted
    )


def servers_per_rack(part: ServingPart, resolved: Resolved) -> int:
    """Servers that one rack's loss takes away; one where the loss of a rack need not be survived.

    Parameters
    ----------
    part
        The serving part of the plan.
    resolved
        A plan that serves, with its records: its server, its racks.
    """
    if part.availability == "n" or part.failure_unit != "rack":
        return 1
    there = served_on(resolved, 1)
    layout = there.plan.parallel
    checkpoint = checkpoint_bytes_of(there.parameters, layout.precision, layout.optimizer)
    return int(facility(there, checkpoint)[0].servers_per_rack.value or 1)
