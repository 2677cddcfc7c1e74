"""From catalogue records to the numbers the engines compute with (docs/method.md 4.1, 7; the fields of model.catalogue.accelerators.Gpu)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mitsumori.model.architecture.parallelism import PRECISIONS, STACKS, Parallel, code
from mitsumori.model.architecture.stacks import Work, kernels
from mitsumori.model.catalogue.accelerators import CHIPS, FAMILIES, NIC_GBPS, gpu_of, native, stack
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.records import Nic

accelerator = Catalogue.shipped().accelerator
accelerators = Catalogue.shipped().accelerators
server = Catalogue.shipped().server

H100 = accelerator("H100-SXM")
DGX = server("DGX-H100")
PLAIN: dict[str, Any] = {
    "key": "unknown card", "family": "hopper", "peak_tflops": {"bf16": 100.0}, "matmul_tflops": {}, "memory_gb": 80.0,
    "usable_gib": None, "hbm_bandwidth_tbps": 2.0, "link_uni_gbytes_per_s": None, "scaleup_domain": 1, "pcie_gen": 5,
}  # fmt: skip


def card(**changes: Any) -> Any:
    return H100.model_copy(update=PLAIN | changes)


def test_units_are_si() -> None:
    """NVIDIA H100 data sheet: 989 TFLOPS dense bf16, 1,979 fp8, 3.35 TB/s, NVLink 900 GB/s both ways."""
    gpu = gpu_of(H100)
    assert gpu.bf16_flops == pytest.approx(989e12, rel=0.01)
    assert gpu.fp8_flops == pytest.approx(1979e12, rel=0.01)
    assert gpu.hbm_bytes_per_s == pytest.approx(3.35e12, rel=0.01)
    assert gpu.link_bytes_per_s == pytest.approx(450e9, rel=0.01)
    assert gpu.nic_bytes_per_s == pytest.approx(50e9)
    assert (gpu.domain, gpu.gpus_per_node) == (8, 8)
    assert gpu.bf16_matmul == pytest.approx(H100.matmul_tflops["bf16"] * 1e12)
    assert gpu.fp4 == 0.0 and gpu.fp8 == 1.0 and gpu.power_share == 1.0
    assert gpu_of(H100, power_share=0.7).power_share == 0.7
    assert FAMILIES[gpu.family] == "hopper" and CHIPS[gpu.chip] == "gh100"
    assert gpu_of(card(family="unheard of")).family == FAMILIES.index("other")
    assert gpu_of(card()).chip == CHIPS.index("none")


@pytest.mark.parametrize(
    ("peak", "field", "tflops"),
    [
        # formats a part lacks run at the next wider one's rate
        ({"bf16": 100.0}, "fp8_flops", 100.0),
        ({"bf16": 100.0}, "fp4_flops", 100.0),
        ({"bf16": 100.0, "fp8": 200.0}, "fp4_flops", 200.0),
        ({"bf16": 100.0, "fp8": 200.0, "fp4": 400.0}, "fp4_flops", 400.0),
        ({"fp16": 120.0, "fp32": 15.0}, "bf16_flops", 120.0),
        ({"fp32": 15.0}, "bf16_flops", 15.0),
        ({"tf32": 50.0, "fp32": 15.0}, "bf16_flops", 50.0),
        ({"bf16": 100.0, "fp32": 15.0}, "tf32_flops", 15.0),
        ({"bf16": 100.0, "tf32": 50.0, "fp32": 15.0}, "tf32_flops", 50.0),
        ({"bf16": 100.0, "tf32": 50.0, "fp32": 15.0}, "fp32_flops", 15.0),
        ({"bf16": 100.0, "tf32": 50.0}, "fp32_flops", 50.0),
        ({"bf16": 100.0}, "fp32_flops", 100.0),
        ({"bf16": 100.0}, "tf32_flops", 100.0),
        # where nobody measured a product: the median share of the data sheet
        ({"bf16": 100.0}, "bf16_matmul", 76.0),
        ({"bf16": 100.0, "fp8": 200.0}, "fp8_matmul", 150.0),
        ({"bf16": 100.0, "fp8": 200.0, "fp4": 400.0}, "fp4_matmul", 200.0),
        ({"bf16": 100.0}, "fp8_matmul", 76.0),
        ({"bf16": 100.0, "fp8": 200.0}, "fp4_matmul", 150.0),
    ],
)
def test_missing_formats(peak: dict[str, float], field: str, tflops: float) -> None:
    assert getattr(gpu_of(card(peak_tflops=peak)), field) == pytest.approx(tflops * 1e12)


def test_measured_products_replace_the_share() -> None:
    gpu = gpu_of(
        card(
            peak_tflops={"bf16": 100.0, "fp8": 200.0, "fp4": 400.0},
            matmul_tflops={"bf16": 70.0, "fp8": 140.0, "fp4": 250.0},
        )
    )
    assert [gpu.bf16_matmul, gpu.fp8_matmul, gpu.fp4_matmul] == pytest.approx([70e12, 140e12, 250e12])
    assert [gpu.fp8, gpu.fp4] == [1.0, 1.0]
    old = gpu_of(card(matmul_tflops={"bf16": 70.0}))
    assert [old.fp8, old.fp4] == [0.0, 0.0]
    assert [old.fp8_matmul, old.fp4_matmul] == pytest.approx([70e12, 70e12])


@pytest.mark.parametrize(("generation", "gbytes"), [(3, 12), (4, 24), (5, 48), (6, 96), (None, 24), (9, 24)])
def test_host_link_is_that_of_the_slot(generation: int | None, gbytes: float) -> None:
    """PCI Express x16, about three quarters of 16, 32, 64 and 128 GB/s one way; a card without a link of its own uses it."""
    gpu = gpu_of(card(pcie_gen=generation))
    assert gpu.host_bytes_per_s == pytest.approx(gbytes * 1e9)
    assert gpu.link_bytes_per_s == pytest.approx(gbytes * 1e9)
    linked = gpu_of(card(pcie_gen=generation, link_uni_gbytes_per_s=300.0))
    assert linked.link_bytes_per_s == pytest.approx(300e9)
    assert linked.host_bytes_per_s == pytest.approx(gbytes * 1e9)


@pytest.mark.parametrize("family", FAMILIES)
def test_network_of_the_reference_system(family: str) -> None:
    """Gigabits a second of one accelerator in the maker's system where the server is unknown; eight bits a byte."""
    assert gpu_of(card(family=family)).nic_bytes_per_s == pytest.approx(NIC_GBPS[family] / 8 * 1e9)
    assert gpu_of(card(family=family), nic_gbps=80.0).nic_bytes_per_s == pytest.approx(10e9)


@pytest.mark.parametrize(
    ("family", "gbps"),
    [
        ("volta", 100),  # DGX-2: 8 x 100 Gb/s InfiniBand for 16, DGX-1 4 for 8; cloud servers 100 a card
        ("ampere", 200), ("hopper", 400), ("blackwell", 400), ("blackwell_ultra", 800),  # DGX A100, H100, B200, B300: 8 adapters
        ("rubin", 1600),  # two ConnectX-9 of 800 Gb/s a package
        ("cdna2", 200), ("cdna3", 400), ("cdna4", 400),  # MI250X (Frontier, Slingshot 200), MI300X and MI355X: 8 x 400
        ("cdna5", 800), ("gaudi", 300), ("ada", 100), ("tpu", 100), ("trainium", 100),  # Gaudi2: 3 x 100 GbE outwards
        ("cpu", 54.4),  # Tofu interconnect D: 6.8 GB/s injection a link
    ],
)  # fmt: skip
def test_reference_networks_are_the_published_ones(family: str, gbps: float) -> None:
    """One accelerator's share of the network in the maker's own system, as catalogued servers have it."""
    assert NIC_GBPS[family] == gbps


@pytest.mark.parametrize(
    ("family", "domain", "node"),
    [("hopper", 1, 8), ("hopper", 4, 4), ("hopper", 8, 8), ("hopper", 16, 8), ("hopper", 31, 8), ("hopper", 32, 4), ("blackwell", 72, 4),
     ("blackwell_ultra", 72, 4), ("rubin", 144, 4), ("cdna5", 72, 4), ("tpu", 4096, 8), ("gaudi", 64, 8), ("hopper", 2, 2)],
)  # fmt: skip
def test_accelerators_of_a_node_without_a_server(family: str, domain: int, node: int) -> None:
    """Eight, or the domain where it is smaller; four in rack-scale systems (two boards of GB200)."""
    gpu = gpu_of(card(family=family, scaleup_domain=domain))
    assert (gpu.gpus_per_node, gpu.domain) == (node, domain)


def test_a_server_sets_node_domain_and_network() -> None:
    eight = DGX.model_copy(
        update={
            "accelerators": 8,
            "nics": (Nic(count=8, gbps=400.0, use="compute"), Nic(count=2, gbps=400.0, use="storage")),
        }
    )
    gpu = gpu_of(H100, eight)
    assert (gpu.gpus_per_node, gpu.domain) == (8, 8)
    assert gpu.nic_bytes_per_s == pytest.approx(50e9)
    four = eight.model_copy(update={"accelerators": 4})
    gpu = gpu_of(H100, four)
    assert (gpu.gpus_per_node, gpu.domain) == (4, 4)
    assert gpu.nic_bytes_per_s == pytest.approx(100e9)  # the same adapters for half the accelerators
    assert gpu_of(H100, eight, nic_gbps=100.0).nic_bytes_per_s == pytest.approx(12.5e9)
    without = eight.model_copy(update={"nics": (Nic(count=2, gbps=400.0, use="storage"),)})
    assert gpu_of(H100, without).nic_bytes_per_s == pytest.approx(NIC_GBPS["hopper"] / 8 * 1e9)
    mixed = eight.model_copy(
        update={"nics": (Nic(count=4, gbps=400.0, use="compute"), Nic(count=4, gbps=200.0, use="compute"))}
    )
    assert gpu_of(H100, mixed).nic_bytes_per_s == pytest.approx((4 * 400 + 4 * 200) / 8 / 8 * 1e9)
    # A rack sold whole: its link joins all of it, its nodes hold four; a small one is one node.
    rack = eight.model_copy(update={"level": "rack", "accelerators": 72})
    wide = card(scaleup_domain=72, link_uni_gbytes_per_s=900.0, family="blackwell")
    assert (gpu_of(wide, rack).gpus_per_node, gpu_of(wide, rack).domain) == (4, 72)
    edge = rack.model_copy(update={"accelerators": 32})
    assert (gpu_of(wide, edge).gpus_per_node, gpu_of(wide, edge).domain) == (4, 32)
    small = rack.model_copy(update={"accelerators": 31})
    assert gpu_of(wide, small).gpus_per_node == 31
    # A TPU slice is joined beyond its host.
    tpu = card(family="tpu", scaleup_domain=256)
    assert gpu_of(tpu, four).domain == 256
    assert gpu_of(card(scaleup_domain=0), None).domain == 1


def test_memory_is_what_the_driver_shows() -> None:
    assert gpu_of(card()).memory_bytes == pytest.approx(80e9)
    assert gpu_of(card(usable_gib=79.0)).memory_bytes == pytest.approx(79 * 2**30)
    assert gpu_of(card(hbm_bandwidth_tbps=None)).hbm_bytes_per_s == pytest.approx(1e12)


def test_a_stack_of_accelerators_is_each_of_them() -> None:
    keys = ["H100-SXM", "GB200", "MI300X", "TPUv5p"]
    gpus = [gpu_of(accelerator(key)) for key in keys]
    together = stack(gpus)
    for name in together.__dataclass_fields__:
        assert list(getattr(together, name)) == [getattr(gpu, name) for gpu in gpus], name
    assert together.family.dtype.kind == together.chip.dtype.kind == "i"


def test_native_formats_of_a_batch() -> None:
    """A batch computes a format natively where all of it does."""
    new, old = gpu_of(accelerator("GB200")), gpu_of(accelerator("A100-80"))
    for name in PRECISIONS:
        kind = code(PRECISIONS, name)
        assert native(new, kind)
        assert native(old, kind) == (name not in ("fp8", "mxfp8", "nvfp4"))
        assert native(stack([new, old]), kind) == native(old, kind)
    hopper = gpu_of(H100)
    assert native(hopper, code(PRECISIONS, "mxfp8")) and not native(hopper, code(PRECISIONS, "nvfp4"))


def test_every_card_of_the_catalogue_has_sane_numbers() -> None:
    """Measured products below the data sheet, narrower formats not slower, memory behind the link."""
    for record in map(accelerator, accelerators()):
        gpu = gpu_of(record)
        assert 0 < gpu.bf16_matmul <= gpu.bf16_flops * 1.05, record.key
        assert gpu.fp4_flops >= gpu.fp8_flops >= gpu.bf16_flops >= gpu.tf32_flops >= 0, record.key
        assert gpu.hbm_bytes_per_s >= gpu.link_bytes_per_s, record.key
        assert gpu.domain >= 1 and gpu.gpus_per_node >= 1, record.key


@pytest.mark.parametrize(
    ("stack_name", "year", "attention", "compiled", "overlap"),
    [
        ("megatron", 2022.89, 0, 1, 0), ("megatron", 2022.9, 1, 1, 0), ("megatron", 2022.99, 1, 1, 0), ("megatron", 2023.0, 1, 1, 1),
        ("megatron", 2023.99, 1, 1, 1), ("megatron", 2024.0, 2, 1, 1), ("jax", 2020.0, 1, 1, 1), ("jax", 2023.9, 1, 1, 1),
        ("jax", 2024.0, 2, 1, 1), ("deepspeed", 2023.49, 0, 0, 0), ("deepspeed", 2023.5, 1, 0, 0), ("torchtitan", 2022.0, 0, 1, 0),
        ("torchtitan", 2025.49, 1, 1, 0), ("torchtitan", 2026.0, 2, 1, 0), ("llm-foundry", 2024.0, 1, 0, 0),
        ("other", 2026.0, 2, 1, 0), ("huggingface", 2025.0, 1, 0, 0), ("torchtune", 2026.0, 2, 0, 0), ("other", 2022.0, 0, 1, 0),
    ],
)  # fmt: skip
def test_kernels_of_a_stack_and_year(stack_name: str, year: float, attention: int, compiled: int, overlap: int) -> None:
    """FlashAttention reached Megatron in early 2023, every PyTorch stack by mid-2023; newer kernels Megatron in 2024, all in 2025."""
    found = kernels(Parallel(stack=code(STACKS, stack_name), stack_year=year), Work())
    assert (int(found.fused_attention), int(found.compiled), int(found.overlap)) == (attention, compiled, overlap)
    said = kernels(
        Parallel(stack=code(STACKS, stack_name), stack_year=year),
        Work(
            fused_attention=np.array([np.nan, 0, 1, 2]),
            compiled=np.array([np.nan, 0, 1, 1]),
            overlap=np.array([np.nan, 0, 1, 2]),
        ),
    )
    assert said.fused_attention.tolist() == [attention, 0, 1, 2]
    assert said.compiled.tolist() == [compiled, 0, 1, 1]
    assert said.overlap.tolist() == [overlap, 0, 1, 2]


def test_a_layout_is_one_accelerator_where_nothing_is_said() -> None:
    """The defaults: one accelerator, one sequence of 2,048 tokens, bf16, Adam, no recomputation, tuned Megatron of 2026."""
    plan = Parallel()
    ones = ("gpus", "tp", "pp", "cp", "dp", "vp", "ep", "etp", "micro_batch", "global_batch", "tuned")
    assert {getattr(plan, name) for name in ones} == {1}
    assert {getattr(plan, name) for name in ("sp", "zero_stage", "optimizer", "recompute", "offload", "stack")} == {0}
    assert PRECISIONS[plan.precision] == "bf16" and plan.seq_len == 2048 and plan.stack_year == 2026.0
    assert int(Parallel(global_batch=8, micro_batch=4, dp=4).micro_batches) == 1
