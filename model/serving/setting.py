"""A plan as the serving engine sees it: the servers it serves on, the model by parts, the formats and the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mitsumori.model.catalogue.accelerators import FAMILIES, Gpu, gpu_of
from mitsumori.model.plan.resolve import Resolved, model_of, resolve
from mitsumori.model.serving.layout import Layout
from mitsumori.model.serving.published import model_facts
from mitsumori.model.serving.shape import Deployment, Drafter, ServedModel, served_model
from mitsumori.model.serving.system import candidates, deployment_of


@dataclass(frozen=True, slots=True)
class Setting:
    """``here`` is the plan on its serving servers; ``at`` has the formats and the engine, its layout left at one."""

    here: Resolved
    gpu: Gpu
    model: ServedModel
    at: Deployment
    precision: str
    facts: Mapping[str, Any]

    @property
    def family(self) -> str:
        """Architecture family of the accelerator."""
        return FAMILIES[int(np.asarray(self.gpu.family))]

    @property
    def per_server(self) -> int:
        """Accelerators of one serving server."""
        return self.here.server.accelerators

    def layouts(self) -> tuple[Layout, ...]:
        """Layouts of a replica that the plan allows."""
        return candidates(self.here.plan.serving, self.model, self.per_server, int(self.gpu.joined))


def precisions_of(gpu: Gpu, own: str) -> tuple[str, ...]:
    """Formats of weights worth trying on an accelerator: 16 bits, those that it computes in, and the plan's own."""
    found = ["bf16"]
    if gpu.fp8_flops > gpu.bf16_flops:
        found.append("fp8")
    if gpu.fp4:
        found.append("nvfp4")
    return tuple(dict.fromkeys((own, *found)))


def narrower(gpu: Gpu, own: str, weight_only: bool = False) -> tuple[str, ...]:
    """Formats of weights with fewer bits than the plan's own, widest first.

    Parameters
    ----------
    gpu
        The accelerator.
    own
        The plan's format.
    weight_only
        Also int4, whose weights every accelerator widens to 16 bits before it computes.
    """
    bits = {"bf16": 16, "fp8": 8, "nvfp4": 4, "mxfp4": 4, "int4": 4}
    found = [name for name in precisions_of(gpu, own) if bits[name] < bits[own]]
    if weight_only and bits[own] > bits["int4"] and "nvfp4" not in found:
        found.append("int4")
    return tuple(found)


def served_on(resolved: Resolved, servers: int) -> Resolved:
    """The plan with the serving servers in the place of its cluster; the layout of its training is then chosen anew.

    Parameters
    ----------
    resolved
        The plan with its records.
    servers
        Servers that serve, at least one.
    """
    plan = resolved.plan
    key = plan.serving.server or plan.cluster.server
    if (key, servers) == (plan.cluster.server, plan.cluster.servers):
        return resolved
    accelerator = plan.cluster.accelerator if key == plan.cluster.server else None
    cluster = plan.cluster.model_copy(update={"server": key, "servers": servers, "accelerator": accelerator})
    parallel = plan.parallel.model_copy(update={"auto": True})
    changes: dict[str, object] = {"cluster": cluster, "parallel": parallel}
    return resolve(plan.model_copy(update=changes), resolved.catalogue)


def setting(resolved: Resolved) -> Setting:
    """What serving needs of a plan.

    Raises
    ------
    PlanError
        For an unknown ``serving.server`` or ``serving.draft_model``.
    """
    here = served_on(resolved, 1)
    part, gpu = resolved.plan.serving, gpu_of(here.accelerator, here.server)
    facts = model_facts(resolved.model_record.key if resolved.model_record is not None else "")
    model = served_model(
        resolved.architecture, scale=resolved.params_scale, sparse_top=facts.get("sparse_top", 0.0),
        block_fp8=float(facts.get("block_fp8", False)),
        qk_norm=float(facts.get("qk_norm", False)),
    )  # fmt: skip
    precision = part.weight_precision or str(facts.get("published", "bf16"))
    moe, latent = bool(np.asarray(model.expert_count) > 0), bool(np.asarray(model.mla))
    at = replace(deployment_of(part, gpu, precision, moe, latent), drafter=_drafter(resolved, gpu))
    return Setting(here, gpu, model, at, precision, facts)


def _drafter(resolved: Resolved, gpu: Gpu) -> Drafter | None:
    """The model that drafts, in the format it is published in; None where the plan names none."""
    part = resolved.plan.serving
    if part.speculative != "draft" or part.draft_model is None:
        return None
    record, shape = model_of("serving.draft_model", part.draft_model, resolved.catalogue)
    facts = model_facts(record.key)
    model = served_model(
        shape, sparse_top=facts.get("sparse_top", 0.0), block_fp8=float(facts.get("block_fp8", False)),
        qk_norm=float(facts.get("qk_norm", False)),
    )  # fmt: skip
    alone = part.model_copy(update={"speculative": "none", "acceptance": None})
    moe, latent = bool(np.asarray(model.expert_count) > 0), bool(np.asarray(model.mla))
    return Drafter(model, deployment_of(alone, gpu, str(facts.get("published", "bf16")), moe, latent))
