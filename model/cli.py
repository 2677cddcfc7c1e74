"""The headless commands. Standard output carries the answer, standard error one sentence when refused.

Exit status: 0 done, 2 bad input, 1 an unexpected fault of the machine (a full disk).
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from mitsumori.model.base.format import parse
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.base.typed_values import parse_value
from mitsumori.model.base.version import program_version
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, open_plan, sample_names

Handler = Callable[[argparse.Namespace], int]


class _Parser(argparse.ArgumentParser):
    """argparse with refusals in one sentence."""

    def error(self, message: str) -> NoReturn:
        raise Refusal(
            f"{message[:1].upper()}{message[1:]} (mitsumori {self.prog.split()[-1]} --help says what is accepted)."
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    try:
        arguments = _parser().parse_args(argv)
        handler: Handler = arguments.handler
        status = handler(arguments)
        sys.stdout.flush()
        return status
    except Refusal as refusal:
        print(" ".join(str(refusal).split()), file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader (head, a pager) has seen enough; Python would complain again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(f"{error.filename or 'A file'} could not be used: {error.strerror or error}.", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="mitsumori", description="Plan the training of large language models. Without a command: the window."
    )
    parser.add_argument("--version", action="version", version=f"mitsumori {program_version()}")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser, metavar="COMMAND")

    def add(name: str, handler: Handler, help_text: str, plan: bool = True) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help_text, description=help_text)
        command.set_defaults(handler=handler)
        if plan:
            command.add_argument("plan", metavar="PLAN", help="a project file or a sample's name")
            command.add_argument(
                "--plan", dest="which", metavar="NAME", help="another plan of the project, by name or A, B, C"
            )
            command.add_argument("--set", dest="changes", action="append", default=[], metavar="PATH=VALUE",
                                 help="override one field, e.g. cluster.servers=16")  # fmt: skip
            command.add_argument("--catalogue", type=Path, metavar="FOLDER",
                                 help="a folder of catalogue files (TOML) of your own")  # fmt: skip
        return command

    command = add("estimate", _estimate, "every result of a plan")
    command.add_argument("--json", action="store_true", help="print one JSON document")
    command.add_argument("--lang", choices=("ja", "en"), help="language of the text (default: the plan's)")
    command = add("table", _table, "the training-time table")
    command.add_argument("--json", action="store_true", help="print one JSON document")
    command = add("advise", _advise, "the ranked parallel configurations")
    command.add_argument("--top", type=_positive, default=10, metavar="N", help="how many to list (default 10)")
    command.add_argument("--json", action="store_true", help="print one JSON document")
    command.add_argument("--grid", type=Path, metavar="FILE",
                         help="evaluate every combination of the axes in a TOML, JSON or CSV file instead")  # fmt: skip
    command.add_argument("--out", type=Path, metavar="FILE", help="table of the grid, .csv or .parquet")
    command.add_argument("--resume", action="store_true", help="continue a table that is there")
    command.add_argument("--dask", metavar="ADDRESS", help="run the grid on a Dask cluster, e.g. tcp://host:8786")
    command.add_argument("--as", dest="format", metavar="FORMAT",
                         help="print the best configuration in another tool's format, ready to run: "
                              "huggingface, megatron, deepspeed, torchtitan or nemo")  # fmt: skip
    goal = command.add_argument_group("a goal instead of a ranking")
    goal.add_argument("--seek", choices=("servers", "server", "tokens", "params"),
                      help="what is sought: the number of servers (default), their type, tokens or model size")  # fmt: skip
    goal.add_argument("--days", metavar="N", help="finish within so many days")
    goal.add_argument(
        "--by", metavar="YYYY-MM-DD", help="finish by a date, counted from the plan's start date or today"
    )
    goal.add_argument("--budget", metavar="AMOUNT", help="total over the horizon, such as 1500M or 15億")
    goal.add_argument("--site", choices=("onprem", "cloud"), help="whose cost and delivery count (default: onprem)")
    goal.add_argument("--power-kw", metavar="KW", help="power of the facility")
    goal.add_argument("--utility-kva", metavar="KVA", help="apparent power at the utility")
    goal.add_argument("--racks", metavar="N", help="racks, network and storage included")
    command = add("serve", _serve, "the serving plan: replicas, latency, cost per token")
    command.add_argument("--json", action="store_true", help="print one JSON document")
    command.add_argument("--lang", choices=("ja", "en"), help="language of the text (default: the plan's)")
    command = add("export", _export, "write the Excel proposal")
    command.add_argument("out", metavar="OUT.xlsx", type=Path)
    command.add_argument("--lang", choices=("ja", "en"), help="language of the workbook (default: the plan's)")
    command.add_argument("--audience", choices=("customer", "internal"), default="customer")
    command = add("backtest", _backtest, "predictions against measured runs", plan=False)
    command.add_argument("runs", metavar="RUNS.csv", type=Path)
    command.add_argument("--json", action="store_true", help="print one JSON document")
    command = add("fit", _fit, "refit the constants from measured runs", plan=False)
    command.add_argument("runs", metavar="RUNS.csv", type=Path, nargs="?")
    command.add_argument("--out", type=Path, metavar="FILE",
                         help="the data file to write (step.json; of a serving file serving.json)")  # fmt: skip
    command.add_argument("--no-write", action="store_true", help="print the residuals only")
    command.add_argument("--sources", action="store_true", help="also refit without each source, model and family")
    command = add("import", _import, "another tool's configuration, or a returned workbook, as a plan", plan=False)
    command.add_argument("file", metavar="FILE", type=Path)
    command.add_argument(
        "--into",
        metavar="PLAN",
        default=None,
        help="the plan that keeps what the file does not say (default: a new one)",
    )
    command.add_argument("--out", metavar="FILE", type=Path, help="write a project file (default: print it)")
    command.add_argument("--json", action="store_true", help="print one JSON document")
    command.add_argument("--lang", choices=("ja", "en"), default="en", help="language of the remarks")
    command = add("samples", _samples, "the plans that ship with the program", plan=False)
    command = add("fields", _fields, "every input with unit, bounds and standard", plan=False)
    command.add_argument("--json", action="store_true", help="print one JSON document")
    command.add_argument("--lang", choices=("ja", "en"), default="en", help="language of labels (default: en)")
    return parser


def _positive(text: str) -> int:
    """A whole number of at least 1, for options."""
    if not text.strip().isdecimal() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text[:60]!r} is not accepted: it must be a whole number from 1 to 100,000")
    return int(text)


_LISTS = {"table.models", "table.servers"}


def apply_changes(plan: Plan, changes: Sequence[str]) -> Plan:
    """The plan with ``path=value`` overrides applied.

    Raises
    ------
    Refusal
        For a missing ``=``, an unknown path or a value that is not accepted.
    """
    values: dict[str, Any] = {}
    for change in changes:
        path, equals, text = change.partition("=")
        if not equals:
            raise Refusal(f"--set {change[:80]!r} is not accepted: PATH=VALUE is expected, e.g. cluster.servers=16.")
        path = path.strip()
        if path in _LISTS:
            values[path] = tuple(parse_value(part.strip()) for part in text.split(",") if part.strip())
        else:
            values[path] = parse_value(text) if not _is_text_field(path) else text
    return plan.with_values(values) if values else plan


def _is_text_field(path: str) -> bool:
    return path in ("name", "customer") or path.startswith("notes.")


def _load(arguments: argparse.Namespace) -> tuple[Project, Plan]:
    project = open_plan(arguments.plan)
    if arguments.catalogue is not None:
        from mitsumori.model.catalogue.user_files import load_catalogue

        own = load_catalogue(arguments.catalogue)  # what the project brings of its own counts more
        kinds = dict.fromkeys((*own, *project.catalogue))
        joined = {kind: {**own.get(kind, {}), **project.catalogue.get(kind, {})} for kind in kinds}
        project = project.model_copy(update={"catalogue": joined})
    plan = project.plan
    if arguments.which is not None:
        plan = _named(project, arguments.which)
    return project, apply_changes(plan, arguments.changes)


def _named(project: Project, name: str) -> Plan:
    for index, plan in enumerate(project.plans):
        if name in (plan.name, chr(ord("A") + index)):
            return plan
    raise Refusal(
        f"--plan {name[:60]!r} is not accepted: the project has {', '.join(repr(p.name) for p in project.plans)}."
    )


def _context(project: Project) -> dict[str, Any]:
    from mitsumori.model.catalogue.catalogue import Catalogue

    return {"catalogue": Catalogue.shipped().with_records(project.catalogue), "corrections": project.corrections}


def _print_json(document: Any) -> int:
    print(json.dumps(document, ensure_ascii=False, allow_nan=False))
    return 0


def _estimate(arguments: argparse.Namespace) -> int:
    from mitsumori.model.estimate.estimate import estimate
    from mitsumori.model.report.json_document import to_json

    project, plan = _load(arguments)
    result = estimate(plan, **_context(project), today=dt.date.today())
    if arguments.json:
        return _print_json(to_json(result, plan))
    from mitsumori.model.report.text import estimate_text

    print(estimate_text(plan, result, arguments.lang or plan.language))
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    from mitsumori.model.estimate.estimate import estimate
    from mitsumori.model.report.serving_document import serve_json, serve_text

    project, plan = _load(arguments)
    plan = plan.with_values({"serving.enabled": True})
    result = estimate(plan, **_context(project), today=dt.date.today())
    if arguments.json:
        return _print_json(serve_json(result, plan))
    print(serve_text(result, arguments.lang or plan.language))
    return 0


def _table(arguments: argparse.Namespace) -> int:
    from mitsumori.model.study.training_table import table_json, table_text, training_table

    project, plan = _load(arguments)
    table = training_table(plan, **_context(project))
    if arguments.json:
        return _print_json(table_json(table))
    print(table_text(table, plan.language))
    return 0


def _advise(arguments: argparse.Namespace) -> int:
    from mitsumori.model.study.ranking import advice_json, advice_text, advise

    project, plan = _load(arguments)
    if arguments.grid is not None:
        return _study(arguments, project, plan)
    for name in ("out", "resume", "dask"):
        if getattr(arguments, name):
            raise Refusal(f"--{name} is not accepted here: it belongs to --grid FILE.")
    if any(getattr(arguments, name) is not None for name in ("seek", "by", *GOAL_LIMITS)):
        return _goal(arguments, project, plan)
    if arguments.site is not None:
        raise Refusal("--site is not accepted here: it belongs to a goal such as --budget AMOUNT.")
    advice = advise(plan, **_context(project), top=arguments.top)
    if arguments.format is not None:
        return _configuration(arguments, project, plan, advice.options)
    if arguments.json:
        return _print_json(advice_json(advice, plan.language))
    print(advice_text(advice, plan.language))
    return 0


def _configuration(arguments: argparse.Namespace, project: Project, plan: Plan, options: Sequence[Any]) -> int:
    from mitsumori.model.formats import left_out, write_configuration

    if not options:
        raise Refusal("--as is not accepted here: no layout of this model fits the memory of these GPUs.")
    best = options[0]
    chosen, catalogue = plan.with_values(dict(best.changes)), _context(project)["catalogue"]
    print(write_configuration(chosen, best.parallel, arguments.format, catalogue))
    missing = left_out(chosen, best.parallel, arguments.format, catalogue)
    if missing:
        print(f"The format has no word for: {', '.join(missing)}.", file=sys.stderr)
    return 0


GOAL_LIMITS: Final = ("days", "budget", "power_kw", "utility_kva", "racks")


def _goal(arguments: argparse.Namespace, project: Project, plan: Plan) -> int:
    from mitsumori.model.base.dates import plan_date
    from mitsumori.model.study.goal_report import goal_json, goal_text
    from mitsumori.model.study.goal_seek import goal_seek

    limits: dict[str, float] = {}
    for name in GOAL_LIMITS:
        typed = getattr(arguments, name)
        if typed is not None:
            limits["facility_kw" if name == "power_kw" else name] = parse(typed)
    finish_by = None
    if arguments.by is not None:
        try:
            finish_by = plan_date(arguments.by)
        except ValueError as error:
            raise Refusal(f"--by {arguments.by[:60]} is not accepted: {error}.") from None
    result = goal_seek(
        plan, **limits, finish_by=finish_by, today=dt.date.today(), site=arguments.site or "onprem",  # type: ignore[arg-type]
        unknown=arguments.seek or "servers", **_context(project),
    )  # fmt: skip
    if arguments.json:
        return _print_json(goal_json(result, plan.language))
    print(goal_text(result, plan.language))
    return 0


def _study(arguments: argparse.Namespace, project: Project, plan: Plan) -> int:
    from mitsumori.model.study.grid import read_grid, run_study

    if arguments.out is None:
        raise Refusal("--grid needs --out FILE: the table to write, .csv or .parquet.")
    done = run_study(
        plan, read_grid(arguments.grid), arguments.out, resume=arguments.resume, dask=arguments.dask,
        records=project.catalogue, corrections=project.corrections,
    )  # fmt: skip
    counts = {"rows": done.rows, "computed": done.computed, "skipped": done.skipped}
    if arguments.json:
        return _print_json(counts)
    print(f"{done.rows:,} rows in {arguments.out}: {done.computed:,} computed, {done.skipped:,} were there.")
    return 0


def _export(arguments: argparse.Namespace) -> int:
    from mitsumori.model.base.files import fingerprint
    from mitsumori.model.estimate.estimate import estimate
    from mitsumori.model.workbook import export

    # A name without .xlsx is refused, so that the name given is always the name written.
    if arguments.out.suffix.lower() != ".xlsx":
        raise Refusal(f"{str(arguments.out)!r:.80} is not accepted: the workbook's name must end in .xlsx.")
    expect = fingerprint(arguments.out)
    project, plan = _load(arguments)
    given = _context(project)
    result = estimate(plan, **given, today=dt.date.today())
    language = arguments.lang or plan.language
    export(plan, result, arguments.out, language, audience=arguments.audience, expect=expect, **given)
    return 0


def _backtest(arguments: argparse.Namespace) -> int:
    from mitsumori.model.calibration.serving_runs import is_serving_file

    report: Any
    if is_serving_file(arguments.runs):
        from mitsumori.model.calibration.serving_backtest import backtest_serving

        report = backtest_serving(arguments.runs)
    else:
        from mitsumori.model.calibration.backtest import backtest

        report = backtest(arguments.runs)
    if arguments.json:
        return _print_json(report.to_json())
    print(report.text())
    return 0


def _fit(arguments: argparse.Namespace) -> int:
    from mitsumori.model.calibration import fit
    from mitsumori.model.calibration.serving_runs import is_serving_file

    out = None if arguments.no_write else arguments.out or Path("step.json")
    if arguments.runs is not None and is_serving_file(arguments.runs):
        from mitsumori.model.calibration.serving_fit import fit_serving

        print(fit_serving(arguments.runs, None if arguments.no_write else arguments.out or Path("serving.json")).text())
        return 0
    print(fit.run(arguments.runs, out=out, sources=arguments.sources).text())
    return 0


LARGEST_IMPORT_BYTES = 20_000_000


def _import(arguments: argparse.Namespace) -> int:
    from mitsumori.model.base.input_files import regular_bytes
    from mitsumori.model.plan.project import save_project

    path: Path = arguments.file
    project = open_plan(arguments.into) if arguments.into is not None else Project(plans=(Plan(),))
    try:
        data = regular_bytes(path, LARGEST_IMPORT_BYTES)
    except Refusal:
        raise
    except (OSError, ValueError) as error:
        raise Refusal(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    catalogue = _context(project)["catalogue"]
    document: dict[str, Any]
    if data[:2] == b"PK":
        from mitsumori.model.workbook.read import applied, compared

        found = compared(project.plan, path, catalogue)
        plan = applied(project.plan, found.changes)
        remarks = tuple(f"{change.path}: {change.old} -> {change.new}" for change in found.changes)
        remarks += tuple(note.text(arguments.lang) for note in found.notes)
        document = {"changes": {change.path: [change.old, change.new] for change in found.changes}, "corrections": []}
    else:
        from mitsumori.model.formats import NamedRefusal, read_configuration

        try:
            imported = read_configuration(data, path.name, catalogue)
            plan, remarks = (
                imported.apply(project.plan, catalogue),
                imported.report(project.plan, arguments.lang, catalogue),
            )
            document = imported.document(project.plan, catalogue)
        except NamedRefusal as refusal:
            raise Refusal(refusal.text(arguments.lang)) from None
    plans = tuple(plan if index == project.active else kept for index, kept in enumerate(project.plans))
    changed = project.model_copy(update={"plans": plans})
    if arguments.out is not None:
        save_project(changed, arguments.out)
        print(json.dumps(document, ensure_ascii=False, allow_nan=False) if arguments.json else "\n".join(remarks))
    elif arguments.json:
        return _print_json(document)
    else:
        print(changed.to_bytes().decode(), end="")
        print("\n".join(remarks), file=sys.stderr)
    return 0


def _samples(_arguments: argparse.Namespace) -> int:
    print("\n".join(sample_names()))
    return 0


def _fields(arguments: argparse.Namespace) -> int:
    from mitsumori.model.plan.inputs import fields_document, fields_text

    if arguments.json:
        return _print_json(fields_document())
    print(fields_text(arguments.lang))
    return 0


COMMANDS = ("estimate", "table", "advise", "serve", "export", "backtest", "fit", "import", "samples", "fields")


if __name__ == "__main__":
    sys.exit(main())
