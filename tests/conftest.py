"""Settings of every suite: fixed seeds for hypothesis, no settings of the developer's machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.needs import needs_qt, qt_problem

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OPENPYXL_LXML", "False")  # as model/workbook does, for tests that import openpyxl before it

settings.register_profile(
    "ci", derandomize=True, deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(  # tests/mutation: a failure is enough, its smallest example is not looked for
    "mutants", settings.get_profile("ci"), phases=[Phase.explicit, Phase.generate], database=None
)
settings.load_profile(os.environ.get("MITSUMORI_HYPOTHESIS", "ci"))

if qt_problem() is not None:  # tests/run.py leaves pytest-qt out then, since it could not start
    WINDOW_SUITES = {"gui", "end2end", "render"}

    class SkippedModule(pytest.Module):
        """A file of tests that needs Qt on a machine where Qt cannot be loaded: skipped with the reason."""

        def collect(self) -> list[pytest.Item | pytest.Collector]:
            needs_qt()
            return []

    def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
        if module_path.parent.name in WINDOW_SUITES:
            return SkippedModule.from_parent(parent, path=module_path)
        return None

    @pytest.fixture(name="qapp")
    def no_application() -> None:
        needs_qt()

    @pytest.fixture(name="qtbot")
    def no_bot() -> None:
        needs_qt()
