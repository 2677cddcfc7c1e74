"""The code stays readable in pieces: files and functions of a size that one can take in, no circles of imports."""

from __future__ import annotations

import ast
import re
import tokenize
from collections import Counter
from collections.abc import Mapping
from functools import cache
from io import StringIO
from pathlib import Path

import pytest

from tests.docs.any_limits import ALLOWED, limit, standing

ROOT = Path(__file__).parents[2]
PARTS = ("model", "resources", "gui")
FILE_LINES, FUNCTION_LINES, AT_THE_TOP = 500, 80, 4


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of the product by path."""
    paths = sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def lines_of(path: str) -> int:
    return len((ROOT / path).read_text(encoding="utf-8").splitlines())


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function, its docstring not counted."""
    whole = (node.end_lineno or node.lineno) - node.lineno + 1
    if ast.get_docstring(node) is None:
        return whole
    docstring = node.body[0]
    return whole - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def test_no_file_is_long() -> None:
    tests = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("*.py")}
    assert len(tests) > 200
    assert not {path for path in tests | sources().keys() if lines_of(path) > FILE_LINES}


def test_no_function_is_long() -> None:
    long = {
        f"{path}:{node.name}": length(node)
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and length(node) > FUNCTION_LINES
    }
    assert not long


def test_the_docstring_does_not_count() -> None:
    source = 'def f():\n    """One.\n\n    Two.\n    """\n    return 1\n'
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert length(function) == 2


def test_few_files_lie_at_the_top_of_the_model() -> None:
    assert len(list((ROOT / "model").glob("*.py"))) <= AT_THE_TOP


def imported(path: str, tree: ast.Module) -> set[str]:
    """Modules of the product that a module names anywhere: at its top, inside a function, or for its types only."""
    modules = {name.removesuffix(".py").removesuffix("/__init__"): name for name in sources()}
    found: set[str] = set()
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "mitsumori":
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                names.append(
                    whole if whole.removeprefix("mitsumori.").replace(".", "/") in modules else str(node.module)
                )
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names if alias.name.startswith("mitsumori.")]
        places = (name.removeprefix("mitsumori.").replace(".", "/") for name in names)
        found |= {modules[place] for place in places if place in modules}
    return found - {path}


def test_no_import_is_relative() -> None:
    assert not {
        path
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    }


def test_no_circle_of_imports() -> None:
    graph = {path: imported(path, tree) for path, tree in sources().items()}
    assert sum(map(len, graph.values())) > 1000, "imports are read"
    done: set[str] = set()
    for start in graph:
        stack: list[tuple[str, list[str]]] = [(start, [start])]
        while stack:
            path, way = stack.pop()
            if path in done:
                continue
            followers = graph[path] - done
            if not followers:
                done.add(path)
                continue
            for one in followers:
                assert one not in way, f"circle: {' -> '.join((*way[way.index(one) :], one))}"
            stack.append((path, way))
            stack.extend((one, [*way, one]) for one in followers)


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_read(part: str) -> None:
    assert any(path.startswith(f"{part}/") for path in sources())


def test_one_type_says_sentences() -> None:
    """A sentence with its values is one type; refusals and problems hold one, and are asked for its text."""
    says = {
        f"{path}:{node.name}"
        for path, tree in sources().items()
        if path.startswith("model/")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef)
        and method.name in ("text", "message")
        and "language" in ast.dump(method.args)
    }
    reports = {"model/calibration/backtest.py:BacktestReport", "model/calibration/serving_backtest.py:ServingReport"}
    assert says - reports == {
        "model/base/messages.py:Sentence",
        "model/base/refusal.py:Refusal",
        "model/base/findings.py:Finding",
    }


METAPHORS = frozenset(
    (
        "moment",
        "moments",
        "rung",
        "rungs",
        "house",
        "houses",
        "doors",
        "memo",
        "later",
        "seen",
        "sides",
        "rooms",
        "floors",
        "losses",
    )
)
"""Words that named things here before; the field says phase, provenance, cooling option, package, lazy, bottleneck, visible."""
OWN_WORDS = frozenset({"electrical_losses_kw", "cooling_and_losses_kw"})
"""Names in which one of them is the field's own: what transformers and UPS lose."""
THE_FIELDS_OWN = frozenset(
    {
        ("model/facility/feeds.py", "sides"),
        ("model/workbook/hall.py", "losses"),
        ("model/workbook/facility_cells.py", "losses"),
    }
)
"""A 2N feed has an A side and a B side; electrical losses are heat."""


def defined(tree: ast.Module) -> set[str]:
    """Names that a module gives: functions, classes, parameters, variables, attributes."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.id if isinstance(node, ast.Name) else node.attr)
    return names


def words_of(name: str) -> set[str]:
    return set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_"))


@cache
def own_names_of_tests() -> dict[str, ast.Module]:
    """Every module of the tests by path."""
    paths = sorted((ROOT / "tests").rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


SAID_OF_A_TEST = frozenset({"later", "seen"})
"""What a test saw, and what comes after: the ordinary words, which nothing of the product is called by."""
SENTENCES_OF_TESTS = frozenset({
    ("tests/model/facility_twin.py", "losses"),
    ("tests/model/test_files_shared.py", "test_the_look_is_at_the_moment_of_writing"),
})  # fmt: skip
"""Electrical losses are heat; a moment of time."""


def test_names_in_tests_are_the_fields_own_words() -> None:
    """Also of what a test is called. A cost has two sides in its accounts, the owned one and the rented."""
    found = {(path, name) for path, tree in own_names_of_tests().items() for name in defined(tree)}
    assert len(found) > 10_000
    banned = METAPHORS - SAID_OF_A_TEST
    wrong = {
        (path, name)
        for path, name in found
        if (banned - {"sides"} if name.startswith("test_") else banned) & words_of(name)
    }
    assert wrong == SENTENCES_OF_TESTS


def test_names_are_the_fields_own_words() -> None:
    found = {(path, name) for path, tree in sources().items() for name in defined(tree)}
    assert len(found) > 15_000
    wrong = {(path, name) for path, name in found if METAPHORS & words_of(name) and name not in OWN_WORDS}
    assert wrong == THE_FIELDS_OWN
    assert not {(path, name) for path, name in found if path.startswith("model/") and "parent" in words_of(name)}


PRIVATE_WORDS = re.compile(
    r"\b(?:houses?|rungs?|memo|(?:all|every|other|first|upper|lower|numbered) (?:floors?|doors?|rooms?))\b", re.I
)


def test_documents_and_docstrings_are_plain() -> None:
    """The old words for packages, layers and cooling options; an in-house chat, a rear door and room air are the field's own."""
    texts = {
        f"{path}:{getattr(node, 'name', '')}": ast.get_docstring(node) or ""
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
    }
    texts |= {
        name: (ROOT / name).read_text(encoding="utf-8") for name in ("CONTRIBUTING.md", "README.md", "docs/method.md")
    }
    assert len(texts) > 5_000
    assert not private(texts)


def private(texts: Mapping[str, str]) -> dict[str, str]:
    return {
        name: found[0]
        for name, text in texts.items()
        if (found := PRIVATE_WORDS.search(re.sub("in-house", "", text, flags=re.I)))
    }


def test_comments_are_plain() -> None:
    """Of the product and of the tests; what a test is about, a test's docstring says in the same words."""
    comments = {
        f"{path}:{token.start[0]}": token.string
        for path in (*sources(), *own_names_of_tests())
        for token in tokenize.generate_tokens(StringIO((ROOT / path).read_text(encoding="utf-8")).readline)
        if token.type == tokenize.COMMENT
    }
    assert len(comments) > 2_000
    assert not private(comments)
    texts = {
        f"{path}:{getattr(node, 'name', '')}": ast.get_docstring(node) or ""
        for path, tree in own_names_of_tests().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
    }
    assert not private(texts)


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", "README.md", "docs/method.md"])
def test_files_that_documents_name_exist(document: str) -> None:
    named = set(
        re.findall(
            r"`((?:model|gui|tests|resources|docs|packaging)/[\w./-]+\.\w+)`", (ROOT / document).read_text("utf-8")
        )
    )
    assert not {name for name in named if not (ROOT / name).exists()}
    loose = set(re.findall(r"`(\w+\.py)`", (ROOT / document).read_text("utf-8")))
    assert not {name for name in loose if document == "docs/method.md"}, "by its whole path"


PARAMETERS = 10


def test_no_function_takes_many_parameters() -> None:
    """What takes more takes a request object."""
    many = {
        f"{path}:{node.name}": len(names)
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for names in [[one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]]
        if len(set(names) - {"self", "cls"}) > PARAMETERS
    }
    assert not many


FOR_TESTS = frozenset(
    # what a test or a waiting program looks through: nothing in the window asks for it
    ["any_busy", "at_work", "autosave_now", "table_twin", "choose_file", "best_of", "blanks", "non_expert", "ELSEWHERE"]
)
BY_A_LIBRARY = frozenset({"_repr_html_", "clone", "QT_LACKS"})
"""Called by IPython and by Qt under these names, or read by Qt Linguist."""
BY_NAME = frozenset({"useful_gpu_hours", "cloud_ready_days", "onprem_ready_days"})
"""Figures of a result, written out by the names of its fields."""


def test_nothing_is_defined_that_nothing_uses() -> None:
    """A function or class whose name stands nowhere else in the product; Qt's own are camelCase."""
    texts = [(ROOT / path).read_text(encoding="utf-8") for path in sources()]
    texts += [(ROOT / name).read_text(encoding="utf-8") for name in ("__init__.py", "pyproject.toml")]
    listed = re.compile(r'"""[\s\S]*?"""|^__all__ = \[[^]]*\]', re.M)  # to be described or exported is no use
    used = Counter(word for text in texts for word in re.findall(r"\w+", listed.sub("", text)))
    alone = {
        node.name: path
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and used[node.name] < 2
        and not node.name.startswith("__")
        and not (isinstance(node, ast.FunctionDef) and re.search("[a-z][A-Z]", node.name))
        and not any("validator" in ast.unparse(one) for one in node.decorator_list)
    }
    alone |= {
        name.id: path
        for path, tree in sources().items()
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for name in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(name, ast.Name) and used[name.id] < 2 and not name.id.startswith("__")
    }
    kept = FOR_TESTS | BY_A_LIBRARY | BY_NAME
    assert alone.keys() - kept == set(), {name: path for name, path in alone.items() if name not in kept}
    assert kept <= alone.keys(), "used again: take it off the list"


ENVIRONMENT = frozenset({"scale", "_scale"})
"""Part of the key of what is painted: the fonts of the screen are in force and no argument of a text."""


def test_a_remembered_function_depends_on_its_arguments_alone() -> None:
    """No closure over what changes, no argument that only serves as a key, no state of an object."""
    loose = []
    for path, tree in sources().items():
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef):
                continue
            kinds = {ast.unparse(one).split("(")[0].split(".")[-1] for one in node.decorator_list}
            if not kinds & {"lru_cache", "cache"}:
                continue
            names = {one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
            read = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
            if (names & {"self", "cls"}) or names - read - ENVIRONMENT:
                loose.append(f"{path}:{node.name}")
            shared = {ast.unparse(one) for one in ast.walk(node) if isinstance(one, ast.Global)}
            if shared or (isinstance(parents[node], ast.ClassDef) and "staticmethod" not in kinds):
                loose.append(f"{path}:{node.name}")
    assert not loose


ASSERTING = frozenset(
    [
        "raises",
        "warns",
        "fail",
        "exit",
        "waitUntil",
        "waitSignal",
        "waitSignals",
        "assertNotEmitted",
        "assert_allclose",
        "assert_array_equal",
    ]
)


def called(node: ast.AST) -> set[str]:
    calls = (one.func for one in ast.walk(node) if isinstance(one, ast.Call))
    return {one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in calls}


def test_every_test_asserts_something() -> None:
    """An assertion of its own, or of a helper that it calls (four calls deep)."""
    paths = sorted((ROOT / "tests").rglob("*.py"))
    functions = [
        (path.name, node)
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    asserting = set(ASSERTING)

    def asserts(node: ast.AST) -> bool:
        return any(isinstance(one, ast.Assert) for one in ast.walk(node)) or bool(called(node) & asserting)

    for _ in range(4):
        asserting |= {node.name for _, node in functions if not node.name.startswith("test") and asserts(node)}
    tests = [(name, node) for name, node in functions if name.startswith("test_") and node.name.startswith("test_")]
    assert len(tests) > 2_000
    assert not [f"{name}:{node.name}" for name, node in tests if not asserts(node)]


def test_any_stands_at_the_border_only() -> None:
    """Results, records and arguments have types; where ``Any`` is left, and why, is listed by file and cannot grow."""
    listed = [path for files in ALLOWED.values() for path in files]
    assert len(listed) == len(set(listed)), "a file has one reason"
    more = {path: number for path, number in standing().items() if number > limit(path)}
    assert not more, f"give it a type, or object where it is only passed on: {more}"
