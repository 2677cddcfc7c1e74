"""The catalogue: every record of hardware, cloud, models, cooling and tariffs by key.

:meth:`Catalogue.shipped` is the catalogue that ships. A project file may bring records of its own:
:meth:`Catalogue.with_records` lays them over the shipped ones. Whoever asks for a record takes the catalogue of the project
(of its store, its resolved plan or its estimate); the shipped one stands only where there is no project. Files are parsed
when first asked for and kept.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeVar, cast

from pydantic import ValidationError

from mitsumori import resources
from mitsumori.model.base.messages import Term
from mitsumori.model.base.refusal import PlanError, Problem, Refusal, expected, problems_of
from mitsumori.model.catalogue.climate import Climate
from mitsumori.model.catalogue.hosts import Host
from mitsumori.model.catalogue.links import Link
from mitsumori.model.catalogue.records import (
    USER_SOURCE,
    Accelerator,
    CloudInstance,
    CloudStorage,
    CoolingMethod,
    FabricDefault,
    Feed,
    ModelRecord,
    Network,
    Record,
    RecordSource,
    Server,
    Storage,
    Tariff,
    UtilityClass,
)
from mitsumori.model.catalogue.software import SoftwareRecord
from mitsumori.model.catalogue.utility import Utility

__all__ = ["Catalogue", "Fabric", "RecordSource", "UnknownKey"]

R = TypeVar("R", bound=Record)

_KINDS: Final[Mapping[str, tuple[str, type[Record], str]]] = {
    "accelerators": ("accelerators.toml", Accelerator, "accelerator"),
    "servers": ("servers.toml", Server, "server"),
    "hosts": ("hosts.toml", Host, "server without accelerators"),
    "networks": ("networks.toml", Network, "network device"),
    "links": ("networks.toml", Link, "link"),
    "fabric_defaults": ("networks.toml", FabricDefault, "fabric default"),
    "storage": ("storage.toml", Storage, "storage system"),
    "cloud": ("cloud.toml", CloudInstance, "cloud instance"),
    "cloud_storage": ("cloud.toml", CloudStorage, "cloud storage price"),
    "models": ("models.toml", ModelRecord, "model"),
    "cooling": ("cooling.toml", CoolingMethod, "cooling method"),
    "tariffs": ("tariffs.toml", Tariff, "tariff"),
    "climates": ("climates.toml", Climate, "climate"),
    "software": ("software.toml", SoftwareRecord, "software"),
    "feeds": ("tariffs.toml", Feed, "feed"),
    "utilities": ("tariffs.toml", Utility, "electric utility"),
    "utility_classes": ("tariffs.toml", UtilityClass, "utility class"),
}
"""Kind -> (file, record class, what a person calls it)."""


def record_kinds() -> tuple[str, ...]:
    """Return the kinds of records, those first that others name."""
    return tuple(_KINDS)


def kinds_of_file(file: str) -> tuple[str, ...]:
    """Return the kinds that stand in one file of ``resources/catalog``."""
    return tuple(kind for kind, (name, _, _) in _KINDS.items() if name == file)


class UnknownKey(Refusal):
    """No record has the key that was asked for; ``problem`` names field, key and what is accepted.

    ``kind`` is a kind of record, or ``machines``: whatever stands in a rack.
    """

    def __init__(self, kind: str, key: str, known: Mapping[str, object]) -> None:
        what = "machine" if kind == "machines" else _KINDS[kind][2]
        low = key.lower()
        holding = [name for name in known if low and low in name.lower()]
        similar = difflib.get_close_matches(low, [name.lower() for name in known], n=3, cutoff=0.5)
        near = (holding + [name for name in known if name.lower() in similar and name not in holding])[:3]
        if near:
            why = expected("key_near", kind=Term("refusals", f"kind_{kind}"), near=", ".join(near))
        else:
            shown = ", ".join(sorted(known)[:8])
            why = expected("key_among", count=len(known), kind=Term("refusals", f"kind_{kind}"), near=shown)
        self.kind, self.key, self.near = kind, key, tuple(near)
        self.problem = Problem(what.replace(" ", "_"), key, why)
        super().__init__(self.problem.said())


@functools.cache
def _table(file: str) -> dict[str, Any]:
    return resources.read_table("catalog", file)


@functools.cache
def _shipped(kind: str) -> Mapping[str, Record]:
    file, record, _ = _KINDS[kind]
    return MappingProxyType({key: record(key=key, **fields) for key, fields in _table(file)[kind].items()})


@dataclass(frozen=True, slots=True)
class Fabric:
    """The compute fabric a plan starts from: devices by catalogue key, ports a server and their rate.

    ``assumed`` is true when the server's NICs are unknown and the accelerator generation's usual adapter stands in;
    ``switch`` is None where no catalogued switch fits the rate. ``gbps`` is gigabits a second of one port.
    """

    switch: str | None
    nic: str | None
    ports: int
    gbps: float
    assumed: bool
    note: str | None


class Catalogue:
    """An immutable set of records: those that ship, with any others laid over them."""

    __slots__ = ("_merged", "_own")

    def __init__(self, own: Mapping[str, Mapping[str, Record]] | None = None) -> None:
        self._own: Mapping[str, Mapping[str, Record]] = MappingProxyType(dict(own or {}))
        self._merged: dict[str, Mapping[str, Record]] = {}

    @staticmethod
    @functools.cache
    def shipped() -> Catalogue:
        """Return the catalogue that ships with the product."""
        return Catalogue()

    def records(self, kind: str) -> Mapping[str, Record]:
        """Return all records of a kind, by key."""
        own = self._own.get(kind)
        if not own:
            return _shipped(kind)
        if kind not in self._merged:
            self._merged[kind] = MappingProxyType({**_shipped(kind), **own})
        return self._merged[kind]

    def get(self, kind: str, key: str) -> Record:
        """Return one record.

        Raises
        ------
        UnknownKey
            With one sentence naming the key and the nearest ones.
        """
        known = self.records(kind)
        if key not in known:
            raise UnknownKey(kind, key, known)
        return known[key]

    def with_records(self, records: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Catalogue:
        """Return a catalogue with user-made or embedded records laid over this one.

        Parameters
        ----------
        records
            ``{kind: {key: fields}}``. Fields with ``prov`` are a whole record, as :meth:`embed` writes it, and stand
            alone. Fields without ``prov`` are the user's: they change the record of the same key, or of ``base`` (a
            key), or make a new one; every figure so given has the source "entered by the user".

        Raises
        ------
        PlanError
            Naming the field, the value and what is accepted.
        """
        own = {kind: dict(part) for kind, part in self._own.items()}
        for kind, entries in records.items():
            if kind not in _KINDS:
                raise PlanError.single("catalogue", kind, expected("rule_choice", choices=", ".join(_KINDS)))
            for key, fields in entries.items():
                own.setdefault(kind, {})[key] = self._record(kind, key, fields)
        return Catalogue({kind: MappingProxyType(part) for kind, part in own.items()})

    def _record(self, kind: str, key: str, fields: Mapping[str, object]) -> Record:
        where = f"catalogue.{kind}.{key}"
        if not isinstance(fields, Mapping):
            raise PlanError.single(where, fields, expected("record_object"))
        given = {name: value for name, value in fields.items() if name not in {"key", "base"}}
        if "prov" not in given:
            base_key = fields.get("base", key if key in self.records(kind) else None)
            base = self.get(kind, str(base_key)) if base_key is not None else None
            start: dict[str, Any] = base.model_dump(exclude={"key"}) if base is not None else {}
            prov = {path: value for path, value in start.get("prov", {}).items() if path.split(".")[0] not in given}
            for name, value in list(given.items()):
                # A mapping the user gives in part (one precision's peak) keeps the rest of the record's.
                if isinstance(value, Mapping) and isinstance(start.get(name), Mapping):
                    prov.update({p: v for p, v in start["prov"].items() if p.split(".")[0] == name})
                    prov.update({f"{name}.{part}": (USER_SOURCE, "entered") for part in value})
                    given[name] = {**start[name], **value}
                else:
                    prov[name] = (USER_SOURCE, "entered")
            weak = tuple(path for path in start.get("weak", ()) if path.split(".")[0] not in fields)
            given = {**start, **given, "prov": prov, "weak": weak}
        try:
            return _KINDS[kind][1](key=key, **given)
        except ValidationError as error:
            problems = problems_of(error)
            raise PlanError(tuple(Problem(f"{where}.{p.field}", p.value, p.accepted) for p in problems)) from error
        except TypeError as error:
            raise PlanError.single(where, dict(fields), expected("record_names")) from error

    def embed(self, kind: str, key: str) -> dict[str, object]:
        """Return a record as plain JSON data that stands alone: its sources are written into it."""
        record = self.get(kind, key)
        used = {source_id for source_id, _ in record.prov.values()}
        sources = {source_id: found for source_id in sorted(used) if (found := record.source(source_id)) is not None}
        whole = record.model_copy(update={"sources": sources})
        return whole.model_dump(mode="json", exclude_none=True, exclude={"key"}) | {"prov": _plain(record.prov)}

    def embed_own(self) -> dict[str, dict[str, dict[str, object]]]:
        """Return every record that does not ship, as :meth:`with_records` reads it (for the project file)."""
        return {kind: {key: self.embed(kind, key) for key in part} for kind, part in self._own.items() if part}

    def accelerators(self) -> Mapping[str, Accelerator]:
        """Return the accelerators by key."""
        return cast("Mapping[str, Accelerator]", self.records("accelerators"))

    def servers(self) -> Mapping[str, Server]:
        """Return the servers by key."""
        return cast("Mapping[str, Server]", self.records("servers"))

    def servers_for_sale(self) -> Mapping[str, Server]:
        """Return by key the servers that can be suggested: not those that are only rented, withdrawn or desk-side."""
        return {key: server for key, server in self.servers().items() if server.not_for_sale is None}

    def hosts(self) -> Mapping[str, Host]:
        """Return the servers without accelerators by key."""
        return cast("Mapping[str, Host]", self.records("hosts"))

    def networks(self) -> Mapping[str, Network]:
        """Return the switches, adapters and appliances by key."""
        return cast("Mapping[str, Network]", self.records("networks"))

    def links(self) -> Mapping[str, Link]:
        """Return the cables and optics by key."""
        return cast("Mapping[str, Link]", self.records("links"))

    def storage_systems(self) -> Mapping[str, Storage]:
        """Return the on-premises storage systems by key."""
        return cast("Mapping[str, Storage]", self.records("storage"))

    def cloud_instances(self) -> Mapping[str, CloudInstance]:
        """Return the cloud instances by key."""
        return cast("Mapping[str, CloudInstance]", self.records("cloud"))

    def cloud_storage(self) -> Mapping[str, CloudStorage]:
        """Return the cloud storage and egress prices by key."""
        return cast("Mapping[str, CloudStorage]", self.records("cloud_storage"))

    def models(self) -> Mapping[str, ModelRecord]:
        """Return the model architectures by key."""
        return cast("Mapping[str, ModelRecord]", self.records("models"))

    def cooling_methods(self) -> Mapping[str, CoolingMethod]:
        """Return the cooling methods by key, mildest first."""
        return cast("Mapping[str, CoolingMethod]", self.records("cooling"))

    def tariffs(self) -> Mapping[str, Tariff]:
        """Return the figures of electricity, environment and cost by key."""
        return cast("Mapping[str, Tariff]", self.records("tariffs"))

    def climates(self) -> Mapping[str, Climate]:
        """Return the climates by key."""
        return cast("Mapping[str, Climate]", self.records("climates"))

    def software(self) -> Mapping[str, SoftwareRecord]:
        """Return the software of offers by key."""
        return cast("Mapping[str, SoftwareRecord]", self.records("software"))

    def feeds(self) -> Mapping[str, Feed]:
        """Return the rack feeds by key."""
        return cast("Mapping[str, Feed]", self.records("feeds"))

    def utilities(self) -> Mapping[str, Utility]:
        """Return the electric utilities by key."""
        return cast("Mapping[str, Utility]", self.records("utilities"))

    def utility_classes(self) -> Mapping[str, UtilityClass]:
        """Return the utility supply classes by key, smallest first."""
        return cast("Mapping[str, UtilityClass]", self.records("utility_classes"))

    def accelerator(self, key: str) -> Accelerator:
        """Return one accelerator, or raise :class:`UnknownKey`."""
        return cast(Accelerator, self.get("accelerators", key))

    def server(self, key: str) -> Server:
        """Return one server, or raise :class:`UnknownKey`."""
        return cast(Server, self.get("servers", key))

    def network(self, key: str) -> Network:
        """Return one network device, or raise :class:`UnknownKey`."""
        return cast(Network, self.get("networks", key))

    def cloud_instance(self, key: str) -> CloudInstance:
        """Return one cloud instance, or raise :class:`UnknownKey`."""
        return cast(CloudInstance, self.get("cloud", key))

    def model(self, key: str) -> ModelRecord:
        """Return one model, or raise :class:`UnknownKey`."""
        return cast(ModelRecord, self.get("models", key))

    def cooling_method(self, key: str) -> CoolingMethod:
        """Return one cooling method, or raise :class:`UnknownKey`."""
        return cast(CoolingMethod, self.get("cooling", key))

    def tariff(self, key: str) -> Tariff:
        """Return one tariff figure, or raise :class:`UnknownKey`."""
        return cast(Tariff, self.get("tariffs", key))

    def default_fabric(self, server: Server) -> Fabric | None:
        """Return the compute fabric a plan starts from for a server.

        The server's own compute ports decide where they are known; else the usual adapter of its accelerator's family
        (one an accelerator: an assumption, said so in ``assumed`` and ``note``); None when neither is known.
        """
        count, gbps = server.compute_nic_count, server.compute_nic_gbps
        if count is not None and gbps is not None:
            pair = _table("networks.toml")["fabric_by_rate"].get(f"{gbps:.0f}", {})
            return Fabric(pair.get("switch"), pair.get("nic"), count, gbps, False, None)
        family = self.accelerator(server.accelerator).family
        default = cast("FabricDefault | None", self.records("fabric_defaults").get(family))
        if default is None:
            return None
        ports = round(default.nics_per_accelerator * server.accelerators)
        return Fabric(default.switch, default.nic, ports, default.gbps, True, default.notes)


def _plain(prov: Mapping[str, tuple[str, str]]) -> dict[str, list[str]]:
    return {path: list(pair) for path, pair in prov.items()}
