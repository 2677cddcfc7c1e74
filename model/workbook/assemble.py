"""Put the sheets together: registered in the order of reading, filled in the order of dependence."""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from mitsumori.model.architecture.parallelism import REPLICA_AXES
from mitsumori.model.base.findings import Finding
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.places import instance_name
from mitsumori.model.cost.comparison import cost
from mitsumori.model.cost.price_age import old_price_findings
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.facility.support_racks import fleet_of
from mitsumori.model.plan.calendar import CalendarEntry
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.proposal import Proposal
from mitsumori.model.report.rollouts import rollout_words
from mitsumori.model.study.training_table import TrainingTable, training_table
from mitsumori.model.workbook import (
    books,
    calendar,
    checks,
    comparison,
    configuration,
    contents,
    cover,
    estimate_cost,
    facility,
    guide,
    inputs,
    memory,
    money_lines,
    sensitivity,
    serving,
    sources,
    summary,
    training,
)
from mitsumori.model.workbook.audience import as_counted, customer_plan
from mitsumori.model.workbook.context import Audience, Context, EarlierFile, ProposalSettings, note
from mitsumori.model.workbook.description import Sheet, Workbook
from mitsumori.model.workbook.facts import Facts
from mitsumori.model.workbook.more_servers import plus
from mitsumori.model.workbook.rows import Lines
from mitsumori.model.workbook.safe import sheet_title
from mitsumori.model.workbook.standards import standards

Kind = Literal["input", "output", "work"]

ORDER: tuple[tuple[str, Kind, tuple[float, ...], int], ...] = (
    ("cover", "output", cover.WIDTHS, 1),
    ("contents", "output", contents.WIDTHS, 0),
    ("summary", "output", summary.WIDTHS, 1),
    ("configuration", "output", configuration.WIDTHS, 0),
    ("memory", "output", memory.WIDTHS, 0),
    ("training", "output", training.WIDTHS, 0),
    ("serving", "output", serving.WIDTHS, 0),
    ("calendar", "output", calendar.WIDTHS, 0),
    ("facility", "work", facility.WIDTHS, 0),
    ("estimate_cost", "output", money_lines.WIDTHS, 0),
    ("comparison", "output", comparison.WIDTHS, 0),
    ("sensitivity", "work", sensitivity.WIDTHS, 0),
    ("books", "work", books.WIDTHS, 0),
    ("inputs", "input", inputs.WIDTHS, 0),
    ("checks", "work", checks.WIDTHS, 0),
    ("sources", "work", sources.WIDTHS, 0),
    ("guide", "output", guide.WIDTHS, 0),
)
"""Key, kind, column widths and the pages it must fit (0: as many as it takes), in the order of the tabs."""
APPENDIX = ("books", "inputs", "checks", "sources", "guide")
"""Sheets that stand behind the proposal itself."""
OF_A_TRAINING = ("memory", "training")
"""Sheets of a training, which a plan that serves does not have: they stand behind, as what one would take."""


def sheets_of(serves: bool) -> tuple[tuple[tuple[str, Kind, tuple[float, ...], int], ...], tuple[str, ...]]:
    """The sheets of a plan in their order, and the keys of those of the appendix."""
    if not serves:
        return ORDER, APPENDIX
    keys = [key for key, *_ in ORDER]
    aside = tuple(sheet for sheet in ORDER if sheet[0] in OF_A_TRAINING)
    place = keys.index("checks")
    ordered = (*ORDER[:place], *aside, *ORDER[place:])
    return tuple(one for at, one in enumerate(ordered) if one[0] not in OF_A_TRAINING or at >= place), (
        *APPENDIX,
        *OF_A_TRAINING,
    )


def workbook(
    plan: Plan, estimate: Estimate, language: str, audience: Audience, settings: ProposalSettings, proposal: Proposal,
    before: EarlierFile, catalogue: Catalogue | None = None, table: TrainingTable | None = None,
    entries: Sequence[CalendarEntry] = (),
) -> Workbook:  # fmt: skip
    """See :func:`model.workbook.build`.

    Parameters
    ----------
    plan
        Plan of the scenario.
    estimate
        Its estimate.
    language
        ``ja`` or ``en``.
    audience
        ``customer`` or ``internal``.
    settings
        Who offers; None: nobody is named.
    proposal
        What this one file says: addressee, number, dates, terms; None: nothing.
    before
        Plan whose values stand as those of the export, and the estimate whose predicted figures are kept (None: ``estimate``).
    catalogue
        Records of the project; None: those that the estimate was made with.
    table
        Training times by model and count; None: searched here.
    entries
        Times at which plans hold the cluster.
    """
    catalogue = estimate.catalogue if catalogue is None else catalogue
    exported, held = before.plan, before.estimate
    exported, plan = (held or estimate).counted(exported), estimate.counted(plan)
    issued = proposal.issued(settings.issue_date or dt.date.today())
    findings = points_to_note(exported, held or estimate, catalogue, issued)
    if audience == "customer":
        plan, exported = customer_plan(plan, catalogue), customer_plan(exported, catalogue)
        estimate = at_sale_prices(estimate, plan)
        held = None if held is None else at_sale_prices(held, exported)
    plan, exported = as_counted(plan, estimate.cost), as_counted(exported, (held or estimate).cost)
    book = Workbook(
        language=language, title="", author=settings.author or settings.issuer or "Mitsumori",
        created=dt.datetime(issued.year, issued.month, issued.day),
    )  # fmt: skip
    context = Context(
        plan, estimate, language, audience, settings, proposal, exported, book, findings=findings, held=held
    )
    internal = audience == "internal"
    book.title = context.t(
        "document_title_internal" if internal else "document_title", name=proposal.subject or plan.name
    )
    book.footer_left = context.t("footer")
    mark = context.t(f"confidential_{audience}")
    book.header_right = mark if internal or settings.confidential else ""
    taken: set[str] = set()
    ordered, appendix = sheets_of(estimate.serving is not None)
    for key, kind, widths, pages in ordered:
        if (key == "serving" and estimate.serving is None) or (key == "calendar" and not entries):
            continue
        aside = key in appendix and key in OF_A_TRAINING
        title = sheet_title(context.t(f"{key}_aside_tab" if aside else f"{key}_tab"), taken)
        taken.add(title)
        sheet = Sheet(key, title, kind, widths, landscape=settings.landscape, pages=pages, registry=context.cells)
        book.add(sheet)
    facts = Facts(plan, estimate, catalogue, training_table(plan, catalogue) if table is None else table)
    context.resolved_name = facts.resolved.server.name
    known = standards(context, facts)
    guide.build(context, facts)
    inputs.build(context, known, locked_lines(context, facts))
    context.cells |= {
        "other_standard_share": context.used["facility.other_power_share"],
        "use_money_horizon_months": context.used["money.horizon_months"],
    }
    context.cells.setdefault("lock_fleet", context.cells["lock_servers"])
    training.build(context, facts)
    inputs.total(context)
    memory.build(context)
    facility.build(context, facts)
    configuration.build(context, facts)
    _power_lines(context, facts)
    estimate_cost.build(context, facts)
    comparison.build(context, facts)
    books.build(context, facts)
    if estimate.serving is not None:
        serving.build(context)
    if entries:
        calendar.build(context, entries)
    sensitivity.build(context, facts)
    cover.build(context)
    checks.build(context)
    summary.build(context, facts)
    sources.build(context)
    contents.build(context, appendix)
    book.list_contents = functools.partial(contents.build, context, appendix)
    _said(context, facts)
    book.inputs = {path: str(cell) for path, cell in context.inputs.items()}
    book.collect_names()
    book.printed = {name: context.printed[cell.ref] for name, cell in book.names.items() if cell.ref in context.printed}
    book.shorten()
    return book


def _said(context: Context, facts: Facts) -> None:
    """What the slides say too, beside the sentences of the summary."""
    book, instance = context.workbook, facts.resolved.cloud_instance
    book.currency = context.plan.money.currency
    polite = [cell for cell in context.sheet("cover").cells.values() if cell.role == "cover_lead" and cell.value]
    book.said |= {
        "plan": context.plan.name, "issuer": context.settings.issuer, "term": context.plan.money.cloud.term,
        "polite": "".join(str(cell.value) for cell in polite),
        "instance": "" if instance is None else instance_name(instance).word(context.language),
    }  # fmt: skip
    points = sorted((item for item in context.findings if item.severity != "info"), key=summary.weight)
    book.said_lists |= {
        "excluded": tuple(context.t(f"excluded_{key}") for key in summary.excluded(context)),
        "points": tuple(item.message(context.language) for item in points),
        "sources": tuple(sources.listed(context)),
    }


def at_sale_prices(estimate: Estimate, plan: Plan) -> Estimate:
    """An estimate whose costs are those of the customer's plan: its totals are the same, but nothing follows the list price.

    A server listed in dollars is sold in yen: to the customer the exchange rate moves it no more.

    Parameters
    ----------
    estimate
        The estimate, made with the purchase side.
    plan
        The same plan as the customer knows it.
    """
    inputs = estimate.cost.quote.inputs
    return estimate if inputs is None else replace(estimate, cost=cost(plan.money, inputs))


def points_to_note(plan: Plan, estimate: Estimate, catalogue: Catalogue | None, issued: dt.date) -> tuple[Finding, ...]:
    """The findings of an estimate with the age of its prices on the day of issue, whether or not it was made with a day.

    Parameters
    ----------
    plan
        Plan of the scenario.
    estimate
        Its estimate.
    catalogue
        Records of the project; None: those that the estimate was made with.
    issued
        Day of issue, at which the age of prices is told.
    """
    aged = old_price_findings(plan, catalogue or Catalogue.shipped(), issued)
    return (*(item for item in estimate.findings if item.subject != "price"), *aged)


def locked_lines(context: Context, facts: Facts) -> list[tuple[str, object, str, str]]:
    """What only Mitsumori changes: message key, value, unit key, format."""
    plan, t, resolved = context.plan, context.t, facts.resolved
    layout, rollout = context.estimate.training.parallel, context.estimate.training.details.rollout
    shown = ", ".join(f"{name.upper()} {layout[name]}" for name in (*REPLICA_AXES, "ep", "dp"))
    shown += f", ZeRO-{layout.zero_stage}"
    instance = resolved.cloud_instance
    rented = "-" if instance is None else instance_name(instance).word(context.language)
    parallel = plan.parallel
    return [
        ("lock_model", resolved.model_name, "unit_none", "text"),
        ("lock_parameters", resolved.parameters, "unit_params", "int"),
        ("lock_stage", t(f"stage_{plan.workload.stage}"), "unit_none", "text"),
        ("lock_server", resolved.server.name, "unit_none", "text"),
        ("lock_servers", plan.cluster.servers, "unit_servers", "int"),
        *([("lock_fleet", fleet_of(resolved), "unit_servers", "int")] if plan.cluster.spare_servers else []),
        ("lock_gpus", resolved.all_accelerators, "unit_gpus", "int"),
        ("lock_layout", shown, "unit_none", "text"),
        *([] if rollout is None else [("lock_rollout", rollout_words(rollout, context.estimate.catalogue, context.language),
                                       "unit_none", "text")]),
        ("lock_batch", layout.get("global_batch", resolved.global_batch), "unit_sequences", "int"),
        ("lock_seq", parallel.seq_len, "unit_tokens", "int"),
        ("lock_precision", f"{parallel.precision}, {parallel.optimizer}, {layout.get('recompute', parallel.recompute)}",
         "unit_none", "text"),
        ("lock_cooling", context.method_name(facts.resolved.cooling), "unit_none", "text"),
        ("lock_instance", f"{rented}, {t(f'term_{plan.money.cloud.term}')}", "unit_none", "text"),
        ("lock_site", t(f"site_{plan.money.onprem.site}"), "unit_none", "text"),
    ]  # fmt: skip


def _power_lines(context: Context, facts: Facts) -> None:
    """Power the cost rests on, at the end of the facility sheet."""
    sheet, cells, case, t = context.sheet("facility"), context.cells, facts.case, context.t
    end = cells["facility_end"].row
    sheet.print_rows = note(sheet, end, t("facility_note"), 13) - 1
    lines = Lines(context, sheet, max(cells["facility_below"].row, end + 2), span=13)
    lines.section("facility_cost_section")
    servers, compute = cells["lock_servers"], cells["out_facility_details_compute_kw"]
    share, standing = cells["other_standard_share"], plus(facts, "+out_facility_details_more_average_kw")
    for key, source, value, name in (
        ("fac_busy", "out_facility_details_average_kw", case.busy_kw, "out_cost_busy_kw"),
        ("fac_idle_all", "out_facility_details_idle_kw", case.idle_kw, "out_cost_idle_kw"),
    ):
        power = cells[source]
        lines.formula(key, context.guard([power, compute], f"{servers}*{power}*(1+{share}){standing}"),
                      float(value) if math.isfinite(value) else context.unknown, "kw", "d1", t("fac_busy_basis"),
                      name)  # fmt: skip
    racks, limit = cells["out_facility_details_total_racks"], context.used["facility.rack_kva"]
    cells["cost_kva"] = lines.formula(
        "fac_contract_kva", context.guard([racks, limit], f"{racks}*{limit}"),
        float(case.kva) if math.isfinite(case.kva) else context.unknown, "kva", "d1", t("fac_contract_basis"),
    )  # fmt: skip
