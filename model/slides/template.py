"""A customer's template: read with care, opened with its layouts, and which of them fit our slides."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mitsumori.model.base.input_files import regular_bytes
from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.workbook.returned_package import ReturnedError, guard

MAX_TEMPLATE_BYTES = 20 * 1024 * 1024
_TYPES = "[Content_Types].xml"
_TEMPLATE, _PRESENTATION = b"presentationml.template.main+xml", b"presentationml.presentation.main+xml"


class TemplateError(Refusal):
    """A template that is not taken, and why."""

    def __init__(self, key: str, name: str) -> None:
        super().__init__(Sentence("slides", key, {"name": name[:80]}))


def read_template(path: Path) -> bytes:
    """The content of a template's file.

    Raises
    ------
    TemplateError
        When it cannot be read, or is no .potx or .pptx by its name.
    """
    if path.suffix.lower() not in (".potx", ".pptx"):
        raise TemplateError("template_macros" if path.suffix.lower() in (".potm", ".pptm") else "template_unreadable",
                            path.name)  # fmt: skip
    try:
        return regular_bytes(path, MAX_TEMPLATE_BYTES)
    except (OSError, ValueError, Refusal) as error:
        raise TemplateError("template_unreadable", path.name) from error


def opened(data: bytes, name: str) -> Any:
    """The python-pptx presentation of a template without its own slides.

    Raises
    ------
    TemplateError
        For a package that could harm the reader, holds macros, or is no presentation.
    """
    from pptx import Presentation

    try:
        guard(data, "ppt/presentation.xml")
    except ReturnedError as error:
        raise TemplateError("template_macros" if error.code == "macros" else "template_unreadable", name) from error
    try:
        made = Presentation(io.BytesIO(_as_presentation(data)))
        for slide in list(made.slides._sldIdLst):
            made.part.drop_rel(slide.rId)
            made.slides._sldIdLst.remove(slide)
        if not len(made.slide_layouts):
            raise ValueError("no layout")
    except Exception as error:  # python-pptx raises whatever its parts raise on a damaged package
        raise TemplateError("template_unreadable", name) from error
    return made


def _as_presentation(data: bytes) -> bytes:
    """The package with the content type of a presentation: python-pptx opens no .potx, whose parts are the same."""
    source = zipfile.ZipFile(io.BytesIO(data))
    if _TEMPLATE not in source.read(_TYPES):
        return data
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            part = source.read(info)
            target.writestr(info, part.replace(_TEMPLATE, _PRESENTATION) if info.filename == _TYPES else part)
    return stream.getvalue()


@dataclass(frozen=True, slots=True)
class Layouts:
    """Which layouts our slides stand on; ``titled`` and ``covered``: whether these have a place for the title."""

    cover: Any
    page: Any
    titled: bool
    covered: bool


def layouts(presentation: Any) -> Layouts:
    """The layouts that fit: a title slide for the cover, a title alone for the others, else the emptiest one."""
    from pptx.enum.shapes import PP_PLACEHOLDER

    outside = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)
    titles = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
    known = []
    for layout in presentation.slide_layouts:
        kinds = [shape.placeholder_format.type for shape in layout.placeholders]
        known.append((layout, [kind for kind in kinds if kind not in outside]))
    alone = [layout for layout, kinds in known if kinds == [PP_PLACEHOLDER.TITLE]]
    front = [layout for layout, kinds in known if PP_PLACEHOLDER.CENTER_TITLE in kinds]
    front += [
        layout for layout, kinds in known if sorted(kinds) == sorted([PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.SUBTITLE])
    ]
    emptiest = min(known, key=lambda pair: len(pair[1]))
    page = alone[0] if alone else emptiest[0]
    titled = bool(alone) or any(kind in titles for kind in emptiest[1])
    return Layouts(front[0] if front else page, page, titled, bool(front) or titled)
