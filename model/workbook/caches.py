"""The last pass over the saved file: what openpyxl cannot write.

Puts the program's own value into every formula cell (mail previews and Protected View show cached values only), alt text
on charts and pictures, and one fixed date on every part, so that equal descriptions give equal bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from xml.sax.saxutils import escape, quoteattr

from model.workbook.description import Cell, Workbook, column_letter
from model.workbook.safe import clean_text

_DATE = (2020, 1, 1, 0, 0, 0)
_FORMULA = re.compile(r'<c r="([A-Z]+\d+)"((?: s="\d+")?)(?: t="[a-z]+")?><f>(.*?)</f><v ?/?>(?:</v>)?</c>', re.DOTALL)
_DRAWING = re.compile(r'<((?:xdr:)?cNvPr) id="(\d+)" name="([^"]*)"(?: descr="[^"]*")?')
_EPOCH = dt.date(1899, 12, 30)


def fill(data: bytes, workbook: Workbook) -> bytes:
    """The file with caches, alt texts and fixed dates.

    Raises
    ------
    ValueError
        When a formula cell of the description is not in the file, or the other way round.
    """
    source = zipfile.ZipFile(io.BytesIO(data))
    sheets = {f"xl/worksheets/sheet{n}.xml": sheet for n, sheet in enumerate(workbook.sheets.values(), 1)}
    drawn = [sheet for sheet in workbook.sheets.values() if sheet.charts or sheet.images]
    drawings = {f"xl/drawings/drawing{n}.xml": sheet for n, sheet in enumerate(drawn, 1)}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename in sheets:
                content = _values(content.decode(), sheets[info.filename].cells).encode()
            elif info.filename in drawings:
                sheet = drawings[info.filename]
                texts = [chart.alt for chart in sheet.charts] + [image.alt for image in sheet.images]
                content = _alt_texts(content.decode(), texts).encode()
            elif info.filename == "docProps/core.xml":
                # openpyxl stamps the time of saving over the one it was given
                stamp = workbook.created.strftime("%Y-%m-%dT%H:%M:%SZ")
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp.encode(), content)
            entry = zipfile.ZipInfo(info.filename, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return stream.getvalue()


def cached(cell: Cell) -> tuple[str, str]:
    """The type attribute and the text of a formula cell's cached value."""
    value = cell.value
    if isinstance(value, bool):
        return ' t="b"', "1" if value else "0"
    if isinstance(value, dt.date):
        return "", str((value - _EPOCH).days)
    if isinstance(value, int | float):
        return "", repr(value)
    return ' t="str"', escape(value or "")


def _values(xml: str, cells: dict[tuple[int, int], Cell]) -> str:
    by_address = {
        f"{column_letter(cell.column)}{cell.row}": cell for cell in cells.values() if cell.formula is not None
    }
    seen = 0

    def replacement(match: re.Match[str]) -> str:
        nonlocal seen
        seen += 1
        kind, text = cached(by_address[match[1]])
        return f'<c r="{match[1]}"{match[2]}{kind}><f>{match[3]}</f><v>{text}</v></c>'

    xml = _FORMULA.sub(replacement, xml)
    if seen != len(by_address) or xml.count("<f>") != seen:
        raise ValueError(f"{seen} of {len(by_address)} formula cells received their value")
    return xml


def _alt_texts(xml: str, texts: list[str]) -> str:
    remaining = iter(texts)

    def replacement(match: re.Match[str]) -> str:
        return f'<{match[1]} id="{match[2]}" name="{match[3]}" descr={quoteattr(clean_text(next(remaining)))}'

    xml, count = _DRAWING.subn(replacement, xml)
    if count != len(texts):
        raise ValueError(f"{count} drawings for {len(texts)} alt texts")
    return xml
