"""``mitsumori import FILE``: another tool's configuration, a returned workbook or a load test, as a plan or a change of one."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mitsumori.model.base.files import named
from mitsumori.model.base.input_files import regular_bytes
from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import Refusal, cause_of
from mitsumori.model.commands import arguments as shared
from mitsumori.model.commands.answers import Table, say
from mitsumori.model.commands.files import as_file
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import SUFFIX, Project, open_plan, save_project

if TYPE_CHECKING:
    from mitsumori.model.serving.results import Tested


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("file", metavar="FILE", type=Path,
                        help="a configuration (Hugging Face, Megatron, DeepSpeed, NeMo and others), a launch script, "
                             "a workbook of Mitsumori, the JSON result of a load test (vllm bench, GuideLLM, AIPerf, "
                             "inference-perf); - for standard input")  # fmt: skip
    parser.add_argument("--into", metavar="PLAN", default=None,
                        help="the plan (.mitsumori, or a sample's name) that keeps what the file does not say (default: a "
                             "new one)")  # fmt: skip
    parser.add_argument(
        "--scenario",
        metavar="B",
        default="",
        help="of a workbook with several scenarios, the one to take (default: the one of the plan's name)",
    )
    parser.add_argument("--out", metavar="FILE", type=Path, help="write a project file (.mitsumori; default: print it)")
    shared.take_format(parser, out=False)
    shared.take_language(parser)


def run(given: argparse.Namespace) -> int:
    """Read the file, say what was taken, write or print the project."""
    project = open_plan(given.into) if given.into is not None else Project(plans=(Plan(),))
    language = shared.language_of(given)
    with as_file(given.file) as path:
        changed, remarks, document = _read(path, given, project, language)
    if given.out is not None:
        save_project(changed, _named(given.out))
    if given.format == "json":
        say(json.dumps(document, ensure_ascii=False, allow_nan=False), is_json=True)
    elif given.format in ("csv", "md"):
        table = _table(document)
        say((table.to_csv() if given.format == "csv" else table.to_markdown()).rstrip("\n"))
    elif given.out is not None:
        say("\n".join(remarks))
    else:
        say(changed.to_bytes().decode())
        say("\n".join(remarks), sys.stderr)
    return 0


def _named(path: Path) -> Path:
    """The project file that is written: its suffix is appended, for a point in a name is no suffix ("Llama 3.1 70B")."""
    return path if path.name.lower().endswith(".json") else named(path, SUFFIX)


def _with_plan(project: Project, plan: Plan) -> Project:
    plans = tuple(plan if index == project.active else kept for index, kept in enumerate(project.plans))
    return project.model_copy(update={"plans": plans})


def _read(
    path: Path, given: argparse.Namespace, project: Project, language: str
) -> tuple[Project, tuple[str, ...], dict[str, Any]]:
    """The project with what the file says, the remarks about it, and the document of ``--json``."""
    named, into = given.file, given.into is not None
    try:
        data = regular_bytes(path, shared.LARGEST_INPUT_BYTES)
    except Refusal:
        raise
    except (OSError, ValueError) as error:
        raise Refusal(Sentence("commands", "cannot_be_read", {"path": str(named), "why": cause_of(error)})) from None
    catalogue = shared.context(project)["catalogue"]
    if data[:2] == b"PK":
        from mitsumori.model.workbook.read import applied, compared

        found = compared(project.plan, path, catalogue, project.proposal, given.scenario)
        offered = {change.path: change.new for change in found.proposal}
        project = project.model_copy(update={"proposal": project.proposal.with_values(offered)})
        changes = (*found.changes, *found.proposal)
        remarks = tuple(f"{change.path}: {change.old} -> {change.new}" for change in changes)
        remarks += tuple(note.text(language) for note in found.notes)
        shown = {change.path: [_as_json(change.old), _as_json(change.new)] for change in changes}
        document = {"changes": shown, "corrections": []}
        return _with_plan(project, applied(project.plan, found.changes)), remarks, document
    from mitsumori.model.formats.load_tests import read_load_tests

    if (tests := read_load_tests(data)) is not None:
        return _tested(tests, project, language, into)
    from mitsumori.model.formats import NamedRefusal, read_configuration

    try:
        imported = read_configuration(data, named.name, catalogue)
        remarks = tuple(imported.report(project.plan, language, catalogue))
        changed = _with_plan(project, imported.checked(project.plan, catalogue))
        return changed, remarks, imported.document(project.plan, catalogue)
    except NamedRefusal as refusal:
        raise Refusal(refusal.text(language)) from None


def _as_json(value: object) -> object:
    """A value of a plan as in a project file."""
    return value.isoformat() if isinstance(value, dt.date) else value


def _tested(
    tests: tuple[Tested, ...], project: Project, language: str, into: bool
) -> tuple[Project, tuple[str, ...], dict[str, Any]]:
    """The project with a correction a load point."""
    from mitsumori.model.estimate.load_tests import correction_of

    if not into:
        raise Refusal(Sentence("commands", "load_test_needs_plan"))
    catalogue = shared.context(project)["catalogue"]
    made, remarks = [], []
    for test in tests:
        correction, said = correction_of(test, project.plan, catalogue)
        made.append(correction)
        remarks += [sentence.text(language) for sentence in said]
    changed = project.model_copy(update={"corrections": (*project.corrections, *made)})
    return changed, tuple(remarks), {"changes": {}, "corrections": [item.document() for item in made]}


def _table(document: dict[str, Any]) -> Table:
    """One row a value: what was read, assumed or left aside; of a workbook, what changed."""
    if document.get("corrections"):
        rows = [
            (
                item["name"],
                item["date"],
                *(item["serving"][key] for key in ("ttft_s", "tpot_ms", "output_tokens_per_s_per_gpu")),
            )
            for item in document["corrections"]
        ]
        return Table(("name", "date", "ttft_s", "tpot_ms", "output_tokens_per_s_per_gpu"), rows)
    if "changes" in document:
        return Table(("path", "before", "after"), [(path, *pair) for path, pair in document["changes"].items()])
    rows = [(kind, path, value) for kind in ("read", "assumed", "left_aside") for path, value in document[kind].items()]
    totals = [("count", name, document[name]) for name in ("params", "active_params", "gpus")]
    return Table(("kind", "path", "value"), [*totals, *rows])
