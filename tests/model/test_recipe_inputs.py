"""The recipe of the training software as an input: set, assumed by rule, said, read from measured runs, and its spread."""

from __future__ import annotations

import itertools
from typing import Any, Final

import numpy as np
import pytest

from mitsumori.model.calibration.run_recipe import memory_of_row, tuning_of, work_of_row
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.inputs import inputs
from mitsumori.model.plan.plan import Plan
from tests.layout_by_hand import layout_inputs

STATED: Final[dict[str, object]] = {
    "moe_dispatcher": "alltoall", "ep_overlap": True, "cuda_graphs": "layer", "permute_fusion": False, "capacity_factor": 1.5,
    "attention": "fa2", "compiled": False, "recompute_modules": ["moe_act"], "tuning": "tuned", "gradient_precision": "bf16",
    "state_precision": "bf16", "loss": "chunked", "optimizer_in_backward": True, "paged_optimizer": True, "context": "ulysses",
}  # fmt: skip
"""Every part and a value that no rule gives."""
RECIPE: Final = {f"parallel.{name}": value for name, value in STATED.items()}
OPEN: Final = {
    "parallel.moe_dispatcher": ("alltoall", "deepep", "hybridep"), "parallel.ep_overlap": (False, True),
    "parallel.cuda_graphs": ("none", "layer"), "parallel.permute_fusion": (False, True),
}  # fmt: skip
LAYOUT: Final = {"parallel.auto": False, "parallel.ep": 8, "parallel.cp": 2, "parallel.recompute": "selective"}


def found(**changes: Any) -> Estimate:
    values = {
        "model.preset": "deepseek-v3", "cluster.server": "DGX-H100", "cluster.servers": 64, "workload.tokens": 1e11,
    }  # fmt: skip
    return estimate(Plan().with_values(values | {path.replace("__", "."): value for path, value in changes.items()}))


@pytest.mark.parametrize("path", [*RECIPE, "network.bandwidth_gbps"])
def test_every_part_is_an_input_with_a_standard_that_is_said(path: str) -> None:
    """A label in both languages, a standard with its source, a line among what the estimate rests on."""
    entry = inputs()[path]
    assert entry.label("en") and entry.label("ja")
    name = path.rpartition(".")[2]
    assumed = found(**LAYOUT).training.details.recipe[name]
    assert not assumed.stated
    value = {"network.bandwidth_gbps": 50, **RECIPE}[path]
    stated = found(**LAYOUT, **{path: value}).training.details.recipe[name]
    assert stated.stated
    assert stated.value != assumed.value


def test_parts_that_decide_nothing_are_not_said() -> None:
    inside = found(cluster__servers=1, model__preset="llama3-8b").training.details.recipe
    assert not {"moe_dispatcher", "ep_overlap", "permute_fusion", "capacity_factor", "context", "bandwidth_gbps"} & set(
        inside
    )


def test_a_file_of_measured_runs_states_the_same_parts() -> None:
    row = {name: str(value) for name, value in STATED.items() if name != "recompute_modules"}
    work, kept = work_of_row(row, "", False), memory_of_row(row, "", "megatron", 2026.0, False)
    assert (work.dispatcher, work.ep_overlap, work.permute_fusion, work.capacity_factor) == (0, 1, 0, 1.5)
    assert (work.fused_attention, work.compiled, work.context, work.wide_gradients) == (1, 0, 1, 0)
    assert (kept["fused_loss"], kept["state_precision"], kept["fp32_gradients"]) == (2, 1, 0)
    assert (kept["optimizer_in_backward"], kept["paged_optimizer"]) == (1, 1)
    assert tuning_of(row) == 1 and tuning_of({}) == 2, "unknown where nobody says"


@pytest.mark.parametrize(
    ("preset", "server", "servers"), [("deepseek-v3", "DGX-H100", 64), ("gpt-oss-120b", "DGX-B200", 8)]
)
def test_what_a_plan_leaves_open_lies_inside_its_interval(preset: str, server: str, servers: int) -> None:
    """Without tuning, dispatcher, overlap, graphs and fusion make a speed up to 41 % lower, where the interval ended at 31."""
    where = {"model.preset": preset, "cluster.server": server, "cluster.servers": servers}
    own = found(**where)
    speed, layout = own.training.tokens_per_s_per_gpu, own.training.parallel
    assert "_open" in own.training.details.interval_class
    assert any("dispatcher" in item.message("en") for item in own.findings if item.code == "training_interval_wide")
    same = layout_inputs(layout)
    for values in itertools.product(*OPEN.values()):
        other = found(**where, **same, **dict(zip(OPEN, values, strict=True)))
        assert speed.low * (1 - 1e-9) <= other.training.tokens_per_s_per_gpu.value <= speed.high * (1 + 1e-9), values
    assert "_open" not in other.training.details.interval_class, "nothing is open where all is stated"


@pytest.mark.parametrize("preset", ["llama3-70b", "deepseek-v3"])
def test_tuning_that_nobody_knows_widens_the_interval_downwards(preset: str) -> None:
    """Its speed is that of published recipes, and may as well be that of default settings: the interval was that of tuned ones."""
    tuned, unknown = (found(model__preset=preset, parallel__tuning=name).training for name in ("tuned", "unknown"))
    assert "_unknown" in unknown.details.interval_class
    ends = [item.tokens_per_s_per_gpu.low / item.tokens_per_s_per_gpu.value for item in (tuned, unknown)]
    assert ends[1] < 0.78 < ends[0]
    assert np.isclose(
        unknown.tokens_per_s_per_gpu.high / unknown.tokens_per_s_per_gpu.value,
        tuned.tokens_per_s_per_gpu.high / tuned.tokens_per_s_per_gpu.value, rtol=0.1,
    )  # fmt: skip
