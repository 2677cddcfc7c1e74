"""Reading a command line: refusals in one sentence with the nearest right word, and the options that commands share."""

from __future__ import annotations

import argparse
import math
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from mitsumori.model.base.format import AXES
from mitsumori.model.base.messages import LANGUAGES, Sentence
from mitsumori.model.base.near import nearest
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.base.typed_values import parse_value
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, ProjectContext, open_plan, parse_project
from mitsumori.model.plan.proposal import ALIASES, Proposal, is_proposal_path

if TYPE_CHECKING:
    from mitsumori.model.catalogue.catalogue import Catalogue

FORMATS: Final = ("text", "json", "csv", "md")
STANDARD_INPUT: Final = "-"
LARGEST_INPUT_BYTES: Final = 20_000_000

_ARGPARSE: Final = (
    (re.compile(r"^the following arguments are required: (?P<names>.*)$"), "required"),
    (re.compile(r"^unrecognized arguments: (?P<names>.*)$"), "unrecognized"),
    (re.compile(r"^argument (?P<name>[^:]*): expected one argument$"), "one_value"),
    (re.compile(r"^argument (?P<name>[^:]*): invalid choice: (?P<value>.*) \(choose from (?P<choices>.*)\)$"), "choice"),
    (re.compile(r"^argument (?P<name>[^:]*): not allowed with argument (?P<other>.*)$"), "conflict"),
    (
        re.compile(r"^argument (?P<name>[^:]*): '(?P<value>.*)' is not accepted: it must be a (?P<whole>whole )?number from "
                   r"(?P<least>\S+) to (?P<most>\S+)$"), "number",
    ),
    (re.compile(r"^ambiguous option: (?P<value>\S+) could match (?P<choices>.*)$"), "ambiguous"),
)  # fmt: skip
"""What argparse says, by the sentence of ``resources/messages/commands.toml`` that says it in the user's language."""


class Parser(argparse.ArgumentParser):
    """argparse with refusals in one sentence in the user's language, and the nearest right word for a mistyped option."""

    def error(self, message: str) -> NoReturn:
        """Refuse."""
        command = self.prog.split()[-1] if " " in self.prog else ""
        about = f"mitsumori {command} --help" if command else "mitsumori --help"
        for pattern, key in _ARGPARSE:
            found = pattern.match(message)
            if found is not None:
                values = {name: (value or "")[:120] for name, value in found.groupdict().items()}
                if key == "number":
                    key = "whole_number" if values.pop("whole") else "number"
                near = self._nearest(values.get("names", "")) if key == "unrecognized" else ""
                raise Refusal(
                    Sentence("commands", f"{key}_near" if near else key, {**values, "near": near, "about": about})
                )
        said = re.sub(r"^argument [^:]*: ", "", message)
        raise Refusal(Sentence("commands", "other", {"said": said[:1].upper() + said[1:], "about": about}))

    def _nearest(self, names: str) -> str:
        known = [option for action in self._actions for option in action.option_strings]
        for word in names.split():
            if word.startswith("-"):
                return nearest(word.partition("=")[0], known)
        return ""


def user_language(words: Sequence[str] = ()) -> str:
    """``ja`` or ``en``: that of ``--lang`` among the words, else that of the machine's locale."""
    for index, word in enumerate(words):
        given = word.partition("=")[2] if word.startswith("--lang=") else ""
        if word == "--lang" and index + 1 < len(words):
            given = words[index + 1]
        if given in LANGUAGES:
            return given
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "ja" if os.environ[name].lower().startswith("ja") else "en"
    if sys.platform == "win32":
        import locale

        return "ja" if (locale.getlocale()[0] or "").lower().startswith("ja") else "en"
    return "en"


PLAN_HELP: Final = "a project file (.mitsumori), a sample's name, or - for standard input"


def take_plan(parser: argparse.ArgumentParser) -> None:
    """PLAN and what changes it."""
    parser.add_argument("plan", metavar="PLAN", help=PLAN_HELP)
    parser.add_argument("--plan", dest="which", metavar="NAME", help="another plan of the project, by name or A, B, C")
    take_changes(parser)


def take_changes(parser: argparse.ArgumentParser) -> None:
    """What changes a plan: fields, and records of the user's own."""
    parser.add_argument("--set", dest="changes", action="append", default=[], metavar="PATH=VALUE",
                        help="override one field, e.g. cluster.servers=16 (mitsumori fields lists them)")  # fmt: skip
    parser.add_argument("--catalogue", type=Path, metavar="FOLDER",
                        help="a folder of catalogue files of your own: TOML with tables such as "
                             "[servers.\"My server\"]")  # fmt: skip


def take_format(parser: argparse.ArgumentParser, out: bool = True) -> None:
    """How the answer is printed."""
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--format", choices=FORMATS, default="text",
                       help="text, one JSON document, or the main table as CSV or Markdown (default text)")  # fmt: skip
    forms.add_argument(
        "--json", dest="format", action="store_const", const="json", default=argparse.SUPPRESS, help="as --format json"
    )
    if out:
        parser.add_argument(
            "--out", type=Path, metavar="FILE", help="write the answer to a file instead of printing it"
        )


def take_language(parser: argparse.ArgumentParser) -> None:
    """The language of what is printed."""
    parser.add_argument("--lang", choices=LANGUAGES, help="language (default: the plan's, else the system's)")


_READ: Final = ("plan", "file", "runs", "grid", "template")
"""What the files are called that a command reads."""


def check_out(arguments: argparse.Namespace) -> None:
    """Refuse to write over a file that the command reads, or where a folder stands.

    Raises
    ------
    Refusal
        In one sentence; a file that is only replaced keeps its former content beside it.
    """
    out: Path | None = getattr(arguments, "out", None)
    if out is None:
        return
    table = getattr(arguments, "grid", None) is not None  # of Parquet files: a folder
    if not out.name or (out.is_dir() and not table):
        raise Refusal(Sentence("commands", "out_is_folder", {"name": str(out)[:80]}))
    for name in _READ:
        read = getattr(arguments, name, None)
        if read is not None and _same_file(out, Path(read)):
            raise Refusal(Sentence("commands", "out_is_read", {"name": str(out)[:80]}))


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):  # one of them does not exist, or is no name of a file
        return False


def language_of(arguments: argparse.Namespace, plan: Plan | None = None) -> str:
    """``--lang``, else the plan's language, else the system's."""
    return str(arguments.lang or (plan.language if plan is not None else user_language()))


def positive(text: str) -> int:
    """A whole number of at least 1, for options."""
    if not text.strip().isdecimal() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text[:60]!r} is not accepted: it must be a whole number from 1 to 100,000")
    return int(text)


def number_within(text: str, least: float, most: float) -> float:
    """A number between bounds, for options.

    Parameters
    ----------
    text
        What was typed.
    least, most
        Bounds, both allowed.
    """
    try:
        value = float(text.strip().replace("%", ""))
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(
            f"{text[:60]!r} is not accepted: it must be a number from {least:g} to {most:,g}"
        )
    return value


def standard_input() -> bytes:
    """All of standard input.

    Raises
    ------
    Refusal
        For more than ``LARGEST_INPUT_BYTES``.
    """
    stream = getattr(sys.stdin, "buffer", None)
    data: bytes = stream.read(LARGEST_INPUT_BYTES + 1) if stream is not None else sys.stdin.read().encode()
    if len(data) > LARGEST_INPUT_BYTES:
        raise Refusal(Sentence("refusals", "file_too_large", {"name": "-", "bytes": f"{LARGEST_INPUT_BYTES:,}"}))
    return data


_BARE: Final = re.compile(r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?")
"""A number without a unit: in the plan's own."""
_LISTS: Final = frozenset({"table.models", "table.servers", "parallel.recompute_modules"})


def apply_changes(plan: Plan, changes: Sequence[str], catalogue: Catalogue | None = None) -> Plan:
    """The plan with ``path=value`` overrides applied, and what another server brings with it (:mod:`model.plan.exchange`).

    Parameters
    ----------
    plan
        The plan as it was read.
    changes
        ``path=value`` each, as typed.
    catalogue
        Records of the project; None: the shipped ones.

    Raises
    ------
    Refusal
        For a missing ``=``, an unknown path or a value that is not accepted.
    """
    values: dict[str, object] = {}

    def value_at(path: str) -> object:
        return values[path] if path in values else plan.value(path)

    for path, text in _pairs(changes):
        if is_proposal_path(path):
            continue
        if path in ("cluster.more", "money.software") and not text.lstrip().startswith("["):
            values[path] = text
        elif path in _LISTS:
            values[path] = tuple(parse_value(part.strip()) for part in text.split(",") if part.strip())
        else:
            values[path] = text if path == "name" or path.startswith("notes.") else _typed(path, text, value_at)
    if any(path in values for path in ("cluster.server", "cluster.accelerator")):
        from mitsumori.model.catalogue.catalogue import Catalogue
        from mitsumori.model.plan.exchange import completed

        values = completed(values, plan, catalogue or Catalogue.shipped())
    return plan.with_values(values) if values else plan


def _typed(path: str, text: str, value_at: Callable[[str], object]) -> object:
    """A value as typed; a figure with its unit behind it in the plan's unit.

    Parameters
    ----------
    path
        Of the plan.
    text
        As typed.
    value_at
        The plan's values by path, for the currency of an amount.
    """
    value = parse_value(text)
    if value is None or isinstance(value, bool) or _BARE.fullmatch(text.strip()):
        return value
    from mitsumori.model.plan.inputs import inputs
    from mitsumori.model.plan.typed import NUMBERS, typed_number

    item = inputs().get(path)
    if item is None or item.kind not in NUMBERS:
        return value
    try:
        return typed_number(item, text, currency=item.currency_in(value_at))
    except Refusal:
        return text  # the plan refuses it in its own words


def unused(plan: Plan, changes: Sequence[str]) -> list[Sentence]:
    """What was typed and does not act, because the program chooses in its place.

    Parameters
    ----------
    plan
        The plan with its changes.
    changes
        ``path=value`` each, as typed.
    """
    from mitsumori.model.serving.layout import AXES as SERVING_AXES

    typed = dict(_pairs(changes))
    found = [
        path
        for part, names in (("parallel", AXES), ("serving", SERVING_AXES))
        if plan.value(f"{part}.auto") and f"{part}.auto" not in typed
        for name in names
        if (path := f"{part}.{name}") in typed
    ]
    return [
        Sentence("commands", "set_unused", {"path": path, "switch": f"{path.partition('.')[0]}.auto"}) for path in found
    ]


def apply_to_proposal(proposal: Proposal, changes: Sequence[str]) -> Proposal:
    """The file's proposal with its ``path=value`` overrides applied; raises as :func:`apply_changes`."""
    typed = {ALIASES.get(path, path): text for path, text in _pairs(changes) if is_proposal_path(path)}
    if not typed:
        return proposal
    from mitsumori.model.plan.inputs import proposal_inputs

    texts = {path for path, item in proposal_inputs().items() if item.kind == "text"}
    values = {path: text if path in texts else parse_value(text) for path, text in typed.items()}
    return proposal.with_values(values) if values else proposal


def _pairs(changes: Sequence[str]) -> list[tuple[str, str]]:
    found = []
    for change in changes:
        path, equals, text = change.partition("=")
        if not equals:
            raise Refusal(Sentence("commands", "set_without_value", {"value": repr(change[:80])}))
        found.append((path.strip(), text))
    return found


def load(arguments: argparse.Namespace) -> tuple[Project, Plan]:
    """The project that PLAN names, and the plan of it that is meant, with its changes."""
    project = project_of(arguments)
    plan = project.plan
    if arguments.which is not None:
        plan = plan_named(project, arguments.which)
    plan = project.scheduled(plan)
    plan = apply_changes(plan, arguments.changes, context(project)["catalogue"])
    if arguments.lang is not None:  # every text of a result follows the plan's language, in JSON too
        plan = plan.with_values({"language": arguments.lang})
    for note in unused(plan, arguments.changes):
        sys.stderr.write(note.text(plan.language) + "\n")
    proposal = apply_to_proposal(project.proposal, arguments.changes)
    return project.model_copy(update={"proposal": proposal}), plan


def project_of(arguments: argparse.Namespace) -> Project:
    """The project that is named, with the records of ``--catalogue``; those it brings of its own count more."""
    if arguments.plan == STANDARD_INPUT:
        project = parse_project(standard_input(), "standard input")
    else:
        project = open_plan(arguments.plan)
    if arguments.catalogue is None:
        return project
    from mitsumori.model.catalogue.user_files import load_catalogue

    own = load_catalogue(arguments.catalogue)
    kinds = dict.fromkeys((*own, *project.catalogue))
    joined = {kind: {**own.get(kind, {}), **project.catalogue.get(kind, {})} for kind in kinds}
    return project.model_copy(update={"catalogue": joined})


def plan_named(project: Project, name: str) -> Plan:
    """A plan of the project by its name or letter."""
    for index, plan in enumerate(project.plans):
        if name in (plan.name, chr(ord("A") + index)):
            return plan
    names = ", ".join(repr(plan.name) for plan in project.plans)
    raise Refusal(Sentence("commands", "no_such_plan", {"value": repr(name[:60]), "names": names}))


def context(project: Project) -> ProjectContext:
    """What an estimate of the project's plans is made with: its records and its measured runs."""
    from mitsumori.model.catalogue.catalogue import Catalogue

    return {"catalogue": Catalogue.shipped().with_records(project.catalogue), "corrections": project.corrections}
