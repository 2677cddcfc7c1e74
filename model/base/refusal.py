"""How bad input is refused: one sentence that names field, value and what would be accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from mitsumori.model.base.messages import Sentence, text


class Refusal(ValueError):
    """Bad input. ``str()`` is one sentence fit for a person; commands print it and exit with status 2.

    Made of a text, or of a :class:`~model.base.messages.Sentence` that is said in the reader's language.
    """

    def __init__(self, said: object = "") -> None:
        self.said = said
        super().__init__(str(said))

    def text(self, language: str) -> str:
        """The sentence in a language; English where it is known in no other."""
        return in_words(self.said, language)


def in_words(said: object, language: str) -> str:
    """What was said in a language, where it is a :class:`~model.base.messages.Sentence`; else as it stands."""
    words = getattr(said, "text", None)
    return str(words(language)) if words is not None else str(said)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: dotted field path, the value as given, and what is accepted.

    ``accepted`` is English; ``said`` is the same in the reader's language where both languages are known, ``rule`` the
    sentence of a bound or type.
    """

    field: str
    value: object
    accepted: str
    said: object = None
    rule: object = None

    def sentence(self, language: str = "en") -> str:
        """The problem as one sentence; what is accepted is English where it is known in no other language."""
        shown = _shown(self.value)
        if len(shown) > 60:
            shown = shown[:57] + "..."
        field = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in self.field)
        if len(field) > 120:
            field = field[:117] + "..."
        accepted = in_words(self.said or self.rule or self.accepted, language)
        return text("refusals", "field", language, where=f"{field}={shown}" if field else shown, accepted=accepted)


class PlanError(Refusal):
    """A plan was refused; ``problems`` lists why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(" ".join(problem.sentence() for problem in problems[:1]))

    def text(self, language: str) -> str:
        """The sentence in a language."""
        return self.problems[0].sentence(language) if self.problems else str(self)

    @classmethod
    def single(cls, field: str, value: object, accepted: str) -> PlanError:
        """An error with one problem."""
        return cls((Problem(field, value, accepted),))

    @classmethod
    def saying(cls, sentence: str) -> PlanError:
        """An error that concerns no field of a plan (a file that cannot be read), with its sentence."""
        error = cls(())
        error.args = (sentence,)
        return error


def _shown(value: object) -> str:
    """``repr``, which Python refuses for whole numbers of more than 4,300 digits."""
    try:
        return repr(value)
    except ValueError:
        return "a number of thousands of digits" if isinstance(value, int) else "these values"


_BOUNDS = {
    "greater_than": "gt",
    "greater_than_equal": "ge",
    "less_than": "lt",
    "less_than_equal": "le",
    "string_too_long": "max_length",
    "too_long": "max_length",
}
_KINDS = frozenset({
    "extra_forbidden", "missing", "int_from_float", "int_parsing", "int_type", "float_parsing", "float_type",
    "finite_number", "string_type", "string_unicode", "model_type", "dict_type", "tuple_type", "list_type", "bool_parsing",
    "bool_type", "int_parsing_size", "too_short", "string_too_short", "invalid_key",
})  # fmt: skip
"""Errors of pydantic with a sentence of their own in ``resources/messages/refusals.toml``; the library's words name its own
classes and never reach a person."""


def problems_of(error: ValidationError) -> tuple[Problem, ...]:
    """Turn pydantic's errors into problems in the product's own words."""
    problems = []
    for item in error.errors(include_url=False):
        field = ".".join(str(part) for part in item["loc"] if not str(part).startswith(("function-", "nullable")))
        context: dict[str, Any] = item.get("ctx", {})
        kind, said = item["type"], None
        if kind in _BOUNDS:
            limit = context[_BOUNDS[kind]]
            rule = Sentence(
                "refusals", f"rule_{kind}", {"limit": f"{limit:,}" if isinstance(limit, int | float) else limit}
            )
        elif kind == "literal_error":
            rule = Sentence("refusals", "rule_choice", {"choices": context["expected"]})
        else:
            rule = Sentence("refusals", f"rule_{kind}" if kind in _KINDS else "rule_other")
        accepted = str(rule)
        if kind == "value_error":
            accepted, said = str(context["error"]), next(iter(getattr(context["error"], "args", ())), None)
        value = item["input"] if kind != "missing" else None
        if isinstance(value, dict) and kind == "value_error":
            value = "these values"
        problems.append(
            Problem(
                field, value, accepted, said if hasattr(said, "text") else None, None if kind == "value_error" else rule
            )
        )
    return tuple(problems)
