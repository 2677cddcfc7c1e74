"""What the catalogue page calls kinds, records and figures."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.words.translation import language
from mitsumori.model.catalogue import places
from mitsumori.model.catalogue.records import CloudInstance, CloudStorage, Record, Server

translate = QCoreApplication.translate

KINDS = ("servers", "accelerators", "cloud", "models", "networks", "storage", "cloud_storage", "cooling", "tariffs")


def kind_name(kind: str) -> str:
    """A kind of records."""
    return {
        "servers": translate("Catalogue", "Servers"),
        "accelerators": translate("Catalogue", "GPUs and accelerators"),
        "cloud": translate("Catalogue", "Cloud prices"),
        "models": translate("Catalogue", "Models"),
        "networks": translate("Catalogue", "Network"),
        "storage": translate("Catalogue", "Storage"),
        "cloud_storage": translate("Catalogue", "Cloud storage and egress"),
        "cooling": translate("Catalogue", "Cooling"),
        "tariffs": translate("Catalogue", "Tariffs and rates"),
    }[kind]


def region_name(region: str) -> str:
    """A region as its provider calls it, in the language of the window."""
    return places.region_name(region).word(language())


def region_code(region: str) -> str:
    """Code of a region in brackets behind its name; empty where the catalogue has words in its place, not a code."""
    return "" if " " in region else f" ({region})"


def provider_name(provider: str) -> str:
    """A provider as it calls itself, in the language of the window."""
    return places.provider_name(provider).word(language())


def offer_name(instance: str) -> str:
    """What is rented, in the language of the window."""
    return places.offer_name(instance).word(language())


def record_name(record: Record) -> str:
    """A record as people know it."""
    if isinstance(record, CloudInstance):
        return places.instance_name(record).word(language())
    if isinstance(record, CloudStorage):
        kind = places.storage_name(record.kind).word(language())
        return translate("Catalogue", "{name} ({region})").format(
            name=f"{provider_name(record.provider)} {kind}", region=region_name(record.region)
        )
    if isinstance(record, Server) and record.vendor and not record.name.startswith(record.vendor):
        return f"{record.vendor} {record.name}"
    for field in ("name", f"name_{language()}", "model"):
        value: object = getattr(record, field, None)
        if value:
            return str(value)
    return record.key


def figure_label(path: str) -> str:
    """A figure of a record with its unit; the path itself where no name is known."""
    known = {
        "accelerators": translate("Catalogue", "Accelerators"),
        "rack_units": translate("Catalogue", "Height (U)"),
        "max_power_kw": translate("Catalogue", "Rated maximum power (kW)"),
        "train_peak_kw": translate("Catalogue", "Peak power in training (kW)"),
        "train_avg_kw": translate("Catalogue", "Average power in training (kW)"),
        "idle_kw": translate("Catalogue", "Idle power (kW)"),
        "psu_count": translate("Catalogue", "Power supplies"),
        "psu_watts": translate("Catalogue", "One power supply (W)"),
        "psu_surviving_kw": translate("Catalogue", "Power left after a feed is lost (kW)"),
        "liquid_heat_fraction": translate("Catalogue", "Share of heat to liquid"),
        "weight_kg": translate("Catalogue", "Weight (kg)"),
        "memory_gb": translate("Catalogue", "Memory (GB)"),
        "usable_gib": translate("Catalogue", "Usable memory (GiB)"),
        "hbm_bandwidth_tbps": translate("Catalogue", "Memory bandwidth (TB/s)"),
        "tdp_w": translate("Catalogue", "Design power (W)"),
        "scaleup_domain": translate("Catalogue", "GPUs joined by the fast link"),
        "link_uni_gbytes_per_s": translate("Catalogue", "Link, one direction (GB/s)"),
        "link_bidir_gbytes_per_s": translate("Catalogue", "Link, both directions (GB/s)"),
        "year": translate("Catalogue", "Year"),
        "price.low": translate("Catalogue", "Price, low end"),
        "price.high": translate("Catalogue", "Price, high end"),
        "price": translate("Catalogue", "Price"),
        "prices.on_demand_per_h": translate("Catalogue", "On demand, an hour"),
        "prices.reserved_1y_per_h": translate("Catalogue", "Reserved 1 year, an hour"),
        "prices.reserved_3y_per_h": translate("Catalogue", "Reserved 3 years, an hour"),
        "prices.spot_per_h": translate("Catalogue", "Spot, an hour"),
        "prices.per_month": translate("Catalogue", "A month"),
        "network_gbps": translate("Catalogue", "Network (Gbit/s)"),
        "vcpu": translate("Catalogue", "vCPUs"),
        "ram_gib": translate("Catalogue", "Main memory (GiB)"),
        "params_b": translate("Catalogue", "Parameters (B)"),
        "active_params_b": translate("Catalogue", "Active parameters (B)"),
        "seq_len": translate("Catalogue", "Sequence length"),
        "ports": translate("Catalogue", "Ports"),
        "gbps_per_port": translate("Catalogue", "Rate of a port (Gbit/s)"),
        "power_typ_w": translate("Catalogue", "Typical power (W)"),
        "power_max_w": translate("Catalogue", "Maximum power (W)"),
        "value": translate("Catalogue", "Value"),
        "low": translate("Catalogue", "Low end"),
        "high": translate("Catalogue", "High end"),
        "air_cap_kw": translate("Catalogue", "Heat to air, most (kW)"),
        "liquid_cap_kw": translate("Catalogue", "Heat to liquid, most (kW)"),
        "rack_kva": translate("Catalogue", "Rack limit (kVA)"),
        "liquid_fraction": translate("Catalogue", "Share of heat to liquid"),
    }.get(path)
    if known is not None:
        return known
    match = re.fullmatch(r"peak_tflops\.(\w+)", path)
    if match:
        return translate("Catalogue", "Peak in {precision} (TFLOP/s)").format(precision=match.group(1))
    match = re.fullmatch(r"matmul_tflops\.(\w+)", path)
    if match:
        return translate("Catalogue", "Measured matrix product in {precision} (TFLOP/s)").format(
            precision=match.group(1)
        )
    return path
