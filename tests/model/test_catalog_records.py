"""Records beside the machines: cooling, tariffs, feeds, records of the user, the loader and the published runs."""

import itertools
import json
import math

import pytest

from mitsumori import resources
from mitsumori.model.base.refusal import PlanError, Refusal
from mitsumori.model.catalogue.catalogue import Catalogue, UnknownKey
from mitsumori.model.catalogue.records import Record
from tests.model.catalog_shared import KINDS, catalog, rows


@pytest.fixture(scope="module")
def shipped():
    return Catalogue.shipped()


def test_cooling_methods_reproduce_the_anchors():
    """PUE anchors: 1.54 world average (Uptime 2025), 1.38 air hall (NVIDIA and Vertiv), 1.10 ABCI (Nikkei 2018)."""
    k_elec = catalog.tariff("k-elec").value
    assert 1 + k_elec + catalog.cooling_method("air").k_air == pytest.approx(1.54)
    assert 1 + k_elec + catalog.cooling_method("containment").k_air == pytest.approx(1.38)
    assert 1 + k_elec + catalog.tariff("k-liq-warm").value == pytest.approx(1.10)


def test_cooling_ladder_is_in_order_and_bilingual():
    methods = list(catalog.cooling_methods().values())
    assert [method.ladder for method in methods] == list(range(1, 10))
    for method in methods:
        assert method.name_ja
        assert method.name_en.isascii()
        if not method.needs_liquid_server:
            assert method.liquid_cap_kw == 0
    assert catalog.cooling_method("rear_door").rack_kva == 30
    assert catalog.cooling_method("rear_door_cold_plate").rack_kva is None, "the site prints no figure: ask"
    assert catalog.cooling_method("immersion").liquid_cap_kw is None


@pytest.mark.parametrize(
    ("key", "kva", "usable"),
    [
        ("200v-30a-1ph", 6.0, 4.8),
        ("200v-60a-3ph", 20.78, 16.63),
        ("415v-32a-3ph", 23.0, 18.4),
        ("400v-63a-3ph", 43.65, 34.92),
    ],
)
def test_feeds(key, kva, usable):
    feed = catalog.feeds()[key]
    assert feed.kva == pytest.approx(kva, abs=0.005)
    assert feed.usable_kva == pytest.approx(usable, abs=0.005)


def test_utility_classes_meet_without_a_gap():
    classes = list(catalog.utility_classes().values())
    assert classes[0].min_kw == 0
    assert classes[-1].max_kw is None
    assert all(lower.max_kw == upper.min_kw for lower, upper in itertools.pairwise(classes))


def test_tariff_ranges_hold_their_value():
    for key, record in catalog.tariffs().items():
        assert record.low is None or record.low <= record.value, key
        assert record.high is None or record.value <= record.high, key
    landed = catalog.tariff("electricity-average-high-2026-05").value + catalog.tariff("renewable-surcharge-2026").value
    assert catalog.tariff("electricity-landed-high").value == pytest.approx(landed, abs=0.05)
    stops, hours, gpus = 419, 54 * 24, 16384
    assert catalog.tariff("llama3-mtbf-gpu").value == pytest.approx(hours / stops * gpus, rel=1e-3)


@pytest.mark.parametrize(
    ("ask", "key", "near"),
    [
        (catalog.server, "XD670", "HPE-XD670"),
        (catalog.accelerator, "H100", "H100-SXM"),
        (catalog.model, "llama3-70B", "llama3-70b"),
        (catalog.cooling_method, "reardoor", "rear_door"),
        (catalog.cloud_instance, "aws-p5.48xlarge-tokyo", "aws-p5.48xlarge-ap-northeast-1-tokyo"),
    ],
)
def test_unknown_key_names_the_key_and_the_nearest(ask, key, near):
    with pytest.raises(UnknownKey) as caught:
        ask(key)
    sentence = str(caught.value)
    assert isinstance(caught.value, Refusal)
    assert repr(key) in sentence
    assert near in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_key_like_nothing_lists_examples():
    with pytest.raises(UnknownKey, match=f"one of the {len(catalog.servers())} catalogued server records"):
        catalog.server("qqqqqq")


def test_shipped_catalogue_cannot_be_changed():
    with pytest.raises(TypeError):
        catalog.servers()["x"] = None
    with pytest.raises(Exception, match="frozen"):
        catalog.server("HPE-XD670").rack_units = 4


def test_an_override_is_laid_over_and_marked(shipped):
    changed = shipped.with_records({"servers": {"HPE-XD670": {"max_power_kw": 9.8, "weight_kg": 90}}})
    server = changed.server("HPE-XD670")
    assert server.power("max").kw == 9.8
    assert not server.power("max").is_surrogate
    assert server.power("peak").is_surrogate, "only what was entered is the server's own"
    assert server.provenance("max_power_kw").grade == "U"
    assert server.provenance("psu_watts").grade == "B", "the rest keeps its source"
    assert catalog.server("HPE-XD670").max_power_kw is None, "the shipped record is untouched"
    assert {kind: list(part) for kind, part in changed.embed_own().items()} == {"servers": ["HPE-XD670"]}
    assert len(changed.servers()) == len(catalog.servers())


def test_part_of_a_mapping_can_be_overridden(shipped):
    changed = shipped.with_records({"accelerators": {"H100-SXM": {"peak_tflops": {"bf16": 900}}}})
    record = changed.accelerator("H100-SXM")
    assert record.peak_tflops["bf16"] == 900
    assert record.peak_tflops["fp8"] == 1979
    assert record.provenance("peak_tflops.bf16").status == "entered"
    assert record.provenance("peak_tflops.fp8").status == "retrieved"
    assert record.provenance("peak_tflops.fp64").status == "recalled"


def test_a_new_record_on_the_base_of_another(shipped):
    mine = shipped.with_records({"servers": {"my-box": {"base": "DGX-H100", "name": "My box", "rack_units": 6}}})
    assert mine.server("my-box").rack_units == 6
    assert mine.server("my-box").max_power_kw == 10.2
    assert "my-box" not in catalog.servers()


def test_embedded_records_survive_json_and_stand_alone(shipped):
    fields = {"servers": {"HPE-XD670": {"max_power_kw": 9.8, "price": {"low": 1, "high": 2, "currency": "JPY"}}}}
    changed = shipped.with_records(fields)
    saved = json.loads(json.dumps(changed.embed_own()))
    again = shipped.with_records(saved)
    before, after = changed.server("HPE-XD670"), again.server("HPE-XD670")
    assert after.model_dump(exclude={"sources"}) == before.model_dump(exclude={"sources"})
    assert "scsk" in after.sources, "sources travel with the record"
    assert again.embed_own() == saved


def test_every_shipped_record_can_be_embedded(shipped):
    for kind in KINDS:
        for key, record in shipped.records(kind).items():
            again = shipped.with_records({kind: {key: json.loads(json.dumps(shipped.embed(kind, key)))}}).get(kind, key)
            assert isinstance(again, Record)
            assert again.model_dump(exclude={"sources"}) == record.model_dump(exclude={"sources"})


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (
            {"servers": {"HPE-XD670": {"max_power_kw": -1}}},
            ("catalogue.servers.HPE-XD670.max_power_kw", "-1", "greater than 0"),
        ),
        ({"servers": {"HPE-XD670": {"max_power_kw": math.nan}}}, ("max_power_kw", "nan")),
        ({"servers": {"HPE-XD670": {"power": 3}}}, ("catalogue.servers.HPE-XD670.power",)),
        ({"servers": {"mine": {"name": "Mine"}}}, ("catalogue.servers.mine.vendor", "required")),
        ({"servers": {"mine": 3}}, ("catalogue.servers.mine", "3")),
        ({"cars": {"mine": {}}}, ("'cars'", "servers")),
        ({"servers": {"mine": {"base": "DGX-H1000"}}}, ("'DGX-H1000'", "DGX-H100")),
    ],
)
def test_bad_records_are_refused_in_one_sentence(shipped, records, words):
    with pytest.raises(Refusal) as caught:
        shipped.with_records(records)
    assert isinstance(caught.value, PlanError | UnknownKey)
    for word in words:
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("parts", [("..", "model"), ("/etc",), ("",), ("a\\b",)])
def test_loader_stays_inside_resources(parts):
    with pytest.raises(ValueError, match="plain names"):
        resources.path(*parts)


@pytest.mark.parametrize(
    ("name", "expected"), [("runs.csv", 628), ("runs_a100_single_node.csv", 1440), ("runs_memory.csv", 28)]
)
def test_published_runs_ship_whole(name, expected):
    found = list(rows(name))
    assert len(found) == expected
    assert len({row["id"] for row in found}) == expected
    for row in found:
        assert row["source"]
        assert row["provenance"] in {"retrieved", "recalled"}


def test_the_notice_of_the_vtrain_data_travels_with_it():
    notice = resources.read_text("runs", "NOTICE-vtrain.txt")
    for words in ("KAIST", "VIA Research Group", "2024", "MIT License", "Permission is hereby granted"):
        assert words in notice
