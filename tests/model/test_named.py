"""Fields that are also read by name: as a mapping of the same values in everything that a mapping promises."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, replace

import pytest

from mitsumori.model.base.named import Named, NamedWhereKnown


@dataclass(frozen=True, slots=True, eq=False)
class Pair(Named[float]):
    first: float
    second: float = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Some(NamedWhereKnown[float]):
    first: float | None = None
    second: float | None = None


def test_it_is_the_mapping_of_its_fields() -> None:
    pair = Pair(1.0)
    assert dict(pair) == asdict(pair) == {"first": 1.0, "second": 2.0}
    assert pair == {"first": 1.0, "second": 2.0}
    assert pair != replace(pair, first=3.0)
    assert pickle.loads(pickle.dumps(pair)) == pair
    assert list(pair) == ["first", "second"]
    assert sum(pair.values()) == 3.0


@pytest.mark.parametrize("name", ["third", "__len__", "get"])
def test_only_fields_have_names(name: str) -> None:
    pair = Pair(1.0)
    assert name not in pair
    assert pair.get(name) is None
    with pytest.raises(KeyError):
        pair[name]


def test_what_is_unknown_is_not_there_by_name() -> None:
    some = Some(second=4.0)
    assert dict(some) == {"second": 4.0}
    assert len(some) == 1
    assert "first" not in some
    assert not Some()


def test_it_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Pair(1.0).first = 2.0  # type: ignore[misc]
    assert not hasattr(Pair(1.0), "__dict__")
