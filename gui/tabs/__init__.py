"""The tabs of the window. :data:`TABS` is the registry; each tab is imported and built when it is first shown."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.words.translation import marked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mitsumori.gui.tabs.base import Tab
    from mitsumori.model.base.findings import Finding

TABS: list[tuple[str, str, str]] = [
    ("overview", marked("Tabs", "Overview"), "mitsumori.gui.tabs.overview:OverviewTab"),
    ("memory", marked("Tabs", "Memory"), "mitsumori.gui.tabs.memory:MemoryTab"),
    ("training_time", marked("Tabs", "Training time"), "mitsumori.gui.tabs.training_time:TrainingTimeTab"),
    ("serving", marked("Tabs", "Serving"), "mitsumori.gui.tabs.serving:ServingTab"),
    ("racks", marked("Tabs", "Racks & cooling"), "mitsumori.gui.tabs.racks:RacksTab"),
    ("cost", marked("Tabs", "Cost"), "mitsumori.gui.tabs.cost:CostTab"),
    ("advisor", marked("Tabs", "Advisor"), "mitsumori.gui.tabs.advisor:AdvisorTab"),
    ("compare", marked("Tabs", "Compare"), "mitsumori.gui.tabs.compare:CompareTab"),
    ("assumptions", marked("Tabs", "Assumptions"), "mitsumori.gui.tabs.assumptions:AssumptionsTab"),
]
"""Key, title (source string in context ``Tabs``) and ``module:class`` of each tab, in order."""


_OF_SUBJECT = {
    "memory": "memory", "training": "training_time", "facility": "racks", "network": "racks", "cost": "cost",
    "serving": "serving",
}  # fmt: skip


def bad_by_tab(findings: Iterable[Finding]) -> list[int]:
    """How many findings of the gravest kind belong to each tab, in the order of :data:`TABS`."""
    named = [_OF_SUBJECT.get(item.subject, "") for item in findings if item.severity == "bad"]
    return [named.count(key) for key, _, _ in TABS]


def tab_title(key: str) -> str:
    """The title of a tab in the language of the window."""
    title = next(source for name, source, _ in TABS if name == key)
    return QCoreApplication.translate("Tabs", title)


def create_tab(key: str) -> Tab:
    """Import and build a tab.

    Raises
    ------
    KeyError
        For a key that is not registered.
    """
    target = next((path for name, _, path in TABS if name == key), None)
    if target is None:
        raise KeyError(key)
    module, _, name = target.partition(":")
    tab: Tab = getattr(importlib.import_module(module), name)()
    tab.key = key
    return tab
