"""``mitsumori doctor``: versions, libraries, fonts, folders and the age of prices; status 1 where something fails."""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final, Literal

from mitsumori import resources
from mitsumori.model.base.format import padded, screen_width
from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import in_words
from mitsumori.model.base.version import program_version
from mitsumori.model.commands import arguments as shared
from mitsumori.model.commands.answers import Answer, Table

State = Literal["ok", "note", "fails"]
NEEDED: Final = (
    "numpy",
    "pydantic",
    "openpyxl",
    "defusedxml",
    "yaml",
    "pandas",
    "pptx",
    "tree_sitter",
    "tree_sitter_bash",
)
"""Modules of the core; the window's are tried in a process of their own, so that a broken Qt is only reported."""
_DISTRIBUTIONS: Final = {
    "yaml": "PyYAML",
    "pptx": "python-pptx",
    "tree_sitter": "tree-sitter",
    "tree_sitter_bash": "tree-sitter-bash",
}
_WINDOW: Final = "import PySide6.QtWidgets, PySide6; print(PySide6.__version__)"
_JAPANESE_WINDOWS: Final = ("YuGothM.ttc", "meiryo.ttc", "msgothic.ttc")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    what: str | Sentence
    state: State
    detail: str | Sentence


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    shared.take_format(parser)
    shared.take_language(parser)


def run(given: argparse.Namespace) -> Answer:
    """All checks."""
    language = shared.language_of(given)
    checks = list(looked_at(language))

    def text() -> str:
        names = [in_words(check.what, language) for check in checks]
        width = max(map(screen_width, names)) + 2
        words = {state: _said(state).text(language) for state in ("ok", "note", "fails")}
        return "\n".join(
            f"{padded(name, width)}{words[check.state]}: {in_words(check.detail, language)}"
            for name, check in zip(names, checks, strict=True)
        )

    rows = [{"what": str(check.what), "state": check.state, "detail": str(check.detail)} for check in checks]
    return Answer(
        text, lambda: {"checks": rows}, lambda: Table.of(rows), status=int(any(c.state == "fails" for c in checks))
    )


def version_line() -> str:
    """Versions of the program, its constants and its catalogue, as ``--version`` prints them."""
    return f"mitsumori {program_version()} ({constants_version()}; {catalogue_version()})"


def constants_version() -> str:
    """When the constants were fitted."""
    dates = {
        name: json.loads(resources.read_text("constants", f"{name}.json")).get("date", "?")
        for name in ("step", "serving")
    }
    return "constants " + ", ".join(f"{name} {date}" for name, date in dates.items())


def catalogue_version() -> str:
    """The latest date in the list of sources, by which the shipped records were gathered."""
    import re

    dates = re.findall(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]", resources.read_text("catalog", "sources.toml"))
    return f"catalogue {max(dates)}" if dates else "catalogue without dates"


def looked_at(language: str) -> Iterator[Check]:
    """The checks, one after another."""
    yield Check("mitsumori", "ok", version_line())
    yield _python()
    for name in NEEDED:
        yield _module(name)
    yield _window()
    yield _fonts(language)
    yield from _folders()
    encodings = _said("encodings", out=getattr(sys.stdout, "encoding", None), files=sys.getfilesystemencoding())
    yield Check(_said("encoding"), "ok", encodings)
    yield _programs()
    yield from _prices()


def _said(code: str, **values: object) -> Sentence:
    return Sentence("commands", f"doctor_{code}", values)


def _python() -> Check:
    state: State = "ok" if sys.version_info >= (3, 11) else "fails"
    return Check("python", state, f"{platform.python_version()} on {platform.system()} {platform.machine()}")


def _module(name: str) -> Check:
    try:
        importlib.import_module(name)
        return Check(name, "ok", metadata.version(_DISTRIBUTIONS.get(name, name)))
    except (ImportError, metadata.PackageNotFoundError) as error:
        return Check(name, "fails", str(error))


def _window() -> Check:
    environment = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    try:
        done = subprocess.run(
            [sys.executable, "-c", _WINDOW], capture_output=True, text=True, timeout=60, env=environment, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check("PySide6", "fails", str(error))
    said = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines() or ["?"]
    return Check("PySide6", "ok" if done.returncode == 0 else "fails", said[-1])


def _fonts(language: str) -> Check:
    """A Japanese typeface of the system: screens, pictures and PDF need one where the language is Japanese."""
    found = ""
    if sys.platform == "win32":
        folder = Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"
        found = next((name for name in _JAPANESE_WINDOWS if (folder / name).exists()), "")
    elif sys.platform == "darwin":
        found = "Hiragino Sans"
    elif shutil.which("fc-list"):
        done = subprocess.run(
            ["fc-list", ":lang=ja", "family"], capture_output=True, text=True, check=False, timeout=60
        )
        found = next(iter(sorted(done.stdout.splitlines())), "")
    if found:
        return Check(_said("font"), "ok", found)
    return Check(_said("font"), "fails" if language == "ja" else "note", _said("no_font"))


def _folders() -> Iterator[Check]:
    for what, folder in (("home", Path.home()), ("temporary", Path(tempfile.gettempdir()))):
        state: State = "ok" if folder.is_dir() and os.access(folder, os.W_OK) else "fails"
        yield Check(_said(f"folder_{what}"), state, str(folder))


def _programs() -> Check:
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return Check("LibreOffice", "ok" if found else "note", found or _said("no_office"))


def _prices() -> Iterator[Check]:
    from mitsumori.model.catalogue.catalogue import Catalogue
    from mitsumori.model.cost.price_age import OLD_MONTHS, price_age

    today, catalogue = dt.date.today(), Catalogue.shipped()
    for kind in ("cloud", "servers"):
        ages = [age for record in catalogue.records(kind).values() if (age := price_age(record, today)) is not None]
        old = sum(age >= OLD_MONTHS for age in ages)
        youngest = min(ages, default=0)
        detail = _said("ages", count=len(ages), old=old, months=OLD_MONTHS, youngest=youngest)
        yield Check(_said(f"prices_{kind}"), "note" if old else "ok", detail)
