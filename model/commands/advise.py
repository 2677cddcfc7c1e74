"""``mitsumori advise PLAN``: ranked parallel configurations, a goal, or a grid of plans."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mitsumori.model.base.format import parse
from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import Refusal, refusal, said_by
from mitsumori.model.commands import arguments as shared
from mitsumori.model.commands.answers import Answer, Table, say
from mitsumori.model.commands.progress import Progress
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project

if TYPE_CHECKING:
    from mitsumori.model.study.ranking import Option

GOAL_LIMITS: Final = ("days", "budget", "power_kw", "utility_kva", "racks")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    shared.take_plan(parser)
    shared.take_format(parser, out=False)
    shared.take_language(parser)
    parser.add_argument("--top", type=shared.positive, default=10, metavar="N", help="how many to list (default 10)")
    parser.add_argument("--out", type=Path, metavar="FILE",
                        help="write the answer to a file; with --grid: the table, .csv or .parquet")  # fmt: skip
    grid = parser.add_argument_group("a grid of plans instead")
    grid.add_argument("--grid", type=Path, metavar="FILE",
                      help="evaluate every combination of axes: TOML or JSON with plan paths and lists "
                           "('cluster.servers' = [8, 16]), or CSV with plan paths in the head and a plan a row")  # fmt: skip
    grid.add_argument("--resume", action="store_true", help="continue a table that is there")
    grid.add_argument("--dask", metavar="ADDRESS", help="run the grid on a Dask cluster, e.g. tcp://host:8786")
    parser.add_argument("--as", dest="tool", metavar="FORMAT",
                        help="print the best configuration in another tool's format, ready to run: "
                             "huggingface, megatron, deepspeed, torchtitan or nemo")  # fmt: skip
    goal = parser.add_argument_group("a goal instead of a ranking")
    goal.add_argument("--seek", choices=("servers", "server", "tokens", "params"),
                      help="what is sought: the number of servers (default), their type, tokens or model size")  # fmt: skip
    goal.add_argument("--days", metavar="N", help="finish within so many days")
    goal.add_argument(
        "--by", metavar="YYYY-MM-DD", help="finish by a date, counted from the plan's start date or today"
    )
    goal.add_argument("--confidence", type=int, choices=(50, 80, 90), metavar="P",
                      help="percent of certainty about the days: 50 (the median), 80 or 90; default: the plan's")  # fmt: skip
    goal.add_argument("--budget", metavar="AMOUNT", help="total over the horizon, such as 1500M or 15億")
    goal.add_argument("--site", choices=("onprem", "cloud"), help="whose cost and delivery count (default: onprem)")
    goal.add_argument("--power-kw", metavar="KW", help="power of the facility")
    goal.add_argument("--utility-kva", metavar="KVA", help="apparent power at the utility")
    goal.add_argument("--racks", metavar="N", help="racks, network and storage included")


def run(given: argparse.Namespace) -> Answer | int:
    """The ranking, the goal or the study."""
    from mitsumori.model.study.ranking import advice_json, advice_text, advise

    project, plan = shared.load(given)
    if given.grid is not None:
        return _study(given, project, plan)
    for name in ("resume", "dask"):
        if getattr(given, name):
            raise Refusal(Sentence("commands", "belongs_to_grid", {"name": f"--{name}"}))
    if any(getattr(given, name) is not None for name in ("seek", "by", *GOAL_LIMITS)):
        return _goal(given, project, plan)
    if given.site is not None:
        raise Refusal(Sentence("commands", "site_needs_goal"))
    from mitsumori.model.study.setting import Setting

    if plan.serving.enabled and given.tool is None:
        return _serving(given, project, plan)
    with Progress("advise") as progress:
        advice = advise(plan, Setting(**shared.context(project), progress=progress.at), top=given.top)
    if given.tool is not None:
        return _configuration(given, project, plan, advice.options)
    language = shared.language_of(given, plan)
    return Answer(
        lambda: advice_text(advice, language), lambda: advice_json(advice, language),
        lambda: Table.of({name: value for name, value in row.items() if name != "set"}
                         for row in advice_json(advice, language)["plans"]),
    )  # fmt: skip


def _serving(given: argparse.Namespace, project: Project, plan: Plan) -> Answer:
    """The ranking of a plan that serves: servers, formats and layouts."""
    from mitsumori.model.study.serving_ranking import advise_serving, serving_advice_json, serving_advice_text
    from mitsumori.model.study.setting import Setting

    with Progress("advise") as progress:
        advice = advise_serving(plan, Setting(**shared.context(project), progress=progress.at), top=given.top)
    language = shared.language_of(given, plan)
    document = serving_advice_json(advice)
    return Answer(
        lambda: serving_advice_text(advice, language), lambda: document,
        lambda: Table.of({name: value for name, value in row.items() if name not in ("set", "layout")} | row["layout"]
                         for row in document["plans"]),
    )  # fmt: skip


def _configuration(given: argparse.Namespace, project: Project, plan: Plan, options: Sequence[Option]) -> Answer:
    from mitsumori.model.formats import left_out, write_configuration

    if not options:
        raise Refusal(Sentence("commands", "no_layout_to_write"))
    best = options[0]
    chosen, catalogue = plan.with_values(dict(best.changes)), shared.context(project)["catalogue"]
    written = write_configuration(chosen, best.parallel, given.tool, catalogue)
    missing = left_out(chosen, best.parallel, given.tool, catalogue)
    if missing:
        said = Sentence("commands", "no_word_for", {"names": ", ".join(missing)})
        say(said.text(shared.language_of(given, plan)), sys.stderr)
    document = {"format": given.tool, "configuration": written, "left_out": list(missing)}
    return Answer(lambda: written, lambda: document, lambda: Table.of([document]))


def _goal(given: argparse.Namespace, project: Project, plan: Plan) -> Answer:
    from mitsumori.model.base.dates import plan_date
    from mitsumori.model.estimate.deadline import confidence_of
    from mitsumori.model.study.goal import Question
    from mitsumori.model.study.goal_report import goal_json, goal_text
    from mitsumori.model.study.goal_seek import goal_seek
    from mitsumori.model.study.setting import Setting

    limits: dict[str, float] = {}
    for name in GOAL_LIMITS:
        typed = getattr(given, name)
        if typed is not None:
            limits["facility_kw" if name == "power_kw" else name] = parse(
                typed, currency=plan.money.currency if name == "budget" else None
            )
    finish_by = None
    if given.by is not None:
        try:
            finish_by = plan_date(given.by)
        except ValueError as error:
            raise refusal("field", where=f"--by {given.by[:60]}", accepted=said_by(error)) from None
    with Progress("advise"):
        question = Question(
            **limits, finish_by=finish_by,  # type: ignore[arg-type]
             today=dt.date.today(), site=given.site or "onprem",
            confidence=float(given.confidence or confidence_of(plan)), unknown=given.seek or "servers",
        )  # fmt: skip
        result = goal_seek(plan, question, Setting(**shared.context(project)))
    language = shared.language_of(given, plan)

    def table() -> Table:
        return Table.of([goal_json(result, language)])

    return Answer(lambda: goal_text(result, language), lambda: goal_json(result, language), table)


def _study(given: argparse.Namespace, project: Project, plan: Plan) -> int:
    from mitsumori.model.study.grid import Workers, read_grid, run_study

    if given.out is None:
        raise Refusal(Sentence("commands", "grid_needs_out"))
    done = run_study(
        plan, read_grid(given.grid), given.out, resume=given.resume, workers=Workers(given.dask),
        records=project.catalogue, corrections=project.corrections,
    )  # fmt: skip
    counts = {"rows": done.rows, "computed": done.computed, "skipped": done.skipped}
    values = {name: f"{count:,}" for name, count in counts.items()} | {"out": str(given.out)}
    said = Sentence("commands", "grid_done", values).text(shared.language_of(given, plan))
    answer = Answer(lambda: said, lambda: counts, lambda: Table.of([counts]))
    say(json.dumps(counts) if given.format == "json" else answer.printed(given.format).rstrip("\n"))
    return 0
