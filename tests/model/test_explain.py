"""Explanations: every figure of the headline can be worked out in both languages, with its own values."""

import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.sources import FACILITY_FIGURES
from mitsumori.model.plan.project import load_sample, sample_names
from mitsumori.model.report.explain import explain, explained

PATHS = (
    "memory.per_gpu.total_bytes", "memory.per_gpu.weights_bytes", "memory.per_gpu.optimizer_bytes",
    "memory.per_gpu.activations_bytes", "training.tokens_per_s_per_gpu", "training.mfu", "training.step_time_s",
    "training.days", "training.goodput", "facility.racks", "facility.kva_per_rack", "facility.it_kw",
    "facility.facility_kw", "facility.pue", "facility.kwh_per_year", "cost.cloud.total", "cost.onprem.total",
    "cost.break_even_month", "cost.break_even_utilization",
)  # fmt: skip


@pytest.fixture(scope="module", params=sample_names())
def sample(request):
    plan = load_sample(request.param).plan
    return plan, estimate(plan)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("path", PATHS)
def test_a_headline_figure_shows_its_formula(sample, path, language):
    plan, result = sample
    lines = explain(path, plan, result, language)
    assert lines
    assert not any("{" in line for line in lines)


def test_the_value_of_the_figure_stands_in_its_explanation():
    plan = load_sample("llama3-70b-continual").plan
    result = estimate(plan)
    assert f"{result.training.days.value:.1f} days" in " ".join(explain("training.days", plan, result, "en"))


def test_an_unknown_path_has_no_explanation():
    assert explained("nothing.at.all") is None


def test_rack_and_power_figures_are_covered():
    uncovered = [name for name in FACILITY_FIGURES if explained(f"facility.{name}") is None]
    assert set(uncovered) <= {"air_kw", "liquid_kw"}
