"""The slides of a plan that serves: its summary, how fast on how many servers, what tokens cost."""

from __future__ import annotations

from mitsumori.model.slides.blocks import KeyFigure, Slide, TableBlock
from mitsumori.model.slides.pages import left_out, row_unit
from mitsumori.model.slides.reader import Reader
from mitsumori.model.workbook.summary import MILLION, MOST

MOST_ENTRIES = 9
PRICE = "out_serving_jpy_per_million_tokens_blended"
ANSWER = ("out_serving_ttft_s", "out_serving_tpot_ms", "out_serving_e2e_s", "out_serving_replicas", "out_serving_gpus",
          "out_serving_servers", "out_serving_racks")  # fmt: skip
MONEY = ("out_serving_total", "out_serving_borne", PRICE,
         "out_serving_jpy_per_million_tokens_input", "out_serving_jpy_per_million_tokens_output",
         "out_serving_api_jpy_per_million_tokens", "out_serving_jpy_per_month", "out_serving_api_jpy_per_month",
         "out_serving_break_even_million_tokens_per_day")  # fmt: skip


def summary(r: Reader) -> Slide:
    """Four figures and the conclusion in three sentences."""
    figures = (
        KeyFigure(r.w("kpi_ttft"), r.shown("out_serving_ttft_s", 2),
                  r.clauses("kpi_ttft_note", ("out_serving_tpot_ms", 1), ("out_serving_e2e_s", 1))),
        KeyFigure(r.w("kpi_served"), r.shown("out_serving_servers", 0),
                  r.clauses("kpi_served_note", ("out_serving_replicas", 0), ("out_facility_details_total_racks", 0))),
        KeyFigure(r.t("owned_total"), r.money("out_cost_onprem_total"),
                  r.t("cloud_note", total=r.money("out_cost_cloud_total"))),
        KeyFigure(r.w("kpi_tokens"), r.shown(PRICE, 0), _against_api(r)),
    )  # fmt: skip
    points = tuple(r.book.said[key].strip() for key in ("days", "racks", "break_even"))
    return Slide("summary", points[2], r.t("summary_subtitle"), figures, points=points, notice=left_out(r),
                 notes=r.notes((*ANSWER[:3], "out_cost_onprem_total", PRICE)))  # fmt: skip


def _against_api(r: Reader) -> str:
    """What the API charges, where its price list is given."""
    if r.number("out_serving_api_jpy_per_million_tokens") is None:
        return ""
    listed = r.clauses("kpi_tokens_note", ("out_serving_api_jpy_per_million_tokens", 0))
    even, most = r.number(MILLION), r.number(MOST)
    if even is not None and most is not None and even > most:
        return listed + r.w("kpi_tokens_beyond")
    return r.clauses("kpi_tokens_note", ("out_serving_api_jpy_per_million_tokens", 0), (MILLION, 0))


def _rows(r: Reader, names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (r.label(r.cell(name)), r.shown(name, 0 if r.cell(name).fmt == "money" else None), row_unit(r, name))
        for name in names
    )


def answer(r: Reader) -> Slide:
    """Times at the peak, replicas and servers, and the curve of a replica."""
    table = TableBlock((r.w("col_item"), r.w("col_value"), r.w("col_unit")), _rows(r, ANSWER), (1,), strong_rows=(0, 1),
                       size="right")  # fmt: skip
    charts = r.book.sheets["serving"].charts[-1:]
    return Slide("serving", r.book.said["days"].strip(), r.t("serving_subtitle"), tables=(table,),
                 charts=tuple(r.chart(chart, "left") for chart in charts), notes=r.notes(ANSWER))  # fmt: skip


def money(r: Reader) -> Slide:
    """What tokens cost, against an API's price list."""
    table = TableBlock((r.w("col_item"), r.w("col_value"), r.w("col_unit")), _rows(r, MONEY), (1,), strong_rows=(2,),
                       size="right")  # fmt: skip
    charts = r.book.sheets["serving"].charts[:-1]
    return Slide("tokens", r.book.said["break_even"].strip(), r.t("tokens_subtitle"), tables=(table,),
                 charts=tuple(r.chart(chart, "left") for chart in charts), notice=left_out(r),
                 notes=r.notes(MONEY))  # fmt: skip


def calendar(r: Reader) -> Slide | None:
    """Which plan has the cluster when; None where the project has no calendar."""
    sheet = r.book.sheets.get("calendar")
    if sheet is None:
        return None
    listed = sorted({row for row, column in sheet.cells if column == 4 and sheet.cells[row, 4].role == "locked"})
    rows = [
        (*(str(sheet.cells[row, column].value) for column in (1, 5, 6)), f"{sheet.cells[row, 4].number or 0.0:.0%}")
        for row in listed
    ]
    heads = tuple(r.w(f"calendar_{name}") for name in ("plan", "days", "hours", "share"))
    table = TableBlock(heads, tuple(rows[:MOST_ENTRIES]), (3,), size="right")
    title = r.t("calendar_slide_title", share=r.shown("out_calendar_utilization"))
    return Slide("calendar", title, r.t("calendar_subtitle"), tables=(table,), charts=(r.chart(sheet.charts[0], "left"),),
                 notes=(r.w("calendar_note"),))  # fmt: skip
