"""A plan joined with the catalogue: records, architecture and the quantities that follow from them.

:func:`resolve` is where a plan meets what the program knows. What cannot be joined (an unknown server, a tensor parallel
size that does not divide the heads) is bad input and refused with :class:`model.base.refusal.PlanError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar

import numpy as np

from mitsumori.model.architecture.parallelism import (
    REPLICA_AXES,
    gpus_of_replica,
)
from mitsumori.model.architecture.transformer import Architecture, parameter_count
from mitsumori.model.base.refusal import PlanError, Problem, expected
from mitsumori.model.catalogue.accelerators import Gpu, gpu_of
from mitsumori.model.catalogue.catalogue import Catalogue, UnknownKey
from mitsumori.model.catalogue.hosts import Host
from mitsumori.model.catalogue.records import Accelerator, CloudInstance, CoolingMethod, ModelRecord, Server, Storage
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.shapes import architecture_of, least_parameters, model_architecture, shape_for_parameters
from mitsumori.model.plan.standard_batch import global_batch_of

R = TypeVar("R")

CURRENT_STACK_YEAR: Final = 2026.6
"""Release of the software a new plan assumes: the newest container in resources/runs (26.08)."""


@dataclass(frozen=True, slots=True)
class Generator:
    """The servers that generate for a training, their accelerator, and how many one server has."""

    server: Server
    gpu: Gpu
    per_server: int


@dataclass(frozen=True, slots=True)
class Resolved:
    """A plan with its records.

    Attributes
    ----------
    architecture
        The shape.
    parameters
        Parameter count: the user's ``model.params`` where given, else the architecture's own.
    params_scale
        ``parameters`` over the architecture's own count.
    accelerators
        Of the whole cluster.
    tokens
        Tokens of one training, samples converted.
    batch_is_free
        True when the user left the global batch to the program, which may then round it to whole micro-batches.
    """

    plan: Plan
    catalogue: Catalogue
    model_name: str
    model_record: ModelRecord | None
    architecture: Architecture
    parameters: float
    params_scale: float
    server: Server
    accelerator: Accelerator
    accelerators: int
    tokens: float
    global_batch: int
    batch_is_free: bool
    stack_year: float
    cooling: CoolingMethod
    cloud_instance: CloudInstance | None

    @property
    def accelerators_per_server(self) -> int:
        """Accelerators of one server that the job uses: all of them, or as many as the plan says."""
        return self.plan.cluster.accelerators_per_server or self.server.accelerators

    @property
    def gpu(self) -> Gpu:
        """The accelerator in its server, with the plan's own network bandwidth and as many of a server as the job uses."""
        bandwidth, used = self.plan.network.bandwidth_gbps, self.accelerators_per_server
        gpu = gpu_of(self.accelerator, self.server, nic_gbps=bandwidth)
        if self.accelerators <= used:
            gpu = gpu.inside_one_server()
        return gpu if used == self.server.accelerators else _part_of(gpu, used)

    @property
    def generator(self) -> Generator:
        """What generates for a training that learns by answers: the cluster itself, or servers of their own."""
        plan, key = self.plan, self.plan.rollout.server
        if not plan.generates_apart:
            return Generator(self.server, self.gpu, self.accelerators_per_server)
        if key is None or key == plan.cluster.server:
            gpu = gpu_of(self.accelerator, self.server, nic_gbps=plan.network.bandwidth_gbps)
            return Generator(self.server, gpu, self.server.accelerators)
        server = self.catalogue.server(key)
        return Generator(server, gpu_of(self.catalogue.accelerator(server.accelerator), server), server.accelerators)

    @property
    def generating(self) -> int:
        """Accelerators that only generate: those of ``rollout.servers``; 0 where the cluster does it itself, or while nobody
        has chosen how many."""
        plan = self.plan
        return (plan.rollout.servers or 0) * self.generator.per_server if plan.generates_apart else 0

    @property
    def all_accelerators(self) -> int:
        """Accelerators of the cluster and those that only generate."""
        return self.accelerators + self.generating

    @property
    def time_architecture(self) -> Architecture:
        """The shape as the clock sees it: a user's parameter count scales the depth and keeps every matrix's shape.

        Leading dense layers scale alike, so that their share and that of the layers with experts stay what they are.
        """
        if self.params_scale == 1.0:
            return self.architecture
        shape, scale = self.architecture, self.params_scale
        return shape.with_(
            layers=np.asarray(shape.layers) * scale,
            moe_dense_layers=np.asarray(shape.moe_dense_layers) * scale,
            mixer_layers=np.asarray(shape.mixer_layers) * scale,
            attention_free_layers=np.asarray(shape.attention_free_layers) * scale,
            ffn_free_layers=np.asarray(shape.ffn_free_layers) * scale,
        )


@lru_cache(maxsize=64)
def _part_of(gpu: Gpu, used: int) -> Gpu:
    """A server of which only ``used`` accelerators work: the scale-up link joins no others."""
    return gpu.with_(domain=min(float(gpu.domain), used), gpus_per_node=min(float(gpu.gpus_per_node), used))


def tokens_of(plan: Plan) -> float:
    """Tokens of one training as the stage counts them, times epochs.

    ``tokens`` where no samples are given. A sample is a packed sequence of ``seq_len`` in pre-training and SFT kinds; a
    pair of answers in DPO (``2 * (prompt + response)``); a prompt with its answers in PPO (one) and GRPO
    (``responses_per_prompt``); one generated answer in synthetic data generation.
    """
    work = plan.workload
    if work.samples is None:
        return work.tokens * work.epochs
    answered = float(work.prompt_len + work.response_len)
    a_sample = {
        "dpo": 2.0 * answered,
        "ppo": answered,
        "grpo": work.responses_per_prompt * answered,
        "datagen": float(work.response_len),
    }.get(work.stage, plan.parallel.seq_len * work.packing)
    return work.samples * a_sample * work.epochs


def resolve(plan: Plan, catalogue: Catalogue | None = None) -> Resolved:
    """Join a plan with the catalogue.

    Raises
    ------
    PlanError
        One sentence naming the field, the value and what would be accepted.

    Notes
    -----
    A plan that serves has no layout of a training of its own: what was entered for one waits in the plan, unchecked.
    """
    catalogue = catalogue or Catalogue.shipped()
    if plan.serving.enabled and not plan.parallel.auto:
        plan = plan.with_parts(parallel=plan.parallel.model_copy(update={"auto": True}))
    server = _look_up(catalogue.server, "cluster.server", plan.cluster.server)
    accelerator = _accelerator(plan, server, catalogue)
    server = _equipped(server, accelerator.key)
    cooling = _look_up(catalogue.cooling_method, "facility.cooling", plan.facility.cooling)
    instance = None
    if plan.money.cloud.instance is not None:
        instance = _look_up(catalogue.cloud_instance, "money.cloud.instance", plan.money.cloud.instance)
    if plan.network.fabric is not None:
        device = _look_up(catalogue.network, "network.fabric", plan.network.fabric)
        if "-switch" not in device.kind or not device.ports:
            raise PlanError.single("network.fabric", plan.network.fabric, expected("fabric_ports"))
    if plan.facility.utility is not None:
        _look_up(lambda key: catalogue.get("utilities", key), "facility.utility", plan.facility.utility)
    if plan.network.storage is not None:
        _look_up(lambda key: catalogue.get("storage", key), "network.storage", plan.network.storage)
    for number, entry in enumerate(plan.cluster.more):
        further(entry.server, number, catalogue)
    if plan.rollout.server is not None:
        _look_up(catalogue.server, "rollout.server", plan.rollout.server)
    used = plan.cluster.accelerators_per_server or server.accelerators
    if used > server.accelerators:
        most = expected("accelerators_most", server=server.name, count=server.accelerators)
        raise PlanError.single("cluster.accelerators_per_server", used, most)
    name, record, shape = _model(plan, catalogue)
    own = float(parameter_count(shape).total)
    parameters = plan.model.params if plan.model.params is not None else own
    if name != "custom" or plan.model.architecture is not None:
        _check_parameters(parameters, shape)
    resolved = Resolved(
        plan=plan,
        catalogue=catalogue,
        model_name=name,
        model_record=record,
        architecture=shape,
        parameters=parameters,
        params_scale=parameters / own,
        server=server,
        accelerator=accelerator,
        accelerators=used * plan.cluster.servers,
        tokens=tokens_of(plan),
        global_batch=global_batch_of(plan, parameters, used * plan.cluster.servers, accelerator.usable_bytes),
        batch_is_free=plan.parallel.global_batch is None,
        stack_year=plan.parallel.stack_year or CURRENT_STACK_YEAR,
        cooling=cooling,
        cloud_instance=instance,
    )
    if not plan.parallel.auto:
        _check_layout(resolved)
    for row in plan.table.models:
        _look_up(catalogue.model, "table.models", row)
    return resolved


def further(key: str, number: int, catalogue: Catalogue) -> Server | Host | Storage:
    """Return the record of an entry of ``cluster.more``: a server, a host or a storage system.

    Parameters
    ----------
    key
        Key of the record.
    number
        Place of the entry in the list, from 0.
    catalogue
        Records of the project.

    Raises
    ------
    PlanError
        For an unknown key, and for a record without the power and height that a place in a rack needs.
    """
    field = f"cluster.more.{number}.server"
    machines: dict[str, Server | Host | Storage] = {
        **catalogue.storage_systems(), **catalogue.hosts(), **catalogue.servers()
    }  # fmt: skip
    record = machines.get(key)
    if record is None:
        raise PlanError.single(field, key, UnknownKey("machines", key, machines).problem.accepted)
    known = record.max_power_kw is not None or isinstance(record, Server)
    if record.rack_units is None or not known:
        raise PlanError.single(field, key, expected("record_power"))
    return record


def _accelerator(plan: Plan, server: Server, catalogue: Catalogue) -> Accelerator:
    wanted = plan.cluster.accelerator
    if wanted is None:
        return _look_up(catalogue.accelerator, "cluster.server", server.accelerator)
    options = dict.fromkeys((server.accelerator, *server.accelerator_options))
    if wanted not in options:
        takes = expected("accelerator_options", server=server.name, options=", ".join(options))
        raise PlanError.single("cluster.accelerator", wanted, takes)
    return _look_up(catalogue.accelerator, "cluster.accelerator", wanted)


@lru_cache(maxsize=64)
def _equipped(server: Server, accelerator: str) -> Server:
    """The server with an accelerator of its options in it; one object each, since records are told apart by identity."""
    if server.accelerator == accelerator:
        return server
    options = tuple(dict.fromkeys((server.accelerator, *server.accelerator_options)))
    return server.model_copy(update={"accelerator": accelerator, "accelerator_options": options})


def accelerator_options(key: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Keys of the accelerators that a server takes, its standard one first; none for an unknown server."""
    server = catalogue.servers().get(key)
    return () if server is None else tuple(dict.fromkeys((server.accelerator, *server.accelerator_options)))


def accelerator_key(plan: Plan, catalogue: Catalogue) -> str:
    """The key of the accelerator in a plan's servers: the plan's own choice where the server takes it, else its standard.

    Empty where the server is unknown.
    """
    options = accelerator_options(plan.cluster.server, catalogue)
    chosen = plan.cluster.accelerator
    return chosen if chosen is not None and chosen in options else options[0] if options else ""


def with_fitting_accelerator(changes: Mapping[str, object], plan: Plan, catalogue: Catalogue) -> dict[str, object]:
    """Changes of a plan, completed: a server that does not take the plan's accelerator gets its standard one.

    Parameters
    ----------
    changes
        Plan paths and values.
    plan, catalogue
        What they are made to, and the records of the project.
    """
    chosen, key = plan.cluster.accelerator, changes.get("cluster.server")
    if chosen is None or not isinstance(key, str) or "cluster.accelerator" in changes:
        return dict(changes)
    fits = chosen in accelerator_options(key, catalogue)
    return dict(changes) if fits else {**changes, "cluster.accelerator": None}


def _look_up(find: Callable[[str], R], field: str, key: str) -> R:
    try:
        return find(key)
    except UnknownKey as error:
        raise PlanError((Problem(field, key, error.problem.accepted),)) from None


def _model(plan: Plan, catalogue: Catalogue) -> tuple[str, ModelRecord | None, Architecture]:
    if plan.model.architecture is not None:
        return plan.model.preset or "custom", None, architecture_of(plan.model.architecture)
    if plan.model.preset is not None:
        record, shape = model_of("model.preset", plan.model.preset, catalogue)
        return record.name, record, shape
    assert plan.model.params is not None  # Plan's own validation
    return "custom", None, shape_for_parameters(plan.model.params)


def model_of(field: str, key: str, catalogue: Catalogue) -> tuple[ModelRecord, Architecture]:
    """The record and the shape of a catalogue model that a field of the plan names.

    Parameters
    ----------
    field
        Path of the field, for a refusal.
    key
        Catalogue key of the model.
    catalogue
        The project's records.

    Raises
    ------
    PlanError
        For an unknown key, or a model that cannot be counted.
    """
    record = _look_up(catalogue.model, field, key)
    return record, model_architecture(record, field)


def _check_parameters(parameters: float, arch: Architecture) -> None:
    """Refuse a count that the shape cannot have: the count scales the depth, and one layer is the least."""
    least = least_parameters(arch)
    if parameters < least * (1.0 - 1e-9):
        raise PlanError.single("model.params", parameters, expected("parameters_least", least=f"{least:.4g}"))


def batch_divides(global_batch: int, unit: Any) -> Any:
    """Whether ``unit = dp * micro_batch`` sequences divide a batch, so that every replica gets whole micro-batches."""
    return global_batch % unit == 0


def _check_layout(resolved: Resolved) -> None:
    """Refuse a layout given by the user that the model or the cluster does not allow."""
    par, arch, gpus = resolved.plan.parallel, resolved.architecture, resolved.accelerators
    heads, layers = arch.shared_heads, int(arch.layers)

    def refuse(field: str, value: object, code: str, **values: object) -> None:
        raise PlanError.single(f"parallel.{field}", value, expected(f"layout_{code}", **values))

    if heads % par.tp:
        refuse("tp", par.tp, "tp", heads=heads)
    if par.pp > layers:
        refuse("pp", par.pp, "pp", layers=layers)
    if par.pp * par.vp > layers:
        refuse("vp", par.vp, "vp", layers=layers)
    if par.vp > 1 and par.pp == 1:
        refuse("vp", par.vp, "vp_pp")
    split = gpus_of_replica(par)
    if gpus % split:
        refuse("pp" if par.pp > 1 else "tp", par.pp if par.pp > 1 else par.tp,
               "split", axes=" * ".join(REPLICA_AXES), split=split, gpus=gpus)  # fmt: skip
    if par.cp > 1 and par.seq_len % (2 * par.cp):
        refuse("cp", par.cp, "cp", tokens=par.seq_len)
    stage_gpus = gpus // par.pp
    if par.ep > 1 and not int(arch.moe_experts):
        refuse("ep", par.ep, "ep_dense")
    if par.ep > 1 and int(arch.moe_experts) % par.ep:
        refuse("ep", par.ep, "ep", experts=int(arch.moe_experts))
    if stage_gpus % (par.ep * par.etp):
        refuse("ep", par.ep, "ep_stage", split=par.ep * par.etp, gpus=stage_gpus)
    dp = gpus // split
    per_step = dp * par.micro_batch
    if resolved.batch_is_free:
        return
    if not batch_divides(resolved.global_batch, per_step):
        refuse("global_batch", resolved.global_batch, "batch", dp=dp, micro_batch=par.micro_batch, unit=per_step)
