"""A number as people type it into an input: bare, or with a unit behind it. Window and command line both read it here."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from mitsumori.model.base.format import MAGNITUDES, MONEY, currencies_in, parse
from mitsumori.model.base.refusal import Refusal, refusal
from mitsumori.model.plan.inputs import Input, Unit

NUMBERS = ("number", "whole")
"""Kinds of inputs that take a number."""


def typed_number(
    item: Input, text: str, *, currency: str = "", bare: float = 1.0, shown: Unit | None = None
) -> int | float:
    """The plan's number of what was typed (``70``, ``70%``, ``5000万円``, ``3 years`` for months); an int where it is whole.

    A number with a word of ``resources/units.toml`` behind it counts in that unit, whichever one the field shows; a magnitude
    (``70B``, ``3兆5000億``) counts as it says.

    Parameters
    ----------
    item
        The input, of kind ``number`` or ``whole``.
    text
        As typed, in any width of characters.
    currency
        ``JPY`` or ``USD``: the currency of an amount of money (:meth:`Input.currency_in`); empty for other inputs.
    bare
        What a number without unit and magnitude counts in the plan's unit: 1e9 where a field shows B, 0.01 for per cent.
    shown
        The unit that is written beside the field; None: the one of the table.

    Raises
    ------
    Refusal
        For what is no number, and for a unit or a currency that is not the input's.
    """
    money = currency or _currency_of(item.unit)
    plain = _plain(text)
    for word in MONEY.get(money, ()):
        plain = plain.removeprefix(_plain(word)).strip()
    words = _words(item, shown or item.shown, money)
    for word in sorted(words, key=len, reverse=True):
        if plain.endswith(word):
            number = plain[: -len(word)]
            try:
                _refuse_other_money(number, money, text)
                return _whole(float(f"{parse(number) * words[word]:.15g}"))
            except Refusal:
                continue
    _refuse_other_money(plain, money, text)
    return _whole(parse(plain, scale=bare))


def _currency_of(unit: str) -> str:
    """The currency that a unit such as ``JPY/kWh`` names; empty for none."""
    amount = unit.partition("/")[0]
    return amount if amount in MONEY else ""


def _refuse_other_money(number: str, money: str, text: str) -> None:
    """An amount in another currency is no amount of this input."""
    if currencies_in(number) - {money}:
        raise refusal("number_expected", typed=repr(text.strip()))


def _words(item: Input, unit: Unit, money: str) -> Mapping[str, float]:
    """What may stand behind a number of an input, and what it counts in the plan's unit.

    Parameters
    ----------
    item
        The input.
    unit
        The unit that its field shows.
    money
        The currency of an amount of money, else empty.
    """
    words = {_plain(name): unit.scale for name in unit.names.values() if name}
    if any("%" in word for word in words):
        words["%"] = unit.scale
    words |= {_plain(word): factor for word, factor in unit.typed.items()}
    signs = [_plain(word) for word in MONEY.get(money, ())]
    if item.currency:  # the table says what an amount is for: a rack, an hour
        words = {f"{sign}{word}": factor for sign in signs for word, factor in words.items()}
    words = {
        word: factor for word, factor in words.items() if MAGNITUDES.get(word) != factor
    }  # 1兆5000億 is one number
    return words | dict.fromkeys(signs, 1.0)


def _plain(text: str) -> str:
    """One form for every width and case of characters."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _whole(value: float) -> int | float:
    return int(value) if value == int(value) and abs(value) < 2**53 else value
