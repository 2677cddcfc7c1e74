"""The workbook in a real spreadsheet engine agrees with the program, for changed inputs, in both languages.

Caches are poisoned first: LibreOffice 7.4 does not recalculate on load once values are cached, so an unpoisoned file would
be compared with itself. The default inputs prove little (a formula replaced by its value passes there); the changed ones do.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import pytest

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, sample_names
from mitsumori.model.study.training_table import training_table
from mitsumori.model.workbook import build, to_bytes
from tests.workbook import parity
from tests.workbook.conftest import Exported, exported
from tests.workbook.office import Office

pytestmark = [pytest.mark.libreoffice, pytest.mark.timeout(600)]


def agrees(
    office: Office, folder: Path, made: Exported, language: str, audience: str, scenarios: list[dict[str, float | None]]
) -> None:
    """Open poisoned, set each scenario through the defined names, compare every formula."""
    path = parity.write(folder / f"{language}-{audience}.xlsx", parity.poison(made.data))
    book = office.open(path)
    paths = made.workbook.inputs
    try:
        touched = set(paths)
        for number, changes in enumerate(scenarios):
            for key in touched - set(changes):
                value = made.plan.value(key)
                if value is None or isinstance(value, int | float):
                    book.set(made.workbook.inputs[key], value)
            parity.apply(book, made.workbook, changes)
            touched = set(changes)
            book.recalculate()
            plan = parity.changed(made.plan, changes)
            want = parity.expected(plan, made.plan, made.estimate, language, audience, made.table)
            parity.set_scale(want)
            wrong = parity.differences(want, book.data()) + parity.stale(made.workbook, want)
            assert not wrong, f"scenario {number} {changes}: {len(wrong)} differ\n" + "\n".join(wrong[:10])
    finally:
        book.close()


def possible(plan: Plan, seeds: range, live: Iterable[str]) -> list[dict[str, float | None]]:
    """Random scenarios whose plan is valid (some combinations are refused by the plan itself)."""
    found = []
    for seed in seeds:
        changes = parity.scenario(seed, list(live))
        try:
            parity.changed(plan, changes)
        except Refusal:
            continue
        found.append(changes)
    return found


@pytest.mark.parametrize(("language", "audience"), [("ja", "customer"), ("en", "internal")])
def test_ten_random_scenarios(office: Office, tmp_path: Path, language: str, audience: str) -> None:
    made = exported("llama3-70b-continual", language, audience)
    agrees(office, tmp_path, made, language, audience, [{}, *possible(made.plan, range(9), made.workbook.inputs)])


@pytest.mark.parametrize(("language", "audience"), [("ja", "internal"), ("en", "customer")])
@pytest.mark.parametrize("sample", sample_names())
def test_every_sample_at_both_ends_of_the_horizon(
    office: Office, tmp_path: Path, sample: str, language: str, audience: str
) -> None:
    """As exported, over 12 and over 84 months, and with random inputs; every second pair in the suites, all in ``.ci/long``."""
    seed = 20 + sample_names().index(sample)
    if seed % 2 != (audience == "internal"):
        parity.only_in_the_long_run()
    made = exported(sample, language, audience)
    live = [
        path
        for path in made.workbook.inputs
        if not path.startswith("overrides.") or "serving" not in made.workbook.sheets
    ]
    drawn = possible(made.plan, range(seed, seed + 40), live)[:1]
    ends: list[dict[str, float | None]] = [{"money.horizon_months": 12.0}, {"money.horizon_months": 84.0}]
    assert drawn
    agrees(office, tmp_path, made, language, audience, [{}, *ends, *drawn])


IMPOSSIBLE: dict[str, dict[str, float | None]] = {
    "no server fits a rack": {"facility.rack_kva": 8.0},
    "no server fits its rack's power": {"facility.rack_kva": 10.0},
    "no price of the cooling": {"money.onprem.cooling_retrofit_per_rack": None},
    "no price of the storage": {"money.onprem.storage_price": None},
    "the works are priced": {"money.onprem.power_works": 5e6},
    "no price of the server": {"money.onprem.server_price": None},
    "no exchange rate": {"money.usd_jpy": None},
    "utilization of one hour in fifty": {"money.utilization": 0.02, "workload.runs_per_year": None},
    "never pays": {"money.cloud.price_per_hour": 0.5},
    "pays at once": {"money.cloud.setup": 1e9},
    "longest horizon": {"money.horizon_months": 84},
    "shortest horizon": {"money.horizon_months": 12, "money.onprem.residual_share": 0.3},
    "more trainings than the year holds": {"workload.runs_per_year": 400.0},
    "speed entered": {"overrides.training.tokens_per_s_per_gpu": 1000.0},
    "no discounting": {"money.discount_rate": 0.0},
    "racks at the rounding trap": {
        "facility.rack_kva": 0.1 * 3 * 10 * 10.408163265306122 + 1.5,
        "facility.air_limit_kw": 500.0,
    },
}


@pytest.mark.parametrize(("language", "audience"), [("ja", "internal"), ("en", "customer")])
def test_states_at_the_edges(office: Office, tmp_path: Path, language: str, audience: str) -> None:
    made = exported("llama3-70b-continual", language, audience)
    agrees(office, tmp_path, made, language, audience, list(IMPOSSIBLE.values()))


MOVING: dict[str, object] = {
    "money.electricity_escalation": 0.04, "money.onprem.wage_escalation": -0.02, "money.cloud.price_decline": 0.15,
    "money.ramp_months": 7, "money.onprem.payment_months": 2, "money.onprem.refresh_share": 0.2,
    "money.onprem.refresh_month": 25, "money.onprem.disposal_per_server": 4e5, "money.cloud.goodput_loss_share": 0.06,
    "money.cloud.debugging_share": 0.03, "money.cloud.cpu_nodes_per_month": 7000.0, "money.demand_basis": "measured",
    "money.demand_charge_jpy_per_kw_month": 1900.0, "money.cloud.support_rate": 0.1, "money.corporate_tax_rate": 0.3,
}  # fmt: skip
LEAD: dict[str, object] = {
    "money.onprem.delivery_months": 4.0, "money.onprem.works_months": 5.5, "money.onprem.installation_days": 20.0,
    "money.onprem.advance_share": 0.3, "money.onprem.before_use_months": 2, "money.onprem.subsidy": 4e7,
    "workload.start_date": "2026-11-20",
}  # fmt: skip
PREPAID: dict[str, object] = {
    "money.cloud.term": "reserved_3y", "money.cloud.reserved_3y_per_hour": 30.0, "money.cloud.upfront_share": 0.5,
}  # fmt: skip
FURTHER: dict[str, object] = {
    "cluster.more": [{"server": "DGX-B200", "servers": 3}, {"server": "CPU-2U", "servers": 4, "role": "cpu"},
                     {"server": "SMC-4U-LC", "servers": 1}],
    "money.prices.server:DGX-B200": {"price": 410_123.0, "currency": "USD"},
    "money.prices.server:CPU-2U": {"price": 2_345_678.0, "currency": "JPY"},
    "money.prices.server:SMC-4U-LC": {"price": 38_765_432.0, "currency": "JPY"},
}  # fmt: skip
VARIANTS: dict[str, dict[str, object]] = {
    "colocation": {
        "money.onprem.site": "colocation", "money.onprem.rent_per_rack_month": 150_000.0,
        "money.onprem.rent_per_kva_month": 9_000.0,
    },
    "colocation, power in the rent": {
        "money.onprem.site": "colocation", "money.onprem.rent_per_rack_month": 150_000.0,
        "money.onprem.power_included_in_rent": True,
    },
    "colocation without a rent": {"money.onprem.site": "colocation"},
    "dollars": {"money.currency": "USD"},
    "after a lead time": MOVING | LEAD,
    "after a lead time, leased": LEAD | {"money.onprem.lease_rate_per_month": 0.021, "money.onprem.lease_months": 36},
    "after a lead time, hosted": MOVING | LEAD | {
        "money.onprem.site": "colocation", "money.onprem.rent_per_rack_month": 150_000.0, "money.tax_credit": False,
    },
    "rented until use": MOVING | LEAD | {"money.onprem.interim_cloud": True},
    "rented until use beside a reservation, in dollars": MOVING | LEAD | PREPAID | {
        "money.onprem.interim_cloud": True, "money.onprem.works_months": 14.0, "money.currency": "USD",
    },
    "reserved, paid upfront": MOVING | PREPAID | {"money.horizon_months": 72},
    "paid upfront after a lead time": LEAD | PREPAID | {
        "money.cloud.reserved_3y_per_hour": 90.0, "money.cloud.upfront_share": 1.0,
    },
    "lead time beyond the horizon": LEAD | {"money.onprem.works_months": 20.0, "money.horizon_months": 18},
    "prices in dollars": {"money.onprem.currency": "USD", "money.onprem.server_price": 300_000.0},
    "input tax stays a cost": {"money.tax_credit": False, "money.onprem.residual_share": 0.1},
    "reserved three years": {"money.cloud.term": "reserved_3y", "money.cloud.reserved_3y_per_hour": 30.0},
    "spot": {
        "money.cloud.term": "spot", "money.cloud.spot_per_hour": 20.0, "money.cloud.spot_interruptions_per_month": 6.0,
    },
    "declining depreciation": {"money.onprem.depreciation": "declining", "money.onprem.depreciation_years": 5},
    "cold plate": {"facility.cooling": "cold_plate", "facility.liquid_heat_fraction": 0.7},
    "rear door and cold plate": {"facility.cooling": "rear_door_cold_plate", "facility.liquid_heat_fraction": 0.7},
    "immersion": {"facility.cooling": "immersion"},
    "breaker rating, N+1": {"facility.rack_kva_is_breaker": True, "facility.redundancy": "n1"},
    "power cap": {"facility.power_basis": "capped"},
    "measured peak": {"facility.power_basis": "measured"},
    "whole racks": {"cluster.server": "DGX-GB200-NVL72", "cluster.servers": 4, "facility.cooling": "rack_scale"},
    "samples": {"workload.stage": "sft", "workload.samples": 5e6, "workload.packing": 0.9},
    "rented by the month in yen": {"money.cloud.instance": None, "money.cloud.price_per_hour": 3338.0, "money.cloud.currency": "JPY"},
    "always in use": {"workload.use": "always", "workload.runs_per_year": None, "money.utilization": 0.4},
    "no cloud at all": {"money.cloud.instance": None},
    "one server": {"cluster.servers": 1},
    "one dear server": {"cluster.servers": 1, "cluster.server": "Dell-XE9680L", "money.onprem.server_price": 8.9e7},
    "one dear server, refreshed, in dollars": {
        "cluster.servers": 1, "cluster.server": "DGX-H100", "money.onprem.server_price": 1.5e8, "money.currency": "USD",
        "money.onprem.refresh_share": 0.3, "money.onprem.margin": 0.1,
    },
    "benchmark": {"workload.conditions": "benchmark"},
    "fixed checkpoints": {"network.checkpoint_interval_s": 3600.0, "network.storage_pb": 2.0},
    "heavy servers": {"facility.server_weight_kg": 120.0, "facility.rack_weight_limit_kg": 700.0, "facility.floor_limit_kg_m2": 900.0},
    "reinforcement learning": {"workload.stage": "grpo"},
    "own figures at the export": {
        "overrides.training.breakdown_s.communication": 9.0, "overrides.training.tokens_per_s_per_gpu_high": 1500.0,
        "overrides.memory.per_gpu.activations_bytes": 4e10, "overrides.cost.cloud_speed": 1.3,
    },
    "fully sharded": {"parallel.auto": False, "parallel.stack": "torchtitan", "parallel.zero_stage": 3, "parallel.tp": 8},
    "low rank on eight bits": {"workload.stage": "lora", "parallel.precision": "fp8"},
    "four bits": {"workload.stage": "qlora"},
    "muon, optimizer on the host": {
        "parallel.auto": False, "parallel.optimizer": "muon", "parallel.offload": "optimizer", "parallel.tp": 8, "parallel.pp": 4,
    },
    "prices move": MOVING,
    "prices move, reserved three years, tax stays": MOVING | {"money.cloud.term": "reserved_3y", "money.tax_credit": False,
        "money.cloud.reserved_3y_per_hour": 30.0, "money.horizon_months": 77},
    "prices move, spot, colocation, dollars": MOVING | {"money.cloud.term": "spot", "money.cloud.spot_per_hour": 20.0,
        "money.cloud.spot_interruptions_per_month": 6.0, "money.onprem.site": "colocation", "money.currency": "USD",
        "money.onprem.rent_per_rack_month": 150_000.0},
    "a bill with every part": {
        "money.electricity_jpy_per_kwh": 17.0, "money.fuel_adjustment_jpy_per_kwh": -2.5, "money.surcharge_jpy_per_kwh": 4.18,
        "money.demand_charge_jpy_per_kw_month": 2000.0, "money.electricity_escalation": 0.03, "money.ramp_months": 6,
    },
    "experts": {"model": {"preset": "mixtral-8x7b"}},
    "further servers of both currencies": FURTHER,
    "further servers, prices and result in dollars": FURTHER | {"money.currency": "USD", "money.onprem.currency": "USD",
        "money.onprem.server_price": 300_000.0, "money.onprem.network_share": 0.08},
    "further servers, no margin": FURTHER | {"money.onprem.discount": 0.0, "money.onprem.margin": 0.0},
    "experts with latent attention": {"model": {"preset": "deepseek-v3"}, "cluster.servers": 64},
}  # fmt: skip


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants_of_the_plan(office: Office, tmp_path: Path, variant: str) -> None:
    base = exported("llama3-70b-continual", "ja", "internal").plan
    plan = base.with_values(VARIANTS[variant])
    result = estimate(plan)
    table = training_table(plan)
    workbook = build(plan, result, "en", "internal", parity.SETTINGS, table=table)
    made = Exported(plan, result, table, workbook, to_bytes(workbook))
    agrees(office, tmp_path, made, "en", "internal", [{}, *possible(plan, range(41, 42), workbook.inputs)])


def test_a_maximum_that_is_estimated_follows_the_measured_peak(office: Office, tmp_path: Path) -> None:
    """A machine that drew 8 kW is rated for 8 kW or more; without that measurement the estimate counts again, on the sheet too."""
    path, base = "facility.server_peak_kw", exported("llama3-70b-continual", "ja", "internal").plan
    plan = base.with_values({"cluster.server": "Lenovo-SR675-V3", "facility.power_basis": "measured", path: 8.0})
    result, table = estimate(plan), training_table(plan)
    workbook = build(plan, result, "en", "internal", parity.SETTINGS, table=table)
    made = Exported(plan, result, table, workbook, to_bytes(workbook))
    agrees(office, tmp_path, made, "en", "internal", [{}, {path: None}, {path: 5.0}, {path: 12.0}])


def test_the_network_of_one_server_stops_at_that_of_two_on_the_sheet_too(office: Office, tmp_path: Path) -> None:
    base = exported("llama3-70b-continual", "ja", "internal").plan
    plan = base.with_values({"cluster.servers": 1, "cluster.server": "DGX-H100", "money.onprem.server_price": 1.5e8})
    result, table = estimate(plan), training_table(plan)
    workbook = build(plan, result, "en", "internal", parity.SETTINGS, table=table)
    made = Exported(plan, result, table, workbook, to_bytes(workbook))
    price = "money.onprem.server_price"
    cases = [{}, {price: 5e7}, {price: 3e8}, {"money.usd_jpy": 300.0}, {price: None}, {"money.usd_jpy": None}]
    entered = [{"money.onprem.network_price": 9e6}, {"money.onprem.network_share": 0.2}]
    agrees(office, tmp_path, made, "en", "internal", [*cases, *entered])


SOLD: dict[str, dict[str, object]] = {
    "a list price in dollars": {"money.onprem.server_price": 300_000.0, "money.onprem.price_currency": "USD"},
    "further servers of both currencies": FURTHER,
    "everything in dollars but the list price": {
        "money.currency": "USD", "money.onprem.currency": "USD", "money.onprem.server_price": 43e6,
        "money.onprem.price_currency": "JPY",
    },
}  # fmt: skip


@pytest.mark.parametrize("case", SOLD)
def test_what_a_customer_gets_agrees_when_the_purchase_side_is_known_here(
    office: Office, tmp_path: Path, case: str
) -> None:
    """The file is made from the plan with cost, discount and margin, as ``export`` makes it."""
    from mitsumori.model.workbook.audience import customer_plan

    whole = load_sample("llama3-70b-continual").plans[0].with_values(SOLD[case])
    workbook = build(whole, estimate(whole), "ja", "customer", parity.SETTINGS)
    plan = customer_plan(whole)
    made = Exported(plan, estimate(plan), training_table(plan), workbook, to_bytes(workbook))
    prices = [path for path in workbook.inputs if path.startswith("money.")]
    agrees(
        office, tmp_path, made, "ja", "customer", [{}, {"money.usd_jpy": 133.0}, *possible(plan, range(43, 46), prices)]
    )


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_hundred_random_scenarios(office: Office, tmp_path: Path, language: str) -> None:
    parity.only_in_the_long_run()
    made = exported("llama3-70b-continual", language, "internal")
    agrees(office, tmp_path, made, language, "internal", possible(made.plan, range(100, 200), made.workbook.inputs))


def mutate(data: bytes, old: str, new: str) -> bytes:
    """Replace a piece of XML in every sheet; it must be there."""
    source = zipfile.ZipFile(BytesIO(data))
    stream = BytesIO()
    found = 0
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info).decode("utf-8", "surrogateescape")
            if info.filename.startswith("xl/worksheets/"):
                found += content.count(old)
                content = content.replace(old, new)
            target.writestr(info, content.encode("utf-8", "surrogateescape"))
    assert found
    return stream.getvalue()


MUTANTS = {
    "a factor changed": ("cst_seconds_day", "cst_seconds_day*1.0001"),
    "a rounding guard lost": ("ROUNDUP(ROUND(", "ROUNDUP(1+ROUND("),
    "an input ignored": ("use_money_surcharge_jpy_per_kwh", "0*use_money_surcharge_jpy_per_kwh"),
    "a sign turned": ("out_cost_details_saving-", "out_cost_details_saving+"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_are_caught(office: Office, tmp_path: Path, name: str) -> None:
    made = exported("llama3-70b-continual", "ja", "internal")
    old, new = MUTANTS[name]
    broken = Exported(made.plan, made.estimate, made.table, made.workbook, mutate(made.data, old, new))
    with pytest.raises(AssertionError, match="differ"):
        agrees(office, tmp_path, broken, "ja", "internal", [{"money.surcharge_jpy_per_kwh": 4.18}])


def test_a_formula_replaced_by_its_value_is_caught(office: Office, tmp_path: Path) -> None:
    """It passes at the exported inputs and is found out by changed ones."""
    made = exported("llama3-70b-continual", "ja", "internal")
    cell = made.workbook.names["out_facility_facility_kw"]
    formula = f"<f>{made.workbook.resolve(cell.formula or '', cell.sheet)[1:]}</f>".replace('"', "&quot;")
    plain = formula.replace("&quot;", '"')
    data = made.data
    xml = zipfile.ZipFile(BytesIO(data)).read("xl/worksheets/sheet7.xml").decode()
    old = formula if formula in xml else plain
    broken = Exported(made.plan, made.estimate, made.table, made.workbook, mutate(data, old, f"<f>{cell.value!r}</f>"))
    agrees(office, tmp_path, broken, "ja", "internal", [{}])
    with pytest.raises(AssertionError, match="differ"):
        agrees(office, tmp_path, broken, "ja", "internal", [{"facility.pue": 1.7}])
