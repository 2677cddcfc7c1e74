"""One LibreOffice a session, and the samples exported once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from model.estimate import estimate
from model.plan import Plan
from model.project import load_sample
from model.results import Estimate
from model.table import TrainingTable, training_table
from model.workbook import build, to_bytes
from model.workbook.audience import customer_plan
from model.workbook.description import Workbook
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
    table = training_table(plan)
    workbook = build(plan, result, language, audience, SETTINGS, table=table)  # type: ignore[arg-type]
    return Exported(plan, result, table, workbook, to_bytes(workbook))


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A running LibreOffice."""
    made = Office(tmp_path_factory.mktemp("office"))
    yield made
    made.close()
