"""Refusals of the core as one sentence in the language of the window, with the field's own label."""

from __future__ import annotations

from functools import cache

from mitsumori.gui.inputs.fields import FIELDS, field_label
from mitsumori.gui.words.translation import language, marked
from mitsumori.model.base.format import significant
from mitsumori.model.base.messages import Sentence, keys, text
from mitsumori.model.base.refusal import BOUNDS, PlanError, Problem, in_words

_N = marked

NOT_A_NUMBER = _N("Refusals", "{label}: “{typed}” is not a number such as 1.5, 70B, 2T or 3.5兆.")
EMPTY = _N("Refusals", "{label} needs a value.")


def sentence(error: PlanError, typed: str = "") -> str:
    """What to tell the user: the limit in the field's own unit where the core names one."""
    return _sentence(error.problems[0])


_SAME = {"rule_finite_number": "rule_float_type"}
"""Rules that are said in the same words beside a label."""


@cache
def _labelled() -> frozenset[str]:
    """Rules with a sentence for a label; the table is read when something is refused, not at start."""
    return frozenset(key.removeprefix("label_") for key in keys("refusals") if key.startswith("label_"))


def _sentence(problem: Problem) -> str:
    label, accepted = field_label(problem.field), problem.accepted
    if isinstance(accepted, Sentence) and (code := _SAME.get(accepted.code, accepted.code)) in _labelled():
        values = {"label": label} | ({"limit": _limit(problem.field, accepted)} if "limit" in accepted.values else {})
        return text("refusals", f"label_{code}", language(), **values)
    return text("refusals", "label_other", language(), label=label, accepted=in_words(accepted, language()))


def _limit(path: str, rule: Sentence) -> str:
    """A bound as the field shows it, in the unit in which it is typed."""
    limit, field = str(rule.values["limit"]), FIELDS.get(path)
    if field is None or rule.code not in BOUNDS:
        return limit
    if field.scale != 1.0:
        limit = significant(float(limit.replace(",", "")) / field.scale, 6, trim=True)
    return limit if field.currency else f"{limit} {field.unit_name()}".strip()
