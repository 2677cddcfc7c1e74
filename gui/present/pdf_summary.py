"""One page for the customer: the summary of the workbook as a PDF, with the window's own charts on paper.

Every text and figure is the workbook's (its summary and cover, built off the GUI thread); only the pictures are painted
here, by the charts' own painters, in light colours and in the language of the page. What is painted is recorded, which
takes the GUI thread a few milliseconds, and the PDF is made of the record off it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, QPdfWriter, QPicture
from PySide6.QtWidgets import QMenu

from mitsumori.gui.charts.bars import SegmentBar
from mitsumori.gui.charts.cost_curve import CumulativeCost
from mitsumori.gui.charts.memory_stack import StackBar
from mitsumori.gui.dialogs.proposal_settings import stored_settings
from mitsumori.gui.jobs import JobContext
from mitsumori.gui.present.paper import height, line, paragraph
from mitsumori.gui.save_file import ask_target
from mitsumori.gui.tabs.cost_titles import cost_title
from mitsumori.gui.tabs.view import capacity_of, cost_curve, memory_title, seconds, stack_of, step_parts
from mitsumori.gui.theme.tokens import painted_as, theme
from mitsumori.gui.widgets.paint import box
from mitsumori.gui.words.translation import error_words, language, speaking
from mitsumori.model.base import format as fmt
from mitsumori.model.base.files import ANYTHING, Known, portable_name, write_atomic
from mitsumori.model.base.messages import LANGUAGES
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan

if TYPE_CHECKING:
    from mitsumori.gui.workspace import Workspace
    from mitsumori.model.catalogue.catalogue import Catalogue
    from mitsumori.model.plan.proposal import Proposal
    from mitsumori.model.workbook.context import ProposalSettings
    from mitsumori.model.workbook.description import Sheet, Value

translate = QCoreApplication.translate

PAGE = (1123.0, 794.0)
"""A4 landscape in design pixels (96 a inch)."""
DPI = 1200
MARGIN = 44.0
INK, QUIET, FAINT = "text", "text_2", "text_3"


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the four figures: what, value with unit, and the interval or limit beside it."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on the page that is text; from the workbook of the same plan."""

    language: str
    title: str
    subject: str
    customer: str
    facts: tuple[tuple[str, str], ...]
    conclusion: str
    figures: tuple[KeyFigure, ...]
    findings_title: str
    findings: tuple[str, ...]
    excluded_title: str
    excluded: tuple[str, ...]
    notice: str
    mark: str
    logo: bytes | None


def page_of(
    plan: Plan, estimate: Estimate, code: str, settings: ProposalSettings, catalogue: Catalogue | None = None,
    proposal: Proposal | None = None,
) -> Page:  # fmt: skip
    """The page's texts, read from the customer's workbook so that both say the same; works on any thread."""
    from mitsumori.model.workbook import build

    book = build(plan, estimate, code, "customer", settings, proposal=proposal, catalogue=catalogue)
    cover, summary = book.sheets["cover"], book.sheets["summary"]
    facts: list[tuple[int, str, str]] = []
    for (row, column), cell in cover.cells.items():
        beside = cover.cells.get((row, column + 1))
        if (
            cell.role == "cover_label"
            and beside is not None
            and beside.role in ("cover_value", "cover_input", "cover_date")
        ):
            facts.append((column, str(cell.value), _plain(beside.value)))
    # The right block of the cover: number, dates and issuer. The left one stands elsewhere on the page.
    kept = tuple((label, value) for column, label, value in facts if column > 1 and value)
    notice = _role(cover, "cover_note")
    texts = {name: str(book.names[f"in_proposal_{name}"].value or "") for name in ("customer", "contact", "subject")}
    subject = texts["subject"]
    polite = next((str(cell.value) for cell in cover.cells.values() if cell.role == "cover_lead" and cell.value), "")
    customer = " ".join(part for part in (texts["customer"], texts["contact"], polite) if part)
    figures: list[KeyFigure] = []
    bullets: dict[str, list[str]] = {}
    heading = ""
    conclusion = ""
    for (row, column), cell in sorted(summary.cells.items()):
        if cell.role == "lead":
            conclusion = str(cell.value)
        elif cell.role == "section" and cell.value:
            heading = str(cell.value)
        elif cell.role == "bullet":
            bullets.setdefault(heading, []).append(str(cell.value).lstrip("・"))
        elif cell.role == "kpi_label" and cell.value:
            value, note = summary.cells[row + 1, column], summary.cells[row + 2, column]
            figures.append(KeyFigure(str(cell.value), _figure(value.value, value.fmt, plan, code), str(note.value)))
    titles = list(bullets)
    excluded = titles[0] if titles else ""
    findings = titles[1] if len(titles) > 1 else ""
    return Page(
        code, _role(cover, "cover_title"), subject, customer, kept, conclusion, tuple(figures), findings,
        tuple(bullets.get(findings, ())), excluded, tuple(bullets.get(excluded, ())), notice, book.header_right,
        settings.logo_png,
    )  # fmt: skip


def _role(sheet: Sheet, role: str) -> str:
    return next((str(cell.value) for cell in sheet.cells.values() if cell.role == role), "")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) else "" if value is None else str(value)


def _figure(value: Value, kind: str, plan: Plan, code: str) -> str:
    if not isinstance(value, int | float):
        return str(value or "")
    if kind == "money":
        return fmt.money(float(value), plan.money.currency, code)
    if kind == "days":
        return fmt.days_number(float(value), code)
    return f"{value:,.0f}" if kind == "int" else f"{value:,.1f}"


def picture_of(page: Page, plan: Plan, estimate: Estimate) -> QPicture:
    """Record what is painted on the page; on the GUI thread, whose charts, theme and language it uses."""
    picture = QPicture()
    painter = QPainter(picture)
    with painted_as("light"), speaking(cast("Literal['ja', 'en']", page.language)):
        paint_page(painter, page, plan, estimate)
    painter.end()
    return picture


def pdf_bytes(page: Page, picture: QPicture) -> bytes:
    """The recorded page as a PDF with its fonts, which takes longest; on any thread."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageOrientation(QPageLayout.Orientation.Landscape)
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setResolution(DPI)
    writer.setTitle(f"{page.title} {page.subject}")
    writer.setCreator("Mitsumori")
    painter = QPainter(writer)
    # Qt itself scales a picture from the resolution of the screen to that of the page.
    painter.scale(picture.logicalDpiX() / 96.0, picture.logicalDpiY() / 96.0)
    painter.drawPicture(0, 0, picture)
    painter.end()
    buffer.close()
    return bytes(buffer.data().data())


def paint_page(painter: QPainter, page: Page, plan: Plan, estimate: Estimate) -> None:
    """Head, conclusion, four figures, two pictures, what to note and what is not included, the notice at the foot."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    width = PAGE[0] - 2 * MARGIN
    y = _head(painter, page, QRectF(MARGIN, 34, width, 92))
    y += 10
    y += paragraph(painter, QRectF(MARGIN, y, width, 60), page.conclusion, 17, 600, INK) + 14
    y = _figures(painter, page, QRectF(MARGIN, y, width, 106)) + 14
    foot = PAGE[1] - 34 - height(page.notice, 10.5, width)
    half = (width - 24) / 2
    below = max(_list_height(page.findings, half), _list_height(page.excluded, half)) + 26
    room = foot - 10 - below - y - 12
    pictures = QRectF(MARGIN, y, width, max(150.0, room))
    _pictures(painter, pictures, plan, estimate)
    y = pictures.bottom() + 12
    _list(painter, QRectF(MARGIN, y, half, below), page.excluded_title, page.excluded)
    if page.findings:
        _list(painter, QRectF(MARGIN + half + 24, y, half, below), page.findings_title, page.findings)
    painter.fillRect(QRectF(MARGIN, foot - 6, width, 0.75), theme().color("line"))
    paragraph(painter, QRectF(MARGIN, foot, width, 40), page.notice, 10.5, 400, FAINT)


def _head(painter: QPainter, page: Page, rect: QRectF) -> float:
    """Title, subject and customer at the left; number, dates and issuer at the right; the logo in the corner."""
    right = rect.right()
    if page.logo:
        image = QImage.fromData(page.logo)
        if not image.isNull():
            size = QSizeF(image.size()).scaled(QSizeF(132, 48), Qt.AspectRatioMode.KeepAspectRatio)
            painter.drawImage(QRectF(right - size.width(), rect.top(), size.width(), size.height()), image)
            right -= size.width() + 20
    columns = 300.0
    step = 15.5
    y = rect.top()
    if page.mark:
        line(painter, QRectF(right - columns, y, columns, step), page.mark, 11, 600, "marginal",
              Qt.AlignmentFlag.AlignRight)  # fmt: skip
        y += step + 1
    for label, value in page.facts:
        line(painter, QRectF(right - columns, y, 92, step), label, 11, 400, FAINT)
        line(painter, QRectF(right - columns + 96, y, columns - 96, step), value, 11, 400, INK)
        y += step
    left = QRectF(rect.left(), rect.top(), right - columns - rect.left() - 20, 30)
    small = f"{page.title} · {page.customer}" if page.customer else page.title
    line(painter, QRectF(left.left(), left.top(), left.width(), 18), small, 13, 400, QUIET)
    title = QRectF(left.left(), left.top() + 21, left.width(), 64)
    fitting = next((px for px in (25, 20, 16, 13) if height(page.subject, px, title.width(), 600) <= 68), 11)
    used = paragraph(painter, title, page.subject, fitting, 600, INK)
    return max(y, title.top() + used, rect.top() + 62)


def _figures(painter: QPainter, page: Page, rect: QRectF) -> float:
    gap = 12.0
    count = max(1, len(page.figures))
    width = (rect.width() - gap * (count - 1)) / count
    for index, figure in enumerate(page.figures):
        card = QRectF(rect.left() + index * (width + gap), rect.top(), width, rect.height())
        box(painter, card, 8, theme().color("card"), theme().color("line"))
        inner = card.adjusted(14, 9, -12, -8)
        line(painter, QRectF(inner.left(), inner.top(), inner.width(), 17), figure.label, 12, 400, QUIET)
        size = 27 if len(figure.value) < 14 else 17
        line(painter, QRectF(inner.left(), inner.top() + 18, inner.width(), 34), figure.value, size, 600, INK)
        paragraph(painter, QRectF(inner.left(), inner.bottom() - 27, inner.width(), 28), figure.note, 10.5, 400, FAINT,
                   bottom=True)  # fmt: skip
    return rect.bottom()


def _pictures(painter: QPainter, rect: QRectF, plan: Plan, estimate: Estimate) -> None:
    """Memory of a GPU, and the cumulative cost; where prices are missing, the parts of a step instead."""
    gap = 12.0
    half = (rect.width() - gap) / 2
    stack = StackBar()
    stack.set_data(stack_of(estimate.memory.per_gpu), capacity_of(estimate))
    data = cost_curve(plan, estimate.cost)
    money: CumulativeCost | SegmentBar
    if data.lines:
        money = CumulativeCost()
        money.set_data(data)
        title = cost_title(plan, estimate.cost)
        under = translate("Summary", "Cumulative cost, excluding consumption tax")
    else:
        money = SegmentBar()
        money.set_data(step_parts(estimate), "", "")
        title = translate("Summary", "One step, {time}").format(time=seconds(estimate.training.step_time_s.value))
        under = translate("Summary", "Where the time of a step goes")
    for index, (chart, head, note) in enumerate(
        (
            (stack, memory_title(estimate), translate("Summary", "Memory of one GPU, heaviest pipeline stage")),
            (money, title, under),
        )
    ):
        card = QRectF(rect.left() + index * (half + gap), rect.top(), half, rect.height())
        box(painter, card, 8, theme().color("card"), theme().color("line"))
        inner = card.adjusted(16, 11, -16, -12)
        line(painter, QRectF(inner.left(), inner.top(), inner.width(), 20), head, 14, 600, INK)
        line(painter, QRectF(inner.left(), inner.top() + 20, inner.width(), 17), note, 12, 400, FAINT)
        room = inner.adjusted(0, 44, 0, 0)
        if index == 0:
            most = min(room.height(), 190.0)
            room = QRectF(room.left(), room.center().y() - most / 2, room.width(), most)
        chart.render_to(painter, room)
        chart.deleteLater()


def _list(painter: QPainter, rect: QRectF, title: str, items: tuple[str, ...]) -> None:
    line(painter, QRectF(rect.left(), rect.top(), rect.width(), 18), title, 13, 600, INK)
    y = rect.top() + 22
    for item in items:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color(FAINT))
        painter.drawEllipse(QRectF(rect.left() + 1, y + 6, 3, 3))
        y += paragraph(painter, QRectF(rect.left() + 11, y, rect.width() - 11, 60), item, 11, 400, QUIET) + 2


def _list_height(items: tuple[str, ...], width: float) -> float:
    return sum(height(item, 11, width - 11) + 2 for item in items)


def ask_and_write(window: Workspace) -> None:
    """Ask for the language and the file, then write."""
    menu = QMenu(window)
    names = {"ja": "日本語", "en": "English"}
    for code in (language(), *(code for code in LANGUAGES if code != language())):
        label = translate("Summary", "One-page summary, {language}").format(language=names[code])
        menu.addAction(label).triggered.connect(lambda checked=False, code=code: _ask(window, code))
    menu.aboutToHide.connect(menu.deleteLater)
    button = window.toolbar.export
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
    menu.setActiveAction(menu.actions()[0])


def _ask(window: Workspace, code: str) -> None:
    start = portable_name(window.files.title()) + ".pdf"
    kinds = translate("Summary", "PDF documents") + " (*.pdf)"
    target = ask_target(window, translate("Summary", "Write the one-page summary"), start, kinds, ".pdf")
    if target is not None:
        write(window, target.path, code, target.expect)


def write(window: Workspace, path: Path, code: str, expect: Known = ANYTHING) -> None:
    """Write the page of the plan shown: texts and file off the GUI thread, pictures recorded on it, all or nothing."""
    plan, store, settings = window.store.plan, window.store, stored_settings()
    proposal = store.proposal
    catalogue = store.context().get("catalogue")

    def work(context: JobContext) -> tuple[Page, Estimate]:
        result = store.compute(plan)
        context.check()
        return page_of(plan, result, code, settings, catalogue, proposal), result

    def painted(answer: tuple[Page, Estimate]) -> None:
        page, picture = answer[0], picture_of(answer[0], plan, answer[1])

        def save(context: JobContext) -> None:
            write_atomic(path, pdf_bytes(page, picture), backup=True, expect=expect)

        window.jobs.start("summary", save, done, failed=failed)

    def failed(error: BaseException) -> None:
        said = translate("Summary", "{file} could not be written: {reason}.")
        window.footer.set_alarm(said.format(file=path.name, reason=error_words(error)), "summary")

    def done(_: object) -> None:
        from mitsumori.gui.dialogs.export import say_written

        say_written(window, path)

    window.footer.end_alarm("summary")
    window.footer.set_news(translate("Summary", "Writing {file} …").format(file=path.name))
    window.jobs.start("summary", work, painted, failed=failed)
