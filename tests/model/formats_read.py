"""What the tests of other tools' configurations share."""

from __future__ import annotations

from mitsumori.model.formats import Imported, read_configuration
from mitsumori.model.formats.shapes import shape_of
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve


def imported(text_: str, name: str = "") -> Imported:
    return read_configuration(text_, name)


def shape(plan: Plan) -> dict[str, float]:
    return shape_of(resolve(plan.with_values({"parallel.auto": True})).architecture)


def megatron(extra: str) -> Imported:
    base = "--num-layers 32 --hidden-size 4096 --num-attention-heads 32 --seq-length 4096 --vocab-size 32000 "
    return imported(base + extra)
