"""The same parity in a second, independent engine (formualizer, MIT): no LibreOffice needed, milliseconds a scenario."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import formualizer
import pytest

from mitsumori.model.base.messages import text as message
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.overrides import SPEED
from mitsumori.model.study.training_table import training_table
from mitsumori.model.workbook import build, to_bytes
from mitsumori.model.workbook.context import EarlierFile
from tests.workbook import parity
from tests.workbook.conftest import Exported, exported

SAMPLES = ("llama3-70b-continual", "gpt3-175b-nemo", "llama2-7b-sft", "bloom-176b", "mt-nlg-530b")


class Engine:
    """A loaded workbook in formualizer, with the reading conventions of the comparison."""

    def __init__(self, made: Exported, folder: Path) -> None:
        self.made = made
        path = parity.write(folder / "book.xlsx", parity.poison(made.data))
        self.book = formualizer.load_workbook(str(path))

    def set(self, path: str, value: float | None) -> None:
        """Set an input; None empties it."""
        cell = self.made.workbook.names[self.made.workbook.inputs[path]]
        self.book.set_value(self.made.workbook.sheets[cell.sheet].title, cell.row, cell.column, value)

    def compare(self, want: Any) -> list[str]:
        """Differences after a full recalculation."""
        self.book.evaluate_all()
        parity.set_scale(want)
        wrong = parity.stale(self.made.workbook, want)
        for cell in want.formulas():
            if cell.volatile:
                continue
            got = self.book.get_value(want.sheets[cell.sheet].title, cell.row, cell.column)
            if isinstance(got, dt.datetime):
                got = got.date()
            if isinstance(got, dt.date):
                got = (got - parity.EPOCH).days
            if not parity.same(got, cell):
                wrong.append(
                    f"{cell.sheet}!{cell.row},{cell.column} {cell.name}: {got!r} != {cell.value!r} {cell.formula}"
                )
        return wrong


@pytest.mark.parametrize("sample", SAMPLES)
def test_poisoned_caches_give_way(sample: str, tmp_path: Path) -> None:
    made = exported(sample)
    assert not Engine(made, tmp_path).compare(made.workbook)


UNUSUAL: dict[str, dict[str, object]] = {
    "a server whose power nobody publishes": {"cluster.server": "Dell-XE9680L", "cluster.servers": 3},
    "a server whose height nobody publishes": {"cluster.server": "FX1000", "cluster.servers": 3},
    "another maker": {"cluster.server": "DGX-B200", "cluster.servers": 3},
    "a given storage": {"network.storage_pb": 2.0, "cluster.servers": 4},
    "yen a month without an exchange rate": {
        "money.cloud.instance": "sakura-internet-koukaryoku-phy-8xh100-3-year-contract-ishikari",
        "money.cloud.term": "reserved_3y",
        "money.usd_jpy": None,
    },
    "neither memory nor racks fit at the export": {
        "parallel.auto": False,
        "parallel.tp": 1,
        "parallel.pp": 1,
        "parallel.zero_stage": 0,
        "facility.rack_kva": 3.0,
    },
    "only generation": {"workload.stage": "datagen"},
    "two models trained": {"workload.stage": "ppo"},
    "own figures at the export": {
        "overrides.training.tokens_per_s_per_gpu": 700.0,
        "overrides.memory.per_gpu.buffers_bytes": 9e10,
        "overrides.memory.zero_2.activations_bytes": 1e10,
    },
    "experts, fully sharded": {
        "model": {"preset": "mixtral-8x7b"},
        "parallel.auto": False,
        "parallel.zero_stage": 3,
        "parallel.ep": 8,
    },
    "software by name": {
        "money.software": [
            {"name": "nvidia-ai-enterprise"},
            {"name": "hpe-techcare", "price": 300_000.0},
            {"name": "hpe-mlde", "metric": "year", "price": 2e6},
        ]
    },
    "a floor with two limits": {
        "cluster.server": "DGX-B200",
        "facility.cooling": "rear_door_active",
        "facility.rack_kva": 80.0,
        "facility.floor_limit_kg_m2": 401.0,
        "facility.floor_point_limit_kg_m2": 700.0,
    },
    "a CDU in the rack": {
        "cluster.servers": 14,
        "facility.cooling": "rear_door_cold_plate",
        "facility.rack_kva": 80.0,
        "facility.cdu_units": 4,
        "facility.inlet_c": 26.0,
    },
    "managed Lustre": {
        "money.cloud.instance": "aws-p5.48xlarge-ap-northeast-1-tokyo",
        "money.cloud.storage_kind": "lustre",
    },
    "managed Lustre beside objects": {
        "money.cloud.instance": "aws-p5.48xlarge-ap-northeast-1-tokyo",
        "money.cloud.storage_kind": "lustre_and_object",
    },
    "a utility": {"facility.utility": "tepco", "facility.voltage_class": "special_high"},
    "spare servers": {"cluster.spare_servers": 3},
    "servers of further types": {
        "cluster.spare_servers": 1,
        "cluster.more": [
            {"server": "CPU-2U", "servers": 6, "role": "cpu"},
            {"server": "DGX-B200", "servers": 4},
            {"server": "DGX-GB200-NVL72", "servers": 1},
        ],
        "money.prices.server:CPU-2U": {"price": 2e6, "currency": "JPY"},
    },
    "many further types": {
        "cluster.more": "2 CPU-2U cpu, 2 DGX-B200, 1 DGX-GB200-NVL72, 3 DGX-B300, 2 DDN-AI400X2 storage, 4 HPE-DL360-Gen11"
    },
    "a further type without a price": {"cluster.more": [{"server": "DDN-AI400X2", "servers": 2, "role": "storage"}]},
    "software without a price": {"money.software": [{"name": "hpe-mlde"}]},
    "warm water at a door": {"facility.water_supply_c": 25.0, "facility.cooling": "rear_door"},
    "adafactor in fp32": {"parallel.optimizer": "adafactor", "parallel.precision": "fp32", "cluster.servers": 64},
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_plans(name: str, tmp_path: Path) -> None:
    """What is unknown says so with the same text on both sides, and fills in when the reader enters it."""
    plan = exported(SAMPLES[2], "en", "internal").plan.with_values(UNUSUAL[name])
    result, table = estimate(plan), training_table(plan)
    workbook = build(plan, result, "en", "internal", parity.SETTINGS, table=table)
    made = Exported(plan, result, table, workbook, to_bytes(workbook))
    engine = Engine(made, tmp_path)
    assert not engine.compare(workbook)
    changes = {"facility.server_max_kw": 9.5, "money.usd_jpy": 145.0, "workload.tokens": 3e9}
    for path, value in changes.items():
        engine.set(path, value)
    wrong = engine.compare(parity.expected(plan.with_values(changes), plan, result, "en", "internal", table))
    assert not wrong, "\n".join(wrong[:10])


@pytest.mark.parametrize("price", [None, 500_000.0])
def test_storage_grows_with_the_tokens(price: float | None, tmp_path: Path) -> None:
    """A unit of known capacity: how many, their power and height, the racks for them and their price follow the data set."""
    unit: dict[str, Any] = {"raw_capacity_tb": 100.0, "max_power_kw": 2.0}
    if price is not None:
        unit["price"] = {"low": price, "high": price, "currency": "USD"}
    records = Catalogue.shipped().with_records({"storage": {"DDN-AI400X2": unit}})
    base = exported(SAMPLES[0], "en", "internal").plan
    plan = base.with_values({"network.storage": "DDN-AI400X2"})
    if price is not None:
        plan = plan.with_values({"money.onprem.storage_price": None, "money.usd_jpy": 150.0})
    result, table = estimate(plan, records), training_table(plan, records)
    workbook = build(plan, result, "en", "internal", parity.SETTINGS, table=table, catalogue=records)
    made = Exported(plan, result, table, workbook, to_bytes(workbook))
    engine = Engine(made, tmp_path)
    assert not engine.compare(workbook)
    more = {"workload.tokens": 1e15}
    engine.set("workload.tokens", 1e15)
    changed = plan.with_values(more)
    found = estimate(changed, records, held={SPEED: result.predicted.values[SPEED]})
    assert found.facility.storage["units"].value > (result.facility.storage["units"].value or 0)
    want = build(
        changed,
        found,
        "en",
        "internal",
        parity.SETTINGS,
        exported=EarlierFile(plan, result),
        table=table,
        catalogue=records,
    )
    assert not engine.compare(want)


@pytest.mark.parametrize("name", ["tbl_gpus_2", "in_overrides_table_1_2_mfu", "in_workload_epochs"])
def test_every_changed_input_raises_the_flag_on_cover_and_summary(name: str, tmp_path: Path) -> None:
    """Inputs of the training-time table count too, and putting the value back lowers it again."""
    made = exported(SAMPLES[0], "en", "customer")
    engine, book = Engine(made, tmp_path), made.workbook

    def said(value: object) -> tuple[object, object]:
        cell = book.names[name]
        engine.book.set_value(book.sheets[cell.sheet].title, cell.row, cell.column, value)
        engine.book.evaluate_all()
        flags = (book.names["out_inputs_changed"], book.names["out_altered"])
        count, sentence = (engine.book.get_value(book.sheets[c.sheet].title, c.row, c.column) for c in flags)
        return count, sentence

    before = book.names[name].value
    same, altered = (message("workbook", key, "en") for key in ("cover_unchanged", "cover_changed"))
    assert said(before) == (0, same)
    assert said(3 if name == "in_workload_epochs" else 0.5 if before is None else 48) == (1, altered)
    assert said(before) == (0, same)


def run(made: Exported, audience: str, language: str, seeds: range, folder: Path) -> None:
    """Random scenarios, every formula compared."""
    engine = Engine(made, folder)
    paths = list(made.workbook.inputs)
    base = {path: made.plan.value(path) for path in paths}
    for seed in seeds:
        changes = parity.scenario(seed, paths)
        try:
            plan = parity.changed(made.plan, changes)
        except Refusal:
            continue
        for path, value in {**base, **changes}.items():
            if value is None or isinstance(value, int | float):
                engine.set(path, value)
        wrong = engine.compare(parity.expected(plan, made.plan, made.estimate, language, audience, made.table))
        assert not wrong, f"scenario {seed} {changes}\n" + "\n".join(wrong[:10])


@pytest.mark.parametrize(
    ("sample", "audience", "language"), [(SAMPLES[0], "internal", "ja"), (SAMPLES[2], "customer", "en")]
)
def test_random_scenarios(sample: str, audience: str, language: str, tmp_path: Path) -> None:
    run(exported(sample, language, audience), audience, language, range(10), tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("sample", SAMPLES)
def test_many_random_scenarios(sample: str, tmp_path: Path) -> None:
    parity.only_in_the_long_run()
    run(exported(sample, "en", "internal"), "internal", "en", range(1000, 1100), tmp_path)


def test_a_mutant_is_caught(tmp_path: Path) -> None:
    made = exported(SAMPLES[0])
    broken = Exported(made.plan, made.estimate, made.table, made.workbook,
                      _replaced(made.data, b"cst_seconds_day", b"cst_seconds_day*1.0001"))  # fmt: skip
    assert Engine(broken, tmp_path).compare(made.workbook)


def _replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    import io
    import zipfile

    source, stream = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        for info in source.infolist():
            content = source.read(info)
            inside = info.filename.startswith("xl/worksheets/")
            target.writestr(info, content.replace(old, new) if inside else content)
    return stream.getvalue()
