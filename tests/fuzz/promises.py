"""What must hold of a plan on every way through the program: the oracles of the joint cases (:mod:`tests.fuzz.joint`)."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
import random
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from mitsumori.model.base.refusal import PlanError, Refusal
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.estimate.sources import figures_of
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.report.json_document import to_json
from mitsumori.model.report.text import estimate_text
from tests.fuzz.plans import TYPICAL_DAYS, RandomSource, projects
from tests.fuzz.targets import Broken, check_sentence
from tests.layout_by_hand import by_hand

SIGNED: Final = (
    "break_even", "_left", "outlay", "saving", "residual", "net_present", "npv", "rate_of_return", "dew_point", "slack_days",
    "onprem_cash", "cloud_cash", "onprem_expense", "electricity_fuel",
)  # fmt: skip
"""Words of the figures that may be below zero: differences, cash of a year in which something is got back, the
expense of one with a subsidy beyond what was bought, temperatures, and a fuel adjustment that is paid back."""
SHARES: Final = ("goodput", "bubble_share", "communication_share", "evaluation_share", "share_of_users_served")
TOLERANCE: Final = 1.0 + 1e-9


def numbers(node: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Every number of a document with its path."""
    if isinstance(node, Mapping):
        for name, part in node.items():
            yield from numbers(part, f"{path}.{name}" if path else str(name))
    elif isinstance(node, list | tuple):
        for part in node:
            yield from numbers(part, path)
    elif isinstance(node, int | float) and not isinstance(node, bool):
        yield path, float(node)


def check_document(document: Any) -> None:
    """Valid JSON; no number below zero that is no difference; shares within one."""
    json.loads(json.dumps(document, allow_nan=False))
    for path, value in numbers(document):
        if value < 0.0 and not any(word in path for word in SIGNED) and ".set." not in path:
            raise Broken(f"{path} is {value:g}")
        parent, _, name = path.rpartition(".")
        if value > TOLERANCE and name in SHARES and not parent.endswith(".lines"):  # a cost line is money
            raise Broken(f"{path} is {value:g}, more than the whole")


def accepted_by_hand(plan: Plan, shown: Mapping[str, Any]) -> None:
    """What the program shows, the program accepts."""
    try:
        resolve(by_hand(plan, shown))
    except Refusal as refusal:
        raise Broken(f"the shown layout is refused by hand: {refusal}") from None


def check_findings(result: Estimate) -> None:
    """Every sentence and every label of a remedy in both languages."""
    for finding in result.findings:
        for language in ("ja", "en"):
            finding.message(language)
            for remedy in finding.remedies:
                remedy.label(language)


def check_intervals(result: Estimate) -> None:
    """Every interval holds its figure."""
    for figure in figures_of(result):
        low, value, high = figure.low, figure.value, figure.high
        if (
            value is not None
            and low is not None
            and high is not None
            and not low <= value * TOLERANCE <= high * TOLERANCE**2
        ):
            raise Broken(f"an interval does not hold its figure: {low:g} {value:g} {high:g} {figure.unit}")


def through_estimate(plan: Plan, turn: int | None = None) -> None:
    """Every promise of an estimate.

    Parameters
    ----------
    plan
        What is estimated.
    turn
        Number of the case in its piece: which text and which two monotone changes are looked at; None: all.
    """
    result = estimate(plan)
    check_document(to_json(result, plan))
    for language in ("ja", "en") if turn is None else () if plan.serving.enabled else (("ja", "en")[turn % 2],):
        estimate_text(plan, result, language)  # of a plan that serves: other servers too, which `serve` goes through
    check_findings(result)
    check_intervals(result)
    if plan.parallel.auto:
        accepted_by_hand(result.counted(plan), result.training.parallel)
    for finding in result.findings:
        for remedy in finding.remedies:
            try:
                resolve(plan.with_values(dict(remedy.set)))
            except Refusal as refusal:
                raise Broken(f"the remedy {dict(remedy.set)} of {finding.code} is refused: {refusal}") from None
    monotone(plan, result, turn)


Trial = tuple[str, float, Callable[[Estimate], float | None], int]
"""A field, a larger value of it, a figure, and whether the figure may not fall (1) or not rise (-1)."""


def _trials(plan: Plan, result: Estimate) -> list[Trial]:
    """What must follow: dearer servers, instances or energy never make their side cheaper, a discount owning never dearer, a
    longer horizon neither side cheaper, and what is paid at the start no other; more tokens never take less time; more servers
    never cost less."""
    owned = plan.money.onprem

    def own(e: Estimate) -> float | None:
        return e.cost.onprem.total.value

    def initial(e: Estimate) -> float | None:
        return e.cost.onprem.initial.value

    def rented(e: Estimate) -> float | None:
        return e.cost.cloud.total.value

    money = plan.money
    more = min(1e16, plan.workload.tokens * 2.0)
    longer = min(84, money.horizon_months + 12)
    trials: list[Trial] = [
        ("workload.tokens", more, lambda e: e.training.days.value, 1),
        ("workload.tokens", more, lambda e: e.training.gpu_hours.value, 1),
        ("cluster.servers", plan.cluster.servers * 2, lambda e: e.facility.it_kw.value, 1),
        ("money.horizon_months", longer, rented, 1),
        ("money.horizon_months", longer, own, 1),
        ("money.horizon_months", longer, initial, 1),
        ("money.horizon_months", longer, initial, -1),
        ("money.onprem.discount", (1.0 + owned.discount) / 2.0, own, -1),
    ]
    if money.cloud.price_per_hour is not None:
        trials.append(("money.cloud.price_per_hour", min(1e18, money.cloud.price_per_hour * 2.0 + 1.0), rented, 1))
    if money.electricity_jpy_per_kwh is not None:
        dearer = min(1e18, money.electricity_jpy_per_kwh * 2.0)
        trials.append(("money.electricity_jpy_per_kwh", dearer, own, 1))
    if owned.server_price is not None:
        price = min(1e18, owned.server_price * 2.0 + 1.0)
        trials.append(("money.onprem.server_price", price, own, 1))
        trials.append(("cluster.servers", plan.cluster.servers * 2, initial, 1))
    return trials


def monotone(plan: Plan, result: Estimate, turn: int | None = None) -> None:
    """Figures that may not fall or not rise when one field does (:func:`_trials`); two of them by turns, all for None."""
    trials = _trials(plan, result)
    if turn is not None:
        trials = [trials[(turn + step) % len(trials)] for step in range(2)]
    answers: dict[tuple[str, float], Estimate | None] = {}
    for path, value, take, way in trials:
        before = take(result)
        if before is None or value == plan.value(path):
            continue
        if (path, value) not in answers:
            try:
                answers[path, value] = estimate(plan.with_values({path: value}))
            except PlanError:
                answers[path, value] = None
        changed = answers[path, value]
        after = None if changed is None else take(changed)
        if after is not None and (after * TOLERANCE < before if way > 0 else after > before * TOLERANCE):
            raise Broken(f"{path} up to {value:g} brings {before:g} to {after:g}")


def through_advise(plan: Plan, _turn: int | None = None) -> None:
    """The ranking: valid JSON, figures in range, and every layout accepted by hand."""
    from mitsumori.model.study.ranking import advice_json, advice_text, advise

    advice = advise(plan, top=5, threads=1)
    for language in ("ja", "en"):
        check_document(advice_json(advice, language))
        advice_text(advice, language)
    for option in (*advice.options, *advice.tight):
        try:
            resolve(plan.with_values(dict(option.changes)))
        except Refusal as refusal:
            raise Broken(f"a ranked layout is refused by hand: {refusal}") from None


def through_table(plan: Plan, _turn: int | None = None) -> None:
    """The training-time table: valid JSON, intervals in order, layouts accepted by hand."""
    from mitsumori.model.study.training_table import table_json, table_text, training_table

    table = training_table(plan)
    document = table_json(table)
    check_document(document)
    for row in document["rows"]:
        for cell in row["cells"]:
            low, days, high = cell["days_low"], cell["days"], cell["days_high"]
            if days is not None and not 0.0 < low <= days * TOLERANCE <= high * TOLERANCE**2:
                raise Broken(f"days of a cell: {low:g} {days:g} {high:g}")
            if row["model"] == "plan":
                accepted_by_hand(plan.with_values({"cluster.servers": cell["servers"]}), cell["parallel"])
    for language in ("ja", "en"):
        table_text(table, language)


def through_export(plan: Plan, _turn: int | None = None) -> None:
    """The workbook: every part of the container is whole XML, and reading it back changes nothing."""
    from xml.etree import ElementTree

    from mitsumori.model.workbook import build, to_bytes
    from mitsumori.model.workbook.read import differences

    data = to_bytes(build(plan, estimate(plan), plan.language))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(archive.read(name))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.xlsx"
        path.write_bytes(data)
        changed = differences(plan, path)
    if changed:
        raise Broken(f"reading the workbook back changes {[item.path for item in changed][:5]}")


def _times(document: Mapping[str, Any]) -> dict[str, float | None]:
    return {name: document["serving"][name] for name in ("ttft_s", "tpot_ms", "e2e_s")}


def through_serve(plan: Plan, _turn: int | None = None) -> None:
    """The serving answer: valid JSON, percentiles in order, and what more servers and longer prompts do."""
    from mitsumori.model.report.json_document import serve_json
    from mitsumori.model.report.serving_document import serve_text

    plan = plan.with_values({"serving.enabled": True})
    result = estimate(plan)
    document = serve_json(result, plan)
    check_document(document)
    check_findings(result)
    check_intervals(result)
    for language in ("ja", "en"):
        serve_text(result, language)
    ordered = [document["serving"]["percentiles"][p] for p in ("p50", "p90", "p95", "p99")]
    for name in ("ttft_s", "tpot_ms", "e2e_s"):
        times = [point[name] for point in ordered]
        for low, high in itertools.pairwise(times):
            if low is not None and high is not None and low > high * TOLERANCE:
                raise Broken(f"percentiles of {name} fall: {times}")
    for finding in result.findings:
        for remedy in finding.remedies:
            try:
                resolve(plan.with_values(dict(remedy.set)))
            except Refusal as refusal:
                raise Broken(f"the remedy {dict(remedy.set)} of {finding.code} is refused: {refusal}") from None
    _serving_monotone(plan, document)


def _serving_monotone(plan: Plan, document: Mapping[str, Any]) -> None:
    """The same layout: more servers are never slower and never carry fewer users."""
    from mitsumori.model.report.json_document import serve_json

    layout, servers = document["serving"]["layout"], document["serving"]["servers"]
    if not layout or not servers or plan.serving.disaggregated:
        return
    fixed = {"serving.auto": False} | {f"serving.{name}": layout[name] for name in ("tp", "pp", "ep") if name in layout}
    answers = []
    for count in (servers, servers * 2):
        try:
            changed = plan.with_values(fixed | {"serving.servers": count})
        except PlanError:
            return
        answers.append(serve_json(estimate(changed), changed)["serving"])
    few, more = answers
    for name in ("ttft_s", "tpot_ms", "e2e_s"):
        if few[name] is not None and more[name] is not None and more[name] > few[name] * (1.0 + 1e-6):
            raise Broken(f"{servers} servers doubled bring {name} from {few[name]:g} up to {more[name]:g}")
    share = few["share_of_users_served"], more["share_of_users_served"]
    if None not in share and share[1] * TOLERANCE < share[0]:
        raise Broken(f"{servers} servers doubled bring the share of users served from {share[0]:g} to {share[1]:g}")


def through_import(plan: Plan, _turn: int | None = None) -> None:
    """Said in every other tool's format and read back: a plan that is accepted, of the same size where the shape is said."""
    from mitsumori.model.formats import FORMATS, left_out, read_configuration, write_configuration

    result = estimate(plan)
    plan = result.counted(plan)  # of one that serves the servers that serve, as the window hands it over
    chosen = result.training.parallel if plan.parallel.auto else {}
    refused = None
    for format in FORMATS:
        try:
            written = write_configuration(plan, chosen, format)
        except Refusal as refusal:
            check_sentence(refusal)
            refused = refusal
            continue
        silent = left_out(plan, chosen, format)
        found = read_configuration(written, f"config.{format}")
        after = found.apply(Plan())
        json.dumps(found.document(Plan()), allow_nan=False)
        for language in ("ja", "en"):
            found.report(Plan(), language)
        if found.shape or "model.architecture" in found.values or "model.preset" in found.values:
            if any(path.startswith("model") for path in silent) or plan.model.params is not None:
                continue
            total, _ = found.counts(after)
            want, _ = found.counts(plan)
            if abs(total - want) > 0.01 * want:
                raise Broken(f"{format} says {want:,} parameters and is read as {total:,}")
    if refused is not None and not plan.model.preset:
        raise refused


def through_calendar(plan: Plan, turn: int | None = None) -> None:
    """A file of several plans with a calendar: it is read as it was written; nobody has more of the cluster than there is; the
    entries that the program makes are entries that it takes, and plans are estimated with the use that follows."""
    from mitsumori.model.commands.calendar import _months, _text
    from mitsumori.model.plan.project import parse_project
    from mitsumori.model.study.calendar_assignment import Wishes, assigned
    from mitsumori.model.study.cluster_calendar import cluster_calendar

    source = RandomSource(random.Random(-1 if turn is None else turn))
    project, day = projects(source, plan), source.one_of(TYPICAL_DAYS)
    wishes = Wishes(
        source.one_of((None, 1, 3, 100)),
        source.one_of((0.0, 10.0, 1440.0)),
        source.one_of((0.0, 0.2, 10.0)),
    )
    made = project.model_copy(update={"calendar": assigned(project, estimate, day, wishes)})
    for one in (project, made):
        if parse_project(one.to_bytes(), "case.mitsumori") != one:
            raise Broken("the project changed when it was saved")
        _check_calendar(cluster_calendar(one, estimate, day).document(source.one_of((0.0, 0.9, 10.0))), _text, _months)
        first = one.scheduled(one.plan)
        check_document(to_json(estimate(first), first))


def _check_calendar(document: Mapping[str, Any], text: Callable[..., str], months: Callable[..., Any]) -> None:
    """Hours and shares of a calendar within what there is."""
    check_document({name: part for name, part in document.items() if name != "entries"})
    hours = document["hours"] * TOLERANCE + 1e-6
    if document["used_hours"] > hours or document["utilization"] > TOLERANCE:
        raise Broken(f"used {document['used_hours']:g} h of {hours:g}")
    if sum(row["hours"] for row in document["plans"]) > hours:
        raise Broken("plans have more hours than there are")
    if abs(sum(row["used_hours"] for row in document["months"]) - document["used_hours"]) > 1e-6 * hours:
        raise Broken("the months' hours are not the whole's")
    for row in document["months"]:
        if (
            row["used_hours"] > row["hours"] * TOLERANCE
            or sum(row["plans"].values()) > row["used_hours"] * TOLERANCE + 1e-6
        ):
            raise Broken(f"a month of more hours than it has: {row}")
    for quarter in document["outlook"]["quarters"]:
        if quarter["used"] > TOLERANCE or quarter["used"] > quarter["peak"] * TOLERANCE + 1.0:
            raise Broken(f"a quarter of more than the cluster: {quarter}")
    for language in ("ja", "en"):
        text(document, language)
    months(document)


def through_store(plan: Plan, _turn: int | None = None) -> None:
    """The window's store: what is shown is the plan's own, a refused input changes nothing, undo goes back whole."""
    from PySide6.QtCore import QCoreApplication

    from mitsumori.gui.store import PlanStore
    from mitsumori.model.plan.project import parse_project

    _ = QCoreApplication.instance() or QCoreApplication([])
    store = PlanStore(Plan())
    start = store.plan
    for path, value in flat(plan.model_dump(mode="json")):
        error = store.set_values({path: value})
        if error is not None:
            check_sentence(error)
    store.add_scenario(plan)
    store.show_in("USD" if plan.money.currency == "JPY" else "JPY")
    store.set_values({"workload.tokens": 2e9})
    store.set_values({"workload.tokens": -1.0})
    direct = to_json(estimate(store.plan, today=dt.date.today()), store.plan)  # a plan that is refused ends here
    store.compute_now()
    shown = store.estimate
    if shown is None or store.stale:
        raise Broken("the store shows no estimate of the plan shown")
    if to_json(shown, store.plan) != direct:
        raise Broken("the store shows another estimate than the plan's")
    saved = store.project()
    if parse_project(saved.to_bytes(), "case.mitsumori") != saved:
        raise Broken("the project changed when it was saved")
    after = store.plans
    while store.undo_stack.canUndo():
        store.undo_stack.undo()
    if store.plans != (start.with_values({"money.currency": store.currency}),):
        raise Broken("undoing everything does not lead back to the first plan")
    while store.undo_stack.canRedo():
        store.undo_stack.redo()
    if store.plans != after:
        raise Broken("doing everything again does not lead to the last plans")


def flat(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves of a plan's data by path; what a path cannot name (free keys) stays whole."""
    for name, value in data.items():
        if isinstance(value, Mapping) and name not in ("overrides", "notes", "prices", "architecture"):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


THROUGH: Final[dict[str, Callable[[Plan, int | None], None]]] = {
    "estimate": through_estimate,
    "advise": through_advise,
    "table": through_table,
    "serve": through_serve,
    "export": through_export,
    "import": through_import,
    "store": through_store,
    "calendar": through_calendar,
}
