"""``mitsumori calendar PROJECT``: hours, utilization by month and conflicts of a project's plans."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.commands import arguments as shared
from mitsumori.model.commands.answers import Answer, Table
from mitsumori.model.plan.calendar import EXTEND_AT, SWITCH_MINUTES

if TYPE_CHECKING:
    from mitsumori.model.estimate.results import Estimate
    from mitsumori.model.plan.plan import Plan


def _percent(text: str) -> float:
    return shared.number_within(text, 0.0, 1000.0)


def _minutes(text: str) -> float:
    return shared.number_within(text, 0.0, 1440.0)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("plan", metavar="PROJECT", help=shared.PLAN_HELP)
    parser.add_argument("--assign", type=Path, metavar="PROJECT",
                        help="make the entries from the plans (serving by day, training by night and in what is left) and "
                             "write the project with them to a file (.mitsumori)")  # fmt: skip
    parser.add_argument("--least-servers", type=shared.positive, metavar="N",
                        help="servers that serve outside the hours of service (default: those of one replica)")  # fmt: skip
    parser.add_argument("--switch-minutes", type=_minutes, metavar="MIN",
                        help="minutes without work each time a training takes over (default 10)")  # fmt: skip
    parser.add_argument("--growth", type=_percent, metavar="PERCENT",
                        help="growth of what serving claims, a year (default 0)")  # fmt: skip
    parser.add_argument("--extend-at", type=_percent, metavar="PERCENT", default=100.0 * EXTEND_AT,
                        help="share of the cluster from which more servers are due (default 90)")  # fmt: skip
    shared.take_changes(parser)
    shared.take_format(parser)
    shared.take_language(parser)


def run(given: argparse.Namespace) -> Answer:
    """The calendar; its main table is the months."""
    from mitsumori.model.estimate.estimate import estimate
    from mitsumori.model.plan.project import save_project
    from mitsumori.model.study.calendar_assignment import Wishes, assigned
    from mitsumori.model.study.cluster_calendar import cluster_calendar

    made = {"least-servers": given.least_servers, "switch-minutes": given.switch_minutes, "growth": given.growth}
    if given.assign is None and (stray := next((name for name, value in made.items() if value is not None), None)):
        raise Refusal(Sentence("commands", "belongs_to_assign", {"name": f"--{stray}"}))
    project = shared.project_of(given)
    context = shared.context(project)
    plans = tuple(shared.apply_changes(plan, given.changes, context["catalogue"]) for plan in project.plans)
    project = project.model_copy(update={"plans": plans})

    def known(plan: Plan) -> Estimate:
        return estimate(plan, **context)

    language = given.lang or project.plan.language
    if given.assign is not None:
        wishes = Wishes(
            given.least_servers, SWITCH_MINUTES if given.switch_minutes is None else given.switch_minutes,
            (given.growth or 0.0) / 100.0,
        )  # fmt: skip
        project = project.model_copy(update={"calendar": assigned(project, known, dt.date.today(), wishes)})
        save_project(project, given.assign)
    found = cluster_calendar(project, known, dt.date.today()).document(given.extend_at / 100.0)
    return Answer(lambda: _text(found, language), lambda: found, lambda: _months(found))


def _months(found: dict[str, Any]) -> Table:
    rows = [{**{k: v for k, v in row.items() if k != "plans"}, **row["plans"]} for row in found["months"]]
    return Table.of(rows, {"hours": "h", "used_hours": "h", "utilization": "share"})


def _text(found: dict[str, Any], language: str) -> str:
    def say(key: str, **values: object) -> str:
        return Sentence("calendar", key, values).text(language)

    lines = [say("span", first=found["from"], last=found["to"], percent=f"{100 * found['utilization']:.1f}")]
    if found["assumed"]:
        lines.append(say("assumed"))
    for item in found["plans"]:
        lines.append(say("plan", name=item["plan"], hours=f"{item['hours']:,.0f}"))
        if item["claimed_hours"] > item["hours"] + 0.5:
            shown = {"claimed": item["claimed_hours"], "switching": item["switching_hours"]}
            lines.append(say("less", **{name: f"{value:,.0f}" for name, value in shown.items()}))
        if item["runs"] is not None:
            lines.append(say("runs", runs=f"{item['runs']:,.1f}"))
    if found["maintenance_hours"]:
        lines.append(say("maintenance", hours=f"{found['maintenance_hours']:,.0f}"))
    lines += [say("unknown", name=item["plan"]) for item in found["plans"] if not item["known"]]
    lines += [
        say("month", month=row["month"], percent=f"{100 * row['utilization']:.1f}", used=f"{row['used_hours']:,.0f}",
            hours=f"{row['hours']:,.0f}")
        for row in found["months"]
    ]  # fmt: skip
    outlook = found["outlook"]
    limit = f"{100 * outlook['extend_at']:g}"
    if outlook["extend_from"] is None:
        most = max(row["peak"] for row in outlook["quarters"])
        lines.append(say("enough", percent=f"{100 * most:.0f}", limit=limit))
    else:
        lines.append(say("extend", quarter=outlook["extend_from"], limit=limit))
    lines += [
        say("conflict", first=item["from"], last=item["to"], low=f"{item['hours'][0]:g}", high=f"{item['hours'][1]:g}",
            names=", ".join(item["plans"]), percent=f"{100 * item['share']:.0f}",
            granted=", ".join(f"{name} {100 * share:.0f} %" for name, share in item["granted"].items()))
        for item in found["conflicts"]
    ]  # fmt: skip
    return "\n".join(lines if found["conflicts"] else [*lines, say("no_conflict")])
