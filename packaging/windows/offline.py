"""Make a folder that installs Mitsumori on a Windows laptop without network: every wheel, the installer script, checksums.

Usage: ``python packaging/windows/offline.py OUT``, on any system with pip and this tree's build dependencies. The laptop needs
Python 3.11 or newer for x64, from python.org or the company's software centre; nothing else, and no administrator rights.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tomllib
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PYTHON = "3.11"
WINDOWS = {
    "sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64",
    "python_version": PYTHON, "python_full_version": f"{PYTHON}.9", "implementation_name": "cpython",
    "platform_python_implementation": "CPython", "extra": "",
}  # fmt: skip
FILES = ("install.ps1",)
SUMS = "SHA256SUMS"


def version() -> str:
    """The version that pyproject.toml gives."""
    project: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["version"]


def pip(*words: str) -> None:
    """Run pip; its own words go to the terminal."""
    subprocess.run([sys.executable, "-m", "pip", *words], cwd=ROOT, check=True)


def make(out: Path) -> list[str]:
    """Fill ``out``; returns what is missing in it (empty: complete)."""
    wheels = out / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    pip("wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(wheels), ".")
    (own,) = wheels.glob("mitsumori-*.whl")
    pip(
        "download", "-q", "--platform", "win_amd64", "--python-version", PYTHON, "--implementation", "cp",
        "--only-binary=:all:", "-c", "constraints.txt", "-d", str(wheels), *[str(item) for item in needs(own)],
    )  # fmt: skip
    for name in FILES:
        shutil.copy(HERE / name, out)
    shutil.copy(ROOT / "LICENSE", out)
    shutil.copy(ROOT / "packaging" / "NOTICE.md", out)
    (out / SUMS).write_text("".join(f"{digest}  {name}\n" for name, digest in sums(out).items()), encoding="utf-8")
    return missing(out)


def needs(wheel: Path) -> list[Requirement]:
    """What a wheel requires on Windows."""
    with ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        head = Parser().parsestr(archive.read(name).decode("utf-8"))
    found = [Requirement(text) for text in head.get_all("Requires-Dist") or ()]
    environment = {**default_environment(), **WINDOWS}
    return [item for item in found if item.marker is None or item.marker.evaluate(environment)]


def missing(out: Path) -> list[str]:
    """Requirements that no wheel of the folder meets on Windows x64, and files whose checksum is wrong."""
    wheels = {}
    for path in (out / "wheels").glob("*.whl"):
        name, number, _, tags = parse_wheel_filename(path.name)
        if any(runs_on_windows(str(tag)) for tag in tags):
            wheels[name] = (number, path)
    problems = [] if canonicalize_name("mitsumori") in wheels else ["mitsumori itself"]
    for _, path in list(wheels.values()):
        for item in needs(path):
            have = wheels.get(canonicalize_name(item.name))
            if have is None or not item.specifier.contains(have[0], prereleases=True):
                problems.append(f"{path.name} needs {item}")
    problems += [f"{name} is not there" for name in (*FILES, SUMS) if not (out / name).is_file()]
    if (out / SUMS).is_file():
        given = dict(
            reversed(line.split("  ", 1)) for line in (out / SUMS).read_text(encoding="utf-8").splitlines()
        )  # fmt: skip
        problems += [f"{name} is not what was packed" for name, digest in sums(out).items() if given.get(name) != digest]
    return problems


def runs_on_windows(tag: str) -> bool:
    """Whether a wheel with this tag installs on CPython of :data:`PYTHON`, x64."""
    interpreter, abi, platform = tag.split("-")
    ours = "cp" + PYTHON.replace(".", "")
    if platform not in ("any", "win_amd64"):
        return False
    if interpreter.startswith("py"):
        return interpreter in ("py3", "py2.py3", "py311")
    if abi == "abi3":
        return re.fullmatch(r"cp3\d+", interpreter) is not None and int(interpreter[3:]) <= int(ours[3:])
    return interpreter == ours


def sums(out: Path) -> dict[str, str]:
    """SHA-256 of every file, by its path below the folder."""
    files = sorted(path for path in out.rglob("*") if path.is_file() and path.name != SUMS)
    return {path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def main() -> int:
    """Make the folder, say what is missing."""
    if len(sys.argv) != 2:
        sys.exit("usage: python packaging/windows/offline.py OUT")
    out = Path(sys.argv[1])
    problems = make(out)
    count = len(list((out / "wheels").glob("*.whl")))
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) / 1e6
    sys.stdout.write(f'{{"wheels": {count}, "mb": {size:.0f}, "missing": {len(problems)}}}\n')
    sys.stderr.write("".join(f"{problem}\n" for problem in problems))
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
