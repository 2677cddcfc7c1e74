"""Refusals of the core as one sentence in the language of the window, with the field's own label."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.inputs.fields import FIELDS, field_label
from mitsumori.gui.words.translation import language, marked
from mitsumori.model.base.format import significant
from mitsumori.model.base.refusal import PlanError, Problem, in_words

_N = marked

_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"it must be greater than ([-0-9.,e+]+)", _N("Refusals", "{label} must be greater than {limit}.")),
    (r"it must be at least ([-0-9.,e+]+)", _N("Refusals", "{label} must be at least {limit}.")),
    (r"it must be less than ([-0-9.,e+]+)", _N("Refusals", "{label} must be less than {limit}.")),
    (r"it must be at most ([-0-9.,e+]+)", _N("Refusals", "{label} must be at most {limit}.")),
    (r"it must be a whole number", _N("Refusals", "{label} must be a whole number.")),
    (r"it must be a number|a (finite )?number is expected", _N("Refusals", "{label} must be a number.")),
    (r"it must have at most ([-0-9.,]+) characters", _N("Refusals", "{label} has room for {limit} characters.")),
)  # fmt: skip

NOT_A_NUMBER = _N("Refusals", "{label}: “{typed}” is not a number such as 1.5, 70B, 2T or 3.5兆.")
EMPTY = _N("Refusals", "{label} needs a value.")


def sentence(error: PlanError, typed: str = "") -> str:
    """What to tell the user: the limit in the field's own unit where the core names one."""
    return _sentence(error.problems[0])


def _sentence(problem: Problem) -> str:
    label = field_label(problem.field)
    if problem.said is not None:
        return QCoreApplication.translate("Refusals", "{label}: {accepted}.").format(
            label=label, accepted=in_words(problem.said, language())
        )
    field = FIELDS.get(problem.field)
    for pattern, source in _PATTERNS:
        match = re.fullmatch(pattern, problem.accepted)
        if match is None:
            continue
        limit = ""
        if match.lastindex and "{limit}" in source:
            limit = match.group(match.lastindex)
            if field is not None and field.scale != 1.0:
                limit = significant(float(limit.replace(",", "")) / field.scale, 6, trim=True)
            if field is not None and not field.currency:
                limit = f"{limit} {field.unit_name()}".strip()
        return QCoreApplication.translate("Refusals", source).format(label=label, limit=limit)
    return problem.sentence()
