"""Put the sheets together: registered in the order of reading, filled in the order of dependence."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from model.plan import Plan
from model.results import Estimate
from model.workbook import cover, guide, inputs
from model.workbook.context import Audience, Context, ProposalSettings
from model.workbook.description import Sheet, Workbook
from model.workbook.safe import sheet_title

Kind = Literal["input", "output", "work"]

ORDER: tuple[tuple[str, Kind, tuple[float, ...], bool], ...] = (
    ("cover", "output", cover.WIDTHS, True),
    ("inputs", "input", inputs.WIDTHS, False),
    ("guide", "output", guide.WIDTHS, True),
)
"""Key, kind, column widths and whether it must fit one page, in the order of the tabs."""


def workbook(
    plan: Plan, estimate: Estimate, language: str, audience: Audience, settings: ProposalSettings, exported: Plan
) -> Workbook:
    """See :func:`model.workbook.build`."""
    issued = settings.issue_date or dt.date.today()
    book = Workbook(
        language=language,
        title="",
        author=settings.author or settings.issuer or "Mitsumori",
        created=dt.datetime(issued.year, issued.month, issued.day),
    )
    context = Context(plan, estimate, language, audience, settings, exported, book)
    book.title = context.t("document_title", name=plan.name)
    book.footer_left = context.t("footer")
    book.header_right = context.t("confidential") if settings.confidential else ""
    taken: set[str] = set()
    for key, kind, widths, one_page in ORDER:
        title = sheet_title(context.t(f"{key}_tab"), taken)
        taken.add(title)
        book.add(Sheet(key, title, kind, widths, landscape=settings.landscape, one_page=one_page))
    guide.build(context)
    inputs.build(context, {}, [])
    cover.build(context)
    return book
