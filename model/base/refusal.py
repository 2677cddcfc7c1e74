"""How bad input is refused: one sentence that names field, value and what would be accepted."""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from mitsumori.model.base.messages import Sentence


class Refusal(ValueError):
    """Bad input. ``str()`` is one sentence fit for a person; commands print it and exit with status 2.

    Made of a :class:`~model.base.messages.Sentence`, which is said in the reader's language; see :func:`refusal`.
    """

    def __init__(self, said: object = "") -> None:
        self.said = said
        super().__init__(str(said))

    def text(self, language: str) -> str:
        """The sentence in a language."""
        return in_words(self.said, language)

    def word(self, language: str) -> str:
        """The same, as a part of another sentence."""
        return self.text(language)


def expected(code: str, **values: object) -> Sentence:
    """What a field accepts, or another part of a refusal: an entry of ``resources/messages/refusals.toml``."""
    return Sentence("refusals", code, values)


def refusal(code: str, **values: object) -> Refusal:
    """Bad input in one sentence: an entry of ``resources/messages/refusals.toml`` with the values of its fields."""
    return Refusal(Sentence("refusals", code, values))


def said_by(error: BaseException) -> object:
    """What an error says: its sentence where it carries one, else its own words."""
    first = error.args[0] if len(error.args) == 1 else None
    return first if hasattr(first, "text") else " ".join(str(error).split())[:120].rstrip(".")


def fault_of(error: BaseException) -> object:
    """Where a text could not be read: the sentence of the error, else its line and column, else its own words."""
    line, column = getattr(error, "lineno", None), getattr(error, "colno", None)
    if line is None and (place := re.search(r"\(at line (\d+), column (\d+)\)", str(error))):
        line, column = place.groups()
    return said_by(error) if line is None else expected("fault_at", line=line, column=column)


_CAUSES: Final = {
    number: f"os_{cause}"
    for cause, names in {
        "denied": "EACCES EPERM",
        "absent": "ENOENT",
        "folder": "EISDIR",
        "no_folder": "ENOTDIR",
        "exists": "EEXIST ENOTEMPTY",
        "busy": "EBUSY ETXTBSY EAGAIN EDEADLK ENOLCK",
        "name": "EINVAL ENAMETOOLONG EILSEQ",
        "full": "ENOSPC",
        "quota": "EDQUOT",
        "read_only": "EROFS",
        "broken": "EIO ENXIO ENODEV ENOMEDIUM EREMOTEIO EMEDIUMTYPE",
        "too_large": "EFBIG EOVERFLOW",
        "too_many": "EMFILE ENFILE",
        "memory": "ENOMEM ENOBUFS",
        "links": "ELOOP EMLINK",
        "other_disk": "EXDEV",
        "not_there": "EOPNOTSUPP ENOTSUP ENOSYS",
        "network": "ETIMEDOUT ENETDOWN ENETUNREACH ENETRESET EHOSTDOWN EHOSTUNREACH ESTALE ENOTCONN ECONNRESET ECONNABORTED"
        " ECONNREFUSED ECOMM ENOLINK ENONET",
        "no_reader": "EPIPE ESHUTDOWN",
    }.items()
    for name in names.split()
    if (number := getattr(errno, name, None)) is not None
}
"""What the system's error numbers say to a person, as entries of ``resources/messages/refusals.toml``; which of the names there
are differs from system to system, and Python gives Windows' own errors the nearest of these numbers."""


def cause_of(error: BaseException) -> object:
    """Why a file could not be read or written, in the reader's language: never the system's own words, which are in its."""
    if not isinstance(error, OSError) or error.errno is None:
        return said_by(error)
    code = _CAUSES.get(error.errno)
    if code is not None:
        return expected(code)
    number = getattr(error, "winerror", None) or error.errno
    name = errno.errorcode.get(error.errno)
    return expected("os_other", number=f"{number} ({name})" if name else str(number))


def in_words(said: object, language: str) -> str:
    """What was said in a language, where it is a :class:`~model.base.messages.Sentence`; else as it stands."""
    words = getattr(said, "text", None)
    return str(words(language)) if words is not None else str(said)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: dotted field path, the value as given, and what is accepted.

    ``accepted`` is a :class:`~model.base.messages.Sentence` that completes "... is not accepted:".
    """

    field: str
    value: object
    accepted: object

    def said(self) -> Sentence:
        """The problem as one sentence."""
        shown = _shown(self.value)
        if len(shown) > 60:
            shown = shown[:57] + "..."
        field = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in self.field)
        if len(field) > 120:
            field = field[:117] + "..."
        where: object = f"{field}={shown}" if field else shown
        if isinstance(self.value, dict):  # the values of a whole part
            where = field or expected("these_values")
        return Sentence("refusals", "field", {"where": where, "accepted": self.accepted})

    def sentence(self, language: str = "en") -> str:
        """The problem as one sentence in a language."""
        return self.said().text(language)


class PlanError(Refusal):
    """A plan was refused; ``problems`` lists why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(problems[0].said() if problems else "")

    @classmethod
    def single(cls, field: str, value: object, accepted: object) -> PlanError:
        """An error with one problem."""
        return cls((Problem(field, value, accepted),))

    @classmethod
    def saying(cls, said: object) -> PlanError:
        """An error that concerns no field of a plan (a file that cannot be read), with its sentence."""
        error = cls(())
        error.said, error.args = said, (str(said),)
        return error


LONGEST_NAME: Final = 200
"""Characters of a file's name in a sentence."""


def shown_path(path: object) -> str:
    """The name of a file as a part of a sentence: one line, a long one by its beginning and its end."""
    name = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in str(path))
    half = LONGEST_NAME // 2
    return name if len(name) <= LONGEST_NAME else f"{name[:half]}…{name[-half:]}"


def checked_changes(changes: object) -> Mapping[str, Any]:
    """Changes by path as they are given from outside: a mapping whose keys are texts.

    Raises
    ------
    PlanError
        For anything else.
    """
    if isinstance(changes, Mapping) and all(isinstance(path, str) for path in changes):
        return changes
    raise PlanError.single("", changes, expected("rule_changes"))


def _shown(value: object) -> str:
    """``repr``, which Python refuses for whole numbers of more than 4,300 digits, and other libraries break into lines."""
    try:
        shown = " ".join(repr(value).split())
    except Exception:  # whatever a foreign object raises
        return "..."
    return shown.encode("utf-8", "replace").decode("utf-8")


_LIMITS = {
    "greater_than": "gt",
    "greater_than_equal": "ge",
    "less_than": "lt",
    "less_than_equal": "le",
    "string_too_long": "max_length",
    "too_long": "max_length",
}
BOUNDS: Final = frozenset(
    f"rule_{kind}" for kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
)
"""Sentences whose ``limit`` is a number in the unit of the plan."""
_SAME = {
    "int_from_float": "int_type", "int_parsing": "int_type", "float_parsing": "float_type", "model_type": "dict_type",
    "tuple_type": "list_type", "bool_parsing": "bool_type",
}  # fmt: skip
"""Errors of pydantic that say to a person what another one says."""
_KINDS = frozenset({
    "extra_forbidden", "missing", "int_type", "float_type", "finite_number", "string_type", "string_unicode", "dict_type",
    "list_type", "bool_type", "int_parsing_size", "too_short", "string_too_short", "invalid_key",
})  # fmt: skip
"""Errors of pydantic with a sentence of their own in ``resources/messages/refusals.toml``; the library's words name its own
classes and never reach a person."""


def problems_of(error: ValidationError) -> tuple[Problem, ...]:
    """Turn pydantic's errors into problems in the product's own words."""
    problems = []
    for item in error.errors(include_url=False):
        field = ".".join(str(part) for part in item["loc"] if not str(part).startswith(("function-", "nullable")))
        context: dict[str, Any] = item.get("ctx", {})
        kind = _SAME.get(item["type"], item["type"])
        accepted: object
        if kind in _LIMITS:
            limit = context[_LIMITS[kind]]
            shown = f"{limit:,}" if isinstance(limit, int | float) else limit
            accepted = Sentence("refusals", f"rule_{kind}", {"limit": shown})
        elif kind == "literal_error":
            accepted = Sentence("refusals", "rule_choice", {"choices": context["expected"].replace(" or ", ", ")})
        elif kind == "value_error":
            accepted = said_by(context["error"])
        else:
            accepted = Sentence("refusals", f"rule_{kind}" if kind in _KINDS else "rule_other")
        value = item["input"] if kind != "missing" else None
        problems.append(Problem(field, value, accepted))
    return tuple(problems)
