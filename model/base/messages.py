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
class Name:
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
    or something with a ``word`` in each language: a :class:`Term`, a :class:`Name`, an amount of money
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
    template = _table(table)[key][language]
    if not values and "{" not in template:  # a word: an export asks for thousands
        return template
    words = {name: value.word(language) if hasattr(value, "word") else value for name, value in values.items()}
    return _agreed(template, language, words).format(**words)


def _agreed(template: str, language: str, words: Mapping[str, object]) -> str:
    """A text whose words behind a field agree with its value: one thing in the singular, no space behind 万, 億 or 兆."""
    for whole, field_text, name, layout, noun in _counted(template, language):
        value = format(words[name], layout) if name in words else ""
        if language == "en" and value == "1":
            template = template.replace(whole, f"{field_text} {_singular(noun)}")
        elif language == "ja" and value.endswith(("万", "億", "兆")):
            template = template.replace(whole, f"{field_text}{noun}")
    return template


@cache
def _counted(template: str, language: str) -> tuple[tuple[str, str, str, str, str], ...]:
    """Fields of a text with a word behind that depends on them: all of it, the field, its name and format, the word."""
    pattern = _COUNTED.get(language)
    found = () if pattern is None else pattern.finditer(template)
    return tuple((one[0], one[1], one[2], one[3] or "", one[4]) for one in found)


_NOUNS: Final = (
    "GPUs", "accelerators", "batches", "bytes", "characters", "combinations", "copies", "days", "differences", "digits",
    "entries", "experts", "figures", "files", "hours", "layers", "layouts", "levels", "micro-batches", "minutes",
    "months", "nodes", "parameters", "plans", "ports", "prices", "racks", "records", "replicas", "requests", "rows",
    "runs", "samples", "scenarios", "sequences", "servers", "stages", "steps", "switches", "tanks", "tokens", "trainings",
    "units", "users", "values", "years",
)  # fmt: skip
"""What is counted in the English sentences; Japanese has no plural."""
_FIELD: Final = r"(\{(\w+)(?::([^{}]*))?\})"
_COUNTED: Final = {
    "en": re.compile(rf"{_FIELD} ({'|'.join(_NOUNS)})\b"),
    "ja": re.compile(rf"{_FIELD} ([\u3040-\u30ff\u4e00-\u9fff])"),
}


def with_unit(value: str, unit: str, language: str) -> str:
    """A value as text and its unit: one of a thing in the singular (1 sequence), no unit where there is none.

    Parameters
    ----------
    value
        The value as it is shown.
    unit
        Its unit in the language; empty: none.
    language
        ``ja`` or ``en``.
    """
    noun, behind, rest = unit.partition(" ")
    if language == "en" and value == "1" and noun in _NOUNS:
        unit = _singular(noun) + behind + rest
    return f"{value} {unit}".strip()


def _singular(noun: str) -> str:
    for many, single in (("ies", "y"), ("ches", "ch"), ("s", "")):
        if noun.endswith(many):
            return noun.removesuffix(many) + single
    return noun


def keys(table: str) -> tuple[str, ...]:
    """All keys of a table, for tests that every code has both languages."""
    return tuple(_table(table))
