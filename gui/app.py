"""Start of the window: application, fonts, theme, language, log, and what happens to an unexpected error."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType

from mitsumori.gui.early_imports import collect_again

# isort: split
from PySide6.QtCore import QCoreApplication, QTimer, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from mitsumori.gui import settings
from mitsumori.gui.desktop import hold_mutex, refuse
from mitsumori.gui.log import start_log
from mitsumori.gui.theme.style import Style
from mitsumori.gui.theme.tokens import Mode, load_fonts, set_theme
from mitsumori.gui.theme.zoom import restore_zoom
from mitsumori.gui.widgets import accessible
from mitsumori.gui.widgets.focus import FocusGuide
from mitsumori.gui.words.translation import language, preferred_language, set_language
from mitsumori.model.base.refusal import Refusal

logger = logging.getLogger(__name__)


def create_application(arguments: list[str] | None = None) -> QApplication:
    """The one QApplication: our style on Fusion, the product's fonts, theme and language."""
    QCoreApplication.setOrganizationName("Mitsumori")
    QCoreApplication.setApplicationName("Mitsumori")
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(arguments or sys.argv[:1])
    QGuiApplication.setApplicationDisplayName("Mitsumori")
    QGuiApplication.setDesktopFileName("mitsumori")
    application.setStyle(Style())
    load_fonts()
    stored = settings.text("window/theme")
    modes: dict[str, Mode] = {"light": "light", "dark": "dark"}
    set_theme(modes.get(stored, "system"))
    restore_zoom()
    application.setWindowIcon(_window_icon())
    set_language(preferred_language())
    accessible.install()
    if application.findChild(FocusGuide) is None:
        FocusGuide(application)
    QTimer.singleShot(0, collect_again)  # in the first round of the event loop: the first window is made
    return application


def _window_icon() -> QIcon:
    """The product's icon for title bars and task lists, drawn at the sizes that window managers ask for."""
    from mitsumori.gui.theme.icons import pixmap

    icon = QIcon()
    for size in (16, 24, 32, 48, 64, 128):
        icon.addPixmap(pixmap("mitsumori", size))
    return icon


class ErrorReporter:
    """The last line of defence: log an unexpected error and show a report that can be copied; the window stays."""

    def __init__(self) -> None:
        self._showing = False

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Handle one exception; a ``sys.excepthook``."""
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        logger.error("unexpected error", exc_info=(kind, error, trace))
        if self._showing or QApplication.instance() is None:
            sys.__excepthook__(kind, error, trace)
            return
        self._showing = True
        try:
            self.show(str(error) or kind.__name__, "".join(traceback.format_exception(kind, error, trace)))
        finally:
            self._showing = False

    def show(self, sentence: str, report: str) -> None:
        """Show the report."""
        box = QMessageBox(QApplication.activeWindow())
        box.setIcon(QMessageBox.Icon.Warning)
        box.setText(QCoreApplication.translate("Errors", "Something went wrong; your plan is unchanged."))
        box.setInformativeText(sentence)
        box.setDetailedText(report)
        box.exec()
        box.deleteLater()


def run(arguments: list[str]) -> int:
    """Open the window on a plan, a sample, or the start page; returns the exit status.

    ``arguments`` holds at most one: a project file, a workbook or a sample's name. Without one, the
    start page is shown. Work that a crash left behind is offered in every case.
    """
    application = create_application()
    running = hold_mutex()
    start_log()
    sys.excepthook = ErrorReporter()
    from mitsumori.gui.window import Window
    from mitsumori.model.base.files import fingerprint
    from mitsumori.model.plan.project import open_plan

    project = known = None
    if arguments:
        try:
            known = fingerprint(Path(arguments[0]))
            project = open_plan(arguments[0])
        except Refusal as refusal:
            refuse(refusal.text(language()))
            return 2
    window = Window()
    if project is not None:
        path = Path(arguments[0])
        window.open_project(project, path if path.is_file() else None, known)
    else:
        from mitsumori.gui.dialogs.guide import offer_tour

        window.show_start()
        offer_tour(window)
    window.show()
    QTimer.singleShot(0, window, window.files.recover)
    status = application.exec()
    settings.flush()
    sys.excepthook = sys.__excepthook__
    del running
    qInstallMessageHandler(None)
    return status
