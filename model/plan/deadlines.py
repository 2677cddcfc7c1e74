"""A deadline as people say it: a day, or so many days from the start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mitsumori.model.base.dates import parse_days

__all__ = ["with_deadline"]

DATE, DAYS = "workload.deadline", "workload.deadline_days"


def with_deadline(changes: Mapping[str, Any], workload: Any) -> dict[str, Any]:
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
