"""Whole-number arithmetic of the shell, ``$(( ))`` and ``expr``, without executing anything."""

from __future__ import annotations

import re
from typing import Final

_TOKEN: Final = re.compile(r"\s*(\d{1,18}|\*\*|[-+*/%()])")
_DEEPEST: Final = 30
_LARGEST: Final = 10**24


def reckoned(expression: str) -> int | None:
    """Sums and products of whole numbers with parentheses, dividing towards zero; None for anything else.

    Parameters
    ----------
    expression
        Digits, ``+ - * / % ** ( )`` and spaces, at most 400 characters.
    """
    if len(expression) > 400:
        return None
    tokens: list[str] = []
    at = 0
    expression = expression.strip()
    while at < len(expression):
        found = _TOKEN.match(expression, at)
        if found is None:
            return None
        tokens.append(found.group(1))
        at = found.end()
    sums = _Sums(tokens)
    try:
        value = sums.total(0)
    except (ZeroDivisionError, ValueError, IndexError):
        return None
    return value if sums.at == len(tokens) else None


def sequence(words: list[str]) -> list[str] | None:
    """The numbers that ``seq FIRST STEP LAST`` prints, at most 2,000; None for other words.

    Parameters
    ----------
    words
        One to three whole numbers of up to six digits: the last; first and last; first, step and last.
    """
    if not 1 <= len(words) <= 3 or not all(re.fullmatch(r"-?\d{1,6}", word) for word in words):
        return None
    values = [int(word) for word in words]
    first, last = (1 if len(values) == 1 else values[0]), values[-1]
    step = (values[1] or 1) if len(values) == 3 else 1
    if abs(last - first) // abs(step) >= 2000:
        return None
    return [str(number) for number in range(first, last + (1 if step > 0 else -1), step)]


class _Sums:
    """``total := product (('+'|'-') product)*; product := single (('*'|'/'|'%') single)*``."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.at = tokens, 0

    def _next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def total(self, depth: int) -> int:
        value = self._product(depth)
        while (sign := self._next()) in ("+", "-") and sign:
            self.at += 1
            other = self._product(depth)
            value = value + other if sign == "+" else value - other
        return value

    def _product(self, depth: int) -> int:
        value = self._single(depth)
        while (sign := self._next()) in ("*", "/", "%") and sign:
            self.at += 1
            other = self._single(depth)
            if sign == "*":
                value *= other
            else:
                quotient = abs(value) // abs(other) * (1 if (value < 0) == (other < 0) else -1)
                value = quotient if sign == "/" else value - quotient * other
            if abs(value) > _LARGEST:
                raise ValueError
        return value

    def _single(self, depth: int) -> int:
        token = self.tokens[self.at]
        self.at += 1
        if depth > _DEEPEST:
            raise ValueError
        if token == "-":
            return -self._single(depth + 1)
        if token == "(":
            value = self.total(depth + 1)
            if self._next() != ")":
                raise ValueError
            self.at += 1
            return value
        return int(token)
