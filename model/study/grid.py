"""Large studies without a window: every combination of some axes as plans, results in a table.

The rows are evaluated in chunks by processes on this machine, or by a Dask cluster. A chunk is the unit of work, of
writing and of starting again: CSV files are appended to, one flushed write a chunk, and Parquet studies are a directory of
one file a chunk, each written aside and renamed. A study that is started again skips the rows that are there; a torn last
line is cut off first. The order of the rows is that of completion, ``row`` says which combination each is.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import math
import multiprocessing as mp
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

from mitsumori.model.base.csv_files import decoded, frame_of, plain_cell
from mitsumori.model.base.files import write_atomic
from mitsumori.model.base.format import AXES
from mitsumori.model.base.input_files import json_of, not_regular, regular_bytes, toml_of
from mitsumori.model.base.refusal import PlanError, Refusal, fault_of, refusal
from mitsumori.model.base.typed_values import parse_value
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Correction

MOST_ROWS: Final = 5_000_000
"""More combinations are refused: they would run for weeks."""
MOST_BYTES: Final = 16_000_000
"""Larger axis files are refused."""
CHUNK_ROWS: Final = 32
"""Rows of one chunk: about a second of work."""
LONGEST_CELL: Final = 500

RESULTS: Final = (
    "fits", "memory_bytes", "capacity_bytes", "days", "days_low", "days_high", "step_time_s",
    "tokens_per_s_per_gpu", "mfu", "goodput", "accelerators", *AXES, "dp", "zero_stage",
    "micro_batch", "global_batch", "recompute", "racks", "support_racks", "it_kw", "facility_kw", "utility_kva",
    "kwh_per_year", "cloud_total", "onprem_total", "currency", "missing", "bad", "refused",
)  # fmt: skip
"""Columns of a row after ``row`` and the axes; empty where unknown."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Grid:
    """Axes of a study: plan paths and the values each takes; the first axis changes slowest."""

    axes: tuple[tuple[str, tuple[Any, ...]], ...]

    def __len__(self) -> int:
        return math.prod(len(values) for _, values in self.axes)

    @property
    def paths(self) -> tuple[str, ...]:
        """Plan paths of the axes."""
        return tuple(path for path, _ in self.axes)

    def at(self, row: int) -> dict[str, Any]:
        """Path and value of every axis of one combination."""
        values: dict[str, Any] = {}
        for path, choices in reversed(self.axes):
            row, place = divmod(row, len(choices))
            values[path] = choices[place]
        return dict(reversed(values.items()))

    def key(self, plan: Plan) -> str:
        """What the rows depend on, the language aside: a study is never continued with another plan or other axes."""
        data = {name: value for name, value in plan.to_dict().items() if name != "language"}
        text = json.dumps([data, self.axes], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_grid(path: Path) -> Grid:
    """The axes of a TOML or JSON file ``{path: [values]}``, or of a CSV file with a path as the head of each column.

    TOML may quote the paths (``"cluster.servers" = [1, 2]``) or nest them (``[cluster]`` and ``servers = [1, 2]``).

    Raises
    ------
    Refusal
        For another ending, broken contents, an empty axis or too many combinations.
    """
    name = f"{path.name[:60]!r}"
    text = decoded(regular_bytes(path, MOST_BYTES), name).replace("\r\n", "\n")
    kind = path.suffix.lower()
    axes: dict[str, tuple[Any, ...]] = {}
    try:
        if kind == ".toml":
            axes = dict(_flat(toml_of(text)))
        elif kind == ".json":
            data = json_of(text)
            if not isinstance(data, dict):
                raise refusal("grid_object", name=name)
            axes = dict(_flat(data))
        elif kind == ".csv":
            table = frame_of(text)
            for column, field in enumerate(table.columns):
                cells = table.iloc[:, column].dropna().map(plain_cell)
                axes[field] = tuple(parse_value(cell) for cell in cells if cell)
        else:
            raise refusal("grid_ending", name=name)
    except Refusal:
        raise
    except (ValueError, RecursionError) as error:
        raise refusal("grid_unreadable", name=name, why=fault_of(error)) from None
    if not axes:
        raise refusal("grid_no_axis", name=name)
    for field, values in axes.items():
        if not values:
            raise refusal("grid_empty", field=repr(field[:60]), name=name)
    grid = Grid(tuple((field, tuple(dict.fromkeys(values))) for field, values in axes.items()))
    if len(grid) > MOST_ROWS:
        raise refusal("grid_many", name=name, count=f"{len(grid):,}", most=f"{MOST_ROWS:,}")
    return grid


def _flat(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, tuple[Any, ...]]]:
    for key, value in data.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}.")
        elif isinstance(value, list):
            if any(isinstance(item, dict | list) for item in value):
                raise refusal("grid_values", path=repr(path[:60]))
            yield path, tuple(value)
        else:
            yield path, (value,)


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker needs: the plan and the project's records as plain data, so that any process can take it."""

    plan: Mapping[str, Any]
    records: Mapping[str, Any]
    corrections: tuple[Correction, ...]
    grid: Grid

    def rows(self, numbers: Sequence[int]) -> list[Row]:
        """Evaluate some combinations."""
        plan = Plan.from_dict(dict(self.plan))
        catalogue = Catalogue.shipped().with_records(self.records) if self.records else Catalogue.shipped()
        return [_row(plan, self.grid, number, catalogue, self.corrections) for number in numbers]


def evaluate_rows(task: Task, numbers: Sequence[int]) -> list[Row]:
    """One chunk; a module-level function so that processes started afresh can import it."""
    return task.rows(numbers)


def _row(plan: Plan, grid: Grid, number: int, catalogue: Catalogue, corrections: Sequence[Correction]) -> Row:
    values = grid.at(number)
    row: Row = {"row": number} | values | dict.fromkeys(RESULTS)
    try:
        result = estimate(plan.with_values(values), catalogue, corrections)
    except PlanError as error:
        return row | {"refused": " ".join(str(error).split())[:LONGEST_CELL]}
    training, place, money = result.training, result.facility, result.cost
    fits = result.memory.verdict != "no"
    shown: Row = {
        "fits": result.memory.verdict,
        "memory_bytes": result.memory.per_gpu.total_bytes.value,
        "capacity_bytes": result.memory.per_gpu.capacity_bytes.value,
        "days": training.days.value if fits else None,
        "days_low": training.days.low if fits else None,
        "days_high": training.days.high if fits else None,
        "step_time_s": training.step_time_s.value if fits else None,
        "tokens_per_s_per_gpu": training.tokens_per_s_per_gpu.value if fits else None,
        "mfu": training.mfu.value if fits else None,
        "goodput": training.goodput.value,
        "accelerators": training.details.accelerators,
        "cloud_total": money.cloud.total.value,
        "onprem_total": money.onprem.total.value,
        "currency": money.currency,
        "missing": ";".join(money.missing)[:LONGEST_CELL],
        "bad": ";".join(item.code for item in result.findings if item.severity == "bad"),
    }
    layout = (*AXES, "dp", "zero_stage", "micro_batch", "global_batch", "recompute")
    shown |= {name: training.parallel[name] for name in layout}
    power = ("racks", "support_racks", "it_kw", "facility_kw", "utility_kva", "kwh_per_year")
    return row | shown | {name: getattr(place, name).value for name in power}


class CsvSink:
    """Appends chunks to a CSV file; ``done`` are the rows that a former run left."""

    def __init__(self, path: Path, grid: Grid, key: str) -> None:
        self.path = path
        self.fields = ["row", *grid.paths, *RESULTS]
        self.mark = path.with_name(f"{path.name}.study")
        self.done: set[int] = set()
        if path.exists() and path.stat().st_size:
            _check_mark(self.mark, key, path)
            self.done = self._resume(len(grid))
        else:
            write_atomic(self.mark, key.encode())
            write_atomic(path, self._text([], head=True))

    def _resume(self, size: int) -> set[int]:
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            # The last write was cut short: its rows are computed again.
            with self.path.open("r+b") as file:
                file.truncate(whole)
        import pandas as pd

        try:
            found = pd.read_csv(io.BytesIO(data[:whole]), dtype=str, encoding_errors="replace", keep_default_na=False)
        except ValueError:  # no line is whole
            found = pd.DataFrame(columns=self.fields)
        if len(found) and list(found.columns) != self.fields:
            raise refusal("grid_other", name=repr(self.path.name[:60]))
        numbers = found["row"][found["row"].str.fullmatch(r"[0-9]{1,18}")].astype("int64")
        return set(numbers[numbers < size].tolist())

    def _text(self, rows: Sequence[Row], head: bool = False) -> bytes:
        import pandas as pd

        table = pd.DataFrame(list(rows), columns=self.fields, dtype=object).map(_cell)
        return table.to_csv(index=False, header=head, lineterminator="\n").encode("utf-8")

    def write(self, rows: Sequence[Row]) -> None:
        """One chunk, on disk when this returns."""
        with self.path.open("ab") as file:
            file.write(self._text(rows))
            file.flush()
            os.fsync(file.fileno())

    def close(self) -> None:
        """The study is finished: its mark is not needed any more, its file is."""


def _cell(value: Any) -> Any:
    """A cell of a CSV file; text that a spreadsheet would run as a formula is quoted."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


def _check_mark(mark: Path, key: str, path: Path) -> None:
    known = mark.read_text(encoding="utf-8", errors="replace").strip() if mark.is_file() else ""
    if known != key:
        raise refusal("grid_mark", name=repr(path.name[:60]))


class ParquetSink:
    """A directory of Parquet files, one a chunk (``pandas.read_parquet`` reads the directory as one table)."""

    def __init__(self, path: Path, grid: Grid, key: str) -> None:
        try:
            import pyarrow.parquet  # noqa: F401
        except ImportError:
            raise refusal("grid_pyarrow") from None
        self.path, self.grid = path, grid
        mark = path / "_study"
        if path.exists() and not path.is_dir():
            raise refusal("grid_parquet", name=repr(path.name[:60]))
        if path.exists() and any(path.glob("*.parquet")):
            _check_mark(mark, key, path)
        path.mkdir(parents=True, exist_ok=True)
        write_atomic(mark, key.encode())
        self.done = self._resume()

    def _resume(self) -> set[int]:
        import pandas as pd

        found: set[int] = set()
        for file in self.path.glob("*.parquet"):
            try:
                found.update(pd.read_parquet(file, columns=["row"])["row"].tolist())
            except ValueError:  # pyarrow.ArrowInvalid: the write was cut short
                file.unlink()
        return found

    def write(self, rows: Sequence[Row]) -> None:
        """One chunk as one file, aside first and then renamed."""
        import pandas as pd

        texts = {"fits", "recompute", "currency", "missing", "bad", "refused"}
        texts |= {
            path for path, values in self.grid.axes if any(isinstance(v, bool | str) or v is None for v in values)
        }
        table = pd.DataFrame(list(rows), columns=["row", *self.grid.paths, *RESULTS], dtype=object)
        kinds = {name: "string" if name in texts else "int64" if name == "row" else "float64" for name in table.columns}
        out = io.BytesIO()
        table.astype(kinds).to_parquet(out, index=False)
        write_atomic(self.path / f"part-{min(row['row'] for row in rows):09d}.parquet", out.getvalue())

    def close(self) -> None:
        """Nothing is held open."""


class Progress:
    """A bar on a terminal's error output; nothing where it is not a terminal."""

    def __init__(self, total: int, done: int, out: TextIO | None = None) -> None:
        self.total, self.done, self.out = total, done, out or sys.stderr

    def add(self, rows: int) -> None:
        """Some rows more."""
        self.done += rows
        share = self.done / max(1, self.total)
        if self.out.isatty():
            full = int(share * 40)
            self.out.write(f"\r[{'#' * full}{'.' * (40 - full)}] {self.done:,} / {self.total:,}")
            self.out.flush()

    def end(self) -> None:
        """Leave the bar's line."""
        if self.out.isatty():
            self.out.write("\n")


@dataclass(frozen=True, slots=True)
class StudyResult:
    """How many rows the study has, how many this run computed and how many it found done."""

    rows: int
    computed: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Workers:
    """Who works on a study.

    Attributes
    ----------
    dask
        Address of a Dask scheduler; None uses processes on this machine.
    processes
        How many; None is one a core, 1 works in this process.
    chunk_rows
        Rows of one chunk, 1 or more.
    """

    dask: str | None = None
    processes: int | None = None
    chunk_rows: int = CHUNK_ROWS


def run_study(
    plan: Plan,
    grid: Grid,
    out: Path,
    *,
    resume: bool = False,
    records: Mapping[str, Any] | None = None,
    corrections: Sequence[Correction] = (),
    workers: Workers | None = None,
    progress: TextIO | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> StudyResult:
    """Evaluate every combination of a grid and write the table.

    Parameters
    ----------
    plan, records, corrections
        The plan that the axes change, and its project's own records and measured runs.
    grid
        The axes.
    out
        ``.csv`` file or ``.parquet`` directory.
    resume
        Continue a table that is there; without it a table that is there is refused, never overwritten.
    workers
        Who works; None: a process a core of this machine.
    progress
        Where the bar goes; standard error where None.
    cancelled
        Asked between chunks; what was written stays.

    Raises
    ------
    Refusal
        For an output that cannot be continued, an axis that is no field of a plan, a missing package, or a scheduler that
        does not answer.
    """
    kind = out.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise refusal("grid_out", name=repr(out.name[:60]))
    for path in grid.paths:
        plan.value(path)
    if out.exists() and not (out.is_file() or out.is_dir()):
        raise not_regular(out)
    if out.exists() and not resume:
        raise refusal("grid_exists", name=repr(out.name[:60]))
    key = grid.key(plan)
    sink: CsvSink | ParquetSink = CsvSink(out, grid, key) if kind == ".csv" else ParquetSink(out, grid, key)
    task = Task(plan.model_dump(mode="json"), dict(records or {}), tuple(corrections), grid)
    left = (row for row in range(len(grid)) if row not in sink.done)
    who = workers or Workers()
    chunks = list(_chunked(left, who.chunk_rows))
    bar = Progress(len(grid), len(sink.done), progress)
    computed = 0
    results = _dask(task, chunks, who.dask) if who.dask else _local(task, chunks, who.processes or os.cpu_count() or 1)
    try:
        for rows in results:
            sink.write(rows)
            computed += len(rows)
            bar.add(len(rows))
            if cancelled():
                break
    finally:
        results.close()
        bar.end()
    return StudyResult(len(grid), computed, len(sink.done))


def _chunked(rows: Iterator[int], size: int) -> Iterator[tuple[int, ...]]:
    while chunk := tuple(itertools.islice(rows, size)):
        yield chunk


def left_to_the_first_process() -> None:
    """Ctrl-C reaches every process of a terminal: the workers leave it to the one that started them, which stops them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _local(task: Task, chunks: Sequence[tuple[int, ...]], processes: int) -> Generator[list[Row], None, None]:
    """Chunks by processes started afresh, which works on every system; in this one where there is little to do."""
    if processes == 1 or len(chunks) <= 1:
        for chunk in chunks:
            yield evaluate_rows(task, chunk)
        return
    context, count = mp.get_context("spawn"), min(processes, len(chunks))
    with ProcessPoolExecutor(count, mp_context=context, initializer=left_to_the_first_process) as pool:
        waiting = {pool.submit(evaluate_rows, task, chunk) for chunk in chunks}
        try:
            for future in as_completed(waiting):
                yield future.result()
        finally:
            for future in waiting:
                future.cancel()


def _dask(task: Task, chunks: Sequence[tuple[int, ...]], address: str) -> Generator[list[Row], None, None]:
    """Chunks by a Dask cluster, which gives a dead worker's chunks to another."""
    try:
        import distributed
    except ImportError:
        raise refusal("grid_dask") from None
    open_client: Any = distributed.Client
    as_done: Any = distributed.as_completed
    try:
        client: Any = open_client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise refusal("grid_no_scheduler", address=repr(address[:80]), why=type(error).__name__) from None
    with client:
        # The task travels with every chunk: data left on one worker would die with it.
        futures = [client.submit(evaluate_rows, task, chunk, pure=False, retries=3) for chunk in chunks]
        for future in as_done(futures, loop=client.loop):
            yield future.result()
            future.release()
