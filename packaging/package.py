"""Make the .tar.gz and the .deb from a built Linux bundle.

Usage: ``python packaging/package.py BUNDLE OUT``, with the Python of the environment that the bundle was built in. Times,
owners and order in the archives are fixed (``SOURCE_DATE_EPOCH``), so that the same bundle gives the same archive.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import bundle
import glibc
import notices

HERE = bundle.PACKAGING
PNG_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
RECOMMENDS = ("fonts-noto-cjk", "libwayland-client0", "libwayland-cursor0", "libwayland-egl1")
"""A Japanese font; and what Qt's Wayland plugin loads, which a session needs from its own system. Without it Qt takes xcb."""
DATA_PACKAGES = ("fontconfig-config", "xkb-data")
"""Files that the bundled libfontconfig and libxkbcommon read from the system."""
CONTROL = """\
Package: mitsumori
Version: {version}
Architecture: {architecture}
Maintainer: Mitsumori maintainers <mitsumori@localhost>
Installed-Size: {size}
Depends: {depends}
Recommends: {recommends}
Section: office
Priority: optional
Description: planner of large language model training
 Mitsumori estimates memory, training days, racks, power, cooling and cost
 of training large language models, and writes an Excel proposal of it all.
 .
 The package holds Python, Qt (LGPL) and numpy; their licences lie in
 /opt/mitsumori/licenses.
"""


def add_shared(target: Path) -> None:
    """Desktop entry, file type and icons below ``target`` as below /usr."""
    applications = target / "share" / "applications"
    mime = target / "share" / "mime" / "packages"
    scalable = target / "share" / "icons" / "hicolor" / "scalable" / "apps"
    metainfo = target / "share" / "metainfo"
    for folder in (applications, mime, scalable, metainfo):
        folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HERE / "mitsumori.desktop", applications / "mitsumori.desktop")
    shutil.copyfile(HERE / "mitsumori.xml", mime / "mitsumori.xml")
    shutil.copyfile(HERE / "mitsumori.metainfo.xml", metainfo / "mitsumori.metainfo.xml")
    shutil.copyfile(HERE / "mitsumori.svg", scalable / "mitsumori.svg")
    for size in PNG_SIZES:
        folder = target / "share" / "icons" / "hicolor" / f"{size}x{size}" / "apps"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(HERE / "icons" / f"mitsumori-{size}.png", folder / "mitsumori.png")


def needed_packages(program: Path) -> list[str]:
    """Debian packages of the libraries that the bundle's files load from the system, found by the dynamic linker."""
    inside = program / "_internal"
    places: set[str] = set()
    files = [program / "mitsumori", *inside.rglob("*.so"), *inside.rglob("*.so.*")]
    environment = os.environ | {"LD_LIBRARY_PATH": str(inside)}
    for file in files:
        if file.is_symlink() or re.search("wayland|wlshell", str(file.relative_to(program)).lower()):
            continue
        with file.open("rb") as stream:
            if stream.read(4) != b"\x7fELF":
                continue
        listed = subprocess.run(["ldd", str(file)], capture_output=True, text=True, check=False, env=environment).stdout
        if "not found" in listed:
            lacking = re.findall(r"(\S+) => not found", listed)
            sys.exit(f"{file.relative_to(program)} needs {', '.join(lacking)}, which neither bundle nor system has")
        places.update(place for place in re.findall(r"=> (/\S+)", listed) if not place.startswith(str(inside)))
    packages = {notices.owner(Path(place)) for place in places}
    if None in packages:
        sys.exit("a library of the system belongs to no Debian package: " + ", ".join(sorted(places)))
    least = glibc.measured([program])["glibc"]  # what the files ask for, not what this machine happens to have
    return sorted(f"libc6 (>= {least})" if name == "libc6" else str(name) for name in packages)


def tree_size_kb(folder: Path) -> int:
    """Size of the files below ``folder`` in kB, links not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_symlink() or path.is_file()) // 1024


def tar(folder: Path, parent: Path, archive: Path) -> None:
    """Pack ``folder`` (a name below ``parent``) with fixed order, times and owners."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "0")
    command = [
        "tar",
        "-C",
        str(parent),
        "--sort=name",
        f"--mtime=@{epoch}",
        "--owner=0",
        "--group=0",
        "--numeric-owner",
    ]
    packed = subprocess.Popen([*command, "-cf", "-", folder.name], stdout=subprocess.PIPE)
    with archive.open("wb") as raw:
        subprocess.run(["gzip", "-n", "-6"], stdin=packed.stdout, stdout=raw, check=True)
    if packed.wait() != 0:
        sys.exit("tar failed")


def make_deb(program: Path, out: Path, work: Path) -> Path:
    """Build the .deb; the program at /opt/mitsumori, a link in /usr/bin, desktop entry, file type, icons, notices."""
    version = bundle.version()
    architecture = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    ).stdout.strip()
    root = work / "deb"
    shutil.copytree(program, root / "opt" / "mitsumori", symlinks=True)
    shutil.rmtree(root / "opt" / "mitsumori" / "share")
    (root / "opt" / "mitsumori" / "register.sh").unlink()
    add_shared(root / "usr")
    (root / "usr" / "bin").mkdir()
    (root / "usr" / "bin" / "mitsumori").symlink_to("/opt/mitsumori/mitsumori")
    doc = root / "usr" / "share" / "doc" / "mitsumori"
    doc.mkdir(parents=True)
    licence = (
        "Mitsumori is licensed under the Apache License 2.0 (/usr/share/common-licenses/Apache-2.0).\n"
        "The licences of Qt (LGPL 3), Python and all other parts: /opt/mitsumori/licenses/NOTICE.md.\n\n"
    )
    (doc / "copyright").write_text(licence + (HERE / "NOTICE.md").read_text(encoding="utf-8"), encoding="utf-8")
    when = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", "0"))))
    entry = (
        f"mitsumori ({version}) stable; urgency=medium\n\n  * See CHANGELOG.md of the project.\n\n"
        f" -- Mitsumori maintainers <mitsumori@localhost>  {when}\n"
    )
    (doc / "changelog.gz").write_bytes(gzip.compress(entry.encode(), mtime=0))
    control = root / "DEBIAN"
    control.mkdir()
    (control / "control").write_text(
        CONTROL.format(
            version=version,
            architecture=architecture,
            size=tree_size_kb(root),
            depends=", ".join([*needed_packages(program), *DATA_PACKAGES]),
            recommends=", ".join(RECOMMENDS),
        ),
        encoding="utf-8",
    )
    for name in ("postinst", "postrm"):
        script = control / name
        shutil.copyfile(HERE / "refresh_caches.sh", script)
        script.chmod(0o755)
    for path in [root, *root.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    target = out / f"mitsumori_{version}_{architecture}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zxz", "-z1", "--build", str(root), str(target)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return target


def checksums(out: Path, files: tuple[Path, ...]) -> Path:
    """``SHA256SUMS`` of what is handed out, as ``sha256sum --check`` reads it."""
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    target = out / "SHA256SUMS"
    target.write_text("".join(lines), encoding="ascii")
    return target


def main(program: Path, out: Path) -> None:
    """Add notices and desktop files to the bundle, then pack it twice."""
    notices.collect(program, program / "licenses")
    add_shared(program)
    shutil.copyfile(HERE / "register.sh", program / "register.sh")
    (program / "register.sh").chmod(0o755)
    (program / "VERSION").write_text(f"{bundle.version()}\n", encoding="utf-8")
    name = f"mitsumori-{bundle.version()}-linux-{platform.machine()}"
    folder = out / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(program, folder, symlinks=True)
    tar(folder, out, out / f"{name}.tar.gz")
    deb = make_deb(program, out, program.parent)
    checksums(out, (out / f"{name}.tar.gz", deb))
    sys.stdout.write(f"C library: {glibc.measured([folder])}\n")
    for path in (folder, out / f"{name}.tar.gz", deb):
        size = tree_size_kb(path) if path.is_dir() else path.stat().st_size // 1024
        sys.stdout.write(f"{path.name}: {size / 1024:.0f} MB\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
