"""Whether a window can open here, found out without letting Qt abort the process.

Qt ends the process when its platform plugin or the X server is missing, so the three things it needs are tried first:
Qt's own libraries, the plugin's system libraries, and a display that answers.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
import time
from pathlib import Path

DEBIAN_PACKAGES = (
    "libglib2.0-0 libegl1 libgl1 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 "
    "libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1 fonts-noto-cjk"
)


def why_no_window() -> str | None:
    """One sentence why no window can open, or None when one can."""
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    if sys.platform.startswith("linux") and platform not in ("offscreen", "minimal", "vnc"):
        if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
            missing = _missing_library() or _missing_plugin_library()
            if missing is None:
                return "There is no display here, so the estimate follows as text."
            return (
                f"There is no display here, and for a window Qt would also need {missing} "
                f"(on Debian or Ubuntu: apt-get install {DEBIAN_PACKAGES}), so the estimate follows as text."
            )
        missing = _missing_library()
        if missing is None and platform in ("", "xcb") and not os.environ.get("WAYLAND_DISPLAY"):
            missing = _missing_plugin_library()
        if missing is not None:
            return _packages_sentence(missing)
        if os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY") and not _x_server_answers():
            return f"The display {os.environ['DISPLAY']} does not answer, so the estimate follows as text."
        return None
    missing = _missing_library()
    return None if missing is None else _packages_sentence(missing)


def why_no_drawing(language: str) -> str | None:
    """One sentence why nothing can be drawn without a window, or None when Qt can be loaded."""
    missing = _missing_library()
    if missing is None:
        return None
    from mitsumori.model.base.messages import text

    return text("refusals", "no_drawing", language, missing=missing, packages=DEBIAN_PACKAGES)


def _packages_sentence(missing: str) -> str:
    return (
        f"Qt cannot start because {missing} is missing (on Debian or Ubuntu: apt-get install {DEBIAN_PACKAGES}), "
        "so the estimate follows as text."
    )


def _missing_library() -> str | None:
    from mitsumori.gui.early_imports import collect_again

    try:
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as error:
        collect_again()
        return str(error).split(":")[0]
    return None


def _missing_plugin_library() -> str | None:
    spec = importlib.util.find_spec("PySide6")
    if spec is None or not spec.submodule_search_locations:
        return "PySide6"
    plugin = Path(spec.submodule_search_locations[0]) / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    if not plugin.exists():  # a Qt of the distribution keeps its plugins elsewhere and has its libraries
        return None
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return str(error).split(":")[0]
    return None


def _x_server_answers() -> bool:
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # no way to ask; let Qt try
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    for attempt in range(3):
        if attempt:  # a server that has just lost its last client begins anew and refuses for a moment
            time.sleep(0.2)
        connection = xcb.xcb_connect(None, None)
        broken = xcb.xcb_connection_has_error(connection)
        xcb.xcb_disconnect(connection)
        if not broken:
            return True
    return False
