"""Plan paths and values in words, and what differs between two plans: for the dialogs that ask before they change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import UNKNOWN
from mitsumori.gui.inputs import choices
from mitsumori.gui.inputs.fields import FIELDS, field_label
from mitsumori.gui.words.translation import language
from mitsumori.model.base.messages import text
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.inputs import inputs
from mitsumori.model.plan.overrides import accepted
from mitsumori.model.plan.plan import Plan

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Change:
    """One field that changes, old and new."""

    path: str
    old: object
    new: object


def plan_changes(old: Plan, new: Plan) -> tuple[Change, ...]:
    """Every field that differs, in the order of the plan; the parts of a model's shape one by one."""
    before, after = dict(_leaves(old.model_dump(mode="python"))), dict(_leaves(new.model_dump(mode="python")))
    paths = list(dict.fromkeys((*before, *after)))
    found = [Change(path, before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path)]
    # What is off in the new shape and was not there before is no news.
    return tuple(item for item in found if not _off(item))


def _off(item: Change) -> bool:
    return item.path.startswith("model.architecture") and not item.old and not item.new


def _leaves(node: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in node.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and not path.startswith(("overrides", "notes")):
            yield from _leaves(value, f"{path}.")
        elif isinstance(value, Mapping):
            yield from ((f"{path}.{name}", entry) for name, entry in value.items())
        else:
            yield path, value


def path_words(path: str) -> str:
    """What a plan path is called: the input's label, the workbook's, the shape's, or an export's word; the path itself else."""
    if path in FIELDS:
        return field_label(path)
    if path.startswith("overrides.table.") and accepted(path.removeprefix("overrides.")) is not None:
        model, servers, measure = path.removeprefix("overrides.table.").rsplit(".", 2)
        return text("workbook", f"in_overrides_table_{measure}", language(), model=model, servers=servers)
    known = inputs().get(path)
    if known is not None:
        return known.title(language())
    for table, key in (("workbook", "in_"), ("formats", "left_")):
        try:
            return text(table, key + path.replace(".", "_"), language())
        except (KeyError, IndexError):
            continue
    return path


def value_words(path: str, value: object, catalogue: Catalogue, plan: Plan | None = None) -> str:
    """A plan's value with its unit as people read it; records are named by ``catalogue``, currencies are the ``plan``'s."""
    if value is None and path == "model.preset":
        return translate("PlanWords", "own shape")
    if value is None and path.startswith("model."):
        return UNKNOWN
    if value is None or (path.startswith("table.") and not value):
        return translate("PlanWords", "standard")
    field = FIELDS.get(path)
    if field is not None and field.shows is not None and not isinstance(value, str):
        return field.shown(value)
    if isinstance(value, list | tuple):
        return ", ".join(f"{item:,}" if isinstance(item, int) else str(item) for item in value)
    if isinstance(value, bool):
        return translate("PlanWords", "yes") if value else translate("PlanWords", "no")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int | float):
        if field is not None and field.kind in ("slider", "number"):
            return field.with_unit(value, None if plan is None or field.unit_of else field.unit_in(plan, catalogue))
        return f"{value:,.10g}"
    if not isinstance(value, str):
        return str(value)
    if path == "cluster.server":
        return choices.server_name(value, catalogue)
    if path == "cluster.accelerator":
        chip = catalogue.accelerators().get(value)
        return value if chip is None else chip.name
    if path == "money.cloud.instance" and (record := catalogue.cloud_instances().get(value)) is not None:
        return choices.cloud_name(record)
    listed = dict(field.listed(plan or Plan(), catalogue)) if field is not None and field.kind == "choice" else {}
    return listed.get(value) or (choices.word(value) if field is not None or path.startswith("parallel.") else value)
