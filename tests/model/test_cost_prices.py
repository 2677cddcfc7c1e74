"""Where each price comes from, what stays unknown, what is asked for, and what the cost findings say and offer."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest

from mitsumori.model.base.findings import Finding
from mitsumori.model.cost.comparison import cost
from mitsumori.model.cost.prices import price_of_term
from mitsumori.model.cost.results import CostResult
from tests.model.cost_plans import CATALOGUE, inputs, money

TOKYO = "aws-p5.48xlarge-ap-northeast-1-tokyo"
GCP = "gcp-a2-highgpu-8g-asia-northeast1-tokyo"
SAKURA_HOUR = "sakura-internet-koukaryoku-vrt-24core-240gb-h100x1-is1a-ishikari"
SAKURA_MONTH = "sakura-internet-koukaryoku-phy-8xh100-3-year-contract-ishikari"
HIGHRESO_MONTH = "highreso-gpusoroban-ai-supercomputer-cloud-hgx-h200-kagawa"
US = "aws-p5.48xlarge-us-east-1"


def rented(key: str | None, changes: dict[str, Any] | None = None, **given: Any) -> CostResult:
    instance = None if key is None else CATALOGUE.cloud_instance(key)
    return cost(money({"cloud.instance": key} | (changes or {})), inputs(cloud_instance=instance, **given))


def found(result: CostResult) -> dict[str, Finding]:
    return {finding.code: finding for finding in result.findings}


# where the hourly price comes from ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "term", "price", "currency", "field"),
    [
        # AWS and GCP lists of Tokyo; the Sakura and Highreso pages print yen with 10 % consumption tax
        (TOKYO, "on_demand", 68.8, "USD", "on_demand_per_h"),
        (TOKYO, "spot", 23.1449, "USD", "spot_per_h"),
        (TOKYO, "reserved_1y", None, "USD", ""),
        (TOKYO, "reserved_3y", None, "USD", ""),
        (GCP, "reserved_1y", 20.2368, "USD", "reserved_1y_per_h"),
        (GCP, "reserved_3y", 11.3832, "USD", "reserved_3y_per_h"),
        (SAKURA_HOUR, "on_demand", 990 / 1.1, "JPY", "on_demand_per_h"),
        (SAKURA_HOUR, "reserved_3y", 385_000 / 730 / 1.1, "JPY", "per_month"),
        (SAKURA_MONTH, "reserved_3y", 2_436_896 / 730, "JPY", "per_month"),
        (SAKURA_MONTH, "on_demand", None, "JPY", ""),
        (HIGHRESO_MONTH, "reserved_3y", 2_783_000 / 730 / 1.1, "JPY", "per_month"),
        (HIGHRESO_MONTH, "reserved_1y", None, "JPY", ""),
    ],
)
def test_catalogue_price_of_a_term(key: str, term: Any, price: float | None, currency: str, field: str) -> None:
    offer = price_of_term(money({"cloud.instance": key}).cloud, CATALOGUE.cloud_instance(key), term, 0.1)
    assert (offer.value, offer.currency) == (None if price is None else pytest.approx(price), currency)
    if field:
        assert offer.provenance is not None
        assert offer.provenance.kind == "catalogue"
        assert offer.provenance.what == f"cloud.{key}.prices.{field}"
        assert offer.provenance.source


@pytest.mark.parametrize("term", ["on_demand", "reserved_1y", "reserved_3y", "spot"])
def test_an_entered_price_goes_before_the_catalogue(term: Any) -> None:
    """The field of the term first, then the price of the plan's own term; each in the currency entered, untouched by tax."""
    gcp = CATALOGUE.cloud_instance(GCP)
    plain = money({"cloud.term": term, "cloud.price_per_hour": 77.0, "cloud.currency": "JPY",
                   "cloud.price_date": dt.date(2026, 10, 1)}).cloud  # fmt: skip
    offer = price_of_term(plain, gcp, term, 0.1)
    assert (offer.value, offer.currency) == (77.0, "JPY")
    assert offer.provenance is not None
    assert (offer.provenance.kind, offer.provenance.what, offer.provenance.date) == (
        "user",
        "money.cloud.price_per_hour",
        "2026-10-01",
    )
    for other in ("on_demand", "reserved_1y", "reserved_3y", "spot"):
        if other != term:
            assert price_of_term(plain, gcp, other, 0.1).value == gcp.prices[f"{other}_per_h"]
    if term != "on_demand":
        both = money({"cloud.term": term, "cloud.price_per_hour": 77.0, f"cloud.{term}_per_hour": 55.0}).cloud
        offer = price_of_term(both, gcp, term, 0.1)
        assert offer.value == 55.0
        assert offer.provenance is not None
        assert offer.provenance.what == "money.cloud.price_per_hour", "both are the price of the present term"
        assert price_of_term(both, None, term, 0.1).value == 55.0
    assert price_of_term(money({}).cloud, None, term, 0.1).value is None


def test_terms_in_two_currencies_are_one_comparison() -> None:
    """Sakura by the hour in yen; a reserved price entered in dollars at 150 stands beside it."""
    result = rented(SAKURA_HOUR, {"cloud.reserved_1y_per_hour": 4.0, "cloud.storage_gb": 0.0})
    hours = 64 * 730 * 60
    assert result.cloud.lines["compute"].value == pytest.approx(hours * 0.7 * 900)
    assert result.alternatives["cloud_reserved_1y"].lines["compute"].value == pytest.approx(hours * 4 * 150)
    yen = rented(TOKYO, {"cloud.reserved_1y_per_hour": 6000.0, "cloud.currency": "JPY", "cloud.price_per_hour": 9000.0})
    assert yen.alternatives["cloud_reserved_1y"].lines["compute"].value == pytest.approx(8 * 730 * 60 * 6000)
    back = rented(TOKYO, {"cloud.reserved_1y_per_hour": 6000.0, "cloud.currency": "JPY", "currency": "USD"})
    assert back.alternatives["cloud_reserved_1y"].lines["compute"].value == pytest.approx(8 * 730 * 60 * 40)


def test_without_an_instance_a_machine_is_rented_as_it_is_owned() -> None:
    """8 accelerators a machine, at the price entered."""
    result = rented(None, {"cloud.price_per_hour": 40.0, "cloud.storage_per_gb_month": 0.02})
    assert result.cloud.lines["compute"].value == pytest.approx(8 * 730 * 60 * 0.7 * 40 * 150)
    four = rented(None, {"cloud.price_per_hour": 40.0}, accelerators=32)
    assert four.cloud.lines["compute"].value == pytest.approx(8 * 730 * 60 * 0.7 * 40 * 150)


@pytest.mark.parametrize(
    ("key", "changes", "missing"),
    [
        (None, {}, ["money.cloud.instance"]),
        (TOKYO, {"cloud.term": "reserved_1y"}, ["money.cloud.reserved_1y_per_hour"]),
        (TOKYO, {"cloud.term": "reserved_3y"}, ["money.cloud.reserved_3y_per_hour"]),
        (
            "azure-nd96isr-h100-v5-japaneast",
            {"cloud.term": "spot", "cloud.spot_interruptions_per_month": 3.0},
            ["money.cloud.spot_per_hour"],
        ),
        (TOKYO, {"cloud.term": "spot"}, ["money.cloud.spot_interruptions_per_month"]),
        ("azure-nd96isr-h100-v5-japaneast", {}, ["money.cloud.price_per_hour"]),
        ("nttpc-webarena-indigogpu", {}, ["money.cloud.price_per_hour", "money.cloud.storage_per_gb_month"]),
        (US, {}, []),
        ("lambda-8x-h100-sxm-us", {}, ["money.cloud.storage_per_gb_month"]),
        (TOKYO, {"cloud.storage_gb": None}, []),
        (US, {"cloud.storage_gb": 0.0}, []),
        (
            "lambda-8x-h100-sxm-us",
            {"cloud.storage_gb": 0.0, "cloud.egress_gb_per_month": 10.0},
            ["money.cloud.egress_per_gb"],
        ),
        (TOKYO, {"cloud.egress_gb_per_month": 10.0}, []),
        (SAKURA_MONTH, {"cloud.term": "reserved_3y"}, ["money.cloud.storage_per_gb_month"]),
    ],
)
def test_only_what_a_region_publishes_is_taken(key: str | None, changes: dict[str, Any], missing: list[str]) -> None:
    result = rented(key, changes)
    assert [path for path in result.missing if path.startswith("money.cloud")] == missing
    assert (result.cloud.total.value is None) == bool(missing)
    for path in missing:
        code = f"cost_ask_{path.rpartition('.')[2]}"
        assert (found(result)[code].severity, found(result)[code].field) == ("ask", path)


def test_storage_and_egress_of_the_region() -> None:
    """S3 Tokyo 0.025 and internet egress 0.114 USD/GB; 200 TB of the plan's own storage where none is entered."""
    result = rented(TOKYO, {"cloud.egress_gb_per_month": 1000.0})
    assert result.cloud.lines["storage"].value == pytest.approx(200_000 * 0.025 * 150 * 60)
    assert result.cloud.lines["egress"].value == pytest.approx(1000 * 0.114 * 150 * 60)
    assert result.used["money.cloud.storage_gb"].value == pytest.approx(200_000)
    assert result.used["money.cloud.storage_per_gb_month"].provenance.what == "cloud_storage.aws-s3-tokyo.price"  # type: ignore[union-attr]
    assert result.used["money.cloud.egress_per_gb"].provenance.what == "cloud_storage.aws-egress-tokyo.price"  # type: ignore[union-attr]
    gcp = rented(GCP, {"cloud.egress_gb_per_month": 1000.0})
    assert gcp.used["money.cloud.storage_per_gb_month"].value == 0.023
    assert gcp.used["money.cloud.egress_per_gb"].value == 0.12
    unknown = rented(TOKYO, storage_bytes=None)
    assert "money.cloud.storage_gb" in unknown.missing
    assert unknown.cloud.lines["storage"].value is None
    assert rented(None, storage_bytes=None).missing.count("money.cloud.storage_gb") == 1


# prices of owning --------------------------------------------------------------------------------------------------------


def test_the_catalogue_price_of_a_machine_stands_in_in_its_own_currency() -> None:
    """DGX H100: about 290,000 USD; the catalogue has no price of an XD670."""
    dgx = CATALOGUE.server("DGX-H100")
    result = cost(money({"onprem.server_price": None}), inputs(server=dgx))
    assert result.onprem.lines["servers"].value == pytest.approx(8 * 44.5e6)  # 290,000 * 150 * 0.9 / 0.88
    used = result.used["money.onprem.server_price"]
    assert used.provenance is not None
    assert (used.value, used.unit, used.provenance.what) == (290_000, "USD", "servers.DGX-H100.price")
    dollars = cost(money({"onprem.server_price": None, "currency": "USD"}), inputs(server=dgx))
    assert dollars.onprem.lines["servers"].value == pytest.approx(8 * 44.5e6 / 150)
    assert "money.onprem.server_price" in cost(money({"onprem.server_price": None}), inputs()).missing


@pytest.mark.parametrize(
    ("changes", "given", "missing"),
    [
        ({"onprem.storage_price": None}, {"storage_bytes": 0.0}, []),
        ({"onprem.storage_price": None}, {"storage_bytes": 1.0}, ["money.onprem.storage_price"]),
        (
            {"onprem.storage_price": None},
            {"storage_bytes": None},
            ["money.onprem.storage_price", "money.cloud.storage_gb"],
        ),
        ({"onprem.staff_cost_per_year": None, "onprem.staff_fte": 0.0}, {}, []),
        ({"onprem.staff_cost_per_year": None}, {}, ["money.onprem.staff_cost_per_year"]),
        ({"onprem.cooling_retrofit_per_rack": None}, {}, ["money.onprem.cooling_retrofit_per_rack"]),
        ({"onprem.cooling_retrofit_per_rack": None}, {"cooling": CATALOGUE.cooling_method("air")}, []),
        (
            {"onprem.cooling_retrofit_per_rack": None},
            {"cooling": CATALOGUE.cooling_method("containment")},
            ["money.onprem.cooling_retrofit_per_rack"],
        ),
        ({"onprem.cooling_retrofit_per_rack": None}, {"cooling": None}, ["money.onprem.cooling_retrofit_per_rack"]),
        ({"onprem.power_works": None}, {"hall_kva_free": 150.0}, []),
        ({"onprem.power_works": None}, {"hall_kva_free": 149.9}, ["money.onprem.power_works"]),
        ({"onprem.power_works": None}, {"hall_kva_free": 100.0, "it_kva": 100.0}, []),
        ({"onprem.power_works": None}, {"hall_kva_free": 99.9, "it_kva": 100.0}, ["money.onprem.power_works"]),
        ({"onprem.power_works": None}, {"hall_kva_free": 0.0}, ["money.onprem.power_works"]),
        ({}, {"it_busy_kw": math.nan}, ["facility.server_max_kw"]),
    ],
)
def test_what_owning_asks_for(changes: dict[str, Any], given: dict[str, Any], missing: list[str]) -> None:
    result = cost(money(changes), inputs(**given))
    assert list(result.missing) == missing
    open_only = missing == ["money.onprem.power_works"]
    assert (result.onprem.total.value is None) == (bool(missing) and not open_only)
    for path, figure in result.used.items():
        assert figure.value is not None
        assert figure.provenance is not None, path


def test_a_hosted_cluster_needs_neither_works_nor_retrofit() -> None:
    """Both are part of the rent unless they are entered; the rent may go by the rack, by the kVA or by both."""
    hosted = {"onprem.site": "colocation", "onprem.power_works": None, "onprem.cooling_retrofit_per_rack": None,
              "onprem.colocation_setup": 0.0}  # fmt: skip
    racks = cost(money(hosted | {"onprem.rent_per_rack_month": 2e5}), inputs())
    assert racks.missing == ()
    assert racks.onprem.lines["rent"].value == pytest.approx(5 * 2e5 * 60)
    assert racks.onprem.lines["power_works"].value == racks.onprem.lines["cooling"].value == 0.0
    by_kva = cost(money(hosted | {"onprem.rent_per_kva_month": 1e4}), inputs())
    assert by_kva.onprem.lines["rent"].value == pytest.approx(150 * 1e4 * 60)
    assert by_kva.used["money.onprem.rent_per_rack_month"].value == 0.0
    entered = cost(
        money(hosted | {"onprem.rent_per_rack_month": 2e5, "onprem.power_works": 7e6,
                        "onprem.cooling_retrofit_per_rack": 1e6, "onprem.colocation_setup": 3e6}), inputs()
    )  # fmt: skip
    assert entered.onprem.lines["power_works"].value == 7e6
    assert entered.onprem.lines["cooling"].value == 4e6
    assert entered.onprem.lines["setup"].value == 3e6
    at_home = cost(money({"onprem.colocation_setup": 3e6, "onprem.power_included_in_rent": True}), inputs())
    assert at_home.onprem.lines["setup"].value == 0.0
    assert at_home.onprem.lines["rent"].value == 0.0
    assert (at_home.onprem.lines["electricity"].value or 0.0) > 0.0


def test_power_that_is_in_the_rent_need_not_be_known() -> None:
    hosted = {"onprem.site": "colocation", "onprem.power_included_in_rent": True, "onprem.rent_per_rack_month": 2e5,
              "onprem.colocation_setup": 0.0, "onprem.power_works": None}  # fmt: skip
    result = cost(money(hosted), inputs())
    assert result.onprem.lines["electricity"].value == 0.0
    unknown = cost(money(hosted), inputs(it_busy_kw=math.nan))
    assert "facility.server_max_kw" not in unknown.missing
    assert "facility.server_max_kw" in cost(money({}), inputs(pue=math.nan)).missing


def test_no_rack_is_no_placement() -> None:
    result = cost(money({}), inputs(racks=0))
    assert result.onprem.lines["cooling"].value is None
    assert cost(money({}), inputs(racks=1)).onprem.lines["cooling"].value == 2.5e6


@pytest.mark.parametrize(("servers", "price"), [(16, 0.15), (17, (0.15 * 16 + 0.19) / 17)])
def test_the_network_share_is_noted_with_its_source(servers: int, price: float) -> None:
    used = cost(money(), inputs(servers=servers)).used["money.onprem.network_share"]
    assert used.value == pytest.approx(price)
    assert used.provenance is not None
    assert (used.provenance.kind, used.provenance.what) == (
        "default", f"tariffs.network-share-{'small' if servers == 16 else 'large'}.value",
    )  # fmt: skip
    entered = cost(money({"onprem.network_price": 1e6}), inputs()).used
    assert "money.onprem.network_share" not in entered
    assert entered["money.onprem.network_price"].value == 1e6


def test_an_exchange_rate_is_asked_for_where_a_line_needs_it() -> None:
    """Dollars rented, yen owned: the rate is needed; nothing in the other currency, or free, needs none."""
    assert cost(money({"usd_jpy": None}), inputs()).missing == ("money.usd_jpy",)
    yen = {"usd_jpy": None, "cloud.currency": "JPY", "cloud.price_per_hour": 8000.0, "cloud.storage_gb": 0.0}
    assert cost(money(yen), inputs()).missing == ()
    assert cost(money(yen | {"currency": "USD"}), inputs()).missing == ("money.usd_jpy",)
    assert cost(money(yen | {"cloud.price_per_hour": 0.0, "cloud.currency": "USD"}), inputs()).missing == ()
    assert cost(money(yen | {"onprem.currency": "USD"}), inputs()).missing == ("money.usd_jpy",)
    dated = cost(money({"usd_jpy_date": dt.date(2026, 11, 1)}), inputs()).used["money.usd_jpy"]
    assert dated.provenance is not None
    assert (dated.value, dated.provenance.date) == (150.0, "2026-11-01")


# what is said -------------------------------------------------------------------------------------------------------------


def test_a_new_hall_is_offered_at_its_published_price() -> None:
    """10 to 12 million USD a MW of IT (Cushman & Wakefield 2025), the middle; rated power where known, else the usual."""
    open_ = {"onprem.power_works": None}
    path = "money.onprem.power_works"

    def offered(changes: dict[str, Any], **given: Any) -> dict[str, Any]:
        finding = found(cost(money(open_ | changes), inputs(**given)))["cost_open_power_works"]
        assert (finding.severity, finding.field) == ("ask", path)
        return {remedy.code: dict(remedy.set)[path] for remedy in finding.remedies}

    assert offered({}) == {"cost_no_power_works": 0.0, "cost_build_hall": pytest.approx(11e6 * 0.094 * 150)}
    assert offered({}, it_max_kw=None)["cost_build_hall"] == pytest.approx(11e6 * 0.071 * 150)
    assert offered({"onprem.currency": "USD"})["cost_build_hall"] == pytest.approx(11e6 * 0.094)
    assert offered({"usd_jpy": None}) == {"cost_no_power_works": 0.0}
    assert offered({}, it_max_kw=None, it_busy_kw=math.nan) == {"cost_no_power_works": 0.0}


@pytest.mark.parametrize(("currency", "price"), [("JPY", 900_000.0), ("USD", 6000.0)])
def test_a_rear_door_is_offered_at_its_published_price(currency: str, price: float) -> None:
    """From 6,000 USD a door (TechRepublic), at 150; never for another method, nor in yen without a rate."""
    path = "money.onprem.cooling_retrofit_per_rack"
    asked = {"onprem.cooling_retrofit_per_rack": None, "onprem.currency": currency}
    finding = found(cost(money(asked), inputs()))["cost_ask_cooling_retrofit_per_rack"]
    assert [(remedy.code, dict(remedy.set)) for remedy in finding.remedies] == [
        ("cost_use_rear_door_price", {path: price})
    ]
    none = found(cost(money(asked), inputs(cooling=CATALOGUE.cooling_method("cold_plate"))))
    assert none["cost_ask_cooling_retrofit_per_rack"].remedies == ()
    blind = found(cost(money(asked | {"usd_jpy": None}), inputs()))["cost_ask_cooling_retrofit_per_rack"]
    assert (blind.remedies == ()) == (currency == "JPY")


@pytest.mark.parametrize(("term", "price"), [("reserved_1y", 54.18), ("reserved_3y", 37.75)])
def test_a_reserved_price_is_offered_from_the_list(term: str, price: float) -> None:
    """Lenovo LP2225: 77.43 and 53.95 of 98.32 USD/h; of 68.8 that is 54.18 and 37.75."""
    finding = found(rented(TOKYO, {"cloud.term": term}))[f"cost_ask_{term}_per_hour"]
    (remedy,) = finding.remedies
    assert dict(remedy.set) == {f"money.cloud.{term}_per_hour": price}
    assert (
        found(rented(TOKYO, {"cloud.term": term, "cloud.currency": "JPY"}))[f"cost_ask_{term}_per_hour"].remedies == ()
    )
    azure = found(rented("azure-nd96isr-h100-v5-japaneast", {"cloud.term": term}))[f"cost_ask_{term}_per_hour"]
    assert azure.remedies == ()


@pytest.mark.parametrize(
    ("term", "months", "said"),
    [("reserved_1y", 60, False), ("reserved_1y", 50, True), ("reserved_3y", 60, True), ("reserved_3y", 72, False),
     ("on_demand", 50, False)],
)  # fmt: skip
def test_a_commitment_that_outlasts_the_horizon(term: str, months: int, said: bool) -> None:
    findings = found(rented(GCP, {"cloud.term": term, "horizon_months": months}))
    assert ("cost_reserved_term_open" in findings) == said
    if said:
        assert dict(findings["cost_reserved_term_open"].params) == {
            "term": 12 if "1y" in term else 36,
            "horizon": months,
        }


@pytest.mark.parametrize(("lead", "months", "interim", "said"), [(12.0, 60, False, False), (7.0, 60, False, True),
    (7.0, 67, False, False), (7.0, 60, True, False)])  # fmt: skip
def test_a_commitment_is_held_against_the_months_that_are_rented(
    lead: float, months: int, interim: bool, said: bool
) -> None:
    """After a lead time renting begins later: 53 of 60 months are no whole number of years, 60 of 67 are."""
    changes = {"cloud.term": "reserved_1y", "horizon_months": months, "onprem.delivery_months": lead,
               "onprem.interim_cloud": interim}  # fmt: skip
    findings = found(rented(GCP, changes))
    assert ("cost_reserved_term_open" in findings) == said
    if said:
        assert findings["cost_reserved_term_open"].params["horizon"] == months - int(lead)


def test_weak_prices_and_prices_with_tax_are_said() -> None:
    assert found(rented(SAKURA_HOUR))["cost_price_included_tax"].params["percent"] == "10"
    assert "cost_price_weak" not in found(rented(SAKURA_HOUR))
    assert "cost_price_weak" in found(rented(SAKURA_MONTH))
    own = found(rented(SAKURA_MONTH, {"cloud.price_per_hour": 3000.0}))
    assert "cost_price_weak" not in own
    assert "cost_price_included_tax" not in found(rented(SAKURA_HOUR, {"cloud.price_per_hour": 3000.0}))
    assert not {"cost_price_weak", "cost_price_included_tax"} & set(found(rented(TOKYO)))


@pytest.mark.parametrize(
    ("changes", "given", "said"),
    [({}, {}, True), ({"cloud.throughput_factor": 0.6}, {}, False), ({}, {"cloud_speed": 0.6}, False)],
)
def test_another_accelerator_needs_a_speed(changes: dict[str, Any], given: dict[str, Any], said: bool) -> None:
    findings = found(rented(GCP, changes, **given))
    assert ("cost_speed_not_given" in findings) == said
    assert "cost_speed_not_given" not in found(rented(TOKYO))


@pytest.mark.parametrize(("lease", "months", "code"), [(60, 60, None), (60, 48, "cost_lease_longer"),
    (48, 60, "cost_lease_renewed")])  # fmt: skip
def test_a_lease_of_another_length(lease: int, months: int, code: str | None) -> None:
    changes = {"onprem.lease_rate_per_month": 0.02, "onprem.lease_months": lease, "horizon_months": months}
    findings = found(cost(money(changes), inputs()))
    assert [c for c in findings if c.startswith("cost_lease")] == ([code] if code else [])
    if code:
        assert dict(findings[code].params) == {"lease": lease, "horizon": months}
    assert not [c for c in found(cost(money({"horizon_months": 48}), inputs())) if c.startswith("cost_lease")]


@pytest.mark.parametrize(("days", "longer"), [(1825.0, None), (1826.0, 61), (2555.0, 84), (2556.0, 0), (1e6, 0)])
def test_a_training_that_does_not_end_within_the_horizon_says_so(days: float, longer: int | None) -> None:
    """60 months are 1,825 days; 84 months, the most that are counted, 2,555."""
    findings = found(cost(money(), inputs(training_days=days)))
    assert ("cost_beyond_horizon" in findings) == (longer is not None)
    if longer is not None:
        remedies = findings["cost_beyond_horizon"].remedies
        assert [dict(remedy.set) for remedy in remedies] == ([{"money.horizon_months": longer}] if longer else [])


@pytest.mark.parametrize(
    ("days", "interim", "longer"), [(1612.0, False, None), (1613.0, False, 61), (1613.0, True, None)]
)
def test_a_training_has_the_months_of_use_to_end(days: float, interim: bool, longer: int | None) -> None:
    """Seven of 60 months pass before use: 53 months are 1,612 days, unless the cloud does the work until then."""
    changes = {"onprem.delivery_months": 7.0, "onprem.interim_cloud": interim}
    findings = found(cost(money(changes), inputs(training_days=days)))
    assert ("cost_beyond_horizon" in findings) == (longer is not None)
    if longer is not None:
        assert findings["cost_beyond_horizon"].params["months"] == 53
        assert dict(findings["cost_beyond_horizon"].remedies[0].set) == {"money.horizon_months": longer}


@pytest.mark.parametrize(("runs", "most"), [(16.59, None), (16.6, 16.0), (400.0, 16.0)])
def test_more_trainings_than_a_year_holds(runs: float, most: float | None) -> None:
    """22 days each: 365 / 22 = 16.59."""
    findings = found(cost(money(), inputs(runs_per_year=runs)))
    assert ("cost_too_many_runs" in findings) == (most is not None)
    if most is not None:
        assert dict(findings["cost_too_many_runs"].remedies[0].set) == {"workload.runs_per_year": most}
    long = found(cost(money(), inputs(runs_per_year=1.0, training_days=400.0)))["cost_too_many_runs"]
    assert long.remedies == ()
