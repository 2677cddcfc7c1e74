"""Memory that an export or a closed project used goes back to the system."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from mitsumori.gui import memory
from mitsumori.gui.dialogs.export import write
from mitsumori.model.plan.project import load_sample
from tests.gui.windows import window

GLIBC = pytest.mark.skipif(
    not (sys.platform.startswith("linux") and hasattr(ctypes.CDLL(None), "malloc_trim")), reason="glibc alone keeps it"
)


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@GLIBC
def test_what_is_free_between_blocks_that_live_on_goes_back() -> None:
    library = ctypes.CDLL(None)
    library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    library.free.argtypes = [ctypes.c_void_p]
    blocks = [library.malloc(size) for _ in range(2000) for size in (50_000, 2000)]
    for address, size in zip(blocks, [50_000, 2000] * 2000, strict=True):
        ctypes.memset(address, 1, size)
    for address in blocks[::2]:
        library.free(address)
    full = resident_bytes()
    assert memory.give_back()
    assert full - resident_bytes() > 50e6, "100 MB were freed"
    for address in blocks[1::2]:
        library.free(address)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems' libraries give back by themselves")
def test_it_is_given_back_after_an_export_and_after_a_project_is_opened(
    qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []
    monkeypatch.setattr(memory, "AFTER_MS", 0)
    monkeypatch.setattr(memory, "give_back", lambda context: given.append("once"))
    win = window(qtbot)
    qtbot.waitUntil(lambda: bool(given), timeout=10_000)
    given.clear()
    win.open_project(load_sample("llama2-7b-sft"))
    qtbot.waitUntil(lambda: bool(given), timeout=10_000)
    win.open_after_export = False
    given.clear()
    write(win, tmp_path / "proposal.xlsx", "en", "customer")
    qtbot.waitUntil(lambda: bool(given), timeout=60_000)
    assert (tmp_path / "proposal.xlsx").is_file()
