"""``Proposal``: what a proposal says beside its figures: to whom, about what, until when, on which terms.

It belongs to the file, not to a scenario: one customer is offered several. Who offers (issuer, logo) belongs to the machine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, Field

from mitsumori.model.base.dates import plan_date, plus_days
from mitsumori.model.base.near import no_such_field
from mitsumori.model.base.refusal import PlanError, Problem, checked_changes
from mitsumori.model.plan.part import Number, Part, Text

PREFIX = "proposal."
ALIASES = {"customer": "proposal.customer"}
"""Paths of earlier versions, when the customer was a field of each plan."""
LongText = Annotated[str, Field(max_length=1000)]


class Proposal(Part):
    """The fields of a file's proposal; empty texts leave their line to be filled in by hand.

    ``contact`` is the person addressed: with one the addressee is 様, without one the company is 御中. ``issue_date`` None is
    the day of the export; the offer ends ``valid_days`` after it.
    """

    customer: Text = ""
    contact: Text = ""
    subject: Text = ""
    quote_number: Text = ""
    revision: Text = ""
    issue_date: Annotated[dt.date, BeforeValidator(lambda value: plan_date(value))] | None = None
    valid_days: Annotated[int, Number, Field(ge=1, le=730)] = 30
    payment_terms: Text = ""
    delivery: Text = ""
    site: Text = ""
    notes: LongText = ""
    approval_boxes: bool = False

    def with_values(self, changes: Mapping[str, object]) -> Self:
        """A copy with some fields replaced, by their paths (``proposal.subject``); validates.

        Raises
        ------
        PlanError
            For an unknown path or a value that is not accepted.
        """
        data = self.model_dump()
        for path, value in checked_changes(changes).items():
            name = path.removeprefix(PREFIX)
            if name not in data:
                raise no_such_field(path, value, [PREFIX + known for known in data], "proposal_field")
            data[name] = value
        try:
            return type(self).model_validate(data)
        except PlanError as error:
            problems = error.problems
            raise PlanError(tuple(Problem(PREFIX + p.field, p.value, p.accepted) for p in problems)) from None

    def issued(self, today: dt.date) -> dt.date:
        """The day of issue: the one given, else ``today``."""
        return self.issue_date or today

    def valid_until(self, today: dt.date) -> dt.date:
        """The last day of the offer: ``valid_days`` after the day of issue."""
        issued = self.issued(today)
        return plus_days(issued, self.valid_days) or issued


def is_proposal_path(path: str) -> bool:
    """Whether a path of ``--set`` belongs to the file's proposal and not to a plan."""
    return path.startswith(PREFIX) or path in ALIASES
