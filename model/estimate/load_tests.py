"""A load test as a correction of a plan: the setting it is taken to have been run on, and what it says about the prediction."""

from __future__ import annotations

from collections.abc import Sequence

from mitsumori.model.base import format as fmt
from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.calibration.serving_corrections import predicted
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Correction, MeasuredServing
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.serving.choice import choose
from mitsumori.model.serving.constants import shipped_serving
from mitsumori.model.serving.published import published_models
from mitsumori.model.serving.results import Tested
from mitsumori.model.serving.setting import setting
from mitsumori.model.serving.system import curves


def correction_of(test: Tested, plan: Plan, catalogue: Catalogue) -> tuple[Correction, Sequence[Sentence]]:
    """The correction that a load point is, and sentences that say what was assumed and found.

    The test is taken to have run on one replica of the layout that the plan serves with, in the plan's formats and engine.

    Parameters
    ----------
    test
        One load point.
    plan, catalogue
        The proposal it is taken into.

    Raises
    ------
    Refusal
        Where the test names a known model that the plan does not serve, or no layout of the plan fits.
    """
    _same_model(test, plan)
    part = plan.serving
    changes = {f"serving.{name}": None for name in ("users", "requests_per_s", "servers")} | {
        "serving.concurrency": max(1.0, test.concurrency), "serving.prompt_tokens": max(1.0, test.prompt_tokens),
        "serving.output_tokens": max(1.0, test.output_tokens), "serving.shared_prefix_share": 0.0,
        "serving.availability": "n", "serving.enabled": True, "serving.disaggregated": False,
    }  # fmt: skip
    inputs = plan.with_values(changes)
    fitted, found = shipped_serving(), setting(resolve(plan, catalogue))
    there = curves(part, found.model, found.gpu, found.at, found.layouts(), fitted.constants)
    options = choose(part, there, None, found.per_server).options
    if not options:
        raise Refusal(Sentence("findings", "serving_does_not_fit", {"server": found.here.server.name}))
    layout = options[0].layout
    inputs = inputs.with_values(layout.fixed)
    value = predicted(setting(resolve(inputs, catalogue)), layout, inputs.serving.concurrency or 1.0, fitted)
    rate = test.output_tokens_per_s or test.concurrency * test.output_tokens / _whole_s(test)
    measured = MeasuredServing(ttft_s=test.ttft_s, tpot_ms=test.tpot_ms, output_tokens_per_s_per_gpu=rate / layout.gpus)
    correction = Correction(
        name=f"{test.tool}, {fmt.significant(test.concurrency)}", date=test.date,
        tokens_per_s_per_gpu=rate / layout.gpus, serving=measured, inputs=inputs,
    )  # fmt: skip
    names = {"ttft": "TTFT", "tpot": "TPOT", "rate": "tokens/s/GPU"}
    ratios = ", ".join(f"{names[k]} {fmt.significant(v / value[k])}" for k, v in measured.figures().items())
    shape = f"TP {layout.tp}, PP {layout.pp}, EP {layout.ep}, DP {layout.dp_attention}"
    shown = {
        "tool": test.tool, "concurrency": fmt.significant(test.concurrency), "prompt": fmt.significant(test.prompt_tokens),
        "output": fmt.significant(test.output_tokens), "layout": shape, "server": found.here.server.name,
    }  # fmt: skip
    return correction, (
        Sentence("commands", "load_test_taken", shown),
        Sentence("commands", "load_test_level", {"what": ratios}),
    )


def _whole_s(test: Tested) -> float:
    return (test.ttft_s or 0.0) + (test.output_tokens - 1.0) * (test.tpot_ms or 0.0) / 1e3 or 1.0


def _same_model(test: Tested, plan: Plan) -> None:
    name = test.model.rsplit("/", 1)[-1].lower()
    entry = published_models().get(name)
    if entry is None or plan.model.preset is None:
        return
    key = entry.get("catalogue")
    if key is not None and key != plan.model.preset:
        raise Refusal(
            Sentence("commands", "load_test_other_model", {"tested": test.model, "served": plan.model.preset})
        )
