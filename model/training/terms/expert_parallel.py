"""Expert parallel all-to-all (docs/method.md 4.3; DeepSeek-AI, arXiv 2412.19437 section 3.2)."""

from __future__ import annotations

from typing import Final

import numpy as np

from mitsumori.model.architecture.stacks import DISPATCH_YEAR
from mitsumori.model.base.arrays import Mask, Num, pick, some
from mitsumori.model.catalogue.accelerators import FAMILIES
from mitsumori.model.kernels.collectives import all_to_all_bytes, distinct_domains, mesh_share
from mitsumori.model.kernels.launches import beyond
from mitsumori.model.memory.activations import has_module
from mitsumori.model.training.terms.compute import Scores
from mitsumori.model.training.terms.experts import ExpertLayer
from mitsumori.model.training.terms.setting import Setting

NODE_LIMIT: Final = 4.0
"""Domains that node-limited routing sends a token to at most (arXiv 2412.19437 section 3.2); counted for models with MLA."""
CORNER: Final = 0.2
"""Rounding of the corner where work and traffic take equally long, share of the traffic: an assumption."""
BOTH_PASSES: Final = 2.0
"""Half of the traffic is of the forward pass, which recomputation repeats."""


INSIDE_OF_FAMILY: Final = np.array(
    [{"blackwell": 1.4, "blackwell_ultra": 1.4, "rubin": 1.4}.get(name, 1.0) for name in FAMILIES]
)
"""Dispatch and combine inside a domain, share of the link's time over Hopper's: 0.60-0.65 there, 0.8-1.06 on Blackwell, whose
link is twice as fast (measured dispatchers, docs/method.md 4.8)."""


def inside_s(s: Setting, routed: Num) -> Num:
    """All-to-all inside a scale-up domain, seconds of a layer: ``4 R h x 2 bytes (1 - 1/e) ep_link / link``.

    ``routed``: R, routed tokens of one rank.
    """
    leaving = 1.0 - 1.0 / np.maximum(s.ep, 1.0)
    slower = INSIDE_OF_FAMILY[np.asarray(s.gpu.family)]
    link = s.machine.link * mesh_share(s.ep * s.etp, s.machine.domain, s.machine.mesh)
    return all_to_all_bytes(routed, s.hidden) * leaving * s.constants["ep_link"] * slower / link


def across_s(s: Setting, domains: Num, k: Num, years: Num) -> Num:
    """All-to-all between domains before anything hides it, seconds of a layer.

    ``4 T/t h x 2 bytes x distinct other domains / network x ep_nic x e^(ep_age x years)``

    Parameters
    ----------
    s
        The step's setting.
    domains
        Scale-up domains that the expert group spans.
    k
        Experts a token.
    years
        Age of the dispatcher.
    """
    c = s.constants
    drawn = distinct_domains(domains, k)
    limited = pick(s.mla, np.minimum(drawn, NODE_LIMIT), drawn)
    # Plain all-to-all sends a token once to every expert, the dispatchers since 2025 once to every server.
    reach = (1.0 - 1.0 / domains) * pick(np.equal(s.habits.kernels.dispatcher, 0) & recent_stack(s), k, limited)
    sent = all_to_all_bytes(s.tokens / s.t, s.hidden) * reach
    return sent / s.machine.nic * c["ep_nic"] * np.exp(c["ep_age"] * years)


def exposed_s(s: Setting, layer: ExpertLayer, scores: Scores) -> Num:
    """Exposed all-to-all of the whole model, seconds of a micro-batch.

    What goes between domains hides behind ``ep_hidden`` of the expert and attention work.

    Parameters
    ----------
    s
        The step's setting.
    layer
        The expert layer.
    scores
        Its attention.
    """
    domains = np.ceil(s.ep * s.etp / s.machine.domain)
    stated = np.asarray(s.habits.kernels.ep_overlap)
    across = across_s(s, domains, layer.routed.k, layer.routed.years)
    work = s.passes * layer.experts.pass_s + scores.forward_s + scores.backward_s
    hidden = pick(stated < 0, s.constants["ep_hidden"], pick(stated > 0, s.constants["ep_beside"], 0.0))
    felt = beyond(across - hidden * work, CORNER * across)
    inside = inside_s(s, layer.routed.tokens) * pick(stated > 0, 1.0 - s.constants["ep_beside"], 1.0)
    one = inside + pick(domains > 1, felt, 0.0)
    again = s.repeats.share
    if some(s.repeats.stated):
        again = np.maximum(again, pick(s.repeats.stated & has_module(s.parallel, "moe"), 1.0, 0.0))
    layers = s.moe if s.mixed is None else s.moe * s.mixed.feeds
    return layers * one * (1.0 + again / BOTH_PASSES)


def recent_stack(s: Setting) -> Mask:
    """Software whose dispatcher is stated or follows from its release; older rows were fitted as they are."""
    return np.asarray(s.habits.year >= DISPATCH_YEAR)
