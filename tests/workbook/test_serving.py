"""The sheet of serving: its formulas give the program's own yen, and a plan without serving has none."""

from __future__ import annotations

from pathlib import Path

import formualizer
import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample
from mitsumori.model.workbook import build, to_bytes
from tests.workbook import parity

SAMPLES = ("serve-rag-3000", "serve-moe-nvl72", "serve-batch-night", "serve-chat-500", "serve-coding-200")


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_formula_gives_what_the_program_says(sample: str, tmp_path: Path) -> None:
    plan = load_sample(sample).plan
    result = estimate(plan)
    assert result.serving is not None
    language = "ja" if sample < "serve-m" else "en"
    book = build(plan, result, language, "customer", parity.SETTINGS)
    path = parity.write(tmp_path / "book.xlsx", parity.poison(to_bytes(book)))
    engine = formualizer.load_workbook(str(path))
    engine.evaluate_all()
    parity.set_scale(book)
    got, wrong = {}, []
    for cell in book.formulas():
        if cell.sheet == "serving":
            value = got[cell.name] = engine.get_value(book.sheets["serving"].title, cell.row, cell.column)
            wrong += [] if parity.same(value, cell) else [(cell.row, value, cell.value)]
    assert not wrong
    assert got["out_serving_total"] == pytest.approx(result.serving.money.onprem.total.value, rel=1e-9)
    for name in ("blended", "input", "output"):
        value = result.serving.jpy_per_million_tokens[name].value
        assert got[f"out_serving_{name}"] == pytest.approx(value, rel=1e-9)


def test_a_plan_without_serving_has_no_such_sheet() -> None:
    plan = load_sample("llama3-70b-continual").plan
    assert "serving" not in build(plan, estimate(plan), "en", "customer", parity.SETTINGS).sheets
