"""A price belongs to what it prices: exchanging a server, an instance or a term never borrows, and back restores everything."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitsumori.model.base.refusal import PlanError
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cli import main
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.exchange import completed, matched_instance
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, parse_project, sample_names
from mitsumori.model.study.goal import Question
from mitsumori.model.study.trade_offs import Machines

CATALOGUE = Catalogue.shipped()
SAMPLE = load_sample("llama3-70b-continual").plan
XD670, H200 = "HPE-XD670", "DGX-H200"
PLAN = SAMPLE.with_values({
    "money.onprem.server_price": 60e6, "money.onprem.price_date": "2026-11-12", "facility.server_max_kw": 9.9,
    "money.cloud.price_per_hour": 55.04, "overrides.training.tokens_per_s_per_gpu": 900.0,
})  # fmt: skip


def exchanged(plan: Plan, changes: dict[str, Any]) -> Plan:
    return plan.with_values(completed(changes, plan, CATALOGUE))


def figures(plan: Plan) -> dict[str, Any]:
    """Every figure of an estimate that money, power or time depends on."""
    result = estimate(plan)
    return {
        "days": result.training.days.value, "it_kw": result.facility.it_kw.value, "racks": result.facility.racks.value,
        "owned": result.cost.onprem.total.value, "cloud": result.cost.cloud.total.value, "missing": result.cost.missing,
        "month": result.cost.break_even_month.value, "lines": {k: v.value for k, v in result.cost.onprem.lines.items()},
    }  # fmt: skip


def test_another_server_does_not_keep_the_price_the_power_or_the_speed_of_the_old_one() -> None:
    other = exchanged(PLAN, {"cluster.server": H200})
    assert other.money.onprem.server_price is None and other.money.onprem.price_date is None
    assert other.facility.server_max_kw is None and other.overrides == {}
    rented = CATALOGUE.cloud_instance(other.money.cloud.instance or "")
    assert rented.accelerator == CATALOGUE.server(H200).accelerator and rented.provider == "AWS" and rented.in_japan
    assert other.money.cloud.price_per_hour is None, "the hour was of the H100 instance"
    codes = {item.code for item in estimate(other).findings}
    assert {"cost_price_elsewhere", "cost_cloud_price_elsewhere", "plan_set_aside"} <= codes


def test_back_at_the_old_server_every_figure_is_back() -> None:
    other = exchanged(PLAN, {"cluster.server": H200})
    priced = other.with_values({"money.onprem.server_price": 80e6, "facility.server_max_kw": 10.4})
    back = exchanged(priced, {"cluster.server": XD670})
    assert figures(back) == figures(PLAN)
    assert back.money.onprem.price_date == dt.date(2026, 11, 12)
    again = exchanged(back, {"cluster.server": H200})
    assert again.money.onprem.server_price == 80e6 and again.facility.server_max_kw == 10.4
    assert figures(again) == figures(priced)


def test_the_other_accelerator_of_a_server_has_its_own_price() -> None:
    other = exchanged(PLAN, {"cluster.accelerator": "H200"})
    assert other.money.onprem.server_price is None
    standard = CATALOGUE.server(XD670).accelerator
    assert exchanged(PLAN, {"cluster.accelerator": standard}).money.onprem.server_price == 60e6, "the same machine"
    assert figures(exchanged(other, {"cluster.accelerator": None})) == figures(PLAN)


def test_a_price_of_a_term_is_not_that_of_another() -> None:
    reserved = PLAN.with_values({"money.cloud.term": "reserved_3y"})
    assert reserved.money.cloud.price_per_hour is None
    priced = reserved.with_values({"money.cloud.price_per_hour": 22.2, "money.cloud.price_date": "2026-11-20"})
    back = priced.with_values({"money.cloud.term": "on_demand"})
    assert (back.money.cloud.price_per_hour, back.money.cloud.reserved_3y_per_hour) == (55.04, 22.2)
    key = f"cloud:{PLAN.money.cloud.instance}/reserved_3y"
    assert back.money.prices[key].date == dt.date(2026, 11, 20)
    by_name = reserved.with_values({"money.cloud.reserved_3y_per_hour": 22.2})
    assert by_name.money.cloud.price_per_hour == 22.2 and by_name.money.prices[key].price == 22.2


def test_a_price_keeps_the_currency_it_was_quoted_in() -> None:
    other = exchanged(PLAN, {"cluster.server": H200})
    dollars = other.with_values({"money.onprem.server_price": 300e3, "money.onprem.price_currency": "USD"})
    back = exchanged(dollars, {"cluster.server": XD670})
    assert (back.money.onprem.server_price, back.money.onprem.price_currency) == (60e6, None)
    again = exchanged(back, {"cluster.server": H200})
    assert (again.money.onprem.server_price, again.money.onprem.price_currency) == (300e3, "USD")
    yen = estimate(again.with_values({"money.onprem.discount": 0.0, "money.onprem.margin": 0.0}))
    assert yen.cost.onprem.lines["servers"].value == pytest.approx(300e3 * 150 * again.cluster.servers)


@pytest.mark.parametrize(("side", "quoted"), [("JPY", "USD"), ("USD", "JPY")])
def test_a_price_of_another_term_stays_in_the_currency_of_its_side(side: str, quoted: str) -> None:
    """Only the own term's price may be quoted in another currency; that of spot was, once saved and opened again."""
    plan = SAMPLE.with_values({
        "money.cloud.currency": side, "money.cloud.price_per_hour": 40.0, "money.cloud.price_currency": quoted,
        "money.cloud.spot_per_hour": 12.0,
    })  # fmt: skip
    opened = Plan.from_dict(json.loads(json.dumps(plan.to_dict())))
    assert opened == plan
    spot = plan.money.prices[f"cloud:{plan.money.cloud.instance}/spot"]
    assert (spot.price, spot.currency) == (12.0, side)


def test_views_and_entries_say_the_same() -> None:
    by_entry = Plan().with_values({f"money.prices.server:{XD670}": {"price": 5e7, "date": "2026-10-01", "source": "A"}})
    assert by_entry.money.onprem.server_price == 5e7 and by_entry.money.onprem.price_date == dt.date(2026, 10, 1)
    by_view = Plan().with_values({"money.onprem.server_price": 5e7, "money.onprem.price_date": "2026-10-01"})
    assert by_view.money.prices[f"server:{XD670}"].price == 5e7
    assert by_entry.with_values({"money.onprem.server_price": None}).money.prices == {}
    assert by_entry.with_values({f"money.prices.server:{XD670}": None}).money.onprem.server_price is None
    assert by_entry.value(f"money.prices.server:{XD670}").source == "A"
    for plan in (by_entry, by_view, PLAN, exchanged(PLAN, {"cluster.server": H200})):
        assert Plan.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan
    with pytest.raises(PlanError):
        Plan().with_values({"money.prices": {"server": {"price": 1.0}}})
    with pytest.raises(PlanError):
        Plan().with_values({f"money.prices.server:{XD670}": {"price": -1.0}})


@pytest.mark.parametrize("name", sample_names())
def test_a_file_of_the_first_version_opens_with_the_same_prices(name: str) -> None:
    from pathlib import Path

    folder = Path(__file__).parent / "fixtures" / "projects" / "v1"
    path = folder / f"{name}.mitsumori"
    if not path.is_file():
        pytest.skip("a sample of a later version")
    project = parse_project(path.read_bytes(), name)
    document = json.loads(path.read_text())
    for plan, old in zip(project.plans, document["plans"], strict=True):
        owned = old.get("money", {}).get("onprem", {})
        if "prices" in old.get("money", {}):
            continue  # written with prices by what they price already
        assert plan.money.onprem.server_price == owned.get("server_price")
        if "server_price" in owned:
            entry = plan.money.prices[f"server:{plan.cluster.server}"]
            assert (entry.price, entry.currency) == (owned["server_price"], owned.get("currency", "JPY"))


def test_an_earlier_file_with_a_reserved_price_counts_as_it_did() -> None:
    document = {"money": {"cloud": {"instance": "aws-p5.48xlarge-ap-northeast-1-tokyo", "term": "reserved_1y",
                                    "price_per_hour": 77.0, "reserved_1y_per_hour": 55.0}}}  # fmt: skip
    plan = Plan.from_dict(document)
    assert estimate(plan).cost.used["money.cloud.price_per_hour"].value == 55.0
    assert plan.money.cloud.price_per_hour == 55.0


def test_set_on_the_command_line_exchanges_the_server_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["estimate", "llama3-70b-continual", "--set", f"cluster.server={H200}", "--set", "money.onprem.discount=0",
                 "--set", "money.onprem.margin=0", "--json"]) == 0  # fmt: skip
    document = json.loads(capsys.readouterr().out)
    listed = CATALOGUE.server(H200).price
    servers = document["cost"]["onprem"]["lines"]["servers"]
    if listed is None:
        assert servers is None and "money.onprem.server_price" in document["cost"]["missing"]
    else:
        assert servers != pytest.approx(45e6 * SAMPLE.cluster.servers)
    assert "cost_price_elsewhere" in {item["code"] for item in document["findings"]}


def test_an_instance_is_matched_in_its_own_region_then_in_japan_or_not_at_all() -> None:
    known = CATALOGUE.cloud_instances()
    tokyo = known["aws-p5.48xlarge-ap-northeast-1-tokyo"]
    match = matched_instance(tokyo, "H200", CATALOGUE)
    assert match is not None and known[match].accelerator == "H200" and known[match].in_japan
    assert matched_instance(tokyo, "MI355X", CATALOGUE) is None
    assert matched_instance(tokyo, tokyo.accelerator or "", CATALOGUE) == tokyo.key


SERVERS = [key for key, record in CATALOGUE.servers().items() if record.accelerators == 8]
INSTANCES = [None, *list(CATALOGUE.cloud_instances())[:12]]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("cluster.server"), st.sampled_from(SERVERS)),
        st.tuples(st.just("money.cloud.instance"), st.sampled_from(INSTANCES)),
        st.tuples(st.just("money.cloud.term"), st.sampled_from(["on_demand", "reserved_1y", "reserved_3y", "spot"])),
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, typed=st.booleans())
def test_exchanging_anything_and_back_restores_every_figure(steps: list[tuple[str, Any]], typed: bool) -> None:
    """Servers, instances and terms in any order, prices typed on the way or not; home again everything is as it was."""
    plan, home = (
        PLAN,
        {path: PLAN.value(path) for path in ("cluster.server", "money.cloud.instance", "money.cloud.term")},
    )
    for number, (path, value) in enumerate(steps):
        plan = exchanged(plan, {path: value})
        away = {path: plan.value(path) for path in home}
        if typed and away["cluster.server"] != home["cluster.server"]:
            plan = plan.with_values({"money.onprem.server_price": 1e6 + number, "facility.server_max_kw": 7.0})
    for path in ("cluster.server", "money.cloud.instance", "money.cloud.term"):
        plan = exchanged(plan, {path: home[path]})
    for path in (
        "money.onprem.server_price", "money.onprem.price_date", "money.onprem.price_currency", "facility.server_max_kw",
        "money.cloud.price_per_hour", "money.cloud.price_date", "money.cloud.price_currency", "overrides",
        "money.cloud.reserved_1y_per_hour", "money.cloud.reserved_3y_per_hour", "money.cloud.spot_per_hour",
        "money.cloud.throughput_factor", "cluster.accelerator",
    ):  # fmt: skip
        assert plan.value(path) == PLAN.value(path), path


def test_a_weak_price_is_on_no_front_and_wins_no_ranking() -> None:
    """The listed DGX B300 is an indication from conflicting sources, cheaper than a B200: it decides nothing."""
    from mitsumori.model.study.goal_seek import goal_seek
    from mitsumori.model.study.trade_offs import trade_offs

    assert CATALOGUE.server("DGX-B300").is_weak("price") and not CATALOGUE.server("DGX-B200").is_weak("price")
    plan = SAMPLE.with_values(
        {"money.onprem.discount": 0.0, "money.onprem.margin": 0.0, "money.onprem.power_works": 0.0}
    )
    found = trade_offs(plan, Machines(servers=(XD670, "DGX-B200", "DGX-B300"), counts=(0.5, 1.0), sites=("onprem",)))
    weak = [point for point in found.points if point.server == "DGX-B300"]
    assert weak and all(point.weak and not point.front for point in weak)
    assert all(point.server != "DGX-B300" for point, _, front in found.against("cost") if front)
    assert any(point.server == "DGX-B300" for point, _, front in found.against("accelerators") if front), (
        "no money there"
    )
    goal = goal_seek(plan, Question(days=30.0, unknown="server", servers=("DGX-B200", "DGX-B300"), relax=False))
    assert goal.value == "DGX-B200" and goal.measured is not None and not goal.measured.weak
    assert "cost_server_price_weak" in {
        item.code for item in estimate(plan.with_values({"cluster.server": "DGX-B300"})).findings
    }
