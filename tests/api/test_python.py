"""``import mitsumori``: the same figures as the commands, frames, refusals, and no other importable name."""

from __future__ import annotations

import gc
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mitsumori as mi
from mitsumori.model.base.collection import many_kept
from mitsumori.model.cli import main
from mitsumori.model.estimate import run
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import sample_names
from mitsumori.model.report.frames import row_of


def test_figures_are_those_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["estimate", "llama2-7b-sft", "--json", "--set", "cluster.servers=2"]) == 0
    printed = json.loads(capsys.readouterr().out)
    ours = mi.estimate(mi.sample("llama2-7b-sft").with_values({"cluster.servers": 2})).to_dict()
    for part in ("memory", "training", "facility", "cost"):
        assert json.loads(json.dumps(ours[part])) == printed[part]


def test_one_row_a_plan_with_names_as_in_the_workbook() -> None:
    frame = mi.estimate(mi.sample("gpt3-175b-nemo")).to_frame()
    assert frame.shape[0] == 1
    result = mi.estimate(mi.sample("gpt3-175b-nemo"))
    assert frame["training_days"].item() == result.training.days.value
    assert frame["facility_racks"].item() == result.facility.racks.value
    assert frame["memory_per_gpu_total_bytes"].item() == result.memory.per_gpu["total_bytes"].value


def test_a_sweep_is_every_combination_the_last_path_fastest() -> None:
    project = mi.sample("llama2-7b-sft")
    swept = mi.sweep(project, {"cluster.servers": [1, 2, 0], "workload.tokens": [1e9, 2e9]})
    frame = swept.to_frame()
    assert list(frame["cluster.servers"]) == [1, 1, 2, 2, 0, 0]
    assert list(frame["workload.tokens"]) == [1e9, 2e9] * 3
    assert list(frame.columns[:2]) == ["cluster.servers", "workload.tokens"] and frame.columns[-1] == "refused"
    assert all("cluster.servers=0 is not accepted" in sentence for sentence in swept.refused[4:])
    one = mi.estimate(project.with_values({"cluster.servers": 2, "workload.tokens": 2e9}))
    assert frame["training_days"][3] == one.training.days.value


SWEPT: dict[str, list[Any]] = {
    "cluster.servers": [1, 2, 3, 5, 8, 0], "workload.tokens": [1e9, 3e10, 2e12], "cluster.server": ["HPE-XD670", "HPE-XD680"],
    "facility.cooling": ["air", "cold_plate"], "money.horizon_months": [12, 60], "parallel.seq_len": [2048, 8192],
    "money.onprem.server_price": [None, 4.5e7], "serving.enabled": [False, True], "workload.stage": ["sft", "lora"],
    "facility.pue": [None, 1.3], "network.storage_pb": [None, 2.0],
}  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from(sorted(SWEPT)), min_size=1, max_size=4, unique=True), st.randoms(use_true_random=False))
def test_rows_of_a_sweep_are_the_single_estimates_to_the_bit(paths: list[str], random: Random) -> None:
    """Whatever is kept between rows and in whichever order they are worked out."""
    project = mi.sample("llama2-7b-sft")
    values = {path: random.sample(SWEPT[path], min(3, len(SWEPT[path]))) for path in paths}
    swept = mi.sweep(project, values)
    wanted = [dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())]
    assert [dict(row) for row in swept.values] == wanted
    for number in random.sample(range(len(wanted)), min(4, len(wanted))):
        try:
            alone = mi.estimate(project.with_values(wanted[number]))
        except mi.PlanError as error:
            assert swept.results[number] is None and swept.refused[number] == str(error)
        else:
            found = swept.results[number]
            assert found is not None and json.dumps(found.to_dict()) == json.dumps(alone.to_dict())


def test_a_sweep_searches_each_layout_once_in_whichever_order_paths_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = []
    real = run.best_layout
    monkeypatch.setattr(run, "best_layout", lambda *given: searched.append(1) or real(*given))
    tokens, servers = [1e9 * k for k in range(1, 4)], list(range(101, 181))
    mi.sweep(mi.sample("llama2-7b-sft"), {"workload.tokens": tokens, "cluster.servers": servers})
    assert len(searched) == len(servers), "more are kept than that only while they follow each other"


@pytest.mark.parametrize("name", sample_names())
def test_a_row_is_the_single_figures_of_the_document(name: str) -> None:
    """The frame makes no tables and findings; what it shows is the document's, column for column."""

    def flat(node: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
        for key, value in node.items():
            if isinstance(value, dict):
                yield from flat(value, f"{prefix}{key}_")
            elif not isinstance(value, list):
                yield prefix + key, value

    plain = mi.sample(name)
    taxed = {"money.corporate_tax_rate": 0.3, "money.onprem.lease_rate_per_month": 0.02}
    for project in (plain, plain.with_values(taxed)):
        result = mi.estimate(project)
        wanted = dict(flat(result.to_dict(), ""))
        frame = result.to_frame()
        assert list(frame) == list(wanted)
        assert json.dumps(row_of(result.plan, result.result)) == json.dumps(wanted)


def test_a_sweep_of_no_values_is_a_frame_without_rows() -> None:
    frame = mi.sweep(mi.sample("llama2-7b-sft"), {"cluster.servers": []}).to_frame()
    assert frame.shape == (0, 1) and list(frame) == ["refused"]


def test_a_sweep_leaves_pythons_search_for_garbage_as_it_was() -> None:
    before = gc.get_threshold()
    try:
        gc.set_threshold(543, 9, 8)
        mi.sweep(mi.sample("llama2-7b-sft"), {"cluster.servers": [1, 0]}).to_frame()
        assert gc.get_threshold() == (543, 9, 8)
        with many_kept(), pytest.raises(RuntimeError), many_kept():
            raise RuntimeError
        assert gc.get_threshold() == (543, 9, 8)
    finally:
        gc.set_threshold(*before)


def test_serving_is_that_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "serve-chat-500", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    served = mi.serve(mi.sample("serve-chat-500"))
    ours = json.loads(json.dumps(served.to_dict()))
    assert ours["serving"] == printed["serving"] and ours["curve"] == printed["curve"]
    assert served.to_frame()["ttft_s"].tolist() == [row["ttft_s"] for row in printed["curve"]]
    assert mi.serve(mi.sample("llama3-70b-continual")).serving is not None


def test_results_show_themselves_as_tables() -> None:
    project = mi.sample("llama2-7b-sft")
    for result in (mi.estimate(project), mi.search(project, top=2), mi.sweep(project, {"cluster.servers": [1, 2]})):
        assert "<table" in result._repr_html_()
        assert len(repr(result)) < 20_000


def test_layouts_of_a_search_are_rows() -> None:
    found = mi.search(mi.sample("llama2-7b-sft"), top=3)
    frame = found.to_frame()
    assert 1 <= len(frame) <= 3
    assert frame["step_time_s"].is_monotonic_increasing
    assert frame["parallel_tp"][0] == found.to_dict()["plans"][0]["parallel"]["tp"]


def test_a_search_of_a_plan_that_serves_ranks_ways_to_serve_as_the_command_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["advise", "serve-chat-500", "--top", "3", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    found = mi.search(mi.sample("serve-chat-500"), top=3)
    assert json.loads(json.dumps(found.to_dict()["plans"])) == printed["plans"]
    frame = found.to_frame()
    assert frame["server"].tolist() == [row["server"] for row in printed["plans"]]
    assert frame["layout_tp"].tolist() == [row["layout"]["tp"] for row in printed["plans"]]


@pytest.mark.parametrize(
    "bad",
    [
        lambda: mi.sample("no-such-sample"),
        lambda: mi.open("no-such-file.mitsumori"),
        lambda: mi.sample("llama2-7b-sft").with_values({"cluster.servers": 0}),
        lambda: mi.sample("llama2-7b-sft").plan.model_copy(update={"cluster": 5}),
        lambda: mi.sample("llama2-7b-sft").plan.cluster.model_copy(update={"servers": 2.5}),
        lambda: mi.sample("llama2-7b-sft").plan.cluster.model_copy(update={"server": 3}),
        lambda: Plan.model_validate({"cluster": 3}),
        lambda: Plan.model_validate({"cluster": {"servers": 0}, "no_such_part": 1}),
        lambda: Plan.model_validate_json('{"cluster": {"servers": "many"}}'),
        lambda: Plan.model_validate_json("no JSON"),
        lambda: setattr(mi.sample("llama2-7b-sft").plan, "name", "another"),
        lambda: setattr(mi.sample("llama2-7b-sft").plan.cluster, "servers", 4),
        lambda: setattr(mi.sample("llama2-7b-sft").plan.cluster, "no_such_field", 4),
        lambda: mi.estimate(3),  # type: ignore[arg-type]
        lambda: mi.search(mi.sample("llama2-7b-sft"), top=0),
        lambda: mi.sweep("llama2-7b-sft", {"cluster.servers": [1]}),  # type: ignore[arg-type]
    ],
)
def test_what_is_wrong_is_one_sentence(bad) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(mi.PlanError) as error:
        bad()
    assert "\n" not in str(error.value) and str(error.value).endswith(".")


def test_a_folder_with_a_model_of_its_own_breaks_nothing(tmp_path: Path) -> None:
    """The product occupies one importable name; a project's own model.py is none of its business."""
    (tmp_path / "model.py").write_text("OWN = 1\n", encoding="utf-8")
    (tmp_path / "resources.py").write_text("OWN = 2\n", encoding="utf-8")
    code = (
        "import model, resources, sys, mitsumori as mi; assert 'pandas' not in sys.modules;"
        "print(model.OWN, resources.OWN, mi.estimate(mi.sample('llama2-7b-sft')).training.days.value > 0,"
        "'PySide6' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "2", "True", "False"]
