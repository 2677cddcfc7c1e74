"""The list of faults that are put back (tests/mutation/faults.py) still fits the tree."""

from __future__ import annotations

import pytest

from tests.mutation.campaign import ROOT
from tests.mutation.faults import FAULTS, Fault


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_mending_stands_where_the_list_says_and_its_tests_exist(fault: Fault) -> None:
    assert (ROOT / fault.file).read_text(encoding="utf-8").count(fault.mended) == 1
    assert fault.mended != fault.broken
    assert fault.tests and all((ROOT / test).exists() for test in fault.tests)
