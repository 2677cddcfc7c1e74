"""Start the program under Xvfb and drive it with real keys and a real pointer (xdotool)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Screen:
    """An X server of its own. Use as a context manager."""

    def __init__(self, width: int = 1600, height: int = 1000) -> None:
        self.size = f"{width}x{height}x24"
        self.process: subprocess.Popen[bytes] | None = None
        self.display = ""

    def __enter__(self) -> Screen:
        read, write = os.pipe()
        # Without -noreset the server begins anew when its last client leaves, and refuses who comes in that moment.
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", self.size, "-nolisten", "tcp", "-noreset"],
            pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(write)
        with os.fdopen(read) as stream:
            self.display = f":{stream.readline().strip()}"
        return self

    def __exit__(self, *_exc: object) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=10)


class Program:
    """One running Mitsumori with a home of its own, so that no settings of the developer reach it."""

    def __init__(self, screen: Screen, home: Path, *arguments: str, language: str = "en") -> None:
        self.screen, self.home = screen, home
        self.printed = ""
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("QT_", "XDG_", "WAYLAND"))} | {
            "DISPLAY": screen.display, "QT_QPA_PLATFORM": "xcb", "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"), "XDG_RUNTIME_DIR": str(home), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
            "LANGUAGE": language, "QT_SCALE_FACTOR": "1", "OMP_NUM_THREADS": "1",
            "PATH": f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
        }  # fmt: skip
        settings = home / "config" / "Mitsumori"
        settings.mkdir(parents=True, exist_ok=True)
        # Somebody who has seen the tour: a script that types would type into it.
        (settings / "Mitsumori.conf").write_text("[window]\ntour_seen=true\n")
        # What is handed to the desktop is written down: an office suite in front would take the keys and outlive the program.
        opener = home / "bin" / "xdg-open"
        opener.parent.mkdir(exist_ok=True)
        opener.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >> "{home / "opened"}"\n')
        opener.chmod(0o755)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mitsumori.gui", *arguments], cwd=ROOT, env=self.environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def opened(self) -> list[str]:
        """Addresses that were handed to the desktop, in order."""
        path = self.home / "opened"
        return path.read_text().split() if path.exists() else []

    def xdotool(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env=self.environment, capture_output=True, text=True, check=False, timeout=30
        )
        return done.stdout.strip()

    def wait_for_window(self, title: str, seconds: float = 60.0) -> str:
        """The id of the first visible window whose title matches; focuses it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.xdotool("search", "--onlyvisible", "--name", title).split()
            if found:
                self.xdotool("windowfocus", "--sync", found[0])
                return found[0]
            if self.process.poll() is not None:
                raise AssertionError(f"the program ended with status {self.process.returncode}: {self.output()}")
            time.sleep(0.1)
        raise AssertionError(f"no window titled {title!r} after {seconds} s")

    def keys(self, *keys: str, pause: float = 0.05) -> None:
        """Press keys one after the other, e.g. ``ctrl+z``, ``Tab``, ``Right``."""
        for key in keys:
            self.xdotool("key", "--clearmodifiers", key)
            time.sleep(pause)

    def type(self, text: str) -> None:
        """Type a text."""
        self.xdotool("type", "--delay", "15", text)
        time.sleep(0.1)

    def picture(self, path: Path) -> None:
        """Take a picture of the screen, where ImageMagick's ``import`` is there."""
        subprocess.run(["import", "-window", "root", str(path)], env=self.environment, check=False, timeout=30)

    def output(self) -> str:
        """What the program printed; only after its end."""
        if self.process.stdout is not None and not self.process.stdout.closed:
            self.printed = self.process.stdout.read()
        return self.printed

    def close(self) -> int:
        """Ask the program to end, and return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout=10)
        if self.process.stdout is not None and not self.process.stdout.closed:
            self.printed = self.process.stdout.read()
            self.process.stdout.close()
        return self.process.returncode
