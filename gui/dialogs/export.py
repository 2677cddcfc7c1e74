"""Export: ask for whom and where, write the workbook off the GUI thread, say where it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu

from mitsumori.gui.jobs import JobContext
from mitsumori.gui.save_file import ask_target
from mitsumori.gui.words.translation import LANGUAGES, language
from mitsumori.model.base.files import ANYTHING, Known, portable_name

if TYPE_CHECKING:
    from mitsumori.gui.workspace import Workspace

translate = QCoreApplication.translate


def start_export(window: Workspace) -> None:
    """Offer the kinds of proposal below the export button."""
    menu = QMenu(window)
    names = {"ja": "日本語", "en": "English"}
    others = [code for code in LANGUAGES if code != language()]
    for code in (language(), *others):
        label = translate("Export", "For the customer, {language}").format(language=names[code])
        menu.addAction(label).triggered.connect(lambda checked=False, c=code: ask_and_write(window, c, "customer"))
    menu.addSeparator()
    label = translate("Export", "Internal, with purchase price and margin, {language}").format(
        language=names[language()]
    )
    menu.addAction(label).triggered.connect(lambda: ask_and_write(window, language(), "internal"))
    menu.aboutToHide.connect(menu.deleteLater)
    button = window.toolbar.export
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))


def ask_and_write(window: Workspace, code: str, audience: str) -> None:
    """Ask for the file, then write."""
    start = portable_name(window.files.title()) + file_mark(code, audience) + ".xlsx"
    kinds = translate("Export", "Excel workbooks") + " (*.xlsx)"
    target = ask_target(window, translate("Export", "Export proposal"), start, kinds, ".xlsx")
    if target is not None:
        write(window, target.path, code, audience, target.expect)


def file_mark(code: str, audience: str) -> str:
    """What tells an internal copy by the name of its file, in the language of the file."""
    from mitsumori.model.base.messages import text

    return "_" + text("workbook", "confidential_internal", code).replace(" ", "-") if audience == "internal" else ""


def write(window: Workspace, path: Path, code: str, audience: str, expect: Known = ANYTHING) -> None:
    """Write the workbook of the plan shown, over a file of this fingerprint only; a newer export replaces one under way."""
    from mitsumori.gui.dialogs.proposal_settings import stored_settings

    plan, store, settings = window.store.plan, window.store, stored_settings()
    proposal = store.proposal
    given = store.context()

    def work(context: JobContext) -> Path:
        from mitsumori.model.workbook import export

        context.progress(0.1)
        result = store.compute(plan)
        context.check()
        arguments: Any = audience
        export(plan, result, path, code, arguments, settings, proposal=proposal, expect=expect, **given)
        return path

    def done(written: Path) -> None:
        window.footer.set_news(translate("Export", "{file} was written.").format(file=written.name))
        window.set_writing(False)
        if window.open_after_export:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(written)))

    def failed(error: BaseException) -> None:
        window.set_writing(False)
        window.footer.set_alarm(_why(error), "export")

    window.set_writing(True)
    window.footer.end_alarm("export")
    window.footer.set_news(translate("Export", "Writing {file} …").format(file=path.name))
    window.jobs.start("export", work, done, failed=failed)


def _why(error: BaseException) -> str:
    from mitsumori.model.workbook.save import SaveError

    return error.message(language()) if isinstance(error, SaveError) else str(error)
