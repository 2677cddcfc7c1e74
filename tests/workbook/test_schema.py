"""What strict readers of the schema (ECMA-376) remark on: the order of a font's elements, axes numbered below zero."""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree import ElementTree

import pytest

from mitsumori.model.plan.project import load_sample
from mitsumori.model.slides import deck
from mitsumori.model.slides import to_bytes as slides_to_bytes
from mitsumori.model.workbook import described
from tests.workbook.conftest import exported
from tests.workbook.parity import SETTINGS

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
FONT = ("b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz", "color", "name", "family",
        "charset", "scheme")  # fmt: skip


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("sample", ["llama3-70b-continual", "serve-rag-3000"])
def test_fonts_have_their_elements_in_the_order_of_the_schema(sample: str, language: str) -> None:
    styles = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(exported(sample, language).data)).read("xl/styles.xml"))
    fonts = [[element.tag.removeprefix(SHEET) for element in font] for font in styles.iter(f"{SHEET}font")]
    listed = styles.find(f"{SHEET}fonts")
    assert listed is not None
    assert len(fonts) > 10
    for font in fonts:
        assert [FONT.index(name) for name in font] == sorted({FONT.index(name) for name in font}), font
    assert all({"sz", "name"} <= {element.tag.removeprefix(SHEET) for element in font} for font in listed)


def test_axes_of_the_slides_charts_are_numbered_from_zero_and_meet() -> None:
    plan = load_sample("llama3-70b-continual").plan
    package = zipfile.ZipFile(io.BytesIO(slides_to_bytes(deck(described((plan,), "ja", "customer", SETTINGS)))[0]))
    parts = [name for name in package.namelist() if re.match(r"ppt/charts/chart\d+\.xml", name)]
    assert len(parts) >= 4
    for name in parts:
        tree = ElementTree.fromstring(package.read(name))
        own = [
            int(one.attrib["val"])
            for axis in ("catAx", "valAx")
            for a in tree.iter(CHART + axis)
            for one in a.findall(CHART + "axId")
        ]
        crossed = [int(one.attrib["val"]) for one in tree.iter(CHART + "crossAx")]
        assert own and min(own) >= 0
        assert sorted(own) == sorted(crossed), "each axis crosses the other"
