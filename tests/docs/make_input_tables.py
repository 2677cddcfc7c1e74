"""The tables of inputs in the guide, from the table of inputs: ``python -m tests.docs.make_input_tables``.

One table a group of the window, in both languages, between the marks ``<!-- inputs: GROUP -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, get_args

from PySide6.QtCore import QCoreApplication

from mitsumori import resources
from mitsumori.gui.inputs.choices import word
from mitsumori.gui.inputs.fields import GROUPS
from mitsumori.gui.inputs.spec import Field
from mitsumori.gui.words.translation import speaking
from mitsumori.model.base.format import significant
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.plan import Plan

Language = Literal["en", "ja"]
HEADS = {"en": "| input | unit | standard | what it is |", "ja": "| 入力 | 単位 | 標準値 | 内容 |"}
MARKS = re.compile(r"(<!-- inputs: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def _named(field: Field, value: object) -> str:
    """A choice as the list of the window calls it."""
    listed = dict(field.listed(Plan(), Catalogue.shipped()))
    return str(listed.get(value) or word(str(value)))


def line(field: Field, language: Language) -> str:
    """One input as a row of the table."""
    item = field.item
    assert item is not None
    unit = field.unit_name()
    if field.currency:
        unit = {"en": "¥ or $", "ja": "円・ドル"}[language] + unit
    standard = item.standard
    if item.optional and standard is None:
        said = item.standard_source(language)
    elif isinstance(standard, bool):
        said = {"en": ("off", "on"), "ja": ("切", "入")}[language][standard]
    elif isinstance(standard, int | float):
        said = f"{standard / field.scale:,.0f}" if field.integer else significant(standard / field.scale, 6, trim=True)
    else:
        said = "" if standard is None else _named(field, standard) if field.kind == "choice" else str(standard)
    cells = (item.label(language), unit, said, item.help(language))
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def table(group: str, language: Language) -> str:
    """The table of one group of the window."""
    fields = next(known.fields for known in GROUPS if known.key == group)
    with speaking(language):
        rows = [line(field, language) for field in fields if field.item is not None]
    return "\n".join([HEADS[language], "|---|---|---|---|", *rows]) + "\n"


def renewed(text: str, language: Language) -> str:
    """The guide with its tables made anew."""
    return MARKS.sub(lambda match: f"{match[1]}\n{table(match[2], language)}\n{match[3]}", text)


def main() -> None:
    """Write both guides."""
    application = QCoreApplication.instance() or QCoreApplication([])
    for language in get_args(Language):
        path = Path(str(resources.path("guide", f"guide_{language}.md")))
        path.write_text(renewed(path.read_text("utf-8"), language), "utf-8")
    del application


if __name__ == "__main__":
    main()
