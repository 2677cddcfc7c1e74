"""Every text of the window has its translation, with the same placeholders."""

from __future__ import annotations

import ast
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from mitsumori import resources
from mitsumori.gui.tabs import TABS, tab_title
from mitsumori.gui.words.translation import set_language

# -- languages --------------------------------------------------------------------------------------------------------


KEYS = [key for key, _, _ in TABS]
GUI = Path(__file__).resolve().parents[2] / "gui"


def sources() -> set[tuple[str, str]]:
    """Every text marked for translation in charts, tabs and explanations."""
    found = set()
    files = [
        *sorted((GUI / "charts").glob("*.py")),
        *sorted((GUI / "tabs").glob("*.py")),
        GUI / "dialogs" / "explain.py",
    ]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                words = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant)]
                if name in ("translate", "QT_TRANSLATE_NOOP") and len(words) == 2:
                    found.add((words[0], words[1]))
                elif name == "tr" and words and isinstance(node.func, ast.Attribute):
                    found.add(("Plurals", words[0]))
    return found


def translations(language: str) -> dict[tuple[str, str], list[str]]:
    found = {}
    for part in resources.path("i18n").iterdir():
        if part.name.endswith(f"_{language}.ts"):
            root = ElementTree.fromstring(part.read_text(encoding="utf-8"))
            for context in root.findall("context"):
                for message in context.findall("message"):
                    node = message.find("translation")
                    assert node is not None
                    forms = [form.text or "" for form in node.findall("numerusform")] or [node.text or ""]
                    key = (context.findtext("name") or "", message.findtext("source") or "")
                    found[key] = [] if node.get("type") == "unfinished" else forms
    return found


def test_every_text_has_its_japanese() -> None:
    japanese = translations("ja")
    missing = [source for source in sources() if not all(japanese.get(source, [""]))]
    assert not missing


def test_every_plural_has_its_english_forms() -> None:
    english = translations("en")
    for context, source in sources():
        if "%n" in source:
            assert len(english[(context, source)]) == 2, source


def test_translations_keep_every_placeholder() -> None:
    import string

    for (_, source), forms in translations("ja").items():
        wanted = {name for _, name, _, _ in string.Formatter().parse(source) if name}
        for form in forms:
            assert {name for _, name, _, _ in string.Formatter().parse(form) if name} == wanted, source


def test_tab_titles_are_translated() -> None:
    assert [tab_title(key) for key in KEYS][:2] == ["Overview", "Memory"]
    set_language("ja")
    assert [tab_title(key) for key in KEYS] == [
        "概要", "メモリ", "学習時間", "推論", "ラックと冷却", "費用", "最適化", "比較", "前提条件"
    ]  # fmt: skip
