"""The plan on other GPUs: as many of them, for the same days or for the same money, with what is known of each price."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from mitsumori.model.base.refusal import PlanError
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.records import Server
from mitsumori.model.estimate.deadline import confidence_of
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.inputs import inputs
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Correction
from mitsumori.model.plan.resolve import accelerator_key, resolve
from mitsumori.model.study.goal_seek import Goal, Meter, Seeker
from mitsumori.model.study.setting import Setting
from mitsumori.model.study.unknowns import servers_axis, with_server

__all__ = ["OFFERED", "Exchange", "Swap", "gpu_swaps"]

Same = Literal["gpus", "days", "money"]
OFFERED: Final = ("H100-SXM", "H200", "B200", "B300", "GB200", "GB300", "MI300X", "MI355X")
"""Accelerators that are asked about today, by their keys, in the order of the rows; the plan's own is always among them."""


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


def _machines(plan: Plan, catalogue: Catalogue) -> dict[str, str]:
    """Servers that a price or another figure was entered for, by their accelerator: the present one first, then the latest."""
    known = catalogue.servers()
    found = {accelerator_key(plan, catalogue): plan.cluster.server}
    kept = [key for key in (*plan.money.prices, *plan.set_aside) if key.startswith("server:")]
    for key in reversed(kept):
        server, _, accelerator = key.removeprefix("server:").partition("/")
        if server in known:
            found.setdefault(accelerator or known[server].accelerator or "", server)
    return found


def _best_server(plan: Plan, accelerator: str, catalogue: Catalogue) -> Server | None:
    """A server for an accelerator: one whose figures were entered, else the plan's own where it takes it, else one with price
    and power, the smallest.
    """
    known = catalogue.servers()
    entered = known.get(_machines(plan, catalogue).get(accelerator, ""))
    own = known.get(plan.cluster.server)
    for near in (entered, own):
        if near is not None and accelerator in (near.accelerator, *near.accelerator_options):
            return near
    fitting = [item for item in catalogue.servers_for_sale().values() if item.accelerator == accelerator]

    def rank(item: Server) -> tuple[bool, bool, bool, int]:
        firm = item.price is not None and not item.is_weak("price")
        return not firm, item.price is None, item.max_power_kw is None, item.accelerators

    return min(fitting, key=rank, default=None)


def _asked(plan: Plan, catalogue: Catalogue) -> tuple[str, ...]:
    """Accelerators of the rows, in one order whichever of them the plan has: entered ones that are not offered come first."""
    there = catalogue.accelerators()
    return tuple(
        key for key in dict.fromkeys((*_machines(plan, catalogue), *OFFERED)) if key in there and key not in OFFERED
    ) + tuple(key for key in OFFERED if key in there)


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
    for key in _asked(plan, catalogue):
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


_CHOSEN: Final = frozenset({
    "cluster.server", "cluster.accelerator", "cluster.servers", "network.fabric", "money.cloud.instance", "parallel.auto",
})  # fmt: skip
"""Inputs that an exchange sets; what follows from them the plan's own rule brings."""


class Exchange:
    """GPUs exchanged in place: every row leads to every other and back to the plan as it was, in any order.

    The rows are those of the plan in which the first exchange was made. As long as nothing else is changed they stay as they
    are: the number of servers of the first plan, its layout and its prices come back with its row, however many GPUs the
    servers in between hold.
    """

    def __init__(self) -> None:
        self._home: Plan | None = None
        self._rows: dict[str, Sequence[Swap]] = {}
        self._targets: dict[str, tuple[Plan | None, ...]] = {}

    def home(self, plan: Plan) -> Plan:
        """The plan whose rows are to be shown for a plan: the one in which it was made by exchanges alone, else itself.

        Parameters
        ----------
        plan
            The present plan.
        """
        if self._home is None:
            known = False
        else:
            currency = plan.money.currency
            if currency != self._home.money.currency:  # a view: nothing was exchanged or changed
                shown = {"money.currency": currency}
                self._home = self._home.with_values(shown)
                self._targets = {
                    same: tuple(target and target.with_values(shown) for target in targets)
                    for same, targets in self._targets.items()
                }
            known = _alike(plan, self._home) or any(
                target is not None and _alike(plan, target) for targets in self._targets.values() for target in targets
            )
        if not known or self._home is None:
            self._home = plan
            self._rows.clear()
            self._targets.clear()
        return self._home

    def shown(self, rows: Sequence[Swap], home: Plan, plan: Plan, same: str) -> tuple[Swap, ...]:
        """Rows of a first plan as they are for the present one: which of them it is, and what leads from it to each.

        Parameters
        ----------
        rows
            Answer of :func:`gpu_swaps` for ``home``.
        home
            What :meth:`home` said of the present plan.
        plan
            The present plan.
        same
            What the rows hold: ``gpus``, ``days`` or ``money``.
        """
        if home is not self._home:
            return tuple(rows)
        if self._rows.get(same) is not rows:
            self._rows[same] = rows
            self._targets[same] = tuple(
                None if row.impossible and not row.current else home.with_values(row.changes) for row in rows
            )
        targets = self._targets[same]
        at = next((place for place, to in enumerate(targets) if to is not None and _alike(plan, to)), None)
        return tuple(
            replace(row, current=place == at, changes={} if to is None else _way(plan, to))
            for place, (row, to) in enumerate(zip(rows, targets, strict=True))
        )


def _alike(one: Plan, other: Plan) -> bool:
    """Whether two plans say the same; what each remembers of machines that went is not asked."""
    if one is other:
        return True
    if one.cluster != other.cluster or one.parallel != other.parallel:
        return False
    return one.model_copy(update={"set_aside": other.set_aside}) == other


def _way(plan: Plan, to: Plan) -> dict[str, object]:
    """Plan paths and values that turn a plan into one that differs by exchanges."""
    if _alike(plan, to):
        return {}
    parts = ("cluster.", "parallel.", "network.", "facility.", "money.")
    paths = (*(path for path in inputs() if path.startswith(parts)), "overrides")
    differing = [path for path in paths if plan.value(path) != to.value(path)]
    moved: dict[str, object] = {path: to.value(path) for path in differing if path in _CHOSEN}
    made = plan.with_values(moved)  # prices and what else belongs to a machine come and go with it
    return moved | {path: to.value(path) for path in differing if made.value(path) != to.value(path)}
