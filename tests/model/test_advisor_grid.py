"""Large studies: every combination once, on disk as they finish, continued after any interruption, also on Dask."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.cli import main
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan, PlanError
from mitsumori.model.plan.project import open_plan
from mitsumori.model.study.grid import Grid, Workers, read_grid, run_study

PLAN = open_plan("llama3-70b-continual").plan
GRID = Grid((("cluster.servers", (4, 8, 16)), ("parallel.precision", ("bf16", "fp8"))))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def run(out: Path, grid: Grid = GRID, plan: Plan = PLAN, **more: object) -> tuple[int, int, int]:
    done = run_study(plan, grid, out, progress=io.StringIO(), workers=Workers(processes=1, chunk_rows=2), **more)  # type: ignore[arg-type]
    return done.rows, done.computed, done.skipped


def test_every_combination_once_with_the_estimates_own_figures(tmp_path: Path) -> None:
    out = tmp_path / "study.csv"
    assert run(out) == (6, 6, 0)
    rows = rows_of(out)
    pairs = {(int(r["cluster.servers"]), r["parallel.precision"]) for r in rows}
    assert pairs == {(n, p) for n in (4, 8, 16) for p in ("bf16", "fp8")}
    assert sorted(int(r["row"]) for r in rows) == list(range(6))
    row = next(r for r in rows if (r["cluster.servers"], r["parallel.precision"]) == ("8", "fp8"))
    own = estimate(PLAN.with_values({"cluster.servers": 8, "parallel.precision": "fp8"}))
    assert float(row["days"]) == own.training.days.value
    assert float(row["onprem_total"]) == own.cost.onprem.total.value
    assert float(row["memory_bytes"]) == own.memory.per_gpu["total_bytes"].value
    assert float(row["racks"]) == own.facility.racks.value
    assert row["fits"] == own.memory.verdict


def test_a_combination_that_is_refused_is_a_row_with_the_reason(tmp_path: Path) -> None:
    grid = Grid((("cluster.servers", (8, -1)), ("cluster.server", ("HPE-XD670", "no-such-server"))))
    out = tmp_path / "study.csv"
    run(out, grid)
    refused = {r["row"]: r["refused"] for r in rows_of(out)}
    assert refused["0"] == ""
    assert "no-such-server" in refused["1"]
    assert "cluster.servers" in refused["2"]


def test_unknown_stays_empty(tmp_path: Path) -> None:
    plan = PLAN.with_values({"money.onprem.staff_cost_per_year": None})
    out = tmp_path / "study.csv"
    run(out, Grid((("cluster.servers", (8,)),)), plan)
    row = rows_of(out)[0]
    assert row["onprem_total"] == ""
    assert "money.onprem.staff_cost_per_year" in row["missing"].split(";")


@pytest.mark.parametrize("kept", range(0, 400, 37))
def test_a_file_cut_anywhere_is_continued_to_the_same_table(tmp_path: Path, kept: int) -> None:
    whole = tmp_path / "whole.csv"
    run(whole)
    data = whole.read_bytes()
    head = data.index(b"\n") + 1
    cut = tmp_path / "cut.csv"
    cut.write_bytes(data[: head + kept * 3])
    (tmp_path / "cut.csv.study").write_bytes((tmp_path / "whole.csv.study").read_bytes())
    _, computed, skipped = run(cut, resume=True)
    assert computed + skipped == 6
    assert sorted(map(str, rows_of(cut))) == sorted(map(str, rows_of(whole)))


def test_interrupted_and_continued(tmp_path: Path) -> None:
    out = tmp_path / "study.csv"
    assert run(out, cancelled=lambda: True) == (6, 2, 0)
    assert run(out, resume=True) == (6, 4, 2)
    assert run(out, resume=True) == (6, 0, 6)
    assert len(rows_of(out)) == 6


def test_a_table_that_is_there_is_never_overwritten_nor_continued_with_another_study(tmp_path: Path) -> None:
    out = tmp_path / "study.csv"
    run(out)
    before = out.read_bytes()
    with pytest.raises(Refusal, match="--resume"):
        run(out)
    with pytest.raises(Refusal, match="another study"):
        run(out, plan=PLAN.with_values({"workload.tokens": 2e11}), resume=True)
    with pytest.raises(Refusal, match="another study"):
        run(out, grid=Grid((("cluster.servers", (4, 8)),)), resume=True)
    assert out.read_bytes() == before


def test_parquet_is_the_same_table_and_resumes(tmp_path: Path) -> None:
    import pandas as pd

    out, text = tmp_path / "study.parquet", tmp_path / "study.csv"
    run(text)
    assert run(out, cancelled=lambda: True) == (6, 2, 0)
    next(out.glob("*.parquet")).write_bytes(b"torn")
    assert run(out, resume=True) == (6, 6, 0)
    frame = pd.read_parquet(out).sort_values("row").reset_index(drop=True)
    other = pd.read_csv(text).sort_values("row").reset_index(drop=True)
    assert list(frame.columns) == list(other.columns)
    assert frame["days"].tolist() == pytest.approx(other["days"].tolist(), rel=1e-15)
    assert frame["parallel.precision"].tolist() == other["parallel.precision"].tolist()


class Terminal(io.StringIO):
    """A terminal: progress is shown only there."""

    def isatty(self) -> bool:
        return True


def test_all_cores_give_the_rows_of_one(tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    run(one)
    bar = Terminal()
    run_study(PLAN, GRID, two, workers=Workers(processes=2, chunk_rows=2), progress=bar)
    assert sorted(map(str, rows_of(two))) == sorted(map(str, rows_of(one)))
    assert "6 / 6" in bar.getvalue()


AXES = [("cluster.servers", (4, 8)), ("parallel.precision", ("bf16", "fp8")), ("workload.tokens", (1e11,))]
FILES = {
    "quoted.toml": '"cluster.servers" = [4, 8]\n"parallel.precision" = ["bf16", "fp8"]\n"workload.tokens" = 1e11\n',
    "nested.toml": "[cluster]\nservers = [4, 8]\n[parallel]\nprecision = ['bf16', 'fp8']\n[workload]\ntokens = [1e11]\n",
    "flat.json": '{"cluster.servers": [4, 8], "parallel.precision": ["bf16", "fp8"], "workload.tokens": 1e11}',
    "columns.csv": "cluster.servers,parallel.precision,workload.tokens\n4,bf16,100B\n8,fp8,\n",
}


@pytest.mark.parametrize("name", FILES)
def test_axes_in_every_format(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(FILES[name], encoding="utf-8")
    assert sorted(read_grid(path).axes) == AXES


BROKEN = {
    "a.toml": "x = [", "a.json": "[1]", "b.json": "{", "b.toml": "", "c.toml": '"cluster.servers" = []', "a.txt": "x",
    "c.json": '{"a": [[1]]}', "d.json": "[" * 5000, "a.csv": "",
    "d.toml": "\n".join(f'"p{i}" = {list(range(100))}' for i in range(5)),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken_axes_are_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(BROKEN[name], encoding="utf-8")
    with pytest.raises(Refusal, match="is not accepted") as caught:
        read_grid(path)
    assert "\n" not in str(caught.value)


def test_an_axis_that_is_no_field_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="no such field"):
        run(tmp_path / "study.csv", Grid((("cluster.colour", (1, 2)),)))
    assert list(tmp_path.iterdir()) == []


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    axes, out = tmp_path / "axes.toml", tmp_path / "study.csv"
    axes.write_text('"cluster.servers" = [8]\n', encoding="utf-8")
    arguments = ["advise", "llama3-70b-continual", "--grid", str(axes), "--out", str(out), "--json"]
    assert main(arguments) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"rows": 1, "computed": 1, "skipped": 0}
    assert printed.err == ""  # no terminal is watching
    assert main(arguments) == 2
    assert main([*arguments, "--resume"]) == 0
    assert main(["advise", "llama3-70b-continual", "--grid", str(axes)]) == 2


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.timeout(180)
def test_dask_finishes_although_one_of_two_workers_dies(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    address = f"tcp://127.0.0.1:{_free_port()}"
    common = {"env": environment, "cwd": tmp_path, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-W", "ignore", "-m", "distributed.cli"]
    worker = [*dask[:-1], "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    processes = [
        subprocess.Popen([*dask[:-1], "distributed.cli.dask_scheduler", "--host", address, "--no-dashboard"], **common)
    ]  # type: ignore[call-overload]
    try:
        processes += [subprocess.Popen(worker, **common) for _ in range(2)]  # type: ignore[call-overload]
        grid = Grid((("cluster.servers", tuple(range(1, 31))), ("parallel.precision", ("bf16", "fp8"))))
        out = tmp_path / "study.csv"
        killed = False

        def after_chunk() -> bool:
            nonlocal killed
            if not killed:
                processes[-1].send_signal(signal.SIGKILL)
                processes[-1].wait()
                killed = True
            return False

        deadline = time.monotonic() + 60
        while True:
            try:
                done = run_study(PLAN, grid, out, workers=Workers(address, chunk_rows=3), resume=True, cancelled=after_chunk,
                                 progress=io.StringIO())  # fmt: skip
                break
            except Refusal:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
        assert killed
        assert done.computed == 60
        assert sorted(int(r["row"]) for r in rows_of(out)) == list(range(60))
        row = next(r for r in rows_of(out) if (r["cluster.servers"], r["parallel.precision"]) == ("8", "bf16"))
        assert float(row["days"]) == estimate(PLAN).training.days.value
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_no_scheduler_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no scheduler answers"):
        run_study(
            PLAN,
            GRID,
            tmp_path / "study.csv",
            workers=Workers(f"tcp://127.0.0.1:{_free_port()}"),
            progress=io.StringIO(),
        )
