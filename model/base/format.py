"""Numbers as people read and type them, in Japanese and English.

Three significant digits below a thousand and whole numbers above, comma groups, a true minus (U+2212), an en dash in
intervals, Japanese money in man, oku and cho, tokens as B and T or in oku and cho. Used by window, commands and
workbook.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from mitsumori.model.base.refusal import refusal
from mitsumori.model.base.rounding import ceil_guarded

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
UNDEFINED = "\N{EM DASH}"

AXES: Final = ("tp", "pp", "vp", "cp", "ep", "etp")
"""The axes along which a layout splits a model, in the order in which people write them: tensor, pipeline and virtual stages,
context, expert, and tensor parallel of the experts. What lists axes (results, search, grids, window) reads them from here."""

MAGNITUDES: Final = {
    "k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9, "t": 1e12, "p": 1e15,
    "thousand": 1e3, "million": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12,
    "千": 1e3, "万": 1e4, "百万": 1e6, "億": 1e8, "十億": 1e9, "兆": 1e12, "京": 1e16,
}  # fmt: skip
"""What may stand behind a number of a field, and the power of ten that it is."""
_TERM = re.compile(
    r"((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?(?:e[+-]?[0-9]+)?|\.[0-9]+(?:e[+-]?[0-9]+)?)\s*([^\s0-9.,+\-]*)\s*"
)
"""A number and what stands behind it. Commas part groups of three digits: ``28,5`` is no number (a decimal comma would count
ten times as much)."""


class Parts(NamedTuple):
    """A number for display with what stands before and after it; ``text`` joins them with the right spaces."""

    prefix: str
    number: str
    unit: str

    @property
    def text(self) -> str:
        """The whole as one string: a space before a unit, none inside ``¥869M``."""
        if self.prefix:
            return f"{self.prefix}{self.number}{self.unit}"
        return f"{self.number} {self.unit}" if self.unit else self.number


def significant(value: float, digits: int = 3, *, trim: bool = False) -> str:
    """A number with ``digits`` significant digits; from 10**digits on, all digits of the whole number.

    Parameters
    ----------
    value
        Any finite number.
    digits
        Significant digits, at least 1.
    trim
        Drop trailing zeros after the point (for typed values).

    Examples
    --------
    >>> significant(62.38), significant(1680.4), significant(-0.0314), significant(12.0)
    ('62.4', '1,680', '−0.0314', '12.0')
    """
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else UNDEFINED
    exponent = math.floor(math.log10(abs(value)))
    decimals = max(0, digits - 1 - exponent)
    rounded = round(abs(value), decimals)
    if rounded >= 10 ** (exponent + 1) and decimals:
        decimals -= 1
    if decimals > 9:
        mantissa, power = f"{abs(value):.{digits - 1}e}".split("e")
        body = f"{mantissa}e{int(power)}".replace("-", MINUS)
    else:
        body = f"{rounded:,.{decimals}f}"
        if trim and "." in body:
            body = body.rstrip("0").rstrip(".")
    return f"{MINUS}{body}" if value < 0 else body


def whole(value: float) -> str:
    """A count with comma groups and a true minus."""
    return f"{value:,.0f}".replace("-", MINUS)


def layout(parallel: Mapping[str, object], *, micro_batch: bool = False) -> str:
    """A parallel layout in one line: ``TP 4 · PP 2 · DP 8 · ZeRO-1``; sizes of one are left out, except TP, PP and DP.

    ZeRO-3 is written FSDP, as its users call it.
    """
    parts = [
        f"{name.upper()} {parallel[name]}"
        for name in (*AXES, "dp")
        if parallel.get(name) is not None and (parallel[name] != 1 or name in ("tp", "pp", "dp"))
    ]
    zero = parallel.get("zero_stage")
    if zero is not None:
        parts.append("FSDP" if zero == 3 else f"ZeRO-{zero}")
    if micro_batch:
        parts.append(f"MB {parallel['micro_batch']}")
    return " · ".join(parts)


def signed(value: float, digits: int = 3) -> str:
    """A difference: ``+0.3``, a true minus below zero, ``±0`` for none."""
    body = significant(value, digits)
    return "±0" if body == "0" else body if value < 0 else f"+{body}"


def percent(share: float, digits: int = 3, *, trim: bool = True) -> str:
    """A share as ``38.6 %``.

    Parameters
    ----------
    share
        A share, 1 for the whole.
    digits
        Significant digits, 1 or more.
    trim
        Leave off zeros at the end.
    """
    return f"{significant(share * 100, digits, trim=trim)} %"


def interval(low: float, high: float, digits: int = 3) -> str:
    """Low and high with an en dash between, with as many decimals as the larger.

    Parameters
    ----------
    low, high
        The ends, in one unit.
    digits
        Significant digits, 1 or more.
    """
    return f"{significant(low, digits)} {DASH} {significant(high, digits)}"


def money_parts(value: float, currency: str, language: str) -> Parts:
    """An amount as ``8.69 億円``, ``1,680 万円``, ``¥869M``, ``$5.79M`` or ``579 万ドル``.

    Parameters
    ----------
    value
        Amount in the currency; negative is written with a true minus.
    currency
        ``JPY`` or ``USD``.
    language
        ``ja`` or ``en``.

    Raises
    ------
    ValueError
        For a currency other than JPY and USD.
    """
    if currency not in ("JPY", "USD"):
        raise ValueError(f"currency={currency!r} must be JPY or USD")
    size = abs(value)
    if language == "ja":
        name = sign_of(currency, language)
        for scale, unit in ((1e12, "兆"), (1e8, "億"), (1e4, "万")):
            if size >= scale * 0.9995:
                return Parts("", significant(value / scale), unit + name)
        return Parts("", significant(value, 3 if size < 100 else 4, trim=True), name)
    sign = sign_of(currency, language)
    prefix = (MINUS if value < 0 else "") + sign
    for scale, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if size >= scale * 0.9995:
            return Parts(prefix, significant(size / scale), unit)
    return Parts(prefix, significant(size, trim=True), "")


def money(value: float, currency: str, language: str) -> str:
    """:func:`money_parts` as one string.

    Parameters
    ----------
    value, currency, language
        As :func:`money_parts`.
    """
    return money_parts(value, currency, language).text


def money_scale(maximum: float, currency: str, language: str) -> tuple[float, str]:
    """Divisor and unit for a whole axis or column, chosen by its largest amount: ``(1e8, "億円")``, ``(1e6, "¥M")``.

    Parameters
    ----------
    maximum
        Largest amount of the axis, in the currency; its sign does not matter.
    currency
        ``JPY`` or ``USD``.
    language
        ``ja`` or ``en``.
    """
    size = abs(maximum)
    if language == "ja":
        name = sign_of(currency, language)
        for scale, unit in ((1e12, "兆"), (1e8, "億"), (1e4, "万")):
            if size >= scale:
                return scale, unit + name
        return 1.0, name
    sign = sign_of(currency, language)
    for scale, unit in ((1e6, "M"), (1e3, "k")):
        if size >= scale:
            return scale, sign + unit
    return 1.0, sign


def count_parts(value: float, *, kanji: bool = False) -> Parts:
    """A large count (tokens, parameters): ``100 B``, ``1.5 T``; with ``kanji`` ``1,000 億``, ``3.5 兆``."""
    size = abs(value)
    scales = ((1e12, "兆"), (1e8, "億"), (1e4, "万")) if kanji else ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
    for scale, unit in scales:
        if size >= scale * 0.9995:
            return Parts("", significant(value / scale, trim=True), unit)
    return Parts("", significant(value, trim=True), "")


def count(value: float, *, kanji: bool = False) -> str:
    """:func:`count_parts` as one string."""
    return count_parts(value, kanji=kanji).text


def gigabytes(value_bytes: float, digits: int = 3) -> str:
    """Bytes in decimal gigabytes, number only: ``62.4``."""
    return significant(value_bytes / 1e9, digits)


_DURATIONS = {
    "en": (("years", "year"), ("days", "day"), ("hours", "hour"), ("minutes", "minute"), ("s", "s")),
    "ja": (("年", "年"), ("日", "日"), ("時間", "時間"), ("分", "分"), ("秒", "秒")),
}


def duration_parts(seconds: float, language: str) -> Parts:
    """A duration in the unit people would say: seconds, minutes, hours, days, and years from two years on."""
    size, index = _duration_unit(seconds)
    many, one = _DURATIONS[language][index]
    number = significant(seconds / size)
    return Parts("", number, one if number in ("1", "1.00") else many)


def duration_scale(seconds: float) -> float:
    """Units of :func:`duration_parts` in a day: what days are multiplied by to be shown in the unit of that duration."""
    return 86400.0 / _duration_unit(seconds)[0]


def _duration_unit(seconds: float) -> tuple[float, int]:
    """Seconds of the unit that fits, and its place in the names."""
    for limit, size, index in ((730 * 86400, 365 * 86400, 0), (86400, 86400, 1), (3600, 3600, 2), (60, 60, 3)):
        if seconds >= limit * 0.9995:
            return float(size), index
    return 1.0, 4


CLOCK: Final = {"en": (" h ", " min", " min ", " s"), "ja": ("時間", "分", "分", "秒")}
"""What stands behind hours and their minutes, and behind minutes and their seconds."""


def clock(days: float, language: str) -> str:
    """A time below a day in whole units as documents write it: ``2 h 40 min``, below an hour ``9 min 58 s``."""
    hour, minute, minutes, second = CLOCK[language]
    whole_s = math.floor(days * 86400 + 0.5)
    if whole_s < 3600:
        return f"{whole_s // 60}{minutes}{whole_s % 60}{second}"
    return f"{whole_s // 3600}{hour}{whole_s // 60 % 60}{minute}"


def days_number(days: float, language: str, digits: int = 1) -> str:
    """Days as a number, or :func:`clock` below one day, whose units are in it.

    Parameters
    ----------
    days
        Days, 0 or more.
    language
        ``ja`` or ``en``.
    digits
        Decimals from one day on.
    """
    return clock(days, language) if 0 <= days < 1 else f"{days:,.{digits}f}"


def days_text(days: float, language: str, digits: int = 1) -> str:
    """:func:`days_number` with the word for days where it needs one.

    Parameters
    ----------
    days, language, digits
        As there.
    """
    many, _ = _DURATIONS[language][1]
    return days_number(days, language, digits) + ("" if 0 <= days < 1 else f" {many}")


MICROSECONDS = "\N{GREEK SMALL LETTER MU}s"
"""With the letter that Japanese code pages have; the micro sign they have not."""


def short_time_unit(seconds: float | None) -> tuple[str, float]:
    """Unit of a part of a step and its units in a second: s, ms below 0.1 s, microseconds below 0.1 ms."""
    size = abs(seconds or 0.0)
    return ("s", 1.0) if size >= 0.1 or size == 0.0 else ("ms", 1e3) if size >= 1e-4 else (MICROSECONDS, 1e6)


def duration(seconds: float, language: str) -> str:
    """:func:`duration_parts` as one string."""
    return duration_parts(seconds, language).text


MONEY: Final = {"JPY": ("¥", "円", "JPY", "YEN"), "USD": ("$", "ドル", "USD")}
"""How a currency is written beside an amount: its sign, its word, its code."""


def sign_of(currency: str, language: str) -> str:
    """What marks an amount: ``¥`` and ``$`` before it, in Japanese ``円`` and ``ドル`` behind it."""
    return MONEY[currency][1 if language == "ja" else 0]


def currencies_in(text: str) -> frozenset[str]:
    """Currencies that a text or a unit names."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return frozenset(currency for currency, words in MONEY.items() if any(word in plain for word in words))


def parse(text: str, *, scale: float = 1.0, units: tuple[str, ...] = (), currency: str | None = None) -> float:
    """Read a number as people type it.

    Full-width digits, comma groups, ``70B``, ``2T``, ``1.5e11``, ``1000億``, ``3兆5000億``, a currency sign before and
    one of ``units`` behind are understood. A number without a magnitude is in the field's own ``scale``.

    Parameters
    ----------
    text
        What was typed.
    scale
        What a bare number counts (1e9 where the field shows B, 0.01 for per cent).
    units
        Unit words that may follow and change nothing.
    currency
        ``JPY`` or ``USD`` of an amount of money: its words may stand there, those of the other are refused. None: any sign.

    Raises
    ------
    Refusal
        With one sentence, when it is not a number.
    """
    if currency is not None:
        if currencies_in(text) - {currency}:
            raise refusal("number_dollars" if currency == "USD" else "number_yen", typed=repr(text.strip()))
        units = (*units, *MONEY[currency])
    plain = unicodedata.normalize("NFKC", text).replace(MINUS, "-").replace("¥", "").replace("$", "").strip().casefold()
    sign = -1.0 if plain.startswith("-") else 1.0
    rest = plain[1:].strip() if plain[:1] in ("+", "-") else plain
    known = {unicodedata.normalize("NFKC", unit).casefold() for unit in units}
    total, position, magnitudes = 0.0, 0, 0
    previous = math.inf
    while position < len(rest):
        match = _TERM.match(rest, position)
        factor = None if match is None else _factor(match.group(2), known)
        if match is None or factor is None or (position and factor >= previous):
            raise refusal("number_expected", typed=repr(text.strip()))
        magnitudes += factor != 1.0
        total += float(match.group(1).replace(",", "")) * factor
        previous = factor
        position = match.end()
    if not rest:
        raise refusal("number_absent")
    if not math.isfinite(total):
        raise refusal("number_too_large", typed=repr(text.strip()))
    # 70 * 0.01 must read back as 0.7, not 0.7000000000000001.
    return sign * float(f"{total * (1.0 if magnitudes else scale):.15g}")


def _factor(suffix: str, units: set[str]) -> float | None:
    """The magnitude of a suffix such as ``b``, ``億`` or ``億トークン``; None when it is neither magnitude nor unit."""
    if not suffix or suffix in units:
        return 1.0
    if suffix in MAGNITUDES:
        return MAGNITUDES[suffix]
    for name in sorted(MAGNITUDES, key=len, reverse=True):
        if suffix.startswith(name) and suffix[len(name) :] in units:
            return MAGNITUDES[name]
    return None


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a sentence whose words depend on the reader's language: money where ``currency`` is given, else a count.

    1.12e6 of JPY is ``¥1.12M`` or ``112 万円``, 7e10 without a currency ``70B`` or ``700 億``.
    """

    value: float
    currency: str = ""

    def word(self, language: str) -> str:
        """As people write it, in three digits."""
        if self.currency:
            return money(self.value, self.currency, language)
        return count(self.value, kanji=language == "ja")


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration in a sentence, in the unit and language of the reader: ``8.2 days``, ``2,870 年``."""

    days: float

    def word(self, language: str) -> str:
        """As people say it, in three digits."""
        return duration(self.days * 86400.0, language)


def is_wide(letter: str) -> bool:
    """Whether a character is about as wide as high: Chinese, Japanese and full-width ones."""
    return unicodedata.east_asian_width(letter) in "WF"


def screen_width(text: str) -> int:
    """Columns of a text in a terminal: wide characters take two."""
    return sum(2 if is_wide(letter) else 1 for letter in text)


def padded(text: str, width: int) -> str:
    """A text filled with spaces to ``width`` columns of a terminal, with at least one space behind it."""
    return text + " " * max(1, width - screen_width(text))


def in_month(month: float) -> str:
    """The month in which something has happened, counted from 1: what takes 16.3 months is done in the 17th."""
    return str(max(1, int(ceil_guarded(month))))
