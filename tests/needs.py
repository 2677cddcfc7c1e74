"""Skip helpers: a test that needs LibreOffice, Xvfb or fonts skips with a reason where these are missing.

With ``MITSUMORI_CI_REQUIRE_ALL=1`` in the environment (CI sets it) such a skip is a failure.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

UNO_FOLDERS = ("/usr/lib/python3/dist-packages", "/usr/lib64/libreoffice/program", "/usr/lib/libreoffice/program")


def _missing(what: str, packages: str) -> None:
    reason = f"{what} is missing; on Debian: apt-get install {packages}"
    if os.environ.get("MITSUMORI_CI_REQUIRE_ALL") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def uno_folder() -> str | None:
    """Where the ``uno`` module lies outside the environment, an empty text if it is already importable, else None."""
    if importlib.util.find_spec("uno") is not None:
        return ""
    return next((folder for folder in UNO_FOLDERS if (Path(folder) / "uno.py").exists()), None)


def needs_libreoffice() -> str:
    """The path of soffice, or skip."""
    soffice = shutil.which("soffice") or shutil.which("libreoffice")
    if soffice is None or uno_folder() is None:
        _missing("LibreOffice with python3-uno", "libreoffice-calc python3-uno")
    return str(soffice)


def needs_pdf_tools() -> None:
    """Skip unless poppler's pdfinfo, pdftotext and pdftoppm are there."""
    if any(shutil.which(tool) is None for tool in ("pdfinfo", "pdftotext", "pdftoppm")):
        _missing("poppler", "poppler-utils")


@cache
def qt_problem() -> str | None:
    """Why Qt cannot be loaded here (a system library of it is missing), or None."""
    from mitsumori.gui.display import DEBIAN_PACKAGES

    try:
        import PySide6.QtTest
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as error:
        return f"Qt cannot be loaded ({error}); on Debian: apt-get install {DEBIAN_PACKAGES}"
    return None


def doctor_status() -> int:
    """What ``mitsumori doctor`` ends with here: 1 where Qt cannot be loaded, which it is to find."""
    return 0 if qt_problem() is None else 1


def needs_qt() -> None:
    """Skip unless Qt can be loaded."""
    problem = qt_problem()
    if problem is not None:
        if os.environ.get("MITSUMORI_CI_REQUIRE_ALL") == "1":
            pytest.fail(problem, pytrace=False)
        pytest.skip(problem)


def needs_xvfb() -> None:
    """Skip unless Xvfb, xdotool and all that Qt needs for a window are there."""
    needs_qt()
    from mitsumori.gui.display import DEBIAN_PACKAGES, _missing_plugin_library

    library = _missing_plugin_library()
    if library is not None:
        _missing(library, DEBIAN_PACKAGES)
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        _missing("Xvfb with xdotool", "xvfb xdotool libxcb-icccm4 libxcb-keysyms1")


@cache
def _japanese_font() -> bool:
    if shutil.which("fc-list") is None:
        return False
    listed = subprocess.run(["fc-list", ":lang=ja", "family"], capture_output=True, text=True, check=False, timeout=60)
    return bool(listed.stdout.strip())


def needs_fonts() -> None:
    """Skip unless fontconfig knows a Japanese font."""
    if not _japanese_font():
        _missing("a Japanese font", "fonts-noto-cjk")
