"""What came out of another tool's file: plan values, what the file does not say, what Mitsumori does not know."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from mitsumori.model.architecture.parallelism import gpus_of_replica
from mitsumori.model.architecture.transformer import active_parameters, parameter_count
from mitsumori.model.base import messages
from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import PlanError, Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.formats.shapes import Shape, complete, plan_names
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve


@dataclass(frozen=True, slots=True)
class Origin:
    """What a reader knows beside a file: its ``name`` (a path; a hint among models of one shape) and the records of models."""

    name: str
    catalogue: Catalogue


ASKED: Final = (
    "model", "workload.tokens", "cluster.server", "cluster.servers", "parallel.tp", "parallel.pp", "parallel.cp",
    "parallel.ep", "parallel.zero_stage", "parallel.micro_batch", "parallel.global_batch", "parallel.seq_len",
    "parallel.precision", "parallel.optimizer", "parallel.recompute",
)  # fmt: skip
"""What an estimate rests on and a configuration may leave open; ``model`` stands for preset or architecture."""

SHAPE_ASKED: Final = ("layers", "hidden", "ffn", "heads", "kv_heads", "vocab")
"""Parts of a shape that a file may leave open, listed as ``model.architecture.<name>``."""


def note(code: str, **values: object) -> Sentence:
    """A sentence of resources/messages/formats.toml; values are shown as text, long ones cut."""
    return Sentence("formats", code, {name: shown(value, 300) for name, value in values.items()})


def shown(value: object, limit: int = 80) -> str:
    """A value of a file as short text on one line."""
    text = " ".join(str(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


class NamedRefusal(Refusal):
    """A file refused by a sentence of resources/messages/formats.toml, in both languages; ``str()`` is English."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(note(code, **values))


_BESIDE: Final = ("parallel.auto", "parallel.stack")
"""Paths that follow from the kind of file, not from what it says."""

DOUBTS: Final = (
    "family_unknown", "tower_uncounted", "tower_estimated", "vocab_of_preset", "shape_incomplete", "shape_unclear",
    "branches_differ", "several_trainings", "several_servers",
)  # fmt: skip
"""Remarks that make the parameter count doubtful."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a person should know of a configuration that was read, a sentence each, in one language.

    Attributes
    ----------
    doubts
        What makes the parameter count doubtful; stands before it.
    counts
        Total and active parameters of the model.
    remarks
        What was derived or simplified.
    assumed
        What the file does not say and the tool's own default fills in.
    missing
        What the file does not say and the plan keeps.
    left_aside
        What the file says and the plan does not take.
    """

    doubts: tuple[str, ...]
    counts: str
    remarks: tuple[str, ...]
    assumed: tuple[str, ...]
    missing: tuple[str, ...]
    left_aside: tuple[str, ...]

    def lines(self) -> tuple[str, ...]:
        """All of it in order; a doubt stands in one line with the count that it puts in doubt."""
        first = (" ".join((self.doubts[0], self.counts)), *self.doubts[1:]) if self.doubts else (self.counts,)
        return (*first, *self.remarks, *self.assumed, *self.missing, *self.left_aside)


@dataclass(frozen=True, slots=True)
class Imported:
    """A configuration read.

    Attributes
    ----------
    format
        ``huggingface``, ``megatron``, ``deepspeed``, ``torchtitan`` or ``nemo``.
    values
        Plan paths and their values, as :meth:`model.plan.plan.Plan.with_values` takes them.
    shape
        Parts of a model's shape where the file gives only some (the rest stays the plan's own); empty when ``values``
        has a preset or a whole architecture.
    missing
        Plan paths that the file does not say and for which the plan keeps its value.
    defaulted
        Plan paths in ``values`` that the file does not say either: the tool's own default applies.
    unknown
        (key, value) pairs of the file that Mitsumori does not know or could not resolve.
    notes
        Sentences about what was derived or left aside.
    accelerators
        GPUs the file is written for; None when it does not say.
    assumed
        Every plan path in ``values`` that is the tool's own default (``defaulted`` are those that a person is told).
    said_shape
        Every part of the model's shape that the file says, also where a preset has it.
    beside
        (name, parameters) of parts that the published count includes and a plan's shape does not: a vision tower.
    """

    format: str
    values: Mapping[str, Any]
    shape: Shape = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    defaulted: tuple[str, ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()
    notes: tuple[Sentence, ...] = ()
    accelerators: int | None = None
    assumed: tuple[str, ...] = ()
    said_shape: Shape = field(default_factory=dict)
    beside: tuple[tuple[str, int], ...] = ()

    def copied(self, copies: int) -> Imported:
        """The same from a manifest of several Pods: nodes of a training, or whole copies of a server.

        Parameters
        ----------
        copies
            Pods of the container, at least 2.
        """
        gpus = self.accelerators
        more = (note("serving_copies", count=copies),) if "serving.enabled" in self.values else ()
        return replace(self, accelerators=None if gpus is None else gpus * copies, notes=(*self.notes, *more))

    def counts(self, after: Plan, catalogue: Catalogue | None = None) -> tuple[int, int]:
        """Total and active parameters of the model of an applied plan as its publisher counts them."""
        arch = resolve(after, catalogue).architecture
        more = sum(count for _, count in self.beside)
        return round(float(parameter_count(arch).total)) + more, round(float(active_parameters(arch))) + more

    def document(self, plan: Plan, catalogue: Catalogue | None = None) -> dict[str, Any]:
        """What ``import --json`` prints: the plan, its counts, and what was read, assumed and left aside."""
        after = self.apply(plan, catalogue)
        total, active = self.counts(after, catalogue)
        read: dict[str, Any] = {}
        for path, value in self.values.items():
            if path in self.said and path != "model.architecture":
                read[path] = value
        read |= {f"model.architecture.{name}": value for name, value in plan_names(self.said_shape).items()}
        if self.accelerators is not None:
            read["cluster.servers"] = after.cluster.servers
        left: dict[str, Any] = dict(self.unknown)
        left |= dict(self.beside)
        return {
            "plan": after.model_dump(mode="json"), "params": total, "active_params": active, "gpus": self.accelerators,
            "read": read, "assumed": {path: self.values[path] for path in self.assumed}, "left_aside": left,
        }  # fmt: skip

    def apply(self, plan: Plan, catalogue: Catalogue | None = None) -> Plan:
        """The plan with everything that the file says; what it does not say stays.

        The server count follows from the file's GPUs; where it does not name them and the layout does not fit the
        plan's cluster, the smallest count of servers that holds it is taken (:meth:`report` says so).

        Raises
        ------
        PlanError
            When the file's values and the plan's do not make a valid plan.
        """
        return self._applied(plan, catalogue)[0]

    def report(self, plan: Plan, language: str, catalogue: Catalogue | None = None) -> tuple[str, ...]:
        """Everything a person should know after :meth:`apply`, one sentence each, in ``ja`` or ``en``."""
        return self.parts(plan, language, catalogue).lines()

    def parts(self, plan: Plan, language: str, catalogue: Catalogue | None = None) -> Report:
        """The sentences of :meth:`report`, by what they are about."""
        after, notes = self._applied(plan, catalogue)
        total, active = self.counts(after, catalogue)
        key = "parameters_active" if active != total else "parameters"
        count = note(key, total=billions(total), active=billions(active))

        def of(prefix: str, paths: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(
                messages.text(
                    "formats", f"{prefix}_{path.replace('.', '_')}", language,
                    value=_shown_value(after, path, language, catalogue),
                )
                for path in paths
            )  # fmt: skip

        doubts = [item.text(language) for item in self.notes if item.code in DOUBTS]
        if self.shape and not any(item.code == "shape_incomplete" for item in self.notes):
            doubts.insert(0, note("shape_incomplete").text(language))
        unsaid = ("model",) if "model" in self.missing else ()  # the count is the plan's own
        unmatched = next((value for name, value in self.unknown if name in ("model", "model.flavor")), None)
        whose = of("missing", unsaid)
        if unsaid and unmatched is not None:
            kept = _shown_value(after, "model", language, catalogue)
            whose = (note("model_not_in_catalogue", name=unmatched, value=kept).text(language),)
        return Report(
            (*whose, *doubts),
            count.text(language),
            tuple(item.text(language) for item in (*self.notes, *notes) if item.code not in DOUBTS),
            of("default", self.defaulted),
            of("missing", tuple(path for path in self.missing if path not in unsaid)),
            tuple(
                messages.text("formats", "unknown", language, name=name, value=value) for name, value in self.unknown
            ),
        )

    @property
    def said(self) -> tuple[str, ...]:
        """Plan paths in ``values`` that the file itself says, or that follow from it."""
        return tuple(path for path in self.values if path not in self.assumed and path not in _BESIDE)

    def checked(self, plan: Plan, catalogue: Catalogue | None = None) -> Plan:
        """As :meth:`apply`, and the plan has been through an estimate: what that refuses is not handed over.

        Raises
        ------
        Refusal
            As :meth:`apply`, and with the estimate's own sentence.
        """
        from mitsumori.model.estimate.estimate import estimate

        after = self.apply(plan, catalogue)
        estimate(after, catalogue)
        return after

    def _applied(self, plan: Plan, catalogue: Catalogue | None) -> tuple[Plan, tuple[Sentence, ...]]:
        changes = dict(self.values)
        if "model.preset" in changes or "model.architecture" in changes or self.shape:
            changes = {"model.preset": None, "model.architecture": None, "model.params": None} | changes
        if self.shape:
            base = asdict(resolve(plan.with_values({"parallel.auto": True}), catalogue).architecture)
            changes["model.architecture"] = complete(self.shape, base)
        if "workload.tokens" in changes:
            changes |= {"workload.samples": None, "workload.epochs": 1.0}
        if changes.get("parallel.pp") == 1:
            changes.setdefault("parallel.vp", 1)  # the plan's interleaving has no stages left
        after = plan.with_values(changes)
        servers, notes = self._servers(after, catalogue)
        after = after if servers == after.cluster.servers else after.with_values({"cluster.servers": servers})
        par = after.parallel
        split = gpus_of_replica(par)
        if self.accelerators is not None and not par.auto and self.accelerators < split:
            raise NamedRefusal("layout_needs", tp=par.tp, pp=par.pp, cp=par.cp, needs=split, gpus=self.accelerators)
        try:
            resolve(after, catalogue)
        except PlanError as error:
            if error.problems[0].field == "parallel.ep" and "model.preset" not in changes and not self.shape:
                # the file's experts belong to a model that it does not say, and the plan's model has none
                after = after.with_values({"parallel.ep": 1, "parallel.etp": 1})
                resolve(after, catalogue)
                return after, (*notes, note("experts_not_said", ep=changes.get("parallel.ep", "?")))
            if "parallel.global_batch" in changes or error.problems[0].field != "parallel.global_batch":
                raise
            after = after.with_values(
                {"parallel.global_batch": None}
            )  # the plan's own batch does not fit the file's layout
            resolve(after, catalogue)
        return after, notes

    def _servers(self, plan: Plan, catalogue: Catalogue | None) -> tuple[int, tuple[Sentence, ...]]:
        """Servers that hold the layout, and what to say about the count."""
        known = (catalogue or Catalogue.shipped()).servers().get(plan.cluster.server)
        if known is None:
            return plan.cluster.servers, ()
        per_server = known.accelerators
        if self.accelerators is not None:
            servers = min(100_000, max(1, math.ceil(self.accelerators / per_server)))
            if servers * per_server == self.accelerators:
                return servers, ()
            said = note("servers_rounded", gpus=self.accelerators, per_server=per_server, servers=servers)
            return servers, (said,)
        if plan.parallel.auto or not any(path.startswith("parallel.") for path in self.values):
            return plan.cluster.servers, ()
        if _holds(plan, plan.cluster.servers * per_server):
            return plan.cluster.servers, ()
        par = plan.parallel
        unit = math.lcm(per_server, gpus_of_replica(par))
        for servers in range(unit // per_server, 100_001, unit // per_server):
            gpus = servers * per_server
            if _holds(plan, gpus):
                return servers, (note("servers_smallest", gpus=gpus, servers=servers),)
            if par.global_batch is not None and gpus // gpus_of_replica(par) > par.global_batch:
                break
        return plan.cluster.servers, ()


def billions(count: int) -> str:
    """A count of parameters in billions or millions."""
    return f"{count / 1e9:,.4g} B" if count >= 1e8 else f"{count / 1e6:,.3g} M"


def _holds(plan: Plan, gpus: int) -> bool:
    """Whether a layout divides a number of GPUs, and the global batch the replicas."""
    par = plan.parallel
    split = gpus_of_replica(par)
    if gpus % split or (gpus // par.pp) % (par.ep * par.etp):
        return False
    return par.global_batch is None or par.global_batch % (gpus // split * par.micro_batch) == 0


def _shown_value(plan: Plan, path: str, language: str, catalogue: Catalogue | None) -> str:
    if path == "model":
        resolved = resolve(plan.with_values({"parallel.auto": True}), catalogue)
        return resolved.model_name
    if path.startswith("model.architecture."):
        resolved = resolve(plan.with_values({"parallel.auto": True}), catalogue)
        return f"{int(getattr(resolved.architecture, path.rpartition('.')[2])):,}"
    value = plan.value(path)
    if value is None:
        return messages.text("formats", "standard", language)
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 1000 else f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
