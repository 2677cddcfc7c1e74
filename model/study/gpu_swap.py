"""The plan on other GPUs: as many of them, for the same days or for the same money, with what is known of each price."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from mitsumori.model.base.refusal import PlanError
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.records import Server
from mitsumori.model.estimate.deadline import confidence_of
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Correction
from mitsumori.model.plan.resolve import accelerator_key, resolve
from mitsumori.model.study.goal_seek import Goal, Meter, Seeker
from mitsumori.model.study.setting import Setting
from mitsumori.model.study.unknowns import servers_axis, with_server

__all__ = ["OFFERED", "Swap", "gpu_swaps"]

Same = Literal["gpus", "days", "money"]
OFFERED: Final = ("H100-SXM", "H200", "B200", "B300", "GB200", "GB300", "MI300X", "MI355X")
"""Accelerators that are asked about today, by their keys; the plan's own is always among the rows."""


@dataclass(frozen=True, slots=True)
class Swap:
    """The plan on one kind of GPU.

    Attributes
    ----------
    accelerator, server, servers, accelerators
        What stands there.
    result
        Its estimate; None where no number of servers keeps the limit.
    price
        ``quoted`` (entered), ``published``, ``weak`` (an indication only) or ``unknown``.
    impossible
        Why it cannot be: the code of the finding in the way, or ``goal`` where the limit is not kept; empty where it can.
    changes
        Plan paths and values that make it.
    current
        The plan as it is.
    """

    accelerator: str
    server: str
    servers: int
    accelerators: int
    result: Estimate | None
    price: Literal["quoted", "published", "weak", "unknown"]
    impossible: str
    changes: Mapping[str, object]
    current: bool = False

    @property
    def cost(self) -> float | None:
        """Owning over the horizon; None where a price is unknown."""
        return None if self.result is None else self.result.cost.onprem.total.value


def _best_server(plan: Plan, accelerator: str, catalogue: Catalogue) -> Server | None:
    """A server for an accelerator: the plan's own where it takes it, else one with price and power, the smallest."""
    own = catalogue.servers().get(plan.cluster.server)
    if own is not None and accelerator in (own.accelerator, *own.accelerator_options):
        return own
    fitting = [item for item in catalogue.servers().values() if item.accelerator == accelerator]

    def rank(item: Server) -> tuple[bool, bool, bool, int]:
        firm = item.price is not None and not item.is_weak("price")
        return not firm, item.price is None, item.max_power_kw is None, item.accelerators

    return min(fitting, key=rank, default=None)


def gpu_swaps(
    plan: Plan,
    same: Same = "gpus",
    *,
    catalogue: Catalogue | None = None,
    corrections: Sequence[Correction] = (),
    today: dt.date | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Swap, ...]:
    """The plan on every GPU that is asked about.

    Parameters
    ----------
    plan
        What is trained; on other servers its layout is chosen anew.
    same
        ``gpus``: as many accelerators, in whole servers; ``days``: the fewest servers that take no longer at the plan's
        confidence; ``money``: the most that cost no more.
    catalogue, corrections, today
        As :func:`model.estimate.estimate.estimate`.
    cancelled
        Asked between estimates; true ends with the rows found so far.
    """
    catalogue = catalogue or Catalogue.shipped()
    mine = accelerator_key(plan, catalogue)
    meter = Meter(Setting(catalogue, corrections, cancelled=cancelled), "onprem", float(confidence_of(plan)))
    base = meter.measure(plan)
    limit = None if base is None else base.values[{"gpus": "days", "days": "days", "money": "budget"}[same]]
    count = resolve(plan, catalogue).accelerators
    rows = []
    for key in dict.fromkeys((mine, *(k for k in OFFERED if k in catalogue.accelerators()))):
        if cancelled():
            break
        server = _best_server(plan, key, catalogue)
        if server is None:
            continue
        changes = _changes(plan, server, key, catalogue)
        if key == mine:
            rows.append(_row(plan, plan, key, {}, catalogue, corrections, today, "", True))
            continue
        try:
            if same == "gpus":
                whole = {**changes, "cluster.servers": max(1, -(-count // server.accelerators))}
                rows.append(_row(plan, plan.with_values(whole), key, whole, catalogue, corrections, today, ""))
                continue
            other = plan.with_values(changes)
            goal = Goal(**{"days" if same == "days" else "budget": limit}, confidence=meter.confidence)  # type: ignore[arg-type]
            found = None
            if limit is not None:
                found = Seeker(other, servers_axis(other, catalogue), meter, None).seek(goal, relax=False)
            if found is None or not found.found or found.measured is None:
                rows.append(_row(plan, other, key, changes, catalogue, corrections, today, "goal"))
            else:
                made = {**changes, "cluster.servers": found.measured.plan.cluster.servers}
                rows.append(_row(plan, plan.with_values(made), key, made, catalogue, corrections, today, ""))
        except PlanError:
            continue
    return tuple(rows)


def _changes(plan: Plan, server: Server, accelerator: str, catalogue: Catalogue) -> dict[str, object]:
    if server.key == plan.cluster.server:
        from mitsumori.model.plan.exchange import completed

        chosen = None if accelerator == server.accelerator else accelerator
        return completed({"cluster.accelerator": chosen, "parallel.auto": True}, plan, catalogue)
    return with_server(plan, server.key, catalogue)


def _row(
    plan: Plan, other: Plan, key: str, changes: Mapping[str, object], catalogue: Catalogue, corrections: Sequence[Correction],
    today: dt.date | None, impossible: str, current: bool = False,
) -> Swap:  # fmt: skip
    result = None if impossible else estimate(other, catalogue, corrections, today=today)
    server = catalogue.server(other.cluster.server)
    if result is not None:
        bad = next((item.code for item in result.findings if item.severity == "bad"), "")
        impossible = bad
    if other.money.onprem.server_price is not None:
        price: Literal["quoted", "published", "weak", "unknown"] = "quoted"
    elif server.price is None:
        price = "unknown"
    else:
        price = "weak" if server.is_weak("price") else "published"
    gpus = resolve(other, catalogue).accelerators
    return Swap(
        key, other.cluster.server, other.cluster.servers, gpus, result, price, impossible, dict(changes), current
    )
