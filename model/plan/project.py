"""The project file: scenarios, the catalogue records they use, and measured corrections, as JSON.

``{"format": "mitsumori-project", "schema_version": N, "active": i, "plans": [...], "catalogue": {...},
"corrections": [...], "proposal": {...}, "calendar": [...]}``. Opening validates and migrates older versions; unknown newer
versions are refused. Saving is atomic and keeps the previous content as a backup.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mitsumori import resources
from mitsumori.model.base.files import ANYTHING, Known, backup_of, clean_leftovers, digest, write_atomic
from mitsumori.model.base.input_files import DoubledKey, regular_bytes, single_keys, whole
from mitsumori.model.base.near import missing_words
from mitsumori.model.base.refusal import (
    PlanError,
    Problem,
    Refusal,
    cause_of,
    expected,
    fault_of,
    problems_of,
    refusal,
    said_by,
    shown_path,
)
from mitsumori.model.plan.calendar import Calendar
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.proposal import Proposal
from mitsumori.model.plan.scheduled import scheduled

if TYPE_CHECKING:
    from mitsumori.model.catalogue.catalogue import Catalogue

SCHEMA_VERSION = 2
FORMAT = "mitsumori-project"
SUFFIX = ".mitsumori"
MAX_BYTES = 8_000_000
MAX_VALUES = 100_000
MAX_DEPTH = 20
MAX_PLANS = 26
"""Bounds of a file: 26 scenarios, a thousand measured runs and a catalogue of thousands of records stay far below; what
exceeds them is no project, and reading it would cost memory and time."""


class Unreadable(Refusal):
    """The file is no whole project document (cut short, not JSON), as against a project with a field that is refused."""


class ProjectContext(TypedDict, total=False):
    """What an estimate of a project's plans is made with beside the plan; a part that is not there is what ships."""

    catalogue: Catalogue
    corrections: tuple[Correction, ...]


class MeasuredServing(BaseModel):
    """Means of a load test: first token (s), a token after it (ms), output tokens/s of one accelerator."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ttft_s: Annotated[float, Field(gt=0, le=1e6)] | None = None
    tpot_ms: Annotated[float, Field(gt=0, le=1e6)] | None = None
    output_tokens_per_s_per_gpu: Annotated[float, Field(gt=0, le=1e9)] | None = None

    def figures(self) -> dict[str, float]:
        """What was measured, by the short names of the intervals."""
        named = {"ttft": self.ttft_s, "tpot": self.tpot_ms, "rate": self.output_tokens_per_s_per_gpu}
        return {name: value for name, value in named.items() if value is not None}


class Correction(BaseModel):
    """A measured run of the user's own that corrects the prediction: a training's speed, or a load test of serving.

    ``tokens_per_s_per_gpu`` was measured with the plan at index ``plan`` of the project at the time (its inputs are kept in
    ``inputs`` as a plan of its own, so that later edits do not change what was measured). Of a load test (``serving``) it is
    the rate of output tokens, and ``inputs.serving`` holds lengths, load and layout of the test.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(max_length=200)] = ""
    date: Annotated[str, Field(max_length=40)] = ""
    tokens_per_s_per_gpu: Annotated[float, Field(gt=0, le=1e9)]
    serving: MeasuredServing | None = None
    inputs: Plan

    def document(self) -> dict[str, Any]:
        """The run as the project file keeps it."""
        left = {"inputs", "serving"} if self.serving is None else {"inputs"}
        return self.model_dump(mode="json", exclude=left) | {"inputs": self.inputs.to_dict()}


class Project(BaseModel):
    """Scenarios (plans) and what belongs to them; immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plans: Annotated[tuple[Plan, ...], Field(min_length=1, max_length=MAX_PLANS)]
    active: Annotated[int, Field(ge=0)] = 0
    catalogue: dict[str, dict[str, dict[str, Any]]] = {}
    corrections: Annotated[tuple[Correction, ...], Field(max_length=1000)] = ()
    proposal: Proposal = Proposal()
    calendar: Calendar = ()

    @property
    def plan(self) -> Plan:
        """The active plan."""
        return self.plans[self.active]

    def scheduled(self, plan: Plan) -> Plan:
        """A plan with the utilization that the project's calendar means; as it is where there is none."""
        return scheduled(plan, self.calendar)

    def to_bytes(self) -> bytes:
        """The project as UTF-8 JSON."""
        document = {
            "format": FORMAT,
            "schema_version": SCHEMA_VERSION,
            "active": self.active,
            "plans": [plan.to_dict() for plan in self.plans],
            "catalogue": self.catalogue,
            "corrections": [item.document() for item in self.corrections],
            "proposal": self.proposal.model_dump(mode="json", exclude_defaults=True),
        }
        if self.calendar:
            document["calendar"] = [entry.document() for entry in self.calendar]
        return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


Migration = Callable[[dict[str, object]], dict[str, object]]


def _standards_of_version_1(document: dict[str, Any]) -> dict[str, Any]:
    """Write down the standards that files of version 1 (Mitsumori 0.1.0) meant where they say nothing.

    Until then a checkpoint held training up for 60 s and a restart took half an hour on clusters of every size; since then
    both follow the size (:mod:`model.training.goodput`). ``parallel.compiled``, whose default was true and is open now, stays
    open: version 1 took the habit of the stack for speed and read only "eager" from the field, as an open one is read now.
    """
    runs = document.get("corrections", [])
    measured = [item.get("inputs") for item in runs if isinstance(item, dict)] if isinstance(runs, list) else []
    for plan in (*document["plans"], *measured):
        if isinstance(plan, dict) and isinstance(
            plan.get("network", {}), dict
        ):  # what is no plan is refused with its field
            fill(plan, "network.checkpoint_stall_s", 60.0)
            fill(plan, "network.restart_s", 1800.0)
    return document


MIGRATIONS: dict[int, Migration] = {1: _standards_of_version_1}
"""``MIGRATIONS[n]`` turns a document of schema version n into version n + 1.

A file holds only what differs from the defaults, so a default that changes is a change of the schema: its migration
writes the old default where the document says nothing (:func:`fill`), and the old file keeps its numbers.
"""


def fill(plan: dict[str, Any], path: str, value: Any) -> None:
    """Write ``value`` at a dotted path of a plan's document where nothing is written yet (for migrations).

    Parameters
    ----------
    plan
        Document of a plan; changed in place.
    path
        Dotted path.
    value
        What is written where nothing stands.
    """
    *parents, last = path.split(".")
    node = plan
    for part in parents:
        node = node.setdefault(part, {})
    node.setdefault(last, value)


def parse_project(data: bytes, origin: str) -> Project:
    """Read a project from the bytes of a file.

    Parameters
    ----------
    data
        Content of the file.
    origin
        Name of the file, for the sentence of a refusal.

    Raises
    ------
    Refusal
        One sentence: not JSON, truncated, foreign, newer than this program, or a field that is not accepted.
    """
    if len(data) > MAX_BYTES:
        raise refusal("project_too_large", name=origin, bytes=f"{len(data):,}", most=f"{MAX_BYTES:,}")
    document = _parse_json(data, origin)
    if not isinstance(document, dict) or document.get("format", FORMAT) != FORMAT or "plans" not in document:
        raise refusal("project_foreign", name=origin)
    version = document.get("schema_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise refusal("project_version", name=origin, version=f"{version!r:.40}", most=SCHEMA_VERSION)
    if version > SCHEMA_VERSION:
        raise refusal("project_newer", name=origin, version=version, most=SCHEMA_VERSION)
    document = _migrated(document, version, origin)
    known = {"format", "schema_version", "active", "plans", "catalogue", "corrections", "proposal", "calendar"}
    if extra := sorted(set(document) - known):
        raise refusal("project_part", name=origin, part=f"{extra[0]!r:.60}", parts=", ".join(sorted(known)))
    kept = {key: value for key, value in document.items() if key not in ("format", "schema_version")}
    return _validated(_with_customer_of_the_file(kept), origin)


def _with_customer_of_the_file(document: dict[str, object]) -> dict[str, object]:
    """The document with the customer in its proposal, where each plan had one once: the shown plan's, else the first."""
    plans = document["plans"]
    if not isinstance(plans, list) or not any(isinstance(plan, dict) and "customer" in plan for plan in plans):
        return document
    active = document.get("active", 0)
    order = [active] if isinstance(active, int) and 0 <= active < len(plans) else []
    named = [plans[index].get("customer") for index in (*order, *range(len(plans))) if isinstance(plans[index], dict)]
    bare = [{k: v for k, v in plan.items() if k != "customer"} if isinstance(plan, dict) else plan for plan in plans]
    given = document.get("proposal", {})
    customer = next((name for name in named if name), "")
    proposal = {"customer": customer, **given} if isinstance(given, dict) else given
    measured = document.get("corrections", [])
    if isinstance(measured, list):
        measured = [
            {**item, "inputs": {k: v for k, v in item["inputs"].items() if k != "customer"}}
            if isinstance(item, dict) and isinstance(item.get("inputs"), dict)
            else item
            for item in measured
        ]
    return {**document, "plans": bare, "proposal": proposal, "corrections": measured}


def _migrated(document: dict[str, object], version: int, origin: str) -> dict[str, object]:
    """The document as the present version writes it; one step a version, so every old file takes the same road."""
    for step in range(version, SCHEMA_VERSION):
        try:
            document = MIGRATIONS[step](document)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            raise refusal("project_migration", name=origin, version=version, most=SCHEMA_VERSION) from None
    return document


def _parse_json(data: bytes, origin: str) -> object:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(expected("project_encoding", name=origin)) from None
    try:
        document = json.loads(
            text, parse_constant=_no_constant, parse_float=_finite, parse_int=whole, object_pairs_hook=single_keys
        )
    except RecursionError:
        raise Unreadable(expected("project_deep", name=origin)) from None
    except json.JSONDecodeError as error:
        raise Unreadable(expected("project_cut", name=origin, place=fault_of(error))) from None
    except DoubledKey as error:
        raise Unreadable(expected("project_doubled", name=origin, why=said_by(error))) from None
    except ValueError as error:
        raise Unreadable(expected("project_number", name=origin, why=said_by(error))) from None
    _check_size(document, origin)
    if "\\ud" in text or "\\uD" in text:  # half a character, which no file could be written with again
        try:
            json.dumps(document, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise Unreadable(expected("project_unicode", name=origin)) from None
    return document


def _check_size(document: object, origin: str) -> None:
    """Refuse what no project has: validation reports every wrong entry, and a million of them would fill the memory."""
    level, depth, count = [document], 0, 0
    while level:
        count += len(level)
        if depth > MAX_DEPTH:
            raise Unreadable(expected("project_deep", name=origin))
        if count > MAX_VALUES:
            raise Unreadable(expected("project_many", name=origin, most=f"{MAX_VALUES:,}"))
        below: list[Any] = []
        for node in level:
            if isinstance(node, dict):
                below += node.values()
            elif isinstance(node, list):
                below += node
        level, depth = below, depth + 1


def _no_constant(name: str) -> float:
    raise ValueError(expected("not_finite", number=name))


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(expected("not_finite", number=digits[:40]))
    return value


def _validated(document: dict[str, object], origin: str) -> Project:
    try:
        project = Project.model_validate(document)
    except ValidationError as error:
        problems = problems_of(error)
        raise PlanError(tuple(Problem(f"{origin}: {p.field}", p.value, p.accepted) for p in problems)) from None
    except (ValueError, OverflowError, RecursionError) as error:
        raise refusal("field", where=origin, accepted=said_by(error)) from None
    if project.active >= len(project.plans):
        raise PlanError.single(f"{origin}: active", project.active, expected("active_plan", plans=len(project.plans)))
    return project


def load_project(path: Path) -> Project:
    """Open a project file; see :func:`parse_project`.

    Raises
    ------
    Refusal
        Also when the file cannot be read.
    """
    return read_project(path)[0]


def read_project(path: Path) -> tuple[Project, str]:
    """Open a project file, and the fingerprint of the very bytes that were read; raises as :func:`load_project`."""
    try:
        data = regular_bytes(path, MAX_BYTES)
    except FileNotFoundError:
        raise Refusal(missing_words("path_absent", shown_path(path), sample_names())) from None
    except Refusal:
        raise
    except (OSError, ValueError) as error:
        raise refusal("file_unreadable", path=shown_path(path), why=cause_of(error)) from None
    try:
        return parse_project(data, path.name), digest(data)
    except Unreadable as unreadable:
        kept = backup_of(path)
        if not kept.is_file():
            raise
        raise Unreadable(expected("project_backup", said=unreadable, backup=kept.name)) from None


def save_project(project: Project, path: Path, expect: Known = ANYTHING) -> str:
    """Save atomically; the previous content stays beside it as ``.bak``. What a killed save left behind goes.

    Returns the fingerprint of what was written; ``expect`` is that of what may be replaced.

    Parameters
    ----------
    project
        What is saved.
    path
        The file.
    expect
        Fingerprint of what may be replaced; any content where nobody knows it.

    Raises
    ------
    OSError
        As in :func:`model.base.files.write_atomic`; the old file is untouched.
    """
    data = project.to_bytes()
    write_atomic(path, data, backup=True, expect=expect)
    clean_leftovers(path)
    return digest(data)


def sample_names() -> tuple[str, ...]:
    """The samples that ship, in the order of ``resources/samples/index.json``."""
    names: list[str] = json.loads(resources.read_text("samples", "index.json"))
    return tuple(names)


def load_sample(name: str) -> Project:
    """A sample by name.

    Raises
    ------
    Refusal
        For a name that does not exist.
    """
    if name not in sample_names():
        raise Refusal(missing_words("sample_unknown", f"{name!r:.60}", sample_names()))
    return parse_project(resources.read_text("samples", f"{name}{SUFFIX}").encode(), name)


def open_plan(argument: str) -> Project:
    """A project from what a command was given: a file, or else a sample's name.

    Raises
    ------
    Refusal
        When it is neither.
    """
    try:
        exists = Path(argument).exists()
    except (OSError, ValueError):
        raise refusal("path_invalid", name=f"{argument!r:.60}") from None
    if not exists and argument in sample_names():
        return load_sample(argument)
    return load_project(Path(argument))
