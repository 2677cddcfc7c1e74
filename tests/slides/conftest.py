"""One LibreOffice a session."""

from __future__ import annotations

from tests.workbook.conftest import office

__all__ = ["office"]
