"""Tables as Japanese Excel writes them read the same as plain ones."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mitsumori.model.base.csv_files import MOST_COLUMNS, decoded, frame_of, plain_cell, read_rows
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.calibration.backtest import backtest
from mitsumori.model.calibration.runs import parse
from mitsumori.model.calibration.serving_files import is_serving_file, read_serving_rows
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
    text = out.getvalue()
    # The yen sign of cp932 is the byte 0x5C, which Unicode takes for a backslash.
    return (text.replace("¥", "\\") if encoding == "cp932" else text).encode(encoding)


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


ENCODED = st.sampled_from(EXCEL)


def in_excel(source: random.Random, cell: str) -> str:
    """A cell as somebody in Japan typed or Excel shows it: amounts grouped, with a mark of money, full-width, dates by slashes."""
    shown = cell
    if re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
        year, month, day = cell.split("-")
        shown = source.choice(
            [f"{year}/{int(month)}/{int(day)}", f"{year}/{month}/{day}", f"{year}年{int(month)}月{int(day)}日"]
        )
    elif re.fullmatch(r"-?\d+(\.\d+)?", cell) and len(cell.partition(".")[2]) < 12:
        whole, dot, rest = cell.partition(".")
        grouped = f"{int(whole):,}" if source.random() < 0.5 and str(int(whole)) == whole else whole
        mark = source.choice(["", "", "¥", "￥"])
        shown = mark + grouped + dot + rest
    else:
        return cell
    if source.random() < 0.5:
        shown = shown.translate(str.maketrans("0123456789.,-/", "０１２３４５６７８９．，－／"))
    return source.choice(["", " "]) + shown


@st.composite
def excel_files(draw: st.DrawFn, rows: list[tuple[str, ...]], kept: frozenset[str] = frozenset()) -> bytes:
    """A table as Japanese Excel writes it; columns in ``kept`` hold texts that only look like numbers."""
    head, source = rows[0], random.Random(draw(st.integers(0, 2**32)))
    shown = [
        tuple(c if name in kept else in_excel(source, c) for name, c in zip(head, row, strict=True)) for row in rows[1:]
    ]
    encoding, separator = draw(ENCODED)
    return saved([head, *shown], encoding, separator)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_any_price_list_of_japanese_excel(data: st.DataObject) -> None:
    price = st.one_of(st.integers(1, 10**10).map(str), st.decimals(1, 10**6, places=2).map(str))
    day = st.dates(dt.date(2020, 1, 1), dt.date(2026, 11, 30)).map(dt.date.isoformat)
    keys = [PRICES[1][:3], PRICES[2][:3]]
    rows = [PRICES[0]] + [
        (*key, data.draw(price), "USD" if key[0] == "cloud" else "JPY", data.draw(day), "見積 123") for key in keys
    ]
    file = data.draw(excel_files(rows, frozenset({"kind", "key", "field", "source"})))
    assert import_prices(file, "p.csv") == import_prices(saved(rows, "utf-8", ","), "p.csv")


def some_rows(path: Path, count: int) -> list[tuple[str, ...]]:
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text("utf-8")
    table = [tuple(row) for row in csv.reader(io.StringIO(text))]
    return [table[0], *table[1 : count + 1]]


TEXT_COLUMNS = frozenset({"id", "source", "source_id", "model", "gpu", "notes", "software", "software_date", "engine_version",
                          "run_id", "url", "hardware", "system"})  # fmt: skip
TRAINING = sorted((Path(__file__).parents[2] / "resources" / "runs").glob("runs_*.csv"))


@pytest.mark.parametrize("path", TRAINING, ids=lambda path: path.stem)
@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_runs_of_japanese_excel(path: Path, data: st.DataObject) -> None:
    """Every file of runs that ships, a few rows of it: the same runs, whichever way Excel has shown them."""
    rows = some_rows(path, 4)
    numeric = [i for i in range(len(rows[0])) if all(re.fullmatch(r"-?\d+(\.\d+)?|", row[i]) for row in rows[1:])]
    kept = frozenset(name for i, name in enumerate(rows[0]) if i not in numeric and not name.endswith("date"))
    file = data.draw(excel_files(rows, kept | TEXT_COLUMNS))
    plain, shown = (parse(decoded(raw, "runs.csv"), "runs.csv") for raw in (saved(rows, "utf-8", ","), file))
    assert repr(shown) == repr(plain)  # unknown numbers are NaN, which equals nothing


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_serving_rows_and_grids_of_japanese_excel(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    numbers = st.integers(0, 10**9).map(str)
    folder = tmp_path_factory.mktemp("excel")
    rows = [("id", "isl", "osl", "model"), *(("a", data.draw(numbers), data.draw(numbers), "日本語") for _ in range(2))]
    for name, raw in (("plain", saved(rows, "utf-8", ",")), ("excel", data.draw(excel_files(rows)))):
        (folder / f"{name}.csv").write_bytes(raw)
    assert read_serving_rows(folder / "excel.csv") == read_serving_rows(folder / "plain.csv")
    axes = [("cluster.servers", "workload.tokens"), *((data.draw(numbers), data.draw(numbers)) for _ in range(3))]
    for name, raw in (("plain", saved(axes, "utf-8", ",")), ("excel", data.draw(excel_files(axes)))):
        (folder / f"{name}.csv").write_bytes(raw)
    assert read_grid(folder / "excel.csv") == read_grid(folder / "plain.csv")


@pytest.mark.parametrize(
    ("text", "plain"),
    [("¥50,000,000", "50000000"), ("\\50,000,000", "50000000"), ("-\\1,200", "-1200"), ("C:\\1", "C:\\1"), ("￥１，２００", "1200"), ("1,234.5", "1234.5"), ("100円", "100"), ("-1,000", "-1000"),
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
