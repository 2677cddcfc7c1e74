"""The README's two commands, as they stand there, for a newcomer on a bare Debian with Python, venv and git only.

Usage, as root on Debian with debootstrap: ``python packaging/verify_readme.py``. A minimal root is laid anew, the commit that
is checked out is cloned in it, and both commands run as an ordinary user with an empty environment; the closing line is JSON
with the figures. ``.ci/long readme`` runs it and keeps them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bare_debian import (
    CERTIFICATES,
    SUITE,
    VerificationError,
    bare_root,
    inside,
    install,
    missing,
    mounted,
    must,
    say,
)

ROOT = Path(__file__).resolve().parent.parent
USER = "newcomer"
PACKAGES = ("python3", "python3-venv", "git")
HOURS_S = 3 * 3600.0


def commands() -> list[str]:
    """The two commands of the README."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = [block.strip() for block in re.findall(r"```bash\n(.*?)```", text, re.DOTALL) if "venv .venv" in block]
    if len(found) != 2:
        raise VerificationError(f"the README has {len(found)} commands that start with an environment, not two")
    return found


def clone(root: Path) -> None:
    """The commit that is checked out, cloned by the newcomer."""
    bundle = root / "srv" / "mitsumori.bundle"
    must(
        subprocess.run(
            ["git", "-C", str(ROOT), "bundle", "create", "-q", str(bundle), "HEAD"],
            capture_output=True, text=True, check=False,
        )
    )  # fmt: skip
    must(inside(root, "useradd", "--create-home", "--shell", "/bin/bash", USER))
    must(inside(root, "git", "clone", "-q", "/srv/mitsumori.bundle", f"/home/{USER}/mitsumori", user=USER))


def run(root: Path, command: str) -> tuple[subprocess.CompletedProcess[str], float]:
    """A command line in the clone, with the way to the package index that this machine needs and nothing else."""
    way = {name: os.environ[name] for name in ("PIP_INDEX_URL", "http_proxy", "https_proxy") if name in os.environ}
    if (root / CERTIFICATES.lstrip("/")).exists():
        way["PIP_CERT"] = CERTIFICATES
    started = time.monotonic()
    done = inside(
        root, "bash", "-c", f"cd ~/mitsumori && {command}", user=USER, timeout_s=HOURS_S, PIP_NO_INPUT="1", **way
    )
    return done, time.monotonic() - started


def verify(root: Path) -> dict[str, Any]:
    """Lay the root, run both commands; returns the figures."""
    window, tests = commands()
    say("bare Debian")
    bare_root(root)
    install(root, *PACKAGES)
    clone(root)
    with mounted(root, ("-tproc", "proc", "proc"), ("-ttmpfs", "tmpfs", "dev/shm")):
        python = must(inside(root, "python3", "--version")).split()[-1]
        say(f"Python {python}; {window}")
        done, window_s = run(root, window)
        estimate = must(done)
        sentence = done.stderr.strip()
        say(sentence)
        if len(sentence.splitlines()) != 1 or "GB" not in estimate:
            raise VerificationError("without a display: not one sentence and the estimate as text")
        must(inside(root, "rm", "-rf", f"/home/{USER}/mitsumori/.venv"))
        say(tests)
        done, tests_s = run(root, tests)
    lines = [line for line in done.stdout.strip().splitlines() if line]
    say("\n".join(lines[-12:]))
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped)", "\n".join(lines[-1:]))}
    if done.returncode != 0 or not counts.get("passed"):
        failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
        raise VerificationError(f"the tests ended with {done.returncode}:\n" + "\n".join(failed[:60] or lines[-40:]))
    return {
        "what": "the README's two commands as an ordinary user in a newly laid Debian minbase root",
        "suite": SUITE,
        "packages": PACKAGES,
        "python": python,
        "window": {"seconds": round(window_s), "said": sentence, "lines_of_estimate": len(estimate.splitlines())},
        "tests": {"seconds": round(tests_s), **counts},
    }


def main() -> int:
    """Verify and print the figures."""
    lacking = missing("debootstrap", "git")
    if lacking:
        say(f"This needs {lacking} (apt-get install debootstrap git).")
        return 2
    with tempfile.TemporaryDirectory(prefix="mitsumori-readme-") as folder:
        try:
            record = verify(Path(folder) / "root")
        except VerificationError as error:
            say(str(error))
            return 1
    say(json.dumps(record, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
