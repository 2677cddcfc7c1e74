"""The one-page summary on a printer: the same page as the PDF, through the print dialog of the platform."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QMarginsF, QRectF
from PySide6.QtGui import QPageLayout, QPageSize, QPaintDevice, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog

from mitsumori.gui.dialogs.proposal_settings import stored_settings
from mitsumori.gui.jobs import JobContext
from mitsumori.gui.present.pdf_summary import PAGE, Page, page_of, picture_of
from mitsumori.gui.words.translation import error_words, language
from mitsumori.gui.workspace import Workspace
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan

translate = QCoreApplication.translate


def ask_and_print(window: Workspace) -> None:
    """Make the page of the plan shown off the GUI thread, then ask for the printer."""
    plan, store, settings, code = window.store.plan, window.store, stored_settings(), language()
    catalogue = store.context().get("catalogue")

    def work(context: JobContext) -> tuple[Page, Estimate]:
        result = store.compute(plan)
        context.check()
        return page_of(plan, result, code, settings, catalogue), result

    def ready(answer: tuple[Page, Estimate]) -> None:
        page, estimate = answer
        printer = landscape_printer(f"{page.title} {page.subject}")
        dialog = QPrintDialog(printer, window)
        dialog.accepted.connect(lambda: print_page(printer, page, estimate, window))
        dialog.finished.connect(dialog.deleteLater)
        QDialog.open(dialog)  # QPrintDialog has another of the same name

    def print_page(printer: QPrinter, page: Page, estimate: Estimate, window: Workspace) -> None:
        if paint_on(printer, QRectF(printer.pageRect(QPrinter.Unit.DevicePixel)), page, plan, estimate):
            window.footer.set_news(translate("Summary", "The summary was sent to the printer."))
        else:
            window.footer.set_alarm(translate("Summary", "The summary could not be printed."), "print")

    def failed(error: BaseException) -> None:
        said = translate("Summary", "The summary could not be printed.")
        window.footer.set_alarm(f"{said} {error_words(error)}", "print")

    window.footer.end_alarm("print")
    window.jobs.start("print", work, ready, failed=failed)


def landscape_printer(title: str) -> QPrinter:
    """A printer set to what the page is designed for: A4 landscape, to the edges."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    printer.setPageOrientation(QPageLayout.Orientation.Landscape)
    printer.setPageMargins(QMarginsF(0, 0, 0, 0))
    printer.setDocName(title)
    return printer


def paint_on(device: QPaintDevice, sheet: QRectF, page: Page, plan: Plan, estimate: Estimate) -> bool:
    """Paint the page as large as the sheet allows; False where the printer refuses.

    Parameters
    ----------
    device
        A printer, or anything else that can be painted on.
    sheet
        Where on it, in dots of the device.
    """
    picture = picture_of(page, plan, estimate)
    painter = QPainter()
    if not painter.begin(device):
        return False
    # Qt scales a picture from the resolution of the screen to that of the device; the sheet alone decides here.
    across, down = device.logicalDpiX() / picture.logicalDpiX(), device.logicalDpiY() / picture.logicalDpiY()
    factor = min(sheet.width() / PAGE[0], sheet.height() / PAGE[1])
    painter.translate(sheet.topLeft())
    painter.scale(factor / across, factor / down)
    painter.drawPicture(0, 0, picture)
    return bool(painter.end())
