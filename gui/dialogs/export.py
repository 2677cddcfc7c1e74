"""Export: ask for whom and where, write the file off the GUI thread, say where it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu

from mitsumori.gui.jobs import JobContext
from mitsumori.gui.memory import give_back_soon
from mitsumori.gui.save_file import ask_target
from mitsumori.gui.saving import on_disk
from mitsumori.gui.words.translation import error_words, language
from mitsumori.model.base.files import ANYTHING, Known, portable_name
from mitsumori.model.base.messages import LANGUAGES

if TYPE_CHECKING:
    from mitsumori.gui.workspace import Workspace
    from mitsumori.model.base.messages import Sentence
    from mitsumori.model.slides.blocks import Deck
    from mitsumori.model.workbook.context import Audience

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
    menu.addSeparator()
    menu.addAction(translate("Export", "Slides, PDF, several scenarios…")).triggered.connect(lambda: _choices(window))
    menu.aboutToHide.connect(menu.deleteLater)
    button = window.toolbar.export
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))


def _choices(window: Workspace) -> None:
    from mitsumori.gui.dialogs.export_choice import ExportDialog

    ExportDialog(window, ask_and_write).open()


def ask_and_write(
    window: Workspace,
    code: str,
    audience: Audience,
    kind: str = ".xlsx",
    *,
    whole: bool = False,
    template: Path | None = None,
) -> None:
    """Ask for the file, then write."""
    start = portable_name(window.files.title()) + file_mark(code, audience) + kind
    names = {
        ".xlsx": translate("Export", "Excel workbooks"), ".pptx": translate("Export", "PowerPoint presentations"),
        ".pdf": translate("Export", "PDF documents"),
    }  # fmt: skip
    target = ask_target(window, translate("Export", "Export proposal"), start, f"{names[kind]} (*{kind})", kind)
    if target is not None:
        write(window, target.path, code, audience, target.expect, whole=whole, template=template)


def file_mark(code: str, audience: str) -> str:
    """What tells an internal copy by the name of its file, in the language of the file."""
    from mitsumori.model.base.messages import text

    return "_" + text("workbook", "confidential_internal", code).replace(" ", "-") if audience == "internal" else ""


def write(
    window: Workspace, path: Path, code: str, audience: Audience, expect: Known = ANYTHING, *, whole: bool = False,
    template: Path | None = None,
) -> None:  # fmt: skip
    """Write the proposal of the plan shown (``whole``: of every scenario, the one shown first), by the name's ending.

    Only over a file of this fingerprint; a newer export replaces one under way.
    """
    from mitsumori.gui.dialogs.proposal_settings import stored_settings

    store, settings = window.store, stored_settings()
    plans = (store.plan, *(plan for plan in store.plans if whole and plan is not store.plan))
    proposal, given, kind = store.proposal, store.context(), path.suffix.lower()
    calendar = store.calendar

    def work(context: JobContext) -> Sequence[Sentence] | Deck:
        from mitsumori.model.workbook import described, write_books

        context.progress(0.1)
        books = described(plans, code, audience, settings, proposal=proposal, calendar=calendar, **given)
        context.check()
        if kind == ".xlsx":
            write_books(books, path, expect)
            return ()
        from mitsumori.model.slides import deck, export

        return export(books, path, template, expect) if kind == ".pptx" else deck(books)

    def done(answer: Sequence[Sentence] | Deck) -> None:
        if not isinstance(answer, Sequence):  # painted here: fonts and colours belong to the GUI thread
            from mitsumori.gui.present.deck_pdf import pdf_of
            from mitsumori.model.workbook import save

            try:
                data = pdf_of(answer)
                on_disk(window, lambda: save.save(path, data, expect))
            except Exception as error:
                failed(error)
                return
            answer = ()
        notes = " ".join(note.text(language()) for note in answer)
        window.set_writing(False)
        say_written(window, path, notes)
        give_back_soon(window.jobs)

    def failed(error: BaseException) -> None:
        window.set_writing(False)
        give_back_soon(window.jobs)
        window.footer.set_alarm(error_words(error), "export")

    window.set_writing(True)
    window.footer.end_alarm("export")
    window.footer.set_news(translate("Export", "Writing {file} …").format(file=path.name))
    window.jobs.start("export", work, done, failed=failed)


def say_written(window: Workspace, path: Path, notes: str = "") -> None:
    """A file was written: say so beside the findings, and offer to open it or the folder it lies in."""

    def show(place: Path) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(place)))

    news = translate("Export", "{file} was written.").format(file=path.name)
    window.footer.set_news(f"{news} {notes}".strip())
    window.notices.say(
        news,
        (translate("Export", "Open"), lambda: show(path)),
        (translate("Export", "Show folder"), lambda: show(path.parent)),
        undo=False,
    )
    if window.open_after_export:
        show(path)
