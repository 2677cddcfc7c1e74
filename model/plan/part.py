"""What the parts of a plan are made of: a frozen base and bounded numbers."""

import datetime as dt
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from mitsumori.model.base.dates import past_date, plan_date
from mitsumori.model.base.refusal import PlanError, checked_changes, expected, problems_of

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)

SMALLEST: Final = 1e-100
"""Magnitudes below this are zero."""


LARGEST_WHOLE: Final = 10**18
"""No field goes beyond; larger whole numbers overflow a float, and Python does not print those of 4,300 digits."""


def _number(value: object) -> object:
    """Refuse booleans, NaN and infinity where a number is meant (pydantic would take True as 1).

    What is smaller than any quantity here can mean counts as zero: a quotient by it would be infinite.
    """
    if isinstance(value, bool):
        raise ValueError(expected("rule_float_type"))
    if isinstance(value, int) and abs(value) > LARGEST_WHOLE:
        raise ValueError(expected("rule_less_than_equal", limit=f"{LARGEST_WHOLE:.0e}"))
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(expected("rule_finite_number"))
    if isinstance(value, float) and abs(value) < SMALLEST:
        return 0.0
    return value


def read_words(value: Any) -> Any:
    """A list of words from a text in which commas part them; anything else as it is."""
    if isinstance(value, str):
        return tuple(word for part in value.replace("、", ",").split(",") if (word := part.strip()))
    return value


Number = BeforeValidator(_number)
Positive = Annotated[float, Number, Field(gt=0, le=1e18)]
Amount = Annotated[float, Number, Field(ge=0, le=1e18)]
"""A price or quantity that may be zero, never negative."""
Fraction = Annotated[float, Number, Field(ge=0, le=1)]
Share = Annotated[float, Number, Field(ge=0, lt=1)]
Rate = Annotated[float, Number, Field(ge=0, le=10)]
Date = Annotated[dt.date, BeforeValidator(lambda value: plan_date(value))]
PastDate = Annotated[dt.date, BeforeValidator(past_date)]
Text = Annotated[str, Field(max_length=200)]
Key = Annotated[str, Field(min_length=1, max_length=100)]
Size = Annotated[int, Number, Field(ge=1, le=1_000_000)]
Count = Annotated[int, Number, Field(ge=0, le=10_000_000)]

CurrencyName = Literal["JPY", "USD"]


class _OwnErrors(ModelMetaclass):
    """Makes a part called with bad values refuse them as every other way to a plan does; within a plan nothing changes."""

    def __call__(self, *args: Any, **values: object) -> Any:
        try:
            return super().__call__(*args, **values)
        except ValidationError as error:
            raise PlanError(problems_of(error)) from None
        except TypeError as error:  # values by place, which parts do not take
            if args:
                raise PlanError.single("", args[0], expected("rule_changes")) from error
            raise


class Part(BaseModel, metaclass=_OwnErrors):
    """Base of the plan's parts: frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False)

    def model_copy(self, *, update: Mapping[str, object] | None = None, deep: bool = False) -> Self:
        """A copy with some fields replaced; validated, where pydantic's own would take any value.

        Raises
        ------
        PlanError
            For an unknown field or a value that is not accepted.
        """
        if update is None or not checked_changes(update):
            return super().model_copy(deep=deep)
        return type(self).model_validate(opened(self) | dict(update))

    @classmethod
    def model_validate(cls, obj: object, **how: Any) -> Self:
        """A part from plain data, as pydantic's own, but for what is raised.

        Parameters
        ----------
        obj, how
            As pydantic takes them.

        Raises
        ------
        PlanError
            For an unknown field or a value that is not accepted.
        """
        try:
            return super().model_validate(obj, **how)
        except ValidationError as error:
            raise PlanError(problems_of(error)) from None

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **how: Any) -> Self:
        """A part from JSON; parameters and errors as :meth:`model_validate`."""
        try:
            return super().model_validate_json(json_data, **how)
        except ValidationError as error:
            raise PlanError(problems_of(error)) from None

    def __setattr__(self, name: str, value: object) -> None:
        """A part does not change: ``with_values`` or ``model_copy`` make another."""
        try:
            super().__setattr__(name, value)
        except (ValidationError, ValueError):
            raise PlanError.single(name, value, expected("part_frozen")) from None


def opened(part: BaseModel) -> dict[str, Any]:
    """The fields of a part of a plan; parts within it stay closed."""
    return {name: getattr(part, name) for name in type(part).model_fields}
