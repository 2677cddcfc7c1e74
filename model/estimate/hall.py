"""Racks, power and cooling of a plan, and what of them the money depends on."""

from __future__ import annotations

import math
from dataclasses import replace

from pydantic import BaseModel

from mitsumori.model.base.figure import Figure
from mitsumori.model.base.findings import Finding
from mitsumori.model.cost.comparison import cost
from mitsumori.model.cost.guides import by_calendar, guided
from mitsumori.model.cost.prices import CostInputs, utilization_of
from mitsumori.model.cost.results import CostResult
from mitsumori.model.facility.hall import facility
from mitsumori.model.facility.results import FacilityResult
from mitsumori.model.facility.support_racks import checkpoint_bytes_of, storage_unit_of
from mitsumori.model.plan.overrides import CLOUD_SPEED
from mitsumori.model.plan.resolve import Resolved
from mitsumori.model.training.days import restart_s, stall_s
from mitsumori.model.training.results import TrainingResult
from mitsumori.model.training.schedule import trainings_a_year


def facility_and_prices(
    resolved: Resolved, training: TrainingResult, cloud_faster: float
) -> tuple[FacilityResult, list[Finding], CostInputs]:
    """Racks, power and cooling, what there is to say of them, and what the money depends on.

    Parameters
    ----------
    resolved
        The plan with its records.
    training
        Its predicted speed and days.
    cloud_faster
        Useful tokens a second of one rented accelerator over one owned, above zero.
    """
    plan = resolved.plan
    checkpoint = checkpoint_bytes_of(resolved.parameters, plan.parallel.precision, plan.parallel.optimizer)
    # Trainings a year, or the hours of serving, decide how busy the machines are, for the meter of the hall as for the money.
    busy = plan.serving.busy_share
    runs = None if busy is not None else trainings_a_year(plan.workload, plan.money)
    share, from_runs = utilization_of(plan.money, training.days.value, runs, busy)
    used = resolved
    if from_runs is not None or busy is not None:
        money = BaseModel.model_copy(plan.money, update={"utilization": share})  # a share from 0 to 1: valid as it is
        used = replace(resolved, plan=plan.with_parts(money=money))
    place, findings = facility(used, checkpoint)
    power = place.details
    idle, average, other = power.idle_kw.value, power.average_kw.value, power.other_kw.value
    servers = plan.cluster.servers
    storage = _value(place.storage.capacity_bytes)
    share = (other or 0.0) / max(1e-9, power.compute_kw.value or 1e-9)
    more_kw = power.more_average_kw.value or 0.0
    busy_kw = None if average is None else servers * average * (1.0 + share) + more_kw
    idle_kw = None if idle is None else servers * idle * (1.0 + share) + more_kw
    max_kw = power.max_kw.value
    inputs = CostInputs(
        servers=servers + plan.cluster.spare_servers,
        spare_servers=plan.cluster.spare_servers,
        accelerators=resolved.all_accelerators,
        generating=resolved.generating,
        racks=_racks(place),
        support_racks=int(place.support_racks.value or 0),
        kva_contract=_contract_kva(place),
        contract_kw=place.details.contract_kw.value or math.nan,
        voltage_class=plan.facility.voltage_class,
        utility=plan.facility.utility,
        network_usd=place.network.price_usd,
        network_share=place.network.price_share,
        it_busy_kw=math.nan if busy_kw is None else busy_kw,
        it_idle_kw=math.nan if idle_kw is None else idle_kw,
        pue=place.pue.value or math.nan,
        tokens_per_s=(training.tokens_per_s_per_gpu.value or 0.0) * resolved.all_accelerators or None,
        goodput=training.goodput.value or 0.0,
        training_days=training.days.value,
        training_days_low=training.days.low,
        training_days_high=training.days.high,
        catalogue=resolved.catalogue,
        server=resolved.server,
        cloud_instance=resolved.cloud_instance,
        cooling=resolved.cooling,
        it_max_kw=None if max_kw is None else servers * max_kw * (1.0 + share) + (power.more_kw.value or 0.0),
        more=place.more,
        it_kva=power.it_kva.value,
        site_power_factor=plan.facility.site_power_factor,
        hall_kva_free=plan.facility.hall_kva_free,
        storage_bytes=storage,
        storage_write_bytes_per_s=_value(place.storage.write_bytes_per_s),
        storage_unit=storage_unit_of(resolved),
        storage_units=_value(place.storage.units),
        checkpoint_s=stall_s(resolved),
        restart_s=restart_s(resolved),
        runs_per_year=runs,
        once=plan.workload.use == "once" and busy is None,
        busy_share=busy,
        by_calendar=by_calendar(plan),
        start_date=plan.workload.start_date,
        cloud_speed=plan.overrides.get(CLOUD_SPEED, cloud_faster),
        guided=guided(plan),
    )
    return place, list(findings), inputs


def hall_and_cost(
    resolved: Resolved, training: TrainingResult, cloud_faster: float
) -> tuple[FacilityResult, CostResult, float | None]:
    """Facility and cost of the servers of a resolved plan, and their kW under load.

    Parameters
    ----------
    resolved
        The plan with its records.
    training
        Its training, or that of the serving servers.
    cloud_faster
        Speed of a rented accelerator over an owned one, above zero.
    """
    place, _, inputs = facility_and_prices(resolved, training, cloud_faster)
    average = place.details.average_kw.value
    return (
        place,
        cost(resolved.plan.money, inputs),
        None if average is None else average * resolved.plan.cluster.servers,
    )


def _value(figure: Figure | None) -> float | None:
    return None if figure is None else figure.value


def _racks(place: FacilityResult) -> int:
    """Racks with servers; 0 where some cannot be placed."""
    counts = [place.racks.value, *(item.racks for item in place.more)]
    return 0 if None in counts else int(sum(count or 0 for count in counts))


def _contract_kva(place: FacilityResult) -> float:
    """KVA that a colocation would contract: every rack, support racks included, at its limit."""
    limit = place.limits.rack_kva
    racks = place.details.total_racks
    if limit is None or racks.value is None:
        return math.nan
    return float(limit) * racks.value
