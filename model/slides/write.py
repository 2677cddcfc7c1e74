"""The python-pptx back end: a :class:`~model.slides.deck.Deck` becomes the bytes of a .pptx file.

Charts are native with their numbers in an embedded workbook, tables are tables, titles stand in the layout's placeholders:
everything can be edited. Fonts and colours of text are the template's; the colours of series keep their meaning.
"""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Any

from pptx import Presentation
from pptx.util import Emu, Inches, Pt

from mitsumori.model.base import format as fmt
from mitsumori.model.base.messages import Sentence
from mitsumori.model.slides import charts, own
from mitsumori.model.slides.blocks import Deck, ListBlock, Slide, TableBlock
from mitsumori.model.slides.template import Layouts, layouts, opened
from mitsumori.model.workbook.safe import clean_text

MUTED, ACCENT, OPEN = "5C6672", "2A4FA8", "835500"


def to_bytes(deck: Deck, template: bytes | None, name: str) -> tuple[bytes, tuple[Sentence, ...]]:
    """See :func:`model.slides.to_bytes`.

    Parameters
    ----------
    deck
        The slides in words and figures.
    template
        Content of the customer's template; None: our own.
    name
        Name of the template in sentences about it.
    """
    presentation = own.presentation(Presentation(), deck.language) if template is None else opened(template, name)
    found = layouts(presentation)
    notes: list[Sentence] = []
    if not found.titled:
        notes.append(Sentence("slides", "template_blank", {"name": name}))
    if found.cover is found.page and template is not None and found.titled:
        notes.append(Sentence("slides", "template_no_cover", {"name": name}))
    properties = presentation.core_properties
    properties.title, properties.author = clean_text(deck.title), clean_text(deck.author)
    properties.last_modified_by, properties.language = clean_text(deck.author), deck.language
    properties.comments = ""  # the library's template names itself there
    properties.created = properties.modified = deck.created
    for number, slide in enumerate(deck.slides, 1):
        _Page(presentation, deck, slide, found, number, template is None).write()
    stream = io.BytesIO()
    presentation.save(stream)
    return stream.getvalue(), tuple(notes)


class _Page:
    """One slide under construction. Lengths are parts of the slide, so that 4:3 templates are filled too."""

    def __init__(self, presentation: Any, deck: Deck, slide: Slide, found: Layouts, number: int, ours: bool) -> None:
        self.deck, self.slide, self.number, self.ours = deck, slide, number, ours
        self.cover = slide.key == "cover"
        self.made = presentation.slides.add_slide(found.cover if self.cover else found.page)
        self.width, self.height = presentation.slide_width, presentation.slide_height
        self.scale = min(self.width / Inches(13.333), self.height / Inches(7.5))
        self.left, self.right = int(self.width * 0.045), int(self.width * 0.955)
        self.top, self.bottom = int(self.height * 0.2), int(self.height * 0.9)

    def write(self) -> None:
        """Fill the slide."""
        self._title()
        if self.cover:
            self._cover()
        else:
            self._body()
            self._foot()
        self.made.notes_slide.notes_text_frame.text = clean_text("\n".join(self.slide.notes))
        for shape in list(self.made.placeholders):  # what the layout has and we do not fill would show its prompt
            if shape.has_text_frame and not shape.text_frame.text:
                shape._element.getparent().remove(shape._element)

    def _points(self, size: float) -> Any:
        return Pt(max(8, round(size * self.scale, 1)))

    def _title(self) -> None:
        title = self.made.shapes.title
        text = clean_text(self.slide.title)
        if title is None:
            box = self._box(self.left, int(self.height * 0.045), self.right, int(self.height * 0.135))
            self._say(box, text, title_size(text, (self.right - self.left) / 12700 / self.scale), bold=True)
            box.name = "Title"
            return
        title.text_frame.text = text
        if not self.ours and title.top is not None and not self.cover:
            self.top = max(self.top, title.top + title.height + int(self.height * 0.06))
        if len(text) > 34 and not self.cover:  # a sentence: its own size would fill the slide in many templates
            for run in title.text_frame.paragraphs[0].runs:
                run.font.size = self._points(
                    title_size(text, (title.width or self.right - self.left) / 12700 / self.scale)
                )

    def _box(self, left: int, top: int, right: int, bottom: int) -> Any:
        box = self.made.shapes.add_textbox(Emu(left), Emu(top), Emu(right - left), Emu(bottom - top))
        box.text_frame.word_wrap = True
        return box

    def _say(self, box: Any, text: str, size: float, *, bold: bool = False, color: str = "", first: bool = True) -> Any:
        """A paragraph; the first takes the empty one of the box."""
        frame = box.text_frame
        paragraph = frame.paragraphs[0] if first else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = clean_text(text)
        run.font.size, run.font.bold = self._points(size), bold or None
        if color:
            run.font.color.rgb = charts.rgb(color)
        return paragraph

    def _cover(self) -> None:
        lines = [
            line
            for line in (self.deck.customer, self.slide.subtitle, *self.slide.points, *self.deck.cover_lines)
            if line
        ]
        second = next((shape for shape in self.made.placeholders if shape.placeholder_format.idx == 1), None)
        if second is not None and second.has_text_frame:
            second.text_frame.text = clean_text(lines[0])
            for line in lines[1:]:
                second.text_frame.add_paragraph().text = clean_text(line)
            for paragraph in second.text_frame.paragraphs:
                for run in paragraph.runs:
                    run.font.size = self._points(16)
            return
        box = self._box(self.left, int(self.height * 0.5), self.right, self.bottom)
        for number, line in enumerate(lines):
            self._say(box, line, 16, first=number == 0)

    def _body(self) -> None:
        slide = self.slide
        if slide.subtitle:
            box = self._box(self.left, self.top - int(self.height * 0.055), self.right, self.top)
            self._say(box, slide.subtitle, 14, color=MUTED)
        bottom = self.bottom
        if slide.notice:
            bottom -= int(self.height * 0.065)
            self._say(self._box(self.left, bottom, self.right, self.bottom), slide.notice, 14, bold=True, color=OPEN)
        top = self.top + int(self.height * 0.01)
        if slide.figures:
            top = self._figures(top)
        if slide.points:
            self._bullets(top, bottom)
        if slide.lists:
            self._lists(slide.lists, top, bottom)
        middle = int(self.width * 0.5)
        gap = int(self.width * 0.01)
        places = {
            "full": (self.left, self.right),
            "left": (self.left, middle - gap),
            "right": (middle + gap, self.right),
        }
        for chart in slide.charts:
            charts.add(self.made, chart, (places[chart.size][0], top, places[chart.size][1], bottom), self.scale)
        for table in slide.tables:
            self._table(table, (*places[table.size],), top, bottom)

    def _figures(self, top: int) -> int:
        count = len(self.slide.figures)
        width = (self.right - self.left) // count
        bottom = top + int(self.height * 0.24)
        for number, figure in enumerate(self.slide.figures):
            left = self.left + number * width
            box = self._box(left, top, left + width - int(self.width * 0.012), bottom)
            self._say(box, figure.label, 13, color=MUTED)
            self._say(box, figure.value, 30, bold=True, color=ACCENT, first=False)
            if figure.note:
                self._say(box, figure.note, 12, color=MUTED, first=False)
        return bottom

    def _bullets(self, top: int, bottom: int) -> None:
        box = self._box(self.left, top + int(self.height * 0.02), self.right, bottom)
        for number, line in enumerate(self.slide.points):
            paragraph = self._say(box, f"{number + 1}.  {line}", 18, first=number == 0)
            paragraph.space_after = self._points(12)

    def _lists(self, lists: ListBlock, top: int, bottom: int) -> None:
        width = (self.right - self.left) // len(lists.columns)
        for number, (head, lines) in enumerate(lists.columns):
            left = self.left + number * width
            box = self._box(left, top, left + width - int(self.width * 0.015), bottom)
            self._say(box, head, 15, bold=True, color=ACCENT)
            for line in lines:
                paragraph = self._say(box, f"・{line}" if self.deck.language == "ja" else f"• {line}", 12, first=False)
                paragraph.space_before = self._points(5)

    def _table(self, table: TableBlock, side: tuple[int, int], top: int, bottom: int) -> None:
        rows, columns = len(table.rows) + 1, len(table.heads)
        height = min(int((bottom - top) / rows), int(self.height * 0.062))
        width = side[1] - side[0]
        frame = self.made.shapes.add_table(rows, columns, Emu(side[0]), Emu(top), Emu(width), Emu(height * rows))
        frame.name = self.slide.subtitle or self.slide.title
        grid = frame.table
        first = int(width * (0.6 if columns == 2 else 0.5 if columns == 3 else 1.4 / (columns + 0.4)))
        others = (width - first) // max(1, columns - 1)
        for index, column in enumerate(grid.columns):
            column.width = Emu(first if index == 0 else others)
        size = min(14.0, height / 12700 / self.scale * 0.5)
        for i, row in enumerate((table.heads, *table.rows)):
            grid.rows[i].height = Emu(height)
            for j, text in enumerate(row):
                strong = i == 0 or i - 1 in table.strong_rows
                fitting = fitting_size(text, size * self.scale, grid.columns[j].width / 12700) / self.scale
                self._cell(grid.cell(i, j), text, fitting, j in table.numbers, strong)
        if table.framed:
            left = side[0] + first + (table.framed - 1) * others
            self._frame(left, top, others, height * rows)

    def _cell(self, cell: Any, text: str, size: float, number: bool, strong: bool) -> None:
        from pptx.enum.text import MSO_ANCHOR, PP_ALIGN

        cell.margin_top = cell.margin_bottom = Emu(18_000)
        cell.vertical_anchor = MSO_ANCHOR.MIDDLE
        paragraph = cell.text_frame.paragraphs[0]
        run = paragraph.add_run()
        run.text = clean_text(text)
        run.font.size = self._points(size)
        if strong:
            run.font.bold = True
        if number:
            paragraph.alignment = PP_ALIGN.RIGHT

    def _frame(self, left: int, top: int, width: int, height: int) -> None:
        from pptx.enum.shapes import MSO_SHAPE

        shape = self.made.shapes.add_shape(MSO_SHAPE.RECTANGLE, Emu(left), Emu(top), Emu(width), Emu(height))
        shape.fill.background()
        shape.line.color.rgb, shape.line.width = charts.rgb("14181D"), Pt(2)
        shape.shadow.inherit = False
        shape.name = "Frame"

    def _foot(self) -> None:
        top = int(self.height * 0.93)
        box = self._box(self.left, top, int(self.width * 0.8), self.height - int(self.height * 0.01))
        self._say(box, self.deck.foot, 10, color=MUTED)
        number = self._box(int(self.width * 0.88), top, self.right, self.height - int(self.height * 0.01))
        own.slide_number(number, self.number, self._points(10), charts.rgb(MUTED))


def fitting_size(text: str, size: float, width: float) -> float:
    """The size of type at which a text stands on one line of a table's column, 8 points at least.

    Parameters
    ----------
    text
        What stands in the cell.
    size
        Wanted size in points.
    width
        Width of the column in points; half an em a digit, a whole one a wide character, and 0.1 inch a side are taken.
    """
    ems = ems_of(text)
    return size if ems * size <= width - 14.4 else max(8.0, (width - 14.4) / ems)


def ems_of(text: str) -> float:
    """Width of a text in ems: half of one a digit, two thirds a capital, a whole one a wide character, and what stands between
    wide and narrow ones."""
    wide = [fmt.is_wide(sign) for sign in text]
    turns = sum(one != other for one, other in pairwise(wide))
    letters = (1.0 if broad else 0.68 if sign.isupper() else 0.56 for sign, broad in zip(text, wide, strict=True))
    return sum(letters) + 0.25 * turns


def title_size(text: str, width: float) -> float:
    """The size of a title: on one line at 24 to 20 points, else on two that its box holds.

    Parameters
    ----------
    text
        The title.
    width
        Width of its box in points.
    """
    fitting = fitting_size(text, 24.0, width)
    return fitting if fitting >= 20.0 else max(14.0, min(20.0, 2.0 * 0.95 * (width - 14.4) / ems_of(text)))
