"""One machine put in the place of another: which changes belong to it, and what an exchange left behind.

A plan by itself keeps price, power and replaced figures with their server (:mod:`model.plan.prices`). What needs the catalogue
stands here: an accelerator that the new server does not take goes, and the rented instance becomes one with the same
accelerator, so that both sides of a comparison do the same work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.records import CloudInstance
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.prices import INSTANCE, server_key
from mitsumori.model.plan.resolve import accelerator_options, with_fitting_accelerator

__all__ = ["METHOD_LIMITS", "completed", "cooling_changes", "exchanges_server", "followed", "matched_instance"]

_MACHINE: Final = ("cluster.server", "cluster.accelerator", "serving.server", "serving.enabled")


METHOD_LIMITS: Final = {"rack_kva": None, "air_limit_kw": None, "liquid_limit_kw": None}
"""Limits of the hall that were given for the plan's cooling option, and what they are for another: its own."""


def cooling_changes(option: str) -> dict[str, object]:
    """What changes in a plan that takes another cooling option, with its own limits."""
    return {"facility.cooling": option} | {f"facility.{name}": value for name, value in METHOD_LIMITS.items()}


def completed(changes: Mapping[str, object], plan: Plan, catalogue: Catalogue) -> dict[str, object]:
    """Changes of a plan with those that an exchanged server brings.

    Parameters
    ----------
    changes
        Plan paths and values, as they were asked for.
    plan, catalogue
        What they are made to, and the records of the project.

    Returns
    -------
    dict
        With ``cluster.accelerator`` reset where the new server does not take it, and ``money.cloud.instance`` set to the
        instance that was rented beside this server before, else to one with its accelerator, else to none. An instance
        that is named in ``changes`` stays.
    """
    whole = with_fitting_accelerator(changes, plan, catalogue)
    if not any(path in whole for path in _MACHINE) or INSTANCE in whole:
        return whole
    rented = plan.money.cloud.instance
    present, wanted = _present(plan, {}), _present(plan, whole)
    if present is None or wanted is None:
        return whole  # refused by the plan itself
    (was, had), (server, accelerator) = present, wanted
    before, after = _fitted(was, had, catalogue), _fitted(server, accelerator, catalogue)
    if server == was and before == after and accelerator != had:
        # The standard accelerator, named or not: the same machine, so its price stays.
        whole.setdefault("money.onprem.server_price", plan.money.onprem.server_price)
        whole.setdefault("money.onprem.price_currency", plan.money.onprem.price_currency)
        whole.setdefault("money.onprem.price_date", plan.money.onprem.price_date)
        return whole
    known = catalogue.cloud_instances()
    kept = plan.set_aside.get(server_key(server, accelerator), {}).get(INSTANCE)
    if kept in known or rented is None or rented not in known or not after:
        return whole
    match = matched_instance(known[rented], after, catalogue)
    if match != rented:
        whole[INSTANCE] = match
    return whole


def _present(plan: Plan, changes: Mapping[str, object]) -> tuple[str, str | None] | None:
    """Server and accelerator that a plan with changes pays for: those that serve, where they are not the cluster's.

    None where one of them is no text, or it is no word on serving.
    """

    def value(path: str) -> object:
        return changes[path] if path in changes else plan.value(path)

    enabled = value("serving.enabled")
    if not isinstance(
        enabled, bool | int | float | str | None
    ):  # whether an array or pandas' NA is true nobody can say
        return None
    own, serves = value("cluster.server"), value("serving.server") if enabled else None
    server, accelerator = (own, value("cluster.accelerator")) if serves in (None, own) else (serves, None)
    if not isinstance(server, str) or not (accelerator is None or isinstance(accelerator, str)):
        return None
    return server, accelerator


def _fitted(server: str, accelerator: str | None, catalogue: Catalogue) -> str:
    """The accelerator in a server: the chosen one, else its standard; empty for an unknown server."""
    options = accelerator_options(server, catalogue)
    return accelerator if accelerator is not None else options[0] if options else ""


def matched_instance(rented: CloudInstance, accelerator: str, catalogue: Catalogue) -> str | None:
    """The instance of the same provider with an accelerator: in the same region, else in Japan; None where there is none.

    Of several the one with a price, then with the most accelerators.

    Parameters
    ----------
    rented
        Record of the present instance.
    accelerator
        Catalogue key of the accelerator that is wanted.
    catalogue
        Records of the project.
    """
    if rented.accelerator == accelerator:
        return rented.key
    same = [
        other
        for other in catalogue.cloud_instances().values()
        if other.accelerator == accelerator and other.provider == rented.provider
    ]
    for near in ([item for item in same if item.region == rented.region], [item for item in same if item.in_japan]):
        if near:
            return max(near, key=lambda item: (item.has_price, item.accelerators or 0, item.key)).key
    return None


def exchanges_server(changes: Mapping[str, object]) -> bool:
    """Whether changes of a study put another server in, so that the price entered for the old one is not used."""
    return "cluster.server" in changes and "cluster.accelerator" in changes


def followed(old: Plan, new: Plan, asked: Mapping[str, object]) -> tuple[str, ...]:
    """Plan paths that changed with an exchange without being asked for: what a window says after it, with Undo.

    Parameters
    ----------
    old, new
        The plan before and after the exchange.
    asked
        Plan paths that were set on purpose, with their values.
    """
    if (old.cluster, old.money.cloud.instance) == (new.cluster, new.money.cloud.instance):
        return ()
    from mitsumori.model.plan.prices import CLOUD_FIELDS, MACHINE_FIELDS, PRICE_FIELDS

    paths = (*PRICE_FIELDS, INSTANCE, *dict.fromkeys((*MACHINE_FIELDS, *CLOUD_FIELDS)))
    moved = [path for path in paths if path not in asked and old.value(path) != new.value(path)]
    moved += [f"overrides.{path}" for path in old.overrides if path not in new.overrides]
    return tuple(moved)
