"""Make the offline folder and compile the installer of it: what ``.ci/long windows`` runs.

Prints one line of JSON: wheels, size, what is missing, which compiler made the installer and its size.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import offline


def main() -> int:
    """Build both in a folder that goes afterwards."""
    if shutil.which("makensis") is None:
        sys.exit("makensis is not there (Debian: nsis)")
    with tempfile.TemporaryDirectory() as folder:
        out, setup = Path(folder) / "offline", Path(folder) / f"mitsumori-{offline.version()}-windows-x64.exe"
        missing = offline.make(out)
        words = [f"-DVERSION={offline.version()}", f"-DBUNDLE={out}", f"-DOUT={setup}"]
        done = subprocess.run(["makensis", "-V2", "-WX", *words, str(offline.HERE / "installer.nsi")], check=False)
        result = {
            "wheels": len(list(out.glob("wheels/*.whl"))), "missing": missing, "compiler": "nsis",
            "offline_mb": round(sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) / 1e6, 1),
            "installer_mb": round(setup.stat().st_size / 1e6, 1) if setup.is_file() else None,
        }  # fmt: skip
    sys.stdout.write(json.dumps(result) + "\n")
    return int(bool(missing) or done.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
