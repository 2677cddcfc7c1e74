"""The documents say what is there: fresh tables, sources that exist, a map with every file, links and commands that work."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from model.cli import main
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


def test_every_file_of_the_core_is_on_the_map() -> None:
    """Each module by its file name on its floor; packages by their name with a slash; so are the packages of the window."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    files = {p.name for p in (ROOT / "model").glob("*.py")} - {"__init__.py"}
    packages = {
        f"{p.name}/" for base in ("model", "gui") for p in (ROOT / base).iterdir() if (p / "__init__.py").is_file()
    }
    assert sorted(name for name in files | packages if f"`{name}`" not in text) == []
    named = set(re.findall(r"`(\w+\.py)`", text))
    assert named - {p.name for base in ("model", "gui", "tests") for p in (ROOT / base).rglob("*.py")} == set()


def test_floors_of_the_map_are_those_of_the_files() -> None:
    """A file that states its floor in its docstring stands on that floor of the map."""
    rows = re.findall(r"^\| (\d) \| (.+?) \|", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
    floors = {name: int(floor) for floor, cell in rows for name in re.findall(r"`(\w+\.py)`", cell)}
    for path in (ROOT / "model").glob("*.py"):
        stated = re.search(r"\(floor (\d)\)", path.read_text("utf-8").split('"""')[1])
        if stated:
            assert floors.get(path.name) == int(stated.group(1)), path.name


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files(document: str) -> None:
    path = ROOT / document
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text("utf-8")):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("document", [*DOCUMENTS, "resources/guide/guide_en.md", "resources/guide/guide_ja.md"])
def test_commands_exist(document: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every `mitsumori VERB` in a document is a command of the program."""
    with pytest.raises(SystemExit):
        main(["--help"])
    commands = set(re.findall(r"^    (\w+) ", capsys.readouterr().out, re.MULTILINE))
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
