"""Bringing in what others wrote: configurations of training tools and returned workbooks, shown before they are applied.

Reading runs off the GUI thread; nothing changes before the user agrees; what is agreed is one undo step.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from mitsumori.gui.dialogs.difference import DifferenceDialog, Findings
from mitsumori.gui.inputs.refusals import sentence
from mitsumori.gui.jobs import JobContext
from mitsumori.gui.project_files import IMPORTED
from mitsumori.gui.words.formats import FORMATS
from mitsumori.gui.words.plan import Change, plan_changes
from mitsumori.gui.words.translation import error_words, language
from mitsumori.model.base.input_files import regular_bytes
from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import PlanError, Refusal
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project

if TYPE_CHECKING:
    from mitsumori.gui.workspace import Workspace
    from mitsumori.model.formats import Imported, Report

translate = QCoreApplication.translate

WORKBOOK = ".xlsx"
LARGEST_BYTES = 2_000_000
"""More than any configuration: a file beyond is not read at all."""


def takes(path: Path) -> bool:
    """Whether the file is brought in here, and not opened as a project."""
    suffix = path.suffix.lower()
    if suffix not in IMPORTED:
        return False
    return suffix != ".json" or not _project_like(path)


def _project_like(path: Path) -> bool:
    """Whether a JSON file has a project's parts; a file that is no JSON is left to the project's own refusal."""
    try:
        document = json.loads(regular_bytes(path, LARGEST_BYTES).decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return True
    return not isinstance(document, dict) or "plans" in document or document.get("format") == "mitsumori-project"


def take(window: Workspace, path: Path) -> bool:
    """Bring a file in when it is one of ours; False leaves it to the project files."""
    if not window.files.saver.answer(lambda: takes(path)):
        return False
    if path.suffix.lower() == WORKBOOK:
        take_workbook(window, path)
    else:
        _read(window, path)
    return True


def ask(window: Workspace) -> None:
    """Ask which file to bring in."""
    patterns = " ".join(f"*{suffix}" for suffix in IMPORTED)
    kinds = translate("Import", "Configurations and workbooks") + f" ({patterns})"
    name, _ = QFileDialog.getOpenFileName(window, translate("Import", "Import a configuration or workbook"), "", kinds)
    if name:
        path = Path(name)
        if path.suffix.lower() == WORKBOOK:
            take_workbook(window, path)
        else:
            _read(window, path)


def paste(window: Workspace) -> None:
    """Bring in the configuration on the clipboard."""
    text = QGuiApplication.clipboard().text()
    if not text.strip():
        window.footer.set_alarm(translate("Import", "The clipboard holds no text."))
        return
    take_text(window, text.encode(), "")


def _read(window: Workspace, path: Path) -> None:
    try:
        data = window.files.saver.answer(lambda: _bytes(path))
        if data is None:
            said = translate("Import", "{file} is too large for a configuration.")
            window.footer.set_alarm(said.format(file=path.name))
            return
    except Refusal as refusal:
        window.footer.set_alarm(refusal.text(language()))
        return
    except OSError as error:
        said = translate("Import", "{file} could not be read: {reason}.")
        window.footer.set_alarm(said.format(file=path.name, reason=error_words(error)))
        return
    take_text(window, data, path.name)


def _bytes(path: Path) -> bytes | None:
    """What the file holds; None where it is too large for a configuration."""
    return None if path.stat().st_size > LARGEST_BYTES else regular_bytes(path, LARGEST_BYTES)


def take_text(window: Workspace, data: bytes, name: str) -> None:
    """Read a configuration off the GUI thread and show what it would change."""
    fresh = window.at_start
    plan = Plan() if fresh else window.store.plan
    catalogue = None if fresh else window.store.context().get("catalogue")
    code = language()

    def work(context: JobContext) -> tuple[Imported, Plan, Report]:
        from mitsumori.model.formats import read_configuration

        read = read_configuration(data, name, catalogue)
        context.check()
        return read, read.checked(plan, catalogue), read.parts(plan, code, catalogue)

    def done(answer: tuple[Imported, Plan, Report]) -> None:
        read, after, report = answer
        origin = name or translate("Import", "The clipboard")
        lead = translate("Import", "{file} is a configuration of {tool}. This is what was read:").format(
            file=origin, tool=FORMATS.get(read.format, read.format)
        )
        title = translate("Import", "Import a configuration")
        changes = _read_and_changed(read, plan, after)
        _show(
            window, title, lead, plan, after, changes, _findings(read, report), title, fresh=fresh, name=Path(name).stem
        )

    window.jobs.start("import", work, done, failed=lambda error: window.footer.set_alarm(_why(error)))


def take_workbook(window: Workspace, path: Path) -> None:
    """Read a returned workbook off the GUI thread and show what its inputs would change."""
    if window.at_start:
        said = translate(
            "Import", "Open the estimate that {file} came from first: a workbook brings back only its inputs."
        )
        window.footer.set_alarm(said.format(file=path.name))
        return
    plan, catalogue = window.store.plan, window.store.context().get("catalogue")

    def work(context: JobContext) -> tuple[Plan, tuple[Sentence, ...]]:
        from mitsumori.model.workbook.read import applied, compared

        found = compared(plan, path, catalogue)
        return applied(plan, found.changes), found.notes

    def done(answer: tuple[Plan, tuple[Sentence, ...]]) -> None:
        after, sentences = answer
        notes = tuple(sentence.text(language()) for sentence in sentences)
        findings = Findings(groups=((translate("Import", "Also to know"), notes),))
        lead = translate("Import", "{file} comes back with these inputs changed:").format(file=path.name)
        title = translate("Import", "Import the inputs of a workbook")
        _show(window, title, lead, plan, after, plan_changes(plan, after), findings, title, name=path.stem)

    window.jobs.start("import", work, done, failed=lambda error: window.footer.set_alarm(_why(error)))


def _why(error: BaseException) -> str:
    if isinstance(error, PlanError):
        return sentence(error)
    known = isinstance(error, Refusal | OSError)
    return error_words(error) if known else f"{type(error).__name__}: {error}"


def _read_and_changed(read: Imported, before: Plan, after: Plan) -> tuple[Change, ...]:
    """What the file changes, and what it says and the plan has already."""
    changed = plan_changes(before, after)
    known = {item.path for item in changed}
    same = [path for path in (*read.said, *read.assumed) if path not in known and path != "model.architecture"]
    return (*changed, *(Change(path, before.value(path), after.value(path)) for path in dict.fromkeys(same)))


def _findings(read: Imported, report: Report) -> Findings:
    """The parameter count, where each value comes from, and what else there is to say, counted."""
    said = translate("Import", "read in the file")
    origins = dict.fromkeys(read.said, said) | {f"model.architecture.{part}": said for part in read.said_shape}
    if read.accelerators is not None:
        origins["cluster.servers"] = said
    origins |= dict.fromkeys(read.assumed, translate("Import", "the tool's default"))
    numbers = translate("Import", "Read: {read}. Assumed: {assumed}. Left aside: {left}.").format(
        read=len(set(read.said) - {"model.architecture"} | {f"model.architecture.{part}" for part in read.said_shape}),
        assumed=len(read.assumed), left=len(read.unknown) + len(read.beside),
    )  # fmt: skip
    groups = (
        (translate("Import", "To check ({count})"), report.remarks),
        (translate("Import", "Left aside ({count})"), report.left_aside),
        (translate("Import", "Assumed: the tool's own default ({count})"), report.assumed),
        (translate("Import", "Not in the file: the plan keeps its value ({count})"), report.missing),
    )
    headline = report.counts + (" " if language() == "en" else "") + numbers
    counted = [(head.format(count=len(lines)), lines) for head, lines in groups]
    return Findings(headline, report.doubts, origins, counted)


def _show(
    window: Workspace, title: str, lead: str, before: Plan, after: Plan, changes: Sequence[Change], findings: Findings,
    step: str, *, fresh: bool = False, name: str = "",
) -> DifferenceDialog:  # fmt: skip
    def apply() -> str:
        if fresh:
            named = after.with_values({"name": name[:60]}) if name else after
            window.open_project(Project(plans=(named,)))
            return ""
        if window.store.plan is not before:
            return translate("Import", "The plan was changed meanwhile; import the file again.")
        window.store.replace_plan(after, step)
        return ""

    def add() -> str:
        if window.store.add_scenario(after, name[:60]):
            return ""
        return translate("Import", "There is no room for another scenario; remove one first.")

    dialog = DifferenceDialog(
        window, title, lead if changes else "", changes, findings, window.store.catalogue, apply, None if fresh else add
    )
    dialog.open()
    return dialog


def copy_as(window: Workspace, format: str) -> None:
    """Put the chosen configuration on the clipboard in a tool's format, and say what that format has no word for."""
    from mitsumori.gui.words.plan import path_words
    from mitsumori.model.formats import left_out, write_configuration

    estimate = window.store.estimate
    if estimate is None:
        return
    plan, parallel = estimate.counted(window.store.plan), estimate.training.parallel  # whose servers the layout divides
    catalogue = window.store.context().get("catalogue")
    try:
        text = write_configuration(plan, parallel, format, catalogue)
        missing = left_out(plan, parallel, format, catalogue)
    except Refusal as error:
        window.footer.set_alarm(error_words(error))
        return
    QGuiApplication.clipboard().setText(text)
    tool = FORMATS[format]
    if missing:
        names = translate("Import", ", ").join(path_words(path) for path in missing)
        said = translate("Import", "Copied for {tool}. The format has no word for: {names}.")
        window.footer.set_news(said.format(tool=tool, names=names))
    else:
        window.footer.set_news(translate("Import", "Copied for {tool}.").format(tool=tool))
