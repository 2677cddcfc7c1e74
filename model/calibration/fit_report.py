"""What a fit reports: residual tables by group and their rendering as Markdown."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mitsumori.model.base.arrays import Array
from mitsumori.model.calibration.runs import Run
from mitsumori.model.kernels.constants import SPEC, Constants

if TYPE_CHECKING:
    import pandas as pd

Row = tuple[str, int, float, float, float]
"""A table row: name, rows, median and 90th percentile of the absolute error, signed median."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Predictions of rows by constants that never saw their group; ``log_error`` is log(predicted/measured)."""

    by: str
    rows: tuple[Run, ...]
    log_error: Array

    def errors(self, keep: Callable[[Run], bool] = lambda _: True) -> Array:
        """Absolute relative errors of the rows that ``keep`` accepts."""
        mask = np.array([keep(run) for run in self.rows], dtype=bool)
        error: Array = np.abs(np.expm1(self.log_error[mask]))
        return error


@dataclass(frozen=True, slots=True)
class FitReport:
    """The outcome of a fit: constants, residuals, left-out errors, and a text rendering."""

    constants: Constants
    record: dict[str, Any]
    rows: tuple[Run, ...]
    log_error: Array
    left_out: LeftOut | None
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def to_frame(self) -> pd.DataFrame:
        """The residual tables one below the other: a row a group under the name of its table; pandas is imported here.

        Errors are shares: median and 90th percentile of the absolute error, signed median; missing where a group is empty.
        """
        import pandas as pd

        names = ("group", "rows", "median_abs_error", "p90_abs_error", "median_error")
        shown = {title: rows for title, rows in self.tables.items() if not title.startswith("coverage")}
        found = [pd.DataFrame(rows, columns=names).assign(table=title) for title, rows in shown.items()]
        columns = ["table", *names]
        return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)

    def text(self) -> str:
        """Residuals and left-out errors by group, as a Markdown report."""
        return render(self)


def judged(run: Run, pretrain: bool = True) -> bool:
    """Whether a row counts in the headline: configured pre-training of trust A and B, not called unoptimised by its source."""
    ours = run.trust in "AB" and not run.untuned and not run.id.startswith("vs")
    return ours and (not pretrain or (run.kind in {"pretrain", "mlperf"} and not run.lora and not run.of_a_user))


def group_weights(rows: Sequence[Run]) -> Array:
    """Weight of a row in quantiles: one over the root of its group's size."""
    count = Counter(run.group for run in rows)
    return np.array([1.0 / math.sqrt(count[run.group]) for run in rows])


def _summary(error: Array) -> tuple[int, float, float]:
    if not len(error):
        return 0, math.nan, math.nan
    return len(error), float(np.median(error)), float(np.percentile(error, 90))


def table_of(left: LeftOut, label: Callable[[Run], str], newest: Array) -> list[Row]:
    """Rows of a residual table by label: name, rows, median and 90th percentile of the absolute error, signed median.

    Parameters
    ----------
    left
        Rows with their errors by constants that never saw their group.
    label
        Name of a row in the table; rows of one name are summarised together.
    newest
        True where a row is the newest release of its configuration, shape (rows,).
    """
    keep = np.array([judged(run) for run in left.rows]) & newest
    out = []
    for name in sorted({label(run) for run, use in zip(left.rows, keep, strict=True) if use}):
        mask = keep & np.array([label(run) == name for run in left.rows])
        error = np.expm1(left.log_error[mask])
        count, median, p90 = _summary(np.abs(error))
        out.append((name, count, median, p90, float(np.median(error))))
    return out


def users_table(left: LeftOut) -> list[Row]:
    """Users' own stacks: rows by the group that was left out whole."""
    error, out = np.expm1(left.log_error), []
    for name in dict.fromkeys(run.group[0] for run in left.rows if run.of_a_user):
        mine = error[np.array([run.of_a_user and run.group[0] == name for run in left.rows])]
        count, median, p90 = _summary(np.abs(mine))
        out.append((name, count, median, p90, float(np.median(mine))))
    return out


def headline(left: LeftOut, newest: Array) -> list[Row]:
    """All, dense and MoE of the judged rows, newest release and every release; LoRA and SFT; legacy and single-node rows."""
    error = np.expm1(left.log_error)
    use = np.array([judged(run) for run in left.rows])
    moe = np.array([run.moe for run in left.rows])
    tuning = np.array([(run.lora or run.kind == "sft") and run.trust in "AB" for run in left.rows])
    old = np.array([run.stack_year < 2023 for run in left.rows])
    users = np.array([run.of_a_user and run.trust != "X" for run in left.rows])
    single = np.array([run.id.startswith("vs") for run in left.rows])
    sets = {
        "all, newest release": use & newest, "dense, newest release": use & newest & ~moe,
        "MoE, newest release": use & newest & moe, "all, every release": use, "dense, every release": use & ~moe,
        "MoE, every release": use & moe, "users' own stacks": users,
        "LoRA and SFT": tuning & ~users, "before 2023 (trust C)": old & ~single,
        "single-node A100 sample": single,
    }  # fmt: skip
    out = []
    for name, mask in sets.items():
        count, median, p90 = _summary(np.abs(error[mask]))
        out.append((name, count, median, p90, float(np.median(error[mask])) if count else math.nan))
    return out


def render(report: FitReport) -> str:
    """The report as Markdown: constants with prior and bounds, residual tables, coverage."""
    record = report.record
    lines = [
        "# Step-time constants: what they were fitted to, and how well they predict", "",
        f"Written by `mitsumori fit` on {record['date']}: {record['rows']} rows in {record['groups']} groups "
        "(model x accelerator x precision). Errors are |predicted / measured - 1| of tokens/s/GPU.",
        "*Left out*: the group's rows were removed, the constants refitted, the group predicted. Headline rows are configured "
        "pre-training runs of trust A and B whose source does not call them unoptimised.", "",
    ]  # fmt: skip
    for title, rows in report.tables.items():
        if title.startswith("coverage"):
            lines += [
                f"## {title[0].upper()}{title[1:]}",
                "",
                "| class | rows | covered | half-width (log) |",
                "|---|---:|---:|---:|",
            ]
            lines += [f"| {name} | {n} | {100 * a:.0f} % | {b:.3f} |" for name, n, a, b, _ in rows]
        elif title.startswith("effect"):
            lines += [
                f"## {title[0].upper()}{title[1:]}",
                "",
                "| source removed | its rows | others' median moves | to |",
                "|---|---:|---:|---:|",
            ]
            lines += [f"| {name} | {n} | {100 * a:+.2f} points | {100 * b:.1f} % |" for name, n, a, b, _ in rows]
        else:
            lines += [
                f"## {title[0].upper()}{title[1:]}",
                "",
                "| set | rows | median | 90th percentile | signed median |",
                "|---|---:|---:|---:|---:|",
            ]
            lines += [
                f"| {name} | {n} | {100 * a:.1f} % | {100 * b:.1f} % | {100 * c:+.1f} % |"
                for name, n, a, b, c in rows
                if n
            ]
        lines.append("")
    lines += ["## Constants", "", "| constant | value | prior | bounds | unit | is |", "|---|---:|---:|---|---|---|"]
    for item in SPEC:
        value = float(report.constants[item.name])
        edge = " (on its bound)" if value <= item.low * 1.001 or value >= item.high * 0.999 else ""
        lines.append(
            f"| {item.name} | {value:.4g}{edge} | {item.prior:.4g} | {item.low:g} to {item.high:g} | {item.unit} "
            f"| {item.what} |"
        )
    lines += ["", "## Effects (log factors, pooled towards zero)", ""]
    for name, table in record["effects"].items():
        lines.append(f"- {name}: " + ", ".join(f"{label} {value:+.3f}" for label, value in table.items()))
    return "\n".join(lines) + "\n"
