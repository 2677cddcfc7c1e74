"""Numbers as people read and type them."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mitsumori
from mitsumori.model.base import format as fmt
from mitsumori.model.base.refusal import Refusal


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (62.38, "62.4"), (1680.4, "1,680"), (12.0, "12.0"), (0.404, "0.404"), (999.6, "1,000"), (0.9996, "1.00"),
        (-0.0314, "−0.0314"), (0, "0"), (100, "100"), (8.694e8, "869,400,000"),
    ],
)  # fmt: skip
def test_three_significant_digits_with_commas_and_a_true_minus(value: float, shown: str) -> None:
    assert fmt.significant(value) == shown


@pytest.mark.parametrize(
    ("value", "currency", "ja", "en"),
    [
        (8.69e8, "JPY", "8.69 億円", "¥869M"),
        (2.14e9, "JPY", "21.4 億円", "¥2.14B"),
        (1.68e7, "JPY", "1,680 万円", "¥16.8M"),
        (9300, "JPY", "9,300 円", "¥9.30k"),
        (-3e8, "JPY", "−3.00 億円", "−¥300M"),
        (5.79e6, "USD", "579 万ドル", "$5.79M"),
        (1.2e12, "JPY", "1.20 兆円", "¥1.20T"),
        (39.33, "USD", "39.3 ドル", "$39.3"),
    ],
)
def test_money_in_both_languages(value: float, currency: str, ja: str, en: str) -> None:
    assert fmt.money(value, currency, "ja") == ja
    assert fmt.money(value, currency, "en") == en


def test_an_interval_has_an_en_dash() -> None:
    assert fmt.interval(20.1, 25.0) == "20.1 – 25.0"


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("70B", 70e9), ("70b", 70e9), ("2T", 2e12), ("1.5T", 1.5e12), ("1000億", 1e11), ("3.5兆", 3.5e12),
        ("１００億", 1e10), ("3兆5000億", 3.5e12), ("1億2000万円", 1.2e8), ("1,234.5", 1234.5), ("12,345,678", 12345678), ("1,234億5,000万円", 123450000000.0), ("1e11", 1e11),
        ("100億トークン", 1e10), ("1.5 trillion", 1.5e12), ("−5", -5), ("¥12", 12), ("500 million", 5e8),
    ],
)  # fmt: skip
def test_numbers_with_magnitudes_are_understood(typed: str, value: float) -> None:
    assert fmt.parse(typed, units=("円", "トークン")) == value


def test_a_bare_number_is_in_the_fields_own_scale_and_a_magnitude_overrides_it() -> None:
    assert fmt.parse("100", scale=1e9) == 1e11
    assert fmt.parse("1.5T", scale=1e9) == 1.5e12
    assert fmt.parse("70 %", scale=0.01, units=("%",)) == 0.7


@pytest.mark.parametrize("typed", ["", "abc", "1.2.3", "5億3兆", "--5", "1e999", "70Q", "１２あ", "∞", "NaN", "0x10",
                                   "28,5", "0,65", "1,2345", "1,23,456", "10000,000", "28，5"])  # fmt: skip
def test_what_is_not_a_number_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(Refusal) as caught:
        fmt.parse(typed)
    assert str(caught.value).endswith(".")


@given(st.floats(min_value=1e-3, max_value=1e15))
def test_what_is_shown_reads_back(value: float) -> None:
    shown = fmt.significant(value, 6, trim=True)
    assert math.isclose(fmt.parse(shown), value, rel_tol=1e-5)


@given(st.floats(min_value=1e4, max_value=9e15))
def test_kanji_counts_read_back(value: float) -> None:
    assert math.isclose(fmt.parse(fmt.count(value, kanji=True)), value, rel_tol=6e-3)


@pytest.mark.parametrize(
    ("seconds", "en", "ja"),
    [(77.2, "1.29 minutes", "1.29 分"), (22.3 * 86400, "22.3 days", "22.3 日"), (3960, "1.10 hours", "1.10 時間"),
     (3, "3.00 s", "3.00 秒"), (900 * 86400, "2.47 years", "2.47 年")],
)  # fmt: skip
def test_durations_in_the_unit_people_would_say(seconds: float, en: str, ja: str) -> None:
    assert (fmt.duration(seconds, "en"), fmt.duration(seconds, "ja")) == (en, ja)


def test_signs_of_currencies_stand_once() -> None:
    """A third currency is one entry: no other module says which sign belongs to which code."""
    from mitsumori.model.base.format import MONEY, sign_of

    assert [sign_of(code, language) for code in MONEY for language in ("en", "ja")] == ["¥", "円", "$", "ドル"]
    top = Path(mitsumori.__file__).parent
    signs = re.compile(r"[\"'](¥|円|ドル)[\"']")
    for folder in ("model", "gui"):
        for path in (top / folder).rglob("*.py"):
            lines = path.read_text(encoding="utf-8").splitlines()
            said = [line for line in lines if signs.search(line) and re.search(r"[\"'](JPY|USD)[\"']", line)]
            assert not said or path.name == "format.py", (path.name, said)
