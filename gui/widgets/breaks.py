"""Where a line may end: at spaces, in Japanese where a phrase begins; a number stays with its unit."""

from __future__ import annotations

import re

NO_START = "、。，．）」』】〕・ー…%％!？?！:：,.)]＋／·"
"""Marks that begin no line."""
NO_END = "（「『【〔([“"
"""Marks that end no line."""
BEFORE_NUMBER = frozenset({"PUE", "TP", "PP", "CP", "DP", "EP", "MB"})
"""Words that stay with the number behind them."""


def _kana(char: str) -> bool:
    return "\u3041" <= char <= "\u309f"


def _wide(char: str) -> bool:
    return ord(char) > 0x2E7F


def _joined(before: str, char: str) -> bool:
    """Whether a character goes on with the piece before it, whose last is not a space."""
    last = before[-1]
    if char in NO_START or char == " " or last in NO_END:
        return True
    if not _wide(char) and not _wide(last):
        return True  # a word of letters and digits
    if (_kana(char) and last not in "、。，．！？：…") or last + char == "か月" or last.isdigit():
        return True  # particles and endings belong to what they follow, and counters to their number
    if last in NO_START and last not in "・ー":
        return False
    # After particles and endings a phrase begins; a word of one kind of script, or of digits and letters, is one.
    return not _kana(last) and _wide(char) and _wide(last) and (char in _KATAKANA) == (last in _KATAKANA)


_KATAKANA = frozenset(chr(code) for code in range(0x30A0, 0x3100))


_RUNS = re.compile("[^ \u2e80-\U0010ffff]+|.", re.DOTALL)


def pieces(text: str) -> list[str]:
    """The text cut at every place where a line may end; joined they are the text again."""
    found: list[str] = []
    for run in _RUNS.findall(text):  # within a word of letters and digits no line ends
        char = run[0]
        before = found[-1] if found else ""
        if before.endswith(" "):
            word = before.split()[-1] if before.strip() else ""
            # "16.4 months", "57 % なら", "8 × 8 GPUs" and "GPU で" are read as one.
            number = word.replace(",", "").replace(".", "").replace("−", "").isdigit()
            named = char.isdigit() and word in BEFORE_NUMBER
            joined = number or named or char in " ×%·" or word == "×" or _kana(char)
        else:
            joined = bool(before) and _joined(before, char)
        if joined:
            found[-1] += run
        else:
            found.append(run)
    return found


def shorter(piece: str) -> list[str]:
    """A piece that is wider than a line, cut between any two Japanese characters."""
    found: list[str] = []
    for char in piece:
        last = found[-1][-1] if found else " "
        narrow = last != " " and not _wide(char) and not _wide(last)
        if found and (char in NO_START or char == " " or last in NO_END or narrow):
            found[-1] += char
        else:
            found.append(char)
    return found
