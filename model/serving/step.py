"""Time of one decode step and of one prefill, as sums of named terms.

Sources: Pope et al., arXiv 2211.05102 (roofline of decode and attention); Agrawal et al., arXiv 2403.02310 (chunked prefill);
DeepSeek-AI, arXiv 2412.19437 (experts, MLA). Constants: :mod:`.constants`.
"""

from __future__ import annotations

import numpy as np

from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.serving import constants as c
from mitsumori.model.serving.shape import (
    Card,
    Deployment,
    ServedModel,
    cache_bytes_per_sequence,
    expert_padding,
    weight_bytes,
)


def _soft(a: Num, b: Num) -> Array:
    """Soft maximum of two times that overlap: ``(a^3 + b^3)^(1/3)``; times whose cube is no number are endless."""
    with np.errstate(over="ignore"):
        return np.asarray(np.cbrt(np.asarray(a) ** 3 + np.asarray(b) ** 3))


def expert_coverage(model: ServedModel, tokens: Num, k: c.ServingConstants) -> Array:
    """Share of the routed experts that ``tokens`` touch: ``1 - (1 - k/E)^(T^0.88)``; 0 for a dense model.

    Parameters
    ----------
    model
        Routed experts and experts a token.
    tokens
        Rows of the step over all ranks that share the experts.
    k
        Fitted constants.
    """
    share = np.asarray(model.topk) / np.maximum(1.0, model.expert_count)
    return np.where(
        np.asarray(model.expert_count) > 0,
        1.0 - (1.0 - np.minimum(share, 0.999)) ** np.asarray(tokens) ** k.coverage_exponent,
        0.0,
    )


def _read_context(model: ServedModel, context: Num) -> Array:
    """Layer-tokens of cache that one sequence reads a step."""
    ctx = np.asarray(context, dtype=float)
    full = np.where(np.asarray(model.sparse_top) > 0, np.minimum(ctx, model.sparse_top) + 0.12 * ctx, ctx)
    window = np.minimum(ctx, np.where(np.asarray(model.window) > 0, model.window, ctx))
    return np.asarray(full * model.full_layers + window * model.window_layers)


def reduce_rate(at: Deployment, card: Card) -> Array:
    """Bytes/s, one way, of an accelerator's part in an all-reduce of one stage.

    Beyond the scale-up domain the rings of a domain leave it by all of its adapters (or slots), each with its share of the
    bytes: ``min(link, domain*outside)``.

    Parameters
    ----------
    at, card
        Accelerators of a stage; rates and size of the domain.
    """
    between = np.minimum(card.link, np.asarray(card.domain) * np.asarray(card.outside))
    return np.where(np.asarray(at.gpus) > np.asarray(card.domain), between, card.link)


def exchange_rate(at: Deployment, card: Card) -> Array:
    """Bytes/s, one way, at which an accelerator sends rows to all others of its stage: beyond the domain through its adapter.

    Parameters
    ----------
    at, card
        Accelerators of a stage; rates and size of the domain.
    """
    return np.where(np.asarray(at.gpus) > np.asarray(card.domain), card.outside, card.link)


def cache_transfer_s(model: ServedModel, prefill: Deployment, decode: Deployment, card: Card, tokens: Num) -> Array:
    """Seconds in which the cache of one prompt goes from the worker that read it to the one that decodes.

    ``bytes/(ranks*rate)``: each rank sends its own heads (a latent cache is sent whole to every rank), over the scale-up link
    where both workers stand in one domain, else through the adapters.

    Parameters
    ----------
    model
        Cache elements by kind of layer.
    prefill, decode
        Layouts of both workers; the cache has the decoder's format.
    card
        Link rates and the domain's size.
    tokens
        Tokens of the prompt, at least 1.
    """
    together = np.asarray(prefill.gpus) * prefill.pp + np.asarray(decode.gpus) * decode.pp
    rate = np.where(together <= np.asarray(card.domain), card.link, card.outside) * c.COPY_SHARE
    ranks = np.minimum(np.minimum(prefill.attention_ranks, decode.attention_ranks), model.kv_heads)
    sent = cache_bytes_per_sequence(model, decode, tokens) / np.maximum(1.0, ranks)
    if decode.drafter is not None:
        sent = sent + decode.drafter.cache_share(decode, tokens)
    return np.asarray(sent / rate)


def collective_s(model: ServedModel, at: Deployment, card: Card, sequences: Num, k: c.ServingConstants) -> Array:
    """All-reduces of tensor parallelism or the exchange of data-parallel attention, seconds a step.

    Two a layer: latency ``9 us * (n/8)^0.35`` (1.6 times on AMD) and the bytes over the one-way link. Beyond the scale-up
    domain the latency is ``across_nodes`` times as long and the bytes go at the speed of the adapters between nodes.

    Parameters
    ----------
    model, at, card
        What is served (parameters by part, cache), how one replica is laid out (ranks, formats, engine), and the rates of the
        accelerator (bytes/s, FLOP/s, bytes); arrays broadcast, one row a configuration.
    sequences
        Running sequences of the replica.
    k
        Fitted constants.
    """
    n, rows = np.asarray(at.gpus), np.asarray(sequences) * at.draft / at.pp
    out = n > np.asarray(card.domain)
    lag = (
        np.where(out, k.across_nodes, 1.0)
        * np.where(np.asarray(card.amd) > 0, 1.6, 1.0)
        * (n / 8.0) ** c.RANKS_EXPONENT
    )
    share = 4.0 * model.hidden * (n - 1) / n
    reduce = 2.0 * (c.ALL_REDUCE_S * lag + rows * share / (reduce_rate(at, card) * c.LINK_SHARE))
    fan = np.minimum(np.maximum(1.0, model.topk), n)
    swap = 2.0 * c.ALL_TO_ALL_S * lag
    swap = swap + rows / at.dp * model.hidden * 3.0 * fan * (n - 1) / n / (exchange_rate(at, card) * c.ALL_TO_ALL_SHARE)
    return np.where(n > 1, model.layers * np.where(np.asarray(at.dp) > 1, swap, reduce), 0.0)


def fixed_s(model: ServedModel, at: Deployment, card: Card, sequences: Num, k: c.ServingConstants) -> Array:
    """Launches and host time of a decode step with CUDA graphs, seconds, by kind of layer, engine and release.

    Parameters
    ----------
    model, at, card
        What is served (parameters by part, cache), how one replica is laid out (ranks, formats, engine), and the rates of the
        accelerator (bytes/s, FLOP/s, bytes); arrays broadcast, one row a configuration.
    sequences
        Running sequences of the replica.
    k
        Fitted constants.
    """
    early = (
        (np.asarray(at.engine) == 0)
        & (np.asarray(card.blackwell) > 0)
        & (np.asarray(at.year) < c.TRTLLM_BLOCK_FP8_YEAR)
    )
    late = np.where(early, k.block_fp8_trtllm_blackwell, 1.0)
    late = np.where(np.asarray(at.engine) == 1, k.block_fp8_sglang, late)
    kinds = (
        model.layers * k.layer_s + model.moe_layers * k.moe_layer_s + model.layers * model.mla * k.mla_layer_s
        + model.shared_layers * k.shared_expert_layer_s + model.linear_layers * k.linear_layer_s
        + quantisers(model, at) * k.quantiser_s * np.where(np.asarray(at.fp8) > 0, late, 1.0)
        + 2.0 * np.asarray(model.qk_norm) * (model.full_layers + np.asarray(model.window_layers)) * k.quantiser_s
        + k.sequence_s * np.asarray(sequences) / (at.dp * np.asarray(at.pp))
    )  # fmt: skip
    return np.asarray(kinds * engine_factor(at, card, k))


def quantisers(model: ServedModel, at: Deployment) -> Array:
    """Kernels a step that only narrow activations.

    A block-scaled fp8 layer has two in attention (three with a latent cache) and two in its feed-forward, shared experts two
    more; nvfp4 fuses all but two of a dense layer, and those of experts; one scale a tensor needs none.
    """
    moe = np.asarray(model.expert_count) > 0
    block = model.layers * (4.0 + np.asarray(model.mla)) + 2.0 * np.asarray(model.shared_layers)
    return np.asarray(
        block * model.block_fp8 * np.asarray(at.fp8) + model.layers * np.asarray(at.nvfp4) * np.where(moe, 0.0, 2.0)
    )


def engine_factor(at: Deployment, card: Card, k: c.ServingConstants) -> Array:
    """Factor of fixed times: engine, AMD, release.

    Parameters
    ----------
    at, card
        Engine and year of its release; whether the accelerator is AMD's.
    k
        Fitted constants.
    """
    amd = np.where(np.asarray(card.amd) > 0, k.amd_fixed, 1.0)
    return np.asarray(
        k.by_engine("fixed", at.engine) * amd / c.SOFTWARE_GAIN ** (np.asarray(at.year) - c.SOFTWARE_YEAR)
    )


def widening_share(at: Deployment, card: Card) -> Array:
    """What grouped products of 4-bit weights that are widened to 16-bit activations reach, of those of 16-bit weights; 1 for
    others."""
    wide = (np.asarray(at.expert_bytes) < 1.0) & (np.asarray(at.flops) <= 1.01 * np.asarray(card.matmul))
    return np.where(wide, np.where(np.asarray(at.width_tile) > 1, c.MXFP4_SHARE, c.INT4_SHARE), 1.0)


def grouped_share(model: ServedModel, at: Deployment, card: Card) -> Array:
    """What grouped products of a format reach at prefill sizes, of those in the activations' own format (measured operators).

    Weights of 4 bits are widened; block-scaled fp8 applies its scales in the loop, which only TensorRT-LLM's kernels on
    Blackwell do in hardware.

    Parameters
    ----------
    model, at, card
        Whether the fp8 checkpoint is block-scaled; formats and engine; 16-bit rate and family of the accelerator.
    """
    native = (np.asarray(at.engine) == 0) & (np.asarray(card.blackwell) > 0)
    block = (np.asarray(model.block_fp8) > 0) & (np.asarray(at.fp8) > 0) & ~native
    return np.where(block, c.BLOCK_FP8_SHARE, widening_share(at, card))


def imbalance(at: Deployment, k: c.ServingConstants) -> Array:
    """Work of the busiest rank over the mean where whole experts are spread over ranks: all wait for it."""
    return np.asarray(1.0 + (k.expert_imbalance - 1.0) * (1.0 - 1.0 / np.asarray(at.expert_ranks)))


def weights_read_s(model: ServedModel, at: Deployment, card: Card, k: c.ServingConstants) -> Array:
    """Seconds in which attention, dense feed-forward and logits are read once from memory by their ranks.

    Parameters
    ----------
    model, at, card
        What is served (parameters by part, cache), how one replica is laid out (ranks, formats, engine), and the rates of the
        accelerator (bytes/s, FLOP/s, bytes); arrays broadcast, one row a configuration.
    k
        Fitted constants.
    """
    n = np.asarray(at.gpus)
    size = model.attention * np.asarray(at.attention_bytes) / at.attention_ranks
    size = size + (model.dense * np.asarray(at.dense_bytes) + np.asarray(model.head) * 2.0) / n
    return np.asarray(size / (card.hbm * k.dense_bandwidth_share))


def decode_terms(
    model: ServedModel, at: Deployment, card: Card, sequences: Num, context: Num, k: c.ServingConstants
) -> dict[str, Array]:
    """Terms of one decode step, seconds.

    Parameters
    ----------
    model, at, card
        What is served, how, on what.
    sequences
        Running sequences of the replica.
    context
        Mean tokens in the cache of a sequence.
    k
        Fitted constants.

    Returns
    -------
    dict
        ``weights`` (attention, dense, logits), ``experts``, ``attention`` (cache), ``collectives``, ``fixed``. With draft
        tokens the step verifies ``draft`` tokens a sequence; a draft model has made all but one of them by as many steps of its
        own before (``draft``).
    """
    ranks, n = at.attention_ranks, np.asarray(at.gpus)
    batch = np.asarray(sequences) / (at.dp * np.asarray(at.pp))
    rows = np.asarray(sequences) * at.draft / at.pp
    wide = card.hbm * k.dense_bandwidth_share * np.where(np.asarray(card.blackwell) > 0, k.blackwell_bandwidth, 1.0)

    def product(parameters: Num, size: Num, split: Num, tokens: Num, flops: Num) -> Array:
        read = parameters * np.asarray(size) / split / wide
        work = 2.0 * parameters * (tokens + k.tile_rows) / split / (flops * np.asarray(k.prefill_flop_share))
        return _soft(read, work)

    weights = product(model.attention, at.attention_bytes, ranks, batch * at.draft, at.flops)
    weights = weights + product(model.dense, at.dense_bytes, n, rows, at.flops)
    weights = weights + product(model.head, 2.0, n, rows, card.matmul)
    covered = expert_coverage(model, rows, k)
    active = covered * model.expert_count
    # Widening holds back the arithmetic of many rows an expert; few rows wait for the weights either way.
    work = _soft(model.topk * rows / widening_share(at, card), k.tile_tokens * active)
    experts = _soft(
        model.experts * at.expert_bytes * covered / n / (card.hbm * k.expert_bandwidth_share),
        2.0
        * model.experts
        / np.maximum(1.0, model.expert_count)
        * work
        / n
        / (at.flops * np.asarray(k.expert_flop_share)),
    )
    read = _read_context(model, context)
    share = np.maximum(1.0 / ranks, 1.0 / np.asarray(model.kv_heads))
    cache = batch * read * model.cache_elements * at.kv_bytes * share / (card.hbm * k.cache_bandwidth_share)
    # The states of a hybrid's mixers are read and written anew for every token.
    states = batch * 2.0 * np.asarray(model.state_bytes) / ranks / (card.hbm * k.cache_bandwidth_share)
    flop = 2.0 * np.asarray(model.heads) / ranks * model.decode_dim * read * batch * at.draft
    drafted: dict[str, Array] = {}
    if at.drafter is not None:
        one = decode_step_s(at.drafter.model, at.drafter.beside(at), card, sequences, context, k)
        drafted["draft"] = (np.asarray(at.draft) - 1.0) * one
    return drafted | {
        "weights": weights,
        "experts": experts * expert_padding(model, at) * imbalance(at, k),
        "attention": _soft(cache, flop / (card.bf16 * (2.0 / np.asarray(at.kv_bytes)) * k.decode_attention_share))
        + states,
        "collectives": collective_s(model, at, card, sequences, k),
        "fixed": fixed_s(model, at, card, sequences, k),
    }


def decode_step_s(
    model: ServedModel, at: Deployment, card: Card, sequences: Num, context: Num, k: c.ServingConstants
) -> Array:
    """Seconds of one decode step: the sum of :func:`decode_terms`.

    Parameters
    ----------
    model, at, card
        What is served (parameters by part, cache), how one replica is laid out (ranks, formats, engine), and the rates of the
        accelerator (bytes/s, FLOP/s, bytes); arrays broadcast, one row a configuration.
    sequences
        Running sequences of the replica.
    context
        Mean tokens in the cache of a sequence.
    k
        Fitted constants.
    """
    return np.asarray(sum(decode_terms(model, at, card, sequences, context, k).values()))


def accepted_tokens(at: Deployment, k: c.ServingConstants) -> Array:
    """Tokens that a step yields a sequence: the stated acceptance or the fitted standard; 1 without drafts.

    The standard is that of three tokens verified; of ``d`` it is ``1 + a + ... + a^(d-1)`` with the same share ``a`` of drafts
    that are right (Leviathan et al., arXiv 2211.17192).
    """
    given = np.asarray(at.accepted, dtype=float)
    three = k.draft_tokens_a_step * np.where(np.asarray(at.engine) == 1, k.draft_sglang, 1.0)
    right = np.minimum(0.999, (np.sqrt(np.maximum(1.0, 4.0 * three - 3.0)) - 1.0) / 2.0)
    verified = np.asarray(at.draft, dtype=float)
    standard = np.where(verified == 3.0, three, (1.0 - right**verified) / (1.0 - right))
    return np.where(verified > 1, np.where(np.isnan(given), standard, given), 1.0)


def exchange_s(model: ServedModel, at: Deployment, card: Card, tokens: Num, *, alone: bool) -> Array:
    """Seconds that a prompt's rows take between accelerators: two all-reduces a layer under tensor parallelism.

    With data-parallel attention the rows go to their experts and back (8 bits out, 16 in), once a layer with experts; each rank
    sends the rows of its own prompts, so that a busy engine sends those of ``dp`` prompts at once.

    Parameters
    ----------
    model, at, card
        What is served (parameters by part, cache), how one replica is laid out (ranks, formats, engine), and the rates of the
        accelerator (bytes/s, FLOP/s, bytes); arrays broadcast, one row a configuration.
    tokens
        New tokens of the prompt, above 0.
    alone
        True: nobody else's prompt is under way.
    """
    s, n = np.asarray(tokens, dtype=float), np.asarray(at.gpus, dtype=float)
    reduce = 8.0 * model.layers * s * model.hidden * (n - 1) / n / (reduce_rate(at, card) * c.LINK_SHARE)
    fan = np.minimum(np.maximum(1.0, model.topk), n)
    swap = (
        3.0 * fan * model.moe_layers * s * model.hidden * (n - 1) / n / (exchange_rate(at, card) * c.ALL_TO_ALL_SHARE)
    )
    return np.asarray(np.where(np.asarray(at.dp) > 1, swap / (1.0 if alone else np.asarray(at.dp)), reduce))


def prefill_s(
    model: ServedModel,
    at: Deployment,
    card: Card,
    tokens: Num,
    k: c.ServingConstants,
    *,
    alone: bool,
    before: Num = 0.0,
) -> Array:
    """Seconds that the prefill of one request of ``tokens`` new tokens takes of the replica.

    Alone it is the first token's own latency, otherwise its share of a
    busy engine, which fills its chunks with several prompts. Products and attention at arithmetic speed, the rows that every
    expert layer permutes, narrows and sums (``expert_passes`` of the hidden size, on each rank that cuts experts), all-reduces,
    and a soft maximum with launching without graphs.

    Parameters
    ----------
    model, at, card
        What is served (parameters by part, cache), how one replica is laid out (ranks, formats, engine), and the rates of the
        accelerator (bytes/s, FLOP/s, bytes); arrays broadcast, one row a configuration.
    tokens
        New tokens of the prompt, above 0; what the prefix cache holds is left out.
    k
        Fitted constants.
    alone
        True: the first token's own latency (attention on one group's ranks, at least one pass); false: the share of a busy
        engine, which fills its chunks with several prompts.
    before
        Tokens that the prefix cache holds, 0 or more: the new ones look at them too.
    """
    s, n = np.asarray(tokens, dtype=float), np.asarray(at.gpus, dtype=float)
    split = at.attention_ranks if alone else n
    chunks = np.maximum(1.0, s / c.CHUNK_TOKENS) if alone else s / c.CHUNK_TOKENS
    flops = np.asarray(at.flops) * k.prefill_flop_share
    top = np.asarray(model.topk) / np.maximum(1.0, model.expert_count)
    twice = s + 2.0 * np.asarray(before, dtype=float)  # twice what a new token looks at, on the mean
    reach = np.where(np.asarray(model.sparse_top) > 0, np.minimum(twice, 2.0 * model.sparse_top) + 0.12 * twice, twice)
    near = np.minimum(twice, np.where(np.asarray(model.window) > 0, 2.0 * np.asarray(model.window), twice))
    span = reach * model.full_layers + near * model.window_layers
    experts = 2.0 * model.experts * top * s / n / (flops * grouped_share(model, at, card))
    experts = experts * expert_padding(model, at)
    moved = np.where(np.asarray(model.expert_count) > 0, np.asarray(model.topk) * model.moe_layers, 0.0)
    experts = experts + moved * s * 2.0 * model.hidden * k.expert_passes / at.expert_ranks / card.hbm
    experts = experts * imbalance(at, k)
    products = 2.0 * model.attention * s / split + 2.0 * model.dense * s / n
    least = (products + 2.0 * model.experts * top * s / n) / at.flops
    gpu = (
        products / flops
        + experts
        + model.heads * np.asarray(model.prefill_dim) * s * span / split / (card.bf16 * np.asarray(c.PREFILL_ATTENTION_SHARE))
    )  # fmt: skip
    moved = k.layer_passes * model.layers * s * 2.0 * np.asarray(model.hidden) / card.hbm
    gpu = gpu + moved / (1.0 if alone else np.asarray(at.dp))
    # No engine multiplies faster than large products are.
    gpu = np.maximum(gpu * k.by_engine("prefill", at.engine), least)
    gpu = gpu + exchange_s(model, at, card, s, alone=alone)
    gpu = gpu + 0.3 * chunks * weight_bytes(model, at) / (n * at.pp) / card.hbm
    whole = _soft(gpu, model.layers * k.prefill_layer_s * engine_factor(at, card, k) * chunks)
    if at.drafter is not None:  # a draft model reads the prompt too
        beside = at.drafter.beside(at)
        whole = whole + prefill_s(at.drafter.model, beside, card, tokens, k, alone=alone, before=before)
    return whole
