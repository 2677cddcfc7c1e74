"""Tables as Japanese Excel writes them read the same as plain ones."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitsumori.model.base.csv_files import MOST_COLUMNS, frame_of, plain_cell, read_rows
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.calibration.backtest import backtest
from mitsumori.model.calibration.serving_runs import is_serving_file, read_serving_rows
from mitsumori.model.catalogue.user_files import import_prices
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.grid import read_grid

RUNS = Path(__file__).parents[2] / "resources" / "runs" / "runs_a100_single_node.csv"
EXCEL = [("cp932", ","), ("utf-8-sig", ","), ("utf-16", "\t"), ("utf-8", ";")]
PRICES = [
    ("kind", "key", "field", "value", "currency", "date", "source"),
    ("servers", "HPE-XD670", "price", "45000000", "JPY", "2026-10-01", "見積 123"),
    ("cloud", "aws-p5.48xlarge-ap-northeast-1-tokyo", "on_demand_per_h", "71.5", "USD", "2026-09-15", "portal"),
]


def saved(rows: list[tuple[str, ...]], encoding: str, separator: str) -> bytes:
    """As Excel saves it: quotes where needed, CR LF."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode(encoding)


def as_excel_shows(text: str) -> str:
    """Amounts with a yen sign and thousands, dates with slashes, digits full-width."""
    if text.isdecimal() and len(text) > 3:
        return f"¥{int(text):,}".replace("¥", "￥")
    if text[:4].isdecimal() and text[4:5] == "-":
        year, month, day = text.split("-")
        return f"{year}/{int(month)}/{int(day)}"
    return text.translate(str.maketrans("0123456789.", "０１２３４５６７８９．")) if text == "71.5" else text


@pytest.mark.parametrize(("encoding", "separator"), EXCEL)
def test_a_price_list_of_japanese_excel_reads_as_the_plain_one(encoding: str, separator: str) -> None:
    plain = import_prices(saved(PRICES, "utf-8", ","), "p.csv")
    shown = [PRICES[0], *(tuple(as_excel_shows(cell) for cell in row) for row in PRICES[1:])]
    assert shown[1] != PRICES[1]
    assert import_prices(saved(shown, encoding, separator), "p.csv") == plain


@pytest.mark.parametrize(("encoding", "separator"), EXCEL)
def test_runs_of_japanese_excel_are_predicted_as_the_plain_ones(tmp_path: Path, encoding: str, separator: str) -> None:
    rows = [tuple(row) for row in csv.reader(io.StringIO(RUNS.read_text("utf-8")))][:12]
    column = rows[0].index("source_date") if "source_date" in rows[0] else None

    def shown(cell: str, index: int) -> str:
        if index == column and cell.count("-") == 2:
            return as_excel_shows(cell)
        return f"{int(cell):,}" if cell.isdecimal() and len(cell) > 3 and index != column else cell

    path, plain = tmp_path / "excel.csv", tmp_path / "plain.csv"
    plain.write_bytes(saved(rows, "utf-8", ","))
    changed = [rows[0], *(tuple(shown(cell, i) for i, cell in enumerate(row)) for row in rows[1:])]
    assert changed != rows
    path.write_bytes(saved(changed, encoding, separator))
    assert json.dumps(backtest(path).to_json()) == json.dumps(backtest(plain).to_json())


def test_serving_rows_and_grids_too(tmp_path: Path) -> None:
    rows = [("id", "isl", "osl", "model"), ("a", "1,024", "１２８", "日本語")]
    path, grid = tmp_path / "serving.csv", tmp_path / "grid.csv"
    path.write_bytes(saved(rows, "cp932", ","))
    assert is_serving_file(path)
    assert read_serving_rows(path) == [{"id": "a", "isl": "1024", "osl": "128", "model": "日本語"}]
    grid.write_bytes(saved([("cluster.servers", "workload.tokens"), ("１", "50,000,000"), ("2", "")], "utf-16", "\t"))
    assert dict(read_grid(grid).axes) == {"cluster.servers": (1, 2), "workload.tokens": (50_000_000,)}
    assert load_sample("llama2-7b-sft").plan.with_values({"workload.tokens": 50_000_000})


@pytest.mark.parametrize(
    ("text", "plain"),
    [("¥50,000,000", "50000000"), ("￥１，２００", "1200"), ("1,234.5", "1234.5"), ("100円", "100"), ("-1,000", "-1000"),
     ("2026/10/1", "2026-10-01"), ("２０２６/１０/１", "2026-10-01"), ("令和8年10月1日", "2026-10-01"), ("2026/10", "2026-10"),
     ("1.234,5", "1.234,5"), ("1,23", "1,23"), ("70B", "70B"), ("H100-SXM", "H100-SXM"), ("見積 １", "見積 １"), ("  x ", "x"),
     ("v2025.1/2", "v2025.1/2"), ("", "")],
)  # fmt: skip
def test_a_cell_made_plain(text: str, plain: str) -> None:
    assert plain_cell(text) == plain


@given(st.floats(0, 1e15, allow_nan=False).map(lambda x: round(x, 2)))
def test_amounts_keep_their_value_however_they_are_grouped(value: float) -> None:
    assert float(plain_cell(f"¥{value:,.2f}")) == float(plain_cell(f"{value:.2f}")) == float(f"{value:.2f}")


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_one_sentence(data: bytes) -> None:
    try:
        head, rows = read_rows(data, "x.csv")
    except Refusal as refusal:
        assert len(str(refusal).splitlines()) == 1
    else:
        assert all(set(row) <= set(head) for _, row in rows)


def test_a_frame_numbers_its_rows_by_the_lines_of_the_file() -> None:
    table = frame_of('head,\uff2e\uff4f\uff54\uff45\r\n1,"two\r\nlines"\r\n\r\n,\r\n2\r\n')
    assert list(table.columns) == ["head", "Note"]
    assert table.index.tolist() == [3, 6]
    assert table["head"].tolist() == ["1", "2"]
    assert table["Note"].isna().tolist() == [False, True], "a cell that a line does not have is missing, not empty"


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", 'a,b\n"open,1\n', "a,b\n1,2,3\n", "," * MOST_COLUMNS + "\n1"],
    ids=["no", "blank", "quote", "long", "wide"],
)
def test_what_is_no_table_is_refused_as_a_value(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        frame_of(text)


@pytest.mark.parametrize(("encoding", "separator"), EXCEL)
def test_price_lists_and_grids_are_read_by_pandas(
    encoding: str, separator: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Price lists and axes come as frames, whatever encoding Excel chose."""
    known = import_prices(saved(PRICES, encoding, separator), "prices.csv")
    short = saved([*PRICES, ("servers", "HPE-XD670")], encoding, separator)
    with pytest.raises(Refusal, match="line 4 does not have 7 cells"):
        import_prices(short, "prices.csv")
    with pytest.raises(Refusal, match="line 3 does not have 7 cells"):
        import_prices(saved([*PRICES[:2], (*PRICES[2], "more")], encoding, separator), "prices.csv")
    path = tmp_path / "axes.csv"
    path.write_bytes(saved([("cluster.servers", "model.preset"), ("4", "llama2-7b"), ("8", "")], encoding, separator))
    monkeypatch.setattr(csv, "DictReader", lambda *_args, **_more: pytest.fail("read by the csv module"))
    assert import_prices(saved(PRICES, encoding, separator), "prices.csv") == known
    assert dict(read_grid(path).axes) == {"cluster.servers": (4, 8), "model.preset": ("llama2-7b",)}
