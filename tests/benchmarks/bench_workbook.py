"""Times of the proposal workbook. Run: python -m tests.benchmarks.bench_workbook."""

from __future__ import annotations

import tempfile
from pathlib import Path

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample, sample_names
from mitsumori.model.study.training_table import training_table
from mitsumori.model.workbook import ProposalSettings, build, export, to_bytes
from tests.benchmarks.bench_cost import median_ms

SETTINGS = ProposalSettings()


def main() -> None:
    """Print formulas, kilobytes and milliseconds of every sample; the window exports with the table at hand or not."""
    print(f"{'sample':<24}{'formulas':>9}{'kB':>6}{'describe':>10}{'write':>8}{'export':>8}{'with table':>12}  ms")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "proposal.xlsx"
        for name in sample_names():
            plan = load_sample(name).plans[0]
            result, table = estimate(plan), training_table(plan)
            book = build(plan, result, "ja", "internal", SETTINGS, table=table)
            data = to_bytes(book)
            described = median_ms(lambda p=plan, r=result, t=table: build(p, r, "ja", "internal", SETTINGS, table=t), 7)
            written = median_ms(lambda b=book: to_bytes(b), 7)
            whole = median_ms(
                lambda p=plan, r=result, t=table: export(p, r, path, "ja", "internal", SETTINGS, table=t), 7
            )
            searched = median_ms(lambda p=plan, r=result: export(p, r, path, "ja", "internal", SETTINGS), 3)
            print(f"{name:<24}{len(book.formulas()):>9,}{len(data) / 1e3:>6.0f}{described:>10.0f}{written:>8.0f}{whole:>8.0f}"
                  f"{searched:>12.0f}")  # fmt: skip


if __name__ == "__main__":
    main()
