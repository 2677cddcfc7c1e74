"""A described and written workbook of a sample, made once for all tests."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from functools import cache
from typing import Any

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.training_table import training_table
from mitsumori.model.workbook import ProposalSettings, build, to_bytes
from mitsumori.model.workbook.description import Workbook

SETTINGS = ProposalSettings(issue_date=dt.date(2026, 11, 22), issuer="Example")


SAMPLE = "llama3-70b-continual"


@cache
def made(language: str = "ja", audience: str = "customer", sample: str = SAMPLE) -> tuple[Workbook, bytes]:
    plan = load_sample(sample).plans[0]
    workbook = build(plan, estimate(plan), language, audience, SETTINGS, table=training_table(plan))  # type: ignore[arg-type]
    return workbook, to_bytes(workbook)


def parts(data: bytes) -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    return {name: archive.read(name) for name in archive.namelist()}


@cache
def table() -> Any:
    return training_table(load_sample(SAMPLE).plans[0])
