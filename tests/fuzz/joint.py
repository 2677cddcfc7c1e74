"""Joint cases over the whole field space of a plan, through estimate, advise, table and export, with what must hold of each.

``python -m tests.fuzz.joint --through estimate --cases 10000 --seed 1 [--state FILE]`` runs in pieces of a few hundred plans;
with ``--state`` finished pieces are kept there, and the same call goes on where it was stopped. Every broken promise is
reported with the changes that made the plan. Time is processor time.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import json
import resource
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, seed, settings

from mitsumori.model.base.refusal import PlanError, Refusal
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.estimate.sources import figures_of
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.report.json_document import to_json
from mitsumori.model.report.text import estimate_text
from tests.fuzz.plans import plan_data
from tests.fuzz.targets import Broken, check_sentence

PIECE: Final = {"estimate": 200, "advise": 50, "table": 100, "export": 20}
"""Plans of a piece: about half a minute."""
SLOWEST_S: Final = {"estimate": 1.0, "advise": 20.0, "table": 5.0, "export": 8.0}
"""Processor seconds of a case; an estimate is one tick of a slider, the others wait in the background."""
LARGEST_MB: Final = 500.0
SIGNED: Final = ("break_even", "_left", "outlay", "saving", "residual", "net_present", "rate_of_return", "dew_point")
"""Words of the figures that may be below zero: differences, what is got back at the end, and temperatures."""
SHARES: Final = ("goodput", "bubble_share", "communication_share", "evaluation_share")
LAYOUT: Final = (
    "tp", "pp", "vp", "cp", "ep", "etp", "zero_stage", "micro_batch", "sp", "recompute", "offload", "global_batch",
)  # fmt: skip
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
        if value > TOLERANCE and path.rsplit(".", 1)[-1] in SHARES:
            raise Broken(f"{path} is {value:g}, more than the whole")


def by_hand(plan: Plan, shown: Mapping[str, Any]) -> Plan:
    """The plan with a shown layout typed in."""
    return plan.with_values({"parallel.auto": False} | {f"parallel.{name}": shown[name] for name in LAYOUT})


def accepted_by_hand(plan: Plan, shown: Mapping[str, Any]) -> None:
    """What the program shows, the program accepts."""
    try:
        resolve(by_hand(plan, shown))
    except Refusal as refusal:
        raise Broken(f"the shown layout is refused by hand: {refusal}") from None


def through_estimate(plan: Plan) -> None:
    """Every promise of an estimate."""
    result = estimate(plan)
    check_document(to_json(result, plan))
    for language in ("ja", "en"):
        estimate_text(plan, result, language)
        for finding in result.findings:
            finding.message(language)
            for remedy in finding.remedies:
                remedy.label(language)
    for figure in figures_of(result):
        low, value, high = figure.low, figure.value, figure.high
        if (
            value is not None
            and low is not None
            and high is not None
            and not low <= value * TOLERANCE <= high * TOLERANCE**2
        ):
            raise Broken(f"an interval does not hold its figure: {low:g} {value:g} {high:g} {figure.unit}")
    if plan.parallel.auto:
        accepted_by_hand(plan, result.training.parallel)
    for finding in result.findings:
        for remedy in finding.remedies:
            try:
                resolve(plan.with_values(dict(remedy.set)))
            except Refusal as refusal:
                raise Broken(f"the remedy {dict(remedy.set)} of {finding.code} is refused: {refusal}") from None
    monotone(plan, result)


def monotone(plan: Plan, result: Estimate) -> None:
    """Dearer servers never make owning cheaper, a discount never dearer; more tokens never take less time."""

    def other(path: str, value: float) -> Estimate | None:
        try:
            return estimate(plan.with_values({path: value}))
        except PlanError:
            return None

    owned, price, discount = plan.money.onprem, plan.money.onprem.server_price, plan.money.onprem.discount
    total = result.cost.onprem.total.value
    trials: list[tuple[str, float, float | None, Callable[[Estimate], float | None]]] = [
        ("workload.tokens", min(1e16, plan.workload.tokens * 2.0), result.training.days.value, lambda e: e.training.days.value),
        ("workload.tokens", min(1e16, plan.workload.tokens * 2.0), result.training.gpu_hours.value,
         lambda e: e.training.gpu_hours.value),
    ]  # fmt: skip
    if price is not None:
        trials.append(
            ("money.onprem.server_price", min(1e18, price * 2.0 + 1.0), total, lambda e: e.cost.onprem.total.value)
        )
    for path, value, before, take in trials:
        changed = other(path, value)
        after = None if changed is None else take(changed)
        if before is not None and after is not None and after * TOLERANCE < before:
            raise Broken(f"{path} up to {value:g} brings {before:g} down to {after:g}")
    changed = other("money.onprem.discount", (1.0 + discount) / 2.0) if owned.server_price is not None else None
    after = None if changed is None else changed.cost.onprem.total.value
    if total is not None and after is not None and after > total * TOLERANCE:
        raise Broken(f"a larger discount brings {total:g} up to {after:g}")


def through_advise(plan: Plan) -> None:
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


def through_table(plan: Plan) -> None:
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


def through_export(plan: Plan) -> None:
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


THROUGH: Final = {
    "estimate": through_estimate,
    "advise": through_advise,
    "table": through_table,
    "export": through_export,
}


def case(base: Plan, changes: Mapping[str, Any], through: str) -> str:
    """Run one case; ``accepted`` or ``refused``, and anything else is raised."""
    try:
        plan = base.with_values(dict(changes))
        began = time.process_time()
        THROUGH[through](plan)
        took = time.process_time() - began
    except Refusal as refusal:
        check_sentence(refusal)
        return "refused"
    allowed = SLOWEST_S[through] * (6.0 if through == "estimate" else 1.0)  # with those of the monotone changes
    if took > allowed:
        raise Broken(f"took {took:.1f} s")
    return "accepted"


def piece(through: str, number: int, cases: int) -> dict[str, Any]:
    """One piece of a campaign: always the same plans for a number; what was found."""
    report: dict[str, Any] = {
        "through": through,
        "piece": number,
        "accepted": 0,
        "refused": 0,
        "slowest_s": 0.0,
        "problems": [],
    }

    @seed(number)
    @settings(max_examples=cases, database=None, deadline=None, derandomize=False, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(plan_data())
    def run(drawn: tuple[Plan, dict[str, Any]]) -> None:
        base, changes = drawn
        began = time.process_time()
        try:
            report[case(base, changes, through)] += 1
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            shown = {path: str(value) for path, value in changes.items()}
            problem = f"{type(error).__name__}: {error!s:.300} ({Path(where.filename).name}:{where.lineno})"
            report["problems"].append({"problem": problem, "base": base.name, "changes": shown})
        report["slowest_s"] = max(report["slowest_s"], round(time.process_time() - began, 3))

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a warning would reach the user's terminal beside the one sentence
        run()
    report["memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)
    return report


@functools.cache
def warmed() -> None:
    """Catalogues read and constants parsed, so that no case pays for them."""
    estimate(Plan())


def _lines(state: Path) -> Iterator[dict[str, Any]]:
    """Finished pieces; a line that a kill cut short is left out, and its piece runs again."""
    for line in state.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(ValueError):
            yield json.loads(line)


def campaign(through: str, cases: int, first: int, state: Path | None, seconds: float = 1e9) -> dict[str, Any]:
    """Pieces until there are so many cases, those of ``state`` counted; the sums, and every problem."""
    warmed()
    done: dict[int, dict[str, Any]] = {}
    if state is not None and state.exists():
        done = {line["piece"]: line for line in _lines(state) if line["through"] == through}
    began = time.monotonic()
    wanted = range(first, first + max(1, -(-cases // PIECE[through])))
    for number in wanted:
        if number in done:
            continue
        if time.monotonic() - began > seconds:
            break
        done[number] = piece(through, number, min(PIECE[through], cases))
        if state is not None:
            with state.open("a", encoding="utf-8") as file:  # begins on a line of its own even behind a line cut short
                file.write("\n" + json.dumps(done[number], ensure_ascii=False) + "\n")
    parts = [done[number] for number in wanted if number in done]
    return {
        "target": f"joint {through}", "seed": first, "accepted": sum(p["accepted"] for p in parts),
        "refused": sum(p["refused"] for p in parts), "slowest_s": max((p["slowest_s"] for p in parts), default=0.0),
        "memory_mb": max((p["memory_mb"] for p in parts), default=0), "seconds": round(time.monotonic() - began, 1),
        "problems": [problem for p in parts for problem in p["problems"]][:50],
    }  # fmt: skip


def main() -> int:
    """Run and print one line of JSON; the exit status is 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--through", choices=tuple(THROUGH), required=True)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="number of the first piece")
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--state", type=Path)
    arguments = parser.parse_args()
    report = campaign(arguments.through, arguments.cases, arguments.seed, arguments.state, arguments.seconds)
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    return 1 if report["problems"] or report["memory_mb"] > LARGEST_MB else 0


if __name__ == "__main__":
    sys.exit(main())
