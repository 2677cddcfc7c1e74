"""Guards of the window's tests: one application, own settings, no leaks, the collector only between tests."""

from __future__ import annotations

import contextlib
import gc
import os
import threading
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYTEST_QT_API", "pyside6")
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample

# Without Qt's system libraries tests/conftest.py skips every file of this folder.
with contextlib.suppress(ImportError):
    from PySide6.QtCore import QCoreApplication, QEvent, QSettings, QThreadPool
    from PySide6.QtWidgets import QApplication, QWidget

    from tests.gui.guards import alive, running, widgets_left, windows_left


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    return QApplication


@pytest.fixture(scope="session", autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Settings and data of the tests live in a folder of their own."""
    folder = tmp_path_factory.mktemp("settings")
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")
    old = {name: os.environ.get(name) for name in names}
    for name in names:
        os.environ[name] = str(folder)
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
    yield folder
    for name, value in old.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture(scope="session")
def application(qapp: QApplication, own_settings: Path) -> QApplication:
    """The application as the product makes it: style, fonts, theme."""
    from mitsumori.gui.app import create_application

    made = create_application()
    made.processEvents()  # the collector is at work again
    return made


@pytest.fixture(autouse=True)
def guarded(application: QApplication) -> Iterator[None]:
    """Run a test with the collector off, in English and light; afterwards nothing of Qt may be left over.

    A window that dies by the cyclic collector inside an event loop crashes the process, so
    windows are closed and collected here, between tests.
    """
    from mitsumori.gui import settings
    from mitsumori.gui.theme import zoom
    from mitsumori.gui.theme.tokens import set_theme
    from mitsumori.gui.words.translation import set_language

    settings.forget()
    settings.settings_file().unlink(missing_ok=True)
    QSettings().clear()
    zoom.restore_zoom()
    set_language("en")
    set_theme("light", 1.0)
    gc.disable()
    threads = threading.active_count()
    windows = alive()
    yield
    flush()
    forgotten = windows_left(windows)
    modal = [
        type(widget).__name__ for widget in QApplication.topLevelWidgets() if widget.isVisible() and widget.isModal()
    ]
    for widget in QApplication.topLevelWidgets():
        widget.hide()
        widget.deleteLater()
    QThreadPool.globalInstance().waitForDone(2000)
    flush()
    gc.enable()
    gc.collect()
    flush()
    assert not modal, "a modal dialog was left open"
    assert not forgotten, "windows that nobody closes"
    assert not widgets_left(windows), "widgets outlive their window"
    assert not running(), "timers, animations or threads outlive the test"
    assert threading.active_count() <= threads + 1, "a thread was left running"


def flush() -> None:
    """Deliver pending events and deferred deletions."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()


@pytest.fixture
def show(qtbot):  # type: ignore[no-untyped-def]
    """Show a widget at a size and wait until it is painted."""

    def shown(widget: QWidget, width: int = 400, height: int = 300) -> QWidget:
        qtbot.addWidget(widget)
        widget.resize(width, height)
        widget.show()
        qtbot.waitExposed(widget)
        return widget

    return shown


@pytest.fixture(scope="module")
def real() -> tuple[Plan, Estimate]:
    """The main sample and its estimate."""
    plan = load_sample("llama3-70b-continual").plan
    return plan, estimate(plan)
