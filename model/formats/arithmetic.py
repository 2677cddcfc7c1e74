"""Whole-number arithmetic of the shell, ``$(( ))``, ``(( ))``, ``let`` and ``expr``, without executing anything.

Operators and their precedence: Bash reference manual, *Shell Arithmetic*. A name whose value is open makes open what needs it;
``?:``, ``&&`` and ``||`` need only the side that they take.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_TOKEN: Final = re.compile(
    r"\s*(0[xX][0-9a-fA-F]{1,15}|\d{1,18}|[A-Za-z_]\w*|\*\*|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|[-+*/%&|^]=|[-+*/%()<>!~?:&|^=,])"
)
_DEEPEST: Final = 30
_LONGEST: Final = 400
_LARGEST: Final = 10**24
_LEVELS: Final = (
    ("||",), ("&&",), ("|",), ("^",), ("&",), ("==", "!="), ("<", ">", "<=", ">="), ("<<", ">>"), ("+", "-"), ("*", "/", "%"),
)  # fmt: skip
"""Operators between two operands, the loosest first."""
_ASSIGNING: Final = ("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=")

Value = Callable[[str], str | None]


def _nothing(_name: str) -> None:
    return None


def reckoned(expression: str, value: Value = _nothing) -> int | None:
    """The value of an expression of whole numbers, dividing towards zero; None where it is open or none.

    Parameters
    ----------
    expression
        At most 400 characters, without ``$``.
    value
        The text that a name stands for, itself an expression; None where it is open.
    """
    return _evaluated(expression, value, {}, 0)


def settled(expression: str, value: Value = _nothing) -> dict[str, int | None]:
    """Variables that an expression sets (``A = 3``, ``B += 2``, ``C++``), None where the value is open.

    Parameters
    ----------
    expression, value
        As in :func:`reckoned`.
    """
    found: dict[str, int | None] = {}
    _evaluated(expression, value, found, 0)
    return found


def _evaluated(expression: str, value: Value, changed: dict[str, int | None], depth: int) -> int | None:
    if len(expression) > _LONGEST or depth > _DEEPEST:
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
    sums = _Sums(tokens, value, changed, depth)
    try:
        result = sums.whole(0)
    except (ZeroDivisionError, ValueError, IndexError, OverflowError):
        return None
    return result if sums.at == len(tokens) else None


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
    """Descent by precedence; an operand that is open is None, and so is what needs it."""

    def __init__(self, tokens: list[str], value: Value, changed: dict[str, int | None], depth: int) -> None:
        self.tokens, self.value, self.changed, self.depth, self.at = tokens, value, changed, depth, 0

    def _next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def whole(self, depth: int) -> int | None:
        """Expressions between commas: the last one's value."""
        result = self._choice(depth)
        while self._next() == ",":
            self.at += 1
            result = self._choice(depth)
        return result

    def _choice(self, depth: int) -> int | None:
        """An assignment, ``A ? B : C`` or an operation."""
        if depth > _DEEPEST:
            raise ValueError
        following = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else ""
        if following in _ASSIGNING and re.match(r"[A-Za-z_]", self._next()):
            name = self.tokens[self.at]
            self.at += 2
            result = self._choice(depth + 1)
            if following != "=":
                result = _joined(following[:-1], self._named(name), result)
            self.changed[name] = result
            return result
        asked = self._operation(0, depth)
        if self._next() != "?":
            return asked
        self.at += 1
        kept = dict(self.changed)
        first = self._choice(depth + 1)
        if self._next() != ":":
            raise ValueError
        self.at += 1
        second = self._choice(depth + 1)
        if self.changed != kept:  # an assignment on one side: whether it happens is another matter
            self.changed.update(dict.fromkeys(self.changed))
        return None if asked is None else first if asked else second

    def _operation(self, level: int, depth: int) -> int | None:
        if level == len(_LEVELS):
            return self._power(depth)
        result = self._operation(level + 1, depth)
        while (sign := self._next()) in _LEVELS[level]:
            self.at += 1
            result = _joined(sign, result, self._operation(level + 1, depth))
        return result

    def _power(self, depth: int) -> int | None:
        base = self._single(depth)
        if self._next() != "**":
            return base
        self.at += 1
        return _joined("**", base, self._power(depth + 1))

    def _single(self, depth: int) -> int | None:
        token = self.tokens[self.at]
        self.at += 1
        if depth > _DEEPEST:
            raise ValueError
        if token in ("-", "+", "!", "~"):
            operand = self._single(depth + 1)
            if operand is None:
                return None
            return {"-": -operand, "+": operand, "!": int(not operand), "~": ~operand}[token]
        if token == "(":
            inner = self.whole(depth + 1)
            if self._next() != ")":
                raise ValueError
            self.at += 1
            return inner
        if token in ("++", "--"):
            name = self.tokens[self.at]
            self.at += 1
            return self._stepped(name, token)[1]
        if re.match(r"[A-Za-z_]", token):
            if self._next() in ("++", "--"):
                self.at += 1
                return self._stepped(token, self.tokens[self.at - 1])[0]
            return self._named(token)
        if not token[0].isdigit():
            raise ValueError
        octal = len(token) > 1 and token[0] == "0" and token.isdigit()
        return int(token, 8) if octal else int(token, 0)

    def _stepped(self, name: str, sign: str) -> tuple[int | None, int | None]:
        """A variable's value before and after ``++`` or ``--``."""
        before = self._named(name)
        after = None if before is None else before + (1 if sign == "++" else -1)
        self.changed[name] = after
        return before, after

    def _named(self, name: str) -> int | None:
        if name in self.changed:
            return self.changed[name]
        text = self.value(name)
        return None if text is None else _evaluated(text, self.value, {}, self.depth + 1)


def _joined(sign: str, left: int | None, right: int | None) -> int | None:
    """Two operands joined by an operator; ``&&`` and ``||`` may be decided by one of them."""
    if sign in ("&&", "||"):
        deciding = sign == "||"
        if (left is not None and bool(left) is deciding) or (right is not None and bool(right) is deciding):
            return int(deciding)
        return None if left is None or right is None else int(not deciding)
    if left is None or right is None:
        return None
    if sign in ("<<", ">>", "**") and not 0 <= right <= 80:
        raise ValueError
    result = _OPERATIONS[sign](left, right)
    if abs(result) > _LARGEST:
        raise ValueError
    return int(result)


def _quotient(left: int, right: int) -> int:
    return abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)


_OPERATIONS: Final[dict[str, Callable[[int, int], int]]] = {
    "+": int.__add__, "-": int.__sub__, "*": int.__mul__, "**": lambda a, b: int(a**b), "/": _quotient,
    "%": lambda a, b: a - _quotient(a, b) * b, "<<": int.__lshift__, ">>": int.__rshift__, "&": int.__and__, "|": int.__or__,
    "^": int.__xor__, "<": int.__lt__, ">": int.__gt__, "<=": int.__le__, ">=": int.__ge__, "==": int.__eq__, "!=": int.__ne__,
}  # fmt: skip
