"""Values with fixed names: fields that are typed, and that may be gone through or asked for by name."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from typing import ClassVar, TypeVar

V = TypeVar("V")


class Named(Mapping[str, V]):
    """Base of a frozen dataclass whose fields are all of one kind (figures, bytes, seconds).

    Code that means one of them takes the field, which is checked; code that writes all of them out, or follows a path that a
    user named, goes by name as in any mapping. Declare it with ``eq=False``: equal to any mapping of the same values.
    """

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, object]]

    def __getitem__(self, name: str) -> V:
        if name not in self.__dataclass_fields__:
            raise KeyError(name)
        value: V = getattr(self, name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dataclass_fields__)

    def __len__(self) -> int:
        return len(self.__dataclass_fields__)

    # A view of a plain dictionary: the general ones of Mapping ask for every name again, which an estimate feels.
    def items(self) -> ItemsView[str, V]:
        """Names and values."""
        return self._known().items()

    def values(self) -> ValuesView[V]:
        """The values."""
        return self._known().values()

    def _known(self) -> dict[str, V]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


class NamedWhereKnown(Named[V]):
    """The same where a field may be None, which is not there for those who go by name."""

    __slots__ = ()

    def __getitem__(self, name: str) -> V:
        value = super().__getitem__(name)
        if value is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())

    def _known(self) -> dict[str, V]:
        return {name: value for name in self.__dataclass_fields__ if (value := getattr(self, name)) is not None}
