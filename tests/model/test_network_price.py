"""The network's price: its counted parts, whatever the servers cost; a share of theirs only where nothing is counted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.project import load_sample

BASE = load_sample("llama3-70b-continual").plan.with_values({"cluster.server": "DGX-H100", "cluster.servers": 31})
BARE = {"kind": "ib-switch NDR", "model": "bare", "ports": 64, "gbps_per_port": 400.0, "rack_units": 1}


def run(catalogue: Catalogue | None = None, **changes: Any) -> Estimate:
    return estimate(BASE.with_values({path.replace("__", "."): value for path, value in changes.items()}), catalogue)


def network(result: Estimate) -> float:
    found = result.cost.onprem.lines["network"].value
    assert found is not None
    return found


@pytest.mark.parametrize("price", [3e7, 8.9e7])
@pytest.mark.parametrize("margin", [0.0, 0.12])
def test_a_counted_network_costs_what_its_parts_cost(price: float, margin: float) -> None:
    """31 DGX H100: 202 M yen at a server of 30 M and 601 M at one of 89 M, where the same parts came to 287 M."""
    result = run(money__onprem__server_price=price, money__onprem__margin=margin)
    parts = result.facility.network.price_usd
    assert parts is not None and parts.value is not None
    assert network(result) == pytest.approx(parts.value * 150.0)
    used = result.cost.used["money.onprem.network_price"]
    assert (used.value, used.unit) == (parts.value, "USD")
    assert used.provenance is not None and used.provenance.what.startswith("counted at list prices: ")
    assert "money.onprem.network_share" not in result.cost.used


@given(st.floats(1e6, 5e8), st.integers(2, 140), st.floats(0.0, 0.5), st.floats(50.0, 300.0))
def test_the_servers_price_is_no_part_of_it(price: float, servers: int, margin: float, rate: float) -> None:
    same = {"cluster__servers": servers, "money__onprem__margin": margin, "money__usd_jpy": rate}
    dear, cheap = (run(money__onprem__server_price=at, **same) for at in (price, price / 3))
    assert network(dear) == network(cheap)


def test_what_is_entered_goes_before_the_count() -> None:
    assert network(run(money__onprem__network_price=7e6)) == 7e6
    shared = run(money__onprem__network_share=0.2)
    servers = shared.cost.onprem.lines["servers"].value or 0.0
    assert network(shared) == pytest.approx(0.2 * servers)
    assert network(run(money__onprem__network_share=0.2, money__onprem__network_price=7e6)) == 7e6


def test_a_counted_network_asks_for_the_exchange_rate() -> None:
    result = run(money__usd_jpy=None, money__onprem__server_price=3e7)
    assert result.cost.onprem.lines["network"].value is None
    assert "money.usd_jpy" in result.cost.missing


def test_a_switch_without_a_price_leaves_the_share_with_its_source() -> None:
    result = run(Catalogue.shipped().with_records({"networks": {"BARE": BARE}}), network__fabric="BARE")
    price = result.facility.network.price_usd
    assert price is not None and price.reason == "network_price_unknown"
    servers = result.cost.onprem.lines["servers"].value or 0.0
    assert network(result) == pytest.approx((0.15 * 16 + 0.19 * 15) / 31 * servers)
    used = result.cost.used["money.onprem.network_share"]
    assert used.provenance is not None and used.provenance.what == "tariffs.network-share-large.value"


def test_the_standard_share_costs_what_the_count_does() -> None:
    """Left open, the field of the share shows what the counted network is of the servers' price."""
    result = run()
    share = result.used("money.onprem.network_share")
    assert share is not None and share.value is not None
    assert network(run(money__onprem__network_share=share.value)) == pytest.approx(network(result))


SHIPPED = Catalogue.shipped()


@pytest.mark.parametrize(("server", "price"), [("Dell-XE9680L", 8.9e7), ("DGX-H100", 1.5e8)])
def test_the_network_of_one_dear_server_costs_no_more_than_that_of_two(server: str, price: float) -> None:
    """XE9680L at 89 M yen: 13.4 M against 7.8 M; DGX H100 at 150 M: 22.5 M against 16.1 M."""
    one, two = (
        run(cluster__server=server, cluster__servers=count, money__onprem__server_price=price) for count in (1, 2)
    )
    assert network(one) == pytest.approx(network(two), rel=0.01)  # two may stand a rack apart: a metre of cable more
    assert network(one) <= network(two)
    used = one.cost.used["money.onprem.network_price"]
    assert used.unit == "USD" and used.provenance is not None and used.provenance.what.startswith("the network of two")
    assert "money.onprem.network_share" not in one.cost.used


@given(
    st.sampled_from(sorted(SHIPPED.servers())), st.floats(1e5, 1e9), st.integers(1, 6), st.sampled_from(["JPY", "USD"])
)
def test_more_servers_never_cost_less_network(server: str, price: float, servers: int, currency: str) -> None:
    same = {
        "cluster__server": server, "money__onprem__server_price": price, "money__onprem__price_currency": currency,
        "money__onprem__margin": 0.1,
    }  # fmt: skip
    fewer, more = (network(run(cluster__servers=count, **same)) for count in (servers, servers + 1))
    assert fewer <= more * (1.0 + 1e-12)


def test_a_share_that_is_entered_has_no_limit() -> None:
    dear = run(cluster__servers=1, money__onprem__server_price=1.5e8, money__onprem__network_share=0.3)
    assert network(dear) == pytest.approx(0.3 * (dear.cost.onprem.lines["servers"].value or 0.0))
