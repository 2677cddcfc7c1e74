"""Providers, regions and what is rented are called as their providers call them, in each language, wherever they are named."""

from __future__ import annotations

import re

import pytest

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.places import instance_name, provider_name, region_name, search_words, storage_name
from mitsumori.model.cost.clouds import comparable
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample

CATALOGUE = Catalogue.shipped()
RENTED = CATALOGUE.cloud_instances()
LATIN_REGIONS = re.compile(r"[a-z]{3,}")


def test_every_region_and_provider_of_the_catalogue_has_both_names() -> None:
    from mitsumori.model.catalogue.places import _table

    table = _table()
    records = [*RENTED.values(), *CATALOGUE.cloud_storage().values()]
    assert {record.region for record in records} == set(table["regions"])
    assert {record.provider for record in records} <= set(table["providers"])
    assert {record.kind for record in CATALOGUE.cloud_storage().values()} == set(table["storage"])
    assert set(table["instances"]) <= {record.instance for record in RENTED.values()}
    for record in records:
        assert not LATIN_REGIONS.search(region_name(record.region).ja), "no English in a Japanese region"
        assert region_name(record.region).en != "" and provider_name(record.provider).ja != ""
    assert all(storage_name(one.kind).ja != storage_name(one.kind).en for one in CATALOGUE.cloud_storage().values())


def test_a_name_that_the_table_lacks_is_shown_as_it_is() -> None:
    assert region_name("mars-north1").ja == "mars-north1" and provider_name("Own Cloud").en == "Own Cloud"


def test_what_is_rented_in_japan_is_named_as_its_provider_does() -> None:
    name = instance_name(RENTED["azure-nd96isr-h100-v5-japaneast"])
    assert (name.en, name.ja) == ("Azure ND96isr_H100_v5 (Japan East)", "Azure ND96isr_H100_v5（東日本）")
    sakura = next(one for one in RENTED.values() if one.instance.startswith("Koukaryoku PHY 8x"))
    assert instance_name(sakura).ja == "さくらインターネット 高火力 PHY 8×H100・3 年契約（石狩）"


@pytest.mark.parametrize(
    "words", ["東日本 azure", "japaneast", "Japan East", "さくら", "sakura", "東京 h100", "高火力"]
)
def test_an_instance_is_found_by_code_and_by_name_in_either_language(words: str) -> None:
    found = comparable(CATALOGUE, "H100-SXM", None, words, 8)
    assert found
    for record in found:
        assert all(word in search_words(record) for word in words.casefold().split())


def test_findings_and_the_workbook_name_the_region(tmp_path: object) -> None:
    plan = load_sample("llama3-70b-continual").plan.with_values(
        {"money.cloud.instance": "azure-nd96isr-h100-v5-japaneast", "money.cloud.price_per_hour": None}
    )
    asked = next(item for item in estimate(plan).findings if item.code == "cost_ask_price_per_hour")
    assert "東日本" in asked.message("ja") and "japaneast" not in asked.message("ja")
    assert "Japan East" in asked.message("en")
