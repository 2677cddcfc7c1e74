"""Make the README's pictures: ``python -m tests.docs.make_pictures``; the renderer's overview in light colours, both languages."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
SIZE = "1280x800"

if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for language in ("ja", "en"):
            name = f"overview-{language}-light-{SIZE}"
            command = [
                sys.executable,
                "-m",
                "tests.render.render_screens",
                folder,
                "--scale",
                "1",
                "--sizes",
                SIZE,
                "--only",
                name,
            ]
            subprocess.run(command, check=True)
            shutil.copy(Path(folder) / f"{name}.png", PICTURES / f"overview-{language}.png")
