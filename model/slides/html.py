"""The proposal as one page for a browser: read only, nothing from elsewhere, no scripts.

The same description as the slides: every scenario's figures, tables and charts, and the sources behind them.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from mitsumori.model.base.messages import text
from mitsumori.model.slides.blocks import Deck, Slide, TableBlock
from mitsumori.model.slides.deck import deck
from mitsumori.model.slides.svg import drawn
from mitsumori.model.workbook.description import Workbook

_STYLE: Final = """
:root{color-scheme:light}
body{margin:0;background:#F9F9F7;color:#0B0B0B;
font:16px/1.6 "Yu Gothic UI","Hiragino Sans","Noto Sans CJK JP",Meiryo,sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px}
header,section{background:#FFF;border:1px solid #E1E0D9;border-radius:10px;padding:22px 28px;margin:0 0 20px}
h1{font-size:28px;margin:0 0 6px}h2{font-size:20px;margin:0 0 10px}h3{font-size:22px;margin:32px 0 12px}
p{margin:4px 0}.mark{color:#B3261E;font-weight:600}.sub{color:#52514E}
.figures{display:flex;flex-wrap:wrap;gap:14px;margin:12px 0}
.figures div{flex:1 1 180px;border:1px solid #E1E0D9;border-radius:8px;padding:10px 14px}
.figures b{display:block;font-size:24px;font-variant-numeric:tabular-nums}.figures small{color:#52514E}
table{border-collapse:collapse;width:100%;margin:12px 0;font-variant-numeric:tabular-nums}
th,td{padding:6px 10px;border-bottom:1px solid #E1E0D9;text-align:left}th{background:#F0EFEA}
td.n,th.n{text-align:right}tr.s td{font-weight:600}.framed{outline:2px solid #2A78D6}
figure{margin:14px 0}figcaption{font-weight:600}svg{width:100%;height:auto}
.key{margin-right:16px;color:#52514E}.key i{display:inline-block;width:12px;height:12px;margin-right:6px;border-radius:2px}
details{margin-top:10px;color:#52514E;font-size:14px}footer{color:#52514E;font-size:13px;padding:0 0 32px}
@media print{body{background:#FFF}section,header{break-inside:avoid;border:0;padding:0}}
"""
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page(books: Sequence[Workbook]) -> bytes:
    """The page of described workbooks, one a scenario; the first is the one offered.

    Returns
    -------
    bytes
        UTF-8.
    """
    whole = deck(books)
    cover, *rest = whole.slides
    basis = text("slides", "page_basis", whole.language)
    parts = [_header(whole, cover)]
    if len(books) == 1:
        parts += [_section(slide, basis) for slide in rest]
    else:
        parts += [_section(slide, basis) for slide in rest if slide.key == "plans"]
        for book in books:
            own = deck([book])
            parts.append(f"<h3>{escape(book.title)}</h3>")
            parts += [_section(slide, basis) for slide in own.slides[1:]]
    parts.append(f"<footer><p>{escape(whole.foot)}</p></footer>")
    title = escape(whole.slides[0].title or whole.title)
    head = (
        f'<!DOCTYPE html><html lang="{whole.language}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head><body><main>'
    )
    return (head + "\n".join(parts) + "</main></body></html>\n").encode()


def _header(whole: Deck, cover: Slide) -> str:
    lines = [f"<h1>{escape(cover.title or whole.title)}</h1>", f'<p class="sub">{escape(cover.subtitle)}</p>']
    if whole.mark:
        lines.append(f'<p class="mark">{escape(whole.mark)}</p>')
    lines += [f"<p>{escape(line)}</p>" for line in (whole.customer, *whole.cover_lines, *cover.points) if line]
    return f"<header>{''.join(lines)}</header>"


def _section(slide: Slide, basis: str) -> str:
    parts = [f"<h2>{escape(slide.title)}</h2>"]
    if slide.subtitle:
        parts.append(f'<p class="sub">{escape(slide.subtitle)}</p>')
    if slide.figures:
        cards = "".join(
            f"<div>{escape(item.label)}<b>{escape(item.value)}</b><small>{escape(item.note)}</small></div>"
            for item in slide.figures
        )
        parts.append(f'<div class="figures">{cards}</div>')
    parts += [drawn(chart) for chart in slide.charts]
    parts += [_table(table) for table in slide.tables]
    if slide.lists is not None:
        for heading, lines in slide.lists.columns:
            parts.append(
                f"<p><b>{escape(heading)}</b></p><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"
            )
    if slide.points:
        parts.append(f"<ul>{''.join(f'<li>{escape(point)}</li>' for point in slide.points)}</ul>")
    if slide.notice:
        parts.append(f'<p class="mark">{escape(slide.notice)}</p>')
    if slide.notes:
        notes = "".join(f"<p>{escape(note)}</p>" for note in slide.notes)
        parts.append(f"<details open><summary>{escape(basis)}</summary>{notes}</details>")
    return f"<section>{''.join(parts)}</section>"


def _table(table: TableBlock) -> str:
    def cell(tag: str, column: int, words: str) -> str:
        names = ["n"] if column in table.numbers else []
        names += ["framed"] if table.framed and column == table.framed else []
        mark = f' class="{" ".join(names)}"' if names else ""
        return f"<{tag}{mark}>{escape(words)}</{tag}>"

    heads = "".join(cell("th", column, words) for column, words in enumerate(table.heads))
    rows = "".join(
        f"<tr{' class=s' if number in table.strong_rows else ''}>"
        + "".join(cell("td", column, words) for column, words in enumerate(row)) + "</tr>"
        for number, row in enumerate(table.rows)
    )  # fmt: skip
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
