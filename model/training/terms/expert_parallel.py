"""Expert parallel all-to-all (docs/method.md 4.3; DeepSeek-AI, arXiv 2412.19437 section 3.2)."""

from __future__ import annotations

from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Num, pick
from mitsumori.model.kernels.collectives import all_to_all_bytes, distinct_domains
from mitsumori.model.kernels.launches import beyond
from mitsumori.model.training.terms.compute import Scores
from mitsumori.model.training.terms.experts import ExpertLayer
from mitsumori.model.training.terms.setting import Setting

NODE_LIMIT: Final = 4.0
"""Domains that node-limited routing sends a token to at most (arXiv 2412.19437 section 3.2); counted for models with MLA."""
CORNER: Final = 0.2
"""Rounding of the corner where work and traffic take equally long, share of the traffic: an assumption."""
BOTH_PASSES: Final = 2.0
"""Half of the traffic is of the forward pass, which recomputation repeats."""


def inside_s(s: Setting, routed: Num) -> Num:
    """All-to-all inside a scale-up domain, seconds of a layer: ``4 R h x 2 bytes (1 - 1/e) ep_link / link``.

    ``routed``: R, routed tokens of one rank.
    """
    leaving = 1.0 - 1.0 / np.maximum(s.ep, 1.0)
    return all_to_all_bytes(routed, s.hidden) * leaving * s.constants["ep_link"] / s.machine.link


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
    reach = (1.0 - 1.0 / domains) * limited
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
    across = across_s(s, domains, layer.routed.k, layer.routed.years)
    work = s.passes * layer.experts.pass_s + scores.forward_s + scores.backward_s
    felt = beyond(across - s.constants["ep_hidden"] * work, CORNER * across)
    one = inside_s(s, layer.routed.tokens) + pick(domains > 1, felt, 0.0)
    return s.moe * one * (1.0 + s.repeats.share / BOTH_PASSES)
