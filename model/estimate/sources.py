"""Where the figures of an estimate come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mitsumori.model.base.figure import Figure, Provenance
from mitsumori.model.catalogue.provenance import record_provenance
from mitsumori.model.estimate.results import Estimate, SourceLine
from mitsumori.model.plan.resolve import Resolved


def sources_of(resolved: Resolved, result: Estimate) -> tuple[SourceLine, ...]:
    """Where the estimate's figures come from: a line each, catalogue records first, the nearest measured runs last."""
    lines: dict[tuple[str, str], SourceLine] = {}

    def add(provenance: Provenance | None) -> None:
        if provenance is not None:
            key = (provenance.what, provenance.source)
            lines.setdefault(
                key, SourceLine(provenance.what, provenance.source, provenance.url, provenance.date, provenance.grade)
            )

    if resolved.model_record is not None and resolved.model_record.architecture:
        add(record_provenance(resolved.model_record, "models", "architecture"))
    peak = {"fp16": "bf16", "mxfp8": "fp8", "nvfp4": "fp4"}.get(
        resolved.plan.parallel.precision, resolved.plan.parallel.precision
    )
    for path in (f"peak_tflops.{peak}", f"matmul_tflops.{peak}", "hbm_bandwidth_tbps", "link_uni_gbytes_per_s"):
        if resolved.accelerator.provenance(path) is not None:
            add(record_provenance(resolved.accelerator, "accelerators", path))
    for figure in figures_of(result):
        add(figure.provenance)
    order = {"catalogue": 0, "user": 1, "default": 2, "fitted": 3, "formula": 4}
    kinds = {
        (f.provenance.what, f.provenance.source): f.provenance.kind
        for f in figures_of(result)
        if f.provenance is not None
    }
    ranked = sorted(lines.values(), key=lambda line: order.get(kinds.get((line.what, line.source), "catalogue"), 0))
    near = [
        SourceLine(
            f"near run {run.id}", f"{run.what}: {run.tokens_per_s_per_gpu:,.0f} tokens/s per GPU", run.url, "", ""
        )
        for run in result.training.near
    ]
    return (*ranked, *near)


def figures_of(result: Estimate) -> Iterator[Figure]:
    """Every figure of an estimate that has a source."""
    yield from result.memory.per_gpu.values()
    training = result.training
    yield from (training.tokens_per_s_per_gpu, training.mfu, training.goodput, training.tokens)
    place = result.facility
    for name in FACILITY_FIGURES:
        yield getattr(place, name)
    yield from place.details.values()
    yield from place.network.values()
    yield from place.storage.values()
    yield from result.cost.used.values()
    for side in (result.cost.cloud, result.cost.onprem):
        yield from (side.total, *side.lines.values())
    yield result.cost.break_even_month


FACILITY_FIGURES: Final = (
    "servers_per_rack", "racks", "support_racks", "kva_per_rack", "kw_per_rack", "air_kw", "liquid_kw", "it_kw",
    "facility_kw", "utility_kva", "pue", "kwh_per_year", "co2_t_per_year", "water_m3_per_year",
)  # fmt: skip
