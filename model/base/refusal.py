"""How bad input is refused: one sentence that names field, value and what would be accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError


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

    ``accepted`` is English; ``said`` is the same in the reader's language where both languages are known.
    """

    field: str
    value: object
    accepted: str
    said: object = None

    def sentence(self) -> str:
        """The problem as one sentence."""
        shown = _shown(self.value)
        if len(shown) > 60:
            shown = shown[:57] + "..."
        field = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in self.field)
        if len(field) > 120:
            field = field[:117] + "..."
        where = f"{field}={shown}" if field else shown
        return f"{where} is not accepted: {self.accepted}."


class PlanError(Refusal):
    """A plan was refused; ``problems`` lists why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(" ".join(problem.sentence() for problem in problems[:1]))

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
    "greater_than": ("gt", "it must be greater than {}"),
    "greater_than_equal": ("ge", "it must be at least {}"),
    "less_than": ("lt", "it must be less than {}"),
    "less_than_equal": ("le", "it must be at most {}"),
    "string_too_long": ("max_length", "it must have at most {} characters"),
    "too_long": ("max_length", "it must have at most {} entries"),
}
_TEXTS = {
    "extra_forbidden": "there is no such field in a plan",
    "missing": "a value is required here",
    "int_from_float": "it must be a whole number",
    "int_parsing": "it must be a whole number",
    "int_type": "it must be a whole number",
    "float_parsing": "it must be a number",
    "float_type": "it must be a number",
    "finite_number": "it must be a finite number",
    "string_type": "it must be text",
    "string_unicode": "it must be text in valid Unicode",
    "model_type": "it must be an object of named fields",
    "dict_type": "it must be an object of named fields",
    "tuple_type": "it must be a list",
    "list_type": "it must be a list",
    "bool_parsing": "it must be true or false",
    "bool_type": "it must be true or false",
    "int_parsing_size": "it must be a whole number of fewer digits",
    "too_short": "it needs more entries",
    "string_too_short": "it must not be empty",
    "invalid_key": "names of fields must be text",
}
_OTHER = "it is not a value of this field"
"""For errors that have no sentence of their own: the library's words name its own classes and never reach a person."""


def problems_of(error: ValidationError) -> tuple[Problem, ...]:
    """Turn pydantic's errors into problems in the product's own words."""
    problems = []
    for item in error.errors(include_url=False):
        field = ".".join(str(part) for part in item["loc"] if not str(part).startswith(("function-", "nullable")))
        context: dict[str, Any] = item.get("ctx", {})
        kind, said = item["type"], None
        if kind in _BOUNDS:
            name, text = _BOUNDS[kind]
            accepted = text.format(f"{context[name]:,}" if isinstance(context[name], int | float) else context[name])
        elif kind == "literal_error":
            accepted = f"it must be one of {context['expected']}"
        elif kind == "value_error":
            accepted = str(context["error"])
            said = next(iter(getattr(context["error"], "args", ())), None)
        else:
            accepted = _TEXTS.get(kind, _OTHER)
        value = item["input"] if kind != "missing" else None
        if isinstance(value, dict) and kind == "value_error":
            value = "these values"
        problems.append(Problem(field, value, accepted, said if hasattr(said, "text") else None))
    return tuple(problems)
