"""Parsed TOML tables are kept beside the byte code; what is kept never outlives the text it was made of."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

from mitsumori import resources

TABLES = [path.relative_to(Path(resources.__file__).parent) for path in Path(resources.__file__).parent.rglob("*.toml")]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test's own for byte code."""
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path


def kept(place: Path) -> list[Path]:
    return sorted(place.rglob("*.parsed"))


@pytest.mark.parametrize("path", TABLES, ids=str)
def test_a_table_is_the_same_parsed_and_kept(path: Path, place: Path) -> None:
    parsed = tomllib.loads(resources.read_text(*path.parts))
    assert resources.read_table(*path.parts) == parsed
    assert len(kept(place)) == 1
    assert resources.read_table(*path.parts) == parsed


def test_a_kept_table_is_what_is_read(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = resources.read_table("units.toml")
    monkeypatch.setattr(tomllib, "loads", lambda text: pytest.fail("parsed again"))
    second = resources.read_table("units.toml")
    assert first == second
    first.clear()
    assert resources.read_table("units.toml") == second, "each reader has a table of its own"


def test_another_text_is_parsed_anew(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resources.read_table("units.toml")
    monkeypatch.setattr(resources, "read_text", lambda *parts: "[other]\nscale = 2")
    assert resources.read_table("units.toml") == {"other": {"scale": 2}}
    assert resources.read_table("units.toml") == {"other": {"scale": 2}}


@pytest.mark.parametrize("damage", [b"", b"\0" * 40, b"short"])
def test_a_damaged_file_is_made_anew(damage: bytes, place: Path) -> None:
    whole = resources.read_table("units.toml")
    (file,) = kept(place)
    data = file.read_bytes()
    for broken in (damage, data[:-3], data[:40] + bytes([data[40] ^ 1]) + data[41:]):
        file.write_bytes(broken)
        assert resources.read_table("units.toml") == whole
        assert file.read_bytes() == data


def test_nothing_is_kept_where_python_keeps_no_byte_code(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert resources.read_table("units.toml")
    assert not kept(place)


def test_a_place_that_cannot_be_written_does_not_matter(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = place / "file"
    blocked.write_text("", encoding="utf-8")
    monkeypatch.setattr(sys, "pycache_prefix", str(blocked))
    assert resources.read_table("units.toml")


def test_a_value_that_cannot_be_kept_is_still_read(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "read_text", lambda *parts: "day = 2026-04-01")
    assert str(resources.read_table("units.toml")["day"]) == "2026-04-01"
    assert not kept(place)


def test_no_table_is_parsed_elsewhere() -> None:
    """A table that is parsed anew at every start costs more than all that are kept."""
    root = Path(resources.__file__).parent.parent
    sources = [*(root / "model").rglob("*.py"), *(root / "gui").rglob("*.py")]
    assert not [path.name for path in sources if "tomllib.loads(resources" in path.read_text("utf-8")]
