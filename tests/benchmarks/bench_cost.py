"""Times of the money part. Run: python -m tests.benchmarks.bench_cost."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from mitsumori.model.cost.comparison import cost
from mitsumori.model.cost.sensitivity import DRAWS, monte_carlo, tornado, two_way
from tests.model.cost_plans import inputs, money


def median_ms(what: Callable[[], object], repeat: int) -> float:
    """Median of single calls in milliseconds, after one to warm up."""
    what()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        what()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    plan, given = money(), inputs()
    print(f"{'cost of one plan':<34}{median_ms(lambda: cost(plan, given), 300):9.3f} ms")
    print(f"{'tornado, 11 factors':<34}{median_ms(lambda: tornado(plan, given), 100):9.3f} ms")
    print(f"{'two-way table, 9 x 6':<34}{median_ms(lambda: two_way(plan, given), 100):9.3f} ms")
    print(f"{f'Monte Carlo, {DRAWS:,} draws':<34}{median_ms(lambda: monte_carlo(plan, given), 9):9.3f} ms")


if __name__ == "__main__":
    main()
