"""The published trainings beside the program's own answer for the same model, tokens and hardware.

The rows stand in ``resources/published/trainings.toml`` with their papers. Days are those of a campaign (failures,
checkpoints and evaluation counted), because that is what a paper's calendar holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from mitsumori import resources
from mitsumori.model.architecture.number_formats import BYTES
from mitsumori.model.base import format as fmt
from mitsumori.model.base.messages import text
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class PublishedTraining:
    """A training as its developer published it.

    Attributes
    ----------
    model, name, developer, released
        Preset of the catalogue, the name people know, who trained it and when it came out.
    params_b, tokens, accelerators, hardware
        Size in 1e9 parameters, tokens seen, GPUs and their kind.
    days
        Days on the calendar; None where no source gives them.
    source, url, note
        The paper and what is to be known about the row.
    inputs
        The plan's inputs for it, by path.
    """

    model: str
    name: str
    developer: str
    released: str
    params_b: float
    tokens: float
    accelerators: int
    hardware: str
    source: str
    url: str
    inputs: Mapping[str, Any]
    days: float | None = None
    note: str = ""

    def plan(self) -> Plan:
        """The plan of the row."""
        automatic = "parallel.tp" not in self.inputs
        return Plan(name=self.name).with_values(
            {
                "workload.stage": "pretrain",
                "workload.tokens": self.tokens,
                "workload.conditions": "campaign",
                "model.preset": self.model,
                "parallel.auto": automatic,
                "parallel.tuning": "tuned",
                **self.inputs,
            }
        )


@cache
def published_trainings() -> tuple[PublishedTraining, ...]:
    """Every row, in the order of the file."""
    rows = resources.read_table("published", "trainings.toml")["trainings"]
    return tuple(PublishedTraining(**row) for row in rows)


def published_table() -> list[dict[str, Any]]:
    """A dictionary a row: what was published, what the program estimates, and the error where both are known."""
    return [_row(item) for item in published_trainings()]


def _row(item: PublishedTraining) -> dict[str, Any]:
    row: dict[str, Any] = {
        "model": item.name, "developer": item.developer, "released": item.released, "params_b": item.params_b,
        "tokens": item.tokens, "accelerators": item.accelerators, "hardware": item.hardware,
        "weights_fp32_gb": item.params_b * BYTES["fp32"], "days_published": item.days,
    }  # fmt: skip
    layout, reason = "", ""
    days: tuple[float | None, float | None, float | None] = (None, None, None)
    try:
        result = estimate(item.plan())
        figure = result.training.days
        days, reason = (figure.value, figure.low, figure.high), figure.reason
        layout = fmt.layout(result.training.parallel)
    except Refusal as refusal:
        reason = str(refusal)
    known = item.days is not None and days[0] is not None
    return row | {
        "days_estimated": days[0], "days_low": days[1], "days_high": days[2],
        "error": (days[0] or 0.0) / item.days - 1.0 if known and item.days else None,
        "layout": layout, "reason": reason, "source": item.source, "url": item.url, "note": item.note,
    }  # fmt: skip


def published_text(language: str) -> str:
    """The table as lines of text: size, data, hardware, days published and estimated."""
    heads = text("report", "published_heads", language).split("|")
    lines = [heads]
    for row in published_table():
        error = row["error"]
        lines.append(
            [
                row["model"], row["released"], f"{row['params_b']:g}B", fmt.count(row["tokens"], kanji=language == "ja"),
                f"{row['accelerators']:,} x {row['hardware']}",
                "—" if row["days_published"] is None else fmt.significant(row["days_published"], trim=True),
                "—" if row["days_estimated"] is None else fmt.significant(row["days_estimated"]),
                "—" if row["days_low"] is None else fmt.interval(row["days_low"], row["days_high"]),
                "—" if error is None else f"{fmt.signed(100 * error, 2)} %",
            ]
        )  # fmt: skip
    widths = [max(fmt.screen_width(line[at]) for line in lines) for at in range(len(heads))]
    return "\n".join(
        "  ".join(
            cell + " " * (width - fmt.screen_width(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )
