"""How the long lists are found: the heading of each entry, further words that find it, and its GPU. Read when one is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.widgets.list_popup import Entry
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import accelerator_key

translate = QCoreApplication.translate


def _server(value: object, text: str, plan: Plan, catalogue: Catalogue) -> Entry:
    record = catalogue.servers().get(str(value))
    if record is None:
        return Entry(text)
    known = [key for key in (record.accelerator, *record.accelerator_options) if key]
    return Entry(
        text, record.vendor or "", f"{value} {record.model or ''} {' '.join(known)}", _short(record.accelerator)
    )


def _short(accelerator: str | None) -> str:
    return (accelerator or "").split("-")[0]


def _cloud(value: object, text: str, plan: Plan, catalogue: Catalogue) -> Entry:
    from mitsumori.model.catalogue.places import search_words

    record = catalogue.cloud_instances().get(str(value))
    if record is None:
        return Entry(text)
    chip = _short(record.accelerator)
    said = f"{text} · {record.accelerators}×{chip}" if record.accelerators and chip else text
    if not record.has_price:
        said = translate("Choices", "{instance} · no public price").format(instance=said)
    if record.accelerator != accelerator_key(plan, catalogue):
        group = translate("Choices", "Other GPUs")
    elif record.in_japan:
        group = translate("Choices", "The plan's GPU, in Japan")
    else:
        group = translate("Choices", "The plan's GPU, abroad")
    return Entry(said, group, f"{value} {search_words(record)}", chip)


def _model(value: object, text: str, plan: Plan, catalogue: Catalogue) -> Entry:
    record = catalogue.models().get(str(value))
    if record is None:
        return Entry(text)
    maker = (record.developer or "").split(",")[0].split(" (")[0]
    return Entry(text, maker, f"{value} {record.family}")


_FOUND: dict[str, tuple[Callable[[object, str, Plan, Catalogue], Entry], bool]] = {
    "cluster.server": (_server, True),
    "serving.server": (_server, True),
    "money.cloud.instance": (_cloud, True),
    "model.preset": (_model, False),
    "serving.draft_model": (_model, False),
}
"""What an entry of a list is, and whether the list can be narrowed to a GPU."""


def listing(
    path: str, listed: Sequence[tuple[object, str]], plan: Plan, catalogue: Catalogue
) -> tuple[list[Entry], list[str]]:
    """Entries of a list in its own order, and the GPUs that it can be narrowed to: those that a plan can be exchanged to."""
    from mitsumori.model.study.gpu_swap import OFFERED

    found, by_gpu = _FOUND[path]
    entries = [found(value, text, plan, catalogue) for value, text in listed]
    there = {entry.kind for entry in entries}
    return entries, [gpu for gpu in dict.fromkeys(map(_short, OFFERED)) if by_gpu and gpu in there]
