"""Cards in the slots of a server reach each other through them, not through the network (docs/method.md 4.3, 4.8)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mitsumori.model.architecture.parallelism import PRECISIONS, Parallel, code
from mitsumori.model.architecture.stacks import DISPATCHERS, Work
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.catalogue.accelerators import Gpu, gpu_of
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.kernels.constants import shipped
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.training.step import step_time
from mitsumori.model.training.terms.setting import machine_of, setting

CATALOGUE = Catalogue.shipped()
RECORDS = CATALOGUE.accelerators()
CARDS = sorted(key for key, record in RECORDS.items() if (record.form_factor or "").startswith("PCIe"))
UNLINKED = [key for key in CARDS if not RECORDS[key].link_uni_gbytes_per_s]
BRIDGED = [key for key in CARDS if RECORDS[key].link_uni_gbytes_per_s]
DENSE = Architecture(layers=32, hidden=4096, ffn=14336, heads=32, kv_heads=8, head_dim=128, vocab=128256)
EXPERTS = DENSE.with_(moe_experts=64, moe_topk=4, moe_ffn=1408)


def speed(gpu: Gpu, architecture: Architecture = DENSE, work: Work | None = None, **layout: Any) -> float:
    """Tokens/s of one accelerator: eight in one server, 4,096 tokens a sequence."""
    given: dict[str, Any] = {"gpus": 8, "global_batch": 16, "seq_len": 4096, "precision": code(PRECISIONS, "bf16")}
    result = step_time(architecture, gpu, Parallel(**(given | layout)), work or Work(), shipped())
    return float(np.asarray(result.tokens_per_s_per_gpu))


@pytest.mark.parametrize("key", UNLINKED)
@pytest.mark.parametrize("layout", [{"tp": 8, "sp": 1}, {"tp": 2, "sp": 1, "dp": 4}, {"dp": 8, "zero_stage": 3}])
def test_no_network_matters_inside_a_server(key: str, layout: dict[str, Any]) -> None:
    """Tensor parallelism and sharding inside one server of cards without a link run alike with 10 and with 800 Gb/s."""
    slow, fast = (gpu_of(RECORDS[key], nic_gbps=gbps) for gbps in (10.0, 800.0))
    assert speed(slow, **layout) == speed(fast, **layout)


@pytest.mark.parametrize("key", CARDS)
def test_slots_are_slower_than_what_they_carry(key: str) -> None:
    """16 lanes carry 16, 32, 64 GB/s one way in generations 3 to 5; cards reach each other at less, and at less than a bridge."""
    gpu, lanes = gpu_of(RECORDS[key]), {3: 16e9, 4: 32e9, 5: 64e9}[RECORDS[key].pcie_gen or 4]
    assert 0.2 * lanes < float(gpu.peer_bytes_per_s) < 0.6 * lanes
    assert float(gpu.peer_bytes_per_s) <= float(gpu.link_bytes_per_s)
    assert gpu.gpus_per_node == 8
    assert float(gpu.joined) == RECORDS[key].scaleup_domain


def test_gathers_of_eight_cards_run_at_the_measured_rate() -> None:
    """Eight RTX PRO 6000 gather and scatter at 23 GB/s (aiconfigurator-core 0.12.0, NCCL)."""
    gpu = gpu_of(RECORDS["RTXPRO6000"])
    inside = setting(DENSE, gpu, Parallel(gpus=8, dp=8, global_batch=8, seq_len=4096), Work(), shipped())
    rate = machine_of(gpu, inside.parallel, inside.work, inside.habits, inside.form, shipped()).link
    assert float(rate) == pytest.approx(23e9, rel=0.1)


@pytest.mark.parametrize("key", BRIDGED)
def test_a_bridge_joins_its_own_cards_only(key: str) -> None:
    """Tensor parallelism beyond the bridged cards costs more than their link would: the slots are in between."""
    gpu = gpu_of(RECORDS[key]).inside_one_server()
    joined = gpu.with_(domain=8)
    within = {"tp": int(gpu.domain), "sp": 1, "dp": 8 // int(gpu.domain)}
    assert speed(gpu, tp=8, sp=1) < speed(joined, tp=8, sp=1)
    assert speed(gpu, **within) <= speed(joined, **within)
    assert speed(gpu, tp=8, sp=1) < speed(gpu, **within)


@pytest.mark.parametrize("gbps", [10.0, 400.0])
def test_a_plan_of_one_server_of_bridged_cards_needs_no_network(gbps: float) -> None:
    """Lenovo SR675 V3 with eight H100 NVL: the plan's network decides nothing before there is a second server."""

    def card(servers: int) -> Gpu:
        changes: dict[str, Any] = {
            "cluster.server": "Lenovo-SR675-V3",
            "cluster.servers": servers,
            "network.bandwidth_gbps": gbps,
        }
        return resolve(Plan().with_values(changes), CATALOGUE).gpu

    assert card(1).nic_bytes_per_s == card(1).peer_bytes_per_s > 0
    assert card(2).nic_bytes_per_s == pytest.approx(min(gbps / 8 * 1e9, float(card(2).peer_bytes_per_s)))


@pytest.mark.parametrize("year", [2025.5, 2026.6])
@pytest.mark.parametrize("dispatcher", ["alltoall", "deepep"])
def test_a_stated_dispatcher_keeps_its_wait_for_counts_in_any_release(year: float, dispatcher: str) -> None:
    """Megatron-Bridge's library recipes keep the plain all-to-all after the release that brought HybridEP."""
    gpu, layout = gpu_of(RECORDS["H100-SXM"]), {"ep": 8, "dp": 8, "stack_year": year}
    stated, fused = (
        speed(gpu, EXPERTS, Work(dispatcher=float(DISPATCHERS.index(name))), **layout)
        for name in (dispatcher, "hybridep")
    )
    assert stated < fused


@pytest.mark.parametrize(("key", "slower"), [("MI300X", True), ("H100-SXM", False)])
def test_eight_bits_on_the_first_parts_of_amd_waited_for_their_libraries(key: str, slower: bool) -> None:
    """MI300X: about 950 TFLOP/s in trainings of 2024, where its 16-bit products let expect 1,317; others change by age alone."""
    gpu, fp8 = gpu_of(RECORDS[key]), code(PRECISIONS, "fp8")
    rates = [
        float(
            setting(DENSE, gpu, Parallel(gpus=8, dp=8, precision=fp8, stack_year=year), Work(), shipped()).machine.rate
        )
        for year in (2024.8, 2026.0)
    ]
    assert (rates[0] < 0.8 * rates[1]) is slower
