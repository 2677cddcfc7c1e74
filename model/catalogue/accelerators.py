"""What an accelerator can do, as broadcastable numbers.

:class:`Gpu` is the view of a catalogue record that the step-time and memory engines compute with: peak and measured
matrix rates, memory and link bandwidths, the scale-up domain. Every field is a number or an array; :func:`stack` makes
the arrays of a file of runs or of a table of clusters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np

from mitsumori.model.architecture.parallelism import PRECISIONS
from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.base.units import GBIT_PER_S
from mitsumori.model.catalogue.records import Accelerator, Server

FAMILIES: Final = (
    "volta", "ampere", "ada", "hopper", "blackwell", "blackwell_ultra", "rubin", "cdna2", "cdna3", "cdna4", "cdna5",
    "gaudi", "tpu", "trainium", "cpu", "other",
)  # fmt: skip
"""Architecture families of the catalogue; the last takes any other."""

SILICON: Final[Mapping[str, tuple[str, ...]]] = {
    "ga100": ("A100-40", "A100-80", "A100-PCIe", "A30"),
    "gh100": ("H100-SXM", "H100-PCIe", "H100-NVL", "H800", "H20", "H200", "H200-NVL", "GH200"),
    "gb100": ("B100", "B200", "GB200"),
    "gb110": ("B300", "GB300"),
    "mi300": ("MI300X", "MI325X"),
    "mi350": ("MI350X", "MI355X"),
    "gaudi2": ("Gaudi2",),
    "tpuv4": ("TPUv4",),
    "tpuv5e": ("TPUv5e",),
    "tpuv5p": ("TPUv5p",),
    "tpuv6e": ("TPUv6e",),
    "tpuv7": ("TPUv7",),
}
"""Chips with measured runs and the accelerators of the catalogue that carry them (H100, H200 and GH200 are one Hopper die with
other memory and boards: NVIDIA Hopper and Blackwell architecture papers; MI325X is MI300X with more memory, MI355X MI350X at a
higher power). Kernels are those of the chip, so accelerators of one chip share what the fit finds of it."""

CHIPS: Final = (*SILICON, "none")
"""Names of :data:`SILICON`, each with a small pooled effect; ``none`` has no effect."""
_CHIP_OF: Final = {key: CHIPS.index(chip) for chip, keys in SILICON.items() for key in keys}

UNMEASURED_SHARE: Final = {"bf16": 0.76, "fp8": 0.75, "fp4": 0.50}
"""Measured matrix product over data sheet, where nobody measured it: the median of the measured accelerators. A part whose
16-bit product was measured takes that deficit to its narrower formats too: clock, power and libraries hold them back alike."""

NIC_GBPS: Final = {
    "volta": 100.0, "ampere": 200.0, "ada": 100.0, "hopper": 400.0, "blackwell": 400.0, "blackwell_ultra": 800.0,
    "rubin": 1600.0, "cdna2": 200.0, "cdna3": 400.0, "cdna4": 400.0, "cdna5": 800.0, "gaudi": 300.0, "tpu": 100.0,
    "trainium": 100.0, "cpu": 54.4, "other": 200.0,
}  # fmt: skip
"""Scale-out network of one accelerator in the maker's reference system, gigabits a second, when the server is unknown
(servers.toml: DGX A100 8 x 200, DGX H100 and B200 8 x 400, DGX B300 and GB300 8 x 800; Gaudi2 3 x 100 GbE; TPU slices
over the data-centre network; Tofu-D 6.8 GB/s)."""

_SLOTS: Final = 8
"""Cards of a usual server for PCIe cards, where the server is unknown (servers.toml: all of them hold eight)."""
_CARRIED: Final = 0.8
_PCIE_BYTES_PER_S: Final = {3: 12e9, 4: 24e9, 5: 48e9, 6: 96e9}
"""One way, 0.8 of what the lanes carry after encoding."""
_PEER_SHARE: Final = 0.5
"""Between cards of one server that no link joins, share of what the 16 lanes carry, before what any collective loses: eight
RTX PRO 6000 gather and scatter at 23 GB/s of 63 (measured NCCL, docs/method.md 4.8). A host without a peer path is slower
still: eight L40S at 1 to 2 GB/s of 31."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """One accelerator in its server, or a batch of them; numbers or arrays that broadcast.

    Attributes
    ----------
    key
        Catalogue key(s), for messages only.
    family, chip
        Codes into :data:`FAMILIES` and :data:`CHIPS`.
    bf16_flops, fp8_flops, fp4_flops, tf32_flops, fp32_flops
        Dense data-sheet rates, FLOP/s. A format the part lacks runs at the next wider one's rate; ``fp8`` and ``fp4``
        tell whether it is native.
    bf16_matmul, fp8_matmul, fp4_matmul
        Measured rate of a large matrix product, FLOP/s, or the usual share of the data sheet.
    fp8, fp4
        1 where the format is native.
    hbm_bytes_per_s, link_bytes_per_s, nic_bytes_per_s
        Memory; scale-up link one way; scale-out network of one accelerator one way.
    domain, gpus_per_node
        Accelerators that the scale-up link joins; accelerators of one server.
    mesh
        1 where the link joins each pair by wires of its own, 0 with a switch or a torus.
    memory_bytes
        Usable capacity.
    power_share
        Power limit over rated power (1: none). Matrix clocks fall with it.
    host_bytes_per_s
        To and from the host's memory, one way, of one accelerator.
    peer_bytes_per_s
        From card to card through the PCIe slots of a server, one way; 0 where the maker's link joins its accelerators.
    """

    key: Any
    family: Num
    chip: Num
    bf16_flops: Num
    fp8_flops: Num
    fp4_flops: Num
    tf32_flops: Num
    fp32_flops: Num
    bf16_matmul: Num
    fp8_matmul: Num
    fp4_matmul: Num
    fp8: Num
    fp4: Num
    hbm_bytes_per_s: Num
    link_bytes_per_s: Num
    nic_bytes_per_s: Num
    domain: Num
    gpus_per_node: Num
    memory_bytes: Num
    power_share: Num = 1.0
    host_bytes_per_s: Num = 24e9
    mesh: Num = 0.0
    peer_bytes_per_s: Num = 0.0

    @property
    def joined(self) -> Num:
        """Accelerators that the maker's own link joins: 1 where only the server's slots do."""
        slots = (np.asarray(self.peer_bytes_per_s) > 0) & (self.link_bytes_per_s <= np.asarray(self.peer_bytes_per_s))
        return np.where(slots, 1.0, self.domain)

    def inside_one_server(self) -> Gpu:
        """The same where the whole job stands in one server: what leaves a bridged pair needs no network."""
        return self if not self.peer_bytes_per_s else self.with_(nic_bytes_per_s=self.peer_bytes_per_s)

    def with_(self, **changes: Num) -> Gpu:
        """A copy with some fields replaced."""
        return replace(self, **changes)


@lru_cache(maxsize=64)
def gpu_of(
    accelerator: Accelerator, server: Server | None = None, *, nic_gbps: float | None = None, power_share: float = 1.0
) -> Gpu:
    """The numbers of one accelerator in its server.

    Parameters
    ----------
    accelerator
        Catalogue record.
    server
        Its server; the compute NICs and the accelerators a node follow from it. Without one, the reference system of
        the accelerator's maker is meant.
    nic_gbps
        Scale-out network of **one accelerator**, gigabits a second; overrides the server's.
    power_share
        Power limit over rated power, (0, 1].

    Returns
    -------
    Gpu
        Scalars.
    """
    family = accelerator.family if accelerator.family in FAMILIES else "other"
    peak = {name: value * 1e12 for name, value in accelerator.peak_tflops.items()}
    matmul = {name: value * 1e12 for name, value in accelerator.matmul_tflops.items()}
    fp32 = peak.get("fp32", 0.0)
    tf32 = peak.get("tf32") or fp32
    bf16 = peak.get("bf16") or peak.get("fp16") or tf32 or fp32
    bf16_matmul = matmul.get("bf16") or bf16 * UNMEASURED_SHARE["bf16"]
    fp8, fp4 = peak.get("fp8"), peak.get("fp4")
    deficit = min(1.0, bf16_matmul / (bf16 * UNMEASURED_SHARE["bf16"])) if bf16 else 1.0
    fp8_matmul = (matmul.get("fp8") or fp8 * UNMEASURED_SHARE["fp8"] * deficit) if fp8 else bf16_matmul
    fp4_matmul = (matmul.get("fp4") or fp4 * UNMEASURED_SHARE["fp4"] * deficit) if fp4 else fp8_matmul
    per_node = min(8, accelerator.scaleup_domain) if accelerator.scaleup_domain > 1 else 8
    if accelerator.scaleup_domain >= 32 and family in {"hopper", "blackwell", "blackwell_ultra", "rubin", "cdna5"}:
        per_node = 4
    nic = NIC_GBPS[family] if nic_gbps is None else nic_gbps
    domain, cards = accelerator.scaleup_domain, (accelerator.form_factor or "").startswith("PCIe")
    per_node = _SLOTS if cards else per_node
    if server is not None:
        per_node = 4 if server.level == "rack" and server.accelerators >= 32 else server.accelerators
        compute = [n for n in server.nics if "compute" in n.use] or []
        if nic_gbps is None and compute and server.accelerators:
            nic = sum(n.count * n.gbps for n in compute) / server.accelerators
        if family != "tpu":
            domain = min(domain, server.accelerators)
    link, nic_bytes = accelerator.link_uni_gbytes_per_s, nic * GBIT_PER_S
    host = lanes = _PCIE_BYTES_PER_S.get(accelerator.pcie_gen or 4, 24e9)
    if accelerator.host_link_uni_gbytes_per_s:
        host = 0.8 * accelerator.host_link_uni_gbytes_per_s * 1e9
    link_bytes = link * 1e9 if link else host
    peer = lanes / _CARRIED * _PEER_SHARE if cards else 0.0
    if cards and not link:
        # Cards of one server reach each other through its PCIe slots, not through the network.
        domain, link_bytes = per_node, peer
    elif cards and domain < per_node:
        # What leaves a bridged pair passes the same slots, whether it goes to another pair or to an adapter.
        nic_bytes = min(nic_bytes, peer)
    return Gpu(
        key=accelerator.key,
        family=FAMILIES.index(family),
        chip=_CHIP_OF.get(accelerator.key, len(CHIPS) - 1),
        bf16_flops=bf16,
        fp8_flops=fp8 or bf16,
        fp4_flops=fp4 or fp8 or bf16,
        tf32_flops=tf32 or bf16,
        fp32_flops=fp32 or tf32 or bf16,
        bf16_matmul=bf16_matmul,
        fp8_matmul=fp8_matmul,
        fp4_matmul=fp4_matmul,
        fp8=float(bool(fp8)),
        fp4=float(bool(fp4)),
        hbm_bytes_per_s=(accelerator.hbm_bandwidth_tbps or 1.0) * 1e12,
        link_bytes_per_s=link_bytes,
        nic_bytes_per_s=nic_bytes,
        domain=max(1, domain),
        gpus_per_node=per_node,
        memory_bytes=accelerator.usable_bytes,
        power_share=power_share,
        host_bytes_per_s=host,
        mesh=float(accelerator.link_mesh),
        peer_bytes_per_s=peer,
    )


def stack(gpus: Sequence[Gpu]) -> Gpu:
    """One :class:`Gpu` whose fields are arrays over ``gpus`` (shape ``(len(gpus),)``)."""
    values: dict[str, Array] = {}
    for item in fields(Gpu):
        column = [getattr(gpu, item.name) for gpu in gpus]
        if item.name == "key":
            values["key"] = np.array(column, dtype=object)
        elif item.name in {"family", "chip"}:
            values[item.name] = np.array(column, dtype=np.int64)
        else:
            values[item.name] = np.array(column, dtype=np.float64)
    return Gpu(**values)


def native(gpu: Gpu, precision: int) -> bool:
    """Whether every accelerator of the batch computes a precision (code of ``PRECISIONS``) natively."""
    name = PRECISIONS[precision]
    if name in {"fp8", "mxfp8"}:
        return bool(np.all(gpu.fp8))
    if name == "nvfp4":
        return bool(np.all(gpu.fp4))
    return True
