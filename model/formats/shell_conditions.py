"""Truth of a shell's ``[ ]``, ``[[ ]]``, ``test`` and ``(( ))``, as far as both sides are known."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from typing import Final

from mitsumori.model.formats.arithmetic import reckoned

_WORD: Final = re.compile(
    r"""\s*(&&|\|\||[()](?=\s|$)|!(?=\s)|(?:"(?:[^"\\]|\\.)*"|'[^']*'|\$\{[^}]*\}|\$\([^)]*\)|[^\s&|"']|[&|](?![&|]))+)"""
)
_NUMBERS: Final[dict[str, Callable[[int, int], bool]]] = {
    "-eq": int.__eq__, "-ne": int.__ne__, "-lt": int.__lt__, "-le": int.__le__, "-gt": int.__gt__, "-ge": int.__ge__,
}  # fmt: skip
_TEXTS: Final = ("=", "==", "!=", "=~", "<", ">")
_PLAIN_PATTERN: Final = re.compile(r"[\w.^$|()\[\]*+?/-]{1,100}")
_DEEPEST: Final = 20

Expand = Callable[[str], str | None]


def holds(condition: str, expand: Expand) -> bool | None:
    """Truth of a test; None where a side is open.

    Parameters
    ----------
    condition
        The test with its brackets or with ``test``, as it stands in the script.
    expand
        The value of a word as the shell reads it; None where it is open.
    """
    text = condition.strip()
    if text.startswith("(("):
        value = reckoned(
            re.sub(r"^\(\(|\)\)$", "", text).replace("$", "").replace("{", "").replace("}", ""), expand_name(expand)
        )
        return None if value is None else bool(value)
    text = re.sub(r"^(\[\[?|test(?=\s))|\]\]?$", "", text).strip()
    words: list[str] = []
    at = 0
    while at < len(text):
        found = _WORD.match(text, at)
        if found is None:
            return None
        words.append(found.group(1))
        at = found.end()
        while at < len(text) and text[at].isspace():
            at += 1
    test = _Test(words, expand)
    try:
        truth = test.either(0)
    except IndexError:
        return None
    return truth if test.at == len(words) else None


def expand_name(expand: Expand) -> Expand:
    """The value of a variable by its name alone, as arithmetic writes it."""
    return lambda name: expand(f"${{{name}}}")


class _Test:
    """``either := both ('||' both)*; both := one ('&&' one)*``, with three values."""

    def __init__(self, words: list[str], expand: Expand) -> None:
        self.words, self.expand, self.at = words, expand, 0

    def _next(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def either(self, depth: int) -> bool | None:
        truth = self._both(depth)
        while self._next() in ("||", "-o"):
            self.at += 1
            other = self._both(depth)
            truth = True if truth or other else None if None in (truth, other) else False
        return truth

    def _both(self, depth: int) -> bool | None:
        truth = self._one(depth)
        while self._next() in ("&&", "-a"):
            self.at += 1
            other = self._one(depth)
            truth = False if False in (truth, other) else None if None in (truth, other) else True
        return truth

    def _one(self, depth: int) -> bool | None:
        if depth > _DEEPEST:
            return None
        word = self.words[self.at]
        self.at += 1
        if word == "!":
            truth = self._one(depth + 1)
            return None if truth is None else not truth
        if word == "(":
            truth = self.either(depth + 1)
            self.at += 1
            return truth
        following = self._next()
        if following in _NUMBERS or following in _TEXTS:
            self.at += 2
            return self._compared(word, following, self.words[self.at - 1])
        if re.fullmatch(r"-[a-zA-Z]", word) and following not in ("", "&&", "||", "-a", "-o", ")"):
            self.at += 1
            value = self.expand(following) if word in ("-n", "-z") else None
            return None if value is None else bool(value) is (word == "-n")
        value = self.expand(word)
        return None if value is None else bool(value)

    def _compared(self, first: str, sign: str, second: str) -> bool | None:
        left = self.expand(first)
        right = second if sign == "=~" else self.expand(second)
        if left is None or right is None:
            return None
        if sign in _NUMBERS:
            values = [reckoned(side, expand_name(self.expand)) for side in (left, right)]
            return None if None in values else _NUMBERS[sign](*values)  # type: ignore[arg-type]
        if sign == "=~":
            return bool(re.search(right, left)) if _PLAIN_PATTERN.fullmatch(right) and _compiles(right) else None
        if sign in ("<", ">"):
            return (left < right) is (sign == "<")
        pattern = second[:1] not in "\"'" and any(sign_ in right for sign_ in "*?[")
        same = fnmatch.fnmatchcase(left, right) if pattern else left == right
        return same is (sign != "!=")


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, RecursionError):
        return False
    return not re.search(r"[*+?)]\s*[*+]|\([^)]*[*+][^)]*\)[*+?]", pattern)  # nothing that backtracks without end
