"""Collect the licence texts of everything that a bundle holds.

Usage: ``python packaging/notices.py BUNDLE OUTPUT``, with the Python of the environment that the bundle was built in. A
component without a licence text is an error: a bundle without its notices must not leave the house.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LICENCE_NAME = re.compile(r"(^|/)(licen[cs]e|copying|notice|authors)[^/]*$", re.IGNORECASE)
LGPL = {"pyside6-essentials", "shiboken6"}
"""Distributions whose wheels carry no licence text: they get LGPL-3.0.txt and GPL-3.0.txt."""


CRATE_LICENCES = (
    ("MIT", r"\bMIT\b"), ("Apache-2.0", r"\bApache-2\.0\b"), ("Zlib", r"\bZlib\b"),
    ("Unicode-3.0", r"\bUnicode-(3\.0|DFS-2016)\b"),
    ("BSD-3-Clause", r"\bBSD-3-Clause\b"), ("BSD-2-Clause", r"\bBSD-2-Clause\b"),
)  # fmt: skip
"""Licence under which a crate is taken (the first that its expression offers), and how the expression names it."""


class NoLicenceError(Exception):
    """A component of the bundle whose licence text was not found."""


def runtime_distributions(extra: tuple[str, ...] = ("pyinstaller",)) -> list[metadata.Distribution]:
    """Mitsumori's dependencies, and theirs, as installed here; without optional extras; then ``extra``."""
    found: dict[str, metadata.Distribution] = {}
    queue = ["mitsumori"]
    while queue:
        name = queue.pop()
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # a dependency of another platform
        key = str(distribution.metadata["Name"]).lower().replace("_", "-")
        if key in found:
            continue
        found[key] = distribution
        for requirement in distribution.requires or []:
            head, _, marker = requirement.partition(";")
            match = re.match(r"[A-Za-z0-9._-]+", head)
            if match and "extra" not in marker:
                queue.append(match.group())
    del found["mitsumori"]
    return [found[key] for key in sorted(found)] + [metadata.distribution(name) for name in extra]


def licence_of(distribution: metadata.Distribution) -> str:
    """The licence as the distribution's own metadata name it, in one line."""
    meta = distribution.metadata
    text = meta.get("License-Expression") or meta.get("License") or ""
    if not text or "\n" in text.strip():
        kinds = [entry for entry in meta.get_all("Classifier") or [] if entry.startswith("License")]
        text = "; ".join(entry.rsplit("::", 1)[-1].strip() for entry in kinds) or text.strip().splitlines()[0]
    return text.strip()


def collect_distribution(distribution: metadata.Distribution, target: Path) -> None:
    """Copy the licence texts of one distribution."""
    name = str(distribution.metadata["Name"])
    key = name.lower().replace("_", "-")
    folder = target / name
    folder.mkdir(parents=True, exist_ok=True)
    if crates := crate_notices(distribution) if distribution.files else "":
        (folder / "crates.txt").write_text(crates, encoding="utf-8")
    copied = 0
    for file in distribution.files or []:
        inside = file.as_posix()
        if ".dist-info/" not in inside:
            continue
        relative = inside.split(".dist-info/", 1)[1]
        path = Path(str(distribution.locate_file(file)))
        if (relative.startswith("licenses/") or LICENCE_NAME.search(relative)) and path.is_file():
            shutil.copyfile(path, folder / relative.removeprefix("licenses/").replace("/", "--"))
            copied += 1
    if key in LGPL:
        for text in ("LGPL-3.0.txt", "GPL-3.0.txt"):
            shutil.copyfile(HERE / "licenses" / text, folder / text)
        copied += 1
    own = HERE / "licenses" / f"{key}.txt"
    if not copied and own.exists():
        shutil.copyfile(own, folder / "LICENSE.txt")
        copied += 1
    if not copied:
        raise NoLicenceError(f"{name} {distribution.version} brings no licence text; put one at {own}")


def vendored(distribution: metadata.Distribution) -> list[dict[str, Any]]:
    """Rust crates compiled into a distribution, of the bill of materials (CycloneDX) that its wheel brings."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for file in distribution.files or []:
        if "/sboms/" not in file.as_posix() or not file.name.endswith(".json"):
            continue
        document = json.loads(Path(str(distribution.locate_file(file))).read_text(encoding="utf-8"))
        for part in document.get("components", ()):
            if str(part.get("purl", "")).startswith("pkg:cargo/"):
                found[part["name"], part["version"]] = part
    return [found[key] for key in sorted(found)]


def crate_notices(distribution: metadata.Distribution) -> str:
    """Name, version, licence, authors and source of every vendored crate, and the texts of the licences chosen.

    Raises
    ------
    NoLicenceError
        For a crate without a licence, or under one whose text is not in packaging/licenses.
    """
    name, lines, texts = str(distribution.metadata["Name"]), [], set()
    for part in vendored(distribution):
        words = " AND ".join(
            entry.get("expression") or entry["license"].get("id", "") for entry in part.get("licenses", ())
        )
        chosen = next((key for key, pattern in CRATE_LICENCES if re.search(pattern, words)), None)
        if chosen is None:
            raise NoLicenceError(f"{name} holds {part['name']} {part['version']} under {words or 'no licence'}")
        texts |= {key for key in ("Unicode-3.0", chosen) if key in words or key == chosen}
        source = next(
            (link["url"] for link in part.get("externalReferences", ()) if link["type"] in ("vcs", "website")), ""
        )
        lines.append(
            f"{part['name']} {part['version']}: {words}. {part.get('author') or 'its contributors'}. {source}".rstrip()
        )
    if not lines:
        return ""
    head = f"{len(lines)} Rust crates are compiled into {name} {distribution.version}; authors as their packages name them.\n\n"
    body = "\n".join(lines) + "\n"
    for key in sorted(texts):
        own = HERE / "licenses" / "crates" / f"{key}.txt"
        body += f"\n\n--- {key}\n\n" + (
            own.read_text(encoding="utf-8") if own.is_file() else f"See {key} in this folder.\n"
        )
    return head + body


def system_packages(bundle: Path) -> dict[str, list[str]]:
    """Debian package -> libraries that the bundle took from it (empty where there is no dpkg)."""
    if shutil.which("dpkg-query") is None:
        return {}
    listed = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    places: dict[str, str] = {}
    for match in re.finditer(r"^\s*(\S+) \(libc6,x86-64[^)]*\) => (\S+)$", listed, re.MULTILINE):
        places.setdefault(match.group(1), match.group(2))
    packages: dict[str, list[str]] = {}
    for library in sorted((bundle / "_internal").glob("lib*.so*")):
        if library.is_symlink() or library.name.startswith(("libpython", "libpyside6", "libshiboken6")):
            continue
        place = places.get(library.name)
        if place is None:
            if any((bundle / "_internal").glob(f"*.libs/{library.name}")):
                continue
            raise NoLicenceError(f"{library.name} in the bundle belongs to no package of this system")
        package = owner(Path(place))
        if package is None:
            raise NoLicenceError(f"{place} belongs to no Debian package")
        packages.setdefault(package, []).append(library.name)
    return packages


def owner(path: Path) -> str | None:
    """The Debian package that ``path`` belongs to; /lib and /usr/lib are one folder on a merged system."""
    real = str(path.resolve())
    for name in dict.fromkeys((real, real.removeprefix("/usr"), f"/usr{real}", str(path))):
        done = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.split(":", 1)[0]
    return None


def collect(bundle: Path, target: Path) -> None:
    """Write every notice of ``bundle`` to the folder ``target``."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copyfile(ROOT / "LICENSE", target / "LICENSE")
    for name in ("LGPL-3.0.txt", "GPL-3.0.txt"):
        shutil.copyfile(HERE / "licenses" / name, target / name)
    rows = [("mitsumori", metadata.version("mitsumori"), "Apache-2.0")]
    for distribution in runtime_distributions():
        collect_distribution(distribution, target)
        name = str(distribution.metadata["Name"])
        rows.append((name, distribution.version, licence_of(distribution)))
    (target / "Python").mkdir()
    base = Path(sys.base_prefix)
    library = f"lib/python{sys.version_info.major}.{sys.version_info.minor}"
    places = [base / library / "LICENSE.txt", base / "LICENSE.txt", base / "LICENSE"]
    places += [Path(f"/usr/share/doc/python{sys.version_info.major}.{sys.version_info.minor}/copyright")]
    python = next((place for place in places if place.is_file()), None)
    if python is None:
        raise NoLicenceError("the licence of this Python was not found")
    shutil.copyfile(python, target / "Python" / "LICENSE.txt")
    rows.append(("Python", sys.version.split()[0], "PSF-2.0"))
    for folder, source, licence in (
        ("fonts-inter", ROOT / "resources" / "fonts" / "OFL.txt", "OFL-1.1"),
        ("vtrain-runs", ROOT / "resources" / "runs" / "NOTICE-vtrain.txt", "MIT"),
        ("serving-runs", ROOT / "resources" / "runs" / "NOTICE-serving.txt", "Apache-2.0, BSD-3-Clause, MIT"),
    ):
        (target / folder).mkdir()
        shutil.copyfile(source, target / folder / source.name)
        rows.append((folder, "", licence))
    for package, libraries in system_packages(bundle).items():
        text = Path("/usr/share/doc") / package / "copyright"
        if not text.is_file():
            raise NoLicenceError(f"{text} is missing ({', '.join(libraries)} is in the bundle)")
        (target / "system").mkdir(exist_ok=True)
        shutil.copyfile(text, target / "system" / f"{package}.txt")
        shown = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Version}\n", package], capture_output=True, text=True, check=True
        ).stdout.splitlines()[0]
        rows.append((f"system/{package}.txt ({', '.join(libraries)})", shown, "see its file"))
    table = "\n## What is in it\n\n| component | version | licence |\n|---|---|---|\n"
    table += "".join(f"| {name} | {version} | {licence} |\n" for name, version, licence in rows)
    (target / "NOTICE.md").write_text((HERE / "NOTICE.md").read_text(encoding="utf-8") + table, encoding="utf-8")


if __name__ == "__main__":
    try:
        collect(Path(sys.argv[1]), Path(sys.argv[2]))
    except NoLicenceError as error:
        sys.exit(str(error))
