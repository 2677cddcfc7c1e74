"""Write the tables of fitted constants and errors into docs/method.md from resources/constants.

``python -m tests.docs.make_method_tables`` after ``mitsumori fit``; tests/docs/test_documents.py fails while they are stale.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAPER = ROOT / "docs" / "method.md"
CONSTANTS = ROOT / "resources" / "constants"
BEGIN = "<!-- generated: tests/docs/make_method_tables.py -->\n"
END = "<!-- end of generated -->"
SERVING_BEGIN = "<!-- generated from serving.json: tests/docs/make_method_tables.py -->\n"
SERVING_END = "<!-- end of serving -->"
METRICS = {
    "tpot_ms": "TPOT",
    "ttft_ms": "TTFT",
    "e2e_s": "E2E",
    "output_tok_s_per_gpu": "output tokens/s/GPU",
    "total_tok_s_per_gpu": "total tokens/s/GPU",
}
SECTIONS = (
    "Left out by group",
    "By accelerator",
    "By stack",
    "By precision",
    "In-sample",
    "Left out by source",
    "Left out by model",
    "Left out by accelerator family",
    "Campaigns (share without the row itself)",
    "Coverage and half-width of the 80 % interval",
)
"""Tables of report.md that the paper prints; the report itself has more (errors by source, effect of each source)."""


def sections(report: str) -> dict[str, str]:
    """The tables of report.md by heading."""
    parts = re.split(r"^## (.+)$", report, flags=re.MULTILINE)
    return {name.strip(): body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def constants_table(record: dict[str, Any]) -> str:
    """Every constant with prior, bounds and meaning, from step.json."""
    rows = ["| constant | value | prior | bounds | unit | is |", "|---|---:|---:|---|---|---|"]
    for name, item in record["constants"].items():
        bounds = f"{item['low']:g} to {item['high']:g}"
        rows.append(
            f"| `{name}` | {item['value']:.4g} | {item['prior']:g} | {bounds} | {item['unit']} | {item['what']} |"
        )
    return "\n".join(rows)


def block() -> str:
    """What stands between the two marks."""
    record = json.loads((CONSTANTS / "step.json").read_text("utf-8"))
    found = sections((CONSTANTS / "report.md").read_text("utf-8"))
    parts = [
        f"Fitted on {record['date']}: {record['rows']} rows in {record['groups']} groups (model x accelerator x precision). "
        "Errors are of tokens/s/GPU.",
        "#### Constants",
        constants_table(record),
    ]
    for name in SECTIONS:
        parts += [f"#### {name}", found[name]]
    return "\n" + "\n\n".join(parts) + "\n\n"


def _pair(median: float | None, high: float | None) -> str:
    return "" if median is None or high is None else f"{100 * median:.1f} / {100 * high:.0f}"


def serving_block() -> str:
    """Errors, coverage and baseline of serving by class, and by what was left out, from serving.json."""
    record = json.loads((CONSTANTS / "serving.json").read_text("utf-8"))
    answered, rows = record["answered"]
    lines = [
        f"Fitted on {record['date']} on {record['provenance']['rows']:,} runs with {len(record['constants'])} constants of present "
        f"engines and {len(record['static'])} of those of 2024; {answered:,} of {rows:,} rows are answered "
        f"({100 * answered / rows:.1f} %).",
        "",
        "| class, left out | figure | rows | median / p90 % | in 80 % interval | trivial baseline |",
        "|---|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {item['interval_class']} | {METRICS[item['metric']]} | {item['rows']} | {_pair(item['median'], item['p90'])} "
        f"| {100 * item['coverage']:.0f} % | {_pair(item['baseline_median'], item['baseline_p90'])} |"
        for item in record["scores"]
    ]
    lines += ["", "| near and far together | figure | rows | median / p90 % |", "|---|---|---:|---:|"]
    lines += [
        f"| {item['interval_class']} | {METRICS[item['metric']]} | {item['rows']} | {_pair(item['median'], item['p90'])} |"
        for item in record["scores_whole"]
    ]
    return "\n" + "\n".join(lines) + "\n\n"


def written(paper: str) -> str:
    """The paper with its generated blocks as the constants have them."""
    head, rest = paper.split(BEGIN)
    paper = head + BEGIN + block() + END + rest.split(END)[1]
    head, rest = paper.split(SERVING_BEGIN)
    return head + SERVING_BEGIN + serving_block() + SERVING_END + rest.split(SERVING_END)[1]


if __name__ == "__main__":
    PAPER.write_text(written(PAPER.read_text("utf-8")), "utf-8")
