"""One file, several programs: nobody overwrites what he does not know."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mitsumori.model import cli
from mitsumori.model.base import files as atomic
from mitsumori.model.base.files import FileChangedError, backup_of, fingerprint, named, write_atomic
from mitsumori.model.base.locks import alone, take
from mitsumori.model.plan.autosave import Copies
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, read_project, sample_names, save_project

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("Proposal v1.2", "Proposal v1.2.xlsx"),
        ("Llama 3.1 70B", "Llama 3.1 70B.xlsx"),
        ("plan", "plan.xlsx"),
        ("plan.XLSX", "plan.XLSX"),
        ("plan.xls", "plan.xls.xlsx"),
        (".xlsx", ".xlsx"),
    ],
)
def test_a_suffix_is_appended_and_never_replaces_a_part_of_the_name(typed: str, written: str) -> None:
    assert named(Path("客先") / typed, ".xlsx") == Path("客先") / written


def test_only_what_is_known_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "plan"
    write_atomic(path, b"mine", expect=None)
    with pytest.raises(FileChangedError) as caught:
        write_atomic(path, b"other", expect=None)
    assert caught.value.found == fingerprint(path)
    write_atomic(path, b"other", expect=caught.value.found)
    path.unlink()
    write_atomic(path, b"again", expect="0" * 64)
    assert [item.name for item in tmp_path.iterdir()] == ["plan"]


def test_the_look_is_at_the_moment_of_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan"
    path.write_bytes(b"known")
    expect = fingerprint(path)
    real = os.fsync
    monkeypatch.setattr(atomic.os, "fsync", lambda handle: (path.write_bytes(b"newer"), real(handle))[1])
    with pytest.raises(FileChangedError):
        write_atomic(path, b"mine", backup=True, expect=expect)
    assert path.read_bytes() == b"newer"
    assert [item.name for item in tmp_path.iterdir()] == ["plan"]


ADDER = """
import sys
from pathlib import Path
from mitsumori.model.base.files import FileChangedError, digest, write_atomic
path, done = Path(sys.argv[1]), 0
while done < 40:
    data = path.read_bytes()
    try:
        write_atomic(path, b"%d" % (int(data) + 1), expect=digest(data))
    except FileChangedError:
        continue
    done += 1
"""


def test_programs_that_write_at_once_lose_nothing_of_each_other(tmp_path: Path) -> None:
    """Three programs add one to a number forty times each; a lost update would show in the sum."""
    path = tmp_path / "number"
    path.write_bytes(b"0")
    programs = [subprocess.Popen([sys.executable, "-c", ADDER, str(path)], cwd=ROOT) for _ in range(3)]
    assert [program.wait(timeout=120) for program in programs] == [0, 0, 0]
    assert path.read_bytes() == b"120"


def test_a_lock_that_somebody_keeps_does_not_stop_a_save_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mitsumori.model.base.locks.WAIT_S", 0.05)
    path = tmp_path / "plan"
    with alone(path):
        write_atomic(path, b"all the same")
    assert path.read_bytes() == b"all the same"
    handle = os.open(tmp_path, os.O_RDONLY) if sys.platform != "win32" else None
    if handle is not None:
        assert take(handle), "the lock is let go"
        os.close(handle)


def test_a_project_and_its_fingerprint_are_of_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "plan.mitsumori"
    known = save_project(Project(plans=(Plan(name="one"),)), path)
    project, read = read_project(path)
    assert project.plan.name == "one"
    assert read == known == fingerprint(path)


def test_a_copy_of_an_earlier_version_has_an_origin_of_unknown_state(tmp_path: Path) -> None:
    copies = Copies(tmp_path / "copies")
    copies.write(Project(plans=(Plan(name="one"),)), tmp_path / "客先.mitsumori", "0" * 64)
    (marker,) = copies.folder.glob("*.origin")
    assert copies._lock is not None
    os.close(copies._lock)
    copies._lock = None
    (found,) = Copies(copies.folder).abandoned()
    assert (found.origin, found.known) == (tmp_path / "客先.mitsumori", "0" * 64)
    marker.write_bytes(os.fsencode(tmp_path / "客先.mitsumori"))
    (found,) = Copies(copies.folder).abandoned()
    assert (found.origin, found.known) == (tmp_path / "客先.mitsumori", None)
    for broken in (b"{", b"{}", b"[]", b"\xff\x00"):
        marker.write_bytes(broken)
        assert len(Copies(copies.folder).abandoned()) == 1, "a broken marker does not hide the work"


def test_the_export_command_keeps_a_backup_of_what_it_replaces(tmp_path: Path) -> None:
    path = tmp_path / "Proposal v1.2.xlsx"
    path.write_bytes(b"the former one")
    assert cli.main(["export", sample_names()[0], str(path)]) == 0
    assert backup_of(path).read_bytes() == b"the former one"
    assert {item.name for item in tmp_path.iterdir()} == {path.name, path.name + ".bak"}
