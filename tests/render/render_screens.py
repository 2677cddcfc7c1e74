"""Render every screen in both languages and both themes: ``python -m tests.render.render_screens OUT [--only TEXT] [--sample NAME]``.

One PNG a screen, named ``<screen>-<language>-<theme>-<width>x<height>[@2].png``. Screens: the start page, every tab of a
sample, three scenarios compared, the overview of an impossible plan, all findings, Present mode and
the tour. Scale 2 runs in a process of its own. Look at them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SIZES = ("1280x720", "1600x1000", "2560x1440")
LANGUAGES = ("ja", "en")
THEMES = ("light", "dark")
IMPOSSIBLE = {
    "parallel.auto": False, "parallel.tp": 4, "parallel.pp": 1, "facility.cooling": "air", "facility.rack_kva": 10.0,
}  # fmt: skip
THIRD = {"cluster.servers": 16, "facility.cooling": "rear_door_cold_plate", "facility.rack_kva": 90.0}


def main() -> int:
    """Render; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", default="", help="render only files whose name contains this")
    parser.add_argument("--sizes", default=",".join(SIZES))
    parser.add_argument("--sample", default="llama3-70b-continual", help="the plan of the tabs and of Present")
    parser.add_argument("--scale", type=int, default=0, help="1 or 2; both when left out")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.scale == 0:
        status = 0
        for scale, sizes in ((1, arguments.sizes), (2, arguments.sizes)):
            command = [sys.executable, "-m", "tests.render.render_screens", str(arguments.out), "--scale", str(scale),
                       "--sizes", sizes, "--only", arguments.only, "--sample", arguments.sample]  # fmt: skip
            status = max(status, subprocess.run(command, check=False).returncode)
        return status
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = str(arguments.scale)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_DATA_HOME"] = folder
        count = render(arguments.out, arguments.sizes.split(","), arguments.scale, arguments.only, arguments.sample)
    print(f"{count} pictures in {arguments.out}")
    return 0


def settle(application: Any, window: Any) -> None:
    """Let the window come to rest: nothing computed, nothing asked."""
    end, rested = time.monotonic() + 60, 0
    while rested < 4 and time.monotonic() < end:  # an answer may ask the next question
        for _ in range(20):
            application.processEvents()
            time.sleep(0.005)
        busy = window.jobs.any_busy() or window.services.at_work() or window.store.stale
        rested = 0 if busy and not window.at_start else rested + 1


def render(out: Path, sizes: list[str], scale: int, only: str, name_of_sample: str = "llama3-70b-continual") -> int:
    """Render all screens of a sample at some sizes."""
    from mitsumori.gui.app import create_application

    application = create_application()
    from mitsumori.gui.tabs import TABS
    from mitsumori.gui.theme.tokens import set_theme
    from mitsumori.gui.window import Window
    from mitsumori.gui.words.translation import set_language
    from mitsumori.model.plan.project import load_sample

    window = Window()
    window.files.ask_leave = lambda: "discard"  # type: ignore[method-assign]
    sample = load_sample(name_of_sample)
    served = load_sample("serve-rag-3000")

    def quiet() -> None:
        settle(application, window)

    def three() -> None:
        window.open_project(sample)
        window.store.add_scenario(sample.plan.with_values(THIRD), "Cold plates, 16 servers")
        window.store.activate(0)
        window.show_tab("compare")

    def gpus() -> None:
        window.open_project(sample)
        window.show_tab("overview")
        quiet()
        window.tabs["overview"].turn("kind")  # type: ignore[attr-defined]

    def screens() -> Iterator[tuple[str, Callable[[], None]]]:
        yield "start", window.show_start
        for key, _, _ in TABS:

            def tab(key: str = key) -> None:
                if window.at_start or window.store.plans != tuple(sample.plans):
                    window.open_project(sample)
                window.show_tab(key)

            yield key, tab
        yield "answering", lambda: (window.open_project(served), window.show_tab("serving"))  # type: ignore[func-returns-value]
        yield "three", three
        yield "gpus", gpus
        yield "findings", lambda: (window.tabs["overview"].turn("count"), tab("memory"), window.toggle_findings())  # type: ignore[func-returns-value]
        yield "money", lambda: (window.toggle_findings(), window.go_to_field("money.cloud.price_per_hour"))  # type: ignore[func-returns-value]
        yield "present", lambda: (window.present(), window.showNormal())  # type: ignore[func-returns-value]

        def impossible() -> None:
            window.leave_present()
            window.show_tab("overview")
            window.apply(IMPOSSIBLE)
            window.inputs.go_to("workload.stage")

        yield "impossible", impossible

        def tour() -> None:
            from mitsumori.gui.dialogs.guide import start_tour

            tours.append(start_tour(window))

        yield "tour", tour

    tours: list[object] = []
    count = 0
    window.show()
    for language in LANGUAGES:
        for theme in THEMES:
            set_language(language)  # type: ignore[arg-type]
            set_theme(theme)  # type: ignore[arg-type]
            for size in sizes:
                width, height = (int(part) for part in size.split("x"))
                for name, go in screens():
                    suffix = f"@{scale}" if scale > 1 else ""
                    file = f"{name}-{language}-{theme}-{size}{suffix}.png"
                    go()
                    if only and only not in file:
                        application.processEvents()  # the next screen starts from this one
                        continue
                    window.resize(width, height)
                    quiet()
                    window.grab().save(str(out / file))
                    count += 1
                for shown in tours:
                    shown.finish()  # type: ignore[attr-defined]
                tours.clear()
    window.jobs.shut_down()
    return count


if __name__ == "__main__":
    sys.exit(main())
