"""What is typed into a field, as a value of the plan; and the next value up or down."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.inputs import refusals
from mitsumori.gui.inputs.spec import Field
from mitsumori.model.base.format import MONEY, currencies_in, parse
from mitsumori.model.base.refusal import Refusal, refusal

_WORDS = ("%", "台", "枚", "本", "か月", "ヶ月", "日", "トークン", "tokens", "token")
"""Units that people type behind a number, besides the field's own."""

_MAGNITUDES = ("B", "T", "万", "億", "兆")
"""Units that the parser knows as powers of ten."""


def read(field: Field, text: str, unit: str) -> object:
    """The plan value of a text; None where an optional field was emptied.

    Parameters
    ----------
    unit
        The unit shown beside the field; it may be typed too.

    Raises
    ------
    Refusal
        When it cannot be read.
    """
    stripped = text.strip()
    if not stripped and field.optional:
        return None
    if not stripped and field.item is not None and field.item.kind == "list":
        return ()
    label = field.label()
    if not stripped:
        raise Refusal(QCoreApplication.translate("Refusals", refusals.EMPTY).format(label=label))
    if field.kind in ("text", "date"):
        return stripped
    money = currencies_in(unit)
    words = (unit, *unit.split(), *_WORDS, *(word for currency in money for word in MONEY[currency]))
    units = tuple(word for word in words if word and word not in _MAGNITUDES)
    try:
        if currencies_in(stripped) - money:  # an amount in another currency is no amount of this field
            raise refusal("number_expected", typed=repr(stripped))
        value = parse(stripped, scale=field.scale, units=units)
    except Refusal:
        source = QCoreApplication.translate("Refusals", refusals.NOT_A_NUMBER)
        raise Refusal(source.format(label=label, typed=stripped[:40])) from None
    return int(value) if field.integer and value == int(value) else value


def plan_value(field: Field, shown: float) -> float:
    """The plan value of a number in the field's unit."""
    value = float(f"{shown * field.scale:.12g}")
    return round(value) if field.integer else value


def stepped(field: Field, value: float, direction: int) -> float:
    """The plan value one step up (+1) or down (-1): along the slider's 1-2-5 marks, else in the second digit."""
    shown = float(value) / field.scale
    if field.axis is not None:
        return plan_value(field, field.axis.step(shown, direction))
    grain = 10 ** max(0, len(f"{abs(shown):.0f}") - 2) if shown >= 10 else 1 if field.integer else 0.1
    return plan_value(field, shown + direction * grain)
