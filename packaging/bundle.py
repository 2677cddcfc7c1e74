"""What goes into a desktop bundle, said once for the three specs and the test of them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGING = ROOT / "packaging"

EXCLUDES = (
    # The window draws with Qt Widgets alone; the rest of Qt and other toolkits stay out of the bundle.
    "PySide6.QtNetwork",
    "PySide6.QtOpenGL",
    "PySide6.QtOpenGLWidgets",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.QtTest",
    "tkinter",
    "IPython",
    "matplotlib",
    "pytest",
    "hypothesis",
    "formualizer",
    "setuptools",
    "pip",
    # no network code in the product, and no GPL library (readline) in the bundle
    "_ssl",
    "ssl",
    "nis",
    "readline",
    "curses",
    "_curses",
    "sqlite3",
    # optional parts with a refusal of their own: `mitsumori fit` and the Dask study run from an installed package
    "scipy",
    "dask",
    "distributed",
    "pyarrow",
)
"""Modules that a hook would bring along and nothing of ours imports."""

UNWANTED_PLUGINS = (
    "platforminputcontexts/libqtvirtualkeyboardplugin",
    "platforminputcontexts/qtvirtualkeyboardplugin",
    "platforms/libqeglfs",
    "platforms/libqlinuxfb",
    "platforms/libqvnc",
    "platforms/libqvkkhrdisplay",
    "platforms/libqminimalegl",
    "platformthemes/libqgtk3",  # would load the desktop's GTK beside the bundle's GLib
    "egldeviceintegrations/",
    "generic/",
    "tls/",
    "networkinformation/",
    "imageformats/libqpdf",
    "imageformats/qpdf",
)
"""Qt plugins for kiosks, touch devices and the network, and what only they need below."""

UNWANTED_LIBRARIES = ("Qt6Qml", "Qt6Quick", "Qt6VirtualKeyboard", "Qt6Pdf", "Qt6EglFs", "Qt6Network")


def version() -> str:
    """The version of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def resource_datas() -> list[tuple[str, str]]:
    """Every file of resources/ but code, as PyInstaller's (source, folder in the bundle)."""
    found = []
    for path in sorted((ROOT / "resources").rglob("*")):
        if path.is_file() and path.suffix != ".py" and path.parent.name != "__pycache__":
            found.append((str(path), f"mitsumori/{path.parent.relative_to(ROOT).as_posix()}"))
    return found


def hidden_imports() -> list[str]:
    """Our own modules: tabs and commands are imported by name, which PyInstaller cannot see."""
    names = ["mitsumori"]
    for package in ("gui", "model", "resources"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            names.append(".".join(("mitsumori", *(parts[:-1] if parts[-1] == "__init__" else parts))))
    return names


def wanted(entry: tuple[str, str, str]) -> bool:
    """Whether a collected file (destination, source, kind) stays in the bundle."""
    destination = entry[0].replace("\\", "/")
    if any(part in destination for part in UNWANTED_PLUGINS):
        return False
    return not any(name in destination.rsplit("/", 1)[-1] for name in UNWANTED_LIBRARIES)


Entry = tuple[str, str, str]


def prune(binaries: list[Entry], imports_of: Callable[[str], set[str]]) -> list[Entry]:
    """Leave out libraries of the system that only an unwanted plugin asked for.

    Parameters
    ----------
    binaries
        PyInstaller's (destination, source, kind); those that :func:`wanted` refuses go first.
    imports_of
        Names of the libraries that the file at a path needs itself.

    Extension modules, plugins and Python's library are roots; a library at the top of the bundle stays only if one of the
    files that stay needs it.
    """
    kept = [entry for entry in binaries if wanted(entry)]
    loose = {
        entry[0]: entry
        for entry in kept
        if "/" not in entry[0] and entry[0].startswith("lib") and not entry[0].startswith("libpython")
    }
    queue = [entry for entry in kept if entry[0] not in loose]
    result = list(queue)
    while queue:
        for name in imports_of(queue.pop()[1]):
            found = loose.pop(name, None)
            if found is not None:
                result.append(found)
                queue.append(found)
    return result
