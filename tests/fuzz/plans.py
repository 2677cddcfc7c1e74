"""Values over the whole field space of a plan, jointly, made from the fields of the ``Plan`` model itself.

A field that the model gains joins by itself: its type says which values it has, its bounds which are extreme. A plan begins
as a sample or a new plan; of its fields some, many or all are drawn anew. A layout by hand is mostly one that can be.

What may be drawn is said once, as functions of a :class:`Source`: of plain random numbers, which a campaign of a million
cases can afford, or of Hypothesis, which makes what fails small (:func:`strategy`).
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import random
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Protocol, TypeVar, Union, get_args, get_origin

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mitsumori.model.base.dates import FIRST_DAY, LAST_DAY
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.batch import divisors
from mitsumori.model.plan.calendar import CalendarEntry
from mitsumori.model.plan.overrides import OVERRIDES, table_cell
from mitsumori.model.plan.part import SMALLEST
from mitsumori.model.plan.parts import ArchitectureSpec
from mitsumori.model.plan.plan import Plan, plan_paths
from mitsumori.model.plan.prices import CLOUD_FIELDS, MACHINE_FIELDS, TERM_FIELDS, Origin, Price, server_key
from mitsumori.model.plan.project import Project, load_sample, sample_names
from mitsumori.model.plan.proposal import Proposal

catalog = Catalogue.shipped()
T = TypeVar("T")


class Source(Protocol):
    """What decides which of the possible values is drawn."""

    def one_of(self, options: Sequence[T]) -> T:
        """One of some values."""

    def some_of(self, options: Sequence[T], least: int, most: int) -> list[T]:
        """Different ones of some values, ``least`` to ``most`` of them."""

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included."""

    def share(self) -> float:
        """A number from 0 to 1."""


@dataclass(frozen=True)
class RandomSource:
    """Plain random numbers: the same plans for the same seed, some hundred times as fast as Hypothesis."""

    random: random.Random

    def one_of(self, options: Sequence[T]) -> T:
        return self.random.choice(options)

    def some_of(self, options: Sequence[T], least: int, most: int) -> list[T]:
        return self.random.sample(options, min(len(options), self.random.randint(least, most)))

    def whole(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def share(self) -> float:
        return self.random.random()


@dataclass(frozen=True)
class HypothesisSource:
    """Hypothesis' own choices, which it can repeat and make smaller."""

    draw: DrawFn

    def one_of(self, options: Sequence[T]) -> T:
        return self.draw(st.sampled_from(options))

    def some_of(self, options: Sequence[T], least: int, most: int) -> list[T]:
        return self.draw(st.lists(st.sampled_from(options), min_size=least, max_size=most, unique=True))

    def whole(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def share(self) -> float:
        return self.draw(st.floats(0.0, 1.0))


Value = Callable[[Source], Any]


def strategy(value: Callable[[Source], T]) -> SearchStrategy[T]:
    """What Hypothesis draws of a value."""

    @st.composite
    def drawn(draw: DrawFn) -> T:
        return value(HypothesisSource(draw))

    return drawn()


CATALOGUES: Final = {
    "preset": catalog.models, "models": catalog.models, "server": catalog.servers, "accelerator": catalog.accelerators,
    "instance": catalog.cloud_instances, "fabric": catalog.networks, "storage": catalog.storage_systems,
    "utility": lambda: catalog.records("utilities"),
}  # fmt: skip
"""Which records a key of a plan may name, by the name of its field; a key of another name may be any record's."""
TEXTS: Final = ("", " ", "=1+1", "<b>&\"'", "{0}%s", "見積 ２０２７", "x" * 200, "a\nb", "\u202e", "a/b\\c")
TYPICAL_DAYS: Final = (dt.date(2026, 12, 1), dt.date(2028, 2, 29), FIRST_DAY, LAST_DAY)


def _bounds(metadata: tuple[Any, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in metadata:
        if isinstance(item, FieldInfo):
            found |= _bounds(tuple(item.metadata))
        for name in ("gt", "ge", "lt", "le", "min_length", "max_length"):
            if getattr(item, name, None) is not None:
                found[name] = getattr(item, name)
    return found


def _numbers(bounds: dict[str, Any], whole: bool) -> Value:
    """Both ends, powers of two and ten between them, and any magnitude between."""
    low, high = bounds.get("ge", bounds.get("gt", -1e18)), bounds.get("le", bounds.get("lt", 1e18))
    if "gt" in bounds:
        low = low + 1 if whole else max(SMALLEST, math.nextafter(low, math.inf))
    if "lt" in bounds:
        high = high - 1 if whole else math.nextafter(high, -math.inf)
    between = (
        *(2.0**k for k in range(25)),
        *(10.0**k for k in range(-9, 16)),
        0.0,
        0.1,
        0.5,
        0.97,
        3.0,
        7.0,
        12.0,
        96.0,
    )
    known = [value for value in between if low <= value <= high and (not whole or value == int(value))] or [low]
    least = max(low, 1 if whole else min(1e-9, high)) if high > 0 else low
    kind: Callable[[float], float] = round if whole else float

    def drawn(source: Source) -> float:
        how = source.whole(0, 2)
        if how == 0:
            return kind(source.one_of((low, high)))
        if how == 1:
            return kind(source.one_of(known))
        return kind(min(high, max(low, least * (high / least) ** source.share())))

    return drawn


def _any(options: Sequence[Any]) -> Value:
    return lambda source: source.one_of(options)


def _dates(source: Source) -> dt.date:
    if source.whole(0, 1):
        return source.one_of(TYPICAL_DAYS)
    return FIRST_DAY + dt.timedelta(source.whole(0, (LAST_DAY - FIRST_DAY).days))


def values(annotation: Any, metadata: tuple[Any, ...] = (), name: str = "") -> Value:
    """Every kind of value that a type accepts."""
    origin = get_origin(annotation)
    if origin is Annotated:
        kind, *more = get_args(annotation)
        return values(kind, (*more, *metadata), name)
    if origin in (Union, types.UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not types.NoneType]
        options: list[Value] = [lambda source: None, *(values(kind, metadata, name) for kind in kinds)]
        return lambda source: source.one_of(options)(source)
    if origin is Literal:
        return _any(get_args(annotation))
    if origin is tuple and Ellipsis not in get_args(annotation):
        each_of = [values(kind, (), name) for kind in get_args(annotation)]
        return lambda source: tuple(value(source) for value in each_of)
    if origin is tuple:
        longest = min(4, _bounds(metadata).get("max_length", 4))
        each = values(get_args(annotation)[0], (), name)
        return lambda source: tuple(each(source) for _ in range(source.whole(0, longest)))
    if origin is dict:
        return BY_NAME[name]()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return parts(annotation)
    if annotation is bool:
        return _any((False, True))
    if annotation is dt.date:
        return _dates
    if annotation in (int, float):
        return _numbers(_bounds(metadata), annotation is int)
    if annotation is str:
        return keys(name) if _bounds(metadata).get("min_length") else _any(TEXTS)
    raise TypeError(f"no values for {annotation!r} of {name}: add its kind here")


def notes() -> Value:
    """Notes on fields and on anything else."""
    key, path, text = keys(""), _any(plan_paths()), _any(TEXTS)
    return lambda source: {source.one_of((key, path))(source): text(source) for _ in range(source.whole(0, 3))}


def _machine_keys(source: Source) -> str:
    """What a price belongs to: a server, as standard or otherwise equipped, a host, or a term of an instance."""
    kind = source.whole(0, 3)
    if kind == 0:
        return f"cloud:{keys('instance')(source)}/{source.one_of(tuple(TERM_FIELDS))}"
    if kind == 1:
        record = catalog.servers()[keys("server")(source)]
        return server_key(record.key, source.one_of((None, record.accelerator, *record.accelerator_options)))
    return f"server:{source.one_of(tuple(catalog.records('hosts' if kind == 2 else 'servers')))}"


def prices() -> Value:
    """Entered prices of machines that may or may not be the plan's."""
    price = parts(Price)
    return lambda source: {_machine_keys(source): price(source) for _ in range(source.whole(0, 4))}


def set_aside() -> Value:
    """Figures that wait for another machine or instance, and what was rented beside it."""

    def drawn(source: Source) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for _ in range(source.whole(0, 3)):
            waiting = {path: FIELDS[path](source) for path in source.some_of((*MACHINE_FIELDS, *CLOUD_FIELDS), 0, 3)}
            if source.whole(0, 1):
                waiting["money.cloud.instance"] = keys("instance")(source)
            made[_machine_keys(source)] = {path: value for path, value in waiting.items() if value is not None}
        return made

    return drawn


def origins() -> Value:
    """Where values of fields come from."""
    origin, path = parts(Origin), _any(plan_paths())
    return lambda source: {path(source): origin(source) for _ in range(source.whole(0, 3))}


@functools.cache
def keys(name: str) -> Value:
    """A key of the catalogue that a field of this name points into."""
    found = [CATALOGUES[name]] if name in CATALOGUES else list(CATALOGUES.values())
    return _any([key for records in found for key in records()])


def overrides() -> Value:
    """Figures that replace predicted ones, within what is accepted."""
    limits = {path: {"ge": known.low, "le": known.high} for path, known in OVERRIDES.items()}
    limits[table_cell("plan", 8, "mfu")] = {"ge": 1e-6, "le": 1.0}
    numbers = {path: _numbers(bounds, False) for path, bounds in limits.items()}
    paths = list(numbers)

    def drawn(source: Source) -> dict[str, float]:
        chosen = [source.one_of(paths) for _ in range(source.whole(0, 3))]
        return {path: numbers[path](source) for path in chosen}

    return drawn


BY_NAME: Final[dict[str, Callable[[], Value]]] = {
    "overrides": overrides, "notes": notes, "prices": prices, "set_aside": set_aside, "origins": origins,
}  # fmt: skip
"""Fields that are entries by free names, and what they hold."""


@functools.cache
def parts(model: type[BaseModel]) -> Value:
    """A part of a plan as plain data: required fields, and any of the others."""
    fields = [
        (name, field.is_required(), values(field.annotation, tuple(field.metadata), name))
        for name, field in model.model_fields.items()
    ]

    def drawn(source: Source) -> dict[str, Any]:
        made = {name: value(source) for name, required, value in fields if required or source.whole(0, 1)}
        return _consistent(made) if model is ArchitectureSpec else made

    return drawn


def _consistent(shape: dict[str, Any]) -> dict[str, Any]:
    """A shape whose fields agree, so that most are accepted; what disagrees is drawn elsewhere (a field of a sample)."""
    made = dict(shape)
    if made.get("kv_heads"):
        made["kv_heads"] = math.gcd(made["heads"], made["kv_heads"])
    if made.get("moe_experts"):
        made["moe_topk"] = min(max(1, made.get("moe_topk", 1)), made["moe_experts"])
        made["moe_ffn"] = max(1, made.get("moe_ffn", 1024))
        made["moe_dense_layers"] = min(made.get("moe_dense_layers", 0), made["layers"])
    else:
        made["ffn"] = max(1, made.get("ffn", 4096))
    mixer = made.get("mixer")
    if mixer is not None:
        made["mixer"] = {**mixer, "layers": min(mixer["layers"], made["layers"])}
    for name in ("attention_layers", "ffn_layers"):
        if made.get(name) is not None:
            made[name] = min(made[name], made["layers"]) if mixer is not None else made["layers"]
    return made


def fields(model: type[BaseModel] = Plan, prefix: str = "") -> Iterator[tuple[str, Value]]:
    """Every field of a plan by its path, with its values; parts are walked into, optional parts are one field."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from fields(kind, f"{prefix}{name}.")
        else:
            yield prefix + name, values(kind, tuple(field.metadata), name)


FIELDS: Final = dict(fields())
LOADS: Final = ("serving.users", "serving.requests_per_s", "serving.concurrency")
TECHNICAL: Final = tuple(path for path in FIELDS if path.startswith(("workload.", "model.", "cluster.", "parallel.")))
HOW: Final = {"few": (FIELDS, 6), "technical": (TECHNICAL, 12), "many": (FIELDS, 50), "all": (FIELDS, len(FIELDS))}
"""Which fields of a plan are drawn anew, and how many at most."""


@functools.cache
def _bases() -> tuple[Plan, ...]:
    return (*(load_sample(name).plan for name in sample_names()), Plan())


def plan_data(source: Source) -> tuple[Plan, dict[str, Any]]:
    """A plan that is valid and the changes to be made to it, which may be refused."""
    base = source.one_of(_bases())
    how = source.one_of(("few", "few", "technical", "many", "all"))
    paths, most = HOW[how]
    chosen = list(paths) if how == "all" else source.some_of(list(paths), 1, most)
    changes = {path: FIELDS[path](source) for path in chosen}
    if "cluster.server" in changes and source.whole(0, 9):
        record = catalog.servers()[changes["cluster.server"]]
        options = (None, record.accelerator, *record.accelerator_options)
        changes["cluster.accelerator"] = source.one_of(options)
    elif "cluster.accelerator" in changes and source.whole(0, 9):
        changes["cluster.accelerator"] = None
    if changes.get("parallel.auto", base.parallel.auto) is False and source.whole(0, 4):
        changes |= layouts(source, base, changes)
    elif how == "all":
        changes["parallel.auto"] = True
    if source.whole(0, 9):
        changes |= agreeing(source, base, changes)
    return base, changes


def agreeing(source: Source, base: Plan, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What of the changes must be otherwise, so that fields that refuse each other reach further than the first check."""

    def now(path: str) -> Any:
        return changes.get(path, base.value(path))

    made: dict[str, Any] = {}
    if changes.get("workload.deadline") is not None and changes.get("workload.deadline_days") is not None:
        made[source.one_of(("workload.deadline", "workload.deadline_days"))] = None
    loads = [path for path in LOADS if now(path) is not None]
    if len(loads) > 1:
        kept = source.one_of(loads)
        made |= {path: None for path in loads if path != kept}
    if now("model.preset") is None and now("model.architecture") is None and now("model.params") is None:
        made["model.preset"] = keys("preset")(source)
    if now("model.params") is not None and (now("model.preset") or now("model.architecture")) and source.whole(0, 3):
        made["model.params"] = None  # the size of a shape that is given: seldom one that it can have
    fabric = changes.get("network.fabric")
    if fabric is not None and not (catalog.networks()[fabric].ports and "-switch" in catalog.networks()[fabric].kind):
        made["network.fabric"] = source.one_of(
            [k for k, r in catalog.networks().items() if r.ports and "-switch" in r.kind]
        )
    if now("serving.profile") == "custom":
        made |= {path: 500 for path in ("serving.prompt_tokens", "serving.output_tokens") if now(path) is None}
    used, there = now("cluster.accelerators_per_server"), catalog.servers()[now("cluster.server")].accelerators
    if used is not None and used > there:
        made["cluster.accelerators_per_server"] = source.one_of(list(divisors(there)))
    if "cluster.more" in changes:
        servers = [key for key, record in catalog.servers().items() if record.rack_units]
        others = {**catalog.hosts(), **catalog.storage_systems()}
        hosts = [key for key, record in others.items() if record.rack_units and record.max_power_kw is not None]
        made["cluster.more"] = [
            entry | {"server": source.one_of((servers, hosts)[source.whole(0, 1)])} for entry in changes["cluster.more"]
        ]
    return made


def projects(source: Source, plan: Plan) -> Project:
    """A file with a plan and others beside it: a proposal, and a calendar of claims that overlap or not."""
    others = [source.one_of(_bases()) for _ in range(source.whole(0, 2))]
    plans = tuple(one.with_values({"name": f"{one.name}{place}"}) for place, one in enumerate((plan, *others)))
    claim, offer, entries = parts(CalendarEntry), parts(Proposal), []
    for _ in range(source.whole(0, 6)):
        named = source.one_of([one.name for one in plans]) if source.whole(0, 9) else source.one_of(TEXTS)
        made = claim(source) | {"plan": named}
        if made.get("end") is not None and made["end"] < made["begin"]:
            made["begin"], made["end"] = made["end"], made["begin"]
        if made.get("hours") is not None and made["hours"][0] == made["hours"][1]:
            made["hours"] = None
        entries.append(CalendarEntry.model_validate(made))
    proposal = Proposal.model_validate(offer(source))
    return Project(plans=plans, proposal=proposal, calendar=tuple(entries))


def layouts(source: Source, base: Plan, changes: dict[str, Any]) -> dict[str, Any]:
    """A layout by hand that divides the cluster, the heads of a usual model, and the batch."""
    record = catalog.servers()[changes.get("cluster.server", base.cluster.server)]
    gpus = record.accelerators * changes.get("cluster.servers", base.cluster.servers)
    tp = source.one_of([d for d in (1, 2, 4, 8) if gpus % d == 0])
    pp = source.one_of([d for d in divisors(gpus // tp) if d <= 32])
    micro = source.one_of((1, 1, 2, 4))
    unit = gpus // (tp * pp) * micro
    batch = source.one_of((None, 1, 2, 7, 64))
    return {
        "parallel.tp": tp, "parallel.pp": pp, "parallel.cp": 1, "parallel.vp": 1, "parallel.ep": 1, "parallel.etp": 1,
        "parallel.micro_batch": micro, "parallel.global_batch": None if batch is None else min(10_000_000, unit * batch),
    }  # fmt: skip
