"""What went and came with another server or instance, and which inputs a click changed, in one sentence each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.inputs.choices import cloud_name
from mitsumori.gui.inputs.fields import FIELDS, field_label
from mitsumori.gui.words.results import server_name
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.plan import Plan

translate = QCoreApplication.translate

MOST = 3
"""Inputs that are named; the rest is counted."""


def _label(path: str) -> str:
    return field_label(path).replace("&", "")


def exchange_words(plan: Plan, paths: Sequence[str], catalogue: Catalogue) -> str:
    """``NVIDIA DGX H200: ...``: the price it now has or lacks, the instance it was matched with, what else was laid aside."""
    words = []
    if "money.onprem.server_price" in paths:
        words.append(
            translate("Exchange", "its own price is used")
            if plan.money.onprem.server_price is not None
            else translate("Exchange", "the price entered for the other server is not used")
        )
    if "money.cloud.instance" in paths:
        key = plan.money.cloud.instance
        known = catalogue.cloud_instances()
        words.append(
            translate("Exchange", "cloud: {instance}").format(instance=cloud_name(known[key]))
            if key is not None and key in known
            else translate("Exchange", "no cloud instance with this GPU")
        )
    elif any(path.startswith("money.cloud.") for path in paths):
        words.append(translate("Exchange", "cloud prices entered for the other are not used"))
    if any(path.startswith(("facility.", "overrides.")) for path in paths):
        words.append(translate("Exchange", "power, weight and replaced figures follow the server"))
    name = server_name(plan, catalogue)
    return translate("Exchange", "{name}: {changes}. Going back restores them.").format(
        name=name, changes=translate("Exchange", "; ").join(words)
    )


def changed_words(before: Plan, after: Plan, changes: Mapping[str, object]) -> str:
    """Which inputs a click changed, with the new value where it is one that a row shows."""
    named = []
    for path in changes:
        if path.startswith(("overrides.", "notes.", "origins.", "money.prices")) or before.value(path) == after.value(
            path
        ):
            continue
        field, value = FIELDS.get(path), after.value(path)
        if field is not None and isinstance(value, int | float) and not isinstance(value, bool):
            named.append(f"{_label(path)} {field.shown(value)} {field.unit_name()}".strip())
        elif field is not None:
            named.append(_label(path))
    if not named:
        return translate("Exchange", "Inputs were changed.")
    more = len(named) - MOST
    words = translate("Exchange", ", ").join(named[:MOST])
    if more > 0:
        words = translate("Exchange", "{names} and {more} more").format(names=words, more=more)
    return translate("Exchange", "Changed: {names}.").format(names=words)
