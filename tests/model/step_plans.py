"""A machine without inefficiencies, and what is measured on it: each test of the step's terms turns one loss on.

``ideal()`` runs every product at its peak, exposes no traffic and waits for nothing, so that what remains is arithmetic a
reader can do by hand; ``ideal(tp_exposed=1.0)`` has one loss, which is then the whole difference.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mitsumori.model.architecture.parallelism import PRECISIONS, STACKS, Parallel, code
from mitsumori.model.architecture.stacks import Work
from mitsumori.model.architecture.transformer import Architecture, attention_flop_per_token
from mitsumori.model.catalogue.accelerators import CHIPS, FAMILIES, Gpu
from mitsumori.model.kernels.constants import EFFECTS, NAMES, Constants
from mitsumori.model.training.step import StepBatch, step_time

FULL, SELECTIVE = 2, 1
FLASH_3 = Work(fused_attention=2)
RATES = {
    "matrix_bf16", "matrix_fp8", "matrix_fp4", "rowwise_fp8", "expert_rate", "expert_half_low", "natural_routing",
    "attention_rate", "attention_v2", "score_rate", "elementwise_eager", "cast_xla", "permute_old", "biased_expert_new",
    "layer_eager", "host_eager", "layer_xla", "layer_lora", "expert_fixed_new", "tp_low", "tp_moe", "link_rate",
    "nic_rate", "recompute_full", "legacy_matrix", "lora_fsdp", "tuned_default",
}  # fmt: skip
"""Factors, which are 1 where nothing is lost; every other constant is a loss and 0 (backward attention is 2 passes)."""


def ideal(effects: dict[str, dict[str, float]] | None = None, **inefficiencies: Any) -> Constants:
    """Constants of a machine without inefficiencies but these; ``effects`` by table and label."""
    values = {name: 1.0 if name in RATES else 0.0 for name in NAMES} | {"attention_backward": 2.0} | inefficiencies
    tables = {item.name: np.zeros(len(item.labels)) for item in EFFECTS}
    for item in EFFECTS:
        for label, value in (effects or {}).get(item.name, {}).items():
            tables[item.name][item.labels.index(label)] = value
    assert set(inefficiencies) <= set(NAMES)
    return Constants(values, tables)


NO_TIME = 1e30
MACHINE = Gpu(
    key="test", family=FAMILIES.index("hopper"), chip=len(CHIPS) - 1,
    bf16_flops=1.0e15, fp8_flops=2.0e15, fp4_flops=4.0e15, tf32_flops=0.5e15, fp32_flops=0.1e15,
    bf16_matmul=0.8e15, fp8_matmul=1.5e15, fp4_matmul=2.5e15, fp8=1.0, fp4=1.0,
    hbm_bytes_per_s=4e12, link_bytes_per_s=400e9, nic_bytes_per_s=50e9, domain=8, gpus_per_node=8, memory_bytes=80e9,
    host_bytes_per_s=48e9,
)  # fmt: skip
"""Round numbers; its matrix products reach less than the data sheet in every format."""
PERFECT = MACHINE.with_(
    bf16_matmul=1.0e15, fp8_matmul=2.0e15, fp4_matmul=4.0e15, hbm_bytes_per_s=NO_TIME,
    link_bytes_per_s=NO_TIME, nic_bytes_per_s=NO_TIME,
)  # fmt: skip
"""Reaches its data sheet; memory and networks cost no time."""

DENSE = Architecture(layers=24, hidden=4096, ffn=14336, heads=32, kv_heads=8, head_dim=128, vocab=128256)
GPT = Architecture(
    layers=16, hidden=2048, ffn=8192, heads=16, kv_heads=16, head_dim=128, vocab=51200, gated_mlp=0, tied_embeddings=1
)
MOE = Architecture(
    layers=20, hidden=2048, ffn=8192, heads=16, kv_heads=4, head_dim=128, vocab=100352, moe_experts=64, moe_topk=6,
    moe_ffn=1408, moe_shared_ffn=2816, moe_dense_layers=2,
)  # fmt: skip
LATENT = Architecture(
    layers=12, hidden=3072, ffn=12288, heads=32, kv_heads=32, head_dim=128, vocab=102400, mla=1, q_lora_rank=1024,
    kv_lora_rank=512, qk_nope_dim=128, qk_rope_dim=64, v_head_dim=128,
)  # fmt: skip
LATENT_MOE = LATENT.with_(
    ffn=10944, moe_experts=32, moe_topk=4, moe_ffn=1536, moe_shared_ffn=1536, moe_dense_layers=1, mtp_layers=1
)
NARROW_HEADS = DENSE.with_(heads=64, head_dim=64)
WINDOWED = DENSE.with_(window=1024, window_share=0.75)
ARCHITECTURES = {
    "dense": DENSE, "gpt": GPT, "moe": MOE, "mla": LATENT, "mla-moe": LATENT_MOE, "narrow": NARROW_HEADS,
    "window": WINDOWED,
}  # fmt: skip

ONE = Parallel(gpus=1, micro_batch=2, global_batch=8, seq_len=4096, stack_year=2026.5)
LAYOUTS = {
    "one": ONE,
    "tp": ONE.with_(gpus=4, tp=4, sp=1),
    "tp-no-sp": ONE.with_(gpus=4, tp=4, sp=0, micro_batch=1),
    "wide": ONE.with_(gpus=16, tp=16, sp=1),
    "cp": ONE.with_(gpus=4, tp=2, sp=1, cp=2, seq_len=16384),
    "pp": ONE.with_(gpus=16, tp=2, sp=1, pp=4, vp=1, dp=2, zero_stage=1, global_batch=32),
    "vp": ONE.with_(gpus=8, pp=4, vp=3, dp=2, zero_stage=1, global_batch=64, micro_batch=1),
    "dp": ONE.with_(gpus=16, dp=16, zero_stage=1, global_batch=64),
    "fsdp": ONE.with_(gpus=16, dp=16, zero_stage=3, global_batch=64),
}
"""Layouts of one model; ep is set where the model has experts."""

JAX, MEGATRON, TITAN, DEEPSPEED, FOUNDRY = (
    code(STACKS, name) for name in ("jax", "megatron", "torchtitan", "deepspeed", "llm-foundry")
)
FP8, MXFP8, NVFP4 = (code(PRECISIONS, name) for name in ("fp8", "mxfp8", "nvfp4"))


def run(
    arch: Architecture = DENSE, layout: Parallel = ONE, constants: Constants | None = None, *, gpu: Gpu = PERFECT,
    work: Work | None = None,
) -> StepBatch:  # fmt: skip
    """The step of a layout on the machine without inefficiencies."""
    return step_time(arch, gpu, layout, work or Work(), constants or ideal())


def added(
    field: str, arch: Architecture, layout: Parallel, *, gpu: Gpu = MACHINE, work: Work | None = None, **inefficiencies: Any
) -> float:  # fmt: skip
    """What the inefficiencies add to one field of the step, beyond the machine without them."""
    with_them = getattr(run(arch, layout, ideal(**inefficiencies), gpu=gpu, work=work), field)
    return float(with_them) - float(getattr(run(arch, layout, gpu=gpu, work=work), field))


def with_experts(arch: Architecture, layout: Parallel) -> Parallel:
    """The layout with experts over as many ranks as one replica's tensor and data ranks allow, at most 4."""
    if not arch.is_moe:
        return layout
    return layout.with_(ep=math.gcd(4, int(layout.tp * layout.cp * layout.dp)))


def both(arch: str, layout: str) -> tuple[Architecture, Parallel]:
    return ARCHITECTURES[arch], with_experts(ARCHITECTURES[arch], LAYOUTS[layout])


def attention_s(arch: Architecture, plan: Parallel) -> float:
    """Forward attention of a micro-batch and mean stage on the data sheet's rate."""
    tokens = plan.micro_batch * plan.seq_len / plan.cp
    return tokens * float(attention_flop_per_token(arch, plan.seq_len)) / plan.tp / plan.pp / 1e15
