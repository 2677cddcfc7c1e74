"""What is refused in the window is said in its language, with labels instead of paths, whatever asked for it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from mitsumori import gui
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.words.translation import error_words, set_language
from mitsumori.model.base.refusal import PlanError
from mitsumori.model.plan.plan import Plan
from tests.gui.windows import window

ROOT = Path(gui.__file__).parent
PLAIN = {"gui/display.py": 2, "gui/app.py": 1}
"""Where ``str(error)`` is right: before a language is known, and for what no table has a sentence."""


@pytest.mark.parametrize(("language", "other"), [("ja", "is not accepted"), ("en", "受け付け")])
def test_a_change_of_a_result_that_is_refused(qtbot: Any, language: str, other: str) -> None:
    """``workload.evaluation_share=10 is not accepted: it must be less than 1.`` stood in the foot of a Japanese window."""
    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot, Plan(), estimator=estimate_plan)
    win.apply({"workload.evaluation_share": 10})
    said = win.footer._alarm
    assert said and other not in said and "workload." not in said
    with pytest.raises(PlanError) as caught:
        Plan().with_values({"cluster.servers": 0})
    assert other not in error_words(caught.value)


def test_no_refusal_is_put_into_english_by_str() -> None:
    found: dict[str, int] = {}
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str"
            given = {item.id for item in node.args if isinstance(item, ast.Name)} if called else set()
            if given & {"error", "refusal", "failure", "problem"}:
                name = f"gui/{path.relative_to(ROOT).as_posix()}"
                found[name] = found.get(name, 0) + 1
    assert found == PLAIN
