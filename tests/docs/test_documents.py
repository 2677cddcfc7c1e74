"""The documents say what is there: fresh tables, sources that exist, a map with every file, links and commands that work."""

from __future__ import annotations

import re
import struct
import tomllib
from pathlib import Path

import pytest

from mitsumori.model.cli import main
from mitsumori.model.commands import COMMANDS
from mitsumori.model.commands.export import KINDS
from tests.docs.make_method_tables import PAPER, written

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/method.md")
PAGES = ("facility", "cost", "memory-and-time", "memory-findings", "step-time-findings", "source-facts", "DESIGN", "visual",
         "workbook", "workbook-conventions", "workbook-security", "facility-sources", "gui-measured", "gui-testing")  # fmt: skip
"""Working papers that were never part of the repository: nobody could follow a reference to them."""


def _texts() -> list[Path]:
    found = [p for name in ("model", "gui", "resources", "tests", "packaging") for p in (ROOT / name).rglob("*")]
    return [p for p in found if p.suffix in {".py", ".toml", ".md", ".json", ".ts", ".csv"} and p != Path(__file__)]


def test_the_papers_tables_are_those_of_the_constants() -> None:
    """``python -m tests.docs.make_method_tables`` writes them; a new fit without it fails here."""
    paper = PAPER.read_text("utf-8")
    assert written(paper) == paper, "python -m tests.docs.make_method_tables writes them anew"


def test_no_source_names_a_page_that_is_not_here() -> None:
    pattern = re.compile(r"(?<![\w/.-])(?:" + "|".join(PAGES) + r")\.md\b|\bmemory-findings \d|\bsource-facts \d")
    wrong = {
        f"{path.relative_to(ROOT)}: {hit.group()}"
        for path in _texts()
        for hit in pattern.finditer(path.read_text("utf-8"))
    }
    assert not wrong


def test_cited_sections_of_the_paper_exist() -> None:
    headings = set(re.findall(r"^##+ (\d+(?:\.\d+)?)\.? ", PAPER.read_text("utf-8"), re.MULTILINE))
    cited: dict[str, str] = {}
    for path in _texts():
        for number in re.findall(r"docs/method\.md,?\s+(?:section\s+)?(\d+(?:\.\d+)?)", path.read_text("utf-8")):
            cited[number] = str(path.relative_to(ROOT))
    assert len(cited) > 8
    assert {number: where for number, where in cited.items() if number not in headings} == {}


def test_every_package_is_on_the_map() -> None:
    """Each package of model/ and gui/ has a line of the tree, and each file named there exists."""
    tree = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## The tree")[1].split("## ")[0]
    packages = {p.parent.name for base in ("model", "gui") for p in (ROOT / base).glob("*/__init__.py")}
    assert packages == set(re.findall(r"^  (\w+)/ ", tree, re.MULTILINE))
    named = re.findall(r"\w+", next(line for line in tree.splitlines() if line.strip().startswith("app ")))
    assert [name for name in named if not (ROOT / "gui" / f"{name}.py").exists()] == []


def test_the_tree_is_in_the_order_in_which_packages_may_import() -> None:
    """The list that import-linter checks, and the list that people read."""
    tree = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## The tree")[1].split("\ngui/")[0]
    shown = [name.removesuffix(".py") for name in re.findall(r"^  (\w+(?:\.py)?)/? ", tree, re.MULTILINE)]
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in settings if contract.get("containers") == ["mitsumori.model"])
    assert shown == [name.strip() for layer in layers for name in layer.split("|")]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files(document: str) -> None:
    path = ROOT / document
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text("utf-8")):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("document", [*DOCUMENTS, "resources/guide/guide_en.md", "resources/guide/guide_ja.md"])
def test_commands_exist(document: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every `mitsumori VERB` in a document is a command of the program."""
    assert main(["--help"]) == 0
    commands = set(re.findall(r"^  (\w+) ", capsys.readouterr().out, re.MULTILINE))
    text = (ROOT / document).read_text("utf-8")
    used = set(re.findall(r"(?:bin/|`|^)mitsumori ([a-z]+)\b(?!-)", text, re.MULTILINE))
    assert used <= commands


def test_the_guide_has_the_same_chapters_in_both_languages() -> None:
    guides = [(ROOT / "resources" / "guide" / f"guide_{language}.md").read_text("utf-8") for language in ("en", "ja")]
    levels = [re.findall(r"^(#+) ", text, re.MULTILINE) for text in guides]
    assert levels[0] == levels[1]
    assert levels[0].count("##") >= 12
    tables = [len(re.findall(r"^\|", text, re.MULTILINE)) for text in guides]
    assert tables[0] == tables[1]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_pictures_of_the_readme(language: str) -> None:
    """Made by tests/render/render_screens.py; small enough to be read on a slow line."""
    picture = (ROOT / "docs" / "pictures" / f"overview-{language}.png").read_bytes()
    assert len(picture) < 300_000
    width, height = struct.unpack(">II", picture[16:24])
    assert width >= 1200 and height >= 700


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_guide_lists_every_command_and_every_kind_of_proposal(language: str) -> None:
    guide = (ROOT / "resources" / "guide" / f"guide_{language}.md").read_text("utf-8")
    for name in COMMANDS:
        assert f"| `mitsumori {name}" in guide, name
    for kind in KINDS:
        assert f"OUT{kind}`" in guide, kind
