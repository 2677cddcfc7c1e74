"""A cluster's calendar that begins on the calendar's last days ends with it."""

from __future__ import annotations

import datetime as dt

import pytest

from mitsumori.model.base.dates import LAST_DAY
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import Project, load_sample
from mitsumori.model.study.cluster_calendar import cluster_calendar


@pytest.mark.parametrize("sample", ["llama2-7b-sft", "serve-chat-500", "gpt3-175b-nemo"])
@pytest.mark.parametrize("start", ["9999-12-31", "9998-06-01"])
def test_a_calendar_at_the_end_of_the_calendar(sample: str, start: str) -> None:
    plan = load_sample(sample).plan.with_values({"workload.start_date": start})
    found = cluster_calendar(Project(plans=(plan,)), estimate, dt.date(2026, 11, 30)).document()
    assert start <= found["from"] <= found["to"] <= LAST_DAY.isoformat()
