"""Windows without Windows: the offline folder's contents, scripts that parse and compile, and the code's own branches with
``sys.platform``, ``msvcrt`` and ``ntpath`` in the places of ours. What was not run on Windows says so in its head."""

from __future__ import annotations

import importlib.util
import io
import ntpath
import os
import re
import shutil
import subprocess
import sys
import tomllib
import types
import zipfile
from importlib import metadata
from pathlib import Path, PureWindowsPath

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mitsumori.model.base import files
from mitsumori.model.base.files import LONGEST_NAME, RESERVED, portable_name
from tests.needs import needs_qt

ROOT = Path(__file__).resolve().parents[2]
WINDOWS = ROOT / "packaging" / "windows"


def load(path: Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


offline = load(WINDOWS / "offline.py")


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    return {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}


def test_every_package_that_windows_needs_has_a_pin() -> None:
    """The closure of the program's dependencies by their own metadata, with the markers of Windows."""
    environment = {**default_environment(), **offline.WINDOWS}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pending = [(Requirement(text), "") for text in project["dependencies"]]
    needed: set[str] = set()
    while pending:
        item, extra = pending.pop()
        name = canonicalize_name(item.name)
        if (item.marker is not None and not item.marker.evaluate({**environment, "extra": extra})) or name in needed:
            continue
        needed.add(name)
        try:
            requires = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # only Windows has it
            requires = []
        extras = ["", *item.extras]
        pending += [(Requirement(text), one) for text in requires for one in extras]
    assert {"tzdata", "numpy", "pyside6-essentials"} <= needed
    assert needed <= set(pins())


def wheel(folder: Path, name: str, version: str, tag: str, requires: tuple[str, ...] = ()) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + "".join(
        f"Requires-Dist: {r}\n" for r in requires
    )
    with zipfile.ZipFile(folder / f"{name}-{version}-{tag}.whl", "w") as archive:
        archive.writestr(f"{name}-{version}.dist-info/METADATA", head)


def folder_with(tmp_path: Path, numpy_tag: str = "cp311-cp311-win_amd64") -> Path:
    wheels = tmp_path / "wheels"
    wheel(
        wheels,
        "mitsumori",
        "0.1.0",
        "py3-none-any",
        ("numpy>=2", "tzdata; sys_platform == 'win32'", "fcntl2; os_name == 'posix'"),
    )
    wheel(wheels, "numpy", "2.4.6", numpy_tag)
    wheel(wheels, "tzdata", "2026.6", "py2.py3-none-any")
    shutil.copy(WINDOWS / "install.ps1", tmp_path)
    sums = offline.sums(tmp_path)
    (tmp_path / offline.SUMS).write_text(
        "".join(f"{digest}  {name}\n" for name, digest in sums.items()), encoding="utf-8"
    )
    return tmp_path


def test_a_complete_folder_lacks_nothing_and_a_broken_one_says_what(tmp_path: Path) -> None:
    assert offline.missing(folder_with(tmp_path / "a")) == []
    assert any(
        "numpy" in problem
        for problem in offline.missing(folder_with(tmp_path / "b", "cp311-cp311-manylinux_2_28_x86_64"))
    )
    lost = folder_with(tmp_path / "c")
    next(lost.glob("wheels/tzdata-*")).unlink()
    assert any("tzdata" in problem for problem in offline.missing(lost))
    damaged = folder_with(tmp_path / "d")
    with (damaged / "install.ps1").open("ab") as stream:
        stream.write(b"#")
    assert offline.missing(damaged) == ["install.ps1 is not what was packed"]


@pytest.mark.parametrize(
    ("tag", "runs"),
    [("cp311-cp311-win_amd64", True), ("cp310-abi3-win_amd64", True), ("py3-none-any", True), ("py2.py3-none-any", True),
     ("cp312-cp312-win_amd64", False), ("cp312-abi3-win_amd64", False), ("cp311-cp311-win32", False),
     ("cp311-cp311-manylinux_2_28_x86_64", False), ("cp311-cp311-win_arm64", False)],
)  # fmt: skip
def test_which_wheels_install_there(tag: str, runs: bool) -> None:
    assert offline.runs_on_windows(tag) is runs


def test_the_powershell_script_parses_and_names_what_the_program_installs() -> None:
    import tree_sitter_powershell
    from tree_sitter import Language, Parser

    source = (WINDOWS / "install.ps1").read_bytes()
    tree = Parser(Language(tree_sitter_powershell.language())).parse(source)
    assert not tree.root_node.has_error
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = source.decode("ascii")  # a console of any code page shows it
    assert all(f"{name}.exe" in text for name in (*scripts["scripts"], *scripts["gui-scripts"]))


def test_installers_wait_for_the_windows_own_mutex() -> None:
    needs_qt()
    from mitsumori.gui.desktop import MUTEX

    for name in ("installer.iss", "installer.nsi", "install.ps1"):
        text = (WINDOWS / name).read_text(encoding="utf-8")
        assert MUTEX in text, name
        assert re.search(r"not yet (built|run)", text, re.IGNORECASE), name


@pytest.mark.skipif(shutil.which("makensis") is None, reason="needs Debian's nsis")
def test_the_installer_compiles(tmp_path: Path) -> None:
    out = tmp_path / "mitsumori-windows-x64.exe"
    words = [f"-DVERSION={offline.version()}", f"-DBUNDLE={folder_with(tmp_path / 'bundle')}", f"-DOUT={out}"]
    done = subprocess.run(
        ["makensis", "-V2", "-WX", *words, str(WINDOWS / "installer.nsi")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr
    assert out.read_bytes()[:2] == b"MZ"


# the code's own branches ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["Proposal v1.2", 'a:b*c?d"e<f>g|h/i\\j', "CON", "nul.txt", "com1", "LPT9.x", "end. ", " x ",
                                   "見積：７０B", "a" * 500, "tab\tline\n", "..."])  # fmt: skip
def test_a_title_is_a_name_on_windows_too(title: str) -> None:
    name = portable_name(title)
    assert not set(name) & set('<>:"/\\|?*') and all(ord(char) >= 32 for char in name)
    assert name.partition(".")[0].upper() not in RESERVED
    assert not name.endswith((".", " ")) and len(name) <= LONGEST_NAME
    assert PureWindowsPath(name + ".xlsx").name == name + ".xlsx"
    assert ntpath.splitdrive(name)[0] == ""
    assert portable_name(name) == name


def windows_locks(monkeypatch: pytest.MonkeyPatch) -> tuple[types.ModuleType, list[int]]:
    """``model.base.locks`` as Windows imports it: msvcrt locks a byte of an open file."""
    held: list[int] = []
    fake = types.ModuleType("msvcrt")

    def locking(handle: int, mode: int, size: int) -> None:
        inode = os.fstat(handle).st_ino
        if inode in held:
            raise OSError(36, "deadlock avoided")
        held.append(inode)

    fake.locking, fake.LK_NBLCK = locking, 2  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "msvcrt", fake)
    monkeypatch.setattr(sys, "platform", "win32")
    return load(ROOT / "model" / "base" / "locks.py"), held


def test_a_lock_on_windows_is_a_file_of_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locks, held = windows_locks(monkeypatch)
    monkeypatch.setattr(locks, "WAIT_S", 0.05)
    before = set(tmp_path.iterdir())
    with locks.alone(tmp_path / "plan.mitsumori"):
        assert len(held) == 1
        with locks.alone(tmp_path / "plan.mitsumori"):  # another program does not let go: the work goes on
            assert len(held) == 1
        with locks.alone(tmp_path / "other.mitsumori"):
            assert len(held) == 2
    assert set(tmp_path.iterdir()) == before  # nothing beside the customer's file


def test_saving_where_a_folder_cannot_be_opened_and_excel_holds_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows opens no folders (so there is nothing to sync), and refuses to replace a file that Excel has open."""
    real_open, real_replace = os.open, Path.replace

    def no_folders(path: object, flags: int, mode: int = 0o777) -> int:
        if Path(str(path)).is_dir():
            raise PermissionError(13, "Permission denied", str(path))
        return real_open(path, flags, mode)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", no_folders)
    path = tmp_path / "proposal.xlsx"
    files.write_atomic(path, b"one")
    files.write_atomic(path, b"two", backup=True)
    assert (path.read_bytes(), files.backup_of(path).read_bytes()) == (b"two", b"one")

    def held(self: Path, target: Path) -> Path:
        if Path(target) == path:
            raise PermissionError(13, "The process cannot access the file", str(target))
        return real_replace(self, target)

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(PermissionError):
        files.write_atomic(path, b"three")
    assert path.read_bytes() == b"two"
    assert [item.name for item in tmp_path.iterdir() if item.name.endswith(".tmp")] == []


def test_a_program_without_a_console_prints_nowhere_and_does_not_fail() -> None:
    from mitsumori.model.commands.answers import write

    write(None, "a sentence\n")
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="cp932")
    write(narrow, "¥1,000 – 五つ × 2 ≤ 3\n")
    narrow.flush()
    assert narrow.buffer.getvalue().decode("cp932") == "￥1,000 - 五つ × 2 <= 3\n"  # type: ignore[attr-defined]


@pytest.mark.parametrize("console", [True, False])
def test_a_refused_double_click_shows_a_message(qtbot, monkeypatch: pytest.MonkeyPatch, console: bool) -> None:  # type: ignore[no-untyped-def]
    from PySide6.QtWidgets import QMessageBox

    from mitsumori.gui import desktop

    shown: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: shown.append(box.text()))
    errors = io.StringIO()
    monkeypatch.setattr(sys, "stderr", errors if console else None)
    for mark in desktop._DESKTOP_MARKS:
        monkeypatch.delenv(mark, raising=False)
    desktop.refuse("It cannot be opened.")
    assert (shown, errors.getvalue()) == (([], "It cannot be opened.\n") if console else (["It cannot be opened."], ""))
    if console:
        monkeypatch.setenv("DESKTOP_STARTUP_ID", "x_TIME1")
        desktop.refuse("It cannot be opened.")
        assert shown == ["It cannot be opened."]


def test_the_mutex_is_taken_on_windows_only(monkeypatch: pytest.MonkeyPatch) -> None:
    needs_qt()
    from mitsumori.gui import desktop

    assert desktop.hold_mutex() is None or sys.platform == "win32"
    import ctypes

    taken: list[str] = []
    kernel = types.SimpleNamespace(CreateMutexW=lambda _security, _owner, name: taken.append(name) or 7)
    monkeypatch.setattr(ctypes, "windll", types.SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    assert desktop.hold_mutex() == 7
    assert taken == [desktop.MUTEX]
