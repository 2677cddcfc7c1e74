"""One spelling of a word in everything Japanese that a person reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
TEXTS = sorted(path for ending in ("toml", "ts", "md") for path in RESOURCES.rglob(f"*.{ending}"))
OTHER = {
    r"サーバ(?!ー)": "サーバー",
    r"フォルダ(?!ー)": "フォルダー",
    r"ユーザ(?!ー)": "ユーザー",
    "パラメーター": "パラメータ",
    "アクセラレーター": "アクセラレータ",
    "メモリー": "メモリ",
    "クラスター": "クラスタ",
    "オプティマイザー": "オプティマイザ",
}


@pytest.mark.parametrize("pattern", OTHER)
def test_a_word_is_spelled_in_one_way(pattern: str) -> None:
    found = [path.relative_to(RESOURCES).as_posix() for path in TEXTS if re.search(pattern, path.read_text("utf-8"))]
    assert not found, f"it is {OTHER[pattern]}"
