"""Every refusal is a sentence of the tables of messages, so that it is said in the reader's language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from mitsumori.model.base.messages import keys

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for top in ("model", "gui") for path in (ROOT / top).rglob("*.py"))
OF_PLANS = ("model/plan/", "model/catalogue/", "model/formats/choice.py")
"""Where a ``ValueError`` is said by a validator, and so to a person."""


def _refusals() -> set[str]:
    """Names of Refusal and of the classes made from it that are raised with their words."""
    names, grew = {"Refusal"}, True
    classes = [
        node
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    ]
    while grew:
        new = {
            node.name for node in classes
            if any(isinstance(base, ast.Name) and base.id in names for base in node.bases)
            and not any(isinstance(item, ast.FunctionDef) and item.name == "__init__" for item in node.body)
        }  # fmt: skip
        grew, names = not new <= names, names | new
    return names


REFUSALS = _refusals()


def _bare(node: ast.expr) -> bool:
    """Whether an argument is a text written out (a code or a name has no space)."""
    if isinstance(node, ast.JoinedStr):
        return True
    if isinstance(node, ast.BoolOp | ast.IfExp):
        return any(_bare(part) for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str":
        return True
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value


def _said(path: Path) -> Iterator[str]:
    """Calls that refuse in words of one language."""
    name = path.relative_to(ROOT).as_posix()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        func, said = node.func, list(node.args)
        if isinstance(func, ast.Name):
            if func.id == "ValueError" and not name.startswith(OF_PLANS):
                continue
            if func.id == "Problem":
                said = said[2:]
            elif func.id not in REFUSALS | {"ValueError"}:
                continue
        elif isinstance(func, ast.Attribute) and func.attr in ("single", "saying"):
            said = said[-1:]
        else:
            continue
        if any(_bare(argument) for argument in said):
            yield f"{name}:{node.lineno}"


def test_no_refusal_is_written_out_in_one_language() -> None:
    assert [place for path in FILES for place in _said(path)] == []


@pytest.mark.parametrize("code", keys("refusals"))
def test_the_sentences_of_both_languages_hold_the_same_fields(code: str) -> None:
    import string

    fields = [
        {field for _, field, _, _ in string.Formatter().parse(_source(code, language)) if field}
        for language in ("en", "ja")
    ]
    assert fields[0] == fields[1] or code in ("dense_ffn",)
    assert any(ord(letter) > 0x2E80 for letter in _source(code, "ja"))


def _source(code: str, language: str) -> str:
    class Shown(dict[str, str]):
        def __missing__(self, key: str) -> str:
            return "{" + key + "}"

    from mitsumori.model.base import messages

    return messages._table("refusals")[code][language]
