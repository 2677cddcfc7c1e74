"""What the Linux bundle asks of a system and says of itself: C library, checksums, AppStream, notices of what is compiled in."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
import tomllib
import types
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"


def load(name: str) -> types.ModuleType:
    sys.path.insert(0, str(PACKAGING))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(PACKAGING))


glibc = load("glibc")
notices = load("notices")


def stated() -> tuple[int, ...]:
    """The C library that packaging/README.md promises to run with."""
    found = re.search(r"glibc (\d+)\.(\d+) or newer", (PACKAGING / "README.md").read_text(encoding="utf-8"))
    assert found is not None
    return tuple(int(part) for part in found.groups())


@pytest.mark.skipif(shutil.which("objdump") is None, reason="needs binutils")
def test_the_newest_symbol_is_what_objdump_finds() -> None:
    for path in list(glibc.libraries([Path(str(metadata.distribution("numpy").locate_file("numpy")))]))[:4]:
        listed = subprocess.run(["objdump", "-T", str(path)], capture_output=True, text=True, check=True).stdout
        versions = [tuple(int(part) for part in text.split(".")) for text in re.findall(r"GLIBC_(\d[\d.]*)", listed)]
        assert glibc.needed(path) == max(versions, default=(0,)), path.name


def test_a_library_is_known_by_its_first_bytes_and_links_count_once(tmp_path: Path) -> None:
    library, text = tmp_path / "lib.so.1", tmp_path / "lib.py"
    library.write_bytes(b"\x7fELF....\x00GLIBC_2.4\x00GLIBC_2.17\x00GLIBC_PRIVATE\x00")
    text.write_bytes(b"\x00GLIBC_2.99\x00")
    (tmp_path / "lib.so").symlink_to(library)
    assert glibc.measured([tmp_path]) == {"files": 1, "glibc": "2.17", "asked_by": ["lib.so.1"], "too_old": []}


def test_no_wheel_asks_for_a_newer_library_than_is_stated() -> None:
    """The wheels that the bundle is made of, as installed here; what the build's system adds stands in packaging/README.md."""
    files: list[Path] = []
    for distribution in notices.runtime_distributions(extra=()):
        files += [Path(str(distribution.locate_file(file))) for file in distribution.files or [] if ".so" in file.name]
    measured = glibc.measured(files)
    newest = tuple(int(part) for part in str(measured["glibc"]).split("."))
    assert measured["files"] > 100
    assert newest <= stated(), measured
    readme = (PACKAGING / "README.md").read_text(encoding="utf-8")
    excluded = [name for name, has in glibc.SYSTEMS if has < stated()]
    assert excluded and all(name in readme for name in excluded), "the README names the systems that are too old"


def test_appstream_describes_the_program_that_is_installed() -> None:
    path = PACKAGING / "mitsumori.metainfo.xml"
    root = ElementTree.parse(path).getroot()

    def text(name: str) -> str:
        found: Any = root.find(name)
        assert found is not None and found.text
        return str(found.text)

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert text("launchable") == "mitsumori.desktop" and (PACKAGING / text("launchable")).is_file()
    assert text("provides/mediatype") in (PACKAGING / "mitsumori.xml").read_text(encoding="utf-8")
    assert text("project_license") == project["license"]
    assert root.find("releases/release").get("version") == project["version"]  # type: ignore[union-attr]
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    for name in ("name", "summary", "description/p"):
        assert {item.get(language) for item in root.findall(name)} == {None, "ja"}, name
    if shutil.which("appstreamcli"):
        done = subprocess.run(
            ["appstreamcli", "validate", "--no-net", str(path)], capture_output=True, text=True, check=False
        )
        found = [line for line in done.stdout.splitlines() if line[:2] in ("E:", "W:")]
        assert all("cid-desktopapp-is-not-rdns" in line for line in found), done.stdout  # no domain is ours


def test_checksums_are_what_sha256sum_checks(tmp_path: Path) -> None:
    package = load("package")
    files = (tmp_path / "a.tar.gz", tmp_path / "b.deb")
    for path in files:
        path.write_bytes(path.name.encode() * 1000)
    package.checksums(tmp_path, files)
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    files[0].write_bytes(b"changed")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_crates_inside_a_wheel_have_their_notices(tmp_path: Path) -> None:
    """pydantic_core is Rust: every crate of its bill of materials with licence, authors and source, and the licences' texts."""
    core = metadata.distribution("pydantic_core")
    crates = notices.vendored(core)
    assert len(crates) > 50 and {"pyo3", "serde", "regex"} <= {part["name"] for part in crates}
    notices.collect_distribution(core, tmp_path)
    text = (tmp_path / "pydantic_core" / "crates.txt").read_text(encoding="utf-8")
    for part in crates:
        assert f"{part['name']} {part['version']}: " in text
    assert "Permission is hereby granted, free of charge" in text and "UNICODE LICENSE V3" in text


def test_a_crate_under_a_licence_without_a_text_stops_the_build(tmp_path: Path) -> None:
    bill = tmp_path / "x.dist-info" / "sboms" / "x.cyclonedx.json"
    bill.parent.mkdir(parents=True)
    bill.write_text(
        '{"components": [{"purl": "pkg:cargo/odd@1", "name": "odd", "version": "1", "licenses": [{"expression": "SSPL-1.0"}]}]}'
    )

    class Other:
        metadata = {"Name": "other"}
        version = "1"
        files = (Path("x.dist-info/sboms/x.cyclonedx.json"),)

        @staticmethod
        def locate_file(file: Path) -> Path:
            return tmp_path / file

    with pytest.raises(notices.NoLicenceError, match="odd 1 under SSPL"):
        notices.crate_notices(Other())
