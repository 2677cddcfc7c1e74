"""One LibreOffice a session, and the samples exported once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.training_table import TrainingTable, training_table
from mitsumori.model.workbook import build, to_bytes
from mitsumori.model.workbook.audience import customer_plan
from mitsumori.model.workbook.description import Workbook
from tests.workbook.office import Office
from tests.workbook.parity import SETTINGS


@dataclass(frozen=True)
class Exported:
    """A sample with everything that came of it."""

    plan: Plan
    estimate: Estimate
    table: TrainingTable
    workbook: Workbook
    data: bytes


@cache
def exported(sample: str, language: str = "ja", audience: str = "customer") -> Exported:
    """Export a sample once."""
    plan = load_sample(sample).plans[0]
    if audience == "customer":
        plan = customer_plan(plan)
    result = estimate(plan)
    table = training_table(result.plan or plan)
    workbook = build(plan, result, language, audience, SETTINGS, table=table)  # type: ignore[arg-type]
    return Exported(plan, result, table, workbook, to_bytes(workbook))


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A running LibreOffice."""
    made = Office(tmp_path_factory.mktemp("office"))
    yield made
    made.close()
