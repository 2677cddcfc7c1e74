"""``mitsumori serve PLAN``: replicas, latency and cost per token for a load."""

from __future__ import annotations

import argparse
import datetime as dt

from mitsumori.model.commands import arguments as shared
from mitsumori.model.commands.answers import Answer, Table
from mitsumori.model.commands.progress import Progress


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    shared.take_plan(parser)
    shared.take_format(parser)
    shared.take_language(parser)


def run(given: argparse.Namespace) -> Answer:
    """The serving plan; its main table is the curve of latency and throughput over concurrency."""
    from mitsumori.model.estimate.estimate import estimate
    from mitsumori.model.report.json_document import serve_json
    from mitsumori.model.report.serving_document import serve_text

    project, plan = shared.load(given)
    plan = plan.with_values({"serving.enabled": True})
    with Progress("serve"):
        result = estimate(plan, **shared.context(project), today=dt.date.today())
    return Answer(
        lambda: serve_text(result, plan.language), lambda: serve_json(result, plan),
        lambda: Table.of(serve_json(result, plan)["curve"]),
    )  # fmt: skip
