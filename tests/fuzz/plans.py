"""Hypothesis strategies over the whole field space of a plan, jointly, made from the fields of the ``Plan`` model itself.

A field that the model gains joins by itself: its type says which values it has, its bounds which are extreme. A plan begins
as a sample or a new plan; of its fields some, many or all are drawn anew. A layout by hand is mostly one that can be.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import types
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mitsumori.model.base.dates import FIRST_DAY, LAST_DAY
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.batch import divisors
from mitsumori.model.plan.overrides import OVERRIDES, table_cell
from mitsumori.model.plan.part import SMALLEST
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, sample_names

catalog = Catalogue.shipped()

CATALOGUES: Final = {
    "preset": catalog.models, "models": catalog.models, "server": catalog.servers, "accelerator": catalog.accelerators,
    "instance": catalog.cloud_instances, "fabric": catalog.networks, "storage": catalog.storage_systems,
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


def _numbers(bounds: dict[str, Any], whole: bool) -> SearchStrategy[Any]:
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
    known = [value for value in between if low <= value <= high and (not whole or value == int(value))]
    least = max(low, 1 if whole else min(1e-9, high)) if high > 0 else low
    magnitude = st.floats(0.0, 1.0).map(lambda part: min(high, max(low, least * (high / least) ** part)))
    drawn = st.one_of(st.sampled_from([low, high]), st.sampled_from(known or [low]), magnitude)
    return drawn.map(round) if whole else drawn.map(float)


def values(annotation: Any, metadata: tuple[Any, ...] = (), name: str = "") -> SearchStrategy[Any]:
    """Every kind of value that a type accepts."""
    origin = get_origin(annotation)
    if origin is Annotated:
        kind, *more = get_args(annotation)
        return values(kind, (*more, *metadata), name)
    if origin in (Union, types.UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not types.NoneType]
        return st.one_of(st.none(), *(values(kind, metadata, name) for kind in kinds))
    if origin is Literal:
        return st.sampled_from(get_args(annotation))
    if origin is tuple:
        longest = min(4, _bounds(metadata).get("max_length", 4))
        return st.lists(values(get_args(annotation)[0], (), name), max_size=longest).map(tuple)
    if origin is dict:
        return overrides() if name == "overrides" else st.dictionaries(keys(""), st.sampled_from(TEXTS), max_size=3)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return parts(annotation)
    if annotation is bool:
        return st.booleans()
    if annotation is dt.date:
        return st.one_of(st.sampled_from(TYPICAL_DAYS), st.dates(FIRST_DAY, LAST_DAY))
    if annotation in (int, float):
        return _numbers(_bounds(metadata), annotation is int)
    if annotation is str:
        return keys(name) if _bounds(metadata).get("min_length") else st.sampled_from(TEXTS)
    raise TypeError(f"no strategy for {annotation!r} of {name}: add its kind here")


def keys(name: str) -> SearchStrategy[str]:
    """A key of the catalogue that a field of this name points into."""
    found = [CATALOGUES[name]] if name in CATALOGUES else list(CATALOGUES.values())
    return st.sampled_from([key for records in found for key in records()])


def overrides() -> SearchStrategy[dict[str, float]]:
    """Figures that replace predicted ones, within what is accepted."""
    cell = table_cell("plan", 8, "mfu")

    def numbers(path: str) -> SearchStrategy[tuple[str, float]]:
        known = OVERRIDES.get(path)
        bounds = {"ge": 1e-6, "le": 1.0} if known is None else {"ge": known.low, "le": known.high}
        return _numbers(bounds, False).map(lambda value: (path, value))

    return st.lists(st.sampled_from([*OVERRIDES, cell]).flatmap(numbers), max_size=3).map(dict)


@functools.cache
def parts(model: type[BaseModel]) -> SearchStrategy[dict[str, Any]]:
    """A part of a plan as plain data: required fields, and any of the others."""
    required, free = {}, {}
    for name, field in model.model_fields.items():
        drawn = values(field.annotation, tuple(field.metadata), name)
        (required if field.is_required() else free)[name] = drawn
    made = st.fixed_dictionaries(required, optional=free)
    return made.map(_consistent) if "heads" in required else made


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
    return made


def fields(model: type[BaseModel] = Plan, prefix: str = "") -> Iterator[tuple[str, SearchStrategy[Any]]]:
    """Every field of a plan by its path, with its values; parts are walked into, optional parts are one field."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from fields(kind, f"{prefix}{name}.")
        else:
            yield prefix + name, values(kind, tuple(field.metadata), name)


FIELDS: Final = dict(fields())
TECHNICAL: Final = ("workload.", "model.", "cluster.", "parallel.")


@functools.cache
def _bases() -> tuple[Plan, ...]:
    return (*(load_sample(name).plan for name in sample_names()), Plan())


@st.composite
def plan_data(draw: Any) -> tuple[Plan, dict[str, Any]]:
    """A plan that is valid and the changes to be made to it, which may be refused."""
    base = draw(st.sampled_from(_bases()))
    how = draw(st.sampled_from(("few", "few", "technical", "many", "all")))
    chosen = list(FIELDS)
    if how == "technical":
        chosen = [path for path in FIELDS if path.startswith(TECHNICAL)]
    if how != "all":
        most = {"few": 6, "technical": 12, "many": 50}[how]
        chosen = draw(st.lists(st.sampled_from(chosen), min_size=1, max_size=most, unique=True))
    changes = {path: draw(FIELDS[path]) for path in chosen}
    if "cluster.server" in changes and draw(st.integers(0, 9)):
        record = catalog.servers()[changes["cluster.server"]]
        options = (None, record.accelerator, *record.accelerator_options)
        changes["cluster.accelerator"] = draw(st.sampled_from(options))
    elif "cluster.accelerator" in changes and draw(st.integers(0, 9)):
        changes["cluster.accelerator"] = None
    if changes.get("parallel.auto", base.parallel.auto) is False and draw(st.integers(0, 4)):
        changes |= draw(layouts(base, changes))
    elif how == "all":
        changes["parallel.auto"] = True
    return base, changes


@st.composite
def layouts(draw: Any, base: Plan, changes: dict[str, Any]) -> dict[str, Any]:
    """A layout by hand that divides the cluster, the heads of a usual model, and the batch."""
    record = catalog.servers()[changes.get("cluster.server", base.cluster.server)]
    gpus = record.accelerators * changes.get("cluster.servers", base.cluster.servers)
    tp = draw(st.sampled_from([d for d in (1, 2, 4, 8) if gpus % d == 0]))
    pp = draw(st.sampled_from([d for d in divisors(gpus // tp) if d <= 32]))
    micro = draw(st.sampled_from((1, 1, 2, 4)))
    unit = gpus // (tp * pp) * micro
    batch = draw(st.sampled_from((None, 1, 2, 7, 64)))
    return {
        "parallel.tp": tp, "parallel.pp": pp, "parallel.cp": 1, "parallel.vp": 1, "parallel.ep": 1, "parallel.etp": 1,
        "parallel.micro_batch": micro, "parallel.global_batch": None if batch is None else min(10_000_000, unit * batch),
    }  # fmt: skip
