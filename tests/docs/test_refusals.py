"""Every refusal is a sentence of the tables of messages, so that it is said in the reader's language."""

from __future__ import annotations

import ast
import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mitsumori.model.base.messages import keys
from mitsumori.model.base.refusal import cause_of, in_words

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for top in ("model", "gui") for path in (ROOT / top).rglob("*.py"))
OF_PLANS = ("model/plan/", "model/catalogue/", "model/formats/choice.py", "model/base/csv_files.py")
"""Where a ``ValueError`` is said by a validator or a reader of tables, and so to a person."""


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


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_the_systems_own_words_never_stand_in_a_sentence(number: int) -> None:
    """They are in the system's language: English in a Japanese sentence, Japanese in an English one."""
    error = OSError(number, os.strerror(number), "file")
    for language in ("en", "ja"):
        said = in_words(cause_of(error), language)
        assert os.strerror(number).lower() not in said.lower() or (language, number) in SAME, said
        assert said and said[-1] not in ".。"
    japanese = in_words(cause_of(error), "ja")
    own = re.sub(rf"{number} \({errno.errorcode[number]}\)", "", japanese)
    assert not re.search("[A-Za-z]", own) and re.search("[ぁ-ん一-龯]", own), japanese


SAME = {("en", errno.EACCES)}
"""Where our words are the system's."""


@pytest.mark.parametrize(
    "name", ["ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENOTDIR", "ETIMEDOUT", "ESTALE", "ENAMETOOLONG"]
)
def test_what_disks_and_shares_answer_has_a_sentence(name: str) -> None:
    number = getattr(errno, name)
    assert name not in in_words(cause_of(OSError(number, os.strerror(number))), "en")


def test_the_systems_words_are_asked_for_nowhere() -> None:
    """One table says what an error of the system means (:func:`model.base.refusal.cause_of`)."""
    found = [path.name for path in FILES if ".strerror" in path.read_text(encoding="utf-8")]
    assert found == []
