"""What a mutant is: one change at one place of a module's syntax tree.

An arithmetic or comparison operator exchanged, a number changed, ``and``/``or`` exchanged, a condition negated,
``min``/``max`` or ``floor``/``ceil`` exchanged. Texts, types, docstrings and the words of findings and refusals are left alone:
changing them changes no result.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.Div,
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_CALLS = {"minimum": "maximum", "maximum": "minimum", "min": "max", "max": "min", "floor": "ceil", "ceil": "floor"}
_WORDS = {"Parent", "Finding", "Figure", "Refusal", "PlanError", "text"}
"""Calls whose constants are words and their figures' names."""


@dataclass(frozen=True)
class Place:
    """One place that can be mutated.

    Attributes
    ----------
    index
        Of the node in the order of ``ast.walk``.
    kind
        operator, comparison, and/or, number, call or condition.
    function
        Qualified name of the outermost function whose body holds it; None at the level of a module or class (a constant, a
        default, a decorator), which is run when the module is imported.
    first, last
        Lines of the statement (of its head, where it holds others).
    """

    index: int
    kind: str
    function: str | None
    first: int
    last: int


def places(tree: ast.Module) -> Iterator[Place]:
    """Every place of a module."""
    skip: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            skip |= {id(part) for part in ast.walk(node.annotation)}
        if isinstance(node, ast.FunctionDef) and node.returns is not None:
            skip |= {id(part) for part in ast.walk(node.returns)}
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _WORDS:
            skip |= {id(part) for part in ast.walk(node) if isinstance(part, ast.Constant)}
    where = _where(tree)
    for index, node in enumerate(ast.walk(tree)):
        kind = None if id(node) in skip else _kind(node)
        if kind is not None:
            yield Place(index, kind, *where[id(node)])


def _kind(node: ast.AST) -> str | None:
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        # joined texts are no arithmetic
        texts = (isinstance(x, ast.Constant | ast.JoinedStr) and not _is_number(x) for x in (node.left, node.right))
        return None if any(texts) else "operator"
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        return "comparison"
    if isinstance(node, ast.BoolOp):
        return "and/or"
    if _is_number(node):
        return "number"
    if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in _CALLS:
        return "call"
    return "condition" if isinstance(node, ast.If | ast.IfExp) else None


def _where(tree: ast.Module) -> dict[int, tuple[str | None, int, int]]:
    """Function and lines of every node, by identity."""
    found: dict[int, tuple[str | None, int, int]] = {}

    def visit(node: ast.AST, names: tuple[str, ...], function: str | None, lines: tuple[int, int]) -> None:
        if isinstance(node, ast.stmt):
            inner = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.stmt | ast.excepthandler)]
            last = min((part.lineno for part in inner), default=(node.end_lineno or node.lineno) + 1) - 1
            lines = (node.lineno, max(node.lineno, last))
        found[id(node)] = (function, *lines)
        named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        inside = (*names, node.name) if named else names
        for name, value in ast.iter_fields(node):
            body = function
            if function is None and name == "body" and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = ".".join(inside)
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, ast.AST):
                    visit(part, inside, body, lines)

    visit(tree, (), None, (0, 0))
    return found


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)


def mutated(source: str, index: int) -> tuple[ast.Module, str]:
    """The tree with the node ``index`` mutated, lines as before, and what was done in one line."""
    tree = ast.parse(source)
    node = list(ast.walk(tree))[index]
    before = ast.unparse(node)[:60]
    line = getattr(node, "lineno", 0)
    if isinstance(node, ast.BinOp):
        node.op = _OPERATORS[type(node.op)]()
    elif isinstance(node, ast.Compare):
        node.ops[0] = _COMPARISONS[type(node.ops[0])]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        node.value = node.value + 1 if isinstance(node.value, int) else node.value * 1.5 + 0.01
    elif isinstance(node, ast.Call):
        name = node.func
        if isinstance(name, ast.Attribute):
            name.attr = _CALLS[name.attr]
        elif isinstance(name, ast.Name):
            name.id = _CALLS[name.id]
    elif isinstance(node, ast.If | ast.IfExp):
        node.test = ast.UnaryOp(ast.Not(), copy.deepcopy(node.test))
    ast.fix_missing_locations(tree)
    return tree, f"line {line}: {before} -> {ast.unparse(node)[:60]}".replace("\n", " ")
