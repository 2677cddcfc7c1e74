"""Servers without accelerators: control plane, data preparation, gateways, storage nodes."""

from __future__ import annotations

from mitsumori.model.catalogue.records import Count, Nic, Positive, Price, Record


class Host(Record):
    """A server without accelerators; ``max_power_kw`` is what a rack is sized by, ``nics`` its ports of the in-band fabric."""

    vendor: str
    model: str
    name: str
    part_number: str | None = None
    rack_units: Positive | None = None
    max_power_kw: Positive | None = None
    max_power_low_kw: Positive | None = None
    max_power_high_kw: Positive | None = None
    psu_count: Count | None = None
    psu_watts: Positive | None = None
    cpu: str | None = None
    memory_gb: Positive | None = None
    weight_kg: Positive | None = None
    inlet_c_max: Positive | None = None
    nics: tuple[Nic, ...] = ()
    price: Price | None = None
