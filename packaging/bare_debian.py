"""A minimal Debian in a folder (debootstrap), and commands run in it with nothing of this machine's environment."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SUITE = "bookworm"
PATHS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


class VerificationError(Exception):
    """What is verified does not do what it must; the text says what."""


def say(text: str) -> None:
    """One line of progress."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def missing(*tools: str) -> str:
    """The tools that are not on this machine, and root where it is not ours; "" when nothing is missing."""
    lacking = [tool for tool in tools if shutil.which(tool) is None]
    return ", ".join([*(["root"] if os.geteuid() != 0 else []), *lacking])


def inside(
    root: Path, *command: str, user: str = "root", timeout_s: float = 900, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in ``root`` as one of its users, with nothing of this machine's environment."""
    home = "/root" if user == "root" else f"/home/{user}"
    own = {"HOME": home, "USER": user, "PATH": PATHS, "LANG": "C.UTF-8", **environment}
    return subprocess.run(
        ["chroot", f"--userspec={user}:{user}", str(root), *command],
        env=own, capture_output=True, text=True, errors="replace", check=False, timeout=timeout_s,
    )  # fmt: skip


def must(done: subprocess.CompletedProcess[str]) -> str:
    """The output of a command that has to succeed."""
    if done.returncode != 0:
        raise VerificationError(f"{done.args} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def bare_root(root: Path) -> None:
    """A minimal Debian in the folder ``root``, reaching the network as this machine does."""
    must(
        subprocess.run(
            ["debootstrap", "--variant=minbase", SUITE, str(root)], capture_output=True, text=True, check=False
        )
    )
    for path in Path("/etc/apt/apt.conf.d").iterdir():
        shutil.copy(path, root / "etc/apt/apt.conf.d" / path.name)
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    if Path(CERTIFICATES).exists():  # the second place is where Debian's ca-certificates takes a site's own from
        for inner in (root / CERTIFICATES.lstrip("/"), root / "usr/local/share/ca-certificates/machine.crt"):
            inner.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CERTIFICATES, inner)


def install(root: Path, *packages: str) -> None:
    """Debian packages, and only what they depend on."""
    must(inside(root, "apt-get", "update", "-qq"))
    must(
        inside(
            root, "apt-get", "install", "-y", "-q", "--no-install-recommends", *packages,
            DEBIAN_FRONTEND="noninteractive",
        )
    )  # fmt: skip


@contextlib.contextmanager
def mounted(root: Path, *mounts: tuple[str, str, str]) -> Iterator[None]:
    """Mount (kind, source, target below ``root``) for a while; ``kind`` is an option of mount(8)."""
    done: list[Path] = []
    try:
        for kind, source, target in mounts:
            folder = root / target
            folder.mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", kind, source, str(folder)], check=True)
            done.append(folder)
        yield
    finally:
        for folder in reversed(done):
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
