"""Storage in the cloud: object storage and managed Lustre, by the provider and region of the instance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mitsumori.model.base.figure import Provenance
from mitsumori.model.base.units import GB, GIB
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.records import CloudInstance, CloudStorage
from mitsumori.model.cost.money import Offer
from mitsumori.model.cost.price_book import provenance
from mitsumori.model.plan.part import CurrencyName

StorageKind = Literal["object", "lustre", "lustre_and_object"]


def storage_record(catalogue: Catalogue, instance: CloudInstance | None, kind: str) -> CloudStorage | None:
    """The price record of a kind of storage or traffic where the instance is; None where none is known.

    Parameters
    ----------
    catalogue, instance
        Records, and the instance of the plan; None gives none.
    kind
        First words of the kind of record, such as ``object storage``.
    """
    if instance is None:
        return None
    for record in catalogue.cloud_storage().values():
        same_place = record.region == "all" or instance.region.startswith(record.region)
        if record.kind.startswith(kind) and record.provider == instance.provider and same_place:
            return record
    return None


def cloud_storage_offer(
    catalogue: Catalogue,
    instance: CloudInstance | None,
    kind: StorageKind,
    amount_gb: float,
    write_bytes_per_s: float | None,
    currency: CurrencyName,
) -> Offer:
    """Return the price of a GB-month of what the plan stores at the instance's provider.

    ``object`` is the object storage's; ``lustre`` the cheapest managed Lustre that holds everything and takes the write rate
    (a tier's rate grows with its capacity: 125 to 1,000 MB/s a TiB); ``lustre_and_object`` the object storage for everything
    and a Lustre just large enough for the rate. Where more must be rented than is stored, a stored GB costs that much more.

    Parameters
    ----------
    catalogue, instance
        Records, and the instance of the plan.
    kind
        What stores.
    amount_gb, write_bytes_per_s
        Stored GB, and the rate at which checkpoints are written; None where it is unknown.
    currency
        Currency of an unknown price.
    """
    plain = storage_record(catalogue, instance, "object storage")
    fast: Offer = Offer(None, currency)
    if kind != "object":
        fast = _lustre(
            catalogue, instance, amount_gb if kind == "lustre" else 0.0, amount_gb, write_bytes_per_s, currency
        )
        if kind == "lustre" or fast.value is None:
            return fast
    if plain is None or plain.price is None:
        return Offer(None, currency)
    origin = provenance(plain, "price", "cloud_storage")
    if kind == "object":
        return Offer(plain.price, plain.currency, origin)
    if plain.currency != fast.currency or fast.value is None:
        return Offer(None, currency)
    return Offer(plain.price + fast.value, plain.currency, fast.provenance)


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier of managed Lustre: GB that the write rate needs, price of a GB and month, its currency, and its origin."""

    rate_gb: float
    per_gb: float
    currency: str
    origin: Provenance

    def per_stored_gb(self, least_gb: float, amount_gb: float) -> float:
        """Price of a stored GB and month where at least ``least_gb`` must be rented."""
        return max(least_gb, self.rate_gb) * self.per_gb / amount_gb


def lustre_tiers(
    catalogue: Catalogue, instance: CloudInstance | None, write_bytes_per_s: float | None
) -> tuple[Tier, ...]:
    """Return the tiers of managed Lustre in the instance's region.

    Parameters
    ----------
    catalogue, instance
        Records, and the instance of the plan; None gives none.
    write_bytes_per_s
        Rate at which checkpoints are written, above zero; None: no rate is needed.
    """
    if instance is None:
        return ()
    found = []
    for record in catalogue.cloud_storage().values():
        here = record.region == "all" or instance.region.startswith(record.region)
        if record.kind != "managed Lustre" or record.provider != instance.provider or not here:
            continue
        if record.price is None or record.mb_per_s_per_tib is None:
            continue
        for_rate_gb = (write_bytes_per_s or 0.0) / (record.mb_per_s_per_tib * 1e6) * 1024.0 * GIB / GB
        per_gb = record.price * (GB / GIB if record.unit.startswith("GiB") else 1.0)
        found.append(Tier(for_rate_gb, per_gb, record.currency, provenance(record, "price", "cloud_storage")))
    return tuple(found)


def _lustre(
    catalogue: Catalogue,
    instance: CloudInstance | None,
    least_gb: float,
    amount_gb: float,
    write_bytes_per_s: float | None,
    currency: CurrencyName,
) -> Offer:
    """The cheapest tier of managed Lustre in the instance's region, over the GB that are stored."""
    tiers = lustre_tiers(catalogue, instance, write_bytes_per_s) if amount_gb > 0.0 else ()
    if not tiers:
        return Offer(None, currency)
    best = min(tiers, key=lambda tier: tier.per_stored_gb(least_gb, amount_gb))
    return Offer(best.per_stored_gb(least_gb, amount_gb), best.currency, best.origin)
