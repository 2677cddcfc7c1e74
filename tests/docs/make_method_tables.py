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


def written(paper: str) -> str:
    """The paper with its generated block as the constants have it."""
    head, rest = paper.split(BEGIN)
    return head + BEGIN + block() + END + rest.split(END)[1]


if __name__ == "__main__":
    PAPER.write_text(written(PAPER.read_text("utf-8")), "utf-8")
