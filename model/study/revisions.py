"""What changed between two revisions of a quotation, or two files: inputs, prices and results, plan by plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan, PlanError
from mitsumori.model.plan.project import Project
from mitsumori.model.plan.proposal import Proposal

__all__ = ["RESULTS", "Difference", "new_quote", "what_changed"]

RESULTS: Final = (
    "memory.per_gpu.total_bytes", "training.days", "facility.racks", "facility.it_kw", "cost.onprem.initial",
    "cost.onprem.total", "cost.cloud.total", "cost.break_even_month",
)  # fmt: skip
"""Figures that are compared, by their paths."""
_SHOWN_ELSEWHERE: Final = frozenset(
    {
        "money.onprem.server_price", "money.onprem.price_date", "money.onprem.price_currency", "money.cloud.price_per_hour",
        "money.cloud.price_date", "money.cloud.price_currency", "money.currency",
    }
)  # fmt: skip
"""Views of entered prices, and the currency of the results."""
_WORDS: Final = ("name", "language", "notes", "set_aside", "origins")


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    ``plan`` is the name of the scenario; ``kind`` ``input``, ``price``, ``result``, ``added`` or ``removed`` (a scenario);
    ``path`` of the plan or of the estimate; ``old`` and ``new`` its values, None where there is none; ``unit`` of results.
    """

    plan: str
    kind: str
    path: str = ""
    old: Any = None
    new: Any = None
    unit: str = ""


def what_changed(old: Project, new: Project) -> tuple[Difference, ...]:
    """Every difference that a reader of both quotations would see.

    Scenarios are matched by name, else by place. Results are estimated anew with the records of their own file, so that a
    changed catalogue shows too; amounts are compared in the currency of the new plan.
    """
    found: list[Difference] = []
    rest = list(new.plans)
    for index, before in enumerate(old.plans):
        after = next((plan for plan in rest if plan.name == before.name), None)
        if after is None and index < len(new.plans) and new.plans[index] in rest:
            after = new.plans[index]
        if after is None:
            found.append(Difference(before.name, "removed"))
            continue
        rest.remove(after)
        found += _inputs(before, after)
        found += _results(before, after, old, new)
    found += [Difference(plan.name, "added") for plan in rest]
    return tuple(found)


def _inputs(old: Plan, new: Plan) -> list[Difference]:
    before, after = _flat(old), _flat(new)
    differences = []
    for path in dict.fromkeys((*before, *after)):
        if before.get(path) != after.get(path):
            price = path.startswith("money.prices.") or path.startswith(
                ("money.onprem.", "money.cloud.", "money.usd_jpy")
            )
            differences.append(
                Difference(new.name, "price" if price else "input", path, before.get(path), after.get(path))
            )
    return differences


def _flat(plan: Plan) -> dict[str, Any]:
    """Every input by path; prices by what they price, in words."""
    found: dict[str, Any] = {}

    def walk(prefix: str, part: BaseModel) -> None:
        for name in type(part).model_fields:
            value, path = getattr(part, name), f"{prefix}{name}"
            if not prefix and name in _WORDS:
                continue
            if isinstance(value, BaseModel):
                walk(f"{path}.", value)
            elif path == "money.prices":
                found.update({f"{path}.{key}": f"{price.price:,.10g} {price.currency}" for key, price in value.items()})
            elif isinstance(value, Mapping):
                found.update({f"{path}.{key}": item for key, item in value.items()})
            else:
                found[path] = value

    walk("", plan)
    return {path: value for path, value in found.items() if path not in _SHOWN_ELSEWHERE}


def _results(old: Plan, new: Plan, before: Project, after: Project) -> list[Difference]:
    first = _estimated(old.with_values({"money.currency": new.money.currency}), before)
    second = _estimated(new, after)
    found = []
    for path in RESULTS:
        a, b = (None if result is None else result.figure(path) for result in (first, second))
        x, y = (None if figure is None else figure.value for figure in (a, b))
        if x != y and not (x and y and abs(x / y - 1.0) < 1e-9):
            found.append(Difference(new.name, "result", path, x, y, (b or a).unit if (b or a) is not None else ""))  # type: ignore[union-attr]
    return found


def _estimated(plan: Plan, project: Project) -> Estimate | None:
    try:
        return estimate(plan, Catalogue.shipped().with_records(project.catalogue), project.corrections)
    except PlanError:
        return None


def new_quote(project: Project, keep: Sequence[str] = ()) -> Project:
    """A file's plans as a new quotation: nothing of the last customer goes along.

    Addressee, number, revision, dates and notes of the proposal are empty; the scenarios, their prices and the records stay.

    Parameters
    ----------
    keep
        Fields of the proposal that are kept (``payment_terms``, say).
    """
    fields = {name: getattr(project.proposal, name) for name in keep}
    plans = tuple(plan.with_values({"workload.start_date": None, "workload.deadline": None}) for plan in project.plans)
    return project.model_copy(update={"proposal": Proposal(**fields), "plans": plans, "calendar": ()})
