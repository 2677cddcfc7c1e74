"""``Plan``: the one immutable description of what the user asks.

A plan is complete: the same plan gives the same numbers on every machine. It is a frozen pydantic model; a change makes a
new plan through :meth:`Plan.with_values`, which validates. Bad input is refused here with :class:`PlanError`, one sentence
that names the field, the value and what would be accepted.

Optional numbers that default to ``None`` mean "the standard value" where the docstring names one (a catalogue record, a
formula), and "unknown, to be asked" for prices: unknown is never zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from operator import attrgetter
from types import UnionType
from typing import Annotated, Any, Final, Self, Union, get_args, get_origin

from pydantic import BaseModel, Field, ValidationInfo, field_validator, model_validator

from mitsumori.model.base.messages import Language, Sentence
from mitsumori.model.base.near import no_such_field, with_nearest
from mitsumori.model.base.refusal import PlanError, checked_changes, expected
from mitsumori.model.plan.deadlines import with_deadline, with_use
from mitsumori.model.plan.more_servers import MoreServers
from mitsumori.model.plan.overrides import OVERRIDES, accepted
from mitsumori.model.plan.part import (
    Key,
    Number,
    Part,
    Text,
    opened,
)
from mitsumori.model.plan.parts import (
    ArchitectureSpec,
    Cloud,
    Cluster,
    CoolingName,
    Facility,
    MlaSpec,
    ModelPart,
    ModuleName,
    Money,
    Network,
    OffloadName,
    OnPrem,
    ParallelPart,
    PrecisionName,
    StackName,
    Stage,
    Table,
    Workload,
    offload_words,
)
from mitsumori.model.plan.prices import NO_PRICES, Origins, SetAside, joined, settled, without_views
from mitsumori.model.plan.rollout import RolloutPart
from mitsumori.model.plan.serving import ServingPart

__all__ = [
    "ArchitectureSpec",
    "Cloud",
    "Cluster",
    "CoolingName",
    "Facility",
    "MlaSpec",
    "ModelPart",
    "ModuleName",
    "Money",
    "Network",
    "OffloadName",
    "OnPrem",
    "ParallelPart",
    "Plan",
    "PlanError",
    "PrecisionName",
    "StackName",
    "Stage",
    "Table",
    "Workload",
    "offload_words",
]


_PRICED_BEFORE: Final = object()
"""Says to the validation of a plan that its prices and their views agree."""


class Plan(Part):
    """What the user asks, complete and immutable. See the module docstring."""

    name: Text = "Untitled"
    language: Language = "ja"
    workload: Workload = Workload()
    model: ModelPart = ModelPart(preset="llama2-7b")
    cluster: Cluster = Cluster()
    parallel: ParallelPart = ParallelPart()
    rollout: RolloutPart = RolloutPart()
    facility: Facility = Facility()
    network: Network = Network()
    money: Money = Money()
    serving: ServingPart = ServingPart()
    table: Table = Table()
    overrides: Annotated[dict[Key, Annotated[float, Number]], Field(max_length=500)] = {}
    notes: Annotated[dict[Key, Text], Field(max_length=500)] = {}
    set_aside: SetAside = {}
    origins: Origins = NO_PRICES

    @model_validator(mode="after")
    def _priced(self, info: ValidationInfo) -> Plan:
        if info.context is not _PRICED_BEFORE:
            joined(self)
        return self

    @field_validator("overrides")
    @classmethod
    def _accepted(cls, overrides: dict[str, float]) -> dict[str, float]:
        for path, value in overrides.items():
            known = accepted(path)
            if known is not None and not known.low <= value <= known.high:
                raise ValueError(
                    Sentence(
                        "refusals",
                        "override_range",
                        {"path": path, "value": f"{value:g}", "low": f"{known.low:g}", "high": f"{known.high:g}"},
                    )
                )
        return overrides

    @property
    def learns_by_answers(self) -> bool:
        """Whether the training generates what it trains on: PPO and GRPO, where the plan does not serve."""
        return self.workload.stage in ("ppo", "grpo") and not self.serving.enabled

    @property
    def generates_apart(self) -> bool:
        """Whether servers of their own generate for the training (``rollout.placement`` separate or asynchronous)."""
        return self.learns_by_answers and self.rollout.placement != "colocated"

    @property
    def further(self) -> tuple[MoreServers, ...]:
        """Servers of the hall beside the cluster's: those of ``cluster.more`` and, where their number is known, those that
        generate for the training."""
        own = self.rollout
        if not self.generates_apart or own.servers is None:
            return self.cluster.more
        return (*self.cluster.more, MoreServers(server=own.server or self.cluster.server, servers=own.servers))

    def __hash__(self) -> int:
        # Of the parts; entries by name have no hash, and what they say is left to the comparison.
        return hash(_parts_of(self))

    def with_parts(self, **parts: Any) -> Plan:
        """A copy with whole fields replaced by valid ones, which are not validated again."""
        return BaseModel.model_copy(self, update=parts)

    @classmethod
    def from_dict(cls, data: Any) -> Plan:
        """Validate plain data (a parsed project file) into a plan.

        Raises
        ------
        PlanError
            With one sentence a problem: field, value, what is accepted.
        """
        return cls._validated(data, None)

    @classmethod
    def _validated(cls, data: object, context: object) -> Plan:
        if not isinstance(data, dict):
            raise PlanError.single("", data, Sentence("refusals", "plan_object"))
        try:
            return cls.model_validate(data, context=context)
        except PlanError as error:
            raise with_nearest(error, plan_paths()) from None

    def with_values(self, changes: Mapping[str, object], *, exact: bool = False) -> Plan:
        """A new plan with some dotted paths replaced, e.g. ``{"cluster.servers": 16}``; validates.

        ``None`` resets an optional field. Paths under ``overrides.`` and ``notes.`` take the rest of the path as the key;
        None removes the entry. What belongs to an exchanged server or instance goes and comes with it, unless ``exact``:
        then the paths named change and no others (a step of undo).

        Raises
        ------
        PlanError
            For an unknown path or a value that is not accepted. A project file may hold overrides that this version does
            not know; they change nothing, and the estimate says so.
        """
        # Parts that nothing changes are taken over as they are: valid, frozen, and the same objects for who compares.
        changes = with_use(with_deadline(checked_changes(changes), self.workload), self.workload)
        data = opened(self)
        for path, value in changes.items():
            _set(data, path, value)
        if not exact and self.origins:
            _forget_origins(data, changes)
        if not exact and any(map(_moves_prices, changes)):
            settled(self, data, set(changes))
        # Prices and their views were brought together in this plan; where nothing of theirs changes they still are.
        same = all(data[name] is getattr(self, name) for name in ("money", "cluster", "serving"))
        return Plan._validated(data, _PRICED_BEFORE if same else None)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with some parts replaced, validated; what belongs to a server or an instance does not follow another."""
        if update is None or not any(map(_moves_prices, checked_changes(update))):
            return super().model_copy(update=update, deep=deep)
        data = opened(self) | dict(update)
        # A part taken from this plan with other values says nothing of a price that it only kept.
        settled(self, data, {name for name in update if name != "money"})
        return super().model_copy(update=data)

    def value(self, path: str) -> Any:
        """The value at a dotted path, e.g. ``money.cloud.term``."""
        found = _known_paths.get(path) if isinstance(path, str) else None
        if found is not None:
            try:
                return found(self)
            except AttributeError:  # a part on the way is not given
                pass
        if not isinstance(path, str):
            raise PlanError.single("", path, expected("rule_path"))
        head, _, rest = path.partition(".")
        if head in ("overrides", "notes", "origins") and rest:
            return getattr(self, head).get(rest)
        if path.startswith(_PRICE):
            return self.money.prices.get(path[len(_PRICE) :])
        node: Any = self
        for part in path.split("."):
            if not isinstance(node, BaseModel) or part not in type(node).model_fields:
                raise no_such_field(path, None, plan_paths())
            node = getattr(node, part)
        _known_paths[path] = attrgetter(path)
        return node

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data; only fields that differ from their defaults."""
        document = without_views(self.model_dump(mode="json", exclude_defaults=True), self)
        if self.workload.runs_per_year is not None:  # a document without it is of the time before the choice
            document["workload"]["use"] = self.workload.use
        return document


_PRICE: Final = "money.prices."
_PRICED: Final = ("cluster", "money.cloud", "money.onprem", "money.prices")
_SERVER: Final = ("serving", "serving.server", "serving.enabled")


def _moves_prices(path: str) -> bool:
    """Whether a change may exchange what a price belongs to, or the price."""
    return path.startswith(_PRICED) or path in _SERVER or path == "money"


_parts_of: attrgetter[Any] = attrgetter(
    *(name for name, field in Plan.model_fields.items() if isinstance(field.default, Part))
)
_known_paths: dict[str, attrgetter[Any]] = {}
"""Paths that were found to be fields: there are as many as the plan has."""


@lru_cache(maxsize=1)
def plan_paths() -> tuple[str, ...]:
    """Every field of a plan by its dotted path, those of optional parts among them."""
    return tuple(_paths(Plan, ""))


def _paths(part: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in part.model_fields.items():
        united = get_args(field.annotation) if get_origin(field.annotation) in (UnionType, Union) else ()
        kinds = (kind for kind in (field.annotation, *united) if isinstance(kind, type))
        inner = next((kind for kind in kinds if issubclass(kind, BaseModel)), None)
        if inner is None:
            yield prefix + name
        else:
            yield from _paths(inner, f"{prefix}{name}.")


def _forget_origins(data: dict[str, Any], changes: Mapping[str, object]) -> None:
    """A value that is given anew no longer comes from where the one before it did."""
    gone = [path for path in data["origins"] if path in changes and f"origins.{path}" not in changes]
    if "cluster.server" in changes or "cluster.accelerator" in changes:
        gone += [
            path
            for path in ("money.onprem.server_price",)
            if path in data["origins"] and f"origins.{path}" not in changes
        ]
    if gone:
        data["origins"] = {path: origin for path, origin in data["origins"].items() if path not in gone}


def _set(data: dict[str, Any], path: str, value: Any) -> None:
    head, _, rest = path.partition(".")
    if head in ("overrides", "notes", "origins") and rest:
        entries = dict(data[head])
        if value is None:
            entries.pop(rest, None)
        else:
            if head == "overrides" and accepted(rest) is None:
                raise no_such_field(path, value, [f"overrides.{name}" for name in OVERRIDES], "override_unknown")
            entries[rest] = value
        data[head] = entries
        return
    if path.startswith(_PRICE):
        money = data["money"] = opened(data["money"]) if isinstance(data["money"], BaseModel) else data["money"]
        money["prices"] = {key: kept for key, kept in money["prices"].items() if key != path[len(_PRICE) :]}
        if value is not None:
            money["prices"][path[len(_PRICE) :]] = value
        return
    node = data
    parts = path.split(".")
    for part in parts[:-1]:
        child = node.get(part, ...) if isinstance(node, dict) else ...
        if child is ...:
            raise no_such_field(path, value, plan_paths())
        if child is None:
            child = {}
        elif isinstance(child, BaseModel):
            child = opened(child)
        node[part] = child
        node = child
    if not isinstance(node, dict) or (parts[-1] not in node and path.split(".")[0] not in ("model",)):
        raise no_such_field(path, value, plan_paths())
    node[parts[-1]] = value
