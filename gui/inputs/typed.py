"""What is typed into a field, as a value of the plan; and the next value up or down."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.inputs import refusals
from mitsumori.gui.inputs.spec import Field
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.typed import typed_number


def read(field: Field, text: str, plan: Plan) -> object:
    """The plan value of a text; None where an optional field was emptied.

    Parameters
    ----------
    field
        The row, whose unit a bare number is in.
    text
        As typed.
    plan
        Whose currency an amount of money is in.

    Raises
    ------
    Refusal
        When it cannot be read.
    """
    stripped, item = text.strip(), field.item
    if not stripped and field.optional:
        return None
    if not stripped and item is not None and item.kind == "list":
        return ()
    label = field.label()
    if not stripped:
        raise Refusal(QCoreApplication.translate("Refusals", refusals.EMPTY).format(label=label))
    if item is None or field.kind in ("text", "date"):
        return stripped
    try:
        currency = item.currency_in(plan.value)
        value = typed_number(item, stripped, currency=currency, bare=field.scale, shown=field.unit)
    except Refusal:
        source = QCoreApplication.translate("Refusals", refusals.NOT_A_NUMBER)
        raise Refusal(source.format(label=label, typed=stripped[:40])) from None
    return value if field.integer else float(value)


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
