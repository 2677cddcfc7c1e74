"""The last pass over the saved file: what openpyxl cannot write.

Puts in the cells with the value of every formula, the values charts plot, alt text on charts and pictures, and one fixed
date on every part, so that equal descriptions give equal bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from mitsumori.model.workbook.cell_xml import dimension
from mitsumori.model.workbook.charts import with_caches
from mitsumori.model.workbook.description import Workbook
from mitsumori.model.workbook.safe import clean_text

_STRINGS = "xl/sharedStrings.xml"
_LISTED = {
    "[Content_Types].xml": (
        f'<Override PartName="/{_STRINGS}" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>',
        "</Types>",
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationship Id="rIdTexts" Target="/{_STRINGS}" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/>',
        "</Relationships>",
    ),
}
"""Where the table of texts is listed, and before what."""
_DATE = (2020, 1, 1, 0, 0, 0)
_NO_CELLS = re.compile(r"<sheetData ?/>|<sheetData></sheetData>")
_DIMENSION = re.compile(r'(?<=<dimension ref=")[^"]*')
_FONT = re.compile(r"(<font>)(.*?)(</font>)", re.DOTALL)
_OF_FONT = re.compile(r"<(\w+)\b[^>]*/>")
_FONT_ORDER = (
    "b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz", "color", "name", "family", "charset",
    "scheme",
)  # fmt: skip
"""Order of a font's elements by the schema (ECMA-376 part 1, CT_Font); openpyxl has another, which strict readers remark on."""
_DRAWING = re.compile(r'<((?:xdr:)?cNvPr) id="(\d+)" name="([^"]*)"(?: descr="[^"]*")?')


def complete(data: bytes, workbook: Workbook, rows: Mapping[str, str], strings: str) -> bytes:
    """The file with cells, values of charts, alt texts and fixed dates.

    ``rows`` has the ``sheetData`` element of each sheet by its key, ``strings`` is the part with the texts.

    Parameters
    ----------
    data
        The file as openpyxl writes it.
    workbook
        Description that the part belongs to.
    rows
        Element ``sheetData`` of each sheet, by its key.
    strings
        Part with the shared texts.

    Raises
    ------
    ValueError
        When a part has no place for what belongs into it.
    """
    source = zipfile.ZipFile(io.BytesIO(data))
    sheets = {f"xl/worksheets/sheet{n}.xml": sheet for n, sheet in enumerate(workbook.sheets.values(), 1)}
    drawn = [sheet for sheet in workbook.sheets.values() if sheet.charts or sheet.images]
    drawings = {f"xl/drawings/drawing{n}.xml": sheet for n, sheet in enumerate(drawn, 1)}
    plotted = [chart for sheet in drawn for chart in sheet.charts]
    charts = {f"xl/charts/chart{n}.xml": chart for n, chart in enumerate(plotted, 1)}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename in sheets:
                sheet = sheets.pop(info.filename)
                content = _with_cells(content.decode(), rows[sheet.key], dimension(sheet)).encode()
            elif info.filename in drawings:
                sheet = drawings.pop(info.filename)
                texts = [chart.alt for chart in sheet.charts] + [image.alt for image in sheet.images]
                content = _alt_texts(content.decode(), texts).encode()
            elif info.filename in charts:
                content = with_caches(content.decode(), charts.pop(info.filename), workbook).encode()
            elif info.filename == "xl/styles.xml":
                content = _FONT.sub(_in_order, content.decode()).encode()
            elif info.filename in _LISTED:
                content = _with_strings(content.decode(), *_LISTED[info.filename]).encode()
            target.writestr(_entry(info.filename), content)
        target.writestr(_entry(_STRINGS), strings.encode())
    if sheets or drawings or charts:
        raise ValueError(f"the file has no {[*sheets, *drawings, *charts]}")
    return stream.getvalue()


def _in_order(match: re.Match[str]) -> str:
    """A font with its elements in the order of the schema."""
    found = sorted(_OF_FONT.finditer(match[2]), key=lambda element: _FONT_ORDER.index(element[1]))
    return match[1] + "".join(element[0] for element in found) + match[3]


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _with_strings(xml: str, element: str, end: str) -> str:
    """The list of parts, or of what the workbook refers to, with the table of texts."""
    if "sharedStrings" in xml or end not in xml:
        raise ValueError("a list of parts has no place for the texts")
    return xml.replace(end, element + end)


def _with_cells(xml: str, cells: str, block: str) -> str:
    parts = _NO_CELLS.split(xml)
    if len(parts) != 2:
        raise ValueError("a sheet has no single place for its cells")
    head, dimensions = _DIMENSION.subn(block, parts[0])
    if dimensions != 1:
        raise ValueError("a sheet has no single place for its dimension")
    return head + cells + parts[1]


def _alt_texts(xml: str, texts: list[str]) -> str:
    remaining = iter(texts)

    def replacement(match: re.Match[str]) -> str:
        return f'<{match[1]} id="{match[2]}" name="{match[3]}" descr={quoteattr(clean_text(next(remaining)))}'

    xml, count = _DRAWING.subn(replacement, xml)
    if count != len(texts):
        raise ValueError(f"{count} drawings for {len(texts)} alt texts")
    return xml
