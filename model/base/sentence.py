"""What the advisor says: a key of ``resources/messages/advisor.toml`` with its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mitsumori.model.base import format as fmt
from mitsumori.model.base.messages import text


@dataclass(frozen=True, slots=True)
class Amount:
    """A number whose words depend on the language: money where ``currency`` is given, else a large count."""

    value: float
    currency: str = ""

    def shown(self, language: str) -> str:
        """As people write it."""
        if self.currency:
            return fmt.money(self.value, self.currency, language)
        return fmt.count(self.value, kanji=language == "ja")


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence as data; numbers in ``params`` arrive formatted or as :class:`Amount`, parts of it as reasons."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """The sentence in a language (``ja`` or ``en``)."""
        return text("advisor", self.code, language, **{name: _shown(v, language) for name, v in self.params.items()})


def _shown(value: Any, language: str) -> Any:
    if isinstance(value, Amount):
        return value.shown(language)
    return value.text(language) if isinstance(value, Reason) else value
