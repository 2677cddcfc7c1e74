"""What is said to a word that was mistyped: the nearest right one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import PlanError, Problem, expected

__all__ = ["missing_words", "nearest", "no_such_field", "with_nearest"]


def nearest(word: str, known: Collection[str]) -> str:
    """The known word that a mistyped one most resembles; empty where none is near.

    Parameters
    ----------
    word
        What was typed; of a dotted path, where no whole path is near, the last part counts.
    known
        The right words.
    """
    import difflib  # only who mistypes pays for it

    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if near or not any("." in item for item in known):
        return near[0] if near else ""
    ends = {item.rpartition(".")[2]: item for item in reversed(list(known))}
    near = difflib.get_close_matches(word.rpartition(".")[2], ends, n=1, cutoff=0.6)
    return ends[near[0]] if near else ""


def missing_words(code: str, given: str, known: Collection[str]) -> Sentence:
    """What is said to a name that is none of some names: the nearest, and all of them.

    Parameters
    ----------
    code
        Key in ``resources/messages/refusals.toml``, with fields ``given``, ``hint`` and ``names``.
    given
        What was typed.
    known
        Names that there are.
    """
    near = nearest(given.strip("'"), known)
    return expected(code, given=given, hint=expected("hint", near=near) if near else "", names=", ".join(known))


def no_such_field(path: str, value: object, known: Collection[str], code: str = "rule_extra_forbidden") -> PlanError:
    """The refusal of a path that nothing has, with the nearest that there is.

    Parameters
    ----------
    path, value
        What was given.
    known
        Paths that there are.
    code
        What is said, by its key in ``resources/messages/refusals.toml``.
    """
    return PlanError((_with_nearest(Problem(path, value, expected(code)), known),))


def with_nearest(error: PlanError, known: Collection[str]) -> PlanError:
    """A refusal whose unknown fields are answered with the nearest that there are, before what is missing in their place."""
    unknown = expected("rule_extra_forbidden")
    first = [_with_nearest(problem, known) for problem in error.problems if problem.accepted == unknown]
    return PlanError((*first, *(problem for problem in error.problems if problem.accepted != unknown)))


def _with_nearest(problem: Problem, known: Collection[str]) -> Problem:
    near = nearest(problem.field, known)
    return (
        replace(problem, accepted=expected("did_you_mean", accepted=problem.accepted, near=near)) if near else problem
    )
