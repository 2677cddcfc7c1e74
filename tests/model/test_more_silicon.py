"""More silicon is never slower: an accelerator whose every figure is at least another's is not slower in the same layout."""

from __future__ import annotations

from dataclasses import fields
from itertools import permutations

import pytest

from mitsumori.model.architecture.parallelism import PRECISIONS, Parallel
from mitsumori.model.architecture.stacks import LORA, Work
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.catalogue.accelerators import Gpu, gpu_of
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.kernels.constants import shipped
from mitsumori.model.training.step import step_time

FIGURES = tuple(
    item.name
    for item in fields(Gpu)
    if item.name not in {"key", "family", "chip", "power_share", "gpus_per_node", "mesh", "peer_bytes_per_s"}
)
DENSE = Architecture(layers=80, hidden=8192, ffn=28672, heads=64, kv_heads=8, head_dim=128, vocab=128256)
EXPERTS = Architecture(
    layers=48,
    hidden=4096,
    ffn=0,
    heads=64,
    kv_heads=4,
    head_dim=128,
    vocab=151936,
    moe_experts=128,
    moe_topk=8,
    moe_ffn=1536,
)
BF16, FP8, NVFP4 = (PRECISIONS.index(name) for name in ("bf16", "fp8", "nvfp4"))


def plan(**changes: float) -> Parallel:
    usual = {
        "gpus": 64, "tp": 4, "pp": 2, "vp": 1, "cp": 1, "ep": 1, "dp": 8, "micro_batch": 1, "global_batch": 64, "seq_len": 4096,
        "precision": BF16,
    }  # fmt: skip
    return Parallel(**(usual | changes))


PLANS = {
    "dense, bf16": (DENSE, plan(), Work()),
    "dense, fp8": (DENSE, plan(precision=FP8), Work()),
    "dense, nvfp4": (DENSE, plan(precision=NVFP4), Work()),
    "TP 8, PP 4": (DENSE, plan(tp=8, pp=4, dp=2), Work()),
    "sharded weights": (DENSE, plan(tp=1, pp=1, dp=64, zero_stage=3), Work()),
    "long context": (DENSE, plan(seq_len=65536, cp=4, dp=2, global_batch=16), Work()),
    "experts, bf16": (EXPERTS, plan(tp=1, pp=4, ep=16, dp=16), Work()),
    "experts, fp8": (EXPERTS, plan(tp=1, pp=4, ep=16, dp=16, precision=FP8), Work()),
    "adapters, older stack": (DENSE, plan(stack_year=2024.0), LORA),
}


def better_pairs() -> list[tuple[Gpu, Gpu]]:
    """All pairs of the catalogue of which the first has at least every figure of the second, and no mesh where that has none."""
    gpus = [gpu_of(record) for record in Catalogue.shipped().accelerators().values()]
    return [
        (a, b) for a, b in permutations(gpus, 2)
        if a.mesh <= b.mesh and all(getattr(a, name) >= getattr(b, name) for name in FIGURES)
    ]  # fmt: skip


def test_the_pairs_hold_the_boards_of_one_chip() -> None:
    found = {(str(a.key), str(b.key)) for a, b in better_pairs()}
    assert {("H200", "H100-SXM"), ("A100-80", "A100-40"), ("MI325X", "MI300X"), ("MI355X", "MI350X")} <= found
    assert len(found) > 270


@pytest.mark.parametrize("name", PLANS)
def test_more_of_everything_is_never_slower(name: str) -> None:
    arch, parallel, work = PLANS[name]
    for more, less in better_pairs():
        fast, slow = (float(step_time(arch, gpu, parallel, work, shipped()).total_s) for gpu in (more, less))
        assert fast <= slow * (1 + 1e-9), (more.key, less.key)


def test_accelerators_of_one_chip_share_its_level() -> None:
    """H100, H200 and GH200 carry one Hopper die: no constant tells them apart, only their figures do."""
    chips = {record.key: gpu_of(record).chip for record in Catalogue.shipped().accelerators().values()}
    assert chips["H100-SXM"] == chips["H200"] == chips["GH200"] == chips["H100-PCIe"]
    assert chips["B200"] == chips["GB200"] != chips["B300"] == chips["GB300"]
    assert chips["MI300X"] == chips["MI325X"] != chips["MI350X"] == chips["MI355X"]
