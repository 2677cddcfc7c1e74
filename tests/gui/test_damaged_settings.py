"""A damaged settings file never stops a start."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QByteArray, QSettings

from mitsumori.gui import settings
from mitsumori.gui.dialogs import proposal_settings
from mitsumori.gui.dialogs.guide import tour_seen
from mitsumori.gui.words.translation import preferred_language

WRONG = (7, 1.5, True, "x", "", ["a", 3, None], {"k": 1}, QByteArray(b"\xff\x00"), "a\0b", "9" * 20_000)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda value: f"{type(value).__name__}-{str(value)[:5]!a}")
def test_every_setting_falls_back(qapp, wrong):
    stored = QSettings()
    keys = ["window/geometry", "window/language", "window/theme", "window/tour_seen", "inputs/open", "files/recent"]
    keys += [f"{proposal_settings.GROUP}/{name}" for name in (*proposal_settings.TEXTS, "issue_date", "validity_months",
                                                             "logo", "confidential")]  # fmt: skip
    before = {key: stored.value(key) for key in keys}
    try:
        for key in keys:
            stored.setValue(key, wrong)
        assert preferred_language() in ("ja", "en")
        assert tour_seen() in (True, False)
        assert all(isinstance(name, str) for name in settings.texts("files/recent"))
        kept = settings.bytes_of("window/geometry")
        assert kept is None or isinstance(kept, QByteArray)
        assert proposal_settings.stored_settings().validity_months >= 1
    finally:
        for key, value in before.items():
            if value is None:
                stored.remove(key)
            else:
                stored.setValue(key, value)
