"""The Excel proposal: one description, one module a sheet, written with openpyxl.

:func:`export` writes the file, :func:`build` gives the description that back end and tests share, and
:mod:`mitsumori.model.workbook.read` takes the inputs of a returned file back. openpyxl is imported only when a file is written.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mitsumori.model.base.files import ANYTHING, Known
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.calendar import CalendarEntry
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Correction
from mitsumori.model.plan.proposal import Proposal
from mitsumori.model.plan.scheduled import scheduled
from mitsumori.model.study.training_table import TrainingTable
from mitsumori.model.workbook.context import Audience, EarlierFile, ProposalSettings
from mitsumori.model.workbook.description import Workbook

os.environ.setdefault("OPENPYXL_LXML", "False")
"""openpyxl takes lxml where it is installed (python-pptx brings it); files from outside are read through defusedxml alone."""

__all__ = ["EarlierFile", "ProposalSettings", "build", "described", "export", "to_bytes", "write_books"]


def build(
    plan: Plan,
    estimate: Estimate,
    language: str,
    audience: Audience = "customer",
    settings: ProposalSettings | None = None,
    *,
    proposal: Proposal | None = None,
    exported: EarlierFile | None = None,
    catalogue: Catalogue | None = None,
    table: TrainingTable | None = None,
    calendar: Sequence[CalendarEntry] = (),
) -> Workbook:
    """Describe the workbook of an estimate.

    Parameters
    ----------
    plan, estimate
        What was asked and what came out.
    language
        ``ja`` or ``en``.
    audience
        ``customer`` leaves purchase prices, discounts and margins out; ``internal`` has them.
    settings
        Issuer and logo.
    proposal
        Addressee, number, dates and terms of the file; empty where None.
    exported
        What an earlier file held, for a plan whose inputs were changed since; None: ``plan`` and ``estimate`` themselves.
    catalogue
        Records of the project; the shipped ones where None.
    table
        The training-time table, if it is at hand; None computes it.
    calendar
        Entries of the project's calendar, which have a sheet where there are any. ``plan`` is counted with them already.
    """
    from mitsumori.model.workbook import assemble

    return assemble.workbook(
        plan,
        estimate,
        language,
        audience,
        settings or ProposalSettings(),
        proposal or Proposal(),
        exported or EarlierFile(plan, None),
        catalogue,
        table,
        calendar,
    )


def to_bytes(workbook: Workbook) -> bytes:
    """The .xlsx file of a description; equal descriptions give equal bytes."""
    from mitsumori.model.workbook import write

    return write.to_bytes(workbook)


def described(
    plans: Sequence[Plan],
    language: str,
    audience: Audience = "customer",
    settings: ProposalSettings | None = None,
    *,
    proposal: Proposal | None = None,
    catalogue: Catalogue | None = None,
    corrections: Sequence[Correction] = (),
    today: dt.date | None = None,
    calendar: Sequence[CalendarEntry] = (),
) -> tuple[Workbook, ...]:
    """The description of each plan's workbook, as :func:`build` makes it, with the estimates and tables made here.

    Workbook and slides are written from these; the first plan is the one offered, and its currency is everybody's: two
    scenarios are never compared in two currencies. Each plan is counted with the project's ``calendar``, whose sheet stands in
    the first.

    Parameters
    ----------
    plans
        Scenarios, the one that is offered first.
    language
        ``ja`` or ``en``.
    audience
        ``customer`` or ``internal``.
    settings
        Who offers; None: nobody is named.
    proposal
        What this one file says: addressee, number, dates, terms; None: nothing.
    catalogue
        Records of the project; None: the shipped ones.
    corrections
        The project's own measured runs.
    today
        Day at which prices are dated; None: today.
    calendar
        Times at which the plans of the project hold the cluster.
    """
    from mitsumori.model.estimate.estimate import estimate
    from mitsumori.model.study.training_table import training_table

    given: dict[str, Any] = {"corrections": corrections}
    if catalogue is not None:
        given["catalogue"] = catalogue
    books: list[Workbook] = []
    currency = plans[0].money.currency
    for each in plans:
        plan = each if each.money.currency == currency else each.with_values({"money.currency": currency})
        plan = scheduled(plan, calendar)
        result = estimate(plan, today=today or dt.date.today(), **given)
        records = result.catalogue if catalogue is None else catalogue
        table = training_table(result.plan or plan, records, corrections)
        books.append(
            build(plan, result, language, audience, settings, proposal=proposal, catalogue=records, table=table,
                  calendar=() if books else calendar)
        )  # fmt: skip
    return tuple(books)


def write_books(books: Sequence[Workbook], path: Path, expect: Known = ANYTHING) -> None:
    """Write the workbook of one or more described plans to ``path``, all or nothing; raises as :func:`export`.

    Parameters
    ----------
    books
        Descriptions, one a scenario.
    path
        File that is written.
    expect
        Fingerprint of what may be replaced at ``path``; anything as standard.
    """
    from mitsumori.model.workbook import save, several

    save.save(path, to_bytes(books[0] if len(books) == 1 else several.merged(books)), expect)


def export(
    plan: Plan,
    estimate: Estimate,
    path: Path,
    language: str,
    audience: Audience = "customer",
    settings: ProposalSettings | None = None,
    *,
    proposal: Proposal | None = None,
    catalogue: Catalogue | None = None,
    table: TrainingTable | None = None,
    expect: Known = ANYTHING,
) -> None:
    """Write the proposal to ``path``, all or nothing; what it replaces stays as ``.bak``.

    ``catalogue`` is the project's, as the estimate was made with; ``table`` spares the table's search;
    ``expect`` is the fingerprint of what may be replaced.

    Parameters
    ----------
    plan
        Plan of the scenario.
    estimate
        Its estimate.
    path
        File that is written.
    language
        ``ja`` or ``en``.
    audience
        ``customer`` or ``internal``.
    settings
        Who offers; None: nobody is named.
    proposal
        What this one file says: addressee, number, dates, terms; None: nothing.
    catalogue
        Records of the project; None: those that the estimate was made with.
    table
        Training times by model and count, with the project's own measured runs; None: searched here, without.
    expect
        Fingerprint of what may be replaced at ``path``; anything as standard.

    Raises
    ------
    Refusal
        With one sentence when the file is open elsewhere, the folder cannot be written or the disk is full.
    """
    from mitsumori.model.study.training_table import training_table
    from mitsumori.model.workbook import save

    catalogue = estimate.catalogue if catalogue is None else catalogue
    table = training_table(plan, catalogue) if table is None else table
    described = build(plan, estimate, language, audience, settings, proposal=proposal, catalogue=catalogue, table=table)
    save.save(path, to_bytes(described), expect)
