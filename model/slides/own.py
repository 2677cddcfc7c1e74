"""Our own layouts: python-pptx's default template made 16:9, with our fonts and colours, a title slide and a title alone."""

from __future__ import annotations

import re
from typing import Any

from pptx.util import Emu, Inches, Pt

FONTS = {"ja": "Yu Gothic", "en": "Calibri"}
SIZE = Inches(13.333), Inches(7.5)
KEPT = (0, 5)
"""Of the default template: the title slide and the title alone."""
COLORS = {"dk2": "14181D", "accent1": "2A4FA8", "accent2": "B24A10", "accent3": "2B8573", "accent4": "9C2E70",
          "accent5": "E8B03A", "accent6": "5C6672"}  # fmt: skip


def presentation(made: Any, language: str) -> Any:
    """The default template as ours."""
    made.slide_width, made.slide_height = SIZE
    _theme(made, FONTS[language])
    layouts = list(made.slide_layouts)
    for index, layout in enumerate(layouts):
        if index not in KEPT:
            made.slide_layouts.remove(layout)
    cover, page = made.slide_layouts
    for shape in (*made.slide_master.placeholders, *cover.placeholders, *page.placeholders):
        kind = shape.placeholder_format.type
        if kind is not None and "TITLE" not in str(kind):
            _place(shape, 0.045, 0.2, 0.91, 0.7)
    for shape in made.slide_master.placeholders:
        if "TITLE" in str(shape.placeholder_format.type):
            _title(shape, 0.045, 0.045, 0.91, 0.1, 24)
    for shape in page.placeholders:
        if "TITLE" in str(shape.placeholder_format.type):
            _title(shape, 0.045, 0.045, 0.91, 0.1, 24)
    for shape in cover.placeholders:
        kind = str(shape.placeholder_format.type)
        if "SUBTITLE" in kind:
            _place(shape, 0.09, 0.52, 0.82, 0.36)
            _left(shape, 16)
        elif "TITLE" in kind:
            _title(shape, 0.09, 0.27, 0.82, 0.22, 34)
    _bar(page, 0.0, 0.062, 0.012, 0.066)
    _bar(cover, 0.0, 0.0, 0.03, 1.0)
    return made


def _place(shape: Any, left: float, top: float, width: float, height: float) -> None:
    shape.left, shape.top = Emu(int(SIZE[0] * left)), Emu(int(SIZE[1] * top))
    shape.width, shape.height = Emu(int(SIZE[0] * width)), Emu(int(SIZE[1] * height))


def _title(shape: object, left: float, top: float, width: float, height: float, size: float) -> None:
    """A title at the left in bold type; the size and side are the layout's, for every slide on it."""
    _place(shape, left, top, width, height)
    _left(shape, size, bold=True)


def _left(shape: Any, size: float, *, bold: bool = False) -> None:
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    body = shape._element.txBody
    old = body.find("{http://schemas.openxmlformats.org/drawingml/2006/main}lstStyle")
    weight = ' b="1"' if bold else ""
    style = parse_xml(
        f'<a:lstStyle {nsdecls("a")}><a:lvl1pPr marL="0" indent="0" algn="l"><a:buNone/>'
        f'<a:defRPr sz="{int(size * 100)}"{weight}><a:solidFill><a:schemeClr val="tx1"/></a:solidFill></a:defRPr>'
        "</a:lvl1pPr></a:lstStyle>"
    )
    if old is not None:
        body.replace(old, style)
    else:
        body.insert(1, style)


def _bar(layout: Any, left: float, top: float, width: float, height: float) -> None:
    """A bar in the first accent at the edge of a layout."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    x, y, cx, cy = (int(SIZE[i % 2] * part) for i, part in enumerate((left, top, width, height)))
    shape = parse_xml(
        f'<p:sp {nsdecls("p", "a")}><p:nvSpPr><p:cNvPr id="90" name="Bar"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr>'
        f'<p:spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{cx}" cy="{cy}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
        '</a:prstGeom><a:solidFill><a:schemeClr val="accent1"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr>'
        "<p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:endParaRPr/></a:p></p:txBody></p:sp>"
    )
    layout.shapes._spTree.append(shape)


def _theme(made: Any, font: str) -> None:
    """Our fonts and colours in the theme, which titles, tables and charts follow."""
    for relation in made.slide_master.part.rels.values():
        if not relation.reltype.endswith("/theme"):
            continue
        part = relation.target_part
        xml = part.blob.decode("utf-8")
        for latin in ("majorFont", "minorFont"):
            xml = re.sub(
                rf'(<a:{latin}>\s*<a:latin typeface=")[^"]*("[^>]*/>\s*<a:ea typeface=")[^"]*(")',
                rf"\g<1>{font}\g<2>{font}\g<3>", xml,
            )  # fmt: skip
        for name, color in COLORS.items():
            xml = re.sub(
                rf"(<a:{name}>\s*)<a:srgbClr val=\"[0-9A-Fa-f]{{6}}\"/>", rf'\g<1><a:srgbClr val="{color}"/>', xml
            )
        part._blob = xml.encode("utf-8")


def slide_number(box: Any, number: int, size: Any, color: Any) -> None:
    """A field with the slide's number, at the right.

    Parameters
    ----------
    box
        Shape of python-pptx that holds the field.
    number
        Number shown until the program that opens the file counts itself, 1 or more.
    size
        Size of the type.
    color
        Its colour.
    """
    from pptx.enum.text import PP_ALIGN
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    paragraph = box.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT
    field = parse_xml(
        f'<a:fld {nsdecls("a")} id="{{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}}" type="slidenum">'
        f'<a:rPr lang="en-US" sz="{int(Pt(10).pt * 100) if size is None else int(size.pt * 100)}"><a:solidFill>'
        f'<a:srgbClr val="{color}"/></a:solidFill></a:rPr><a:t>{number}</a:t></a:fld>'
    )
    paragraph._p.append(field)
