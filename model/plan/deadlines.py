"""Inputs of the workload that belong together: a deadline as a day or as days, and how often the training runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mitsumori.model.base.dates import parse_days

__all__ = ["runs_of", "with_deadline", "with_use"]

USE, RUNS = "workload.use", "workload.runs_per_year"
DATE, DAYS = "workload.deadline", "workload.deadline_days"


def with_deadline(changes: Mapping[str, object], workload: Any) -> dict[str, Any]:
    """Changes of a plan in which a duration typed as the deadline counts as days, and one of the two clears the other.

    Parameters
    ----------
    changes
        Plan paths and values. Both given stay as they are: the plan refuses that.
    workload
        The plan's workload before.
    """
    made = dict(changes)
    if isinstance(made.get(DAYS), str):
        made[DAYS] = parse_days(made[DAYS]) or made[DAYS]
    days = None if isinstance(made.get(DATE), bool) else parse_days(made.get(DATE))
    if days is not None and made.get(DAYS) is None:
        made |= {DATE: None, DAYS: days}
    elif made.get(DATE) is not None and DAYS not in made and workload.deadline_days is not None:
        made[DAYS] = None
    elif made.get(DAYS) is not None and DATE not in made and workload.deadline is not None:
        made[DATE] = None
    return made


def with_use(changes: Mapping[str, object], workload: Any) -> dict[str, Any]:
    """Changes of a plan in which giving the trainings a year makes the cost one of so many trainings, clearing them ends it."""
    made = dict(changes)
    if RUNS in made and USE not in made:
        made[USE] = "yearly" if made[RUNS] is not None else "always" if workload.use == "yearly" else workload.use
    return made


def runs_of(workload: Any, working_months: float) -> float | None:
    """Trainings a year that decide how busy the machines are; None where the typed utilization counts.

    ``once`` is one training within the months of the horizon in which work is done: 12 / months a year.
    ``yearly`` is one where no number is given.
    """
    if workload.use == "once":
        return 12.0 / working_months
    return (workload.runs_per_year or 1.0) if workload.use == "yearly" else None
