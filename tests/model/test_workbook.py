"""What every exported workbook promises: live, cached, named, safe, deterministic, nothing withheld leaks."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile

import pytest
from openpyxl import load_workbook
from openpyxl.cell.cell import MergedCell

from mitsumori.model.base.messages import text
from mitsumori.model.cost.sensitivity import tornado, two_way
from mitsumori.model.estimate.estimate import cost_inputs, estimate
from mitsumori.model.plan.project import load_sample, sample_names
from mitsumori.model.workbook import build, safe, to_bytes
from mitsumori.model.workbook.description import FUNCTIONS, check_formula
from mitsumori.model.workbook.fields import bounds, fields, input_name
from mitsumori.model.workbook.styles import FONTS, LOOKS, ROW_HEIGHT, SMALLEST, number_format
from tests.model import workbooks
from tests.model.workbooks import SAMPLE, SETTINGS, made, parts

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def test_sheets_in_the_order_of_reading() -> None:
    workbook, _ = made()
    assert [sheet.title for sheet in workbook.sheets.values()] == [
        "表紙", "目次", "概要", "構成", "メモリ", "学習日数", "電力・冷却・ラック", "概算費用", "費用比較", "感度", "会計", "前提条件", "検算",
        "出典・改訂履歴", "使い方",
    ]  # fmt: skip


@pytest.mark.parametrize("sample", sample_names())
def test_every_formula_has_its_value_in_the_file(sample: str) -> None:
    """Mail previews and Protected View show cached values only."""
    workbook, data = made("ja", "customer", sample)
    shown = load_workbook(io.BytesIO(data), data_only=True)
    formulas = workbook.formulas()
    assert len(formulas) > 1500
    for cell in formulas:
        value = shown[workbook.sheets[cell.sheet].title].cell(cell.row, cell.column).value
        if isinstance(value, dt.datetime):
            value = value.date()
        assert (
            (value or "") == cell.value
            if isinstance(cell.value, str)
            else value == pytest.approx(cell.value)
            if isinstance(cell.value, float)
            else value == cell.value
        )


def test_the_file_holds_exactly_the_formulas_of_the_description() -> None:
    workbook, data = made()
    count = sum(part.count(b"<f>") for name, part in parts(data).items() if name.startswith("xl/worksheets/"))
    assert count == len(workbook.formulas())


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_cell_of_the_file_is_the_described_one(language: str) -> None:
    """Values, formulas, looks, merged blocks and row heights, read back by openpyxl."""
    workbook, data = made(language, "internal")
    book, streamed = load_workbook(io.BytesIO(data)), load_workbook(io.BytesIO(data), read_only=True)
    for sheet in workbook.sheets.values():
        ws = book[sheet.title]
        merged = (MergedCell,)  # openpyxl gives the rest of a merged block a look of its own
        held = {(c.row, c.column) for row in ws.iter_rows() for c in row if c.has_style and not isinstance(c, merged)}
        assert held == {key for key in sheet.cells if not isinstance(ws.cell(*key), merged)}
        block = streamed[sheet.title]  # what a reader that streams takes as the sheet's size
        assert (block.min_row, block.min_column) == tuple(min(position) for position in zip(*sheet.cells, strict=True))
        assert (block.max_row, block.max_column) == tuple(max(position) for position in zip(*sheet.cells, strict=True))
        assert {tuple(block.bounds) for block in ws.merged_cells.ranges} == {
            (c, r, d, s) for r, c, s, d in sheet.merges
        }
        for cell in sheet.cells.values():
            read, look = ws.cell(cell.row, cell.column), LOOKS[cell.role]
            if isinstance(read, merged):
                continue
            if cell.formula is not None:
                assert (read.data_type, read.value) == ("f", workbook.resolve(cell.formula, sheet.key))
            elif isinstance(cell.value, dt.date):
                assert read.value.date() == cell.value
            else:
                assert (read.value, cell.value) in ((cell.value, cell.value), (None, ""))
                assert read.data_type != "f"
            assert read.number_format == number_format(cell.fmt, language)
            assert (read.font.name, read.font.sz, bool(read.font.b), read.font.color.rgb) == (
                FONTS[language], look.size, look.bold, "FF" + look.color,
            )  # fmt: skip
            assert read.fill.fgColor.rgb == ("FF" + look.fill if look.fill else "00000000")
            assert read.protection.locked is not look.unlocked
            assert (read.alignment.horizontal, read.alignment.vertical, bool(read.alignment.wrap_text)) == (
                look.horizontal, look.vertical, look.wrap,
            )  # fmt: skip
            lines = [side is not None and bool(side.style) for side in (read.border.left, read.border.bottom)]
            assert lines == [look.border == "thin", bool(look.border)]
        for row in range(1, sheet.last_row + 1):
            assert ws.row_dimensions[row].height == pytest.approx(sheet.heights.get(row, ROW_HEIGHT))


def test_both_languages_hold_the_same_numbers() -> None:
    (ja, _), (en, _) = made("ja"), made("en")
    left, right = list(ja.cells()), list(en.cells())
    assert [(c.sheet, c.row, c.column, c.name) for c in left] == [(c.sheet, c.row, c.column, c.name) for c in right]
    assert [c.number for c in left] == [c.number for c in right]


def test_only_white_listed_functions_and_no_stray_numbers() -> None:
    """No embedded constants except 0, 1 and 12 (FAST 3.04): every price, rate and threshold is a cell."""
    workbook, _ = made("en", "internal")
    for cell in workbook.formulas():
        bare = re.sub(r'"(?:[^"]|"")*"', "", re.sub(r"\[\[[^\]]*\]\]", "", cell.formula or ""))
        assert set(re.findall(r"([A-Z][A-Z0-9.]*)\(", bare)) <= FUNCTIONS
        literals = set(re.findall(r"(?<![A-Za-z_0-9.])\d+(?:\.\d+)?", bare))
        assert literals <= {"0", "1", "12"}, cell.formula
        assert "#REF" not in bare


def test_dates_of_today_only_on_the_cover() -> None:
    workbook, _ = made()
    assert {cell.sheet for cell in workbook.formulas() if "TODAY(" in (cell.formula or "")} == {"cover"}


@pytest.mark.parametrize("formula", ["=LET(a,1,a)", "=XLOOKUP(1,A1,A2)", "=TODAY()", "=-x_y^2", "1+1", "=HYPERLINK(1)"])
def test_formulas_that_are_refused(formula: str) -> None:
    with pytest.raises(ValueError, match=r"white list|not a formula|ambiguous"):
        check_formula(formula)


def test_every_name_is_legal_and_every_name_used_is_defined() -> None:
    for audience in ("customer", "internal"):
        workbook, data = made("en", audience)
        defined = set(load_workbook(io.BytesIO(data)).defined_names)
        assert defined == set(workbook.names)
        for name in defined:
            safe.check_name(name)
        for cell in workbook.formulas():
            bare = re.sub(r'"(?:[^"]|"")*"', "", cell.formula or "")
            used = set(re.findall(r"\b((?:in|out|use|cst|std|doc|tbl)_[a-z0-9_]+)", bare))
            assert used <= defined, cell.formula


def test_every_live_input_has_its_name_is_unlocked_and_validated_as_the_plan() -> None:
    workbook, data = made("ja", "internal")
    book = load_workbook(io.BytesIO(data))
    assert {item.path for item in fields("internal") if not item.path.startswith(("overrides.", "serving."))} < set(
        workbook.inputs
    )
    for item in (item for item in fields("internal") if item.path in workbook.inputs):
        title, address = next(iter(book.defined_names[input_name(item.path)].destinations))
        sheet = book[title]
        cell = sheet[address.replace("$", "")]
        assert not cell.protection.locked
        rules = [rule for rule in sheet.data_validations.dataValidation if cell.coordinate in rule.sqref]
        assert len(rules) == 1, item.path
        limits = bounds(item.path)
        if limits.kind == "date":
            assert rules[0].type == "date"
        else:
            assert rules[0].type == limits.kind
            assert float(rules[0].formula1) == pytest.approx(limits.low)
            assert float(rules[0].formula2) == pytest.approx(limits.high)
        assert rules[0].prompt
        assert len(rules[0].prompt) <= 255


RESULTS = (
    "out_training_days", "out_training_tokens_per_s_per_gpu", "out_training_mfu", "out_training_goodput",
    "out_training_step_time_s", "out_memory_per_gpu_total_bytes", "out_memory_verdict", "out_facility_racks",
    "out_facility_servers_per_rack", "out_facility_support_racks", "out_facility_kva_per_rack", "out_facility_kw_per_rack",
    "out_facility_air_kw", "out_facility_liquid_kw", "out_facility_it_kw", "out_facility_facility_kw",
    "out_facility_utility_kva", "out_facility_pue", "out_facility_kwh_per_year", "out_facility_co2_t_per_year",
    "out_facility_water_m3_per_year", "out_cost_cloud_total", "out_cost_onprem_total", "out_cost_cloud_initial",
    "out_cost_cloud_monthly", "out_cost_onprem_initial", "out_cost_onprem_monthly", "out_cost_break_even_month",
    "out_cost_break_even_utilization",
)  # fmt: skip


@pytest.mark.parametrize("name", RESULTS)
def test_every_single_result_has_its_name_and_the_estimates_value(name: str) -> None:
    workbook, _ = made("en", "internal")
    result = estimate(load_sample(SAMPLE).plans[0])
    cell = workbook.names[name]
    if name == "out_memory_verdict":
        assert cell.value == result.memory.verdict
        return
    groups = ("memory_per_gpu_", "training_", "facility_", "cost_cloud_", "cost_onprem_", "cost_")
    stem = name[4:]
    group = next(g for g in groups if stem.startswith(g))
    head = {"memory_per_gpu_": "memory.per_gpu"}.get(group, group.rstrip("_").replace("_", "."))
    figure = result.figure(f"{head}.{stem[len(group) :]}")
    assert cell.value == pytest.approx(figure.value, rel=1e-12)


@pytest.mark.parametrize("sample", sample_names())
def test_only_predicted_figures_are_pasted_marked_and_each_can_be_replaced(sample: str) -> None:
    """Whatever a sheet cannot compute stands once, says so, has an input beside it and moves what follows from it."""
    workbook, _ = made("en", "customer", sample)
    pasted = [cell for cell in workbook.cells() if cell.role == "pasted" and cell.sheet != "guide"]
    plan = load_sample(sample).plans[0]
    assert {f"overrides.{path}" for path in estimate(plan).predicted.values} == {
        path for path in workbook.inputs if path.startswith("overrides.") and not path.startswith("overrides.table.")
    }
    assert len([cell for cell in pasted if cell.sheet == "inputs"]) == len(estimate(plan).predicted.values)
    table = [workbook.names[name] for path, name in workbook.inputs.items() if path.startswith("overrides.table.")]
    below = table[0].row - min(cell.row for cell in pasted if cell.sheet == "training")
    assert {(cell.row + below, cell.column) for cell in pasted if cell.sheet == "training"} == {
        (cell.row, cell.column) for cell in table
    }
    for cell in (cell for cell in pasted if cell.sheet != "training"):
        name = f"in{cell.name[3:]}"
        beside = workbook.names[name]
        assert beside.sheet == cell.sheet == "inputs"
        assert (beside.row, beside.column) == (cell.row, cell.column - 2)
        assert "Mitsumori" in str(workbook.sheets["inputs"].cells[cell.row, 6].value)
        used = f"use{cell.name[3:]}"
        assert any(
            used in (c.formula or "") for c in workbook.formulas() if (c.sheet, c.row) != (cell.sheet, cell.row)
        ), used


def test_states_are_formulas_and_activations_the_inputs() -> None:
    workbook, _ = made("en")
    for part in ("weights", "gradients", "optimizer", "reserve", "activations", "buffers"):
        assert workbook.names[f"out_memory_per_gpu_{part}_bytes"].formula
    memory = workbook.sheets["memory"]
    assert not [cell for cell in memory.cells.values() if cell.role == "pasted"]
    grids = [cell for cell in memory.cells.values() if cell.fmt == "d2"]
    assert len(grids) > 60
    assert all(cell.formula for cell in grids)


@pytest.mark.parametrize("sample", sample_names())
def test_sensitivity_shows_the_windows_factors_ranges_and_results(sample: str) -> None:
    """One description of the factors: what the tornado and the map of the cost tab show stands in the sheet."""
    workbook, _ = made("en", "internal", sample)
    plan = load_sample(sample).plans[0]
    result, table = tornado(plan.money, cost_inputs(plan)), two_way(plan.money, cost_inputs(plan))
    sheet = workbook.sheets["sensitivity"]
    rows = {str(cell.value): row for (row, column), cell in sheet.cells.items() if column == 1 and cell.role == "label"}
    if result is None or table is None:
        assert {sheet.cells[row, 6].value for row in rows.values()} == {"to be quoted"}
        return
    order = sorted(rows.values())
    for row, bar in zip(order, result.bars, strict=False):
        factor = bar.factor
        shown = [sheet.cells[row, column].value for column in range(3, 9)]
        assert str(sheet.cells[row, 1].value) == text("workbook", f"sens_{factor.key}", "en")
        assert shown == pytest.approx(
            [factor.low, factor.base, factor.high, bar.low_saving, bar.high_saving, bar.swing]
        )
        assert sheet.cells[row, 9].value == ("yes" if bar.low_flips or bar.high_flips else "no")
        assert factor.provenance.source in str(sheet.cells[row, 10].value)
        assert sheet.cells[row, 6].formula
        assert sheet.cells[row, 3].formula
    assert len(order) == 11
    head = next(cell for cell in sheet.cells.values() if str(cell.value).startswith("Utilization /"))
    assert [sheet.cells[head.row, 2 + j].value for j in range(6)] == pytest.approx(list(table.prices))
    for i, share in enumerate(table.utilizations):
        assert sheet.cells[head.row + 1 + i, 1].value == pytest.approx(share)
        assert [sheet.cells[head.row + 1 + i, 2 + j].value for j in range(6)] == pytest.approx(list(table.saving[i]))


def test_an_exported_override_keeps_the_prediction_beside_it() -> None:
    base = load_sample(SAMPLE).plans[0]
    plan = base.with_values({"overrides.training.tokens_per_s_per_gpu": 900.0,
                             "overrides.memory.per_gpu.activations_bytes": 1e9})  # fmt: skip
    workbook = build(plan, estimate(plan), "ja", "internal", SETTINGS, table=workbooks.table())
    predicted = estimate(base).predicted.values
    for path, entered in plan.overrides.items():
        name = input_name(f"overrides.{path}")
        assert workbook.names[name].value == entered
        assert workbook.names[f"std{name[2:]}"].value == pytest.approx(predicted[path], rel=1e-12)
    assert workbook.names["out_training_tokens_per_s_per_gpu"].value == pytest.approx(900.0)
    assert workbook.names["out_memory_per_gpu_activations_bytes"].value == 1e9


def test_locked_lines_say_where_they_are_changed() -> None:
    workbook, _ = made("en")
    texts = {str(cell.value) for cell in workbook.cells()}
    assert "change in Mitsumori" in texts
    for name in ("in_cluster_servers", "in_model_preset", "in_parallel_tp"):
        assert name not in workbook.names


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_customer_never_sees_purchase_prices(language: str) -> None:
    """Left out, not hidden: the list price, the discount and the margin are nowhere in the package."""
    plan = load_sample(SAMPLE).plans[0]
    assert plan.money.onprem.discount == 0.1
    _, customer = made(language, "customer")
    _, internal = made(language, "internal")
    texts = b"".join(parts(customer).values()).decode("utf-8", "ignore").casefold()
    inside = b"".join(parts(internal).values()).decode("utf-8", "ignore").casefold()
    for word in ("in_money_onprem_discount", "in_money_onprem_margin", "45000000", "仕入値引", "purchase discount", "margin on the sale",
                 "粗利", "onprem.discount", "onprem.margin", "1 - margin", "(1 - discount)", "servers * list price"):  # fmt: skip
        assert word not in texts, word
    assert "in_money_onprem_margin" in inside
    assert "45000000" in inside
    assert "servers * list price * (1 - discount) / (1 - margin)" in inside
    assert "46100000" in texts
    assert "460227" not in texts
    assert "460227" in inside


def test_customer_and_internal_totals_are_the_same() -> None:
    (customer, _), (internal, _) = made("ja", "customer"), made("ja", "internal")
    for name in ("out_cost_onprem_total", "out_cost_break_even_month", "out_cost_onprem_initial"):
        assert customer.names[name].value == internal.names[name].value


def test_no_links_no_macros_no_personal_data_and_equal_bytes() -> None:
    workbook, data = made()
    everything = parts(data)
    assert not [name for name in everything if "external" in name.lower() or "vba" in name.lower()]
    assert not [name for name, part in everything.items() if b'TargetMode="External"' in part]
    core = everything["docProps/core.xml"].decode()
    assert "<dc:creator>Example</dc:creator>" in core
    assert "2026-11-22T00:00:00Z" in core
    assert not re.search(r"20(?!26-11-22)\d\d-\d\d-\d\dT", core)
    assert data == to_bytes(
        build(load_sample(SAMPLE).plans[0], estimate(load_sample(SAMPLE).plans[0]), "ja", "customer", SETTINGS)
    )
    assert all(info.date_time == (2020, 1, 1, 0, 0, 0) for info in zipfile.ZipFile(io.BytesIO(data)).infolist())
    del workbook


def test_charts_have_caches_alt_text_and_stay_inside_their_pages() -> None:
    workbook, data = made()
    everything = parts(data)
    charts = [part.decode() for name, part in everything.items() if name.startswith("xl/charts/chart")]
    described = sum(len(sheet.charts) for sheet in workbook.sheets.values())
    assert len(charts) == described >= 8
    for chart in charts:
        assert "numCache" in chart
        assert re.search(r"<(?:c:)?v>[-0-9.]+</(?:c:)?v>", chart)
    drawings = "".join(part.decode() for name, part in everything.items() if name.startswith("xl/drawings/drawing"))
    assert len(re.findall(r'descr="[^"]{10,}"', drawings)) == described
    for sheet in workbook.sheets.values():
        for chart in sheet.charts:
            top, left, bottom, right = chart.anchor
            assert 1 <= left < right <= len(sheet.widths), sheet.key
            printed = sheet.print_rows or sheet.last_row
            assert top < bottom
            assert bottom <= printed or top > printed, "a chart lies on the page or below it, never across its end"


def test_print_set_up() -> None:
    described, data = made()
    book = load_workbook(io.BytesIO(data))
    broken = {sheet.title for sheet in described.sheets.values() if sheet.breaks}
    broken |= {sheet.title for sheet in book if sheet.row_breaks.brk}
    for sheet in book:
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.orientation == "landscape"
        if sheet.title in broken:  # a part between breaks is a page, at a scale that is read on paper
            assert SMALLEST <= sheet.page_setup.scale / 100 + 0.01 <= 1.01
            assert not sheet.sheet_properties.pageSetUpPr.fitToPage
        else:
            assert sheet.page_setup.fitToWidth == 1
        assert sheet.print_area
        assert sheet.page_margins.header == pytest.approx(8 / 25.4)
        assert sheet.protection.sheet
        assert sheet.sheet_state == "visible"
        assert not sheet.sheet_view.showGridLines
    assert book.calculation.fullCalcOnLoad
