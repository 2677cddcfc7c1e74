"""Build the Linux bundle, install its .deb in a bare Debian without Python, run the smoke test there, keep the figures.

Usage, as root on Debian with debootstrap, dpkg-deb and Xvfb: ``python packaging/verify_linux.py [--record FILE]`` in an
environment with Mitsumori's dependencies (openpyxl reads the workbook back). ``.ci/long`` runs it.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import glibc
from bare_debian import SUITE, VerificationError, bare_root, inside, install, missing, mounted, must, say

ROOT = Path(__file__).resolve().parent.parent
DISPLAY = ":87"


@contextlib.contextmanager
def display(root: Path) -> Iterator[None]:
    """An X server whose socket is seen in ``root``, and /proc."""
    server = subprocess.Popen(
        ["Xvfb", DISPLAY, "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"], stderr=subprocess.DEVNULL
    )
    try:
        limit = time.monotonic() + 20
        while not Path(f"/tmp/.X11-unix/X{DISPLAY[1:]}").exists():
            if server.poll() is not None or time.monotonic() > limit:
                raise VerificationError("Xvfb did not start")
            time.sleep(0.1)
        with mounted(root, ("--bind", "/tmp/.X11-unix", "tmp/.X11-unix"), ("-tproc", "proc", "proc")):
            yield
    finally:
        server.terminate()
        server.wait()


def read_back(workbook: Path) -> int:
    """The number of sheets of an exported workbook that openpyxl can read, with figures on the first."""
    import openpyxl

    book = openpyxl.load_workbook(workbook)
    numbers = [cell.value for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
    if len(book.sheetnames) < 5 or len(numbers) < 10:
        raise VerificationError(f"the workbook has {len(book.sheetnames)} sheets and {len(numbers)} cells on the first")
    return len(book.sheetnames)


def smoke(root: Path) -> list[dict[str, Any]]:
    """Run the smoke test on a sample (cold and warm) and on a project file with a space and Japanese in its name."""
    sample = ROOT / "resources" / "samples" / "llama2-7b-sft.mitsumori"
    project = "/srv/見積もり 案 1.mitsumori"
    shutil.copy(sample, root / project.lstrip("/"))
    reports = []
    for plan in ("llama3-70b-continual", "llama3-70b-continual", project):
        target = root / "srv/out.xlsx"
        target.unlink(missing_ok=True)
        output = must(inside(root, "mitsumori", plan, DISPLAY=DISPLAY, MITSUMORI_SMOKE="/srv/out.xlsx"))
        report = json.loads(output.strip().splitlines()[-1])
        if report["platform"] != "xcb" or not report["frozen"]:
            raise VerificationError(f"not the frozen program in a real window: {report}")
        report["plan"] = Path(report["plan"]).name
        report["sheets"] = read_back(target)
        reports.append(report)
    return reports


def size_mb(path: Path) -> float:
    """Size in MB (1e6 bytes), links not followed."""
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_symlink() or p.is_file()]
    return round(sum(file.lstat().st_size for file in files) / 1e6, 1)


def verify(work: Path) -> dict[str, Any]:
    """Build, install, run; returns the record."""
    out = work / "out"
    git = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    say("building")
    started = time.monotonic()
    built = subprocess.run(
        [str(ROOT / "packaging" / "build_linux.sh"), str(out)], capture_output=True, text=True, check=False
    )
    must(built)
    build_s = time.monotonic() - started
    (deb,) = out.glob("*.deb")
    (archive,) = out.glob("*.tar.gz")
    (folder,) = (path for path in out.iterdir() if path.is_dir())
    say(f"built in {build_s:.0f} s; bare Debian")
    root = work / "root"
    bare_root(root)
    shutil.copy(deb, root / "srv" / deb.name)
    install(root, f"/srv/{deb.name}")
    if inside(root, "sh", "-c", "command -v python3 || ls -d /usr/lib/python3*").returncode == 0:
        raise VerificationError("the root has Python, so it proves nothing")
    say("installed; smoke test")
    with display(root):
        reports = smoke(root)
        must(inside(root, "mitsumori", "--version"))
        samples = must(inside(root, "mitsumori", "samples")).split()
        estimate = json.loads(must(inside(root, "mitsumori", "estimate", samples[0], "--json")))
        without = inside(root, "mitsumori", samples[0])
        if without.returncode != 0 or len(without.stderr.strip().splitlines()) != 1 or not without.stdout:
            raise VerificationError(f"without a display: {without.returncode}, {without.stderr!r}")
        must(inside(root, "dpkg", "--remove", "mitsumori"))
        if (root / "opt/mitsumori").exists():
            raise VerificationError("the package leaves files in /opt/mitsumori when removed")
    return {
        "what": "packaging/verify_linux.py: bundle built, .deb installed in a Debian minbase root without Python, smoke test",
        "date": datetime.datetime.now(tz=datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": git.stdout.strip(),
        "suite": SUITE,
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "load_average": [round(value, 1) for value in os.getloadavg()],
        "build_s": round(build_s),
        "c_library": glibc.measured([folder]),
        "folder_mb": size_mb(folder),
        "tar_gz_mb": size_mb(archive),
        "deb_mb": size_mb(deb),
        "samples": samples,
        "estimate_keys": sorted(estimate),
        "smoke": reports,
    }


def main() -> int:
    """Verify and keep the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", type=Path, help="write the figures to this file")
    parser.add_argument("--keep", type=Path, help="keep the built archives in this folder")
    arguments = parser.parse_args()
    lacking = missing("debootstrap", "dpkg-deb", "Xvfb")
    if lacking:
        say(f"This needs {lacking} (apt-get install debootstrap dpkg xvfb).")
        return 2
    with tempfile.TemporaryDirectory(prefix="mitsumori-bundle-") as folder:
        try:
            record = verify(Path(folder))
        except VerificationError as error:
            say(str(error))
            return 1
        if arguments.keep is not None:
            arguments.keep.mkdir(parents=True, exist_ok=True)
            for path in (Path(folder) / "out").iterdir():
                if path.is_file():
                    shutil.copy(path, arguments.keep)
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    if arguments.record is not None:
        arguments.record.parent.mkdir(parents=True, exist_ok=True)
        arguments.record.write_text(text, encoding="utf-8")
    sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
