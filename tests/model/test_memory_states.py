"""Weights, gradients and optimizer of every stage, and the tensors a layer keeps, against a count in plain Python."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mitsumori.model.architecture.parallelism import (
    OFFLOADS,
    OPTIMIZERS,
    PRECISIONS,
    RECOMPUTES,
    STACKS,
    Parallel,
    code,
)
from mitsumori.model.architecture.transformer import Architecture, parameter_count
from mitsumori.model.base.arrays import lookup, pick
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.memory.activations import fsdp_saved, megatron_saved
from mitsumori.model.memory.megatron import in_flight
from mitsumori.model.memory.peak import MemoryOptions, peak_memory
from mitsumori.model.memory.phases import stage_peaks
from mitsumori.model.memory.states import TRAINABLES, bytes_per_parameter, layer_parameters, stage_of
from tests.model import memory_twin as twin

catalog = Catalogue.shipped()

DENSE = Architecture(layers=24, hidden=4096, ffn=14336, heads=32, kv_heads=8, head_dim=128, vocab=128256)
GPT = Architecture(
    layers=16, hidden=2048, ffn=8192, heads=16, kv_heads=16, head_dim=128, vocab=51200, gated_mlp=0, tied_embeddings=1,
    positions=2048, linear_bias=1, norm_vectors=2,
)  # fmt: skip
QWEN = DENSE.with_(attention_bias=1, kv_heads=4)
MOE = Architecture(
    layers=24, hidden=2048, ffn=8192, heads=16, kv_heads=4, head_dim=128, vocab=100352, moe_experts=64, moe_topk=6,
    moe_ffn=1408, moe_shared_ffn=2816, moe_dense_layers=3,
)  # fmt: skip
BIASED_MOE = MOE.with_(linear_bias=1, moe_shared_ffn=0, moe_dense_layers=0)
LATENT = Architecture(
    layers=16, hidden=3072, ffn=12288, heads=32, kv_heads=32, head_dim=128, vocab=102400, mla=1, q_lora_rank=1024,
    kv_lora_rank=512, qk_nope_dim=128, qk_rope_dim=64, v_head_dim=96, moe_experts=32, moe_topk=4, moe_ffn=1536,
    moe_shared_ffn=1536, moe_dense_layers=1, mtp_layers=1,
)  # fmt: skip
FULL_QUERY = LATENT.with_(q_lora_rank=0, mtp_layers=0, moe_experts=0, moe_dense_layers=0)
SHAPES = {
    "dense": DENSE, "gpt": GPT, "qwen": QWEN, "moe": MOE, "biased": BIASED_MOE, "mla": LATENT, "full-query": FULL_QUERY
}  # fmt: skip

BASE = Parallel(gpus=32, tp=2, sp=1, pp=2, cp=2, dp=4, global_batch=64, seq_len=4096, stack_year=2026.0)
MEGATRON, TITAN, FOUNDRY, DEEPSPEED = (code(STACKS, n) for n in ("megatron", "torchtitan", "llm-foundry", "deepspeed"))
LAYOUTS = {
    "one": Parallel(global_batch=8),
    "all axes": BASE,
    "wide": BASE.with_(gpus=64, tp=16, pp=1, cp=1),
    "deep": BASE.with_(gpus=32, tp=1, sp=0, pp=4, cp=1, dp=8),
}


def fitted(arch: Architecture, plan: Parallel, ep: int = 4, etp: int = 1) -> Parallel:
    if not arch.is_moe:
        return plan
    ranks = int(plan.tp * plan.cp * plan.dp)
    return plan.with_(ep=math.gcd(ep, ranks), etp=min(etp, int(plan.tp)))


def found_states(arch: Architecture, plan: Parallel, options: MemoryOptions | None = None) -> list[list[float]]:
    names = ("weights_bytes", "gradients_bytes", "optimizer_bytes")
    return [[view.parts[name] for name in names] for view in stage_peaks(arch, plan, options)]


def check(
    arch: Architecture, plan: Parallel, options: MemoryOptions | None = None, o: twin.Settings | None = None
) -> None:
    for index, found in enumerate(found_states(arch, plan, options)):
        assert found == pytest.approx(list(twin.states(arch, plan, index, o)), rel=1e-9, abs=1.0), index


# --- states ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zero", range(4))
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_states_of_every_stage(shape: str, layout: str, zero: int) -> None:
    arch = SHAPES[shape]
    check(arch, fitted(arch, LAYOUTS[layout]).with_(zero_stage=zero))


@pytest.mark.parametrize("stack", [MEGATRON, TITAN, DEEPSPEED])
@pytest.mark.parametrize("tuned", [0, 1])
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("shape", ["dense", "mla"])
def test_bytes_of_every_precision_and_stack(shape: str, precision: str, tuned: int, stack: int) -> None:
    arch = SHAPES[shape]
    plan = fitted(arch, BASE).with_(precision=code(PRECISIONS, precision), tuned=tuned, stack=stack, zero_stage=1)
    check(arch, plan)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("shape", ["dense", "moe"])
def test_bytes_of_every_optimizer(shape: str, optimizer: str) -> None:
    arch = SHAPES[shape]
    for offload in OFFLOADS:
        plan = fitted(arch, BASE).with_(
            optimizer=code(OPTIMIZERS, optimizer), zero_stage=1, offload=code(OFFLOADS, offload)
        )
        check(arch, plan)


@pytest.mark.parametrize("kind", ["lora", "qlora"])
@pytest.mark.parametrize("everywhere", [True, False])
@pytest.mark.parametrize(("precision", "tuned"), [("bf16", 1), ("fp32", 1), ("mxfp8", 1), ("mxfp8", 0)])
@pytest.mark.parametrize("shape", SHAPES)
def test_adapters_beside_frozen_weights(shape: str, precision: str, tuned: int, everywhere: bool, kind: str) -> None:
    """arXiv 2106.09685: r (in + out) a matrix, trained like any parameter; the base has weights and nothing else."""
    arch = SHAPES[shape]
    options = MemoryOptions(trainable=TRAINABLES.index(kind), lora_rank=8, lora_all_linear=int(everywhere))
    for zero in (1, 3):
        plan = fitted(arch, BASE).with_(
            zero_stage=zero, precision=code(PRECISIONS, precision), tuned=tuned, seq_len=512
        )
        check(arch, plan, options, twin.Settings(trainable=kind, rank=8, everywhere=everywhere))
        away = plan.with_(offload=code(OFFLOADS, "optimizer"))
        check(arch, away, options, twin.Settings(trainable=kind, rank=8, everywhere=everywhere))


@pytest.mark.parametrize("only", [None, True, False])
@pytest.mark.parametrize("wide", [None, True, False])
def test_stated_gradients_and_copies(wide: bool | None, only: bool | None) -> None:
    """What the user states replaces what the stack does."""
    options = MemoryOptions(
        fp32_gradients=-1 if wide is None else int(wide), quantised_only=-1 if only is None else int(only)
    )
    settings = twin.Settings(wide_gradients=wide, quantised_only=only)
    for precision in ("bf16", "fp8", "nvfp4", "fp32"):
        for tuned in (0, 1):
            for stack in (MEGATRON, DEEPSPEED, TITAN):
                plan = fitted(MOE, BASE).with_(
                    precision=code(PRECISIONS, precision), tuned=tuned, stack=stack, zero_stage=2
                )
                check(MOE, plan, options, settings)


@pytest.mark.parametrize("scale", [0.5, 1.7])
def test_the_users_parameter_count_scales_all_states(scale: float) -> None:
    check(MOE, fitted(MOE, BASE), MemoryOptions(params_scale=scale), twin.Settings(scale=scale))


@pytest.mark.parametrize(("ep", "etp"), [(1, 1), (8, 1), (4, 2), (16, 1), (2, 2)])
def test_expert_shards(ep: int, etp: int) -> None:
    """Experts lie on ep x etp ranks and are sharded over t c n / (ep etp) replicas of the shard."""
    for zero in (0, 1, 3):
        plan = BASE.with_(ep=ep, etp=etp, zero_stage=zero)
        check(MOE, plan)
        check(BIASED_MOE, plan)


def test_weights_of_every_catalogued_model() -> None:
    """fp32 on one GPU: four bytes for each parameter of the count, which is tested against the published total."""
    for key in filter(lambda key: catalog.model(key).supported, catalog.models()):
        arch = Architecture(**catalog.model(key).architecture).with_(mtp_layers=0)
        total = float(parameter_count(arch).total)
        found = float(peak_memory(arch, Parallel(precision=0)).weights_bytes)
        assert found == pytest.approx(4 * total, rel=1e-9), key


def test_bytes_a_parameter() -> None:
    """Weight, gradient, master: fp32 4, 4, none; Megatron 2, 4, 4; elsewhere 2, 2, 4; FSDP 4, 4, none."""

    def bytes_of(stack: int, precision: str, tuned: int = 1, wide: int = -1) -> tuple[float, ...]:
        plan = Parallel(stack=stack, precision=code(PRECISIONS, precision), tuned=tuned)
        return tuple(float(x) for x in bytes_per_parameter(plan, wide))

    assert bytes_of(MEGATRON, "fp32") == bytes_of(MEGATRON, "tf32") == bytes_of(TITAN, "bf16") == (4, 4, 0)
    assert bytes_of(MEGATRON, "bf16") == bytes_of(MEGATRON, "fp16") == bytes_of(MEGATRON, "fp8", tuned=0) == (2, 4, 4)
    assert bytes_of(DEEPSPEED, "bf16") == bytes_of(MEGATRON, "fp8") == bytes_of(MEGATRON, "bf16", wide=0) == (2, 2, 4)
    assert bytes_of(DEEPSPEED, "bf16", wide=1) == (2, 4, 4)


# --- layers of a stage -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stack", [MEGATRON, TITAN])
@pytest.mark.parametrize(
    "arch", [DENSE.with_(mtp_layers=2), MOE, MOE.with_(moe_dense_layers=1), MOE.with_(moe_dense_layers=0, mtp_layers=1)]
)
@pytest.mark.parametrize(
    ("layers", "pp", "vp"),
    [
        (24, 1, 1), (24, 2, 1), (24, 4, 1), (24, 8, 1), (24, 4, 2), (24, 4, 3), (24, 2, 4), (24, 4, 6), (26, 4, 1), (30, 4, 1),
        (25, 4, 1), (27, 4, 1), (126, 16, 1), (22, 4, 1), (14, 4, 2), (30, 8, 1), (23, 8, 1),
    ],
)  # fmt: skip
def test_layers_are_dealt_out_one_by_one(arch: Architecture, layers: int, pp: int, vp: int, stack: int) -> None:
    """Even shares; the ends one less where that fits (Llama 3, arXiv 2407.21783 section 3.3.2), else the first stages one
    more; torchtitan deals embedding and output layer with the layers."""
    if layers % (pp * vp):  # chunks of unequal length are torchtitan's; Megatron refuses them
        stack = TITAN if vp > 1 else stack
    arch = arch.with_(layers=layers)
    plan = Parallel(pp=pp, vp=vp, stack=stack, gpus=pp, global_batch=64)
    expected = twin.stages(arch, plan)
    assert sum(map(len, expected)) == layers + arch.mtp_layers
    for index, kinds in enumerate(expected):
        stage = stage_of(arch, plan, index)
        assert (float(stage.dense_layers), float(stage.moe_layers)) == (kinds.count(False), kinds.count(True)), index
        assert (bool(stage.has_embedding), bool(stage.has_head)) == (index == 0, index == pp - 1)
    together = stage_of(arch, plan, np.arange(pp))
    counts = np.broadcast_to(together.dense_layers + together.moe_layers, (pp,))
    assert counts.tolist() == [len(kinds) for kinds in expected]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("tp", [1, 2, 16])
def test_parameters_of_a_layer(shape: str, tp: int) -> None:
    arch = SHAPES[shape]
    plan = Parallel(tp=tp, ep=2 if arch.is_moe else 1)
    found = layer_parameters(arch, plan, 16, 1)
    moe = bool(arch.is_moe)
    one = twin.layer(arch, plan, moe)
    assert float(found.attention) == pytest.approx(one.attention, rel=1e-12)
    assert float(found.experts) == pytest.approx(one.experts, rel=1e-12)
    assert float(found.shared if moe else found.dense_mlp) == pytest.approx(one.feed_forward, rel=1e-12)
    own = found.adapters_shared if moe else found.adapters_dense
    assert float(found.adapters_attention + own) == pytest.approx(one.adapters, rel=1e-12)


def test_helpers_give_the_same_for_numbers_and_arrays() -> None:
    assert pick(True, 1.0, 2.0) == 1.0 and pick(np.bool_(False), 1.0, 2.0) == 2.0
    assert pick(np.array([True, False]), 1.0, 2.0).tolist() == [1.0, 2.0]
    table = (4.0, 5.0, 6.0)
    assert lookup(table, 1) == 5.0 and lookup(table, np.array([2, 0])).tolist() == [6.0, 4.0]


# --- saved tensors -----------------------------------------------------------------------------------------------------


def kept_options(**chosen: Any) -> tuple[dict[str, Any], twin.Kept]:
    names = {
        "fused": "fused_attention", "dropout": "dropout", "all_to_all": "cp_all_to_all", "imbalance": "moe_imbalance",
        "lora": "trainable", "everywhere": "lora_all_linear", "rank": "lora_rank", "compiled": "compiled",
    }  # fmt: skip
    return {names[key]: value if isinstance(value, float) else int(value) for key, value in chosen.items()}, twin.Kept(
        **chosen
    )


def check_megatron(arch: Architecture, plan: Parallel, **chosen: Any) -> None:
    options, kept = kept_options(**chosen)
    saved = megatron_saved(arch, plan, **options)
    for moe, part, whole in ((False, saved.dense, saved.dense_whole), (True, saved.moe, saved.moe_whole)):
        if moe and not arch.is_moe:
            assert float(part) == float(saved.dense)
            continue
        assert float(part) == pytest.approx(twin.megatron_kept(arch, plan, moe, kept), rel=1e-9)
        none = plan.with_(recompute=0)
        assert float(whole) == pytest.approx(twin.megatron_kept(arch, none, moe, kept), rel=1e-9)


@pytest.mark.parametrize("recompute", RECOMPUTES)
@pytest.mark.parametrize("year", [2024.0, 2025.34, 2025.35])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_tensors_a_megatron_layer_keeps(shape: str, layout: str, year: float, recompute: str) -> None:
    arch = SHAPES[shape]
    check_megatron(arch, fitted(arch, LAYOUTS[layout]).with_(stack_year=year, recompute=code(RECOMPUTES, recompute)))


@pytest.mark.parametrize("recompute", ["none", "selective"])
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("shape", ["gpt", "moe", "mla"])
def test_operands_are_kept_in_their_own_size(shape: str, precision: str, recompute: str) -> None:
    arch = SHAPES[shape]
    plan = fitted(arch, BASE).with_(precision=code(PRECISIONS, precision), recompute=code(RECOMPUTES, recompute))
    check_megatron(arch, plan)


@pytest.mark.parametrize(
    "chosen",
    [
        {"fused": False}, {"fused": False, "dropout": True}, {"dropout": True}, {"all_to_all": False}, {"imbalance": 1.4},
        {"lora": True}, {"lora": True, "everywhere": False}, {"lora": True, "rank": 64}, {"everywhere": False},
    ],
)  # fmt: skip
@pytest.mark.parametrize("sp", [0, 1])
@pytest.mark.parametrize("shape", SHAPES)
def test_options_of_saved_tensors(shape: str, sp: int, chosen: dict[str, Any]) -> None:
    arch = SHAPES[shape]
    for plan in (BASE.with_(sp=sp), BASE.with_(sp=sp, cp=1), BASE.with_(sp=sp, recompute=1)):
        check_megatron(arch, fitted(arch, plan, etp=2), **chosen)


def check_titan(arch: Architecture, plan: Parallel, **chosen: Any) -> None:
    options, kept = kept_options(**chosen)
    saved = fsdp_saved(arch, plan, **options)
    none = plan.with_(recompute=0)
    for moe, part, whole in ((False, saved.dense, saved.dense_whole), (True, saved.moe, saved.moe_whole)):
        if moe and not arch.is_moe:
            continue
        assert float(part) == pytest.approx(twin.titan_kept(arch, plan, moe, kept), rel=1e-9)
        assert float(whole) == pytest.approx(twin.titan_kept(arch, none, moe, kept), rel=1e-9)


@pytest.mark.parametrize("recompute", RECOMPUTES)
@pytest.mark.parametrize("stack", [TITAN, FOUNDRY])
@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_tensors_a_torchtitan_layer_keeps(shape: str, layout: str, compiled: bool, stack: int, recompute: str) -> None:
    arch = SHAPES[shape]
    plan = fitted(arch, LAYOUTS[layout], etp=2).with_(stack=stack, recompute=code(RECOMPUTES, recompute), zero_stage=3)
    for chosen in ({}, {"fused": False}, {"imbalance": 1.4}):
        check_titan(arch, plan, compiled=compiled, **chosen)
    check_titan(arch, plan.with_(precision=code(PRECISIONS, "fp32")), compiled=compiled)


@pytest.mark.parametrize(("pp", "vp"), [(1, 1), (4, 1), (4, 2), (4, 5), (8, 3)])
@pytest.mark.parametrize("batch", [2, 5, 64])
def test_micro_batches_in_flight(pp: int, vp: int, batch: int) -> None:
    plan = Parallel(gpus=pp, pp=pp, vp=vp, global_batch=batch)
    for index in range(pp):
        expected = twin.in_flight(plan, index, batch)
        assert float(in_flight(plan, index)) == pytest.approx(expected)
        assert float(in_flight(plan, index, 3)) == pytest.approx(min(twin.in_flight(plan, index, batch * 100), 3))


def test_states_do_not_depend_on_what_they_should_not() -> None:
    """Neither on the batch nor on recomputation, sequence length or the way activations are moved."""
    before = peak_memory(MOE, fitted(MOE, BASE))
    for changes in ({"micro_batch": 4}, {"recompute": 2}, {"seq_len": 65536}, {"offload": 2}, {"global_batch": 512}):
        after = peak_memory(MOE, fitted(MOE, BASE).with_(**changes))
        for name in ("weights_bytes", "gradients_bytes", "optimizer_bytes"):
            if int(after.worst_stage) == int(before.worst_stage):
                assert float(getattr(after, name)) == float(getattr(before, name)), (changes, name)
