"""Texts for people that do not come from a window: findings, remedies, the workbook.

The texts lie in ``resources/messages/*.toml``: one table a file section, each entry ``key = { en = "...", ja = "..." }``
with ``str.format`` fields. Whole sentences only; numbers arrive formatted by :func:`text`'s caller or through format
specifications.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal, get_args

from mitsumori import resources

Language = Literal["ja", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
"""Languages that the program speaks; each is a column of every table of texts."""


@cache
def _table(name: str) -> dict[str, dict[str, str]]:
    data: dict[str, dict[str, str]] = resources.read_table("messages", f"{name}.toml")
    return data


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a table as the value of a field, chosen only when the reader's language is known."""

    table: str
    key: str

    def word(self, language: str) -> str:
        """The word in a language."""
        return text(self.table, self.key, language)


@dataclass(frozen=True, slots=True)
class Named:
    """A name in both languages as the value of a field: a record's own, where no table has a word for it."""

    en: str
    ja: str

    def word(self, language: str) -> str:
        """The name in a language."""
        return self.ja if language == "ja" else self.en


@dataclass(frozen=True, slots=True)
class Several:
    """Words of a table as the value of a field, one after another."""

    terms: tuple[Term, ...]

    def word(self, language: str) -> str:
        """The words in a language."""
        return ("、" if language == "ja" else ", ").join(term.word(language) for term in self.terms)


@dataclass(frozen=True, slots=True)
class Sentence:
    """Whatever the core says to a person: a sentence of a table of messages, by its code, with the values of its fields.

    It is put into words only when the reader's language is known; ``str()`` is English. A value is a number already formatted,
    or something with a ``word`` in each language: a :class:`Term`, a :class:`Named`, an amount of money
    (:class:`~model.base.format.Amount`), or another sentence as a part of this one.
    """

    table: str
    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """The sentence in a language (``ja`` or ``en``)."""
        return text(self.table, self.code, language, **self.values)

    def word(self, language: str) -> str:
        """The same, as a part of another sentence."""
        return self.text(language)

    def __str__(self) -> str:
        return self.text("en")


def text(table: str, key: str, language: str, /, **values: object) -> str:
    """The text ``key`` of ``resources/messages/<table>.toml`` in a language, with its fields filled in.

    Parameters
    ----------
    table
        Name of the file without its ending.
    key
        The entry.
    language
        ``ja`` or ``en``.

    Raises
    ------
    KeyError
        For a key or language that the file does not have: a raw key must never reach a screen.
    """
    words = {name: value.word(language) if hasattr(value, "word") else value for name, value in values.items()}
    said = _table(table)[key][language].format(**words)
    if language == "ja":
        return _AFTER_KANJI.sub("", said)
    return _ONE.sub(_singular, said) if "1 " in said else said


_NOUNS: Final = (
    "GPUs", "accelerators", "batches", "bytes", "characters", "combinations", "days", "differences", "digits", "entries",
    "experts", "figures", "files", "hours", "layers", "layouts", "levels", "micro-batches", "minutes", "months", "nodes",
    "parameters", "plans", "ports", "prices", "racks", "records", "replicas", "requests", "rows", "runs", "samples",
    "scenarios", "sequences", "servers", "stages", "switches", "tanks", "tokens", "trainings", "units", "users", "values",
    "years",
)  # fmt: skip
"""What is counted in the English sentences; Japanese has no plural."""
_AFTER_KANJI: Final = re.compile(r"(?<=[万億兆]) (?=[\u3040-\u30ff\u4e00-\u9fff])")
"""Space between a number that ends in 万, 億 or 兆 and the word behind it, which Japanese does not write."""
_ONE: Final = re.compile(rf"(?<![\d.,])(1 )({'|'.join(_NOUNS)})\b")


def _singular(found: re.Match[str]) -> str:
    one, noun = found.groups()
    for many, single in (("ies", "y"), ("ches", "ch"), ("s", "")):
        if noun.endswith(many):
            return one + noun.removesuffix(many) + single
    return one + noun


def keys(table: str) -> tuple[str, ...]:
    """All keys of a table, for tests that every code has both languages."""
    return tuple(_table(table))
