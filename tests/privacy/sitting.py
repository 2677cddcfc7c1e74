"""A whole sitting with the network forbidden: every command, then the window; run as a process of its own.

An audit hook (PEP 578) ends the sitting at any attempt to name a host or to reach one; afterwards no internet socket may be
open, not even one that a library opened outside Python. Prints one line of JSON: what was done, the logs, the sockets.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

ATTEMPTS: list[str] = []
FORBIDDEN = {
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo", "socket.bind",
    "socket.sendto", "socket.sendmsg", "urllib.Request", "http.client.connect", "ftplib.connect", "smtplib.connect",
    "webbrowser.open",
}  # fmt: skip


def forbid_the_network() -> None:
    """Install the hook; it cannot be taken out again, which is why the sitting is a process of its own."""

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in FORBIDDEN:
            ATTEMPTS.append(f"{event} {arguments!r}"[:200])
            raise PermissionError(f"the sitting tried {event}")

    sys.addaudithook(hook)


def internet_sockets() -> list[str]:
    """Open internet sockets of this process (Linux), as lines of /proc/net."""
    mine = set()
    for handle in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            if found := re.fullmatch(r"socket:\[(\d+)\]", str(handle.readlink())):
                mine.add(found.group(1))
    lines = []
    for table in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        path = Path("/proc/self/net") / table
        if path.exists():
            lines += [line.strip() for line in path.read_text().splitlines()[1:] if line.split()[9] in mine]
    return lines


class Memory(logging.Handler):
    """Keeps every log line as it would be written, tracebacks included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def commands(project: Path, folder: Path) -> list[str]:
    """Every headless command there is; the names of those done."""
    from mitsumori.model import cli

    runs = folder / "runs.csv"
    from mitsumori import resources

    text = resources.read_text("runs", "runs.csv").splitlines()
    runs.write_text("\n".join(text[:12]) + "\n", encoding="utf-8")
    config = folder / "config.json"
    config.write_text(
        json.dumps({"model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32,
                    "intermediate_size": 11008, "vocab_size": 32000}),
        encoding="utf-8",
    )  # fmt: skip
    plan = str(project)
    calls = {
        "samples": ["samples"],
        "estimate": ["estimate", plan, "--set", "cluster.servers=2"],
        "estimate --json": ["estimate", plan, "--json"],
        "table": ["table", plan, "--json"],
        "advise": ["advise", plan, "--json"],
        "export": ["export", plan, str(folder / "out.xlsx")],
        "export internal": ["export", plan, str(folder / "internal.xlsx"), "--audience", "internal", "--lang", "en"],
        "backtest": ["backtest", str(runs), "--json"],
        "import": ["import", str(config)],
        "refused": ["estimate", plan, "--set", "cluster.servers=-1"],
    }
    done = []
    for name, arguments in calls.items():
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as error:
            status = cli.main(arguments)
        if "invalid choice" in error.getvalue():
            continue  # a command that this version does not have
        if status != (2 if name == "refused" else 0):
            raise AssertionError(f"{name}: status {status}: {error.getvalue()}")
        done.append(name)
    return done


def window(project: Path, folder: Path) -> list[str]:
    """Open the project in the window, change it, save it, close it."""
    from PySide6.QtCore import QSettings

    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
    from mitsumori.gui.app import create_application, start_log
    from mitsumori.gui.tabs import TABS
    from mitsumori.gui.window import Window
    from mitsumori.model.plan.project import load_project

    application = create_application(["mitsumori"])
    start_log()
    shown = Window()
    shown.files.ask_leave = lambda: "discard"  # type: ignore[method-assign]
    shown.open_project(load_project(project), project)
    shown.show()

    def settle() -> None:
        for _ in range(30):
            application.processEvents()

    settle()
    for key, *_ in TABS:
        shown.show_tab(key)
        settle()
    for servers in (2, 3, 4):
        refusal = shown.store.set_values({"cluster.servers": servers})
        if refusal is not None:
            raise AssertionError(str(refusal))
        settle()
    shown.store.set_values({"cluster.server": "no such machine"})
    settle()
    shown.files.autosave_now()
    if not shown.files.save():
        raise AssertionError("the window could not save")
    shown.close()
    shown.jobs.shut_down()
    settle()
    return ["window"]


def attempt(name: str, work: Callable[[], list[str]], problems: list[str]) -> list[str]:
    """Do a part of the sitting; note what went wrong."""
    try:
        return work()
    except Exception:
        problems.append(f"{name}: {traceback.format_exc()}")
        return []


def main(arguments: list[str]) -> int:
    """``sitting.py PROJECT FOLDER [window]``."""
    project, folder = Path(arguments[0]), Path(arguments[1])
    forbid_the_network()
    memory = Memory()
    logging.getLogger().addHandler(memory)
    logging.getLogger().setLevel(logging.DEBUG)
    problems: list[str] = []
    done = attempt("commands", lambda: commands(project, folder), problems)
    if "window" in arguments[2:]:
        done += attempt("window", lambda: window(project, folder), problems)
    logging.getLogger().setLevel(logging.DEBUG)
    written = "".join(path.read_text(encoding="utf-8", errors="replace") for path in folder.rglob("*.log*"))
    answer = {
        "done": done, "problems": problems, "attempts": ATTEMPTS, "sockets": internet_sockets(), "log": memory.lines,
        "log_files": written, "qt_network": "PySide6.QtNetwork" in sys.modules,
    }  # fmt: skip
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    os._exit(0)  # the order in which Qt's objects die is not what this sitting is about


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
