"""Depreciation, fiscal years and leases against published worked examples, to the yen or cent that they print."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mitsumori.model.cost.accounting import lease_years
from mitsumori.model.cost.cashflow import annuity
from mitsumori.model.cost.depreciation import rates, shares
from mitsumori.model.cost.fiscal_years import fiscal_months
from tests.model.test_accounting import money

DECLINING = {
    # TKC Shuppan, sample pages of a tax handbook: 1,000,000 yen, acquired 2013-04-01, 10 years, 0.200 / 0.06552 / 0.250
    # https://www.tkcshuppan.co.jp/trial/9269_57160/pageindices/index31.html
    10: (200_000, 160_000, 128_000, 102_400, 81_920, 65_536, 65_536, 65_536, 65_536, 65_535),
    # Yayoi, support page: 1,000,000 yen, acquired 2017-04-01, 8 years, 0.250 / 0.07909 / 0.334
    # https://support.yayoi-kk.co.jp/business/faq_Subcontents.html?page_id=6985
    8: (250_000, 187_500, 140_625, 105_468, 79_101, 79_260, 79_260, 78_785),
}
"""Depreciation a year by useful life; tax books keep a memorandum yen, which the last year leaves."""


@pytest.mark.parametrize("life", DECLINING)
def test_declining_balance_of_published_examples(life: int) -> None:
    taken = shares("declining", life, (12,) * life) * 1e6
    wanted = DECLINING[life]
    np.testing.assert_allclose(taken[:-1], wanted[:-1], atol=1.01)  # they cut to whole yen year by year
    assert taken[-1] == pytest.approx(wanted[-1], abs=3.0)
    assert taken.sum() == pytest.approx(1e6, abs=1e-6)


def test_straight_line_of_a_published_example() -> None:
    """TKC Shuppan: 1,000,000 yen over 10 years at 0.100 a year, 99,999 in the last.

    https://www.tkcshuppan.co.jp/trial/9269_57160/pageindices/index30.html
    """
    np.testing.assert_allclose(shares("straight_line", 10, (12,) * 10) * 1e6, [1e5] * 10)


def test_a_server_by_two_hands() -> None:
    """5 years, 0.400 / 0.10800 / 0.500: once year by year from the book, once from the powers of what remains."""
    rate, guarantee, revised = rates("declining", 5)
    assert (rate, guarantee, revised) == (0.400, 0.10800, 0.500)
    first = [
        0.4,
        0.6 * 0.4,
        0.36 * 0.4,
    ]  # 0.216 remain; 0.216 * 0.4 = 0.0864 < 0.108, so that half of 0.216 is taken twice
    by_book = [*first, 0.108, 0.108]
    by_powers = [0.4 * 0.6**k for k in range(3)] + [0.6**3 * 0.5] * 2
    np.testing.assert_allclose(shares("declining", 5, (12,) * 5), by_book, rtol=1e-12)
    np.testing.assert_allclose(by_book, by_powers, rtol=1e-12)


def test_the_first_fiscal_year_takes_its_months_by_two_hands() -> None:
    """Operation from November in a year that begins in April: 5 months of the first, 12 of the next four, 7 of the last.

    The statute divides a year's amount by 12 and counts months begun. By the book: 0.4 * 5 / 12 = 0.1666..., then 0.4 of what is
    left; by hand 0.83333 * 0.4 = 0.33333, 0.5 * 0.4 = 0.2, 0.3 * 0.4 = 0.12 and 0.18 * 0.4 = 0.072 < 0.108, so 0.18 * 0.5.
    """
    months = fiscal_months(60, 11, 4)
    assert months == (5, 12, 12, 12, 12, 7)
    assert sum(months) == 60
    np.testing.assert_allclose(shares("declining", 5, months)[:5], [1 / 6, 1 / 3, 0.2, 0.12, 0.09], rtol=1e-12)
    straight = shares("straight_line", 5, months)
    np.testing.assert_allclose(straight, [0.2 * 5 / 12, 0.2, 0.2, 0.2, 0.2, 0.2 * 7 / 12], rtol=1e-12)
    assert straight.sum() == pytest.approx(1.0)


def test_the_liability_of_a_published_lease() -> None:
    """IFRScommunity: nine payments of 50,000 at 5 % a period begin as 355,391.08 and are 323,160.64 after one of them.

    https://ifrscommunity.com/knowledge-base/ifrs-16-recognition-and-measurement-of-leases/ (its spreadsheet: interest 17,770
    and 16,158 in the first two years).
    """
    yearly = 1.05**12 - 1.0  # our months stand for its years
    opening = 50_000.0 * float(annuity(9.0, yearly))
    assert opening == pytest.approx(355_391.08, abs=0.005)
    after = 50_000.0 * float(annuity(8.0, yearly))
    assert opening * 0.05 == pytest.approx(17_770, abs=0.5)
    assert after == pytest.approx(opening * 1.05 - 50_000.0, abs=1e-6)
    assert after * 0.05 == pytest.approx(16_158, abs=0.5)


def test_a_lease_over_fiscal_years_by_two_hands() -> None:
    """1,000 of machines at 2 % a month for 36 months, 6 % a year: month by month, and by the closed form."""
    initial = {"servers": 700.0, "more_servers": 150.0, "network": 100.0, "storage": 30.0, "spares": 20.0}
    years = lease_years(
        money(discount_rate=0.06, own_lease_rate_per_month=0.02, own_lease_months=36), initial, (6, 12, 12, 6)
    )
    rate = 1.06 ** (1 / 12) - 1.0
    owed = math.fsum(20.0 / (1 + rate) ** month for month in range(1, 37))
    closed = 20.0 * (1.0 - (1 + rate) ** -36) / rate
    assert owed == pytest.approx(closed, rel=1e-12)
    right, begin = owed, owed
    for year in years:
        interest = 0.0
        for _ in range(year.months):
            interest += owed * rate
            owed = owed * (1 + rate) - 20.0
            right -= begin / 36
        assert year.interest == pytest.approx(interest, rel=1e-9)
        assert year.liability == pytest.approx(owed, abs=1e-9)
        assert year.asset == pytest.approx(right, abs=1e-9)
        assert year.payment == pytest.approx(20.0 * year.months)


def test_a_lease_beyond_the_horizon_is_paid_out_and_leaves_the_books() -> None:
    """60 months at 20 on a horizon of 36 and 6 % a year: 24 rates at its end, against the liability and the right of use.

    By hand: 24 x 20 = 480 are paid; the liability is the present value of these 24 rates, the right of use 24 / 60 of what it
    began with. Over the horizon expense is what is paid, 60 x 20.
    """
    initial = {"servers": 1000.0, "more_servers": 0.0, "network": 0.0, "storage": 0.0, "spares": 0.0}
    years = lease_years(
        money(discount_rate=0.06, own_lease_rate_per_month=0.02, own_lease_months=60), initial, (12, 12, 12)
    )
    rate = 1.06 ** (1 / 12) - 1.0
    owed = math.fsum(20.0 / (1 + rate) ** month for month in range(1, 25))
    begun = math.fsum(20.0 / (1 + rate) ** month for month in range(1, 61))
    assert years[-1].loss == pytest.approx(480.0 + begun * 24 / 60 - owed)
    assert (years[-1].asset, years[-1].liability) == (0.0, 0.0)
    assert [year.payment for year in years] == pytest.approx([240.0, 240.0, 240.0 + 480.0])
    assert sum(year.interest + year.depreciation + year.loss for year in years) == pytest.approx(60 * 20.0)
