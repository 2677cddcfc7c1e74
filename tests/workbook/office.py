"""A LibreOffice of our own, driven through UNO: open, set named cells, recalculate, read, print.

One soffice process a session, with its own profile and a named pipe (no TCP port, no macros); ended by its own id.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from tests.needs import needs_libreoffice, uno_folder

FONT_ALIASES = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<alias binding="same"><family>Yu Gothic</family><prefer><family>Noto Sans CJK JP</family></prefer></alias>
<alias binding="same"><family>Calibri</family><prefer><family>Carlito</family><family>Noto Sans CJK JP</family></prefer></alias>
</fontconfig>"""


class Office:
    """A running soffice."""

    def __init__(self, folder: Path) -> None:
        soffice = needs_libreoffice()
        extra = uno_folder()
        if extra and extra not in sys.path:
            sys.path.append(extra)
        self.uno: Any = importlib.import_module("uno")
        fonts = folder / "fonts.conf"
        fonts.write_text(FONT_ALIASES)
        pipe = f"mitsumori{uuid.uuid4().hex}"
        self.process = subprocess.Popen(
            [soffice, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore", "--nologo",
             "--nodefault", f"--accept=pipe,name={pipe};urp;"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"FONTCONFIG_FILE": str(fonts)},
            start_new_session=True,
        )  # fmt: skip
        local = self.uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        address = f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
        deadline = time.monotonic() + 90
        while True:
            try:
                self.context = resolver.resolve(address)
                break
            except Exception:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    self.close()
                    raise
                time.sleep(0.2)
        self.desktop = self.context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", self.context)

    def _property(self, name: str, value: Any) -> Any:
        made = self.uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        made.Name, made.Value = name, value
        return made

    def open(self, path: Path) -> Book:
        """Load a workbook; macros and updates of links are off."""
        settings = (
            self._property("Hidden", True),
            self._property("MacroExecutionMode", 0),
            self._property("UpdateDocMode", 0),
        )
        return Book(self.desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, settings))

    def pdf(self, path: Path, target: Path, kind: str = "calc_pdf_Export") -> None:
        """Print a workbook, or slides (``impress_pdf_Export``)."""
        settings = (self._property("Hidden", True), self._property("MacroExecutionMode", 0))
        document = self.desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, settings)
        document.storeToURL(target.as_uri(), (self._property("FilterName", kind),))
        document.close(True)

    def close(self) -> None:
        """End the process that was started here."""
        try:
            self.desktop.terminate()
        except Exception:  # the bridge breaks while soffice goes down
            self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, 9)
            self.process.wait(10)


class Book:
    """An open workbook."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self.names = document.NamedRanges
        self.cells: dict[str, Any] = {}
        document.enableAutomaticCalculation(
            False
        )  # calculateAll() follows; without this every input recalculates alone

    def set(self, name: str, value: float | str | None) -> None:
        """Put a value into the cell of a defined name; None empties it."""
        cell = self.cells.get(name)
        if cell is None:
            cell = self.cells[name] = self.names.getByName(name).getReferredCells().getCellByPosition(0, 0)
        if value is None:
            cell.setFormula("")
        elif isinstance(value, str):
            cell.setString(value)
        else:
            cell.setValue(float(value))

    def recalculate(self) -> None:
        """Recompute every formula, caches or not."""
        self.document.calculateAll()

    def data(self) -> dict[str, tuple[tuple[Any, ...], ...]]:
        """All used cells by sheet title; errors are None."""
        found = {}
        for sheet in self.document.Sheets:
            cursor = sheet.createCursor()
            cursor.gotoEndOfUsedArea(False)
            last = cursor.RangeAddress
            area = sheet.getCellRangeByPosition(0, 0, max(last.EndColumn, 25), max(last.EndRow, 200))
            found[sheet.Name] = area.getDataArray()
        return found

    def close(self) -> None:
        """Close without saving."""
        self.document.close(True)
