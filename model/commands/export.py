"""``mitsumori export PLAN OUT``: the proposal as workbook, slides or page, or its bill of materials."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.commands import arguments as shared
from mitsumori.model.commands.answers import say
from mitsumori.model.commands.progress import Progress
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project

if TYPE_CHECKING:
    from mitsumori.model.workbook.description import Workbook

KINDS: Final = (".xlsx", ".pptx", ".pdf", ".html", ".csv")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    shared.take_plan(parser)
    parser.add_argument(
        "out",
        metavar="OUT",
        type=Path,
        help="its name ends in .xlsx, .pptx, .pdf or .html; .csv: the bill of materials",
    )
    parser.add_argument(
        "--plans", metavar="A,B|all", help="several plans by name or letter; the first is the one offered"
    )
    parser.add_argument("--template", type=Path, metavar="FILE", help="a .potx or .pptx whose layouts the slides use")
    shared.take_language(parser)
    parser.add_argument("--audience", choices=("customer", "internal"), default="customer",
                        help="customer (default): nothing internal; internal: purchase prices and margins too")  # fmt: skip


def run(given: argparse.Namespace) -> int:
    """Write the file."""
    import sys

    from mitsumori.model.base.files import fingerprint

    kind = given.out.suffix.lower()
    # A name without one of these is refused, so that the name given is always the name written.
    if kind not in KINDS:
        raise Refusal(Sentence("refusals", "export_name", {"name": f"{str(given.out)!r:.80}"}))
    if given.template is not None and kind != ".pptx":
        raise Refusal(Sentence("refusals", "export_template", {"name": given.out.name[:80]}))
    project, plans = _plans(given)
    language = shared.language_of(given, plans[0])
    expect = fingerprint(given.out)
    with Progress("export"):
        from mitsumori.model.workbook import described, save, write_books

        books = described(plans, language, given.audience, proposal=project.proposal, calendar=project.calendar,
                          **shared.context(project))  # fmt: skip
        if kind == ".xlsx":
            write_books(books, given.out, expect)
            return 0
        from mitsumori.model.slides import deck, export

        if kind == ".pptx":
            notes = export(books, given.out, given.template, expect)
        elif kind == ".html":
            from mitsumori.model.slides.html import page

            save.save(given.out, page(books), expect)
            notes = ()
        elif kind == ".csv":
            save.save(given.out, bill_of_materials(books, plans), expect)
            notes = ()
        elif given.draw is None:
            raise Refusal(Sentence("refusals", "no_drawing_here"))
        else:
            save.save(given.out, given.draw(deck(books)), expect)
            notes = ()
    for note in notes:
        say(note.text(language), sys.stderr)
    return 0


def bill_of_materials(books: Sequence[Workbook], plans: Sequence[Plan]) -> bytes:
    """The bill of materials of every plan as CSV with a mark of UTF-8, as spreadsheets in Japanese open it."""
    from mitsumori.model.base.messages import text
    from mitsumori.model.commands.answers import Table

    language = books[0].language
    ask = text("workbook", "bill_ask", language)
    heads = (
        "bill_plan",
        "col_number",
        "col_item",
        "col_spec",
        "bill_part_number",
        "col_quantity",
        "col_unit",
        "col_basis",
    )
    rows = []
    for plan, book in zip(plans, books, strict=True):
        for number, line in enumerate(book.bill, start=1):
            part = ask if line.part_number == "" else line.part_number
            count = ask if line.quantity is None else round(line.quantity)
            rows.append((plan.name, number, line.item, line.specification, part, count, line.unit, line.basis))
    return Table([text("workbook", head, language) for head in heads], rows).to_csv().encode("utf-8-sig")


def _plans(given: argparse.Namespace) -> tuple[Project, tuple[Plan, ...]]:
    """The plans of ``--plans`` with the changes of ``--set``, or the one that is meant without it."""
    if given.plans is None:
        project, plan = shared.load(given)
        return project, (plan,)
    if given.which is not None:
        raise Refusal(Sentence("refusals", "export_which"))
    project, _ = shared.load(given)
    letters = {chr(ord("A") + index): plan for index, plan in enumerate(project.plans)}
    chosen: list[Plan] = list(project.plans) if given.plans.strip() == "all" else []
    for name in [] if chosen else [part.strip() for part in given.plans.split(",")]:
        found = letters.get(name) or next((plan for plan in project.plans if plan.name == name), None)
        if found is None:
            known = ", ".join(f"{letter} ({plan.name})" for letter, plan in letters.items())
            raise Refusal(Sentence("refusals", "export_plans", {"name": name[:60], "plans": known}))
        if all(found is not plan for plan in chosen):
            chosen.append(found)
    catalogue = shared.context(project)["catalogue"]
    return project, tuple(shared.apply_changes(plan, given.changes, catalogue) for plan in chosen)
