"""Money on a fresh plan: published guide values, things left out, and the company's own defaults with date and source."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cost.guides import guide_changes, guide_of, guided, out_of_scope
from mitsumori.model.estimate.counts import missing_inputs
from mitsumori.model.estimate.estimate import cost_inputs, estimate
from mitsumori.model.plan.defaults import Default, Defaults, kept_from, read_defaults, with_defaults, write_defaults
from mitsumori.model.plan.plan import Plan, PlanError
from mitsumori.model.plan.prices import Price

CATALOGUE = Catalogue.shipped()
FRESH = Plan().with_values({"money.usd_jpy": 150.0, "money.usd_jpy_date": "2026-11-20"})
SERVER = "money.onprem.server_price"


def test_the_guide_of_a_server_is_the_published_band_of_the_same_machines() -> None:
    """Eight H100: the fresh plan said that nothing was published, and the catalogue held two bands."""
    guide = guide_of(SERVER, FRESH, cost_inputs(FRESH))
    assert guide is not None and not guide.weak and guide.currency == "USD"
    bands = [CATALOGUE.server(key).price for key in ("DGX-H100", "Dell-XE9680")]
    assert guide.low == min(band.low for band in bands if band) and guide.high == max(
        band.high for band in bands if band
    )
    assert guide.value == (guide.low + guide.high) / 2 and guide.source and guide.date
    changes = guide_changes(guide, FRESH)
    assert changes is not None
    plan = FRESH.with_values(changes)
    assert (plan.money.onprem.server_price, plan.money.onprem.price_currency) == (guide.value, "USD")
    assert guided(plan) == (SERVER,) and plan.money.prices["server:HPE-XD670"].source == guide.source
    assert SERVER not in missing_inputs(estimate(plan))


def test_a_value_given_anew_is_no_guide_any_more() -> None:
    guide = guide_of(SERVER, FRESH, cost_inputs(FRESH))
    assert guide is not None
    plan = FRESH.with_values(guide_changes(guide, FRESH) or {})
    assert guided(plan.with_values({SERVER: 45e6})) == ()
    assert guided(plan.with_values({"cluster.server": "DGX-B200"})) == ()
    assert guided(plan.with_values({"cluster.servers": 3})) == (SERVER,)


def test_a_guide_in_dollars_waits_for_the_rate() -> None:
    plan = Plan().with_values({"facility.cooling": "rear_door"})
    guide = guide_of("money.onprem.cooling_retrofit_per_rack", plan, cost_inputs(plan))
    assert guide is not None and guide.weak, "an old figure"
    assert guide_changes(guide, plan) is None
    changes = guide_changes(guide, FRESH)
    assert changes is not None and changes["money.onprem.cooling_retrofit_per_rack"] == guide.value * 150


def test_where_nobody_publishes_a_value_there_is_none() -> None:
    inputs = cost_inputs(FRESH)
    for path in (
        "money.usd_jpy",
        "money.onprem.storage_price",
        "money.onprem.staff_cost_per_year",
        "money.cloud.price_per_hour",
    ):
        assert guide_of(path, FRESH, inputs) is None


def test_a_fresh_plan_shows_money_after_one_sheet() -> None:
    """Every missing item has a guide value, can be left out, or is typed; then both totals are known."""
    plan = FRESH.with_values({"money.cloud.instance": "aws-p5.48xlarge-ap-northeast-1-tokyo"})
    inputs = cost_inputs(plan)
    for path in missing_inputs(estimate(plan)):
        guide = guide_of(path, plan, inputs)
        changes = guide_changes(guide, plan) if guide is not None else out_of_scope(path)
        assert changes is not None, path
        plan = plan.with_values(changes)
    cost = estimate(plan).cost
    assert not cost.missing and cost.onprem.total.value is not None and cost.cloud.total.value is not None
    assert {origin.kind for origin in plan.origins.values()} == {"guide", "out_of_scope"}
    assert Plan.from_dict(plan.to_dict()) == plan
    assert out_of_scope(SERVER) is None and out_of_scope("money.usd_jpy") is None, "a purchase has a server and a rate"


DEFAULTS = Defaults(
    values={
        "money.usd_jpy": Default(value=151.5, date=dt.date(2026, 11, 20), source="経理"),
        "money.onprem.staff_cost_per_year": Default(
            value=1.2e7, date=dt.date(2026, 4, 1), source='人事 "A" \\ 部', currency="JPY"
        ),
    },
    prices={"server:HPE-XD670": Price(price=4.5e7, currency="JPY", date=dt.date(2026, 11, 12), source="見積書 1123")},
)


def test_the_companys_defaults_survive_their_file_and_enter_a_new_plan_with_date_and_source(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    assert read_defaults(path) == Defaults(), "none yet"
    write_defaults(DEFAULTS, path)
    assert read_defaults(path) == DEFAULTS
    plan = with_defaults(Plan(), read_defaults(path))
    assert (plan.money.usd_jpy, plan.money.usd_jpy_date) == (151.5, dt.date(2026, 11, 20))
    assert plan.money.onprem.server_price == 4.5e7 and plan.money.onprem.price_date == dt.date(2026, 11, 12)
    origin = plan.origins["money.usd_jpy"]
    assert (origin.kind, origin.source, origin.date) == ("company", "経理", dt.date(2026, 11, 20))
    other = with_defaults(Plan(), read_defaults(path)).with_values({"cluster.server": "DGX-H100"})
    assert other.money.onprem.server_price is None, "the price is that of its server"
    assert kept_from(plan, "money.usd_jpy", dt.date(2026, 12, 1)) == DEFAULTS.values["money.usd_jpy"]


def test_a_plan_does_not_change_when_the_file_does(tmp_path: Path) -> None:
    plan = with_defaults(Plan(), DEFAULTS)
    again = with_defaults(plan, DEFAULTS.with_value("money.usd_jpy", Default(value=99.0)))
    assert again.money.usd_jpy == 151.5, "what a plan has is its own"


@pytest.mark.parametrize(
    "text",
    ["values = 3", '[values."money.usd_jpy"]\nvalue = -1', '[values."workload.tokens"]\nvalue = 1', "[[[", '[prices.x]\nprice = "a"',
     "\x00"],
)  # fmt: skip
def test_a_damaged_file_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(text)
    with pytest.raises((Refusal, PlanError)) as refused:
        read_defaults(path)
    assert (
        refused.value.text("ja")
        and "\n" not in refused.value.text("en")
        and str(tmp_path) not in refused.value.text("ja")
    )
