"""Peak memory: what the domain promises. Published peaks are in tests/validation/test_memory_published.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from mitsumori.model.architecture.parallelism import OFFLOADS, OPTIMIZERS, PRECISIONS, STACKS, Parallel, code
from mitsumori.model.architecture.transformer import Architecture, parameter_count
from mitsumori.model.base.units import GB, GIB
from mitsumori.model.memory.fsdp import pipeline_batches
from mitsumori.model.memory.peak import COMPONENTS, MemoryOptions, peak_memory, predicted_peak_gib
from mitsumori.model.memory.phases import phases, stage_peaks
from tests.model.memory_plans import (
    DEEPSEEK_V3,
    FP32,
    FULL,
    GPT3_175B,
    LLAMA2_7B,
    LLAMA3_70B,
    MIXTRAL,
    MT_NLG,
    SELECTIVE,
    per_layer,
    plans,
    states,
)

# --- the rules of the source documents -----------------------------------------------------------------------------


class TestFullParameterTraining:
    """Llama 2 7B, fp32, Adam: deck 000_cb1f6f1441eb96f6 (SCSK); 7.0e9 parameters, 1 GB = 1e9 bytes."""

    options = MemoryOptions(params_scale=7e9 / float(parameter_count(LLAMA2_7B).total))
    layout = Parallel(gpus=8, dp=8, precision=FP32, global_batch=8, seq_len=2048)

    @pytest.mark.parametrize(
        ("zero_stage", "gigabytes"),
        [(0, 112.0), (1, 28 + 56 / 8 + 28), (2, 28 + (56 + 28) / 8), (3, (28 + 56 + 28) / 8)],
    )
    @pytest.mark.parametrize("stack", ["megatron", "torchtitan", "deepspeed"])
    def test_sum_of_states(self, zero_stage: int, gigabytes: float, stack: str) -> None:
        layout = self.layout.with_(zero_stage=zero_stage, stack=code(STACKS, stack))
        assert states(peak_memory(LLAMA2_7B, layout, self.options)) == gigabytes * GB

    def test_components(self) -> None:
        batch = peak_memory(LLAMA2_7B, self.layout, self.options)
        found = [float(batch.weights_bytes), float(batch.gradients_bytes), float(batch.optimizer_bytes)]
        assert found == pytest.approx([28 * GB, 28 * GB, 56 * GB], rel=1e-12)

    def test_by_step(self) -> None:
        """Load 28 GB; gradients 28 more; the optimizer 56 more (forward memory apart)."""
        story = {view.phase: view.parts for view in phases(LLAMA2_7B, self.layout, self.options)}

        def held(phase: str) -> float:
            return sum(story[phase][name] for name in COMPONENTS[:3])

        assert held("load") == pytest.approx(28 * GB, rel=1e-12)
        assert held("forward") == pytest.approx(28 * GB, rel=1e-12)
        assert held("backward") == pytest.approx(56 * GB, rel=1e-12)
        assert held("optimizer") == pytest.approx(112 * GB, rel=1e-12)
        assert story["forward"]["activations_bytes"] > 0
        assert story["load"]["activations_bytes"] == 0

    def test_real_count(self) -> None:
        """The same rules on the architecture's own 6.74e9 parameters."""
        count = float(parameter_count(LLAMA2_7B).total)
        for zero, factor in ((0, 16.0), (1, 4 + 8 / 8 + 4), (2, 4 + 12 / 8), (3, 16 / 8)):
            batch = peak_memory(LLAMA2_7B, self.layout.with_(zero_stage=zero))
            assert states(batch) == pytest.approx(factor * count, rel=1e-12)


def test_mt_nlg_weights() -> None:
    """MT-NLG 530B: weights 2,120 GB in fp32 (arXiv 2201.11990: 530B parameters, 4,480 GPUs), over 8 x 35 = 280 GPUs a replica of 4,480."""
    own = float(parameter_count(MT_NLG).total)
    assert own == pytest.approx(530e9, rel=0.005)
    whole = peak_memory(MT_NLG, Parallel(precision=FP32), MemoryOptions(params_scale=530e9 / own))
    assert float(whole.weights_bytes) == pytest.approx(2120 * GB, rel=1e-12)
    layout = Parallel(gpus=4480, tp=8, sp=0, pp=35, dp=16, precision=FP32, global_batch=1920)
    stages = [view.parts["weights_bytes"] for view in stage_peaks(MT_NLG, layout)]
    assert len(stages) == 35
    # Norms and biases are on every tensor rank, tied embeddings on both end stages: a little more than a 280th each.
    assert 8 * sum(stages) == pytest.approx(4 * own, rel=0.01)


@pytest.mark.parametrize(
    ("stack", "zero_stage", "bytes_a_parameter"),
    [
        ("megatron", 0, 18.0),  # 2 + 4 + 12: fp32 main gradients
        (
            "megatron",
            1,
            6 + 12 / 8,
        ),  # the distributed optimizer's published 6 + 12/d, Megatron-Core dist_optimizer docs
        ("megatron", 2, 2 + 16 / 8),
        ("megatron", 3, 18 / 8),
        ("deepspeed", 0, 16.0),  # arXiv 1910.02054 figure 1: 2 + 2 + 12
        ("deepspeed", 1, 4 + 12 / 8),
        ("deepspeed", 2, 2 + 14 / 8),
        ("deepspeed", 3, 16 / 8),
        ("torchtitan", 3, 16 / 8),
    ],
)
@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_mixed_precision_adam(stack: str, zero_stage: int, bytes_a_parameter: float, precision: str) -> None:
    layout = Parallel(
        gpus=8, dp=8, zero_stage=zero_stage, stack=code(STACKS, stack), precision=code(PRECISIONS, precision)
    )
    count = float(parameter_count(LLAMA2_7B).total)
    assert states(peak_memory(LLAMA2_7B, layout)) == pytest.approx(bytes_a_parameter * count, rel=1e-12)


def test_context_parallel_shards_the_optimizer_too() -> None:
    """N = dp * cp: sharding over dp alone misses the pm013-pm016 peaks by 116 % (SimuMax table)."""
    one = peak_memory(LLAMA3_70B, Parallel(gpus=8, dp=8, zero_stage=1))
    two = peak_memory(LLAMA3_70B, Parallel(gpus=8, dp=2, cp=4, zero_stage=1, seq_len=8192))
    assert float(one.optimizer_bytes) == pytest.approx(float(two.optimizer_bytes), rel=1e-12)


@pytest.mark.parametrize(
    ("optimizer", "bytes_a_parameter"),
    [
        ("adam", 12.0),
        ("adam8bit", 6.03125),  # arXiv 2110.02861: two bytes and a scale a block, beside the fp32 master
        ("adafactor", 4.0),  # arXiv 1804.04235: row and column sums, next to nothing
        ("sgd", 8.0),
    ],
)
def test_optimizer_kinds(optimizer: str, bytes_a_parameter: float) -> None:
    layout = Parallel(optimizer=code(OPTIMIZERS, optimizer))
    count = float(parameter_count(LLAMA3_70B).total)
    assert float(peak_memory(LLAMA3_70B, layout).optimizer_bytes) / count == pytest.approx(bytes_a_parameter, rel=5e-4)


def test_muon_keeps_one_momentum_for_matrices_and_adam_for_the_rest() -> None:
    """arXiv 2502.16982: AdamW for embeddings, output layer and vectors."""
    count = parameter_count(LLAMA3_70B)
    rest = float(count.embedding + count.head + count.norms_biases)
    found = float(peak_memory(LLAMA3_70B, Parallel(optimizer=code(OPTIMIZERS, "muon"))).optimizer_bytes)
    assert found == pytest.approx(8 * (float(count.total) - rest) + 12 * rest, rel=1e-12)


def test_optimizer_offload_leaves_the_rest() -> None:
    on = peak_memory(LLAMA2_7B, Parallel())
    off = peak_memory(LLAMA2_7B, Parallel(offload=code(OFFLOADS, "optimizer")))
    assert float(off.optimizer_bytes) == 0
    assert float(off.total_bytes) == pytest.approx(float(on.total_bytes - on.optimizer_bytes), rel=1e-12)


def test_activation_offload_saves_activations() -> None:
    on = peak_memory(LLAMA2_7B, Parallel(seq_len=8192))
    off = peak_memory(LLAMA2_7B, Parallel(seq_len=8192, offload=code(OFFLOADS, "activations")))
    assert 0 < float(off.activations_bytes) < 0.1 * float(on.activations_bytes)


# --- saved tensors -------------------------------------------------------------------------------------------------


def test_llama_layer() -> None:
    """274,696 bytes a token and layer of Llama 3 70B, 291,080 with all-to-all context parallel."""
    assert per_layer(LLAMA3_70B, Parallel(seq_len=4096)) == pytest.approx(274_696, rel=1e-12)
    assert per_layer(LLAMA3_70B, Parallel(seq_len=4096, cp=2)) == pytest.approx(291_080, rel=1e-12)
    assert per_layer(LLAMA3_70B, Parallel(seq_len=4096, tp=8, sp=1)) == pytest.approx(274_696 / 8, rel=1e-12)


def test_korthikanti_34() -> None:
    """arXiv 2205.05198 equation 1: s b h (34 + 5 a s / h) bytes for a GPT layer with dropout, scores kept."""
    s, h, a = 2048, 12288, 96
    layout = Parallel(seq_len=s)
    options = MemoryOptions(fused_attention=0, dropout=1)
    expected = h * (34 + 5 * a * s / h)
    assert per_layer(GPT3_175B, layout, options) == pytest.approx(expected, rel=1e-4)
    # Selective recomputation drops the square term (section 5), sequence parallel divides the whole (equation 4).
    selective = layout.with_(recompute=SELECTIVE)
    assert per_layer(GPT3_175B, selective, options) == pytest.approx(34 * h, rel=1e-4)
    split = layout.with_(tp=8, sp=1)
    assert per_layer(GPT3_175B, split, options) == pytest.approx(expected / 8, rel=1e-4)
    # Tensor parallel alone leaves 10 s b h undivided (equation 2).
    alone = layout.with_(tp=8, sp=0)
    assert per_layer(GPT3_175B, alone, options) == pytest.approx(h * (10 + 24 / 8 + 5 * a * s / h / 8), rel=1e-4)


def test_full_recomputation_keeps_the_layer_input() -> None:
    assert per_layer(LLAMA3_70B, Parallel(recompute=FULL)) == pytest.approx(2 * 8192, rel=1e-12)
    titan = Parallel(recompute=FULL, stack=1, zero_stage=3)
    assert per_layer(LLAMA3_70B, titan) == pytest.approx(2 * 8192, rel=1e-12)


def test_more_tensor_ranks_than_key_value_heads_repeat_them() -> None:
    """Eight key/value heads on sixteen ranks: one on each, as on eight."""
    kv = 2 * 8192 * 128
    for t, heads in ((8, 1), (16, 1), (4, 2)):
        batch = peak_memory(LLAMA3_70B, Parallel(tp=t, sp=1, precision=FP32))
        count = parameter_count(LLAMA3_70B)
        replicated = float(count.norms_biases)
        expected = (float(count.total) - replicated - 80 * 8 * kv) / t + replicated + 80 * heads * kv
        assert float(batch.weights_bytes) == pytest.approx(4 * expected, rel=1e-12)


def test_interleaving_holds_more() -> None:
    """arXiv 2205.05198 section 4.2.3: 1 + (p - 1) / (p v) times the activations of plain 1F1B on stage 0."""
    p, v = 8, 5
    layout = Parallel(tp=8, sp=1, pp=p, dp=1, global_batch=256, seq_len=8192)
    plain = stage_peaks(LLAMA3_70B, layout)[0].parts["activations_bytes"]
    interleaved = stage_peaks(LLAMA3_70B, layout.with_(vp=v))[0].parts["activations_bytes"]
    assert interleaved / plain == pytest.approx(1 + (p - 1) / (p * v), rel=1e-12)


def test_few_micro_batches_cap_what_is_in_flight() -> None:
    layout = Parallel(tp=8, sp=1, pp=8, dp=1, global_batch=2, seq_len=8192)
    many = layout.with_(global_batch=64)
    two, eight = (stage_peaks(LLAMA3_70B, x)[0].parts["activations_bytes"] for x in (layout, many))
    assert eight / two == pytest.approx(4.0, rel=1e-12)


def test_moe_experts_shard_over_their_own_group() -> None:
    """Experts: /(ep etp), optimizer over expert_dp = tp cp dp / (ep etp); the rest over dp cp (docs/method.md 3.1)."""
    layout = Parallel(gpus=64, dp=64, ep=8, zero_stage=1)
    count = parameter_count(MIXTRAL)
    experts, rest = float(count.experts), float(count.non_expert)
    batch = peak_memory(MIXTRAL, layout)
    assert float(batch.weights_bytes) == pytest.approx(2 * (experts / 8 + rest), rel=1e-12)
    assert float(batch.optimizer_bytes) == pytest.approx(12 * (experts / 8 / 8 + rest / 64), rel=1e-12)


def test_optimizer_step_of_fsdp_works_on_the_shard() -> None:
    """One fp32 temporary as large as the sharded gradients, experts over their own group."""
    layout = Parallel(gpus=64, tp=8, sp=1, dp=8, zero_stage=3, stack=1, global_batch=64)
    batch = peak_memory(DEEPSEEK_V3, layout)
    step = batch.peaks[0].step
    assert step is not None
    assert float(step.buffers) == pytest.approx(float(batch.gradients_bytes), rel=1e-12)
    count = parameter_count(DEEPSEEK_V3)
    assert float(step.buffers) < 4 * float(count.total) / 8


def test_moe_layer_keeps_top_k_copies() -> None:
    """Per token and layer beside attention: 8 E + 2 K h (permuted) + 6 K f_e (gate/up, activation)."""
    h, k, f = 4096, 2, 14336
    attention = 4 * h + 4 + 2 * (32 + 16) * 128 + 2 * 32 * 128 + 4 * 32
    expected = attention + 4 * h + 4 + 8 * 8 + 2 * k * h + 6 * k * f
    assert per_layer(MIXTRAL, Parallel()) == pytest.approx(expected, rel=1e-12)
    worse = per_layer(MIXTRAL, Parallel(), MemoryOptions(moe_imbalance=1.5))
    assert worse - expected == pytest.approx(0.5 * (2 * k * h + 6 * k * f), rel=1e-9)
    # Before Megatron-Core 0.12 the router weight was applied to the experts' results, which stay.
    assert per_layer(MIXTRAL, Parallel(stack_year=2024.5)) == pytest.approx(expected + 2 * k * h, rel=1e-12)
    # Selective recomputation of the MoE recipes: norm outputs, expert activation, log-sum-exp.
    selective = per_layer(MIXTRAL, Parallel(recompute=SELECTIVE))
    assert selective == pytest.approx(expected - 4 * h - 2 * k * f - 4 * 32, rel=1e-12)


# --- adapters ------------------------------------------------------------------------------------------------------


def test_lora_trains_only_the_adapters() -> None:
    """arXiv 2106.09685: r (in + out) a matrix; base frozen in bf16."""
    rank = 16
    options = MemoryOptions(trainable=1, lora_rank=rank)
    batch = peak_memory(LLAMA2_7B, Parallel(), options)
    h, f = 4096, 11008
    adapters = 32 * rank * (4 * 2 * h + 3 * (h + f))
    count = float(parameter_count(LLAMA2_7B).total)
    assert float(batch.weights_bytes) == pytest.approx(2 * count + 2 * adapters, rel=1e-12)
    assert float(batch.gradients_bytes) == pytest.approx(4 * adapters, rel=1e-12)
    assert float(batch.optimizer_bytes) == pytest.approx(12 * adapters, rel=1e-12)
    attention_only = peak_memory(LLAMA2_7B, Parallel(), MemoryOptions(trainable=1, lora_rank=rank, lora_all_linear=0))
    assert float(attention_only.optimizer_bytes) == pytest.approx(12 * 32 * rank * 8 * h, rel=1e-12)
    assert float(attention_only.activations_bytes) < float(batch.activations_bytes)


def test_qlora_stores_four_bits_and_a_little() -> None:
    """arXiv 2305.14314 section 3: 4.127 bits with double quantization; embedding and output layer in 16."""
    count = parameter_count(LLAMA3_70B)
    options = MemoryOptions(trainable=2, lora_rank=16)
    lora = peak_memory(LLAMA3_70B, Parallel(), MemoryOptions(trainable=1, lora_rank=16))
    qlora = peak_memory(LLAMA3_70B, Parallel(), options)
    linear = float(count.attention + count.dense_mlp)
    saved = float(lora.weights_bytes - qlora.weights_bytes)
    assert saved == pytest.approx((2 - 4.127 / 8) * linear, rel=1e-4)


# --- narrow precisions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("precision", "copies"), [("fp8", 2.0), ("mxfp8", 2.0625), ("nvfp4", 1.125)])
def test_quantised_weight_copies(precision: str, copies: float) -> None:
    """A row-wise and a column-wise copy of each linear weight: E4M3 1 byte, MXFP8 1/32 more, NVFP4 1/2 + 1/16."""
    count = parameter_count(LLAMA3_70B)
    linear = float(count.attention + count.dense_mlp)
    layout = Parallel(precision=code(PRECISIONS, precision), tuned=0)
    batch = peak_memory(LLAMA3_70B, layout)
    assert float(batch.weights_bytes) == pytest.approx(2 * float(count.total) + copies * linear, rel=1e-12)
    assert float(batch.gradients_bytes) == pytest.approx(4 * float(count.total), rel=1e-12)
    # A tuned recipe keeps no bf16 copy (fp8_param_gather) and reduces gradients in bf16.
    tuned = peak_memory(LLAMA3_70B, layout.with_(tuned=1))
    assert float(tuned.weights_bytes) == pytest.approx(2 * float(count.total - linear) + copies * linear, rel=1e-12)
    assert float(tuned.gradients_bytes) == pytest.approx(2 * float(count.total), rel=1e-12)


# --- reserve, verdict, interval ------------------------------------------------------------------------------------


@given(plans())
def test_reserve_is_two_to_four_gib_and_a_little_fragmentation(plan: Any) -> None:
    batch = peak_memory(*plan)
    moving = float(batch.activations_bytes + batch.buffers_bytes)
    assert 2 * GIB <= float(batch.reserve_bytes) <= 4 * GIB + 0.02 * moving * (1 + 1e-9)


def test_verdict() -> None:
    """Fits; marginal within 10 % of the card or inside the interval; no."""
    layout = Parallel()
    need = float(peak_memory(LLAMA2_7B, layout).total_bytes)
    capacity = np.array([need / 0.89, need / 0.91, need / 1.001])
    batch = peak_memory(LLAMA2_7B, layout, MemoryOptions(capacity_bytes=capacity))
    assert batch.verdict.tolist() == [0, 1, 2]
    assert batch.fits.tolist() == [True, True, False]


def test_untested_terms_have_a_wider_interval() -> None:
    dense = Parallel(gpus=8, tp=2, sp=1, dp=4, zero_stage=1)
    titan = Parallel(gpus=8, dp=8, zero_stage=3, stack=1, stack_year=2024.96)
    found = [
        float(peak_memory(arch, layout).interval_fraction)
        for arch, layout in (
            (LLAMA3_70B, dense),
            (LLAMA3_70B, titan),
            (LLAMA3_70B, titan.with_(tp=8, dp=1, sp=1)),
            (DEEPSEEK_V3, dense),
            (LLAMA3_70B, titan.with_(stack_year=2026.0)),
        )
    ]
    assert found == [0.01, 0.03, 0.08, 0.15, 0.1]


def test_extra_models_are_resident() -> None:
    plain = peak_memory(LLAMA2_7B, Parallel())
    more = peak_memory(LLAMA2_7B, Parallel(), MemoryOptions(extra_bytes=20e9))
    assert float(more.buffers_bytes - plain.buffers_bytes) == pytest.approx(20e9)


def test_cached_blocks_never_push_a_gpu_over_its_memory() -> None:
    """Reserved memory is capped near the card; what is in use is not."""
    layout = Parallel(
        gpus=8,
        dp=8,
        zero_stage=3,
        stack=1,
        stack_year=2024.96,
        micro_batch=2,
        global_batch=16,
        seq_len=8192,
        recompute=SELECTIVE,
    )
    shape = Architecture(layers=32, hidden=4096, ffn=14336, heads=32, kv_heads=8, head_dim=128, vocab=128256)
    free = float(predicted_peak_gib(shape, layout))
    used = float(predicted_peak_gib(shape, layout, basis="allocated"))
    assert used < free
    tight = float(predicted_peak_gib(shape, layout, MemoryOptions(capacity_bytes=(free - 1) * GIB)))
    assert used < tight < free
    small = float(predicted_peak_gib(shape, layout, MemoryOptions(capacity_bytes=20 * GIB)))
    assert small == pytest.approx(used)


@given(plans())
def test_story_of_a_step_ends_at_the_peak(plan: Any) -> None:
    arch, layout, options = plan
    story = phases(arch, layout, options)
    assert [view.phase for view in story] == ["load", "forward", "backward", "optimizer", "peak"]
    for view in story:
        assert view.bytes == pytest.approx(sum(view.parts.values()), rel=1e-12)
        assert set(view.parts) == set(COMPONENTS)
    load, forward, backward, _, peak = (view.bytes for view in story)
    assert load <= forward * (1 + 1e-12)
    assert max(forward, backward) <= peak * (1 + 1e-9)
    assert peak == pytest.approx(float(peak_memory(arch, layout, options).total_bytes), rel=1e-9)


def test_unknown_basis_is_refused() -> None:
    with pytest.raises(ValueError, match="allocated, reserved or device"):
        predicted_peak_gib(LLAMA2_7B, Parallel(), basis="virtual")


def test_device_basis_adds_context_and_communicators() -> None:
    layout = Parallel(gpus=8, dp=8, zero_stage=1)
    difference = float(predicted_peak_gib(LLAMA2_7B, layout, basis="device") - predicted_peak_gib(LLAMA2_7B, layout))
    assert 2.0 <= difference <= 5.0


@pytest.mark.parametrize(
    ("year", "compiled", "tp", "bytes_a_logit"),
    [
        (2024.9, 1, 1, 14.0),  # eager: bf16 logits, fp32 copy, log-softmax, its gradient
        (2024.9, 1, 8, 18.0),  # DTensor's vocabulary-parallel loss: one fp32 temporary more
        (2025.5, 0, 1, 14.0),
        (2025.5, 1, 1, 6.0),  # compiled: logits, gradient, one cached block
        (2026.5, 1, 1, 6.0 / 8),  # eight chunks of the sequence (v0.3)
    ],
)
def test_loss_of_torchtitan_by_release(year: float, compiled: int, tp: int, bytes_a_logit: float) -> None:
    """Bytes a logit at the loss backward, from the difference of two vocabularies without their weights."""
    layout = Parallel(gpus=8, tp=tp, sp=1, zero_stage=3, stack=1, stack_year=year, seq_len=8192, recompute=FULL)

    def reserved(tokens: int) -> float:
        long = layout.with_(seq_len=tokens)
        peak = peak_memory(LLAMA3_70B, long, MemoryOptions(compiled=compiled)).peaks[0]
        phase = next(m for m in peak.phases if m.name == "loss_backward")
        wide = peak_memory(LLAMA3_70B.with_(vocab=2 * 128256), long, MemoryOptions(compiled=compiled)).peaks[0]
        wider = next(m for m in wide.phases if m.name == "loss_backward")
        return float(wider.buffers + wider.cache - phase.buffers - phase.cache)

    found = (reserved(16384) - reserved(8192)) / (8192 * 128256 / tp)
    assert found == pytest.approx(bytes_a_logit, rel=1e-9)


def test_pipeline_of_torchtitan_splits_the_local_batch() -> None:
    """2024: as many micro-batches as stages; v0.1.0: single sequences; several micro-batches are taken as given."""
    layout = Parallel(gpus=64, tp=8, pp=8, zero_stage=3, stack=1, micro_batch=32, global_batch=32)
    for year, size, count in ((2024.9, 4, 8), (2025.5, 1, 32)):
        found = pipeline_batches(layout.with_(stack_year=year), MemoryOptions())
        assert tuple(map(float, found)) == (size, count)
    given_size = layout.with_(micro_batch=2, global_batch=32)
    assert tuple(map(float, pipeline_batches(given_size, MemoryOptions()))) == (2, 16)
    asked = pipeline_batches(layout, MemoryOptions(pipeline_micro_batch=8))
    assert tuple(map(float, asked)) == (8, 4)


def test_unknown_year_needs_as_much_as_the_older_software() -> None:
    layout = Parallel(
        gpus=64, tp=8, sp=1, pp=4, dp=2, zero_stage=3, stack=1, global_batch=64, seq_len=8192, recompute=FULL
    )
    old, unknown, new = (
        float(predicted_peak_gib(LLAMA3_70B, layout.with_(stack_year=year))) for year in (2024.9, np.nan, 2026.0)
    )
    assert new < unknown == pytest.approx(old)


def test_a_ring_of_context_parallel_gathers_keys_and_values_of_all_ranks() -> None:
    """With as many tokens a GPU the peak of FSDP was the same for any number of ranks, 2 or 128."""
    arch = Architecture(
        layers=32, hidden=4096, ffn=14336, heads=32, kv_heads=8, head_dim=128, vocab=128256, gated_mlp=1
    )
    ranks = np.array([1, 2, 8, 256, 512])
    layout = Parallel(
        stack=code(STACKS, "torchtitan"), stack_year=2026.0, zero_stage=3, recompute=2, cp=ranks, gpus=512, dp=512 // ranks,
        micro_batch=1, seq_len=16384 * ranks, global_batch=512 // ranks,
    )  # fmt: skip
    used = np.asarray(peak_memory(arch, layout).buffers_bytes)
    assert np.all(np.diff(used) >= 0)
    assert used[2] == used[1], "a few ranks need less than the feed-forward block"
    # From there on each rank more brings its keys and values, 2 bytes each.
    assert used[4] - used[3] == pytest.approx(256 * 16384 * 2 * 8 * 128 * 2.0)
