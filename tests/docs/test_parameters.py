"""Public functions of the model with three or more parameters say what each one is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

MODEL = Path(__file__).parents[2] / "model"
PACKAGES = sorted(path.name for path in MODEL.iterdir() if (path / "__init__.py").is_file())
LEAST = 3


def parameters(node: ast.FunctionDef) -> list[str]:
    arguments = node.args
    return [item.arg for item in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def documented(docstring: str) -> set[str]:
    """Names in the Parameters section of a numpydoc docstring."""
    _, found, section = docstring.partition("Parameters\n----------\n")
    heads = [line for line in section.splitlines() if line and not line.startswith(" ")] if found else []
    return {name.strip() for line in heads for name in line.split(":")[0].split(",")}


def undocumented(package: str) -> dict[str, list[str]]:
    missing: dict[str, list[str]] = {}
    for path in sorted((MODEL / package).rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or "overload" in map(ast.unparse, node.decorator_list):
                continue  # the function itself follows its overloads
            if not node.name.startswith("_") and len(parameters(node)) >= LEAST:
                known = documented(ast.get_docstring(node) or "")
                absent = [name for name in parameters(node) if name not in known]
                if absent:
                    missing[f"{path.relative_to(MODEL).as_posix()}:{node.name}"] = absent
    return missing


@pytest.mark.parametrize("package", PACKAGES)
def test_every_parameter_is_documented(package: str) -> None:
    assert not undocumented(package)


def test_a_missing_name_is_noticed() -> None:
    text = "What.\n\nParameters\n----------\na, b\n    Two.\nc : float\n    One.\n\nReturns\n-------\nfloat\n"
    assert {"a", "b", "c"} <= documented(text)
    assert "d" not in documented(text)
