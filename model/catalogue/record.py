"""What every catalogue record is: typed, frozen, each figure with its source.

The fields of a record are the fields of its TOML table (resources/catalog/), so one vocabulary serves files, code,
overrides and project files. An absent figure is ``None``: unknown, never zero. ``prov`` maps a path (``tdp_w``,
``peak_tflops.fp64``) to ``(source id, status)``; the longest matching path wins.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from mitsumori import resources

Status = Literal["retrieved", "recalled", "derived", "assumption", "entered"]
Grade = Literal["A", "B", "C", "U"]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(gt=0)]

USER_SOURCE = "user"


@dataclass(frozen=True, slots=True)
class RecordSource:
    """Where one figure came from.

    ``grade`` is A for a figure read in a primary source (the maker's page, a measurement's paper, a price API), B for
    one read in a secondary source, C for one recalled, derived, assumed, borrowed from another machine, or read but
    marked weak or stale, and U for one entered by the user.
    """

    source_id: str
    title: str
    url: str | None
    date: str | None
    status: Status
    grade: Grade


class Frozen(BaseModel):
    """A part of a record: it never changes, and unknown fields are refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=(), defer_build=True
    )


class Source(Frozen):
    """A publication that figures were taken from; ``kind`` starts with primary, secondary, project or recalled."""

    title: str
    url: str | None = None
    date: str | None = None
    kind: str = "secondary"
    note: str | None = None
    title_ja: str | None = None
    """The title in Japanese where it is a description of ours; a publication keeps its own title."""
    date_ja: str | None = None
    date_en: str | None = None
    """The date as a reader is told it, where ``date`` is a remark of ours."""


_WEAK_KINDS = ("weak", "undated", "not a")
"""What the kind of a source contains whose figures are indications only."""


@functools.cache
def shipped_sources() -> Mapping[str, Source]:
    """Return the sources that ship with the product (resources/catalog/sources.toml), by id."""
    table = resources.read_table("catalog", "sources.toml")["sources"]
    return {key: Source(**value) for key, value in table.items()}


@functools.cache
def _in_words(language: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for source in shipped_sources().values():
        titled, dated = (source.title_ja, source.date_ja) if language == "ja" else (None, source.date_en)
        for said, words in ((source.title, titled), (source.date, dated)):
            if said and words:
                found[said] = words
    return found


def source_words(said: str, language: str) -> str:
    """A source's title or date in a reader's language; as it stands where the catalogue has no other words for it.

    Parameters
    ----------
    said
        Title or date, as the catalogue has it.
    language
        ``ja`` or ``en``.
    """
    return _in_words(language).get(said, said)


class Record(Frozen):
    """What every catalogue record has: a key, provenance per figure, and marks of weakness.

    Attributes
    ----------
    prov
        Path to (source id, status).
    weak
        Paths whose figure is weak although it was read (rounded, odd, one thin page).
    sources
        Sources that do not ship, embedded so that a record in a project file stands alone.
    """

    key: str
    notes: str | None = None
    prov: Mapping[str, tuple[str, Status]] = {}
    weak: tuple[str, ...] = ()
    sources: Mapping[str, Source] = {}

    # A record is itself: a catalogue makes each once, results are kept by it, and two with the same figures are two.
    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def source(self, source_id: str) -> Source | None:
        """Return a source of this record, or None when the id is unknown."""
        return self.sources.get(source_id) or shipped_sources().get(source_id)

    def provenance(self, path: str) -> RecordSource | None:
        """Return where the figure at ``path`` came from, or None when nothing is recorded for it.

        Parameters
        ----------
        path
            Field name, dotted into mappings: ``max_power_kw``, ``peak_tflops.bf16``, ``prices.spot_per_h``.
        """
        probe = path
        while probe not in self.prov:
            if "." not in probe:
                return None
            probe = probe.rpartition(".")[0]
        source_id, status = self.prov[probe]
        found = self.source(source_id)
        title, url, date, kind = source_id, None, None, ""
        if found is not None:
            title, url, date, kind = found.title, found.url, found.date, found.kind
        if status == "entered":
            grade: Grade = "U"
        elif status != "retrieved" or self._is_weak(path) or any(mark in kind for mark in _WEAK_KINDS):
            grade = "C"
        elif kind.startswith("primary"):
            grade = "A"
        else:
            grade = "B"
        return RecordSource(source_id, title, url, self._date(path) or date, status, grade)

    def is_weak(self, path: str) -> bool:
        """Whether a figure was read and is still only an indication: marked weak, odd or stale, or of a weak or undated source.

        Such a figure may be shown with a mark; it decides no title, ranking or remedy.
        """
        probe = path
        while probe not in self.prov and "." in probe:
            probe = probe.rpartition(".")[0]
        found = self.source(self.prov[probe][0]) if probe in self.prov else None
        return self._is_weak(path) or (found is not None and any(mark in found.kind for mark in _WEAK_KINDS))

    def _is_weak(self, path: str) -> bool:
        return any(path == mark or path.startswith(mark + ".") for mark in self.weak)

    def _date(self, path: str) -> str | None:
        """Return a date the record itself gives for the figure (a price's own date), if it does."""
        price = getattr(self, "price", None)
        return price.date if path.startswith("price") and isinstance(price, Price) else None

    def figures(self) -> dict[str, float]:
        """Return every number of the record by path (lists and bookkeeping left out)."""
        skip = {"prov", "sources", "weak", "nics", "ladder"}
        found: dict[str, float] = {}

        def walk(prefix: str, value: object) -> None:
            if isinstance(value, bool):
                return
            if isinstance(value, int | float):
                found[prefix] = value
            elif isinstance(value, Mapping):
                for name, part in value.items():
                    walk(f"{prefix}.{name}" if prefix else name, part)

        walk("", self.model_dump(exclude=skip))
        return found


class Price(Frozen):
    """A price range in the currency it was published in."""

    low: NonNegative
    high: NonNegative
    currency: str
    per: str | None = None
    date: str | None = None
    note: str | None = None

    @property
    def middle(self) -> float:
        """The middle of the range."""
        return (self.low + self.high) / 2.0
