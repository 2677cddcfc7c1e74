"""What one GPU holds, counted tensor by tensor and layer by layer in plain Python, for the tests of the memory engine.

Written from the papers' lists (docs/method.md 3): parameters of a layer, layers of a stage dealt out one by one, bytes a
parameter and its shards, saved tensors of a layer. Scalars only; no formula of the engine is imported.
"""

from __future__ import annotations

from dataclasses import dataclass

from mitsumori.model.architecture.parallelism import OFFLOADS, OPTIMIZERS, PRECISIONS, RECOMPUTES, STACKS, Parallel
from mitsumori.model.architecture.transformer import Architecture

GIB = 2.0**30
OPERAND = {"fp32": 4.0, "tf32": 4.0, "fp16": 2.0, "bf16": 2.0, "fp8": 1.0, "mxfp8": 1 + 1 / 32, "nvfp4": 1 / 2 + 1 / 16}
"""Bytes of a matrix operand: E4M3; an 8-bit scale for 32 elements (OCP MX v1.0), for 16 elements (NVFP4)."""
STATES = {"adam": 4 + 4.0, "adam8bit": 1 + 1 + 2 * 4 / 256, "adafactor": 0.0, "muon": 4.0, "sgd": 4.0}
"""Beside the master copy: two fp32 moments; two bytes and a fp32 scale a block of 256; momentum."""
NF4 = (4 + 8 / 64 + 32 / (64 * 256)) / 8


def precision(plan: Parallel) -> str:
    return PRECISIONS[int(plan.precision)]


def narrow(plan: Parallel) -> bool:
    return precision(plan) in ("fp8", "mxfp8", "nvfp4")


def plain32(plan: Parallel) -> bool:
    return precision(plan) in ("fp32", "tf32")


def is_fsdp(plan: Parallel) -> bool:
    return STACKS[int(plan.stack)] in ("torchtitan", "llm-foundry")


# --- layers ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Layer:
    """Parameters of a layer on one GPU: dense matrices, routed experts, and what every tensor rank holds whole."""

    attention: float
    feed_forward: float
    experts: float
    vectors: float
    adapters: float

    @property
    def linear(self) -> float:
        return self.attention + self.feed_forward


def heads_kept(arch: Architecture, tp: int) -> float:
    """Key/value heads of one GPU; repeated where there are fewer than ranks."""
    return max(arch.kv_heads / tp, 1.0)


def layer(arch: Architecture, plan: Parallel, moe: bool, rank: float = 16, everywhere: bool = True) -> Layer:
    """One layer after tensor and expert parallelism."""
    h, t, a, d = arch.hidden, int(plan.tp), arch.heads, arch.head_dim
    kv = heads_kept(arch, t) * d
    if arch.mla:
        rq, rkv, qk, rope, nope, v = (
            arch.q_lora_rank, arch.kv_lora_rank, arch.qk_nope_dim + arch.qk_rope_dim, arch.qk_rope_dim, arch.qk_nope_dim,
            arch.v_head_dim,
        )  # fmt: skip
        query = rq * a * qk / t if rq else h * a * qk / t
        attention = h * rq + query + h * (rkv + rope) + rkv * a * (nope + v) / t + a * v * h / t
        pairs = [(h, rq), (rq, a * qk / t), (h, rkv + rope), (rkv, 2 * a * v / t), (a * v / t, h)]
    else:
        attention = h * a * d / t + 2 * h * kv + a * d / t * h
        pairs = [(h, a * d / t), (h, kv), (h, kv), (a * d / t, h)]
    matrices = 3 if arch.gated_mlp else 2
    gates = 2 if arch.gated_mlp else 1
    adapters = sum(rank * (n + m) for n, m in pairs)
    width = arch.moe_shared_ffn if moe else arch.ffn
    if width and everywhere:
        adapters += matrices * rank * (h + width / t)
    experts = arch.moe_experts * matrices * h * arch.moe_ffn / (int(plan.ep) * int(plan.etp)) if moe else 0.0
    vectors = 2 * h * arch.norm_vectors + (arch.q_lora_rank + arch.kv_lora_rank if arch.mla else 0)
    qkv_bias = (a + 2 * arch.kv_heads) * d
    if arch.linear_bias:
        vectors += qkv_bias + h
        if moe:
            experts += arch.moe_experts * (gates * arch.moe_ffn + h + 1) / (int(plan.ep) * int(plan.etp))
        else:
            vectors += gates * arch.ffn + h
    elif arch.attention_bias:
        vectors += qkv_bias
    if moe:
        vectors += h * arch.moe_experts  # the router
    return Layer(attention, matrices * h * width / t, experts, vectors, adapters)


def stages(arch: Architecture, plan: Parallel) -> list[list[bool]]:
    """The layers of every stage, True a MoE layer, dealt out one by one."""
    count, p, v = arch.layers, int(plan.pp), int(plan.vp)
    kinds = [bool(arch.moe_experts) and i >= arch.moe_dense_layers for i in range(count)]
    held: list[list[bool]] = [[] for _ in range(p)]
    if STACKS[int(plan.stack)] == "torchtitan" and p > 1:
        # embedding and output layer are units of the list; chunk j lies on rank j mod p
        units: list[bool | None] = [None, *kinds, None]
        share, more = divmod(len(units), p * v)
        for chunk in range(p * v):
            size = share + (chunk < more)
            held[chunk % p] += [unit for unit in units[:size] if unit is not None]
            units = units[size:]
    else:
        if count % p and (count + 2) % p == 0:
            sizes = [(count + 2) // p - (i == 0) - (i == p - 1) for i in range(p)]
        else:
            sizes = [count // p + (i < count % p) for i in range(p)]
        for _ in range(v):
            for i, size in enumerate(sizes):
                held[i] += kinds[: size // v]
                kinds = kinds[size // v :]
    held[-1] += [bool(arch.moe_experts)] * arch.mtp_layers
    return held


# --- states ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """The options of a training that the states depend on."""

    trainable: str = "full"
    rank: int = 16
    everywhere: bool = True
    scale: float = 1.0
    wide_gradients: bool | None = None
    quantised_only: bool | None = None


def states(arch: Architecture, plan: Parallel, index: int, o: Settings | None = None) -> tuple[float, float, float]:
    """Bytes of weights, gradients and optimizer on stage ``index`` (arXiv 1910.02054 sections 3 and 5)."""
    o = o or Settings()
    h, t, zero = arch.hidden, int(plan.tp), int(plan.zero_stage)
    fsdp, stack = is_fsdp(plan), STACKS[int(plan.stack)]
    kinds = stages(arch, plan)[index]
    first, last = index == 0, index == int(plan.pp) - 1
    tables = arch.vocab * h / t * (first + last) + arch.positions * h * first
    if first and last and arch.tied_embeddings:
        tables -= arch.vocab * h / t
    linear = experts = adapters = 0.0
    vectors = h * arch.norm_vectors * last
    for moe in kinds:
        one = layer(arch, plan, moe, o.rank, o.everywhere)
        linear += one.linear
        experts += one.experts
        vectors += one.vectors
        adapters += one.adapters
    linear += arch.mtp_layers * 2 * h * h / t * last
    linear, experts, rest = (x * o.scale for x in (linear, experts, tables + vectors))

    group = int(plan.dp) * int(plan.cp)
    expert_group = max(1, t * int(plan.cp) * int(plan.dp) // (int(plan.ep) * int(plan.etp)))

    def shard(stage: int) -> tuple[float, float]:
        return (1 / group, 1 / expert_group) if zero >= stage else (1.0, 1.0)

    if plain32(plan) or fsdp:
        weight, gradient, master = 4.0, 4.0, 0.0
    else:
        automatic = stack == "megatron" and not (narrow(plan) and plan.tuned)
        wide = automatic if o.wide_gradients is None else o.wide_gradients
        weight, gradient, master = 2.0, 4.0 if wide else 2.0, 4.0
    kind = OPTIMIZERS[int(plan.optimizer)]
    state = STATES[kind] + (8 / h if kind == "adafactor" else 0)
    table_state = STATES["adam"] if kind == "muon" else state
    hosted = OFFLOADS[int(plan.offload)].split(",")
    on_gpu, here = 0.0 if "optimizer" in hosted else 1.0, 0.0 if "parameters" in hosted else 1.0
    only = bool(plan.tuned) if o.quantised_only is None else o.quantised_only
    copies = 0.0
    if narrow(plan) and not fsdp:
        copies = 2 * OPERAND[precision(plan)] - (weight if only else 0.0)

    (w, we), (g, ge), (s, se) = shard(3), shard(2), shard(1)
    if o.trainable == "full":
        return (
            here * (weight * ((linear + rest) * w + experts * we) + copies * (linear * w + experts * we)),
            gradient * ((linear + rest) * g + experts * ge),
            on_gpu * ((master + state) * (linear * s + experts * se) + (master + table_state) * rest * s),
        )
    frozen = 4.0 if plain32(plan) else 2.0
    base = OPERAND[precision(plan)] if narrow(plan) and not fsdp and only else frozen
    if o.trainable == "qlora":
        base = NF4
    return (
        here * (base * (linear * w + experts * we) + frozen * rest * w) + weight * adapters * w,
        gradient * adapters * g,
        on_gpu * (master + state) * adapters * s,
    )


# --- saved tensors -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """The options that saved tensors depend on."""

    fused: bool = True
    dropout: bool = False
    all_to_all: bool = True
    imbalance: float = 1.0
    lora: bool = False
    everywhere: bool = True
    rank: int = 16
    compiled: bool = True


def megatron_tensors(arch: Architecture, plan: Parallel, moe: bool, o: Kept) -> dict[str, float]:
    """Bytes a token of every tensor a layer of Megatron keeps (arXiv 2205.05198 section 4, 2205.14135)."""
    e = 4.0 if plain32(plan) else 2.0
    q = OPERAND[precision(plan)] if narrow(plan) else e
    t, h, a, d = int(plan.tp), arch.hidden, arch.heads, arch.head_dim
    shards = t if plan.sp else 1
    modules = plan.stack_year >= 2025.35
    product = 0.0 if o.lora and not o.everywhere else 1.0
    kept: dict[str, float] = {}
    for block in ("attention", "mlp"):
        kept[f"{block} norm input"] = (e * h + 4 * arch.norm_vectors + (h if o.dropout else 0)) / shards
    kept["attention norm output"] = q * h / shards
    kept["mlp norm output"] = product * q * h / shards
    if arch.mla:
        qk, v, rope = arch.qk_nope_dim + arch.qk_rope_dim, arch.v_head_dim, arch.qk_rope_dim
        rq, rkv = arch.q_lora_rank, arch.kv_lora_rank
        kept["low ranks"] = (e * rq + q * rq + e * (rkv + rope) + q * rkv) / shards
        kept["wide qkv"] = e * (2 * a * qk + a * v) / t
        output = a * v / t
    else:
        kept["qkv"] = e * (a / t + 2 * heads_kept(arch, t)) * d
        output = a * d / t
    kept["attention output"] = e * output * (2 if plan.cp > 1 and o.all_to_all else 1)
    kept["quantised output"] = q * output if narrow(plan) else 0.0
    if o.fused:
        kept["log-sum-exp"] = 4 * a / t
    else:
        kept["scores"] = e * a * plan.seq_len / t
        kept["score dropout"] = (1 + e) * a * plan.seq_len / t if o.dropout else 0.0
    # an adapter's low-rank result: q, k, v and projection; gate/up and down of a dense block or a shared expert
    blocks = o.everywhere and (arch.moe_shared_ffn > 0 if moe else True)
    kept["adapters"] = (4 + 2 * blocks) * e * o.rank if o.lora else 0.0
    gates = e * (2 if arch.gated_mlp else 1)
    if moe:
        copies = arch.moe_topk * o.imbalance * int(plan.etp) / t
        kept["router"] = 8 * arch.moe_experts / shards
        kept["permuted"] = product * q * h * copies
        kept["expert results"] = 0.0 if modules else e * h * copies
        kept["expert gates"] = gates * arch.moe_ffn / int(plan.etp) * copies
        kept["expert activation"] = product * q * arch.moe_ffn / int(plan.etp) * copies
        kept["shared"] = (gates + product * q) * arch.moe_shared_ffn / t
    else:
        kept["gates"] = gates * arch.ffn / t
        kept["activation"] = product * q * arch.ffn / t
    return kept


def megatron_kept(arch: Architecture, plan: Parallel, moe: bool, o: Kept | None = None) -> float:
    """Bytes a token and layer after recomputation."""
    o = o or Kept()
    tensors = megatron_tensors(arch, plan, moe, o)
    how = RECOMPUTES[int(plan.recompute)]
    if how == "full":
        return (4.0 if plain32(plan) else 2.0) * arch.hidden / (int(plan.tp) if plan.sp else 1)
    if how == "selective":
        gone = {"log-sum-exp", "scores", "score dropout"}
        if plan.stack_year >= 2025.35:
            gone |= {"wide qkv"}
            if moe:
                gone |= {"attention norm output", "mlp norm output", "expert activation"}
        return sum(size for name, size in tensors.items() if name not in gone)
    return sum(tensors.values())


def titan_kept(arch: Architecture, plan: Parallel, moe: bool, o: Kept | None = None) -> float:
    """Bytes a token and layer of torchtitan and llm-foundry after checkpointing."""
    o = o or Kept()
    e = 4.0 if plain32(plan) else 2.0
    t, h, a = int(plan.tp), arch.hidden, arch.heads
    how = RECOMPUTES[int(plan.recompute)]
    if how == "full":
        return e * h / t
    query = output = a * arch.head_dim
    key = value = heads_kept(arch, t) * t * arch.head_dim
    low = 0.0
    if arch.mla:
        query = key = a * (arch.qk_nope_dim + arch.qk_rope_dim)
        value = output = a * arch.v_head_dim
        low = e * (arch.q_lora_rank + arch.kv_lora_rank + arch.qk_rope_dim)
    scores = a * (4.0 if o.fused else 2 * e * plan.seq_len)
    copies = arch.moe_topk * o.imbalance * int(plan.etp)
    f_e = arch.moe_ffn / int(plan.etp)
    if how == "selective":
        # every second product: wq, wv, w1 (and w2, which nobody reads, in eager code)
        attention = e * (h + query + value + output) + (e * h if t > 1 else 0) + scores + low
        if moe:
            mlp = e * arch.moe_shared_ffn + copies * e * (2 * h + f_e) + 8 * arch.moe_experts
        else:
            mlp = e * arch.ffn + (0 if o.compiled else e * h)
        return (attention + mlp) / t
    eager = 0.0 if o.compiled else 1.0
    copied = 0.0 if STACKS[int(plan.stack)] == "llm-foundry" else eager
    norms = 2 * (e * h + 4 + e * h) + 2 * copied * 4 * h
    attention = norms + (1 + copied) * e * (query + key + value) + e * output + scores + 2 * low
    gated = 1 if arch.gated_mlp else 0
    wide = e * (1 + gated + 1) + eager * e * gated  # up, gate, product; eager also the activation
    experts = wide * arch.moe_shared_ffn + copies * (2 * e * h + wide * f_e) + 8 * arch.moe_experts
    return (attention + (experts if moe else wide * arch.ffn)) / t


def in_flight(plan: Parallel, index: int, count: int) -> float:
    """Micro-batches a stage holds: 1F1B min(m, p - i); interleaved (2 (p - i - 1) + (v - 1) p + 1) / v (2205.05198 4.2.3)."""
    p, v = int(plan.pp), int(plan.vp)
    waiting = p - index if v == 1 else (2 * (p - index - 1) + (v - 1) * p + 1) / v
    return min(waiting, count)
