"""Shapes and layouts that the tests of memory share."""

from __future__ import annotations

from hypothesis import strategies as st

from mitsumori.model.architecture.parallelism import OPTIMIZERS, PRECISIONS, RECOMPUTES, STACKS, Parallel, code
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.memory.peak import MemoryBatch, MemoryOptions, peak_memory

LLAMA2_7B = Architecture(layers=32, hidden=4096, ffn=11008, heads=32, kv_heads=32, head_dim=128, vocab=32000)
LLAMA3_70B = Architecture(layers=80, hidden=8192, ffn=28672, heads=64, kv_heads=8, head_dim=128, vocab=128256)
LLAMA3_405B = Architecture(layers=126, hidden=16384, ffn=53248, heads=128, kv_heads=8, head_dim=128, vocab=128256)
GPT3_175B = Architecture(
    layers=96, hidden=12288, ffn=49152, heads=96, kv_heads=96, head_dim=128, vocab=51200, gated_mlp=0,
    tied_embeddings=1, positions=2048, linear_bias=1, norm_vectors=2,
)  # fmt: skip
MT_NLG = Architecture(
    layers=105, hidden=20480, ffn=81920, heads=128, kv_heads=128, head_dim=160, vocab=51200, gated_mlp=0,
    tied_embeddings=1, positions=2048, linear_bias=1, norm_vectors=2,
)  # fmt: skip
DEEPSEEK_V3 = Architecture(
    layers=61, hidden=7168, ffn=18432, heads=128, kv_heads=128, head_dim=128, vocab=129280, moe_experts=256, moe_topk=8,
    moe_ffn=2048, moe_shared_ffn=2048, moe_dense_layers=3, mla=1, q_lora_rank=1536, kv_lora_rank=512, qk_nope_dim=128,
    qk_rope_dim=64, v_head_dim=128, mtp_layers=1,
)  # fmt: skip
MIXTRAL = Architecture(
    layers=32, hidden=4096, ffn=0, heads=32, kv_heads=8, head_dim=128, vocab=32000, moe_experts=8, moe_topk=2,
    moe_ffn=14336,
)  # fmt: skip
SHAPES = {"7b": LLAMA2_7B, "70b": LLAMA3_70B, "405b": LLAMA3_405B, "gpt3": GPT3_175B, "v3": DEEPSEEK_V3, "mix": MIXTRAL}
FP32 = code(PRECISIONS, "fp32")
BF16 = code(PRECISIONS, "bf16")
FULL, SELECTIVE = code(RECOMPUTES, "full"), code(RECOMPUTES, "selective")


def states(batch: MemoryBatch) -> float:
    return float(batch.weights_bytes + batch.gradients_bytes + batch.optimizer_bytes)


@st.composite
def plans(draw: st.DrawFn) -> tuple[Architecture, Parallel, MemoryOptions]:
    arch = SHAPES[draw(st.sampled_from(sorted(SHAPES)))]
    tp = draw(st.sampled_from([1, 2, 4, 8]))
    pp = draw(st.sampled_from([1, 2, 3, 4, 8, 16]))
    cp = draw(st.sampled_from([1, 2, 4]))
    dp = draw(st.sampled_from([1, 2, 8]))
    ep = draw(st.sampled_from([e for e in (1, 2, 4, 8) if (tp * cp * dp) % e == 0])) if arch.is_moe else 1
    layout = Parallel(
        gpus=tp * pp * cp * dp,
        tp=tp,
        pp=pp,
        cp=cp,
        dp=dp,
        ep=ep,
        sp=draw(st.sampled_from([0, 1])) if tp > 1 else 0,
        vp=draw(st.sampled_from([1, 2, 4])) if pp > 1 else 1,
        zero_stage=draw(st.integers(0, 3)),
        micro_batch=draw(st.sampled_from([1, 2, 4])),
        global_batch=draw(st.sampled_from([64, 256])),
        seq_len=draw(st.sampled_from([2048, 8192])),
        precision=draw(st.integers(0, len(PRECISIONS) - 1)),
        optimizer=draw(st.integers(0, len(OPTIMIZERS) - 1)),
        recompute=draw(st.integers(0, 2)),
        offload=draw(st.integers(0, 2)),
        stack=draw(st.integers(0, len(STACKS) - 1)),
        stack_year=draw(st.sampled_from([2024.9, 2026.0])),
    )
    options = MemoryOptions(
        capacity_bytes=80e9,
        trainable=draw(st.sampled_from([0, 0, 1, 2])),
        compiled=draw(st.integers(0, 1)),
        fused_attention=draw(st.sampled_from([1, 1, 0])),
        fused_loss=draw(st.integers(-1, 1)),
    )
    return arch, layout, options


def per_layer(arch: Architecture, layout: Parallel, options: MemoryOptions | None = None) -> float:
    """Bytes a token and layer, from the difference of two depths."""

    def kept(layers: int) -> float:
        peak = peak_memory(arch.with_(layers=layers), layout, options).peaks[0]
        phase = next(m for m in peak.phases if m.name in ("mlp_backward", "layer_backward"))
        return float(phase.activations)

    return (kept(24) - kept(12)) / 12 / (layout.micro_batch * layout.seq_len / layout.cp)
