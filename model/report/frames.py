"""Results as rows of a pandas frame: single figures by their path; lists are tables of their own and stay out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mitsumori.model.base.refusal import PlanError, expected
from mitsumori.model.report.json_document import to_json

if TYPE_CHECKING:
    import pandas

    from mitsumori.model.estimate.results import Estimate
    from mitsumori.model.plan.plan import Plan


def flat(document: Mapping[str, object]) -> dict[str, object]:
    """Single figures of a document by their path with underscores."""
    found: dict[str, object] = {}

    def fill(node: Mapping[str, object], prefix: str) -> None:
        for key, value in node.items():
            if isinstance(value, Mapping):
                fill(value, f"{prefix}{key}_")
            elif not isinstance(value, list):
                found[prefix + key] = value

    fill(document, "")
    return found


def row_of(plan: Plan, result: Estimate) -> dict[str, object]:
    """Single figures of an estimate by column; the tables of its document are not made for it."""
    return flat(to_json(result, plan, lists=False))


def readable(values: Mapping[str, object]) -> dict[str, object]:
    """Swept values as a frame takes them: half a character, which is no text and was refused, has no place in its columns."""
    return {
        path: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for path, value in values.items()
    }


def frame(rows: list[dict[str, object]], columns: list[str] | None = None) -> pandas.DataFrame:
    """The rows as a frame, with ``columns`` where there may be no row.

    Raises
    ------
    PlanError
        Where pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError:
        raise PlanError.saying(expected("frame_needs_pandas")) from None
    return pd.DataFrame.from_records(rows, columns=columns)
