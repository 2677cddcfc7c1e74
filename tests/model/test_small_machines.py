"""Part of a server, workstations, older machines and rented hosts: a plan of each, with sensible answers."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from mitsumori.model import cli
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.bottlenecks import find_bottlenecks
from mitsumori.model.study.goal import Question
from mitsumori.model.study.goal_seek import goal_seek
from mitsumori.model.study.gpu_swap import gpu_swaps
from mitsumori.model.study.serving_ranking import advise_serving
from mitsumori.model.study.trade_offs import representatives

MACHINES = {
    "1 of 8 H100": ("DGX-H100", None, 1, 1), "3 of 8 H100": ("DGX-H100", None, 1, 3), "7 of 8 H100": ("DGX-H100", None, 1, 7),
    "64 of 72 GB200": ("DGX-GB200-NVL72", None, 1, 64), "RTX 4090": ("Workstation-4", "RTX4090", 1, 2),
    "RTX 6000 Ada": ("Workstation-4", "RTX6000Ada", 1, None), "RTX PRO 6000": ("Workstation-4", "RTXPRO6000", 1, None),
    "A6000": ("Workstation-4", "RTXA6000", 1, None), "L40S": ("Lenovo-SR675-V3", "L40S", 1, 4), "DGX Spark": ("DGX-Spark", None, 2, None),
    "V100": ("DGX-1", None, 1, None), "TPU v5e": ("GCP-TPU-v5e", None, 8, None), "TPU v5p": ("GCP-TPU-v5p", None, 4, None),
    "TPU v6e": ("GCP-TPU-v6e", None, 4, None), "TPU7x": ("GCP-TPU-7x", None, 2, None), "Trainium2": ("AWS-trn2", None, 1, None),
    "Gaudi 2": ("SMC-SYS-820GH-TNR2", None, 1, None), "Gaudi 3": ("Dell-XE9680", "Gaudi3", 1, None), "A64FX": ("FX700", None, 12, None),
}  # fmt: skip
"""Server, accelerator, servers and accelerators of a server in use."""


def changes(name: str, **more: Any) -> dict[str, Any]:
    server, accelerator, servers, used = MACHINES[name]
    values: dict[str, Any] = {
        "workload.stage": "qlora", "workload.tokens": 1e8, "model.preset": "llama3-8b", "cluster.server": server,
        "cluster.servers": servers, "cluster.accelerator": accelerator, "cluster.accelerators_per_server": used,
        "parallel.precision": "fp16" if name == "V100" else "bf16",
    }  # fmt: skip
    return values | {path.replace("__", "."): value for path, value in more.items()}


def found(name: str, **more: Any) -> Estimate:
    return estimate(Plan().with_values(changes(name, **more)))


@pytest.mark.parametrize("name", MACHINES)
def test_an_8b_is_tuned_on_every_machine(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """By command: memory within the card, a speed below the data sheet's peak, an interval, a count that is the machine's."""
    set_ = [word for path, value in changes(name).items() if value is not None for word in ("--set", f"{path}={value}")]
    assert cli.main(["estimate", "llama3-8b-lora", "--json", *set_]) == 0
    answer = json.loads(capsys.readouterr().out)
    server, _, servers, used = MACHINES[name]
    training, memory = answer["training"], answer["memory"]
    assert memory["verdict"] in ("fits", "marginal")
    assert 0 < memory["per_gpu"]["total_bytes"] <= memory["per_gpu"]["capacity_bytes"]
    assert training["details"]["accelerators"] == servers * (used or Catalogue.shipped().server(server).accelerators)
    speed = training["tokens_per_s_per_gpu"]
    assert 0 < training["tokens_per_s_per_gpu_low"] < speed < training["tokens_per_s_per_gpu_high"]
    assert 0.05 < training["mfu"] < 0.9
    assert training["days"] > 0


@pytest.mark.parametrize("name", ["DGX Spark", "RTX 6000 Ada", "V100", "TPU v5p", "Trainium2", "Gaudi 2", "A64FX"])
def test_more_machines_are_never_slower(name: str) -> None:
    servers = MACHINES[name][2]
    speeds = [found(name, cluster__servers=servers * n).training.days.value for n in (1, 2, 4)]
    # Beyond the batch a replica more brings nothing (and a failure more); the waiting is then a finding.
    assert all(after < 1.01 * before for before, after in pairwise(speeds))


@pytest.mark.parametrize(
    ("less", "more"),
    [("RTX 4090", "RTX 6000 Ada"), ("A6000", "RTX 6000 Ada"), ("RTX 6000 Ada", "RTX PRO 6000"), ("Gaudi 2", "Gaudi 3"),
     ("TPU v5p", "TPU7x"), ("TPU v6e", "TPU7x"), ("V100", "1 of 8 H100"), ("DGX Spark", "RTX 6000 Ada")],
)  # fmt: skip
def test_the_bigger_card_is_the_faster_one(less: str, more: str) -> None:
    one = {"cluster__servers": 1, "cluster__accelerators_per_server": 1}
    slow, fast = (found(name, **one).training.tokens_per_s_per_gpu.value for name in (less, more))
    assert slow < fast


@pytest.mark.parametrize(("name", "measured"), [(name, name not in (
    "RTX 4090", "RTX 6000 Ada", "L40S", "V100", "Trainium2", "A64FX", "RTX PRO 6000", "A6000", "DGX Spark", "TPU v5e",
    "Gaudi 3")) for name in MACHINES])  # fmt: skip
def test_the_interval_says_that_nobody_measured_the_silicon(name: str, measured: bool) -> None:
    """A card with graphics memory is not the large part of its family: DGX Spark had the interval of eight B200."""
    result = found(name)
    assert ("_unmeasured" in result.training.details.interval_class) == (not measured)
    if not measured:
        speed = result.training.tokens_per_s_per_gpu
        usual = found("1 of 8 H100").training.tokens_per_s_per_gpu
        assert np.log(speed.high / speed.low) > 1.4 * np.log(usual.high / usual.low)
        said = next(item for item in result.findings if item.code == "training_interval_wide")
        assert "without a published run" in said.message("en")
        assert "公表実測のない" in said.message("ja")


@pytest.mark.parametrize("name", ["TPU v5p", "TPU v6e", "TPU7x", "Trainium2"])
def test_the_power_of_a_rented_host_is_an_estimate_with_its_interval_and_is_asked_for(name: str) -> None:
    """Nobody publishes it: every server has racks and energy, marked as estimated, never a hole or a bare figure."""
    result = found(name)
    for figure in (result.facility.it_kw, result.facility.kwh_per_year):
        assert figure.value is not None and figure.low is not None and figure.high is not None
        assert figure.low < figure.value < figure.high
    asked = next(item for item in result.findings if item.code == "facility_power_estimated")
    assert asked.severity == "ask"


# --- what nobody can buy is named by nobody

UNASKED = {"Workstation-4", "DGX-Spark", "DGX-1", "GCP-TPU-v5e", "GCP-TPU-v5p", "GCP-TPU-v6e", "GCP-TPU-7x", "AWS-trn2"}


def _named(values: Any) -> set[str]:
    """Keys and names of machines that are not for sale in any text below."""
    names = {key: Catalogue.shipped().server(key).name for key in UNASKED}
    said = repr(values)
    return {key for key, name in names.items() if key in said or name in said}


def test_machines_that_are_not_for_sale() -> None:
    servers = Catalogue.shipped().servers()
    assert {key for key, server in servers.items() if server.not_for_sale} == UNASKED
    assert set(servers) - set(Catalogue.shipped().servers_for_sale()) == UNASKED


@pytest.mark.parametrize("sample", ["llama2-7b-sft", "llama3-70b-continual"])
def test_no_study_of_a_training_suggests_a_machine_that_is_not_for_sale(sample: str) -> None:
    plan = load_sample(sample).plan
    assert not _named(representatives(plan, Catalogue.shipped()))
    assert not _named([row.changes for row in gpu_swaps(plan)])
    found = goal_seek(plan, Question(days=30.0, unknown="server", relax=False))
    assert found.found
    assert not _named([found.changes, *(other.changes for other in found.alternatives)])
    assert not _named([change.changes for change in find_bottlenecks(plan).changes])


@pytest.mark.parametrize("sample", ["serve-chat-500", "serve-moe-nvl72"])
def test_no_serving_plan_is_put_on_a_machine_that_is_not_for_sale(sample: str) -> None:
    plan = load_sample(sample).plan
    assert not _named([option.server for option in advise_serving(plan, top=50).options])
    result = estimate(plan)
    assert not _named([item.remedies for item in result.findings])
    too_large = estimate(plan.with_values({"serving.server": "Lenovo-SR675-V3", "serving.auto": True}))
    assert not _named([item.remedies for item in too_large.findings])


def test_a_plan_on_a_rented_host_compares_it_with_others_and_asks_for_no_quotation() -> None:
    plan = Plan().with_values(changes("TPU v5p"))
    assert "GCP-TPU-v5p" in representatives(plan, Catalogue.shipped())
    said = {item.code: item for item in estimate(plan).findings}
    assert "cost_ask_server_price" not in said
    assert "only rented" in said["cost_ask_server_rented"].message("en")
    assert "販売されていません" in said["cost_ask_server_rented"].message("ja")
    assert "cost_ask_server_price" in {item.code for item in estimate(Plan().with_values(changes("V100"))).findings}
