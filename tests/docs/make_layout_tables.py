"""Write the published layouts that are far from the best one into docs/method.md.

``python -m tests.docs.make_layout_tables`` after a change of memory, time or search;
tests/validation/test_published_layouts.py fails while the tables are stale.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.validation.published_layouts import NEAR, TERMS, Found, everything

PAPER = Path(__file__).resolve().parents[2] / "docs" / "method.md"
BEGIN = "<!-- generated: tests/docs/make_layout_tables.py -->\n"
END = "<!-- end of layouts -->"
HEAD = (
    "| recipe | layout | best | x best | x recommended | memory, best's | measured / predicted | fastest | why: points of the best's time |\n"
    "|---|---|---|---:|---:|---|---:|---:|---|"
)


def row(item: Found) -> str:
    """One far recipe."""
    recommended = "-" if item.recommended is None else f"{item.recommended:.2f}"
    measured = "-" if not item.measured else f"{item.measured / item.predicted:.2f}"
    faster = "-" if not item.faster or item.faster < 1.02 else f"{item.faster:.2f}"
    return (
        f"| {item.name} | {item.recipe.text} | {item.best.text} | {item.ratio:.2f} | {recommended} | "
        f"{100 * item.recipe.memory:.0f} %, {100 * item.best.memory:.0f} % | {measured} | {faster} | {item.why()} |"
    )


def table(kind: str, found: Sequence[Found]) -> str:
    """Counts, causes and every far recipe of one kind."""
    far = sorted((item for item in found if not item.near), key=lambda item: -item.ratio)
    near = len(found) - len(far)
    safe = sum(item.recommended is None or item.recommended <= NEAR for item in found)
    measured = sum(item.measured is not None and item.measured * item.best.seconds_gpu >= 1 / NEAR for item in found)
    causes = Counter(TERMS.get(item.cause, item.cause) for item in far)
    said = ", ".join(f"{name} {count}" for name, count in causes.most_common())
    return "\n\n".join(
        (
            f"#### {kind}: {near} of {len(found)} near",
            f"Within 10 % of the best layout that fits the card at all: {near} of {len(found)}; of the best that leaves a tenth of "
            f"the card free, which is what the program recommends: {safe}. The measured speed itself is within 10 % of the "
            f"best's predicted one: {measured}. Far by the largest term: {said}.",
            "\n".join((HEAD, *(row(item) for item in far))),
        )
    )


def block() -> str:
    """What stands between the two marks."""
    return (
        "\n" + "\n\n".join((table("Dense", everything(False)), table("Mixture of experts", everything(True)))) + "\n\n"
    )


def written(paper: str) -> str:
    """The paper with its generated block as the program finds it."""
    head, rest = paper.split(BEGIN)
    return head + BEGIN + block() + END + rest.split(END)[1]


def numbers(text: str) -> list[float]:
    """The numbers of a text, to compare tables of two machines."""
    return [float(found) for found in re.findall(r"[-+]?\d+(?:\.\d+)?", text)]


if __name__ == "__main__":
    PAPER.write_text(written(PAPER.read_text("utf-8")), "utf-8")
