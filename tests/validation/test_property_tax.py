"""Fixed-asset tax on depreciable assets, re-lease and tax on the residual against published tables and hand calculations."""

from __future__ import annotations

import numpy as np
import pytest

from mitsumori.model.cost.comparison import cost
from mitsumori.model.cost.property_tax import assessed_shares, property_tax, reduction_rate, rules
from tests.model.cost_plans import inputs, money

# Hadano City, table of reduction rates: life -> rate, remaining share of the first year, of every later year.
# https://www.city.hadano.kanagawa.jp/kurashi-tetsuzuki/zeikin/6/1/7504.html
PUBLISHED = {
    2: (0.684, 0.658, 0.316), 3: (0.536, 0.732, 0.464), 4: (0.438, 0.781, 0.562), 5: (0.369, 0.815, 0.631),
    6: (0.319, 0.840, 0.681), 7: (0.280, 0.860, 0.720), 8: (0.250, 0.875, 0.750), 9: (0.226, 0.887, 0.774),
    10: (0.206, 0.897, 0.794), 11: (0.189, 0.905, 0.811), 12: (0.175, 0.912, 0.825), 13: (0.162, 0.919, 0.838),
    14: (0.152, 0.924, 0.848), 15: (0.142, 0.929, 0.858), 16: (0.134, 0.933, 0.866), 17: (0.127, 0.936, 0.873),
    18: (0.120, 0.940, 0.880), 19: (0.114, 0.943, 0.886), 20: (0.109, 0.945, 0.891),
}  # fmt: skip


@pytest.mark.parametrize("life", PUBLISHED)
def test_the_published_table_of_remaining_shares(life: int) -> None:
    rate, first, later = PUBLISHED[life]
    shares = assessed_shares(life)
    assert reduction_rate(life) == rate
    assert shares[0] == pytest.approx(first, abs=1e-12)
    assert shares[1] == pytest.approx(max(0.05, first * later), abs=1e-12)


def test_servers_over_seven_years_by_hand() -> None:
    """5 years, r = 0.369: 0.815 and then 0.631 of the year before; two years after the end of the life still above 5 %."""
    hand = [0.815, 0.514265, 0.324501, 0.204760, 0.129204, 0.081528, 0.051444]
    np.testing.assert_allclose(assessed_shares(5), hand, atol=5e-7)
    assert sum(assessed_shares(5)[:5]) == pytest.approx(1.98773, abs=5e-6)


def test_the_value_never_falls_below_five_percent() -> None:
    """4 years, r = 0.438: 0.781, 0.439, 0.247, 0.139, 0.078, then 0.0438 which is raised to 0.05, and so it stays."""
    np.testing.assert_allclose(
        assessed_shares(4), [0.781, 0.438922, 0.246674, 0.138631, 0.077911, 0.05, 0.05], atol=5e-7
    )
    assert rules()["least_share"] == 0.05


def test_nothing_is_levied_below_the_exemption() -> None:
    """A server of 2 million: assessed at 1.63 M, taxed 22,820 yen; next year at 1.03 M, exempt. Together with works it is not."""
    five, fifteen = np.array(assessed_shares(5)), np.array(assessed_shares(15))
    alone = property_tax(2e6, 0.0, 0.014, five, fifteen, 1.0)
    np.testing.assert_allclose(alone, [22_820.0, 0, 0, 0, 0, 0, 0])
    both = property_tax(2e6, 1e6, 0.014, five, fifteen, 1.0)
    np.testing.assert_allclose(both[:2], [0.014 * (1_630_000 + 929_000), 0.014 * (1_028_530 + 797_082)])
    dollars = property_tax(2e6 / 150, 0.0, 0.014, five, fifteen, 1 / 150)
    np.testing.assert_allclose(dollars, alone / 150)
    assert np.isnan(property_tax(2e6, np.nan, 0.014, five, fifteen, 1.0)).all()
    assert np.isnan(property_tax(2e6, 0.0, 0.014, five, fifteen, np.nan)).all()


def tax_of(changes: dict[str, object]) -> float:
    value = cost(money(changes), inputs()).onprem.lines["property_tax"].value
    assert value is not None
    return value


def test_the_tax_of_a_plan_by_hand_and_whatever_the_books_do() -> None:
    """8 servers at 46.1 M, network 15 %, storage 40 M, installation 4 %; cooling 10 M, electrical works 5 M."""
    servers = 8 * 46.1e6
    machines = (servers * 1.15 + 40e6) * 1.04
    hand = 0.014 * (machines * 1.987731 + 15e6 * (0.929 + 0.797082 + 0.683896 + 0.586783 + 0.503460))
    assert tax_of({}) == pytest.approx(hand, rel=1e-6)
    assert tax_of({"onprem.depreciation": "declining"}) == tax_of({})
    assert tax_of({"horizon_months": 84}) > tax_of({}) > tax_of({"onprem.depreciation_years": 4})
    assert tax_of({"onprem.power_works": None}) < tax_of({})


def test_the_tax_after_a_refresh_by_hand() -> None:
    """40 % replaced after 30 months: the fourth year assesses 60 % of the first machines and the new ones for the first time."""
    hardware = 8 * 46.1e6 * 1.15 + 40e6
    first, new, works = hardware * 1.04, 0.4 * hardware, 15e6
    hand = 0.014 * (
        first * (0.815 + 0.514265 + 0.324501215 + 0.6 * (0.204760266665 + 0.129203728265615))
        + new * (0.815 + 0.514265)
        + works * (0.929 + 0.797082 + 0.683896356 + 0.586783073448 + 0.503459877018384)
    )
    for month in (25, 30, 36):  # whenever in its year: the tax is owed for a year by who owns on its first day
        assert tax_of({"onprem.refresh_share": 0.4, "onprem.refresh_month": month}) == pytest.approx(hand, rel=1e-9)
    whole = tax_of({"onprem.refresh_share": 1.0, "onprem.refresh_month": 12})
    again = 0.014 * ((first + hardware) * 0.815 + hardware * (0.514265 + 0.324501215 + 0.204760266665))
    assert whole - 0.014 * works * 3.500221306466384 == pytest.approx(again, rel=1e-9)
    assert tax_of({"onprem.refresh_share": 0.4, "onprem.refresh_month": 60}) == tax_of({})
    assert tax_of({"onprem.refresh_share": 0.4, "onprem.refresh_month": 80, "horizon_months": 60}) == tax_of({})


def test_after_its_term_a_lease_costs_a_month_a_year() -> None:
    """2 % a month over 60 of 84 months, then two years at one monthly rate each; a term that ends within a year as well."""
    for months, term, paid in ((84, 60, 62.0), (60, 60, 60.0), (36, 30, 30.5), (32, 30, 30 + 2 / 12), (48, 60, 60.0)):
        changes = {"onprem.lease_rate_per_month": 0.02, "onprem.lease_months": term, "horizon_months": months}
        result = cost(money(changes), inputs())
        price = sum(result.onprem.lines[key].value or 0.0 for key in ("servers", "network", "storage", "spares"))
        lease = result.alternatives["lease"].lines["lease"].value
        assert lease == pytest.approx(0.02 * price * paid, rel=1e-12), (months, term)


def test_the_tax_on_a_sale_is_no_income() -> None:
    """Without tax credit purchases cost 10 % more; the machines' sale brings its price, the tax on it goes to the state."""
    kept = cost(money({"tax_credit": False, "onprem.residual_share": 0.2}), inputs())
    none = cost(money({"tax_credit": False, "onprem.residual_share": 0.0}), inputs())
    servers = kept.onprem.lines["servers"].value or 0.0
    moved = (none.onprem.details["compared_total"].value or 0.0) - (kept.onprem.details["compared_total"].value or 0.0)
    assert moved == pytest.approx(0.2 * servers)
    taxes = [side.onprem.details["consumption_tax"].value for side in (kept, none)]
    assert taxes[0] == taxes[1]
