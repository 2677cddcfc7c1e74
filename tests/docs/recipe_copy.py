"""A copy of the product in which a recipe of CONTRIBUTING is followed, and the count of the Python files that it touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.needs import needs_qt

ROOT = Path(__file__).parents[2]


class Copy:
    """A copy that is changed as a person would change it, and run in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.top = folder / "mitsumori"
        self.folder = folder
        self.touched: set[str] = set()
        for part in ("model", "gui", "resources"):
            shutil.copytree(ROOT / part, self.top / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "__init__.py", self.top)

    def _note(self, path: str) -> None:
        if path.endswith(".py"):
            self.touched.add(path)

    def replace(self, path: str, old: str, new: str) -> None:
        """Write ``new`` for the one place of ``old``."""
        file = self.top / path
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{path} has {text.count(old)} times {old!r}: the recipe is followed elsewhere now"
        file.write_text(text.replace(old, new), encoding="utf-8")
        self._note(path)

    def append(self, path: str, text: str) -> None:
        """Add to the end of a file, or make it."""
        with (self.top / path).open("a", encoding="utf-8") as file:
            file.write(text)
        self._note(path)

    def run(self, code: str) -> str:
        """What a program prints that imports the copy; skipped where it asks the window and Qt cannot be loaded."""
        if "mitsumori.gui" in code:
            needs_qt()
        environment = {**os.environ, "PYTHONPATH": str(self.folder), "QT_QPA_PLATFORM": "offscreen"}
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        check = f"import mitsumori; assert mitsumori.__file__.startswith({str(self.folder)!r}), mitsumori.__file__\n"
        done = subprocess.run(
            [sys.executable, "-c", check + code],
            capture_output=True,
            text=True,
            env=environment,
            cwd=self.folder,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout
