"""README's first command where no window can open: one sentence, the estimate as text, exit status 0."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import needs_qt

ROOT = Path(__file__).resolve().parents[2]


def start(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """``mitsumori llama2-7b-sft`` from another folder, in a home of its own, without the tester's display."""
    own = {key: value for key, value in os.environ.items()
           if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}  # fmt: skip
    own |= {"PYTHONPATH": str(ROOT), "HOME": str(folder), **environment}
    return subprocess.run(
        [sys.executable, "-m", "mitsumori.gui", "llama2-7b-sft"],
        cwd=folder, env=own, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The only line on standard error, after checking that the estimate came as text with status 0."""
    assert done.returncode == 0, done.stderr
    assert "Llama 2 7B SFT" in done.stdout and "GB" in done.stdout
    (line,) = done.stderr.strip().splitlines()
    assert line.endswith(".") and line.count(". ") == 0, line
    return line


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux runs without a display")
class TestNoWindow:
    def test_no_display(self, tmp_path: Path) -> None:
        assert "no display" in one_sentence(start(tmp_path))

    def test_display_that_does_not_answer(self, tmp_path: Path) -> None:
        needs_qt()
        assert ":9473" in one_sentence(start(tmp_path, DISPLAY=":9473"))

    @pytest.mark.parametrize("display", ["", ":9473"])
    def test_library_of_qt_missing(self, tmp_path: Path, display: str) -> None:
        """As the dynamic linker says it on a bare Debian: the sentence names the library and the packages."""
        fake = tmp_path / "fake" / "PySide6"
        fake.mkdir(parents=True)
        (fake / "__init__.py").write_text("")
        error = "libEGL.so.1: cannot open shared object file: No such file or directory"
        (fake / "QtWidgets.py").write_text(f"raise ImportError({error!r})\n")
        environment = {"PYTHONPATH": f"{fake.parent}{os.pathsep}{ROOT}"} | ({"DISPLAY": display} if display else {})
        sentence = one_sentence(start(tmp_path, **environment))
        assert "libEGL.so.1" in sentence
        assert re.search(r"apt-get install libglib2\.0-0 libegl1 .*libxcb-cursor0.*libxcb-icccm4", sentence)
        assert ("no display" in sentence) == (not display)


def test_readme_has_two_commands_that_start_from_nothing() -> None:
    """Each makes its own environment, installs the exact versions and runs; Debian's Python refuses a bare pip install."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [block for block in re.findall(r"```bash\n(.*?)```", text, re.DOTALL) if "venv .venv" in block]
    assert len(commands) == 2
    for command in commands:
        assert command.count("\n") == 1
        steps = command.strip().split(" && ")
        assert steps[0] == "python3 -m venv .venv"
        assert steps[1].startswith(".venv/bin/pip install -q -c constraints.txt -e ")
        assert len(steps) == 3 and steps[2].startswith(".venv/bin/")
    assert "python3-venv" in text, "Debian keeps venv in a package of its own"
