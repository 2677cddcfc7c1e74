"""What must hold over the whole catalogue: every server, every number of servers, every cloud choice."""

from __future__ import annotations

import itertools
from functools import cache

import pytest

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.facility.hall import facility
from mitsumori.model.facility.results import FacilityResult
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, sample_names
from mitsumori.model.plan.resolve import resolve

SHIPPED = Catalogue.shipped()
SERVERS = tuple(SHIPPED.servers())
COUNTS = (1, 2, 3, 5, 8, 13, 16, 17, 31, 33, 64, 65, 128, 130, 140, 257)
RATIOS = (1.0, 1.5, 2.0, 3.0, 4.0, 8.0)
PLAN = Plan().with_values({"model.preset": "llama2-7b", "network.storage_pb": 0.0})


@cache
def place(server: str, count: int, ratio: float = 1.0, cooling: str | None = None) -> FacilityResult:
    """The hall of a fleet under a method that holds the server."""
    values = {
        "cluster.server": server, "cluster.servers": count, "network.oversubscription": ratio,
        "facility.cooling": cooling or method_of(server),
    }  # fmt: skip
    return facility(resolve(PLAN.with_values(values), SHIPPED))[0]


@cache
def method_of(server: str) -> str:
    found = place(server, 1, 1.0, "rear_door")
    fine = [method.cooling for method in found.methods if method.feasible]
    assert fine, f"no method holds {server}"
    return "rear_door" if "rear_door" in fine else fine[0]


@pytest.mark.parametrize("server", SERVERS)
def test_every_server_gives_racks_power_and_energy(server: str) -> None:
    found, record = place(server, 4), SHIPPED.server(server)
    for figure in (found.racks, found.it_kw, found.facility_kw, found.kwh_per_year, found.utility_kva):
        assert figure.value is not None
        assert figure.value > 0
    power = record.power("max")
    if power.kw is None:
        for figure in (found.it_kw, found.kwh_per_year):
            assert figure.low is not None
            assert figure.high is not None
            assert figure.low < (figure.value or 0.0) <= figure.high


@pytest.mark.parametrize("server", SERVERS)
def test_racks_add_up_to_the_hall(server: str) -> None:
    for count in (1, 5, 17, 64):
        found = place(server, count)
        whole = sum(rack.kva * rack.count for rack in found.layout)
        assert whole == pytest.approx(found.details.it_kva.value)
        assert sum(rack.count for rack in found.layout) == found.details.total_racks.value


@pytest.mark.parametrize("server", SERVERS)
def test_more_servers_never_use_less_electricity(server: str) -> None:
    used = [place(server, count).kwh_per_year.value or 0.0 for count in COUNTS]
    assert all(few <= many * (1 + 1e-9) for few, many in itertools.pairwise(used)), list(zip(COUNTS, used, strict=True))


@pytest.mark.parametrize("server", SERVERS)
def test_more_servers_never_take_fewer_switches(server: str) -> None:
    counts = [place(server, count).network.switches for count in COUNTS]
    known = [figure.value for figure in counts if figure is not None and figure.value is not None]
    assert known == sorted(known)


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("count", [2, 8, 31, 64, 128, 257])
def test_a_looser_fabric_never_takes_more_switches(server: str, count: int) -> None:
    counts = [place(server, count, ratio).network.switches for ratio in RATIOS]
    known = [figure.value for figure in counts if figure is not None and figure.value is not None]
    assert known == sorted(known, reverse=True)


@pytest.mark.parametrize("sample", sample_names())
def test_every_cloud_choice_closes_or_says_what_to_enter(sample: str) -> None:
    plan = load_sample(sample).plan
    for key in SHIPPED.cloud_instances():
        result = estimate(plan.with_values({"money.cloud.instance": key}))
        closed = result.cost.cloud.total.value is not None
        assert closed or [path for path in result.cost.missing if not path.startswith("money.onprem")], key
        owned = result.cost.onprem.total.value is not None
        assert owned or result.cost.missing, key
